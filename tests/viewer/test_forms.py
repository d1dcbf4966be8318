"""Forms: what options take, and what was filled in as words that are read back as they were."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv import plugins
from simenv.config import words as read_words
from simenv.errors import ConfigError
from simenv.plugins.viewer.forms.option_fields import arguments, as_yaml, is_changed, option_fields, parse_yaml
from simenv.plugins.viewer.forms.rollout_form import (
    KEYS,
    RolloutPlan,
    agents,
    variable_name,
)
from simenv.plugins.viewer.forms.templates import bundled, examples, read_template, rendered, save_template
from simenv.plugins.viewer.workspace import Workspace
from simenv.recipe import Lora, Recipe

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_entries_carry_kind_bounds_choices_and_help():
    by = {e.name: e for e in option_fields(Recipe)}
    assert by["method"].kind == "one" and by["method"].choices == ("lora", "qlora", "full")
    assert (by["steps"].kind, by["steps"].low, by["steps"].empty, by["steps"].default) == ("whole", 1, True, None)
    assert by["warmup"].kind == "number" and by["warmup"].low == 0 and 0.999 < by["warmup"].high < 1
    assert 0 < by["learning_rate"].low < 1e-4
    assert by["packing"].kind == "switch" and "several samples" in by["packing"].help
    assert {e.name: e.kind for e in option_fields(Lora)}["targets"] == "yaml"


@pytest.mark.parametrize("name", plugins.names("filters"))
def test_every_filter_can_be_set_in_a_form(name):
    kind = plugins.load("filters", name)
    for one in option_fields(kind.Options):
        value = one.default if one.kind != "yaml" else parse_yaml(one, as_yaml(one.default))
        assert not is_changed(one, value)


@given(PLAIN.filter(lambda v: v is not None))
def test_words_are_read_back_as_what_was_filled_in(value):
    [word] = arguments({"key": value})
    assert read_words([word]) == [("key", value)]


def test_what_is_left_empty_is_no_word_and_a_broken_value_is_named():
    assert arguments({"a": None, "b": (1, 2), "c": "x y"}) == ["b=[1, 2]", "c=x y"]
    one = next(e for e in option_fields(Lora) if e.name == "targets")
    with pytest.raises(ConfigError, match="targets: not a YAML value"):
        parse_yaml(one, "[1")


def test_a_plan_becomes_a_command_and_says_what_is_missing():
    plan = RolloutPlan(
        "n", ("db", "kg"), {"db": "data/t.jsonl", "os": "x"}, "react", {"temperature": 0.5}, "tools",
        "openai", " gpt ", {"base_url": "http://localhost:1/v1", "api_key_env": None}, 5, 2, 0, 8, 1.5,
    )  # fmt: skip
    assert plan.command("runs") == [
        "rollout", "name=n", "environments=[db, kg]", "db.source=data/t.jsonl", "episodes=5", "attempts=2", "agent=react",
        "agent.temperature=0.5", "dialect=tools", "model=openai", "model.model=gpt", "model.base_url=http://localhost:1/v1",
        "seed=0", "concurrency=8", "budget=1.5", "out=runs",
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="model"):
        plan._replace(model=" ").command("runs")
    with pytest.raises(ConfigError, match="environments"):
        plan._replace(environments=()).command("runs")


def test_only_agents_that_work_alone_are_offered():
    assert {"expert", "react", "cot"} <= agents().keys() and not {"human", "replay"} & agents().keys()


@pytest.mark.parametrize("text", ["sk-abc123", "", "lower", "A B", "A" * 65])
def test_a_key_in_place_of_its_variables_name_is_not_repeated(text):
    with pytest.raises(ConfigError) as error:
        variable_name(text)
    assert not text or text not in str(error.value)
    assert variable_name("MY_KEY") == "MY_KEY"


def test_the_clients_look_for_their_keys_where_the_form_says():
    for client, name in KEYS.items():
        assert plugins.load("models", client).Options.model_fields["api_key_env"].default == name


def test_templates_are_tried_before_they_are_taken(tmp_path):
    actions = examples("react", ["search"])
    source = "{% for a in actions %}{{ a.name }} {% endfor %}"
    assert read_template(source.encode(), actions) == source
    assert rendered(source, actions) == "search open lookup finish"
    wrong = {
        b"{% for %}": "line 1",
        b"\xff": "UTF-8",
        b"x" * 64_001: "at most",
        b"{{ action }}": "did you mean 'actions'",
        b"a\n{{ ''.__class__.__mro__ }}": "template:2: .*unsafe",
        b"{{ 1 / 0 }}": "division by zero",
        b"{% for a in range(100000) %}{{ 'x' * 1000 }}{% endfor %}": "operator",
        b"{# nothing #}": "renders to nothing",
    }
    for text, message in wrong.items():
        with pytest.raises(ConfigError, match=message) as error:
            read_template(text, actions)
        assert "/tmp" not in str(error.value)
    workspace = Workspace(tmp_path / "runs")
    assert (
        save_template(workspace, source) == save_template(workspace, source) != save_template(workspace, source + "!")
    )
    assert (workspace.root / save_template(workspace, source)).read_text() == source


def test_the_template_of_chain_of_thought_has_other_variables():
    of_cot = examples("cot", ["search"])
    assert read_template(b"{{ question }} {{ choices | length }}", of_cot)
    with pytest.raises(ConfigError, match="unknown variable 'actions'"):
        read_template(b"{{ actions }}", of_cot)
    assert "Question: Which of the two" in rendered(bundled("cot"), of_cot) and bundled("react") is None


def test_yaml_of_a_value_is_how_it_is_typed():
    assert (as_yaml(None), as_yaml(("a",)), json.loads(as_yaml({"k": (1,)}))) == ("", '["a"]', {"k": [1]})

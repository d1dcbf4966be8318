"""The screen Agent tuning: the pool that is searched, the frameworks, templates, tools and limits, and what it refuses."""

import json

import pytest

from simenv.knowledge.cli import knowledge
from simenv.plugins.viewer import jobs
from simenv.plugins.viewer.forms import web_form

LEASES = "A lease of a flat runs for three years. The deposit is at most three months of rent. Notice takes 90 days."


@pytest.fixture
def started(monkeypatch):
    """What would be run in the background, instead of running it."""
    calls = []
    monkeypatch.setattr(
        jobs.Jobs, "start", lambda self, title, words, product="": calls.append((title, words, product))
    )
    return calls


@pytest.fixture
def root(tmp_path):
    """A workspace with a pool and a task file on it."""
    root = tmp_path / "w"
    root.mkdir()
    (root / "leases.txt").write_text(LEASES)
    (root / "law.jsonl").write_text('{"question": "How long does a lease run?", "answer": "three years"}\n')
    given = [f"documents={root / 'leases.txt'}", f"sets=[{root / 'law.jsonl'}]", f"out={root / 'pools' / 'law'}"]
    assert knowledge(["add", *given]) == 0
    assert knowledge(["questions", str(root / "pools" / "law"), f"out={root / 'data' / 'law-questions'}"]) == 0
    return root


def texts(at):
    return "\n".join(
        x.value for kind in (at.markdown, at.caption, at.info, at.warning, at.error, at.code) for x in kind
    ).replace("\\", "")


def test_a_pool_is_searched_by_the_expert_without_a_model(show, root, started):
    at = show("tuning", root, pool="law")
    assert at.multiselect(key="environments").value == ["search"] and at.selectbox(key="agent").value == "expert"
    assert at.selectbox(key="search-pool").value == "law"
    at.multiselect(key="question-kinds").set_value(["one-hop", "unanswerable"]).run()
    at.selectbox(key="dialect").set_value("brackets").run()
    at.button(key="start").click().run()
    words = [
        "rollout", "name=run-1", "environments=[search]", "search.world.corpora=[pools/law/passages.jsonl]",
        "search.teacher.corpus=pools/law/passages.jsonl", "search.teacher.kinds=[one-hop, unanswerable]", "episodes=20",
        "attempts=1", "agent=expert", "dialect=brackets", "seed=0", "concurrency=64", "out=runs",
    ]  # fmt: skip
    assert started == [("rollout", words, "runs/run-1")]


def test_questions_of_records_are_asked_about_their_pool(show, root, started):
    at = show("tuning", root, pool="law", tasks="data/law-questions/tasks.jsonl")
    assert at.multiselect(key="data-tasks").value == ["data/law-questions/tasks.jsonl"]
    at.button(key="start").click().run()
    words = {"search.source=data/law-questions/tasks.jsonl", "search.admit=all"}
    assert words <= set(started[0][1]) and not any("teacher.corpus" in w for w in started[0][1])


def test_the_agent_has_the_tools_that_were_chosen(show, root, started):
    at = show("tuning", root, pool="law")
    at.multiselect(key="actions-search").set_value(["search", "open"]).run()
    at.number_input(key="limits-max_turns").set_value(7).run()
    at.button(key="start").click().run()
    assert {"search.actions=[search, open]", "limits.max_turns=7"} <= set(started[0][1])
    at.multiselect(key="actions-search").set_value([]).run()
    assert "choose at least one thing" in texts(at) and not [b for b in at.button if b.key == "start"]


def test_reflexion_is_react_with_a_hook(show, root, started):
    at = show("tuning", root, pool="law")
    at.selectbox(key="agent").set_value("reflexion").run()
    at.text_input(key="model").set_value("gpt").run()
    at.number_input(key="reflexion-trials").set_value(5).run()
    at.button(key="start").click().run()
    assert {"agent=react", "model=openai", "hooks=[{name: reflexion, trials: 5}]"} <= set(started[0][1])


def test_chain_of_thought_is_refused_where_nothing_takes_an_answer(show, root):
    at = show("tuning", root)
    at.selectbox(key="agent").set_value("cot").run()
    assert "household has no action that takes one answer" in texts(at)
    at.multiselect(key="environments").set_value(["search"]).run()
    assert "no action that takes" not in texts(at)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{{ question }", "template: line 1"),
        (b"{{ actions }}", "unknown variable 'actions'"),
        (b"{{ question.missing.more }}", "has no attribute 'missing'"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_template_that_does_not_render_is_told_before_the_start(show, root, content, message):
    at = show("tuning", root, pool="law")
    at.selectbox(key="agent").set_value("cot").run()
    at.file_uploader(key="template").upload("mine.j2", content, "text/plain").run()
    assert message in texts(at) and not [b for b in at.button if b.key == "start"]
    assert not list((root / "data").glob("template-*"))


def test_a_template_of_chain_of_thought_is_shown_with_an_example_and_started(show, root, started):
    at = show("tuning", root, pool="law")
    at.selectbox(key="agent").set_value("cot").run()
    at.text_input(key="model").set_value("gpt").run()
    at.file_uploader(key="template").upload("mine.j2", b"Think. {{ question }} <b>Answer:</b>", "text/plain").run()
    assert "Think. Which of the two was founded first? <b>Answer:</b>" in [c.value for c in at.code]
    at.button(key="start").click().run()
    [template] = [w for w in started[0][1] if w.startswith("agent.template=data/template-")]
    assert (root / template.partition("=")[2]).read_text().startswith("Think.")


def test_a_web_search_takes_its_key_from_the_environment(show, root, started, monkeypatch):
    pytest.importorskip("tavily", reason="pip install 'simenv[search-web]'")
    monkeypatch.setenv("TAVILY_API_KEY", "tvly-very-secret")
    at = show("tuning", root, pool="law")
    at.segmented_control(key="web-provider").set_value("tavily").run()
    assert "TAVILY_API_KEY` is set where the viewer runs" in texts(at)
    at.number_input(key="web-quota").set_value(50).run()
    at.button(key="start").click().run()
    words = {
        "search.world.web.provider=tavily",
        "search.world.web.cassette=data/web-run-1.jsonl",
        "search.world.web.quota=50",
    }
    assert words <= set(started[0][1]) and "secret" not in f"{texts(at)}{started}"


def test_providers_that_are_not_installed_are_told(show, root, monkeypatch):
    monkeypatch.setattr(web_form, "find_spec", lambda name: None)
    assert "pip install 'simenv[search-web]'" in texts(show("tuning", root, pool="law"))


def test_a_pool_of_topics_alone_cannot_be_searched(show, tmp_path):
    assert knowledge(["add", "topics=[sepsis]", f"out={tmp_path / 'pools' / 'words'}"]) == 0
    at = show("tuning", tmp_path, pool="words")
    assert at.selectbox(key="search-pool").options == ["none: pages are made up for each task"]
    assert json.dumps(at.query_params) and not at.exception

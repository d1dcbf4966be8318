"""From a reasoning model to the tokens under loss: a run, curated with its reasoning and without, rendered by two templates."""

from importlib.util import find_spec

import pytest

import simenv
from simenv.curate.cli import curate
from simenv.data.dataset import CuratedSet
from tests.helpers.strict_providers import PROVIDERS, serving

pytestmark = pytest.mark.skipif(find_spec("transformers") is None, reason="pip install 'simenv[train]'")
THOUGHT = "THOUGHT-0"


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """Two curated sets of the same run against a server of reasoning models that answer in text."""
    folder = tmp_path_factory.mktemp("reasoning")
    with serving(next(k for k in PROVIDERS if k.__name__ == "Grok")()) as provider:
        model = {"name": provider.client, "model": "m", "base_url": provider.url, "retries": 0} | provider.options
        settings = {"environments": ["db"], "agent": "react", "name": "run"}
        simenv.run(settings, out=str(folder), episodes=2, dialect=provider.dialect, model=model)
    made = {}
    for kept in ("keep", "drop"):
        words = [f"reasoning={kept}", "tokenizer=estimate", "filters={}", f"out={folder}", f"name={kept}"]
        assert curate([str(folder / "run"), *words]) == 0
        made[kept] = list(CuratedSet(folder / kept).samples("train"))
    return made


def under_loss(name, text, sample, use):
    from tests.data.test_templates import template
    from tests.helpers.chats import trained_texts

    made = template(name, text, use)
    ids, labels = made.encode(sample)
    return "".join(trained_texts(made.tokenizer, ids, labels)), made.tokenizer.decode(ids)


def test_a_curated_set_has_the_reasoning_or_not_as_the_option_says(sets):
    thoughts = {
        kept: [m.thought for s in samples for m in s.messages if m.role == "assistant"]
        for kept, samples in sets.items()
    }
    assert thoughts["keep"] and all(thoughts["keep"]) and not any(thoughts["drop"])
    assert [[m.content for m in s.messages] for s in sets["keep"]] == [
        [m.content for m in s.messages] for s in sets["drop"]
    ]


@pytest.mark.parametrize(
    ("use", "learnt", "shown"), [("train", True, True), ("keep", False, True), ("drop", False, False)]
)
def test_loss_falls_on_it_where_the_template_shows_it_and_the_option_says_so(sets, use, learnt, shown):
    from tests.data.test_templates import OWN, QWEN3

    loss, text = under_loss("deepseek_r1", OWN["own/deepseek_r1"], sets["keep"][0], use)
    assert (THOUGHT in loss, THOUGHT in text) == (learnt, shown) and "Action" in loss
    loss, text = under_loss("qwen3", QWEN3, sets["keep"][0], use)
    assert THOUGHT not in text, "an earlier turn's"
    assert ("THOUGHT-1" in loss, "THOUGHT-1" in text) == (learnt, shown) and "Action" in loss


def test_what_was_dropped_is_in_no_token(sets):
    from tests.data.test_templates import OWN

    loss, text = under_loss("deepseek_r1", OWN["own/deepseek_r1"], sets["drop"][0], "train")
    assert "THOUGHT" not in text and "Action" in loss

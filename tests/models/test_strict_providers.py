"""Episodes through the real SDKs against servers as strict as the providers: none is lost, and the reasoning comes back."""

import json

import pytest

import simenv
from tests.helpers.strict_providers import PLAY, PROVIDERS, WEIGHED, serving

SETTINGS = {"environments": ["db"], "agent": "react", "name": "r"}


def episodes(provider, folder, count, **options):
    """The trajectories and errors of a run against a provider."""
    model = {"name": provider.client, "model": "m", "base_url": provider.url, "retries": 0, "backoff": 0}
    run = simenv.run(
        SETTINGS, out=str(folder), episodes=count, dialect=provider.dialect, model=model | provider.options | options
    )
    return list(run.trajectories()), list(run.raw("errors"))


@pytest.mark.parametrize("kind", PROVIDERS, ids=lambda kind: kind.__name__)
def test_no_episode_is_lost_and_the_reasoning_comes_back(kind, tmp_path, caplog):
    with serving(kind()) as provider:
        played, errors = episodes(provider, tmp_path, 6)
    assert not errors and len(played) == 6
    for t in played:
        assert [s.action.name for s in t.steps] == [name for name, _ in PLAY]
        assert "DELETE" not in json.dumps([s.action.model_dump() for s in t.steps])
        turns = [m for m in t.messages if m.role == "assistant"]
        if kind.__name__ != "O3":
            assert [WEIGHED in m.thought for m in turns] == [True, True]
            assert all("THOUGHT" not in m.content for m in turns)
    if kind.__name__ in ("DeepSeek", "OpenRouter", "Anthropic", "Responses", "Local"):
        assert "THOUGHT-0" in json.dumps(provider.bodies[-1])
        assert not provider.refused
    assert len([r for r in caplog.records if "from now on" in r.message]) == len({r.message for r in caplog.records})


def test_what_is_cut_off_by_no_stop_sequence_is_cut_off_here(tmp_path):
    with serving(next(k for k in PROVIDERS if k.__name__ == "O3")()) as provider:
        played, _ = episodes(provider, tmp_path, 1)
    assert all("made up" not in m.content for t in played for m in t.messages)


def test_reasoning_can_be_kept_from_a_server(tmp_path):
    with serving(next(k for k in PROVIDERS if k.__name__ == "DeepSeek")()) as provider:
        played, errors = episodes(provider, tmp_path, 1, reasoning="none")
    assert not played and "must be passed back" in errors[0]["error"]

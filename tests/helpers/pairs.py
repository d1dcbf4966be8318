"""Replays claims that a person has judged, where the data lie beside the checkout."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from simenv.compare import Comparison, Transition
from simenv.types import Action, Observation
from tests import DATA

PAIRS = DATA / "checker" / "pairs.jsonl"


def lines(environment: str) -> Iterator[dict[str, Any]]:
    """The pairs of an environment that tell an observation; those that tell of a state hold none."""
    if not PAIRS.exists():
        pytest.skip(f"no {PAIRS}")
    for line in PAIRS.read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        if pair["environment"] == environment and "claim" in pair:
            yield pair


def table(
    environment: str, comparison: Comparison, state: Any, disputed: Mapping[tuple[str, str], str]
) -> tuple[Counter[tuple[str, str]], list[str]]:
    """How many claims of each verdict are called what, without the disputed ones; and the wrong ones that are believed."""
    counts: Counter[tuple[str, str]] = Counter()
    believed = []
    for pair in lines(environment):
        action, engine = pair["action"], pair["engine"]
        action = Action(**action) if isinstance(action, dict) else Action(name="bash", arguments={"script": action})
        invalid = environment == "web" and not re.match(r"Page:|.*\[SEP\]|.*'''", engine, re.S)
        transition = Transition(
            spec={}, action=action, before=state, after=state, truth=Observation(text=engine, invalid=invalid)
        )
        if (json.dumps(action.arguments), pair["claim"]) in disputed:
            continue
        label = comparison.observation(transition, Observation(text=pair["claim"])).label
        counts[pair["mine"], label] += 1
        if (pair["mine"], label) == ("different", "match"):
            believed.append(f"{action.arguments} {engine[:200]!r} {pair['claim'][:200]!r}")
    return counts, believed

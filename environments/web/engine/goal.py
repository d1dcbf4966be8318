"""Grades a visit against its goal: expected records, the user logged in, the answer, recorded steps, or a page's reward."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from simenv.types import Grade

from .episode import grade_reward
from .recording import grade_choices
from .site import Site, State
from .webshop_reward import Tagger, reward

_MONEY = str.maketrans("", "", "$€£ ,")


def matches(expected: Any, actual: Any) -> bool:
    """Whether a value matches: objects by the keys of `expected`, lists in any order, texts and numbers loosely."""
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(k in actual and matches(v, actual[k]) for k, v in expected.items())
    if isinstance(expected, list):
        return (
            isinstance(actual, list) and len(actual) == len(expected) and assign_matches(expected, actual) is not None
        )
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, int | float):
        value = _number(actual)
        return value is not None and abs(value - expected) < 0.005
    return normalise(expected) == normalise(actual)


def assign_matches(expected: list[Any], actual: list[Any]) -> list[int] | None:
    """For each expected value the index of a match in `actual`, no index twice; None if one has no match."""
    remaining, indices = list(range(len(actual))), []
    for item in expected:
        index = next((i for i in remaining if matches(item, actual[i])), None)
        if index is None:
            return None
        remaining.remove(index)
        indices.append(index)
    return indices


def normalise(value: Any) -> str:
    """Text in lower case, with single spaces, without quotes and full stops around it."""
    return " ".join(str(value).split()).casefold().strip("\"'.").strip()


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(str(value).translate(_MONEY))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def is_right_answer(expected: Mapping[str, Any], answer: Any) -> bool:
    """Whether an answer is right: a number (a currency or unit may stand beside it), or a whole text."""
    if "number" in expected:
        text = (
            re.sub(r"(?i)\s*(stars?|dollars|usd|/ ?5|out of 5)\.?$", "", str(answer))
            if isinstance(answer, str)
            else answer
        )
        value = _number(text)
        return value is not None and abs(value - expected["number"]) < 0.005
    return isinstance(answer, str) and normalise(answer) == normalise(expected["text"])


class GoalGrader:
    """Grades states of one site against one goal. It holds no state of a visit."""

    def __init__(self, goal: Mapping[str, Any], site: Site, nouns: Tagger) -> None:
        self.goal, self.site, self.nouns = goal, site, nouns
        self.initial_tables: dict[str, list[Any]] = site.start()["tables"]

    def grade(self, state: State, answer: Any) -> Grade:
        """The grade of a state. Progress is the share of sub-goals reached, halved if something else was changed too."""
        if "webshop" in self.goal:
            return self._grade_purchase(state)
        if "steps" in self.goal:
            return grade_choices(self.goal["steps"], state)
        if "reward" in self.goal:
            return grade_reward(self.goal["reward"], state)
        subgoals: dict[str, bool] = {}
        if user := self.goal.get("user"):
            subgoals["logged in"] = state["user"] == user
        for n, (expected, index) in enumerate(zip(self.expected_records, self.matching_records(state), strict=True), 1):
            for item in expected["match"].get("items", ()):
                subgoals[f"item {item.get('item', n)}"] = index is not None or self._is_ordered(state, item)
            subgoals[f"{expected['table']} {n}"] = index is not None
        if "answer" in self.goal:
            subgoals["answer"] = is_right_answer(self.goal["answer"], answer)
        clean = not self.goal.get("only", True) or not self.unrequested_records(state)
        share = sum(subgoals.values()) / len(subgoals)
        reasons = [f"not yet {name}" for name, holds in subgoals.items() if not holds]
        reasons += [] if clean else ["something was changed that nobody asked for"]
        success = share == 1.0 and clean
        results = subgoals | {"nothing else": clean}
        progress = 1.0 if success else share if clean else share / 2
        return Grade(success=success, progress=progress, subgoals=results, reasons=tuple(reasons))

    @property
    def expected_records(self) -> list[dict[str, Any]]:
        """The records that the goal asks for: `table` and `match`."""
        return list(self.goal.get("records", ()))

    def matching_records(self, state: State) -> list[int | None]:
        """For each expected record the index of a match in its table, or None."""
        used: set[tuple[str, int]] = set()
        indices: list[int | None] = []
        for expected in self.expected_records:
            table = expected["table"]
            index = next(
                (
                    i
                    for i, r in enumerate(state["tables"].get(table, ()))
                    if (table, i) not in used and matches(expected["match"], r)
                ),
                None,
            )
            if index is not None:
                used.add((table, index))
            indices.append(index)
        return indices

    def unrequested_records(self, state: State) -> list[tuple[str, dict[str, Any]]]:
        """Table and record of each change that the goal does not ask for. A new record that was cancelled does not count."""
        allowed = {(r["table"], i) for r, i in zip(self.expected_records, self.matching_records(state), strict=True)}
        changes = []
        for table, records in state["tables"].items():
            initial = self.initial_tables[table]
            for i, record in enumerate(records):
                undone = i >= len(initial) and record.get("status") == "cancelled"
                if (table, i) not in allowed and not undone and record not in initial:
                    changes.append((table, record))
        return changes

    @staticmethod
    def _is_ordered(state: State, item: Mapping[str, Any]) -> bool:
        orders = [r["items"] for r in state["tables"].get("orders", ()) if isinstance(r.get("items"), list)]
        lines = [*state["cart"], *(line for order in orders for line in order)]
        return any(matches(item, line) for line in lines)

    def _grade_purchase(self, state: State) -> Grade:
        orders = state["tables"]["orders"] if self.site.webshop else []
        if not orders or self.site.catalogue is None:
            return Grade(success=False, progress=0.0, subgoals={"bought": False}, reasons=("nothing was bought",))
        item = self.site.catalogue.items[orders[0]["item"]]
        value = reward(item, orders[0], self.goal["webshop"], self.nouns)
        metrics = {k: float(v) for k, v in value.model_dump().items() if v is not None}
        subgoals = {
            "bought": True,
            "type": value.r_type == 1.0,
            "attributes": value.r_att == 1.0,
            "price": value.r_price,
        }
        if value.r_option is not None:
            subgoals["options"] = value.r_option == 1.0
        success = value.reward >= 1.0
        reasons = tuple(f"wrong {name}" for name, right in subgoals.items() if not right)
        return Grade(
            success=success, progress=min(1.0, value.reward), subgoals=subgoals, reasons=reasons, metrics=metrics
        )

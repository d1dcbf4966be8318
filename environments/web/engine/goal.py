"""What is to be reached on a site: records it shall hold, who is logged in, the answer given, or WebShop's reward."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from simenv.types import Grade

from .site import Site, State
from .webshop_reward import Tagger, reward

_MONEY = str.maketrans("", "", "$€£ ,")


def matches(wanted: Any, found: Any) -> bool:
    """Whether a value is what is wanted: of objects the keys named, of lists the same things in any order."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(k in found and matches(v, found[k]) for k, v in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and assign(wanted, found) is not None
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(wanted, int | float):
        value = _number(found)
        return value is not None and abs(value - wanted) < 0.005
    return normal(wanted) == normal(found)


def assign(wanted: list[Any], found: list[Any]) -> list[int] | None:
    """An index of what was found for each thing wanted, each once; None where one is lacking."""
    left, taken = list(range(len(found))), []
    for one in wanted:
        at = next((i for i in left if matches(one, found[i])), None)
        if at is None:
            return None
        left.remove(at)
        taken.append(at)
    return taken


def normal(value: Any) -> str:
    """Text without regard to case, space and a full stop or quotes around it."""
    return " ".join(str(value).split()).casefold().strip("\"'.").strip()


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(str(value).translate(_MONEY))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def answers(wanted: Mapping[str, Any], answer: Any) -> bool:
    """Whether an answer is the one: a number (with or without a currency), or a text as a whole."""
    if "number" in wanted:
        text = (
            re.sub(r"(?i)\s*(stars?|dollars|usd|/ ?5|out of 5)\.?$", "", str(answer))
            if isinstance(answer, str)
            else answer
        )
        value = _number(text)
        return value is not None and abs(value - wanted["number"]) < 0.005
    return isinstance(answer, str) and normal(answer) == normal(wanted["text"])


class Judge:
    """One goal on one site; stateless otherwise."""

    def __init__(self, goal: Mapping[str, Any], site: Site, nouns: Tagger) -> None:
        self.goal, self.site, self.nouns = goal, site, nouns
        self.begun: dict[str, list[Any]] = site.start()["tables"]

    def grade(self, state: State, answer: Any) -> Grade:
        """Progress is the share of sub-goals reached, halved where something was changed that nobody asked for."""
        if "webshop" in self.goal:
            return self._shopped(state)
        subgoals: dict[str, bool] = {}
        if user := self.goal.get("user"):
            subgoals["logged in"] = state["user"] == user
        for n, (wanted, at) in enumerate(zip(self.wanted, self.reached(state), strict=True), 1):
            for item in wanted["match"].get("items", ()):
                subgoals[f"item {item.get('item', n)}"] = at is not None or self._carted(state, item)
            subgoals[f"{wanted['table']} {n}"] = at is not None
        if "answer" in self.goal:
            subgoals["answer"] = answers(self.goal["answer"], answer)
        clean = not self.goal.get("only", True) or not self.unasked(state)
        share = sum(subgoals.values()) / len(subgoals)
        reasons = [f"not yet {name}" for name, done in subgoals.items() if not done]
        reasons += [] if clean else ["something was changed that nobody asked for"]
        success = share == 1.0 and clean
        shown = subgoals | {"nothing else": clean}
        progress = 1.0 if success else share if clean else share / 2
        return Grade(success=success, progress=progress, subgoals=shown, reasons=tuple(reasons))

    @property
    def wanted(self) -> list[dict[str, Any]]:
        """The records that shall be there."""
        return list(self.goal.get("records", ()))

    def reached(self, state: State) -> list[int | None]:
        """For each wanted record the index in its table, or None."""
        taken: set[tuple[str, int]] = set()
        found: list[int | None] = []
        for wanted in self.wanted:
            table = wanted["table"]
            at = next(
                (
                    i
                    for i, r in enumerate(state["tables"].get(table, ()))
                    if (table, i) not in taken and matches(wanted["match"], r)
                ),
                None,
            )
            if at is not None:
                taken.add((table, at))
            found.append(at)
        return found

    def unasked(self, state: State) -> list[tuple[str, dict[str, Any]]]:
        """Records that are new or changed and not wanted; a new one that was cancelled does not count."""
        mine = {(w["table"], i) for w, i in zip(self.wanted, self.reached(state), strict=True)}
        extra = []
        for table, records in state["tables"].items():
            begun = self.begun[table]
            for i, record in enumerate(records):
                undone = i >= len(begun) and record.get("status") == "cancelled"
                if (table, i) not in mine and not undone and record not in begun:
                    extra.append((table, record))
        return extra

    @staticmethod
    def _carted(state: State, item: Mapping[str, Any]) -> bool:
        orders = [r["items"] for r in state["tables"].get("orders", ()) if isinstance(r.get("items"), list)]
        lines = [*state["cart"], *(line for order in orders for line in order)]
        return any(matches(item, line) for line in lines)

    def _shopped(self, state: State) -> Grade:
        bought = state["tables"]["orders"] if self.site.webshop else []
        if not bought or self.site.catalogue is None:
            return Grade(success=False, progress=0.0, subgoals={"bought": False}, reasons=("nothing was bought",))
        item = self.site.catalogue.items[bought[0]["item"]]
        worth = reward(item, bought[0], self.goal["webshop"], self.nouns)
        metrics = {k: float(v) for k, v in worth.model_dump().items() if v is not None}
        subgoals = {
            "bought": True,
            "type": worth.r_type == 1.0,
            "attributes": worth.r_att == 1.0,
            "price": worth.r_price,
        }
        if worth.r_option is not None:
            subgoals["options"] = worth.r_option == 1.0
        success = worth.reward >= 1.0
        reasons = tuple(f"wrong {name}" for name, right in subgoals.items() if not right)
        return Grade(
            success=success, progress=min(1.0, worth.reward), subgoals=subgoals, reasons=reasons, metrics=metrics
        )

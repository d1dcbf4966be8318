"""Reads WebShop's product file of attributes and instructions; each record with an instruction becomes a shop and a wish."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from numpy.random import default_rng

from simenv.errors import WorldError
from simenv.source import Rejected, TaskReader
from simenv.types import Task

from .engine.webshop_reward import price_bound
from .teacher import plan
from .world import Web

_SHELF = 50
"""Products of one shop: WebShop shows at most 50 results of a search."""
_PRICE = 100.0
"""WebShop's own price where it knows none (web_agent_site/engine); the file holds no prices."""
_OPENING = "Find me "
_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")


class WebshopItems(TaskReader):
    """`items_ins_v2*.json`: an object of product code to `attributes`, and for some `instruction` and what it asks for.

    The file has neither titles nor prices nor options: a title is made of the kind of product that the instruction names
    and the attributes, the price is WebShop's default, and there are no options to choose. Around each product stand the
    49 that are most like it.
    """

    name = "webshop-items"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        if path.suffix != ".json" or not path.is_file():
            return False
        with path.open(encoding="utf-8", errors="replace") as text:
            first = text.read(20_000)
        return '"attributes"' in first and '"instruction_attributes"' in first

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as e:
            yield Rejected(where=str(path), reason=f"no JSON: {e}")
            return
        if not isinstance(found, dict):
            yield Rejected(where=str(path), reason=f"expected an object of products, found {type(found).__name__}")
            return
        shelf: dict[str, dict[str, Any]] = {}
        for code, record in found.items():
            if (item := _item(code, record)) is None:
                yield Rejected(
                    where=f"{path}: {code}",
                    reason="expected a code of letters and digits, and `attributes` as a list of texts",
                )
            else:
                shelf[code] = item
        for code, item in shelf.items():
            if "instruction" in found[code]:
                yield _task(item, found[code], shelf, f"{path}: {code}")


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) and 0 < len(v) <= 120 for v in value)


def _item(code: str, record: Any) -> dict[str, Any] | None:
    """A product of what the file says; None for a record that is none."""
    if not _CODE.fullmatch(code) or not isinstance(record, dict) or not _texts(record.get("attributes")):
        return None
    attributes, said = record["attributes"], record.get("instruction")
    what = noun(said, record.get("instruction_attributes", [])) if isinstance(said, str) else ""
    title = ", ".join(filter(None, [what.title() or f"Product {code}", *attributes]))[:300]
    item = {"id": code, "title": title, "price": _PRICE, "attributes": attributes[:60]}
    return {**item, "query": what[:200]} if what else item


def noun(instruction: str, attributes: list[str]) -> str:
    """The kind of product in `Find me easy carry refillable containers with rose gold`: what is no attribute."""
    text = instruction.removeprefix(_OPENING).strip().rstrip(".")
    while hit := next((a for a in attributes if text.lower().startswith(a.lower())), None):
        text = text[len(hit) :].lstrip(", ")
    for word in (" with ", " for "):
        head, found, tail = text.partition(word)
        if found and any(tail.lower().startswith(a.lower()) for a in attributes):
            text = head
    return text.strip(", ")


def _task(
    item: dict[str, Any], record: Mapping[str, Any], shelf: Mapping[str, dict[str, Any]], where: str
) -> Task | Rejected:
    wanted, said = record.get("instruction_attributes"), record["instruction"]
    if not isinstance(said, str) or not _texts(wanted):
        return Rejected(
            where=f"{where}: instruction", reason="expected a text, and `instruction_attributes` as a list of texts"
        )
    rng = default_rng(zlib.crc32(item["id"].encode()))
    limit = price_bound(_PRICE, [int(i) for i in rng.permutation(4)[:2]])
    instruction = f"{said.strip().rstrip('.')}, and price lower than {limit:.2f} dollars"
    traits = set(item["attributes"])
    others = sorted((o for o in shelf.values() if o is not item), key=lambda o: -len(traits & set(o["attributes"])))
    items = [item, *others[: _SHELF - 1]]
    items = [items[int(i)] for i in rng.permutation(len(items))]
    goal = {"name": item["title"], "query": item.get("query", ""), "category": "", "options": []}
    task = Task(
        id=f"webshop-{item['id']}",
        environment="web",
        instruction=instruction,
        spec={"name": "WebShop", "layout": "webshop", "notice": instruction, "catalogue": {"items": items}},
        goal={"webshop": {**goal, "attributes": wanted, "price_upper": limit}},
        kind="webshop",
        source=where,
    )
    return _solved(task, where)


def _solved(task: Task, where: str) -> Task | Rejected:
    try:
        Web.check(task.spec)
        Web.check_goal(task.goal)
    except WorldError as e:
        return Rejected(where=where, reason=str(e))
    world = Web()
    world.task = task
    world.begin(task.spec, default_rng(0))
    moves = plan(world, task)
    if moves is None:
        return Rejected(where=where, reason="no product earns the whole reward")
    return task.model_copy(update={"solution": moves})

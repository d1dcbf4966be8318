"""Reads WebShop's file of product attributes and instructions, and Mind2Web's files of recorded visits."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from heapq import nlargest
from pathlib import Path
from typing import Any, NamedTuple

from numpy.random import Generator, default_rng

from simenv.documents import head, is_file, json_file, rows
from simenv.errors import Unreadable, WorldError
from simenv.source import Rejected, TaskReader
from simenv.types import Task

from .engine.webshop_reward import price_bound
from .tasks import webshop_files
from .tasks.mind2web_records import BadRecord, read_task
from .teacher import plan
from .world import Web

_SNIFFED = 20_000
"""Bytes of a file that are read to recognise its format."""
_SHOP_SIZE = 50
"""Products of one shop: WebShop shows at most 50 results of a search."""
_PRICE = webshop_files.DEFAULT_PRICE
_OPENING = "Find me "
_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")
_NUMBERS = re.compile(r"(\d+)")


class Webshop(TaskReader):
    """WebShop's data folder: the file that is named says which goals are meant.

    `items_human_ins.json` has those that people wrote, `items_ins_v2*.json` the synthetic ones; `items_shuffle*.json`, the
    products, stands for the first where that file lies beside it, as WebShop's `human_goals` does by default. Tasks come in the
    order of WebShop's goal indices. A shop has the wanted product and 49 of the most similar ones.
    """

    name = "webshop"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        return path.suffix == ".json" and path.is_file() and _webshop_files(path) is not None

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        files = _webshop_files(path)
        assert files is not None
        try:
            records, instructions = json_file(files.products), json_file(files.goals)
            own = files.attributes
            attributes = instructions if own == files.goals else json_file(own) if own else {}
        except Unreadable as e:
            yield Rejected.unread(e)
            return
        if not isinstance(records, list) or not isinstance(instructions, dict) or not isinstance(attributes, dict):
            yield Rejected(
                where=str(path), reason="expected a list of products, and objects of instructions and attributes"
            )
            return
        products: dict[str, dict[str, Any]] = {}
        for n, record in enumerate(records):
            try:
                item = webshop_files.read_product(record, attributes)
                products.setdefault(item["id"], item)
            except webshop_files.BadRecord as e:
                yield Rejected(where=f"{files.products}: [{n}]", reason=str(e))
        made = (
            webshop_files.human_goals(instructions, list(products))
            if files.are_human
            else webshop_files.synthetic_goals(instructions, products)
        )
        goals = []
        for goal in made:
            if isinstance(goal, webshop_files.ShopGoal):
                goals.append(goal)
            else:
                yield Rejected(where=f"{files.goals}: {goal[0]}", reason=goal[1])
        for n, goal in enumerate(webshop_files.shuffled(goals)):
            yield _goal_task(goal, n, products, f"{files.goals}: {goal.asin}")


class WebshopFiles(NamedTuple):
    """The files of a folder of WebShop's that belong together; `goals` are human or synthetic."""

    products: Path
    goals: Path
    attributes: Path | None
    are_human: bool


def _webshop_files(path: Path) -> WebshopFiles | None:
    """The files that belong to one of WebShop's; None where it is none, or its products are missing."""
    start, folder = head(path, _SNIFFED), path.parent
    human = folder / "items_human_ins.json"
    is_list = start.lstrip().startswith("[")
    if is_list and '"pricing"' in start and '"product_category"' in start:
        attributes = _first_file(folder, path.name.replace("items_shuffle", "items_ins_v2"), "items_ins_v2*.json")
        goals = human if is_file(human) else attributes
        return WebshopFiles(path, goals, attributes, goals == human) if goals else None
    if is_list or '"instruction_attributes"' not in start:
        return None
    are_human = '"instruction_options"' in start
    wanted = "items_shuffle_1000.json" if are_human else path.name.replace("items_ins_v2", "items_shuffle")
    products = _first_file(folder, wanted, "items_shuffle*.json")
    if products is None:
        return None
    own = _first_file(folder, products.name.replace("items_shuffle", "items_ins_v2"), "items_ins_v2*.json")
    return WebshopFiles(products, path, own if are_human else path, are_human)


def _first_file(folder: Path, name: str, pattern: str) -> Path | None:
    """The file of this name, else the first that fits the pattern."""
    return next((f for f in (folder / name, *sorted(folder.glob(pattern))) if is_file(f)), None)


class WebshopItems(TaskReader):
    """`items_ins_v2*.json`: an object from product code to `attributes`, some with `instruction` and `instruction_attributes`.

    The file has neither titles nor prices nor options: a title is made of the product type that the instruction names and
    the attributes, the price is WebShop's default, and there are no options. Each shop also has the 49 products that are
    most similar to the wanted one.
    """

    name = "webshop-items"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        if path.suffix != ".json" or not path.is_file():
            return False
        start = head(path, _SNIFFED)
        return '"attributes"' in start and '"instruction_attributes"' in start

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        try:
            records = json_file(path)
        except Unreadable as e:
            yield Rejected.unread(e)
            return
        if not isinstance(records, dict):
            yield Rejected(where=str(path), reason=f"expected an object of products, found {type(records).__name__}")
            return
        products: dict[str, dict[str, Any]] = {}
        for code, record in records.items():
            if (item := _item(code, record)) is None:
                yield Rejected(
                    where=f"{path}: {code}",
                    reason="expected a code of letters and digits, and `attributes` as a list of texts",
                )
            else:
                products[code] = item
        for code, item in products.items():
            if "instruction" in records[code]:
                yield _task(item, records[code], products, f"{path}: {code}")


class Mind2WebRecords(TaskReader):
    """Mind2Web's `train_*.json` and `test_*.json`, one file or a folder of them, as JSON, JSON lines or Parquet.

    A record is a task: each of its actions is a snapshot of a page (`cleaned_html`), and what is chosen there is graded. Files
    of any size are read record by record.
    """

    name = "mind2web"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        if path.is_dir():
            return any(cls.accepts(file) for file in _record_files(path)[:1])
        start = head(path, _SNIFFED)
        if path.suffix == ".parquet":
            return start.startswith("PAR1") and "annotation_id" in _first_columns(path)
        marks = ("annotation_id", "confirmed_task", "action_reprs", "action_uid", "cleaned_html", "raw_html")
        return sum(f'"{mark}"' in start for mark in marks) >= 2

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        for file in _record_files(path) if path.is_dir() else [path]:
            for place, record in rows(file):
                if isinstance(record, Unreadable):
                    yield Rejected.unread(record)
                    continue
                try:
                    yield read_task(record, place)
                except BadRecord as e:
                    yield Rejected(where=place, reason=str(e))


def _record_files(folder: Path) -> list[Path]:
    """The files of records in a folder and in those below it, in the order of their names and numbers."""
    files = [
        p for pattern in ("*.json", "*.jsonl", "*.parquet", "*.json.gz") for p in folder.rglob(pattern) if p.is_file()
    ]
    return sorted(files, key=lambda p: [(int(w), "") if w.isdecimal() else (0, w) for w in _NUMBERS.split(str(p))])


def _first_columns(path: Path) -> frozenset[str]:
    record = next(iter(rows(path)), None)
    return frozenset(record.value) if record is not None and isinstance(record.value, dict) else frozenset()


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) and 0 < len(v) <= 120 for v in value)


def _item(code: str, record: Any) -> dict[str, Any] | None:
    """A product from a record; None if the record is malformed."""
    if not _CODE.fullmatch(code) or not isinstance(record, dict) or not _is_texts(record.get("attributes")):
        return None
    attributes, instruction = record["attributes"], record.get("instruction")
    named = record.get("instruction_attributes", [])
    product_noun = product_type(instruction, named) if isinstance(instruction, str) and _is_texts(named) else ""
    title = ", ".join(filter(None, [product_noun.title() or f"Product {code}", *attributes]))[:300]
    item = {"id": code, "title": title, "price": _PRICE, "attributes": attributes[:60]}
    return {**item, "query": product_noun[:200]} if product_noun else item


def product_type(instruction: str, attributes: list[str]) -> str:
    """The product type in an instruction like `Find me easy carry refillable containers with rose gold`."""
    text = instruction.removeprefix(_OPENING).strip().rstrip(".")
    while hit := next((a for a in attributes if text.lower().startswith(a.lower())), None):
        text = text[len(hit) :].lstrip(", ")
    for word in (" with ", " for "):
        head, separator, tail = text.partition(word)
        if separator and any(tail.lower().startswith(a.lower()) for a in attributes):
            text = head
    return text.strip(", ")


def _task(
    item: dict[str, Any], record: Mapping[str, Any], products: Mapping[str, dict[str, Any]], place: str
) -> Task | Rejected:
    attributes, text = record.get("instruction_attributes"), record["instruction"]
    if not isinstance(text, str) or not _is_texts(attributes):
        return Rejected(
            where=f"{place}: instruction", reason="expected a text, and `instruction_attributes` as a list of texts"
        )
    rng = default_rng(zlib.crc32(item["id"].encode()))
    limit = price_bound(_PRICE, [int(i) for i in rng.permutation(4)[:2]])
    instruction = f"{text.strip().rstrip('.')}, and price lower than {limit:.2f} dollars"
    traits = set(item["attributes"])
    neighbours = sorted(
        (o for o in products.values() if o is not item), key=lambda o: -len(traits & set(o["attributes"]))
    )
    goal: dict[str, Any] = {"attributes": attributes, "options": [], "price_upper": limit}
    return _shop_task(f"webshop-{item['id']}", instruction, item, neighbours, goal, rng, place)


def _goal_task(
    goal: webshop_files.ShopGoal, number: int, products: Mapping[str, dict[str, Any]], place: str
) -> Task | Rejected:
    item = products[goal.asin]
    rng = default_rng([zlib.crc32(goal.asin.encode()), number])
    instruction, limit = webshop_files.priced(goal.text, item["price"], rng)
    traits, query = set(item["attributes"]), item.get("query")
    others = (o for o in products.values() if o is not item)
    neighbours = nlargest(
        _SHOP_SIZE - 1, others, key=lambda o: (o.get("query") == query, len(traits & set(o["attributes"])))
    )
    wanted = {"attributes": list(goal.attributes), "options": list(goal.options), "price_upper": limit}
    return _shop_task(f"webshop-{number}-{goal.asin}", instruction, item, neighbours, wanted, rng, place)


def _shop_task(
    id: str,
    instruction: str,
    item: dict[str, Any],
    neighbours: Sequence[dict[str, Any]],
    wanted: dict[str, Any],
    rng: Generator,
    place: str,
) -> Task | Rejected:
    items = [item, *neighbours[: _SHOP_SIZE - 1]]
    items = [items[int(i)] for i in rng.permutation(len(items))]
    product = {"name": item["title"], "query": item.get("query", ""), "category": item.get("category", "")}
    task = Task(
        id=id,
        environment="web",
        instruction=instruction,
        spec={"name": "WebShop", "layout": "webshop", "notice": instruction, "catalogue": {"items": items}},
        goal={"webshop": product | wanted},
        kind="webshop",
        source=place,
    )
    return _add_solution(task, place)


def _add_solution(task: Task, place: str) -> Task | Rejected:
    try:
        Web.check(task.spec)
        Web.check_goal(task.goal)
    except WorldError as e:
        return Rejected(where=place, reason=str(e))
    world = Web()
    world.task = task
    world.begin(task.spec, default_rng(0))
    moves = plan(world, task)
    if moves is None:
        return Rejected(where=place, reason="no product earns the whole reward")
    return task.model_copy(update={"solution": moves})

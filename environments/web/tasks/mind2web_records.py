"""Reads records of Mind2Web (Deng et al., arXiv 2306.06070): a task's actions become snapshots and what is right on each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from simenv import documents
from simenv.errors import Unreadable
from simenv.types import Action, Move, Task

from ..engine.document import Document, Node, read_html
from ..engine.mind2web import operation
from ..engine.recording import ID, RANK
from ..engine.snapshot import NoSnapshot, read_snapshot, read_tree, write_tree

MOST_ACTIONS, LARGEST = 500, 8_000_000
"""Actions of a task, and characters of one snapshot."""
OPERATIONS = ("CLICK", "TYPE", "SELECT")
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_KEPT = (
    "role", "aria_role", "type", "alt", "aria_description", "aria_label", "label", "title", "name", "text_value", "value",
    "placeholder", "input_checked", "input_value", "option_selected", "class",
)  # fmt: skip
"""The attributes of `cleaned_html` that say what an element is; Mind2Web's list."""
_AS_HTML = {"aria_label": "aria-label", "aria_description": "aria-description", "input_value": "value",
            "input_checked": "checked", "option_selected": "selected"}  # fmt: skip
"""Attributes that HTML writes otherwise. An element has both, where they differ in what they say."""
_FLAGS = frozenset(["checked", "selected"])


class BadRecord(ValueError):
    """A record that cannot be used: the field, what was expected, what is there."""


def read_task(record: Any, place: str) -> Task:
    """The task of one record; BadRecord names the field. Nothing that it refers to is loaded."""
    instruction, id = _text(record, "confirmed_task"), _text(record, "annotation_id")
    if not _ID.fullmatch(id):
        raise BadRecord(f"annotation_id: expected letters, digits, - and _, at most 80, got {id!r:.100}")
    actions = _field(record, "actions", list)
    if not 0 < len(actions) <= MOST_ACTIONS:
        raise BadRecord(f"actions: expected 1 to {MOST_ACTIONS}, got {len(actions)}")
    words = record.get("action_reprs") or []
    if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
        raise BadRecord("action_reprs: expected a list of texts")
    if words and len(words) != len(actions):
        raise BadRecord(f"action_reprs: expected {len(actions)} texts, one for each of `actions`, got {len(words)}")
    recording, steps, solution = [], [], []
    for n, action in enumerate(actions):
        try:
            html, step = _snapshot(action), _step(action)
            move = _solution(html, step, action)
        except BadRecord as e:
            raise BadRecord(f"actions[{n}].{e}") from e
        recording.append({"html": html, "done": (words[n] if words else operation(step["op"], step["value"]))[:4000]})
        steps.append(step)
        solution.append(move)
    name = next((v for k in ("website", "domain") if isinstance(v := record.get(k), str) and v.strip()), "A web site")
    return Task(
        id=f"mind2web-{id}",
        environment="web",
        instruction=instruction,
        spec={"name": name[:80], "recording": recording},
        goal={"steps": steps},
        solution=tuple(m for m in solution if m) if all(solution) else (),
        kind="mind2web",
        source=place,
    )


def _field(record: Any, name: str, kind: type) -> Any:
    if not isinstance(record, dict):
        raise BadRecord(f"{name}: expected an object around it, got {type(record).__name__}")
    if not isinstance(value := record.get(name), kind):
        raise BadRecord(f"{name}: expected {kind.__name__}, got {'nothing' if value is None else type(value).__name__}")
    return value


def _text(record: Any, name: str) -> str:
    value: str = _field(record, name, str)
    if not value.strip():
        raise BadRecord(f"{name}: expected a text that is not empty")
    return value


def _number(candidate: Any, place: str) -> int:
    """The node of a candidate: `backend_node_id`, in it or in its attributes, which are JSON in a text."""
    value = candidate.get("backend_node_id") if isinstance(candidate, dict) else None
    if value is None and isinstance(candidate, dict):
        value = _attributes(candidate, place).get("backend_node_id")
    if isinstance(value, bool) or not str(value).isdecimal() or len(str(value)) > 15:
        raise BadRecord(f"{place}.backend_node_id: expected a whole number, got {value!r:.80}")
    return int(str(value))


def _attributes(candidate: Mapping[str, Any], place: str) -> dict[str, Any]:
    value = candidate.get("attributes", {})
    try:
        value = documents.parse(value, place) if isinstance(value, str) else value
    except Unreadable as e:
        raise BadRecord(f"{place}.attributes: expected an object as JSON in a text, got {value!r:.80}") from e
    return value if isinstance(value, dict) else {}


def _candidates(action: Any) -> dict[int, int | None]:
    """Node and rank of every candidate, right and wrong."""
    ranks: dict[int, int | None] = {}
    for field in ("pos_candidates", "neg_candidates"):
        for n, candidate in enumerate(_field(action, field, list)):
            number, rank = _number(candidate, f"{field}[{n}]"), candidate.get("rank")
            ranks[number] = rank if isinstance(rank, int) and not isinstance(rank, bool) and rank >= 0 else None
    return ranks


def _step(action: Any) -> dict[str, Any]:
    done = _field(action, "operation", dict)
    op, value = done.get("op"), done.get("value") or ""
    if op not in OPERATIONS:
        raise BadRecord(f"operation.op: expected one of {', '.join(OPERATIONS)}, got {op!r:.80}")
    if not isinstance(value, str):
        raise BadRecord(f"operation.value: expected a text, got {type(value).__name__}")
    nodes = [_number(c, f"pos_candidates[{n}]") for n, c in enumerate(_field(action, "pos_candidates", list))]
    return {"nodes": list(dict.fromkeys(nodes))[:1000], "op": op, "value": "" if op == "CLICK" else value[:20_000]}


def _snapshot(action: Any) -> str:
    """The page of an action with its candidates marked, as the world keeps it."""
    text = _text(action, "cleaned_html")
    if len(text) > LARGEST:
        raise BadRecord(f"cleaned_html: {len(text)} characters; at most {LARGEST} are read")
    candidates = _candidates(action)
    try:
        root = read_tree(text)
    except NoSnapshot as e:
        if "<" not in text:
            raise BadRecord(f"cleaned_html: {e}") from e
        root = read_html(text).body  # HTML, where others wrote it anew
    html = write_tree(_reduced(root, candidates))
    if len(html) > LARGEST:
        raise BadRecord(f"cleaned_html: {len(html)} characters once written out; at most {LARGEST} are kept")
    return html


def _reduced(node: Node, candidates: Mapping[int, int | None]) -> Node:
    """A node with the attributes that say what it is; texts, which Mind2Web keeps in elements of their own, are bare."""
    attributes = {name: node.attributes[name] for name in _KEPT if node.attributes.get(name)}
    for name, html_name in _AS_HTML.items():
        if name in attributes and (
            html_name not in _FLAGS or attributes[name].lower() in ("true", "checked", "selected")
        ):
            attributes.setdefault(html_name, attributes[name])
    number = node.attributes.get("backend_node_id", "")
    if number.isdecimal() and int(number) in candidates:
        attributes |= {ID: number, "onclick": ""}
        if (rank := candidates[int(number)]) is not None:
            attributes[RANK] = str(rank)
    children = [c if isinstance(c, str) else _reduced(c, candidates) for c in node.children]
    plain = [c.words() if isinstance(c, Node) and c.tag == "text" and ID not in c.attributes else c for c in children]
    return Node(node.tag, attributes, plain)


def _solution(html: str, step: Mapping[str, Any], action: Any) -> Move | None:
    """The right move by the number that its element has on the page; None where none of the right ones is there."""
    original = [c for c in action["pos_candidates"] if isinstance(c, dict) and c.get("is_original_target") is True]
    nodes = [*(_number(c, "pos_candidates") for c in original), *step["nodes"]]
    elements = Document.of(read_snapshot(html), "/").elements
    numbers = {e.node.attributes[ID]: e.number for e in elements if ID in e.node.attributes}
    number = next((numbers[str(n)] for n in nodes if str(n) in numbers), None)
    return None if number is None else right_move(number, step)


def right_move(number: int, step: Mapping[str, Any]) -> Move:
    """The move that does a recorded step on an element."""
    name = step["op"].lower()
    argument = {"type": "text", "select": "option"}.get(name)
    arguments = {"element": number} | ({argument: step["value"]} if argument else {})
    return Move(thought=f"The next step is [{number}].", action=Action(name=name, arguments=arguments))

"""Mind2Web (Deng et al., arXiv 2306.06070) as in AgentBench: multiple choice in rounds of five, and its three metrics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from numpy.random import SeedSequence, default_rng
from rapidfuzz import fuzz, utils

from simenv.types import Data

from .document import Document, Element, Node

LETTERS = "ABCDEF"
ROUND = 5
"""Candidates in one question, beside `None of the above`."""
NEAR = 3
"""Siblings kept on each side of a candidate."""
DEPTH, DESCENDANTS = 5, 50
"""Levels kept below a candidate, and elements kept of them."""
_ORDER = (
    "role", "aria_role", "type", "alt", "aria_description", "aria_label", "label", "title", "name", "text_value", "value",
    "placeholder", "input_checked", "input_value", "option_selected", "class",
)  # fmt: skip
"""The attributes that make up `meta`, in Mind2Web's order."""
_SPLIT = re.compile(r"[\s_\-.]+")

Prediction = tuple[int, str, str]
"""Element, operation (CLICK, TYPE, SELECT), value."""


def attribute_words(node: Node) -> str:
    """The words of an element's attributes: at most five of a value, each under 15 characters; 20 in all."""
    parts: list[str] = []
    for name in _ORDER:
        text = node.attributes.get(name.replace("_", "-"), node.attributes.get(name, ""))
        if name == "option_selected" and node.tag == "option" and "selected" in node.attributes:
            text = "true"
        if name == "input_checked" and "checked" in node.attributes:
            text = "true"
        words = [w for w in _SPLIT.split(text.lower()) if w and len(w) < 15][:5]
        if words and " ".join(words) not in parts:
            parts.append(" ".join(words))
    return " ".join(" ".join(parts).split()[:20])


def nodes_around(body: Node, candidates: Iterable[int]) -> set[int]:
    """The `id()` of each node that is kept around candidates: ancestors, descendants, siblings."""
    numbers, nodes = set(candidates), set[int]()

    def visit(node: Node, above: list[Node]) -> None:
        if node.number in numbers:
            nodes.update(id(a) for a in above)
            nodes.update(id(d) for d in _below(node))
            if above:
                inner = [c for c in above[-1].children if isinstance(c, Node)]
                index = next(i for i, c in enumerate(inner) if c is node)
                nodes.update(id(c) for c in inner[max(0, index - NEAR) : index + NEAR + 1])
        for child in node.children:
            if isinstance(child, Node):
                visit(child, [*above, node])

    visit(body, [])
    return nodes


def _below(node: Node) -> list[Node]:
    level, nodes = [node], [node]
    for _ in range(DEPTH):
        level = [c for n in level for c in n.children if isinstance(c, Node)]
        nodes += level
    return nodes[: DESCENDANTS + 1]


def page_html(document: Document, candidates: Sequence[int]) -> str:
    """The part of a page around candidates, which are numbered from 0 in page order."""
    kept_nodes = nodes_around(document.skeleton.body, candidates)
    ids = {number: i for i, number in enumerate(sorted(candidates))}
    return f"<html> {' '.join(_write(document.skeleton.body, ids, kept_nodes, False))} </html>"


def element_html(document: Document, number: int, id: int) -> str:
    """One element as a choice: its first ten tokens. `number` is its number on the page, `id` in the question."""
    node = document.elements[number].node
    tokens = " ".join(_write_one(node, {number: id}, set(), True)).split()
    cut = tokens if len(tokens) <= 10 else tokens[:10]
    return " ".join(cut)


def _write(node: Node, ids: dict[int, int], kept_nodes: set[int], inside: bool) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            if text := " ".join(child.replace("<", "‹").replace(">", "›").split()[:20]):
                yield text
        elif not child.hidden and (inside or id(child) in kept_nodes):
            yield from _write_one(child, ids, kept_nodes, inside)


def _write_one(node: Node, ids: dict[int, int], kept_nodes: set[int], inside: bool) -> Iterator[str]:
    id_word = f"id={ids[node.number]}" if node.number in ids else ""
    start_tag = " ".join(filter(None, [node.tag, id_word, attribute_words(node)]))
    inner = list(_write(node, ids, kept_nodes, inside))
    if not inner:
        yield f"<{start_tag} />"
        return
    yield f"<{start_tag}>"
    yield from inner
    yield f"</{node.tag}>"


@dataclass(frozen=True)
class Rounds:
    """The questions of one step, by elimination: five candidates a question; the chosen one returns to the end of the pool.

    One difference from AgentBench: if one candidate is left and there is no prediction yet, it is asked about; in
    AgentBench the step would end without a prediction.
    """

    task: str
    history: tuple[str, ...]
    pool: tuple[int, ...]
    candidates: tuple[int, ...]
    prediction: Prediction | None = None
    complete: bool = False

    @classmethod
    def start(cls, task: str, history: Sequence[str], pool: Sequence[int]) -> Rounds:
        """The first question about a pool of element numbers; `history` are the previous steps in words."""
        return cls(task, tuple(history), tuple(pool), ())._ask()

    @classmethod
    def of(
        cls,
        document: Document,
        task: str,
        topk: int,
        history: Sequence[str] = (),
        ranks: Mapping[int, int] | None = None,
    ) -> Rounds:
        """Start with a page's interactive elements, shuffled (seed 123): those ranked below `topk`, as Mind2Web takes them;
        without ranks all of them, or of more than `topk` those most like the task."""
        elements = list(document.elements)
        if ranks:
            elements = [e for e in elements if ranks.get(e.number, topk) < topk]
        elif len(elements) > topk:
            process = utils.default_process
            elements.sort(key=lambda e: -fuzz.token_set_ratio(e.label, task, processor=process))
        pool = sorted(e.number for e in elements[:topk])
        default_rng(SeedSequence(123)).shuffle(pool)
        return cls.start(task, history, pool)

    def _ask(self) -> Rounds:
        if len(self.pool) <= 1 and (self.prediction is not None or not self.pool):
            return replace(self, candidates=(), complete=True)
        return replace(self, candidates=self.pool[:ROUND], pool=self.pool[ROUND:])

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters on offer; A stands for `None of the above`."""
        return tuple(LETTERS[: len(self.candidates) + 1])

    def answer(self, letter: str, operation: str, value: str) -> Rounds:
        """The rounds after an answer; a letter that is not on offer counts as A, as in AgentBench."""
        index = LETTERS.find(letter.strip().upper()[:1] or "A") - 1
        if not 0 <= index < len(self.candidates):
            return self._ask()
        number = sorted(self.candidates)[index]
        return replace(self, pool=(*self.pool, number), prediction=(number, operation, value))._ask()

    def letter(self, number: int) -> str:
        """The letter of an element in this question; A if it is not a candidate."""
        return LETTERS[1 + sorted(self.candidates).index(number)] if number in self.candidates else "A"

    def question(self, document: Document) -> str:
        """The text of the question: page, task, history, choices."""
        candidates = sorted(self.candidates)
        lines = ["A. None of the above"]
        lines += [f"{LETTERS[i + 1]}. {element_html(document, n, i)}" for i, n in enumerate(candidates)]
        html, history = page_html(document, candidates), "\n".join(self.history[-5:]) or "None"
        return (
            f"'''\n{html}\n'''\n\nBased on the HTML webpage above, try to complete the following task:\n"
            f"Task: {self.task}\nPrevious actions:\n{history}\nWhat should be the next action? Please select from the "
            "following choices (If the correct action is not in the page above, please select A. 'None of the above'):\n\n"
            + "\n".join(lines)
        )

    def to_json(self) -> list[Any]:
        """For a snapshot; `from_json` reads it."""
        return [self.task, self.history, self.pool, self.candidates, self.prediction, self.complete]

    @classmethod
    def from_json(cls, values: Sequence[Any]) -> Rounds:
        """From what `to_json` wrote."""
        task, history, pool, candidates, prediction, complete = values
        return cls(
            task, tuple(history), tuple(pool), tuple(candidates), tuple(prediction) if prediction else None, complete
        )


def describe_step(element: Element, op: str, value: str) -> str:
    """A past step in words: `[textbox]  Full name -> TYPE: Ann Lee`."""
    label = element.label if len(element.label) <= 50 else f"{element.label[:50]}..."
    return f"[{element.role}]  {label} -> {op}" + (f": {value}" if value else "")


class Metrics(Data):
    """Shares of steps, 0 to 1 (the benchmark prints them times 100)."""

    element_acc: float
    action_f1: float
    step_sr: float


def operation(op: str, value: str) -> str:
    """A step as the metrics compare it: `CLICK`, `TYPE shoes`."""
    return f"{op} {value}".strip()


def action_f1(prediction: str, expected: str) -> float:
    """F1 over the sets of words of two operations; 1 if both are empty (Mind2Web, metrics)."""
    a, b = set(prediction.strip().split()), set(expected.strip().split())
    if not a and not b:
        return 1.0
    overlap = len(a & b)
    if not overlap:
        return 0.0
    precision, recall = overlap / len(a), overlap / len(b)
    return 2 * precision * recall / (precision + recall)


def measure(steps: Sequence[tuple[Prediction | None, Sequence[int], str]]) -> Metrics:
    """Metrics over (prediction, right elements, right operation) of each step; a missing prediction is wrong."""
    hits = f1 = successes = 0.0
    for prediction, elements, expected in steps:
        number, op, value = prediction or (-1, "", "")
        hit, score = number in elements, action_f1(operation(op, value), expected)
        hits, f1, successes = hits + hit, f1 + score, successes + (hit and score == 1.0)
    n = max(1, len(steps))
    return Metrics(element_acc=hits / n, action_f1=f1 / n, step_sr=successes / n)

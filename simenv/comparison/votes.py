"""Preferences: what a model judge and people say of two examples of one record. People see no style, and a chance order."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from simenv.errors import ConfigError
from simenv.model import Model, ask
from simenv.prompts import fenced, render
from simenv.runs.store import Run, lines
from simenv.runs.writer import append
from simenv.types import Data, Message, Text, digest

PROMPT = Path(__file__).parent / "preference.j2"
FILE = "votes.jsonl"
TIE = "tie"
MODEL = "model"
"""Who votes for a model judge."""
Choice = Literal["first", "second", "tie"]


class Item(Data):
    """A record as all styles get it: the set it is of, the material as judges see it, and the pairs of styles to be
    compared."""

    id: str
    set: str
    material: Text
    pairs: tuple[tuple[str, str], ...] = ()


class Example(Data):
    """What a style made of an item; `error` says why it made nothing."""

    item: str
    style: str
    messages: tuple[Message, ...] = ()
    error: Text = ""

    @property
    def text(self) -> str:
        """The chat as judges read it."""
        return "\n".join(f"{'User' if m.role == 'user' else 'Assistant'}: {m.content}" for m in self.messages)


class Vote(Data):
    """A preference between the examples of two styles: the better one, or "tie". `swapped`: a model that preferred another when
    the order was turned round, which is a tie."""

    item: str
    styles: tuple[str, str]
    better: str
    by: str
    reason: Text = ""
    swapped: bool = False
    error: Text = ""


class Preference(Data):
    """What the judge answers."""

    reason: Text = Field(default="", max_length=2000)
    better: Literal["A", "B", "tie"]


class Ballot(Data):
    """Two examples as a person sees them; it does not tell which style made which."""

    id: str
    material: Text
    first: Text
    second: Text


async def preferred(model: Model, item: Item, one: Example, other: Example) -> Vote:
    """The judge's preference, asked in both orders."""
    straight = await ask(model, question(item, one, other), Preference, shows_schema=True)
    turned = await ask(model, question(item, other, one), Preference, shows_schema=True)
    styles = (one.style, other.style)
    first = {"A": one.style, "B": other.style, "tie": TIE}[straight.better]
    second = {"A": other.style, "B": one.style, "tie": TIE}[turned.better]
    better = first if first == second else TIE
    return Vote(item=item.id, styles=styles, better=better, by=MODEL, reason=straight.reason, swapped=first != second)


def question(item: Item, one: Example, other: Example) -> str:
    """The prompt that asks which of two examples is better."""
    return render(PROMPT, material=fenced(item.material), first=fenced(one.text), second=fenced(other.text))


def ballots(folder: Path, voter: str, limit: int = 20) -> list[Ballot]:
    """What a person has not voted on yet, at most so many, in an order that no style can be told from."""
    run = Run.open(folder)
    examples = {(e.item, e.style): e for e in run.read("examples", Example, "skip") if not e.error}
    done = {(v.item, v.styles) for v in votes(folder) if v.by == voter}
    made = [
        _ballot(item, examples[item.id, one], examples[item.id, other])
        for item in run.read("items", Item, "skip")
        for one, other in item.pairs
        if (item.id, (one, other)) not in done and {(item.id, one), (item.id, other)} <= examples.keys()
    ]
    return sorted(made, key=lambda b: b.id)[:limit]


def vote(folder: Path, ballot: str, choice: Choice, voter: str) -> Vote:
    """Write down a person's choice. ConfigError for a ballot that is none of this comparison, or a name that models have."""
    if not voter.strip() or voter == MODEL:
        raise ConfigError(f"voter: expected a person's name, got {voter!r:.40}")
    for item in Run.open(folder).read("items", Item, "skip"):
        for styles in item.pairs:
            if _id(item.id, *styles) == ballot:
                first, second = _order(item.id, *styles)
                better = {"first": first, "second": second, "tie": TIE}[choice]
                made = Vote(item=item.id, styles=styles, better=better, by=voter)
                append(folder / FILE, made)
                return made
    raise ConfigError(f"{folder}: no ballot {ballot!r:.80}; `ballots` lists those that are open")


def votes(folder: Path) -> list[Vote]:
    """The votes of people, the last of each on each pair. Lines that are none are passed over."""
    last: dict[tuple[str, tuple[str, str], str], Vote] = {}
    for line in lines(folder / FILE) if (folder / FILE).is_file() else ():
        try:
            made = Vote.model_validate_json(line)
        except ValidationError:
            continue
        last[made.item, made.styles, made.by] = made
    return list(last.values())


def _ballot(item: Item, one: Example, other: Example) -> Ballot:
    first, second = (one, other) if _order(item.id, one.style, other.style)[0] == one.style else (other, one)
    return Ballot(id=_id(item.id, one.style, other.style), material=item.material, first=first.text, second=second.text)


def _id(item: str, one: str, other: str) -> str:
    return digest(["ballot", item, one, other])[:16]


def _order(item: str, one: str, other: str) -> tuple[str, str]:
    """The styles in the order in which a person sees them: by chance, and always the same."""
    return (one, other) if int(digest(["order", item, one, other]), 16) % 2 else (other, one)

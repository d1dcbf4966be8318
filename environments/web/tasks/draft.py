"""Parts that all task makers share: a draft of a task, random choices, and the frame of a site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar

from faker import Faker
from numpy.random import Generator

from simenv.english import article

T = TypeVar("T")

Fields = list[dict[str, Any]]
COLOURS = ("#2f6f5e", "#31487a", "#7a3b4e", "#8a5a1f", "#4a4a68", "#1f6d7a")
_DAY = date(2027, 1, 4)
"""Dates of tasks come after this day; they do not depend on today."""


class TaskDraft(NamedTuple):
    """A task without id and solution."""

    instruction: str
    spec: dict[str, Any]
    goal: dict[str, Any]


class Sampler:
    """The source of everything random in a task. `level` is its difficulty, 1 to 5."""

    def __init__(self, rng: Generator, fake: Faker, level: int) -> None:
        self.rng, self.fake, self.level = rng, fake, level
        fake.seed_instance(int(rng.integers(2**32)))

    def choice(self, items: Sequence[T]) -> T:
        """One of the items, with equal chance."""
        return items[int(self.rng.integers(len(items)))]

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different items, in random order."""
        order = self.rng.permutation(len(items))[:count]
        return [items[int(i)] for i in order]

    def integer(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def price(self, low: float, high: float) -> float:
        """A price that ends in .00, .49, .50 or .99."""
        return round(self.integer(int(low), int(high) - 1) + self.choice((0.0, 0.49, 0.5, 0.99)), 2)

    def chance(self, share: float) -> bool:
        """True with a probability of `share`."""
        return bool(self.rng.random() < share)

    def day(self, after: date | None = None, max_days: int = 200) -> date:
        """A day at most `max_days` days after another."""
        return (after or _DAY) + timedelta(days=self.integer(1, max_days))

    def person(self) -> dict[str, str]:
        """A made-up person: `name`, `email`, `first`, `last`."""
        first, last = self.fake.first_name(), self.fake.last_name()
        mail = f"{first}.{last}@{self.choice(('example.org', 'example.net', 'mail.example'))}".lower().replace(" ", "")
        return {"name": f"{first} {last}", "email": mail, "first": first, "last": last}

    def site(self, name: str, tagline: str) -> dict[str, Any]:
        """The frame of a spec: name, colour, and pages that the task does not need."""
        texts = {
            "about": (
                "About us",
                f"<p>{name} was founded by {self.person()['name']} in {self.integer(1950, 2019)}.</p>",
            ),
            "delivery": (
                "Delivery and returns",
                "<p>We deliver within five working days. Returns are free for 30 days.</p>",
            ),
            "privacy": ("Privacy", "<h2>Your data</h2><p>We keep what an order needs and nothing else.</p>"),
            "jobs": (
                "Jobs",
                f"<p>We are looking for {article(self.fake.job().lower())} in {self.fake.city()}.</p>".replace(
                    "&", "and"
                ),
            ),
        }
        page_names = self.sample(list(texts), min(4, self.level))
        pages = {n: {"title": texts[n][0], "html": texts[n][1]} for n in sorted(page_names)}
        return {"name": name, "tagline": tagline, "colour": self.choice(COLOURS), "pages": pages}

    def hide_pages(self, spec: dict[str, Any], *paths: str) -> dict[str, Any]:
        """From difficulty 3 on, move some pages from the menu to one page of links. It returns `spec`."""
        if self.level >= 3:
            spec["hub"] = {
                "title": self.choice(("Customer service", "Help", "More")),
                "holds": [*paths, *(f"/page/{n}" for n in spec["pages"])],
            }
        return spec


def field(name: str, label: str, kind: str = "text", *options: str, **more: Any) -> dict[str, Any]:
    """A field of a form."""
    return {"name": name, "label": label, "kind": kind, **({"options": list(options)} if options else {}), **more}


def format_date(day: date) -> str:
    """`3 March 2027`."""
    return f"{day.day} {day:%B %Y}"

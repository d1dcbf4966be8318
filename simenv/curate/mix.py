"""Mixes agent data and general chat at a ratio, and splits training from validation by task."""

from __future__ import annotations

from collections.abc import Iterator
from sqlite3 import Connection
from typing import Any, Literal, NamedTuple

from pydantic import Field

from simenv.curate.sample_store import CHAT, SampleStore, chance
from simenv.data.records import DatasetRef
from simenv.errors import ConfigError, unknown
from simenv.options import Options

Split = Literal["train", "validation"]


class Mix(Options):
    """What goes into a set, and how much of it."""

    chat: tuple[DatasetRef, ...] = ()
    """general chat: files (.jsonl, .json, .parquet) or datasets"""
    ratio: float = Field(default=0.2, gt=0, le=1)
    """share of agent data where there is chat (AgentTuning's η, arXiv 2310.12823: 0.2 agent, 0.8 general)"""
    by: Literal["samples", "tokens"] = "samples"
    """what the ratio and the size count: samples, or tokens under loss"""
    environments: dict[str, float] = {}
    """weights of the environments among the agent data, those not named left out; none: as they come"""
    size: int | None = Field(default=None, ge=1)
    """samples, or tokens under loss, in the training split; none: as many as can be had"""
    upsample: int = Field(default=1, ge=1)
    """times that a sample may be taken at most, where its group is short"""
    validation: float = Field(default=0.05, ge=0, lt=1)
    """share of the tasks that are kept for validation"""
    seed: int = Field(default=0, ge=0)
    """of the choice, the order and the split"""
    against: tuple[str, ...] = ()
    """run folders and task files of evaluations: samples that overlap with their tasks are left out"""
    words: int = Field(default=13, ge=3)
    """words in a row that make an overlap (13: GPT-3, arXiv 2005.14165, appendix C)"""

    def split(self, task: str) -> Split:
        """Where all samples of a task go."""
        return "validation" if chance(self.seed, "split", task) < self.validation * 2**63 else "train"


class Group(NamedTuple):
    """One part of a mix: its share of the whole, and what there is of it, once."""

    name: str
    where: str
    values: tuple[str, ...]
    share: float
    there: int


def plan(shelf: SampleStore, mix: Mix) -> dict[str, int]:
    """Choose the samples: fills the table `chosen` of the shelf's index. Returns what is in each group of the training split.

    ConfigError where the ratio or the size cannot be met, with what can be.
    """
    index = shelf.index
    index.execute("CREATE TABLE chosen (split TEXT, position INTEGER, row INTEGER, copy INTEGER)")
    groups = list(_groups(index, mix, "train"))
    size = _size(groups, mix)
    amounts = {g.name: round(size * g.share) for g in groups}
    if short := [g.name for g in groups if not amounts[g.name]]:
        raise ConfigError(
            f"mix: a set of {size:,.0f} {_unit(mix)} holds none of {', '.join(short)}; {_possible(groups, mix)}"
        )
    for group in groups:
        _choose(shelf, mix, group, "train", amounts[group.name], mix.upsample)
    aside = [g for g in _groups(index, mix, "validation") if g.there]
    for group in aside:
        _choose(shelf, mix, group, "validation", round(_held(aside, mix) * group.share), 1)
    return amounts


def _groups(index: Connection, mix: Mix, split: Split) -> Iterator[Group]:
    """The parts of the mix, as shares of the whole."""
    there = index.execute("SELECT count(*) FROM samples WHERE environment = ?", (CHAT,)).fetchone()[0]
    agent = mix.ratio if mix.chat or there else 1.0
    weights = {k: v for k, v in mix.environments.items() if v > 0}
    known = {e for (e,) in index.execute("SELECT DISTINCT environment FROM samples")} - {CHAT}
    for name in weights:
        if name not in known:
            raise ConfigError(f"mix.environments: {unknown('environment', name, known)}")
    parts = [(n, "environment = ?", (n,), agent * w / sum(weights.values())) for n, w in weights.items()]
    if not weights and known:
        parts = [("agent", "environment <> ?", (CHAT,), agent)]
    elif not known:
        raise ConfigError("mix: no agent data: every trajectory was dropped and no gold took its place")
    if agent < 1:
        parts.append((CHAT, "environment = ?", (CHAT,), 1 - agent))
    amount = "count(*)" if mix.by == "samples" else "coalesce(sum(tokens), 0)"
    for name, where, values, share in parts:
        query = f"SELECT {amount} FROM samples WHERE {where} AND split = '{split}'"
        yield Group(name, where, values, share, index.execute(query, values).fetchone()[0])


def _size(groups: list[Group], mix: Mix) -> float:
    """Samples or tokens of the whole: as asked for, or as many as can be had without taking everything twice."""
    if empty := [g.name for g in groups if not g.there]:
        raise ConfigError(f"mix: nothing of {', '.join(empty)}, so the ratio cannot be met: {_there(groups)}")
    most = min(g.there * mix.upsample / g.share for g in groups)
    if mix.size is not None and mix.size > most + 0.5:
        raise ConfigError(
            f"mix.size: {mix.size:,} {_unit(mix)} at {_shares(groups)} cannot be met with upsample={mix.upsample}: "
            f"{_there(groups)}; {_possible(groups, mix)}"
        )
    return mix.size if mix.size is not None else min(most, max(g.there / g.share for g in groups))


def _held(groups: list[Group], mix: Mix) -> float:
    """Samples or tokens for validation: all that keeps the ratio, or what a given size leaves for it. Never an error."""
    most = min(g.there / g.share for g in groups)
    return most if mix.size is None else min(most, mix.size * mix.validation / (1 - mix.validation))


def _possible(groups: list[Group], mix: Mix) -> str:
    most = int(min(g.there * mix.upsample / g.share for g in groups))
    short = min(groups, key=lambda g: g.there / g.share)
    enough = "" if mix.size is None else f", or mix.upsample={-(-int(mix.size * short.share) // short.there)}"
    return f"possible: mix.size={most}{enough}, or another ratio; {short.name} is the short one"


def _there(groups: list[Group]) -> str:
    return "there are " + ", ".join(f"{g.there:,} of {g.name}" for g in groups)


def _shares(groups: list[Group]) -> str:
    return " + ".join(f"{g.share:.2f} {g.name}" for g in groups)


def _unit(mix: Mix) -> str:
    return "samples" if mix.by == "samples" else "tokens under loss"


def _choose(shelf: SampleStore, mix: Mix, group: Group, split: Split, amount: int, copies: int) -> None:
    """Take samples of a group in the order of chance until the amount is reached; by tokens, as near as whole samples come."""
    taken = 0
    for copy in range(1, copies + 1):
        query = f"SELECT row, tokens, rank FROM samples WHERE {group.where} AND split = ? ORDER BY rank"
        for row, tokens, rank in shelf.index.execute(query, (*group.values, split)):
            cost = 1 if mix.by == "samples" else tokens
            if taken + cost - amount > amount - taken:
                return
            taken += cost
            position = chance(mix.seed, "order", rank, copy)
            shelf.index.execute("INSERT INTO chosen VALUES (?, ?, ?, ?)", (split, position, row, copy))


def chosen(shelf: SampleStore, split: Split) -> Iterator[bytes]:
    """The lines of a split, shuffled."""
    query = "SELECT row, copy FROM chosen WHERE split = ? ORDER BY position"
    for row, copy in shelf.index.execute(query, (split,)):
        yield shelf.line(row, copy)


def left_over(shelf: SampleStore) -> Iterator[str]:
    """The ids of the samples that the mix did not take."""
    for (id,) in shelf.index.execute(
        "SELECT id FROM samples WHERE split <> '' AND row NOT IN (SELECT row FROM chosen) ORDER BY row"
    ):
        yield id


def composition(shelf: SampleStore) -> list[dict[str, Any]]:
    """What each split holds, by environment and source: samples, copies among them, tokens under loss."""
    query = (
        "SELECT c.split, s.environment, s.source, count(*), sum(c.copy > 1), sum(s.tokens) FROM chosen c "
        "JOIN samples s ON s.row = c.row GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    keys = ("split", "environment", "source", "samples", "copies", "tokens")
    return [dict(zip(keys, values, strict=True)) for values in shelf.index.execute(query)]

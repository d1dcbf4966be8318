"""Mixes agent data and general chat at a ratio, and splits training from validation by task."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from sqlite3 import Connection
from typing import Any, Literal, NamedTuple

from pydantic import Field

from simenv.curate.sample_store import SampleStore, chance
from simenv.data.dataset import Split
from simenv.data.records import DatasetRef
from simenv.errors import ConfigError, unknown
from simenv.options import Options
from simenv.trust import DataName
from simenv.types import CHAT


class Mix(Options):
    """Settings of a mix: what goes into a set, and how much of it."""

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
    against: tuple[DataName, ...] = ()
    """run folders and task files of evaluations: samples that overlap with their tasks are left out"""
    words: int = Field(default=13, ge=3)
    """words in a row that make an overlap (13: GPT-3, arXiv 2005.14165, appendix C)"""

    def split(self, task: str) -> Split:
        """The split that all samples of a task go to."""
        return "validation" if chance(self.seed, "split", task) < self.validation * 2**63 else "train"


class Group(NamedTuple):
    """One part of a mix: its share of the whole (0..1) and the amount available, samples or tokens under loss.

    `condition` with its `values` selects its samples in the store's index.
    """

    name: str
    condition: str
    values: tuple[str, ...]
    share: float
    available: int


def plan(store: SampleStore, mix: Mix) -> dict[str, int]:
    """Choose the samples: fills the table `chosen` of the store's index.

    Returns the amount of each group in the training split, samples or tokens. ConfigError where the ratio or the size cannot
    be met; it says which can be.
    """
    index = store.index
    index.execute("CREATE TABLE chosen (split TEXT, position INTEGER, row INTEGER, copy INTEGER)")
    groups = list(_groups(index, mix, "train"))
    size = _size(groups, mix)
    amounts = {g.name: round(size * g.share) for g in groups}
    if short := [g.name for g in groups if not amounts[g.name]]:
        raise ConfigError(
            f"mix: a set of {size:,.0f} {_unit(mix)} holds none of {', '.join(short)}; {_possible(groups, mix)}"
        )
    for group in groups:
        _choose(store, mix, group, "train", amounts[group.name], mix.upsample)
    held_out = [g for g in _groups(index, mix, "validation") if g.available]
    for group in held_out:
        _choose(store, mix, group, "validation", round(_validation_size(held_out, mix) * group.share), 1)
    return amounts


def _groups(index: Connection, mix: Mix, split: Split) -> Iterator[Group]:
    """The parts of the mix, as shares of the whole."""
    chats = index.execute("SELECT count(*) FROM samples WHERE environment = ?", (CHAT,)).fetchone()[0]
    agent = mix.ratio if mix.chat or chats else 1.0
    weights = {k: v for k, v in mix.environments.items() if v > 0}
    environments = {e for (e,) in index.execute("SELECT DISTINCT environment FROM samples")} - {CHAT}
    for name in weights:
        if name not in environments:
            raise ConfigError(f"mix.environments: {unknown('environment', name, environments)}")
    parts = [(n, "environment = ?", (n,), agent * w / sum(weights.values())) for n, w in weights.items()]
    if not weights and environments:
        parts = [("agent", "environment <> ?", (CHAT,), agent)]
    elif not environments and chats and not mix.chat:
        parts, agent = [(CHAT, "environment = ?", (CHAT,), 1.0)], 1.0  # dialogues alone
    elif not environments:
        raise ConfigError(
            "mix: no agent data: every trajectory was dropped, or there was none, and no gold took its place"
        )
    if agent < 1:
        parts.append((CHAT, "environment = ?", (CHAT,), 1 - agent))
    amount = "count(*)" if mix.by == "samples" else "coalesce(sum(tokens), 0)"
    for name, condition, values, share in parts:
        query = f"SELECT {amount} FROM samples WHERE {condition} AND split = '{split}'"
        yield Group(name, condition, values, share, index.execute(query, values).fetchone()[0])


def _size(groups: list[Group], mix: Mix) -> float:
    """Samples or tokens of the whole: `mix.size`, or as many as can be had without taking everything twice."""
    if empty := [g.name for g in groups if not g.available]:
        raise ConfigError(
            f"mix: nothing of {', '.join(empty)}, so the ratio cannot be met: {_amounts_available(groups)}"
        )
    most = min(g.available * mix.upsample / g.share for g in groups)
    if mix.size is not None and mix.size > most + 0.5:
        raise ConfigError(
            f"mix.size: {mix.size:,} {_unit(mix)} at {_shares(groups)} cannot be met with upsample={mix.upsample}: "
            f"{_amounts_available(groups)}; {_possible(groups, mix)}"
        )
    return mix.size if mix.size is not None else min(most, max(g.available / g.share for g in groups))


def _validation_size(groups: list[Group], mix: Mix) -> float:
    """Samples or tokens for validation: all that keeps the ratio, or the share that `mix.size` leaves. No error"""
    most = min(g.available / g.share for g in groups)
    return most if mix.size is None else min(most, mix.size * mix.validation / (1 - mix.validation))


def _possible(groups: list[Group], mix: Mix) -> str:
    most = int(min(g.available * mix.upsample / g.share for g in groups))
    short = min(groups, key=lambda g: g.available / g.share)
    ways = [f"mix.size={most}"] if most and all(round(most * g.share) for g in groups) else []
    upsample = 0 if mix.size is None else ceil(mix.size * short.share / short.available)
    if upsample > mix.upsample and all(round(mix.size * g.share) for g in groups if mix.size):
        ways.append(f"mix.upsample={upsample}")
    ways.append(f"a mix.ratio at which there is enough of {short.name}, which is the short one")
    return f"possible: {', or '.join(ways)}"


def _amounts_available(groups: list[Group]) -> str:
    return "there are " + ", ".join(f"{g.available:,} of {g.name}" for g in groups)


def _shares(groups: list[Group]) -> str:
    return " + ".join(f"{g.share:.2f} {g.name}" for g in groups)


def _unit(mix: Mix) -> str:
    return "samples" if mix.by == "samples" else "tokens under loss"


def _choose(store: SampleStore, mix: Mix, group: Group, split: Split, amount: int, copies: int) -> None:
    """Take samples of a group in random order until the amount is reached; by tokens, as near as whole samples come."""
    taken = 0
    for copy in range(1, copies + 1):
        query = f"SELECT row, tokens, rank FROM samples WHERE {group.condition} AND split = ? ORDER BY rank"
        for row, tokens, rank in store.index.execute(query, (*group.values, split)):
            cost = 1 if mix.by == "samples" else tokens
            if taken + cost - amount > amount - taken:
                return
            taken += cost
            position = chance(mix.seed, "order", rank, copy)
            store.index.execute("INSERT INTO chosen VALUES (?, ?, ?, ?)", (split, position, row, copy))


def chosen(store: SampleStore, split: Split) -> Iterator[bytes]:
    """The lines of a split, shuffled."""
    query = "SELECT row, copy FROM chosen WHERE split = ? ORDER BY position"
    for row, copy in store.index.execute(query, (split,)):
        yield store.line(row, copy)


def left_over(store: SampleStore) -> Iterator[str]:
    """The ids of the samples that the mix did not take."""
    for (id,) in store.index.execute(
        "SELECT id FROM samples WHERE split <> '' AND row NOT IN (SELECT row FROM chosen) ORDER BY row"
    ):
        yield id


def composition(store: SampleStore) -> list[dict[str, Any]]:
    """What each split holds, by environment and source: samples, copies among them, tokens under loss."""
    query = (
        "SELECT c.split, s.environment, s.source, count(*), sum(c.copy > 1), sum(s.tokens) FROM chosen c "
        "JOIN samples s ON s.row = c.row GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    keys = ("split", "environment", "source", "samples", "copies", "tokens")
    return [dict(zip(keys, values, strict=True)) for values in store.index.execute(query)]

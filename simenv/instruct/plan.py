"""Plans dialogues as tasks: the same settings and pool give the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from numpy.random import Generator, default_rng

from simenv.errors import ConfigError
from simenv.instruct.config import Dialogues
from simenv.instruct.grounds import Grounds
from simenv.instruct.roles import Role, RoleSet, role_set
from simenv.instruct.scene import Scene
from simenv.knowledge.passage import Passage
from simenv.knowledge.pool import Pool
from simenv.knowledge.topics import topics
from simenv.source import Rejected
from simenv.types import CHAT, Task, digest

Subject = tuple[str, tuple[Passage, ...]]
"""A topic, and the passages that hold something about it."""


class Plan:
    """The dialogues of a run. ConfigError where there is nothing to talk about, or nobody to do so."""

    def __init__(self, settings: Dialogues) -> None:
        self.settings = settings
        self._roles: RoleSet = role_set(settings.roles)
        self._experts = self._roles.chosen(settings.experts)
        if settings.kind == "room" and settings.people > len(self._roles.experts):
            raise ConfigError(f"people: {settings.people}, but {settings.roles} has {len(self._roles.experts)} experts")
        if settings.pool is None and not settings.topics:
            raise ConfigError(
                "nothing to talk about; give pool=FOLDER, which `simenv knowledge add` makes, or topics=[…]"
            )
        if settings.pool is None and settings.model is None:
            raise ConfigError(
                "the scripted speaker quotes passages; give pool=FOLDER, or a model: model=openai model.model=NAME"
            )
        self._pool = _existing(settings.pool) if settings.pool is not None else None

    def tasks(self) -> Iterator[Task | Rejected]:
        """The tasks in order, and before them each topic of which the pool holds nothing."""
        given = [t.text for t in topics(self.settings.topics)]
        if self._pool is None:
            yield from self._made((topic, ()) for topic in _cycle(given))
            return
        given = given or [t.text for t in self._pool.topics]
        with closing(Grounds(self._pool)) as grounds:
            if not grounds.count:
                raise ConfigError(
                    f"pool: {self.settings.pool}: holds no passage; add documents with `simenv knowledge add`"
                )
            if not given:
                yield from self._made(self._in_order(grounds))
                return
            known = {topic: True for topic in given if grounds.about(topic, 1, 0)}
            yield from (
                Rejected(where=f"topic {t:.200}", reason="no passage holds it") for t in given if t not in known
            )
            if not known:
                raise ConfigError(
                    f"pool: {self.settings.pool}: no passage holds any of the {len(given)} topics ({given[0]:.80})"
                )
            yield from self._made(self._by_topic(grounds, list(known)))

    def _in_order(self, grounds: Grounds) -> Iterator[Subject]:
        for number in range(self.settings.dialogues):
            passages = grounds.following(number, self.settings.passages)
            yield passages[0].title, passages

    def _by_topic(self, grounds: Grounds, known: list[str]) -> Iterator[Subject]:
        for number, topic in enumerate(_cycle(known)):
            yield topic, grounds.about(topic, self.settings.passages, number // len(known))

    def _made(self, subjects: Iterator[Subject]) -> Iterator[Task]:
        rng = default_rng(self.settings.seed)
        for number, (topic, passages) in enumerate(islice(subjects, self.settings.dialogues)):
            scene = Scene(
                kind=self.settings.kind,
                topic=topic,
                rounds=self.settings.rounds,
                roles=(roles := self._cast(number, rng)),
                learner=0 if self.settings.loss == "user" else len(roles) - 1,
                passages=passages,
            )
            spec = scene.model_dump(mode="json", exclude_defaults=True)
            yield Task(
                id=f"{scene.kind}-{number}-{digest([self.settings.seed, spec])[:10]}",
                environment=CHAT,
                instruction=topic,
                spec=spec,
                goal={},
                kind=scene.kind,
                source=str(self.settings.pool or "topics"),
            )

    def _cast(self, number: int, rng: Generator) -> tuple[Role, ...]:
        """Who speaks, in order; the expert, of which each takes its turn, is last."""
        expert = self._experts[number % len(self._experts)]
        if self.settings.kind == "human_ai":
            users = self._roles.users
            return users[(number // len(self._experts) + number) % len(users)], expert
        others = [role for role in self._roles.experts if role is not expert]
        chosen = rng.choice(len(others), self.settings.people - 1, replace=False)
        return *(others[i] for i in chosen), expert


def _cycle(values: list[str]) -> Iterator[str]:
    while True:
        yield from values


def _existing(folder: str) -> Pool:
    if not (Path(folder) / "sources.jsonl").is_file():
        raise ConfigError(
            f"pool: {folder}: no pool; expected a folder with sources.jsonl in it, which `simenv knowledge add` makes"
        )
    return Pool(Path(folder))

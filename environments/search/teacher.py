"""The search world's teacher: makes pages with a question, or questions on the passages of a file, and finds their answers."""

from __future__ import annotations

from typing import Any, NamedTuple, get_args

from numpy.random import Generator
from pydantic import Field

from simenv.errors import ConfigError, WorldError
from simenv.options import Options as Settings
from simenv.source import Expert, TaskGenerator
from simenv.trust import DataPath
from simenv.types import Action, Move, Task
from simenv.world import Engine

from .engine.corpora import checksum, corpus
from .engine.first_look import first_seen
from .engine.searcher import LocalSearcher
from .engine.words import plain
from .tasks.draws import pick
from .tasks.gaps import Gap, gaps_in
from .tasks.links import LinkKind, draw_question
from .tasks.page_builder import build, passages
from .tasks.planner import plan, search_world
from .tasks.questions import Kind, Question, QuestionWriter
from .tasks.slips import slips
from .world import Search

_MAX_DRAWS = 400
"""Most draws of a question in one collection of pages."""
_MAX_GAPS = 20_000
"""Most draws of a sentence in a corpus, most of whose sentences may hold no gap."""
_MAX_LINKS = 2_000
"""Most draws of two sentences of a corpus."""
_EXAMPLE_SIZE = 8
"""Pages of an example."""


class Level(NamedTuple):
    """What a difficulty means. `alike`, `paraphrase` and `indirect` are shares and chances, 0 to 1."""

    pages: int
    length: int
    alike: float
    paraphrase: float
    indirect: float
    kinds: tuple[Kind, ...]


LEVELS = (
    Level(10, 5, 0.0, 0.0, 0.0, ("one-hop", "two-hop")),
    Level(16, 7, 0.2, 0.25, 0.0, ("one-hop", "two-hop", "comparison", "unanswerable")),
    Level(28, 9, 0.4, 0.5, 0.5, ("one-hop", "two-hop", "comparison", "unanswerable")),
    Level(48, 10, 0.5, 0.75, 0.75, ("two-hop", "three-hop", "comparison", "unanswerable")),
    Level(90, 12, 0.6, 1.0, 1.0, ("three-hop", "comparison", "unanswerable")),
)


class Teacher(TaskGenerator):
    """Makes questions of one to three hops, comparisons and unanswerable ones over made-up pages, or gaps in given ones."""

    class Options(Settings):
        """difficulty: 1 has one or two hops in ten short pages; 5 has up to three hops, comparisons of things that are only
        described, and other words than the pages', in ninety long pages, most with a namesake. The other fields override it.
        With a `corpus` the questions are on sentences of its passages, one each unless `kinds` says otherwise, and the
        difficulty counts for nothing."""

        difficulty: int = Field(2, ge=1, le=5)
        """1 has one or two hops in ten short pages, 5 comparisons in other words than the pages' in ninety long ones"""
        kinds: tuple[Kind, ...] | None = Field(None, min_length=1)
        """kinds of questions, in place of the difficulty's"""
        pages: int | None = Field(None, ge=8, le=2000)
        """pages of the corpus, in place of the difficulty's"""
        sentences: int | None = Field(None, ge=4, le=12)
        """sentences of a page, about"""
        corpus: DataPath | None = None
        """a file of passages, one JSON object a line; name it for the world too: world.corpora=[FILE]"""
        gaps: tuple[Gap, ...] = Field(get_args(Gap), min_length=1)
        """what is asked for where the passages of a corpus are given"""

    options: Options

    def make(self, id: str, rng: Generator) -> Task:
        return self._from_corpus(id, rng) if self.options.corpus else self._made_up(id, rng, self._level)

    def example(self, id: str, rng: Generator) -> Task:
        """A question over pages that are few enough to be read."""
        if self.options.corpus:
            return self.make(id, rng)
        return self._made_up(id, rng, self._level._replace(pages=self.options.pages or _EXAMPLE_SIZE, length=5))

    def _made_up(self, id: str, rng: Generator, level: Level) -> Task:
        entities = build(level.pages, level.length, level.alike, rng)
        spec = {"passages": passages(entities)}
        writer = QuestionWriter(entities, level.paraphrase, level.indirect, rng)
        kind = pick(rng, level.kinds)
        searcher = Search.inline.searcher(spec["passages"])
        for _ in range(_MAX_DRAWS):
            question = writer.draw(kind)
            if question and not _shown_at_first(searcher, question):
                return self._task(id, kind, spec, question, Search())
        raise WorldError(f"search: task {id}: no question of kind {kind} in {_MAX_DRAWS} draws; more pages would help")

    def _from_corpus(self, id: str, rng: Generator) -> Task:
        path = self.options.corpus
        assert path is not None
        spec = {"corpus": {"file": path.name, "sha256": checksum(path)}}
        searcher, first = corpus(path), self._corpus_kind(rng)
        world = Search(Search.Options(corpora=(path,)))
        for kind in (first, *(k for k in self._corpus_kinds() if k != first)):
            if question := self._question(searcher, kind, rng):
                return self._task(id, kind, spec, question, world)
        kinds = ", ".join(self._corpus_kinds())
        raise WorldError(
            f"search: task {id}: no sentence of {path} gives a question of these kinds: {kinds}; name others"
        )

    def _corpus_kind(self, rng: Generator) -> Gap | LinkKind:
        hops = pick(rng, self.options.kinds) if self.options.kinds else "one-hop"
        if hops == "three-hop":
            raise ConfigError("search.teacher.kinds: three-hop: made for made-up pages only; of a corpus leave it out")
        return pick(rng, self.options.gaps) if hops == "one-hop" else hops

    def _corpus_kinds(self) -> tuple[Gap | LinkKind, ...]:
        """All kinds that may be asked of a corpus, which stand in for one that it does not give."""
        hops = self.options.kinds or ("one-hop",)
        links = tuple(k for k in hops if k != "one-hop" and k != "three-hop")
        return (*(self.options.gaps if "one-hop" in hops else ()), *links)

    @staticmethod
    def _question(searcher: LocalSearcher, kind: Gap | LinkKind, rng: Generator) -> Question | None:
        """A question of a kind; None if the corpus gives none."""
        if kind in get_args(Gap) and kind not in gaps_in(searcher):
            return None
        for _ in range(_MAX_GAPS if kind in get_args(Gap) else _MAX_LINKS):
            question = draw_question(searcher, kind, rng)
            if question and not _shown_at_first(searcher, question):
                return question
        return None

    @staticmethod
    def _task(id: str, kind: str, spec: dict[str, Any], question: Question, world: Search) -> Task:
        draft = Task(
            id=id,
            environment="search",
            instruction=question.text,
            spec=spec,
            goal=question.goal,
            kind=kind,
            source="procedural",
        )
        world.begin(spec)
        return draft.model_copy(update={"solution": plan(world, draft) or ()})

    @property
    def _level(self) -> Level:
        level, options = LEVELS[self.options.difficulty - 1], self.options
        return level._replace(
            pages=options.pages or level.pages,
            length=options.sentences or level.length,
            kinds=options.kinds or level.kinds,
        )


def _shown_at_first(searcher: LocalSearcher, question: Question) -> bool:
    """Whether a glance at what the question itself finds gives the answer away."""
    glances = {plain(text) for text in first_seen(searcher, question.text).values()}
    return not question.goal.get("read") and not glances.isdisjoint(map(plain, question.goal["answers"]))


class Reader(Expert):
    """Finds the pages of the goal's support one after the other, and answers from what it read there."""

    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...] | None:
        """The moves to success; None if the goal names no pages."""
        return plan(search_world(engine), task)

    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        """A query, page or keyword that leads elsewhere, or a wrong answer."""
        options = slips(search_world(engine), task, move.action)
        action = pick(rng, options) if options else Action(name="search", arguments={"query": "page"})
        return Move(thought="I try this first.", action=action)

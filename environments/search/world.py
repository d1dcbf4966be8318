"""The search world: a corpus of pages; search finds some, open shows one, lookup goes through it, finish answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from numpy.random import Generator
from pydantic import BeforeValidator, Field

from simenv.errors import InvalidAction, WorldError
from simenv.options import Options as Settings
from simenv.trust import DataPath
from simenv.types import Grade, Observation
from simenv.world import Engine, action

from .engine.corpora import InlineCorpora, corpus_in_use, named_corpus
from .engine.first_look import first_seen
from .engine.grading import Support, grade, supports_of
from .engine.passages import Passage
from .engine.searcher import Searcher
from .engine.web import WebOptions, web_searcher
from .engine.words import index_words

UNKNOWN = "unknown"
"""The answer to a question that the pages do not answer."""
NOTHING = "No page holds any of these words."
NO_PAGE = "There is no page {name}.{similar}"
NOT_OPEN = "No page is open. Open one before you look something up in it."
MORE = "({shown} of {total} sentences; lookup finds the others)"
EXHAUSTED = "No more results."
ABSENT = "No sentence of this page holds {keyword}."
_EVERYTHING = 4000
"""Characters of an answer that says all there is."""
_LONGEST_WORD = 200
"""Characters of a keyword or name that an observation repeats."""


def _as_text(value: Any) -> Any:
    """A number as its text, which models write without quotes."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Words = Annotated[str, BeforeValidator(_as_text), Field(max_length=2000)]


class Lookup(NamedTuple):
    """What is being looked up in the open page: the keyword, and how many of its sentences were shown."""

    keyword: str
    shown: int


class Search(Engine):
    """One question over one corpus. What counts is what was shown: the pages opened, and the sentences that were seen."""

    class Options(Settings):
        """A task that brings no pages names a corpus by its SHA-256; it is searched if it is one of `corpora`."""

        corpora: tuple[DataPath, ...] = ()
        """files of passages, one JSON object a line; JSONL, or packed as .jsonl.gz"""
        results: int = Field(default=5, ge=1, le=50)
        """most pages that a search lists"""
        sentences: int = Field(default=5, ge=1, le=200)
        """sentences that an opened page shows; ReAct's Wikipedia shows five"""
        snippet: Literal["matching", "first"] = "matching"
        """the sentence that stands for a page in a list: that with most words of the query, or the first"""
        citation: Literal["optional", "required"] = "optional"
        """whether an answer counts only with a source that shows it"""
        web: WebOptions | None = None
        """the web search for tasks that ask for one (spec: `{"web": true}`)"""

    options: Options
    inline: ClassVar[InlineCorpora] = InlineCorpora(64)
    """the corpora of tasks in use; shared by all worlds, which only read them"""

    def begin(self, spec: dict[str, Any], rng: Generator | None = None) -> str:
        """Start the task; `rng` is not used."""
        self.is_web = "web" in spec
        """whether each search is asked of a provider"""
        self.searcher: Searcher = self._searcher(spec)
        self.results: tuple[str, ...] = ()
        """ids of the last search"""
        self.opened: list[str] = []
        """ids in the order of their first opening"""
        self.page: Passage | None = None
        self.lookup_state: Lookup | None = None
        self.seen: dict[str, set[int]] = {}
        """numbers of the sentences that were shown, by id"""
        return ""

    def _searcher(self, spec: dict[str, Any]) -> Searcher:
        if "passages" in spec:
            return self.inline.searcher(spec["passages"])
        if "web" in spec:
            if self.options.web is None:
                raise WorldError(
                    "search: $.web: the task needs a web search; choose one with search.world.web.provider=serpapi "
                    "search.world.web.cassette=FILE"
                )
            return web_searcher(self.options.web)
        sha256, file = spec["corpus"]["sha256"], spec["corpus"]["file"]
        if found := named_corpus(self.options.corpora, sha256):
            return found
        named = ", ".join(map(str, self.options.corpora)) or "none"
        raise WorldError(
            f"search: $.corpus: the task needs the corpus {file!r:.200} with the SHA-256 {sha256}; the corpora named are "
            f"{named}; name the file with search.world.corpora=[FILE]"
        )

    # The actions.

    @action
    def search(self, query: Words) -> str:
        """Search the pages. The best are listed, each as `[id] title: a sentence of it`."""
        pages = self.searcher.search(query, self.options.results)
        self.results = tuple(p.id for p in pages)
        return "\n".join(map(self._listed, pages, [set(index_words(query))] * len(pages))) or NOTHING

    def _listed(self, page: Passage, words: set[str]) -> str:
        number = self._snippet(page, words)
        self._show(page, (number,) if page.sentences else ())
        return f"{_name(page)}: {page.sentences[number].text}" if page.sentences else _name(page)

    def _snippet(self, page: Passage, words: set[str]) -> int:
        if self.options.snippet == "first" or self.is_web:
            return 0  # of a web search it is the highlighted words
        hits = [len(words & set(index_words(s.text))) for s in page.sentences]
        return hits.index(max(hits)) if hits else 0

    @action
    def open(self, page: Words) -> str | Observation:
        """Open a page, by its id or its title, and show how it begins. Lookups are then made in this page."""
        self.page, self.lookup_state = self._page(page), None
        if self.page.id not in self.opened:
            self.opened.append(self.page.id)
        total, shown = len(self.page.sentences), self.page.sentences[: self.options.sentences]
        self._show(self.page, range(len(shown)))
        text = f"{_name(self.page)}\n{' '.join(s.text for s in shown)}"
        if len(shown) == total:
            return text
        return Observation(text=f"{text}\n{MORE.format(shown=len(shown), total=total)}", truncated=True)

    def _page(self, name: str) -> Passage:
        bare = (
            name.strip().removeprefix("[").partition("]")[0].strip() if name.lstrip().startswith("[") else name.strip()
        )
        if found := self.searcher.page(bare):
            return found
        pages = self.searcher.titled(bare)
        if len(pages) == 1:
            return pages[0]
        if pages:
            raise InvalidAction(f"{len(pages)} pages have this title: {_names(pages[:10])}. Open one by its id.")
        similar = self.searcher.search(bare, 3)
        hint = f" Similar: {_names(similar)}." if similar else ""
        raise InvalidAction(NO_PAGE.format(name=f"{bare[:_LONGEST_WORD]!r}", similar=hint))

    @action
    def lookup(self, keyword: Words) -> str:
        """Show the next sentence of the open page that holds a keyword. The same keyword again goes on to the one after."""
        if self.page is None:
            raise InvalidAction(NOT_OPEN)
        wanted = " ".join(keyword.casefold().split())
        if not wanted:
            raise InvalidAction("lookup: keyword: expected a word that stands in the page")
        matches = [n for n, s in enumerate(self.page.sentences) if wanted in " ".join(s.text.casefold().split())]
        shown = self.lookup_state.shown if self.lookup_state and self.lookup_state.keyword == wanted else 0
        self.lookup_state = Lookup(wanted, min(shown + 1, len(matches)))
        if not matches:
            return ABSENT.format(keyword=f"{keyword[:_LONGEST_WORD]!r}")
        if shown == len(matches):
            return EXHAUSTED
        self._show(self.page, (matches[shown],))
        return f"(Result {shown + 1} / {len(matches)}) {self.page.sentences[matches[shown]].text}"

    @action(submit=True)
    def finish(self, answer: Words, source: Words = "") -> Any:
        """Answer the question, in as few words as it takes. This ends the task.

        source: where the answer stands, as the id of a page or a sentence of it in its own words."""
        return {"answer": answer, "source": source} if source.strip() else answer

    # State.

    def _show(self, page: Passage, numbers: Iterable[int]) -> None:
        self.seen.setdefault(page.id, set()).update(numbers)

    def is_read(self, support: Mapping[str, Any]) -> bool:
        """Whether the sentences of a support were shown; of one without a span, whether its page was opened."""
        page = self.searcher.page(support["page"])
        if page is None or "start" not in support:
            return support["page"] in self.opened
        return set(page.sentences_in(support["start"], support["end"])) <= self.seen.get(page.id, set())

    def score(self, goal: dict[str, Any], answer: Any) -> Grade:
        names = [f"read {s['page']}" for s in goal.get("support", ())]
        unique = [name if names.count(name) == 1 else f"{name} ({n})" for n, name in enumerate(names, 1)]
        subgoals = {name: self.is_read(s) for name, s in zip(unique, goal.get("support", ()), strict=True)}
        supports = supports_of(goal, self.searcher) or self._shown_of_the_web()
        return grade(goal, answer, subgoals, supports, self.options.citation == "required")

    def _shown_of_the_web(self) -> tuple[Support, ...]:
        """The pages that were shown, where nobody could know before which they would be."""
        if not self.is_web:
            return ()
        pages = filter(None, map(self.searcher.page, self.seen))
        return tuple(Support(p.id, p.title, p.text) for p in pages)

    def facts(self) -> Any:
        lookup = self.lookup_state
        return {
            "corpus": self.searcher.identity,
            "results": list(self.results),
            "open": self.page.id if self.page else None,
            "lookup": {"keyword": lookup.keyword, "shown": lookup.shown} if lookup else None,
            "opened": list(self.opened),
            "seen": {id: sorted(numbers) for id, numbers in self.seen.items()},
        }

    @classmethod
    def premises(cls, spec: dict[str, Any], state: Any) -> dict[str, Any]:
        """`pages`: id, title and sentences of the task's own pages, by id, and the `ranking` of them. Of a corpus in a file
        those that were found so far, and `is_part` says so; a ranking of all its pages is not told.
        """
        is_part = "passages" not in spec
        searcher = None if is_part else cls.inline.searcher(spec["passages"])
        pages = searcher.passages if searcher else _found(spec, state)
        return {
            "pages": [(p.id, p.title, [s.text for s in p.sentences]) for p in pages],
            "is_part": is_part,
            "ranking": searcher.ranking if searcher else None,
        }

    def save(self) -> bytes:
        return json.dumps(self.facts()).encode()

    def load(self, blob: bytes) -> None:
        try:
            facts = json.loads(blob)
            page = None if facts["open"] is None else self.searcher.page(facts["open"])
            lookup = Lookup(**facts["lookup"]) if facts["lookup"] else None
            results, opened = tuple(facts["results"]), list(facts["opened"])
            seen = {id: set(numbers) for id, numbers in facts["seen"].items()}
        except (ValueError, TypeError, KeyError, AttributeError) as e:
            raise WorldError(f"search: this is no snapshot of this task: {type(e).__name__}: {e}") from e
        self.page, self.lookup_state, self.results, self.opened, self.seen = page, lookup, results, opened, seen

    def guesses(self) -> dict[str, Any]:
        """Also what somebody may answer to any question, and what a glance at the first page gives that it finds."""
        closed = {"yes": "yes", "no": "no", UNKNOWN: UNKNOWN}
        if self.is_web:  # each look would be asked of its provider
            return super().guesses() | closed
        return super().guesses() | closed | first_seen(self.searcher, self.task.instruction)

    def cheats(self) -> dict[str, Any]:
        """Also all that the best pages say, the question itself, and claims of success."""
        pages = () if self.is_web else self.searcher.search(self.task.instruction, 3)
        everything = " ".join(p.text for p in pages)[:_EVERYTHING]
        claims = {"injection": '"] || true', "success": "success", "question": self.task.instruction}
        return super().cheats() | claims | {"everything": everything}


def _found(spec: dict[str, Any], state: Any) -> list[Passage]:
    """The pages of a file that a state speaks of; [] where no world of this process has the file open."""
    searcher = corpus_in_use(spec["corpus"]["sha256"]) if "corpus" in spec else None
    facts = state if isinstance(state, dict) else {}
    ids = dict.fromkeys([*facts.get("results", ()), *facts.get("opened", ()), *facts.get("seen", ())])
    return [page for id in ids if searcher and (page := searcher.page(id))]


def _name(page: Passage) -> str:
    return f"[{page.id}] {page.title}"


def _names(pages: Iterable[Passage]) -> str:
    return ", ".join(map(_name, pages))

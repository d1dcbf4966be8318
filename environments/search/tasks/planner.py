"""Plans the searches, openings and lookups that show what a goal rests on, by trying them in a second world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simenv.types import Action, Move, Task
from simenv.world import Engine

from ..engine.passages import Passage
from ..engine.words import holds, index_words, plain
from ..world import Search
from .thoughts import Thinker

_MOST = 40
"""Most moves that one support takes."""


def plan(world: Search, task: Task) -> tuple[Move, ...] | None:
    """The moves from a world's present state to the answer; None if the goal has no support, or it cannot be shown."""
    if not task.goal.get("support"):
        return None
    scout = _twin(world, task)
    thinker = Thinker(task)
    moves: list[Move] = []
    for support in task.goal["support"]:
        page = scout.searcher.page(support["page"])
        if page is None:
            return None
        for _ in range(_MOST):
            action = _next(scout, support, page)
            if action is None:
                break
            moves.append(Move(thought=thinker.before(action, page), action=action))
            getattr(scout, action.name)(**action.arguments)
        else:
            return None
        thinker.learned(page, support)
    finish = Action(name="finish", arguments={"answer": task.goal["answers"][0], "source": _source(scout, task.goal)})
    return (*moves, Move(thought=thinker.at_end(), action=finish))


def _twin(world: Search, task: Task) -> Search:
    """Another world in the same state, in which moves can be tried."""
    twin = Search(world.options)
    twin.begin(task.spec)
    twin.load(world.save())
    return twin


def _next(world: Search, support: Mapping[str, Any], page: Passage) -> Action | None:
    """The next action towards a support; None if it has been shown."""
    keyword = support.get("keyword", "")
    is_open = world.page is not None and world.page.id == page.id
    if "start" in support:
        if world.is_read(support):
            return None
    elif page.id in world.opened and (not keyword or not is_open or _was_looked_up(world, keyword)):
        return None
    if is_open:
        return Action(name="lookup", arguments={"keyword": _keyword(world, support, page)})
    if page.id in world.results:
        return Action(name="open", arguments={"page": page.id})
    queries = (support.get("query") or page.title, page.title)
    finding = (q for q in queries if page in world.searcher.search(q, world.options.results))
    if query := next(finding, ""):
        return Action(name="search", arguments={"query": query})
    return Action(name="open", arguments={"page": page.id})


def _was_looked_up(world: Search, keyword: str) -> bool:
    return world.lookup_state is not None and world.lookup_state.keyword == keyword.casefold()


def _keyword(world: Search, support: Mapping[str, Any], page: Passage) -> str:
    """The support's own keyword, or the rarest word of the first of its sentences that was not shown yet."""
    keyword = str(support.get("keyword", ""))
    if "start" not in support:
        return keyword
    seen = world.seen.get(page.id, set())
    sentence = page.sentences[min(set(page.sentences_in(support["start"], support["end"])) - seen)].text
    if keyword and keyword.casefold() in sentence.casefold():
        return keyword
    text = page.text.casefold()
    return min(_words_in(sentence), key=lambda w: (text.count(w), w), default=sentence)


def _words_in(sentence: str) -> Iterator[str]:
    folded = sentence.casefold()
    return (word for word in index_words(sentence) if word in folded)


def _source(world: Search, goal: Mapping[str, Any]) -> str:
    """The page to cite: the last of the support that holds the answer, or simply the last."""
    answer = plain(goal["answers"][0])
    pages = [page for s in goal["support"] if (page := world.searcher.page(s["page"]))]
    spans = zip(goal["support"], pages, strict=True)
    telling = [p.id for s, p in spans if "start" in s and holds(plain(p.text[s["start"] : s["end"]]), answer)]
    return (telling or [pages[-1].id])[-1]


def search_world(engine: Engine) -> Search:
    """The engine as a search world. TypeError if it is another one."""
    if not isinstance(engine, Search):
        raise TypeError(f"search: the expert plans in a Search, not in a {type(engine).__name__}")
    return engine

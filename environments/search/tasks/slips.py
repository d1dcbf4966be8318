"""The wrong moves that an expert may make on purpose: another query, page or keyword, or an answer given too early."""

from __future__ import annotations

from collections.abc import Iterator

from simenv.types import Action, Task

from ..engine.first_look import NUMBER
from ..engine.words import index_words, plain
from ..world import UNKNOWN, Search

_NEAR = 8
"""Pages that a question's own words find, from which slips are made."""


def slips(world: Search, task: Task, right: Action) -> list[Action]:
    """Plausible wrong actions in place of the right one. None answers the question correctly."""
    accepted = {plain(a) for a in task.goal["answers"]}
    drawn = [*_instead(world, task, right), *_early(world)]
    return [a for a in drawn if a != right and not (a.name == "finish" and plain(a.arguments["answer"]) in accepted)]


def _instead(world: Search, task: Task, right: Action) -> Iterator[Action]:
    """The same action with another argument."""
    near = world.searcher.search(task.instruction, _NEAR)
    if right.name == "search":
        words = right.arguments["query"].split()
        queries = [*(p.title for p in near), " ".join(words[1:]), words[-1], task.instruction]
        yield from (Action(name="search", arguments={"query": q}) for q in queries if q)
    if right.name == "open":
        others = [id for id in world.results if id not in right.arguments["page"]] or [p.id for p in near]
        yield from (Action(name="open", arguments={"page": id}) for id in others if id != right.arguments["page"])
    if right.name == "lookup" and world.page:
        words = sorted({w for s in world.page.sentences for w in index_words(s.text) if len(w) > 4})
        yield from (Action(name="lookup", arguments={"keyword": w}) for w in words[:20])
    if right.name == "finish":
        answers = [*(p.title for p in near), UNKNOWN]
        yield from (Action(name="finish", arguments={"answer": a}) for a in answers)


def _early(world: Search) -> Iterator[Action]:
    """An answer with a number that was shown, whatever it counts, or that nothing is known."""
    pages = [page for id in world.seen if (page := world.searcher.page(id))]
    texts = [page.sentences[n].text for page in pages for n in sorted(world.seen[page.id])]
    for number in dict.fromkeys(n for text in texts for n in NUMBER.findall(text)):
        yield Action(name="finish", arguments={"answer": number})
    if world.opened:
        yield Action(name="finish", arguments={"answer": UNKNOWN})

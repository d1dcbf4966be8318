"""Compares a simulated search with the engine's: the same pages in the same order, the same sentences, refusals by their kind.

Nothing depends on chance or time, so every claim can be verified. White space, numbering and punctuation are free.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simenv.chat_detection import chat_phrases
from simenv.compare import MATCH, Comparison, Judgement, Transition, drift
from simenv.types import Observation

from .checking.error_words import fault_of_error, goes_on, is_error
from .checking.observation_forms import bare, bracketed, entries, found_sentence, page_view, says_nothing, words
from .engine.passages import Passage
from .world import EXHAUSTED, NOTHING, Search

_MAX_CHARACTERS = 20_000
"""Most characters of a claim that is read; four times the length of the truth if that is more."""
_PARTS = ("results", "open", "lookup", "opened", "seen")


class SearchComparison(Comparison):
    """Compares lists, pages and sentences by their words."""

    def observation(self, scene: Transition, claim: Observation) -> Judgement:
        text, truth = bare(claim.text), bare(scene.truth.text)
        if words(text) == words(truth) and bool(text) == bool(truth) and bracketed(text) == bracketed(truth):
            return MATCH
        if len(text) > max(_MAX_CHARACTERS, 4 * len(truth)):
            return drift("format", f"{len(text)} characters are no observation of this world")
        if chat_phrases(text, quotable=truth):
            return drift("out_of_character", f"it chats: {text:.80}")
        if scene.truth.invalid:
            return _judge_refusal(text, scene)
        judge = {"search": _judge_list, "open": _judge_page, "lookup": _judge_lookup}.get(scene.action.name)
        return judge(text, truth, scene) if judge else drift("format", "this action shows nothing")

    def state(self, scene: Transition, claim: Any) -> Judgement:
        have, want = _facts(claim), _facts(scene.after)
        if have is None or want is None:
            return drift("format", "the next state is no state of a search")
        if have == want:
            return MATCH
        odd = next(part for part in _PARTS if have[part] != want[part])
        stale = have[odd] == (_facts(scene.before) or {}).get(odd)
        reason = f"{odd}: {have[odd]!s:.80}, truly {want[odd]!s:.80}"
        return drift("forgot_change" if stale else "wrong_result", reason)


def _facts(state: Any) -> dict[str, Any] | None:
    """The parts of a state, what was seen as sets; None if it is none. Empty parts may be left out."""
    if not isinstance(state, Mapping):
        return None
    seen, lists = state.get("seen") or {}, [state.get(p) or [] for p in ("results", "opened")]
    if not isinstance(seen, Mapping) or not all(isinstance(v, list) for v in [*lists, *seen.values()]):
        return None
    try:
        numbers = {id: frozenset(values) for id, values in seen.items()}
    except TypeError:
        return None
    facts = {part: state.get(part) or None for part in _PARTS}
    return facts | {"seen": {id: values for id, values in numbers.items() if values}}


def _pages(scene: Transition) -> dict[str, Passage]:
    """The task's own pages by id; {} where the corpus is a file."""
    if "passages" not in scene.spec:
        return {}
    return {p.id: p for p in Search.inline.searcher(scene.spec["passages"]).passages}


def _judge_refusal(text: str, scene: Transition) -> Judgement:
    is_shown = entries(text) or page_view(text) or found_sentence(text)
    if is_shown or (says_nothing(text) and not is_error(text)):
        return drift("accepted_malformed", f"the action is refused: {scene.truth.text:.200}")
    if not is_error(text):
        return drift("format", f"neither pages nor sentences nor a refusal: {text:.80}")
    fault = fault_of_error(text, scene)
    return drift("wrong_result", f"{fault}; truly {scene.truth.text:.200}") if fault else MATCH


def _judge_list(text: str, truth: str, scene: Transition) -> Judgement:
    have, want = entries(text), entries(truth)
    if truth == NOTHING:
        if says_nothing(text):
            fault = fault_of_error(text, scene)
            return drift("wrong_result", fault) if fault else MATCH
        return _unlike(text, "no page fits", scene, have[0].id if have else "")
    if not have:
        if says_nothing(text) or is_error(text):
            return drift("refused_valid", f"pages fit: {truth:.200}")
        return drift("format", f"no list of pages: {text:.80}")
    pages = _pages(scene)
    if pages and (unknown := [e.id for e in have if e.id not in pages]):
        return drift("invented", f"there is no page [{unknown[0]:.80}]")
    if [e.id for e in have] != [e.id for e in want]:
        return drift("wrong_result", f"truly the pages are {', '.join(e.id for e in want)}, in this order")
    odd = next((h for h, w in zip(have, want, strict=True) if h != w), None)
    return MATCH if odd is None else _judge_words(odd.words, pages.get(odd.id), f"[{odd.id}] is not shown like this")


def _judge_page(text: str, truth: str, scene: Transition) -> Judgement:
    have, want = page_view(text), page_view(truth)
    if want is None or have is None:
        is_refusal = is_error(text) or says_nothing(text)
        return (
            drift("refused_valid", f"the page is there: {truth:.100}")
            if is_refusal
            else drift("format", f"no page: {text:.80}")
        )
    pages = _pages(scene)
    if pages and have.entry.id not in pages:
        return drift("invented", f"there is no page [{have.entry.id:.80}]")
    if have == want:
        return MATCH
    if have.entry == want.entry:
        return drift("wrong_result", f"{want.shown or 'all'} of {want.total or 'its'} sentences are shown")
    return _judge_words(have.entry.words, pages.get(want.entry.id), f"[{want.entry.id}] begins otherwise")


def _judge_lookup(text: str, truth: str, scene: Transition) -> Judgement:
    have, want = found_sentence(text), found_sentence(truth)
    if want is None:
        if not says_nothing(text):
            return _unlike(text, truth, scene)
        fault = fault_of_error(text, scene) or ("" if goes_on(text) == (truth == EXHAUSTED) else f"truly {truth:.200}")
        return drift("wrong_result", fault) if fault else MATCH
    if have is None:
        is_refusal = is_error(text) or says_nothing(text)
        return (
            drift("refused_valid", f"a sentence is there: {truth:.100}")
            if is_refusal
            else drift("format", f"no sentence: {text:.80}")
        )
    if have == want:
        return MATCH
    if have.words == want.words:
        return drift("wrong_result", f"it is result {want.number} of {want.total}")
    page = _pages(scene).get(str(scene.after.get("open")))
    return _judge_words(have.words, page, "it is another sentence")


def _judge_words(have: tuple[str, ...], page: Passage | None, reason: str) -> Judgement:
    """The drift of words that are not the right ones: invented if some stand nowhere in the page."""
    known = set(words(f"{page.title}\n{page.text}")) if page else set(have)
    strange = [w for w in have if w not in known]
    return drift("invented", f"the page does not say {strange[0]:.80}") if strange else drift("wrong_result", reason)


def _unlike(text: str, truth: str, scene: Transition, id: str = "") -> Judgement:
    """The drift of a claim that shows something where there is nothing."""
    pages = _pages(scene)
    if id and pages and id not in pages:
        return drift("invented", f"there is no page [{id:.80}]")
    if found_sentence(text) or entries(text) or page_view(text):
        return drift("wrong_result", f"truly {truth:.200}")
    return drift("refused_valid" if is_error(text) else "format", f"truly {truth:.200}")

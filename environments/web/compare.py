"""Compares a predicted page with the engine's page: elements by number, their values, and the words between."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from simenv.compare import MATCH, Comparison, Judgement, Transition, drift, is_json
from simenv.errors import InvalidAction
from simenv.types import Action, Observation, Stop, canonical

from .checking import states
from .checking.page_reader import Page, PageElement, detect_view, pages_agree, read_page
from .checking.page_renderer import render_page
from .checking.refusals import REFUSAL, judge_refusal
from .checking.text import tokens
from .world import Web

_CHAT = re.compile(
    r"(^|[.!?\n])\W{0,4}(sure\b|certainly|of course|i('m|'ve|'ll|'d| [a-z'’]+)\b|here('s| is| are) (the|your|what|a)\b"
    r"|okay,|thank you for (asking|using)|as an ai|sorry,|unfortunately|note(:| that)|let me\b|let's|great!|hello!"
    r"|the (page|link|button|form|element|item|field|option|action|site|website|browser|cart|order|user|agent)( \w+){0,3} "
    r"(was|were|is|are|has|have|will|now|shows)\b|you (can|have|are|may) (now|been|click))"
    r"|\bsuccessfully (clicked|added|typed|selected|submitted|navigated)|\bfeel free\b|\blet me know\b|\bhope (this|that|it)\b",
    re.I,
)


class PageComparison(Comparison):
    """Elements are equal if number, role, label, value and marks are; words are compared as text, numbers by value.

    Wrappers, white space, the order of attributes and the notation of the address do not count. A page that is cut is
    compared up to the cut.
    """

    def malformed(self, action: Action) -> str:
        spec = Web.actions.get(action.name)
        if spec is None:
            return f"there is no action {action.name!r:.80}; there are {', '.join(Web.actions)}"
        try:
            spec.read(action.arguments)
        except InvalidAction as e:
            return str(e)
        return ""

    def observation(self, transition: Transition, claim: Observation) -> Judgement:
        truth = transition.truth
        if claim.stop is not None and claim.stop is not truth.stop:
            return drift("wrong_result", f"the episode is said to end as {claim.stop}")
        if truth.stop is Stop.submitted:
            return (
                MATCH
                if not claim.text.strip()
                else drift("out_of_character", "an answer that ends the task shows nothing")
            )
        if claim.text == truth.text:
            return MATCH if not claim.invalid or truth.invalid else drift("refused_valid", "it is called invalid")
        view = detect_view(truth.text)
        page = read_page(claim.text, view)
        if truth.invalid and (view != "text" or not read_page(truth.text, view).has_page):
            return _compare_refusal(transition, claim, page)
        return _compare_page(transition, claim, view, page)

    def state(self, transition: Transition, claim: Any) -> Judgement:
        if not isinstance(claim, Mapping) or not claim.keys() & {"site", "url", "fields"}:
            return drift("format", "a state is an object with site, url and fields")
        differences = states.differences(claim, transition.after)
        if not differences:
            return MATCH
        stale_differences = states.differences(claim, transition.before)
        known_text = _known_text(transition)
        place, value, true = differences[0]
        value_text = states.as_text(value)
        unknown = [w for w in re.findall(r"[^\W\d_]{3,}", value_text) if w.lower() not in known_text]
        reason = f"{place}: {value_text:.80} instead of {states.as_text(true):.80}"
        if unknown and value is not None:
            return drift("invented", reason)
        is_old = any(w not in {s for s, *_ in stale_differences} or v is None for w, v, _ in differences)
        return drift("forgot_change" if is_old else "wrong_result", reason)

    def delta(self, before: Any, after: Any) -> int:
        return states.delta(before, after)


def _known_text(transition: Transition) -> str:
    """All text of spec, states, action and page; a word outside it is invented."""
    parts = (
        transition.spec,
        transition.before,
        transition.after,
        transition.action.arguments,
        list(transition.truth.choices),
    )
    return f"{canonical(parts)}\n{transition.truth.text}".lower()


def _chats(text: str) -> bool:
    return bool(_CHAT.search(text[:3000]))


_PERSON = re.compile(r"\b(i|i'm|sorry|please|unfortunately|me|my)\b", re.I)
_QUOTED = re.compile(r'"[^"\n]{0,500}"')


def _speaks(text: str, truth: str) -> bool:
    """Whether somebody speaks in a refusal, apart from what the engine quotes."""
    said = _QUOTED.sub("", text[:20_000])
    persons = {w.lower() for w in _PERSON.findall(said)} - {w.lower() for w in _PERSON.findall(truth)}
    return _chats(said) or bool(persons)


def _shows_page(text: str, page: Page, view: str) -> bool:
    """Whether a text contains a page at all."""
    return page.has_page if view != "choices" else page.has_page or "<" in text


def _compare_refusal(transition: Transition, claim: Observation, page: Page) -> Judgement:
    """Judge a claim about an action that the engine refuses: it must refuse for the same reason and list real elements only."""
    truth, text = transition.truth.text, claim.text
    reason = f"the engine refuses: {truth:.120}"
    if is_json(text):
        return drift("format", "it is JSON")
    if detect_view(truth) == "choices":
        true_page = read_page(truth, "choices")
        refuses = claim.invalid or bool(REFUSAL.search(page.outside))
        if not refuses or true_page.atoms != page.atoms:
            return drift("accepted_malformed", reason)
        return judge_refusal(transition, page.outside, true_page.outside)
    looks_like_page = bool(re.search(r"\A\s*Page:|<html|</\w|\[SEP\]", text[:5000], re.I))
    if looks_like_page or not (claim.invalid or REFUSAL.search(text[:2000])):
        chats = not looks_like_page and _chats(text)
        return drift("out_of_character" if chats else "accepted_malformed", reason)
    if _speaks(text, truth):
        return drift("out_of_character", f"a page does not say {text!r:.100}")
    return judge_refusal(transition, text, truth)


def _compare_page(transition: Transition, claim: Observation, view: str, page: Page) -> Judgement:
    true_page, text = read_page(transition.truth.text, view), claim.text
    right = pages_agree(true_page, page) and (page.has_page or not true_page.has_page)
    if claim.invalid and not transition.truth.invalid:
        return drift("refused_valid", "it is called invalid, and it works")
    if right and (view == "text" or tokens(page.outside) == tokens(true_page.outside)):
        return _judge_behind_cut(transition, view, true_page, page)
    if is_json(text):
        return drift("format", "it is JSON, and no page")
    if not _shows_page(text, page, view):
        return _classify_unpaged(transition, text)
    outside = page.outside if view in ("html", "tree") else _new_lines(transition.truth.text, text)
    if outside and outside != true_page.outside and (_chats(outside) or right):
        if re.match(r"\s*(thought|action|observation|output|result)\s*:", outside, re.I):
            return drift("format", f"no page begins with {outside!r:.60}")
        return drift("out_of_character", f"a page does not say {outside!r:.100}")
    return _classify(transition, view, true_page, page)


def _judge_behind_cut(transition: Transition, view: str, true_page: Page, page: Page) -> Judgement:
    """Judge a claim that agrees with the page as far as the engine shows it; the rest is rendered, from the page's top."""
    if not true_page.cut or len(page.atoms) <= len(true_page.atoms):
        return MATCH
    whole = read_page(render_page(transition.spec, view, transition.after, transition.after), view)
    if whole.atoms[: len(true_page.atoms)] != true_page.atoms:
        return Judgement(label="unverifiable", reason="it tells what stands behind the cut")
    if whole.atoms[: len(page.atoms)] == page.atoms and (page.cut or len(page.atoms) == len(whole.atoms)):
        return MATCH
    return drift("wrong_result", "what it tells behind the cut is not so")


def _new_lines(true: str, claim: str) -> str:
    """Lines (and segments of WebShop's text) of a claim that the true page does not have."""
    true_lines = {" ".join(s.split()) for s in re.split(r"\[SEP\]|\n", true)}
    lines = [" ".join(s.split()) for s in re.split(r"\[SEP\]|\n", claim[:20_000])]
    return "\n".join(s for s in lines if s and s not in true_lines)


def _classify_unpaged(transition: Transition, text: str) -> Judgement:
    """Judge a claim that shows no page although the engine shows one."""
    if transition.truth.invalid and REFUSAL.search(text[:1000]) and not _speaks(text, transition.truth.text):
        return judge_refusal(transition, text, "")
    if _chats(text) and not re.match(r"\s*(error|invalid)", text, re.I):
        return drift("out_of_character", f"a page does not say {text!r:.100}")
    if REFUSAL.search(text[:1000]) and len(text) < 3000:
        return drift("refused_valid", f"it works, and {text!r:.100} is said")
    return drift("format", "it shows no page")


def _classify(transition: Transition, view: str, true_page: Page, page: Page) -> Judgement:
    """The class of a real difference."""
    if _is_stale(transition, view, true_page, page):
        return drift("forgot_change", "it is the page without what the action did")
    missing, extra = Counter(true_page.atoms) - Counter(page.atoms), Counter(page.atoms) - Counter(true_page.atoms)
    words = {w for fact in extra for w in (fact.words + fact.value if isinstance(fact, PageElement) else (fact,))}
    words |= set(page.title or ()) - set(true_page.title or ())
    known_text = _known_text(transition) if words else ""
    unknown = sorted(w for w in words if len(w) > 2 and w[0].isalpha() and w.lower() not in known_text)
    if unknown:
        return drift("invented", f"nothing there is called {unknown[0]!r:.80}")
    if not missing and not extra:
        return drift("wrong_result", "it is in another order, or at another address")
    first = next(iter(extra or missing))
    return drift("wrong_result", f"{'not so' if extra else 'left out'}: {_describe(first)}")


def _describe(atom: str | PageElement) -> str:
    if isinstance(atom, str):
        return f"{atom!r:.80}"
    return f"[{atom.number}] {atom.role} {' '.join((*atom.words, *atom.value, *sorted(atom.flags)))!r:.80}"


def _is_stale(transition: Transition, view: str, true_page: Page, page: Page) -> bool:
    """Whether the claim is the page before the action, or the page after it rendered from the state before."""
    if view == "choices" or not states.delta(transition.before, transition.after):
        return False
    before, after = transition.before, transition.after
    for place, state in ((before, before), (after, before), (before, after)):
        stale_page = read_page(render_page(transition.spec, view, place, state), view)
        if stale_page.has_page and not pages_agree(true_page, stale_page) and _is_prefix(stale_page, page):
            return True
    return False


def _is_prefix(whole: Page, page: Page) -> bool:
    """Whether a claim shows a whole page, or its beginning if the claim is cut."""
    atoms = whole.atoms[: len(page.atoms)] if page.cut else whole.atoms
    return bool(atoms) and atoms == page.atoms

"""What a model says that a page shows, beside the page: the elements by their numbers, their values, and the words between."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from simenv.compare import MATCH, Comparison, Judgement, Transition, drift, is_json
from simenv.errors import InvalidAction
from simenv.types import Action, Observation, Stop, canonical

from .checking import states
from .checking.page_reader import Item, Page, agree, detect_view, read
from .checking.page_renderer import shown
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
_REFUSAL = re.compile(
    r"\b(not found|no such|cannot|can't|could not|unable|does(?: not|n't) exist|there (?:is|are) no|invalid|error|failed"
    r"|not (?:available|valid|possible|allowed)|unknown|takes no|is required|disabled|denied|refused|nothing more|no option"
    r"|no element|leads away|is a list|takes a)\b",
    re.I,
)
_REASONS = {
    "element": r"no element|element\b.*\bnot (?:found|exist)|does(?: not|n't) exist",
    "option": r"no option|option\b.*\bnot",
    "text": r"takes no text|cannot be typed",
    "disabled": r"is disabled",
    "list": r"is a list|is no list",
    "required": r"is required|cannot be sent",
    "away": r"leads away",
    "back": r"go back to|no (?:previous )?page",
    "scroll": r"scroll",
    "bar": r"search bar",
    "action": r"unknown action|no action",
}
_LISTED = re.compile(r'\[(\d{1,7})\] *([\w-]+) *"([^"\n]{0,500})"')


class PageComparison(Comparison):
    """Elements are the same where number, role, label, value and marks are; words where they are, numbers by their value.

    Wrappers, white space, the order of attributes and the address's way of writing do not count. A view that is cut is
    compared as far as it goes.
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
            said = claim.text.strip()
            return MATCH if not said else drift("out_of_character", "an answer that ends the task shows nothing")
        if claim.text == truth.text:
            return MATCH if not claim.invalid or truth.invalid else drift("refused_valid", "it is called invalid")
        view = detect_view(truth.text)
        said = read(claim.text, view)
        if truth.invalid and (view != "text" or not read(truth.text, view).found):
            return _refused(transition, claim, said)
        return _compared(transition, claim, view, said)

    def state(self, transition: Transition, claim: Any) -> Judgement:
        if not isinstance(claim, Mapping) or not claim.keys() & {"site", "url", "fields"}:
            return drift("format", "a state is an object with site, url and fields")
        wrong = states.differences(claim, transition.after)
        if not wrong:
            return MATCH
        stale = states.differences(claim, transition.before)
        known = _known(transition)
        where, value, true = wrong[0]
        said = states.told(value)
        unknown = [w for w in re.findall(r"[^\W\d_]{3,}", said) if w.lower() not in known]
        reason = f"{where}: {said:.80} instead of {states.told(true):.80}"
        if unknown and value is not None:
            return drift("invented", reason)
        forgot = any(w not in {s for s, *_ in stale} or v is None for w, v, _ in wrong)
        return drift("forgot_change" if forgot else "wrong_result", reason)

    def delta(self, before: Any, after: Any) -> int:
        return states.delta(before, after)


def _known(transition: Transition) -> str:
    """All text in which a word may stand that is not invented."""
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


def _paged(text: str, page: Page, view: str) -> bool:
    """Whether a text shows a page at all."""
    return page.found if view != "choices" else page.found or "<" in text


def _refused(transition: Transition, claim: Observation, said: Page) -> Judgement:
    """The engine refuses; the claim has to, for the same reason, and may list nothing that is not there."""
    truth, text = transition.truth.text, claim.text
    why = f"the engine refuses: {truth:.120}"
    if is_json(text):
        return drift("format", "it is JSON")
    if detect_view(truth) == "choices":
        page = read(truth, "choices")
        refuses = claim.invalid or bool(_REFUSAL.search(said.outside))
        return MATCH if refuses and page.atoms == said.atoms else drift("accepted_malformed", why)
    paged = bool(re.search(r"\A\s*Page:|<html|</\w|\[SEP\]", text[:5000], re.I))
    if paged or not (claim.invalid or _REFUSAL.search(text[:2000])):
        chat = not paged and _chats(text)
        return drift("out_of_character" if chat else "accepted_malformed", why)
    wanted, given = _reason(truth), _reason(text)
    if wanted and given and wanted != given:
        return drift("wrong_result", f"{why}, and the reason is said to be another")
    there = {
        (n, role, tokens(label))
        for n, role, label in _LISTED.findall(truth + "\n" + "\n".join(transition.truth.choices))
    }
    for number, role, label in _LISTED.findall(text[:20_000]):
        if there and (number, role.lower(), tokens(label)) not in there:
            return drift("invented", f"there is no [{number}] {role} {label!r:.80}")
    return MATCH


def _reason(text: str) -> str:
    head = text[:300].partition("; there are")[0]
    return next((name for name, pattern in _REASONS.items() if re.search(pattern, head, re.I)), "")


def _compared(transition: Transition, claim: Observation, view: str, said: Page) -> Judgement:
    true, text = read(transition.truth.text, view), claim.text
    right = agree(true, said) and (said.found or not true.found)
    if claim.invalid and not transition.truth.invalid:
        return drift("refused_valid", "it is called invalid, and it works")
    if right and (view == "text" or tokens(said.outside) == tokens(true.outside)):
        return MATCH
    if is_json(text):
        return drift("format", "it is JSON, and no page")
    if not _paged(text, said, view):
        return _unpaged(transition, text)
    own = said.outside if view in ("html", "tree") else _new(transition.truth.text, text)
    if own and own != true.outside and (_chats(own) or right):
        if re.match(r"\s*(thought|action|observation|output|result)\s*:", own, re.I):
            return drift("format", f"no page begins with {own!r:.60}")
        return drift("out_of_character", f"a page does not say {own!r:.100}")
    return _different(transition, view, true, said)


def _new(true: str, said: str) -> str:
    """Lines, and segments of WebShop's text, that are not the truth's."""
    known = {" ".join(s.split()) for s in re.split(r"\[SEP\]|\n", true)}
    mine = [" ".join(s.split()) for s in re.split(r"\[SEP\]|\n", said[:20_000])]
    return "\n".join(s for s in mine if s and s not in known)


def _unpaged(transition: Transition, text: str) -> Judgement:
    """The claim shows no page where there is one."""
    if transition.truth.invalid and _REFUSAL.search(text[:1000]):
        return MATCH
    if _chats(text) and not re.match(r"\s*(error|invalid)", text, re.I):
        return drift("out_of_character", f"a page does not say {text!r:.100}")
    if _REFUSAL.search(text[:1000]) and len(text) < 3000:
        return drift("refused_valid", f"it works, and {text!r:.100} is said")
    return drift("format", "it shows no page")


def _different(transition: Transition, view: str, true: Page, said: Page) -> Judgement:
    """The class of a difference that is one."""
    if _stale(transition, view, true, said):
        return drift("forgot_change", "it is the page without what the action did")
    missing, extra = Counter(true.atoms) - Counter(said.atoms), Counter(said.atoms) - Counter(true.atoms)
    words = {w for fact in extra for w in (fact.words + fact.value if isinstance(fact, Item) else (fact,))}
    words |= set(said.title or ()) - set(true.title or ())
    known = _known(transition) if words else ""
    unknown = sorted(w for w in words if len(w) > 2 and w[0].isalpha() and w.lower() not in known)
    if unknown:
        return drift("invented", f"nothing there is called {unknown[0]!r:.80}")
    if not missing and not extra:
        return drift("wrong_result", "it is in another order, or at another address")
    first = next(iter(extra or missing))
    return drift("wrong_result", f"{'not so' if extra else 'left out'}: {_told(first)}")


def _told(fact: str | Item) -> str:
    if isinstance(fact, str):
        return f"{fact!r:.80}"
    return f"[{fact.number}] {fact.role} {' '.join((*fact.words, *fact.value, *sorted(fact.flags)))!r:.80}"


def _stale(transition: Transition, view: str, true: Page, said: Page) -> bool:
    """Whether the claim is the page before the action, or the one after it in the state before."""
    if view == "choices" or not states.delta(transition.before, transition.after):
        return False
    before, after = transition.before, transition.after
    for place, state in ((before, before), (after, before), (before, after)):
        page = read(shown(transition.spec, view, place, state), view)
        if page.found and not agree(true, page) and _begins(page, said):
            return True
    return False


def _begins(page: Page, said: Page) -> bool:
    """Whether a claim shows a whole page, or its beginning where the claim is cut."""
    atoms = page.atoms[: len(said.atoms)] if said.cut else page.atoms
    return bool(atoms) and atoms == said.atoms

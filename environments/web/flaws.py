"""Variations and errors of a simulated web site, to measure the comparison with. It shares no code with the comparison."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from numpy.random import Generator

from simenv.compare import Flaws, Prediction, Transition
from simenv.types import Flaw, Observation, Stop, canonical

from .checking.mistakes import mistaken_pages, mistaken_refusals
from .checking.page_renderer import render_page
from .checking.variations import PRICE, harmless_changes, shows_page, view_of, wrappings

_COUNT = re.compile(r"(?<=[ (])\d{1,6}(?=[ )])(?! more characters)")
_LINK = re.compile(r"<(a|button) id=(\d+)([^<>]*)> ([^<>]+) </\1>")
_BRANCH = re.compile(r'^\[(\d+)\] (link|button) "([^"\n]+)"$', re.M)
_STRANGE = ("Zanzibar Quilted Lantern", "Quokka Velvet Teapot", "Yttrium Pocket Sextant", "Xylofold Bathtub Caddy")
_SORRY = "I'm sorry, but I can't browse real web sites."
_BEFORE = ("Here is the page you see now:\n", "I've clicked that for you. The page looks like this:\n", "Sure! ")
_AFTER = (
    "\n\nLet me know what you would like to do next!",
    "\nI hope this helps.",
    "\n\nYou can now choose an element.",
)
_DONE = (
    "I have clicked the button for you.",
    "The form was submitted successfully.",
    "Okay, the item is in your cart now!",
    _SORRY,
)
_NO = (
    "there is no element {n} on this page",
    "Error: element {n} not found",
    "the form cannot be sent yet: 'email' is required",
    "[{n}] is disabled",
    "Invalid action: this element does not exist.",
)
_MARK = re.compile(r"\n\[\d+ more characters below: scroll down\]\Z")


class WebFlaws(Flaws):
    """Varies or corrupts the engine's page."""

    def vary(self, transition: Transition, rng: Generator) -> Observation:
        text = transition.truth.text
        for change in (harmless_changes(transition, rng), wrappings(transition)):
            if rng.random() < 0.8:
                text = change[int(rng.integers(len(change)))](text)
        return transition.truth.model_copy(update={"text": text})

    def restate(self, transition: Transition, rng: Generator) -> Any:
        """The state, at random without the site's internal values (note, history, serial)."""
        state = super().restate(transition, rng)
        for key in ("note", "history"):
            if rng.random() < 0.5:
                del state[key]
        if rng.random() < 0.5:
            del state["site"]["serial"]
        return state

    def corrupt(self, error: Flaw, transition: Transition, rng: Generator) -> Prediction | None:
        if transition.truth.stop is Stop.submitted:
            return None
        if error == "forgot_change":
            return _forget_change(transition, rng)
        text = _CORRUPTORS[error](transition, rng)
        return None if text is None or text == transition.truth.text else Prediction(observation=Observation(text=text))


def _reliable_length(transition: Transition) -> int:
    """Characters of the truth in which a change is visible even if the page is cut."""
    text = transition.truth.text
    return int(len(text) * 0.6) if transition.truth.truncated else len(text)


def _swap(text: str, a: re.Match[str], b: re.Match[str], group: int) -> str:
    return text[: a.start(group)] + b[group] + text[a.end(group) : b.start(group)] + a[group] + text[b.end(group) :]


def _choice(rng: Generator, options: list[str]) -> str:
    return options[int(rng.integers(len(options)))]


def _replace(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + new + text[match.end() :]


def _wrong_result(transition: Transition, rng: Generator) -> str | None:
    """A wrong price, count, label, mark or segment, or a missing element; something else in a refusal."""
    text, view = transition.truth.text, view_of(transition.truth.text)
    end = _reliable_length(transition)
    if not shows_page(transition):
        return None if view == "choices" else _choice(rng, mistaken_refusals(transition, rng))
    seen = mistaken_pages(text, end, rng) if view == "html" else []
    if seen and rng.random() < 0.4:
        return _choice(rng, seen)
    start = text.find("\n") + 1 if view in ("html", "tree") else 0
    options: list[str] = []

    def find_all(pattern: re.Pattern[str]) -> list[re.Match[str]]:
        return list(pattern.finditer(text, start, end))

    def pick_match(matches: list[re.Match[str]]) -> re.Match[str]:
        return matches[int(rng.integers(len(matches)))]

    if prices := find_all(PRICE):
        match = pick_match(prices)
        options.append(_replace(text, match, f"${int(match[1].replace(',', '')) + int(rng.integers(1, 9))}.{match[2]}"))
    if counts := find_all(_COUNT):
        match = pick_match(counts)
        options.append(_replace(text, match, str(int(match[0]) + int(rng.integers(1, 5)))))
    if view in ("html", "tree"):
        links = find_all(_LINK if view == "html" else _BRANCH)
        label = 4 if view == "html" else 3
        if len(links) > 1:
            a, b = sorted(rng.choice(len(links), 2, replace=False))
            if links[a][label].split() != links[b][label].split():
                options.append(_swap(text, links[a], links[b], label))
        if links:
            options.append(_replace(text, pick_match(links), ""))
    if view == "html" and (
        selections := find_all(re.compile(r"<option selected> ([^<>]*) </option> <option> ([^<>]*) </option>"))
    ):
        match = pick_match(selections)
        if match[1] != match[2]:
            options.append(
                _replace(text, match, f"<option> {match[1]} </option> <option selected> {match[2]} </option>")
            )
    if checks := find_all(re.compile(r" checked(?= /?>|$)", re.M)):
        options.append(_replace(text, pick_match(checks), ""))
    if values := find_all(re.compile(r"(?<=\bvalue=)[^\W\d]{3,}(?=[ <\n])")):
        match = pick_match(values)
        options.append(_replace(text, match, match[0][:-2]))
    if view == "text":
        parts = text[:end].split(" [SEP] ")
        solid = [n for n, p in enumerate(parts[:-1]) if re.search(r"\w", p)]
        if len(solid) > 1:
            n = solid[int(rng.integers(len(solid)))]
            options.append(" [SEP] ".join(parts[:n] + parts[n + 1 :]) + text[end:])
            a, b = solid[0], solid[-1]
            if parts[a].split() != parts[b].split():
                permutation = list(parts)
                permutation[a], permutation[b] = parts[b], parts[a]
                options.append(" [SEP] ".join(permutation) + text[end:])
    return _choice(rng, options) if options else None


def _accepted_malformed(transition: Transition, rng: Generator) -> str | None:
    """A page although the engine refuses the action."""
    if shows_page(transition):
        return None
    truth = transition.truth.text
    if view_of(truth) == "choices":
        return truth[truth.index("'''") :]
    page = render_page(transition.spec, "html", transition.before, transition.before)
    return page[: int(rng.integers(500, 6000))] if page else "Page: Home (/)\n<html> <p> Welcome </p> </html>"


def _refuse_valid(transition: Transition, rng: Generator) -> str | None:
    """An error although the action works."""
    if not shows_page(transition) or transition.truth.invalid:
        return None
    return _NO[int(rng.integers(len(_NO)))].format(n=int(rng.integers(0, 40)))


def _invent(transition: Transition, rng: Generator) -> str | None:
    """A product or link that the site does not have."""
    text, view, end = transition.truth.text, view_of(transition.truth.text), _reliable_length(transition)
    name = _STRANGE[int(rng.integers(len(_STRANGE)))]
    if not shows_page(transition) or any(w in canonical(transition.spec) + text for w in name.split()):
        return None
    numbers = [int(n) for n in re.findall(r"\bid=(\d+)|^\[(\d+)\]", text, re.M) for n in n if n]
    new = max(numbers, default=0) + 1
    if view == "text":
        parts = text[:end].split(" [SEP] ")
        parts.insert(int(rng.integers(1, len(parts) + 1)), name)
        return " [SEP] ".join(parts) + text[end:]
    patterns = (
        [(_LINK, 4), (re.compile(r"<(p|h1|h2|li|dd)> ([^<>]{4,}) </\1>"), 2)] if view != "tree" else [(_BRANCH, 3)]
    )
    pattern, group = patterns[int(rng.integers(len(patterns)))]
    matches = list(pattern.finditer(text, text.find("\n") + 1, end))
    if not matches:
        return None
    match = matches[int(rng.integers(len(matches)))]
    if rng.random() < 0.5:
        return text[: match.start(group)] + name + text[match.end(group) :]
    addition = f" <a id={new}> {name} </a> <p> $19.00 </p>" if view != "tree" else f'\n[{new}] link "{name}"'
    return text[: match.end()] + addition + text[match.end() :]


def _forget_change(transition: Transition, rng: Generator) -> Prediction | None:
    """The page without the action's effect, or a next state that misses it."""
    before, after, view = transition.before, transition.after, view_of(transition.truth.text)
    sites = before["site"] != after["site"]
    empty = re.compile(r"(?<=[?&])[\w.]+=(?:&|$)")
    moved = empty.sub("", before["url"]).rstrip("?&") != empty.sub("", after["url"]).rstrip("?&")
    if not (sites or moved or before["fields"] != after["fields"]):
        return None
    if shows_page(transition) and view != "choices" and not transition.truth.truncated and rng.random() < 0.6:
        place = after if sites and rng.random() < 0.5 else before
        page = render_page(transition.spec, view, place, before)
        body = page.partition("\n")[2] if view != "text" else page
        true = transition.truth.text.partition("\n")[2] if view != "text" else transition.truth.text
        if len(page) <= 6000 and body and body.split() != true.split():
            return Prediction(observation=Observation(text=page))
    state = json.loads(json.dumps(before))
    if sites and rng.random() < 0.5:
        state = json.loads(json.dumps(after)) | {"site": state["site"]}
        if {k: v for k, v in before["site"].items() if k != "serial"} == {
            k: v for k, v in after["site"].items() if k != "serial"
        }:
            return None
    return Prediction(observation=transition.truth, state=state)


def _misformat(transition: Transition, rng: Generator) -> str | None:
    """JSON, plain words or a list in place of the page."""
    text, view = transition.truth.text, view_of(transition.truth.text)
    if not shows_page(transition):
        return None
    words = " ".join(re.sub(r"<[^<>]*>", " ", text).split())
    options = [
        json.dumps({"observation": text}),
        json.dumps({"page": {"url": transition.after["url"], "text": words[:500]}}),
    ]
    if view == "html":
        options += [words, "\n".join(f"- {w}" for w in words.split()[:40])]
    if view == "tree":
        options.append(", ".join(_BRANCH.sub(r"\3", text).split("\n")[1:]) or "{}")
    return _choice(rng, options)


def _chat(transition: Transition, rng: Generator) -> str | None:
    """An assistant's sentences before, after or in place of the page."""
    if not shows_page(transition) or transition.truth.invalid:
        return None
    text = transition.truth.text
    if rng.random() < 0.4:
        return _DONE[int(rng.integers(len(_DONE)))]
    if rng.random() < 0.5 or _MARK.search(text):
        return _BEFORE[int(rng.integers(len(_BEFORE)))] + text
    return text + _AFTER[int(rng.integers(len(_AFTER)))]


_CORRUPTORS: dict[Flaw, Callable[[Transition, Generator], str | None]] = {
    "wrong_result": _wrong_result,
    "accepted_malformed": _accepted_malformed,
    "refused_valid": _refuse_valid,
    "invented": _invent,
    "format": _misformat,
    "out_of_character": _chat,
}

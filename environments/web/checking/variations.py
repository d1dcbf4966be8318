"""Ways in which a page may vary without being wrong, to measure the comparison with. They share no code with it."""

from __future__ import annotations

import re
from collections.abc import Callable

from numpy.random import Generator

from simenv.compare import Transition

PRICE = re.compile(r"\$(\d[\d,]*)\.(\d\d?)\b")
_SEARCH = r'<input type="search" name="q" aria-label="Search" id="\1"\2 />'

Change = Callable[[str], str]


def view_of(text: str) -> str:
    if text.startswith("'''") or "\n'''\n<html>" in text:
        return "choices"
    if not text.startswith("Page: "):
        return "text"
    return "html" if "<" in text.partition("\n")[2] else "tree"


def shows_page(transition: Transition) -> bool:
    """Whether the engine's observation is a page."""
    text = transition.truth.text
    return not transition.truth.invalid or (view_of(text) == "text" and " [SEP] " in text)


def harmless_changes(transition: Transition, rng: Generator) -> list[Change]:
    """Changes of a page's markup that leave its meaning the same."""
    changes: list[Change] = [lambda t: t + " " * int(rng.integers(1, 4)), lambda t: f"\n{t}"]
    view = view_of(transition.truth.text)
    if not shows_page(transition) or view == "choices":
        return changes
    changes.append(lambda t: PRICE.sub(lambda m: f"${m[1]}" if int(m[2]) == 0 else f"${m[1]}.{m[2].rstrip('0')}", t))
    if view == "html":
        changes += [
            lambda t: re.sub(r" (?=<(?:p|li|a|h1|div|form|label|tr)\b)", lambda m: "\n  " if rng.random() < 0.7 else " ", t),
            lambda t: re.sub(r"(</?)(a|p|li|ul|h1|select|option|button|input)\b", lambda m: m[1] + m[2].upper(), t),
            lambda t: re.sub(r"\bid=(\d+)", r'id="\1"', t),
            lambda t: re.sub(r"<p> ([^<>]*) </p>", r"<div> <span> \1 </span> </div>", t),
            lambda t: re.sub(r"</?(li|ul|nav|p|section)>", "", t),
            lambda t: re.sub(r"<input id=(\d+) ([a-z]+) ([A-Za-z]+) ([a-z]+) />", r"<input \4 \2 \3 id=\1 />", t),
            lambda t: re.sub(r" selected>", ' selected="selected">', t),
            lambda t: re.sub(r" />", "/>", t),
            lambda t: re.sub(r"<input id=(\d+) search Search q([^<>]*) />", _SEARCH, t),
        ]  # fmt: skip
    elif view == "tree":
        changes += [
            lambda t: re.sub(r"^(\[\d+\] \w+)", lambda m: m[1].upper(), t, flags=re.M),
            lambda t: re.sub(r"^(?=\[|text |heading )", "  " if rng.random() < 0.5 else "- ", t, flags=re.M),
            lambda t: re.sub(r"^heading ", "text ", t, flags=re.M),
        ]
    else:
        changes += [lambda t: t.replace(" [SEP] ", "\n[SEP] "), lambda t: t.replace(" [SEP] ", "[SEP]")]
    return changes


def wrappings(transition: Transition) -> list[Change]:
    """Text that may stand around a page without being wrong."""
    changes: list[Change] = [lambda t: f"{t}\n"]
    return [*changes, lambda t: f"```html\n{t}\n```", lambda t: f"```\n{t}\n```"] if shows_page(transition) else changes

"""Makes correct variants and flawed versions of what a search shows, and of its states.

Flaws are made from the task's own pages and checked against the truth; the comparison has no part in them.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from numpy.random import Generator

from simenv.compare import Flaws, Prediction, Transition
from simenv.types import Flaw, Observation

from .engine.passages import Passage
from .tasks.draws import pick
from .world import EXHAUSTED, NOTHING, Search

_CHAT = (
    "Sure! {text}", "{text}\nLet me know if you need anything else.", "Thank you for your question! {text}",
    "As an AI language model, I cannot search the web.", "I think the answer is {title}.", "I found this for you: {text}",
    "I'm sorry, but I can't open {word}.", "{text}\nWould you like to see more?", "Here is the page you asked for:\n{text}",
    "You should try another keyword next.\n{text}", "I will look at {title} next.",
)  # fmt: skip
_FORMLESS = (
    "", " ", '{{"result": "{title}"}}', "Thought: I look further.\nAction: Search[{word}]", "| page |\n|---|\n| {title} |",
    "```python\nprint(1)\n```", "done", "<li>{title}</li>", "SUCCESS", "#", "{title}", "200 OK", "[]",
)  # fmt: skip
_REFUSALS = {
    "search": ("No page holds any of these words.", "No results found.", "Error: the search failed.", "Nothing was found."),
    "open": ("There is no page {word!r}.", "Page not found.", "Error: cannot open the page.", "No such page."),
    "lookup": ("No page is open. Open one before you look something up in it.", "Error: lookup failed.", "No results."),
}  # fmt: skip
_NO_PAGE = (
    "There is no page {word!r}.",
    "Page not found.",
    "No such page.",
    "The page {word!r} does not exist.",
    "Error: unknown page.",
)
_NOT_OPEN = (
    "No page is open.",
    "Error: no page is open.",
    "You need to open a page first. No page is open yet.",
    "Lookup failed: no page is open.",
)
_EMPTY = {
    NOTHING: ("No page found.", "No results found.", "No pages match."),
    EXHAUSTED: ("No more results.", "No further results.", "No more matches."),
}
_ABSENT = (
    "No results.",
    "No matches found.",
    "No sentence holds the keyword.",
    "No sentence of this page has the word.",
)
_FALSE_REASONS = (
    "There is no page {word!r}. Did you mean Wikipedia?", "Error: quota exceeded, try again later.",
    "Error 503: the server is down.",
    "There is no page {word!r}; it was deleted in 2019.", "Invalid: {title} costs 30 dollars.",
    "Error: cannot open; please log in.",
    "There is no page {word!r}. Similar: [p9999] The Whole Truth.",
)  # fmt: skip
_INVENTED = (
    "The keeper of the lighthouse at Zzyzx was never named.", "A giraffe called Bartholomew won the regatta.",
    "Its mascot is a purple walrus.", "Quasars were sold at the kiosk.",
)  # fmt: skip
_COUNTS = re.compile(r"\(Result (\d+) / (\d+)\)")
_ENTRY = re.compile(r"\[([^\[\]\n]+)\] ")


class SearchFlaws(Flaws):
    """Variants and flaws of lists, pages, sentences and refusals, and of the states of a search."""

    def vary(self, transition: Transition, rng: Generator) -> Observation:
        text = _reworded(transition, rng)
        form = pick(rng, ("{}", "{}\n", "  {}", "Observation: {}", "```\n{}\n```"))
        return transition.truth.model_copy(update={"text": form.format(text)})

    def restate(self, transition: Transition, rng: Generator) -> Any:
        """The true state with keys and seen sentences in another order, without the corpus or some empty parts."""
        state = super().restate(transition, rng)
        for numbers in state["seen"].values():
            rng.shuffle(numbers)
        for part in [p for p in ("results", "opened", "lookup", "corpus") if not state[p] or p == "corpus"]:
            if rng.random() < 0.5:
                del state[part]
        return state

    def corrupt(self, error: Flaw, transition: Transition, rng: Generator) -> Prediction | None:
        if transition.truth.stop is not None:
            return None  # An answer that ends the episode shows nothing.
        if error == "forgot_change":
            if transition.before == transition.after:
                return None
            return Prediction(observation=transition.truth, state=copy.deepcopy(transition.before))
        text = _TEXTS[error](transition, rng)
        if text is None or " ".join(text.split()) == " ".join(transition.truth.text.split()):
            return None
        return Prediction(observation=Observation(text=text, source="model"))


def _reworded(scene: Transition, rng: Generator) -> str:
    text, word = scene.truth.text, _word(scene)
    if scene.truth.invalid:
        options = _NO_PAGE if text.startswith("There is no page") else _NOT_OPEN if "is open" in text else ()
        return pick(rng, (text, *options)).format(word=word) if options and rng.random() < 0.7 else text
    if text in _EMPTY:
        return pick(rng, (text, *_EMPTY[text]))
    if text.startswith("No sentence of this page"):
        return pick(rng, (text, *_ABSENT))
    if scene.action.name == "search":
        lines = text.split("\n")
        marks = pick(rng, ([""] * len(lines), ["- "] * len(lines), [f"{n}. " for n in range(1, len(lines) + 1)]))
        joint = pick(rng, ("\n", "\n\n"))
        return joint.join(mark + line for mark, line in zip(marks, lines, strict=True))
    if scene.action.name == "lookup":
        return _COUNTS.sub(
            pick(rng, (r"(Result \1 / \2)", r"(Result \1/\2)", r"Result \1 of \2:", r"(\1 / \2)")), text, count=1
        )
    return text.replace("\n", pick(rng, ("\n", "\n\n", "  \n")))


def _wrong(scene: Transition, rng: Generator) -> str | None:
    """Other pages, another order, other sentences of the right page, wrong counts, or a refusal with a false reason."""
    text, pages = scene.truth.text, _pages(scene)
    if scene.truth.invalid:
        return pick(rng, _FALSE_REASONS).format(word=_word(scene), title=pick(rng, pages).title)
    if scene.action.name == "search":
        return _wrong_list(text, pages, rng)
    if scene.action.name == "open":
        return _wrong_page(text, scene, rng)
    here = next(p for p in pages if p.id == scene.after["open"])
    others = [s.text for s in here.sentences if s.text not in text]
    if match := _COUNTS.match(text):
        if rng.random() < 0.4 or not others:
            number, total = int(match[1]), int(match[2])
            return text.replace(
                match[0], f"(Result {number + int(rng.integers(0, 3))} / {total + int(rng.integers(1, 4))})", 1
            )
        return f"{match[0]} {pick(rng, others)}"
    if text == EXHAUSTED and rng.random() < 0.3:
        return f"No sentence of this page holds {_word(scene)!r}."
    return f"(Result {int(rng.integers(1, 3))} / 2) {pick(rng, others or [here.title])}"


def _wrong_list(text: str, pages: list[Passage], rng: Generator) -> str | None:
    lines = text.split("\n") if text != NOTHING else []
    listed = {m[1] for line in lines if (m := _ENTRY.match(line))}
    others = [p for p in pages if p.id not in listed and p.sentences]
    way = int(rng.integers(4))
    if way == 0 and len(lines) > 1:
        at = int(rng.integers(len(lines) - 1))
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    elif way == 1 and len(lines) > 1:
        lines.pop(int(rng.integers(len(lines))))
    elif way == 2 and lines:
        at = int(rng.integers(len(lines)))
        page = next(p for p in pages if lines[at].startswith(f"[{p.id}] "))
        spare = [s.text for s in page.sentences if not lines[at].endswith(s.text)]
        lines[at] = f"[{page.id}] {page.title}: {pick(rng, spare)}" if spare else lines[at]
    elif others:
        page = pick(rng, others)
        lines.insert(int(rng.integers(len(lines) + 1)), f"[{page.id}] {page.title}: {page.sentences[0].text}")
    return "\n".join(lines) or None


def _wrong_page(text: str, scene: Transition, rng: Generator) -> str | None:
    here = next(p for p in _pages(scene) if p.id == scene.after["open"])
    shown = [s.text for s in here.sentences if s.text in text]
    if len(shown) < 2:
        return None
    way = int(rng.integers(3))
    if way == 0:
        return text.replace(f" {shown[int(rng.integers(1, len(shown)))]}", "", 1)
    if way == 1 and len(shown) < len(here.sentences):
        return text.replace(
            f"({len(shown)} of {len(here.sentences)} sent",
            f"({len(shown)} of {len(here.sentences) + int(rng.integers(1, 5))} sent",
        )
    head, _, tail = text.partition("\n")
    return f"{head}\n{tail.replace(shown[0], shown[-1], 1)}"


def _accepted_malformed(scene: Transition, rng: Generator) -> str | None:
    """A page or sentence for an action that is refused."""
    if not scene.truth.invalid:
        return None
    page = pick(rng, [p for p in _pages(scene) if p.sentences])
    sentence = pick(rng, page.sentences).text
    if scene.action.name == "lookup":
        return f"(Result 1 / 1) {sentence}"
    return (
        f"[{page.id}] {page.title}: {sentence}"
        if scene.action.name == "search"
        else f"[{page.id}] {page.title}\n{sentence}"
    )


def _refused_valid(scene: Transition, rng: Generator) -> str | None:
    """A refusal, or that nothing was found, for an action that shows something."""
    if scene.truth.invalid or not ("[" in scene.truth.text or _COUNTS.match(scene.truth.text)):
        return None
    return pick(rng, _REFUSALS[scene.action.name]).format(word=_word(scene))


def _invented(scene: Transition, rng: Generator) -> str | None:
    """A page that there is not, or a sentence that the page does not hold."""
    text, fake = scene.truth.text, pick(rng, _INVENTED)
    if scene.truth.invalid:
        return None
    if scene.action.name == "search":
        lines = [] if text == NOTHING else text.split("\n")
        if lines and rng.random() < 0.5:
            at = int(rng.integers(len(lines)))
            lines[at] = f"{lines[at].partition(': ')[0]}: {fake}"
        else:
            lines.insert(
                int(rng.integers(len(lines) + 1)), f"[p{int(rng.integers(5000, 9999))}] Lighthouse Keeper: {fake}"
            )
        return "\n".join(lines)
    if scene.action.name == "lookup":
        match = _COUNTS.match(text)
        return f"{match[0]} {fake}" if match else None
    head, _, tail = text.partition("\n")
    return f"{head}\n{fake} {tail}"


def _chat(scene: Transition, rng: Generator) -> str:
    return pick(rng, _CHAT).format(text=scene.truth.text, word=_word(scene), title=pick(rng, _pages(scene)).title)


def _formless(scene: Transition, rng: Generator) -> str:
    return pick(rng, _FORMLESS).format(word=_word(scene), title=pick(rng, _pages(scene)).title)


def _word(scene: Transition) -> str:
    return str(next(iter(scene.action.arguments.values()), ""))[:80].replace("\n", " ")


def _pages(scene: Transition) -> list[Passage]:
    return list(Search.inline.searcher(scene.spec["passages"]).passages)


_TEXTS = {
    "wrong_result": _wrong, "accepted_malformed": _accepted_malformed, "refused_valid": _refused_valid,
    "invented": _invented, "format": _formless, "out_of_character": _chat,
}  # fmt: skip

"""Makes correct variants and flawed versions of a house's observations and states.

Flaws are made from the true house and checked against it; the comparison has no part in them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from numpy.random import Generator

from simenv.compare import Flaws, Prediction, Transition
from simenv.types import Flaw, Observation

from .checking.refusal_flaws import refusal_with_false_reason
from .checking.state_flaws import forgotten_change
from .engine.commands import NOTHING
from .engine.layout import kind_of
from .engine.object_types import KNOWN
from .tasks.house_builder import pick

_LIST = re.compile(r"(you see )(nothing|a .+?)(\.(?= |$))")
_ACTION_SENTENCE = re.compile(r"You (?:open|close|pick up|put|heat|cool|clean|sliced|turn on) ")
_WORDS = (
    ("You pick up the", "You take the"), ("You pick up the", "You picked up the"), (" in/on the ", " on the "),
    (" in/on the ", " in the "), (" using the ", " with the "), ("You turn on the", "You switch on the"),
    ("You put the", "You place the"), ("You move the", "You place the"),
    ("You are carrying: a ", "You are holding a "), ("In it, you see", "Inside it you see"),
    ("You are not carrying anything", "You aren't carrying anything"), (", you see", " you see"), ("you see", "there is"),
    ("You turn on the", "You turned on the"), ("There's nothing", "There is nothing"),
)  # fmt: skip
_CHAT = (
    "Sure! {text}", "{text} Is there anything else you would like me to do?", "Great job! {text}", "Thank you! {text}",
    "I'm sorry, but I can't do that. As an AI language model I have no body.", "{text} Let me know if you need more help!",
    "Of course! I have put everything in its place for you.", "I think you should look somewhere else. {text}",
    "{text} You might want to try another receptacle.", "I'll do that for you. {text}", "Good luck with your task!",
)  # fmt: skip
_FORMLESS = (
    '{{"observation": "{text}", "reward": 0}}', "Thought: the agent acts.\nAction: {command}", "", "   ", "```json\n[]\n```",
    "reward=0.0 done=False", "> {command}", "<observation/>", "[('{command}',)]", "OK", "ACTION: {command}",
    "It is a sunny kitchen with a lovely smell of bread.", "| receptacle | objects |\n|---|---|\n| desk | mug |",
)  # fmt: skip
_REFUSALS = (
    NOTHING, NOTHING, NOTHING, "You can't do that.", "There is no such thing here.", "Nothing happened.",
    "You cannot see that here.", "Invalid action.",
)  # fmt: skip
_UNREAL = ("unicorn", "spaceship", "dragon", "chainsaw", "harpsichord", "telescope", "gearbox", "parrot")


class HouseFlaws(Flaws):
    """Variants and flaws of ALFWorld's sentences and of house states."""

    def vary(self, scene: Transition, rng: Generator) -> Observation:
        text = scene.truth.text
        if scene.truth.invalid:
            return scene.truth.model_copy(update={"text": text + " "})
        for _ in range(int(rng.integers(1, 4))):
            text = _variant(text, rng)
        return scene.truth.model_copy(update={"text": text})

    def restate(self, scene: Transition, rng: Generator) -> Any:
        """The true state with keys and contents in another order, without some empty or false fields."""
        state = super().restate(scene, rng)
        for receptacle in state["receptacles"].values():
            rng.shuffle(receptacle["contains"])
            if not receptacle["contains"] and rng.random() < 0.3:
                del receptacle["contains"]
            if receptacle.get("open") is False and rng.random() < 0.2:
                del receptacle["open"]
        if rng.random() < 0.3:
            state["objects"] = {name: marks for name, marks in state["objects"].items() if marks}
        if rng.random() < 0.3:
            del state["past"]
        return state

    def corrupt(self, error: Flaw, scene: Transition, rng: Generator) -> Prediction | None:
        if error == "forgot_change":
            return forgotten_change(scene, rng)
        text = _TEXTS[error](scene, rng)
        if text is None or text == scene.truth.text:
            return None
        return Prediction(observation=Observation(text=text, source="model"))


def _variant(text: str, rng: Generator) -> str:
    form = int(rng.integers(10))
    if form == 0:
        return text.rstrip(".") if not text.endswith("help.") else text
    if form == 1:
        return f"\n{text}  \n" if rng.random() < 0.5 else text.replace(" ", "  ", 2)
    if form == 2:
        return text.lower() if rng.random() < 0.5 else text.replace("you see", "You see")
    if form == 3:
        return f"Observation: {text}" if "bservation: " not in text else text
    if form == 4 and text.startswith("You open"):
        return re.sub(r"The [a-z-]+ \d+ is open\. ", "", text)
    if form == 5 and text.startswith(("On the", "The ")):
        return f"You arrive at loc {int(rng.integers(1, 30))}. {text}"
    if form <= 7:
        old, new = pick(rng, _WORDS)
        return text.replace(old, new)
    return _LIST.sub(lambda m: m[1] + _reordered_list(m[2], rng) + m[3], text)


def _reordered_list(text: str, rng: Generator) -> str:
    names = _items(text)
    if not names:
        return text
    names = [names[i] for i in rng.permutation(len(names))]
    article = pick(rng, ("a ", "an ", "the ", "", "one "))
    joint = pick(rng, (", ", " and ", ", and "))
    return (
        joint.join([", ".join(article + n for n in names[:-1]), article + names[-1]])
        if len(names) > 1
        else article + names[0]
    )


def _items(text: str) -> list[str]:
    return [] if text == "nothing" else [item.removeprefix("a ") for item in text.replace(", and ", ", ").split(", ")]


def _listing(names: Sequence[str]) -> str:
    return (
        ", and ".join(filter(None, [", ".join(f"a {n}" for n in names[:-1]), f"a {names[-1]}"])) if names else "nothing"
    )


def _wrong(scene: Transition, rng: Generator) -> str | None:
    """The sentence with a wrong list, name, door or quality."""
    text = scene.truth.text
    if text == NOTHING and not scene.truth.invalid:
        return refusal_with_false_reason(scene, rng)
    if scene.truth.invalid or text.startswith("Commands"):
        return None
    if (match := _LIST.search(text)) and (rng.random() < 0.75 or not _ACTION_SENTENCE.match(text)):
        return text[: match.start(2)] + _listing(_wrong_list(_items(match[2]), scene, rng)) + text[match.end(2) :]
    if text.endswith(" is closed."):
        name = text[4 : -len(" is closed.")]
        inside = pick(rng, (scene.after["receptacles"][name]["contains"], _objects_elsewhere([], scene, rng)[:2]))
        return f"The {name} is open. In it, you see {_listing(inside)}."
    swaps = (
        ("hot", "cold"),
        ("cold", "hot"),
        ("cool", "hot"),
        ("clean", "sliced"),
        (" on.", " off."),
        (" off.", " on."),
    )
    if text.startswith("This "):
        return next((text.replace(a, b, 1) for a, b in swaps if a in text), None)
    return _wrong_name(text, scene, rng)


def _wrong_name(text: str, scene: Transition, rng: Generator) -> str | None:
    """The sentence with one of its names exchanged for another of the house."""
    names = [
        n
        for n in dict.fromkeys(re.findall(r"[a-z]+ \d+", text))
        if n in scene.after["receptacles"] or n in scene.after["objects"]
    ]
    if not names:
        return None
    old = pick(rng, names)
    pool = scene.after["receptacles"] if old in scene.after["receptacles"] else scene.after["objects"]
    candidates = [n for n in pool if n not in names]
    if text.startswith("You are facing") or not candidates:
        return None
    return re.sub(rf"\b{re.escape(old)}\b", pick(rng, candidates), text)


def _wrong_list(names: list[str], scene: Transition, rng: Generator) -> list[str]:
    """A list of another set of names: one missing, one from elsewhere, or one exchanged."""
    elsewhere = _stale_objects(names, scene) or _objects_elsewhere(names, scene, rng)
    error = int(rng.integers(3))
    if names and (error == 0 or not elsewhere):
        drop = int(rng.integers(len(names)))
        return names[:drop] + names[drop + 1 :]
    if names and error == 1:
        at = int(rng.integers(len(names)))
        return [*names[:at], elsewhere[0], *names[at + 1 :]]
    return [*names, *elsewhere[: int(rng.integers(1, 3))]]


def _stale_objects(names: Sequence[str], scene: Transition) -> list[str]:
    """Objects that were taken away, and that a stale list still has."""
    return [name for name in dict.fromkeys(n for n, _ in scene.after["past"]["taken"]) if name not in names]


def _objects_elsewhere(names: Sequence[str], scene: Transition, rng: Generator) -> list[str]:
    rest = [n for n in scene.after["objects"] if n not in names]
    return [rest[i] for i in rng.permutation(len(rest))]


def _accepted_malformed(scene: Transition, rng: Generator) -> str | None:
    """The sentence of a successful action, although nothing happened."""
    if scene.truth.text != NOTHING and not scene.truth.invalid:
        return None
    command = str(scene.action.arguments.get("action", "")).strip().lower()
    if (sentence := _success_sentence(command)) and rng.random() < 0.7:
        return sentence
    stand = pick(rng, list(scene.after["receptacles"]))
    things = scene.after["receptacles"][stand]["contains"]
    forms = [
        f"You open the {stand}. The {stand} is open. In it, you see {_listing(things)}.",
        f"You close the {stand}.",
    ]
    if things:
        forms += [f"You pick up the {things[0]} from the {stand}.", f"On the {stand}, you see {_listing(things)}."]
    return pick(rng, forms)


def _success_sentence(command: str) -> str | None:
    """The answer to a command if it had worked; None for a command that is not read."""
    for pattern, form in (
        (r"take (\w+ \d+) from (\w+ \d+)", "You pick up the {} from the {}."),
        (r"put (\w+ \d+) in/on (\w+ \d+)", "You put the {} in/on the {}."),
        (r"move (\w+ \d+) to (\w+ \d+)", "You move the {} to the {}."),
        (r"(heat|cool|clean) (\w+ \d+) with (\w+ \d+)", "You {} the {} using the {}."),
        (r"go to (\w+ \d+)", "On the {}, you see nothing."),
        (r"open (\w+ \d+)", "You open the {0}. The {0} is open. In it, you see nothing."),
        (r"close (\w+ \d+)", "You close the {}."),
        (r"use (\w+ \d+)", "You turn on the {}."),
    ):
        if match := re.fullmatch(pattern, command):
            return form.format(*match.groups())
    return None


def _refused_valid(scene: Transition, rng: Generator) -> str | None:
    return None if scene.truth.invalid or scene.truth.text == NOTHING else pick(rng, _REFUSALS)


def _invented_name(scene: Transition, rng: Generator) -> str | None:
    """The sentence with a name that the house lacks: of an unreal kind, or one more of an existing kind."""
    text = scene.truth.text
    match = _LIST.search(text)
    if not match:
        if not (_ACTION_SENTENCE.match(text) or text.startswith(("You are carrying", "This "))):
            return None
        names = re.findall(r"[a-z]+ \d+", text)
        return text.replace(pick(rng, names), _unknown_name(scene, rng)) if names else None
    names = _items(match[2])
    at = int(rng.integers(len(names) + 1))
    return (
        text[: match.start(2)] + _listing([*names[:at], _unknown_name(scene, rng), *names[at:]]) + text[match.end(2) :]
    )


def _unknown_name(scene: Transition, rng: Generator) -> str:
    """A name that is neither in the house nor in the action."""
    names = {*scene.after["receptacles"], *scene.after["objects"]}
    names |= {n for o in scene.after["objects"].values() for n in o.get("contains", ())}
    arguments = str(scene.action.arguments)
    while True:
        kind = pick(rng, _UNREAL) if rng.random() < 0.4 else kind_of(pick(rng, [*sorted(names), *sorted(KNOWN)]))
        name = f"{kind} {int(rng.integers(1, 12))}"
        if name not in names and name not in arguments:
            return name


def _chat(scene: Transition, rng: Generator) -> str:
    return pick(rng, _CHAT).format(text=scene.truth.text)


def _formless(scene: Transition, rng: Generator) -> str:
    command = str(scene.action.arguments.get("action", ""))[:80].replace("\n", " ")
    return pick(rng, _FORMLESS).format(text=scene.truth.text, command=command or "look")


_TEXTS = {
    "wrong_result": _wrong, "accepted_malformed": _accepted_malformed, "refused_valid": _refused_valid,
    "invented": _invented_name, "format": _formless, "out_of_character": _chat,
}  # fmt: skip

"""How a simulated house may speak differently without being wrong, and how it is wrong. Errors are made from the true house
and checked against it, not against the comparison."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from numpy.random import Generator

from simenv.compare import Flaws, Prediction, Transition
from simenv.types import Flaw, Observation

from .engine.commands import NOTHING
from .engine.layout import kind_of
from .engine.object_types import KNOWN
from .tasks.house_builder import pick

_LIST = re.compile(r"(you see )(nothing|a .+?)(\.(?= |$))")
_DEED = re.compile(r"You (?:open|close|pick up|put|heat|cool|clean|sliced|turn on) ")
_WORDS = (
    ("You pick up the", "You take the"), ("You pick up the", "You picked up the"), (" in/on the ", " on the "),
    (" in/on the ", " in the "), (" using the ", " with the "), ("You turn on the", "You switch on the"),
    ("You put the", "You place the"), ("You are carrying: a ", "You are holding a "), ("In it, you see", "Inside it you see"),
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


class Wrong(Flaws):
    """A storyteller instead of a house."""

    def vary(self, scene: Transition, rng: Generator) -> Observation:
        text = scene.truth.text
        if scene.truth.invalid:
            return scene.truth.model_copy(update={"text": text + " "})
        for _ in range(int(rng.integers(1, 4))):
            text = _varied(text, rng)
        return scene.truth.model_copy(update={"text": text})

    def restate(self, scene: Transition, rng: Generator) -> Any:
        """Keys and contents in another order, without what is empty or false."""
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
            return _forgotten(scene, rng)
        text = _TEXTS[error](scene, rng)
        if text is None or text == scene.truth.text:
            return None
        return Prediction(observation=Observation(text=text, source="model"))


def _varied(text: str, rng: Generator) -> str:
    way = int(rng.integers(10))
    if way == 0:
        return text.rstrip(".") if not text.endswith("help.") else text
    if way == 1:
        return f"\n{text}  \n" if rng.random() < 0.5 else text.replace(" ", "  ", 2)
    if way == 2:
        return text.lower() if rng.random() < 0.5 else text.replace("you see", "You see")
    if way == 3:
        return f"Observation: {text}" if "bservation: " not in text else text
    if way == 4 and text.startswith("You open"):
        return re.sub(r"The [a-z-]+ \d+ is open\. ", "", text)
    if way == 5 and text.startswith(("On the", "The ")):
        return f"You arrive at loc {int(rng.integers(1, 30))}. {text}"
    if way <= 7:
        old, new = pick(rng, _WORDS)
        return text.replace(old, new)
    return _LIST.sub(lambda m: m[1] + _relisted(m[2], rng) + m[3], text)


def _relisted(text: str, rng: Generator) -> str:
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
    """Another list, another thing, a door the other way, another quality."""
    text = scene.truth.text
    if scene.truth.invalid or text == NOTHING or text.startswith("Commands"):
        return None
    if (match := _LIST.search(text)) and (rng.random() < 0.75 or not _DEED.match(text)):
        return text[: match.start(2)] + _listing(_changed(_items(match[2]), scene, rng)) + text[match.end(2) :]
    if text.endswith(" is closed."):
        name = text[4 : -len(" is closed.")]
        inside = pick(rng, (scene.after["receptacles"][name]["contains"], _others([], scene, rng)[:2]))
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
    return _renamed(text, scene, rng)


def _renamed(text: str, scene: Transition, rng: Generator) -> str | None:
    """One of the names in a sentence taken for another of the house."""
    names = [
        n
        for n in dict.fromkeys(re.findall(r"[a-z]+ \d+", text))
        if n in scene.after["receptacles"] or n in scene.after["objects"]
    ]
    if not names:
        return None
    old = pick(rng, names)
    pool = scene.after["receptacles"] if old in scene.after["receptacles"] else scene.after["objects"]
    others = [n for n in pool if n not in names]
    if text.startswith("You are facing") or not others:
        return None
    return re.sub(rf"\b{re.escape(old)}\b", pick(rng, others), text)


def _changed(names: list[str], scene: Transition, rng: Generator) -> list[str]:
    """A list that is not the same set: something lost, something from elsewhere, or something taken for another."""
    others = _others(names, scene, rng)
    way = int(rng.integers(3))
    if names and (way == 0 or not others):
        drop = int(rng.integers(len(names)))
        return names[:drop] + names[drop + 1 :]
    if names and way == 1:
        at = int(rng.integers(len(names)))
        return [*names[:at], others[0], *names[at + 1 :]]
    return [*names, *others[: int(rng.integers(1, 3))]]


def _others(names: Sequence[str], scene: Transition, rng: Generator) -> list[str]:
    rest = [n for n in scene.after["objects"] if n not in names]
    return [rest[i] for i in rng.permutation(len(rest))]


def _accepted(scene: Transition, rng: Generator) -> str | None:
    """A deed that is told although nothing happened."""
    if scene.truth.text != NOTHING and not scene.truth.invalid:
        return None
    command = str(scene.action.arguments.get("action", "")).strip().lower()
    if (made := _as_told(command)) and rng.random() < 0.7:
        return made
    stand = pick(rng, list(scene.after["receptacles"]))
    things = scene.after["receptacles"][stand]["contains"]
    forms = [
        f"You open the {stand}. The {stand} is open. In it, you see {_listing(things)}.",
        f"You close the {stand}.",
    ]
    if things:
        forms += [f"You pick up the {things[0]} from the {stand}.", f"On the {stand}, you see {_listing(things)}."]
    return pick(rng, forms)


def _as_told(command: str) -> str | None:
    """The sentence that a command would have got, had it worked."""
    for pattern, form in (
        (r"take (\w+ \d+) from (\w+ \d+)", "You pick up the {} from the {}."),
        (r"put (\w+ \d+) in/on (\w+ \d+)", "You put the {} in/on the {}."),
        (r"(heat|cool|clean) (\w+ \d+) with (\w+ \d+)", "You {} the {} using the {}."),
        (r"go to (\w+ \d+)", "On the {}, you see nothing."),
        (r"open (\w+ \d+)", "You open the {0}. The {0} is open. In it, you see nothing."),
        (r"close (\w+ \d+)", "You close the {}."),
        (r"use (\w+ \d+)", "You turn on the {}."),
    ):
        if match := re.fullmatch(pattern, command):
            return form.format(*match.groups())
    return None


def _refused(scene: Transition, rng: Generator) -> str | None:
    return None if scene.truth.invalid or scene.truth.text == NOTHING else pick(rng, _REFUSALS)


def _invented(scene: Transition, rng: Generator) -> str | None:
    """Something that the house does not have: unreal, or one more of a kind that it has."""
    text = scene.truth.text
    match = _LIST.search(text)
    if not match:
        if not (_DEED.match(text) or text.startswith(("You are carrying", "This "))):
            return None
        names = re.findall(r"[a-z]+ \d+", text)
        return text.replace(pick(rng, names), _unknown(scene, rng)) if names else None
    names = _items(match[2])
    at = int(rng.integers(len(names) + 1))
    return text[: match.start(2)] + _listing([*names[:at], _unknown(scene, rng), *names[at:]]) + text[match.end(2) :]


def _unknown(scene: Transition, rng: Generator) -> str:
    """A name that stands nowhere in the house, and that the action did not bring up."""
    known = {*scene.after["receptacles"], *scene.after["objects"]}
    known |= {n for o in scene.after["objects"].values() for n in o.get("contains", ())}
    said = str(scene.action.arguments)
    while True:
        kind = pick(rng, _UNREAL) if rng.random() < 0.4 else kind_of(pick(rng, [*known, *sorted(KNOWN)]))
        name = f"{kind} {int(rng.integers(1, 12))}"
        if name not in known and name not in said:
            return name


def _chat(scene: Transition, rng: Generator) -> str:
    return pick(rng, _CHAT).format(text=scene.truth.text)


def _formless(scene: Transition, rng: Generator) -> str:
    command = str(scene.action.arguments.get("action", ""))[:80].replace("\n", " ")
    return pick(rng, _FORMLESS).format(text=scene.truth.text, command=command or "look")


def _forgotten(scene: Transition, rng: Generator) -> Prediction | None:
    """The house as it was, or changed in part only; '' where the action changed nothing that a house holds."""
    before, after = (_core(state) for state in (scene.before, scene.after))
    parts = [part for part in before if before[part] != after[part]]
    if not parts:
        return None
    state = copy.deepcopy(scene.before)
    if len(parts) > 1 and rng.random() < 0.5:
        kept = pick(rng, parts)
        state[kept] = copy.deepcopy(scene.after[kept])
    return Prediction(observation=scene.truth, state=state)


def _core(state: Mapping[str, Any]) -> dict[str, Any]:
    return {part: state[part] for part in ("receptacles", "objects", "agent")}


_TEXTS = {
    "wrong_result": _wrong, "accepted_malformed": _accepted, "refused_valid": _refused, "invented": _invented,
    "format": _formless, "out_of_character": _chat,
}  # fmt: skip

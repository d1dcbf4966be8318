"""The thoughts that go with an expert's calls: short, in the first person, and different from task to task."""

from __future__ import annotations

from zlib import crc32

from simenv.types import Action

_RELATIONS_OF_ENTITY = (
    "The question names {w}, so I first look at the relations that it has.",
    "I start from {w}. Which relations lead from it?",
    "To get anywhere I need to know how {w} is connected to the rest.",
    "I need the relations of {w} to find one that the question means.",
)
_RELATIONS_OF_VARIABLE = (
    "I have to go on from {w}, so I list the relations of its members.",
    "{w} is not yet what is asked for. I look at the relations that lead on from it.",
    "Next, I need to know where I can go from {w}.",
)
_FOLLOW = (
    "Of these relations, {r} fits the question, so I follow it from {w}.",
    "{r} should lead from {w} to the {label} I need.",
    "The question is about the {label} here. I follow {r} from {w}.",
    "I think {r} is the relation that is meant.",
)
_BOTH = (
    "What I look for must be in both {w} and {v}, so I intersect the two.",
    "Both conditions have to hold. I take what {w} and {v} have in common.",
    "{w} meets one condition and {v} the other; I need their intersection.",
)
_ATTRIBUTES = (
    "The question asks for an extreme, so I need an attribute by which to rank {w}.",
    "To compare the members of {w}, I look at their attributes.",
    "Which attributes could rank the members of {w}? I list them.",
)
_MOST = ("I want the member of {w} with the {most} {label}.", "{r} is what counts here: I take the {most} one of {w}.")
_COUNT = (
    "The question asks how many there are, so I count the members of {w}.",
    "Now I only need the number of members of {w}.",
)
_ANSWER = (
    "{w} is exactly what the question asks for, so I answer with it.",
    "I have found it: {w} is the answer.",
    "Nothing is left to do. {w} answers the question.",
)


def thought(action: Action, salt: str) -> str:
    """What one might think before a call. The same call and salt give the same words."""
    words = [str(v) for v in action.arguments.values()]
    first, last = words[0], words[-1]
    lines = _lines(action.name, first.startswith("#"))
    line = lines[crc32(f"{salt} {action.name} {first}".encode()) % len(lines)]
    most = "largest" if action.name == "argmax" else "smallest"
    return line.format(w=first, v=last, r=last, label=label(last), most=most)


def _lines(name: str, variable: bool) -> tuple[str, ...]:
    if name == "get_relations":
        return _RELATIONS_OF_VARIABLE if variable else _RELATIONS_OF_ENTITY
    return {
        "get_neighbors": _FOLLOW,
        "intersection": _BOTH,
        "get_attributes": _ATTRIBUTES,
        "argmax": _MOST,
        "argmin": _MOST,
        "count": _COUNT,
    }.get(name, _ANSWER)


def label(relation: str) -> str:
    """A relation's last part as words: `film.film.release_date` is a release date."""
    return relation.rpartition(".")[2].replace("_", " ")

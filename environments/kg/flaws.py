"""Makes correct variants and flawed versions of a graph's observations and states.

Flaws are made from the task's own graph and checked against the truth; the comparison has no part in them.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from numpy.random import Generator

from simenv.compare import Flaws, Prediction, Transition
from simenv.types import Flaw, Observation

from .tasks.graph_builder import pick

_NEW_VARIABLE = re.compile(r"variable #(\d+), which (?:are instances of (\S+)|is a (number))")
_CHAT = (
    "Sure! {text}", "{text} Let me know if you need anything else.", "Thank you for your question! {text}",
    "As an AI language model, I cannot look into the graph.", "I think the answer is {some}.",
    "{text} Would you like to go on?",
    "I'm sorry, but I can't execute {call}.", "Great! I have created the variable for you. {text}",
    "Here is the list you asked for: {text}", "You should try get_neighbors next. {text}", "I will follow the relation. {text}",
)  # fmt: skip
_FORMLESS = (
    "", " ", '{{"result": "{some}"}}', "The relations are {some} and so on.", "Thought: I look further.\nAction: {call}",
    "| relation |\n|---|\n| {some} |", "{call}", "```python\nprint(1)\n```", "done", "- {some}\n- {some}", "<list/>", "SUCCESS",
    "#", "variable", "The members are Alice and Bob.",
)  # fmt: skip
_FAILURES = (
    "{call} cannot be executed. You may make a mistake and need to fix it.",
    "Error: {call} failed.", "{call} could not be executed.", "Invalid variable id! Need to recheck the action.",
    "{call} cannot be executed.",
)  # fmt: skip
_FALSE_REASONS = (
    "{call} cannot be executed: {name} is a {kind}; it has 7 members.", "Error: quota exceeded, try again later.",
    "{call} cannot be executed. Its relations are [{relation}].", "{call} cannot be executed. Did you mean {relation}_of?",
    "get_relations({relation}) cannot be executed. You may make a mistake and need to fix it.",
    "{call} cannot be executed, so I answered the question for you.", "{call} cannot be executed: the graph is offline.",
)  # fmt: skip
"""Errors that assert what is not so: another call's name, facts, promises."""
_WORDS = (
    ("which are instances of", "which is an instance of"), ("variable #", "Variable #"), (", which are", " which are"),
    ("which are instances of", "which are all instances of"), ("which is a number", "which are instances of number"),
    ("variable #", "#"),
)  # fmt: skip
_FAKE = (
    "budget_usd",
    "best_friend",
    "favourite_colour",
    "patent_count",
    "twitter_handle",
    "soundtrack_by",
    "net_worth",
)


class GraphFlaws(Flaws):
    """Variants and flaws of AgentBench's observations and of graph states."""

    def vary(self, scene: Transition, rng: Generator) -> Observation:
        text = scene.truth.text
        if scene.truth.invalid:
            text = text if _about_types(text) else pick(rng, (text, *_FAILURES)).format(call=_call(scene))
        elif text.startswith("["):
            names = _names(text)
            names = [names[i] for i in rng.permutation(len(names))]
            quote, joint = pick(rng, ("", '"', "'")), pick(rng, (", ", ",", ",\n ", " , "))
            text = f"[{joint.join(quote + n + quote for n in names)}]"
        else:
            text = text.replace(*pick(rng, _WORDS))
        forms = (
            ("{}", "{}\n", "  {}", "Observation: {}", "```\n{}\n```", "{}.")
            if not scene.truth.invalid
            else ("{}", "{}\n")
        )
        return scene.truth.model_copy(update={"text": pick(rng, forms).format(text)})

    def restate(self, scene: Transition, rng: Generator) -> Any:
        """The true state with keys and lists in another order, without the graph's digest or some empty parts."""
        state = super().restate(scene, rng)
        for kind in ("relations", "attributes"):
            for names in state[kind].values():
                rng.shuffle(names)
            if not state[kind] and rng.random() < 0.5:
                del state[kind]
        if rng.random() < 0.5:
            del state["graph"]
        return state

    def corrupt(self, error: Flaw, scene: Transition, rng: Generator) -> Prediction | None:
        if error == "forgot_change":
            return _forgotten_change(scene, rng)
        text = _TEXTS[error](scene, rng)
        if text is None or text == scene.truth.text:
            return None
        return Prediction(observation=Observation(text=text, source="model"))


def _wrong(scene: Transition, rng: Generator) -> str | None:
    """A list with wrong relations of the graph, a variable of a wrong number or type, or a wrong error."""
    text = scene.truth.text
    if scene.truth.invalid:
        return _wrong_error(scene, rng)
    if match := _NEW_VARIABLE.fullmatch(text):
        number, kind = int(match[1]), match[2] or match[3]
        other_types = sorted(_types(scene.spec) - {kind})
        if rng.random() < 0.5 and other_types:
            return f"variable #{number}, which are instances of {pick(rng, other_types)}"
        return f"variable #{number + int(rng.integers(1, 4))}, which are instances of {kind}"
    names = _names(text)
    other_names = sorted(_vocabulary(scene.spec) - set(names))
    error = int(rng.integers(5))
    if names and error == 0:
        return "[]"
    if names and error == 4 and not scene.truth.truncated:
        return f"[{', '.join(names)}, {pick(rng, ('...', 'and 3 more', '… and 12 more'))}]"
    if names and (error == 1 or not other_names):
        names.pop(int(rng.integers(len(names))))
    elif names and error == 2:
        names[int(rng.integers(len(names)))] = pick(rng, other_names)
    elif other_names:
        names.insert(int(rng.integers(len(names) + 1)), pick(rng, other_names))
    else:
        return None
    return f"[{', '.join(names)}]"


def _wrong_error(scene: Transition, rng: Generator) -> str:
    """Another error, or the right one with an assertion that is not so."""
    if scene.action.name != "intersection" and not _about_types(scene.truth.text) and rng.random() < 0.3:
        return f"{_call(scene)} cannot be executed. The two variables are not of the same type."
    arguments = str(scene.action.arguments)
    relation = next((r for r in sorted(_vocabulary(scene.spec)) if r not in arguments), "thing.name")
    name = pick(rng, sorted(scene.spec.get("mentions", {})) or ["it"])
    kind = pick(rng, sorted(_types(scene.spec)))
    return pick(rng, _FALSE_REASONS).format(call=_call(scene), name=name, kind=kind, relation=relation)


def _accepted_malformed(scene: Transition, rng: Generator) -> str | None:
    """A successful answer to a call that cannot be executed."""
    if not scene.truth.invalid:
        return None
    if scene.action.name in ("get_relations", "get_attributes"):
        names = sorted(_vocabulary(scene.spec))
        return f"[{', '.join(names[: int(rng.integers(0, 5))])}]"
    number = len(scene.before["variables"])
    kind = (
        "is a number" if scene.action.name == "count" else f"are instances of {pick(rng, sorted(_types(scene.spec)))}"
    )
    return f"variable #{number}, which {kind}"


def _refused_valid(scene: Transition, rng: Generator) -> str | None:
    """An error for a call that works."""
    return None if scene.truth.invalid else pick(rng, _FAILURES).format(call=_call(scene))


def _invented_name(scene: Transition, rng: Generator) -> str | None:
    """An answer with a relation, attribute or type that the graph lacks."""
    if scene.truth.invalid:
        return None
    names_in_use = _vocabulary(scene.spec) | _types(scene.spec)
    stem = pick(rng, sorted(names_in_use)).rpartition(".")[0] or "thing"
    fake = next((f for i in rng.permutation(len(_FAKE)) if (f := f"{stem}.{_FAKE[i]}") not in names_in_use), None)
    if fake is None:
        return None
    if match := _NEW_VARIABLE.fullmatch(scene.truth.text):
        return f"variable #{match[1]}, which are instances of {fake}"
    names = _names(scene.truth.text)
    names.insert(int(rng.integers(len(names) + 1)), fake)
    return f"[{', '.join(names)}]"


def _chat(scene: Transition, rng: Generator) -> str:
    return pick(rng, _CHAT).format(text=scene.truth.text, call=_call(scene), some=_any_name(scene))


def _formless(scene: Transition, rng: Generator) -> str:
    return pick(rng, _FORMLESS).format(call=_call(scene), some=_any_name(scene))


def _forgotten_change(scene: Transition, rng: Generator) -> Prediction | None:
    """The state before the action, or an old variable in place of the new one."""
    match = _NEW_VARIABLE.fullmatch(scene.truth.text)
    if match and int(match[1]) > 0 and rng.random() < 0.5:
        number = int(rng.integers(int(match[1])))
        text = scene.truth.text.replace(f"#{match[1]}", f"#{number}", 1)
        return Prediction(observation=Observation(text=text, source="model"))
    if scene.before == scene.after:
        return None
    return Prediction(observation=scene.truth, state=copy.deepcopy(scene.before))


def _call(scene: Transition) -> str:
    words = ", ".join(map(str, scene.action.arguments.values()))[:80]
    return f"{scene.action.name}({words})".replace("\n", " ")


def _any_name(scene: Transition) -> str:
    return min(_vocabulary(scene.spec), default="thing")


def _about_types(text: str) -> bool:
    return "same type" in text


def _names(text: str) -> list[str]:
    return [n for n in text[1:-1].split(", ") if n]


def _vocabulary(spec: Mapping[str, Any]) -> set[str]:
    graph = spec.get("graph", {})
    relations = {n for name, r in graph.get("relations", {}).items() for n in (name, r.get("inverse")) if n}
    return relations | set(graph.get("attributes", {}))


def _types(spec: Mapping[str, Any]) -> set[str]:
    graph = spec.get("graph", {})
    return {r[end] for r in graph.get("relations", {}).values() for end in ("domain", "range")} or {"thing"}


_TEXTS = {
    "wrong_result": _wrong, "accepted_malformed": _accepted_malformed, "refused_valid": _refused_valid,
    "invented": _invented_name, "format": _formless, "out_of_character": _chat,
}  # fmt: skip

"""Compares a predicted output of a shell with the real one: rows and errors, as far as the state decides them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from simenv.compare import MATCH, Comparison, Judgement, Transition, drift
from simenv.errors import InvalidAction
from simenv.types import Action, Observation, Stop, canonical

from .checking import bash_syntax, states
from .checking.claims import REFUSAL, StepComparison
from .checking.errors import asserts_more
from .checking.guarantees import SOME, OutputGuarantees
from .checking.output import parse_output, plain_output, unwrap_claim
from .checking.script_analysis import analyse_script
from .world import OS

_VOLATILE = re.compile(r"\b(date|RANDOM|ps|mktemp|uptime|shuf|df|uname)\b|/dev/u?random|\$\$")
"""Commands that may write contents into a file that no state decides."""


class OutputComparison(Comparison):
    """`bash -n` finds scripts that cannot run; a script's syntax tells what its output guarantees (checking/guarantees.py).

    If the state does not decide an output, a claim that refuses, chats or has the wrong format is still a drift.
    """

    def malformed(self, action: Action) -> str:
        spec = OS.actions.get(action.name)
        if spec is None:
            return f"there is no action {action.name!r:.80}; there are {', '.join(OS.actions)}"
        try:
            arguments = spec.read(action.arguments)
        except InvalidAction as e:
            return str(e)
        script = arguments.get("script", "")
        if action.name != "bash":
            return ""
        if "\0" in script:
            return "a script cannot hold a NUL character"
        return bash_syntax.find_fault(script) if len(script) <= 100_000 else "the script is too long to be run"

    def observation(self, transition: Transition, claim: Observation) -> Judgement:
        truth, script = transition.truth, str(transition.action.arguments.get("script", ""))
        guarantees = analyse_script(script) if transition.action.name == "bash" else OutputGuarantees()
        real = plain_output(truth.text)
        if not real and guarantees.uncertainty == SOME:
            guarantees = replace(guarantees, uncertainty="")
        claim_text = unwrap_claim(claim.text, script, real)
        if claim.stop is not None and claim.stop is not truth.stop:
            return drift("wrong_result", f"the episode is said to end as {claim.stop}")
        if truth.stop is Stop.submitted:
            return MATCH if not claim_text else drift("out_of_character", "an answer that ends the task shows nothing")
        if truth.invalid:
            return _judge_refusal(transition, claim, claim_text)
        if claim_text == real and not guarantees.uncertainty:
            return MATCH
        if claim.invalid and not parse_output(real, guarantees).faults:
            return drift("refused_valid", "it is called invalid, and it works")
        return StepComparison(transition, guarantees, real, claim_text, partial(_known_text, transition)).judge()

    def state(self, transition: Transition, claim: Any) -> Judgement:
        if not isinstance(claim, Mapping) or not claim.keys() & {"files", "cwd", "users", "removed"}:
            return drift("format", "a state is an object with cwd, files, removed and users")
        if len(states.files(claim)) > states.MAX_ENTRIES:
            return drift("format", f"a state of more than {states.MAX_ENTRIES} files")
        script = str(transition.action.arguments.get("script", ""))
        ignore_contents = bool(analyse_script(script).uncertainty) or bool(_VOLATILE.search(script))
        differences = list(states.differences(claim, transition.before, transition.after, ignore_contents))
        if not differences:
            return MATCH
        place, value, true = differences[0]
        known_text = _known_text(transition)
        if new_entry := next((w for w, _, t in differences if t is None and _last(w) not in known_text), ""):
            return drift("invented", f"the state has {new_entry:.120}, which does not exist")
        is_stale = any(states.is_stale(w, v, t, transition.before) for w, v, t in differences)
        reason = f"{place:.120}: {states.as_text(value)} instead of {states.as_text(true)}"
        return drift("forgot_change" if is_stale else "wrong_result", reason)

    def delta(self, before: Any, after: Any) -> int:
        return states.delta(before, after)


def _judge_refusal(transition: Transition, claim: Observation, text: str) -> Judgement:
    """Judge a claim about an action that the engine refuses: it refuses, too, and asserts nothing that the engine does not."""
    reason = f"the engine refuses: {transition.truth.text:.120}"
    if not claim.invalid and not REFUSAL.search(text[:1000]):
        return drift("accepted_malformed", reason)
    known = f"{transition.truth.text}\n{canonical(transition.action.arguments)}\n{transition.action.name}"
    return drift("wrong_result", reason) if asserts_more(text, known) else MATCH


def _last(place: str) -> str:
    return place.removeprefix("user ").rsplit("/", 1)[-1]


def _known_text(transition: Transition) -> str:
    """All text of spec, states, action and output; a name outside it is invented."""
    parts = (transition.spec, transition.before, transition.after, transition.truth.text, transition.action.arguments)
    return "\n".join(canonical(p) if not isinstance(p, str) else p for p in parts)

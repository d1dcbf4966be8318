"""What a solution's scripts prove: the answer is what the last one printed, or stands in the one line that it printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from simenv.evidence import Evidence, PlayedStep, Playthrough
from simenv.types import Task
from simenv.world import Engine

from .checking.output import parse_error
from .checking.script_analysis import analyse_script
from .world import NOTICES

_SHOWN = 200
"""Characters of an output in a message."""
_NOTICE = re.compile("|".join(re.escape(n).replace(re.escape("{seconds:g}"), r"[\d.e+]+") for n in NOTICES if n))
_TRACEBACK = "Traceback (most recent call last):"


class OSEvidence(Evidence):
    """Reads the outputs. A step fails where a command says so, for the status of a script is not shown."""

    def asks(self, goal: Mapping[str, Any], played: Playthrough) -> bool:
        return "answer" in goal or ("checks" in goal and played.answer is not None)

    def failure(self, step: PlayedStep) -> str:
        commands = analyse_script(str(step.action.arguments.get("script", ""))).commands
        for line in step.observation.text.split("\n"):
            if _NOTICE.fullmatch(line) or line == _TRACEBACK or parse_error(line, commands) is not None:
                return line
        return super().failure(step)

    def doubt(self, task: Task, played: Playthrough) -> str:
        if not self.asks(task.goal, played):
            return ""
        if not played.looks:
            return "the solution gives its answer without running a command that shows it"
        text, answer = played.last_text.strip(), str(played.answer).strip()
        if text == answer or ("\n" not in text and f" {' '.join(answer.split())} " in f" {' '.join(text.split())} "):
            return ""
        return (
            f"the last command printed {_short(text)} and the solution answers {_short(answer)}; "
            "the last command must print the answer, and nothing else but fields beside it in one line"
        )

    def volatile(self, played: Playthrough) -> str:
        script = str(played.looks[-1].action.arguments.get("script", "")) if played.looks else ""
        return analyse_script(script).uncertainty.strip()

    def difference(self, world: Engine, task: Task, answer: Any) -> str:
        expected = task.goal.get("answer", {}).get("equals")
        if expected is None or str(answer).strip() == expected.strip():
            return ""
        return f"the goal's answer is {_short(expected)}, the solution's {_short(str(answer))}"


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")

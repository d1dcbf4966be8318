"""Removes terminal control output from observations: window titles, colours, the prompt after a command."""

from __future__ import annotations

import re
from typing import ClassVar

from simenv.filter import Filter, FilterOptions
from simenv.runs.edits import rewrite
from simenv.types import Trajectory, Verdict

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\|(?=\n)|$)"  # titles: \x1b]0;root@host: /root\x07
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_TITLE = re.compile(r"\]0;[\w.-]+@[\w.-]+:[^\n\x07]*?(?=(?<![\w.-])[\w.-]+@[\w.-]+:|\n|$)")
"""A title whose escape character was lost."""
_PROMPT = re.compile(r"^[\w.-]+@[\w.-]+:[^\s#$]*[#$][ \t]*\Z", re.MULTILINE)
_LINE_END = re.compile(r"\r\n?")


class OsOutputOptions(FilterOptions):
    only: tuple[str, ...] = ("os",)
    """environments it judges"""


class OsOutput(Filter):
    """Edits observations, in the chat and in the steps."""

    Options: ClassVar[type[FilterOptions]] = OsOutputOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        edited = rewrite(trajectory, clean)
        return self.keep(trajectory) if edited is None else self.edit(trajectory, edited, "terminal signature")


def clean(text: str) -> str:
    """The text without escapes, titles, carriage returns and the prompt at its end."""
    text = _LINE_END.sub("\n", text) if "\r" in text else text
    text = _TITLE.sub("", _ESCAPES.sub("", text))
    prompt = _PROMPT.search(text)
    return text[: prompt.start()].rstrip() if prompt else text

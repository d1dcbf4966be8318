"""Cleans and cuts a command's output for the agent."""

from __future__ import annotations

import re

LONGEST, SHOWN = 800, 780
"""AgentBench (os_interaction): output of more than 800 characters is cut to the first 780, with a notice."""
NOTICE = "\n[truncated because the output is too long]"

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\|$)"  # titles and the like
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\|$)"  # device strings
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)
_NOISE = re.compile(r"^bash: \[\d+: \d+ \(\d+\)\] tcsetattr: .*\n?", re.MULTILINE)
"""A message of bash without a terminal, after a command was killed."""


def clean(output: bytes) -> str:
    """The output as plain text, without escapes, control characters (but tabs and line ends), and final line ends."""
    text = output.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return _NOISE.sub("", _ESCAPES.sub("", text)).rstrip("\n")


def cut(text: str) -> tuple[str, bool]:
    """The text, or the beginning of a long one with a notice; and whether it was cut."""
    return (text, False) if len(text) <= LONGEST else (text[:SHOWN] + NOTICE, True)

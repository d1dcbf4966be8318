"""Whether bash could read a script at all, asked of bash itself, which reads and runs nothing (`-n`)."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import lru_cache

_SECONDS = 5.0
_BEGINNINGS = 16
"""Beginnings of a script that are tried: bash runs each command as soon as it has read it."""


@lru_cache(maxsize=1024)
def fault(script: str) -> str:
    """What bash says of a script of which it would run nothing; '' for one that runs, or begins to."""
    wrong = _asked(script)
    if not wrong:
        return ""
    lines = script.split("\n")[:-1][:_BEGINNINGS]
    for count in range(1, len(lines) + 1):
        if _acts(lines[count - 1]) and not _asked("\n".join(lines[:count])):
            return ""
    return wrong


def _acts(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _asked(script: str) -> str:
    """What bash finds wrong in a script, extended patterns allowed; '' for nothing, and where there is no bash to ask."""
    bash = shutil.which("bash")
    if bash is None:
        return ""
    command = [bash, "--norc", "--noprofile", "-O", "extglob", "-n"]
    text = script.encode("utf-8", "replace")
    try:
        done = subprocess.run(command, input=text, capture_output=True, env={}, cwd="/", timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return ""
    if done.returncode == 0:
        return ""
    said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0][:300]
    return re.sub(r"^\S*bash: ", "", said) or "bash cannot read it"

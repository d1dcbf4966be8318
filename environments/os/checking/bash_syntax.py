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
def find_fault(script: str) -> str:
    """What bash says of a script of which it would run nothing; '' for one that runs, or begins to."""
    message = _check_syntax(script)
    if not message:
        return ""
    lines = script.split("\n")[:-1][:_BEGINNINGS]
    for count in range(1, len(lines) + 1):
        if _is_command(lines[count - 1]) and not _check_syntax("\n".join(lines[:count])):
            return ""
    return message


def _is_command(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _check_syntax(script: str) -> str:
    """What bash finds wrong in a script, extended patterns allowed; '' for nothing, and where there is no bash to ask."""
    bash = shutil.which("bash")
    if bash is None:
        return ""
    command = [bash, "--norc", "--noprofile", "-O", "extglob", "-n"]
    text = script.encode("utf-8", "replace")
    try:
        process = subprocess.run(command, input=text, capture_output=True, env={}, cwd="/", timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return ""
    if process.returncode == 0:
        return ""
    message = process.stderr.decode("utf-8", "replace").strip().split("\n")[0][:300]
    return re.sub(r"^\S*bash: ", "", message) or "bash cannot read it"

"""Syntax errors of a script, found by bash itself (`-n`: it reads the script and runs nothing)."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import lru_cache

_SECONDS = 5.0
_BEGINNINGS = 16
"""Beginnings of a script to check: bash runs each command as soon as it has read it."""


@lru_cache(maxsize=1024)
def find_fault(script: str) -> str:
    """The syntax error of a script of which bash would run nothing; '' if it would run some of it."""
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
    """The syntax error that bash reports (with extglob); '' for none, and on a host without bash."""
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

"""The grader's scripts: each a program that runs to its end, among stand-ins of the agent's processes."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Sequence
from typing import Any

from bystanders import Bystander
from launcher import Launcher, Limits, in_memory
from shell import TICK, Reader, stop

_SCRIPT = 7
"""The descriptor of a bash script. In its arguments, a list of processes would show its text."""


def run_program(
    launcher: Launcher,
    script: dict[str, str],
    parameters: list[str],
    seconds: float,
    limits: Limits,
    exit_if_orphaned: Callable[[], None],
    others: Sequence[Bystander] = (),
) -> dict[str, Any]:
    """Run a script to its end: `output` (standard output), `errors`, `status`; status 124 if it took too long."""
    out, err, null = os.pipe(), os.pipe(), os.open(os.devnull, os.O_RDONLY)
    text = in_memory("script", script["code"].encode("utf-8", "surrogateescape"))
    argv = ["bash", "--norc", "--noprofile", f"/dev/fd/{_SCRIPT}"]
    if script["language"] == "python":
        argv = ["python3", "-I", "-c", script["code"]]
    files = {0: null, 1: out[1], 2: err[1], _SCRIPT: text}
    pid = launcher.start([*argv, *parameters], files, limits, others)
    for fd in (null, out[1], err[1], text):
        os.close(fd)
    readers = [Reader(out[0], limits.max_bytes), Reader(err[0], 4096)]
    deadline, late = time.monotonic() + seconds, False
    while not late and any(r.open for r in readers):
        readable, _, _ = select.select([r.fd for r in readers if r.open], [], [], TICK)
        for reader in readers:
            if reader.fd in readable:
                reader.take()
        late = time.monotonic() > deadline or any(r.count > limits.flood for r in readers)
        exit_if_orphaned()
    wait_status = stop(pid, 0.0 if late else 1.0)
    for reader in readers:
        os.close(reader.fd)
    status = 124 if wait_status is None else os.waitstatus_to_exitcode(wait_status)
    return {"output": bytes(readers[0].text), "errors": bytes(readers[1].text), "status": status}

"""Commands of simenv in a process of their own, with the test plugins."""

import os
import subprocess
import sys

from tests import ROOT


def rollout(*args, wait=True):
    """`simenv rollout`: exit status, output and error output; the process itself with `wait=False`."""
    command = [sys.executable, "-m", "simenv.rollout", *map(str, args)]
    environment = {**os.environ, "SIMENV_PLUGINS": str(ROOT / "tests" / "plugins")}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    )
    if wait:
        out, err = process.communicate(timeout=300)
        return process.returncode, out, err
    return process

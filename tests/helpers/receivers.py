"""The packages that receive what simenv makes, each in a Python of its own: `make drivers`."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests import ROOT
from tests.helpers.chat_templates import CACHE

SCRIPTS = Path(__file__).parents[1] / "receivers"
VERSIONS = {
    "openenv": "openenv-0.10.0",
    "trl": "rl-trl-1.16.0",
    "verifiers": "verifiers-0.4.0",
    "inspect": "inspect-ai-0.3.285",
}
"""Folders of the environments, by what they are called here."""
QUIET = {"HF_HUB_OFFLINE": "1", "WANDB_MODE": "disabled", "DO_NOT_TRACK": "1", "CUDA_VISIBLE_DEVICES": ""}


def folder(receiver):
    """The environment of a receiver; the test is skipped where it is not installed."""
    place = CACHE / VERSIONS[receiver]
    if not (place / ".done").exists():
        pytest.skip(f"{VERSIONS[receiver]} is not installed: make drivers")
    return place


def run(receiver, *words, cwd=None, seconds=900, **variables):
    """Run a program of a receiver's environment, or a script by its Python; what it printed."""
    program = folder(receiver) / "bin" / words[0]
    known = os.environ | QUIET | {"PYTHONPATH": str(ROOT)} | variables
    done = subprocess.run(
        [program, *map(str, words[1:])], env=known, cwd=cwd, capture_output=True, text=True, timeout=seconds
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


def answers(receiver, script, *words, **how):
    """The last line that a script of tests/receivers printed, as JSON."""
    return json.loads(run(receiver, "python", SCRIPTS / script, *words, **how).splitlines()[-1])

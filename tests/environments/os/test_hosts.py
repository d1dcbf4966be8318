"""The sandbox for an ordinary user of the host: with nobody inside but root, or with the users that uidmap gives."""

import os
import subprocess
import sys
from pathlib import Path

import pydantic
import pytest

ROOT = Path(__file__).parents[3]
NOBODY = 54_321
SCRIPT = """
import os, sys
from simenv.plugins.environments.os.engine.bubblewrap import Bubblewrap
from simenv.plugins.environments.os.engine.sandbox import Limits, Script
assert os.geteuid() != 0
box = Bubblewrap(Limits(seconds=5, processes=64))
box.start({"files": [{"path": "/srv/a", "content": "x", "mode": "600"}]}, "/root", {})
assert box.run("id -u; cat /srv/a; echo $(touch /etc/b)").text == b"0\\nx\\n", box.run("id").text
box.run(":(){ :|:& };:")
box.run("sleep 0.2")
assert box.run("rm -rf /srv; echo on").text == b"on\\n"
assert box.run("unshare -Ur true && echo out; touch /usr/bin/x && echo out").text.count(b"out\\n") == 0
blob = box.save()
box.load(blob)
assert box.check([Script(code="[ -e /etc/b ] && exit 3")], [])[0].status == 3
box.close()
print("fine")
"""


def test_an_ordinary_user_can_run_it():
    if os.geteuid() != 0:
        pytest.skip("this runs as an ordinary user anyway")
    packages = Path(pydantic.__file__).parents[1]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"}
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            run = {
                "user": NOBODY,
                "group": NOBODY,
                "extra_groups": [],
                "env": environment,
                "cwd": "/",
                "capture_output": True,
            }
            subprocess.run([python, "-c", "import simenv.types, numpy, jsonschema"], **run, check=True, timeout=120)
        except (OSError, subprocess.CalledProcessError):
            continue
        done = subprocess.run([python, "-c", SCRIPT], **run, text=True, timeout=120)
        assert done.stdout == "fine\n", done.stderr
        return
    pytest.skip("an ordinary user can read no Python with the packages here")

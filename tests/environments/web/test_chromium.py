"""The real browser: it agrees with the fast engine after every action, goes back, restores, and says what is missing."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time

import pytest
from numpy.random import SeedSequence, default_rng

from simenv.errors import ConfigError
from simenv.plugins.environments.web.teacher import Teacher, WebExpert
from tests import ROOT

from .conftest import SHOP, Web, task

TASKS = int(os.environ.get("WEB_AGREEMENT", "25"))
"""How many tasks the engines are compared on; `WEB_AGREEMENT=200` for the long check."""
SECONDS = 60 * max(1, TASKS // 25)
"""After so long no further task is begun."""


def make_task(n):
    return Teacher(Teacher.Options(difficulty=1 + n % 5)).make(f"agree-{n}", default_rng(SeedSequence([99, n])))


async def follow(n, fast, real):
    """How many steps of a solution were compared."""
    example = make_task(n)
    assert await fast.reset(example) == await real.reset(example)
    for move in example.solution:
        observation = await fast.step(move.action)
        assert await real.step(move.action) == observation, f"{example.kind}: {move.action}"
        assert await real.state() == await fast.state(), f"{example.kind}: {move.action}"
    assert await real.grade(observation.answer) == await fast.grade(observation.answer)
    return len(example.solution)


def test_both_engines_agree_after_every_action(chromium):
    async def compare():
        fast, real = Web(), Web(Web.Options(engine="chromium"))
        began, steps = time.monotonic(), 0
        for n in range(TASKS):
            steps += await follow(n, fast, real)
            if time.monotonic() - began > SECONDS:
                break
        await real.close()
        return n + 1, steps

    tasks, steps = asyncio.run(compare())
    assert steps > tasks


def test_both_engines_refuse_the_same(visit, chromium):
    fast, real = visit(), visit(engine="chromium")
    script = [
        ("click", {"element": 99}), ("type", {"element": 0, "text": "x"}), ("click", {"element": "Contact"}),
        ("type", {"element": "Day", "text": "soon"}), ("type", {"element": "Message", "text": "a\r\nb\n\nc\0\ud800"}),
        ("type", {"element": "Email", "text": " x@y.z \n"}), ("click", {"element": "Send"}), ("go_back", {}),
        ("search", {"query": "junia & <co>"}), ("select", {"element": "Sort by", "option": "Rating"}),
        ("click", {"element": "Apply"}),
        ("go_back", {}), ("go_back", {}), ("go_back", {}), ("go_back", {}), ("go_back", {}), ("scroll", {"direction": "up"}),
    ]  # fmt: skip
    for name, arguments in script:
        assert real.act(name, **arguments).seen == fast.act(name, **arguments).seen, name
        assert real.facts == fast.facts, name


def test_a_snapshot_goes_from_one_engine_to_the_other(visit, chromium):
    fast, real = visit(), visit(engine="chromium")
    real.click("Contact").act("type", element="Message", text="hello").click("Send me a copy")
    fast.world.load(real.world.save())
    assert fast.facts == real.facts
    fast.act("type", element="Email", text="a@b.example")
    real.world.load(fast.world.save())
    assert real.facts == fast.facts
    assert real.click("Send").facts == fast.click("Send").facts


def test_the_expert_plans_for_the_real_browser_too(visit, chromium):
    shop = visit(engine="chromium")
    plan = WebExpert().plan(shop.world, shop.world.task)
    assert plan[0].action.name == "click" and plan[-1].action.name == "answer"


def test_what_covers_an_element_keeps_it_from_being_clicked(visit, chromium):
    html = "<div style='position:fixed;inset:0;background:#fff'></div><button type=button>Under</button>"
    shop = visit(task(SHOP | {"pages": {"bad": {"title": "Bad", "html": html}}}), engine="chromium").click("Bad")
    shop.click("Under")
    assert shop.seen.invalid and "cannot be reached" in shop.seen.text


def test_python_exits_although_nobody_closes_the_browser(chromium):
    code = (
        "import asyncio; from simenv.plugins import environment; e = environment('web'); from numpy.random import default_rng\n"
        "w = e.world(e.world.Options(engine='chromium'))\n"
        "asyncio.run(w.reset(e.procedural().make('t', default_rng(0)))); print('end')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180)
    assert done.stdout == "end\n" and done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_browser_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match="apt-get install chromium"):
        asyncio.run(Web(Web.Options(engine="chromium")).reset(task()))


_IN_A_SANDBOX = """
import logging, os, sys
from pathlib import Path
logging.basicConfig(format="%(message)s")
from simenv.plugins.environments.web.engine import chromium
browsers = [chromium._browser(os.getpid(), chromium.executable()) for _ in range(2)]
page = browsers[0].run(browsers[0].context(True), 60)
parents, family = {}, {os.getpid()}
for stat in Path("/proc").glob("[0-9]*/stat"):
    parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
for _ in parents:
    family |= {child for child, parent in parents.items() if parent in family}
lines = [Path(f"/proc/{pid}/cmdline").read_text() for pid in family - {os.getpid()}]
renderers = [line for line in lines if "--type=renderer" in line]
print(len(renderers) > 0, any("--no-sandbox" in line for line in lines), chromium.without_sandbox())
"""


def _started(*before):
    words = [*before, sys.executable, "-c", _IN_A_SANDBOX]
    home = {"HOME": tempfile.mkdtemp(), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    os.chmod(home["HOME"], 0o777)
    return subprocess.run(
        words, capture_output=True, text=True, timeout=200, env=home, cwd="/", start_new_session=True, check=False
    )


@pytest.mark.skipif(
    not shutil.which("setpriv"), reason="setpriv is not installed; on Debian: apt-get install util-linux"
)
def test_a_user_who_is_not_root_has_chromiums_own_sandbox():
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    done = _started(*nobody)
    if "Permission denied" in done.stderr:
        pytest.skip("this Python cannot be read by another user")
    if "does not start here" in done.stdout:  # a host without user namespaces: it says so, and runs
        assert done.stdout.startswith("True True") and done.stderr.count("sandbox") == 1
    else:
        assert done.stdout == "True False \n" and "sandbox" not in done.stderr, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root goes without")
def test_root_goes_without_a_sandbox_and_is_told_once():
    done = _started()
    assert done.stdout.startswith("True True Chromium has no sandbox for root"), done.stderr
    assert done.stderr.count("Chromium has no sandbox for root") == 1

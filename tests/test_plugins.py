"""Plugins are there because their files are: ours, a user's folder, a package's entry point."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

from simenv import plugins
from simenv.errors import ConfigError
from tests.test_types import trajectory

NEVER = """
from simenv.filter import Filter
from simenv.types import Verdict


class Never(Filter):
    name = "never"

    def judge(self, trajectory):
        return Verdict(trajectory=trajectory.id, filter=self.name, decision="drop", reason="never")
"""


def test_a_folder_of_the_users_merges_with_ours(tmp_path):
    (tmp_path / "filters").mkdir()
    (tmp_path / "filters" / "never.py").write_text(NEVER)
    plugins.add(tmp_path)
    assert {"never", "wrong_answer"} <= set(plugins.names("filters"))
    assert plugins.load("filters", "never")().judge(trajectory()).reason == "never"


def test_an_installed_package_serves_plugins_through_entry_points(tmp_path):
    (tmp_path / "their_filters.py").write_text(NEVER)
    info = tmp_path / "theirs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[simenv.filters]\nnever_ever = their_filters\n")
    code = """
        import json
        from simenv import plugins
        from simenv.filter import Filter
        print(json.dumps([plugins.names("filters"), plugins.load("filters", "never_ever").__module__]))
    """
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    names, module = json.loads(done.stdout)
    assert "never_ever" in names and module == "their_filters"


def test_a_dotted_path_names_a_module(tmp_path, monkeypatch):
    (tmp_path / "lonely.py").write_text(NEVER)
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "lonely.py").write_text(NEVER)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert plugins.load("filters", "pack.lonely").name == "never"


@pytest.mark.parametrize(
    ("kind", "name", "error"),
    [
        ("agents", "exprt", "unknown agent 'exprt'.*did you mean 'expert'"),
        ("agents", "../agents/expert", "unknown agent"),
        ("agents", "no.such.module", "cannot import no.such.module"),
        ("agents", "json.decoder", "expected exactly one Agent, found none"),
    ],
)
def test_a_name_that_leads_nowhere_says_so(kind, name, error):
    with pytest.raises(ConfigError, match=error):
        plugins.load(kind, name)


def test_what_is_no_folder_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="is not a folder"):
        plugins.add(tmp_path / "nothing")


WORLD = """
from simenv.world import Engine


class Calendar(Engine):
    def begin(self, spec, rng): return ""
    def score(self, goal, answer): raise NotImplementedError
    def facts(self): return {}
    def sav(self): return b""
    def load(self, blob): pass
"""
TEACHER = """
from simenv.source import Expert, TaskGenerator


class CalendarTeacher(TaskGenerator):
    def make(self, id, rng): raise NotImplementedError


class CalendarExpert(Expert):
    def plan(self, engine, task): return None
"""


@pytest.mark.parametrize(
    ("path", "source", "message"),
    [
        ("environments/calendar/world.py", WORLD, r"Calendar lacks `save` \(it has `sav`\)"),
        ("environments/calendar/teacher.py", TEACHER, "CalendarExpert lacks `perturb`"),
        (
            "environments/calendar/teacher.py",
            TEACHER.replace("def make", "def maek"),
            r"CalendarTeacher lacks `make` \(it has `maek`\)",
        ),
        (
            "agents/own.py",
            "from simenv.agent import Agent\nclass Own(Agent):\n    async def atc(self, view): ...\n",
            r"Own lacks `act` \(it has `atc`\)",
        ),
        (
            "agents/own.py",
            "from simenv.agent import Agent\nclass Own(Agent):\n    def act(self, view): ...\n",
            "Own.act is a plain function; write `async def act`",
        ),
        ("filters/own.py", "from simenv.filter import Filter\nclass Own(Filter): ...\n", "Own lacks `judge`"),
        (
            "hooks/own.py",
            "from simenv.hook import Hook\nclass Own(Hook):\n    async def after_setp(self, episode, steps): ...\n",
            "Own has `after_setp`, which nothing calls; did you mean `after_step`?",
        ),
        (
            "hooks/own.py",
            "from simenv.hook import Hook\nclass Own(Hook):\n    def after_step(self, episode, steps): ...\n",
            "Own.after_step is a plain function; write `async def after_step`",
        ),
    ],
)
def test_a_forgotten_or_misspelt_method_is_named(path, source, message, tmp_path):
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    if "environments" in path and "world" not in path:
        (file.parent / "world.py").write_text(WORLD.replace("def sav(", "def save("))
    file.write_text(textwrap.dedent(source))
    plugins.add(tmp_path)
    kind, name = path.split("/")[0], path.split("/")[1].removesuffix(".py")
    with pytest.raises(ConfigError, match=message):
        plugins.environment(name) if kind == "environments" else plugins.load(kind, name)

"""Every kind of plugin is found in a user's folder, by entry point and by dotted path, and a misspelt name is answered."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

from simenv import plugins
from simenv.errors import ConfigError
from simenv.export import Export
from simenv.finetune.trainers import Finetune
from simenv.models import connect
from simenv.options import read
from simenv.plugins import registry
from tests.dialects.test_dialects import ACTIONS

SOURCES = {
    "environments": """
        from simenv.world import Engine
        class Own(Engine):
            def begin(self, spec, rng): return ""
            def score(self, goal, answer): raise NotImplementedError
            def facts(self): return {}
            def save(self): return b""
            def load(self, blob): pass
    """,
    "agents": """
        from simenv.agent import Agent
        class Own(Agent):
            async def act(self, view): raise NotImplementedError
    """,
    "filters": """
        from simenv.filter import Filter
        class Own(Filter):
            def judge(self, trajectory): return self.keep(trajectory)
    """,
    "hooks": """
        from simenv.hook import Hook
        class Own(Hook):
            pass
    """,
    "dialects": """
        from simenv.plugins import load
        React = load("dialects", "react")
        class Own(React):
            name = "own_dialects"
    """,
    "models": """
        from simenv.model import Model
        from simenv.options import Options as Settings
        from simenv.types import Reply
        class Own(Model):
            Options = Settings
            def __init__(self, options, budget): pass
            async def complete(self, request): return Reply(text="mine")
    """,
    "simulators": """
        from simenv.simulate import Simulator
        class Own(Simulator):
            async def play(self, stage, action, truth=None): raise NotImplementedError
    """,
    "trainers": """
        from simenv.finetune.trainers import Trainer
        class Own(Trainer):
            def prepare(self, settings): return lambda folder, on_log: {"trained": settings.model}
    """,
    "formats": """
        from simenv.export.format import Format
        class Own(Format):
            def rows(self, sample): yield {"id": sample.id}
    """,
}


@pytest.fixture
def own(tmp_path):
    """A folder with one plugin of every kind, called own_KIND, which is gone again after the test."""
    for kind, source in SOURCES.items():
        path = tmp_path / kind / (f"own_{kind}/world.py" if kind == "environments" else f"own_{kind}.py")
        path.parent.mkdir(parents=True)
        path.write_text(textwrap.dedent(source))
        if kind == "environments":
            (path.parent / "__init__.py").touch()
        else:
            (path.parent / "_helper.py").write_text("raise RuntimeError('nobody imports this')")
    folders = list(registry.FOLDERS)
    plugins.add(tmp_path)
    yield tmp_path
    registry.FOLDERS[:] = folders
    for name in [m for m in sys.modules if m.startswith("simenv.plugins.") and ".own_" in m]:
        del sys.modules[name]


def test_every_kind_has_an_example_here():
    assert SOURCES.keys() == plugins.KINDS.keys()


@pytest.mark.parametrize("kind", SOURCES)
def test_a_file_in_a_users_folder_is_found_and_a_misspelt_name_is_answered(kind, own):
    name = f"own_{kind}"
    assert name in plugins.names(kind) and "_helper" not in plugins.names(kind)
    loaded = plugins.environment(name).world if kind == "environments" else plugins.load(kind, name)
    assert loaded.__name__ == "Own" and loaded.__module__.startswith(f"simenv.plugins.{kind}.{name}")
    with pytest.raises(ConfigError, match=f"unknown {plugins.KINDS[kind].noun} 'own{kind}'.*did you mean '{name}'"):
        plugins.environment(f"own{kind}") if kind == "environments" else plugins.load(kind, f"own{kind}")
    with pytest.raises(ConfigError, match="unknown"):
        plugins.module_of(kind, "_helper")


@pytest.mark.parametrize("kind", [k for k in SOURCES if k != "environments"])
def test_a_dotted_path_and_an_entry_point_name_a_plugin(kind, tmp_path):
    (tmp_path / "theirs_of_all").mkdir()
    (tmp_path / "theirs_of_all" / "__init__.py").touch()
    (tmp_path / "theirs_of_all" / "module.py").write_text(textwrap.dedent(SOURCES[kind]))
    info = tmp_path / "theirs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[simenv.{kind}]\nfrom_afar = theirs_of_all.module\n")
    code = f"""
        import json
        from simenv import plugins
        found = [plugins.load({kind!r}, name).__module__ for name in ("from_afar", "theirs_of_all.module")]
        print(json.dumps([found, "from_afar" in plugins.names({kind!r})]))
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert json.loads(done.stdout or "0") == [["theirs_of_all.module"] * 2, True], done.stderr


def test_a_dialect_of_ones_own_serves_every_environment(own):
    assert plugins.environment("counter").dialect("own_dialects").name == "own_dialects"
    with pytest.raises(ConfigError, match=r"counter: unknown dialect 'own_dialect'.*did you mean 'own_dialects'"):
        plugins.environment("counter").dialect("own_dialect")
    assert plugins.load("dialects", "own_dialects")(ACTIONS).stops == ("\nObservation:",)


async def test_a_model_client_of_ones_own_answers(own):
    from simenv.model import Request

    assert (await connect("own_models").complete(Request(messages=()))).text == "mine"


def test_a_trainer_of_ones_own_trains(own, tmp_path):
    settings = read(Finetune, {"data": "d", "model": "m", "plugins": [str(tmp_path)], "trainer": "own_trainers"}, "")
    training = plugins.load("trainers", settings.trainer)().prepare(settings)
    assert training(tmp_path, lambda row: None) == {"trained": "m"}
    with pytest.raises(ConfigError, match=r"trainer: unknown trainer 'pft'; available: .*did you mean 'peft'"):
        read(Finetune, {"data": "d", "model": "m", "trainer": "pft"}, "")


def test_a_format_of_ones_own_writes(own, tmp_path):
    from tests.helpers.chats import sample

    settings = read(Export, {"data": "d", "plugins": [str(tmp_path)], "to": "own_formats"}, "")
    one = sample("one")
    assert plugins.load("formats", settings.to)().write(lambda: iter([one]), tmp_path, "train") == 1
    assert json.loads((tmp_path / "train.jsonl").read_text()) == {"id": one.id}
    with pytest.raises(ConfigError, match=r"to: unknown format 'axolot'; available: .*did you mean 'axolotl'"):
        read(Export, {"data": "d", "to": "axolot"}, "")


def test_a_package_that_a_plugin_needs_is_named(own, tmp_path):
    (tmp_path / "agents" / "needy.py").write_text("import no_such_package.inner\n")
    with pytest.raises(ConfigError, match=r"agent 'needy' needs the package no_such_package: pip install no_such_pack"):
        plugins.load("agents", "needy")


def test_a_folder_beside_the_plugins_is_none(own, tmp_path):
    (tmp_path / "models" / "openai").mkdir()
    assert plugins.module_of("models", "openai") == "simenv.models.clients.openai"


def test_naming_plugins_imports_none():
    code = """
        import sys
        from simenv import plugins
        for kind in plugins.KINDS:
            assert plugins.names(kind)
        heavy = {"torch", "transformers", "openai", "anthropic", "datasets", "streamlit"}
        print(sorted(heavy & sys.modules.keys()), [m for m in sys.modules if m.startswith("simenv.plugins.agents.")])
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout == "[] []\n"

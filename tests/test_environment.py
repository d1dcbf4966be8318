"""One descriptor holds all of an environment's folder, and says which files in it mean nothing."""

import logging
import shutil
import sys
from pathlib import Path

import pytest

from simenv import plugins
from simenv.errors import ConfigError
from simenv.metrics import overall, record, result
from simenv.plugins import registry
from simenv.plugins.environment import FILES, check_files
from simenv.source import TaskGenerator

HERE = Path(__file__).parent
COUNTER = HERE / "plugins" / "environments" / "counter"


@pytest.fixture
def calendar(tmp_path):
    """A copy of the counter under another name, in a folder of plugins of its own."""
    folder = tmp_path / "environments" / "calendar"
    shutil.copytree(COUNTER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    folders = list(registry.FOLDERS)
    plugins.add(tmp_path)
    yield folder
    registry.FOLDERS[:] = folders
    plugins.environment.cache_clear()
    for name in [m for m in sys.modules if m.startswith("simenv.plugins.environments.calendar")]:
        del sys.modules[name]


def test_the_descriptor_holds_every_file_of_the_folder(calendar):
    (calendar / "simulate.j2").write_text("{{ state }}")
    (calendar / "author.j2").write_text("Know this.")
    (calendar / "sweeping.j2").write_text("[]")
    (calendar / "hostile.json").write_text('[{"name": "add", "arguments": {"n": "all"}}]')
    (calendar / "metrics.py").write_text("def overall(results):\n    return {'mine': len(results)}\n")
    found = plugins.environment("calendar")
    assert found.name == found.world.name == "calendar" and found.world.schema and found.world.goal_schema
    assert found.procedural and issubclass(found.procedural, TaskGenerator) and found.expert and found.flaws
    assert [p.name for p in (found.simulate, found.author, found.sweeping)] == [
        "simulate.j2",
        "author.j2",
        "sweeping.j2",
    ]
    assert [a.name for a in found.hostile] == ["add"]
    assert found.metrics.result is result and found.metrics.overall([{}]) == {"mine": 1}


def test_an_environment_without_them_has_the_defaults():
    counter = plugins.environment("counter")
    assert counter.metrics == (result, record, overall) and counter.hostile == () and counter.sweeping is None


@pytest.mark.parametrize("teacher", [True, False])
def test_a_task_file_in_the_folder_counts_where_there_is_no_teacher(calendar, teacher):
    (calendar / "tasks.jsonl").write_text("")
    if not teacher:
        (calendar / "teacher.py").unlink()
    assert plugins.environment("calendar").tasks == (None if teacher else calendar / "tasks.jsonl")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("panel.py", "panels.py"),
        ("source.py", "sources.py"),
        ("flaw.py", "flaws.py"),
        ("metric.py", "metrics.py"),
        ("dialect.py", "dialects.py"),
        ("teachers.py", "teacher.py"),
        ("schemas.json", "schema.json"),
        ("goal_schema.json", "goal.schema.json"),
        ("hostil.json", "hostile.json"),
        ("overveiw.md", "overview.md"),
        ("task.jsonl", "tasks.jsonl"),
    ],
)
def test_a_misspelt_file_is_an_error_that_says_what_was_meant(calendar, name, meant):
    (calendar / name).write_text("")
    with pytest.raises(ConfigError) as refused:
        plugins.environment("calendar")
    said = f"environments/calendar: {name} is none of the files an environment has; did you mean {meant}?"
    assert str(refused.value) == said


def test_other_files_are_warned_of_or_left_alone(calendar, caplog):
    for name in ("_words.py", "agentbench.j2", "agentbench.json", "README.md", ".hidden.py"):
        (calendar / name).write_text("")
    for name in ("engine", "tasks", "checking", "panel"):
        (calendar / name).mkdir()
    with caplog.at_level(logging.WARNING):
        check_files(calendar, "calendar")
        assert not caplog.records
        (calendar / "calculations.py").write_text("")
        (calendar / "opening_hours.json").write_text("")
        check_files(calendar, "calendar")
    assert [r.args[1] for r in caplog.records] == ["calculations.py", "opening_hours.json"]


def test_a_broken_file_of_hostile_actions_is_named(calendar):
    (calendar / "hostile.json").write_text('[{"arguments": {}}]')
    with pytest.raises(ConfigError, match=r"hostile\.json: 0\.name: Field required"):
        plugins.environment("calendar")


@pytest.mark.parametrize("name", ["db", "household", "kg", "os", "search", "web", "counter"])
def test_our_own_folders_hold_nothing_unknown(name, caplog):
    folder = Path(sys.modules[plugins.environment(name).world.__module__].__file__).parent
    check_files(folder, name)
    assert not caplog.records and "world.py" in FILES

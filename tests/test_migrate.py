"""Runs of version 1 are read as they lie: items and configs come out as the present version writes them."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from simenv.curate.config import Curation
from simenv.curate.run import Curator
from simenv.export.preference_pairs import pairs
from simenv.rollout.report import report
from simenv.runs import migrate
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery
from simenv.runs.store import Run
from simenv.types import VERSION

OLD = Path(__file__).parent / "runs_v1" / "interventions"
STUDENT, TEACHER, MAIN, OTHER = "db-0-00007.0~1", "db-0-00007.0~2", "db-0-00007.0", "db-0-00008.0"
LINES = [json.loads(line) for line in (OLD / "trajectories" / "part-00000.jsonl").read_text().splitlines()]


@pytest.fixture
def old(tmp_path):
    return Run.open(Path(shutil.copytree(OLD, tmp_path / "old")))


def test_the_example_is_of_version_1():
    assert [(t["id"], t["version"]) for t in LINES] == [(i, "1") for i in (STUDENT, TEACHER, MAIN, OTHER)]
    assert [t.get("branch", {}).get("way") for t in LINES] == ["student", "teacher", None, None]


def test_an_item_differs_in_nothing_but_its_version_and_the_name_of_the_continuation():
    for item in LINES:
        before = json.dumps(item)
        after = migrate.trajectory(item)
        assert json.dumps(item) == before and after["version"] == VERSION
        if branch := item.get("branch"):
            assert after["branch"] == {
                "parent": branch["parent"],
                "turn": branch["turn"],
                "continuation": branch["way"],
            }
        rest = {k: v for k, v in item.items() if k not in ("version", "branch")}
        assert {k: v for k, v in after.items() if k not in ("version", "branch")} == rest
        assert migrate.trajectory(after) is after


def test_an_item_of_another_kind_is_left_alone():
    assert migrate.trajectory(item := {"version": "1", "branch": {"way": "x"}}) is item


def test_an_old_run_is_read_indexed_reported_and_replayed(old):
    trajectories = list(old.trajectories())
    assert [t.branch and t.branch.continuation for t in trajectories] == ["student", "teacher", None, None]
    assert [t["version"] for t in old.raw("trajectories")] == [VERSION] * 4
    index = Index(old.folder)
    assert index.refresh() == 4
    assert [r.continuation for r in index.branches(MAIN)] == ["student", "teacher"]
    assert [index.read(row) for row in index.page(EpisodeQuery())] == trajectories
    assert sorted(report(old)["branches"]) == ["student", "teacher"]
    assert all(row["chosen"] != row["rejected"] for row in pairs([old]))


def test_an_old_run_goes_on_with_lines_of_the_present_version(old):
    async def write(trajectory):
        writer = old.writer("trajectories")
        await writer.append(trajectory)
        await writer.close()

    first = next(iter(old.trajectories()))
    asyncio.run(write(first.model_copy(update={"id": "new.0"})))
    [new] = [t for t in old.trajectories() if t.id == "new.0"]
    assert new.branch == first.branch and len(list(old.trajectories())) == 5
    assert (old.folder / "trajectories" / "part-00001.jsonl").read_text().startswith('{"version":"2"')


def test_an_old_run_is_curated(old, tmp_path):
    settings = Curation(
        runs=(str(old.folder),), filters={"wrong_answer": {}}, mix={"validation": 0}, gold={"sources": [old.folder]}
    )
    funnel = Curator(settings).run(tmp_path / "set")
    assert funnel["read"]["trajectories"] == 4 and not funnel["read"]["foreign"] and funnel["train"] > 0


def test_the_config_of_an_old_run_has_the_present_names(old):
    config = old.config()
    assert config["agent"] == {"name": "expert", "error_rate": 0.15}
    assert {"name": "fork", "continuations": ["student", "teacher"], "copies": 1} in config["hooks"]


@pytest.mark.parametrize(
    ("old", "present"),
    [
        ({"agent": {"name": "expert", "slips": 0.2}}, {"agent": {"name": "expert", "error_rate": 0.2}}),
        ({"agent": {"name": "react", "slips": 1}}, {"agent": {"name": "react", "slips": 1}}),
        ({"agent": "expert", "seed": 3}, {"agent": "expert", "seed": 3}),
        (
            {"hooks": ["nudge", {"name": "takeover", "by": {"name": "expert", "slips": 0}}]},
            {"hooks": ["nudge", {"name": "takeover", "by": {"name": "expert", "error_rate": 0}}]},
        ),
        ({"hooks": [{"name": "fork", "ways": ["hint"]}]}, {"hooks": [{"name": "fork", "continuations": ["hint"]}]}),
        ({"gold": {"replace": ["twin", "kind"]}}, {"gold": {"replace": ["task", "kind"]}}),
        ({"curate": {"gold": {"replace": ["twin"]}}}, {"curate": {"gold": {"replace": ["task"]}}}),
        ({"ways": ["one_step"]}, {"ways": ["one_step"]}),
        ({"grid": {"rollout.agent.slips": [0, 1]}}, {"grid": {"rollout.agent.error_rate": [0, 1]}}),
    ],
)
def test_an_old_mapping_gets_the_present_names_wherever_they_stand(old, present):
    assert migrate.config(old) == present
    assert migrate.config(present) == present

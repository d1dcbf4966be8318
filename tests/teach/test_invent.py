"""An environment without an engine: thought up in three stages, found as a plugin, and honest about what it is."""

import asyncio
import json

import pytest

from simenv import plugins
from simenv.compare import Blind
from simenv.config import Experiment
from simenv.errors import ConfigError, InvalidAction, ModelError
from simenv.models import connect
from simenv.models.clients.scripted import scripted
from simenv.plugins.definition import ActionDefinition, Blueprint, SimulatedOnlyWorld
from simenv.rollout.report import report as summary
from simenv.rollout.run import Rollout
from simenv.runs.store import Run
from simenv.teach.cli import teach
from simenv.teach.config import Teaching
from simenv.teach.invent import Inventor
from simenv.types import Task
from tests.helpers.model_server import serve
from tests.helpers.teaching import rows

STATE = {"books": {"b1": {"title": "Dune", "out": False}, "b2": {"title": "Emma", "out": True}}}


def asked(instruction, answer, **more):
    return {"instruction": instruction, "goal": {"statement": "It was found.", "answer": answer}, **more}


STAGE1 = {
    "overview": "A lending library with a catalogue.",
    "opening": "You stand at the desk.",
    "state": STATE,
    "tasks": [asked("Which book is out? Give its id.", "b2"), asked("How many books are there?", "2")],
}
FIND = {
    "name": "find",
    "description": "Finds books by a word of their title.",
    "parameters": {
        "type": "object",
        "properties": {"word": {"type": "string"}},
        "required": ["word"],
        "additionalProperties": False,
    },
}
REPORT = {
    "name": "report",
    "description": "Gives the answer.",
    "parameters": {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]},
    "submit": True,
}
STAGE2 = {"actions": [FIND, REPORT]}
STAGE3 = {
    "rules": ["find lists ids and titles, one a line, or says: nothing found."],
    "examples": [{"action": {"name": "find", "arguments": {"word": "dune"}}, "observation": "b1 Dune"}],
}


def more(name, **changes):
    """A further task with a world of its own, as the fourth and later prompts ask for."""
    state = {
        "books": {f"c{n}": {"title": t, "out": n == 1} for n, t in enumerate(("Ulysses", "Persuasion", "Middlemarch"))}
    }
    solution = [{"thought": "so", "action": {"name": "report", "arguments": {"answer": "c1"}}}]
    made = {**asked("Name the id of the lent novel.", "c1"), "environment": name, "solution": solution}
    return made | {"spec": {"opening": "Good morning.", "state": state}} | changes


def invent(folder, name, *replies, **options):
    model = scripted(*(r if isinstance(r, str) else json.dumps(r) for r in replies))
    config = {"invent": name, "topics": "a library", "tasks": 3, "repairs": 0, "concurrency": 1, **options}
    return Inventor(Teaching.model_validate(config), model), Run(folder), model


async def test_three_stages_make_a_folder_that_is_an_environment(tmp_path):
    work, run, model = invent(tmp_path, "library_a", STAGE1, STAGE2, STAGE3, more("library_a"))
    await work.run(run)
    folder = tmp_path / "environments" / "library_a"
    assert Blueprint.model_validate_json((folder / "environment.json").read_text()).rules == tuple(STAGE3["rules"])
    assert (folder / "tasks.jsonl").read_text() == (tmp_path / "tasks.jsonl").read_text()
    found = plugins.environment("library_a")
    assert "library_a" in plugins.names("environments") and issubclass(found.world, SimulatedOnlyWorld)
    assert (found.comparison, found.procedural, found.expert) == (Blind, None, None)
    assert found.world.overview == STAGE1["overview"] and list(found.world.actions) == ["find", "report"]
    assert [a.submit for a in found.world.actions.values()] == [False, True]
    with pytest.raises(InvalidAction, match=r"find: .*'wrd' was unexpected"):
        found.world.actions["find"].read({"word": "x", "wrd": "x"})
    tasks = [Task.model_validate(t) for t in rows(tmp_path, "tasks")]
    assert [t.goal["answer"] for t in tasks] == ["b2", "2", "c1"]
    stages = [r.messages[0].content for r in model.requests]
    assert all(
        f"the {nth} of three stages" in text for nth, text in zip(("first", "second", "third"), stages, strict=False)
    )
    assert "about: a library" in stages[0] and "Which book is out?" in stages[1] and '"find"' in stages[2]
    assert STAGE3["rules"][0] in stages[3]
    report = json.loads((tmp_path / "report.json").read_text())["library_a"]
    assert (report["proven"], report["usage"]["calls"], report["tasks"]) == (False, 4, 3)


async def test_its_dialect_speaks_its_actions_and_no_engine_is_made_up(tmp_path):
    work, run, _ = invent(tmp_path, "library_b", STAGE1, STAGE2, STAGE3, tasks=2)
    await work.run(run)
    found = plugins.environment("library_b")
    assert [t["function"]["name"] for t in found.dialect("tools").tools] == ["find", "report"]
    with pytest.raises(ConfigError, match="'library_b' has no engine; only a model can play it"):
        Rollout(Experiment.model_validate({"environments": ["library_b"]}))


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        (["no idea"], "no Conceived in 1 answers"),
        ([STAGE1, {"actions": [FIND, FIND]}], "a name is there twice"),
        ([STAGE1, {"actions": [FIND, {**FIND, "name": "look"}]}], "exactly one must have submit"),
        ([STAGE1, {"actions": [{**FIND, "parameters": {"type": "objekt"}}, REPORT]}], "whose type is object"),
        (
            [STAGE1, {"actions": [{**FIND, "parameters": {"type": "object", "required": 1}}, REPORT]}],
            "is no JSON Schema",
        ),
        (
            [STAGE1, STAGE2, {**STAGE3, "examples": [{"action": {"name": "fly"}, "observation": ""}]}],
            "no actions are called fly",
        ),
    ],
)
async def test_a_stage_that_fails_leaves_no_environment(replies, said, tmp_path):
    work, run, _ = invent(tmp_path, "library_c", *replies)
    with pytest.raises(ModelError, match=said):
        await work.run(run)
    assert not list(tmp_path.rglob("environment.json")) and not list(tmp_path.rglob("tasks.jsonl"))


async def test_what_a_stage_got_wrong_may_be_repaired(tmp_path):
    work, run, model = invent(
        tmp_path, "library_d", STAGE1, {"actions": [FIND, FIND]}, STAGE2, STAGE3, tasks=2, repairs=1
    )
    await work.run(run)
    assert "a name is there twice" in model.requests[2].messages[-1].content
    assert len(rows(tmp_path, "tasks")) == 2


async def test_its_tasks_are_checked_as_far_as_that_goes_without_an_engine(tmp_path):
    wrong = {
        "action": more("library_e", solution=[{"thought": "so", "action": {"name": "report", "arguments": {}}}]),
        "schema": more("library_e", spec={"state": {}}),
        "leak": more("library_e", instruction="Is c1-novel the lent one?", goal=asked("", "c1-novel")["goal"]),
        "environment": more("library"),
    }
    work, run, _ = invent(tmp_path, "library_e", STAGE1, STAGE2, STAGE3, *wrong.values(), tasks=6)
    await work.run(run)
    assert [r["cause"] for r in rows(tmp_path, "rejected")] == list(wrong)
    assert len(rows(tmp_path, "tasks")) == 2


def played(messages, tools):
    """Teacher, simulator and agent in one, told apart by what they are asked."""
    chat = "\n".join(str(m["content"]) for m in messages)
    for nth, stage in (("first", STAGE1), ("second", STAGE2), ("third", STAGE3)):
        if f"the {nth} of three stages" in chat:
            return json.dumps(stage)
    if "You are a computer program" in chat:
        return json.dumps({"observation": "b2 Emma", "changes": []})
    if "b2 Emma" in messages[-1]["content"]:
        return 'Thought: That is it.\nAction: report\nAction Input: {"answer": "b2"}'
    return 'Thought: I look.\nAction: find\nAction Input: {"word": "emma"}'


async def rolled_out(rollout, run):
    await rollout.prepare(run)
    await rollout.run(run)
    await rollout.model.close()


def test_from_a_topic_to_graded_episodes_in_an_environment_nobody_has_programmed(tmp_path, capsys):
    with serve(played) as server:
        model = ["model=openai", "model.model=m", f"model.base_url={server.openai_url}"]
        assert teach(["invent=library_g", "topics=a library", "tasks=2", "repairs=0", f"out={tmp_path}", *model]) == 0
        assert "library_g (no engine, nothing proven)" in capsys.readouterr().out
        experiment = {"environments": ["library_g"], "mode": "simulated", "simulator": "grounded", "agent": "react"}
        asked = Rollout(
            Experiment.model_validate(experiment), connect("openai", dict(w[6:].split("=", 1) for w in model[1:]))
        )
        run = Run.create(tmp_path, "played", "")
        asyncio.run(rolled_out(asked, run))
    report = summary(run)["environments"]["library_g"]
    assert (report["episodes"], report["success"]) == (2, 0.5)
    assert report["checks"]["unverifiable"] == 2 and report["checks"]["match"] == report["checks"]["drift"] == 0
    assert report["checks"]["unverifiable_reasons"]


def test_a_broken_blueprint_is_the_users_fault_and_is_named(tmp_path):
    folder = tmp_path / "environments" / "broken"
    folder.mkdir(parents=True)
    (folder / "environment.json").write_text('{"overview": "x", "state": {}, "actions": [], "rules": ["x"]}')
    plugins.add(tmp_path)
    with pytest.raises(ConfigError, match=r"environment\.json: actions: Tuple should have at least 2 items"):
        plugins.environment("broken")


async def test_a_world_without_an_engine_plays_nothing(tmp_path):
    work, run, _ = invent(tmp_path, "library_f", STAGE1, STAGE2, STAGE3, tasks=2)
    await work.run(run)
    task = Task.model_validate(rows(tmp_path, "tasks")[0])
    with pytest.raises(Exception, match="has no engine; it can only be simulated"):
        await plugins.environment("library_f").world().reset(task)


@pytest.mark.parametrize("key", ["$ref", "$dynamicRef", "$recursiveRef"])
def test_a_schema_that_points_elsewhere_is_no_action(key):
    parameters = {"type": "object", "properties": {"a": {key: "http://127.0.0.1:9/secret"}}}
    with pytest.raises(ValueError, match="a schema stands for itself"):
        ActionDefinition(name="go", description="Goes.", parameters=parameters)

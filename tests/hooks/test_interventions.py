"""What hooks do in real rollouts: asked again, reminded, hinted, handed over, split; and what the record says of it."""

import asyncio
import json

import pytest
from numpy.random import default_rng

from simenv import plugins
from simenv.config import Experiment, bundled, load
from simenv.errors import ConfigError, WorldError
from simenv.models.clients.scripted import scripted
from simenv.rollout.branch import branch
from simenv.rollout.report import report
from simenv.rollout.run import Rollout
from simenv.runs.store import Run
from simenv.types import Stop, Task, Turn
from tests.helpers.counter import react

TASK = Task(
    id="t",
    environment="counter",
    instruction="Bring the counter to 12, then report it.",
    spec={"start": 5},
    goal={"value": 12, "answer": 12},
)
ADD, REPORT = react("add", 7), react("report", 12)


def live(*said, hooks, teacher=None, **changes):
    """A rollout whose student is a scripted model."""
    fields = {"environments": ["counter"], "agent": "react", "hooks": hooks, **changes}
    return Rollout(Experiment.model_validate(fields), model=scripted(*said), teacher=teacher)


def family(*said, **given):
    return asyncio.run(live(*said, **given).run_with_forks(TASK))


def test_a_turn_that_names_no_action_is_asked_for_again_up_to_the_limit_and_kept_aside():
    [t] = family("hm", react("ad", 7), react("add", "x"), ADD, REPORT, hooks=["resample"])
    assert t.grade.success and len(t.steps) == 2
    assert [(i.hook, i.kind, i.step) for i in t.interventions] == [("resample", "retry", 0)] * 3
    assert [i.discarded[0].content for i in t.interventions] == ["hm", react("ad", 7), react("add", "x")]
    [t] = family(*["hm"] * 6, ADD, REPORT, hooks=["resample"])
    assert len(t.interventions) == 5 and t.steps[0].action is None and t.grade.success


def test_a_command_that_the_world_does_not_list_is_not_allowed():
    household = {"environments": ["household"], "agent": {"name": "expert", "error_rate": 0.3, "kinds": ["format"]}}
    e = Experiment.model_validate({**household, "hooks": ["resample"], "episodes": 3})
    task = plugins.environment("household").procedural().make("h", default_rng(3))
    t = asyncio.run(Rollout(e).episode(task))
    assert t.grade.success and t.interventions and not any(s.action is None for s in t.steps)


def test_a_nudge_is_seen_and_does_not_stay():
    model = scripted("hm", ADD, REPORT)
    e = Experiment.model_validate(
        {"environments": ["counter"], "agent": "react", "hooks": [{"name": "nudge", "at": [2]}]}
    )
    [t] = asyncio.run(Rollout(e, model=model).run_with_forks(TASK))
    assert t.grade.success and [(i.hook, i.kind, i.author, i.step) for i in t.interventions] == [
        ("nudge", "note", "teacher", 1),
        ("nudge", "note", "teacher", 2),
    ]
    assert all("Reminder" in model.requests[n].messages[-1].content for n in (1, 2))
    assert "Reminder" not in model.requests[0].messages[-1].content
    assert not any("Reminder" in m.content for m in t.messages)
    third = [m for m in t.messages if m.role == "assistant"][2]
    assert "Reminder" in third.sent[-1].content and third.sent[:-1] == tuple(range(5)) and third.train


def test_a_student_tries_again_with_a_hint_that_does_not_stay():
    teacher = scripted('{"hint": "It is 12."}', '{"hint": "Think before you report."}')
    model = scripted(react("report", 5), ADD, REPORT)
    e = {"environments": ["counter"], "agent": "react", "hooks": ["first_mistake", "hint"], "teacher": "scripted"}
    [t] = asyncio.run(Rollout(Experiment.model_validate(e), model=model, teacher=teacher).run_with_forks(TASK))
    assert t.grade.success and t.mistake is None and len(t.steps) == 2
    refused, given = t.interventions
    assert refused.kind == "note" and "gives away the answer '12'" in refused.reason and refused.text == "It is 12."
    assert (given.kind, given.author, given.text, given.step) == ("rewind", "teacher", "Think before you report.", 0)
    assert given.discarded[0].content == react("report", 5)
    assert not any("Think before" in m.content for m in t.messages)
    assert t.messages[2].sent[-1].content == "Think before you report." and t.messages[2].train
    assert t.usage.calls == 5 and t.teacher_usage.calls == 2
    assert "1. " in (prompt := teacher.requests[0].messages[-1].content) and "2. " in prompt, "the rest of the plan"


def test_after_its_hints_a_mistake_stands_masked_or_the_teacher_takes_over():
    wrong = [react("report", 5)] * 3
    hooks = ["first_mistake", {"name": "hint", "tries": 2}]
    [t] = family(*wrong, hooks=hooks)
    assert not t.grade.success and t.mistake.severity == "fatal" and len(t.interventions) == 2
    assert [m.train for m in t.messages if m.role == "assistant"] == [False]
    assert all(i.text.startswith("Hint: do not end the task like that") for i in t.interventions)
    [t] = family(*wrong, hooks=[*hooks, "takeover"])
    assert t.grade.success and [i.hook for i in t.interventions] == ["hint", "hint", "takeover"]
    assert [m.author for m in t.messages if m.role == "assistant"] == ["teacher", "teacher"]


def test_a_teachers_model_takes_over_where_there_is_one():
    teacher = scripted(ADD, REPORT)
    [t] = family(react("report", 5), hooks=["first_mistake", "takeover"], teacher=teacher)
    assert t.grade.success and len(teacher.requests) == 2 and t.usage.calls == 3 and t.teacher_usage.calls == 2


def test_what_cannot_be_read_is_read_by_a_model_and_both_texts_are_kept():
    teacher = scripted('{"thought": "I add.", "name": "add", "arguments": {"amount": 7}}')
    [t] = family("I want to add seven", REPORT, hooks=["parser", "resample"], teacher=teacher)
    assert t.grade.success
    [change] = t.interventions
    assert (change.hook, change.kind, change.author) == ("parser", "substitute", "teacher")
    assert change.discarded[0].content == "I want to add seven"
    assert change.text == t.messages[2].content == 'Thought: I add.\nAction: add\nAction Input: {"amount": 7}'
    assert "instructions for you" in teacher.requests[0].messages[0].content


@pytest.mark.parametrize(
    "meant", ['{"name": "", "arguments": {}}', '{"name": "fly"}', '{"name": "add", "arguments": {"by": 1}}']
)
def test_what_a_model_cannot_read_either_is_left_as_it_is(meant):
    [t] = family("hm", ADD, REPORT, hooks=["parser"], teacher=scripted(meant))
    assert t.steps[0].action is None and not t.interventions


@pytest.mark.parametrize(("options", "counted"), [({}, False), ({"counts": True}, True)])
def test_in_a_benchmarks_dialect_what_was_meant_is_noted_and_counts_only_if_asked(options, counted):
    teacher = scripted('{"name": "execute_sql", "arguments": {"query": "SELECT 1"}}', repeat=True)
    fields = {"environments": ["db"], "dialect": "agentbench", "agent": "react", "limits": {"max_turns": 2}}
    e = Experiment.model_validate({**fields, "hooks": [{"name": "parser", **options}], "teacher": "scripted"})
    task = plugins.environment("db").procedural().make("d", default_rng(3))
    t = asyncio.run(Rollout(e, model=scripted("let me select 1", repeat=True), teacher=teacher).episode(task))
    first = t.interventions[0]
    assert (t.steps[0].action is not None) == counted and first.kind == ("substitute" if counted else "note")
    assert "SELECT 1" in first.text


def test_forks_are_graded_siblings_from_one_state_and_nothing_before_it_is_run_again(monkeypatch):
    calls = []
    world = plugins.environment("counter").world
    step = world.step

    async def counting(self, action):
        calls.append(action.name)
        return await step(self, action)

    monkeypatch.setattr(world, "step", counting)
    said = [react("add", 3), react("report", 5), react("add", 4), REPORT, react("add", 4), REPORT]
    hooks = ["first_mistake", {"name": "fork", "continuations": ["student", "hint", "teacher"]}]
    student, hinted, taught, main = family(*said, hooks=hooks)
    assert [t.id for t in (student, hinted, taught, main)] == ["t.0~1", "t.0~2", "t.0~3", "t.0"]
    assert [t.branch and (t.branch.parent, t.branch.turn, t.branch.continuation) for t in (student, hinted, taught, main)] == [
        ("t.0", 1, "student"), ("t.0", 1, "hint"), ("t.0", 1, "teacher"), None,
    ]  # fmt: skip
    assert [t.grade.success for t in (student, hinted, taught, main)] == [True, True, True, False]
    assert main.mistake.step == 1 and not main.messages[4].train
    assert all(t.messages[:4] == main.messages[:4] for t in (student, hinted, taught))
    assert hinted.messages[4].sent[-1].content.startswith("Hint:") and student.messages[4].sent is None
    [split] = hinted.interventions
    assert (split.hook, split.step, split.author, split.text) == (
        "fork",
        1,
        "agent",
        hinted.messages[4].sent[-1].content,
    )
    assert [m.author for m in taught.messages if m.role == "assistant"] == ["agent", "teacher", "teacher"]
    assert calls == ["add", "report", *["add", "report"] * 3]
    assert (main.usage.calls, student.usage.calls, taught.usage.calls, taught.agent) == (2, 2, 0, "expert")


def test_forks_before_chosen_turns_need_no_mistake():
    hooks = [{"name": "fork", "turns": [0, 1], "continuations": ["teacher"], "copies": 2}]
    *siblings, main = family(ADD, REPORT, hooks=hooks)
    assert main.grade.success and [t.branch.turn for t in siblings] == [0, 0, 1, 1]


EXPERIMENT = {
    "environments": ["counter"],
    "episodes": 12,
    "agent": {"name": "expert", "error_rate": 0.4, "kinds": ["premature", "format"]},
    "hooks": ["first_mistake", "fork"],
}


async def rolled(run, **changes):
    rollout = Rollout(Experiment.model_validate({**EXPERIMENT, **changes}))
    await rollout.prepare(run)
    await rollout.run(run)


def test_siblings_are_written_counted_apart_and_neither_lost_nor_done_twice_by_a_resume(tmp_path):
    run = Run.create(tmp_path, "r", "name: r\n")
    asyncio.run(rolled(run))
    ids = [t.id for t in run.trajectories()]
    mains = [i for i in ids if "~" not in i]
    assert len(mains) == 12 and len(ids) > 16 and len(set(ids)) == len(ids)
    result = report(run)
    assert result["environments"]["counter"]["episodes"] == 12
    assert sum(s["episodes"] for s in result["branches"].values()) == len(ids) - 12
    before = {t["id"]: t for t in run.raw("trajectories")}
    part = run.folder / "trajectories" / "part-00000.jsonl"
    lines = part.read_bytes().splitlines(keepends=True)
    last = next(n for n, line in reversed(list(enumerate(lines))) if b"~" in line)
    part.write_bytes(b"".join(lines[: last + 1]) + lines[last + 1][:50])  # killed between a sibling and its parent
    asyncio.run(rolled(run))
    after = list(run.raw("trajectories"))
    assert sorted(t["id"] for t in after) == sorted(before)
    same = [{k: v for k, v in t.items() if k != "timing"} for t in after]
    assert all(t == {k: v for k, v in before[t["id"]].items() if k != "timing"} for t in same)


def test_a_person_behind_a_channel_takes_a_turn(tmp_path):
    async def person():
        while not (asked := list(tmp_path.glob("*.ask.json"))):
            await asyncio.sleep(0.01)
        view = json.loads(asked[0].read_text())
        assert view["messages"][-1]["content"] == "Bring the counter to 12, then report it.\n\nThe counter shows 5."
        answer = asked[0].with_name(asked[0].name.replace("ask", "answer"))
        answer.with_suffix(".tmp").write_text(json.dumps({"text": ADD}))
        answer.with_suffix(".tmp").rename(answer)

    async def both():
        rollout = live(react("report", 5), REPORT, hooks=["first_mistake", {"name": "human", "channel": str(tmp_path)}])
        return (await asyncio.gather(rollout.episode(TASK), person()))[0]

    t = asyncio.run(both())
    assert t.grade.success and [m.author for m in t.messages if m.role == "assistant"] == ["human", "agent"]
    assert not list(tmp_path.iterdir())


def test_a_channel_that_answers_rubbish_is_an_error_of_the_episode(tmp_path):
    async def person():
        while not (asked := list(tmp_path.glob("*.ask.json"))):
            await asyncio.sleep(0.01)
        asked[0].with_name(asked[0].name.replace("ask", "answer")).write_text("[]")

    async def both():
        rollout = live(react("report", 5), hooks=["first_mistake", {"name": "human", "channel": str(tmp_path)}])
        return (await asyncio.gather(rollout.episode(TASK), person()))[0]

    t = asyncio.run(both())
    assert t.stop is Stop.error and "expected JSON such as" in t.error


def test_a_stored_episode_is_live_again_at_one_of_its_turns():
    async def go():
        rollout = live(react("add", 3), react("report", 5), hooks=[])
        stored = await rollout.episode(TASK)
        episode = await branch(rollout, TASK, stored, 1, "expert")
        again = await episode.run("t.0~again", 0, 0, 0)
        await episode.env.close()
        stepped = await branch(rollout, TASK, stored, 1, "human")
        view = await stepped.begin()
        [step] = await stepped.env.step(Turn(text=react("add", 4), author="human"), view)
        await stepped.env.close()
        return stored, again, step, rollout

    stored, again, step, rollout = asyncio.run(go())
    assert again.grade.success and again.messages[:4] == stored.messages[:4] and again.branch.continuation == "expert"
    assert step.observation.text == "The counter shows 12." and len(rollout.model.requests) == 2
    with pytest.raises(ConfigError, match="no turn 7; expected 0 to 1"):
        asyncio.run(branch(rollout, TASK, stored, 7))
    other = TASK.model_copy(update={"spec": {"start": 6}})
    with pytest.raises(WorldError, match="step 0 comes out otherwise now"):
        asyncio.run(branch(rollout, other, stored, 1))
    played = stored.model_copy(update={"simulator": {"client": "x"}})
    with pytest.raises(ConfigError, match="a model played"):
        asyncio.run(branch(rollout, TASK, played, 1))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"hooks": ["takover"]}, "unknown hook 'takover'.*did you mean 'takeover'"),
        (
            {"hooks": [{"name": "hint", "trys": 2}]},
            "hooks.hint.trys: unknown option 'trys'; available: tries; did you mean",
        ),
        (
            {"hooks": ["first_mistake", {"name": "takeover", "by": "techer"}]},
            "unknown agent 'techer'.*did you mean 'teacher'",
        ),
        ({"hooks": ["first_mistake", {"name": "takeover", "by": "react"}]}, "agent 'react' needs a model"),
        ({"hooks": ["first_mistake", {"name": "takeover", "by": "replay"}]}, "agent replay.run: Field required"),
        ({"hooks": ["parser"]}, "hook 'parser' needs a teacher's model; for example teacher=openai"),
        ({"hooks": [{"name": "first_mistake", "by": ["judge"]}]}, "needs a teacher's model"),
        ({"hooks": [{"name": "fork", "continuations": ["nobody"]}]}, "hooks.fork.continuations.0"),
    ],
)
def test_wrong_hooks_are_told_before_anything_is_asked(changes, error):
    with pytest.raises(ConfigError, match=error):
        Rollout(Experiment.model_validate({"environments": ["counter"], "agent": "expert", **changes}))


def test_the_bundled_interventions_run_offline(tmp_path):
    given = load(bundled("rollout/interventions.yaml"), ["environments=[counter]", "episodes=6"])
    run = Run.create(tmp_path, "r", "")
    asyncio.run(rolled(run, **given.model_dump()))
    assert report(run)["environments"]["counter"]["success"] == 1.0

"""The loop: how episodes end, who is blamed, what hooks may do, what is written down."""

import asyncio
import json

import pytest

import simenv
from simenv import plugins
from simenv.agent import Agent, AgentContext
from simenv.config import Experiment, load
from simenv.env import Env, Limits
from simenv.episode import Episode
from simenv.errors import BudgetSpent, ConfigError, ContextLimit, ModelError
from simenv.hook import Hook, HookContext, Mask, Note, Retry, Rewind, Substitute
from simenv.options import Options
from simenv.rollout.run import Rollout
from simenv.types import Stop, Turn, Usage
from tests.helpers.counter import TASK, react


class Scripted(Agent):
    """Says what it is told to; raises what it is told to."""

    def __init__(self, *said):
        self.said, self.views = list(said), []
        super().__init__(Options(), AgentContext(dialect=None, rng=None))

    async def act(self, view):
        self.views.append(view)
        said = self.said.pop(0)
        if isinstance(said, Exception):
            raise said
        return Turn(text=said, usage=Usage(input_tokens=10, output_tokens=1, calls=1, cost=0.5))


def play(*said, hooks=(), world=None, **limits):
    kind = plugins.environment("counter").world
    env = Env(kind(kind.Options(**(world or {}))), plugins.environment("counter").dialect("react"), Limits(**limits))
    agent = Scripted(*said)
    episode = Episode(env, agent, list(hooks), TASK)
    return asyncio.run(episode.run("t.0", 0, 0, 1)), agent


def test_an_episode_that_succeeds():
    t, agent = play(react("add", 7), react("report", 12))
    assert (t.stop, t.grade.success, t.grade.progress) == (Stop.submitted, True, 1.0)
    assert [s.message for s in t.steps] == [2, 4]
    assert [m.role for m in t.messages] == ["system", "user", "assistant", "user", "assistant"]
    assert [m.train for m in t.messages] == [False, False, True, False, True]
    assert t.usage == Usage(input_tokens=20, output_tokens=2, calls=2, cost=1.0)
    assert agent.views[1].messages[-1].content == "Observation: The counter shows 12."
    assert not {"goal", "spec", "solution"} & set(type(agent.views[0]).model_fields)


@pytest.mark.parametrize(
    ("said", "limits", "stop", "progress"),
    [
        ([react("add", 1)] * 8, {}, Stop.max_steps, 0.0),
        ([react("add", 7)] * 2, {"max_turns": 1}, Stop.max_steps, 0.5),
        (["hm"] * 5, {}, Stop.too_many_invalid, 0.0),
        ([react("add", 100)] * 3, {"max_invalid": 3}, Stop.too_many_invalid, 0.0),
        ([react("report", 5)], {}, Stop.submitted, 0.0),
        ([react("add", 7), ContextLimit("too long")], {}, Stop.context_limit, 0.5),
    ],
)
def test_the_agents_endings_are_graded(said, limits, stop, progress):
    t, _ = play(*said, **limits)
    assert (t.stop, t.grade.progress, t.error) == (stop, progress, "")


def test_a_valid_action_in_between_clears_the_count_of_invalid_ones():
    t, _ = play("a", "b", react("add", 7), "c", "d", react("report", 12), max_invalid=3)
    assert t.grade.success and [s.observation.invalid for s in t.steps] == [True, True, False, True, True, False]


@pytest.mark.parametrize(
    ("said", "world", "error"),
    [
        ([ModelError("no answer")], {}, "ModelError: no answer"),
        ([react("add", 7)], {"breaks_at": 12}, "WorldError: the counter broke"),
        ([react("report", 5)], {"ungradable": True}, "WorldError: the counter is gone"),
        ([ContextLimit("too long")], {"ungradable": True}, "WorldError: the counter is gone"),
    ],
)
def test_faults_of_model_and_engine_are_errors_without_a_grade(said, world, error):
    t, _ = play(*said, world=world)
    assert (t.stop, t.grade, t.error) == (Stop.error, None, error)


def test_a_world_that_is_not_built_in_time_is_its_own_fault():
    t, _ = play(react("add", 7), world={"slow": 0.3}, seconds=0.05)
    assert (t.stop, t.grade) == (Stop.error, None) and "not built within 0.05 seconds" in t.error


def test_a_bug_ends_its_episode_with_its_place_and_traceback():
    t, _ = play(ZeroDivisionError("one"))
    assert (t.stop, t.grade, t.error) == (Stop.error, None, "Bug: agents.scripted.act: ZeroDivisionError: one")
    assert t.bug.place == "agents.scripted.act" and "raise said" in t.bug.traceback


def test_a_spent_budget_is_no_episode():
    with pytest.raises(BudgetSpent):
        play(react("add", 7), BudgetSpent("enough"))


def test_an_episode_ends_at_its_time_limit():
    class Slow(Scripted):
        async def act(self, view):
            await asyncio.sleep(60)

    kind = plugins.environment("counter").world
    env = Env(kind(), plugins.environment("counter").dialect("react"), Limits(seconds=0.05))
    t = asyncio.run(Episode(env, Slow(), [], TASK).run("t.0", 0, 0, 1))
    assert (t.stop, t.grade.success) == (Stop.timeout, False)


NO_CONTEXT = HookContext(dialect=None, rng=None)


class Once(Hook):
    """Answers once, the first time it is asked after a turn (or a step)."""

    def __init__(self, answer, at, after="turn"):
        super().__init__(Options(), NO_CONTEXT)
        self.answer, self.at, self.after = answer, at, after
        self.rewinds = isinstance(answer, Rewind)

    def _now(self, episode, after):
        answer, due = self.answer, after == self.after and episode.turn == self.at
        self.answer = None if due else answer
        return answer if due else None

    async def after_turn(self, episode, turn):
        return self._now(episode, "turn")

    async def after_step(self, episode, steps):
        return self._now(episode, "step")


def test_a_retry_shows_its_note_once_and_keeps_the_discarded_turn_aside():
    t, agent = play(
        "rubbish", react("add", 7), react("report", 12), hooks=[Once(Retry("no format", "Mind the format."), 0)]
    )
    assert t.grade.success and len(t.steps) == 2
    assert agent.views[1].messages[-1].content == "Mind the format." and agent.views[1].retry == 1
    assert "Mind the format." not in [m.content for m in t.messages]
    assert t.messages[2].sent[-1].content == "Mind the format."
    assert t.messages[4].sent is None
    [change] = t.interventions
    assert (change.hook, change.kind, change.reason, change.step) == ("once", "retry", "no format", 0)
    assert [m.content for m in change.discarded] == ["rubbish"]
    assert t.usage.calls == 3


def test_a_substitute_speaks_in_place_of_the_agent():
    turn = Turn(text=react("add", 7), author="teacher", train=False)
    t, _ = play("rubbish", react("report", 12), hooks=[Once(Substitute(turn, "teacher knows better"), 0)])
    assert t.grade.success
    assert [(m.author, m.train) for m in t.messages if m.role == "assistant"] == [("teacher", False), ("agent", True)]


def test_a_rewind_goes_on_from_the_snapshot_without_running_anything_again():
    hook = Once(Rewind(1, "wrong way"), 3, after="step")
    t, _ = play(
        react("add", 3),
        react("add", 9),
        react("add", 9),
        react("add", 4),
        react("report", 12),
        hooks=[hook],
    )
    assert t.grade.success
    assert [s.action.arguments for s in t.steps] == [{"amount": 3}, {"amount": 4}, {"value": 12}]
    [change] = t.interventions
    assert (change.kind, change.step) == ("rewind", 1)
    assert [m.content for m in change.discarded if m.role == "assistant"] == [react("add", 9), react("add", 9)]


def test_a_rewind_after_the_end_opens_the_episode_again():
    t, _ = play(
        react("report", 5),
        react("add", 7),
        react("report", 12),
        hooks=[Once(Rewind(0, "too early"), 1, after="step")],
    )
    assert t.grade.success and len(t.steps) == 2


def test_a_hook_without_end_is_an_error_of_the_hook():
    class Never(Hook):
        async def after_turn(self, episode, turn):
            return Retry("never good enough")

    t, _ = play(*["x"] * 200, hooks=[Never(Options(), NO_CONTEXT)])
    assert t.stop is Stop.error and "100 interventions" in t.error


def test_a_hook_may_ask_for_several_changes_which_are_made_in_their_order():
    turn = Turn(text=react("add", 7), author="teacher")
    changes = (Note("seen before"), Substitute(turn, "better"), Mask(0))
    t, _ = play(
        react("add", 1), react("report", 12), hooks=[Once(changes[:2], 0), Once((changes[2],), 1, after="step")]
    )
    assert t.grade.success and [(i.kind, i.reason) for i in t.interventions] == [
        ("note", "seen before"),
        ("substitute", "better"),
    ]
    assert [m.train for m in t.messages if m.role == "assistant"] == [False, True]


def test_a_change_that_cannot_be_made_at_that_moment_is_an_error_of_the_hook():
    t, _ = play(react("add", 7), hooks=[Once(Retry("too late"), 1, after="step")])
    assert t.stop is Stop.error and "hook once: it cannot answer with a Retry here" in t.error


def test_a_hook_sees_the_live_episode():
    class Watcher(Hook):
        async def after_step(self, episode, steps):
            views.append((episode.turn, episode.task.id, len(episode.steps), episode.stop, await episode.state()))

    views = []
    play(react("add", 7), react("report", 12), hooks=[Watcher(Options(), NO_CONTEXT)])
    assert [v[:4] for v in views] == [(1, "t", 1, None), (2, "t", 2, Stop.submitted)]


def test_options_of_one_environment_leave_the_others_optional():
    kept = load(None, ["household.episodes=3"]).environments
    assert kept["household"].episodes == 3 and all(c.optional for c in kept.values())


@pytest.mark.parametrize("words", [["environments=5"], ["environments=[[db]]"], ["plugins=7"], ["plugins=[nowhere]"]])
def test_what_is_no_name_is_refused(words):
    with pytest.raises(ConfigError, match=words[0].partition("=")[0]):
        load(None, words)


def test_an_environment_may_be_named_by_its_dotted_path(tmp_path):
    run = rolled(tmp_path, environments=["simenv.plugins.environments.counter"], episodes=2)
    assert [t["environment"] for t in run.raw("trajectories")] == ["counter"] * 2


def experiment(**changes):
    return Experiment.model_validate(
        {"environments": ["counter"], "episodes": 12, "agent": {"name": "expert", "error_rate": 0.4}, **changes}
    )


def rolled(folder, **changes):
    return simenv.run(experiment(**changes), name="r", out=str(folder))


def test_two_runs_of_one_seed_are_byte_identical_but_for_time(tmp_path):
    def parts(run):
        items = sorted(run.raw("trajectories"), key=lambda t: t["id"])
        return [json.dumps({k: v for k, v in t.items() if k != "timing"}) for t in items]

    first, again = rolled(tmp_path, concurrency=3), rolled(tmp_path, concurrency=7)
    assert len(parts(first)) == 12 and parts(first) == parts(again)
    assert parts(first) != parts(rolled(tmp_path, seed=1))


def test_attempts_of_one_task_differ(tmp_path):
    run = rolled(tmp_path, episodes=3, attempts=4)
    items = list(run.trajectories())
    assert sorted(t.id for t in items) == [f"counter-0-0000{n}.{a}" for n in range(3) for a in range(4)]
    assert len({tuple(m.content for m in t.messages) for t in items if t.task == "counter-0-00000"}) > 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"environments": ["countr"]}, "did you mean 'counter'"),
        ({"agent": "exprt"}, "did you mean 'expert'"),
        (
            {"agent": {"name": "expert", "error_rat": 1}},
            "agent.error_rat: unknown option 'error_rat'; available: error_rate, kinds; did you mean 'error_rate'",
        ),
        ({"agent": "react"}, "needs a model"),
        ({"dialect": "recat"}, "did you mean 'react'"),
        ({"environments": {"counter": {"world": {"breaks": 1}}}}, "counter.world.breaks"),
        ({"environments": {}}, "environments: none given"),
        ({"hooks": ["resampl"]}, "unknown hook 'resampl'"),
    ],
)
def test_wrong_names_and_options_are_told_with_the_nearest_spelling(changes, error):
    with pytest.raises(ConfigError, match=error):
        Rollout(experiment(**changes))


def test_an_environment_that_cannot_run_here_is_left_out_of_all_and_refused_by_name():
    lacking = {"counter": {"world": {"lacks": "no abacus; install the package abacus"}}}
    with pytest.raises(ConfigError, match="counter: no abacus; install the package abacus"):
        Rollout(experiment(environments=lacking))
    lacking["counter"]["optional"] = True
    live = Rollout(experiment(environments={**lacking, "household": {}}))
    assert live.left_out == {"counter": "no abacus; install the package abacus"} and set(live.sites) == {"household"}
    assert all(c.optional for c in experiment(environments="*").environments.values())


def test_a_file_with_bad_lines_goes_on_without_them_unless_strict(tmp_path):
    good = TASK.model_copy(update={"id": "a"}).model_dump_json()
    bad = json.dumps({**json.loads(good), "spec": {"start": "five"}, "id": "b"})
    unreachable = json.dumps({**json.loads(good), "goal": {"value": None}, "id": "c"})
    file = tmp_path / "tasks.jsonl"
    file.write_text("\n".join([good, "{torn", json.dumps({**json.loads(good), "colour": 1}), bad, unreachable, good]))
    run = rolled(tmp_path, environments={"counter": {"source": str(file)}}, agent="expert")
    assert [t["id"] for t in run.raw("trajectories")] == ["a.0"]
    reasons = [json.loads(line) for line in (run.folder / "rejected.jsonl").read_text().splitlines()]
    assert [r["where"].rpartition("/")[2] for r in reasons] == ["tasks.jsonl:2", "tasks.jsonl:3", "b", "c", "a"]
    assert "colour" in reasons[1]["reason"] and "$.start" in reasons[2]["reason"]
    assert "$.value" in reasons[3]["reason"] and "id is there already" in reasons[4]["reason"]
    with pytest.raises(ConfigError, match=r"tasks.jsonl:2: no JSON"):
        rolled(tmp_path, environments={"counter": {"source": str(file), "strict": True}}, agent="expert")


def test_a_replay_says_again_what_was_said(tmp_path):
    run = rolled(tmp_path)
    again = rolled(tmp_path, agent={"name": "replay", "run": str(run.folder)})
    first, second = ({t.id: t for t in r.trajectories()} for r in (run, again))
    assert first.keys() == second.keys()
    assert all(first[i].steps == second[i].steps and first[i].grade == second[i].grade for i in first)

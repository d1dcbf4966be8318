"""A stored episode, live again at one of its turns: for a viewer, a notebook, or to try another agent from there.

A run keeps no snapshots, so the world is brought there by the engine's actions as they are stored: no model is asked, and each
observation must come out as it was. (Forks within a rollout restore snapshots; nothing is run again there.)
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile

from simenv.agent import Agent, AgentContext, StandIn
from simenv.env import Checkpoint, Env
from simenv.episode import Episode
from simenv.errors import ConfigError, WorldError
from simenv.hook import author_of
from simenv.live_episode import ForkPoint
from simenv.rollout.run import Rollout
from simenv.types import Branch, Intervention, Observation, Task, Trajectory


async def branch(
    rollout: Rollout,
    task: Task,
    trajectory: Trajectory,
    turn: int,
    agent: str = "student",
    *,
    make_agent: Callable[[AgentContext], Agent] | None = None,
    note: str = "",
    interventions: tuple[Intervention, ...] = (),
) -> Episode:
    """An episode that stands before turn `turn` (from 0) of a trajectory, with another agent.

    `agent` is student, teacher, human or the name of an agent's plugin; `make_agent` makes an agent of one's own to act in that
    role. `note` is shown to it once, `interventions` are those recorded so far. `episode.run(id, …)` plays it to its end and
    grades it; or `view = await episode.begin()` and `episode.env.step(turn, view)` go turn by turn. Close `episode.env` in the
    end.

    ConfigError: no such turn, or a model played the environment. WorldError: the engine does not answer as it did then.
    """
    turns = trajectory.turns
    if not 0 <= turn < len(turns):
        raise ConfigError(f"{trajectory.id}: no turn {turn}; expected 0 to {len(turns) - 1}")
    if trajectory.simulator:
        raise ConfigError(
            f"{trajectory.id}: a model played this environment; only what an engine did can be done again"
        )
    episode, seed = rollout.new_episode(task, trajectory.attempt)
    env = episode.env
    try:
        await env.reset(task, seed)
        point = await _play_again(env, trajectory, turn)
    except BaseException:
        await env.close()
        raise
    participants = rollout.participants(env, task, trajectory.attempt, fork=1)
    make_agent = make_agent or (lambda context: participants.context.agent(agent))
    start = ForkPoint(
        point, Branch(parent=trajectory.id, turn=turn, continuation=agent), note=note, interventions=interventions
    )
    actor = StandIn(make_agent(participants.context), author_of(agent))
    return Episode(env, actor, participants.hooks, task, start)


async def _play_again(env: Env, trajectory: Trajectory, turn: int) -> Checkpoint:
    """Do the stored actions before a turn again; WorldError where an observation comes out otherwise."""
    turns = trajectory.turns
    last = Observation(text="", choices=env.choices)
    steps = trajectory.steps[: turns[turn].first_step]
    for number, step in enumerate(steps):
        if step.action is None:
            continue
        last = await env.world.step(step.action)
        if last.text != step.observation.text:
            raise WorldError(
                f"{trajectory.id}: step {number} comes out otherwise now: {last.text!r:.120} "
                f"instead of {step.observation.text!r:.120}"
            )
    return Checkpoint(
        blob=await env.world.snapshot(),
        messages=trajectory.messages[: turns[turn].message_index],
        steps=steps,
        turn=turn,
        invalid=sum(1 for _ in takewhile(lambda t: t.invalid, reversed(turns[:turn]))),
        choices=last.choices,
        stop=None,
        answer=None,
    )

"""A stored episode, live again at one of its turns: for a viewer, a notebook, or to try another agent from there.

A run keeps no snapshots, so the world is brought there by the engine's actions as they are stored: no model is asked, and each
observation must come out as it was. (Forks within a rollout restore snapshots; nothing is run again there.)
"""

from __future__ import annotations

from itertools import takewhile

from simenv.agent import StandIn
from simenv.env import Checkpoint
from simenv.episode import Episode, ForkPoint
from simenv.errors import ConfigError, WorldError
from simenv.hook import author
from simenv.rollout.run import Rollout
from simenv.types import Branch, Observation, Task, Trajectory


async def branch(live: Rollout, task: Task, trajectory: Trajectory, turn: int, agent: str = "student") -> Episode:
    """An episode that stands before turn `turn` of a trajectory, with another agent (student, teacher, human, a name).

    `episode.run(id, …)` plays it to its end and grades it; or `view = await episode.begin()` and `episode.env.step(turn, view)`
    go turn by turn. Close `episode.env` in the end. ConfigError: no such turn, or a model played the environment. WorldError:
    the engine does not answer as it did then.
    """
    turns = trajectory.turns
    if not 0 <= turn < len(turns):
        raise ConfigError(f"{trajectory.id}: no turn {turn}; expected 0 to {len(turns) - 1}")
    if trajectory.simulator:
        raise ConfigError(
            f"{trajectory.id}: a model played this environment; only what an engine did can be done again"
        )
    episode, seed = live.live(task, trajectory.attempt)
    env = episode.env
    try:
        await env.reset(task, seed)
        seen = Observation(text="", choices=env.view().choices)
        kept = trajectory.steps[: turns[turn].first_step]
        for number, step in enumerate(kept):
            if step.action is None:
                continue
            seen = await env.world.step(step.action)
            if seen.text != step.observation.text:
                raise WorldError(
                    f"{trajectory.id}: step {number} comes out otherwise now: {seen.text!r:.120} "
                    f"instead of {step.observation.text!r:.120}"
                )
        point = Checkpoint(
            blob=await env.world.snapshot(),
            messages=trajectory.messages[: turns[turn].message_index],
            steps=kept,
            turn=turn,
            invalid=sum(1 for _ in takewhile(lambda t: t.invalid, reversed(turns[:turn]))),
            choices=seen.choices,
            stop=None,
            answer=None,
        )
    except BaseException:
        await env.close()
        raise
    staff = live.staff(env, task, trajectory.attempt, sibling=1)
    start = ForkPoint(point, Branch(parent=trajectory.id, turn=turn, continuation=agent))
    return Episode(env, StandIn(staff.seat.agent(agent), author(agent)), staff.hooks, task, start)

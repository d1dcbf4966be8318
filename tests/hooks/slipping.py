"""Episodes with one known mistake in them: an agent that slips exactly once, and knows when."""

from numpy.random import default_rng

from simenv import plugins
from simenv.agent import Agent, AgentContext, Oracle
from simenv.config import Ref
from simenv.env import Env, Limits
from simenv.episode import Episode
from simenv.hook import HookContext
from simenv.hooks.first_mistake import FirstMistake, FirstMistakeOptions
from simenv.options import Options
from simenv.rollout.roles import Roles
from simenv.types import Turn


class Slipper(Agent):
    """The expert, or one that says the solution by heart, notices nothing and ends by saying its last move again and again;
    but for the turn `at`.

    `format`: the slip is a turn that cannot be read instead of a wrong move.
    """

    def __init__(self, context, at=None, blind=False, format=False, detour=None):
        super().__init__(Options(), context)
        self.at, self.blind, self.format, self.detour = at, blind, format, detour
        self.slipped = None

    async def act(self, view):
        task, oracle = self.context.oracle.task, self.context.oracle
        moves = (task.solution[view.turn :] or task.solution[-1:]) if self.blind else await oracle.plan()
        if not moves:
            return Turn(text="I do not know what else to do.")
        move = moves[0]
        if view.turn == self.at and self.slipped is None:
            self.slipped = len(view.messages)
            if self.format:
                return Turn(text=f"I will now do it: {move.action.name}!")
            move = self.detour or await oracle.perturb(move, self.context.rng)
        return Turn(**dict(self.context.dialect.write(move, view.turn)))


def task_of(environment, number):
    teacher = plugins.environment(environment).procedural()
    return teacher.make(f"{environment}-{number}", default_rng([number, 5]))


def stage(environment, task, hooks=((FirstMistake, FirstMistakeOptions()),), teacher=None, seed=0, limits=None, **slip):
    """An episode with a Slipper and these hooks, not yet begun."""
    found = plugins.environment(environment)
    dialect, world, rng = found.dialect("react"), found.world(), default_rng(seed)
    oracle = Oracle(found.expert(), world, task)
    roles = Roles(Ref(name="expert"), None, teacher, has_teacher=teacher is not None)
    context = HookContext(
        dialect=dialect, rng=rng, oracle=oracle, teacher=teacher, agent=roles.maker(dialect, rng, oracle)
    )
    agent = Slipper(AgentContext(dialect=dialect, rng=default_rng([seed, 1]), oracle=oracle), **slip)
    return Episode(Env(world, dialect, limits or Limits()), agent, [h(o, context) for h, o in hooks], task)


async def played(episode):
    try:
        return await episode.run("t.0", 0, 0, 1)
    finally:
        await episode.env.close()


def matters(trajectory, at, expected):
    """Whether the slip at a turn cost something: it was no action or refused, the episode failed, or it took more turns
    than the right way and the lost turn itself."""
    step = trajectory.steps[at]
    return step.observation.invalid or not trajectory.grade.success or len(trajectory.steps) > expected + 1

"""Episodes with one known mistake: an agent that makes exactly one, at a turn the test chooses."""

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


class MistakenAgent(Agent):
    """An expert that makes a mistake at the turn `at`; None: it makes none.

    `blind`: it plays the task's solution whatever happens, and repeats the last move when that is through. `format`: the
    mistake is a turn without an action. `detour`: the move to make in place of a wrong one.
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
        return Turn(**dict(self.context.dialect.render(move, view.turn)))


def task_of(environment, number):
    """The task of this number that the environment's teacher makes."""
    teacher = plugins.environment(environment).procedural()
    return teacher.make(f"{environment}-{number}", default_rng([number, 5]))


def new_episode(
    environment, task, hooks=((FirstMistake, FirstMistakeOptions()),), teacher=None, seed=0, limits=None, **slip
):
    """An episode of a MistakenAgent with these hooks, not yet begun."""
    found = plugins.environment(environment)
    dialect, world, rng = found.dialect("react"), found.world(), default_rng(seed)
    oracle = Oracle(found.expert(), world, task)
    roles = Roles(Ref(name="expert"), None, teacher, has_teacher=teacher is not None)
    context = HookContext(
        dialect=dialect, rng=rng, oracle=oracle, teacher=teacher, agent=roles.maker(dialect, rng, oracle)
    )
    agent = MistakenAgent(AgentContext(dialect=dialect, rng=default_rng([seed, 1]), oracle=oracle), **slip)
    return Episode(Env(world, dialect, limits or Limits()), agent, [h(o, context) for h, o in hooks], task)


async def finish(episode):
    """Runs an episode to its end; returns the trajectory."""
    try:
        return await episode.run("t.0", 0, 0, 1)
    finally:
        await episode.env.close()


def matters(trajectory, at, expected):
    """Whether the mistake at a turn did harm: the turn had no valid action, the episode failed, or it took more turns than
    the `expected` ones and the lost one."""
    step = trajectory.steps[at]
    return step.observation.invalid or not trajectory.grade.success or len(trajectory.steps) > expected + 1

"""Simulators: models that play an environment. A simulator answers from a SimulatorContext; the world around it is Simulated
(nobody corrects it) or Checked (a real engine beside it does). They are found by name, as plugins of the kind simulators.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from simenv.compare import Blind, Comparison, Flaws, Prediction, Transition
from simenv.errors import ConfigError
from simenv.model import Model
from simenv.options import Options as Settings
from simenv.plugins import Environment
from simenv.plugins.definition import SimulatedOnlyWorld
from simenv.types import Action, Data, Flaw, Text, Usage
from simenv.world import ActionSpec, Engine, World

HERE = Path(__file__).parent
GROUND = HERE / "ground.j2"
"""The template that tells spec and state if an environment has no simulate.j2."""


class Exchange(Data):
    """An action and the answer to it."""

    action: Action
    text: Text


class SimulatorContext(Data):
    """All that a simulator may know at a step. `state`: the engine's if it is reset to that at every step, else the one it
    wrote itself; `seed`: the episode's; `sample`: the number of answers asked for before at this step."""

    spec: dict[str, Any]
    opening: Text = ""
    past: tuple[Exchange, ...] = ()
    state: Any = None
    seed: int = 0
    sample: int = 0


class SimulatorReply(Data):
    """A simulator's answer. Claim set: usable; with `error` too, it broke character. Claim None and `error` set: unusable, with
    the raw answer in `text`. Both None: the model could not be reached. `reason` explains an error or an outage."""

    claim: Prediction | None
    text: Text = ""
    error: Flaw | None = None
    reason: str = ""
    tries: int = 1
    usage: Usage = Usage()


@dataclass(frozen=True)
class SimulatorSetup:
    """All that a simulator knows of its environment before there is a task.

    `engine` makes a new engine, None if there is none; `premises` gives what `ground` tells beside spec and state; `rules` and
    `examples` are those of an environment that is only defined.
    """

    name: str
    overview: str
    actions: dict[str, ActionSpec]
    ground: Path = GROUND
    premises: Callable[[dict[str, Any], Any], dict[str, Any]] = Engine.premises
    rules: tuple[str, ...] = ()
    examples: tuple[Exchange, ...] = ()
    max_turns: int = World.max_turns
    comparison: Comparison = field(default_factory=Blind)
    flaws: Flaws | None = None
    engine: Callable[[], Engine] | None = None
    environment: Environment | None = None
    model: Model | None = None

    @classmethod
    def of(
        cls, environment: Environment, options: Settings | None = None, model: Model | None = None
    ) -> SimulatorSetup:
        """The setup of an environment; its engine has these options."""
        kind = environment.world
        common: dict[str, Any] = {
            "name": environment.name,
            "overview": kind.overview,
            "actions": kind.actions,
            "max_turns": kind.max_turns,
            "comparison": environment.comparison(),
            "flaws": environment.flaws() if environment.flaws else None,
            "environment": environment,
            "model": model,
        }
        if issubclass(kind, SimulatedOnlyWorld):
            examples = tuple(Exchange(action=e.action, text=e.observation) for e in kind.blueprint.examples)
            return cls(**common, ground=HERE / "described.j2", rules=kind.blueprint.rules, examples=examples)
        engine = partial(kind, options) if issubclass(kind, Engine) else None
        premises = kind.premises if issubclass(kind, Engine) else Engine.premises
        return cls(**common, ground=environment.simulate or GROUND, premises=premises, engine=engine)


class Simulator(ABC):
    """Plays one environment. One instance serves all its concurrent episodes, so it keeps nothing of any."""

    Options: ClassVar[type[Settings]] = Settings
    needs_model: ClassVar[bool] = False
    needs_engine_answer: ClassVar[bool] = False
    """Whether it gets the engine's answer before it gives its own, as a stand-in for a model does."""

    def __init__(self, options: Settings, setting: SimulatorSetup) -> None:
        self.options = options
        self.setting = setting
        if self.needs_model and setting.model is None:
            raise ConfigError(
                f"simulator {type(self).__name__.lower()!r} needs a model; for example simulator.model=openai "
                "simulator.model.model=NAME"
            )

    @abstractmethod
    async def play(
        self, context: SimulatorContext, action: Action, transition: Transition | None = None
    ) -> SimulatorReply:
        """The environment's answer to a well-formed action. `transition` only if `needs_engine_answer` is set.

        If the model cannot be reached or its answer is unusable, the reply has no claim; only BudgetSpent is raised.
        """

    @property
    def identity(self) -> dict[str, Any]:
        """The simulator for the record: its name, options, and the model with all that shapes its answers."""
        record = {
            "name": type(self).__module__.rpartition(".")[2],
            **self.options.model_dump(mode="json", exclude={"model"}),
        }
        return record | ({"model": self.setting.model.identity} if self.needs_model and self.setting.model else {})

"""A model that plays an environment. Simulator is who plays, Stage what it may know; the worlds that hold one are Simulated
(nobody corrects it) and Checked (a real engine in its shadow does). The simulators are modules of this package, by name.
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
from simenv.options import Options
from simenv.plugins import Environment
from simenv.plugins.definition import SimulatedOnlyWorld
from simenv.types import Action, Data, Flaw, Text, Usage
from simenv.world import ActionSpec, Engine, World

HERE = Path(__file__).parent
GROUND = HERE / "ground.j2"
"""How spec and state are told where an environment has no simulate.j2 of its own."""


class Exchange(Data):
    """An action and what was answered."""

    action: Action
    text: Text


class SimulatorContext(Data):
    """All that a simulator may know when it is its turn. `state`: the true one where an engine grounds it at every step, else
    the one it wrote itself; `seed` is the episode's; `sample` counts the answers asked for at this step."""

    spec: dict[str, Any]
    opening: Text = ""
    past: tuple[Exchange, ...] = ()
    state: Any = None
    seed: int = 0
    sample: int = 0


class SimulatorReply(Data):
    """What a simulator answered. Without a claim: `error` and `reason` say why there is none, `text` what it wrote instead;
    no `error` then means that it gave no answer at all, an outage. `error` beside a claim: it broke character in it."""

    claim: Prediction | None
    text: Text = ""
    error: Flaw | None = None
    reason: str = ""
    tries: int = 1
    usage: Usage = Usage()


@dataclass(frozen=True)
class SimulatorSetup:
    """What a simulator knows of its environment before there is a task. `engine` makes one, None where there is none;
    `rules` and `examples` are those of an environment that is only described."""

    name: str
    overview: str
    actions: dict[str, ActionSpec]
    ground: Path = GROUND
    rules: tuple[str, ...] = ()
    examples: tuple[Exchange, ...] = ()
    max_turns: int = World.max_turns
    comparison: Comparison = field(default_factory=Blind)
    flaws: Flaws | None = None
    engine: Callable[[], Engine] | None = None
    environment: Environment | None = None
    model: Model | None = None

    @classmethod
    def of(cls, environment: Environment, options: Options | None = None, model: Model | None = None) -> SimulatorSetup:
        """The setting of an environment by its folder; its engine has these options."""
        kind = environment.world
        shared: dict[str, Any] = {
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
            return cls(**shared, ground=HERE / "described.j2", rules=kind.blueprint.rules, examples=examples)
        engine = partial(kind, options) if issubclass(kind, Engine) else None
        return cls(**shared, ground=environment.simulate or GROUND, engine=engine)


class Simulator(ABC):
    """Plays one environment. One instance serves all its concurrent episodes, so it keeps nothing of any."""

    Options: ClassVar[type[Options]] = Options
    needs_model: ClassVar[bool] = False
    needs_engine_answer: ClassVar[bool] = False
    """Whether it is told the engine's answer before it gives its own: a stand-in, no model."""

    def __init__(self, options: Options, setting: SimulatorSetup) -> None:
        self.options = options
        self.setting = setting
        if self.needs_model and setting.model is None:
            raise ConfigError(
                f"simulator {type(self).__name__.lower()!r} needs a model; for example simulator.model=openai "
                "simulator.model.model=NAME"
            )

    @abstractmethod
    async def play(self, stage: SimulatorContext, action: Action, truth: Transition | None = None) -> SimulatorReply:
        """The environment's answer to an action that is well-formed. `truth` only where its class asks for it.

        A model that cannot be asked or answers nothing usable is a Played without a claim; only BudgetSpent is raised.
        """

    @property
    def identity(self) -> dict[str, Any]:
        """Who plays, for the record: name, options, and the model with what shapes its answers."""
        told = {
            "name": type(self).__module__.rpartition(".")[2],
            **self.options.model_dump(mode="json", exclude={"model"}),
        }
        return told | ({"model": self.setting.model.identity} if self.needs_model and self.setting.model else {})

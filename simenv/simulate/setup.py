"""Who plays the environments of a run, read from its experiment: every name resolved, no model asked."""

from __future__ import annotations

from dataclasses import dataclass

from simenv import plugins
from simenv.config import Experiment, Ref
from simenv.errors import ConfigError
from simenv.model import Model
from simenv.options import Options, read
from simenv.plugins import Environment
from simenv.simulate import Simulator, SimulatorSetup
from simenv.simulate.checked import Checked, DriftPolicy
from simenv.simulate.simulated import Simulated
from simenv.world import Engine


@dataclass(frozen=True)
class SimulationSetup:
    """A simulator with its options, and whether and how it is checked."""

    kind: type[Simulator]
    options: Options
    checked: bool
    policy: DriftPolicy = "correct"
    resamples: int = 5

    @classmethod
    def of(cls, e: Experiment) -> SimulationSetup | None:
        """None where the engines play; ConfigError where mode, simulator and policy do not fit."""
        if e.policy != "correct" and e.mode != "checked":
            raise ConfigError(f"policy={e.policy}, but mode={e.mode}; only mode=checked has answers to treat so")
        if e.mode == "engine":
            if e.simulator is not None:
                raise ConfigError(
                    f"simulator={e.simulator.name}, but mode=engine; mode=checked or mode=simulated plays it"
                )
            return None
        if e.simulator is None:
            raise ConfigError(f"mode={e.mode} needs a simulator; for example simulator=flawed, or simulator=grounded")
        return cls.named(e.simulator, checked=e.mode == "checked", policy=e.policy, resamples=e.resamples)

    @classmethod
    def named(cls, ref: Ref, *, checked: bool, policy: DriftPolicy = "correct", resamples: int = 5) -> SimulationSetup:
        """By the name of a simulator and its options."""
        kind: type[Simulator] = plugins.load("simulators", ref.name)
        return cls(kind, read(kind.Options, ref.options, "simulator"), checked, policy, resamples)

    @property
    def model(self) -> Ref | None:
        """The model client that is to play, where it has one of its own."""
        return getattr(self.options, "model", None)

    def actor(self, environment: Environment, options: Options | None, model: Model | None) -> Simulator:
        """The simulator of one environment, for all its episodes; ConfigError for what it lacks."""
        return self.kind(self.options, SimulatorSetup.of(environment, options, model))

    def world(self, actor: Simulator, engine: Engine | None) -> Simulated:
        """A world for one episode."""
        if not self.checked:
            return Simulated(actor, engine)
        if engine is None:
            raise ConfigError(f"{actor.setting.name} has no engine to check against; mode=simulated can play it")
        return Checked(actor, engine, self.policy, self.resamples)

"""A stand-in for a model, and no model: it is told the engine's answer and spoils it at known rates. With it everything that
needs a simulator runs offline, and a checker can be measured, since what was made wrong is known."""

from __future__ import annotations

from typing import ClassVar, get_args

from numpy.random import Generator, SeedSequence, default_rng
from pydantic import Field

from simenv.compare import Prediction, Transition
from simenv.errors import ConfigError
from simenv.options import Options
from simenv.simulate import Simulator, SimulatorContext, SimulatorReply, SimulatorSetup
from simenv.simulate.change_size import BUCKETS, bucket
from simenv.types import Action, Flaw


class FlawedOptions(Options):
    rate: float = Field(default=0.2, ge=0, le=1)
    """of the steps that are answered wrongly"""
    rates: dict[str, float] = {}
    """the same by |Δ|, over `rate`: {"0": 0.01, "1-2": 0.3, "3-6": 0.6, "7-12": 0.8, "13+": 0.9}"""
    vary: float = Field(default=0.3, ge=0, le=1)
    """of the right answers, those that are given in other words"""
    errors: tuple[Flaw, ...] = Field(default=get_args(Flaw), min_length=1)
    """classes of error that are made"""
    state: bool = True
    """whether it also writes the next state"""
    seed: int = Field(default=0, ge=0)
    """same seed, same flaws"""


class Flawed(Simulator):
    """The truth, the truth in other words, or an error of a class drawn at random among those the step has room for."""

    Options: ClassVar[type[Options]] = FlawedOptions
    needs_engine_answer: ClassVar[bool] = True
    options: FlawedOptions

    def __init__(self, options: FlawedOptions, setting: SimulatorSetup) -> None:
        super().__init__(options, setting)
        if setting.flaws is None:
            raise ConfigError(f"simulator 'flawed': {setting.name} has no flaws.py")
        for name, rate in options.rates.items():
            if name not in BUCKETS or not 0 <= rate <= 1:
                raise ConfigError(f"simulator.rates: {name}={rate}: expected one of {', '.join(BUCKETS)} and 0..1")
        self._flaws = setting.flaws

    async def play(
        self, context: SimulatorContext, action: Action, transition: Transition | None = None
    ) -> SimulatorReply:
        if transition is None:
            raise ConfigError(f"simulator 'flawed' has no engine of {self.setting.name} to take the truth from")
        rng = default_rng(SeedSequence([self.options.seed, context.seed, len(context.past), context.sample]))
        return SimulatorReply(claim=self._spoilt(transition, rng) or self._right(transition, rng))

    def _spoilt(self, transition: Transition, rng: Generator) -> Prediction | None:
        delta = self.setting.comparison.delta(transition.before, transition.after)
        if rng.random() >= self.options.rates.get(bucket(delta), self.options.rate):
            return None
        errors = self.options.errors
        for i in rng.permutation(len(errors)):
            claim = self._flaws.corrupt(errors[int(i)], transition, rng)
            if claim is not None:
                return self._with_state(claim, transition)
        return None

    def _right(self, transition: Transition, rng: Generator) -> Prediction:
        if rng.random() >= self.options.vary:
            return self._with_state(Prediction(observation=transition.truth), transition)
        prediction = Prediction(observation=self._flaws.vary(transition, rng))
        return self._with_state(
            prediction, transition.model_copy(update={"after": self._flaws.restate(transition, rng)})
        )

    def _with_state(self, claim: Prediction, transition: Transition) -> Prediction:
        if not self.options.state or claim.state is not None:
            return claim
        return claim.model_copy(update={"state": transition.after})

"""Who may act in a run: its own agent, the teacher, a person, or any agent by name, each made for one live episode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from numpy.random import Generator

from simenv import plugins
from simenv.agent import Agent, AgentContext, Oracle
from simenv.config import Ref
from simenv.dialects import Dialect
from simenv.errors import ConfigError, unknown
from simenv.hook import STUDENT, TEACHER, Hook, HookContext
from simenv.model import Model
from simenv.options import read


class Participants(NamedTuple):
    """Who takes part in one episode. `context` makes other agents for it."""

    agent: Agent
    hooks: list[Hook]
    context: HookContext


@dataclass(frozen=True)
class Roles:
    """The names a hook may call agents by. A teacher without a model is the environment's expert."""

    student: Ref
    model: Model | None = None
    teacher: Model | None = None
    has_teacher: bool = False
    """whether there is, or will be, a teacher's model"""

    def ref(self, name: str, **options: Any) -> Ref:
        """A role as the agent that fills it."""
        if name == STUDENT:
            return self.student
        if name == TEACHER:
            name = "react" if self.has_teacher else "expert"
        return Ref(name=name, **options)

    def kind(self, name: str) -> type[Agent]:
        """The class behind a name; ConfigError lists the roles and agents there are."""
        ref = self.ref(name)
        if "." not in ref.name and ref.name not in (names := plugins.names("agents")):
            raise ConfigError(unknown("agent", name, [STUDENT, TEACHER, *names]))
        return plugins.load("agents", ref.name)

    def check(self, name: str, has_model: bool) -> type[Agent]:
        """The same, and ConfigError where it lacks a model or cannot be made without options. `has_model`: whether the
        run's own agent will have a model."""
        kind = self.kind(name)
        if kind.needs_model and not (has_model if name == STUDENT else self.has_teacher or has_model):
            raise ConfigError(f"agent {name!r} needs a model; for example teacher=openai teacher.model=NAME")
        read(kind.Options, self.ref(name).options, f"agent {name}")
        return kind

    def maker(self, dialect: Dialect, rng: Generator, oracle: Oracle | None) -> Callable[..., Agent]:
        """Makes agents by name in one live episode."""

        def make(name: str, **options: Any) -> Agent:
            kind, ref = self.kind(name), self.ref(name, **options)
            model = self.model if name == STUDENT else self.teacher or self.model
            [own_rng] = rng.spawn(1)
            context = AgentContext(
                dialect=dialect, rng=own_rng, model=model, oracle=oracle if kind.needs_oracle else None
            )
            return kind(read(kind.Options, ref.options, f"agent {name}"), context)

        return make

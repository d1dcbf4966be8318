"""The form of a rollout: what is filled in, checked and made the words of a command. API keys never are part of it."""

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple

from simenv import plugins
from simenv.agent import Agent
from simenv.errors import ConfigError
from simenv.models.keys import NAME
from simenv.plugins.viewer.forms.option_fields import arguments

KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
"""The environment variables in which the clients look for their keys by default."""
CLIENTS = ("openai", "anthropic", "transformers")
"""Model clients that the form can set up; a cassette or a script is set up in a config file."""
ATTENDED = ("human", "replay")
"""Agents that cannot work alone: they need a person at a terminal or a recording."""
REFLEXION = "reflexion"
"""The hook that makes Reflexion of ReAct."""


class RolloutPlan(NamedTuple):
    """What is filled in. `sources` are task files by environment; `agent_options` and `model_options` hold only what differs
    from the defaults; `client` is None for an agent without a model; `budget` is in $; `settings` are further settings of the
    command, `hooks` its interventions."""

    name: str
    environments: tuple[str, ...]
    sources: dict[str, str]
    agent: str
    agent_options: dict[str, Any]
    dialect: str
    client: str | None
    model: str
    model_options: dict[str, Any]
    episodes: int
    attempts: int
    seed: int
    concurrency: int
    budget: float | None
    settings: dict[str, Any] = {}
    hooks: tuple[dict[str, Any], ...] = ()

    def command(self, runs: str) -> list[str]:
        """The words of the command `rollout` that writes below the folder `runs`. ConfigError for what is missing."""
        if not self.environments:
            raise ConfigError("environments: choose at least one")
        if self.client and not self.model.strip():
            raise ConfigError("model: give its name")
        of_model = {"model": self.client, "model.model": self.model.strip()} if self.client else {}
        return [
            "rollout",
            *arguments(
                {
                    "name": self.name,
                    "environments": list(self.environments),
                    **{f"{e}.source": path for e, path in self.sources.items() if e in self.environments},
                    **self.settings,
                    "episodes": self.episodes,
                    "attempts": self.attempts,
                    "agent": self.agent,
                    **{f"agent.{k}": v for k, v in self.agent_options.items()},
                    "hooks": list(self.hooks) or None,
                    "dialect": self.dialect,
                    **of_model,
                    **({f"model.{k}": v for k, v in self.model_options.items()} if self.client else {}),
                    "seed": self.seed,
                    "concurrency": self.concurrency,
                    "budget": self.budget,
                    "out": runs,
                }
            ),
        ]


def agents() -> dict[str, type[Agent]]:
    """The agents that can work alone, by name."""
    names = (n for n in plugins.names("agents") if n not in ATTENDED)
    return {n: plugins.load("agents", n) for n in names}


def variable_name(name: str) -> str:
    """The name of an environment variable, checked. ConfigError for any other text, without repeating it: it may be a key."""
    if not re.match(NAME, name):
        raise ConfigError("expected the name of an environment variable (capitals, digits, _), never the key itself")
    return name


def is_set(name: str) -> bool:
    """Whether an environment variable holds a key; the key itself is not returned."""
    return bool(os.environ.get(name, "").strip())


def takes_one_answer(environment: str) -> bool:
    """Whether an environment has an action that ends a task and takes one answer, as chain of thought needs it."""
    actions = plugins.environment(environment).world.actions.values()
    return any(a.submit and len(a.schema.get("required", [])) == 1 for a in actions)

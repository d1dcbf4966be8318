"""An agent's episodes for tuning, from what a form holds to the command that makes them. No key is ever among it."""

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple

from jinja2 import TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from simenv import plugins
from simenv.agent import Agent
from simenv.errors import ConfigError, unknown
from simenv.models.keys import NAME
from simenv.plugins.viewer.option_form import words
from simenv.plugins.viewer.workspace import Workspace
from simenv.types import digest

KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
"""Where the clients look for their keys, if not told otherwise."""
CLIENTS = ("openai", "anthropic", "transformers")
"""Clients that a form can set up; a cassette or a script is set up in a file."""
WATCHED = ("human", "replay")
"""Agents that need somebody, or something recorded, beside them."""
LARGEST = 64_000
"""Bytes of a prompt template."""


class Plan(NamedTuple):
    """What a form holds. `sources` are task files by environment; `agent_options` and `model_options` only what was changed."""

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

    def words(self, runs: str) -> list[str]:
        """The words of the command. ConfigError for what is missing."""
        if not self.environments:
            raise ConfigError("environments: choose at least one")
        if self.client and not self.model.strip():
            raise ConfigError("model: give its name")
        of_model = {"model": self.client, "model.model": self.model.strip()} if self.client else {}
        return [
            "rollout",
            *words(
                {
                    "name": self.name,
                    "environments": list(self.environments),
                    **{f"{e}.source": path for e, path in self.sources.items() if e in self.environments},
                    "episodes": self.episodes,
                    "attempts": self.attempts,
                    "agent": self.agent,
                    **{f"agent.{k}": v for k, v in self.agent_options.items()},
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
    names = (n for n in plugins.names("agents") if n not in WATCHED)
    return {n: plugins.load("agents", n) for n in names}


def variable(given: str) -> str:
    """The name of an environment variable. ConfigError, which does not repeat it, for what looks like a key instead."""
    if not re.match(NAME, given):
        raise ConfigError("expected the name of an environment variable (capitals, digits, _), never the key itself")
    return given


def is_set(name: str) -> bool:
    """Whether a key is there; nothing is told of it."""
    return bool(os.environ.get(name, "").strip())


USES = frozenset({"actions"})
"""What a template of a way of working may ask for."""


def template(text: bytes) -> str:
    """A prompt template as text; ConfigError where it is none, or asks for what it will not get. It is parsed, not run."""
    if len(text) > LARGEST:
        raise ConfigError(f"template: {len(text):,} bytes; expected at most {LARGEST:,}")
    try:
        source = text.decode("utf-8")
        parsed = ImmutableSandboxedEnvironment().parse(source)
    except UnicodeDecodeError as e:
        raise ConfigError("template: expected text in UTF-8") from e
    except TemplateSyntaxError as e:
        raise ConfigError(f"template: line {e.lineno}: {e.message}") from e
    for name in sorted(meta.find_undeclared_variables(parsed) - USES):
        raise ConfigError(f"template: {unknown('variable', name, USES)}")
    return source


def keep(place: Workspace, source: str) -> str:
    """Put a template into data/, once for each text, and name the file as a command takes it."""
    place.data.mkdir(parents=True, exist_ok=True)
    path = place.data / f"template-{digest(source)[:12]}.j2"
    if not path.exists():
        path.write_text(source, encoding="utf-8")
    return place.inner(path)

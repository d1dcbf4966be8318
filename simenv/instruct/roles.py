"""Roles: who is asked and who asks, each with a written prompt, from a bundled set or a YAML file of the user's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from simenv.documents import yaml_file
from simenv.errors import ConfigError, unknown
from simenv.options import explain_validation
from simenv.types import Data, Text

SETS = Path(__file__).parent / "role_sets"
MOST_ROLES = 1000
"""Roles of one list of a set."""
LONGEST_PROMPT = 8000
"""Characters."""


class Role(Data):
    """Somebody who speaks in a dialogue; `prompt` says who that is and how he speaks."""

    name: Text = Field(min_length=1, max_length=100, pattern=r"^[^\n]*\S[^\n]*$")
    prompt: Text = Field(min_length=1, max_length=LONGEST_PROMPT, pattern=r"\S")


class RoleSet(Data):
    """The roles of a subject: experts are asked, users ask."""

    experts: tuple[Role, ...]
    users: tuple[Role, ...]

    def chosen(self, experts: Iterable[str]) -> tuple[Role, ...]:
        """The experts of these names, or all where none is named; ConfigError for a name that is not there."""
        by_name = {role.name: role for role in self.experts}
        for name in (names := tuple(experts)):
            if name not in by_name:
                raise ConfigError(f"experts: {unknown('role', name, by_name)}")
        return tuple(by_name[n] for n in names) or self.experts


def names() -> list[str]:
    """The bundled sets."""
    return sorted(path.stem for path in SETS.glob("*.yaml"))


def role_set(name: str) -> RoleSet:
    """A bundled set by its name, or the set of a YAML file; ConfigError names the role that is wrong, and its place."""
    if name in names():
        path = SETS / f"{name}.yaml"
    elif (path := Path(name)).suffix not in (".yaml", ".yml"):
        raise ConfigError(f"roles: {unknown('set of roles', name, names())}; or give a .yaml file")
    value = yaml_file(path)
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: expected experts: and users:, each a list of roles, got {type(value).__name__}")
    if extra := value.keys() - {"experts", "users"}:
        raise ConfigError(f"{path}: {unknown('key', str(min(extra, key=str)), ('experts', 'users'))}")
    return RoleSet(**{key: _roles(value.get(key), f"{path}: {key}") for key in ("experts", "users")})


def _roles(values: Any, place: str) -> tuple[Role, ...]:
    if not isinstance(values, list) or not 0 < len(values) <= MOST_ROLES:
        raise ConfigError(f"{place}: expected a list of 1 to {MOST_ROLES} roles, each with name and prompt")
    roles = tuple(_role(value, f"{place}[{number}]") for number, value in enumerate(values))
    given = [role.name for role in roles]
    if twice := sorted({name for name in given if given.count(name) > 1}):
        raise ConfigError(f"{place}: {twice[0]!r} is there twice; expected each role once")
    return roles


def _role(value: Any, place: str) -> Role:
    name = value.get("name") if isinstance(value, dict) else None
    called = f" ({name})" if isinstance(name, str) and name.strip() else ""
    if isinstance(value, dict) and not value.get("prompt"):
        raise ConfigError(f"{place}{called}: no prompt; expected a text that says who this is and how it speaks")
    try:
        return Role.model_validate(value)
    except ValidationError as e:
        raise ConfigError(explain_validation(e, f"{place}{called}: expected a role with name and prompt")) from e

"""The form of dialogues: what is filled in, checked and made the words of the command `instruct`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from simenv.errors import ConfigError
from simenv.instruct import roles
from simenv.instruct.roles import RoleSet
from simenv.plugins.viewer.forms.option_fields import arguments
from simenv.plugins.viewer.workspace import Workspace
from simenv.types import digest

MAX_ROLES = 1_000_000
"""Bytes of an uploaded file of roles."""


class DialoguePlan(NamedTuple):
    """What is filled in. `pool` is a path inside the workspace, `roles` a bundled set or such a path; `options` and `model`
    hold settings of the command."""

    name: str
    pool: str
    roles: str
    experts: tuple[str, ...]
    options: dict[str, Any]
    model: dict[str, Any]

    def command(self, runs: str) -> list[str]:
        """The words of the command `instruct` that writes below the folder `runs`."""
        given = {"name": self.name, "pool": self.pool, "roles": self.roles, "experts": list(self.experts) or None}
        return ["instruct", *arguments({**given, **self.options, **self.model, "out": runs})]


def save_roles(workspace: Workspace, content: bytes) -> tuple[str, RoleSet]:
    """Check an uploaded file of roles and write it to data/, once for each text; its path and its roles.

    ConfigError names the role that is wrong.
    """
    if len(content) > MAX_ROLES:
        raise ConfigError(f"roles: {len(content):,} bytes; expected at most {MAX_ROLES:,}")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as e:
        raise ConfigError("roles: expected text in UTF-8") from e
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder, "roles.yaml")
        draft.write_text(text, encoding="utf-8")
        try:
            found = roles.role_set(str(draft))
        except ConfigError as e:
            raise ConfigError(str(e).replace(str(draft), "roles")) from e
    workspace.data.mkdir(parents=True, exist_ok=True)
    path = workspace.data / f"roles-{digest(text)[:12]}.yaml"
    if not path.exists():
        path.write_text(text, encoding="utf-8")
    return workspace.relative(path), found

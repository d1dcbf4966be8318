"""The form of a pool: what is chosen for it, checked and made the words of the command `knowledge add`."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any, NamedTuple

from simenv.errors import ConfigError
from simenv.plugins.viewer.forms.option_fields import arguments

NAME = r"[\w][\w.-]{0,59}"
_TOPIC_FILES = (".txt", ".md")


class ChosenSet(NamedTuple):
    """A file of records, and the name of the set in the registry that it is; '' for one of the user's own."""

    path: str
    name: str = ""


class PoolPlan(NamedTuple):
    """What goes into a pool. Paths are inside the workspace; `options` holds what differs from the defaults."""

    name: str
    documents: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    sets: tuple[ChosenSet, ...] = ()
    licence: str = ""
    domain: str = ""
    options: dict[str, Any] = {}

    def command(self, pools: str) -> list[str]:
        """The words of the command that adds it to a pool below the folder `pools`. ConfigError for what is missing."""
        if not re.fullmatch(NAME, self.name):
            raise ConfigError(f"name of the pool: {self.name[:60]!r}: expected letters, digits, dots and dashes")
        if not (self.documents or self.topics or self.sets):
            raise ConfigError("nothing to add yet: choose documents or data sets, or type topics")
        given = {"licence": self.licence.strip() or None, "domain": self.domain.strip() or None}
        words = arguments(
            {
                "documents": list(self.documents) or None,
                "topics": list(self.topics) or None,
                "sets": [self._set(chosen) for chosen in self.sets] or None,
                **given,
                **self.options,
                "out": f"{pools}/{self.name}",
            }
        )
        return ["knowledge", "add", *words]

    def _set(self, chosen: ChosenSet) -> dict[str, str]:
        if chosen.name:
            return {"path": chosen.path, "name": chosen.name}
        licence, domain = self.licence.strip(), self.domain.strip()
        stated = {"licence": licence, "domain": domain}
        return {"path": chosen.path, **{key: value for key, value in stated.items() if value}}


def topics(text: str) -> tuple[str, ...]:
    """The topics of a text with one a line, each once. ConfigError for a line that names a file, which would be opened."""
    lines = tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    for line in lines:
        if PurePath(line).suffix in _TOPIC_FILES:
            raise ConfigError(f"topics: {line[:80]!r} is the name of a file; type the topics themselves, one a line")
    return lines


def unlicensed(plan: PoolPlan) -> list[str]:
    """The files of a plan for which nobody has stated a licence."""
    if plan.licence.strip():
        return []
    return [*plan.documents, *(chosen.path for chosen in plan.sets if not chosen.name)]

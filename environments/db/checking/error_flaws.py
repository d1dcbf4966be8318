"""Makes errors of a database that are right in kind and assert what is not so: another name, another value, a promise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from numpy.random import Generator

from ..tasks.sampling import choose

_PROMISES = (
    "{text}, so I created it for you.", "{text}. The rest was executed all the same.", "{text}; it was repaired and works now.",
    "{text}. Did you mean zanzibar_quux?", "{text}. It has 3 rows.", "{text} because the disk is full",
)  # fmt: skip
_QUOTED = re.compile(r"(?<!\w)'([^']+)'(?!\w)")


def with_promise(text: str, rng: Generator) -> str:
    """An error that says more than the database can."""
    return str(choose(rng, _PROMISES)).format(text=text)


def with_other_name(text: str, query: str, state: Mapping[str, Any], rng: Generator) -> str | None:
    """An error about a table, column or value that it is not about; None where it names none."""
    match = _QUOTED.search(text)
    if match is None or "SQL syntax" in text or "@" in text[match.start() : match.end() + 1]:
        return None
    names = [*state, *(column for table in state.values() for column in table["columns"])]
    others = [name for name in names if name.casefold() not in (query + text).casefold()]
    other = choose(rng, others) if others and not match[1].isdigit() else f"{match[1]}7"
    prefix = "db." if match[1].startswith("db.") else ""
    return text[: match.start(1)] + prefix + str(other).removeprefix("db.") + text[match.end(1) :]

"""A graph in few words for a simulator: its vocabulary, and what leads from the entities and variables that can be named.

Triples, and entities that no question names, are left out: what a call shows depends on what leads from the members of a
variable, and an agent is never told who they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .graph import TooManyRows
from .local_graph import LocalGraph
from .logical_forms import LogicalForm, entity, parse


def digest_of(graph: LocalGraph | None, mentions: Mapping[str, str], state: Any) -> dict[str, Any]:
    """`vocabulary`: (number, name, what it leads to, whether it is an attribute), by the alphabet. `mentions`: (name, id,
    numbers of what leads from it). `members`: of each variable that can be read, (how many there are, numbers of what leads
    from at least one). Of a graph that is not at hand (None) there are only mentions.
    """
    if graph is None:
        return {"vocabulary": [], "mentions": [(name, id, []) for name, id in mentions.items()], "members": {}}
    known, numbers = graph, {name: number for number, name in enumerate(graph.vocabulary, 1)}

    def leading(form: LogicalForm) -> list[int]:
        return [numbers[name] for name in known.relations(form)]

    forms = _variables(known, state)
    return {
        "vocabulary": [(n, name, known.range_of(name), name in known.attribute_kinds) for name, n in numbers.items()],
        "mentions": [(name, id, leading(entity(id))) for name, id in mentions.items()],
        "members": {name: (len(known.members(form)), leading(form)) for name, form in forms.items()},
    }


def _variables(graph: LocalGraph, state: Any) -> dict[str, LogicalForm]:
    """The variables of a state whose expressions can be read and evaluated."""
    variables = state.get("variables") if isinstance(state, Mapping) else None
    forms: dict[str, LogicalForm] = {}
    for name, variable in variables.items() if isinstance(variables, Mapping) else ():
        try:
            forms[name] = parse(variable["expression"], graph.range_of)
            graph.members(forms[name])
        except (ValueError, TypeError, KeyError, RecursionError, TooManyRows):
            forms.pop(name, None)
    return forms

"""The house as a person sees it: which receptacle holds what, and where the agent stands."""

from __future__ import annotations

from typing import Any

from simenv.panel import Panel, Table, Tree

_MARKS = ("hot", "cool", "clean", "sliced", "on")


def panels(spec: dict[str, Any], facts: Any) -> tuple[Panel, ...]:
    agent = facts["agent"]
    whole = {name: ", ".join(m for m in _MARKS if thing.get(m)) for name, thing in facts["objects"].items()}
    tree: dict[tuple[str, ...], str] = {}
    for name, receptacle in sorted(facts["receptacles"].items()):
        door = "" if "open" not in receptacle else "open" if receptacle["open"] else "closed"
        here = "the agent is here" if name == agent["at"] else ""
        tree[(name,)] = ", ".join(filter(None, (door, here)))
        tree |= {(name, thing): whole.get(thing, "") for thing in receptacle.get("contains", ())}
    who = Table(
        title="agent", columns=("", "is"), rows=(("at", agent["at"] or "–"), ("holds", agent["holds"] or "nothing"))
    )
    return who, Tree(title="house", entries=tree)

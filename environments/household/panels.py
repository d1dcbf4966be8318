"""The viewer's panels of a house: the agent, and what each receptacle holds."""

from __future__ import annotations

from typing import Any

from simenv.panel import Panel, Table, Tree

_MARKS = ("hot", "cool", "clean", "sliced", "on")


def panels(spec: dict[str, Any], facts: Any) -> tuple[Panel, ...]:
    """The panels of one state; `facts` is the world's state as JSON."""
    agent = facts["agent"]
    marks = {name: ", ".join(m for m in _MARKS if thing.get(m)) for name, thing in facts["objects"].items()}
    tree: dict[tuple[str, ...], str] = {}
    for name, receptacle in sorted(facts["receptacles"].items()):
        door = "" if "open" not in receptacle else "open" if receptacle["open"] else "closed"
        agent_note = "the agent is here" if name == agent["at"] else ""
        tree[(name,)] = ", ".join(filter(None, (door, agent_note)))
        tree |= {(name, thing): marks.get(thing, "") for thing in receptacle.get("contains", ())}
    agent_table = Table(
        title="agent", columns=("", "is"), rows=(("at", agent["at"] or "–"), ("holds", agent["holds"] or "nothing"))
    )
    return agent_table, Tree(title="house", entries=tree)

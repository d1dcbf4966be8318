"""Panels for people: the files that differ from the base machine, and the users."""

from __future__ import annotations

from typing import Any

from simenv.panel import MOST, Panel, Table, Tree


def panels(spec: dict[str, Any], facts: Any) -> tuple[Panel, ...]:
    """A tree of files and a table of users; `facts` is the world's state."""
    files = sorted(facts["files"].items())
    tree = {tuple(path.strip("/").split("/")): _note(entry) for path, entry in files[:MOST]}
    removed_entries = {tuple(path.strip("/").split("/")): "removed" for path in facts["removed"][:MOST]}
    rows = tuple(
        (name, u["uid"], u["home"], u["shell"], ", ".join(u["groups"])) for name, u in sorted(facts["users"].items())
    )
    users = Table(title="users", columns=("name", "uid", "home", "shell", "groups"), rows=rows)
    left_out = max(0, len(files) - MOST)
    return Tree(title=f"files, shell in {facts['cwd']}", entries=tree | removed_entries, left_out=left_out), users


def _note(entry: dict[str, Any]) -> str:
    parts = [entry["mode"], f"{entry['owner']}:{entry['group']}"]
    parts += [f"{entry['size']} bytes"] if "size" in entry else []
    parts += [f"→ {entry['target']}"] if "target" in entry else []
    return " ".join(["/" if entry["kind"] == "directory" else "", *parts]).strip()

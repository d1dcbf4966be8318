"""`simenv new KIND NAME`: writes the files of a new environment, agent, filter or hook."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from simenv import command, plugins
from simenv.config import words
from simenv.errors import ConfigError, unknown
from simenv.files import write_whole
from simenv.prompts import render

HELP = """
Writes the smallest plugin that is complete; overwrite it piece by piece while `simenv conform` stays green.

  simenv new environment calendar         environments/calendar/ in the current folder
  simenv new filter brief out=mine        mine/filters/brief.py
  simenv new agent guesser; simenv new hook watcher
"""
TEMPLATES = Path(__file__).with_name("templates")
FILES = {
    "environment": {
        f"environments/{{name}}/{file}": f"environment/{file}.j2"
        for file in ("world.py", "teacher.py", "schema.json", "goal.schema.json", "overview.md")
    },
    "agent": {"agents/{name}.py": "agent.py.j2"},
    "filter": {"filters/{name}.py": "filter.py.j2"},
    "hook": {"hooks/{name}.py": "hook.py.j2"},
}
"""The files of each kind below a folder of plugins, and their templates."""
TRY = {
    "environment": "simenv rollout environments={name} plugins='[{out}]' episodes=5",
    "agent": "simenv rollout agent={name} plugins='[{out}]' environments=household episodes=5",
    "filter": "simenv curate runs/quickstart plugins='[{out}]' 'filters.{name}={{}}'",
    "hook": "simenv rollout 'hooks=[{name}]' plugins='[{out}]' environments=household episodes=5",
}
"""What to type when it is there."""


def new(argv: list[str]) -> int:
    """Run the command; returns exit status 0 or 2 (wrong input)."""
    return command.run("new", _new, argv)


def _new(argv: list[str], console: Console) -> int:
    parser = argparse.ArgumentParser(
        prog="simenv new", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", metavar="KIND", help=f"one of {', '.join(FILES)}")
    parser.add_argument("name", metavar="NAME", help="a Python name, in small letters")
    parser.add_argument(
        "words", nargs="*", metavar="out=FOLDER", help="the folder of plugins (default: the current one)"
    )
    args = parser.parse_args(argv)
    options = dict(words(args.words))
    if wrong := options.keys() - {"out"}:
        raise ConfigError(unknown("option", wrong.pop(), ["out"]))
    out = str(options.get("out", "."))
    for path in write(args.kind, args.name, Path(out)):
        print(path)
    print(f"\nsimenv conform {args.kind} {args.name} plugins={out}")
    print(TRY[args.kind].format(name=args.name, out=out))
    return 0


def write(kind: str, name: str, folder: Path) -> list[Path]:
    """Write the files of a new plugin below a folder of plugins; ConfigError for a wrong name, or one that is taken."""
    if kind not in FILES:
        raise ConfigError(unknown("kind of plugin", kind, FILES))
    if not name.isidentifier() or name.startswith("_") or name != name.lower():
        raise ConfigError(f"name: expected a Python name in small letters, such as lending_desk, got {name!r}")
    if name in plugins.names(f"{kind}s"):
        raise ConfigError(f"{kind} {name!r} is there already; choose another name")
    paths = {folder / path.format(name=name): TEMPLATES / template for path, template in FILES[kind].items()}
    if taken := next((path for path in paths if path.exists()), None):
        raise ConfigError(f"{taken} is there already; choose another name or another out=FOLDER")
    title = "".join(part.title() for part in name.split("_"))
    for path, template in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, render(template, name=name, title=title).rstrip("\n") + "\n")
    return list(paths)

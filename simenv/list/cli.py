"""`simenv list KIND`: the names of all there are of a kind, each with a line."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

from simenv import command, plugins
from simenv.errors import ConfigError, unknown
from simenv.grammar import Parser

HELP = """
Lists what there is of a kind, installed and in the folders of SIMENV_PLUGINS, each with a line on it.

  simenv list environments
  simenv list hooks
  simenv list sources        the files of others that each environment reads tasks from
"""
SOURCES = "sources"
KINDS = (*plugins.KINDS, SOURCES)


def list(argv: list[str]) -> int:  # type: ignore[valid-type]  # the function is named as its command
    """Run the command; returns exit status 0 or 2 (wrong input)."""
    return command.run("list", _list, argv)


def _list(argv: list[str], console: Console) -> int:  # type: ignore[valid-type]
    parser = Parser("list", HELP, tuple, flags=("--json",))
    parser.add_argument("kind", metavar="KIND", help=f"one of {', '.join(KINDS)}")
    args = parser.parse_args(argv)
    if args.kind not in KINDS:
        raise ConfigError(unknown("kind", args.kind, KINDS))
    found = sources() if args.kind == SOURCES else described(args.kind)
    if args.json:
        command.print_json(found)
        return 0
    for name, text in found.items():
        command.output(console).print(f"{name:20} {text}", markup=False, highlight=False, soft_wrap=True)
    return 0


def described(kind: str) -> dict[str, str]:
    """The plugins of a kind with the first line that each says of itself; none is imported."""
    return {name: _line(kind, name) for name in plugins.names(kind)}


def sources() -> dict[str, str]:
    """The formats of task files by environment and name, with the first line of each reader."""
    found = {}
    for name in plugins.names("environments"):
        try:
            readers = plugins.environment(name).sources
        except ConfigError as e:  # a package of it is not installed
            found[name] = str(e)
            continue
        for reader in readers:
            found[f"{name} {reader.name}"] = _first((reader.__doc__ or "").strip())
    return found


def _line(kind: str, name: str) -> str:
    """The first sentence of a plugin's module."""
    module = plugins.module_of(kind, name)
    place = f"{module}.world" if kind == "environments" else module
    try:
        spec = find_spec(place)
    except ModuleNotFoundError:
        spec = None
    if spec is None or not spec.origin:
        return "defined by its environment.json" if kind == "environments" else ""
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    return _first(ast.get_docstring(tree) or "")


def _first(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())

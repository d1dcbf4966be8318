"""`simenv conform NAME`: checks a plugin and prints what was checked."""

from __future__ import annotations

import argparse

from rich.console import Console

from simenv import command, plugins
from simenv.config import words
from simenv.conform.checks import conform as conform_environment
from simenv.conform.other import conform_plugin
from simenv.errors import ConfigError, unknown

HELP = """
Checks that a plugin does what simenv expects of it, and prints what was checked.

  simenv conform calendar plugins=.              an environment, by its teacher's tasks
  simenv conform calendar tasks=tasks.jsonl      an environment, by the tasks of a file
  simenv conform hook mine plugins=.             an agent, filter or hook, in an episode
"""
NOUNS = {"environment": "environments", "agent": "agents", "filter": "filters", "hook": "hooks"}
OPTIONS = ("plugins", "tasks")


def conform(argv: list[str]) -> int:
    """Run the command; returns exit status 0, 1 (a check failed) or 2 (wrong input)."""
    return command.run("conform", _conform, argv)


def _conform(argv: list[str], console: Console) -> int:
    parser = argparse.ArgumentParser(
        prog="simenv conform", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="+", metavar="[KIND] NAME | KEY=VALUE", help=f"kinds: {', '.join(NOUNS)}")
    given = parser.parse_args(argv).words
    *kind, name = [w for w in given if "=" not in w] or [""]
    options = dict(words([w for w in given if "=" in w]))
    if wrong := options.keys() - set(OPTIONS):
        raise ConfigError(unknown("option", wrong.pop(), OPTIONS))
    if len(kind) > 1 or (kind and kind[0] not in NOUNS):
        raise ConfigError(unknown("kind of plugin", kind[0], NOUNS))
    folders = options.get("plugins") or []
    for folder in [folders] if isinstance(folders, str) else folders:
        plugins.add(folder)
    say = lambda text: print(text, flush=True)  # noqa: E731
    try:
        if kind in ([], ["environment"]):
            conform_environment(name, options.get("tasks"), say)
        else:
            conform_plugin(NOUNS[kind[0]], name, say)
    except AssertionError as e:
        console.print(f"simenv conform: {e}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    return 0

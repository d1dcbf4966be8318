"""`simenv doctor`: which protections against hostile agents this host gives, by environment."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simenv import command, plugins
from simenv.errors import ConfigError
from simenv.world import Engine, Protection

HELP = """
Says which protections this host gives to the environments, each tried on the spot, and what takes the place of those that it
does not give. SECURITY.md says what they hold against.
"""


def doctor(argv: list[str]) -> int:
    """Run the command. Exit status 0, also where protections are missing."""
    return command.run("doctor", _doctor, argv)


def protections() -> dict[str, dict[str, Protection]]:
    """The protections of every installed environment that has some, by environment and name."""
    found = {}
    for name in plugins.names("environments"):
        try:
            world = plugins.environment(name).world
        except ConfigError:  # a package of it is not installed
            continue
        if issubclass(world, Engine) and (given := world.protections()):
            found[name] = given
    return found


def _doctor(argv: list[str], console: Console) -> int:
    parser = argparse.ArgumentParser(
        prog="simenv doctor", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(argv)
    table = Table("environment", "protection", "here", "which, or why not and what takes its place")
    for environment, given in protections().items():
        for name, protection in given.items():
            answer = Text("yes" if protection.given else "no", style="" if protection.given else "bold")
            table.add_row(environment, name, answer, Text(protection.note))
    Console(emoji=False).print(table)
    return 0

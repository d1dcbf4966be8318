"""`simenv doctor`: what is missing here, what that prevents and how to get it; which protections this host gives."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simenv import command, plugins
from simenv.doctor.needs import needs
from simenv.errors import ConfigError
from simenv.grammar import Parser
from simenv.world import Engine, Protection

HELP = """
Says what of environments, programs, packages and keys is missing here, what that prevents, and how to get it. Then which
protections against hostile agents this host gives, each tried on the spot, and what takes the place of those that it does
not give; SECURITY.md says what they hold against.
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
    args = Parser("doctor", HELP, tuple, flags=("--json",)).parse_args(argv)
    found, given = [*needs()], protections()
    if args.json:
        rows = {name: {key: p._asdict() for key, p in all.items()} for name, all in given.items()}
        command.print_json({"needs": [need._asdict() for need in found], "protections": rows})
        return 0
    out = command.output(console)
    here = [need.name.partition(" ")[2] for need in found if need.is_here]
    out.print(f"here: {', '.join(here)}", markup=False, highlight=False)
    missing = Table("missing", "what that prevents", "how to get it", title="what is missing", title_justify="left")
    for need in found:
        if not need.is_here:
            missing.add_row(Text(need.name), Text(need.serves), Text(need.how))
    out.print(missing if missing.row_count else "nothing is missing")
    table = Table("environment", "protection", "here", "which, or why not and what takes its place")
    table.title, table.title_justify = "protections", "left"
    for environment, protected in given.items():
        for name, protection in protected.items():
            answer = Text("yes" if protection.given else "no", style="" if protection.given else "bold")
            table.add_row(environment, name, answer, Text(protection.note))
    out.print(table)
    return 0

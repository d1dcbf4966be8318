"""`simenv package ENVIRONMENT to=PROGRAM`: writes the package of an environment that a program of others wants."""

from __future__ import annotations

from rich.console import Console

from simenv import command
from simenv.config import words
from simenv.grammar import Parser, add_words, split
from simenv.options import explain, read
from simenv.package import Package, write

HELP = """
Writes one environment as the package that a program of others wants.

  simenv package db to=verifiers                    packages/simenv-db-verifiers, for vf-eval and prime-rl
  simenv package household to=openenv               packages/simenv-household-openenv, for openenv serve and push
  simenv package db to=inspect source=tasks.jsonl   packages/simenv-db-inspect, for inspect eval
"""


def package(argv: list[str]) -> int:
    """Run the command. Exit status: 0, 1 (a failure), 2 (wrong input)."""
    return command.run("package", _package, argv)


def _package(argv: list[str], console: Console) -> int:
    parser = Parser("package", HELP, lambda: explain(Package), keys=Package.model_fields)
    add_words(parser, "ENVIRONMENT", text="the name of an environment; options")
    name, overrides = split(parser.parse_args(argv).words)
    given = {"environment": name} if name else {}
    settings = read(Package, given | dict(words(overrides)), "")
    command.tell(console, f"{write(settings)}: a package for {settings.to}")
    return 0

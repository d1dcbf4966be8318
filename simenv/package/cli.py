"""`python -m simenv.package ENVIRONMENT --to PROGRAM`: writes the package of an environment that a program of others wants."""

from __future__ import annotations

from rich.console import Console

from simenv import command
from simenv.config import words
from simenv.options import explain, read
from simenv.package import Package, write

HELP = """
Writes one environment as the package that a program of others wants.

  python -m simenv.package db --to verifiers                    packages/simenv-db-verifiers, for vf-eval and prime-rl
  python -m simenv.package household --to openenv               packages/simenv-household-openenv, for openenv serve and push
  python -m simenv.package db --to inspect source=tasks.jsonl   packages/simenv-db-inspect, for inspect eval
"""


def package(argv: list[str]) -> int:
    """Run the command. Exit status: 0, 1 (a failure), 2 (wrong input)."""
    return command.run("package", _package, argv)


def _package(argv: list[str], console: Console) -> int:
    parser = command.Parser("package", HELP, lambda: [r for r in explain(Package) if r[0] not in ("environment", "to")])
    parser.add_argument("environment", help="name of an environment")
    parser.add_argument("--to", required=True, choices=("openenv", "verifiers", "inspect"), help="the program")
    parser.add_argument("options", nargs="*", metavar="KEY=VALUE", help="options")
    args = parser.parse_args(argv)
    given = {"environment": args.environment, "to": args.to} | dict(words(args.options))
    folder = write(read(Package, given, ""))
    console.print(f"{folder}: a package for {args.to}", markup=False, highlight=False)
    return 0

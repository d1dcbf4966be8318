"""The `simenv` command: a word chooses what to do."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.metadata import version

from simenv.command_names import COMMANDS
from simenv.errors import unknown


def main(argv: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # a module of the user's is found by the console script as by `python -m`
    if not argv or argv[0] in ("-h", "--help"):
        lines = "\n".join(f"  {name:11} {does}" for name, does in COMMANDS.items())
        print(
            f"usage: simenv COMMAND [FOLDER | CONFIG.yaml | KEY=VALUE]… [flags]\n\n{lines}\n\n"
            "`simenv COMMAND --help` explains each; --offline keeps any from the network."
        )
        return 0 if argv else 2
    if argv[0] == "--version":
        print(f"simenv {version('simenv')}")
        return 0
    if argv[0] not in COMMANDS:
        print(f"simenv: {unknown('command', argv[0], COMMANDS)}", file=sys.stderr)
        return 2
    return int(getattr(import_module(f"simenv.{argv[0]}.cli"), argv[0])(argv[1:]))


if __name__ == "__main__":
    sys.exit(main())

"""The `simenv` command: a word chooses what to do."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version

from simenv.errors import unknown

COMMANDS = {
    "rollout": "simenv.rollout.cli",
    "curate": "simenv.curate.cli",
    "export": "simenv.export.cli",
    "finetune": "simenv.finetune.cli",
    "evaluate": "simenv.evaluate.cli",
    "fidelity": "simenv.fidelity.cli",
    "teach": "simenv.teach.cli",
    "serve": "simenv.serve.cli",
    "package": "simenv.package.cli",
    "sweep": "simenv.sweep.cli",
    "rl": "simenv.rl.cli",
    "tiny": "simenv.tiny.cli",
    "view": "simenv.view.cli",
    "knowledge": "simenv.knowledge.cli",
    "verify": "simenv.verify.cli",
    "comparison": "simenv.comparison.cli",
    "instruct": "simenv.instruct.cli",
    "doctor": "simenv.doctor.cli",
}


def main(argv: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    if not argv or argv[0] in ("-h", "--help"):
        print(
            f"usage: simenv COMMAND …\n\ncommands: {', '.join(COMMANDS)}\n`simenv COMMAND --help` explains each; "
            "--offline keeps any from the network."
        )
        return 0 if argv else 2
    if argv[0] == "--version":
        print(f"simenv {version('simenv')}")
        return 0
    if argv[0] not in COMMANDS:
        print(f"simenv: {unknown('command', argv[0], COMMANDS)}", file=sys.stderr)
        return 2
    return int(getattr(import_module(COMMANDS[argv[0]]), argv[0])(argv[1:]))


if __name__ == "__main__":
    sys.exit(main())

"""The `simenv` command: a word chooses what to do."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.metadata import version

from simenv.errors import unknown

COMMANDS = {
    "rollout": "agents act in environments; graded trajectories",
    "curate": "runs become a training set: filters, gold, general chat",
    "export": "a set in the form that a trainer reads",
    "tiny": "a tiny base model, made on the spot, for the loop offline",
    "finetune": "trains a model on a set",
    "rl": "trains a model in worlds, by TRL's GRPO",
    "evaluate": "measures an agent on tasks that are held out",
    "sweep": "which data helped: a grid over all of these",
    "view": "looks, judges, edits, branches, curates in a browser",
    "teach": "a model writes worlds and tasks, each proven",
    "instruct": "dialogues about the passages of a pool",
    "knowledge": "pools of documents, topics and data sets",
    "verify": "claims of a run or a set against a pool",
    "comparison": "styles of generation, compared in pairs",
    "fidelity": "how true a simulator is to its environment",
    "serve": "environments for AgentBench's and OpenEnv's clients, or as MCP tools",
    "package": "an environment as OpenEnv, verifiers or Inspect want it",
    "new": "the files of a new environment, agent, filter or hook",
    "conform": "whether plugins keep their contracts",
    "list": "what there is: environments, agents, filters, models …",
    "doctor": "what is missing here, what that prevents, how to get it",
    "completion": "completion of commands and options for your shell",
}
"""The commands with what each does; one is the function of its name in `simenv.NAME.cli`."""


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

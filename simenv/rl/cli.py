"""`simenv rl`: trains a model by TRL's GRPO in simenv's worlds."""

from __future__ import annotations

from rich.console import Console

from simenv import command
from simenv.config import load
from simenv.errors import ConfigError
from simenv.grammar import Parser, add_words, split
from simenv.options import explain
from simenv.rl import Reinforcement

HELP = """
Trains a model by reinforcement learning: TRL's GRPOTrainer, rollouts in simenv's worlds, rewards from their grades.

  simenv rl base=models/sft dialect=short 'environments=[household]' steps=50
  simenv rl base=./base dialect=tools 'environments=[db]' rewards.format=0.2      TRL calls the tools
  simenv rl my.yaml name=longer steps=500

It needs TRL: pip install 'simenv[rl]'.
"""


def rl(argv: list[str]) -> int:
    """Run the command. Exit status: 0, 1 (training failed), 2 (wrong input), 130 (interrupted)."""
    return command.run("rl", _rl, argv)


def _rl(argv: list[str], console: Console) -> int:
    parser = Parser("rl", HELP, lambda: explain(Reinforcement), keys=Reinforcement.model_fields)
    add_words(parser, "CONFIG.yaml", text="a YAML file; options")
    file, overrides = split(parser.parse_args(argv).words)
    config = load(file, overrides, Reinforcement, "rl/default.yaml")
    try:
        from simenv.rl.trl import train
    except ImportError as e:
        raise ConfigError(f"rl needs {e.name}; install simenv[rl]") from e
    folder = train(config)
    command.tell(console, f"{folder}: model")
    return 0

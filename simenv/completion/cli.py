"""`simenv completion SHELL`: a script that completes commands, flags and options; `simenv completion words …` answers it."""

from __future__ import annotations

from importlib import import_module

from rich.console import Console

from simenv import command, plugins
from simenv.command_names import COMMANDS
from simenv.config import bundled_names
from simenv.errors import ConfigError, unknown
from simenv.grammar import Parser

HELP = """
Prints a script that completes commands, flags, options and bundled configs.

  eval "$(simenv completion bash)"        in ~/.bashrc
  eval "$(simenv completion zsh)"         in ~/.zshrc
  simenv completion fish > ~/.config/fish/completions/simenv.fish
"""
WORDS = "words"
"""What the scripts ask for, with the words typed so far behind it."""
BASH = """_simenv() {
  local words="$(simenv completion words "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)"
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
  [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -o default -F _simenv simenv
"""
ZSH = "autoload -Uz bashcompinit && bashcompinit\n" + BASH
FISH = "complete -c simenv -a '(simenv completion words (commandline -opc)[2..] 2>/dev/null)'\n"
SHELLS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
PLUGINS = {"agent": "agents", "model": "models", "teacher": "models", "simulator": "simulators", "dialect": "dialects"}
"""Options whose values are names of plugins, and of which kind."""


def completion(argv: list[str]) -> int:
    """Run the command; returns exit status 0 or 2 (wrong input)."""
    if argv[:1] == [WORDS]:
        print("\n".join(candidates(argv[1:])))
        return 0
    return command.run("completion", _completion, argv)


def _completion(argv: list[str], console: Console) -> int:
    parser = Parser("completion", HELP, tuple)
    parser.add_argument("shell", metavar="SHELL", help=", ".join(SHELLS))
    shell = parser.parse_args(argv).shell
    if shell not in SHELLS:
        raise ConfigError(unknown("shell", shell, SHELLS))
    print(SHELLS[shell], end="")
    return 0


def candidates(typed: list[str]) -> list[str]:
    """What may stand after the words typed so far: commands; or flags, options and bundled configs of the command."""
    if not typed or typed[0] not in COMMANDS:
        return [*COMMANDS]
    name = typed[0]
    if name == "list":
        return [*import_module("simenv.list.cli").KINDS]
    if name == "completion":
        return [*SHELLS]
    made = getattr(import_module(f"simenv.{name}.cli"), "_parser", None)
    if made is None:
        return ["--help"]
    parser = made()
    keys = [f"{key}={value}" for key in getattr(parser, "keys", ()) for value in _values(key)]
    flags = [flag for action in parser._actions for flag in action.option_strings if flag.startswith("--")]
    return [*bundled_names(name), *keys, *flags]


def _values(key: str) -> list[str]:
    return plugins.names(PLUGINS[key]) if key in PLUGINS else [""]

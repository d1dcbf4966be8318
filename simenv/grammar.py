"""What may be typed behind a command: words, KEY=VALUE options and a few flags that all commands share; and its help.

`--help` fits a screen, `--help all` explains every option. Nothing here runs a command.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from itertools import pairwise
from os.path import exists, isdir, isfile
from textwrap import fill, wrap
from typing import Any

from simenv import network
from simenv.config import bundled_names
from simenv.errors import ConfigError, unknown

Row = tuple[str, str, str]
"""An option for the help: key, default, meaning."""
WIDTH = 80
"""Columns of the help."""
FLAGS = {
    "--dry-run": "resolve everything, print it, run nothing",
    "--yes": "go on without asking, whatever the size",
    "--json": "print the result as JSON",
}
"""Flags that mean something to some commands, and what they mean; a command says which are its own."""
TRUST = (
    "a value in a config that is read from a folder, which may be acted on; may be repeated. Such as a folder of plugins, a "
    "dotted name, an address or the variable of a key. Without it such a config only chooses among what is installed"
)
YAML = (".yaml", ".yml")


class Parser(argparse.ArgumentParser):
    """The parser of a command. `options` gives the rows of its help, `more` the text after them; both are called only for
    `--help all`, since some are in modules that take seconds to import. `keys` are the options that the short help names.
    """

    def __init__(
        self,
        name: str,
        description: str,
        options: Callable[[], Iterable[Row]],
        more: Callable[[], str] = str,
        *,
        keys: Iterable[str] = (),
        flags: Iterable[str] = (),
    ) -> None:
        super().__init__(
            prog=f"simenv {name}",
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            add_help=False,
        )
        self._options, self._more, self.keys, self._all = options, more, tuple(keys), False
        self.add_argument("-h", "--help", nargs="?", const="", metavar="all", help="this text; all: every option")
        for flag in flags:
            self.add_argument(flag, action="store_true", help=FLAGS[flag])
        self.add_argument("-q", "--quiet", action="store_true", help="print errors only")
        self.add_argument("-v", "--verbose", action="store_true", help="also print what libraries log")

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Flags may stand between the words. What is no flag is answered with the option that it may be meant for."""
        given = list(args or ())
        if _asks_for_help(given):
            self._all = any(pair in (("--help", "all"), ("-h", "all")) for pair in pairwise(given))
            self.print_help()
            self.exit()
        check_blanks(given)
        found, rest = self.parse_known_intermixed_args(given, namespace)
        if flags := [word for word in rest if word.startswith("-")]:
            self.error(self._as_option(flags[0], given))
        if rest:
            self.error(f"{rest[0]!r}: expected KEY=VALUE")
        return found

    def _as_option(self, flag: str, given: Sequence[str]) -> str:
        """What to say of a flag that does not exist: the option of that name, or what there is."""
        name, equals, value = flag.partition("=")
        at = given.index(flag)
        after = given[at + 1] if at + 1 < len(given) and not given[at + 1].startswith("-") else ""
        key = name.lstrip("-").replace("-", "_")
        value = value if equals else after if "=" not in after else ""
        near = get_close_matches(key, self.keys, n=1, cutoff=0.8)
        if key in self.keys or near:
            return f"{flag}: options are written KEY=VALUE: {key if key in self.keys else near[0]}={value or '…'}"
        flags = sorted(f for action in self._actions for f in action.option_strings if f.startswith("--"))
        return f"{unknown('flag', name, flags)}; options are written KEY=VALUE"

    def format_usage(self) -> str:
        return f"{fill(f'usage: {self.prog} {self._words()} [flags]', WIDTH, subsequent_indent='    ')}\n"

    def _words(self) -> str:
        words = [a for a in self._actions if not a.option_strings]
        return " ".join(f"[{a.metavar or a.dest}]" if a.nargs == "*" else str(a.metavar or a.dest) for a in words)

    def format_help(self) -> str:
        """The short help, or all of it."""
        flags = [_flag(action, self._all) for action in self._actions if action.option_strings]
        flags.append(("--offline", network.HELP.partition(": ")[2]))
        parts = [self.format_usage(), str(self.description).strip("\n"), "", "flags:"]
        parts += [line for name, text in flags for line in _entry(f"  {name}", text, 22)]
        if self._all:
            return "\n".join([*parts, "", *_sections(self._options())]) + f"{self._more()}\n"
        if self.keys:
            keys = wrap(" ".join(self.keys), WIDTH - 2)
            parts += ["", "options, as KEY=VALUE (`--help all` explains each):", *(f"  {line}" for line in keys)]
        return "\n".join(parts) + "\n"


def _asks_for_help(given: Sequence[str]) -> bool:
    return any(word in ("-h", "--help", "--help=all") for word in given)


def _flag(action: argparse.Action, whole: bool) -> tuple[str, str]:
    value = f" {action.metavar or action.dest.upper()}" if action.nargs != 0 else ""
    text = action.help or ""
    return ", ".join(action.option_strings) + value, text if whole else text.partition(";")[0].partition(". ")[0]


def _entry(name: str, text: str, column: int) -> list[str]:
    """A name and its meaning, folded, the meaning from a column on."""
    lines = wrap(text, WIDTH - column) or [""]
    head = f"{name:{column - 1}} {lines[0]}" if len(name) < column else name
    rest = lines[1:] if len(name) < column else lines
    return [head.rstrip(), *(" " * column + line for line in rest if line)]


def _sections(rows: Iterable[Row]) -> list[str]:
    """Options with defaults and meanings, grouped by what stands before the first dot and by whose they are."""
    lines, last = ["options, as KEY=VALUE (values in YAML), with default and meaning:"], None
    for key, default, text in rows:
        path, _, owner = key.partition(" (")
        head = path.partition(".")[0] if "." in path else ""
        group = f"{head} of {owner[:-1]}" if owner else head
        if group != last:
            lines += ["", f"{group}:"] if group else [""]
        last = group
        lines += _entry(f"  {path}", f"[{_cut(default)}] {text}" if default else text, 30)
    return lines


def _cut(value: str, most: int = 40) -> str:
    return value if len(value) <= most else f"{value[: most - 1]}…"


def add_trust(parser: argparse.ArgumentParser) -> None:
    """The option --trust of a command that reads the config of a folder."""
    parser.add_argument("--trust", metavar="VALUE", action="append", default=[], help=TRUST)


def add_words(parser: argparse.ArgumentParser, *kinds: str, text: str) -> None:
    """The words of a command: folders, a YAML file, KEY=VALUE."""
    parser.add_argument("words", nargs="*", metavar=" | ".join([*kinds, "KEY=VALUE"]), help=text)


def check_blanks(words: Sequence[str]) -> None:
    """ConfigError for a blank beside the = of an option, which makes two words of it."""
    for word, after in pairwise([*words, ""]):
        if after.startswith("=") and not word.startswith("-"):
            raise ConfigError(f"{word} {after}: no blank beside =: write {word}{after}")
        if word.endswith("=") and after and "=" not in after and not after.startswith("-") and not exists(after):
            raise ConfigError(f"{word} {after}: no blank beside =: write {word}{after}")
        key, _, value = word.partition("=")
        if value and key != key.strip() and not isfile(word):
            raise ConfigError(f"{word!r}: no blank beside =: write {key.strip()}={value.strip()}")


def split(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """The YAML file among the words of a command, if there is one, and the KEY=VALUE words. ConfigError for two files."""
    files = [w for w in words if "=" not in w or isfile(w)]  # a long value is no path; Path.is_file raises there
    if len(files) > 1:
        raise ConfigError(f"{files[1]!r}: expected KEY=VALUE; a config is given already: {files[0]}")
    return next(iter(files), None), [w for w in words if w not in files]


def parted(words: Sequence[str], room: str) -> tuple[list[str], str | None, list[str]]:
    """The folders among the words of a command, the YAML file, and the KEY=VALUE words.

    A file is one that ends in .yaml, or the name of one that simenv brings for this `room`. ConfigError for two files.
    """
    plain = [w for w in words if "=" not in w or exists(w)]
    files = [w for w in plain if not isdir(w) and (w.endswith(YAML) or w in bundled_names(room))]
    if len(files) > 1:
        raise ConfigError(f"{files[1]!r}: expected KEY=VALUE; a config is given already: {files[0]}")
    folders = [w for w in plain if w not in files]
    return folders, next(iter(files), None), [w for w in words if w not in plain]

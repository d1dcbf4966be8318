"""Derives the guarantees of a shell script's output from its syntax (tree-sitter's grammar). Nothing is run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from .guarantees import CHANCE, WHOLE_ENVIRONMENT, OutputGuarantees, command_guarantees, pipe_guarantees

_LONGEST = 10_000
"""Characters of a script; the rest is not read."""
_DEEPEST = 40
_RANDOM_VARIABLES = frozenset("RANDOM SRANDOM SECONDS EPOCHSECONDS EPOCHREALTIME BASHPID PPID $ !".split())  # noqa: SIM905
_PREFIXES = frozenset(["sudo", "nice", "nohup", "command", "builtin", "exec", "stdbuf", "ionice", "setsid"])
_SHELLS = frozenset(["sh", "bash", "eval", "dash"])

_NOTHING = OutputGuarantees()


@lru_cache(maxsize=512)
def analyse_script(script: str) -> OutputGuarantees:
    """The guarantees of a script's standard output."""
    return _read(script, 0)


def _read(script: str, depth: int) -> OutputGuarantees:
    text = script[:_LONGEST].encode("utf-8", "replace")
    tree = Parser(Language(tree_sitter_bash.language())).parse(text)
    return _analyse_node(tree.root_node, depth)


def _combine(parts: Iterable[OutputGuarantees]) -> OutputGuarantees:
    """The guarantees of outputs one after the other."""
    result = _NOTHING
    first = True
    for part in parts:
        result = OutputGuarantees(
            uncertainty=result.uncertainty or part.uncertainty,
            ordered=result.ordered and part.ordered,
            words=result.words or part.words,
            listing=result.listing or part.listing,
            numbered=result.numbered or part.numbered,
            names=result.names or part.names,
            sizes=result.sizes or part.sizes,
            columns=part.columns and (first or result.columns),
            padded=result.padded or part.padded,
            relative=result.relative or part.relative,
            jobs=result.jobs or part.jobs,
            commands=result.commands | part.commands,
        )
        first = first and not part.commands
    return result


def _analyse_node(node: Node, depth: int) -> OutputGuarantees:
    if depth > _DEEPEST:
        return OutputGuarantees(uncertainty="it is nested too deeply to be read")
    if node.type == "pipeline":
        first, *rest = node.named_children
        guarantees = _analyse_node(first, depth + 1)
        for stage in rest:
            guarantees = _pipe(guarantees, stage, depth + 1)
        return guarantees
    if node.type == "command":
        return _analyse_command_node(node, depth)
    if node.type == "redirected_statement" and _to_file(node):
        return OutputGuarantees(commands=_combine(_analyse_node(c, depth + 1) for c in node.named_children).commands)
    if node.type in ("simple_expansion", "expansion"):
        name = _text(node).strip("${}") or "$"
        return OutputGuarantees(uncertainty=CHANCE if name in _RANDOM_VARIABLES else "")
    if node.type == "comment":
        return _NOTHING
    guarantees = _combine(_analyse_node(c, depth + 1) for c in node.named_children)
    return replace(guarantees, jobs=True) if any(c.type == "&" for c in node.children) else guarantees


def _to_file(node: Node) -> bool:
    """Whether standard output goes to a file."""
    for part in node.named_children:
        if part.type != "file_redirect":
            continue
        mark = next((c.type for c in part.children if not c.is_named), "")
        number = next((_text(c) for c in part.children if c.type == "file_descriptor"), "1")
        target = _text(part.named_children[-1]) if part.named_children else ""
        if mark in (">", ">>", "&>", "&>>", ">|") and number == "1" and target not in ("/dev/stdout", "/dev/stderr"):
            return True
    return False


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _words(node: Node) -> list[str]:
    """The command and its arguments, without their quotes."""
    words = []
    for part in node.named_children:
        if part.type in ("variable_assignment", "file_redirect", "herestring_redirect", "heredoc_redirect"):
            continue
        text = _text(part)
        words.append(text[1:-1] if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0] else text)
    return words


def _analyse_command_node(node: Node, depth: int) -> OutputGuarantees:
    words = _words(node)
    inner = _combine(
        _analyse_node(c, depth + 1)
        for p in node.named_children
        for c in ([p] if p.type != "command_name" else p.named_children)
        if p.type not in ("word", "raw_string", "number")
    )  # fmt: skip
    guarantees = _analyse_command(words, depth)
    is_set = not inner.ordered
    return replace(
        _combine([guarantees, inner]),
        words=guarantees.words or is_set,
        columns=guarantees.columns,
        listing=guarantees.listing,
    )


def _analyse_command(words: list[str], depth: int) -> OutputGuarantees:
    """The guarantees of one command with its arguments, through prefixes such as `sudo` and `timeout`."""
    while words and (words[0].rsplit("/", 1)[-1] in _PREFIXES or words[0].startswith("-")):
        words = words[1:]
    if not words:
        return _NOTHING
    name, rest = words[0].rsplit("/", 1)[-1], words[1:]
    if name == "timeout":
        return _analyse_command([w for n, w in enumerate(rest) if n or not w[:1].isdigit()], depth)
    if name == "env" and rest:
        return (
            _analyse_command([w for w in rest if "=" not in w], depth)
            if any("=" not in w for w in rest)
            else WHOLE_ENVIRONMENT
        )
    if name in _SHELLS and rest and (name == "eval" or "-c" in rest) and depth < _DEEPEST // 2:
        return _combine([OutputGuarantees(commands=frozenset([name])), _read(rest[-1], depth + _DEEPEST // 4)])
    guarantees = command_guarantees(name, rest)
    exec_index = (
        next((n for n, w in enumerate(rest) if w in ("-exec", "-execdir", "-ok")), -1) if name == "find" else -1
    )
    if exec_index < 0:
        return guarantees
    inner = _analyse_command([w for w in rest[exec_index + 1 :] if w not in ("{}", "\\;", ";", "+")], depth)
    return replace(_combine([guarantees, inner]), ordered=False, columns=False)


def _pipe(before: OutputGuarantees, stage: Node, depth: int) -> OutputGuarantees:
    """The guarantees after one more command of a pipeline."""
    if stage.type == "redirected_statement" and _to_file(stage):
        return OutputGuarantees(commands=before.commands | _analyse_node(stage, depth).commands)
    words = _words(stage) if stage.type == "command" else []
    if stage.type == "redirected_statement" and (inner := [c for c in stage.named_children if c.type == "command"]):
        words = _words(inner[0])
    while words and words[0] in _PREFIXES:
        words = words[1:]
    name, rest = (words[0].rsplit("/", 1)[-1], words[1:]) if words else ("", [])
    after = pipe_guarantees(before, name, rest)
    guarantees = _analyse_node(stage, depth) if after is None else OutputGuarantees(commands=frozenset([name]))
    if after is None:
        after = replace(before, columns=False, padded=before.padded or guarantees.padded)
        if name == "xargs":
            guarantees = _analyse_command([w for w in rest if not re.fullmatch(r"-.*|\d+|\{\}", w)], depth)
            after = replace(after, words=after.words or not guarantees.commands)
            guarantees = replace(guarantees, columns=False)
        after = replace(_combine([after, guarantees]), listing=after.listing or guarantees.listing)
    return replace(after, commands=before.commands | guarantees.commands, is_subset=before.is_subset)

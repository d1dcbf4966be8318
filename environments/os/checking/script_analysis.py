"""What a shell script's output promises, told from its syntax alone. Nothing is run; the grammar is tree-sitter's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from .guarantees import CHANCE, WHOLE, Reading, alone, through

_LONGEST = 10_000
"""Characters of a script that are read."""
_DEEPEST = 40
_DICE = frozenset("RANDOM SRANDOM SECONDS EPOCHSECONDS EPOCHREALTIME BASHPID PPID $ !".split())  # noqa: SIM905
_PREFIXES = frozenset(["sudo", "nice", "nohup", "command", "builtin", "exec", "stdbuf", "ionice", "setsid"])
_SHELLS = frozenset(["sh", "bash", "eval", "dash"])

_NOTHING = Reading()


@lru_cache(maxsize=512)
def read(script: str) -> Reading:
    """What its output promises, standard error left aside."""
    return _read(script, 0)


def _read(script: str, depth: int) -> Reading:
    text = script[:_LONGEST].encode("utf-8", "replace")
    tree = Parser(Language(tree_sitter_bash.language())).parse(text)
    return _flow(tree.root_node, depth)


def _both(flows: Iterable[Reading]) -> Reading:
    """One after the other."""
    made = _NOTHING
    first = True
    for flow in flows:
        made = Reading(
            unsettled=made.unsettled or flow.unsettled,
            ordered=made.ordered and flow.ordered,
            words=made.words or flow.words,
            listing=made.listing or flow.listing,
            numbered=made.numbered or flow.numbered,
            names=made.names or flow.names,
            sizes=made.sizes or flow.sizes,
            columns=flow.columns and (first or made.columns),
            padded=made.padded or flow.padded,
            commands=made.commands | flow.commands,
        )
        first = first and not flow.commands
    return made


def _flow(node: Node, depth: int) -> Reading:
    if depth > _DEEPEST:
        return Reading(unsettled="it is nested too deeply to be read")
    if node.type == "pipeline":
        first, *rest = node.named_children
        flow = _flow(first, depth + 1)
        for stage in rest:
            flow = _through(flow, stage, depth + 1)
        return flow
    if node.type == "command":
        return _command(node, depth)
    if node.type == "redirected_statement" and _to_file(node):
        return Reading(commands=_both(_flow(c, depth + 1) for c in node.named_children).commands)
    if node.type in ("simple_expansion", "expansion"):
        name = _text(node).strip("${}") or "$"
        return Reading(unsettled=CHANCE if name in _DICE else "")
    if node.type == "comment":
        return _NOTHING
    return _both(_flow(c, depth + 1) for c in node.named_children)


def _to_file(node: Node) -> bool:
    """Whether standard output goes elsewhere."""
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
    """The command and its arguments, without quotes around them."""
    words = []
    for part in node.named_children:
        if part.type in ("variable_assignment", "file_redirect", "herestring_redirect", "heredoc_redirect"):
            continue
        text = _text(part)
        words.append(text[1:-1] if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0] else text)
    return words


def _command(node: Node, depth: int) -> Reading:
    words = _words(node)
    inner = _both(
        _flow(c, depth + 1) for p in node.named_children for c in ([p] if p.type != "command_name" else p.named_children)
        if p.type not in ("word", "raw_string", "number")
    )  # fmt: skip
    own = _promise(words, depth)
    joined = not inner.ordered
    return replace(_both([own, inner]), words=own.words or joined, columns=own.columns, listing=own.listing)


def _promise(words: list[str], depth: int) -> Reading:
    """What one command with its arguments promises."""
    while words and (words[0].rsplit("/", 1)[-1] in _PREFIXES or words[0].startswith("-")):
        words = words[1:]
    if not words:
        return _NOTHING
    name, rest = words[0].rsplit("/", 1)[-1], words[1:]
    if name == "timeout":
        return _promise([w for n, w in enumerate(rest) if n or not w[:1].isdigit()], depth)
    if name == "env" and rest:
        return _promise([w for w in rest if "=" not in w], depth) if any("=" not in w for w in rest) else WHOLE
    if name in _SHELLS and rest and (name == "eval" or "-c" in rest) and depth < _DEEPEST // 2:
        return _both([Reading(commands=frozenset([name])), _read(rest[-1], depth + _DEEPEST // 4)])
    own = alone(name, rest)
    doing = next((n for n, w in enumerate(rest) if w in ("-exec", "-execdir", "-ok")), -1) if name == "find" else -1
    if doing < 0:
        return own
    inner = _promise([w for w in rest[doing + 1 :] if w not in ("{}", "\\;", ";", "+")], depth)
    return replace(_both([own, inner]), ordered=False, columns=False)


def _through(flow: Reading, stage: Node, depth: int) -> Reading:
    """What is left of a promise after one more command of a pipeline."""
    if stage.type == "redirected_statement" and _to_file(stage):
        return Reading(commands=flow.commands | _flow(stage, depth).commands)
    words = _words(stage) if stage.type == "command" else []
    if stage.type == "redirected_statement" and (inner := [c for c in stage.named_children if c.type == "command"]):
        words = _words(inner[0])
    while words and words[0] in _PREFIXES:
        words = words[1:]
    name, rest = (words[0].rsplit("/", 1)[-1], words[1:]) if words else ("", [])
    after = through(flow, name, rest)
    own = _flow(stage, depth) if after is None else Reading(commands=frozenset([name]))
    if after is None:
        after = replace(flow, columns=False, padded=flow.padded or own.padded)
        if name == "xargs":
            own = _promise([w for w in rest if not re.fullmatch(r"-.*|\d+|\{\}", w)], depth)
            after = replace(after, words=after.words or not own.commands)
            own = replace(own, columns=False)
        after = replace(_both([after, own]), listing=after.listing or own.listing)
    return replace(after, commands=flow.commands | own.commands, narrowed=flow.narrowed)

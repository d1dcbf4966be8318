"""One-line faults that can be put into a file of Python: where, of which kind, and the text with the fault in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

EDGES = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
OPPOSITES = {
    ast.Eq: "!=", ast.NotEq: "==", ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
ARITHMETIC = {ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.FloorDiv: "*", ast.Div: "*", ast.Mod: "+"}
KINDS = (
    "constant", "boundary", "comparison", "boolean", "negation", "branch", "statement", "argument", "exception", "result",
    "arithmetic",
)  # fmt: skip
TEXTS = (ast.Compare, ast.Subscript, ast.Dict, ast.Return)
"""Where a text is compared, looked up or answered; elsewhere it is words for a person."""

DEFAULTS = ("encoding", "strict")
"""Arguments that say what is so anyhow: the locale's UTF-8, a length that is equal."""


@dataclass(frozen=True)
class Change:
    """One fault. Lines count from 1; columns are bytes, as in `ast`."""

    path: str
    """of the file, from the root of the repository"""
    kind: str
    line: int
    end: int
    """the last line of the statement that holds it"""
    scope: str
    """the function that it stands in, '' for what runs at import"""
    name: str
    """the name that a statement outside functions sets, or ''"""
    span: tuple[int, int]
    """what is replaced, in bytes of the file"""
    new: str

    def applied(self, text: bytes) -> bytes:
        return text[: self.span[0]] + self.new.encode() + text[self.span[1] :]

    def is_valid(self, text: bytes) -> bool:
        """Whether the file with the fault still parses, as another program."""
        try:
            return ast.dump(ast.parse(self.applied(text))) != ast.dump(ast.parse(text))
        except SyntaxError:
            return False

    def shown(self, text: bytes) -> str:
        """Old and new text on one line."""
        old = " ".join(text[slice(*self.span)].decode().split())
        return f"{self.path}:{self.line} [{self.kind}] {old[:90]!r} → {' '.join(self.new.split())[:90]!r}"


class Finder:
    """Walks the tree of one file and yields its changes."""

    def __init__(self, path: str, text: bytes) -> None:
        self.path, self.text = path, text
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def changes(self) -> Iterator[Change]:
        yield from self._walk(ast.parse(self.text), (), None)

    def _walk(self, node: ast.AST, parents: tuple[ast.AST, ...], statement: ast.stmt | None) -> Iterator[Change]:
        if isinstance(node, ast.stmt):
            if _is_only_words(node, parents):
                return
            statement = node
        if statement is not None:
            for kind, where, new in _faults(node, parents, self):
                yield self._change(kind, where, new, parents, statement)
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "decorator_list", "type_comment") or isinstance(node, ast.JoinedStr):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from self._walk(child, (*parents, node), statement)

    def span(self, node: ast.AST) -> tuple[int, int]:
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset

    def source(self, node: ast.AST) -> str:
        return self.text[slice(*self.span(node))].decode()

    def _change(self, kind, where, new, parents, statement) -> Change:
        span = where if isinstance(where, tuple) else self.span(where)
        functions = [p.name for p in parents if isinstance(p, ast.FunctionDef | ast.AsyncFunctionDef)]
        target = getattr(statement, "target", None) or next(iter(getattr(statement, "targets", [])), None)
        line = self.text.count(b"\n", 0, span[0]) + 1
        end = self.text.count(b"\n", 0, span[1]) + 1
        return Change(self.path, kind, line, end, ".".join(functions), getattr(target, "id", ""), span, new)


def _is_only_words(node: ast.stmt, parents: tuple[ast.AST, ...]) -> bool:
    """Docstrings, imports, and what only type checkers and readers see."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "__all__" for t in node.targets):
        return True
    guard = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    return guard or isinstance(node, ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal | ast.Pass)


def _faults(node: ast.AST, parents: tuple[ast.AST, ...], file: Finder) -> Iterator[tuple[str, object, str]]:
    """Kind, node or span, new text."""
    match node:
        case ast.Constant(value=bool(value)):
            yield "constant", node, str(not value)
        case ast.Constant(value=int(value)):
            yield "constant", node, str(value + 1)
        case ast.Constant(value=float(value)):
            yield "constant", node, repr(value + 1.0 if value < 1 else value * 2)
        case ast.Constant(value=str(value)) if value and isinstance(parents[-1], TEXTS):
            yield "constant", node, repr(f"{value}~")
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            between = (file.span(left)[1], file.span(right)[0])
            inner = file.text[slice(*between)].decode().strip()
            if not inner.startswith(")") and not inner.endswith("("):
                if type(op) in EDGES and not file.source(left).endswith(".random()"):  # a draw never lies on its bound
                    yield "boundary", between, f" {EDGES[type(op)]} "
                elif type(op) in OPPOSITES:
                    yield "comparison", between, f" {OPPOSITES[type(op)]} "
        case ast.BoolOp(values=values):
            for first, second in pairwise(values):
                start, end = file.span(first)[1], file.span(second)[0]
                gap = file.text[start:end].decode()
                old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
                if gap.count(old) == 1 and len(values) == 2:
                    yield "boolean", (start, end), gap.replace(old, new)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "negation", node, f"({file.source(operand)})"
        case ast.BinOp(op=op) if type(op) in ARITHMETIC and not _of_text(node):
            start, end = file.span(node.left)[1], file.span(node.right)[0]
            gap = file.text[start:end].decode()
            if gap.strip("() \n") and set(gap.strip()) <= set("+-*/%"):
                yield "arithmetic", (start, end), f" {ARITHMETIC[type(op)]} "
        case ast.keyword(arg=str(name)) if isinstance(parents[-1], ast.Call) and name not in DEFAULTS:
            yield "argument", _with_comma(node, file), ""
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            if not isinstance(test, ast.UnaryOp):
                yield "negation", test, f"not ({file.source(test)})"
            yield "branch", test, "False"
            if isinstance(node, ast.If | ast.IfExp):
                yield "branch", test, "True"
        case ast.comprehension(ifs=[test]):
            yield "branch", test, "True"
        case ast.Raise():
            yield "exception", node, "pass"
        case ast.ExceptHandler(body=[first, *rest]):
            body = (file.span(first)[0], file.span([first, *rest][-1])[1])
            if not isinstance(first, ast.Pass):
                yield "exception", body, "pass"
            yield "exception", body, "raise"
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "result", value, "None"
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.AugAssign() | ast.Delete():
            yield "statement", node, "pass"


def _of_text(node: ast.BinOp) -> bool:
    """Whether an operator may stand between texts."""
    return any(isinstance(n, ast.JoinedStr) or isinstance(getattr(n, "value", None), str) for n in ast.walk(node))


def _with_comma(node: ast.keyword, file: Finder) -> tuple[int, int]:
    """An argument and the comma after it, or before it."""
    start, end = file.span(node)
    after = file.text[end:].lstrip()
    if after.startswith(b","):
        return start, end + file.text[end:].index(b",") + 1
    before = file.text[:start].rstrip()
    return (len(before) - 1, end) if before.endswith(b",") else (start, end)


def changes_of(root: Path, path: str) -> list[Change]:
    """All changes of one file."""
    return [*Finder(path, (root / path).read_bytes()).changes()]

"""Prompts: .j2 files beside their user, strict and sandboxed. Untrusted text goes in as variables, never as source."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import traceback
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from time import thread_time
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes, pass_eval_context
from jinja2.filters import do_format, do_indent, do_join, do_replace
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError
from jinja2.visitor import NodeTransformer

from simenv.errors import ConfigError

LONGEST_TEMPLATE, LONGEST_PROMPT = 100_000, 2_000_000
"""Characters of a template of the user's, and of what it may become."""
LONGEST_LIST = 1_000_000
"""Items of a list that a template makes."""
SECONDS = 2.0
"""Of CPU, for one prompt."""
_OPERATORS = frozenset({"*", "**", "+", "%"})
_GROWING = frozenset(
    {"center", "expandtabs", "format", "format_map", "join", "ljust", "replace", "rjust", "translate", "zfill"}
)
"""Methods of texts that make a long one of a short one at once; the filters of these names are bounded."""
_WIDTH = re.compile(r"\d{4,}|\*")
_clock = threading.local()


class _Bounds(NodeTransformer):
    """Lets loops and macros look at the clock, and texts be put together within bounds."""

    def visit_For(self, node: nodes.For) -> Any:
        return self._ticking(node)

    def visit_Macro(self, node: nodes.Macro) -> Any:
        return self._ticking(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> Any:
        return self._ticking(node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        inner: Any = self.generic_visit(node)
        return _call("joined", inner.nodes, node.lineno)

    def _ticking(self, node: nodes.Node) -> Any:
        inner: Any = self.generic_visit(node)
        inner.body.insert(0, nodes.ExprStmt(_call("tick", [], node.lineno), lineno=node.lineno))
        return inner


def _call(method: str, arguments: list[Any], line: int) -> nodes.Call:
    """A call of a method of the environment, as a part of a template."""
    function = nodes.EnvironmentAttribute(method, lineno=line)
    return nodes.Call(function, arguments, [], None, None, lineno=line)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Refuses what fills the memory or takes for ever: products of texts, powers, endless loops, texts without bounds."""

    intercepted_binops = _OPERATORS

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Bounds().visit(super()._parse(source, name, filename))
        return tree

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        is_numbers = all(isinstance(v, int | float) for v in (left, right))
        if operator == "**" or (operator in "*%" and not is_numbers):
            raise SecurityError(f"the operator {operator} is not there for {left!r:.40} and {right!r:.40}")
        if operator == "+" and not is_numbers:
            self.require(sum(len(v) for v in (left, right) if isinstance(v, Sized)), isinstance(left, str))
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        is_growing = isinstance(obj, str) and attr in _GROWING
        return not is_growing and super().is_safe_attribute(obj, attr, value)

    def tick(self) -> None:
        """SecurityError once a prompt has taken too long."""
        if thread_time() > getattr(_clock, "until", float("inf")):
            raise SecurityError(f"it takes longer than {SECONDS:g} s of CPU; a prompt needs no such loops")

    def joined(self, *parts: Any) -> str:
        """Values as one text."""
        texts = [str(part) for part in parts]
        self.require(sum(map(len, texts)), True)
        return "".join(texts)

    @staticmethod
    def require(length: int, is_text: bool) -> None:
        """SecurityError for a text or a list that would be too long."""
        if length > (LONGEST_PROMPT if is_text else LONGEST_LIST):
            kind, most = ("text", LONGEST_PROMPT) if is_text else ("list", LONGEST_LIST)
            raise SecurityError(f"it makes a {kind} of {length:,}; at most {most:,} are allowed")


@contextmanager
def _timed() -> Iterator[None]:
    """A prompt that is rendered in this thread, from now on."""
    before = getattr(_clock, "until", float("inf"))
    _clock.until = min(before, thread_time() + SECONDS)
    try:
        yield
    finally:
        _clock.until = before


@pass_eval_context
def _join(context: Any, value: Any, d: str = "", attribute: Any = None) -> str:
    items = list(value)
    _jinja.require(len(items) * len(d) + sum(len(v) for v in items if isinstance(v, str)), True)
    return str(do_join(context, items, d, attribute))


@pass_eval_context
def _replace(context: Any, s: str, old: str, new: str, count: int | None = None) -> str:
    _jinja.require(len(s) + (len(s) // max(1, len(old)) + 1) * len(new), True)
    return do_replace(context, s, old, new, count)


def _format(value: str, *args: Any, **kwargs: Any) -> str:
    if _WIDTH.search(value):
        raise SecurityError(f"format: {value!r:.40}: a width of at most 3 digits is allowed")
    return do_format(value, *args, **kwargs)


def _indent(s: str, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    size = width if isinstance(width, int) else len(width)
    _jinja.require(len(s) + size * (s.count("\n") + 1), True)
    return do_indent(s, width, first, blank)


def _center(value: str, width: int = 80) -> str:
    _jinja.require(max(width, len(value)), True)
    return value.center(width)


_jinja = _Sandbox(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
_jinja.filters |= {"join": _join, "replace": _replace, "format": _format, "indent": _indent, "center": _center}
_jinja.filters["json"] = lambda value, sort_keys=False: json.dumps(value, ensure_ascii=False, sort_keys=sort_keys)
del _jinja.filters["tojson"]  # it escapes HTML, and a model would read \u003c for <


def _strings(content: str) -> str:
    """The printable parts of binary content that is given in base64; '' for what is no base64."""
    try:
        text = base64.b64decode(content, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""
    return " ".join(re.findall(r"[^\x00-\x1f\x7f\ufffd]{4,}", text))


_jinja.filters["strings"] = _strings


@lru_cache(maxsize=256)
def _template(path: Path) -> Template:
    try:
        return _jinja.from_string(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise ConfigError(f"prompt {path}: {e.strerror}") from e
    except TemplateSyntaxError as e:
        raise ConfigError(f"prompt {path}:{e.lineno}: {e.message}") from e


def render(path: str | Path, **variables: Any) -> str:
    """The text of a template with its variables filled in; ConfigError for a missing variable or a broken template."""
    try:
        with _timed():
            return _template(Path(path)).render(variables).strip()
    except (TemplateError, RecursionError) as e:
        raise ConfigError(f"prompt {path}: {e}") from e


def rehearse(path: Path, **examples: Any) -> None:
    """Render a template of the user's with examples of its variables. ValueError with file and line where it cannot be.

    What it may take and give is bounded; nothing is sent.
    """
    try:
        if path.stat().st_size > LONGEST_TEMPLATE:
            raise ConfigError(f"{path}: larger than {LONGEST_TEMPLATE:,} bytes, which no prompt needs")
        length = 0
        with _timed():
            for part in _template(path).generate(examples):
                length += len(part)
                if length > LONGEST_PROMPT:
                    raise ConfigError(f"{path}: it becomes longer than {LONGEST_PROMPT:,} characters")
        if not length:
            raise ConfigError(f"{path}: it renders to nothing; expected a prompt")
    except OSError as e:
        raise ValueError(f"{path}: {e.strerror}") from e
    except ConfigError as e:
        raise ValueError(str(e)) from e
    except Exception as e:
        raise ValueError(f"{path}:{_line(e)}: {e}; there are {', '.join(examples)}") from e


def _line(error: Exception) -> int:
    """The line of a template at which it failed; jinja2 puts it into the traceback."""
    frames = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "<template>"]
    return next((n for n in reversed(frames) if n), 1)


def fenced(text: str) -> str:
    """Foreign text between two lines that it cannot contain, as they hold its digest; '' for no text."""
    if not text:
        return ""
    mark = f"-----{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}-----"
    return f"{mark}\n{text}\n{mark}"

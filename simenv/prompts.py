"""Prompts: .j2 files beside their user, strict and sandboxed. Untrusted text goes in as variables, never as source."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import traceback
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError

from simenv.errors import ConfigError

LONGEST_TEMPLATE, LONGEST_PROMPT = 100_000, 2_000_000
"""Characters of a template of the user's, and of what it may become."""
_OPERATORS = frozenset({"*", "**"})


class _Sandbox(ImmutableSandboxedEnvironment):
    """Refuses products of texts and powers, which fill the memory before anything can be counted."""

    intercepted_binops = _OPERATORS

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or not all(isinstance(v, int | float) for v in (left, right)):
            raise SecurityError(f"the operator {operator} is not there for {left!r:.40} and {right!r:.40}")
        return super().call_binop(context, operator, left, right)


_jinja = _Sandbox(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
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
        return _template(Path(path)).render(variables).strip()
    except TemplateError as e:
        raise ConfigError(f"prompt {path}: {e}") from e


def rehearse(path: Path, **examples: Any) -> None:
    """Render a template of the user's with examples of its variables. ValueError with file and line where it cannot be.

    What it may take and give is bounded; nothing is sent.
    """
    try:
        if path.stat().st_size > LONGEST_TEMPLATE:
            raise ConfigError(f"{path}: larger than {LONGEST_TEMPLATE:,} bytes, which no prompt needs")
        length = 0
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

"""Prompts: .j2 files beside their user, strict and sandboxed. Untrusted text goes in as variables, never as source."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from simenv.errors import ConfigError

_jinja = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
)
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


def fenced(text: str) -> str:
    """Foreign text between two lines that it cannot contain, as they hold its digest; '' for no text."""
    if not text:
        return ""
    mark = f"-----{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}-----"
    return f"{mark}\n{text}\n{mark}"

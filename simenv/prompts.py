"""Prompts: .j2 files beside their user, strict and sandboxed. Untrusted text goes in as variables, never as source."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from simenv.errors import ConfigError

_jinja = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
)
_jinja.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False)  # tojson would escape HTML


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

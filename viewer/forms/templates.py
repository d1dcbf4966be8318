"""Prompt templates that people upload: read, tried with an example, and kept in the folder data/ of the workspace."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from jinja2 import TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from simenv import plugins
from simenv.documents import head
from simenv.errors import ConfigError, unknown
from simenv.plugins.viewer.workspace import Workspace
from simenv.prompts import rehearse, render
from simenv.types import digest

MAX_TEMPLATE = 64_000
"""Bytes of a prompt template."""
PLACES = {
    "react": "Instructions of your own for the opening of the chat",
    "cot": "The whole prompt, in place of the bundled one; it ought to ask for a last line “Answer: …”",
}
"""What the template of an agent is for."""


def examples(agent: str, environments: list[str]) -> dict[str, Any]:
    """The variables that the template of an agent may use, each with an example."""
    if agent == "cot":
        return {
            "question": "Which of the two was founded first?",
            "choices": ["A) this", "B) that"],
            "instructions": "",
        }
    worlds = [plugins.environment(name).world for name in environments[:1]]
    return {"actions": [spec for world in worlds for spec in world.actions.values()]}


def bundled(agent: str) -> str | None:
    """The template that an agent comes with; None where it has none."""
    default = plugins.load("agents", agent).Options.model_fields["template"].default
    return head(Path(default), MAX_TEMPLATE) if default else None


def read_template(content: bytes, examples: dict[str, Any]) -> str:
    """The text of a prompt template that was rendered with the examples, in a sandbox.

    ConfigError for more than MAX_TEMPLATE bytes, text that is not UTF-8 or not Jinja, variables that there are not, and what
    does not render.
    """
    if len(content) > MAX_TEMPLATE:
        raise ConfigError(f"template: {len(content):,} bytes; expected at most {MAX_TEMPLATE:,}")
    try:
        source = content.decode("utf-8")
        syntax_tree = ImmutableSandboxedEnvironment().parse(source)
    except UnicodeDecodeError as e:
        raise ConfigError("template: expected text in UTF-8") from e
    except TemplateSyntaxError as e:
        raise ConfigError(f"template: line {e.lineno}: {e.message}") from e
    for name in sorted(meta.find_undeclared_variables(syntax_tree) - examples.keys()):
        raise ConfigError(f"template: {unknown('variable', name, examples)}")
    _tried(source, examples)
    return source


def rendered(source: str, examples: dict[str, Any]) -> str:
    """What a template that was read becomes with the examples."""
    return _tried(source, examples)


def _tried(source: str, examples: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder, "template.j2")
        draft.write_text(source, encoding="utf-8")
        try:
            rehearse(draft, **examples)
        except ValueError as e:
            raise ConfigError(str(e).replace(str(draft), "template")) from e
        return render(draft, **examples)


def save_template(workspace: Workspace, source: str) -> str:
    """Write a template to data/, once for each text; its path inside the workspace."""
    workspace.data.mkdir(parents=True, exist_ok=True)
    path = workspace.data / f"template-{digest(source)[:12]}.j2"
    if not path.exists():
        path.write_text(source, encoding="utf-8")
    return workspace.relative(path)

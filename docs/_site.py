"""Pages of the documentation that are made from the program: every command with its help, every option with its meaning."""

from __future__ import annotations

import contextlib
import io
from typing import Any

from mkdocs.structure.files import File, Files
from pydantic import BaseModel

from simenv import plugins
from simenv.__main__ import COMMANDS, main
from simenv.comparison.config import Comparison
from simenv.config import EnvironmentConfig, Experiment
from simenv.curate.config import Curation
from simenv.errors import ConfigError
from simenv.evaluate.config import Evaluation
from simenv.export import Export
from simenv.fidelity.config import Fidelity
from simenv.finetune.trainers import Finetune
from simenv.instruct.config import Dialogues
from simenv.knowledge.config import Additions
from simenv.options import explain
from simenv.serve.config import ServeConfig
from simenv.sweep.config import Sweep
from simenv.teach.config import Teaching
from simenv.tiny import Tiny
from simenv.verify.config import Verification

SETTINGS: dict[str, type[BaseModel]] = {
    "rollout": Experiment, "curate": Curation, "export": Export, "finetune": Finetune, "evaluate": Evaluation,
    "sweep": Sweep, "tiny": Tiny, "teach": Teaching, "fidelity": Fidelity, "serve": ServeConfig, "knowledge": Additions,
    "verify": Verification, "comparison": Comparison, "instruct": Dialogues,
}  # fmt: skip
"""The settings of each command that has some."""


def on_files(files: Files, config: Any) -> Files:
    """Called by mkdocs: adds reference.md."""
    files.append(File.generated(config, "reference.md", content=reference()))
    return files


def reference() -> str:
    """Commands with help and options; options of environments; options of plugins."""
    parts = [
        "# Commands and configuration",
        "Made from the program itself. Options are YAML or `KEY=VALUE` behind a command.",
    ]
    for name in COMMANDS:
        parts += [f"## {name}", f"```text\n{_help(name)}\n```"]
        if name in SETTINGS:
            parts.append(_table(SETTINGS[name]))
    parts += [
        "## Environments",
        "Each stands under its name: `db.source=…`, `db.world.engine=server`.",
        _table(EnvironmentConfig),
    ]
    parts += [part for name in plugins.names("environments") for part in _environment(name)]
    for kind, about in plugins.KINDS.items():
        if kind != "environments":
            parts += [part for name in plugins.names(kind) for part in _plugin(kind, about.noun, name)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _environment(name: str) -> list[str]:
    try:
        site = plugins.environment(name)
    except ConfigError:  # a package of it is not installed
        return []
    made = {"world": getattr(site.world, "Options", None), "teacher": site.procedural and site.procedural.Options}
    tables = {part: _table(shape, f"{name}.{part}.") for part, shape in made.items() if shape}
    return [f"### Environment {name}", *filter(None, tables.values())] if any(tables.values()) else []


def _plugin(kind: str, noun: str, name: str) -> list[str]:
    try:
        shape = getattr(plugins.load(kind, name), "Options", None)
    except ConfigError:  # a package of it is not installed
        return []
    table = _table(shape) if shape else ""
    return [f"### {noun.capitalize()} {name}", table] if table else []


def _help(name: str) -> str:
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.suppress(SystemExit):
        main([name, "--help"])
    return told.getvalue().partition("KEY=VALUE (values in YAML)")[0].strip()


def _table(shape: type[BaseModel], prefix: str = "") -> str:
    rows = [f"| `{prefix}{key}` | {_cell(default)} | {_cell(text)} |" for key, default, text in explain(shape)]
    return "\n".join(["| option | default | meaning |", "|---|---|---|", *rows]) if rows else ""


def _cell(text: str) -> str:
    escaped = str(text)[:300]
    for char in "\\|<>[]*_`{":
        escaped = escaped.replace(char, f"&#{ord(char)};")
    return " ".join(escaped.split())

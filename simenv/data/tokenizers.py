"""Tokenizers of local folders and of the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simenv.errors import ConfigError
from simenv.models.text_calls import CallStyle, written


def load(folder: str, calls: CallStyle = "template") -> Any:
    """The tokenizer of a local folder or of a name on the Hugging Face hub; ConfigError where it cannot be used.

    Its chat template writes calls as text where `calls` says so.
    """
    try:
        from transformers import AutoTokenizer
    except ModuleNotFoundError as e:
        raise ConfigError(f"the tokenizer of {folder} needs the package {e.name}: pip install 'simenv[train]'") from e
    path = Path(folder).expanduser()
    beside = len(path.parts) > 1 and Path(path.parts[0]).is_dir()  # models/typo: the hub has no user of that name
    local = path.exists() or beside or folder.startswith((".", "/", "~"))
    if local and not any((path / name).is_file() for name in ("config.json", "tokenizer.json")):
        raise ConfigError(
            f"{folder}: no model here; expected a folder with config.json, weights and tokenizer, or tokenizer.json alone"
        )
    try:
        return written(AutoTokenizer.from_pretrained(str(path) if local else folder, trust_remote_code=False), calls)
    except (OSError, ValueError) as e:
        raise ConfigError(f"{folder}: no tokenizer: {str(e).splitlines()[0]}") from e

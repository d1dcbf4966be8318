"""Tokenizers of local folders and of the Hugging Face hub."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from simenv.errors import ConfigError, Offline
from simenv.models.text_calls import CallStyle, written


def load(folder: str, calls: CallStyle = "template") -> Any:
    """The tokenizer of a local folder or of a name on the Hugging Face hub; ConfigError where it cannot be used.

    Its chat template writes calls as text where `calls` says so.
    """
    local = check(folder)
    try:
        from transformers import AutoTokenizer
    except ModuleNotFoundError as e:
        raise ConfigError(f"the tokenizer of {folder} needs the package {e.name}: pip install 'simenv[train]'") from e
    path = Path(folder).expanduser()
    try:
        name, kept = str(path) if local else folder, not local and not hub_answers()
        found = AutoTokenizer.from_pretrained(name, trust_remote_code=False, local_files_only=kept)
        return written(found, calls)
    except (OSError, ValueError) as e:
        told = f"the hub cannot be reached ({hub()}), and it was not fetched before" if kept else str(e).splitlines()[0]
        raise ConfigError(f"{folder}: no tokenizer: {told}") from e


def check(folder: str) -> bool:
    """Whether weights are named by a folder, not by their name on the hub. ConfigError for a folder without any; imports
    nothing, so that it can be said before seconds have passed."""
    path = Path(folder).expanduser()
    beside = len(path.parts) > 1 and Path(path.parts[0]).is_dir()  # models/typo: the hub has no user of that name
    local = path.exists() or beside or folder.startswith((".", "/", "~"))
    if local and not any((path / name).is_file() for name in ("config.json", "tokenizer.json", "adapter_config.json")):
        raise ConfigError(
            f"{folder}: no model here; expected a folder with config.json, weights and tokenizer, or tokenizer.json alone; "
            "`simenv tiny RUN` makes a tiny one in models/tiny"
        )
    return local


def require(name: str) -> None:
    """ConfigError for weights that cannot be had: no model in the folder, or a name of the hub that cannot be fetched now and
    was not fetched before. It imports nothing."""
    if not check(name) and not (_is_kept(name) or hub_answers()):
        raise ConfigError(
            f"{name}: no folder here, and the hub cannot be reached ({hub()}), nor was a model of this name fetched before; "
            "`simenv tiny RUN` makes a tiny one in models/tiny"
        )


def _is_kept(name: str) -> bool:
    """Whether the hub's library keeps something of this name."""
    home = os.environ.get("HF_HOME") or "~/.cache/huggingface"
    kept = Path(os.environ.get("HF_HUB_CACHE") or f"{home}/hub").expanduser()
    return (kept / f"models--{name.replace('/', '--')}").is_dir()


def hub() -> str:
    """The host of the Hugging Face hub."""
    return urlsplit(os.environ.get("HF_ENDPOINT") or "https://huggingface.co").hostname or "huggingface.co"


def hub_answers() -> bool:
    """Whether the hub has an address here; without, libraries try for a minute."""
    try:
        socket.getaddrinfo(hub(), 443)
    except (OSError, Offline):
        return False
    return True

"""The manifest of an export: what it was made from, how, and what each of its files holds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

FILE = "manifest.json"


def write(folder: Path, made: dict[str, Any], rows: dict[str, int]) -> None:
    """Write the manifest of all files in a folder. `made` says how it was made, `rows` how many rows a file holds."""
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    listed = {name: _entry(path) | ({"rows": rows[name]} if name in rows else {}) for name, path in files.items()}
    text = json.dumps(made | {"files": listed}, indent=2, ensure_ascii=False)
    (folder / FILE).write_text(f"{text}\n", encoding="utf-8", errors="backslashreplace")


def _entry(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}

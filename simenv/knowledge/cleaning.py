"""Takes what comes from a source out of files: lines of JSON lines and texts, parts of JSON, and packed files whole."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import file_digest
from pathlib import Path
from typing import Any

from simenv import files
from simenv.documents import file_text, json_file, opened_text, rows
from simenv.errors import Unreadable
from simenv.knowledge.derived import Derived, is_product, root

MANIFEST = "manifest.json"
SENT = "sent.json"
"""The list of what was sent to whom, which names sources by the beginning of their SHA-256 and stays."""
_WITHOUT_TEXT = (".safetensors", ".npy", ".bin", ".pt", ".png")
_INDEX = "index.sqlite"
_CHUNK = 1 << 20
_GONE = object()


class Cleaning:
    """Cleans files one after the other; `removed` counts what was taken out of each."""

    def __init__(self, derived: Derived) -> None:
        self.derived = derived
        self.removed: Counter[str] = Counter()
        self.touched: set[Path] = set()
        """folders of products that something was taken out of"""

    def clean(self, path: Path) -> None:
        """Take out of a file what comes from the source; a file that holds nothing of it is not touched."""
        if not path.is_file() or path.name == SENT:
            return
        count = self._clean(path)
        if count:
            self.removed[str(path)] += count
            self.touched.add(root(path))
            for index in (path.parent / _INDEX, path.parent.parent / _INDEX):
                index.unlink(missing_ok=True)

    def _clean(self, path: Path) -> int:
        if path.suffix == ".jsonl":
            return self._clean_lines(path)
        if path.suffix in (".parquet", ".arrow"):
            return self._remove_packed(path)
        if path.suffix in _WITHOUT_TEXT or not is_product(path):
            return 0
        if path.suffix == ".gz":
            return self._remove_gzip(path)
        if path.suffix == ".json":
            return self._prune(path)
        return self._clean_text(path)

    def _clean_lines(self, path: Path) -> int:
        count = sum(1 for line in self.derived.lines(path) if line is None)
        if count:
            with files.whole_file(path) as file:
                kept = (line for line in self.derived.lines(path) if line is not None)
                file.buffer.writelines(line.encode("utf-8", "surrogateescape") for line in kept)
        return count

    def _remove_packed(self, path: Path) -> int:
        """Remove what is made anew from its set: a packed file, with the folder of the export that it is part of."""
        if path.suffix == ".parquet":
            count = sum(not isinstance(row.value, Unreadable) and self.derived.has(row.value) for row in rows(path))
        else:
            count = int(self._has_bytes(path, self.derived.names))
        if count:
            home = root(path)
            shutil.rmtree(home) if (home / MANIFEST).is_file() else path.unlink()
        return count

    def _remove_gzip(self, path: Path) -> int:
        with opened_text(path) as file:
            count = sum(map(self.derived.has_line, file))
        if count:
            path.unlink()
        return count

    def _prune(self, path: Path) -> int:
        try:
            value = json_file(path)
        except Unreadable:
            return self._clean_text(path)
        kept, count = self._pruned(value, path.stem == "report")
        if count and kept is _GONE:
            path.unlink()
        elif count:
            files.write_whole(path, json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
        return count

    def _pruned(self, value: Any, is_report: bool) -> tuple[Any, int]:
        """A JSON value without the smallest of its parts that come from the source, and how many those were."""
        if isinstance(value, str):
            return (_GONE, 1) if self._is_text(value) else (value, 0)
        if isinstance(value, list):
            parts = [self._part(v, is_report) for v in value]
            return [v for v, _ in parts if v is not _GONE], sum(n for _, n in parts)
        if not isinstance(value, dict):
            return value, 0
        kept, count = {}, 0
        for key, inner in value.items():
            part, n = (_GONE, 1) if self._is_key(key, is_report) else self._part(inner, is_report)
            count += n
            if part is not _GONE:
                kept[key] = part
        return kept, count

    def _part(self, value: Any, is_report: bool) -> tuple[Any, int]:
        is_about = isinstance(value, dict) and self.derived.is_about(value)
        return (_GONE, 1) if is_about else self._pruned(value, is_report)

    def _is_text(self, text: str) -> bool:
        run, _, id = text.rpartition("/")
        return self.derived.traces.in_text(text) or (bool(run) and self.derived.is_known(id, run=run))

    def _is_key(self, key: str, is_report: bool) -> bool:
        traces = self.derived.traces
        return traces.in_text(key) or (is_report and key == traces.name)

    def _clean_text(self, path: Path) -> int:
        """Take lines out of a text; a file that is no text and holds the source goes whole."""
        try:
            text = file_text(path)
        except Unreadable:
            text = None
        if text is None or "\0" in text:
            found = self._has_bytes(path)
            if found:
                path.unlink()
            return int(found)
        kept = [line for line in text.splitlines(keepends=True) if not self._is_line(line, path.stem == "report")]
        count = len(text.splitlines()) - len(kept)
        if not count and self.derived.traces.in_text(text):  # words that run over lines
            path.unlink()
            return 1
        if count:
            files.write_whole(path, "".join(kept))
        return count

    def _is_line(self, line: str, is_report: bool) -> bool:
        traces = self.derived.traces
        return traces.in_text(line) or (is_report and traces.name in line)

    def _has_bytes(self, path: Path, ids: Iterable[str] = ()) -> bool:
        """Whether the bytes of a file hold the source's id, words of it, or one of some ids."""
        names = [self.derived.traces.id, *ids]
        return any(any(n in text for n in names) or self.derived.traces.in_words(text) for text in _texts(path))


def refresh(manifest: Path, removed: Counter[str]) -> None:
    """Bring the manifest of an export in line with its files, from which lines were taken."""
    value = json_file(manifest)
    listed = value.get("files")
    if not isinstance(listed, dict):
        return
    for name, entry in list(listed.items()):
        path = manifest.parent / name
        if not path.is_file():
            del listed[name]
            continue
        with path.open("rb") as file:
            entry |= {"sha256": file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}
        if "rows" in entry:
            entry["rows"] -= removed[str(path)]
    files.write_whole(manifest, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _texts(path: Path) -> Iterator[str]:
    """The bytes of a file as text, in pieces that overlap; what is packed stays so."""
    with path.open("rb") as file:
        before = b""
        while data := file.read(_CHUNK):
            yield (before + data).decode("utf-8", "replace")
            before = data[-4096:]

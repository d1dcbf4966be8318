"""Where the viewer looks: the folders of one workspace, and nothing outside it."""

from __future__ import annotations

from pathlib import Path

from simenv.errors import ConfigError, unknown
from simenv.files import free_name


class Workspace:
    """A workspace: runs below `runs`, and beside it curated sets, models, sweeps and measurements where the commands put
    them; `data` is what people bring, `jobs` what runs in the background."""

    def __init__(self, runs: Path) -> None:
        self.runs, self.root = runs, runs.parent
        self.curated, self.models, self.sweeps, self.fidelity, self.data, self.jobs = (
            self.root / name for name in ("curated", "models", "sweeps", "fidelity", "data", "jobs")
        )

    def inner(self, path: Path) -> str:
        """A path as commands take it that run in the workspace."""
        return path.relative_to(self.root).as_posix()

    def folder(self, root: Path, name: str, mark: str) -> Path:
        """A folder directly below a root that holds the file `mark`; ConfigError for any other name, be it a path."""
        if name not in self.names(root, mark):
            raise ConfigError(f"{root.name}: {unknown('folder', name, self.names(root, mark))}")
        return root / name

    def names(self, root: Path, mark: str) -> list[str]:
        """Names of the folders below a root that hold `mark`, the newest first.

        Links that lead elsewhere are none, nor are names that are no Unicode: no address could hold them.
        """
        inside = (p for p in root.glob(f"*/{mark}") if p.resolve().is_relative_to(root.resolve()))
        found = [p for p in inside if _unicode(p.parent.name)]
        return [p.parent.name for p in sorted(found, key=lambda p: p.stat().st_mtime, reverse=True)]

    def free(self, root: Path, word: str) -> str:
        """A name below a root that is not taken: the word and a number."""
        return free_name(word, lambda name: (root / name).exists(), first=False)

    def run(self, name: str) -> Path:
        return self.folder(self.runs, name, "config.yaml")


def _unicode(name: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in name)

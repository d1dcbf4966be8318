"""The folders of a workspace: runs, and beside them what the commands make of runs. The viewer reads nothing outside it."""

from __future__ import annotations

from pathlib import Path

from simenv.errors import ConfigError, unknown
from simenv.files import free_name


class Workspace:
    """One workspace, named by its folder of runs: `root` is the folder that holds `runs`, and in it lie the folders that the
    commands write to (`curated`, `models`, `sweeps`, `fidelity`, `comparisons`, `pools`), `data` and `documents` for what
    people bring and `jobs` for work in the background. No folder need exist.
    """

    def __init__(self, runs: Path) -> None:
        self.runs, self.root = runs, runs.parent
        self.curated, self.models, self.sweeps, self.fidelity, self.comparisons = (
            self.root / name for name in ("curated", "models", "sweeps", "fidelity", "comparisons")
        )
        self.pools, self.data, self.documents, self.jobs = (
            self.root / name for name in ("pools", "data", "documents", "jobs")
        )

    def relative(self, path: Path) -> str:
        """A path below the workspace's root, as commands take it that run there."""
        return path.relative_to(self.root).as_posix()

    def folder(self, parent: Path, name: str, marker: str) -> Path:
        """The folder `name` directly below `parent` that holds the file `marker`.

        ConfigError for any other name, one with a path in it included.
        """
        if name not in self.names(parent, marker):
            raise ConfigError(f"{parent.name}: {unknown('folder', name, self.names(parent, marker))}")
        return parent / name

    def names(self, parent: Path, marker: str) -> list[str]:
        """Names of the folders directly below `parent` that hold the file `marker`, the newest first.

        Left out: links that lead out of `parent`, and names that are not Unicode, since no address could hold them.
        """
        inside = (p for p in parent.glob(f"*/{marker}") if p.resolve().is_relative_to(parent.resolve()))
        markers = [p for p in inside if _is_unicode(p.parent.name)]
        return [p.parent.name for p in sorted(markers, key=lambda p: p.stat().st_mtime, reverse=True)]

    def free_name(self, parent: Path, word: str) -> str:
        """The first of `word-1`, `word-2` … that does not exist below `parent`."""
        return free_name(word, lambda name: (parent / name).exists(), first=False)

    def run_folder(self, name: str) -> Path:
        """The folder of a run by its name; ConfigError where there is no such run."""
        return self.folder(self.runs, name, "config.yaml")


def _is_unicode(name: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in name)

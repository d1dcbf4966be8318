"""`python -m tests.release` (`make release-check`): what would be published works where nothing else is installed.

It builds sdist and wheel, the wheel from the sdist, installs each into a fresh environment outside of the checkout, and runs
the quickstart, the examples, and `simenv new` with `simenv conform`. Some minutes; it asks the package index.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
KINDS = ("environment", "agent", "filter", "hook")
IN_WHEEL = ("simenv/py.typed", "simenv/configs/rollout/quickstart.yaml", "simenv/new/templates/environment/world.py.j2")
IN_SDIST = ("README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "docs/index.md", "examples/own_agent.py")


def run(*command: object, folder: Path, show: bool = False) -> str:
    """Run a command outside of the checkout; its output, or the end of everything with it."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "SIMENV_PLUGINS")}
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, cwd=folder, env=clean)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stdout}{done.stderr}")
    if show:
        print(done.stdout)
    return done.stdout


def build(folder: Path) -> list[Path]:
    """The sdist, and the wheel made from it; both hold what they must."""
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, folder=folder)
    [sdist], [wheel] = folder.glob("*.tar.gz"), folder.glob("*.whl")
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert packed >= {*IN_SDIST}, f"{sdist.name} lacks {sorted({*IN_SDIST} - packed)}"
    with zipfile.ZipFile(wheel) as archive:
        packed = {*archive.namelist()}
    assert packed >= {*IN_WHEEL}, f"{wheel.name} lacks {sorted({*IN_WHEEL} - packed)}"
    return [wheel, sdist]


def check(package: Path, folder: Path) -> None:
    """Install a package into a fresh environment and use it as a newcomer would."""
    venv.create(folder / "venv", with_pip=True)
    bin_ = folder / "venv" / "bin"
    run(
        bin_ / "python",
        "-m",
        "pip",
        "install",
        "-q",
        "-c",
        ROOT / "constraints.txt",
        f"{package}[dataframe]",
        folder=folder,
    )
    run(bin_ / "simenv", "rollout", "episodes=5", folder=folder, show=True)
    assert (folder / "runs/quickstart/report.json").is_file()
    for example in sorted((ROOT / "examples").glob("*.py")):
        run(bin_ / "python", example, folder=folder)
        print(f"{example.name}: ok")
    for kind in KINDS:
        run(bin_ / "simenv", "new", kind, "lending_desk", folder=folder)
        run(bin_ / "simenv", "conform", kind, "lending_desk", "plugins=.", folder=folder)
        print(f"new {kind}, conform: ok")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        for package in build(Path(scratch)):
            print(f"== {package.name}")
            folder = Path(scratch, package.suffix.strip("."))
            folder.mkdir()
            check(package, folder)


if __name__ == "__main__":
    main()

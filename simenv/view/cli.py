"""`python -m simenv.view [RUNS_DIR]`: starts the viewer, a Streamlit app, and opens it in a browser."""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

from simenv import command, plugins
from simenv.errors import ConfigError

HELP = """
Opens the viewer in a browser: read, review and edit trajectories, branch from them, curate, fine-tune, compare runs.

  python -m simenv.view                the runs below runs/
  python -m simenv.view my/runs --port 8600 --no-browser
"""


def view(argv: list[str]) -> int:
    """Run the command, until the viewer is stopped. It listens on this machine only, unless --host gives another address."""
    return command.run("view", _view, argv)


def app() -> Path:
    """The script that Streamlit runs, in a checkout or an installed package. ConfigError if the viewer is not installed."""
    script = next((p for root in plugins.__path__ if (p := Path(root) / "viewer" / "app.py").is_file()), None)
    if script is None:
        raise ConfigError("the viewer is not installed with this package: viewer/app.py is missing")
    return script


def words(runs: Path, host: str, port: int, browser: bool) -> list[str]:
    """The command line that runs the viewer on a folder of runs; `browser`: open one."""
    flags = {
        "server.address": host,
        "server.port": port,
        "server.headless": str(not browser).lower(),
        "server.fileWatcherType": "none",
        "server.maxUploadSize": 200,
        "runner.magicEnabled": "false",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": "false",
        "theme.light.primaryColor": "#2f6db3",
        "theme.dark.primaryColor": "#6ea8e0",
    }
    options = [f"--{name}={value}" for name, value in flags.items()]
    return [sys.executable, "-m", "streamlit", "run", str(app()), *options, "--", str(runs)]


def _view(argv: list[str], console: Console) -> int:
    parser = argparse.ArgumentParser(
        prog="simenv view", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="?", type=Path, default=Path("runs"), metavar="RUNS_DIR")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; others than this machine can then act"
    )
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    args = parser.parse_args(argv)
    if find_spec("streamlit") is None:
        raise ConfigError("the viewer needs the package streamlit: pip install 'simenv[viewer]'")
    if args.runs.exists() and not args.runs.is_dir():
        raise ConfigError(f"{args.runs}: expected a folder with runs in it")
    return subprocess.run(
        words(args.runs.absolute(), args.host, args.port, not args.no_browser), check=False
    ).returncode

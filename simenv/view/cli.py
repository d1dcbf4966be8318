"""`python -m simenv.view [RUNS_DIR]`: starts the viewer, a Streamlit app, and opens it in a browser."""

from __future__ import annotations

import argparse
import html
import os
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from rich.console import Console

from simenv import command, network, plugins
from simenv.errors import ConfigError
from simenv.serve.guard import NO_TOKEN, Access, environment, name_of, new_token

HELP = """
Opens the viewer in a browser: read, review and edit trajectories, branch from them, curate, fine-tune, compare runs.

  python -m simenv.view                the runs below runs/
  python -m simenv.view my/runs --port 8600 --no-browser

The address that is printed holds a token, which the browser keeps in a cookie; without it nobody sees anything.
SIMENV_TOKEN=… in the environment sets a token of your own.
"""


def view(argv: list[str]) -> int:
    """Run the command, until the viewer is stopped. It listens on this machine only, unless --host gives another address."""
    return command.run("view", _view, argv)


def app() -> Path:
    """The server that Streamlit runs, in a checkout or an installed package. ConfigError if the viewer is not installed."""
    script = next((p for root in plugins.__path__ if (p := Path(root) / "viewer" / "server.py").is_file()), None)
    if script is None:
        raise ConfigError("the viewer is not installed with this package: viewer/server.py is missing")
    return script


def words(runs: Path, host: str, port: int) -> list[str]:
    """The command line that runs the viewer on a folder of runs; who may come in stands in its environment, see `guard`."""
    flags = {
        "server.address": host,
        "server.port": port,
        "server.headless": "true",
        "server.enableXsrfProtection": "true",
        "server.enableCORS": "true",
        "server.corsAllowedOrigins": "[]",
        "server.enableStaticServing": "false",
        "browser.serverAddress": host,
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
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="another name under which the browser reaches the viewer, such as that of a proxy; can be repeated",
    )
    parser.add_argument("--no-token", action="store_true", help="whoever reaches the port may act")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    args = parser.parse_args(argv)
    if find_spec("streamlit") is None:
        raise ConfigError("the viewer needs the package streamlit: pip install 'simenv[viewer]'")
    if args.runs.exists() and not args.runs.is_dir():
        raise ConfigError(f"{args.runs}: expected a folder with runs in it")
    access = Access(new_token(NO_TOKEN if args.no_token else "random"), (args.host, *args.allow_host))
    address = f"http://{name_of(args.host)}:{args.port}/"
    network.listen(args.port)
    entrance = f"{address}?token={access.token}" if access.token else address
    if not access.token:
        console.print("no token: whoever reaches the port may act")
    console.print(entrance, markup=False, highlight=False, soft_wrap=True)
    with tempfile.TemporaryDirectory(prefix="simenv-view-") as folder:
        if not args.no_browser:
            threading.Thread(target=_open, args=(address, entrance, Path(folder)), daemon=True).start()
        # Streamlit's greeting gives addresses without the token, which nobody can use.
        command_line = words(args.runs.absolute(), args.host, args.port)
        variables = os.environ | environment(access)
        return subprocess.run(command_line, env=variables, stdout=subprocess.DEVNULL, check=False).returncode


def _open(address: str, entrance: str, folder: Path) -> None:
    """Open a browser once the viewer answers, by a file that only this user can read.

    Other users can read the browser's command line.
    """
    for _ in range(600):
        try:
            urlopen(address, timeout=5).close()
        except HTTPError:
            break  # it answers, and wants the token
        except OSError:
            time.sleep(0.1)
        else:
            break
    page = folder / "open.html"
    page.write_text(f'<meta charset="utf-8"><meta http-equiv="refresh" content="0; url={html.escape(entrance)}">')
    webbrowser.open(page.as_uri())

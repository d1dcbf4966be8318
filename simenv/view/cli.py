"""`simenv view [RUNS_DIR]`: starts the viewer, a Streamlit app, and opens it in a browser."""

from __future__ import annotations

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
from typing import Literal
from urllib.error import HTTPError
from urllib.request import urlopen

from pydantic import Field
from rich.console import Console

from simenv import command, network, plugins
from simenv.config import overridden
from simenv.errors import ConfigError
from simenv.grammar import Parser, add_words, parted
from simenv.network import Reach
from simenv.options import explain
from simenv.serve.guard import Access, environment, name_of, new_token

RUNS = "runs"
"""The folder that is shown if none is named; it need not be there yet."""


class View(Reach):
    """Settings of the viewer."""

    runs: str = RUNS
    """the folder with the runs"""
    host: str = "127.0.0.1"
    """address to listen on; others than this machine can then act"""
    port: int = Field(default=8501, ge=1, le=65535)
    """port to listen on"""
    hosts: tuple[str, ...] = ()
    """other names under which the browser reaches the viewer, such as that of a proxy"""
    token: Literal["random", "none"] = "random"
    """none: whoever reaches the port may act"""
    browser: bool = True
    """whether to open a browser"""


HELP = """
Opens the viewer in a browser: read, review and edit trajectories, branch from them, curate, fine-tune, compare runs.

  simenv view                the runs below runs/
  simenv view my/runs port=8600 browser=false

The address that is printed holds a token, which the browser keeps in a cookie; without it nobody sees anything.
SIMENV_TOKEN=… in the environment sets a token of your own.
"""


def view(argv: list[str]) -> int:
    """Run the command, until the viewer is stopped. It listens on this machine only, unless host gives another address."""
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
    parser = Parser("view", HELP, lambda: explain(View), keys=View.model_fields)
    add_words(parser, "RUNS", text="the folder with the runs (default: runs), and options")
    folders, _, overrides = parted(parser.parse_args(argv).words, "view")
    settings = overridden(View, {}, [*(f"runs={folder}" for folder in folders), *overrides])
    runs = Path(settings.runs)
    if find_spec("streamlit") is None:
        raise ConfigError("the viewer needs the package streamlit: pip install 'simenv[viewer]'")
    if not runs.is_dir() and (runs.exists() or settings.runs != RUNS):
        raise ConfigError(f"{runs}: no such folder; expected one with runs in it, or none for {RUNS}/")
    access = Access(new_token(settings.token), (settings.host, *settings.hosts))
    address = f"http://{name_of(settings.host)}:{settings.port}/"
    network.listen(settings.port)
    entrance = f"{address}?token={access.token}" if access.token else address
    if not access.token:
        console.print("no token: whoever reaches the port may act")
    console.print(entrance, markup=False, highlight=False, soft_wrap=True)
    with tempfile.TemporaryDirectory(prefix="simenv-view-") as folder:
        if settings.browser:
            threading.Thread(target=_open, args=(address, entrance, Path(folder)), daemon=True).start()
        # Streamlit's greeting gives addresses without the token, which nobody can use.
        command_line = words(runs.absolute(), settings.host, settings.port)
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

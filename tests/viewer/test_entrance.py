"""Who may look into the viewer: nobody without the token, no page of another site, and nobody under a name of theirs."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

pytest.importorskip("streamlit")
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from .conftest import TOKEN, served


@pytest.fixture(scope="module")
def viewer(made):
    process, address = served(made)
    yield address
    process.kill()
    process.wait()


KEY = {"authorization": f"Bearer {TOKEN}"}


def status(address, path, **headers):
    request = Request(address + path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status
    except HTTPError as e:
        return e.code


@pytest.mark.parametrize(
    "path",
    ["/", "/trajectories?run=first", "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/media/x", "/static/x",
     "/component/x", "/_stcore/script-health-check"],
)  # fmt: skip
def test_nothing_is_shown_without_the_token(viewer, path):
    assert status(viewer, path) == 401
    assert status(viewer, path, cookie="simenv-viewer-1=x") == 401
    assert status(viewer, path, **KEY, host="evil.example") == 403
    assert status(viewer, path, **KEY, origin="http://evil.example") == 403


def socket_status(address, **headers):
    """The status with which the viewer answers who wants its websocket; 101 lets in."""
    port = address.rpartition(":")[2]
    origin = headers.pop("origin", None)
    try:
        connect(f"ws://127.0.0.1:{port}/_stcore/stream", origin=origin, additional_headers=headers).close()
    except InvalidStatus as e:
        return e.response.status_code
    return 101


def test_the_websocket_asks_for_the_token_the_host_and_the_origin(viewer):
    assert socket_status(viewer) == 403
    assert socket_status(viewer, origin=viewer) == 403
    assert socket_status(viewer, **KEY, origin=viewer) == 101
    assert socket_status(viewer, **KEY, origin="http://evil.example") == 403
    assert socket_status(viewer, **KEY, origin="http://localhost:1") == 403
    rebound = socket.create_connection(("127.0.0.1", int(viewer.rpartition(":")[2])), timeout=30)
    with rebound, pytest.raises(InvalidStatus):
        connect("ws://evil.example/_stcore/stream", sock=rebound, additional_headers=KEY, origin="http://evil.example")


def test_a_browser_comes_in_once_and_then_by_any_address(chromium, viewer):
    context = chromium.new_context(base_url=viewer)
    page = context.new_page()
    page.set_default_timeout(30_000)
    assert page.goto("/").status == 401
    page.goto(f"/trajectories?run=first&token={TOKEN}")
    page.get_by_text("8 trajectories").wait_for()
    assert "token" not in page.url and "run=first" in page.url
    page.goto("/trajectory?run=first")
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    assert "token" not in page.evaluate("document.cookie") and TOKEN not in str(context.cookies())
    other = chromium.new_context(base_url=viewer).new_page()
    assert other.goto("/trajectories?run=first").status == 401
    other.context.close()
    context.close()


def test_the_command_prints_the_address_with_its_token_and_hides_it_from_other_users(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "runs").mkdir()
    variables = {k: v for k, v in os.environ.items() if k != "SIMENV_TOKEN"}
    process = subprocess.Popen(
        [sys.executable, "-m", "simenv", "view", str(tmp_path / "runs"), f"port={port}", "browser=false"],
        stderr=subprocess.PIPE, text=True, env=variables, start_new_session=True,
    )  # fmt: skip
    try:
        address = process.stderr.readline().strip()
        token = re.fullmatch(rf"http://127\.0\.0\.1:{port}/\?token=([\w-]{{43}})", address)[1]
        for _ in range(300):
            try:
                assert status(f"http://127.0.0.1:{port}", "/", authorization=f"Bearer {token}") == 200
                break
            except OSError:
                time.sleep(0.1)
        lines = [
            p.read_bytes().decode()
            for p in Path("/proc").glob("[0-9]*/cmdline")
            if _group(p.parent.name) == process.pid
        ]
        assert len(lines) == 2 and all(str(port) in line for line in lines)
        assert not [line for line in lines if token in line]
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stderr.close()


def _group(pid):
    try:
        return os.getpgid(int(pid))
    except ProcessLookupError:
        return 0

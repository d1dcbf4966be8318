"""A private MariaDB for tests and exact runs: temporary data directory, unix socket, no network, gone on exit."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simenv.errors import WorldError

_PACKAGE = "mariadb-server"
_OPTIONS = (
    "--skip-networking",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_general_ci",
    "--innodb-buffer-pool-size=24M",
    "--innodb-log-file-size=8M",
    "--innodb-flush-log-at-trx-commit=0",
    "--skip-log-bin",
    "--local-infile=0",
    "--default-time-zone=+00:00",
)


def missing() -> str | None:
    """Why no server can be started here, or None."""
    for program in ("mariadbd", "mariadb-install-db"):
        if shutil.which(program, path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin") is None:
            return f"{program} not found: install the apt package {_PACKAGE}"
    return None


@contextmanager
def private_server(*, fold_names: bool = False, seconds: float = 60.0) -> Iterator[str]:
    """Yield the DSN of a fresh server, and stop it afterwards, by force if it does not go within five seconds.

    `fold_names` makes table names case-insensitive, as on Windows and macOS. Open client sockets hold up the shutdown:
    close sessions first.
    """
    with tempfile.TemporaryDirectory(prefix="simenv-mariadb-") as name:
        folder = Path(name)
        install(folder, seconds * 2)
        with running(folder, fold_names=fold_names, seconds=seconds) as dsn:
            yield dsn


def install(folder: Path, seconds: float = 120.0) -> None:
    """Make the data of a server in an empty folder."""
    reason = missing()
    if reason:
        raise WorldError(reason)
    (folder / "files").mkdir()  # the only folder LOAD_FILE and INTO OUTFILE may touch: an empty one
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--datadir={folder}/data", _user(), "--skip-test-db",
         "--auth-root-authentication-method=normal"],
        check=True, capture_output=True, timeout=seconds,
    )  # fmt: skip


@contextmanager
def running(folder: Path, *, fold_names: bool = False, seconds: float = 60.0) -> Iterator[str]:
    """Yield the DSN of a server over the data of a folder, one that was killed included."""
    socket = folder / "sock"
    socket.unlink(missing_ok=True)
    command = [
        shutil.which("mariadbd", path="/usr/sbin:/usr/bin") or "mariadbd", "--no-defaults", _user(),
        f"--datadir={folder}/data", f"--socket={socket}", f"--pid-file={folder}/pid", *_OPTIONS,
        f"--secure-file-priv={folder}/files", f"--lower-case-table-names={int(fold_names)}",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        _await(server, socket, folder / "log", seconds)
        yield f"mysql://root@localhost/?unix_socket={socket}"
    finally:
        _stop(server)


def _user() -> str:
    return f"--user={getpass.getuser()}"


def _await(server: subprocess.Popen[bytes], socket: Path, log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise WorldError(f"mariadbd did not start: {log.read_text(errors='replace')[-500:]}")
        time.sleep(0.05)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()

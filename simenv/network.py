"""Which addresses this process may reach: none while it is offline, only the allowed ones where the user lists them.

Whoever connects asks `reach` first, so that the error comes before a socket is made. Behind it a hook of the interpreter
watches every socket of this process, those of other people's libraries too. Whether it is offline stands in environment
variables, so that the processes which a command starts are offline with it.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from simenv.errors import Offline, Unlisted
from simenv.options import Options

OFFLINE, ADDRESSES = "SIMENV_OFFLINE", "SIMENV_ADDRESSES"
"""Variables of the environment: any value but 0 and false, and the addresses that may be reached, between commas."""
FLAG = "--offline"
HELP = f"{FLAG}: nothing is reached over the network, see docs/privacy.md"
_OPTION = "SIMENV_ADDRESSES_OPTION"
"""The addresses that the options list, which take away from those of the environment and add nothing."""
_PORTS = "SIMENV_OFFLINE_PORTS"
"""Ports of this machine that the user's options name, and those that a command listens at."""
_LIBRARIES = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "WANDB_MODE": "offline",
    "DO_NOT_TRACK": "1",
}
"""What keeps other libraries from the network before they try."""
_NETWORKS = (socket.AF_INET, socket.AF_INET6)
_DEFAULT_PORTS = {"http": 80, "https": 443, "mysql": 3306, "mariadb": 3306}


def _settled(value: bool) -> bool:
    if value or is_offline():
        go_offline()
    return value or is_offline()


def _listed(addresses: tuple[str, ...]) -> tuple[str, ...]:
    if addresses:
        os.environ[_OPTION] = ",".join(addresses)
    return addresses


class Reach(Options):
    """The options of all commands that say what may be reached. Neither opens what the environment has closed."""

    offline: Annotated[bool, AfterValidator(_settled)] = Field(
        default=False, validate_default=True, exclude_if=lambda value: not value
    )
    """nothing may be reached but addresses of this machine that the options name; also --offline and SIMENV_OFFLINE=1"""
    addresses: Annotated[tuple[str, ...], AfterValidator(_listed)] = Field(
        default=(), exclude_if=lambda value: not value
    )
    """the only hosts, HOST or HOST:PORT, that may be called; none: those that the options name"""


def is_offline() -> bool:
    """Whether nothing may be reached."""
    return os.environ.get(OFFLINE, "").strip().casefold() not in ("", "0", "false", "no", "off")


def go_offline() -> None:
    """From now on this process, and those that it starts, reach nothing."""
    os.environ[OFFLINE] = "1"
    os.environ.update(_LIBRARIES)
    hub = sys.modules.get("huggingface_hub.constants")
    if hub is not None:  # it read its variable when it was imported
        hub.HF_HUB_OFFLINE = True  # type: ignore[attr-defined]
    _watch()


@contextmanager
def during(argv: list[str]) -> Iterator[list[str]]:
    """A command's words without the flag, and the network as they and the environment say until the command ends."""
    names = (OFFLINE, ADDRESSES, _OPTION, _PORTS, *_LIBRARIES)
    before = {name: os.environ[name] for name in names if name in os.environ}
    hub = sys.modules.get("huggingface_hub.constants")
    hub_before = getattr(hub, "HF_HUB_OFFLINE", None)
    if FLAG in argv or is_offline():
        go_offline()
    try:
        yield [word for word in argv if word != FLAG]
    finally:
        for name in names:
            os.environ.pop(name, None)
        os.environ.update(before)
        if (hub := sys.modules.get("huggingface_hub.constants")) is not None and hub_before is not None:
            hub.HF_HUB_OFFLINE = hub_before  # type: ignore[attr-defined]


def reach(address: str) -> None:
    """Ask before an address is connected to that the user's options name: `https://api.openai.com/v1`, `mysql://host/`.

    Offline where nothing may be reached and it is not on this machine; Unlisted where the user lists others.
    """
    parts = urlsplit(address)
    host = (parts.hostname or "localhost").casefold()
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    for listed in (_list(ADDRESSES), _list(_OPTION)):
        if listed and not {host, f"{host}:{port}"} & set(listed):
            raise Unlisted(
                f"{host}:{port}: not among the addresses that may be called ({', '.join(listed)}); list it in addresses"
            )
    if is_offline():
        if not _is_loopback(host):
            raise _refusal(f"{host}:{port}")
        listen(port)


def listen(port: int) -> None:
    """Let this process use a port of this machine while it is offline."""
    os.environ[_PORTS] = ",".join(sorted({*_ports(), str(port)}))


def _list(variable: str) -> list[str]:
    return [a.strip().casefold() for a in os.environ.get(variable, "").split(",") if a.strip()]


def _ports() -> set[str]:
    return {port for port in os.environ.get(_PORTS, "").split(",") if port}


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _refusal(address: str) -> Offline:
    return Offline(
        f"{address}: cannot be reached: this command is offline (offline: true, {FLAG} or {OFFLINE}); only addresses of this "
        "machine that the options name can be"
    )


@cache
def _watch() -> None:
    """Watch every socket of this process; a hook cannot be taken out again, and looks each time whether it is offline."""
    sys.addaudithook(_hook)


_RESOLVING = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not event.startswith("socket.") or not is_offline():
        return
    if event == "socket.__new__" and arguments[1] in _NETWORKS and not _ports():
        raise _refusal("a socket of the network")
    if event in _RESOLVING and arguments[0] and not _is_loopback(_text(arguments[0])):
        raise _refusal(_text(arguments[0]))
    if event in _SENDING and arguments[0].family in _NETWORKS and isinstance(arguments[1], tuple):
        host, port = _text(arguments[1][0]), arguments[1][1]
        if not (_is_loopback(host) and str(port) in _ports()):
            raise _refusal(f"{host}:{port}")


def _text(host: Any) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)

"""Runs a reader in a process of its own, with bounds on memory, time and output: a document may be made to harm its reader."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from simenv.documents import LARGEST, bounded_lines, parse, too_long
from simenv.errors import Unreadable
from simenv.knowledge.readers.block import Block, Blocks

_MEMORY = 4 << 30
"""Bytes of address space of the process."""
SECONDS = 300.0
"""How long a document may take."""


def isolated(reader: str, path: Path, seconds: float = SECONDS) -> Iterator[Block]:
    """The blocks that the module `reader` finds; Unreadable where it fails or goes beyond a bound."""
    command = [sys.executable, "-P", "-m", __name__, reader, str(path)]  # -P: nothing beside the document is imported
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    assert process.stdout is not None
    clock = threading.Timer(seconds, process.kill)
    clock.start()
    size, ended = 0, False
    try:
        for line, length in bounded_lines(process.stdout):
            size += length
            if length > len(line) or size > LARGEST:
                raise Unreadable(
                    str(path), too_long(length) if length > len(line) else f"more than {LARGEST} bytes of text"
                )
            message = parse(line, str(path))
            if isinstance(message, str):
                raise Unreadable(str(path), message)
            if ended := message is None:
                break
            yield Block(*message)
        if not ended:
            late = not clock.is_alive()
            raise Unreadable(
                str(path), f"not read after {seconds:g} seconds" if late else "reading it needs too much memory"
            )
    finally:
        clock.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


def _write(blocks: Blocks, path: Path) -> None:
    """Print each block as a line, then null; or, as a text, what is wrong."""
    try:
        for block in blocks(path):
            print(json.dumps(block))
        print("null")
    except Unreadable as e:
        print(json.dumps(e.reason))
    except MemoryError:
        pass
    except Exception as e:  # noqa: BLE001 whatever a library raises on a damaged file
        reason = " ".join(str(e).split())
        print(
            json.dumps(f"damaged, or no {path.suffix} file ({type(e).__name__}: {reason:.200}); open and save it again")
        )


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    _write(import_module(sys.argv[1]).blocks, Path(sys.argv[2]))

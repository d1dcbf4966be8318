"""A bound for the memory that SQLite itself takes while a statement runs: sorters, intermediate tables, the journal.

SQLite counts its memory for the whole process, so the bound is set when a statement begins and lifted when it ends.
Python's `sqlite3` offers neither call; where they cannot be reached in the library it is linked to, there is no bound
here, and those of `database` remain.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

_MARK = "/etilqs_"  # begins the names of SQLite's temporary files
_Calls = tuple[Callable[[], int], Callable[[int], int]]


@cache
def _calls() -> _Calls | None:
    """SQLite's sqlite3_memory_used and sqlite3_hard_heap_limit64, in the copy that Python's module uses."""
    try:
        import _sqlite3

        path: Any = getattr(_sqlite3, "__file__", None)
        library = ctypes.CDLL(path)
        used, limit = library.sqlite3_memory_used, library.sqlite3_hard_heap_limit64
    except (ImportError, OSError, AttributeError):
        return None
    used.restype = limit.restype = ctypes.c_int64
    used.argtypes, limit.argtypes = [], [ctypes.c_int64]
    return used, limit


def bound(growth: int) -> None:
    """Let SQLite take no more than so many bytes beyond what it has now."""
    calls = _calls()
    if calls is not None:
        used, limit = calls
        limit(used() + growth)


def lift() -> None:
    """End the bound."""
    calls = _calls()
    if calls is not None:
        calls[1](0)


def temporary_bytes() -> int:
    """The size of the files in which SQLite sorts and keeps intermediate tables; 0 where the system does not tell."""
    total = 0
    try:
        for descriptor in Path("/proc/self/fd").iterdir():
            try:
                if _MARK in str(descriptor.readlink()):
                    total += descriptor.stat().st_size
            except OSError:
                continue  # closed meanwhile
    except OSError:
        return 0
    return total

"""SHOW ENGINES: those of MariaDB 10.11."""

from __future__ import annotations

from ...session import Result
from .words import Words

_COLUMNS = ("Engine", "Support", "Comment", "Transactions", "XA", "Savepoints")
_ROWS = [
    ("CSV", "YES", "Stores tables as CSV files", "NO", "NO", "NO"),
    ("MRG_MyISAM", "YES", "Collection of identical MyISAM tables", "NO", "NO", "NO"),
    ("MEMORY", "YES", "Hash based, stored in memory, useful for temporary tables", "NO", "NO", "NO"),
    ("Aria", "YES", "Crash-safe tables with MyISAM heritage. Used for internal temporary tables and privilege tables",
     "NO", "NO", "NO"),
    ("MyISAM", "YES", "Non-transactional engine with good performance and small data footprint", "NO", "NO", "NO"),
    ("SEQUENCE", "YES", "Generated tables filled with sequential values", "YES", "NO", "YES"),
    ("InnoDB", "DEFAULT", "Supports transactions, row-level locking, foreign keys and encryption for tables",
     "YES", "YES", "YES"),
    ("PERFORMANCE_SCHEMA", "YES", "Performance Schema", "NO", "NO", "NO"),
]  # fmt: skip


def show_engines(words: Words) -> Result:
    """The engines that a server of that version has."""
    words.end()
    return Result(_COLUMNS, list(_ROWS))

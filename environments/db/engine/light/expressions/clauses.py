"""The clauses of a statement: what each allows, and its name in error messages."""

from __future__ import annotations

from enum import Enum


class Clause(Enum):
    """Where an expression stands. `Scope.at` enters a clause and leaves it again; nothing else changes it."""

    SELECT = (0, "field list", True, True, True)
    FROM = (1, "from clause", False, False, False)
    ON = (2, "on clause", False, False, False)
    WHERE = (3, "where clause", False, False, False)
    GROUP_BY = (4, "group statement", False, False, False)
    HAVING = (5, "having clause", True, False, False)
    ORDER_BY = (6, "order clause", True, True, False)
    SET = (7, "field list", False, False, True)
    VALUES = (8, "field list", False, False, True)
    ON_DUPLICATE = (9, "field list", False, False, True)
    WINDOW = (11, "window specification", True, False, True)
    ROW_ORDER = (10, "order clause", False, False, False)  # ORDER BY of UPDATE and DELETE

    def __init__(self, number: int, words: str, aggregates: bool, windows: bool, certain: bool) -> None:
        self.words = words
        self.aggregates = aggregates
        self.windows = windows
        self.certain = certain
        """whether what stands here is certainly evaluated, for every row"""

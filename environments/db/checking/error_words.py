"""Compares the words of an error with those of the engine's: what it names, and what it says beside.

Words of MySQL's and MariaDB's errors are free, as their wording differs. Everything else is an assertion about the database: it
must be in the engine's own message, or be true of the tables and the statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .output_parser import code_of_words

_NAME = re.compile(r"`([^`]*)`|\"([^\"]*)\"|(?<![\w'])'((?:[^']|(?<=\w)'(?=\w))*)'(?!\w)|([\w$.@%\\-]+(?:'\w+)?)")
_HINT = re.compile(r"[.,;]?\s*did you mean (?:the )?(?:table |column )?['`\"]?([\w.$]+)['`\"]?\s*\?", re.IGNORECASE)
_USER = re.compile(r"['`\"]?[\w%]+['`\"]?@['`\"]?[\w%.]+['`\"]?")
"""Who the agent is called; no agent can tell."""
_PLACE = re.compile(r"\s*(?:\([0-9A-Z]{5}\))?\s*at line \d+:?", re.IGNORECASE)
_NEAR = re.compile(r"(?:right syntax to use )?near\s+(.*?)(?:\s+at line \d+\W*)?\Z", re.IGNORECASE | re.DOTALL)
_SYNTAX = (1064, 1065, 1149)
_DENIED = (1044, 1045, 1142, 1143, 1227, 1370)
_MISSING_TABLE, _MISSING_COLUMN = (1146, 1051, 1109), (1054, 1072)
_FREE = frozenset(
    """a an and any are as at be because by called cannot can can't check child clause code column columns command contains
    corresponds constraint conflict could count data database date datetime decimal default delete denied does doesn't
    duplicate entry err error exist exists fails failed field for foreign from function group has have in incorrect index
    insert integer integrityerror internalerror invalid is it key length level line list long mariadb match message mysql
    must my near need name named no not null object of on one operation operationalerror or order out parent permission
    primary procedure programmingerror pymysql query range reference references right row rows s server sql sqlstate
    statement such syntax table tables than that the there this to too truncated unexpected unique unknown update use used
    user valid value values version violation was where with without wrong you your unsigned double bigint int varchar
    smallint tinyint access exception dataerror manual select while please manually referenced operand should contain
    ambiguous more returns subquery""".split()  # noqa: SIM905
)


def fault_of_words(message: str, code: int, truth: str, query: str, tables: Mapping[str, Any]) -> str:
    """What a message asserts that neither the true message nor the tables bear out; '' for nothing."""
    text = _unwrapped(message)
    if _flat(text) == _flat(truth) or not text.strip(" .:"):
        return ""
    if code not in _SYNTAX and not code_of_words(text) and code_of_words(truth):
        return f"it is no error of that kind: {text:.80}"
    if code in _SYNTAX and (near := _NEAR.search(text)):
        quoted = near[1].strip("'\"`.) ")
        if _letters(quoted) not in _letters(f"{query} {truth} {truth!r}"):
            return f"{quoted:.80} does not stand in the statement"
        text = text[: near.start()]
    for match in _HINT.finditer(text):
        if not _exists(match[1], tables):
            return f"there is no {match[1]:.80}"
    text = _USER.sub(" ", _PLACE.sub(" ", _HINT.sub(" ", text)))
    true_names = _variants(name for name, _ in _tokens(truth))
    strange = [
        name
        for name, is_quoted in _tokens(text)
        if (is_quoted or name.casefold() not in _FREE) and not _is_known(name, true_names, code, query, tables)
    ]
    return f"it says {', '.join(strange[:3])!r:.120}" if strange else ""


def _unwrapped(message: str) -> str:
    """A message without the brackets and quotes that Python's text of an exception puts around it."""
    text = message.strip()
    while text[-1:] in (")", '"', "'") and text[:1] in ("(", '"', "'"):
        text = text[1:-1].strip()
    if text[:1] in ('"', "'") and text.rstrip(")")[-1:] == text[:1]:
        text = text.rstrip(")")[1:-1]
    return text.replace("\\'", "'").replace('\\"', '"').replace("\\\\", "\\")


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold().strip(" .")


def _letters(text: str) -> str:
    """A text without blanks and quotes, in one case."""
    return "".join(c for c in text.casefold() if c not in "'\"`\\ \t\r\n")


def _tokens(text: str) -> list[tuple[str, bool]]:
    """The names and words of a message, and whether they are quoted."""
    found = ((next(p for p in m.groups() if p is not None).strip("., "), m[4] is None) for m in _NAME.finditer(text))
    return [(name, is_quoted) for name, is_quoted in found if name]


def _variants(names: Iterable[str]) -> set[str]:
    """Names as they are, without database or table in front, and in either case."""
    return {form.casefold() for name in names for form in (name, name.rpartition(".")[2])}


def _is_known(token: str, true_names: set[str], code: int, query: str, tables: Mapping[str, Any]) -> bool:
    last = token.rpartition(".")[2]
    if code in _DENIED and token.isupper():
        return True
    if token.casefold() in true_names:
        return True
    if last != token and last.casefold() in true_names:
        return all(_stands_in(part, f"db {query}") for part in token.split(".")[:-1])
    in_query = not last.isdigit() and _stands_in(last, query)
    if code in _MISSING_TABLE:
        return in_query and last not in tables and last.casefold() not in _column_names(tables)
    return code in _MISSING_COLUMN and in_query and last.casefold() not in _column_names(tables) and last not in tables


def _stands_in(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w$]){re.escape(word)}(?![\w$])", text, re.IGNORECASE) is not None


def _exists(name: str, tables: Mapping[str, Any]) -> bool:
    last = name.rpartition(".")[2]
    return last in tables or last.casefold() in _column_names(tables)


def _column_names(tables: Mapping[str, Any]) -> set[str]:
    return {column.casefold() for table in tables.values() for column in table["columns"]}

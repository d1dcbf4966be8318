"""RDF terms: one text for each value, and the order of numbers and dates."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

XSD = "http://www.w3.org/2001/XMLSchema#"
Kind = Literal["number", "date", "text"]

_NUMERIC = frozenset(
    XSD + name
    for name in (
        "integer", "decimal", "double", "float", "int", "long", "short", "byte", "nonNegativeInteger",
        "positiveInteger", "nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong",
    )
)  # fmt: skip
_DATES = {10: "date", 7: "gYearMonth", 4: "gYear"}
_DATED = frozenset(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))
_DATE = re.compile(r"-?\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.A)
_ZONE = "-08:00"
"""The suffix of Freebase's dates; AgentBench removes it."""


class Term(NamedTuple):
    """An RDF term. `kind` is uri, literal or bnode; `datatype` is an IRI, or '' for plain text."""

    kind: str
    value: str
    datatype: str = ""


def number(value: float | str) -> str:
    """The shortest spelling of a number: 3 for 3.0 and 3e0. ValueError if it is no finite number."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d+", value, re.A):
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    real = float(value)
    if real - real != 0:
        raise ValueError(f"{value} is not finite")
    return str(int(real)) if real.is_integer() and abs(real) < 2**53 else repr(real)


def literal(value: float | str, kind: Kind) -> Term:
    """A spec's value as an RDF literal; ValueError if it is not of the kind."""
    if kind == "number":
        if isinstance(value, str | bool):
            raise ValueError(f"expected a number, found {value!r}")
        text = number(value)
        return Term("literal", text, XSD + ("integer" if re.fullmatch(r"-?\d+", text, re.A) else "double"))
    if not isinstance(value, str):
        raise ValueError(f"expected a {kind}, found {value!r}")
    if kind == "date":
        if not _DATE.fullmatch(value):
            raise ValueError(f"expected a date such as 1969-07-20, 1969-07 or 1969, found {value!r}")
        return Term("literal", value, XSD + _DATES[len(value.removeprefix("-"))])
    return Term("literal", value)


def as_text(term: Term) -> str:
    """The text of a literal in an answer."""
    if term.datatype in _NUMERIC:
        try:
            return number(term.value)
        except ValueError:
            return term.value
    return term.value.removesuffix(_ZONE) if term.datatype in _DATED else term.value


def rankable(term: Term) -> bool:
    """Whether a term is a number or a date."""
    return term.kind == "literal" and (term.datatype in _NUMERIC or term.datatype in _DATED)


def rank(term: Term) -> float | tuple[int, ...]:
    """Sort key of values of one kind: the number, or (year, month, day) with 0 for parts that a date leaves open."""
    if term.datatype in _NUMERIC:
        return int(term.value) if re.fullmatch(r"[+-]?\d+", term.value, re.A) else float(term.value)
    sign = -1 if term.value.startswith("-") else 1
    year, *rest = (int(p) for p in term.value.lstrip("-").split("-"))
    return (sign * year, *rest, *(0, 0)[len(rest) :])

"""Logical forms as SPARQL 1.1. Every name in a query is an IRI that is made and checked here, so no agent text gets in."""

from __future__ import annotations

import re
from itertools import count as numbers

from .logical_forms import LogicalForm
from .terms import XSD

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.%~-]{0,199}")


class SparqlWriter:
    """Writes queries for a graph whose names are IRIs below a prefix; ValueError if the prefix cannot begin an IRI."""

    def __init__(self, prefix: str) -> None:
        if re.search(r'[\s<>"{}|\\^`\x00-\x1f]', prefix):
            raise ValueError(f"{prefix!r} is no IRI")
        self.prefix = prefix

    def iri(self, name: str) -> str:
        """`<prefix + name>`; ValueError if `name` is no plain name."""
        if not _WORD.fullmatch(name):
            raise ValueError(f"{name!r} is no name")
        return f"<{self.prefix}{name}>"

    def members(self, form: LogicalForm) -> str:
        """A query for the members of a form, as ?x."""
        return f"SELECT DISTINCT ?x WHERE {{ {self._pattern(form, '?x', numbers())} }}"

    def relations(self, form: LogicalForm) -> str:
        """A query for the predicates of a form's members, as ?p."""
        return f"SELECT DISTINCT ?p WHERE {{ {{ {self.members(form)} }} ?x ?p ?o }}"

    def attributes(self, form: LogicalForm) -> str:
        """A query for the predicates with literal values of a form's members, as ?p, and their datatypes, as ?d."""
        inner = f"{{ {self.members(form)} }} ?x ?p ?o FILTER(isLiteral(?o))"
        return f"SELECT DISTINCT ?p (DATATYPE(?o) AS ?d) WHERE {{ {inner} }}"

    def objects(self, subject: str, predicate: str) -> str:
        """A query for the objects of one subject and predicate, as ?x."""
        return f"SELECT DISTINCT ?x WHERE {{ {self.iri(subject)} {self.iri(predicate)} ?x }}"

    def _pattern(self, e: LogicalForm, x: str, fresh: numbers[int]) -> str:
        if e.op == "ENTITY":
            return f"VALUES {x} {{ {self.iri(e.name)} }}"
        if e.op == "JOIN" and e.parts[0].op == "ENTITY":
            return f"{self.iri(e.parts[0].name)} {self.iri(e.name)} {x} ."
        if e.op == "AND":
            return f"{self._pattern(e.parts[0], x, fresh)} {self._pattern(e.parts[1], x, fresh)}"
        y = f"?y{next(fresh)}"
        inner = self._pattern(e.parts[0], y, fresh)
        if e.op == "JOIN":
            return f"{inner} {y} {self.iri(e.name)} {x} ."
        if e.op == "COUNT":
            return f"{{ SELECT (COUNT(DISTINCT {y}) AS {x}) WHERE {{ {inner} }} }}"
        function, attribute, value, best = e.op[3:], self.iri(e.name), f"{y}v", f"{y}m"
        top = f"{{ SELECT ({function}({_rank(f'{y}w')}) AS {best}) WHERE {{ {inner} {y} {attribute} {y}w }} }}"
        return f"{self._pattern(e.parts[0], x, fresh)} {x} {attribute} {value} . {top} FILTER({_rank(value)} = {best})"


def _rank(value: str) -> str:
    """The place of a number or date among others. Engines order no dates of unlike precision, so dates become numbers."""
    text = f"STR({value})"
    year, month, day = (
        _part(text, before) for before in ("^(-?[0-9]+)", "^-?[0-9]+-([0-9]+)", "^-?[0-9]+-[0-9]+-([0-9]+)")
    )
    hour, minute, second = (
        _part(text, f"T{before}") for before in ("([0-9]+)", "[0-9]+:([0-9]+)", "[0-9]+:[0-9]+:([0-9]+)")
    )
    date = f"{year} * 10000 + {month} * 100 + {day} + ({hour} * 3600 + {minute} * 60 + {second}) / 100000"
    return f"IF(isNumeric({value}), {value}, {date})"


def _part(text: str, pattern: str) -> str:
    """The number that a group of a pattern matches in a text; 0 if the pattern matches nothing."""
    whole = f'"{pattern if pattern.startswith("^") else f"^.*{pattern}"}.*$"'
    return f'IF(REGEX({text}, {whole}), <{XSD}integer>(REPLACE({text}, {whole}, "$1")), 0)'

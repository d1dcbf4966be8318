"""Names of people, firms, medicines, cases and conferences. Own lists, so that no update of a package changes a task."""

from __future__ import annotations

from collections.abc import Callable

from numpy.random import Generator

from .draws import pick


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    "Adela Agnes Amira Anders Anton Astrid Beatriz Bruno Camille Carlos Clara Conrad Daria Edith Elena Emil Esther Farid "
    "Felix Fiona Frida Greta Hannah Hector Helena Hugo Ida Ines Iris Ivan Jonas Judith Karim Katya Laura Leon Lucas Magda "
    "Marco Maya Mina Nadia Naomi Nils Nora Oscar Pablo Paula Petra Rafael Rosa Ruth Salma Samuel Silvia Simon Stella Sven "
    "Tamara Theo Tomas Ursula Vera Victor Walter Yara Yusuf Zoe"
)
LAST = _words(
    "Abbott Adler Almeida Barlow Becker Bergman Bianchi Brandt Carvalho Corbin Dahl Delgado Draper Eklund Falk "
    "Farrow Fontaine Garner Goddard Haddad Hale Hartmann Holm Ibarra Jansen Joubert Kapoor Keller Kovacs Kruger "
    "Lindqvist Lombard Marlow Mendez Moreau Nakamura Navarro Nowak Okafor Olsen Orlov Pacheco Pereira Quist "
    "Ramsey Reyes Rossi Sandoval Schmid Serrano Sorensen Tanaka Thorne Ulrich Valdez Vargas Vogel Voss Weaver "
    "Winter Yamada Zamora Zeller"
)
_STEMS = _words(
    "Al Ar Bel Bran Cal Cor Dal Dor El Esk Fal Fen Gar Gol Har Hol Jor Kal Kes Lan Lor Mar Mel Nar Nor Ol Pel Por Quel "
    "Ros Rud Sal Sel Sor Tal Tir Tol Ul Val Var Ves Wel Yar Zan"
)
_MIDDLES = ("a", "e", "i", "o", "u", "en", "in", "or", "an", "el")
_CITY_ENDS = ("bridge", "burg", "bury", "field", "ford", "haven", "mouth", "port", "stad", "ton", "ville", "wick")
_FIRM_ENDS = (
    "Analytics",
    "Foods",
    "Group",
    "Holdings",
    "Industries",
    "Labs",
    "Logistics",
    "Motors",
    "Systems",
    "Works",
)
_DRUG_ENDS = ("zumab", "pril", "statin", "oxetine", "mycin", "azole", "parin", "gliptin", "sartan", "tinib")
_PARTIES = ("Council", "Insurance", "Railways", "Trust", "Water Board")
_MEETINGS = ("Congress", "Conference", "Forum", "Summit", "Symposium", "Workshop")
_SUBJECTS = (
    "Applied Statistics", "Cardiac Care", "Civil Procedure", "Crop Science", "Energy Storage", "Food Safety", "Health Law",
    "Industrial Design", "Marine Biology", "Payment Systems", "Rural Banking", "Structural Steel", "Vaccine Research",
    "Water Rights",
)  # fmt: skip


def _stem(rng: Generator) -> str:
    return pick(rng, _STEMS) + pick(rng, _MIDDLES)


def city(rng: Generator) -> str:
    """A town that is on no map."""
    return _stem(rng) + pick(rng, _CITY_ENDS)


NAMES: dict[str, Callable[[Generator], str]] = {
    "person": lambda rng: f"{pick(rng, FIRST)} {pick(rng, LAST)}",
    "company": lambda rng: f"{_stem(rng)}{pick(rng, ('x', 'n', 'ra', 'lis'))} {pick(rng, _FIRM_ENDS)}",
    "drug": lambda rng: (_stem(rng) + pick(rng, _MIDDLES)).capitalize() + pick(rng, _DRUG_ENDS),
    "case": lambda rng: f"{pick(rng, LAST)} v. {_stem(rng)}{pick(rng, ('x', 'n', 'ra'))} {pick(rng, _PARTIES)}",
    "conference": lambda rng: f"{city(rng)} {pick(rng, _MEETINGS)} on {pick(rng, _SUBJECTS)}",
}  # fmt: skip
"""Draws a name, for each type of page."""


def namesake(name: str, type: str, rng: Generator) -> str:
    """A name that shares words with another one of its type, so that a search finds both."""
    first, _, rest = name.partition(" ")
    if type == "person":
        return f"{first} {pick(rng, LAST)}" if rng.random() < 0.5 else f"{pick(rng, FIRST)} {rest}"
    if type == "company":
        return f"{first} {pick(rng, _FIRM_ENDS)}"
    if type == "case":
        return f"{pick(rng, LAST)} v. {name.partition(' v. ')[2]}"
    if type == "conference":
        return f"{first} {pick(rng, _MEETINGS)} on {pick(rng, _SUBJECTS)}"
    return first[:-3] + pick(rng, _DRUG_ENDS)

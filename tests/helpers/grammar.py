"""Faults of sentences made from parts: articles, plurals, agreement, doubled words, ends, impossible dates and spans."""

import re
from datetime import date, datetime

from simenv.plugins.environments.db.tasks import domains as db
from simenv.plugins.environments.household.tasks import english as household
from simenv.plugins.environments.household.tasks.room_types import BATHROOM, BEDROOM, KITCHEN, LIVING_ROOM
from simenv.plugins.environments.kg.tasks.domains import DOMAINS

NOUNS = {
    "guest": "guests", "passenger": "passengers", "checked bag": "checked bags", "piece": "pieces", "file": "files",
    "line": "lines", "process": "processes", "user": "users", "condition": "conditions", "country": "countries",
    "city": "cities", "person": "people", "company": "companies", "university": "universities", "film": "films",
    "team": "teams", "river": "rivers", "award": "awards", "league": "leagues", "product": "products",
    "stadium": "stadiums", "mountain": "mountains", "language": "languages", "industry": "industries",
}  # fmt: skip
NOUNS |= {t.one: t.many for d in db.DOMAINS for t in d.tables}
NOUNS |= {
    household.name(kind): household.plural(kind)
    for room in (KITCHEN, LIVING_ROOM, BEDROOM, BATHROOM)
    for kind in (*room.objects, *room.receptacles)
}
PLURALS = set(NOUNS.values()) | {t.plural for d in DOMAINS.values() for t in d.types}
_ONE, _MANY = ("|".join(sorted(map(re.escape, words), key=len, reverse=True)) for words in (NOUNS, PLURALS))
_COMPOUND = "genres|studios|requests|plants|holders|tables"
"""The second words of compound nouns."""
_NUMBERS = "two|three|four|five|six|seven|eight|nine|ten|several|many|all"
_THAT = "(?:(?:that|who|which) )?"
_SINGULAR_VERBS = "is|was|has|does|flows|makes|plays|wins|includes|administers|coaches|leads|hosts|works|competes|owns"
_PLURAL_VERBS = "are|were|have|do"

RULES = {
    "(s)": r"\w\(e?s\)",
    "a before a vowel": r"\b[Aa] (?=[aeio]|un(?!i)|hour|honest|8\b|1[18]\b)(?!one\b|once\b|eu)",
    "an before a consonant": r"\b[Aa]n (?=[bcdfgjklmnpqrstvwxyz]|h(?!our|onest|eir)|eu|one\b|uni)",
    "several and a singular": rf"(?<![\d.,:/-])\b(?:{_NUMBERS}|[2-9]|[1-9]\d+) (?:of the )?(?:{_ONE})(?!\w|'| (?:{_COMPOUND}))",
    "one and a plural": rf"(?<![\d.,:/-])\b(?:[Oo]ne|1|every|each|a|an) (?!of\b)(?:{_MANY})(?!\w|')",
    "one of a singular": rf"\b[Oo]ne of the (?:{_ONE})\b(?!s)",
    "how many of a singular": rf"\bHow many (?:\w+ )?(?:{_ONE})(?!\w|'| (?:{_COMPOUND}))",
    "plural with a singular verb": rf"(?<!number of )\b(?:{_MANY}) {_THAT}(?:{_SINGULAR_VERBS})\b(?! the number)",
    "singular with a plural verb": rf"\b(?:[Ee]very|[Ee]ach|[Oo]ne|[Aa]n?) (?:{_ONE}) {_THAT}(?:{_PLURAL_VERBS})\b",
    "is with a plural": rf"\b(?:is|was) (?:the )?(?:{_MANY})(?!\w|')",
    "are with a singular": rf"\b(?:are|were) (?:a|an|the) (?:{_ONE})(?!\w|'| (?:{_COMPOUND}))",
    "a noun phrase for a predicate": rf"\band are (?:{_MANY})\b",
    "a doubled word": r"(?<![\w“'])([a-z]+) \1(?!\w)",
    "no capital first letter": r"\A[“\"']?[a-z/]",
    "no end mark": r"[^.?!”]\Z|[^.?!]”\Z",
    "stray blanks or marks": r"  | [,.;:?!](?!\w)|,,|\.\.|\(\)|“”|[{}]",
    "a wrong ordinal": r"\b(?:\d*(?:1[123](?:st|nd|rd)|(?<!1)1th|(?<!1)2th|(?<!1)3th|[04-9](?:st|nd|rd)))\b",
}  # fmt: skip


def faults(text: str) -> list[str]:
    """The faults of a text, each with the words around it."""
    made = [
        f"{rule}: …{text[max(0, match.start() - 20) : match.end() + 20]}…"
        for rule, pattern in RULES.items()
        for match in re.finditer(pattern, text)
    ]
    return made + [f"no such date: {d}" for d in _dates(text) if not _exists(d)] + _ranges(text)


def _dates(text: str) -> list[str]:
    return re.findall(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2} [A-Z][a-z]+ 20\d\d\b", text)


def _exists(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d %B %Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def _ranges(text: str) -> list[str]:
    """Spans that hold nothing, or one value alone."""
    numbers = [(float(a), float(b)) for a, b in re.findall(r"between ([\d.]+) and ([\d.]+) inclusive", text)]
    days = [tuple(map(_exists, m)) for m in re.findall(r"from (\d+ \w+ \d{4}) to (\d+ \w+ \d{4})", text)]
    return [f"an empty span: {low} to {high}" for low, high in (*numbers, *days) if not (low and high and low < high)]

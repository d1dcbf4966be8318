"""The sentences of a house read as facts, in ALFWorld's words or in others that say the same. It knows no house.

A fact is a tuple whose first part says what it is about:
("nothing",)                     a refusal
("did", verb, object, other)     a deed; `other` is '' where the sentence leaves it out
("open", r), ("closed", r)       a door
("sees", where, names)           what lies in or on something; `where` may be `around` or `beside`
("faces", names), ("at", r)      where the agent stands; no names in the middle of the room
("holds", names)                 what is in the hand
("is", object, qualities)        none where there is nothing special about it
("help", words)                  the list of commands
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Fact = tuple[object, ...]

_VERBS = {
    "take": "pick up|picked up|take|took|grab|grabbed|get|remove|removed|pick",
    "put": "put down|put|set down|place|placed|set|drop|leave",
    "heat": "heat|heated|warm|warm up", "cool": "cool|cooled|chill|chilled", "clean": "clean|cleaned|wash|washed|rinse",
    "slice": "slice|sliced|cut", "open": "open|opened", "close": "close|closed|shut",
}  # fmt: skip
_IN = "in/on|in or on|on top of|in front of|inside|into|onto|in|on|from|to"
_SEE = "you (?:can )?(?:now )?(?:see|find|notice)|there (?:is|are|lies|lie)"
_ARTICLE = re.compile(r"(?:an?|the|some|one|also) (?=\S)")
_AND = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+")
_QUALITY = "hot|warm|heated|cold|cool|cooled|clean|sliced|normal|on|off"
_SAME = {"warm": "hot", "heated": "hot", "cold": "cool", "cooled": "cool"}
_NONE = frozenset(
    {"nothing", "nothing else", "no objects", "no items", "nothing inside", "nothing on it", "nothing here"}
)
_REFUSED = re.compile(
    r"nothing (?:seems to )?(?:happens?|happened|changes|changed)(?: here)?"
    r"|(?:you|i) (?:can't|cannot|can not|could not|couldn't|are unable|are not able|must|need to|have to|don't have"
    r"|don't see|do not see|are not at|aren't at|already) .*"
    r"|there(?:'s| is| are)(?: no|n't an?y?) .*|(?:that|this|it)(?: is|'s)(?: not|n't)? ?(?:im)?possible"
    r"|.* (?:not found|does not exist|doesn't exist|(?:is not|isn't) (?:here|there|a .*|something .*|an? valid .*))"
    r"|.*\b(?:cannot|can't) be .*|(?:invalid|unknown|unrecogni[sz]ed) (?:action|command|input|object|verb)\b.*"
    r"|(?:error|failed?|failure)\b.*|action failed\b.*|that(?:'s| is) not a .*|command not .*"
)
_WORDS = re.compile(r"\b(?:go|open|close|take|put|use|heat|cool|clean|slice|examine|look|inventory|help)\b")
_SENTENCE = re.compile(r"(?:[.!]+(?=\s|$)|\n)+")


@dataclass(slots=True)
class Reading:
    """What a text says. `unread`: its sentences that say nothing a house would say."""

    facts: set[Fact] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    subject: str = ""

    @property
    def names(self) -> set[str]:
        """Everything that is named in it."""
        found: set[str] = set()
        for kind, *parts in self.facts:
            if kind != "help":
                for part in parts[1:] if kind == "did" else parts[:1] if kind == "is" else parts:
                    found |= {part} if isinstance(part, str) else part  # type: ignore[operator]
        return found - {"", "around", "beside"}


def read(text: str) -> Reading:
    """The facts of a text. Linear in its length."""
    reading = Reading()
    text = text.replace("\u2019", "'").replace("`", "").replace("**", "").lower()
    for sentence in filter(None, (" ".join(s.split()) for s in _SENTENCE.split(text))):
        sentence = sentence.removeprefix("observation: ").removeprefix("> ").strip('"')
        if not sentence or sentence == "observation:" or re.fullmatch(r"you arrive at loc \d{1,6}", sentence):
            continue
        facts = next((f for f in _tried(sentence, reading)), None)
        if facts is None:
            reading.unread.append(sentence)
        else:
            reading.facts.update(facts)
    return reading


def name(text: str) -> str:
    """A name without its article."""
    return _ARTICLE.sub("", text.strip(), count=1) if _ARTICLE.match(text.strip()) else text.strip()


def listed(text: str) -> frozenset[str]:
    """The names of a list."""
    text = text.strip().removeprefix(":").strip()
    if text in _NONE:
        return frozenset()
    return frozenset(n for part in _AND.split(text) if (n := name(part)))


def _tried(sentence: str, reading: Reading) -> Iterator[list[Fact]]:
    for pattern, facts in _FORMS:
        if match := pattern.fullmatch(sentence):
            yield facts(match, reading)


def _spot(text: str, reading: Reading) -> str:
    """What `it` stands for, or a name."""
    if text.strip() in ("it", "this", "there", "here", "them"):
        return reading.subject
    reading.subject = name(text)
    return reading.subject


def _door(m: re.Match[str], reading: Reading) -> list[Fact]:
    spot = _spot(m["r"], reading)
    if m["how"] == "empty":
        return [("sees", spot, frozenset())]
    return [("open" if m["how"] == "open" else "closed", spot)]


def _sees(m: re.Match[str], reading: Reading) -> list[Fact]:
    return [("sees", _spot(m["r"], reading), listed(m["list"]))]


def _deed(verb: str) -> Callable[[re.Match[str], Reading], list[Fact]]:
    def facts(m: re.Match[str], reading: Reading) -> list[Fact]:
        return [("did", verb, name(m["o"]), name(m["r"] or ""))]

    return facts


def _moved(verb: str) -> Callable[[re.Match[str], Reading], list[Fact]]:
    def facts(m: re.Match[str], reading: Reading) -> list[Fact]:
        spot = _spot(m["r"], reading)
        said: list[Fact] = [("did", verb, spot, ""), ("open" if verb == "open" else "closed", spot)]
        return [*said, ("sees", spot, listed(m["list"]))] if m["list"] else said

    return facts


def _qualities(m: re.Match[str], reading: Reading) -> list[Fact]:
    reading.subject = name(m["o"])
    words = re.findall(_QUALITY, m["q"])
    return [("is", reading.subject, frozenset(_SAME.get(w, w) for w in words if w != "normal"))]


def _forms() -> Iterator[tuple[str, Callable[[re.Match[str], Reading], list[Fact]]]]:
    yield r"commands: .*", lambda m, r: [("help", frozenset(_WORDS.findall(m[0])))]
    yield rf"(?:(?:{_IN}) )(?P<r>.+?),? (?:{_SEE}):? (?P<list>.+)", _sees
    yield rf"next to (?:it|them),? (?:{_SEE}):? (?P<list>.+)", lambda m, r: [("sees", "beside", listed(m["list"]))]
    yield (
        rf"(?:looking (?:quickly )?around(?: you)?|around you),? (?:{_SEE}):? (?P<list>.+)",
        lambda m, r: [("sees", "around", listed(m["list"]))],
    )
    yield r"(?P<r>it|(?:the |an? )?\S+ \d+) is (?:now )?(?P<how>open|closed|empty)", _door
    yield r"(?P<r>it|the \S+ \d+) (?:contains|holds|has):? (?P<list>.+)", _sees
    yield (
        r"(?:there is )?nothing (?:is )?(?:on|in|inside|in/on) (?P<r>.+)",
        lambda m, r: [("sees", _spot(m["r"], r), frozenset())],
    )
    yield r"(?:there's|there is) nothing special about (?P<o>.+)", lambda m, r: [("is", name(m["o"]), frozenset())]
    yield (
        r"you(?: are|'re)(?: now)? (?:facing|standing (?:at|before|in front of)|in front of) (?P<list>.+)",
        lambda m, r: [("faces", listed(m["list"]))],
    )
    yield r"you(?: are|'re)(?: standing)? in the middle of (?:a|the) room", lambda m, r: [("faces", frozenset())]
    yield (
        r"you(?: are|'re)(?: now)? (?:carrying|holding)(?P<list>:? .+)",
        lambda m, r: [("holds", listed(m["list"]) - {"anything"})],
    )
    yield (
        r"you(?: are|'re)(?: not|n't) (?:carrying|holding) anything|your hands are empty",
        lambda m, r: [("holds", frozenset())],
    )
    yield (
        r"you (?:arrive at|go to|walk to|walk over to|move to|are at|are now at|head to) (?P<r>.+)",
        lambda m, r: [("at", _spot(m["r"], r))],
    )
    yield from _deeds()
    yield rf"this is (?P<q>(?:an? |the )?(?:(?:{_QUALITY}),? (?:and )?)+)(?P<o>\S+ \d+)", _qualities
    yield rf"(?:this|the|an?)? ?(?P<o>\S+ \d+) is (?:now )?(?:turned )?(?P<q>(?:(?:{_QUALITY})(?: and )?)+)", _qualities
    yield _REFUSED.pattern, lambda m, r: [("nothing",)]
    yield rf"(?:{_SEE}):? (?P<list>.+) (?:on|in|inside|in/on) (?P<r>(?:it|the \S+ \d+|\S+ \d+))", _sees


def _deeds() -> Iterator[tuple[str, Callable[[re.Match[str], Reading], list[Fact]]]]:
    for verb in ("open", "close"):
        yield (
            rf"you (?:{_VERBS[verb]}) (?P<r>.+?)(?:,? (?:and|in it,?)(?: (?:in|inside) it,?)? ?(?:you )?see (?P<list>.+))?",
            (_moved(verb)),
        )
    yield rf"you (?:{_VERBS['take']}) (?P<o>.+?)(?: from (?:in |on )?(?P<r>.+))?", _deed("take")
    yield rf"you (?:{_VERBS['put']}) (?P<o>.+?)(?: down)?(?: (?:{_IN}) (?P<r>.+))?", _deed("put")
    yield r"you (?:(?:turn|turned|switch|switched) on|use|used) (?P<o>.+?)(?P<r>)", _deed("use")
    for verb in ("heat", "cool", "clean", "slice"):
        yield rf"you (?:{_VERBS[verb]}) (?P<o>.+?)(?: (?:using|with|in|at|by) (?P<r>.+))?", _deed(verb)


_FORMS = [(re.compile(pattern), facts) for pattern, facts in _forms()]

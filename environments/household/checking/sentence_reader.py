"""Reads the sentences of a house as facts, in ALFWorld's words or in other words of the same meaning.

A fact is a tuple; its first part names the kind of fact:
("nothing",)                     a refusal
("did", verb, object, other)     an action; `other` is '' if the sentence leaves it out
("open", r), ("closed", r)       a door
("sees", place, names)           the content of a receptacle; `place` may also be `around` or `beside`
("faces", names), ("at", r)      where the agent stands; no names in the middle of the room
("holds", names)                 the object in the hand
("is", object, qualities)        no qualities if there is nothing special about it
("help", words)                  the list of commands
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Fact = tuple[object, ...]

_VERBS = {
    "take": "pick up|picked up|take|took|grab|grabbed|get|remove|removed|pick",
    "put": "put down|put|set down|place|placed|set|drop|leave|move|moved",
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
    r"|don't see|do not see|are not (?:at|near)|aren't (?:at|near)"
    r"|(?:are )?already|are(?: not|n't) (?:carrying|holding)(?! anything)) .*"
    r"|there(?:'s| is| are)(?: no|n't an?y?) .*"
    r"|(?:that|this|it)(?: action| command)?(?: is|'s)(?: not|n't)? ?(?:im)?possible(?: here)?"
    r"|there is nothing like that(?: here)?"
    r"|.* (?:not found|does not exist|doesn't exist|(?:is not|isn't) (?:here|there|a .*|something .*|an? valid .*))"
    r"|.*\b(?:cannot|can't) be .*|you can only (?:carry|hold) .*|your hands are full.*|.* is already .*"
    r"|i (?:don't|do not) understand.*"
    r"|(?:invalid|unknown|unrecogni[sz]ed) (?:action|command|input|object|verb)\b.*"
    r"|(?:error|failed?|failure)\b.*|action failed\b.*|that(?:'s| is) not .*|command not .*"
)
_COUNTS = {
    "no": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_COUNTS |= {str(n): n for n in range(100)}
_COUNT = "|".join(_COUNTS)
_GROUP = re.compile(rf"\b({_COUNT}) [a-z-]+ \(([^()]*)\)")
_WORDS = re.compile(r"\b(?:go|open|close|take|put|use|heat|cool|clean|slice|examine|look|inventory|help|move)\b")
_SENTENCE = re.compile(r"(?:[.!]+(?=\s|$)|\n)+")


@dataclass(slots=True)
class Reading:
    """The facts of a text.

    `unread` lists its sentences that are no sentences of a house, `refusals` those that refuse; `subject` is what `it` means.
    """

    facts: set[Fact] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    subject: str = ""

    @property
    def names(self) -> set[str]:
        """All names of objects and receptacles in the facts."""
        names: set[str] = set()
        for kind, *parts in self.facts:
            if kind != "help":
                for part in parts[1:] if kind == "did" else parts[:1] if kind == "is" else parts:
                    names |= {part} if isinstance(part, str) else part if isinstance(part, frozenset) else set()
        return names - {"", "around", "beside"}


def read(text: str, subject: str = "") -> Reading:
    """The facts of a text, of which `subject` is what `it` means at first. Takes time linear in its length."""
    reading = Reading(subject=subject)
    text = text.replace("\u2019", "'").replace("`", "").replace("**", "").lower()
    for sentence in filter(None, (" ".join(s.split()) for s in _SENTENCE.split(text))):
        sentence = sentence.removeprefix("observation: ").removeprefix("> ").strip('"')
        if not sentence or sentence == "observation:" or re.fullmatch(r"you arrive at loc \d{1,6}", sentence):
            continue
        facts = next((f for f in _matches(sentence, reading)), None)
        if facts is None:
            reading.unread.append(sentence)
        else:
            reading.facts.update(facts)
    reading.facts = _joined(reading.facts)
    return reading


def _joined(facts: set[Fact]) -> set[Fact]:
    """Facts in which what is seen in one place, but told in several sentences, is one list."""
    seen: dict[object, frozenset[str]] = {}
    rest: set[Fact] = set()
    for fact in facts:
        if fact[0] == "sees" and isinstance(names := fact[2], frozenset) and names:
            seen[fact[1]] = seen.get(fact[1], frozenset()) | names
        else:
            rest.add(fact)
    return rest | {("sees", place, names) for place, names in seen.items()}


def name(text: str) -> str:
    """A name without its article: `mug 1` of `a mug 1`."""
    return _ARTICLE.sub("", text.strip(), count=1) if _ARTICLE.match(text.strip()) else text.strip()


def name_list(text: str) -> frozenset[str]:
    """The names in a list such as `a pen 1, and a mug 2`."""
    text = _GROUP.sub(_ungrouped, text.strip().removeprefix(":").strip())
    if text in _NONE:
        return frozenset()
    return frozenset(n for part in _AND.split(text) if (n := name(part)))


def _ungrouped(match: re.Match[str]) -> str:
    """The names in `two mugs (mug 1, mug 2)`; the text itself if they are not as many."""
    return match[2] if len(_AND.split(match[2])) == _COUNTS.get(match[1], -1) else match[0]


def _matches(sentence: str, reading: Reading) -> Iterator[list[Fact]]:
    for pattern, facts in _FORMS:
        if match := pattern.fullmatch(sentence):
            yield facts(match, reading)


def _spot(text: str, reading: Reading) -> str:
    """The name in a text; for a pronoun the last subject. Sets the subject."""
    if text.strip() in ("it", "this", "there", "here", "them"):
        return reading.subject
    reading.subject = name(text)
    return reading.subject


def _door(m: re.Match[str], reading: Reading) -> list[Fact]:
    spot = _spot(m["r"], reading)
    if m["how"] == "empty":
        return [("filled", spot)] if m["not"] else [("sees", spot, frozenset())]
    return [("open" if (m["how"] == "open") != bool(m["not"]) else "closed", spot)]


def _counted(m: re.Match[str], reading: Reading) -> list[Fact]:
    names = name_list(m["list"])
    return (
        [("sees", _spot(m["r"], reading), names)] if len(names) == _COUNTS[m["count"]] else [("miscounted", m["count"])]
    )


def _refusal(m: re.Match[str], reading: Reading) -> list[Fact]:
    reading.refusals.append(m[0])
    return [("nothing",)]


def _sees(m: re.Match[str], reading: Reading) -> list[Fact]:
    return [("sees", _spot(m["r"], reading), name_list(m["list"]))]


def _action(verb: str) -> Callable[[re.Match[str], Reading], list[Fact]]:
    def facts(m: re.Match[str], reading: Reading) -> list[Fact]:
        reading.subject = name(m["o"])
        return [("did", verb, reading.subject, name(m["r"] or ""))]

    return facts


def _door_action(verb: str) -> Callable[[re.Match[str], Reading], list[Fact]]:
    def facts(m: re.Match[str], reading: Reading) -> list[Fact]:
        spot = _spot(m["r"], reading)
        parts: list[Fact] = [("did", verb, spot, ""), ("open" if verb == "open" else "closed", spot)]
        return [*parts, ("sees", spot, name_list(m["list"]))] if m["list"] else parts

    return facts


def _qualities(m: re.Match[str], reading: Reading) -> list[Fact]:
    reading.subject = name(m["o"])
    words = re.findall(_QUALITY, m["q"])
    return [("is", reading.subject, frozenset(_SAME.get(w, w) for w in words if w != "normal"))]


def _forms() -> Iterator[tuple[str, Callable[[re.Match[str], Reading], list[Fact]]]]:
    yield r"you try to .*", lambda m, r: []
    yield (
        r"(?:commands|(?:available|possible|valid) (?:actions|commands)): .*",
        lambda m, r: [("help", frozenset(_WORDS.findall(m[0])))],
    )
    yield rf"(?:(?:{_IN}) )(?P<r>.+?),? (?:{_SEE}):? (?P<list>.+)", _sees
    yield rf"next to (?:it|them),? (?:{_SEE}):? (?P<list>.+)", lambda m, r: [("sees", "beside", name_list(m["list"]))]
    yield (
        rf"(?:looking (?:quickly )?around(?: you)?|around you),? (?:{_SEE}):? (?P<list>.+)",
        lambda m, r: [("sees", "around", name_list(m["list"]))],
    )
    yield (
        rf"there (?:are|is) (?P<count>{_COUNT}) (?:objects?|items?|things?) (?:{_IN}) (?P<r>[^:]+): (?P<list>.+)",
        _counted,
    )
    yield from _receptacle_forms()
    yield r"(?:there's|there is) nothing special about (?P<o>.+)", lambda m, r: [("is", name(m["o"]), frozenset())]
    yield from _agent_forms()
    yield from _action_forms()
    yield rf"this is (?P<q>(?:an? |the )?(?:(?:{_QUALITY}),? (?:and )?)+)(?P<o>\S+ \d+)", _qualities
    yield rf"(?:this|the|an?)? ?(?P<o>\S+ \d+) is (?:now )?(?:turned )?(?P<q>(?:(?:{_QUALITY})(?: and )?)+)", _qualities
    yield _REFUSED.pattern, _refusal
    yield rf"(?:{_SEE}):? (?P<list>.+) (?:on|in|inside|in/on) (?P<r>(?:it|the \S+ \d+|\S+ \d+))", _sees


def _receptacle_forms() -> Iterator[tuple[str, Callable[[re.Match[str], Reading], list[Fact]]]]:
    """A door, and what lies in or on a receptacle."""
    yield r"(?P<r>it|(?:the |an? )?\S+ \d+)(?: is|'s) (?:now )?(?P<not>not )?(?P<how>open|closed|empty)", _door
    yield r"(?P<r>it|(?:the |an? )?\S+ \d+) (?:opens|swings open)(?P<list>)", _door_action("open")
    yield r"(?P<r>it|(?:the |an? )?\S+ \d+) (?:closes|swings shut)(?P<list>)", _door_action("close")
    yield (
        r"inside(?: it)?,? (?:are|is|lie|lies|you (?:find|see)):? (?P<list>.+)",
        lambda m, r: [("sees", r.subject, name_list(m["list"]))],
    )
    yield (
        r"(?P<o>it|(?:the )?\S+ \d+) is (?:now )?(?:in slices|cut)",
        lambda m, r: [("is", _spot(m["o"], r), frozenset({"sliced"}))],
    )
    yield r"(?P<r>it|the \S+ \d+) (?:contains|holds|has):? (?P<list>.+?)(?: (?:on|in) it)?", _sees
    yield (
        r"(?:there is )?nothing (?:is )?(?:on|in|inside|in/on) (?P<r>.+)",
        lambda m, r: [("sees", _spot(m["r"], r), frozenset())],
    )


def _agent_forms() -> Iterator[tuple[str, Callable[[re.Match[str], Reading], list[Fact]]]]:
    """Where the agent stands, and what it holds."""
    yield (
        r"you(?: are|'re)(?: now)? (?:facing|standing (?:at|before|in front of)|in front of) (?P<list>.+)",
        lambda m, r: [("faces", name_list(m["list"]))],
    )
    yield r"you(?: are|'re)(?: standing)? in the middle of (?:a|the) room", lambda m, r: [("faces", frozenset())]
    yield (
        r"you(?: are|'re)(?: now)? (?:carrying|holding)(?P<list>:? .+)",
        lambda m, r: [("holds", name_list(m["list"]) - {"anything"})],
    )
    yield (
        r"you(?: are|'re)(?: not|n't) (?:carrying|holding) anything|your (?:hands are|inventory is) empty",
        lambda m, r: [("holds", frozenset())],
    )
    yield r"you(?: now)? have (?!to )(?P<list>.+?)(?: in your hands?)?", lambda m, r: [("holds", name_list(m["list"]))]
    yield (
        r"you (?:arrive at|go to|walk to|walk over to|move to|are at|are now at|head to) (?P<r>.+)",
        lambda m, r: [("at", _spot(m["r"], r))],
    )


def _action_forms() -> Iterator[tuple[str, Callable[[re.Match[str], Reading], list[Fact]]]]:
    for verb in ("open", "close"):
        yield (
            rf"you (?:{_VERBS[verb]}) (?P<r>.+?)(?:,? (?:and|in it,?)(?: (?:in|inside) it,?)? ?(?:you )?see (?P<list>.+))?",
            (_door_action(verb)),
        )
    yield rf"you (?:{_VERBS['take']}) (?P<o>.+?)(?: from (?:in |on )?(?P<r>.+))?", _action("take")
    yield rf"you (?:{_VERBS['put']}) (?P<o>.+?)(?: down)?(?: (?:{_IN}) (?P<r>.+))?", _action("put")
    yield r"you (?:(?:turn|turned|switch|switched) on|use|used) (?P<o>.+?)(?P<r>)", _action("use")
    for verb in ("heat", "cool", "clean", "slice"):
        yield rf"you (?:{_VERBS[verb]}) (?P<o>.+?)(?: (?:using|with|in|at|by) (?P<r>.+))?", _action(verb)


_FORMS = [(re.compile(pattern), facts) for pattern, facts in _forms()]

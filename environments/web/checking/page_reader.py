"""A page as an observation shows it, read back into what it says: the elements by number, the words between them, where it is.

Pruned HTML is not HTML: attributes are bare words and empty elements close themselves, so an HTML parser would nest and
reorder what it reads. It is split into tags and texts here, in one pass, without a tree: nesting costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .text import place, tokens

MOST = 60_000
"""Characters of an observation that are read."""
_FENCE = re.compile(r"\A\s*```[\w-]*[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL)
_HEAD = re.compile(r"\A\s*Page: *([^\n]{0,2000}?) *\(([^\s()]{1,3000}|[^\n]{1,3000}?)\) *(?:\n|\Z)", re.I)
_MORE = re.compile(r"\n?\[\d+ more characters below: scroll down\]\s*\Z")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,30})(?=[\s/>])([^<>]*)>")
_COMMENT = re.compile(r"<!--[^>]{0,2000}-->|<![^<>]*>")
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')|(\S+)""")
_TREE = re.compile(
    r'^\s*(?:[-*•] +)?\[(\d{1,7})\] *([\w-]+) *"(.*)"((?: +(?:value=|checked|disabled|options:).*)?)\s*$'
)
_PLAIN = re.compile(r"^\s*(?:[-*•] +)?(text|heading)\b:?(.*)$", re.I)
_META = frozenset(
    (
        "role",
        "type",
        "alt",
        "aria-description",
        "aria-label",
        "label",
        "title",
        "name",
        "placeholder",
        "aria-labelledby",
    )
)
_DULL = frozenset(["submit", "button", "text", "link"])
_CONTROLS = frozenset(["input", "button", "select", "textarea"])
_VOID = frozenset(["input", "br", "hr", "img", "meta", "link"])
_FLAGS = frozenset(["checked", "disabled", "selected"])


@dataclass(frozen=True)
class Item:
    """Something to act on. `meta` are the words it says of itself, in no order."""

    number: int
    role: str
    meta: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    options: tuple[tuple[tuple[str, ...], bool], ...] = ()


Atom = str | Item


@dataclass(frozen=True)
class Page:
    """`atoms`: words and elements in the order of the page. `outside`: text that belongs to no page. `cut`: more is below."""

    atoms: tuple[Atom, ...] = ()
    title: tuple[str, ...] | None = None
    url: tuple[str, tuple[tuple[str, str], ...]] | None = None
    outside: str = ""
    cut: bool = False
    found: bool = True
    """whether there was anything of a page in the text"""

    @property
    def items(self) -> dict[int, Item]:
        return {a.number: a for a in self.atoms if isinstance(a, Item) and a.number >= 0}


def detect_view(text: str) -> str:
    """Which way of showing pages an observation of the engine is written in."""
    if "'''\n<html>" in text:
        return "choices"
    head = _HEAD.match(text)
    if head is None:
        return "text"
    body = text[head.end() :]
    return "html" if "<" in body else "tree"


def read(text: str, view: str) -> Page:
    """A page out of an observation; never raises."""
    text = text[:MOST].replace("\0", "")
    if fenced := _FENCE.match(text):
        text = fenced[1]
    cut = _MORE.search(text) if len(text) < MOST else None
    text = text[: cut.start()] if cut else text
    if view == "text":
        return _segments(text)
    if view == "choices":
        return _question(text)
    head = _HEAD.match(text) or re.search(_HEAD.pattern.replace(r"\A\s*", r"(?m)^[ \t]{0,20}"), text[:4000], re.I)
    title, url, before, body = None, None, "", text
    if head:
        title, url, before, body = tokens(head[1]), place(head[2]), text[: head.start()], text[head.end() :]
    page = _html(body, bool(cut)) if view == "html" else _tree(body)
    outside = " ".join(filter(None, [before.strip(), page.outside]))
    return Page(page.atoms, title, url, outside, bool(cut), page.found or bool(head))


# Pruned HTML.


@dataclass
class _Open:
    """An element that is not closed yet."""

    tag: str
    item: Item
    words: list[str] = field(default_factory=list)
    options: list[tuple[tuple[str, ...], bool]] = field(default_factory=list)
    inside: int = 0
    """elements of the same name that were opened in it"""


def _html(body: str, cut: bool) -> Page:
    body = _COMMENT.sub("", body)
    opens, ends = re.search(r"<html\b[^<>]*>", body, re.I), body.lower().rfind("</html>")
    start = opens.end() if opens else 0
    end = ends if ends >= start and ends >= 0 else len(body)
    outside = " ".join([body[: opens.start()] if opens else "", body[end:].partition(">")[2]]).strip()
    inner = body[start:end]
    if not opens and (first := inner.find(">")) >= 0 and "<" not in inner[:first]:
        inner = inner[first + 1 :]
    atoms = list(_Tags(inner, cut).atoms())
    tagged = bool(_TAG.search(body))
    return Page(tuple(atoms), outside=outside, found=tagged)


class _Tags:
    """One pass over tags and texts."""

    def __init__(self, text: str, cut: bool) -> None:
        self._text, self._cut = text, cut
        self._open: _Open | None = None
        self._option: tuple[list[str], bool] | None = None

    def atoms(self) -> Iterator[Atom]:
        at = 0
        for tag in _TAG.finditer(self._text):
            yield from self._said(self._text[at : tag.start()])
            at = tag.end()
            yield from self._tagged(bool(tag[1]), tag[2].lower(), tag[3])
        rest = self._text[at:]
        yield from self._said(rest[: rest.find("<")] if self._cut and "<" in rest else rest)
        if self._open and not self._cut:
            yield from self._closed()

    def _said(self, text: str) -> Iterator[str]:
        words = tokens(text)
        if self._option is not None:
            self._option[0].extend(words)
        elif self._open is not None:
            self._open.words.extend(words)
        else:
            yield from words

    def _tagged(self, closing: bool, tag: str, rest: str) -> Iterator[Atom]:
        if tag == "option":
            self._end_option()
            if not closing:
                self._option = ([], "selected" in rest.lower())
            return
        opened = self._open
        if closing:
            if opened and opened.tag == tag:
                opened.inside -= 1
                if opened.inside < 0:
                    self._end_option()
                    yield from self._closed()
            return
        item = _item(tag, rest)
        alone = tag in _VOID or rest.rstrip().endswith("/")
        if item is None:
            if opened and opened.tag == tag and not alone:
                opened.inside += 1
            return
        if opened:
            self._end_option()
            yield from self._closed()
        if alone:
            yield item
        else:
            self._open = _Open(tag, item)

    def _end_option(self) -> None:
        if self._option is not None and self._open is not None:
            self._open.options.append((tuple(self._option[0]), self._option[1]))
        self._option = None

    def _closed(self) -> Iterator[Item]:
        opened, self._open = self._open, None
        if opened is not None:
            i = opened.item
            yield Item(i.number, i.role, i.meta, tuple(opened.words), i.value, i.flags, tuple(opened.options))


def _item(tag: str, rest: str) -> Item | None:
    """What can be acted on, or a control; None for what only wraps."""
    number, meta, value, flags = -1, [], [], set()
    held = False
    for name, double, single, bare in _ATTRIBUTE.findall(rest.strip().removesuffix("/")[:3000]):
        key, given = (name.lower(), double or single) if name else (bare.lower(), None)
        if not name and "=" in bare and not held:
            key, _, given = bare.partition("=")
            key, held = key.lower(), key.lower() == "value"
        if held and given is None:
            value.append(bare)
        elif key == "id" and given is not None:
            number = int(given) if given.isascii() and given.isdecimal() and len(given) < 8 else number
        elif key == "value" and given is not None:
            value.append(given)
        elif key in _FLAGS:
            flags.add(key)
        elif given is None:
            meta.append(bare)
        elif key in _META:
            meta.append(given)
    while held and value and value[-1].lower() in _FLAGS:
        flags.add(value.pop().lower())
    if number < 0 and tag not in _CONTROLS:
        return None
    words = frozenset(w.casefold() for text in meta for w in tokens(text)) - _DULL
    return Item(number, tag, words, (), tuple(" ".join(value).split()), frozenset(flags))


# The other views.


def _tree(body: str) -> Page:
    atoms: list[Atom] = []
    outside = []
    for line in body.split("\n"):
        if element := _TREE.match(line[:5000]):
            atoms.append(_branch(element))
        elif plain := _PLAIN.match(line):
            atoms.extend(tokens(plain[2]))
        elif line.strip():
            outside.append(line.strip())
    return Page(tuple(atoms), outside=" ".join(outside), found=bool(atoms))


def _branch(line: re.Match[str]) -> Item:
    now, listed, options = line[4].partition("options:")
    before, valued, value = now.partition("value=")
    held = value.split() if valued else []
    flags = {w.lower() for w in before.split()} & _FLAGS
    while held and held[-1].lower() in _FLAGS:
        flags.add(held.pop().lower())
    given = ((tokens(options), False),) if listed else ()
    return Item(int(line[1]), line[2].lower(), frozenset(), tokens(line[3]), tuple(held), frozenset(flags), given)


def _segments(text: str) -> Page:
    parts = re.split(r"\[SEP\]", text, flags=re.I)
    return Page(tuple(t for p in parts for t in tokens(p)), found=len(parts) > 1)


def _question(text: str) -> Page:
    """Mind2Web's multiple choice: the page between quotes, then what was done and what can be chosen."""
    parts = text.split("'''")
    if len(parts) < 3:
        return Page(tokens(text), outside=text, found=False)
    page = _html(parts[1], False)
    tail = "'''".join(parts[2:])
    return Page((*page.atoms, *tokens(re.sub(r"[<>/=\"]", " ", tail))), outside=parts[0].strip(), found=True)


def agree(true: Page, said: Page) -> bool:
    """Whether two pages say the same, as far as both show it."""
    if None not in (true.title, said.title) and (true.title != said.title or true.url != said.url):
        return False
    if not true.cut:
        return true.atoms == said.atoms
    shared = min(len(true.atoms), len(said.atoms))
    enough = len(said.atoms) >= len(true.atoms) or (said.cut and shared >= 0.8 * len(true.atoms))
    return enough and true.atoms[:shared] == said.atoms[:shared]

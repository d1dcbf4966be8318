"""Parses an observation of a page: its elements by number, the words between them, its title and address.

Pruned HTML is not HTML: attributes are bare words and empty elements close themselves, so an HTML parser would nest and
reorder them. Here it is split into tags and texts in one pass, without a tree: deep nesting costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from .page_elements import FLAGS, PageElement, parse_element, spoken_words
from .text import normalise_url, tokens

MAX_CHARACTERS = 60_000
"""Characters of an observation; the rest is not read."""
_FENCE = re.compile(r"\A\s*```[\w-]*[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL)
_HEAD = re.compile(
    r"\A\s*(?:[-*•] +)?Page: *([^\n]{0,2000}?) *\(([^\s()]{1,3000}|[^\n]{1,3000}?)\) *(?:\n|\Z|(?=<html\b))", re.I
)
_MORE = re.compile(r"\n?\[\d+ more characters below: scroll down\]\s*\Z")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,30})(?=[\s/>])([^<>]*)>")
_COMMENT = re.compile(r"<!--[^>]{0,2000}-->|<![^<>]*>")
_TREE = re.compile(
    r'^\s*(?:[-*•] +)?\[(\d{1,7})\] *([\w-]+) *"(.*?)"((?: +(?:value=|checked|disabled|options:).*)?)\s*$'
)
_PLAIN = re.compile(r"^\s*(?:[-*•] +)?(text|heading)\b:?(.*)$", re.I)
_VOID = frozenset(["input", "br", "hr", "img", "meta", "link"])
Atom = str | PageElement


@dataclass(frozen=True)
class Page:
    """`atoms`: words and elements in page order. `outside`: text outside the page. `cut`: the page goes on below."""

    atoms: tuple[Atom, ...] = ()
    title: tuple[str, ...] | None = None
    url: tuple[str, tuple[tuple[str, str], ...]] | None = None
    outside: str = ""
    cut: bool = False
    has_page: bool = True
    """whether the text contains anything of a page"""

    @property
    def elements(self) -> dict[int, PageElement]:
        """The elements that have a number, by number."""
        return {a.number: a for a in self.atoms if isinstance(a, PageElement) and a.number >= 0}


def detect_view(text: str) -> str:
    """The view (`html`, `tree`, `text` or `choices`) of an observation of the engine."""
    if "'''\n<html>" in text:
        return "choices"
    head = _HEAD.match(text)
    if head is None:
        return "text"
    body = text[head.end() :]
    return "html" if "<" in body else "tree"


def read_page(text: str, view: str) -> Page:
    """The page in an observation that is expected in a view. It never raises."""
    text = text[:MAX_CHARACTERS].replace("\0", "")
    if fence := _FENCE.match(text):
        text = fence[1]
    more = _MORE.search(text) if len(text) < MAX_CHARACTERS else None
    text = text[: more.start()] if more else text
    if view == "text":
        return _segments(text)
    if view == "choices":
        return _question(text)
    head = _HEAD.match(text) or re.search(_HEAD.pattern.replace(r"\A\s*", r"(?m)^[ \t]{0,20}"), text[:4000], re.I)
    title, url, before, body = None, None, "", text
    if head:
        title, url, before, body = tokens(head[1]), normalise_url(head[2]), text[: head.start()], text[head.end() :]
    page = _html(body, bool(more)) if view == "html" else _tree(body)
    outside = " ".join(filter(None, [before.strip(), page.outside]))
    return Page(page.atoms, title, url, outside, bool(more), page.has_page or bool(head))


# Pruned HTML.


@dataclass
class _OpenElement:
    """An element that is not closed yet."""

    tag: str
    item: PageElement
    words: list[str] = field(default_factory=list)
    options: list[tuple[tuple[str, ...], bool]] = field(default_factory=list)
    inside: int = 0
    """open elements of the same name inside it"""


def _html(body: str, cut: bool) -> Page:
    body = _COMMENT.sub("", body)
    opens, ends = re.search(r"<html\b[^<>]*>", body, re.I), body.lower().rfind("</html>")
    start = opens.end() if opens else 0
    end = ends if ends >= start and ends >= 0 else len(body)
    outside = " ".join([body[: opens.start()] if opens else "", body[end:].partition(">")[2]]).strip()
    inner = body[start:end]
    if not opens and (first := inner.find(">")) >= 0 and "<" not in inner[:first]:
        inner = inner[first + 1 :]
    atoms = list(_TagReader(inner, cut).atoms())
    has_tags = bool(_TAG.search(body))
    return Page(tuple(atoms), outside=outside, has_page=has_tags)


class _TagReader:
    """Turns tags and texts into atoms in one pass."""

    def __init__(self, text: str, cut: bool) -> None:
        self._text, self._cut = text, cut
        self._open: _OpenElement | None = None
        self._option: tuple[list[str], bool] | None = None

    def atoms(self) -> Iterator[Atom]:
        at = 0
        for tag in _TAG.finditer(self._text):
            yield from self._read_text(self._text[at : tag.start()])
            at = tag.end()
            yield from self._read_tag(bool(tag[1]), tag[2].lower(), tag[3])
        rest = self._text[at:]
        yield from self._read_text(rest[: rest.find("<")] if self._cut and "<" in rest else rest)
        if self._open and not self._cut:
            yield from self._close()

    def _read_text(self, text: str) -> Iterator[str]:
        return self._read_words(tokens(unescape(text)))

    def _read_words(self, words: tuple[str, ...]) -> Iterator[str]:
        if self._option is not None:
            self._option[0].extend(words)
        elif self._open is not None:
            self._open.words.extend(words)
        else:
            yield from words

    def _read_tag(self, closing: bool, tag: str, rest: str) -> Iterator[Atom]:
        if tag == "option":
            self._end_option()
            if not closing:
                self._option = ([], "selected" in rest.lower())
            return
        open_element = self._open
        if closing:
            if open_element and open_element.tag == tag:
                open_element.inside -= 1
                if open_element.inside < 0:
                    self._end_option()
                    yield from self._close()
            return
        item = parse_element(tag, rest)
        if item is None:
            yield from self._read_words(spoken_words(tag, rest))
        alone = tag in _VOID or rest.rstrip().endswith("/")
        if item is None:
            if open_element and open_element.tag == tag and not alone:
                open_element.inside += 1
            return
        if open_element:
            self._end_option()
            yield from self._close()
        if alone:
            yield item
        else:
            self._open = _OpenElement(tag, item)

    def _end_option(self) -> None:
        if self._option is not None and self._open is not None:
            self._open.options.append((tuple(self._option[0]), self._option[1]))
        self._option = None

    def _close(self) -> Iterator[PageElement]:
        open_element, self._open = self._open, None
        if open_element is not None:
            i = open_element.item
            yield PageElement(
                i.number, i.role, i.meta, tuple(open_element.words), i.value, i.flags, tuple(open_element.options)
            )


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
    return Page(tuple(atoms), outside=" ".join(outside), has_page=bool(atoms))


def _branch(line: re.Match[str]) -> PageElement:
    now, has_options, options = line[4].partition("options:")
    before, has_value, value = now.partition("value=")
    words = value.split() if has_value else []
    if len(words) and words[0][:1] == '"' and (quoted := re.match(r'\s*"([^"]*)"(.*)', value)):
        words = [*quoted[1].split(), *quoted[2].split()]
    flags = {w.lower() for w in before.split()} & FLAGS
    while words and words[-1].lower() in FLAGS:
        flags.add(words.pop().lower())
    options_items = ((tokens(options), False),) if has_options else ()
    return PageElement(
        int(line[1]), line[2].lower(), frozenset(), tokens(line[3]), tuple(words), frozenset(flags), options_items
    )


def _segments(text: str) -> Page:
    parts = re.split(r"\[SEP\]", text, flags=re.I)
    parts = [p for p in text.split("\n") if p.strip()] if len(parts) == 1 else parts
    return Page(tuple(t for p in parts for t in tokens(p)), has_page=len(parts) > 1)


def _question(text: str) -> Page:
    """Mind2Web's multiple choice: the page between quotes, then previous actions and choices."""
    parts = text.split("'''")
    if len(parts) < 3:
        return Page(tokens(text), outside=text, has_page=False)
    page = _html(parts[1], False)
    tail = "'''".join(parts[2:])
    return Page((*page.atoms, *tokens(re.sub(r"[<>/=\"]", " ", tail))), outside=parts[0].strip(), has_page=True)


def pages_agree(true: Page, claim: Page) -> bool:
    """Whether a claimed page says the same as the true one; if a page is cut, up to the cut."""
    if None not in (true.title, claim.title) and (true.title != claim.title or true.url != claim.url):
        return False
    if not true.cut:
        return true.atoms == claim.atoms
    common = min(len(true.atoms), len(claim.atoms))
    enough = len(claim.atoms) > len(true.atoms) or (claim.cut and common >= 0.8 * len(true.atoms))
    return enough and true.atoms[:common] == claim.atoms[:common]

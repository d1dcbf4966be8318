"""The expert's way through a site: the next move, from the state and the page alone, so that a plan goes on where it was left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simenv.errors import InvalidAction
from simenv.types import Action, Move

from .document import Document, Element, kind
from .goal import assign, matches
from .site import Request
from .tab import target
from .thoughts import Voice
from .webshop import alike, colour, reward
from .world import Web

_DEPTH = 3
"""Clicks that are looked ahead for a page."""
_PATIENCE = 30
"""Results that are read before another search is tried."""
_FILLERS = {"email": "guest@example.org", "number": "1", "date": "2030-01-15"}
"""What a required field gets about which the goal says nothing."""


class Stuck(Exception):
    """The goal cannot be reached from here."""


class Policy:
    """Made for one world; reads it, and never acts in it."""

    def __init__(self, world: Web, voice: Voice) -> None:
        self.world, self.goal, self.say = world, world.task.goal, voice
        self.site, self.judge = world.tab.site, world.judge()

    @property
    def document(self) -> Document:
        return self.world.tab.document

    @property
    def state(self) -> dict[str, Any]:
        return self.world.tab.state

    def next(self) -> Move:
        """The next move. Stuck where there is none."""
        if "webshop" in self.goal:
            return self._shop()
        if (undo := self._undo()) is not None:
            return undo
        if (user := self.goal.get("user")) and self.state["user"] != user:
            return self._log_in(user)
        for wanted, at in zip(self.judge.wanted, self.judge.reached(self.state), strict=True):
            if at is None:
                return self._achieve(wanted["table"], wanted["match"])
        if "answer" in self.goal and (find := self._look_up()) is not None:
            return find
        text = self.goal.get("answer", {"text": "done"})
        answer = str(text["text"]) if "text" in text else f"{text['number']:g}"
        return self.say.answer(answer, asked="answer" in self.goal)

    # Records.

    def _undo(self) -> Move | None:
        """Cancel what nobody asked for, where the site lets one."""
        begun = self.judge.begun
        for table, record in self.judge.unasked(self.state):
            if any(f.get("replaces") and f["into"] == table for f in self.site.forms.values()):
                continue
            if not self.site.tables.get(table, {}).get("cancel") or record.get("id") in {r.get("id") for r in begun[table]}:
                raise Stuck(f"{table} {record.get('id')} cannot be undone")
            return self._cancel(table, str(record["id"]), "wrong")
        return None

    def _cancel(self, table: str, id: str, why: str) -> Move:
        if self.document.url != f"/records/{table}":
            return self._go(f"/records/{table}")
        return self._click(self._named(f"Cancel {id}"), f"cancel {why}", id)

    def _achieve(self, table: str, match: Mapping[str, Any]) -> Move:
        if match.get("status") == "cancelled" and "id" in match:
            return self._cancel(table, str(match["id"]), "asked")
        if "items" in match:
            return self._order(match)
        if self.site.catalogue is not None and self.site.order["into"] == table and "item" in match:
            return self._take(match)
        for name, form in self.site.forms.items():
            if form["into"] == table:
                path = f"/form/{name}"
                return self._fill(path, match) if self._at(path) else self._go(path)
        raise Stuck(f"nothing writes to {table}")

    def _order(self, match: Mapping[str, Any]) -> Move:
        cart, wanted = self.state["cart"], list(match["items"])
        for n, line in enumerate(cart):
            if not any(matches(w, line) for w in wanted) or sum(x == line for x in cart[: n + 1]) > 1:
                if not self._at("/cart"):
                    return self._go("/cart")
                removes = [e for e in self.document.elements if e.label.startswith("Remove ") and e.role == "button"]
                return self._click(removes[n], "remove", removes[n].label.removeprefix("Remove "))
        for one in wanted:
            if assign([one], cart) is None:
                return self._take(one)
        if self._at("/checkout"):
            return self._fill("/checkout", match)
        return self._go("/checkout" if self._at("/cart") else "/cart")

    # Items.

    def _take(self, match: Mapping[str, Any]) -> Move:
        path = f"/item/{match['item']}"
        return self._fill(path, {**match, **match.get("options", {})}) if self._at(path) else self._find(match["item"])

    def _find(self, id: str) -> Move:
        assert self.site.catalogue is not None
        item = self.site.catalogue.items.get(id)
        if item is None:
            raise Stuck(f"there is no item {id}")
        via = {k: v for k, v in self.goal.get("via", {}).items() if v} if len(self.goal.get("records", ())) < 2 else {}
        ready = not via or self._shows(via)
        if ready and (link := self._link(f"/item/{id}")) is not None:
            return self._click(link, "open", item["title"], price=item["price"])
        if self._shows(via or {"q": item["title"]}):
            return self._click(self._named("Next >"), "next page", item["title"])
        if not via:
            return self.say.search(item["title"])
        if not self._at("/search"):
            return self.say.search(via["q"]) if "q" in via else self._go("/search")
        return self._filter(via)

    def _shows(self, via: Mapping[str, str]) -> bool:
        """Whether the page lists what was searched for in this way."""
        asked = dict(parse_qsl(urlsplit(self.document.url).query))
        return self._at("/search") and {k: v for k, v in asked.items() if k != "page"} == dict(via)

    def _filter(self, via: Mapping[str, str]) -> Move:
        asked = dict(parse_qsl(urlsplit(self.document.url).query)).get("q", "")
        if asked != via.get("q", ""):
            return self.say.search(via["q"]) if "q" in via else self._go("/search")
        boxes = [e for e in self.document.elements if e.form >= 0 and e.role in ("combobox", "textbox")]
        for box in boxes:
            name = box.node.attributes.get("name", "")
            if self.document.value(box.node) != (wanted := via.get(name, "")):
                return self._set(box, wanted)
        return self._click(self._named("Apply"), "apply", "")

    def _look_up(self) -> Move | None:
        """Open the page that tells the answer; None on it."""
        about = self.goal.get("about", "")
        if not about or self._at(about):
            return None
        if about.startswith("/item/"):
            return self._find(about.removeprefix("/item/"))
        return self._go(about)

    # Forms.

    def _log_in(self, user: str) -> Move:
        if self.site.login is None:
            raise Stuck("there is nothing to log in to")
        if self.state["user"]:
            return self._click(self._named("Log out"), "log out", "")
        name, secret = self.site.login["by"]
        account = next((r for r in self.state["tables"][self.site.login["table"]] if r.get(name) == user), None)
        if account is None:
            raise Stuck(f"there is no account {user}")
        return self._fill("/login", {name: user, secret: account[secret]}) if self._at("/login") else self._go("/login")

    def _fill(self, path: str, wanted: Mapping[str, Any]) -> Move:
        """The next field of a form that is not as it shall be; its button when all are."""
        forms = [f.attributes.get("action") for f in self.document.skeleton.forms]
        if path not in forms:
            raise Stuck(f"{path} has no form")
        mine = [e for e in self.document.elements if e.form == forms.index(path)]
        for element in mine:
            if (move := self._correct(element, wanted)) is not None:
                return move
        return self._click(next(e for e in mine if e.role == "button"), "submit", "")

    def _correct(self, element: Element, wanted: Mapping[str, Any]) -> Move | None:
        """How to bring one control to what is wanted; None where it is."""
        name, what = element.node.attributes.get("name", ""), kind(element.node) if element.control >= 0 else ""
        now = self.document.value(element.node) if element.control >= 0 else ""
        aim = wanted.get(name)
        if what == "radio":
            other = [e for e in self.document.elements if e.form == element.form and e.node.attributes.get("name") == name]
            if aim is None and not any(self.document.value(e.node) for e in other):
                aim = element.node.attributes.get("value")
            chosen = aim is not None and element.node.attributes.get("value") == str(aim)
            return self._click(element, "tick", element.label) if chosen and not now else None
        if what == "checkbox":
            return self._click(element, "tick", element.label) if isinstance(aim, bool) and aim != now else None
        if what in ("", "submit", "button", "reset"):
            return None
        if aim is None:
            if now or not self._needed(element):
                return None
            aim = element.options()[-1][0] if what == "select" else _FILLERS.get(what, "none")
        return self._set(element, str(aim)) if str(aim) != now else None

    def _needed(self, element: Element) -> bool:
        """Whether the site refuses the form without this field."""
        path = self.document.skeleton.forms[element.form].attributes.get("action", "")
        name = element.node.attributes.get("name", "")
        known: Iterable[Mapping[str, Any]] = ()
        if path.startswith("/form/"):
            known = self.site.forms[path.removeprefix("/form/")]["fields"]
        elif path == "/checkout":
            known = self.site.spec["checkout"]["fields"]
        elif path.startswith("/item/"):
            return True
        return any(f["name"] == name and f.get("required", True) for f in known)

    def _set(self, element: Element, wanted: str) -> Move:
        if element.role == "combobox":
            label = next((text for v, text in element.options() if v == wanted), None)
            if label is None:
                raise Stuck(f"{element.label} cannot be {wanted!r}")
            return self.say.select(self._ref(element), element.label, label)
        return self.say.type(self._ref(element), element.label, wanted)

    # WebShop.

    def _shop(self) -> Move:
        if self.state["tables"]["orders"]:
            raise Stuck("something was bought already")
        id, options = self._aim()
        asked = dict(parse_qsl(urlsplit(self.document.url).query))
        if not self._at(f"/item/{id}"):
            if self._at("/search"):
                if (link := self._link(f"/item/{id}")) is not None:
                    return self._click(link, "open", link.label, price=self._item(id)["price"])
                if asked.get("q") == self._query(id) and any(e.label == "Next >" for e in self.document.elements):
                    return self._click(self._named("Next >"), "next page", "")
            if self._at("/"):
                return self.say.search(self._query(id))
            return self._click(self._named("Back to Search"), "back to search", "")
        if asked.get("tab"):
            return self._click(self._named("< Prev"), "back", "")
        for name, wanted in options.items():
            if asked.get(f"o.{name}") != wanted:
                path = {(target(self.document, e.node.attributes["href"]) or ""): e for e in self._links()}
                link = next(e for to, e in path.items() if dict(parse_qsl(urlsplit(to).query)).get(f"o.{name}") == wanted and e.label == wanted)
                return self._click(link, "option", f"{wanted} for {name}")
        return self._click(self._named("Buy Now"), "buy", "")

    def _item(self, id: str) -> dict[str, Any]:
        assert self.site.catalogue is not None
        return self.site.catalogue.items[id]

    def _query(self, id: str) -> str:
        """What somebody would search for who knows only what the instruction says."""
        goal, item = self.goal["webshop"], self._item(id)
        assert self.site.catalogue is not None
        query = " ".join([goal["query"], *goal["attributes"]])
        found = [i["id"] for i in self.site.catalogue.find({"q": query})]
        return query if goal["query"] and id in found[:_PATIENCE] else " ".join(item["title"].split()[:8])

    def _aim(self) -> tuple[str, dict[str, str]]:
        """The item, and the options, that earn the whole reward."""
        goal, nouns = self.goal["webshop"], self.judge.nouns
        items = list(self.site.catalogue.items.values()) if self.site.catalogue else []
        for item in sorted(items, key=lambda i: i["title"] != goal["name"]):
            options = {
                name: fit
                for name, values in item.get("options", {}).items()
                if (fit := next((v for g in goal["options"] for v in values if alike(colour(v), colour(g))), None))
            }
            if reward(item, {"price": item["price"], "options": options}, goal, nouns).reward >= 1.0:
                return item["id"], options
        raise Stuck("nothing on sale earns the whole reward")

    # Ways.

    def _at(self, path: str) -> bool:
        return self.document.url.partition("?")[0] == path

    def _links(self) -> list[Element]:
        return [e for e in self.document.elements if e.role == "link" and "href" in e.node.attributes]

    def _link(self, path: str) -> Element | None:
        """A link on this page that leads to a path, whatever its query."""
        return next((e for e in self._links() if _leads(self.document, e).partition("?")[0] == path), None)

    def _named(self, label: str) -> Element:
        found = next((e for e in self.document.elements if e.label == label), None)
        if found is None:
            raise Stuck(f"there is no {label!r} here")
        return found

    def _go(self, path: str) -> Move:
        """One click nearer to a page: a link to it, or to a page from which one leads there."""
        if (link := self._link(path)) is not None:
            return self._click(link, "go", link.label)
        first = {to: e for e in reversed(self._links()) if (to := _leads(self.document, e))}
        reached, seen = {to: e for to, e in reversed(first.items())}, set(first)
        for _ in range(_DEPTH):
            further: dict[str, Element] = {}
            for url, start in reached.items():
                if url.startswith(("/item/", "/search?")):
                    continue
                page = self._page(url)
                for e in page.elements:
                    to = _leads(page, e) if e.role == "link" else ""
                    if to.partition("?")[0] == path:
                        return self._click(start, "go on", start.label)
                    if to and to not in seen:
                        seen.add(to)
                        further[to] = start
            reached = further
        raise Stuck(f"no link leads to {path}")

    def _page(self, url: str) -> Document:
        answer, _ = self.site.handle(self.state, Request.of("GET", url))
        return Document.read(answer.html, url)

    def _click(self, element: Element, why: str, what: str, **more: Any) -> Move:
        action = Action(name="click", arguments={"element": self._ref(element)})
        return Move(thought=self.say.click(why, what, element.label, **more), action=action)

    def _ref(self, element: Element) -> int | str:
        """An element's number; in WebShop's view, which shows none, what is written on it."""
        if self.world.options.observe != "text":
            return element.number
        same = next(e for e in self.document.elements if e.label.casefold() == element.label.casefold())
        return element.label if same is element and not element.label.isdecimal() else element.number


def _leads(document: Document, element: Element) -> str:
    """Where a link leads; '' where it leads nowhere on this site."""
    try:
        return target(document, element.node.attributes.get("href", "#")) or ""
    except InvalidAction:
        return ""



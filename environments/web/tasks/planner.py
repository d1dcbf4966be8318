"""The expert: the next move towards a goal, from state and page alone, so that a plan goes on where it was left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simenv.types import Move

from ..engine.document import Element, kind
from ..engine.goal import assign_matches, matches
from .navigation import Navigator, Unreachable
from .webshop_planner import WebshopPlanner

_FILLERS = {"email": "guest@example.org", "number": "1", "date": "2030-01-15"}
"""What a required field gets about which the goal says nothing."""


class Planner(Navigator):
    """Undoes what was not asked for, logs in, brings about each record, looks up the answer."""

    def next(self) -> Move:
        """The next move. Stuck where there is none."""
        if "webshop" in self.goal:
            return WebshopPlanner(self.world, self.say).next()
        if (undo := self._undo()) is not None:
            return undo
        if (user := self.goal.get("user")) and self.state["user"] != user:
            return self._log_in(user)
        for wanted, at in zip(self.grader.expected_records, self.grader.matching_records(self.state), strict=True):
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
        begun = self.grader.initial_tables
        for table, record in self.grader.unrequested_records(self.state):
            if any(f.get("replaces") and f["into"] == table for f in self.site.forms.values()):
                continue
            if not self.site.tables.get(table, {}).get("cancel") or record.get("id") in [
                r.get("id") for r in begun[table]
            ]:
                raise Unreachable(f"{table} {record.get('id')} cannot be undone")
            return self._cancel(table, str(record["id"]), "wrong")
        return None

    def _cancel(self, table: str, id: str, why: str) -> Move:
        if self.document.url != f"/records/{table}":
            return self.go(f"/records/{table}")
        return self.click(self.named(f"Cancel {id}"), f"cancel {why}", id)

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
                return self._fill(path, match) if self.at(path) else self.go(path)
        raise Unreachable(f"nothing writes to {table}")

    def _order(self, match: Mapping[str, Any]) -> Move:
        cart, wanted = self.state["cart"], list(match["items"])
        for n, line in enumerate(cart):
            if not any(matches(w, line) for w in wanted) or sum(x == line for x in cart[: n + 1]) > 1:
                if not self.at("/cart"):
                    return self.go("/cart")
                removes = [e for e in self.document.elements if e.label.startswith("Remove ") and e.role == "button"]
                return self.click(removes[n], "remove", removes[n].label.removeprefix("Remove "))
        for one in wanted:
            if assign_matches([one], cart) is None:
                return self._take(one)
        if self.at("/checkout"):
            return self._fill("/checkout", match)
        return self.go("/checkout" if self.at("/cart") else "/cart")

    # Items.

    def _take(self, match: Mapping[str, Any]) -> Move:
        path = f"/item/{match['item']}"
        return self._fill(path, {**match, **match.get("options", {})}) if self.at(path) else self._find(match["item"])

    def _find(self, id: str) -> Move:
        item = self.site.catalogue.items.get(id) if self.site.catalogue else None
        if item is None:
            raise Unreachable(f"there is no item {id}")
        via = {k: v for k, v in self.goal.get("via", {}).items() if v} if len(self.goal.get("records", ())) < 2 else {}
        ready = not via or self._shows(via)
        if ready and (link := self.link(f"/item/{id}")) is not None:
            return self.click(link, "open", item["title"], price=item["price"])
        if self._shows(via or {"q": item["title"]}):
            return self.click(self.named("Next >"), "next page", item["title"])
        if not via:
            return self.search(item["title"])
        if not self.at("/search"):
            return self.search(via["q"]) if "q" in via else self.go("/search")
        return self._filter(via)

    def _shows(self, via: Mapping[str, str]) -> bool:
        """Whether the page lists what was searched for in this way."""
        asked = dict(parse_qsl(urlsplit(self.document.url).query))
        return self.at("/search") and {k: v for k, v in asked.items() if k != "page"} == dict(via)

    def _filter(self, via: Mapping[str, str]) -> Move:
        asked = dict(parse_qsl(urlsplit(self.document.url).query)).get("q", "")
        if asked != via.get("q", ""):
            return self.search(via["q"]) if "q" in via else self.go("/search")
        boxes = [e for e in self.document.elements if e.form >= 0 and e.role in ("combobox", "textbox")]
        for box in boxes:
            name = box.node.attributes.get("name", "")
            if self.document.value(box.node) != (wanted := via.get(name, "")):
                return self._set(box, wanted)
        return self.click(self.named("Apply"), "apply", "")

    def _look_up(self) -> Move | None:
        """Open the page that tells the answer; None on it."""
        about = self.goal.get("about", "")
        if not about or self.at(about):
            return None
        if about.startswith("/item/"):
            return self._find(about.removeprefix("/item/"))
        return self.go(about)

    # Forms.

    def _log_in(self, user: str) -> Move:
        if self.site.login is None:
            raise Unreachable("there is nothing to log in to")
        if self.state["user"]:
            return self.click(self.named("Log out"), "log out", "")
        name, secret = self.site.login["by"]
        account = next((r for r in self.state["tables"].get(self.site.login["table"], ()) if r.get(name) == user), None)
        if account is None:
            raise Unreachable(f"there is no account {user}")
        return (
            self._fill("/login", {name: user, secret: account.get(secret, "")})
            if self.at("/login")
            else self.go("/login")
        )

    def _fill(self, path: str, wanted: Mapping[str, Any]) -> Move:
        """The next field of a form that is not as it shall be; its button when all are."""
        forms = [f.attributes.get("action") for f in self.document.skeleton.forms]
        if path not in forms:
            raise Unreachable(f"{path} has no form")
        mine = [e for e in self.document.elements if e.form == forms.index(path)]
        for element in mine:
            if (move := self._correct(element, wanted)) is not None:
                return move
        return self.click(next(e for e in mine if e.role == "button"), "submit", "")

    def _correct(self, element: Element, wanted: Mapping[str, Any]) -> Move | None:
        """How to bring one control to what is wanted; None where it is."""
        name, what = element.node.attributes.get("name", ""), kind(element.node) if element.control >= 0 else ""
        now = self.document.value(element.node) if element.control >= 0 else ""
        aim = wanted.get(name)
        if what == "radio":
            other = [
                e for e in self.document.elements if e.form == element.form and e.node.attributes.get("name") == name
            ]
            if aim is None and not any(self.document.value(e.node) for e in other):
                aim = element.node.attributes.get("value")
            chosen = aim is not None and element.node.attributes.get("value") == str(aim)
            return self.click(element, "tick", element.label) if chosen and not now else None
        if what == "checkbox":
            return self.click(element, "tick", element.label) if isinstance(aim, bool) and aim != now else None
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
                raise Unreachable(f"{element.label} cannot be {wanted!r}")
            return self.say.select(self.ref(element), element.label, label)
        return self.say.type(self.ref(element), element.label, wanted)

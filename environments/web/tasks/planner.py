"""The expert's next move towards a goal. It depends on state and page alone, so a plan can go on from anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simenv.types import Move

from ..engine.document import Element, kind
from ..engine.goal import assign_matches, matches
from .miniwob_tasks import EpisodePlanner
from .navigation import Navigator, Unreachable
from .recorded_planner import RecordedPlanner
from .webshop_planner import WebshopPlanner

_FILLERS = {"email": "guest@example.org", "number": "1", "date": "2030-01-15"}
"""Values for required fields that the goal does not mention, by type of control."""


class Planner(Navigator):
    """Cancels unrequested records, logs in, creates each expected record, looks up the answer."""

    def next(self) -> Move:
        """The next move; Unreachable if there is none."""
        if "webshop" in self.goal:
            return WebshopPlanner(self.world, self.thoughts).next()
        if "reward" in self.goal:
            return EpisodePlanner(self.world, self.thoughts).next()
        if "steps" in self.goal:
            return RecordedPlanner(self.world, self.thoughts).next()
        if (undo := self._undo()) is not None:
            return undo
        if (user := self.goal.get("user")) and self.state["user"] != user:
            return self._log_in(user)
        for record, index in zip(self.grader.expected_records, self.grader.matching_records(self.state), strict=True):
            if index is None:
                return self._create_record(record["table"], record["match"])
        if "answer" in self.goal and (find := self._open_answer_page()) is not None:
            return find
        text = self.goal.get("answer", {"text": "done"})
        answer = str(text["text"]) if "text" in text else f"{text['number']:g}"
        return self.thoughts.answer(answer, is_question="answer" in self.goal)

    # Records.

    def _undo(self) -> Move | None:
        """Cancel a record that the goal does not ask for; None if there is none, Unreachable if the site does not allow it."""
        initial_tables = self.grader.initial_tables
        for table, record in self.grader.unrequested_records(self.state):
            if any(f.get("replaces") and f["into"] == table for f in self.site.forms.values()):
                continue
            if not self.site.tables.get(table, {}).get("cancel") or record.get("id") in [
                r.get("id") for r in initial_tables[table]
            ]:
                raise Unreachable(f"{table} {record.get('id')} cannot be undone")
            return self._cancel(table, str(record["id"]), "wrong")
        return None

    def _cancel(self, table: str, id: str, reason: str) -> Move:
        if self.document.url != f"/records/{table}":
            return self.step_towards(f"/records/{table}")
        return self.click(self.find_by_label(f"Cancel {id}"), f"cancel {reason}", id)

    def _create_record(self, table: str, match: Mapping[str, Any]) -> Move:
        if match.get("status") == "cancelled" and "id" in match:
            return self._cancel(table, str(match["id"]), "asked")
        if "items" in match:
            return self._order(match)
        if self.site.catalogue is not None and self.site.order["into"] == table and "item" in match:
            return self._order_item(match)
        for name, form in self.site.forms.items():
            if form["into"] == table:
                path = f"/form/{name}"
                return self._fill(path, match) if self.is_at(path) else self.step_towards(path)
        raise Unreachable(f"nothing writes to {table}")

    def _order(self, match: Mapping[str, Any]) -> Move:
        cart, expected_items = self.state["cart"], list(match["items"])
        for n, line in enumerate(cart):
            if not any(matches(w, line) for w in expected_items) or sum(x == line for x in cart[: n + 1]) > 1:
                if not self.is_at("/cart"):
                    return self.step_towards("/cart")
                removes = [e for e in self.document.elements if e.label.startswith("Remove ") and e.role == "button"]
                return self.click(removes[n], "remove", removes[n].label.removeprefix("Remove "))
        for item in expected_items:
            if assign_matches([item], cart) is None:
                return self._order_item(item)
        if self.is_at("/checkout"):
            return self._fill("/checkout", match)
        return self.step_towards("/checkout" if self.is_at("/cart") else "/cart")

    # Items.

    def _order_item(self, match: Mapping[str, Any]) -> Move:
        path = f"/item/{match['item']}"
        return (
            self._fill(path, {**match, **match.get("options", {})})
            if self.is_at(path)
            else self._open_item(match["item"])
        )

    def _open_item(self, id: str) -> Move:
        item = self.site.catalogue.items.get(id) if self.site.catalogue else None
        if item is None:
            raise Unreachable(f"there is no item {id}")
        via = {k: v for k, v in self.goal.get("via", {}).items() if v} if len(self.goal.get("records", ())) < 2 else {}
        ready = not via or self._shows(via)
        if ready and (link := self.link(f"/item/{id}")) is not None:
            return self.click(link, "open", item["title"], price=item["price"])
        if self._shows(via or {"q": item["title"]}):
            return self.click(self.find_by_label("Next >"), "next page", item["title"])
        if not via:
            return self.search(item["title"])
        if not self.is_at("/search"):
            return self.search(via["q"]) if "q" in via else self.step_towards("/search")
        return self._filter(via)

    def _shows(self, via: Mapping[str, str]) -> bool:
        """Whether the page shows the results of this query."""
        query = dict(parse_qsl(urlsplit(self.document.url).query))
        return self.is_at("/search") and {k: v for k, v in query.items() if k != "page"} == dict(via)

    def _filter(self, via: Mapping[str, str]) -> Move:
        query = dict(parse_qsl(urlsplit(self.document.url).query)).get("q", "")
        if query != via.get("q", ""):
            return self.search(via["q"]) if "q" in via else self.step_towards("/search")
        boxes = [e for e in self.document.elements if e.form >= 0 and e.role in ("combobox", "textbox")]
        for box in boxes:
            name = box.node.attributes.get("name", "")
            if self.document.value(box.node) != (choice := via.get(name, "")):
                return self._set(box, choice)
        return self.click(self.find_by_label("Apply"), "apply", "")

    def _open_answer_page(self) -> Move | None:
        """Go to the page that tells the answer; None on that page."""
        about = self.goal.get("about", "")
        if not about or self.is_at(about):
            return None
        if about.startswith("/item/"):
            return self._open_item(about.removeprefix("/item/"))
        return self.step_towards(about)

    # Forms.

    def _log_in(self, user: str) -> Move:
        if self.site.login is None:
            raise Unreachable("there is nothing to log in to")
        if self.state["user"]:
            return self.click(self.find_by_label("Log out"), "log out", "")
        name, secret = self.site.login["by"]
        account = next((r for r in self.state["tables"].get(self.site.login["table"], ()) if r.get(name) == user), None)
        if account is None:
            raise Unreachable(f"there is no account {user}")
        return (
            self._fill("/login", {name: user, secret: account.get(secret, "")})
            if self.is_at("/login")
            else self.step_towards("/login")
        )

    def _fill(self, path: str, values: Mapping[str, Any]) -> Move:
        """Correct the next wrong field of a form, or click its button if all are right."""
        forms = [f.attributes.get("action") for f in self.document.skeleton.forms]
        if path not in forms:
            raise Unreachable(f"{path} has no form")
        elements = [e for e in self.document.elements if e.form == forms.index(path)]
        for element in elements:
            if (move := self._correct(element, values)) is not None:
                return move
        return self.click(next(e for e in elements if e.role == "button"), "submit", "")

    def _correct(self, element: Element, values: Mapping[str, Any]) -> Move | None:
        """Set one control to its value; None if it has it already."""
        name, control_type = element.node.attributes.get("name", ""), kind(element.node) if element.control >= 0 else ""
        value = self.document.value(element.node) if element.control >= 0 else ""
        target = values.get(name)
        if control_type == "radio":
            group = [
                e for e in self.document.elements if e.form == element.form and e.node.attributes.get("name") == name
            ]
            if target is None and not any(self.document.value(e.node) for e in group):
                target = element.node.attributes.get("value")
            is_target = target is not None and element.node.attributes.get("value") == str(target)
            return self.click(element, "tick", element.label) if is_target and not value else None
        if control_type == "checkbox":
            return self.click(element, "tick", element.label) if isinstance(target, bool) and target != value else None
        if control_type in ("", "submit", "button", "reset"):
            return None
        if target is None:
            if value or not self._is_required(element):
                return None
            target = element.options()[-1][0] if control_type == "select" else _FILLERS.get(control_type, "none")
        return self._set(element, str(target)) if str(target) != value else None

    def _is_required(self, element: Element) -> bool:
        """Whether the site refuses the form if this field is empty."""
        path = self.document.skeleton.forms[element.form].attributes.get("action", "")
        name = element.node.attributes.get("name", "")
        fields: Iterable[Mapping[str, Any]] = ()
        if path.startswith("/form/"):
            fields = self.site.forms[path.removeprefix("/form/")]["fields"]
        elif path == "/checkout":
            fields = self.site.spec["checkout"]["fields"]
        elif path.startswith("/item/"):
            return True
        return any(f["name"] == name and f.get("required", True) for f in fields)

    def _set(self, element: Element, value: str) -> Move:
        if element.role == "combobox":
            label = next((text for v, text in element.options() if v == value), None)
            if label is None:
                raise Unreachable(f"{element.label} cannot be {value!r}")
            return self.thoughts.select(self.reference(element), element.label, label)
        return self.thoughts.type(self.reference(element), element.label, value)

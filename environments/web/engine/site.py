"""The site itself: a pure function of state and request. Both browsers talk to it, so the truth lies in one place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from . import form_fields, pages
from .catalogue import Catalogue
from .markup import Markup, href

State = dict[str, Any]
"""JSON: `tables` (records by table), `cart`, `user`, `note` (what the last form sent was answered), `serial`, `done`."""
ORIGIN = "https://site.example"
"""Where the site lies; nothing else exists."""
MOST_LINES = 100
"""Lines of a cart and records of a table; what comes after is refused."""


@dataclass(frozen=True)
class Request:
    """One request. `path` holds no query; of a name given twice the last value counts."""

    method: str
    path: str
    query: Mapping[str, str]
    data: Mapping[str, str]

    @classmethod
    def of(cls, method: str, url: str, body: str = "") -> Request:
        """From a URL of the site and a body as forms send it."""
        parts = urlsplit(url)
        return cls(method, parts.path or "/", _pairs(parts.query), _pairs(body))


def _pairs(text: str) -> dict[str, str]:
    return dict(parse_qsl(text[:100_000], keep_blank_values=True, errors="replace", max_num_fields=None))


class Response(NamedTuple):
    """`location` is set where the browser is to go elsewhere; otherwise there is a page."""

    status: int
    html: str = ""
    location: str = ""


def seen(location: str) -> Response:
    """Where to look after something was sent."""
    return Response(303, location=location)


class Site:
    """A site made from a spec. GET changes nothing; POST answers with where to look."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.spec = spec
        self.forms: dict[str, dict[str, Any]] = dict(spec.get("forms", {}))
        self.tables: dict[str, dict[str, Any]] = dict(spec.get("tables", {}))
        self.login: dict[str, Any] | None = spec.get("login")
        self.webshop = spec.get("layout") == "webshop"
        self.headers: dict[Any, Markup] = {}
        """headers written already, by what they depend on"""

    @cached_property
    def catalogue(self) -> Catalogue | None:
        return Catalogue(self.spec["catalogue"]) if "catalogue" in self.spec else None

    @cached_property
    def order(self) -> dict[str, Any]:
        """How an item is taken: fields, label of the button, and where it goes (`cart` or a table)."""
        given = self.spec.get("catalogue", {}).get("order", {})
        return {"submit": "Add to cart", "into": "cart", "fields": [], **given}

    @property
    def sells(self) -> bool:
        """Whether there is a cart."""
        return self.catalogue is not None and self.order["into"] == "cart" and not self.webshop

    def item_fields(self, item: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The fields of the form on an item's page: its options, then what every item asks."""
        options = [form_fields.option_field(n, v) for n, v in item.get("options", {}).items()]
        return [*options, *self.order["fields"]]

    def start(self) -> State:
        """The state that a new visitor finds."""
        names = {*self.tables, *(f["into"] for f in self.forms.values())}
        names |= {"orders"} if self.sells or self.webshop else set()
        names |= {self.order["into"]} - {"cart"} if self.catalogue else set()
        tables = {n: json.loads(json.dumps(self.tables.get(n, {}).get("records", []))) for n in sorted(names)}
        user = self.spec.get("user", "")
        return {"tables": tables, "cart": [], "user": user, "note": {}, "serial": 0, "done": False}

    def handle(self, state: State, request: Request) -> tuple[Response, State]:
        """The answer to a request, and the state after it; the state before it is left as it is."""
        parts = [p for p in request.path.split("/") if p]
        head, rest = (parts[0] if parts else ""), parts[1:]
        if request.method == "GET":
            return self._page(state, request, head, rest), state
        act = self._acts.get(head)
        after: State = json.loads(json.dumps(state))
        after["note"] = {}
        answer = act(after, rest, request.data) if act and request.method == "POST" else None
        return (answer, after) if answer is not None else (seen("/missing"), state)

    def _page(self, state: State, request: Request, head: str, rest: list[str]) -> Response:
        show = pages.ROUTES.get(head)
        if show is not None and self._private(head, rest) and not state["user"]:
            return seen("/login")
        html = show(self, state, request, *rest[:1]) if show and len(rest) <= 1 else None
        return Response(200, html) if html is not None else Response(404, pages.missing(self, state))

    def _private(self, head: str, rest: list[str]) -> bool:
        if not self.login:
            return False
        kept = {"form": self.forms, "records": self.tables}.get(head, {})
        found = kept.get(rest[0], {}) if rest else {}
        return bool(found.get("private")) or (head == "checkout" and bool(self.spec["checkout"].get("private")))

    # What can be sent. Each changes the state it gets; None where there is nothing of the kind.

    @cached_property
    def _acts(self) -> dict[str, Callable[[State, list[str], Mapping[str, str]], Response | None]]:
        return {
            "item": self._take,
            "cart": self._remove,
            "checkout": self._checkout,
            "form": self._send,
            "records": self._cancel,
            "login": self._log_in,
            "logout": self._log_out,
        }

    def _take(self, state: State, rest: list[str], data: Mapping[str, str]) -> Response | None:
        item = self.catalogue.items.get(rest[0]) if self.catalogue and len(rest) == 1 else None
        if item is None:
            return None
        if self.webshop:
            return self._buy(state, item, data)
        asked = self.item_fields(item)
        values, errors = form_fields.read(asked, data)
        into = state["cart"] if self.order["into"] == "cart" else state["tables"][self.order["into"]]
        if item.get("stock", 1) < 1 or len(into) >= MOST_LINES:
            errors["*"] = "Sorry, this is not available any more."
        if errors:
            return self._again(state, f"/item/{item['id']}", asked, data, errors)
        options = {n: values.pop(n) for n in item.get("options", {})}
        line = {"item": item["id"], "price": item["price"], "options": options, **values}
        if self.sells:
            count = line.get("quantity")
            state["cart"].append({**line, "quantity": count if isinstance(count, int) and count > 0 else 1})
            return seen("/cart")
        return self._record(state, self.order["into"], line, "order")

    def _buy(self, state: State, item: Mapping[str, Any], data: Mapping[str, str]) -> Response:
        offered = item.get("options", {})
        options = {n: data[f"o.{n}"] for n, values in offered.items() if data.get(f"o.{n}") in values}
        line = {"item": item["id"], "options": options, "price": item["price"]}
        state["done"] = True
        return self._record(state, "orders", line, "order")

    def _remove(self, state: State, rest: list[str], data: Mapping[str, str]) -> Response | None:
        line = data.get("line", "")
        if not self.sells or not line.isdecimal() or int(line) >= len(state["cart"]):
            return None
        del state["cart"][int(line)]
        return seen("/cart")

    def _checkout(self, state: State, rest: list[str], data: Mapping[str, str]) -> Response | None:
        form = self.spec.get("checkout")
        if form is None or not self.sells:
            return None
        if form.get("private") and self.login and not state["user"]:
            return seen("/login")
        values, errors = form_fields.read(form["fields"], data)
        if not state["cart"]:
            errors["*"] = "Your cart is empty."
        if errors:
            return self._again(state, "/checkout", form["fields"], data, errors)
        lines, state["cart"] = state["cart"], []
        total = round(sum(x["price"] * x["quantity"] for x in lines), 2)
        return self._record(state, "orders", {"items": lines, "total": total, **values}, "checkout")

    def _send(self, state: State, rest: list[str], data: Mapping[str, str]) -> Response | None:
        name = rest[0] if len(rest) == 1 else ""
        form = self.forms.get(name)
        if form is None:
            return None
        if self._private("form", rest) and not state["user"]:
            return seen("/login")
        values, errors = form_fields.read(form["fields"], data)
        table, unique = state["tables"][form["into"]], form.get("unique")
        if unique in values and unique not in errors and any(_same(r.get(unique), values[unique]) for r in table):
            errors[unique] = "This is taken already."
        if errors:
            return self._again(state, f"/form/{name}", form["fields"], data, errors)
        if form.get("replaces") and table:
            table[0].update(values)
            return seen(href(f"/thanks/{name}"))
        return self._record(state, form["into"], values, name)

    def _record(self, state: State, table: str, values: dict[str, Any], thanks: str) -> Response:
        if len(state["tables"][table]) >= MOST_LINES:
            return seen("/")
        state["serial"] += 1
        id = f"N{1000 + state['serial']}"
        state["tables"][table].append({"id": id, **values, "status": "confirmed"})
        return seen(href(f"/thanks/{thanks}", {"id": id}))

    def _cancel(self, state: State, rest: list[str], data: Mapping[str, str]) -> Response | None:
        table = self.tables.get(rest[0]) if len(rest) == 1 else None
        if table is None or not table.get("cancel"):
            return None
        if self._private("records", rest) and not state["user"]:
            return seen("/login")
        for record in state["tables"][rest[0]]:
            if record.get("id") == data.get("id") and record.get("status") != "cancelled":
                record["status"] = "cancelled"
                return seen(f"/records/{rest[0]}")
        return None

    def _log_in(self, state: State, rest: list[str], data: Mapping[str, str]) -> Response | None:
        if self.login is None or rest:
            return None
        name, secret = self.login["by"]
        for record in state["tables"].get(self.login["table"], ()):
            if data.get(name) and record.get(name) == data[name] and record.get(secret) == data.get(secret):
                state["user"] = data[name]
                return seen("/")
        errors = {"*": "This name and password do not belong together."}
        return self._again(state, "/login", pages.login_fields(self), data, errors)

    def _log_out(self, state: State, rest: list[str], data: Mapping[str, str]) -> Response | None:
        if self.login is None or rest:
            return None
        state["user"] = ""
        return seen("/")

    @staticmethod
    def _again(
        state: State, path: str, asked: list[dict[str, Any]], data: Mapping[str, str], errors: Mapping[str, str]
    ) -> Response:
        """Back to the form, with what was sent and what is wrong with it. Passwords are not sent back."""
        kept = {f["name"]: data.get(f["name"], "")[: form_fields.LONGEST] for f in asked if f["kind"] != "password"}
        state["note"] = {"at": path, "values": kept, "errors": dict(errors)}
        return seen(path)


def _same(a: Any, b: Any) -> bool:
    return str(a).casefold() == str(b).casefold()

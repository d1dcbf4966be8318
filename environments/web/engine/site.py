"""A site built from a spec: what it sells, its forms and tables, and the state of a new visit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from . import form_fields
from .catalogue import Catalogue
from .markup import Markup

State = dict[str, Any]
"""JSON: `tables` (records by table), `cart`, `user`, `note` (values and errors of the form refused last), `serial`, `done`."""


class Site:
    """What a spec defines. It never changes; a visit's state is passed around beside it."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.spec = spec
        self.forms: dict[str, dict[str, Any]] = dict(spec.get("forms", {}))
        self.tables: dict[str, dict[str, Any]] = dict(spec.get("tables", {}))
        self.login: dict[str, Any] | None = spec.get("login")
        self.webshop = spec.get("layout") == "webshop"
        self.headers: dict[Any, Markup] = {}
        """cache of rendered headers, by the values that they show"""

    @cached_property
    def catalogue(self) -> Catalogue | None:
        """The items of the site; None if it has none."""
        return Catalogue(self.spec["catalogue"]) if "catalogue" in self.spec else None

    @cached_property
    def order(self) -> dict[str, Any]:
        """How an item is ordered: `fields`, label of the button (`submit`), and the target (`into`: `cart` or a table)."""
        settings = self.spec.get("catalogue", {}).get("order", {})
        return {"submit": "Add to cart", "into": "cart", "fields": [], **settings}

    @property
    def sells(self) -> bool:
        """Whether there is a cart."""
        return self.catalogue is not None and self.order["into"] == "cart" and not self.webshop

    def item_fields(self, item: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The fields of the form on an item's page: its options, then the fields common to all items."""
        options = [form_fields.option_field(n, v) for n, v in item.get("options", {}).items()]
        return [*options, *self.order["fields"]]

    def login_fields(self) -> list[dict[str, Any]]:
        """The two fields of the login form: name and password."""
        name, secret = self.login["by"] if self.login else ("", "")
        return [{"name": name, "kind": "text"}, {"name": secret, "kind": "password"}]

    def start(self) -> State:
        """The state of a new visit."""
        names = {*self.tables, *(f["into"] for f in self.forms.values())}
        names |= {"orders"} if self.sells or self.webshop else set()
        names |= {self.order["into"]} - {"cart"} if self.catalogue else set()
        tables = {n: json.loads(json.dumps(self.tables.get(n, {}).get("records", []))) for n in sorted(names)}
        user = self.spec.get("user", "")
        return {"tables": tables, "cart": [], "user": user, "note": {}, "serial": 0, "done": False}

    def is_private(self, section: str, path: Sequence[str]) -> bool:
        """Whether a page needs a login; `section` is the first part of its path, `path` the remaining parts."""
        if not self.login:
            return False
        entries = {"form": self.forms, "records": self.tables}.get(section, {})
        entry = entries.get(path[0], {}) if path else {}
        return bool(entry.get("private")) or (section == "checkout" and bool(self.spec["checkout"].get("private")))

"""What can be sent to a site by POST: order, cart, checkout, forms, cancelling, login. Each changes the state that it gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import form_fields
from .http import Response, redirect
from .markup import href
from .site import Site, State

MAX_RECORDS = 100
"""Lines of a cart and records of a table; the site refuses more."""

Handler = Callable[[Site, State, list[str], Mapping[str, str]], Response | None]
"""From site, state (which it changes), the path after its first part, and the data; None if there is no such thing."""


def _order_item(site: Site, state: State, path: list[str], data: Mapping[str, str]) -> Response | None:
    item = site.catalogue.items.get(path[0]) if site.catalogue and len(path) == 1 else None
    if item is None:
        return None
    if site.webshop:
        return _buy_now(site, state, item, data)
    fields = site.item_fields(item)
    values, errors = form_fields.parse(fields, data)
    into = state["cart"] if site.order["into"] == "cart" else state["tables"][site.order["into"]]
    if item.get("stock", 1) < 1 or len(into) >= MAX_RECORDS:
        errors["*"] = "Sorry, this is not available any more."
    if errors:
        return _refuse_form(state, f"/item/{item['id']}", fields, data, errors)
    options = {n: values.pop(n) for n in item.get("options", {})}
    line = {"item": item["id"], "price": item["price"], "options": options, **values}
    if site.sells:
        count = line.get("quantity")
        state["cart"].append({**line, "quantity": count if isinstance(count, int) and count > 0 else 1})
        return redirect("/cart")
    return _add_record(state, site.order["into"], line, "order")


def _buy_now(site: Site, state: State, item: Mapping[str, Any], data: Mapping[str, str]) -> Response:
    choices = item.get("options", {})
    options = {n: data[f"o.{n}"] for n, values in choices.items() if data.get(f"o.{n}") in values}
    line = {"item": item["id"], "options": options, "price": item["price"]}
    state["done"] = True
    return _add_record(state, "orders", line, "order")


def _remove_line(site: Site, state: State, path: list[str], data: Mapping[str, str]) -> Response | None:
    line = data.get("line", "")
    if not site.sells or not line.isdecimal() or int(line) >= len(state["cart"]):
        return None
    del state["cart"][int(line)]
    return redirect("/cart")


def _place_order(site: Site, state: State, path: list[str], data: Mapping[str, str]) -> Response | None:
    form = site.spec.get("checkout")
    if form is None or not site.sells:
        return None
    if form.get("private") and site.login and not state["user"]:
        return redirect("/login")
    values, errors = form_fields.parse(form["fields"], data)
    if not state["cart"]:
        errors["*"] = "Your cart is empty."
    if errors:
        return _refuse_form(state, "/checkout", form["fields"], data, errors)
    lines, state["cart"] = state["cart"], []
    total = round(sum(x["price"] * x["quantity"] for x in lines), 2)
    return _add_record(state, "orders", {"items": lines, "total": total, **values}, "checkout")


def _submit_form(site: Site, state: State, path: list[str], data: Mapping[str, str]) -> Response | None:
    name = path[0] if len(path) == 1 else ""
    form = site.forms.get(name)
    if form is None:
        return None
    if site.is_private("form", path) and not state["user"]:
        return redirect("/login")
    values, errors = form_fields.parse(form["fields"], data)
    table, unique = state["tables"][form["into"]], form.get("unique")
    if unique in values and unique not in errors and any(_same(r.get(unique), values[unique]) for r in table):
        errors[unique] = "This is taken already."
    if errors:
        return _refuse_form(state, f"/form/{name}", form["fields"], data, errors)
    if form.get("replaces") and table:
        table[0].update(values)
        return redirect(href(f"/thanks/{name}"))
    return _add_record(state, form["into"], values, name)


def _add_record(state: State, table: str, values: dict[str, Any], thanks: str) -> Response:
    if len(state["tables"][table]) >= MAX_RECORDS:
        return redirect("/")
    state["serial"] += 1
    id = f"N{1000 + state['serial']}"
    state["tables"][table].append({"id": id, **values, "status": "confirmed"})
    return redirect(href(f"/thanks/{thanks}", {"id": id}))


def _cancel_record(site: Site, state: State, path: list[str], data: Mapping[str, str]) -> Response | None:
    table = site.tables.get(path[0]) if len(path) == 1 else None
    if table is None or not table.get("cancel"):
        return None
    if site.is_private("records", path) and not state["user"]:
        return redirect("/login")
    for record in state["tables"][path[0]]:
        if record.get("id") == data.get("id") and record.get("status") != "cancelled":
            record["status"] = "cancelled"
            return redirect(f"/records/{path[0]}")
    return None


def _log_in(site: Site, state: State, path: list[str], data: Mapping[str, str]) -> Response | None:
    if site.login is None or path:
        return None
    name, secret = site.login["by"]
    for record in state["tables"].get(site.login["table"], ()):
        if data.get(name) and record.get(name) == data[name] and record.get(secret) == data.get(secret):
            state["user"] = data[name]
            return redirect("/")
    errors = {"*": "This name and password do not belong together."}
    return _refuse_form(state, "/login", site.login_fields(), data, errors)


def _log_out(site: Site, state: State, path: list[str], data: Mapping[str, str]) -> Response | None:
    if site.login is None or path:
        return None
    state["user"] = ""
    return redirect("/")


def _refuse_form(
    state: State, path: str, fields: list[dict[str, Any]], data: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    """Show the form again with its values and errors. Passwords are not sent back."""
    values = {
        f["name"]: data.get(f["name"], "")[: form_fields.MAX_VALUE_LENGTH] for f in fields if f["kind"] != "password"
    }
    state["note"] = {"at": path, "values": values, "errors": dict(errors)}
    return redirect(path)


def _same(a: Any, b: Any) -> bool:
    return str(a).casefold() == str(b).casefold()


HANDLERS: dict[str, Handler] = {
    "item": _order_item,
    "cart": _remove_line,
    "checkout": _place_order,
    "form": _submit_form,
    "records": _cancel_record,
    "login": _log_in,
    "logout": _log_out,
}
"""By the first part of the path."""

"""The fields of a form: how they are rendered, and how submitted data is validated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from .markup import Markup, el, join, select

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
MAX_VALUE_LENGTH = 2000
"""Characters of a value; the site cuts the rest."""


def option_field(name: str, values: list[str]) -> dict[str, Any]:
    """An option of an item as a field: radio buttons for up to four values, else a select."""
    kind = "radio" if len(values) <= 4 else "select"
    return {"name": name, "label": name.capitalize(), "kind": kind, "options": values}


def render_field(field: Mapping[str, Any], value: str, error: str = "") -> Markup:
    """A field with its label, its value, and the error message about it."""
    name, label, kind = field["name"], field.get("label") or field["name"].capitalize(), field["kind"]
    alert = el("p", error, class_="error", role="alert") if error else Markup("")
    if kind == "radio":
        buttons = [
            el("label", el("input", type="radio", name=name, value=o, checked=o == value), " ", o)
            for o in field["options"]
        ]
        return el("fieldset", el("legend", label), *buttons, alert)
    if kind == "checkbox":
        box = el("input", type="checkbox", name=name, value="yes", checked=value == "yes")
        return el("p", el("label", box, " ", label), alert, class_="field")
    common: dict[str, Any] = {"name": name, "id": f"f-{name}"}
    if kind == "select":
        blank = [] if value in field["options"] else [("", "Choose …")]
        control = select(name, [*blank, *((o, o) for o in field["options"])], value, id=common["id"])
    elif kind == "textarea":
        control = el("textarea", Markup("\n"), value, **common)
    else:
        control = el("input", type=kind, value=value, autocomplete="off", **common)
    return el("p", el("label", label, for_=common["id"]), control, alert, class_="field")


def form(
    fields: list[dict[str, Any]], path: str, submit: str, values: Mapping[str, str], errors: Mapping[str, str]
) -> Markup:
    """A form that posts. The site validates, so the browser does not (`novalidate`)."""
    rows = [render_field(f, values.get(f["name"], str(f.get("value", ""))), errors.get(f["name"], "")) for f in fields]
    return el("form", join(rows), el("button", submit, type="submit"), method="post", action=path, novalidate=True)


def parse(fields: list[dict[str, Any]], data: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The submitted values (numbers as numbers, checkboxes as booleans), and an error message for each invalid field."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in fields:
        name, text = field["name"], data.get(field["name"], "").replace("\r\n", "\n").strip()[:MAX_VALUE_LENGTH]
        if field["kind"] == "checkbox":
            values[name] = text == "yes"
            if field.get("required") and not values[name]:
                errors[name] = "This box must be ticked."
            continue
        error = _validate(field, text)
        if error:
            errors[name] = error
        values[name] = _number(text) if field["kind"] == "number" and text and not error else text
    return values, errors


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value


def _validate(field: Mapping[str, Any], text: str) -> str:
    kind = field["kind"]
    if not text:
        return "Please fill in this field." if field.get("required", True) else ""
    if kind in ("select", "radio") and text not in field["options"]:
        return "Please choose one of the options."
    if kind == "email" and not _EMAIL.fullmatch(text):
        return "Please give a valid e-mail address."
    if kind == "number":
        if not re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", text):
            return "Please give a number."
        low, high = field.get("min"), field.get("max")
        if (low is not None and float(text) < low) or (high is not None and float(text) > high):
            return (
                f"Please give a number from {low if low is not None else '…'} to {high if high is not None else '…'}."
            )
    if kind == "date":
        try:
            date.fromisoformat(text)
        except ValueError:
            return "Please give a date as YYYY-MM-DD."
    return ""

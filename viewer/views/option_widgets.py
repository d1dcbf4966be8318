"""Options as widgets: bounds, choices and help come from the options themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import BaseModel

from simenv.plugins.viewer.option_form import Entry, as_yaml, changed, entries, parsed
from simenv.plugins.viewer.untrusted_text import label


def options(
    shape: type[BaseModel], key: str, given: Mapping[str, Any] | None = None, leave: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A widget for each option; returns those that differ from their defaults. ConfigError for what is no YAML."""
    found = {}
    for one in entries(shape, leave):
        start = (given or {}).get(one.name, one.default)
        value = field(one, start, f"{key}-{one.name}")
        if changed(one, value):
            found[one.name] = value
    return found


def field(one: Entry, start: Any, key: str, name: str | None = None) -> Any:
    """One widget."""
    title, help = name or label(one.name.replace("_", " ")), label(one.help, 400) or None
    if one.kind == "switch":
        return st.toggle(title, bool(start), key=key, help=help)
    if one.kind in ("whole", "number"):
        return _number(one, start, key, title, help)
    if one.kind == "one":
        return st.selectbox(title, one.choices, one.choices.index(start), key=key, help=help)
    if one.kind == "several":
        known = one.choices or tuple(start)
        free = not one.choices
        return tuple(
            st.multiselect(
                title,
                known,
                list(start),
                key=key,
                help=help,
                accept_new_options=free,
                placeholder="type" if free else None,
            )
        )
    if one.kind == "text":
        text = st.text_input(title, start or "", key=key, help=help)
        return text or (None if one.empty else one.default)
    return parsed(one, st.text_input(title, as_yaml(start), key=key, help=f"{help or ''} (YAML)".strip()))


def _number(one: Entry, start: Any, key: str, title: str, help: str | None) -> Any:
    cast = int if one.kind == "whole" else float
    low, high = (None if b is None else cast(b) for b in (one.low, one.high))
    step, form = (1, "%d") if cast is int else (None, "%g")
    value = None if start is None else cast(start)
    return st.number_input(
        title, low, high, value, step=step, format=form, key=key, help=help, placeholder="none" if one.empty else None
    )

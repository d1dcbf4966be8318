"""Inputs for options: each has the bounds, choices and help that the option declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import BaseModel

from simenv.plugins.viewer.forms.option_fields import OptionField, as_yaml, is_changed, option_fields, parse_yaml
from simenv.plugins.viewer.untrusted_text import label


def option_inputs(
    shape: type[BaseModel], key: str, start_values: Mapping[str, Any] | None = None, without: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Draw an input for each option of a model, except those in `without`; returns the values that differ from the defaults.

    `start_values` replace defaults as what an input begins with. ConfigError for text that is not YAML where YAML is expected.
    """
    values = {}
    for option in option_fields(shape, without):
        start = (start_values or {}).get(option.name, option.default)
        value = option_input(option, start, f"{key}-{option.name}")
        if is_changed(option, value):
            values[option.name] = value
    return values


def option_input(option: OptionField, start: Any, key: str, name: str | None = None) -> Any:
    """Draw one input that begins with `start`; returns its value. ConfigError as for option_inputs."""
    title, help = name or label(option.name.replace("_", " ")), label(option.help, 400) or None
    if option.kind == "switch":
        return st.toggle(title, bool(start), key=key, help=help)
    if option.kind in ("whole", "number"):
        return _number(option, start, key, title, help)
    if option.kind == "one":
        return st.selectbox(title, option.choices, option.choices.index(start), key=key, help=help)
    if option.kind == "several":
        choices = option.choices or tuple(start)
        free = not option.choices
        return tuple(
            st.multiselect(
                title,
                choices,
                list(start),
                key=key,
                help=help,
                accept_new_options=free,
                placeholder="type" if free else None,
            )
        )
    if option.kind == "text":
        text = st.text_input(title, start or "", key=key, help=help)
        return text or (None if option.empty else option.default)
    return parse_yaml(option, st.text_input(title, as_yaml(start), key=key, help=f"{help or ''} (YAML)".strip()))


def _number(option: OptionField, start: Any, key: str, title: str, help: str | None) -> Any:
    cast = int if option.kind == "whole" else float
    # Any: none of Streamlit's overloads takes a bound that may be None.
    low, high, value = (None if n is None else cast(n) for n in (option.low, option.high, start))
    bounds: dict[str, Any] = {"min_value": low, "max_value": high, "value": value}
    step, form = (1, "%d") if cast is int else (None, "%g")
    placeholder = "none" if option.empty else None
    return st.number_input(title, **bounds, step=step, format=form, key=key, help=help, placeholder=placeholder)

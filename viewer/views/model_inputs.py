"""Inputs that choose a model: its client, its name or folder, its address, and the variable that holds its key."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from simenv.errors import ConfigError
from simenv.plugins.viewer.content import base_models
from simenv.plugins.viewer.forms import rollout_form
from simenv.plugins.viewer.forms.rollout_form import KEYS
from simenv.plugins.viewer.workspace import Workspace

CLIENTS = {
    "openai": "OpenAI, or a server that speaks its protocol",
    "anthropic": "Anthropic",
    "transformers": "a model folder, run here",
}


class ModelChoice(NamedTuple):
    """A model as a person chose it; `options` holds only what differs from the client's defaults."""

    client: str
    model: str
    options: dict[str, Any]

    def settings(self, key: str = "model") -> dict[str, Any]:
        """The settings of a command that takes a model under this key. ConfigError where the name is missing."""
        if not self.model.strip():
            raise ConfigError("model: give its name")
        named = {key: self.client, f"{key}.model": self.model.strip()}
        return named | {f"{key}.{option}": value for option, value in self.options.items()}


def model_inputs(workspace: Workspace, key: str = "") -> ModelChoice:
    """Draw the inputs, whose keys begin with `key`. ConfigError for what is no name of a variable."""
    client = st.selectbox("Model client", list(CLIENTS), key=f"{key}client", format_func=CLIENTS.__getitem__)
    if client == "transformers":
        return _folder(workspace, key)
    model = st.text_input("Model", key=f"{key}model", placeholder="the name the service knows it by")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        url = st.text_input("Address", key=f"{key}url", placeholder="the service's own; or http://localhost:8000/v1")
        typed = st.text_input("Variable with the key", KEYS[client], key=f"{key}variable")
    variable = rollout_form.variable_name(typed)
    key_state(variable)
    own = variable if variable != KEYS[client] else None
    return ModelChoice(client, model, {"base_url": url.strip() or None, "api_key_env": own})


def _folder(workspace: Workspace, key: str) -> ModelChoice:
    names = [*workspace.names(workspace.models, "README.md"), *base_models.base_model_names(workspace.models)]
    folders = [workspace.relative(workspace.models / name) for name in dict.fromkeys(names)]
    model = st.selectbox(
        "Model", folders, 0 if folders else None, key=f"{key}model-folder-{bool(folders)}",
        placeholder="none in models/ yet",
    )  # fmt: skip
    context = st.number_input("Context in tokens", 64, value=None, key=f"{key}context", placeholder="as the model says")
    return ModelChoice("transformers", str(model or ""), {"context": context})


def key_state(variable: str) -> None:
    """Tell whether a variable with a key is set where the viewer runs, never its value."""
    if rollout_form.is_set(variable):
        st.caption(f":green[✓] `{variable}` is set where the viewer runs. Its value is neither shown nor written.")
    else:
        st.caption(
            f":orange[!] `{variable}` is not set where the viewer runs. Set it there and start the viewer again."
        )

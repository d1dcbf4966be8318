"""Inputs for who acts and with what: reasoning framework, dialect, model, prompt template, and the actions there are."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from simenv import plugins
from simenv.agent import Agent
from simenv.errors import ConfigError
from simenv.hooks.reflexion import ReflexionOptions
from simenv.options import read
from simenv.plugins.viewer.forms import rollout_form, templates
from simenv.plugins.viewer.forms.rollout_form import REFLEXION
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import option_widgets
from simenv.plugins.viewer.views.model_inputs import ModelChoice, model_inputs
from simenv.plugins.viewer.workspace import Workspace

TOLD = {
    "expert": "Expert: knows the way, needs no model",
    "react": "ReAct: thought, action, observation",
    "cot": "CoT: thinks step by step and answers at once",
    REFLEXION: "Reflexion: ReAct that reflects on a failed trial and tries again",
}
"""The frameworks that come first, with what they are; agents of others follow by their names."""


class Framework(NamedTuple):
    """A way of reasoning as it was chosen: its agent, that one's class and the options that were asked for here, and the hooks
    that make it what it is; `model` is None for an agent without one."""

    name: str
    agent: str
    kind: type[Agent]
    options: dict[str, Any]
    dialect: str
    model: ModelChoice | None
    hooks: tuple[dict[str, Any], ...] = ()


def framework_inputs(workspace: Workspace, environments: list[str]) -> Framework:
    """Draw the inputs. ConfigError for a template that does not render, and for what is no name of a variable."""
    kinds = rollout_form.agents()
    names = [*TOLD, *(n for n in kinds if n not in TOLD)]
    name = st.selectbox(
        "Reasoning framework", names, key="agent", format_func=lambda n: TOLD.get(n, visible(n, 60).text)
    )
    dialect = st.selectbox("Dialect", dialects(environments), key="dialect", help="how actions are written")
    agent = "react" if name == REFLEXION else name
    kind = kinds[agent]
    st.caption(label(" ".join((kind.__doc__ or "").split()), 300))
    hooks: tuple[dict[str, Any], ...] = ()
    if name == REFLEXION:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            values = option_widgets.option_inputs(ReflexionOptions, "reflexion")
        hooks = ({"name": REFLEXION, **values},)
    model = model_inputs(workspace) if kind.needs_model else None
    options = _template(workspace, agent, environments) if "template" in kind.Options.model_fields else {}
    return Framework(name, agent, kind, options, dialect, model, hooks)


def check(framework: Framework, options: dict[str, Any], environments: list[str]) -> None:
    """ConfigError for options that do not fit together, and for a framework that an environment has no use for."""
    read(framework.kind.Options, {k: v for k, v in options.items() if k != "template"}, "agent")
    if framework.agent == "cot":
        for name in environments:
            if not rollout_form.takes_one_answer(name):
                raise ConfigError(
                    f"CoT answers at once, and {name} has no action that takes one answer; choose ReAct there"
                )


def dialects(environments: list[str]) -> list[str]:
    """The dialects that every one of the environments understands, those of the framework first."""
    names = [{d.name for d in plugins.environment(e).dialects} for e in environments]
    own = sorted(set.intersection(*names)) if names else []
    return [*dict.fromkeys(["react", "tools", *plugins.names("dialects"), *own])]


def action_inputs(environments: list[str]) -> dict[str, Any]:
    """Inputs for the actions that the agent has in each environment; settings for those that are fewer than all.

    ConfigError where none is left.
    """
    settings: dict[str, Any] = {}
    for name in environments:
        actions = plugins.environment(name).world.actions
        acting = [a for a, spec in actions.items() if not spec.submit]
        if len(acting) > 1:
            chosen = st.multiselect(
                label(f"What the agent can do in {name}", 100), acting, acting, key=f"actions-{name}",
                help="what ends a task is always there",
            )  # fmt: skip
            if not chosen:
                raise ConfigError(f"{name}: choose at least one thing that the agent can do")
            settings |= {f"{name}.actions": chosen} if len(chosen) < len(acting) else {}
        rows = [
            {"action": visible(a, 80).text, "takes": visible(", ".join(spec.parameters), 200).text or "–",
             "what it does": visible(" ".join(spec.description.split()), 600).text}
            for a, spec in actions.items()
        ]  # fmt: skip
        with st.expander(label(f"The actions of {name}", 100)):
            st.dataframe(rows, hide_index=True, height="content" if len(rows) <= 12 else 400)
    return settings


def _template(workspace: Workspace, agent: str, environments: list[str]) -> dict[str, Any]:
    """An upload of a prompt of one's own, tried at once; returns the option of the agent that names the file in data/."""
    examples = templates.examples(agent, environments)
    with st.expander("Prompt template"):
        st.caption(
            label(f"{templates.PLACES.get(agent, 'A prompt of your own')}. It may use: {', '.join(examples)}.", 300)
        )
        with st.popover("The bundled one", disabled=templates.bundled(agent) is None):
            st.code(templates.bundled(agent) or "", language="jinja2", wrap_lines=True)
        upload = st.file_uploader("A Jinja template", ["j2", "txt", "md"], key="template", max_upload_size=1)
        if upload is None:
            return {}
        source = templates.read_template(upload.getvalue(), examples)
        st.code(visible(source).text, language="jinja2", wrap_lines=True)
        st.caption("It renders. With an example in it the model reads:")
        st.code(visible(templates.rendered(source, examples)).text, language=None, wrap_lines=True)
        return {"template": templates.save_template(workspace, source)}

"""Every option that takes a text or a path has a verdict: what is done with its value, and so who may give it."""

import sys
import types
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from simenv import plugins
from simenv.comparison.config import Comparison
from simenv.config import EnvironmentConfig, Experiment
from simenv.curate.config import Curation
from simenv.errors import ConfigError
from simenv.evaluate.config import Evaluation
from simenv.export import Export
from simenv.export.cli import InspectLog, Pairs
from simenv.fidelity.config import Fidelity
from simenv.finetune.trainers import Finetune
from simenv.instruct.config import Dialogues
from simenv.knowledge.cli import Refresh, Withdraw
from simenv.knowledge.config import Additions
from simenv.knowledge.questions import Questions
from simenv.options import Options, explain
from simenv.package import Package
from simenv.rl import Reinforcement
from simenv.serve.config import OpenEnvConfig, ServeConfig, ToolsConfig
from simenv.sweep.config import Sweep
from simenv.teach.config import Teaching
from simenv.tiny import Tiny
from simenv.trust import Verdict
from simenv.verify.config import Verification
from simenv.view.cli import View
from tests import ROOT
from tests.option_verdicts import VERDICTS

COMMANDS = (
    Experiment, Evaluation, Fidelity, Teaching, Curation, Sweep, ServeConfig, ToolsConfig, Tiny, Finetune, Export, Pairs,
    EnvironmentConfig, Additions, Questions, Refresh, Withdraw, Verification, Comparison, Dialogues, View,
    OpenEnvConfig, InspectLog, Package, Reinforcement,
)  # fmt: skip


def shapes():
    """The settings of all commands and the options of all plugins."""
    yield from COMMANDS
    for kind in plugins.KINDS:
        for name in plugins.names(kind):
            if kind == "environments":
                site = plugins.environment(name)
                yield getattr(site.world, "Options", Options)
                if site.procedural:
                    yield site.procedural.Options
                continue
            try:
                plugin = plugins.load(kind, name)
            except ConfigError:  # a package of it is not installed
                continue
            if hasattr(plugin, "Options"):
                yield plugin.Options


def parts(annotation):
    """The types that an annotation is made of, those of literals left out, and the metadata on the way."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        yield from metadata
        yield from parts(inner)
    elif get_origin(annotation) is Literal:
        return
    elif get_args(annotation) and get_origin(annotation) in (Union, types.UnionType, tuple, list, dict, set, frozenset):
        for inner in get_args(annotation):
            yield from parts(inner)
    else:
        yield annotation


def owner(shape, name):
    """The class that an option was last declared in."""
    return next(c for c in shape.__mro__ if name in vars(c).get("__annotations__", {}))


def is_of_tests(shape):
    """Whether a class is a plugin that only tests have."""
    return (ROOT / "tests") in Path(sys.modules[shape.__module__].__file__).resolve().parents


def texts(shape, seen):
    """Each option of a model and of the models in it that takes a text: its key, and the verdicts of its type."""
    if shape in seen:
        return
    seen.add(shape)
    for name, field in shape.model_fields.items():
        found = [*field.metadata, *parts(field.annotation)]
        kinds = [p for p in found if isinstance(p, type)]
        for inner in kinds:
            if issubclass(inner, BaseModel):
                yield from texts(inner, seen)
        place = owner(shape, name)
        if is_of_tests(place):
            continue
        if {str, Path, Any} & {p for p in found if isinstance(p, type) or p is Any}:
            key = f"{place.__module__.removeprefix('simenv.').removeprefix('plugins.')}:{place.__qualname__}.{name}"
            yield key, [p.use for p in found if isinstance(p, Verdict)]


@cache
def options():
    seen, result = set(), {}
    for shape in shapes():
        result.update(texts(shape, seen))
    return result


def test_every_option_that_takes_a_text_has_a_verdict():
    missing = sorted(options().keys() - VERDICTS.keys())
    assert not missing, (
        f"no verdict in tests/option_verdicts.py on {', '.join(missing)}: say whether the value is imported, opened, rendered "
        "or sent, and give the option a type of simenv/trust.py that refuses it from a file that was sent, or that it is plain"
    )


def test_a_verdict_other_than_plain_is_in_the_type_of_the_option():
    types_of = options()
    wrong = {
        key: verdict
        for key, (verdict, *_) in VERDICTS.items()
        if key in types_of and types_of[key] != ([] if verdict == "plain" else [verdict])
    }
    assert not wrong


def test_no_verdict_is_on_an_option_that_is_gone():
    assert not [key for key in VERDICTS if key not in options()]


@pytest.mark.parametrize("key", VERDICTS)
def test_a_verdict_is_one_of_five_and_has_a_reason(key):
    verdict, reason = VERDICTS[key]
    assert verdict in ("imported", "opened", "rendered", "sent", "plain") and reason


def test_every_option_has_a_meaning_that_the_help_tells():
    silent = [
        f"{shape.__module__}:{shape.__qualname__}.{key}"
        for shape in shapes()
        if not is_of_tests(shape)
        for key, _, meaning in explain(shape)
        if not meaning
    ]
    assert not silent, f"a docstring below the field is its help: {', '.join(silent)}"

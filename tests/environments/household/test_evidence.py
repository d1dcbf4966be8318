"""A goal's things are known again in an instruction, whatever their English names are."""

import pytest

from simenv.plugins.environments.household.engine.object_types import KNOWN
from simenv.plugins.environments.household.evidence import _is_named
from simenv.plugins.environments.household.tasks.english import name, plural


@pytest.mark.parametrize("kind", sorted(KNOWN))
def test_a_kind_is_known_by_its_names(kind):
    assert _is_named(kind, f"Put the {name(kind)} there.") and _is_named(kind, f"Put two {plural(kind)} there.")
    assert _is_named(kind, f"put some {kind} there")


@pytest.mark.parametrize(
    ("kind", "instruction"), [("mug", "Put a smug cup on a shelf."), ("pot", "Put a potato in a pan.")]
)
def test_another_thing_is_none(kind, instruction):
    assert not _is_named(kind, instruction)

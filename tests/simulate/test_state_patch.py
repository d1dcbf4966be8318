"""The next state as changes: applied, made, refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv.simulate.state_patch import Change, apply_changes, changes
from simenv.types import canonical

STATE = {"t": {"rows": [[1, "a"], [2, "b"]], "~/x": None}}


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (("replace", "/t/rows/0/1", "z"), {"t": {"rows": [[1, "z"], [2, "b"]], "~/x": None}}),
        (("add", "/t/rows/-", [3, None]), {"t": {"rows": [[1, "a"], [2, "b"], [3, None]], "~/x": None}}),
        (("add", "/t/rows/0", []), {"t": {"rows": [[], [1, "a"], [2, "b"]], "~/x": None}}),
        (("remove", "/t/rows/1", None), {"t": {"rows": [[1, "a"]], "~/x": None}}),
        (("remove", "/t/~0~1x", None), {"t": {"rows": [[1, "a"], [2, "b"]]}}),
        (("add", "/u", {}), {**STATE, "u": {}}),
        (("replace", "", 7), 7),
    ],
)
def test_a_change_is_made(change, after):
    op, path, value = change
    assert apply_changes(STATE, [Change(op=op, path=path, value=value)]) == after
    assert STATE["t"]["rows"] == [[1, "a"], [2, "b"]]


@pytest.mark.parametrize(
    "change",
    [
        ("replace", "/u", 1), ("remove", "/t/rows/2", None), ("add", "/t/rows/3", 1), ("add", "/t/rows/x", 1),
        ("add", "/t/rows/0/1/2", 1), ("add", "t", 1), ("replace", "/t/rows/-", 1), ("add", "/u/v", 1),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_made_says_why(change):
    op, path, value = change
    with pytest.raises(ValueError, match=path if path.startswith("/") else "begins with"):
        apply_changes(STATE, [Change(op=op, path=path, value=value)])


def test_the_whole_state_cannot_be_removed():
    with pytest.raises(ValueError, match="the whole state"):
        apply_changes(STATE, [Change(op="remove", path="")])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("a/~0", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("a/~0", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_the_changes_between_two_states_make_one_the_other(before, after):
    assert canonical(apply_changes(before, changes(before, after))) == canonical(after)

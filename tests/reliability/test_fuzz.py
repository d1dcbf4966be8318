"""A few damaged inputs for every reader, in the normal suite; `make reliability` feeds many more."""

import logging
import signal

import pytest

from . import fuzz
from .targets import TARGETS

INPUTS = 150


@pytest.fixture(autouse=True)
def quiet():
    before, disabled = signal.signal(signal.SIGVTALRM, fuzz._hang), logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(disabled)
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: t.name)
def test_damaged_input_is_read_or_refused_by_name(target, tmp_path):
    if not target.is_here():
        pytest.skip(f"{target.needs} is not installed")
    row = fuzz.fuzz(target, max(10, round(INPUTS * min(1, target.share))), 7, tmp_path, seconds=20)
    assert not row.wrong, row.wrong
    assert row.outcomes

"""Every environment there is passes every check of the conformance suite."""

import pytest

from simenv import plugins
from simenv.testing import CHECKS, Subject


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("name", plugins.names("environments"))
def test_environment(name, check):
    check(Subject.of(name))

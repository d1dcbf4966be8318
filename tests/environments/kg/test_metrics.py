"""The knowledge graph task's metrics over results as a client sends them back."""

import pytest

from simenv.plugins.environments.kg.metrics import overall


def test_every_sample_counts_and_those_without_a_result_count_nothing():
    one = {"metrics": {"f1": 1.0, "exact": 1.0, "executable": 1.0}}
    half = {"metrics": {"f1": 0.5, "exact": 0.0, "executable": 1.0}}
    found = overall([one, half, {}, {"metrics": None}])
    assert found == pytest.approx({"main": 0.375, "F1": 0.375, "EM": 0.25, "executability": 0.5})
    assert overall([])["main"] == 0.0

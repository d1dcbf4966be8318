"""Figures at their edges: one episode, none, all of them."""

from simenv.evaluate.aggregate import _subgoals
from simenv.statistics import wilson


class Ended:
    def __init__(self, **subgoals):
        self.subgoals = subgoals


def test_a_sub_goal_of_a_single_episode_is_no_share():
    outcomes = [Ended(a=True, b=True, c=False), Ended(a=False, b=True), Ended(b=True)]
    assert _subgoals(outcomes) == {"a": 0.5, "b": 1.0}
    assert _subgoals([]) == {}


def test_intervals_at_none_and_all():
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(0, 10)
    assert abs(low) < 1e-12 and 0.27 < high < 0.28
    low, high = wilson(10, 10)
    assert 0.72 < low < 0.73 and abs(high - 1.0) < 1e-12
    assert round(sum(wilson(5, 10)), 12) == 1

"""Estimators against values worked out by hand or by enumeration."""

from itertools import combinations
from statistics import mean

import pytest

from simenv.statistics import bootstrap, mcnemar, paired, pass_at_k, pass_hat_k


@pytest.mark.parametrize(("n", "c"), [(4, 0), (4, 1), (5, 3), (6, 6), (1, 1)])
def test_pass_at_k_and_pass_hat_k_are_the_shares_of_all_draws_of_k(n, c):
    attempts = [1] * c + [0] * (n - c)
    for k in range(1, n + 1):
        draws = list(combinations(attempts, k))
        assert pass_at_k(n, c, k) == pytest.approx(mean(any(d) for d in draws))
        assert pass_hat_k(n, c, k) == pytest.approx(mean(all(d) for d in draws))


@pytest.mark.parametrize("k", [0, 5])
def test_more_attempts_than_there_were_cannot_be_estimated(k):
    with pytest.raises(ValueError, match="of n=4 attempts"):
        pass_at_k(4, 2, k)


def test_a_bootstrap_interval_holds_the_mean_and_has_about_the_normal_width():
    values = [1.0] * 60 + [0.0] * 40
    found = bootstrap(values)
    assert found.mean == pytest.approx(0.6)
    assert found.low == pytest.approx(0.6 - 1.96 * 0.049, abs=0.015) and found.high == pytest.approx(0.696, abs=0.015)
    assert bootstrap(values) == found, "the same seed gives the same interval"
    assert bootstrap([]) == (0, 0, 0)


def test_mcnemar_is_the_two_sided_binomial_test():
    assert mcnemar(0, 0) == 1 and mcnemar(3, 3) == 1
    assert mcnemar(5, 0) == pytest.approx(2 / 2**5)
    assert mcnemar(1, 9) == mcnemar(9, 1) == pytest.approx(2 * (1 + 10) / 2**10)


def test_two_agents_task_by_task():
    found = paired([1, 1, 1, 0, 1, 1, 1, 1], [0, 0, 0, 1, 0, 0, 0, 1])
    assert (found.tasks, found.only_first, found.only_second) == (8, 6, 1)
    assert found.difference.mean == pytest.approx(5 / 8) and found.difference.low > 0 > -found.difference.high
    assert found.p_mcnemar == pytest.approx(2 * (1 + 7) / 2**7) and found.p_bootstrap < 0.05
    assert paired([0.5, 1], [0.5, 0]).p_mcnemar is None, "rates of several attempts"
    with pytest.raises(ValueError, match="expected as many"):
        paired([1], [1, 0])

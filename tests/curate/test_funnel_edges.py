"""A funnel names so many examples and no more."""

from simenv.curate.pipeline import EXAMPLES, FilterStats
from simenv.types import Verdict


def test_so_many_examples_of_a_reason_are_named():
    counts = FilterStats("f")
    for n in range(EXAMPLES + 3):
        counts.count(Verdict(trajectory=f"t{n}", filter="f", decision="drop", reason="bad"), "db")
    counts.count(Verdict(trajectory="k", filter="f", decision="keep"), "kg")
    (reason,) = counts.report()["reasons"]
    assert reason["examples"] == [f"t{n}" for n in range(EXAMPLES)] and reason["count"] == EXAMPLES + 3
    assert reason["environments"] == {"db": EXAMPLES + 3} and counts.report()["environments"].keys() == {"db", "kg"}

"""Claims beside the engine's pages with a person's verdict on each: no wrong one is believed, hardly a right one refused."""

from simenv.plugins import environment
from tests.helpers.pairs import table

SITE = {"tables": {}, "cart": [], "user": "", "done": False}
STATE = {"site": SITE, "note": "", "url": "/", "fields": [], "history": []}
DISPUTED: dict[tuple[str, str], str] = {}
"""Pairs whose verdict seems wrong, by arguments and claim, and why."""


def test_no_wrong_claim_is_believed_and_hardly_a_right_one_refused():
    counts, believed = table("web", environment("web").comparison(), STATE, DISPUTED)
    assert not believed
    assert counts["same", "drift"] <= 0.02 * sum(n for (mine, _), n in counts.items() if mine == "same")

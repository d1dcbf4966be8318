"""Claims that others made and judged, replayed: no wrong one is believed, and hardly a right one refused."""

import pytest

from simenv.plugins import environment
from simenv.types import Observation
from tests.helpers.checker_pairs import PAIRS, PROMPTS, pairs

DISPUTED: dict[tuple[str, str, str], str] = {}
"""(environment, call, claim) of verdicts in the file that are held to be wrong, with the reason."""


@pytest.mark.skipif(not (PAIRS.is_file() and PROMPTS.is_file()), reason="no claims beside the checkout")
@pytest.mark.parametrize(("name", "known"), [("db", 180), ("household", 140), ("kg", 70)])
def test_no_wrong_claim_of_others_is_believed_and_hardly_a_right_one_refused(name, known):
    comparison, believed, refused, right, count = environment(name).comparison(), [], [], 0, 0
    for pair, transitions in pairs(name):
        count += 1
        call = str(pair["action"].get("arguments"))
        if (name, call, pair["claim"]) in DISPUTED:
            continue
        labels = {comparison.observation(t, Observation(text=pair["claim"])).label for t in transitions}
        if pair["mine"] == "different" and "match" in labels:
            believed.append((call, pair["claim"]))
        if pair["mine"] == "same":
            right += 1
            if labels == {"drift"}:
                refused.append((call, pair["claim"]))
    assert count >= known and not believed and len(refused) <= 0.02 * right, refused

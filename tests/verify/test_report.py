"""The report counts rounds, roles and sources; acts say what is wrong, and repairs leave no mark of a list alone."""

import pytest

from simenv.knowledge.passage import Source
from simenv.types import Message
from simenv.verify.actions import counting, repaired, told
from simenv.verify.config import Verification
from simenv.verify.judge import Judgement, RoundJudgement, SubjectJudgement
from simenv.verify.library import Evidence
from simenv.verify.report import report, shown

PAGE = Evidence(text="It is 5 weeks.", source=Source(file="a|b.md", sha256="0" * 64, start=10, end=24))


def claim(finding, text="claim", start=0, evidence=(PAGE,), repair=""):
    return Judgement(
        claim=text, start=start, end=start + len(text), finding=finding, evidence=evidence, repair=repair, reason="so"
    )


def judged(*findings, turn=1, role="assistant", sample="s"):
    claims = tuple(claim(f, evidence=() if f == "not found" else (PAGE,)) for f in findings)
    return SubjectJudgement(sample=sample, rounds=(RoundJudgement(message=2, turn=turn, role=role, claims=claims),))


def test_claims_are_counted_by_round_role_and_source_with_late_rounds_together():
    made = report(
        [judged("supported", "contradicted", turn=5), judged("not found", turn=6, role="user"), judged(turn=9)]
    )
    f = made.figures
    assert f["samples"] == 3 and (f["all"]["claims"], f["all"]["supported"], f["all"]["not found"]) == (3, 1, 1)
    assert f["all"]["contradicted_ratio"]["ratio"] == pytest.approx(1 / 3)
    assert f["all"]["hallucination_ratio"]["ratio"] == pytest.approx(2 / 3)
    assert {k: v["claims"] for k, v in f["by_turn"].items()} == {"5": 2, "6 and later": 1}
    assert {k: v["claims"] for k, v in f["by_role"].items()} == {"assistant": 2, "user": 1}
    assert {k: v["claims"] for k, v in f["by_source"].items()} == {"a|b.md": 2, "no source": 1}
    lines = made.page.splitlines()
    assert "3 samples, 3 claims" in made.page and lines[5].count("---") == 7
    assert any(line.startswith("| all | 3 | 1 | 1 | 1 | 33.3% (") for line in lines)
    assert any(line.startswith(r"| a\|b.md | 2 | 1 | 1 | 0 | 50.0% (") for line in lines)


def test_nothing_judged_is_no_ratio():
    f = report([]).figures
    assert f["samples"] == 0 and f["all"]["hallucination_ratio"] is None
    assert shown(None) == "–" and "| all | 0 | 0 | 0 | 0 | – | – |" in report([]).page


def test_only_the_findings_that_count_are_acted_on():
    subjects = [judged("supported", "contradicted", "not found"), judged("supported", sample="t")]
    assert {s: [c.finding for r in rs for c in r.claims] for s, rs in counting(subjects, Verification()).items()} == {
        "s": ["contradicted"]
    }
    both = Verification(counts=("contradicted", "not found"))
    assert [c.finding for c in counting(subjects, both)["s"][0].claims] == ["contradicted", "not found"]


def test_what_is_wrong_is_told_with_round_and_source():
    (first,) = judged("contradicted", turn=3).rounds
    (second,) = judged("not found", turn=4).rounds
    assert told([first, second]) == (
        "round 3: contradicted: “claim”; a|b.md:10–24 says “It is 5 weeks.”; round 4: not found: “claim”"
    )


def mended(text, *claims):
    messages = (Message(role="user", content="q"), Message(role="assistant", content=text, author="agent"))
    found, empty = repaired(messages, [RoundJudgement(message=1, turn=1, role="assistant", claims=claims)])
    return found[1].content, found[1].author, empty


def of(text, words, repair=""):
    return claim("contradicted", words, text.index(words), repair=repair)


@pytest.mark.parametrize(
    ("text", "wrong", "left"),
    [
        ("It is so. It is 9. It ends.", ["It is 9."], "It is so. It ends."),
        ("Rules:\n- It is 9.\n- It ends.", ["It is 9."], "Rules:\n\n- It ends."),
        ("1. It is 9.\n2) It ends.", ["It is 9.", "It ends."], None),
        ("It is 9. It ends.", ["It is 9."], "It ends."),
    ],
)
def test_a_claim_that_no_source_mends_is_taken_out_with_the_mark_before_it(text, wrong, left):
    content, author, empty = mended(text, *(of(text, w) for w in wrong))
    if left is None:
        assert (content, author, empty) == (text, "agent", [1])
    else:
        assert (content, author, empty) == (left, "filter", [])


def test_several_claims_of_one_message_are_mended_in_their_places():
    text = "It is 9. It ends in May. It goes on."
    assert mended(text, of(text, "It is 9.", "It is 5."), of(text, "It goes on.", "It stops."))[0] == (
        "It is 5. It ends in May. It stops."
    )
    assert mended(text, of(text, "It is 9.", "It is 9.")) == (text, "agent", [])

"""Reviews as the viewer writes them: edits, masks, agreement, and two reviewers at once."""

import subprocess
import sys

import pytest

from simenv.errors import ConfigError
from simenv.plugins.viewer.content.chat_blocks import blocks
from simenv.plugins.viewer.content.filter_rulings import FilterRuling, rulings
from simenv.plugins.viewer.content.reviewing import (
    add_review,
    agreements,
    by_label,
    by_status,
    edited_messages,
    judgements,
    kappa,
    last_review,
    toggled_mask,
)
from simenv.runs import review
from simenv.runs.review import ReviewState, states
from simenv.types import Call, Verdict
from tests.runs.test_index import episode


def test_kappa_is_cohens():
    # Cohen (1960) and Wikipedia's example: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no.
    pairs = [(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([(1, 1), (0, 0)]) == 1.0
    assert kappa([(1, 0), (0, 1)]) == -1.0
    assert kappa([(1, 1), (1, 0), (0, 1), (0, 0)]) == 0.0
    assert kappa([]) is None and kappa([(1, 1)] * 9) is None


def test_states_agreement_and_undo_follow_the_record(tmp_path):
    add_review(tmp_path, "a", "ann", "approve")
    add_review(tmp_path, "a", "bob", "reject")
    add_review(tmp_path, "b", "ann", "reject")
    add_review(tmp_path, "b", "bob", "reject")
    taken_back = add_review(tmp_path, "c", "ann", "approve")
    add_review(tmp_path, "c", "ann", "undo", undoes=taken_back.id)
    add_review(tmp_path, "d", "bob", "label", text="odd")
    reviews = list(review.read(tmp_path))
    states = by_status(reviews)
    assert states["rejected"] == ("a", "b") and "approved" not in states
    assert states["disputed"] == ("a",) and states["unreviewed"] == ("a", "b")
    assert by_label(reviews) == {"odd": ("d",)}
    assert judgements(reviews, "ann") == {"a": True, "b": False}
    assert last_review(reviews, "a", "bob").action == "reject" and last_review(reviews, "c", "ann") is None
    [pair] = agreements(reviews)
    assert (pair.first, pair.second, pair.judged_by_both, pair.rate, pair.kappa) == ("ann", "bob", 2, 0.5, 0.0)


@pytest.mark.parametrize(
    "arguments", ['{"query": "SELECT 1', "SELECT 1", "[1]", '"{}"', "", '{"a": NaN}', '{"a": 1, "a": 2}']
)
def test_arguments_that_are_no_object_are_not_saved(arguments):
    t = episode("a")
    calling = t.messages[2].model_copy(update={"calls": (Call(id="1", name="add", arguments="not mine"),)})
    t = t.model_copy(update={"messages": (*t.messages[:2], calling, *t.messages[3:])})
    with pytest.raises(ConfigError, match=r"not saved: .*arguments of add"):
        edited_messages(t, 2, "x", [arguments])
    kept = edited_messages(t, 2, "better words", ["not mine"])
    assert kept[2].calls == calling.calls, "what the agent wrote itself may stay beside a better text"
    assert edited_messages(t, 2, "x", ['{"by": 2}'])[2].calls[0].arguments == '{"by": 2}'


def test_nobody_reviews_without_a_name(tmp_path):
    with pytest.raises(ConfigError, match="who you are"):
        add_review(tmp_path, "a", "  ", "approve")
    assert not (tmp_path / review.FILE).exists()


def test_an_edit_is_a_revision_and_the_chat_shows_both():
    t = episode("t.0", "Thought: add it")
    new = edited_messages(t, 2, "Thought: add two")
    assert new[2].author == "human" and new[:2] == t.messages[:2]
    assert edited_messages(t, 2, t.messages[2].content) == t.messages
    edited_trajectory = ReviewState(messages=new, mask=(2,)).applied(t)
    [block] = [e for e in blocks(edited_trajectory, t) if e.kind == "raw"]
    assert (block.text, block.before_edit) == ("Thought: add two", "Thought: add it")
    assert {b.text for b in block.badges} == {"human", "masked", "edited"}
    assert all(e.before_edit is None for e in blocks(t, t))


def test_a_mask_is_put_on_and_taken_off():
    assert toggled_mask(ReviewState(), 4) == (4,)
    assert toggled_mask(ReviewState(mask=(2, 4)), 4) == (2,)


WRITER = """
import sys
from pathlib import Path
from simenv.plugins.viewer.content.reviewing import add_review
for i in range(40):
    add_review(Path(sys.argv[1]), f"t-{i}", sys.argv[2], "comment", text=sys.argv[2] * 3000)
"""


def test_two_reviewers_at_once_lose_nothing(tmp_path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name]) for name in ("ann", "bob")]
    assert [p.wait() for p in writers] == [0, 0]
    reviews = list(review.read(tmp_path))
    assert len(reviews) == 80 and len({r.id for r in reviews}) == 80
    assert all(len(o.comments) == 2 for o in states(reviews).values())


def test_rulings_are_those_of_one_run_the_most_frequent_first(tmp_path):
    verdicts = [
        Verdict(trajectory="r/a", filter="thanks", decision="mask", reason="polite"),
        Verdict(trajectory="r/b", filter="long", decision="drop", reason="9 steps"),
        Verdict(trajectory="r/c", filter="long", decision="drop", reason="9 steps"),
        Verdict(trajectory="other/a", filter="long", decision="drop", reason="9 steps"),
    ]
    lines = [v.model_dump_json(exclude_defaults=True) for v in verdicts]
    (tmp_path / "verdicts.jsonl").write_text("\n".join(["no json", *lines]) + "\n")
    assert list(rulings(tmp_path, "r").items()) == [
        (FilterRuling("long", "drop", "9 steps"), ("b", "c")),
        (FilterRuling("thanks", "mask", "polite"), ("a",)),
    ]

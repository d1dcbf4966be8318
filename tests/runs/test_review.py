"""What people said of trajectories: written by several at once, taken back, and applied."""

import subprocess
import sys
from collections import Counter

import pytest
from pydantic import ValidationError

from simenv.runs import review
from simenv.runs.review import Review, ReviewState, states
from simenv.types import Message
from tests.helpers.trajectories import GOOD


def said(id, action, trajectory="t-1.0", **more):
    return Review(id=id, trajectory=trajectory, reviewer="ann", time="2026-01-01T00:00:00Z", action=action, **more)


def test_reviews_come_back_in_the_order_of_writing_and_torn_lines_take_nothing_with_them(tmp_path):
    review.write(tmp_path, said("1", "approve"))
    with (tmp_path / review.FILE).open("ab") as file:
        file.write(b'{"id": "torn')
    review.write(tmp_path, said("2", "comment", text="Well done."))
    skipped = Counter()
    assert [r.id for r in review.read(tmp_path, skipped)] == ["1", "2"]
    assert skipped == {"foreign reviews": 1}
    assert list(review.read(tmp_path / "nowhere")) == []


WRITER = """
import sys
from pathlib import Path
from simenv.runs import review
for i in range(60):
    review.write(Path(sys.argv[1]), review.Review(
        id=f"{sys.argv[2]}-{i}", trajectory="t", reviewer=sys.argv[2], time="now", action="comment", text="x" * 9000))
"""


def test_two_who_write_at_once_lose_nothing(tmp_path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name]) for name in ("ann", "bo")]
    assert [w.wait() for w in writers] == [0, 0]
    ids = [r.id for r in review.read(tmp_path)]
    assert len(ids) == 120 and [i for i in ids if i.startswith("ann")] == [f"ann-{i}" for i in range(60)]


def test_the_last_word_holds_and_can_be_taken_back():
    words = [said("1", "reject"), said("2", "approve"), said("3", "label", text="neat"), said("4", "undo", undoes="2")]
    assert states(words)["t-1.0"] == ReviewState(approved=False, labels=("neat",), reviewers=("ann",))
    assert states([*words, said("5", "undo", undoes="4")])["t-1.0"].approved is True
    assert states([said("1", "reject"), said("2", "undo", undoes="1")]) == {}


def test_an_edit_replaces_the_chat_and_a_mask_takes_loss_off():
    messages = [m.model_copy(update={"content": m.content + "!"}) for m in GOOD.messages]
    after = ReviewState(messages=tuple(messages), mask=(2,)).applied(GOOD)
    assert [m.content for m in after.messages] == [m.content for m in messages]
    assert [m.train for m in after.messages] == [False, False, False, False, True]
    assert [s.message for s in after.steps] == [2, 4]


def test_a_turn_cut_by_a_person_takes_its_step_along():
    after = ReviewState(messages=(*GOOD.messages[:2], GOOD.messages[4])).applied(GOOD)
    assert [s.message for s in after.steps] == [2] and after.steps[0].action.name == "answer"
    more = ReviewState(messages=(GOOD.messages[0], Message(role="user", content="Hi"), *GOOD.messages[1:])).applied(
        GOOD
    )
    assert [s.message for s in more.steps] == [3, 5]


@pytest.mark.parametrize(
    "wrong", [{"action": "edit"}, {"action": "undo"}, {"action": "label"}, {"action": "mask", "mask": (-1,)}]
)
def test_a_review_says_all_that_its_action_needs(wrong):
    with pytest.raises(ValidationError):
        said("1", **wrong)

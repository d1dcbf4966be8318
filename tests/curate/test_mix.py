"""The ratio holds, by samples and by tokens; a task is never on both sides; what cannot be met is refused with what can."""

import json
import re
from collections import Counter

import pytest

from simenv.curate.mix import Mix, chosen, left_over, plan
from simenv.curate.sample_store import SampleStore
from simenv.data.contamination import WordOverlap, task_texts
from simenv.errors import ConfigError
from simenv.types import Message, Sample


def shelf(tmp_path, mix, **counts):
    """Samples by environment, two of each task, the i-th with 10 + i % 7 tokens under loss."""
    made = SampleStore(tmp_path, mix.seed)
    for environment, count in counts.items():
        for i in range(count):
            sample = Sample(
                id=f"{environment}-{i}",
                task=f"{environment}-{i // 2}",
                environment=environment,
                source="chat" if environment == "chat" else "run",
                messages=(Message(role="assistant", content="x", train=True),),
            )
            made.add(sample, 10 + i % 7, mix.split(sample.task))
    return made


def mixed(tmp_path, mix, **counts):
    made = shelf(tmp_path, mix, **counts)
    plan(made, mix)
    return {split: [json.loads(line) for line in chosen(made, split)] for split in ("train", "validation")}, made


def share(samples, of):
    return Counter(s["environment"] == of for s in samples)[True] / len(samples)


CHAT = Mix.model_validate({"chat": ["chat.jsonl"], "validation": 0})


def test_two_of_ten_are_agent_data_by_default(tmp_path):
    sets, made = mixed(tmp_path, CHAT, db=100, chat=200)
    assert Counter(s["environment"] for s in sets["train"]) == {"db": 50, "chat": 200}
    assert len(list(left_over(made))) == 50


def test_the_ratio_can_count_tokens_under_loss(tmp_path):
    mix = CHAT.model_copy(update={"by": "tokens"})
    sets, made = mixed(tmp_path, mix, db=300, chat=200)
    tokens = Counter()
    for s in sets["train"]:
        [found] = made.index.execute("SELECT tokens FROM samples WHERE id = ?", (s["id"],)).fetchone()
        tokens[s["environment"]] += found
    assert tokens["db"] / tokens.total() == pytest.approx(0.2, abs=16 / tokens.total())


def test_environments_have_weights_and_those_not_named_are_left_out(tmp_path):
    mix = CHAT.model_copy(update={"environments": {"db": 3, "kg": 1}, "size": 100, "ratio": 0.4})
    sets, _ = mixed(tmp_path, mix, db=100, kg=100, web=100, chat=100)
    assert Counter(s["environment"] for s in sets["train"]) == {"db": 30, "kg": 10, "chat": 60}


def test_without_chat_all_is_agent_data(tmp_path):
    sets, _ = mixed(tmp_path, Mix(validation=0), db=7, kg=3)
    assert len(sets["train"]) == 10


def test_a_short_group_is_taken_again_where_that_is_allowed_and_copies_have_ids(tmp_path):
    mix = CHAT.model_copy(update={"upsample": 3})
    sets, _ = mixed(tmp_path, mix, db=10, chat=100)
    ids = [s["id"] for s in sets["train"]]
    assert Counter(s["environment"] for s in sets["train"]) == {"db": 25, "chat": 100} and len(set(ids)) == len(ids)
    assert Counter(i.partition("#")[2] for i in ids if i.startswith("db")) == {"": 10, "2": 10, "3": 5}


def test_a_task_is_never_on_both_sides_and_validation_is_mixed_the_same(tmp_path):
    mix = CHAT.model_copy(update={"validation": 0.25})
    sets, _ = mixed(tmp_path, mix, db=400, chat=1600)
    sides = [{s["task"] for s in sets[split]} for split in ("train", "validation")]
    assert not sides[0] & sides[1] and len(sets["validation"]) > 200
    assert share(sets["train"], "db") == pytest.approx(0.2, abs=0.01)
    assert share(sets["validation"], "db") == pytest.approx(0.2, abs=0.03)


def test_a_seed_gives_the_same_set_whatever_the_order_of_reading_and_another_seed_another(tmp_path):
    mix = CHAT.model_copy(update={"validation": 0.1})
    a, _ = mixed(tmp_path, mix, db=50, chat=100)
    b, _ = mixed(tmp_path, mix, chat=100, db=50)
    c, _ = mixed(tmp_path, mix.model_copy(update={"seed": 1}), db=50, chat=100)
    assert a == b != c


@pytest.mark.parametrize(
    ("change", "counts", "error"),
    [
        (
            {"size": 100},
            {"db": 100, "chat": 40},
            "mix.size: 100 samples at 0.20 agent + 0.80 chat cannot be met with upsample=1: there are 100 of agent, "
            "40 of chat; possible: mix.size=50, or mix.upsample=2, or a mix.ratio at which there is enough of chat, "
            "which is the short one",
        ),
        (
            {},
            {"db": 10, "chat": 0},
            "mix: nothing of chat, so the ratio cannot be met: there are 10 of agent, 0 of chat",
        ),
        ({}, {"chat": 5}, "mix: no agent data"),
        ({"environments": {"household2": 1}}, {"household": 1, "chat": 5}, "did you mean 'household'?"),
        ({"ratio": 0.01}, {"db": 10, "chat": 20}, "holds none of agent"),
    ],
)
def test_what_cannot_be_met_is_refused_with_what_is_possible(tmp_path, change, counts, error):
    mix = CHAT.model_copy(update=change)
    with pytest.raises(ConfigError, match=re.escape(error)):
        plan(shelf(tmp_path, mix, **counts), mix)


TASK = "Which of the books that were published after 1960 has the lowest number of pages and was never lent to anyone?"


def asked(text, role="user"):
    return [Message(role=role, content=text)]


def test_thirteen_words_in_a_row_are_an_overlap_and_twelve_are_not():
    overlap = WordOverlap()
    overlap.add(TASK)
    words = TASK.split()
    assert overlap.meets(asked("So: " + " ".join(words[3:16]).upper() + "!"))
    assert not overlap.meets(asked(" ".join(words[3:15]) + " or"))
    assert not overlap.meets(asked(TASK, role="system"))


def test_a_task_shorter_than_that_is_recognised_as_a_whole_and_too_short_a_one_not_at_all():
    overlap = WordOverlap()
    overlap.add("put some spraybottle on toilet")
    overlap.add("Who is it?")
    assert overlap.tasks == 1
    assert overlap.meets(asked("Your task is to: put some spraybottle on toilet."))
    assert not overlap.meets(asked("put some soapbottle on toilet. Who is it?"))


def test_evaluation_tasks_come_from_runs_files_and_lines(tmp_path):
    (tmp_path / "tasks.jsonl").write_text('{"instruction": "a"}\n{"question": "b"}\n')
    (tmp_path / "tasks.txt").write_text("c\nd\n")
    assert [*task_texts(tmp_path), *task_texts(tmp_path / "tasks.txt")] == ["a", "b", "c", "d"]
    (tmp_path / "tasks.jsonl").write_text('{"text": "a"}\n')
    with pytest.raises(ConfigError, match=r"tasks.jsonl:1: expected a task with one of instruction"):
        list(task_texts(tmp_path))

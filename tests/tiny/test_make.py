"""Tiny models: the tokenizer gives back what it was given, exercises are what they say, and what is made acts."""

import json
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv.errors import ConfigError
from simenv.options import read
from simenv.rollout.cli import rollout
from simenv.runs.store import Run
from simenv.tiny import Practice, Tiny
from simenv.tiny.cli import tiny

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        any(find_spec(name) is None for name in ("torch", "transformers")),
        reason="pip install torch==2.13.0 && pip install transformers",
    ),
]

TEXTS = [
    "put a clean mug in cabinet. On the countertop 1, you see a mug 2, and a plate 1.",
    "execute_sql SELECT name FROM shops WHERE city = 'Prague' AND year >= 1988",
    "[('Prague', Decimal('12.50')), ('Lima', None)] commit_final_answer [\"1988\"]",
] * 30


@pytest.fixture(scope="module")
def tokenizer():
    from simenv.tiny.tokenizer import train_tokenizer

    return train_tokenizer(TEXTS, 400, 256)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_printable_text_comes_back_as_it_was(tokenizer, text):
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"]) == text


def test_a_word_is_one_token_wherever_it_stands_and_digits_are_single(tokenizer):
    def tokens(text):
        return tokenizer.tokenize(text)

    assert tokens("in Prague") == ["▁in", "▁Prague"]
    assert tokens("'Prague'") == ["'", "▁Prague", "'"]
    assert tokens("year 1988") == ["▁year", "▁1", "9", "8", "8"]


def test_the_template_marks_what_the_assistant_says_and_its_end(tokenizer):
    chat = [{"role": "user", "content": "year"}, {"role": "assistant", "content": "Prague"}] * 2
    made = tokenizer.apply_chat_template(chat, return_dict=True, return_assistant_tokens_mask=True)
    marked = [
        tokenizer.convert_ids_to_tokens(i) for i, m in zip(made["input_ids"], made["assistant_masks"], strict=True) if m
    ]
    assert marked == ["▁Prague", "<|end|>"] * 2


def test_an_exercise_asks_for_a_piece_by_its_cue_and_gets_harder():
    import torch
    from numpy.random import default_rng

    from simenv.tiny.exercises import IGNORED, Exercises, ExerciseTokens

    words = ExerciseTokens(
        user=0, assistant=1, end=2, first_digits=[3], digits=[4], tokens=[5, 6, 7], texts=[[8, 9, 10, 11]]
    )
    batches = list(Exercises(words, Practice(steps=20, tokens=512), default_rng(0)))
    assert len(batches) == 20
    assert batches[0]["input_ids"].shape[1] < 60 and max(b["input_ids"].shape[1] for b in batches) > 100
    for batch in batches:
        sides = (batch[name].tolist() for name in ("input_ids", "logits_to_keep", "labels"))
        for ids, places, labels in zip(*sides, strict=True):
            told = [(at, label) for at, label in zip(places, labels, strict=True) if label != IGNORED]
            assert told and all(ids[at + 1] == label for at, label in told)
            turns = [turn.split(" 0 ")[0].split() for turn in f"{' '.join(map(str, ids))} ".split(" 1 ")[1:]]
            assert len(told) == sum(len(turn[1:]) for turn in turns)  # all that is said but the cue
            for chat in " ".join(map(str, ids)).split(" 2 0 ")[:1]:
                shown, _, said = chat.removeprefix("0 ").partition(" 1 ")
                assert said.removesuffix(" 2") in shown
    assert torch.is_tensor(batches[0]["labels"])


def test_what_is_made_acts_through_the_model_client(tmp_path):
    words = ["environments=[counter]", "dialect=short", f"out={tmp_path}", "episodes=6"]
    assert rollout([*words, "name=text", "agent.error_rate=0.3"]) == 0
    from simenv.tiny.cli import tiny

    small = ["width=16", "layers=ca", "heads=2", "vocabulary=200", "practice.steps=3", "practice.tokens=64"]
    assert tiny([str(tmp_path / "text"), f"out={tmp_path}", *small]) == 0
    model = ["agent=react", "model=transformers", f"model.model={tmp_path / 'tiny'}", "model.max_tokens=24"]
    assert rollout([*words, "name=acts", *model, "model.device=cpu", "limits.max_turns=2"]) == 0
    acted = list(Run.open(tmp_path / "acts").raw("trajectories"))
    assert len(acted) == 6 and all(t["usage"]["output_tokens"] > 0 for t in acted)
    config = json.loads((tmp_path / "tiny" / "config.json").read_text())
    assert config["layer_types"] == ["conv", "full_attention"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"width": 20}, "no multiple of twice heads=4"),
        ({}, "runs: no chats"),
        ({"runs": ["nowhere"]}, "no run here"),
        ({"name": "taken"}, "exists already"),
    ],
)
def test_what_makes_no_model_is_told(tmp_path, changes, told):
    from simenv.tiny.make import make

    (tmp_path / "taken").mkdir()
    with pytest.raises(ConfigError, match=told):
        make(read(Tiny, {"out": str(tmp_path)} | changes, ""))


def test_a_place_that_cannot_be_written_is_told_before_the_practice(tmp_path, capsys):
    assert rollout(["environments=[counter]", "episodes=1", f"out={tmp_path}", "name=r"]) == 0
    (tmp_path / "file").touch()
    assert tiny([str(tmp_path / "r"), f"out={tmp_path / 'file' / 'models'}"]) == 1
    assert "cannot make the folder: Not a directory" in " ".join(capsys.readouterr().err.split())

# ruff: noqa: E501 (templates read better in one line)
"""Every chat template that can be had here × every kind of chat: loss is where it should be, or the chat is refused."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from simenv.models.text_calls import written
from simenv.reasoning import Reasoning
from simenv.types import Message, Sample
from tests.helpers import chat_templates, template_matrix
from tests.helpers.template_matrix import CHATS, verdicts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("transformers") is None, reason="pip install 'simenv[train]'"),
]
DOCS = Path(__file__).parents[2] / "docs" / "templates.md"
OWN = dict(chat_templates.collection("own"))


def template(name, text, reasoning="train", calls="template"):
    from simenv.data.masks import Template

    return Template(written(chat_templates.tokenizer(name, text), calls), reasoning)


@pytest.mark.parametrize("source", chat_templates.FOLDERS)
@pytest.mark.parametrize("calls", ["template", "text"])
def test_no_template_puts_loss_where_it_should_not_be(source, calls):
    given = {name: verdicts(name, text, calls) for name, text in chat_templates.collection(source)}
    if not given:
        pytest.skip(f"{source} is not installed: make receivers")
    assert {(n, chat): v.why for n, row in given.items() for chat, v in row.items() if v.verdict == "wrong"} == {}
    listed = DOCS.read_text(encoding="utf-8")
    assert [name for name in given if f"| `{name}` |" not in listed] == []
    refused = [
        (name, chat)
        for name, row in given.items()
        for chat in CHATS
        if row[chat].verdict == "refused" and "call" in chat
    ]
    assert calls == "template" or len(refused) < 0.15 * len(given) * len(CHATS)


def test_templates_are_given_what_they_want():
    spellings = {name.removeprefix("own/"): template(name, text).spelling for name, text in OWN.items()}
    assert spellings["deepseek_r1"].arguments == "text" and spellings["hermes"].arguments == "object"
    assert {name for name, s in spellings.items() if s.ids == "nine"} == {"mistral_v3"}
    assert {name for name, s in spellings.items() if s.system == "folded"} == {"mistral_v3", "gemma2"}
    assert {name for name, s in spellings.items() if s.reasoning == "reasoning_content"} == {"deepseek_r1", "kimi_k2"}


def test_calls_as_text_are_read_back_by_the_local_client():
    from simenv.models.calls import read_calls

    made = template("own/vicuna", OWN["own/vicuna"], calls="text")
    sample = template_matrix.sample("call with thought")
    text = made.render(sample.messages, sample.tools)
    reply = text.split("ASSISTANT: ")[1].split("</s>")[0]
    said, calls = read_calls(reply, "c")
    assert said == "WORDS1" and [(c.name, c.arguments) for c in calls] == [("TOOLNAME", '{"ARGNAME": "CALL1"}')]
    assert "<tool_response>\nRESULT1\n</tool_response>" in text and "TOOLTEXT" in text.partition("ASK1")[0]
    assert written(made.tokenizer, "text").chat_template == made.tokenizer.chat_template


THOUGHTFUL = Sample(
    id="s", task="s", environment="db", source="run",
    messages=(
        Message(role="user", content="ASK1"),
        Message(role="assistant", content="WORDS1", train=True, reasoning=(Reasoning(kind="reasoning_content", text="THOUGHT1"),)),
        Message(role="user", content="ASK2"),
        Message(role="assistant", content="WORDS2", train=True, reasoning=(Reasoning(kind="think", text="THOUGHT2"),)),
    ),
)  # fmt: skip
QWEN3 = (
    "{%- set ns = namespace(last=0) -%}{%- for m in messages -%}{%- if m.role == 'user' -%}{%- set ns.last = loop.index0 -%}{%- endif -%}{%- endfor -%}"
    "{%- for m in messages %}{{ '<|im_start|>' ~ m.role ~ '\n' }}{%- if m.role == 'assistant' and loop.index0 > ns.last %}"
    "{{ '<think>\n' ~ (m.reasoning_content or '') ~ '\n</think>\n\n' }}{%- endif %}{{ m.content ~ '<|im_end|>\n' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{%- endif %}"
)


@pytest.mark.parametrize(
    ("name", "use", "learnt"),
    [
        ("qwen3", "train", ["WORDS1<|im_end|>", "<think>\nTHOUGHT2\n</think>\n\nWORDS2<|im_end|>"]),
        ("qwen3", "keep", ["WORDS1<|im_end|>", "WORDS2<|im_end|>"]),
        ("qwen3", "drop", ["WORDS1<|im_end|>", "WORDS2<|im_end|>"]),
        (
            "deepseek_r1",
            "train",
            [f"<think>\nTHOUGHT{i}\n</think>\n\nWORDS{i}<｜end▁of▁sentence｜>" for i in (1, 2)],
        ),
        ("deepseek_r1", "keep", [f"WORDS{i}<｜end▁of▁sentence｜>" for i in (1, 2)]),
        ("deepseek_r1", "drop", [f"WORDS{i}<｜end▁of▁sentence｜>" for i in (1, 2)]),
    ],
)
def test_reasoning_is_learnt_shown_or_left_out_as_the_option_says(name, use, learnt):
    from tests.helpers.chats import trained_texts

    made = template(name, QWEN3 if name == "qwen3" else OWN["own/deepseek_r1"], use)
    ids, labels = made.encode(THOUGHTFUL)
    assert trained_texts(made.tokenizer, ids, labels) == learnt
    shown = [t for t in ("THOUGHT1", "THOUGHT2") if t in made.tokenizer.decode(ids)]
    assert shown == ([] if use == "drop" else ["THOUGHT2"] if name == "qwen3" else ["THOUGHT1", "THOUGHT2"])


def test_the_next_roles_token_is_learnt_where_it_ends_turns_and_is_put_at_the_end():
    text = "{%- for m in messages %}{{ '<|' ~ m.role ~ '|>' ~ m.content }}{%- endfor %}{%- if add_generation_prompt %}<|assistant|>{%- endif %}"
    made = template(
        "open",
        text.replace(
            "'<|' ~ m.role ~ '|>'",
            "{'user': '<|user|>', 'assistant': '<|assistant|>', 'system': '<|system|>', 'tool': '<|tool|>'}[m.role]",
        ),
    )
    from tests.helpers.chats import trained_texts

    sample = template_matrix.sample("plain")
    assert trained_texts(made.tokenizer, *made.encode(sample)) == ["WORDS1<|user|>", "WORDS2<|user|>"]
    assert made.leaves_end(sample)


def test_masks_take_time_linear_in_turns():
    made = template("own/hermes", OWN["own/hermes"])
    rendered = []
    write = made.tokenizer.apply_chat_template
    made.tokenizer.apply_chat_template = lambda *a, **k: rendered.append(1) or write(*a, **k)
    turns = [
        m
        for i in range(200)
        for m in (Message(role="user", content=f"ask {i}"), Message(role="assistant", content=f"say {i}", train=True))
    ]
    made.encode(THOUGHTFUL.model_copy(update={"messages": tuple(turns)}))
    assert len(rendered) == 2

"""Tokens are counted by the tokenizer's own template, and estimated only where that was asked for."""

import pytest

from simenv.data.tokens import Estimate, Tokenizer, tokens
from simenv.errors import ConfigError
from simenv.types import Call, Message

CHAT = [
    Message(role="user", content="one two three"),
    Message(role="assistant", content="four five", calls=(Call(id="c", name="six", arguments='{"a": 7}'),), train=True),
    Message(role="assistant", content="masked"),
    Message(role="user", content="eight", train=True),
]
TEMPLATE = (
    "{% for m in messages %}<s> {{ m.content }} "
    "{% for c in m.tool_calls or [] %}{{ c.function.name }} {{ c.function.arguments.a }} {% endfor %}{% endfor %}"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.WordLevel({"<unk>": 0, "<s>": 1}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    path = tmp_path_factory.mktemp("tokenizer")
    fast = PreTrainedTokenizerFast(tokenizer_object=made, unk_token="<unk>", chat_template=TEMPLATE)
    fast.save_pretrained(path / "with")
    fast.chat_template = None
    fast.save_pretrained(path / "without")
    return path


def test_a_tokenizer_counts_the_chat_as_its_template_writes_it(folder):
    counted = Tokenizer(str(folder / "with"))
    assert counted.chat(CHAT) == 4 + 3 + 2 + 2 + 1 + 1
    assert counted.text("a b c") == 3


def test_loss_falls_on_the_text_and_calls_of_trained_assistant_turns_alone(folder):
    counted = Tokenizer(str(folder / "with"))
    assert counted.trained(CHAT) == counted.text('four five{"name": "six", "arguments": {"a": 7}}')


def test_a_tokenizer_without_chat_template_is_refused(folder):
    with pytest.raises(ConfigError, match=r"has no chat template; expected chat_template in tokenizer_config.json"):
        Tokenizer(str(folder / "without"))


def test_an_estimate_is_four_characters_a_token_and_says_so():
    estimate = tokens("estimate", "here")
    assert isinstance(estimate, Estimate) and "estimate" in estimate.name
    assert estimate.text("12345") == 2
    with pytest.raises(ConfigError, match="here: no tokenizer"):
        tokens(None, "here")

"""A tokenizer for task texts: byte-pair encoding within whole words, single digits and runs of punctuation.

A word has the same tokens behind a space and behind a quotation mark, since the space between two words is implied. This
makes copying easy and chats short.
"""

from __future__ import annotations

import string
from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

START = "▁"
"""Mark before every word and number."""
END, USER, ASSISTANT, PAD, UNKNOWN = "<|end|>", "<|user|>", "<|assistant|>", "<|pad|>", "<|unknown|>"
_WORD = "[A-Za-z0-9_]"
_TEMPLATE = (
    "{% for m in messages %}"
    "{% if m.role == 'assistant' %}" + ASSISTANT + "{% generation %}{{ m.content }}" + END + "{% endgeneration %}"
    "{% else %}" + USER + "{{ m.content }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}" + ASSISTANT + "{% endif %}"
)


def train_tokenizer(texts: Iterable[str], size: int, context: int) -> PreTrainedTokenizerFast:
    """A tokenizer of at most `size` tokens, trained on texts. It reproduces every text in printable ASCII.

    `context` is the most tokens of a chat.
    """
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(f"(?<!{_WORD})(?={_WORD})"), START),
            normalizers.Replace(Regex(f"(?<={_WORD}) (?={START})"), ""),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(
        Regex(f"{START}?[0-9]|{START}?[A-Za-z_]+|[^A-Za-z0-9_{START}]+"), "isolated"
    )
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Fuse(),
            decoders.Replace(Regex(f"(?<={_WORD}){START}"), " "),
            decoders.Replace(START, ""),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[END, USER, ASSISTANT, PAD, UNKNOWN],
        initial_alphabet=[*string.printable, START],
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    chat_tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        unk_token=UNKNOWN,
        additional_special_tokens=[USER, ASSISTANT],
        clean_up_tokenization_spaces=False,
        model_max_length=context,
    )
    chat_tokenizer.chat_template = _TEMPLATE
    return chat_tokenizer

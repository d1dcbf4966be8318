"""The chat templates that the installed trl and axolotl carry, and those beside this file, each with a tokenizer around it."""

import os
import re
from pathlib import Path

CACHE = Path(os.environ.get("SIMENV_CACHE", "~/.cache/simenv")).expanduser()
FOLDERS = {
    "trl": (CACHE / "trl-1.16.0", "lib/python3*/site-packages/trl/chat_templates"),
    "axolotl": (CACHE / "axolotl-0.19.0", "lib/python3*/site-packages/axolotl/utils/chat_templates/templates"),
    "own": (Path(__file__).parent, "chat_templates"),
}
CONTROL = re.compile(
    r"<\|[^|<>\s'\"]+\|>|<｜[^｜]+｜>|<\|(?:turn|tool|tool_call|tool_response|channel)>|<(?:turn|tool|tool_call|tool_response|channel)\|>"
    r"|<(?:start_of_turn|end_of_turn|bos|eos|s|/s|unk|end_of_utterance|image|extra_id_\d+|SPECIAL_\d+)>"
    r"|\[/?(?:INST|TOOL_CALLS|AVAILABLE_TOOLS|TOOL_RESULTS|SYSTEM_PROMPT|TOOL_CONTENT|CALL_ID|ARGS|gMASK|IMG)\]|\[\|[a-z]+\|\]"
)
PLAIN = ("<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")
"""Single tokens that are none of control."""
ENDS = (
    (r"gptoss", "<|return|>", None),
    (r"gemma", "<eos>", "<bos>"),
    (r"deepseek", "<｜end▁of▁sentence｜>", "<｜begin▁of▁sentence｜>"),
    (r"cohere|command|aya", "<|END_OF_TURN_TOKEN|>", "<BOS_TOKEN>"),
    (r"glm", "<|endoftext|>", None),
    (r"phi", "<|endoftext|>", None),
    (r"llama4", "<|eot|>", "<|begin_of_text|>"),
    (r"llama3", "<|eot_id|>", "<|begin_of_text|>"),
    (r"exaone", "[|endofturn|]", None),
    (r"smolvlm|idefics", "<end_of_utterance>", "<|im_start|>"),
    (r"falcon_h1", "<|end_of_text|>", None),
    (r"jamba", "<|eom|>", "<|startoftext|>"),
)
"""End and beginning of text by a template's name; what none fits has <|im_end|> if its template writes that, else </s>."""


def collection(*sources):
    """Names and texts of templates, in their order: `trl/qwen3`."""
    for source in sources or FOLDERS:
        root, pattern = FOLDERS[source]
        for path in sorted(file for folder in root.glob(pattern) for file in folder.glob("*.jinja")):
            yield f"{source}/{path.stem}", path.read_text(encoding="utf-8")


def tokenizer(name, template):
    """A tokenizer of bytes with the template and its control tokens."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE({c: i for i, c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    usual = ("<|im_end|>", None) if "<|im_end|>" in template else ("</s>", "<s>")
    eos, bos = next(((e, b) for pattern, e, b in ENDS if re.search(pattern, name)), usual)
    control = sorted({eos, bos, *CONTROL.findall(template)} - {None})
    made.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in control])
    made.add_tokens(
        [AddedToken(t, special=False, normalized=False) for t in PLAIN if t in template and t not in control]
    )
    fast = PreTrainedTokenizerFast(tokenizer_object=made, eos_token=eos, bos_token=bos, pad_token=eos)
    fast.chat_template, fast.name_or_path = template, name
    return fast

"""A base model of two layers with random weights, built on the spot."""

from pathlib import Path

CHATML = (
    "{% if tools %}<|im_start|>system\n{{ tools | tojson }}<|im_end|>\n{% endif %}"
    "{% for m in messages %}<|im_start|>{{ m.role }}{% if m.content or not m.tool_calls %}{{ '\n' + m.content }}{% endif %}"
    "{% for c in m.tool_calls or [] %}{{ '\n<tool_call>\n' }}"
    '{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}'
    "{{ '\n</tool_call>' }}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""As Qwen 2.5 writes chats."""
LLAMA = (
    "{{ bos_token }}"
    "{% if tools %}<|start_header_id|>system<|end_header_id|>\n\n{% for t in tools %}{{ t | tojson }}\n{% endfor %}"
    "<|eot_id|>{% endif %}"
    "{% for m in messages %}<|start_header_id|>{{ 'ipython' if m.role == 'tool' else m.role }}<|end_header_id|>\n\n"
    "{{ m.content | trim }}{% for c in m.tool_calls or [] %}"
    '{"name": "{{ c.function.name }}", "parameters": {{ c.function.arguments | tojson }}}'
    "{% endfor %}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
"""As Llama 3 does; what ends a turn is not what ends the text."""
SPECIAL = ["<|bos|>", "<|eos|>", "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
TEXT = ["a door, a key, the red house and the cup; go to the table and take it", '{"name": "open", "arguments": {}}']


def tokenizer(template: str, eos: str = "<|eos|>"):
    """A byte-level tokenizer with 320 tokens and this chat template."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(TEXT * 20, 320, special_tokens=SPECIAL)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe._tokenizer, bos_token="<|bos|>", eos_token=eos)
    tokenizer.add_special_tokens({"additional_special_tokens": [t for t in SPECIAL[1:] if t != eos]})
    tokenizer.chat_template = template
    return tokenizer


def build(
    folder: Path,
    template: str = CHATML,
    eos: str = "<|im_end|>",
    context: int = 512,
    hidden: int = 64,
    layers: int = 2,
    vocabulary: int = 0,
) -> Path:
    """Weights, tokenizer and chat template in a folder. A `vocabulary` larger than the tokenizer's has tokens never used."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    text_tokenizer = tokenizer(template, eos)
    text_tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    shape = {
        "hidden_size": hidden,
        "intermediate_size": 2 * hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": 4,
    }
    ids = {"bos_token_id": text_tokenizer.bos_token_id, "eos_token_id": text_tokenizer.eos_token_id}
    LlamaForCausalLM(
        LlamaConfig(vocab_size=max(len(text_tokenizer), vocabulary), max_position_embeddings=context, **shape, **ids)
    ).save_pretrained(folder)
    return folder

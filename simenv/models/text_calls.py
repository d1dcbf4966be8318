"""Tool calls for chat templates that know none: they are written as text, by a beginning that is put before the template.

It is a part of the tokenizer's chat template from then on, so whoever trains on a model and whoever asks it write the same.
Calls stand between <tool_call> tags, from where `read_calls` takes them; results between <tool_response> tags, as words of the
user; tools in the first message.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

CallStyle = Literal["template", "text"]
"""template: calls as the chat template writes them, refused where it does not. text: as text, whatever it would write."""
_BEGINNING = Path(__file__).with_name("text_calls.jinja").read_text(encoding="utf-8").rstrip("\n")


def written(tokenizer: Any, calls: CallStyle) -> Any:
    """The tokenizer, whose chat template writes calls as text if `calls` says so."""
    template = tokenizer.chat_template
    if calls == "text" and isinstance(template, str) and not template.startswith(_BEGINNING):
        tokenizer.chat_template = _BEGINNING + template
    return tokenizer

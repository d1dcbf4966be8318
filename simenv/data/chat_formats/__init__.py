"""The formats that chats are published in: one file for each, which says how it knows its records and reads their chats.

What is in a record is read right, or the record is refused with the field and what was expected. Fields that a format does not
know are named by `Format.unknown`.
"""

from __future__ import annotations

from typing import Any

from simenv.data.chat_formats.agent_data_protocol import AgentDataProtocol
from simenv.data.chat_formats.alpaca import Alpaca
from simenv.data.chat_formats.anthropic import Anthropic
from simenv.data.chat_formats.atif import Atif
from simenv.data.chat_formats.format import Chat, Format, Malformed
from simenv.data.chat_formats.glaive import Glaive
from simenv.data.chat_formats.hermes import Hermes
from simenv.data.chat_formats.inspect_log import InspectLog, inspect_json
from simenv.data.chat_formats.prompt_completion import PromptCompletion
from simenv.data.chat_formats.responses import Responses
from simenv.data.chat_formats.swe_agent import SweAgent
from simenv.data.chat_formats.tau import Tau, Tau2
from simenv.data.chat_formats.toolbench import ToolBench
from simenv.data.chat_formats.turns import Conversations, OpenAI, ShareGPT
from simenv.data.chat_formats.xlam import Xlam
from simenv.errors import Unreadable

__all__ = ["FORMATS", "Chat", "Format", "Malformed", "inspect_json", "recognise"]

_TURNS = (ShareGPT(), Conversations(), OpenAI())
FORMATS: tuple[Format, ...] = (
    Atif(), InspectLog(), Tau(), Tau2(), SweAgent(), AgentDataProtocol(), Xlam(), Glaive(), ToolBench(), Anthropic(),
    *map(Hermes, _TURNS), *_TURNS, PromptCompletion(), Responses(), Alpaca(),
)  # fmt: skip
"""In the order in which they are asked: those that know their records by more come first."""


def recognise(record: dict[str, Any], place: str) -> Format:
    """The format of a record, by its keys. Unreadable, which lists all formats, where none fits."""
    for form in FORMATS:
        if form.fits(record):
            return form
    shapes = "".join(f"\n  {f.name:32}{f.shape}" for f in FORMATS)
    keys = ", ".join(map(repr, record)) or "none"
    raise Unreadable(
        place, f"unknown shape with keys {keys:.200}: no format of chats has them\nexpected one of{shapes}"
    )

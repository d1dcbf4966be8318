"""What a server's refusal means: try again, the prompt is too long, or give up. One reading for all HTTP clients."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from email.utils import mktime_tz, parsedate_tz
from functools import cache
from typing import Any

from simenv.errors import ContextLimit, ModelError, NoService
from simenv.models.keys import blot
from simenv.models.limits import Transient

AGAIN = {408, 409, 425, 429}
HELP = {
    401: "the server does not accept the key",
    403: "the key may not use this model",
    404: "the server knows no such model or path; check `model` and `base_url` (it usually ends in /v1)",
}
TOO_LONG_CODES = {"context_length_exceeded", "exceed_context_size_error", "request_too_large"}
QUOTA_CODES = {"insufficient_quota", "billing_hard_limit_reached"}
# The rule of AgentBench's HTTP agent (v0.2, http_agent.py): one word of each list. Matched at the start of words here,
# for as bare substrings "unsupported prompt field" would hold "prompt" and "up".
SUBJECT = re.compile(r"\b(prompt|context|tokens)")
EXCESS = re.compile(r"\b(limit|exceed|max|long|much|many|reach|over|up\b|beyond)")
# Names that say nothing about the prompt: `max_tokens` is not supported, or more output than the model can write.
OUTPUT = re.compile(r"\bmax_(?:completion_|output_)?tokens\b|\b(?:output|completion) tokens\b")
UNWANTED = re.compile(
    r"unsupported|not (?:be )?support|n't support|not permitted|not allowed|unknown|unrecogni[sz]ed|unexpected|forbidden"
    r"|not a valid|cannot find|only (?:the default|\S+ is allowed)|deprecated|remove|not accept|cannot be used|must not",
    re.I,
)
"""How a server says that it does not want a field, or not this value of it."""
CONTENT = re.compile(r"\bcontent\b")
SHOWN = 300
"""Characters of a server's text that an error quotes."""


def refusal(status: int, headers: Mapping[str, str], content: bytes, secret: str = "") -> ModelError:
    """The error that an HTTP answer other than 2xx stands for. Its text quotes the server, without the key `secret`."""
    message, codes, fields = _read(content)
    said = blot(message, secret)
    quote = said[:SHOWN] + ("…" if len(said) > SHOWN else "") or "no message"
    malformed = status in (400, 422)
    if codes & TOO_LONG_CODES or status == 413 or (malformed and not _setting(codes) and too_long(message)):
        return ContextLimit(f"the prompt does not fit: HTTP {status}: {quote}")
    if codes & QUOTA_CODES:
        return NoService(f"the account has no credit left: HTTP {status}: {quote}")
    if status in AGAIN or status >= 500:
        return Transient(f"HTTP {status}: {quote}", f"HTTP {status}", after=retry_after(headers))
    text = f"{HELP.get(status, 'the server refuses the request')}: HTTP {status}: {quote}"
    if status == 401:
        return NoService(text)
    about_fields = fields or UNWANTED.search(message) or CONTENT.search(message)
    return Refused(text, message, fields) if malformed and about_fields else ModelError(text)


class Refused(ModelError):
    """A request whose fields the server does not want so: its words, and the fields that it names beside them."""

    def __init__(self, text: str, words: str, fields: frozenset[str]) -> None:
        super().__init__(text)
        self.words, self.fields = words, fields

    def names(self, field: str) -> bool:
        """Whether it says of this field that it is not wanted; a word of the prompt is not taken for its name."""
        if field in self.fields:
            return True
        return bool(UNWANTED.search(self.words)) and _as_name(field).search(self.words) is not None

    @property
    def speaks_of_content(self) -> bool:
        """Whether it is about the text of a message."""
        return CONTENT.search(self.words) is not None


@cache
def _as_name(field: str) -> re.Pattern[str]:
    """Where a text names a field: quoted, at the end of a path, behind or before a colon, or called a parameter."""
    name = re.escape(field)
    if "_" in field:
        return re.compile(rf"\b(?:{name}|{name.replace('_', '')})\b", re.I)
    noun = r"\b(?:parameter|argument|field|property|option|key|name|value|supplied|invalid)s?:?\s+"
    places = rf"['\"`.]{name}['\"`]|\.{name}:|^{name}:|:\s*{name}\s*\.?\s*$|\b{name} (?:is not|role|message)"
    return re.compile(rf"{places}|{noun}{name}\b", re.I)


def too_long(message: str) -> bool:
    """Whether a refusal's text speaks of a prompt beyond the model's context."""
    text = OUTPUT.sub(" ", message.lower())
    return bool(SUBJECT.search(text) and EXCESS.search(text))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait: Retry-After as seconds or HTTP-date, or retry-after-ms. Else None."""
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return float(text) * unit
    date = parsedate_tz(headers.get("retry-after", ""))
    return max(0.0, mktime_tz(date) - time.time()) if date else None


def _setting(codes: set[str]) -> bool:
    """Whether the refusal names an option as its cause."""
    return any(code.startswith(("unsupported_", "unknown_")) for code in codes)


def _read(content: bytes) -> tuple[str, set[str], frozenset[str]]:
    """A refusal's message, its codes, and the fields that it names apart.

    As OpenAI, Anthropic, xAI, Mistral, vLLM, SGLang, llama.cpp, Ollama and FastAPI write.
    """
    text = content.decode("utf-8", "replace").strip()
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return text, set(), frozenset()
    if not isinstance(body, dict):
        return text, set(), frozenset()
    error = body.get("error", body)
    if not isinstance(error, dict):
        return str(error), set(), frozenset()
    reason: Any = error.get("message") or body.get("message") or error.get("detail") or body.get("detail")
    codes = {str(error[k]) for k in ("code", "type") if error.get(k)}
    if isinstance(reason, dict):
        reason = reason.get("detail") or reason.get("message")
    if isinstance(reason, str):
        parameter = error.get("param")
        named = parameter if UNWANTED.search(" ".join((reason, *codes))) else None
        return reason, codes, _fields(re.split(r"[.\[\]]", named)) if isinstance(named, str) else frozenset()
    return (text, codes, frozenset()) if reason is None else _malformed(reason, codes)


def _malformed(faults: Any, codes: set[str]) -> tuple[str, set[str], frozenset[str]]:
    """FastAPI's account of a malformed request. It quotes the prompt, whose words mean nothing: its places are read alone."""
    faults = (
        [f for f in faults if isinstance(f, dict) and isinstance(f.get("loc"), list)]
        if isinstance(faults, list)
        else []
    )
    places = [".".join(map(str, f["loc"])) for f in faults]
    unwanted = [f["loc"] for f in faults if UNWANTED.search(f"{f.get('type')} {f.get('msg')}")]
    told = f"malformed request: {', '.join(places)}" if places else "malformed request"
    return told, codes, frozenset().union(*map(_fields, unwanted))


def _fields(path: Sequence[Any]) -> frozenset[str]:
    """The field at the end of a path, without the numbers of list entries."""
    return frozenset([part for part in path if isinstance(part, str) and part and not part.isdigit()][-1:])

"""What a server's refusal means: try again, the prompt is too long, or give up. One reading for all HTTP clients."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from email.utils import mktime_tz, parsedate_tz
from typing import Any

from simenv.errors import ContextLimit, ModelError
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
SHOWN = 300
"""Characters of a server's text that an error quotes."""


def refusal(status: int, headers: Mapping[str, str], content: bytes) -> ModelError:
    """The error that an HTTP answer other than 2xx stands for."""
    message, codes = _read(content)
    quote = message[:SHOWN] + ("…" if len(message) > SHOWN else "") or "no message"
    if codes & TOO_LONG_CODES or status == 413 or (status in (400, 422) and not _setting(codes) and too_long(message)):
        return ContextLimit(f"the prompt does not fit: HTTP {status}: {quote}")
    if codes & QUOTA_CODES:
        return ModelError(f"the account has no credit left: HTTP {status}: {quote}")
    if status in AGAIN or status >= 500:
        return Transient(f"HTTP {status}: {quote}", f"HTTP {status}", after=retry_after(headers))
    return ModelError(f"{HELP.get(status, 'the server refuses the request')}: HTTP {status}: {quote}")


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


def _read(content: bytes) -> tuple[str, set[str]]:
    """A refusal's message and its codes, as OpenAI, Anthropic, vLLM, SGLang, llama.cpp, Ollama, FastAPI write."""
    text = content.decode("utf-8", "replace").strip()
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return text, set()
    if not isinstance(body, dict):
        return text, set()
    error = body.get("error", body)
    if not isinstance(error, dict):
        return str(error), set()
    reason: Any = error.get("message") or body.get("message") or error.get("detail")
    codes = {str(error[k]) for k in ("code", "type") if error.get(k)}
    # A list is FastAPI's account of a malformed request: it quotes the prompt, whose words mean nothing here.
    return (reason, codes) if isinstance(reason, str) else (text if reason is None else "malformed request", codes)

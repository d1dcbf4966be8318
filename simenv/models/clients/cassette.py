"""Answers of another model, recorded in a file and played back: equal requests get equal answers, without a server.

One JSON line a recording, appended in a single write, so that concurrent tasks and a killed process leave whole lines
and at most one torn one, which is passed over. A recording holds the reply, a digest of the chat and the sampling
settings; no keys and no addresses.
"""

from __future__ import annotations

import asyncio
import os
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from simenv import plugins
from simenv.documents import text_lines
from simenv.errors import ConfigError, ModelError
from simenv.files import open_to_append
from simenv.model import Model, Request
from simenv.models import connect, settings
from simenv.models.budget import Budget
from simenv.models.limits import Client, identity
from simenv.models.outbox import Sent
from simenv.options import Options as Settings
from simenv.options import explain_validation
from simenv.trust import DataPath, PluginName
from simenv.types import Data, Reply, digest

SHOWN = 300
"""Characters of a prompt's end that are kept to name the nearest one on a miss."""
COMPARED = 200
"""Recordings that a miss is compared with; more would hold up the other episodes."""


class Recording(Data):
    """One line of the file. `chat` is the digest of messages and tools, `settings` all else that shapes the answer."""

    key: str
    chat: str
    settings: dict[str, Any]
    prompt: str
    reply: Reply


class Cassette(Model):
    """Wraps the model named by its options, or any other that it is given."""

    class Options(Settings):
        path: DataPath
        """The file with what was asked and answered."""
        mode: Literal["auto", "record", "replay"] = "auto"
        """auto: play what is recorded, record what is not. record: ask anew, but each request once. replay: never ask;
        what is not recorded is a ModelError, and neither the model's server nor its key is needed."""
        of: PluginName = ""
        """The client that is recorded; none: only what is in the file is answered."""
        options: dict[str, Any] = {}
        """Name and options of the model, as for connect."""

    def __init__(self, options: Options, budget: Budget | None = None, model: Model | None = None) -> None:
        self.options = options
        if model is None and not options.of:
            raise ConfigError("cassette: `of` must name the model whose answers it holds")
        if model is None and options.mode != "replay":
            model = connect(options.of, options.options, budget=budget)
        self.model = model
        self._identity = model.identity if model else _identity_of(options.of, options.options)
        self._recordings = _read(options.path)
        self._known = {} if options.mode == "record" else dict(self._recordings)
        self._asked: dict[str, asyncio.Task[Reply]] = {}
        self._file: int | None = None
        self.played = self.missed = 0

    @property
    def identity(self) -> dict[str, Any]:
        return self._identity

    @property
    def counts(self) -> dict[str, int]:
        return {"played": self.played, "missed": self.missed} | (self.model.counts if self.model else {})

    @property
    def sent(self) -> tuple[Sent, ...]:
        return getattr(self.model, "sent", ())

    async def complete(self, request: Request) -> Reply:
        chat = chat_of(request)
        request_settings = request.model_dump(mode="json", exclude={"messages", "tools"}, exclude_none=True)
        sampling = self._identity | request_settings
        key = digest({"chat": chat, "settings": sampling})
        if key in self._known:
            self.played += 1
            return self._known[key].reply
        self.missed += 1
        if self.options.mode == "replay" or self.model is None:
            raise ModelError(self._miss(key, chat, sampling, prompt_of(request)))
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._record(key, chat, sampling, request))
            self._asked[key].add_done_callback(lambda task: self._forget(key, task))
        # A caller that is cancelled leaves the call to those who wait for the same answer.
        return await asyncio.shield(self._asked[key])

    async def _record(self, key: str, chat: str, sampling: dict[str, Any], request: Request) -> Reply:
        assert self.model is not None
        reply = await self.model.complete(request)
        recording = Recording(key=key, chat=chat, settings=sampling, prompt=prompt_of(request), reply=reply)
        self._append(recording)
        self._known[key] = recording
        return reply

    def _forget(self, key: str, task: asyncio.Task[Reply]) -> None:
        del self._asked[key]
        if not task.cancelled():
            task.exception()  # seen, even where every caller was cancelled

    def _append(self, recording: Recording) -> None:
        if self._file is None:
            self._file = open_to_append(self.options.path)
        os.write(self._file, recording.model_dump_json().encode() + b"\n")

    def _miss(self, key: str, chat: str, sampling: dict[str, Any], prompt: str) -> str:
        miss = f"cassette {self.options.path}: no recording {key[:16]} among {len(self._recordings)}"
        twins = [r for r in self._recordings.values() if r.chat == chat]
        if twins:
            return f"{miss}; this prompt is recorded with other settings: {_difference(sampling, twins[0].settings)}"
        prompts = [r.prompt for r in self._recordings.values()][-COMPARED:]
        near = get_close_matches(prompt, prompts, n=1, cutoff=0.0)
        hint = f"; the nearest recorded prompt ends {near[0]!r}" if near else ""
        return f"{miss} for a prompt that ends {prompt!r}{hint}"

    async def close(self) -> None:
        if self._asked:
            await asyncio.wait(list(self._asked.values()))
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self.model:
            await self.model.close()


def chat_of(request: Request) -> str:
    """Digest of what is sent: roles, texts, reasoning, calls and tools. Calls go by place: providers draw ids by lot."""
    place = {call.id: i for i, call in enumerate(c for m in request.messages for c in m.calls)}
    chat = [
        [
            m.role,
            m.content,
            [[c.name, c.arguments] for c in m.calls],
            place.get(m.call_id or "", m.call_id),
            *([[[r.kind, r.text] for r in m.reasoning]] if m.reasoning else []),
        ]
        for m in request.messages
    ]
    return digest({"messages": chat, "tools": request.tools})


def prompt_of(request: Request) -> str:
    """The end of the prompt, for people to read."""
    text = "\n".join(f"[{m.role}] {m.content}" for m in request.messages[-2:])
    return text if len(text) <= SHOWN else "…" + text[-SHOWN:]


def _identity_of(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """The identity of a model that is not there: replaying needs neither its key nor its server."""
    client = plugins.load("models", name)
    if not issubclass(client, Client):
        raise ConfigError(f"cassette: {name} cannot be replayed by name; it is no Client")
    return identity(client, settings(client, options, f"model cassette.options ({name})"))


def _read(path: Path) -> dict[str, Recording]:
    """Recordings by key; the last of a key counts. Torn lines are passed over, foreign ones are a ConfigError."""
    if not path.exists():
        return {}
    recordings: dict[str, Recording] = {}
    for number, line, _ in text_lines(path):
        try:
            if line.strip():
                recording = Recording.model_validate_json(line)
                recordings[recording.key] = recording
        except ValidationError as e:
            if e.errors(include_url=False)[0]["type"] == "json_invalid":
                continue
            raise ConfigError(explain_validation(e, f"cassette {path}:{number}: no recording")) from e
    return recordings


def _difference(request: dict[str, Any], recording: dict[str, Any]) -> str:
    names = sorted(n for n in {*request, *recording} if request.get(n) != recording.get(n))
    return ", ".join(f"{n} {recording.get(n)!r} instead of {request.get(n)!r}" for n in names)

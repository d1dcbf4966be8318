"""Results of tau-bench and of tau2-bench: chats of a service agent with a simulated user, each with its reward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simenv.data.chat_formats.calls import Turn, calls, joined
from simenv.data.chat_formats.content import answer, plain_text
from simenv.data.chat_formats.format import Chat, Format, Malformed, object_list, text_field
from simenv.data.chat_formats.schemas import schemas
from simenv.data.chat_formats.turns import OpenAI
from simenv.types import Message

_USER_TOOLS = "tools that the user called"
_SEEN = frozenset(
    ("turn_idx", "timestamp", "cost", "usage", "raw_data", "generation_time_seconds", "error", "is_audio")
)


class Tau(Format):
    """A result of tau-bench: `traj` of OpenAI's messages, and a `reward`."""

    name = "tau-bench"
    shape = '{"task_id": 0, "reward": 1.0, "traj": [{"role": "user", "content": "…"}, …]}'
    fields = {
        "": frozenset(("task_id", "reward", "info", "traj", "trial")),
        **{k.replace("messages", "traj"): names for k, names in OpenAI.fields.items() if k},
    }

    def fits(self, record: dict[str, Any]) -> bool:
        return isinstance(record.get("traj"), list) and "reward" in record

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        messages, notes = joined(OpenAI().turns(record["traj"], "traj"))
        id = f"{record.get('task_id', '')}.{record.get('trial', 0)}"
        yield Chat(tuple(messages), (), {}, id, _failure(record["reward"], "reward"), tuple(notes))


class Tau2(Format):
    """A file of results of tau2-bench: `simulations`, each with messages and `reward_info`, under one policy.

    What the user called and saw on its own device is not the agent's, and is left out.
    """

    name = "tau2-bench"
    shape = '{"info": {…}, "simulations": [{"task_id": "…", "messages": […], "reward_info": {"reward": 1.0}}, …]}'
    fields = {
        "": frozenset(("timestamp", "info", "tasks", "simulations")),
        "simulations[].messages[]": frozenset(("role", "content", "tool_calls", "id", "requestor")) | _SEEN,
        "simulations[].messages[].tool_calls[]": frozenset(("id", "name", "arguments", "requestor")),
    }

    def fits(self, record: dict[str, Any]) -> bool:
        return isinstance(record.get("simulations"), list)

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        environment = _inner(record, "info", "environment_info")
        policy = text_field(environment, "policy", "info.environment_info.")
        system = [Turn(Message(role="system", content=policy))] if policy else []
        definitions = environment.get("tool_defs")
        tools = schemas(definitions, "info.environment_info.tool_defs") if isinstance(definitions, list) else ()
        for n, run in enumerate(object_list(record["simulations"], "simulations")):
            place = f"simulations[{n}].messages"
            listed = object_list(run.get("messages"), place)
            mine = [(i, m) for i, m in enumerate(listed) if m.get("requestor") != "user" or m.get("role") != "tool"]
            turns = [_turn(m, f"{place}[{i}]", i) for i, m in mine]
            messages, notes = joined([*system, *(t for t in turns if t is not None)])
            notes += [_USER_TOOLS] * (len(listed) - len(messages) + len(system))
            failure = _failure(_inner(run, "reward_info").get("reward"), "reward_info.reward")
            yield Chat(
                tuple(messages), tools, {}, f"{run.get('task_id', n)}.{run.get('trial', 0)}", failure, tuple(notes)
            )


def _turn(m: dict[str, Any], place: str, number: int) -> Turn | None:
    role, content = m.get("role"), m.get("content")
    text = "" if content is None else plain_text(content, f"{place}.content")
    if m.get("is_audio"):
        raise Malformed(f"{place}.is_audio: expected text, got sound")
    if role == "assistant":
        return Turn(answer(text, (), calls(m.get("tool_calls"), f"{place}.tool_calls", f"call_{number}")))
    if role == "tool":
        return Turn(Message(role="tool", content=text, call_id=text_field(m, "id", f"{place}.") or None))
    if role not in ("user", "system"):
        raise Malformed(f"{place}.role: expected system, user, assistant or tool, got {role!r:.80}")
    return Turn(Message(role=role, content=text)) if text or not m.get("tool_calls") else None


def _failure(reward: Any, name: str) -> str:
    """Why a run is no success, by its reward; without one it is not said to have failed."""
    if not isinstance(reward, int | float | None):
        raise Malformed(f"{name}: expected a number, got {reward!r:.80}")
    return f"{name}: {reward:g}" if reward is not None and reward < 1 else ""


def _inner(value: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        inner = value.get(name)
        value = inner if isinstance(inner, dict) else {}
    return value

"""Edits of a trajectory that keep its chat, its steps and the indices between them consistent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from simenv.types import Message, Trajectory


def rewrite(t: Trajectory, change: Callable[[str], str]) -> Trajectory | None:
    """Pass the environment's texts, in chat and steps, through `change`; None if nothing changed."""
    texts = {s.observation.text: change(s.observation.text) for s in t.steps}
    messages = tuple(_with(m, change) if m.role in ("user", "tool") else m for m in t.messages)
    steps = tuple(
        s
        if texts[s.observation.text] == s.observation.text
        else s.model_copy(update={"observation": s.observation.model_copy(update={"text": texts[s.observation.text]})})
        for s in t.steps
    )
    if messages == t.messages and steps == t.steps:
        return None
    return t.model_copy(update={"messages": messages, "steps": steps})


def _with(message: Message, change: Callable[[str], str]) -> Message:
    text = change(message.content)
    return message if text == message.content else message.model_copy(update={"content": text, "author": "filter"})


def without(t: Trajectory, removed: Collection[int]) -> Trajectory:
    """Remove messages, by index, and the steps that came from them; indices into messages and steps are adjusted."""
    places = {old: new for new, old in enumerate(i for i in range(len(t.messages)) if i not in removed)}
    stay = [i for i, s in enumerate(t.steps) if s.message in places]
    mistake = t.mistake
    if mistake is not None:
        step = stay.index(mistake.step) if mistake.step in stay else None
        mistake = mistake.model_copy(update={"step": step}) if step is not None else None
    interventions = tuple(i.model_copy(update={"step": sum(1 for s in stay if s < i.step)}) for i in t.interventions)
    return t.model_copy(
        update={
            "messages": tuple(_renumbered(m, places) for i, m in enumerate(t.messages) if i in places),
            "steps": tuple(t.steps[i].model_copy(update={"message": places[t.steps[i].message]}) for i in stay),
            "mistake": mistake,
            "interventions": interventions,
        }
    )


def _renumbered(message: Message, places: dict[int, int]) -> Message:
    if message.sent is None:
        return message
    indices = (places.get(s) if isinstance(s, int) else s for s in message.sent)
    return message.model_copy(update={"sent": tuple(s for s in indices if s is not None)})


def replaced(t: Trajectory, messages: Sequence[Message]) -> Trajectory:
    """Replace the chat. Steps stay if their turn does: all of them if the new chat has the same roles in the same order."""
    if [m.role for m in messages] == [m.role for m in t.messages]:
        return t.model_copy(update={"messages": tuple(messages)})
    places, start = {}, 0
    for old, message in enumerate(t.messages):
        new = next((i for i in range(start, len(messages)) if _same(messages[i], message)), None)
        if new is not None:
            places[old], start = new, new + 1
    shorter = without(t, [i for i in range(len(t.messages)) if i not in places])
    back = list(places.values())
    steps = tuple(s.model_copy(update={"message": back[s.message]}) for s in shorter.steps)
    unsent = tuple(m.model_copy(update={"sent": None}) for m in messages)
    return shorter.model_copy(update={"messages": unsent, "steps": steps})


def _same(a: Message, b: Message) -> bool:
    return a.role == b.role and a.content == b.content and a.calls == b.calls

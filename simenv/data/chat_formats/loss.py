"""Loss flags as others write them: on a turn, on a part of one, on a whole record. simenv has loss on whole turns."""

from __future__ import annotations

from typing import Any

from simenv.data.chat_formats.format import Malformed

FLAGS = ("loss", "train", "training", "weight", "loss_weight", "loss_scale", "loss_mask", "step_loss_mask")
"""Fields of a turn that are true or 1 where loss falls on it."""
TURN_FIELDS = frozenset((*FLAGS, "train_detail", "mask"))
RECORD_FIELDS = frozenset(("train", "loss_weight", "sample_weight", "mask"))
_ASSISTANTS = ("assistant", "gpt", "model")


def turn_loss(turn: dict[str, Any], content: str, place: str) -> bool | None:
    """Whether loss falls on a turn, None where it does not say. Malformed for fractions, parts of turns and contradictions."""
    if turn.get("mask") is not None:
        raise Malformed(
            f"{place}.mask: got {turn['mask']!r:.80}, which means loss to some and none to others; name it train"
        )
    flags = {name: _flag(turn[name], f"{place}.{name}") for name in FLAGS if turn.get(name) is not None}
    if len(set(flags.values())) > 1:
        raise Malformed(f"{place}: {' and '.join(flags)} contradict each other; expected one of them")
    detail = _detail(turn.get("train_detail"), content, f"{place}.train_detail")
    if detail is not None and False not in flags.values():
        return detail
    return next(iter(flags.values()), None)


def record_loss(record: dict[str, Any]) -> bool:
    """Whether loss may fall on a record at all. Malformed for weights between, and for masks of the assistant."""
    mask = record.get("mask")
    if mask is not None and (not isinstance(mask, str) or mask.lower() in _ASSISTANTS):
        raise Malformed(f"mask: expected the name of the user, on whom no loss falls anyway, got {mask!r:.80}")
    return all(_flag(record[n], n) for n in ("train", "loss_weight", "sample_weight") if record.get(n) is not None)


def _flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool | int | float) or value not in (0, 1):
        raise Malformed(f"{place}: expected true or false for the loss, or 1 or 0, got {value!r:.80}")
    return bool(value)


def _detail(parts: Any, content: str, place: str) -> bool | None:
    """Loss by spans of characters, both ends within, if all of it is alike."""
    if not parts:
        return None
    spans = parts if isinstance(parts, list) and all(isinstance(p, dict) for p in parts) else []
    places = [(p.get("begin_offset"), p.get("end_offset"), p.get("train")) for p in spans]
    if not spans or any(
        not isinstance(a, int) or not isinstance(b, int) or not isinstance(t, bool) for a, b, t in places
    ):
        raise Malformed(f"{place}: expected a list of begin_offset, end_offset and train, got {parts!r:.80}")
    covered = 0
    for start, end, _ in sorted(places):
        covered = max(covered, end + 1) if start <= covered else covered
    if len({t for *_, t in places}) > 1 or covered < len(content):
        raise Malformed(f"{place}: loss on a part of a turn, which has no place here; split the turn, or take it out")
    return bool(places[0][2])

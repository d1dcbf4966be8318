# ruff: noqa: E501
"""Random damage to samples: to their bytes, and to the values of JSON and of lines of JSON."""

from __future__ import annotations

import json
from random import Random
from typing import Any

ODD = (
    None, True, False, 0, -1, 0.5, 1e308, 10**18, 10**19, 10**400, -(2**63) - 1, "", " ", "\0", "\ud800", "x\udfffy", "\ufeff", "🙂",
    "x" * 5000, "../../../etc/passwd", "/dev/zero", "a.b.c", "NaN", "[1", "{", "null", "1e999", "2026-99-99", "(a+)+$", "[" * 300,
    [], {}, [[]], [None], {"": 0}, {"name": "x"}, [1, "a", None], float("nan"), float("inf"),
)  # fmt: skip
"""Values that few expect."""
_TEXTS = (
    b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\n", b"\r\n", b"\t", b"\\", b"\\ud800", b'"', b"'", b"{", b"}", b"[",
    b"]", b"[" * 250, b'{"a":' * 250, b",", b":", b"NaN", b"-Infinity", b"1e999", b"9" * 4400, b"null", b"true", b"%s", b"{{x}}", b"${x}",
    b"*a", b"&a ", b"!!python/object:x", b"<", b">", b"</", b"<!--", b"&amp;", b"(", b")", b"|", b"#", b"@", b"-", b"..", b"/", b"\xc2\xa0",
)  # fmt: skip
LARGEST = 20_000


def damaged(sample: bytes, random: Random) -> bytes:
    """A sample, changed in one place or a few; now and then as it is."""
    chance = random.random()
    if chance < 0.01:
        return sample
    if chance < 0.6 and (other := _values(sample, random)) is not None:
        sample = other
        if random.random() < 0.8:
            return sample
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        sample = _bytes(sample, random)
    return sample[: 4 * max(LARGEST, len(sample) // 2)]


def _values(sample: bytes, random: Random) -> bytes | None:
    """A sample with a changed value in one of its JSON texts; None where it holds none."""
    lines = sample.split(b"\n")
    at = random.randrange(len(lines)) if len(lines) > 1 and lines[0][:1] == b"{" else None
    try:
        value = json.loads(lines[at] if at is not None else sample)
    except ValueError:
        return None
    for _ in range(random.choice((1, 1, 2, 3))):
        value = _changed(value, random)
    text = json.dumps(value, ensure_ascii=random.random() < 0.9).encode("utf-8", "surrogatepass")
    if at is None:
        return text
    lines[at] = text
    return b"\n".join(lines)


def _changed(value: Any, random: Random) -> Any:
    """A value with one of its parts replaced, doubled or left out."""
    inside = isinstance(value, dict | list) and value and random.random() < 0.85
    if not inside:
        if isinstance(value, str) and random.random() < 0.5:
            data = _bytes(value.encode("utf-8", "surrogatepass"), random)
            return data.decode("utf-8", "surrogateescape")
        return random.choice(ODD)
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = random.choice(keys)
    if random.random() < 0.15:
        return (
            {k: v for k, v in value.items() if k != key} if isinstance(value, dict) else value[:key] + value[key + 1 :]
        )
    part = value[random.choice(keys)] if random.random() < 0.1 else _changed(value[key], random)
    if isinstance(value, dict):
        new = random.choice(("", "x", "\0", "id", "\ud800", "version")) if random.random() < 0.05 else key
        return value | {new: part}
    return [*value[:key], part, *value[key if random.random() < 0.05 else key + 1 :]]


def _bytes(sample: bytes, random: Random) -> bytes:
    """A sample with one piece of bytes changed."""
    at = random.randrange(len(sample) + 1)
    end = min(len(sample), at + random.choice((1, 1, 2, 4, 16, 64)))
    match random.randrange(7):
        case 0:
            return sample[:at] + sample[end:]
        case 1:
            return sample[:at] + random.choice(_TEXTS) + sample[at:]
        case 2:
            return sample[:at] + random.choice(_TEXTS) + sample[end:]
        case 3:
            return sample[:end] + sample[at:]
        case 4:
            return sample[:at]
        case 5:
            return sample[:at] + bytes([random.randrange(256)]) + sample[at + 1 :]
        case _:
            other = random.randrange(len(sample) + 1)
            return sample[:at] + sample[other : other + 64] + sample[end:]

"""MySQL's string functions as plain Python, for registration in SQLite. No argument is NULL unless a name says so."""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from ...session import Unsupported
from ..values import collation, conversions, errors

_WIDE = Context(prec=100)


def upper(text: str) -> str:
    """UPPER."""
    return text.upper() if text.isascii() else "".join(_single(c, c.upper()) for c in text)


def lower(text: str) -> str:
    """LOWER."""
    return text.lower() if text.isascii() else "".join(_single(c, c.lower()) for c in text)


def _single(char: str, to: str) -> str:
    # MySQL maps one character to one: ß stays ß.
    return to if len(to) == 1 else char


def substring(text: str, start: int, length: int | None = None) -> str:
    """Positions from 1, negative from the end, 0 and beyond either end give the empty string."""
    size = len(text)
    if start == 0 or abs(start) > size:
        return ""
    first = start - 1 if start > 0 else size + start
    if length is None:
        return text[first:]
    return text[first : first + length] if length > 0 else ""


def right(text: str, count: int) -> str:
    """RIGHT: the last `count` characters."""
    return text[-count:] if count > 0 else ""


def substring_index(text: str, mark: str, count: int) -> str:
    """SUBSTRING_INDEX. From either end marks are those found from the left, and `count` has 32 bits, as in MariaDB."""
    count = (count + 2**31) % 2**32 - 2**31
    if not mark or count == 0:
        return ""
    if count < 0:
        count += text.count(mark)
        if count < 0:
            return text
        at = _mark_end(text, mark, count + 1)
        return text[at:]
    at = _mark_end(text, mark, count)
    return text if at is None else text[: at - len(mark)]


def _mark_end(text: str, mark: str, n: int) -> int | None:
    """Where the n-th mark from the left ends; None if there are fewer."""
    at = -len(mark)
    for _ in range(n):
        at = text.find(mark, at + len(mark))
        if at < 0:
            return None
    return at + len(mark)


def left(text: str, count: int) -> str:
    """LEFT: the first `count` characters."""
    return text[:count] if count > 0 else ""


def fits(result: str | None, *arguments: object) -> str | None:
    """The result of a call in a write. Raises 1301 where it is NULL because it grew too large."""
    if result is None and None not in arguments:
        raise errors.result_too_large()
    return result


def cut(text: str, count: int, strict: int) -> str:
    """CAST AS CHAR(n): in a write that is `strict`, what does not fit is error 1292 (1) or refused (2)."""
    if text[count:].strip(" ") and strict > 1:
        raise Unsupported(f"a CAST AS CHAR({count}) that cuts its text off in a write", "LEFT")
    if text[count:].strip(" ") and strict:
        raise errors.truncated_incorrect(f"CHAR({count})", text)
    return text[:count]


def within(text: str, size: int, name: str) -> int:
    """How far a text that a recursive query gives stays below the size of its column. Raises 1406 beyond it."""
    if len(text) > size:
        raise errors.too_long(name, 1)
    return size - len(text)


def locate(part: str, text: str, start: int = 1) -> int:
    """LOCATE: the position from 1 at or after `start`, 0 if there is none; case and accents do not count."""
    if start < 1:
        return 0
    if start - 1 > len(text):
        return 0
    if not (part.isascii() and text.isascii()):
        return _locate_wide(part, text, start - 1)
    return collation.fold(text).find(collation.fold(part), start - 1) + 1


def _locate_wide(part: str, text: str, start: int) -> int:
    """MariaDB compares stretches of the sought text's length in bytes: É is not found in a plain e."""
    if len(part) * len(text) > 10_000_000:
        raise Unsupported("LOCATE in so long a text")
    part_weights, size = collation.fold(part), len(part.encode())
    text_weights = collation.fold(text)
    at = text_weights.find(part_weights, start)
    while at >= 0 and len(text[at : at + len(part)].encode()) != size:
        at = text_weights.find(part_weights, at + 1)
    return at + 1


def pad(most: int, text: str, width: int, fill: str, side: str) -> str | None:
    """LPAD (side `L`) and RPAD (`R`); NULL beyond a quarter of `most` bytes, as characters may take four."""
    if width < 0 or width > most // 4:
        return None
    if width <= len(text):
        return text[:width]
    if not fill:
        return None
    missing = width - len(text)
    extra = (fill * (missing // len(fill) + 1))[:missing]
    return extra + text if side == "L" else text + extra


def repeat(most: int, text: str, count: int) -> str | None:
    """REPEAT; NULL beyond `most` bytes."""
    if count < 1 or not text:
        return ""
    return None if len(text.encode()) * count > most else text * count


def replace(most: int, text: str, old: str, new: str) -> str | None:
    """REPLACE; NULL beyond `most` characters."""
    if not old:
        return text
    growth = len(new) - len(old)
    if growth > 0 and len(text) + text.count(old) * growth > most:
        return None
    return text.replace(old, new)


def insert(most: int, text: str, start: int, length: int, new: str) -> str | None:
    """INSERT(text, start, length, new); NULL beyond `most` characters."""
    if start < 1 or start > len(text):
        return text
    if len(text) + len(new) > most:
        return None
    rest = "" if length < 0 else text[start - 1 + length :]
    return text[: start - 1] + new + rest


def trim(text: str, affix: str, side: str) -> str:
    """TRIM; `side` is BOTH, LEADING or TRAILING."""
    if not affix:
        return text
    if len(affix) == 1:
        return {"BOTH": text.strip, "LEADING": text.lstrip, "TRAILING": text.rstrip}[side](affix)
    start, end, step = 0, len(text), len(affix)
    if side in ("BOTH", "LEADING"):
        while text.startswith(affix, start):
            start += step
    if side in ("BOTH", "TRAILING"):
        while text.endswith(affix, start, end):
            end -= step
    return text[start:end]


def concat_ws(most: int, mark: str | None, *parts: str | None) -> str | None:
    """NULL only for a NULL separator and beyond `most` characters; NULL parts are left out."""
    if mark is None:
        return None
    present = [p for p in parts if p is not None]
    size = sum(map(len, present)) + len(mark) * len(present)
    return None if size > most else mark.join(present)


def find_in_set(item: str, items: str) -> int:
    """FIND_IN_SET: the position from 1, 0 if the item is not in the comma-separated list."""
    if not items or "," in item:
        return 0
    # Unlike in a comparison, spaces at the end count.
    weights = collation.fold(item)
    return next((n for n, part in enumerate(_parts(items), 1) if collation.fold(part) == weights), 0)


def _parts(items: str) -> Iterator[str]:
    """The items between commas, one at a time."""
    start = 0
    while (end := items.find(",", start)) >= 0:
        yield items[start:end]
        start = end + 1
    yield items[start:]


def elt(n: int | None, *texts: str | None) -> str | None:
    """ELT: the n-th text, by the last 32 bits of the number."""
    place = 0 if n is None else n % 2**32
    return texts[place - 1] if 1 <= place <= len(texts) else None


def strcmp(a: str, b: str) -> int:
    """STRCMP: -1, 0 or 1."""
    return collation.compare(a, b)


def ascii_code(text: str) -> int:
    """ASCII: the first byte in UTF-8."""
    return text.encode()[0] if text else 0


def order(text: str) -> int:
    """ORD: the bytes of the first character as one number."""
    return int.from_bytes(text[0].encode(), "big") if text else 0


def hexadecimal(value: str | bytes | int | float) -> str:
    """HEX."""
    if isinstance(value, int):
        return f"{value & 0xFFFFFFFFFFFFFFFF:X}"
    if isinstance(value, float):
        return f"{round(max(-(2.0**63), min(2.0**64, value))) & 0xFFFFFFFFFFFFFFFF:X}"
    return (value.encode() if isinstance(value, str) else value).hex().upper()


def unhex(text: str) -> bytes | None:
    """UNHEX; NULL for text that is not hexadecimal."""
    try:
        return bytes.fromhex(text.zfill(len(text) + len(text) % 2)) if not text.count(" ") else None
    except ValueError:
        return None


def sha2(text: str | None, bits: int | None) -> str | None:
    """SHA2; NULL for a length that does not exist."""
    if text is None:
        return None
    if bits is None:
        # MariaDB takes it for 0, MySQL gives NULL.
        raise Unsupported("SHA2 of an unknown length", "SHA2(text, 256)")
    name = {0: "sha256", 224: "sha224", 256: "sha256", 384: "sha384", 512: "sha512"}.get(bits)
    return hashlib.new(name, text.encode()).hexdigest() if name else None


def number_format(text: str, digits: int) -> str:
    """FORMAT of an exact number's text."""
    places = min(max(digits, 0), 38)
    value = Decimal(text).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)
    return f"{value:,f}"


def double_format(value: float, digits: int) -> str:
    """FORMAT of a DOUBLE."""
    places = min(max(digits, 0), 30)
    if abs(value) >= 1e15:
        raise Unsupported("FORMAT of a double beyond 1e15", "CAST(... AS DECIMAL)")
    unit = 10.0**places
    return f"{round(value * unit) / unit:,.{places}f}"


def quote(text: str | None) -> str:
    """QUOTE."""
    if text is None:
        return "NULL"
    escapes = text.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0").replace("\x1a", "\\Z")
    return f"'{escapes}'"


def from_base64(text: str) -> bytes | None:
    """FROM_BASE64; NULL for text that is not base64."""
    digits = "".join(text.split())
    try:
        return b64decode(digits, validate=True) if len(digits) % 4 == 0 else None
    except ValueError:
        return None


def to_base64(text: str | bytes) -> str:
    """TO_BASE64, broken into lines of 76 characters."""
    raw = b64encode(text.encode() if isinstance(text, str) else text).decode()
    return "\n".join(raw[i : i + 76] for i in range(0, len(raw), 76))


def convert_base(text: str, old: int, new: int) -> str | None:
    """CONV for non-negative numbers up to 63 bits."""
    if not (2 <= abs(old) <= 36 and 2 <= abs(new) <= 36):
        return None
    body = text.strip()
    if body.startswith("-") or old < 0 or new < 0:
        raise Unsupported("CONV of negative numbers")
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"[:old]
    value = 0
    for char in body.lower():
        if char not in digits:
            break
        value = value * old + digits.index(char)
        if value >= 2**63:
            raise Unsupported("CONV beyond 63 bits")
    result = ""
    while value:
        value, rest = divmod(value, new)
        result = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest] + result
    return result or "0"


def utf8(value: bytes) -> str:
    """A binary string as text; refused where it is not UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError as e:
        raise Unsupported("bytes that are not UTF-8 as text", "HEX()") from e


def enum_index(value: str, *members: str) -> int:
    """The place of an ENUM value among its members, from 1; by it MySQL orders them."""
    key = collation.key(value)
    return next((n for n, m in enumerate(members, 1) if collation.key(m) == key), 0)


def distinct_key(*parts: str | int | float | None) -> str | None:
    """One text for a row of values, for COUNT(DISTINCT a, b): NULL if any is."""
    if None in parts:
        return None
    return "\x1f".join(collation.key(p) if isinstance(p, str) else repr(p) for p in parts)


STRICT_NULL = {
    "m_upper": upper, "m_lower": lower, "m_substr": substring, "m_left": left, "m_cut": cut,
    "m_within": within, "m_right": right,
    "m_char_length": len, "m_subidx": substring_index,
    "m_locate": locate, "m_trim": trim,
    "m_find_in_set": find_in_set, "m_strcmp": strcmp, "m_ascii": ascii_code, "m_ord": order, "m_hex": hexadecimal,
    "m_unhex": unhex, "m_format": number_format, "m_format_dbl": double_format,
    "m_from_base64": from_base64, "m_to_base64": to_base64, "m_conv": convert_base, "m_utf8": utf8,
    "m_enum_index": enum_index,
    "m_reverse": lambda s: s[::-1],
    "m_md5": lambda s: hashlib.md5(s.encode(), usedforsecurity=False).hexdigest(),
    "m_sha1": lambda s: hashlib.sha1(s.encode(), usedforsecurity=False).hexdigest(),
    "m_crc32": lambda s: zlib.crc32(s.encode()),
    "m_dbl_text": conversions.double_text,
    "m_float_text": lambda v: conversions.double_text(float(f"{v:.6g}")),
    "m_fixed_text": lambda v, digits: f"{v:.{digits}f}",
    "m_time_text": conversions.clock_text,
}  # fmt: skip
# Their first argument is the bound of their result.
SIZED: dict[str, Callable[..., Any]] = {
    "m_pad": pad, "m_replace": replace, "m_repeat": repeat, "m_insert": insert, "m_space": lambda most, n: repeat(most, " ", n),
}  # fmt: skip
NULL_AWARE = {
    "m_elt": elt, "m_quote": quote, "m_distinct_key": distinct_key, "m_like": collation.like, "m_sha2": sha2, "m_fits": fits,
}  # fmt: skip

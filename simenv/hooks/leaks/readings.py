"""Ways to read a text: plainly, backwards, letter by letter, by well-known ciphers, from codes hidden in it."""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

_LOOKALIKES = str.maketrans(
    "авекмнорстухіјѕԁαβεικνορτυχ",
    "abekmhopctyxijsdabeikvoptux",
)  # Cyrillic and Greek
_LEET = str.maketrans("430157@$!", "aeolstasi")
_LEET_I = str.maketrans("430157@$!", "aeoistasi")
_ALPHABET = """alfa alpha bravo charlie delta echo foxtrot golf hotel india juliett juliet kilo lima mike november oscar
papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"""
_PHONETIC = {word: word[0] for word in _ALPHABET.split()}
_CODE = """.- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..
----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----."""
_MORSE = dict(zip(_CODE.split(), "abcdefghijklmnopqrstuvwxyz0123456789", strict=True))
_CHUNK = re.compile(r"[A-Za-z0-9+/_-]{3,}={0,2}")
_HEX = re.compile(r"(?<![^\W_])(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s,:;-]*){2,}(?![^\W_])")
_CODES = re.compile(r"\d{1,3}(?:[^\w.]+\d{1,3})+")
_BITS = re.compile(r"(?:[01]{8}\s*)+")
_SIGNS = re.compile(r"[.\-]+(?:[ /]+[.\-]+)+")


def plain(text: str) -> str:
    """Lower case, no accents, no invisible characters, look-alikes as the letters they look like."""
    text = unicodedata.normalize("NFKD", html.unescape(text))
    kept = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Mn"))
    return kept.casefold().translate(_LOOKALIKES)


def words(text: str) -> list[str]:
    """Runs of letters or digits; `B12` is two of them."""
    return re.findall(r"[^\W\d_]+|\d+", plain(text))


def ciphered(text: str) -> Iterator[tuple[str, list[str]]]:
    """Readings that hold a secret of a few letters by intent alone; each with its name."""
    low = plain(text)
    yield "backwards", words(low[::-1])
    for shift in range(1, 26):
        yield f"shifted by {shift}", words(_shifted(low, shift))
    yield "atbash", words("".join(chr(219 - ord(c)) if "a" <= c <= "z" else c for c in low))
    for table in (_LEET, _LEET_I):
        yield "digits for letters", words(low.translate(table))
    tokens = words(low)
    yield "phonetic alphabet", [_PHONETIC.get(t, "|") for t in tokens if t not in ("as", "in", "and")]
    yield "letter by letter", [t for t in tokens if len(t) == 1]
    yield "first letters", [t[0] for t in tokens]
    yield "first letters of lines", [line.strip()[0] for line in low.splitlines() if line.strip()]


def decoded(text: str) -> Iterator[tuple[str, str]]:
    """Texts that are hidden in a text by an encoding, each with its name."""
    chunks = _CHUNK.findall(text)
    yield "base64", " ".join(filter(None, map(_base64, chunks)))
    yield "base32", " ".join(filter(None, map(_base32, chunks)))
    yield "hexadecimal", " ".join(_hex(run[0]) for run in _HEX.finditer(text))
    numbers = [[int(n) for n in re.findall(r"\d+", run)] for run in _CODES.findall(text)]
    yield "character codes", " ".join("".join(map(chr, n)) for n in numbers if all(32 <= c < 127 for c in n))
    yield (
        "places in the alphabet",
        " ".join("".join(chr(96 + c) for c in n) for n in numbers if all(0 < c < 27 for c in n)),
    )
    bits = (re.findall(r"[01]{8}", run) for run in _BITS.findall(text))
    yield "binary", " ".join("".join(chr(int(b, 2)) for b in run) for run in bits)
    yield "Morse", " ".join("".join(map(_morse, re.split(r"[ /]+", run))) for run in _SIGNS.findall(text))
    yield "percent encoding", unquote(text) if "%" in text else ""
    yield "escapes", re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text) if "\\u" in text else ""


def _shifted(text: str, by: int) -> str:
    return "".join(chr((ord(c) - 97 + by) % 26 + 97) if "a" <= c <= "z" else c for c in text)


def _morse(sign: str) -> str:
    """A letter, though a full stop may stand behind it."""
    return _MORSE.get(sign) or _MORSE.get(sign[:-1], "")


def _base64(chunk: str) -> str:
    bare = chunk.rstrip("=").replace("-", "+").replace("_", "/")
    return _text(lambda: base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True))


def _base32(chunk: str) -> str:
    bare = chunk.rstrip("=")  # capitals and 2 to 7 alone
    return _text(lambda: base64.b32decode(bare + "=" * (-len(bare) % 8)))


def _hex(run: str) -> str:
    pairs = re.findall(r"(?:0x|\\x)?([0-9a-fA-F]{2})", run)
    return _text(lambda: bytes.fromhex("".join(pairs)))


def _text(decode: object) -> str:
    """What a decoder gives, if it is readable text."""
    try:
        text = decode().decode()  # type: ignore[operator]
    except (ValueError, binascii.Error):
        return ""
    return text if "".join(text.split()).isprintable() else ""

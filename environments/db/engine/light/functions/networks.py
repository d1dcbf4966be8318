"""Addresses, sounds and sets of bits as texts: MySQL's INET_ATON, SOUNDEX, EXPORT_SET and their kin."""

from __future__ import annotations

from ...session import Unsupported

_SOUNDS = {c: d for d, letters in (("1", "BFPV"), ("2", "CGJKQSXZ"), ("3", "DT"), ("4", "L"), ("5", "MN"), ("6", "R"))
           for c in letters}  # fmt: skip
_MOST = 1_000_000  # characters of a set


def number_of_address(text: str) -> int | None:
    """INET_ATON of an address in four parts, or fewer; NULL for anything else."""
    parts = text.split(".")
    if not parts[-1] or not all(p.isascii() and (not p or p.isdigit()) for p in parts):
        return None
    if len(parts) > 4 or not all(parts) or any(len(p) > 3 for p in parts):
        raise Unsupported("INET_ATON of an address of odd parts", "four numbers")
    numbers = [int(p) for p in parts]
    if max(numbers) > 255:
        return None
    # A part that is left out stands before the last.
    whole = [*numbers[:-1], *[0] * (4 - len(numbers)), numbers[-1]] if len(numbers) > 1 else numbers
    return int.from_bytes(bytes(whole), "big")


def address_of_number(number: int) -> str | None:
    """INET_NTOA."""
    return ".".join(map(str, number.to_bytes(4, "big"))) if 0 <= number < 2**32 else None


def soundex(text: str) -> str:
    """SOUNDEX, as long as the text asks for."""
    if not text.isascii():
        raise Unsupported("SOUNDEX of other letters than A to Z")
    letters = [c for c in text.upper() if c.isalpha()]
    if not letters:
        return ""
    digits, last = "", _SOUNDS.get(letters[0])
    for letter in letters[1:]:
        sound = _SOUNDS.get(letter)
        if sound is not None and sound != last:
            digits, last = digits + sound, sound
    return (letters[0] + digits).ljust(4, "0")


def export_set(bits: int, on: str, off: str, mark: str = ",", count: int = 64) -> str:
    """EXPORT_SET: a text for each bit, from the lowest."""
    if max(map(len, (on, off, mark))) > 1000:
        raise Unsupported("EXPORT_SET of so long texts")
    return mark.join(on if bits >> n & 1 else off for n in range(count if 0 <= count <= 64 else 64))


def make_set(bits: int | None, *texts: str | None) -> str | None:
    """MAKE_SET: the texts whose bits are set, without those that are NULL."""
    if bits is None:
        return None
    chosen = [t for n, t in enumerate(texts[:64]) if bits >> n & 1 and t is not None]
    if sum(map(len, chosen)) > _MOST:
        raise Unsupported("MAKE_SET of so long texts")
    return ",".join(chosen)


def characters(*codes: int | None) -> bytes:
    """CHAR: the bytes of each number's last 32 bits, without zeros in front; NULLs are left out."""
    numbers = [code & 0xFFFFFFFF for code in codes if code is not None]
    return b"".join(n.to_bytes(max(1, -(-n.bit_length() // 8)), "big") for n in numbers)


NULL_AWARE = {"m_make_set": make_set, "m_char": characters}
STRICT_NULL = {
    "m_inet_aton": number_of_address, "m_inet_ntoa": address_of_number, "m_soundex": soundex, "m_export_set": export_set,
}  # fmt: skip

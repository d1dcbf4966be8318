"""Drops trajectories with secrets, personal data or abuse, as far as patterns find them. Off by default."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar, Literal

import regex

from simenv.errors import ConfigError
from simenv.filter import Filter, FilterOptions
from simenv.types import Trajectory, Verdict

Kind = Literal["secret", "email address", "phone number", "card number", "identity number", "abuse"]

PATTERNS: dict[Kind, str] = {
    "secret": (
        r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|\bsk-(?:ant-|proj-)?[\w-]{20,}|\bA(?:KI|SI)A[0-9A-Z]{16}\b"
        r"|\bgh[pousr]_\w{36,}|\bhf_\w{30,}|\bxox[abprs]-[\w-]{10,}|\bAIza[\w-]{35}\b|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+"
    ),
    "email address": r"\b[\w.+-]+@(?!(?:[\w-]+\.)*(?:example|test|invalid|localhost)\b)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b",
    "phone number": r"(?<![\w.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w.])",
    "card number": r"(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-])",
    "identity number": r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])",
    "abuse": (
        r"\b(?:kill|hang|hurt) your ?self\b|\bgo (?:and )?die\b|\byou(?:'re| are)? (?:a |an )?(?:worthless|stupid|"
        r"disgusting) (?:idiot|moron|pig|bitch|whore)\b|\bf+u+c+k+ (?:you|off)\b|\bi(?:'ll| will) (?:kill|rape) you\b"
    ),
}


SECONDS = 10.0
"""Longest time that a pattern may take on one text."""


class SensitiveOptions(FilterOptions):
    find: tuple[Kind, ...] = ("secret", "email address", "phone number", "card number", "identity number", "abuse")
    """what to look for"""
    more: dict[str, str] = {}
    """further regular expressions, by the reason they give"""
    trained: bool = False
    """read only the turns under loss"""


class Sensitive(Filter):
    """Searches by patterns, which find only usual spellings. Addresses at example.com and the like belong to nobody."""

    Options: ClassVar[type[FilterOptions]] = SensitiveOptions
    options: SensitiveOptions

    @cached_property
    def _patterns(self) -> dict[str, regex.Pattern[str]]:
        patterns = {kind: PATTERNS[kind] for kind in self.options.find} | self.options.more
        try:
            return {reason: regex.compile(p, regex.IGNORECASE) for reason, p in patterns.items()}
        except regex.error as e:
            raise ConfigError(f"filters.sensitive.more: no regular expression: {e}") from e

    def judge(self, trajectory: Trajectory) -> Verdict:
        texts = list(self._texts(trajectory))
        for reason, pattern in self._patterns.items():
            if any(_occurs(reason, pattern, text) for text in texts):
                return self.drop(trajectory, reason)
        return self.keep(trajectory)

    def _texts(self, t: Trajectory) -> Iterator[str]:
        for message in t.messages:
            if message.train or not self.options.trained:
                yield message.content
                yield from (part.text for part in message.reasoning)
                yield from (c.arguments for c in message.calls)


def _occurs(reason: str, pattern: regex.Pattern[str], text: str) -> bool:
    try:
        matches = (m[0] for m in pattern.finditer(text, timeout=SECONDS))
        return any(reason != "card number" or _luhn(digits) for digits in matches)
    except TimeoutError as e:
        raise ConfigError(
            f"filters.sensitive: the pattern of {reason!r} takes more than {SECONDS:g} s on one text"
        ) from e


def _luhn(text: str) -> bool:
    """The check digit of card numbers (ISO/IEC 7812-1)."""
    digits = [int(c) for c in text if c.isdigit()][::-1]
    doubled = (d * 2 - 9 * (d > 4) for d in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0

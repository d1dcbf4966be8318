"""String literals, and those with a character set before them: `_utf8mb4'text'`, `_utf8mb4 x'616263'`."""

from __future__ import annotations

from sqlglot import exp

from .calls import Calls
from .character_sets import OTHERS, UTF8
from .lexer import BITS, STRING


class Introducers(Calls):
    """The rules of strings."""

    def introduced(self, key: str) -> exp.Expression | None:
        """_utf8mb4'text'."""
        name = key[1:].lower()
        if name in UTF8:
            self.at += 1
            return self.string_literal() if self.kinds[self.at] == STRING else self._bytes(key)
        if name not in OTHERS:
            return None
        self.at += 2
        return exp.Introducer(this=exp.Var(this=key))

    def _bytes(self, key: str) -> exp.Expression:
        """The text whose bytes a hexadecimal or a binary number gives."""
        digits = self.texts[self.at]
        if self.kinds[self.at] == BITS:
            digits = f"{int(digits or '0', 2):x}"
        self.at += 1
        return exp.Introducer(this=exp.Var(this=key), expression=exp.HexString(this=digits))

    def string_literal(self) -> exp.Expression:
        """A string, with those that follow at once joined to it."""
        parts = []
        while self.kinds[self.at] == STRING:
            parts.append(exp.Literal(this=self.texts[self.at], is_string=True))
            self.at += 1
        return parts[0] if len(parts) == 1 else exp.Concat(expressions=parts)

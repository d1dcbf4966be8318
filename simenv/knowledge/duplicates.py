"""Finds texts that were there before, or nearly."""

from __future__ import annotations

import re

from rensa import RMinHash, RMinHashLSH

SIMILARITY = 0.9
"""Estimated Jaccard similarity of three-word shingles from which two texts are one."""
_PERMUTATIONS, _BANDS, _SHINGLE = 128, 16, 3
_WORD = re.compile(r"\w+")


class SeenTexts:
    """The texts that were there already, or nearly."""

    def __init__(self) -> None:
        self._exact: set[str] = set()
        self._near = RMinHashLSH(threshold=SIMILARITY, num_perm=_PERMUTATIONS, num_bands=_BANDS)
        self._signatures: list[RMinHash] = []

    def adds(self, text: str) -> bool:
        """Whether a text is new; it is remembered then."""
        words = _WORD.findall(text.casefold())
        plain = " ".join(words)
        if plain in self._exact:
            return False
        self._exact.add(plain)
        if len(words) < _SHINGLE:
            return True
        signature = RMinHash(_PERMUTATIONS, 1)
        signature.update([" ".join(words[n : n + _SHINGLE]) for n in range(len(words) - _SHINGLE + 1)])
        if any(self._signatures[n].jaccard(signature) >= SIMILARITY for n in self._near.query(signature)):
            return False
        self._near.insert(len(self._signatures), signature)
        self._signatures.append(signature)
        return True

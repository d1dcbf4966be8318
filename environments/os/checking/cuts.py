"""An output that the engine has cut: what of it is certain, and how far a claim reaches."""

from __future__ import annotations

import re
from typing import Literal

from ..engine.terminal import NOTICE

_NOTICE = re.compile(
    r"\n*(?:\[truncated because the output is too long\]|\[?(?:…|\.\.\.)?\s*\(?truncated\)?\]?)\s*\Z", re.I
)
_LONGEST = 100
"""Characters of a notice."""
_ENOUGH = 0.9
"""A claim that is cut, too, shows at least this part of what the engine shows."""

Reach = Literal["whole", "short", "beyond"]


def shown_part(text: str) -> str | None:
    """What the engine shows before the notice; None if the output was not cut."""
    return text.removesuffix(NOTICE) if text.endswith(NOTICE) else None


def strip_notice(claim: str) -> tuple[str, bool]:
    """A claim without a notice that it is cut, and whether it has one."""
    tail = claim[-_LONGEST:]
    notice = _NOTICE.search(tail)
    return (claim[: len(claim) - len(tail) + notice.start()], True) if notice else (claim, False)


def reach(shown: str, body: str, is_cut: bool) -> Reach:
    """How far a claim that agrees with the shown part reaches: as far, less far, or to what only the engine has seen.

    A claim that says that it is cut may end a little earlier, as models count badly; one that does not say so claims that
    there is nothing more.
    """
    if len(body) > len(shown):
        return "beyond"
    return "whole" if is_cut and len(body) >= _ENOUGH * len(shown) else "short"

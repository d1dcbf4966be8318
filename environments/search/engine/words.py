"""Words of a text: as an index has them, and as answers are compared."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\w+")
COMMON = frozenset(
    """a about after all also an and any are as at be been before but by can could did do does for from had has have he her
    him his how i if in into is it its may me my no not of on or our she should so than that the their them then there these
    they this those to up was we were what when where which who whom whose why will with would you your""".split()  # noqa: SIM905
)
"""Words that stand on nearly every page and find none."""
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_MARK = "\ue000"
"""Stands for a decimal point while other punctuation is taken out."""


def index_words(text: str) -> list[str]:
    """The words of a text that an index holds, in their order, each as often as it stands there."""
    return [w for w in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()) if w not in COMMON]


def plain(text: str) -> str:
    """A text without case, punctuation, articles and superfluous space, as SQuAD and HotpotQA compare answers.

    Other than there, a decimal point stays and a comma between thousands goes, so that 3.5 is not 35 and 1,200 is 1200; and the
    answer `A` of a choice stays, as it is all there is.
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _POINT.sub(_MARK, _THOUSANDS.sub("", text))
    text = "".join(c if c == _MARK or not unicodedata.category(c).startswith(("P", "S")) else " " for c in text)
    return " ".join((_ARTICLE.sub(" ", text).strip() or text).replace(_MARK, ".").split())


def holds(text: str, part: str) -> bool:
    """Whether a plain text holds another one as whole words."""
    return f" {part} " in f" {text} " if part else False

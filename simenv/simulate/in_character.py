"""Whether a model that plays an environment stays one: an environment does not chat, thank, promise, or call itself a model.

Narrower than simenv.chat_detection, which comparisons ask beside a true answer: what is found here is sent back to the model.
"""

from __future__ import annotations

import re

_TALK = re.compile(
    r"""
    \bas\ an?\ (?:AI|artificial|(?:large\ )?language\ model|(?:virtual\ )?assistant)\b
    | \bI(?:'m|\ am)\ (?:an?\ (?:AI|language\ model|assistant)|sorry|happy\ to|glad\ to|unable\ to\ (?:help|assist))\b
    | \bI(?:'d|\ would)\ be\ (?:happy|glad|delighted)\ to\b
    | \bI\ (?:can(?:'t|not)?|could|will|'ll)\ (?:help|assist)\b
    | \bI\ apologi[sz]e\b | \bmy\ apologies\b
    | \bhow\ (?:can|may)\ I\ (?:help|assist)\b
    | \bis\ there\ anything\ else\b
    | \b(?:please\ )?let\ me\ know\ (?:if|what|how|whether)\b
    | \b(?:feel\ free\ to\ (?:ask|reach)|hope\ (?:this|that)\ helps|happy\ to\ help)\b
    | \byou(?:'re|\ are)\ welcome\b
    | \bthank(?:s|\ you)\ for\ (?:your|the|asking|letting|providing|using|reaching)\b
    | \A\s*(?:sure|certainly|of\ course|absolutely|great|thank\ you|thanks|no\ problem|okay|alright)\s*[!,.]
    | \bwould\ you\ like\ (?:me\ )?to\b | \bdo\ you\ want\ me\ to\b
    | \b(?:here(?:'s|\ is)|this\ is)\ (?:the|a)\ (?:simulated|hypothetical|possible)\b
    | \bin\ (?:this|the)\ simulat(?:ion|ed)\b
    """,
    re.I | re.X,
)


_DATA = re.compile(r"^\s*[\[(<{].*[\])>}]", re.M)
"""What stands in brackets at the beginning of a line: rows, lists, markup."""


def talk(text: str) -> list[str]:
    """What is said in a text that no environment says of itself, though what it shows may. Rows and markup are not read."""
    return [m[0].strip() for m in _TALK.finditer(_DATA.sub("", straight(text)))]


def straight(text: str) -> str:
    """With the apostrophe of a keyboard for the one of a printer, as `talk` reads and quotes it."""
    return text.replace("’", "'")

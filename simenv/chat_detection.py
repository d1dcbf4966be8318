"""Whether a text chats, as an assistant does with a user. No environment does; a model that plays one sometimes will.

Comparisons, simulators and filters ask here. What an environment shows may quote such words, so lines of rows, lists and
markup are not read, and phrases that stand in `quotable` text do not count.
"""

from __future__ import annotations

import re

_READ = 4000
"""Characters looked at from either end."""
_DATA = re.compile(r"^[ \t]*[\[(<{].*[\])>}]", re.M)
"""Brackets at the beginning of a line, up to the last closing one: rows, lists, markup."""
_THANKS = r"\bthank(?:s|\ you)\b"
_POLITE = r"""
    \byou(?:'re|\ are)\ (?:very\ )?welcome\b | \bmy\ pleasure\b
    | \b(?:happy|glad|pleased|delighted)\ to\ (?:help|assist)\b
    | \bfurther\ assistance\b | \bget\ back\ to\ you\b
    | \bhave\ a\ (?:great|nice|good|wonderful)\ (?:day|one|time)\b
    """
"""Courtesies that neither an environment nor a working agent needs."""
_COURTESY = re.compile(
    rf"{_THANKS} | {_POLITE} | \banything\ else\b | \bglad\ (?:i|to|that)\b | \blet\ me\ know\b | \bgood\ ?bye\b",
    re.IGNORECASE | re.VERBOSE,
)
_CHAT = re.compile(
    rf"""{_POLITE}
    | {_THANKS}(?:\ (?:for|so|very)|[!.,]|$) | \bthank\b(?:\ (?:for|so|very)|[!.,]|$)
    | \bas\ an?\ (?:ai|artificial|large|language|assistant|virtual\ assistant|helpful)\b
    | \b(?:ai|large)\ language\ model\b
    | \bi(?:'m|\ am)\ (?:sorry|afraid|happy|glad|here|unable|not\ able|going|an?\ )
    | \bi(?:'ve|\ have)\ (?:just\ |now\ )?(?:run|executed|created|updated|added|deleted|inserted|removed)
    | \bi(?:'ve|\ have)\ (?:just\ |now\ )?(?:completed|done|gone|put|placed|made|found|taken)
    | \bi(?:'ll|\ will|'d|\ would|\ can|\ can't|\ cannot|\ could|\ don't|\ do\ not)\b
    | \bi\ (?:apologi[sz]e|hope|think|believe|understand|see\ that)\b | \bmy\ apologies\b
    | \b(?:let|please\ let)\ me\ (?:know|help|check|see|explain|run|show)\b
    | \bfeel\ free\ to\b | \bis\ there\ anything\ else\b | \bwould\ you\ like\b | \bdo\ you\ want\ me\b
    | \bhow\ (?:can|may)\ i\b | \bhope\ (?:this|that)\ helps\b | \bhere(?:'s|\ is|\ are)\ (?:the|your|a|what|how)\b
    | \bthis\ is\ (?:the|a)\ (?:simulated|hypothetical|possible)\b | \bin\ (?:this|the)\ simulat(?:ion|ed)\b
    | ^(?:sure|certainly|of\ course|(?:great|good)(?:\ (?:job|question|choice|idea|luck))?|okay|absolutely|no\ problem)\s*[!,.:]
    | \A\s*(?:thank\ you|thanks|alright)\s*[!,.] | \b(?:certainly|of\ course)!
    | \b(?:good\ luck|great\ (?:job|work)|well\ done)\b | \b(?:great|good)\ (?:question|choice)[!,.]
    | \bif\ you(?:'d\ like|\ would\ like|\ need\ (?:any|more|further|help)|\ have\ any)\b
    | \byou\ (?:might|may|should|could)\ (?:want|try|consider|also)\b""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)


def chat_phrases(text: str, quotable: str = "") -> list[str]:
    """The phrases in a text that chat, thank, apologise, promise or offer help; [] for an environment's own words.

    Of a long text both ends are read, 4,000 characters each. A phrase that also stands in `quotable`, in any case, is left
    out: a world may well show what it holds.
    """
    text = straight(text)
    text = text if len(text) <= 2 * _READ else text[:_READ] + "\n" + text[-_READ:]
    phrases = [m[0].strip() for m in _CHAT.finditer(_DATA.sub("", text))]
    if not phrases or not quotable:
        return phrases
    quotable = straight(quotable).casefold()
    return [phrase for phrase in phrases if phrase.casefold() not in quotable]


def speaks(text: str) -> bool:
    """Whether a text chats. Data may hold such words: ask of what is not data."""
    return bool(chat_phrases(text))


def courtesies(text: str) -> list[str]:
    """The phrases in a text that thank, take leave or offer more help: an agent's, who has nothing left to do."""
    return [m[0] for m in _COURTESY.finditer(straight(text))]


def straight(text: str) -> str:
    """A text with the keyboard's apostrophe in place of the printer's."""
    return text.replace("\u2019", "'")

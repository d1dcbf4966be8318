"""Whether a text speaks as an assistant does to a user. No environment does; a model that plays one sometimes will."""

from __future__ import annotations

import re

_READ = 4000
"""Characters looked at from either end."""
_SPEECH = re.compile(
    r"""\bas\ an?\ (?:ai|large|language|assistant|helpful)\b
    | \bi(?:'m|\ am)\ (?:sorry|afraid|happy|glad|here|unable|not\ able|going|an?\ )
    | \bi(?:'ve|\ have)\ (?:just\ |now\ )?(?:run|executed|created|updated|added|deleted|inserted|removed)
    | \bi(?:'ve|\ have)\ (?:just\ |now\ )?(?:completed|done|gone|put|placed|made|found|taken)
    | \bi(?:'ll|\ will|'d|\ would|\ can|\ can't|\ cannot|\ could|\ don't|\ do\ not)\b
    | \bi\ (?:apologi[sz]e|hope|think|believe|understand|see\ that)\b
    | \b(?:let|please\ let)\ me\ (?:know|help|check|see|explain|run|show)\b
    | \b(?:thanks?|thank\ you)\b(?:\ (?:for|so|very)|[!.,]|$)
    | \byou(?:'re|\ are)\ (?:very\ )?welcome\b
    | \b(?:happy|glad|pleased)\ to\ (?:help|assist)\b
    | \bfeel\ free\ to\b | \bis\ there\ anything\ else\b | \bwould\ you\ like\b | \bdo\ you\ want\ me\b
    | \bhow\ (?:can|may)\ i\b | \bhope\ (?:this|that)\ helps\b | \bhere(?:'s|\ is|\ are)\ (?:the|your|a|what|how)\b
    | ^(?:sure|certainly|of\ course|(?:great|good)(?:\ (?:job|question|choice|idea|luck))?|okay|absolutely|no\ problem)\s*[!,.:]
    | \b(?:good\ luck|great\ (?:job|work)|well\ done)\b
    | \bif\ you(?:'d\ like|\ would\ like|\ need\ (?:any|more|further|help)|\ have\ any)\b
    | \byou\ (?:might|may|should|could)\ (?:want|try|consider|also)\b""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)


def speaks(text: str) -> bool:
    """Whether it chats, thanks, apologises or offers help. Data may hold such words: ask of what is not data."""
    text = text if len(text) <= 2 * _READ else text[:_READ] + "\n" + text[-_READ:]
    return _SPEECH.search(text.replace("\u2019", "'")) is not None

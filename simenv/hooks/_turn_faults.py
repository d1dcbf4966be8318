"""What an agent's turn comes to, before it is acted on."""

from __future__ import annotations

from simenv.episode import Episode
from simenv.errors import InvalidAction
from simenv.types import Action, Turn


def fault(episode: Episode, turn: Turn, choices: bool = False) -> str:
    """Why a turn holds no action that may be taken; '' where it holds one.

    `choices`: where text commands are all a world knows, and it lists them, others are not allowed.
    """
    env = episode.env
    last = env.turn + 1 >= env.max_turns
    parsed = env.dialect.parse_last(turn) if last else env.dialect.parse(turn)
    faults = [
        spoken.error if spoken.action is None else _refused(episode, spoken.action, choices) for spoken in parsed.spoken
    ]
    return "" if "" in faults else faults[0]


def _refused(episode: Episode, action: Action, choices: bool) -> str:
    spec = episode.env.dialect.actions.get(action.name)
    if spec is None:
        return ""  # the dialect's own; it knows what it makes of it
    try:
        spec.read(action.arguments)
    except InvalidAction as e:
        return str(e)
    listed = episode.env.view().choices
    alone = len(episode.env.dialect.actions) == len(spec.parameters) == 1
    given = " ".join(str(v) for v in action.arguments.values()).strip()
    if choices and alone and listed and given.lower() not in {c.lower() for c in listed}:
        return f"{action.name}: {given!r:.80} is not among what can be done now"
    return ""

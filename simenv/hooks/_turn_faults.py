"""What is wrong with an agent's turn, before it is acted on."""

from __future__ import annotations

from simenv.errors import InvalidAction
from simenv.hook import EpisodeView
from simenv.types import Action, Turn


def fault(episode: EpisodeView, turn: Turn, choices: bool = False) -> str:
    """Why a turn holds no action that may be taken; '' where it holds one.

    `choices`: where text commands are all a world takes, and it lists the possible ones, others are not allowed.
    """
    last = episode.turn + 1 >= episode.max_turns
    reading = episode.dialect.parse_last(turn) if last else episode.dialect.parse(turn)
    faults = [
        spoken.error if spoken.action is None else _refusal(episode, spoken.action, choices)
        for spoken in reading.spoken
    ]
    return "" if "" in faults else faults[0]


def _refusal(episode: EpisodeView, action: Action, choices: bool) -> str:
    """Why an action may not be taken; '' where it may, or only the dialect can tell."""
    spec = episode.dialect.actions.get(action.name)
    if spec is None:
        return ""
    try:
        spec.read(action.arguments)
    except InvalidAction as e:
        return str(e)
    commands = episode.choices
    alone = len(episode.dialect.actions) == len(spec.parameters) == 1
    command = " ".join(str(v) for v in action.arguments.values()).strip()
    if choices and alone and commands and command.lower() not in {c.lower() for c in commands}:
        return f"{action.name}: {command!r:.80} is not among what can be done now"
    return ""

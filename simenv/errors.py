"""The errors of simenv, each named after whose fault it is. Any other exception ends what it happened in, as a Bug."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from simenv.redaction import redact


class SimenvError(Exception):
    """A fault that ends an episode or a command, never the agent's.

    Its text is shown, logged and written, so secrets are blotted out of it.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(redact(a) if isinstance(a, str) else a for a in args))


class ConfigError(SimenvError):
    """The user's: a name, an option, a path or a file that cannot be used. Commands exit with status 2."""


class Untrusted(ConfigError):
    """A file that somebody may have been sent wants more than to choose among what is installed. `refusals`: what it wants."""

    def __init__(self, message: str, refusals: Iterable[Any]) -> None:
        super().__init__(message)
        self.refusals = tuple(refusals)


class Offline(ConfigError):
    """Something was to be reached over the network while the user allows none."""


class Unlisted(ConfigError):
    """An address was to be called that is not among those the user lists."""


class Unreadable(ConfigError):
    """A file, or a line of one, that cannot be read as what it should be.

    `place` is FILE or FILE:LINE, `reason` says what is wrong, the limit, and what to do.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.place, self.reason = place, reason


class WorldError(SimenvError):
    """The world's: a spec that breaks its schema, an engine that failed."""


class ServiceDown(WorldError):
    """A service that the worlds of a run share, such as a database server, does not answer. It tells nothing of a task, so
    admission ends, and goes on where it was when the run is resumed."""


class StoreError(SimenvError):
    """The disk's: a run folder that cannot be written or read."""


class ModelError(SimenvError):
    """The model's or its server's: no answer after all retries, or an answer that is no answer."""


class Unusable(ModelError):
    """The model answered as often as it was asked, but never in the right form. `violations` and `text`: the last answer's."""

    def __init__(self, message: str, violations: list[str], text: str) -> None:
        super().__init__(message)
        self.violations = violations
        self.text = text


class ContextLimit(ModelError):
    """The prompt does not fit the model. Ends the episode as `Stop.context_limit`."""


class EndOfRun(ModelError):
    """No more calls are to be made. Ends the run cleanly; what was finished is kept. `again`: what goes on with it."""

    again = "--resume {folder}"


class BudgetSpent(EndOfRun):
    """The spend cap of the run is reached."""

    again = "--resume {folder} budget=…"


class NoService(EndOfRun):
    """No call to this model can succeed: it refuses the key, or nobody answers at its address."""


class TrainError(SimenvError):
    """The trainer's: it ended without a model."""


class Bug(SimenvError):
    """The program's: an exception that nobody foresaw, in a plugin or in simenv. It ends an episode or a task, never a run.

    `place` names whose code it is (`counter.add`), `kind` the class of the exception, `error` class and text, `trace` is the
    traceback, `original` the exception itself.
    """

    def __init__(self, place: str, kind: str, error: str, trace: str, original: BaseException) -> None:
        super().__init__(f"{place}: {error}")
        self.place, self.kind, self.error, self.trace, self.original = place, kind, error, trace, original


class BugLimit(SimenvError):
    """The program's: one bug ended so much in a row that going on makes no sense. What was finished is kept."""


class InvalidAction(Exception):
    """The agent's fault, raised by a dialect or an engine and turned into an invalid Observation; never escapes a world."""


def unknown(noun: str, value: str, available: Iterable[str]) -> str:
    """The text of an error about a name that does not exist: what exists, and the nearest spelling."""
    names = sorted(available)
    near = get_close_matches(value, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown {noun} {value!r}; available: {', '.join(names) or 'none'}{hint}"

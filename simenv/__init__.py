"""simenv: grounded synthetic environments for agent-tuning data.

`simenv.run(environments=["db"], agent="expert", episodes=20)` plays an experiment; it is loaded on first use, so importing
simenv does no work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simenv.rollout.drive import run as run
    from simenv.rollout.drive import run_async as run_async

__version__ = "0.1.0"
__all__ = ["__version__", "run", "run_async"]


def __getattr__(name: str) -> Any:
    if name in ("run", "run_async"):
        from simenv.rollout import drive

        return getattr(drive, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""A page that rewards a visit by itself, as those of MiniWoB++ do."""

from __future__ import annotations

from simenv.types import Grade

from .site import State


def grade_reward(least: float, state: State) -> Grade:
    """The page's own reward, without its discount for time: success from `least` on."""
    reward, success = float(state["reward"]), bool(state["done"] and state["reward"] >= least)
    progress = 1.0 if success else min(max(0.0, reward), 0.99)
    reasons = () if success else (f"reward {reward:g}" if state["done"] else "the episode goes on",)
    return Grade(success=success, progress=progress, reasons=reasons, metrics={"reward": reward})

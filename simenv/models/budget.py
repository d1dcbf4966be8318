"""The spend cap of a run: room is reserved before a call and settled after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from simenv.errors import BudgetSpent

DUST = 1e-9
"""US dollars; differences below come from adding floats."""


class Budget:
    """A spend cap in US dollars, shared by the calls and, if one likes, by the models of a run.

    A call reserves what it may cost and settles what it did cost. It waits while only reservations stand in its way,
    so the cap is passed at most by what the calls in flight were reckoned too low. A try that failed counts as free.
    """

    def __init__(self, cap: float, spent: float = 0.0) -> None:
        self.cap = cap
        self.spent = spent
        self.reserved = 0.0
        self._settled = asyncio.Event()

    @asynccontextmanager
    async def reserve(self, amount: float) -> AsyncIterator[Callable[[float], None]]:
        """Room for one call; what it gives is called with the true cost. BudgetSpent where there will be no room."""
        while self.spent + self.reserved + amount > self.cap + DUST and self.reserved > DUST:
            self._settled.clear()
            await self._settled.wait()
        if self.spent + amount > self.cap + DUST:
            raise BudgetSpent(
                f"spend cap ${self.cap:.4g}: ${self.spent:.4g} is spent, the next call may cost up to ${amount:.4g}"
            )
        self.reserved += amount
        try:
            yield self._charge
        finally:
            self.reserved -= amount
            self._settled.set()

    def _charge(self, cost: float) -> None:
        self.spent += cost

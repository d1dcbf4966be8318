"""The tasks that are served: proposed as in a rollout, and checked before anybody asks for them."""

from __future__ import annotations

from simenv.runtime import EnvironmentRuntime
from simenv.source import Rejected
from simenv.teach.admission import admit, well_formed
from simenv.types import Task


async def samples(runtime: EnvironmentRuntime, seed: int, first: int = 0) -> list[Task | Rejected]:
    """All tasks in their order, from number `first` on; one that cannot be used keeps its place, as Rejected."""
    items: list[Task | Rejected] = []
    world, proven = runtime.world(), runtime.config.admit == "proven"
    try:
        for item in runtime.propose(seed, first):
            if isinstance(item, Task):
                item = await admit(world, runtime.environment, item) if proven else well_formed(type(world), item)
            items.append(item)
    finally:
        await world.close()
    return items

"""The tasks that are served: proposed as in a rollout, and checked before anybody asks for them."""

from __future__ import annotations

from simenv.config import EnvironmentConfig
from simenv.plugins import Environment
from simenv.source import Rejected, TaskGenerator, TaskReader
from simenv.teach.admission import admit, propose, well_formed
from simenv.types import Task
from simenv.world import Engine


async def samples(
    environment: Environment, world: Engine, origin: TaskReader | TaskGenerator, config: EnvironmentConfig, seed: int
) -> list[Task | Rejected]:
    """All there are, in their order; one that cannot be used keeps its place."""
    found: list[Task | Rejected] = []
    try:
        for item in propose(environment.name, origin, config, seed):
            if isinstance(item, Task):
                proven = config.admit == "proven"
                item = await admit(world, environment, item) if proven else well_formed(type(world), item)
            found.append(item)
    finally:
        await world.close()
    return found

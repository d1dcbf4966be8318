"""A small world that the tests of the DB share."""

from simenv.plugins import environment
from simenv.types import Action, Task

SPEC = {
    "tables": [
        {
            "name": "items",
            "columns": [
                {"name": "id", "type": "INT", "auto_increment": True},
                {"name": "name", "type": "VARCHAR(20)"},
                {"name": "price", "type": "DECIMAL(10,2)"},
            ],
            "rows": [[1, "pen", 1.5], [2, "ink", 4], [3, "Pad", None]],
            "primary_key": ["id"],
        }
    ]
}
ENGINES = tuple(environment("db").world.Options(engine=name) for name in ("light", "server"))


def task(goal, spec=SPEC, solution=()):
    return Task(id="t", environment="db", instruction="Do it.", spec=spec, goal=goal, solution=solution)


async def open_world(spec=SPEC, goal=None, **options):
    world = environment("db").world
    instance = world(world.Options(**options))
    await instance.reset(task(goal or {"answer": [3]}, spec))
    return instance


async def sql(world, query):
    return await world.step(Action(name="execute_sql", arguments={"query": query}))


async def say(world, answers):
    return await world.step(Action(name="commit_final_answer", arguments={"answers": answers}))

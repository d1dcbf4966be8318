"""Worlds that a strong model wrote from these prompts, and from earlier ones: right ones enter, planted wrong ones do not."""

import gzip
import json
from pathlib import Path

import pytest

from simenv import plugins
from simenv.model import fit
from simenv.models.clients.scripted import scripted
from simenv.teach.draft import draft_schema
from simenv.types import Task
from tests.helpers.teaching import teaching_run

TAPE = Path(__file__).parents[1] / "data" / "teacher_tape.jsonl.gz"
EARLIER = Path(__file__).parents[3] / "shared" / "data" / "strong" / "agent_teacher.jsonl.gz"
PLANTED = {173: "evidence", 200: "evidence", 339: "step", 340: "evidence"}
"""Worlds of the earlier tape whose solution shows another answer than it gives, or none."""
UNREPAIRED = {181, 190, 191, 193, 194, 197, 207, 208}
"""Worlds of the earlier tape that were sent back, each with a later one in its place or none."""


def lines(path):
    if not path.is_file():
        pytest.skip("there is no such tape")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


async def verdict(environment, text):
    """What comes of a model's answer."""
    world = plugins.environment(environment).world
    if lack := world().missing():
        pytest.skip(lack)
    value, violations = fit(text, draft_schema(world))
    assert value is not None, violations
    run = teaching_run(scripted("x"), environment, tasks=1)
    return await run.authors[environment].judge(value, run.assignments[environment][0], 0)


@pytest.mark.parametrize("number", range(10))
async def test_every_world_that_a_strong_model_wrote_from_these_prompts_enters_at_once(number):
    record = lines(TAPE)[number]
    result = await verdict(record["environment"], record["answer"])
    assert isinstance(result, Task), (result.reason, [f.reason for f in result.also])


async def test_of_an_earlier_tape_all_honest_worlds_enter_and_no_planted_one():
    admitted, causes = set(), {}
    for record in lines(EARLIER):
        prompt = record["request"]["messages"][0]["content"]
        if not prompt.startswith("You write tasks for an agent"):
            continue
        environment = prompt.partition("environment `")[2].partition("`")[0]
        result = await verdict(environment, record["reply"]["content"])
        if isinstance(result, Task):
            admitted.add(record["n"])
        else:
            causes[record["n"]] = result.cause
    assert {n: causes[n] for n in PLANTED} == PLANTED
    assert causes.keys() == UNREPAIRED | PLANTED.keys() and len(admitted) == 16

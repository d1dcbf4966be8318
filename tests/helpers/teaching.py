"""Shared by the tests of the teacher: drafts of procedural tasks, and teaching runs with a scripted model."""

import asyncio
import json

from numpy.random import default_rng

from simenv import plugins
from simenv.models.clients.scripted import scripted
from simenv.runs.store import Run
from simenv.teach.config import Teaching
from simenv.teach.draft import draft_text
from simenv.teach.run import TeachingRun


def draft(environment="db", seed=0, **changes):
    """A draft as a good teacher would write it, with fields changed; None leaves one out."""
    task = plugins.environment(environment).procedural().make("x", default_rng(seed))
    value = json.loads(draft_text(task)) | changes
    return {k: v for k, v in value.items() if v is not None}


def scripted_model(value, **options):
    """A model that gives these answers to the n-th assignment: value[n], or value[n][k] for its k-th answer."""

    def answer(request):
        mine = value[request.sample]
        mine = mine[len(request.messages) // 2] if isinstance(mine, list) else mine
        return mine if isinstance(mine, str) else json.dumps(mine)

    return scripted(answer, **options)


def teaching_run(model, environment="db", **options):
    config = {"environments": environment, "shots": 0, "repairs": 0, "concurrency": 1, **options}
    return TeachingRun(Teaching.model_validate(config), model)


def run_teaching(folder, model, environment="db", **options):
    """Tasks and rejections of a run in a folder."""
    run = Run(folder)
    asyncio.run(teaching_run(model, environment, **options).run(run))
    return rows(folder, "tasks"), rows(folder, "rejected")


def rows(folder, name):
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]

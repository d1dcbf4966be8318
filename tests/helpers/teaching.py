"""A model as teacher: drafts of tasks, scripted models that write them, and a workshop to run them in."""

import asyncio
import json

from numpy.random import default_rng

from simenv import plugins
from simenv.models.clients.scripted import scripted
from simenv.runs.store import Run
from simenv.teach.config import Teaching
from simenv.teach.draft import written
from simenv.teach.run import Workshop


def draft(environment="db", seed=0, **changes):
    """The draft of a procedural task, with fields changed; None leaves one out."""
    task = plugins.environment(environment).procedural().make("x", default_rng(seed))
    value = json.loads(written(task)) | changes
    return {k: v for k, v in value.items() if v is not None}


def scripted_teacher(answers, **options):
    """A model that answers the n-th assignment with answers[n], or with answers[n][k] in its k-th turn."""

    def answer(request):
        value = answers[request.sample]
        value = value[len(request.messages) // 2] if isinstance(value, list) else value
        return value if isinstance(value, str) else json.dumps(value)

    return scripted(answer, **options)


def workshop(model, environment="db", **options):
    config = {"environments": environment, "shots": 0, "repairs": 0, "concurrency": 1, **options}
    return Workshop(Teaching.model_validate(config), model)


def run_workshop(folder, model, environment="db", **options):
    """Runs a workshop in a folder; returns its tasks and rejections."""
    run = Run(folder)
    asyncio.run(workshop(model, environment, **options).run(run))
    return read_rows(folder, "tasks"), read_rows(folder, "rejected")


def read_rows(folder, name):
    """The records of a JSONL file."""
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]

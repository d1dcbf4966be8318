"""A run as a line of the table of runs."""

import asyncio
import json

from simenv.config import Experiment
from simenv.plugins.viewer.content.run_list import summary
from simenv.rollout.report import report
from simenv.rollout.run import Rollout
from simenv.runs.store import Run


def test_a_line_counts_the_drifts_of_a_checked_run(tmp_path):
    e = Experiment.model_validate(
        {"environments": ["kg"], "episodes": 2, "mode": "checked", "simulator": {"name": "flawed", "rate": 0.5}}
    )
    run = Run.create(tmp_path, "checked", e.model_dump_json())

    async def made():
        live = Rollout(e)
        await live.prepare(run)
        await live.run(run)

    asyncio.run(made())
    told = report(run)
    run.write("report.json", json.dumps(told))
    assert summary(run.folder).drifts == told["environments"]["all"]["checks"]["drift"] > 0

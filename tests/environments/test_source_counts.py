"""Each data set's layout, from its files to solved tasks: what is loaded is admitted, and solved by its gold."""

import asyncio

from simenv.plugins import environment
from tests.benchmarks.bench_sources import counted, look_alikes

REFUSED = {"tied": "the order in which the rows are stored", "MetaQA, 2 hops": "leads to 2 entities"}
"""What is refused of each set, and why; of all others nothing is."""


def test_what_is_loaded_of_each_layout_is_admitted_and_solved(tmp_path):
    for name, kind, path in look_alikes(tmp_path):
        count = asyncio.run(counted(environment(kind), path, 0))
        assert count.solved == count.admitted == count.loaded, (name, count)
        assert all(REFUSED.get(name, "nothing") in reason for reason in count.reasons), (name, count)
        assert count.loaded > 0 or (name == "tied" and count.samples == sum(count.reasons.values()) == 4)

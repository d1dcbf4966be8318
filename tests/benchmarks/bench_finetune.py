"""Seconds a step and peak memory of the embedded trainer by the size of the vocabulary: LoRA, household episodes, one thread.

python tests/benchmarks/bench_finetune.py [VOCABULARY] [STEPS]
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from simenv.__main__ import main as simenv
from simenv.finetune import Finetune, finetune
from tests.helpers import tiny_model


def main(vocabulary, steps):
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        words = ["environments=[household]", "episodes=100", "dialect=short", f"out={place}", "name=run"]
        assert simenv(["rollout", *words]) == 0 and simenv(["curate", f"{place}/run", f"out={place}", "name=set"]) == 0
        base = tiny_model.build(Path(place, "base"), context=2048, hidden=256, layers=4, vocabulary=vocabulary)
        settings = Finetune(
            data=f"{place}/set", model=str(base), out=place, name="tuned", steps=steps + 1, batch_size=4,
            sequence_length=2048, device="cpu", log_every=1, validate_samples=0,
        )  # fmt: skip
        at = []
        finetune(settings, lambda row: at.append(time.process_time()) if row.keys() == {"step", "steps"} else None)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{vocabulary:,} tokens: {(at[-1] - at[0]) / steps:.2f} s of CPU a step, {peak:.2f} GiB at most")


if __name__ == "__main__":
    main(*(int(w) for w in sys.argv[1:] or ("150000", "10")))

"""Tokens a second of the local model client: a tiny model made on the spot, episodes whose chats grow, all at once.

python tests/benchmarks/bench_transformers.py [EPISODES] [TURNS]
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))
from simenv.model import Request
from simenv.models import connect
from simenv.types import Message
from tests.helpers import tiny_model


async def episode(model, seed, turns, counted):
    """A chat in which answers of 4 to 40 tokens alternate with observations."""
    rng = np.random.default_rng(seed)
    chat = [Message(role="system", content="go to the door and take the key " * 8)]
    for _ in range(turns):
        chat.append(Message(role="user", content="the red house " * int(rng.integers(1, 8))))
        bound = int(rng.integers(4, 41))
        reply = await model.complete(Request(messages=tuple(chat), max_tokens=bound, seed=seed))
        chat.append(Message(role="assistant", content=reply.text))
        counted["written"] += reply.usage.output_tokens
        counted["read"] += reply.usage.input_tokens


async def main(episodes, turns):
    with tempfile.TemporaryDirectory() as folder:
        base = tiny_model.build(Path(folder), context=4096, hidden=256, layers=4)
        for size, prefixes in ((1, 0), (16, 0), (16, 1), (64, 1)):
            model = connect(
                "transformers", {"model": str(base), "temperature": 1.0, "batch_size": size, "prefixes": prefixes}
            )
            count = episodes
            counted, wall, cpu = {"written": 0, "read": 0}, time.perf_counter(), time.process_time()
            await asyncio.gather(*(episode(model, i, turns, counted) for i in range(count)))
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            await model.close()
            print(
                f"batch_size {size:3}: {counted['written'] / wall:6,.0f} tokens/s written, "
                f"{counted['written'] / cpu:6,.0f} a second of CPU; {counted['read'] / count / turns:.0f} tokens a prompt; "
                f"{count} episodes × {turns} turns in {wall:.1f} s, {cpu:.1f} s of CPU; {model.counts}"
            )


if __name__ == "__main__":
    asyncio.run(main(*(int(w) for w in sys.argv[1:] or ("64", "6"))))

"""Run by the Python that OpenEnv is installed for: its own client plays episodes and says what it saw, as one line of JSON.

`python openenv_episodes.py ADDRESS EPISODES.json SESSIONS`: the file holds for each episode the data of its reset and its
actions; SESSIONS of them are played at once. A first session that is dropped without a good-bye holds a place.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from openenv.core import GenericEnvClient


async def play(client, episode):
    """One episode; its rewards, its end, and seconds spent in steps."""
    began = await client.reset(**episode["reset"])
    assert not began.done and began.reward is None
    rewards, spent, done, grade = [], 0.0, False, None
    for action in episode["actions"]:
        start = time.perf_counter()
        result = await client.step(action)
        spent += time.perf_counter() - start
        rewards.append(result.reward)
        done, grade = result.done, (result.metadata or {}).get("grade")
    state = await client.state()
    return {
        "task": state["task"], "steps": state["step_count"], "rewards": rewards, "done": done, "grade": grade,
        "first": began.observation["text"], "last": result.observation["text"], "seconds": spent, "name": state["episode_id"],
    }  # fmt: skip


async def main(address, file, sessions):
    waiting = list(enumerate(json.loads(Path(file).read_text())))[::-1]
    played = {}

    async def work():
        async with GenericEnvClient(base_url=address) as client:
            while waiting:
                number, episode = waiting.pop()
                played[number] = await play(client, episode)

    await asyncio.gather(*(work() for _ in range(sessions)))
    print(json.dumps([played[number] for number in sorted(played)]))


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))

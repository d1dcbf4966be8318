"""Run by the Python that Inspect is installed for: a log as its own reader gives it, as one line of JSON.

`python inspect_read.py LOG`
"""

import json
import sys

from inspect_ai.log import read_eval_log

log = read_eval_log(sys.argv[1])
samples = [
    {
        "id": s.id,
        "scores": {name: score.value for name, score in (s.scores or {}).items()},
        "messages": [m.model_dump(exclude_none=True, include={"role", "content", "tool_calls"}) for m in s.messages],
    }
    for s in log.samples
]
mean = {score.name: score.metrics["mean"].value for score in log.results.scores}
print(json.dumps({"status": log.status, "mean": mean, "samples": samples}))

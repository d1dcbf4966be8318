"""The published JSON Schema of a trajectory: `python -m simenv.runs.schema` prints it, trajectory.schema.json holds it."""

from __future__ import annotations

import json
from typing import Any

from simenv.types import VERSION, Trajectory


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one line of trajectories/part-*.jsonl."""
    body = Trajectory.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"simenv/trajectory-{VERSION}", **body}


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2))

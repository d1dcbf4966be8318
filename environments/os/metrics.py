"""AgentBench's fields of an OS sample: the file that it came from, and its place in it."""

from __future__ import annotations

import re
from typing import Any

from simenv.metrics import Sample

_PLACE = re.compile(r"(?P<file>.+): \[(?P<index>\d+)\]")


def record(sample: Sample) -> dict[str, Any]:
    """`file` and `index_in_file`, where the task came from a file."""
    place = _PLACE.fullmatch(sample.task.source)
    return {"file": place["file"], "index_in_file": int(place["index"])} if place else {}

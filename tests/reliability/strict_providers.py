"""Many episodes against each strict provider: `python -m tests.reliability.strict_providers [EPISODES]`.

Prints for each how many were played, how many were lost or blamed on the agent, how many requests were refused on the way, and
whether the reasoning stands in every trajectory and in every later request. O3 tells none; Mistral refuses it in a request, and
Grok, which acts in text, is sent its text alone.
"""

import json
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from tests.helpers.strict_providers import PLAY, PROVIDERS, Provider, serving
from tests.models.test_strict_providers import episodes


def line(provider: Provider, count: int) -> str:
    """What came of the episodes of one provider."""
    start = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        played, errors = episodes(provider, Path(folder), count)
    names = [name for name, _ in PLAY]
    blamed = sum([s.action and s.action.name for s in t.steps] != names for t in played)
    turns = [m for t in played for m in t.messages if m.role == "assistant"]
    kept = sum(bool(m.thought) for m in turns)
    later = [b for b in provider.bodies if "SHOW TABLES" in json.dumps(b)]
    back = sum("THOUGHT-0" in json.dumps(b) for b in later)
    return (
        f"{type(provider).__name__:11} {len(played):7} {len(errors):5} {blamed:7} {len(provider.refused):8} "
        f"{kept:5}/{len(turns):<5} {back:5}/{len(later):<5} {perf_counter() - start:6.1f}"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print("provider     played  lost  blamed  refused  kept/turns  back/later  seconds")
    for kind in PROVIDERS:
        with serving(kind()) as provider:
            print(line(provider, count), flush=True)


if __name__ == "__main__":
    main()

"""ALFWorld's games and recorded transcripts, from the data folder that lies beside a checkout."""

import gzip
import json

import pytest

from tests import DATA


def lines(name):
    path = DATA / "alfworld" / name
    if not path.is_file():
        pytest.skip(f"no {path}: the games are not part of the repository")
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as text:
        return [json.loads(line) for line in text]


@pytest.fixture(scope="session")
def games():
    return [*lines("agentbench_dev20.jsonl"), *lines("train_gold_90.jsonl.gz")]


@pytest.fixture(scope="session")
def transcripts():
    return lines("expert_transcripts_15.jsonl.gz")

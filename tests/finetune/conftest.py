"""A curated set and a base model that the trainers' tests share."""

import pytest

from simenv.types import Message, Sample


def chat(i):
    """Two trained turns, one masked; every fourth is longer."""
    return Sample(
        id=f"s{i}",
        task=f"t{i}",
        environment="db",
        source="run" if i % 3 else "gold",
        messages=(
            Message(role="system", content="be brief"),
            Message(role="user", content=f"go to door {i}" + " and the cup" * (i % 4 * 3)),
            Message(role="assistant", content=f"take key {i % 7}", train=True),
            Message(role="user", content="Observation: no"),
            Message(role="assistant", content="a slip"),
            Message(role="user", content="Observation: no"),
            Message(role="assistant", content="the red house", train=True),
        ),
    )


@pytest.fixture(scope="session")
def curated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sets") / "db"
    folder.mkdir()
    for split, numbers in (("train", range(24)), ("validation", range(24, 28))):
        lines = [chat(i).model_dump_json(exclude_defaults=True) + "\n" for i in numbers]
        (folder / f"{split}.jsonl").write_text("".join(lines))
    return folder


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    torch = pytest.importorskip("torch", reason="pip install 'simenv[train]'")
    pytest.importorskip("peft", reason="pip install 'simenv[train]'")
    from tests.helpers import tiny_model

    torch.set_num_threads(1)  # tests share cores
    return tiny_model.build(tmp_path_factory.mktemp("base"))

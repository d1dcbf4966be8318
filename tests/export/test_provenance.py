"""An export tells of every row where it comes from, and its manifest tells what each file holds and how it was made."""

import hashlib
import json

import pytest

from simenv.data.provenance import COLUMNS, Provenance
from simenv.errors import ConfigError, Unreadable
from simenv.export import Export, export
from simenv.types import Message, Sample

JUDGED = {"sample": "a", "verdicts": {"too_long": "kept", "mistakes": "masked: step 2"}, "reviewers": ["ann", "ben"]}
WHERE = {
    "id": "a", "environment": "db", "task": "t", "kind": "select", "source": "run", "origin": "run-1", "licence": "mit",
    "verdicts": json.dumps(JUDGED["verdicts"]), "reviewers": "ann, ben",
}  # fmt: skip


def sample(id, origin):
    said = (Message(role="user", content="q"), Message(role="assistant", content="a", train=True))
    return Sample(
        id=id, task="t", environment="db", kind="select", source="run", origin=origin, messages=(*said, *said)
    )


@pytest.fixture
def curated(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    samples = [sample("a", "run-1"), sample("a#2", "run-1"), sample("b", "run-2")]
    (folder / "train.jsonl").write_text("".join(s.model_dump_json(exclude_defaults=True) + "\n" for s in samples))
    (folder / "validation.jsonl").write_text(sample("v", "run-1").model_dump_json(exclude_defaults=True) + "\n")
    (folder / "provenance.jsonl").write_text(json.dumps(JUDGED) + "\n\n")
    (folder / "config.yaml").write_text("licences: {run-1: mit}\n")
    return folder


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("form", ["trl", "sharegpt", "agentinstruct", "atif"])
def test_a_row_tells_where_its_sample_comes_from(curated, form):
    found = lines(export(Export(data=str(curated), to=form)).folder / "train.jsonl")
    told = [{k: row[k] for k in COLUMNS} for row in found if all(k in row for k in COLUMNS)]
    assert len(told) == len(found) == (6 if form == "trl" else 3)
    assert told[0] == WHERE
    assert told[-1] == WHERE | {"id": "b", "origin": "run-2", "licence": "", "verdicts": "", "reviewers": ""}
    copy = next(t for t in told if t["id"] == "a#2")
    assert copy == WHERE | {"id": "a#2"}


def test_where_a_row_may_hold_nothing_else_it_stands_beside_it_row_by_row(curated):
    folder = export(Export(data=str(curated), to="openai")).folder
    assert [set(row) for row in lines(folder / "train.jsonl")] == [{"messages"}] * 3
    beside = lines(folder / "train.provenance.jsonl")
    assert beside[0] == {"row": 1} | WHERE and [r["row"] for r in beside] == [1, 2, 3]
    assert [r["id"] for r in lines(folder / "validation.provenance.jsonl")] == ["v"]


def test_the_manifest_lists_each_file_with_its_checksum_and_rows(curated):
    folder = export(Export(data=str(curated), to="openai")).folder
    made = json.loads((folder / "manifest.json").read_text())
    assert (made["to"], made["model"], made["set"], made["samples"]) == (
        "openai", None, "set", {"train": 3, "validation": 1},
    )  # fmt: skip
    assert {n: f.get("rows") for n, f in made["files"].items()} == {
        "train.jsonl": 3, "train.provenance.jsonl": None, "validation.jsonl": 1, "validation.provenance.jsonl": None,
    }  # fmt: skip
    for name, told in made["files"].items():
        content = (folder / name).read_bytes()
        assert told["bytes"] == len(content) and told["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_set_without_judgements_or_licences_tells_what_the_samples_say(tmp_path):
    (tmp_path / "config.yaml").write_text("- no settings\n")
    found = Provenance(tmp_path).columns(sample("a#12", "o"))
    assert found == WHERE | {"id": "a#12", "origin": "o", "licence": "", "verdicts": "", "reviewers": ""}
    assert tuple(found) == COLUMNS


def test_a_judgement_that_is_none_is_named_with_its_line(tmp_path):
    (tmp_path / "provenance.jsonl").write_text(json.dumps(JUDGED) + "\n{}\n")
    with pytest.raises(ConfigError, match=r"provenance\.jsonl:2: expected sample, verdicts and reviewers, got "):
        Provenance(tmp_path)
    (tmp_path / "provenance.jsonl").write_bytes(b"\xff\xfe" * 10 + b"\n")
    with pytest.raises((ConfigError, Unreadable), match=r"provenance\.jsonl:1"):
        Provenance(tmp_path)


def test_the_last_judgement_of_a_sample_counts(tmp_path):
    for n, who in enumerate((["ann"], ["ben"])):
        with (tmp_path / "provenance.jsonl").open("a") as file:
            file.write(json.dumps({"sample": "a", "verdicts": {"f": str(n)}, "reviewers": who}) + "\n")
    found = Provenance(tmp_path).columns(sample("a", "o"))
    assert (found["verdicts"], found["reviewers"]) == ('{"f": "1"}', "ben")

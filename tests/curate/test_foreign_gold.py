"""Gold of other people is read right, or refused with the field; it comes back from exports as it was read."""

import json

import pytest

from simenv.curate.samples import samples
from simenv.data.chat_formats import recognise
from simenv.data.records import DatasetRef, UnreadRecords
from simenv.errors import ConfigError
from simenv.plugins import load
from tests import DATA
from tests.curate.foreign_gold import FILES
from tests.helpers.atif import problems

EXPORTS = ("openai", "axolotl", "atif")
CASES = {
    "fc_legacy": 1, "fc_multi": 1, "kto": 0, "loss_weight": 1, "sg_system": 1, "sharegpt_system": 3,
    "toucan_function_call": 1, "train_detail": 0,
}  # fmt: skip
"""Files beside a checkout, and how many of their records are gold."""


def read(path, *records, role="gold"):
    """The samples of a file of these records, and what of it was not read."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    unread = UnreadRecords()
    try:
        return list(samples(DatasetRef(path=path), role, unread=unread)), unread
    except ConfigError as e:
        unread.examples.append(str(e))
        return [], unread


def shown(m):
    """A message in one line, as tests/curate/foreign_gold.py writes it."""
    thoughts = "".join(f" ~{part.kind} {part.text}~" for part in m.reasoning)
    calls = "".join(f" | {c.id} {c.name} {c.arguments}" for c in m.calls)
    result = f"<{m.call_id}>" if m.call_id else ""
    return f"{m.role}{result}{'*' if m.carries_loss else ''}:{thoughts}{f' {m.content}' if m.content else ''}{calls}"


def calls(m):
    return [(c.id, c.name, json.loads(c.arguments)) for c in m.calls]


def facts(sample):
    """What must come back, but reasoning: roles, texts, calls, results, loss and tools."""
    return [(m.role, m.content, m.call_id, m.carries_loss, calls(m)) for m in sample.messages], sample.tools


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_a_file_is_read_right_or_refused_by_field(tmp_path, file):
    found, unread = read(tmp_path / f"{file.name}.jsonl", file.record)
    if file.refusal:
        assert not found and file.refusal in unread.examples[-1]
        return
    [sample] = found
    assert [shown(m) for m in sample.messages] == file.messages
    assert tuple(t["function"]["name"] for t in sample.tools) == file.tools
    assert all(t["type"] == "function" for t in sample.tools)
    form = recognise(file.record, "").name
    assert set(unread.fields) == {f"{form}: {note}" for note in file.notes}


def test_24_files_are_read_exported_and_read_again(tmp_path):
    rows = []
    for file in FILES:
        found, _ = read(tmp_path / "gold.jsonl", file.record)
        right = [[shown(m) for m in s.messages] for s in found] == ([] if file.refusal else [file.messages])
        back = [next((comes_back(tmp_path, s, to) for s in found), "-") for to in EXPORTS]
        rows.append([file.name, "refused" if file.refusal else "read", "yes" if right else "NO", *back])
    misread = sum(row[2] == "NO" for row in rows)
    print()
    for name, verdict, right, *back in [("file", "", "right", *EXPORTS), *rows]:
        print(f"{name:26}{verdict:10}{right:8}" + "".join(f"{text:24}" for text in back))
    print(f"{len(rows)} files, misread silently: {misread}")
    assert len(rows) == 24 and misread == 0 and not any("NO" in row for row in rows)


def comes_back(tmp_path, sample, to):
    """Whether a sample is the same after it was exported and read again: yes, NO, or yes without what the form cannot hold."""
    [row] = load("formats", to)().rows(sample)
    [again], unread = read(tmp_path / f"{to}.jsonl", row)
    if unread.fields or facts(again) != facts(sample):
        return "NO"
    if [m.reasoning for m in again.messages] == [m.reasoning for m in sample.messages]:
        return "yes"
    if [m.thought for m in again.messages] == [m.thought for m in sample.messages]:
        return "yes, words of reasoning"
    lost = to != "atif" and not any(m.reasoning for m in again.messages)
    return "yes, no reasoning" if lost else "NO"


@pytest.mark.parametrize("name", CASES)
def test_files_beside_a_checkout_are_read_right_or_refused(tmp_path, name):
    path = DATA.parent / "cases" / "gold" / f"{name}.jsonl"
    if not path.is_file():
        pytest.skip(f"{path.name} is not here")
    unread = UnreadRecords()
    try:
        found = list(samples(DatasetRef(path=path), "gold", unread=unread))
    except ConfigError:
        found = []
    assert len(found) == CASES[name]
    assert "NO" not in [comes_back(tmp_path, s, to) for s in found for to in EXPORTS]


def test_atif_that_is_written_is_atif(tmp_path):
    for file in FILES:
        for sample in read(tmp_path / "gold.jsonl", file.record)[0]:
            [row] = load("formats", "atif")().rows(sample)
            assert problems(row) == []

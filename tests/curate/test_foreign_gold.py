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
HIDDEN = {"openai": "signatures of reasoning", "axolotl": "signatures of reasoning", "atif": ""}
"""What of a chat a form cannot hold."""
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


def facts(sample, exact):
    """What must come back: roles, texts, calls, results, loss; reasoning with its kind, or its words alone."""
    messages = [
        (m.role, m.content, m.call_id, m.carries_loss, m.reasoning if exact else m.thought, calls(m))
        for m in sample.messages
    ]
    return messages, sample.tools


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
    rows, misread = [], 0
    for file in FILES:
        found, _ = read(tmp_path / "gold.jsonl", file.record)
        right = [[shown(m) for m in s.messages] for s in found] == ([] if file.refusal else [file.messages])
        misread += not right
        back = [mark(found, (comes_back(tmp_path, s, to) for s in found)) for to in EXPORTS]
        rows.append([file.name, "refused" if file.refusal else "read", mark([file], [right]), *back])
    print()
    print(f"{'file':26}{'':10}{'right':8}" + "".join(f"{to:9}" for to in EXPORTS))
    for name, verdict, *marks in rows:
        print(f"{name:26}{verdict:10}" + "".join(f"{text:9}" for text in marks))
    not_held = ", ".join(f"{to}: {what}" for to, what in HIDDEN.items() if what)
    print(f"{len(rows)} files, misread silently: {misread}; not held by {not_held}")
    assert len(rows) == 24 and misread == 0 and not any("NO" in marks for marks in rows)


def mark(things, verdicts):
    return ("yes" if all(verdicts) else "NO") if things else "-"


def comes_back(tmp_path, sample, to):
    """Whether a sample is the same after it was exported and read again."""
    [row] = load("formats", to)().rows(sample)
    [again], unread = read(tmp_path / f"{to}.jsonl", row)
    assert not unread.fields, unread.fields
    exact = not HIDDEN[to]
    return facts(again, exact) == facts(sample, exact)


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
    assert all(comes_back(tmp_path, s, to) for s in found for to in EXPORTS)


def test_atif_that_is_written_is_atif(tmp_path):
    for file in FILES:
        for sample in read(tmp_path / "gold.jsonl", file.record)[0]:
            [row] = load("formats", "atif")().rows(sample)
            assert problems(row) == []

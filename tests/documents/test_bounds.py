"""Foreign files: each hostile kind is a named refusal with place, limit and what to do, and the rest of the file is read."""

import gzip
import io
import json
import os
from pathlib import Path

import pytest

from simenv import documents
from simenv.curate.samples import samples
from simenv.data.records import DatasetRef, UnreadRecords, records
from simenv.documents import streams
from simenv.errors import ConfigError, Unreadable
from simenv.source import Rejected, TaskFile

CASES = Path(__file__).parents[2].parent / "shared" / "cases" / "security"
BAD = {
    "deep list": (b"[" * 100_000 + b"]" * 100_000, "nested more than 200 deep at column 20"),
    "deep object": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested more than 200 deep"),
    "lone high surrogate": (b'{"a": "\\ud800"}', r"\ud800 at column 1"),
    "lone low surrogate": (b'{"a": "x\\udfff y"}', r"\udfff at column"),
    "surrogate in a key": (b'{"\\ud800": 1}', "half of a character"),
    "NaN": (b'{"a": NaN}', "NaN at column 7 is no JSON; write null"),
    "Infinity": (b'{"a": [-Infinity]}', "-Infinity at column 9 is no JSON"),
    "overflow": (b'{"a": 1e999}', "1e999 is beyond the largest number"),
    "huge integer": (b'{"a": ' + b"9" * 10_000 + b"}", "an integer of more than 4300 digits"),
    "key twice": (b'{"a": {"b": 1, "b": 2}}', "the key 'b' is there twice"),
    "NUL": (b'{"a": "\x00"}', "control character"),
    "no UTF-8": (b'{"a": "\xff"}', "no UTF-8 at column 8"),
    "surrogate in UTF-8": (b'{"a": "\xed\xa0\x80"}', "no UTF-8"),
    "cut": (b'{"a": ', "no JSON: EOF"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "UTF-16; save it as UTF-8"),
    "mark inside": (b'\xef\xbb\xbf{"a": 1}', "no JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_is_named_and_the_others_are_read(tmp_path, name):
    line, reason = BAD[name]
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"n": 1}\n' + line + b'\n\n{"n": 3}')
    one, bad, three = documents.json_lines(path)
    assert one == (1, {"n": 1}) and three == (4, {"n": 3})
    assert bad[0] == 2 and isinstance(bad[1], Unreadable)
    assert bad[1].place == f"{path}:2" and reason in bad[1].reason, bad[1]
    assert len(str(bad[1])) < 400


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named(tmp_path, name):
    path = tmp_path / "a.json"
    path.write_bytes(BAD[name][0])
    if name == "mark inside":  # a mark at the beginning is what some editors write
        assert documents.json_file(path) == {"a": 1}
        return
    with pytest.raises(Unreadable) as refused:
        documents.json_file(path)
    assert str(path) in str(refused.value) and BAD[name][1].split(" at ")[0] in refused.value.reason


def test_whole_pairs_and_numbers_near_the_bounds_are_read():
    text = r'{"a": "\ud83d\ude42", "b": 1e308, "c": "\\ud800", "d": %s}' % ("9" * 4300)
    assert documents.parse(text, "")["a"] == "🙂"
    assert documents.parse("[" * 200 + "]" * 200, "")


def test_a_line_that_is_too_long_is_not_held(tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"n": 1}\n' + b" " * (5 << 20) + b'\n{"n": 3}\n' + b'"' + b"x" * (3 << 20))
    monkeypatch.setattr(streams.bounded_lines, "__defaults__", (1 << 20,))
    (_, one), (number, bad), (_, three), (last, torn) = documents.json_lines(path)
    assert (one, three) == ({"n": 1}, {"n": 3})
    assert number == 2 and f"a line of {(5 << 20) + 1} bytes" in bad.reason and "split it" in bad.reason
    assert last == 4 and isinstance(torn, Unreadable)


def test_a_packed_file_that_unpacks_to_too_much_is_refused_and_what_came_before_is_read(tmp_path):
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb") as file:
        file.write(b'{"n": 1}\n')
        for _ in range(300):
            file.write((b" " * 1023 + b"\n") * 1024)
    first, *_, last = documents.json_lines(path)
    assert first == (1, {"n": 1})
    assert "it unpacks to more than" in last[1].reason and "gzip -d" in last[1].reason
    one_line = tmp_path / "line.jsonl.gz"
    one_line.write_bytes(gzip.compress(b"x" * (300 << 20), 1))
    assert "200 times its size" in next(documents.json_lines(one_line))[1].reason


@pytest.mark.parametrize("cut", [5, 11, 60, -9, -3])
def test_a_damaged_packed_file_gives_what_came_before(tmp_path, cut):
    data = gzip.compress(b"".join(b'{"n": %d, "t": "%s"}\n' % (n, os.urandom(9).hex().encode()) for n in range(5000)))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(data[:cut])
    *rows, (_, last) = documents.json_lines(path)
    assert "damaged gzip file" in last.reason and all(value["n"] == n - 1 for n, value in rows)


def test_pipes_folders_and_devices_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    for path in (tmp_path / "pipe.json", tmp_path / "folder.json", Path("/dev/zero"), tmp_path / "none.json"):
        with pytest.raises(Unreadable, match=r"expected a file|No such file"):
            documents.json_file(path)
        assert documents.head(path, 10) == ""


def test_a_whole_file_has_a_bound(tmp_path):
    (tmp_path / "a.json").write_text('"' + "x" * 100 + '"')
    with pytest.raises(Unreadable, match="more than 50 bytes"):
        documents.json_file(tmp_path / "a.json", 50)


# Records of users' data.


def _parquet(columns, **how):
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **how)
    return file.getvalue()


def test_an_array_goes_on_after_a_bad_record(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[{"n": 1},\n{"n": NaN},\n{"n": "\\ud800"}, {"n": 4}]')
    rows = list(documents.rows(path))
    assert [r.where.rpartition(":")[2] for r in rows] == ["1", "2", "3", "3"]
    assert [isinstance(r.value, Unreadable) for r in rows] == [False, True, True, False]
    unread = UnreadRecords()
    assert [r.value["n"] for r in records(DatasetRef(path=path), unread)] == [1, 4]
    assert unread.count == 2 and f"{path}:2: NaN" in unread.examples[0]


@pytest.mark.parametrize("text", ["[" * 100_000, '[{"a": ' * 5000, '{"a": 1} ' + "[" * 100_000])
def test_an_array_too_deep_to_follow_ends_the_reading(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    *_, last = documents.rows(tmp_path / "a.json")
    assert isinstance(last.value, Unreadable) and "nested more than 200 deep" in last.value.reason


def test_a_source_with_one_bad_line_gives_the_others_and_one_with_none_good_is_refused(tmp_path):
    good = json.dumps({"instruction": "a", "output": "b"})
    path = tmp_path / "chat.jsonl"
    path.write_text(f"{good}\n{'[' * 5000}\n{good}\n")
    unread = UnreadRecords()
    assert len(list(samples(DatasetRef(path=path), "chat", unread=unread))) == 2 and unread.count == 1
    with pytest.raises(ConfigError, match=r"chat.jsonl:2: nested"):
        list(samples(DatasetRef(path=path), "chat"))
    path.write_text("[" * 5000)
    with pytest.raises(ConfigError, match=r"none of its records can be read: .*nested"):
        list(samples(DatasetRef(path=path), "chat", unread=UnreadRecords()))


def test_parquet_that_is_damaged_is_refused_with_its_row(tmp_path):
    good = _parquet({"instruction": ["a"] * 50, "output": ["b"] * 50})
    for at in range(0, len(good), 97):
        path = tmp_path / "a.parquet"
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x41]) + good[at + 1 :])
        for row in documents.rows(path):
            assert isinstance(row.value, dict) or "a.parquet" in str(row.value)


def test_parquet_gives_json(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(
        _parquet({"f": [1.5, float("nan"), float("inf")], "b": [b"\xff\x00", None, b""], "l": [[0.5], [], None]})
    )
    assert [r.value for r in documents.rows(path)] == [
        {"f": 1.5, "b": "/wA=", "l": [0.5]},
        {"f": None, "b": None, "l": []},
        {"f": None, "b": "", "l": None},
    ]


def test_parquet_that_unpacks_to_too_much_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(_parquet({"a": ["x" * (100 << 20)]}, compression="zstd"))
    (row,) = documents.rows(path)
    assert "more than 1000 times its size" in row.value.reason


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases lie beside the repository")
@pytest.mark.parametrize("name", ["sur.jsonl", "surid.jsonl", "flip.parquet"])
def test_the_known_files_are_refused_by_name(name):
    with pytest.raises(Unreadable) as refused:
        list(samples(DatasetRef(path=CASES / name), "chat"))
    assert name in refused.value.place and (
        "half of a character" in refused.value.reason or "Parquet" in str(refused.value)
    )


def test_a_task_file_rejects_a_bad_line_and_reads_the_others(tmp_path):
    path = tmp_path / "tasks.jsonl"
    task = {"id": "a", "environment": "db", "instruction": "", "spec": {}, "goal": {}}
    path.write_text("\n".join([json.dumps(task), "[" * 100_000, json.dumps(task)]))
    one, bad, three = TaskFile("db").tasks(path)
    assert one == three and isinstance(bad, Rejected)
    assert bad.where == f"{path}:2" and bad.reason.startswith("nested more than 200 deep")


def test_a_text_file_that_is_no_utf_8_is_named_with_its_line(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\ntwo\n")
    assert documents.file_text(path) == "one\ntwo\n"
    path.write_bytes(b"one\ntwo\nthr\xffee\n")
    with pytest.raises(Unreadable, match=r"a\.txt:3: no UTF-8 \(invalid start byte\)"):
        documents.file_text(path)


def test_an_object_is_expected_where_another_value_stands(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a": 1}')
    assert documents.object_file(path) == {"a": 1}
    path.write_text("[1]")
    with pytest.raises(Unreadable, match="expected a JSON object, got list"):
        documents.object_file(path)


def test_an_array_that_does_not_end_gives_what_came_before(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[{"n": 1},\n{"n": 2}\n')
    one, two, last = documents.rows(path)
    assert [one.value, two.value] == [{"n": 1}, {"n": 2}]
    assert "the array does not end; expected `]`" in last.value.reason


def test_a_fault_in_a_later_line_is_named_there():
    with pytest.raises(Unreadable) as refused:
        documents.parse('{"a": 1,\n "b": NaN}', "here")
    assert "in its line 2" in refused.value.reason and "column 7" in refused.value.reason


def test_what_no_file_can_be_called_is_no_file(tmp_path):
    (tmp_path / "a").write_text("")
    assert documents.is_file(tmp_path / "a")
    for name in ("b", "a" * 5000, "a\0b"):
        assert not documents.is_file(tmp_path / name)


def test_a_folder_in_place_of_yaml_is_named(tmp_path):
    with pytest.raises(Unreadable, match="Is a directory"):
        documents.yaml_file(tmp_path)

"""A pool: sources added once, merged without doubles, withdrawn with all that was made from them."""

import json
from pathlib import Path

import pytest

from simenv.errors import ConfigError, StoreError
from simenv.knowledge.cli import knowledge
from simenv.knowledge.config import Additions
from simenv.knowledge.pool import Pool
from simenv.knowledge.records import Record, records, training_files
from simenv.knowledge.run import Addition
from simenv.knowledge.topics import topics
from simenv.runs.store import Run

LEASES = "A lease of a flat runs for three years and may be renewed once, if the tenant asks two months before it ends."
SEPSIS = "Antibiotics are given within one hour of the diagnosis of sepsis, after blood cultures have been taken."


@pytest.fixture
def library(tmp_path):
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "leases.md").write_text(f"# Leases\n{LEASES}")
    (folder / "copy.txt").write_text(LEASES.upper().replace(",", ";"))
    (folder / "sepsis.html").write_text(f"<h1>Sepsis</h1><p>{SEPSIS}")
    (folder / ".hidden.txt").write_text("not for the pool")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


@pytest.fixture
def pool(tmp_path):
    return tmp_path / "pool"


def add(pool, **settings):
    work = Addition(Pool(pool), Additions(out=str(pool), **settings))
    work.run()
    return work


def sources(pool):
    return {s.name: s for s in Pool(pool).sources.values()}


def write_set(path, rows):
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_documents_are_added_once_and_merged_without_doubles(pool, library):
    work = add(pool, documents=[str(library)], licence="internal", domain="law")
    assert (work.added, work.known, [Path(f.place).name for f in work.faults]) == (3, 0, ["picture.png"])
    assert list(sources(pool)) == ["library/copy.txt", "library/leases.md", "library/sepsis.html"]
    assert [p.source.file for p in Pool(pool).passages] == ["library/copy.txt", "library/sepsis.html"]
    assert sources(pool)["library/leases.md"].licence == "internal" and sources(pool)["library/leases.md"].items == 1
    rejected = (pool / "rejected.jsonl").read_text()
    again = add(pool, documents=[str(library)])
    assert (again.added, again.known) == (0, 3) and (pool / "rejected.jsonl").read_text() == rejected


def test_a_double_comes_forward_when_the_first_is_withdrawn(pool, library):
    add(pool, documents=[str(library)])
    assert knowledge(["withdraw", str(pool), "library/copy.txt"]) == 0
    assert [p.source.file for p in Pool(pool).passages] == ["library/leases.md", "library/sepsis.html"]


def test_what_was_withdrawn_does_not_come_back_by_accident(pool, library):
    add(pool, documents=[str(library)])
    assert knowledge(["withdraw", str(pool), "library/sepsis.html", "reason=licence ended"]) == 0
    (record,) = Pool(pool).withdrawals
    assert record.name == "library/sepsis.html" and record.reason == "licence ended" and record.at.startswith("20")
    (library / "sepsis.html").rename(library / "renamed.html")
    with pytest.raises(ConfigError, match=r"sepsis\.html: withdrawn on 20.*\(licence ended\).*readmit=\["):
        add(pool, documents=[str(library)])
    assert SEPSIS not in (pool / "passages.jsonl").read_text()
    assert knowledge(["withdraw", str(pool), "library/sepsis.html"]) == 2
    add(pool, documents=[str(library)], readmit=["library/sepsis.html"])
    assert SEPSIS in (pool / "passages.jsonl").read_text()


def test_withdrawing_takes_out_what_was_made_from_a_source(pool, library, tmp_path, capsys):
    add(pool, documents=[str(library)])
    sha = sources(pool)["library/sepsis.html"].sha256
    run = Run.create(tmp_path / "runs", "r", "name: r\n").folder
    tasks = [
        {"id": "t1", "environment": "kg", "spec": {"passages": [{"source": {"sha256": sha}}]}},
        {"id": "t2", "environment": "kg", "spec": {"passages": []}},
        {"id": "t1", "environment": "db", "spec": {}},
    ]
    write_set(run / "tasks.jsonl", tasks)
    trajectories = [
        {"id": f"{t['id']}.{n}", "task": t["id"], "environment": t["environment"]} for t in tasks for n in (0, 1)
    ]
    write_set(run / "trajectories" / "part-1.jsonl", trajectories)
    write_set(run / "reviews.jsonl", [{"trajectory": "t1.0", "text": "fine"}, {"trajectory": "t2.0", "text": "fine"}])
    samples = [{"id": id, "task": task, "environment": "kg"} for id, task in (("a", "t1"), ("b", "t2"))]
    curated = write_set(tmp_path / "curated" / "train.jsonl", samples)
    other = write_set(tmp_path / "curated" / "validation.jsonl", [{"id": "c", "task": "t9", "environment": "kg"}])
    before = other.stat().st_mtime_ns

    folders = f"folders=[{tmp_path / 'runs'}, {tmp_path / 'curated'}]"
    assert knowledge(["withdraw", str(pool), "library/sepsis.html", folders]) == 0
    left = [json.loads(line) for line in (run / "trajectories" / "part-1.jsonl").read_text().splitlines()]
    assert [(t["task"], t["environment"]) for t in left] == [("t2", "kg"), ("t2", "kg"), ("t1", "db"), ("t1", "db")]
    assert [json.loads(line)["id"] for line in (run / "tasks.jsonl").read_text().splitlines()] == ["t2", "t1"]
    assert "t1.0" not in (run / "reviews.jsonl").read_text() and "t2.0" in (run / "reviews.jsonl").read_text()
    assert [json.loads(line)["id"] for line in curated.read_text().splitlines()] == ["b"]
    rest = "".join(p.read_text() for p in tmp_path.rglob("*.jsonl") if p.parent != pool)
    assert other.stat().st_mtime_ns == before and sha not in rest
    assert sum(Pool(pool).withdrawals[0].removed.values()) == 1 + 2 + 1 + 1 + 1
    assert f"{curated}: 1 taken out" in capsys.readouterr().err.replace("\n", "")


def test_withdrawing_reaches_exports_edits_dialogues_and_reports(pool, library, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    add(pool, documents=[str(library)])
    sha = sources(pool)["library/sepsis.html"].sha256
    run = tmp_path / "run"
    write_set(run / "tasks.jsonl", [{"id": "t1", "environment": "kg", "spec": {"from": sha}}])
    lines = {
        "edits.jsonl": [{"trajectory": "t1.0", "edit": 1}, {"trajectory": "t2.0", "edit": 1}],
        "dialogues.jsonl": [{"id": "d1", "grounds": [{"sha256": sha, "start": 3}]}, {"id": "d2", "grounds": []}],
        "verification.jsonl": [
            {"claim": "c", "evidence": {"source": {"sha256": sha}}},
            {"claim": "c", "evidence": None},
        ],
    }
    for name, values in lines.items():
        write_set(run / name, values)
    table = pyarrow.Table.from_pylist([{"task": "t1", "environment": "kg"}, {"task": "t2", "environment": "kg"}])
    other = pyarrow.Table.from_pylist([{"task": "t2", "environment": "kg"}])
    for name, rows in (("train", table), ("validation", other)):
        parquet.write_table(rows, run / f"{name}.parquet")
        with pyarrow.ipc.new_stream(run / f"{name}.arrow", rows.schema) as out:
            out.write_table(rows)
    assert knowledge(["withdraw", str(pool), "library/sepsis.html", f"folders={run}"]) == 0
    assert {name: len((run / name).read_text().splitlines()) for name in lines} == dict.fromkeys(lines, 1)
    assert sorted(p.name for p in run.glob("*.[pa]*r*")) == ["validation.arrow", "validation.parquet"]
    (record,) = Pool(pool).withdrawals
    assert {Path(p).name: n for p, n in record.removed.items() if Path(p).parent == run} == {
        "tasks.jsonl": 1, "train.parquet": 1, "train.arrow": 1, **dict.fromkeys(lines, 1)
    }  # fmt: skip


def test_withdrawing_waits_for_nobody_and_changes_nothing_while_a_run_is_written(pool, library, tmp_path):
    add(pool, documents=[str(library)])
    run = Run.create(tmp_path / "runs", "r", "name: r\n")
    (run.folder / "trajectories").mkdir(exist_ok=True)
    with run.locked():
        assert knowledge(["withdraw", str(pool), "library/sepsis.html", f"folders={tmp_path / 'runs'}"]) == 1
    assert not Pool(pool).withdrawals


SHAPES = [
    ({"question": "Q?", "answer": "A"}, ("Q?", "A", ())),
    ({"Question": "Q?", "options": {"A": "x", "B": "y"}, "answer_idx": "B"}, ("Q?", "y", ("x", "y"))),
    ({"question": "Q?", "opa": "x", "opb": "y", "cop": 2, "exp": "because"}, ("Q?", "y", ("x", "y"))),
    (
        {"question": "Q?", "choices": {"text": ["x", "y"], "label": ["A", "B"]}, "answerKey": "A"},
        ("Q?", "x", ("x", "y")),
    ),
    ({"QUESTION": "Q?", "CONTEXTS": ["c1", "c2"], "final_decision": "yes", "LONG_ANSWER": "so"}, ("Q?", "yes", ())),
    ({"instruction": "Do.", "input": "this", "output": "done"}, ("Do.", "done", ())),
    ({"id": 1, "data": {"Question": "Q?", "Answer": "A"}}, ("Q?", "A", ())),
]


@pytest.mark.parametrize(("row", "expected"), SHAPES)
def test_records_are_read_whatever_their_fields_are_called(tmp_path, row, expected):
    (record,) = records(write_set(tmp_path / "set.jsonl", [row]), "set", "0" * 64)
    assert (record.question, record.answer, record.options) == expected and json.loads(record.raw) == row


def test_marks_of_right_options_count_from_zero_if_one_of_the_file_is_zero(tmp_path):
    rows = [{"question": f"Q{n}?", "choices": ["x", "y", "z"], "answer": n} for n in (0, 2)]
    assert [r.answer for r in records(write_set(tmp_path / "a.jsonl", rows), "a", "0" * 64)] == ["x", "z"]
    rows = [{"question": f"Q{n}?", "choices": ["x", "y", "z"], "answer": n} for n in (1, 3)]
    assert [r.answer for r in records(write_set(tmp_path / "b.jsonl", rows), "b", "0" * 64)] == ["x", "z"]


def test_a_record_without_question_or_answer_is_named(tmp_path):
    rows = [{"question": "Q?"}, {"answer": "A"}, 7, {"question": "Q?", "answer": "A"}]
    found = list(records(write_set(tmp_path / "set.jsonl", rows), "set", "0" * 64))
    assert [isinstance(r, Record) for r in found] == [False, False, False, True]
    assert "set.jsonl:1: expected an answer under one of" in str(found[0]) and "got the fields question" in str(
        found[0]
    )


def test_of_a_folder_the_training_split_is_read_else_all(tmp_path):
    for name in ("a/train-0.jsonl", "a/test.jsonl", "b/one.jsonl", "b/two.json", "b/readme.md"):
        write_set(tmp_path / name, [{"question": "Q?", "answer": "A"}])
    assert [p.name for p in training_files(tmp_path / "a")] == ["train-0.jsonl"]
    assert [p.name for p in training_files(tmp_path / "b")] == ["one.jsonl", "two.json"]


def test_sets_take_licence_and_domain_from_the_registry_and_may_need_one(pool, tmp_path):
    path = write_set(tmp_path / "pubmed.jsonl", [{"question": "Q?", "answer": "A"}])
    add(pool, sets=[{"path": str(path), "name": "pubmedqa"}])
    assert (sources(pool)["pubmedqa"].licence, sources(pool)["pubmedqa"].domain) == ("mit", "medicine")
    bare = write_set(tmp_path / "bare.jsonl", [{"question": "Other?", "answer": "A"}])
    work = add(pool, sets=[str(bare)], unlicensed="skip")
    assert "a data set without a licence" in str(work.faults[0]) and "bare.jsonl" not in sources(pool)
    with pytest.raises(ConfigError, match=r"unknown data set 'PubMedQ'.*did you mean 'PubMedQA'"):
        add(pool, sets=[{"path": str(path), "name": "PubMedQ"}])


def test_topics_are_keywords_sentences_or_the_lines_of_a_file(tmp_path, pool):
    path = tmp_path / "topics.txt"
    path.write_text("# comment\n- sepsis\n\nHow long may a lease of a flat run?\n")
    found = list(topics(["blood thinners", str(path)]))
    assert [(t.text, t.kind) for t in found] == [
        ("blood thinners", "keyword"),
        ("sepsis", "keyword"),
        ("How long may a lease of a flat run?", "sentence"),
    ]
    assert found[1].origin == f"{path}:2"
    with pytest.raises(ConfigError, match=r"topics: 3000 characters.*a longer text is a document"):
        list(topics(["x" * 3000]))
    add(pool, topics=["sepsis", "Sepsis", "leases"])
    assert [t.text for t in Pool(pool).topics] == ["sepsis", "leases"]


def test_a_fault_may_stop_the_work_and_what_was_added_stays(pool, library):
    with pytest.raises(ConfigError, match=r"picture\.png.*on_error=skip"):
        add(pool, documents=[str(library)], on_error="stop")
    assert len(list(Pool(pool).passages)) == 1 and "library/sepsis.html" not in sources(pool)
    (library / "picture.png").unlink()
    assert add(pool, documents=[str(library)], on_error="stop").added == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["add"], "nothing to add"),
        (["add", "documents=nowhere"], "documents: nowhere: no such file or folder"),
        (["add", "sets=nowhere"], "sets: nowhere: no such file or folder"),
        (["show"], "expected one pool"),
        (["show", "nowhere"], "nowhere: no pool"),
        (["withdraw", "nowhere"], "expected a pool and a source"),
        (["add", "topics=x", "sizes=3"], "did you mean 'size'"),
    ],
)
def test_wrong_input_is_one_clear_line(words, told, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert knowledge(words) == 2
    assert told in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_a_folder_of_something_else_is_no_pool(tmp_path, library):
    with pytest.raises(ConfigError, match=r"no pool; expected a folder with sources\.jsonl"):
        Pool(library)


def test_a_damaged_pool_says_where(pool, library):
    add(pool, documents=[str(library)])
    with (pool / "sources.jsonl").open("a") as file:
        file.write('{"id": 3}\n')
    with pytest.raises(StoreError, match=r"sources\.jsonl:4: expected a SourceEntry"):
        Pool(pool)


def test_nothing_that_could_be_read_is_a_failure(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("")
    assert knowledge(["add", f"documents={tmp_path / 'a.txt'}", f"out={tmp_path / 'pool'}"]) == 1
    assert "it holds no text" in capsys.readouterr().err.replace("\n", "")


def test_showing_a_pool_lists_its_sources(pool, library, capsys):
    add(pool, documents=[str(library)])
    assert knowledge(["show", str(pool)]) == 0
    told = capsys.readouterr().out
    assert "library/sepsis.html" in told and "not stated" in told


MORE_SHAPES = [
    ({"question": "Q?", "answer": 7}, ("Q?", "7", (), "", "")),
    ({"question": "Q?", "answer": "A", "context": {"contexts": ["c1", "c2"]}}, ("Q?", "A", (), "", "c1\nc2")),
    ({"question": {"text": "Q?"}, "answer": "A", "context": {"text": "c"}}, ("Q?", "A", (), "", "c")),
    (
        {"question": "Q?", "options": [{"text": "x"}, {"value": "y"}], "answer": 2, "exp": "so"},
        ("Q?", "y", ("x", "y"), "so", ""),
    ),
    (
        {"question": "Q?", "options": ["x", "y"], "answer_idx": "a", "answer": "x, as it is said"},
        ("Q?", "x", ("x", "y"), "x, as it is said", ""),
    ),
    ({"question": "Q?", "options": ["x", "y"], "answer": "C", "exp": "so"}, ("Q?", "C", ("x", "y"), "so", "")),
    ({"question": "Q?", "rationale": "so"}, ("Q?", "so", (), "so", "")),
]


@pytest.mark.parametrize(("row", "expected"), MORE_SHAPES)
def test_explanations_contexts_and_marks_of_records_are_found(tmp_path, row, expected):
    (r,) = records(write_set(tmp_path / "set.jsonl", [row]), "set", "0" * 64)
    assert (r.question, r.answer, r.options, r.explanation, r.context) == expected


def test_a_damaged_line_of_a_set_is_a_fault_and_the_others_are_added(pool, tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text('{"question": "Q?", "answer": "A"}\n{torn\n{"question": "R?", "answer": "B"}\n')
    work = add(pool, sets=[str(path)])
    assert [(r.id[-2:], r.row, r.question) for r in Pool(pool).records] == [("-1", 1, "Q?"), ("-3", 3, "R?")]
    assert [f.place for f in work.faults] == [f"{path}:2"]
    assert json.loads((pool / "rejected.jsonl").read_text())["place"] == f"{path}:2"


def test_a_set_of_which_nothing_can_be_used_is_no_source(pool, tmp_path):
    path = write_set(tmp_path / "set.jsonl", [{"question": "Q?"}])
    work = add(pool, sets=[str(path)])
    assert "none of its records can be used" in work.faults[-1].reason and not sources(pool)
    write_set(path, [{"question": "Q?", "answer": "A"}])
    assert add(pool, sets=[str(path)]).added == 1


def test_a_folder_without_documents_says_what_is_read(tmp_path, pool):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "a.exe").write_text("x")
    with pytest.raises(ConfigError, match=r"empty: holds no document; expected files ending in .*\.pdf"):
        add(pool, documents=[str(tmp_path / "empty")])
    assert not pool.exists()


@pytest.mark.parametrize("length", [2000, 2001])
def test_the_longest_topic_has_two_thousand_characters(length):
    if length == 2000:
        assert [len(t.text) for t in topics(["x" * length])] == [length]
    else:
        with pytest.raises(ConfigError, match="expected at most 2000"):
            list(topics(["x" * length]))


def test_a_topic_of_four_words_is_a_keyword_and_one_of_five_a_sentence():
    assert [t.kind for t in topics(["one two three four", "one two three four five", " "])] == ["keyword", "sentence"]


def test_readmitting_what_was_not_withdrawn_is_refused(pool, library):
    add(pool, documents=[str(library)])
    with pytest.raises(ConfigError, match=r"readmit: library/leases\.md: no withdrawn source of"):
        Pool(pool).readmit("library/leases.md")


def test_withdrawing_an_unknown_source_names_the_nearest_and_a_folder_must_be_there(pool, library, tmp_path, capsys):
    add(pool, documents=[str(library)])
    assert knowledge(["withdraw", str(pool), "library/lease.md"]) == 2
    assert "did you mean 'library/leases.md'" in capsys.readouterr().err.replace("\n", " ")
    assert knowledge(["withdraw", str(pool), "library/leases.md", f"folders={tmp_path / 'nowhere'}"]) == 2
    assert "nowhere: no such folder" in capsys.readouterr().err.replace("\n", "")
    assert not Pool(pool).withdrawals and sources(pool)["library/leases.md"].items == 1


def test_a_withdrawal_leaves_other_lines_byte_for_byte_and_follows_no_link(pool, library, tmp_path):
    add(pool, documents=[str(library)])
    sha = sources(pool)["library/sepsis.html"].sha256
    outside = write_set(tmp_path / "outside" / "x.jsonl", [{"sha": sha}])
    run = tmp_path / "runs"
    run.mkdir()
    (run / "link.jsonl").symlink_to(outside)
    (run / "y.jsonl").write_bytes(b'{"a": "\xff"}\n{"sha": "' + sha.encode() + b'"}\nlast')
    assert knowledge(["withdraw", str(pool), "library/sepsis.html", f"folders={run}"]) == 0
    assert (run / "y.jsonl").read_bytes() == b'{"a": "\xff"}\nlast' and sha in outside.read_text()
    (record,) = Pool(pool).withdrawals
    assert record.removed == {str(run / "y.jsonl"): 1, str(pool): 1}

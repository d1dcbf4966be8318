"""The local searcher: its order, its index on disk, and what it makes of a corpus that is damaged."""

import gzip
import json
import logging

import pytest

from simenv.errors import WorldError
from simenv.plugins.environments.search.engine import corpora
from simenv.plugins.environments.search.engine.passages import Passage
from simenv.plugins.environments.search.engine.searcher import LocalSearcher

SOURCE = {"file": "a.pdf", "sha256": "0" * 64, "page": 2, "heading": None, "start": 5, "end": 25}


def pages(*texts):
    return [Passage(id=f"p{n}", title=f"page {n}", text=t) for n, t in enumerate(texts)]


def ids(searcher, query, limit=5):
    return [p.id for p in searcher.search(query, limit)]


def test_better_pages_come_first_and_equal_ones_by_id():
    searcher = LocalSearcher("x", pages("cat", "dog", "cat", "cat and cat", "cow"))
    assert ids(searcher, "Cats and a cat") == ["p3", "p0", "p2"] and ids(searcher, "cat", 2) == ["p3", "p0"]
    assert ids(searcher, "the of and") == ids(searcher, "zebra") == ids(searcher, "") == []
    assert ids(LocalSearcher("y", list(reversed(searcher.passages))), "cat") == ["p3", "p0", "p2"]


def test_pages_without_a_word_do_no_harm():
    assert ids(LocalSearcher("x", [Passage(id="a", title="!", text="…")]), "word") == []


def test_the_index_of_a_large_file_is_kept_on_disk_and_finds_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("SIMENV_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(corpora, "ON_DISK", 3)
    path = tmp_path / "c.jsonl.gz"
    records = [
        {"id": f"d{n}", "title": f"Page {n}", "text": f"word{n % 7} common", "source": SOURCE} for n in range(50)
    ]
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, records)).encode()))
    first = ids(corpora.corpus(path), "word3 common")
    (folder,) = (tmp_path / "cache" / "search").iterdir()
    assert corpora.checksum(path) in folder.name and len(first) == 5
    corpora._opened.cache_clear()
    assert ids(corpora.corpus(path), "word3 common") == first
    for file in folder.iterdir():
        file.write_bytes(b"{")
    corpora._opened.cache_clear()
    assert ids(corpora.corpus(path), "word3 common") == first


def test_bad_records_are_left_out_and_told_and_an_empty_corpus_is_refused(tmp_path, caplog):
    good = {"id": "a", "title": "A", "text": "cat", "source": SOURCE}
    bad = [
        "{",
        "7",
        json.dumps(good | {"id": 7}),
        json.dumps(good),
        json.dumps({"id": "b", "title": "B"}),
        json.dumps(good | {"id": "x\ny"}),
    ]
    path = tmp_path / "c.jsonl"
    path.write_text("\n".join([json.dumps(good), *bad]))
    with caplog.at_level(logging.WARNING):
        assert ids(corpora.corpus(path), "cat") == ["a"]
    assert "6 of its records are left out" in caplog.text and "c.jsonl:2" in caplog.text
    empty = tmp_path / "e.jsonl"
    empty.write_text("7\n")
    for path, reason in ((empty, "holds no passage"), (tmp_path / "none.jsonl", "cannot be read")):
        with pytest.raises(WorldError, match=reason):
            corpora.corpus(path)

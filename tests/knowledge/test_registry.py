"""The registry of data sets: bundled ones, those that the Hub tells of over its own protocol, and search."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from simenv.errors import ConfigError, SimenvError
from simenv.knowledge.cli import knowledge
from simenv.knowledge.hub import LICENCES, TAGS, entries
from simenv.knowledge.registry import DOMAINS, Entry, Registry


class Hub(BaseHTTPRequestHandler):
    """The part of the Hub's API that lists data sets: filters, limit, and a Link header to the next page."""

    asked: list[dict[str, list[str]]] = []
    fails = False

    def do_GET(self):
        if self.fails:
            self.send_error(503)
            return
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        type(self).asked.append(query)
        tag, licence = query["filter"][0], query["filter"][1].removeprefix("license:")
        page, size = int(query.get("cursor", ["0"])[-1]), 2
        tags = ["task_categories:question-answering", f"license:{licence}"]
        sets = [{"id": f"org/{tag}-{licence}-{n}", "downloads": 100 - n, "tags": tags} for n in range(5)]
        body = json.dumps(sets[page : page + size]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if page + size < len(sets):
            host = f"http://127.0.0.1:{self.server.server_address[1]}"
            self.send_header("Link", f'<{host}{url.path}?{url.query}&cursor={page + size}>; rel="next"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub():
    Hub.asked, Hub.fails = [], False
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SIMENV_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_bundled_sets_have_a_domain_a_licence_and_a_page():
    bundled = Registry().entries.values()
    assert 40 <= len(bundled) <= 60 and {e.domain for e in bundled} >= {
        "medicine",
        "law",
        "finance",
        "science",
        "general",
    }
    assert all(e.domain in DOMAINS and e.licence and e.home.startswith("https://") for e in bundled)
    assert len({e.home for e in bundled}) == len(bundled)


def test_sets_are_found_by_words_and_by_initials():
    registry = Registry()
    assert "MedMCQA" in [e.name for e in registry.search(["medicine", "apache"])]
    assert "PubMedQA" in [e.name for e in registry.search(["pmq"])]
    assert "PubMedQA" in [e.name for e in registry.search(["PUBMED"])]
    assert registry.search(["medicine", "mit"])[0].name == "PubMedQA" and registry.search(["nothing-such"]) == []
    assert Entry(name="org/LegalBench", domain="law", task="", licence="mit", home="h").initials == "lb"


def test_refresh_asks_the_hub_by_subject_and_licence_and_keeps_what_it_tells(hub, cache, capsys):
    before = len(Registry().entries)
    assert knowledge(["refresh", f"endpoint={hub}", "each=5"]) == 0
    tags = sum(map(len, TAGS.values()))
    found = [e for e in Registry().entries.values() if e.origin == "hub"]
    assert len(found) == tags * len(LICENCES) * 5 and len(Registry().entries) == before + len(found)
    assert len(Registry().entries) >= 520 and {e.domain for e in found} == set(TAGS)
    one = Registry().entry("org/legal-mit-3")
    assert (one.licence, one.domain, one.task, one.downloads) == ("mit", "law", "question-answering", 97)
    assert one.home == f"{hub}/datasets/org/legal-mit-3"
    assert any("cursor" in q for q in Hub.asked)
    told = capsys.readouterr().err.replace("\n", " ")
    assert f"{len(found):,} data sets from the Hub; {before + len(found):,} in all" in told
    assert knowledge(["sets", "legal", "cc0"]) == 0
    assert capsys.readouterr().out.startswith("5 data sets")


def test_a_hub_that_fails_leaves_what_there_was(hub, cache):
    assert knowledge(["refresh", f"endpoint={hub}", "each=1"]) == 0
    kept = (cache / "datasets.jsonl").read_text()
    Hub.fails = True
    with pytest.raises(SimenvError, match=f"refresh: {hub} does not answer"):
        list(entries(hub, 1))
    assert knowledge(["refresh", f"endpoint={hub}"]) == 1
    assert (cache / "datasets.jsonl").read_text() == kept


def test_a_damaged_file_of_sets_says_where(cache):
    cache.mkdir()
    (cache / "datasets.jsonl").write_text('{"name": "x"}\n')
    with pytest.raises(ConfigError, match=r"datasets\.jsonl:1: expected a data set: domain"):
        Registry().search([])


def test_no_match_says_what_to_do(capsys):
    assert knowledge(["sets", "zzz"]) == 1
    assert "refresh" in capsys.readouterr().err

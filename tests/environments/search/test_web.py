"""Web searches through the clients of SerpAPI and Tavily, against local servers that speak their protocols."""

import asyncio
import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from simenv.errors import ConfigError, Untrusted, WorldError
from simenv.options import read
from simenv.plugins import environment
from simenv.types import Action, Task

Search = environment("search").world
KEY = "sk-secret-0123456789"
GOOGLE = {
    "answer_box": {
        "title": "Emma (novel)",
        "link": "https://a.example/emma",
        "snippet": "Emma is a novel written by Jane Austen.",
        "snippet_highlighted_words": ["Jane Austen"],
    },
    "organic_results": [
        {"title": "Jane Austen", "link": "https://b.example/", "snippet": "Austen wrote six novels. Emma is one."},
        {"title": "Nothing", "link": "https://c.example/"},
        7,
    ],
}
TAVILY = {
    "query": "q",
    "answer": "Jane Austen",
    "results": [
        {"url": "https://b.example/", "title": "Jane Austen", "content": "She wrote Emma in 1815.", "score": 0.9}
    ],
}
PROVIDERS = {"serpapi": GOOGLE, "tavily": TAVILY}


class Speaker(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = parse_qs(urlsplit(self.path).query)
        self._answer(asked["q"][0], asked["api_key"][0])

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(asked["query"], self.headers["Authorization"].removeprefix("Bearer "))

    def _answer(self, query, key):
        self.server.asked.append(query)
        status, body = self.server.says(query, key)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@contextmanager
def provider(says):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Speaker)
    server.says, server.asked = says, []
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("SERPAPI_API_KEY", KEY)
    monkeypatch.setenv("TAVILY_API_KEY", KEY)


def task(answer="Jane Austen"):
    return Task(
        id="t", environment="search", instruction="Who wrote Emma?", spec={"web": True}, goal={"answers": [answer]}
    )


def world(tmp_path, name, address=None, **options):
    settings = {"provider": name, "cassette": str(tmp_path / "web.jsonl"), "base_url": address, **options}
    return Search(Search.Options.model_validate({"web": settings}))


def done(world, *actions, answer=None):
    """Observations of actions in a new episode, and the grade after the last."""

    async def play():
        await world.reset(task())
        seen = [await world.step(Action(name=name, arguments=arguments)) for name, arguments in actions]
        return [o.text for o in seen], await world.grade(seen[-1].answer)

    return asyncio.run(play())


def searched(world, query="who wrote Emma"):
    return done(world, ("search", {"query": query}))[0][0]


@pytest.mark.parametrize("name", PROVIDERS)
def test_pages_are_found_opened_cited_and_played_back_without_a_network(name, tmp_path, monkeypatch):
    with provider(lambda query, key: (200, PROVIDERS[name]) if key == KEY else (401, {})) as (server, address):
        played = done(
            world(tmp_path, name, address),
            ("search", {"query": "who wrote Emma"}),
            ("open", {"page": "Jane Austen"}),
            ("lookup", {"keyword": "Emma"}),
            ("finish", {"answer": "Jane Austen", "source": "Jane Austen"}),
        )
        assert server.asked == ["who wrote Emma"]
    (found, opened, looked, _), grade = played
    assert (
        len(found.splitlines()) == 2
        and "Jane Austen" in found.splitlines()[0]
        and "Emma" in opened
        and "Emma" in looked
    )
    assert grade.success
    monkeypatch.delenv("SERPAPI_API_KEY")
    monkeypatch.delenv("TAVILY_API_KEY")
    again = world(tmp_path, name, mode="replay")
    assert searched(again) == found
    with pytest.raises(
        WorldError, match=r"web.jsonl holds no answer to 'who wrote Persuasion'; the nearest .*who wrote Emma"
    ):
        searched(again, "who wrote Persuasion")
    assert KEY not in (tmp_path / "web.jsonl").read_text() and "127.0.0.1" not in (tmp_path / "web.jsonl").read_text()


def test_highlighted_words_come_first_and_a_result_that_says_nothing_is_none(tmp_path):
    with provider(lambda query, key: (200, GOOGLE)) as (_, address):
        lines = searched(world(tmp_path, "serpapi", address)).splitlines()
    assert [line.partition("] ")[2] for line in lines] == [
        "Emma (novel): Jane Austen",
        "Jane Austen: Austen wrote six novels.",
    ]


def test_a_cited_page_supports_an_answer_that_it_shows(tmp_path):
    with provider(lambda query, key: (200, TAVILY)) as (_, address):
        search = ("search", {"query": "who wrote Emma"})
        for source, supported in (("Answer: q", 1.0), ("Pride and Prejudice", 0.0)):
            _, grade = done(
                world(tmp_path, "tavily", address), search, ("finish", {"answer": "Jane Austen", "source": source})
            )
            assert grade.metrics["supported"] == supported


EMPTY = {"serpapi": {"error": "Google hasn't returned any results for this query."}, "tavily": {"results": []}}
FAULTS = {
    "key": (401, "refused the key"),
    "quota": (429, "the quota of the account is spent"),
    "plan": (432, "quota of the account is spent"),
    "broken": (500, "500"),
}


@pytest.mark.parametrize("name", PROVIDERS)
def test_nothing_found_is_an_observation(name, tmp_path):
    with provider(lambda query, key: (200, EMPTY[name])) as (_, address):
        assert searched(world(tmp_path, name, address)).startswith("No page")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", PROVIDERS)
def test_what_a_provider_refuses_is_named_without_the_key(name, fault, tmp_path):
    status, told = FAULTS[fault]
    body = {"error": f"no: {KEY}", "detail": {"error": f"no: {KEY}"}}
    with provider(lambda query, key: (status, body)) as (_, address), pytest.raises(WorldError) as e:
        searched(world(tmp_path, name, address))
    assert name in str(e.value) and told in str(e.value) and KEY not in str(e.value)
    assert not (tmp_path / "web.jsonl").exists()


@pytest.mark.parametrize("name", PROVIDERS)
def test_too_late_no_json_and_nobody_there_are_named(name, tmp_path):
    def late(query, key):
        time.sleep(1)
        return 200, PROVIDERS[name]

    with provider(late) as (_, address), pytest.raises(WorldError, match=r"no answer within 0.2 seconds"):
        searched(world(tmp_path, name, address, timeout=0.2))
    with (
        provider(lambda query, key: (200, b"<html>")) as (_, address),
        pytest.raises(WorldError, match=r"JSON|an object"),
    ):
        searched(world(tmp_path, name, address))
    with pytest.raises(WorldError, match="cannot be reached"):
        searched(world(tmp_path, name, "http://127.0.0.1:9"))


def test_the_users_own_quota_ends_the_asking_and_not_the_playing_back(tmp_path):
    with provider(lambda query, key: (200, TAVILY)) as (server, address):
        live = world(tmp_path, "tavily", address, quota=1)
        assert searched(live) == searched(live)
        with pytest.raises(WorldError, match=r"web.quota: 1 questions were asked"):
            searched(live, "another")
        assert server.asked == ["who wrote Emma"]


def test_a_file_that_is_no_record_of_searches_is_refused_and_a_torn_line_passed_over(tmp_path):
    path = tmp_path / "web.jsonl"
    path.write_text('{"provider": "tavily", "query": "q", "limit": 5, "pages": []}\n{"provi')
    assert searched(world(tmp_path, "tavily", mode="replay"), "q").startswith("No page")
    path = tmp_path / "other.jsonl"
    path.write_text('{"a": 1}\n')
    with pytest.raises(ConfigError, match=r"other.jsonl:1: no answer of a search"):
        searched(world(tmp_path, "tavily", mode="replay", cassette=str(path)), "q")


def test_without_a_choice_or_a_key_it_says_what_is_missing(tmp_path, monkeypatch):
    with pytest.raises(WorldError, match=r"search.world.web.provider"):
        searched(Search(Search.Options()))
    monkeypatch.delenv("TAVILY_API_KEY")
    with pytest.raises(ConfigError, match="TAVILY_API_KEY"):
        searched(world(tmp_path, "tavily"))


@pytest.mark.parametrize("option", [{"base_url": "http://127.0.0.1:9"}, {"api_key_env": "OTHER_KEY"}])
def test_a_foreign_run_folder_sends_no_key(option, tmp_path):
    from simenv.trust import foreign

    settings = {"web": {"provider": "tavily", "cassette": str(tmp_path / "web.jsonl"), **option}}
    with pytest.raises(Untrusted):
        read(Search.Options, foreign(settings, tmp_path / "config.yaml"), "search.world")


def test_answers_are_kept_one_a_line_and_what_says_nothing_is_no_page(tmp_path):
    says = {"query": "q", "results": [{"url": "https://a.example", "title": "", "content": " "}, 7, *TAVILY["results"]]}
    with provider(lambda query, key: (200, says)) as (server, address):
        live = world(tmp_path, "tavily", address)
        assert searched(live, "one") == searched(live, "two") == searched(live, " one ")
        assert server.asked == ["one", "two"]
    lines = (tmp_path / "web.jsonl").read_bytes().splitlines()
    assert [json.loads(line)["query"] for line in lines] == ["one", "two"]
    assert [len(json.loads(line)["pages"]) for line in lines] == [1, 1]


def test_the_answers_of_another_provider_in_the_same_file_are_passed_over(tmp_path):
    with provider(lambda query, key: (200, GOOGLE)) as (_, address):
        searched(world(tmp_path, "serpapi", address), "q")
    with pytest.raises(WorldError, match="holds no answer to 'q'; it holds none"):
        searched(world(tmp_path, "tavily", mode="replay"), "q")


def test_a_file_that_cannot_be_written_ends_the_search(tmp_path):
    with provider(lambda query, key: (200, TAVILY)) as (_, address):
        live = world(tmp_path, "tavily", address)
        (tmp_path / "web.jsonl").mkdir()
        with pytest.raises(WorldError, match=r"web\.cassette .*: cannot (write|be read): Is a directory"):
            searched(live, "q")


@pytest.mark.parametrize(
    ("name", "status", "body", "told"),
    [
        (
            "serpapi",
            200,
            {"error": "Your account has been blocked."},
            "search: serpapi: Your account has been blocked.",
        ),
        ("serpapi", 200, [1], "search: serpapi: expected an object as the answer"),
        ("tavily", 200, [1], "search: tavily: expected an object as the answer"),
        ("tavily", 400, {"detail": {"error": "too long"}}, "400"),
    ],
)
def test_an_answer_of_another_kind_is_named(name, status, body, told, tmp_path):
    with provider(lambda query, key: (status, body)) as (_, address), pytest.raises(WorldError) as e:
        searched(world(tmp_path, name, address))
    assert told in str(e.value)


def test_nobody_at_the_address_is_named_with_the_provider(tmp_path):
    for name in PROVIDERS:
        with pytest.raises(WorldError, match=f"search: {name} cannot be reached"):
            searched(world(tmp_path, name, "http://127.0.0.1:9"))


def test_an_empty_query_is_asked_of_nobody(tmp_path):
    with provider(lambda query, key: (200, TAVILY)) as (server, address):
        assert searched(world(tmp_path, "tavily", address), "  ").startswith("No page")
        assert server.asked == []


def test_the_web_gives_no_page_to_what_only_guesses(tmp_path):
    with provider(lambda query, key: (200, TAVILY)) as (server, address):
        live = world(tmp_path, "tavily", address)
        asyncio.run(live.reset(task()))
        assert live.guesses()["yes"] == "yes" and live.cheats()["everything"] == "" and server.asked == []

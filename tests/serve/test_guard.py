"""Who may come in: what pages of other sites, other users of this machine, and slow or large requests get from the server."""

import http.client
import json
import socket
import time
from contextlib import closing

import pytest

from simenv.errors import ConfigError
from simenv.serve import guard
from simenv.serve.config import ToolsConfig
from simenv.serve.guard import Access, Guard
from simenv.serve.mcp import EnvironmentServer
from simenv.serve.mcp import app as mcp_app
from simenv.serve.task_catalog import TaskCatalog
from tests.helpers.agentbench_client import Client, RequestFailed

from .conftest import TOKEN, household, running, serving


async def echo(scope, receive, send):
    """Answers with the path, and how many bytes came."""
    if scope["type"] == "lifespan":
        return
    length, more = 0, True
    while more:
        message = await receive()
        length, more = length + len(message.get("body", b"")), message.get("more_body")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{scope['path']} {length}".encode()})


@pytest.fixture(scope="module")
def door():
    """Asks a guarded application: status, headers and text of the answer to a request."""
    with running(Guard(echo, Access(TOKEN, ("box.example",)), cookie="simenv")) as port:
        yield lambda *words, **more: ask(port, *words, **more)


def ask(port, path="/", method="GET", body=None, **headers):
    """One request with exactly these headers (`host=None`: none); names may have `_` in the place of `-`."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in ({"host": f"127.0.0.1:{port}"} | headers).items():
            for one in [value] if isinstance(value, str) else value or []:
                connection.putheader(name.replace("_", "-"), one.replace("PORT", str(port)))
        if body is not None:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()


KEY = {"authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize("path", [f"/{TOKEN}/a/b?x=1", f"/a/b?token={TOKEN}", "/a/b"])
def test_the_token_comes_in_the_path_the_query_or_a_header(path):
    with running(Guard(echo, Access(TOKEN))) as port:
        status, _, text = ask(port, path, **(KEY if path == "/a/b" else {}))
        assert (status, text) == (200, "/a/b 0")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {}),
        ("/a-token-of-the-test/", {}),
        (f"/x/{TOKEN}/", {}),
        ("/?token=", {}),
        (f"/?token={TOKEN[:-1]}", {}),
        (f"/?token={TOKEN}x", {}),
        ("/?token=%ff%fe", {}),
        (f"/?Token={TOKEN}", {}),
        ("/", {"authorization": f"Basic {TOKEN}"}),
        ("/", {"authorization": "Bearer "}),
        ("/", {"authorization": "Bearer \xe9"}),
        ("/", {"cookie": f"simenv-PORT={TOKEN}"}),
        ("/", {"cookie": "simenv-PORT="}),
        ("/", {"cookie": f"simenv-1={guard.Guard(echo, Access(TOKEN)).pass_}"}),
    ],
)
def test_without_the_token_nobody_comes_in(door, path, headers):
    status, answer, text = door(path, **headers)
    assert status == 401 and "a token is needed" in json.loads(text)["detail"]
    assert answer["www-authenticate"] == "Bearer" and TOKEN not in text


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:PORT", "127.0.0.1.evil.example", "localhost.evil.example:80", "0.0.0.0", "127.0.0.2",
     "2130706433", "box.example.evil.example", "evil.example@127.0.0.1", "127.0.0.1@evil.example", "127.0.0.1/x", "[::2]",
     "localhost:x", "", "box.example:80:80", "\xe9"],
)  # fmt: skip
def test_a_name_that_was_made_to_point_here_is_refused(door, host):
    status, _, text = door(host=host, **KEY)
    assert status in (400, 403), text
    assert "Host" in text or "Invalid" in text


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost:PORT", "LOCALHOST:9000", "[::1]:80", "box.example", "Box.Example:443"]
)
def test_the_names_of_this_machine_and_those_that_the_user_gave_are_served(door, host):
    assert door(host=host, **KEY)[0] == 200


@pytest.mark.parametrize("hosts", [None, ["127.0.0.1", "127.0.0.1"], ["127.0.0.1", "evil.example"]])
def test_a_request_has_one_host(door, hosts):
    assert door(host=hosts, **KEY)[0] == 400


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", "http://localhost:PORT", "file://", "",
     "http://127.0.0.1:PORT.evil.example", "http://127.0.0.1:PORT/", "chrome-extension://127.0.0.1:PORT", "evil"],
)  # fmt: skip
def test_a_page_of_another_origin_is_refused(door, origin):
    status, _, text = door(origin=origin, **KEY)
    assert (status == 403 and "Origin" in text) if origin else status == 200


def test_a_page_of_the_server_itself_is_served(door):
    assert door(origin="http://127.0.0.1:PORT", **KEY)[0] == 200
    assert door(host="box.example", origin="https://box.example", **KEY)[0] == 200
    assert door(origin=["http://127.0.0.1:PORT", "http://evil.example"], **KEY)[0] == 400


@pytest.mark.parametrize(
    "given", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_what_a_form_can_send_is_refused(door, given, method):
    status, _, text = door("/", method, b"{}", content_type=given, **KEY)
    assert status == 415 and "expected application/json" in json.loads(text)["detail"]


def test_json_is_taken_with_its_charset(door):
    assert door("/", "POST", b"{}", content_type="Application/JSON; charset=utf-8", **KEY)[2] == "/ 2"


def test_an_address_with_the_token_gives_a_cookie_and_leads_to_the_address_without_it(door):
    status, headers, _ = door(f"/trajectory?run=a%20b&token={TOKEN}&id=x")
    assert status == 303 and headers["location"] == "/trajectory?run=a+b&id=x"
    assert headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=Lax") and TOKEN not in headers["set-cookie"]
    cookie = headers["set-cookie"].split(";")[0]
    assert door("/trajectory?run=a", cookie=f"other=1; {cookie}")[0] == 200
    assert door("/trajectory?run=a", cookie=cookie, origin="http://evil.example")[0] == 403
    assert door("/trajectory?run=a", cookie=cookie, host="evil.example")[0] == 403


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "///evil.example/x", "/%0d%0aSet-Cookie:x", "/\\/evil.example"]
)
def test_the_way_on_leads_to_no_other_host(door, path):
    _, headers, _ = door(f"{path}?token={TOKEN}")
    assert headers["location"][:1] == "/" and headers["location"][1:2] not in ("/", "\\")
    assert "\n" not in headers["location"]


def test_a_websocket_is_refused_before_it_opens():
    sent = []

    async def send(message):
        sent.append(message)

    async def opened(*_):
        raise AssertionError("it came in")

    def scope(**headers):
        pairs = [(k.encode(), v.encode()) for k, v in ({"host": "localhost:8"} | headers).items()]
        return {"type": "websocket", "path": "/x", "query_string": b"", "headers": pairs, "server": ("127.0.0.1", 8)}

    door = Guard(opened, Access(TOKEN), cookie="simenv")
    cookie = f"simenv-8={door.pass_}"
    for wrong in ({}, {"cookie": "simenv-8=x"}, {"cookie": cookie, "origin": "http://evil.example"},
                  {"cookie": cookie, "host": "evil.example"}):  # fmt: skip
        sent.clear()
        with pytest.raises(StopIteration):
            door(scope(**wrong), None, send).send(None)
        assert [m["type"] for m in sent] == ["websocket.close"], wrong
    with pytest.raises(AssertionError, match="came in"):
        door(scope(cookie=cookie, origin="http://localhost:8"), None, send).send(None)


def test_a_token_is_long_random_or_ones_own_and_none_only_on_request(monkeypatch):
    monkeypatch.delenv(guard.TOKEN, raising=False)
    assert len(guard.new_token("random")) == 43 and guard.new_token("random") != guard.new_token("random")
    assert guard.new_token("none") == ""
    monkeypatch.setenv(guard.TOKEN, "x" * 16)
    assert guard.new_token("random") == "x" * 16
    for wrong in ("short", "x" * 201, "with/slash-and-more", "with space and more"):
        monkeypatch.setenv(guard.TOKEN, wrong)
        with pytest.raises(ConfigError, match="16 to 200") as told:
            guard.new_token("random")
        assert wrong not in str(told.value)


def test_with_no_token_the_host_and_the_origin_are_still_asked_for():
    with running(Guard(echo, Access(""))) as port:
        assert ask(port)[0] == 200
        assert ask(port, host="evil.example")[0] == 403
        assert ask(port, origin="http://evil.example")[0] == 403


# The real servers.


def test_agentbenchs_server_lets_nobody_in_without_the_token_and_no_form():
    with serving(tasks={"h": household()}) as (client, sessions):
        stranger = Client(client.address.replace(f"/{TOKEN}", ""))
        for path in ("get_indices?name=h", "list_workers", "nothing"):
            with pytest.raises(RequestFailed) as refused:
                stranger.ask(path)
            assert refused.value.status == 401
        with pytest.raises(RequestFailed) as refused:
            stranger.start("h", 0)
        assert refused.value.status == 401 and not sessions.live
        port = int(client.address.split(":")[2].split("/")[0])
        body = b'{"name": "h", "index": 0}'
        assert ask(port, f"/{TOKEN}/api/start_sample", "POST", body, content_type="text/plain")[0] == 415
        assert ask(port, "/api/start_sample", "POST", body, content_type="application/json", **KEY)[0] == 200


def test_session_ids_cannot_be_guessed_and_fit_into_json_of_any_client():
    with serving(tasks={"h": household()}) as (client, _):
        ids = [client.start("h", 0)["session_id"] for _ in range(20)]
        assert len(set(ids)) == 20 and all(0 <= id < 2**53 for id in ids) and max(ids) > 2**48
        near = [id + step for id in ids for step in (-1, 1)]
        for id in near:
            with pytest.raises(RequestFailed):
                client.cancel(id)


def test_a_server_has_so_many_sessions_over_all_tasks():
    with serving(tasks={"h": household(), "g": household()}, sessions=2) as (client, _):
        first = client.start("h", 0)["session_id"]
        client.start("g", 0)
        with pytest.raises(RequestFailed, match="all 2 places of this server") as full:
            client.start("h", 1)
        assert full.value.status == 406
        client.cancel(first)
        client.start("h", 1)


async def test_mcp_lets_nobody_in_from_another_site_or_with_another_type():
    shelf = TaskCatalog("household", ToolsConfig())
    await shelf.load()
    with running(mcp_app(EnvironmentServer(shelf, 4, 60.0), Access(TOKEN))) as port:
        hello = b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}'
        for status, headers in ((401, {}), (403, KEY | {"host": "evil.example"}), (403, KEY | {"origin": "null"}),
                                (415, KEY | {"content_type": "text/plain"})):  # fmt: skip
            assert ask(port, "/mcp", "POST", hello, **({"content_type": "application/json"} | headers))[0] == status
        large = b" " * (4 * 2**20 + 1)
        assert ask(port, "/mcp", "POST", large, content_type="application/json", **KEY)[0] == 413


@pytest.mark.parametrize(
    "start", [b"", b"GET / HT", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nhost: localhost\r\nx: ", b"\r\n"]
)
def test_a_client_that_is_slow_with_its_headers_is_cut_off(start):
    with running(Guard(echo, Access(TOKEN)), header_seconds=0.3) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
            slow.sendall(start)
            assert _closed(slow) < 10
        with socket.create_connection(("127.0.0.1", port), timeout=20) as dripping:
            assert _closed(dripping, b"x") < 10


def test_a_second_request_on_a_connection_is_as_prompt_as_the_first():
    door = running(Guard(echo, Access(TOKEN)), header_seconds=0.3)
    with door as port, socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
        slow.sendall(f"GET /{TOKEN}/a HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
        assert b"200 OK" in slow.recv(1000)
        slow.sendall(b"GET / HT")
        assert _closed(slow) < 10


def _closed(connection, drip=b""):
    """Seconds until the other side closes; `drip` is sent again and again."""
    start = time.monotonic()
    connection.settimeout(0.05 if drip else 20)
    while time.monotonic() - start < 20:
        try:
            if drip:
                connection.sendall(drip)
            if not connection.recv(1000):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - start


def test_a_body_that_never_ends_is_answered(monkeypatch):
    from simenv.serve.bodies import Bodies

    with running(Bodies(echo, lambda path: 100, seconds=0.3)) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
            slow.sendall(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 50\r\n\r\nx")
            assert b"408" in slow.recv(1000)
        assert ask(port, "/", "POST", b"x" * 100)[2] == "/ 100"
        assert ask(port, "/", "POST", b"x" * 101)[0] == 413


def test_more_connections_than_there_is_room_for_are_told():
    with running(Guard(echo, Access(TOKEN)), connections=3) as port:
        held = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(4)]
        try:
            time.sleep(0.2)
            assert ask(port, f"/{TOKEN}/")[0] == 503
        finally:
            for one in held:
                one.close()

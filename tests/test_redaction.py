"""A secret planted in the environment, in an address and in an answer, looked for wherever simenv shows, logs or writes."""

import json
import logging
import pickle
import time
from contextlib import suppress

import pytest

import simenv
from simenv.__main__ import main
from simenv.errors import ConfigError, ModelError, ServiceDown, Unusable, WorldError
from simenv.options import Options, read
from simenv.redaction import BLOT, redact, secret_in

SECRET = "hunter-2!x@y/z"
QUOTED = "hunter-2%21x%40y%2Fz"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mysql://root:pa55@db:3306/ is down", f"mysql://{BLOT}@db:3306/ is down"),
        ("http://u:p@ss@host/x", f"http://{BLOT}@host/x"),
        ("http://u:p/a/s@host/x", f"http://{BLOT}@host/x"),
        ("http://:pw@host", f"http://{BLOT}@host"),
        ("https://ghp_token@host/x", f"https://{BLOT}@host/x"),
        ("('http://a:b@c', 'https://d:e@f')", f"('http://{BLOT}@c', 'https://{BLOT}@f')"),
        ("GET http://h/v1?api_key=abc&x=1", f"GET http://h/v1?api_key={BLOT}&x=1"),
        ("http://h/?x=1&access_token=abc#top", f"http://h/?x=1&access_token={BLOT}#top"),
        ("http://h/?X-Amz-Signature=abc", f"http://h/?X-Amz-Signature={BLOT}"),
        ("authorization: Bearer abcdefgh.ijk", f"authorization: Bearer {BLOT}"),
        ("Basic dXNlcjpwYXNz", f"Basic {BLOT}"),
        ("Incorrect API key provided: sk-proj-abcdefgh", f"Incorrect API key provided: {BLOT}"),
        ("http://localhost:8000/v1: HTTP 500", "http://localhost:8000/v1: HTTP 500"),
        ("mail ann@example.org about task-1@2", "mail ann@example.org about task-1@2"),
        ("Basic training took 3 steps; the bearer of news", "Basic training took 3 steps; the bearer of news"),
        ("monkey=1 and ?monkeys=2", "monkey=1 and ?monkeys=2"),
    ],
)
def test_what_stands_where_secrets_stand_is_blotted_and_nothing_else(text, shown):
    assert redact(text) == shown
    assert redact(shown) == shown


@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "my_token", "SIMENV_MYSQL_DSN", "DB_PASSWORD", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN_2"]
)
def test_the_value_of_a_variable_that_is_named_like_a_key_is_blotted_however_it_is_spelt(monkeypatch, name):
    monkeypatch.setenv(name, ' va"lue\\1\n')
    for text in ('va"lue\\1', json.dumps('va"lue\\1'), repr('va"lue\\1')):
        assert redact(f"got {text}.").count(BLOT) == 1 and "lue" not in redact(text)


def test_a_password_in_an_address_of_any_variable_is_blotted_alone(monkeypatch):
    monkeypatch.setenv("WHERE", f"mysql://root:{QUOTED}@db/")
    assert redact(f"refused: {SECRET} or {QUOTED}") == f"refused: {BLOT} or {BLOT}"


def test_plain_words_and_paths_of_key_files_stay(monkeypatch, tmp_path):
    monkeypatch.setenv("A_KEY", "household")
    monkeypatch.setenv("B_TOKEN", "none")
    monkeypatch.setenv("C_SECRET", str(tmp_path))
    monkeypatch.setenv("D_TOKEN", "OPENAI_API_KEY")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("MONKEYS", "tr0ub4dor-9")
    text = f"household none {tmp_path} OPENAI_API_KEY tr0ub4dor-9"
    assert redact(text) == text


@pytest.mark.parametrize(
    "piece",
    ["://a:", "://", "a", "a:", "@", "?a", "?key", "Bearer ", "Bearer a", "sk-", "://a:@", "://a:b@c", "\\", " "],
)
def test_no_text_takes_long(piece):
    text = "://a:" + piece * (100_000 // len(piece))
    start = time.monotonic()
    redact(text)
    secret_in(text)
    assert time.monotonic() - start < 10


def test_an_error_of_ours_holds_no_secret_wherever_it_is_shown():
    for kind in (ConfigError, WorldError, ModelError):
        error = kind("http://u:hunter22@h: down", 3)
        assert "hunter22" not in f"{error} {error!r} {error.args} {pickle.loads(pickle.dumps(error))}"
        assert error.args[1] == 3
    assert "hunter22" not in str(Unusable("http://u:hunter22@h", [], ""))


class Model(Options):
    name: str = ""
    options: dict = {}


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"name": "http://u:hunter22@h/"}, "model.name"),
        ({"options": {"base_url": "http://u:hunter22@h/v1"}}, "model.options.base_url"),
        ({"options": {"list": ["x", {"deep": "http://h/?api_key=hunter22"}]}}, "model.options.list.1.deep"),
        ({"name": "the-key-hunter22"}, "model.name"),
        ({"nmae": "http://u:hunter22@h/"}, "model.nmae"),
    ],
)
def test_settings_that_hold_a_secret_are_refused_by_their_place(monkeypatch, data, place):
    monkeypatch.setenv("SOME_API_KEY", "the-key-hunter22")
    with pytest.raises(ConfigError, match="environment variable") as refused:
        read(Model, data, "model")
    assert str(refused.value).startswith(f"{place}: ") and "hunter22" not in str(refused.value)


def test_honest_settings_hold_none():
    for value in (
        "http://localhost:8000/v1",
        "http://h:80/a@b",
        "OPENAI_API_KEY",
        "a@b",
        "x: y@z",
        {"a": [1, None, True]},
    ):
        assert secret_in(value) is None and redact(str(value)) == str(value)


def files_of(folder):
    return b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize("scheme", ["mysql", "postgres"])
def test_a_planted_dsn_is_in_no_file_log_or_report_of_a_run(monkeypatch, tmp_path, caplog, capsys, scheme):
    monkeypatch.setenv("SIMENV_MYSQL_DSN", f"{scheme}://root:{QUOTED}@127.0.0.1:9/")
    caplog.set_level(logging.DEBUG)
    with suppress(ServiceDown):
        simenv.run(
            name="r", out=str(tmp_path / "runs"), episodes=2, agent={"name": "expert"},
            environments={"household": {"admit": "all"}, "db": {"admit": "all", "world": {"engine": "server"}}},
        )  # fmt: skip
    main(["rollout", f"out={tmp_path}/runs", "name=e", "episodes=1", "environments={db: {world: {engine: server}}}"])
    shown = capsys.readouterr()
    written = files_of(tmp_path).decode("utf-8", "replace")
    assert "household" in written
    for text in (written, caplog.text, shown.out, shown.err):
        assert SECRET not in text and QUOTED not in text and "hunter" not in text


def test_an_address_with_a_password_never_gets_as_far_as_a_run(tmp_path, capsys):
    for word in (
        "model.base_url=http://u:hunter22@127.0.0.1:9/v1",
        "environments={kg: {world: {endpoint: 'http://u:hunter22@h/s'}}}",
    ):
        words = [
            f"out={tmp_path}/runs",
            "agent=react",
            "model=openai",
            "model.model=m",
            "environments=[household]",
            word,
        ]
        for more in ([], ["--dry-run"]):
            assert main(["rollout", *words, *more]) == 2
            shown = capsys.readouterr()
            assert "environment variable" in shown.err and "hunter22" not in shown.err + shown.out
    assert "hunter22" not in files_of(tmp_path).decode()

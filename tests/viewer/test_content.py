# ruff: noqa: E501 (cases read better in one line)
"""What screens are made from, in full: blocks of a chat, rows of tables, words of commands, texts that are safe to show."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from pydantic import Field

from simenv import plugins
from simenv.errors import ConfigError
from simenv.options import Options
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import chat_blocks, data_files, finetunes, result_tables
from simenv.plugins.viewer.forms import action_fields as actions
from simenv.plugins.viewer.forms import option_fields as options
from simenv.plugins.viewer.forms import rollout_form, templates
from simenv.plugins.viewer.untrusted_text import badge_label, label, one_line, visible
from simenv.plugins.viewer.workspace import Workspace
from simenv.reasoning import Reasoning
from simenv.recipe import Recipe
from simenv.serve import guard
from simenv.types import Action, Call, Message, Mistake, StepCheck, Stop
from simenv.view import cli
from tests.helpers.trajectories import UNREAD, observation, prose, submission, trajectory, turn

LOOK = turn("I look.", "query", "SELECT 1")


def shown(t, original=None):
    return [
        (
            b.kind,
            b.text,
            b.author,
            b.message,
            b.turn,
            b.step,
            b.title,
            b.language,
            [x.text for x in b.badges],
            b.before_edit,
        )
        for b in chat_blocks.blocks(t, original)
    ]


def test_a_chat_comes_as_thoughts_actions_and_observations():
    t = trajectory(
        (LOOK, observation("[(1,)]", truncated=True)), (prose("Sure!"), UNREAD), (turn("One.", "answer", "1"), submission(["é"])), mistake=Mistake(step=1, by="expert", severity="fatal"),
    )  # fmt: skip
    steps = (t.steps[0].model_copy(update={"thought": "I look."}), *t.steps[1:])
    assert shown(t.model_copy(update={"steps": steps})) == [
        ("system", "You work.", "engine", 0, None, None, "", None, [], None), ("user", "Count the books.", "engine", 1, None, None, "", None, [], None),
        ("thought", "I look.", "agent", 2, 0, 0, "", None, ["trained"], None), ("action", "SELECT 1", "agent", 2, 0, 0, "query", None, [], None), ("observation", "[(1,)]", "engine", 3, 0, 0, "", None, ["cut"], None),
        ("raw", "Sure!", "agent", 4, 1, 1, "", None, ["trained", "no action found"], None), ("observation", UNREAD.text, "engine", 5, 1, 1, "", None, ["invalid", "first mistake, fatal"], None),
        ("action", "1", "agent", 6, 2, 2, "answer", None, ["trained"], None), ("observation", 'answer: ["é"]', "engine", None, 2, 2, "", None, ["ended: submitted"], None),
    ]  # fmt: skip


def test_edits_are_shown_where_the_roles_are_the_same():
    t = trajectory((LOOK, observation("[(1,)]")), (turn("One.", "answer", "1"), submission(None)))
    changed = {1: "Count them.", 2: "Look", 3: "Observation: 2"}
    messages = tuple(
        m.model_copy(
            update={"content": changed.get(n, m.content), "author": "human" if n == 2 else m.author, "train": False}
        )
        for n, m in enumerate(t.messages)
    )
    edited = t.model_copy(update={"messages": messages})
    found = shown(edited, t)
    assert [(b[0], b[1], b[8], b[9]) for b in found[1:4]] == [
        ("user", "Count them.", ["edited"], "Count the books."), ("raw", "Look", ["human", "masked", "edited"], t.messages[2].content), ("observation", "Observation: 2", ["edited"], "Observation: [(1,)]"),
    ]  # fmt: skip
    assert (
        found[-1][:2] == ("observation", "")
        and all(b[9] is None for b in shown(edited))
        and all(b[9] is None for b in shown(edited, t.model_copy(update={"messages": t.messages[:-1]})))
    )


@pytest.mark.parametrize(
    ("check", "badges"),
    [
        ({"label": "match", "shown": "model"}, [("MATCH", "good")]), ({"label": "unverifiable", "shown": "model"}, [("UNVERIFIABLE", "warning")]), ({"label": "drift", "shown": "model"}, [("DRIFT", "bad")]),
        ({"label": "drift", "shown": "model", "error": "wrong_result"}, [("DRIFT: wrong result", "bad")]), ({"label": "drift", "shown": "engine", "error": "format"}, [("DRIFT: format", "warning"), ("corrected", "good")]),
    ],
)  # fmt: skip
def test_a_check_is_a_badge(check, badges):
    t = trajectory((LOOK, observation("x", source="checked", check=StepCheck(**check))))
    assert [tuple(b) for b in list(chat_blocks.blocks(t))[-1].badges] == badges


def test_a_blind_reviewer_sees_neither_who_acted_nor_how_well():
    neutral = [
        b
        for b in ("edited", "invalid", "cut", "masked", "trained", "no action found", "human", "MATCH", "ended: done")
        if chat_blocks.Badge(b, "plain").is_neutral
    ]
    assert neutral == ["edited", "invalid", "cut", "masked", "trained", "no action found"]


def test_actions_of_several_arguments_are_json_and_sql_is_highlighted():
    many = ("Act", Action(name="f", arguments={"a": "é", "b": 1})), observation("x")
    sql = ("Act", Action(name="execute_sql", arguments={"query": "SELECT 1"})), observation("y")
    found = [b for b in chat_blocks.blocks(trajectory(many, sql)) if b.kind == "action"]
    assert [(b.text, b.title, b.language) for b in found] == [
        ('{"a": "é", "b": 1}', "f", None),
        ("SELECT 1", "execute_sql", "sql"),
    ]
    said = Message(
        role="assistant",
        content="I look.",
        calls=(Call(id="1", name="f", arguments="{}"), Call(id="2", name="g", arguments="1")),
    )
    assert chat_blocks.message_text(said) == "I look.\nf({})\ng(1)"
    assert (
        chat_blocks.text_diff("a\nb", "a\nc") == "--- engine\n+++ model\n@@ -1,2 +1,2 @@\n a\n-b\n+c"
        and chat_blocks.text_diff("x" * 100_000 + "a", "x" * 100_000 + "b") == ""
    )


SWEEP = {
    "rows": [
        {"labels": {"rollout.lr": "1"}, "success": {"db": {"mean": 0.5, "low": 0.25, "high": 0.75}}, "failed": []},
        {"labels": {"rollout.lr": "2"}, "success": {"db": {"mean": 0.75, "low": 0.5, "high": 1.0}, "all": {"mean": 0.7, "low": 0.4, "high": 0.9}}, "failed": ["a", "b"], "above": {"mean": 0.25, "low": -0.1, "high": 0.5}},
    ],
    "best": {"rollout.lr": "2"},
}  # fmt: skip


def test_a_sweep_comes_as_rows(tmp_path):
    assert result_tables.sweep_cells(SWEEP) == [
        {"row": "lr 1", "environment": "db", "mean": 0.5, "low": 0.25, "high": 0.75}, {"row": "lr 2", "environment": "db", "mean": 0.75, "low": 0.5, "high": 1.0}, {"row": "lr 2", "environment": "all", "mean": 0.7, "low": 0.4, "high": 0.9},
    ]  # fmt: skip
    assert result_tables.sweep_table(SWEEP) == [
        {"best": "", "rollout.lr": "1", "db": "50.0% (25%–75%)", "to the row above": "", "failed": ""}, {"best": "★", "rollout.lr": "2", "db": "75.0% (50%–100%)", "all": "70.0% (40%–90%)", "to the row above": "+25.0% (-10% to +50%)", "failed": "a; b"},
    ]  # fmt: skip
    assert result_tables.best_row(SWEEP) == {"title": "lr 2", "mean": 0.7, "low": 0.4, "high": 0.9}
    one = {"rows": [SWEEP["rows"][0] | {"labels": {}}], "best": {}}
    assert "best" not in result_tables.sweep_table(one)[0] and result_tables.best_row(one) == {
        "title": "all",
        "mean": 0.5,
        "low": 0.25,
        "high": 0.75,
    }
    assert (
        result_tables.best_row({"rows": [], "best": None}) is None
        and result_tables.best_row({"rows": [one["rows"][0] | {"success": {}}], "best": {}}) is None
    )
    assert result_tables.sweep_cells({}) == result_tables.sweep_table({}) == []
    (tmp_path / "log.jsonl").write_text('{"stage": "a", "key": "k"}\nno\n{"stage": "b", "what": "ran", "seconds": 1}\n')
    assert result_tables.sweep_log(tmp_path) == [
        {"started": "", "stage": "b", "key": "", "what": "ran", "seconds": 1, "cells": "", "error": ""}, {"started": "", "stage": "a", "key": "k", "what": "", "seconds": "", "cells": "", "error": ""},
    ]  # fmt: skip


TASKLIKE = [
    ("a.jsonl", "a.jsonl"), ("../x/b c.JSON", "b_c.json"), ("..\\é.parquet", None), (".hidden.jsonl", "hidden.jsonl"), ("x" * 90 + ".jsonl", "x" * 60 + ".jsonl"), ("a.txt", None), (".jsonl", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "safe"), TASKLIKE)
def test_an_upload_has_a_safe_name(name, safe):
    if safe is not None:
        assert data_files.safe_name(name) == safe
        return
    with pytest.raises(ConfigError, match=r"expected a file that ends in \."):
        data_files.safe_name(name)


def test_names_that_are_taken_are_numbered(tmp_path):
    (tmp_path / "a.jsonl").touch()
    assert (
        data_files._free_file_name(tmp_path, "b.jsonl") == "b.jsonl"
        and data_files._free_file_name(tmp_path, "a.jsonl") == "a-2.jsonl"
    )


def test_the_words_of_a_finetune():
    recipe = Recipe(epochs=2, device="cpu")
    assert finetunes.finetune_command("curated/a", "b c", "n", "peft", recipe) == [
        "finetune",
        "curated/a",
        "model=b c",
        "name=n",
        "epochs=2.0",
    ]
    assert finetunes.finetune_command("curated/a", "b", "n", "axolotl", Recipe()) == [
        "finetune",
        "curated/a",
        "model=b",
        "name=n",
        "trainer=axolotl",
    ]
    assert finetunes.export_command("curated/a", "b", Recipe()) == ["export", "curated/a", "to=axolotl", "model=b"]
    assert finetunes.model_name(["finetune", "d", "model=x", "name=n"]) == "n"
    text = finetunes.script("curated/a b", "m", "n", Recipe())
    assert text.startswith(
        "#!/bin/sh\n# Run it in the workspace, the folder that holds curated/.\nset -e\n\n# By simenv:\npython -m simenv.finetune 'curated/a b' model=m name=n\n"
    )
    assert (
        "\n# python -m simenv.export 'curated/a b' to=axolotl model=m\n# cd 'curated/a b/export/axolotl'\n# axolotl preprocess axolotl.yaml\n# axolotl train axolotl.yaml\n"
        in text
    )


def test_the_words_of_an_evaluation_of_a_tuned_model():
    plan = finetunes.EvaluationPlan("e", "models/m", "curated/a", ("db", "kg"), 5, 3, 9, 77)
    assert plan.command() == [
        "evaluate", "name=e", "environments=[db, kg]", "episodes=5", "seed=3", "agent=react", "model=transformers", "model.model=models/m", "model.max_tokens=77", "limits.max_turns=9", "trained_on=[curated/a]",
    ]  # fmt: skip
    with pytest.raises(ConfigError, match=r"^environments: choose at least one$"):
        plan._replace(environments=()).command()


def test_how_far_a_finetune_is(tmp_path):
    assert tuple(finetunes.progress(tmp_path)) == ([], 0, None, None, None)
    (tmp_path / "log.jsonl").write_text(
        '{"step": 1, "steps": 9, "loss": 2.0, "eval_loss": 3.0}\n{"note": 1}\n{"step": 2, "steps": 9, "loss": 1.0}\n{"step": "x"}\n'
    )
    rows, step, steps, loss, held = finetunes.progress(tmp_path)
    assert (len(rows), step, steps, loss, held) == (2, 2, 9, 1.0, 3.0)


def test_the_environments_of_a_set(tmp_path):
    workspace = Workspace(tmp_path / "runs")
    assert finetunes.training_environments(workspace, "set") == []
    (tmp_path / "set").mkdir()
    rows = [{"split": "train", "environment": e} for e in ("kg", "chat", "db")] + [
        {"split": "validation", "environment": "web"}
    ]
    for text, told in (
        (json.dumps({"composition": rows}), ["db", "kg"]),
        ("{}", []),
        ('{"composition": 7}', []),
        ("{", []),
    ):
        (tmp_path / "set" / "funnel.json").write_text(text)
        assert finetunes.training_environments(workspace, "set") == told


PLAN = rollout_form.RolloutPlan(
    "r",
    ("db",),
    {"db": "data/a.jsonl", "kg": "x"},
    "react",
    {"retries": 2},
    "react",
    "openai",
    " gpt ",
    {"temperature": 0},
    5,
    1,
    3,
    4,
    None,
)


def test_the_words_of_a_rollout():
    assert PLAN.command("runs") == [
        "rollout", "name=r", "environments=[db]", "db.source=data/a.jsonl", "episodes=5", "attempts=1", "agent=react", "agent.retries=2", "dialect=react", "model=openai", "model.model=gpt", "model.temperature=0", "seed=3", "concurrency=4", "out=runs",
    ]  # fmt: skip
    bare = PLAN._replace(client=None, sources={}, agent_options={}, budget=1.5).command("r")
    assert bare == [
        "rollout",
        "name=r",
        "environments=[db]",
        "episodes=5",
        "attempts=1",
        "agent=react",
        "dialect=react",
        "seed=3",
        "concurrency=4",
        "budget=1.5",
        "out=r",
    ]
    for wrong, says in (
        (PLAN._replace(environments=()), "environments: choose at least one"),
        (PLAN._replace(model=" "), "model: give its name"),
    ):
        with pytest.raises(ConfigError, match=f"^{says}$"):
            wrong.command("r")
    assert not {"human", "replay"} & rollout_form.agents().keys() and "react" in rollout_form.agents()


def test_a_template_is_read_and_tried_with_an_example(tmp_path):
    known = {"actions": ()}
    assert templates.read_template(b"{{ actions }}", known) == "{{ actions }}" and templates.read_template(
        b"x" * 64_000, known
    )
    for content, says in (
        (b"x" * 64_001, "template: 64,001 bytes; expected at most 64,000"), (b"\xff", "template: expected text in UTF-8"), (b"a\n{% if", "template: line 2: "), (b"{{ secret }}", "template: unknown variable 'secret'"),
    ):  # fmt: skip
        with pytest.raises(ConfigError) as told:
            templates.read_template(content, known)
        assert str(told.value).startswith(says)
    workspace = Workspace(tmp_path / "runs")
    first = templates.save_template(workspace, "x")
    assert (
        first == templates.save_template(workspace, "x")
        and first.startswith("data/template-")
        and len(Path(first).stem) == 21
        and (tmp_path / first).read_text() == "x"
    )


def test_the_name_of_a_variable_is_no_key(monkeypatch):
    monkeypatch.setenv("A_KEY", " ")
    assert (
        rollout_form.variable_name("A_KEY") == "A_KEY"
        and not rollout_form.is_set("A_KEY")
        and not rollout_form.is_set("NOT_THERE")
    )
    monkeypatch.setenv("A_KEY", "x")
    assert rollout_form.is_set("A_KEY")
    with pytest.raises(
        ConfigError,
        match=r"^expected the name of an environment variable \(capitals, digits, _\), never the key itself$",
    ):
        rollout_form.variable_name("sk-secret")


class Shape(Options):
    switch: bool = False
    whole: int = Field(default=2, gt=0, le=9)
    number: float = Field(default=0.5, ge=0, lt=1)
    text: str = "t"
    maybe: int | None = Field(default=None, ge=1)
    either: int | str = 1
    words: tuple[str, ...] = ("a",)
    nested: dict[str, int] = {}


def test_options_are_fields_of_a_form():
    found = {f.name: tuple(f)[1:] for f in options.option_fields(Shape, without=("text",))}
    assert found == {
        "switch": ("switch", False, "", None, None, (), False), "whole": ("whole", 2, "", 1, 9, (), False), "number": ("number", 0.5, "", 0, 1 - 1e-6, (), False), "maybe": ("whole", None, "", 1, None, (), True),
        "either": ("yaml", 1, "", None, None, (), False), "words": ("several", ("a",), "", None, None, (), False), "nested": ("yaml", {}, "", None, None, (), False),
    }  # fmt: skip
    recipe = {f.name: f for f in options.option_fields(Recipe)}
    assert (
        recipe["method"].choices == ("lora", "qlora", "full")
        and recipe["method"].kind == "one"
        and "4-bit base" in recipe["method"].help
    )
    words, nested = (next(f for f in options.option_fields(Shape) if f.name == n) for n in ("words", "nested"))
    assert not options.is_changed(words, ["a"]) and options.is_changed(words, ["b"])
    assert (
        options.parse_yaml(nested, " ") == {}
        and options.parse_yaml(nested, "{a: 1}") == {"a": 1}
        and options.as_yaml(None) == ""
        and options.as_yaml({"é": (1,)}) == '{"é": [1]}'
    )
    with pytest.raises(ConfigError, match=r"^nested: not a YAML value: '\{a'"):
        options.parse_yaml(nested, "{a")


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("a", "k=a"),
        ("1", 'k="1"'),
        ("true", 'k="true"'),
        ("a: b", 'k="a: b"'),
        (1.5, "k=1.5"),
        (True, "k=true"),
        ([1, "a"], "k=[1, a]"),
        ({"a": None}, "k={a: null}"),
        ("", 'k=""'),
        ("[", 'k="["'),
    ],
)
def test_a_value_is_read_again_from_its_word(value, word):
    assert options.arguments({"k": value, "n": None}) == [word]


SCHEMA = {
    "properties": {
        "a": {"type": "string", "description": "d"},
        "b": {"enum": ["x", 1], "default": "x"},
        "c": {"type": "integer"},
        "d": {"type": "array"},
        "e": {"type": "boolean"},
        "f": {"type": "number"},
    },
    "required": ["a"],
}


def test_arguments_of_an_action_are_fields():
    assert [tuple(f) for f in actions.action_fields(SCHEMA)] == [
        ("a", "text", True, None, (), "d"), ("b", "choice", False, "x", ("x", 1), ""), ("c", "whole", False, None, (), ""), ("d", "json", False, None, (), ""), ("e", "flag", False, None, (), ""), ("f", "number", False, None, (), ""),
    ]  # fmt: skip
    single = {"properties": {"a": {"type": "string"}}}
    assert (
        actions.action_fields(single, ("go",))[0].options == ("go",)
        and actions.action_fields(SCHEMA, ("go",))[0].options == ()
        and actions.action_fields({}) == []
    )
    field = actions.action_fields(SCHEMA)[3]
    assert [actions.parse_value(field, raw) for raw in ("[1]", "plain", 7, '"q"')] == [
        [1],
        "plain",
        7,
        "q",
    ] and actions.parse_value(actions.action_fields(SCHEMA)[0], "[1") == "[1"
    with pytest.raises(ConfigError):
        actions.parse_value(field, " [1")


@pytest.mark.parametrize(
    ("text", "shown_as", "left_out"),
    [
        ("a\x1b[0m\x7f", "a␛[0m␡", 0),
        ("a\u202eb", "a\\u{202e}b", 0),
        ("x" * 2001, "x" * 2000 + "\nx", 0),
        ("x" * 20_001, None, 1),
        ("a\n" * 700, "\n".join(["a"] * 600), 201),
        ("é中", "é中", 0),
        ("\u200b", "\\u{200b}", 0),
    ],
)
def test_text_of_others_is_made_visible(text, shown_as, left_out):
    found = visible(text)
    assert found.left_out == left_out and (shown_as is None or found.text == shown_as)


def test_labels_are_no_markup():
    assert label("**a** [b](c)") == r"\*\*a\*\* \[b\]\(c\)" and badge_label("[a]*") == r"[a]\*"
    assert label("http://x www.y a@b") == "http\\:\u2060//x www\u2060\\.y a@\u2060b"
    assert one_line("a\n b  c") == "a b c" and one_line("x" * 81) == "x" * 79 + "…" and one_line("x" * 80) == "x" * 80


def test_the_folders_of_a_workspace(tmp_path, monkeypatch):
    workspace = Workspace(tmp_path / "w" / "runs")
    assert [getattr(workspace, n).name for n in ("curated", "models", "sweeps", "fidelity", "data", "jobs")] == [
        "curated",
        "models",
        "sweeps",
        "fidelity",
        "data",
        "jobs",
    ] and workspace.root == tmp_path / "w"
    for n, name in enumerate(("a", "b")):
        folder = workspace.runs / name
        folder.mkdir(parents=True)
        (folder / "config.yaml").touch()
        __import__("os").utime(folder / "config.yaml", (n, n))
    (workspace.runs / "out").symlink_to(tmp_path)
    (tmp_path / "config.yaml").touch()
    assert (
        workspace.names(workspace.runs, "config.yaml") == ["b", "a"]
        and workspace.run_folder("a") == workspace.runs / "a"
    )
    assert workspace.relative(workspace.runs / "a") == "runs/a" and workspace.free_name(workspace.runs, "a") == "a-1"
    for wrong in ("../w", "c", "out"):
        with pytest.raises(ConfigError, match=r"^runs: unknown folder "):
            workspace.run_folder(wrong)
    monkeypatch.setattr(sys, "argv", ["x"])
    assert navigation.workspace().runs == Path("runs")
    monkeypatch.setattr(sys, "argv", ["x", "my/runs"])
    assert navigation.workspace().runs == Path("my/runs")


@pytest.fixture
def started(monkeypatch):
    """What would be run, instead of running it."""
    calls = []

    def run(words, env, stdout, check):
        calls.append((words, {k: env[k] for k in ("SIMENV_TOKEN", "SIMENV_HOSTS")}, stdout, check))
        return subprocess.CompletedProcess(words, 7)

    monkeypatch.setattr(cli.subprocess, "run", run)
    monkeypatch.setattr(cli, "_open", lambda *given: calls.append(given))
    monkeypatch.setenv(guard.TOKEN, "a-token-of-the-tests")
    return calls


def test_the_viewer_is_started_with_its_token_in_its_environment(started, tmp_path, capsys):
    assert cli.view([str(tmp_path), "port=8600", "browser=false", "hosts=[p]", "host=0.0.0.0"]) == 7
    ((words, access, stdout, check),) = started
    assert access == {"SIMENV_TOKEN": "a-token-of-the-tests", "SIMENV_HOSTS": "0.0.0.0,p"} and (stdout, check) == (
        subprocess.DEVNULL,
        False,
    )
    assert (
        words == cli.words(tmp_path, "0.0.0.0", 8600)
        and words[:4] == [sys.executable, "-m", "streamlit", "run"]
        and words[-2:] == ["--", str(tmp_path)]
    )
    said = capsys.readouterr()
    assert (
        "http://127.0.0.1:8600/?token=a-token-of-the-tests\n" in said.out + said.err
        and "no token" not in said.out + said.err
    )


def test_the_viewer_without_a_token_says_so(started, tmp_path, capsys):
    assert cli.view([str(tmp_path), "token=none", "browser=false"]) == 7
    said = "".join(capsys.readouterr())
    assert (
        "no token: whoever reaches the port may act\nhttp://127.0.0.1:8501/\n" in said
        and started[0][1]["SIMENV_TOKEN"] == "none"
    )


def test_flags_of_the_viewer_keep_pages_of_others_out():
    flags = cli.words(Path("/r"), "h", 1)
    for flag in (
        "server.address=h", "server.port=1", "server.headless=true", "server.enableXsrfProtection=true", "server.enableCORS=true", "server.corsAllowedOrigins=[]", "server.enableStaticServing=false", "browser.serverAddress=h", "server.fileWatcherType=none",
        "server.maxUploadSize=200", "runner.magicEnabled=false", "browser.gatherUsageStats=false", "client.toolbarMode=viewer", "client.showErrorDetails=none", "client.showErrorLinks=false",
    ):  # fmt: skip
        assert f"--{flag}" in flags


def test_a_browser_opens_a_page_of_ones_own(monkeypatch, tmp_path):
    opened, tries = [], [OSError(), cli.HTTPError("u", 401, "no", {}, None)]

    def answer(address, timeout):
        assert (address, timeout) == ("http://a/", 5)
        if tries:
            raise tries.pop(0)
        return StringIO()

    monkeypatch.setattr(cli, "urlopen", answer)
    monkeypatch.setattr(cli.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(cli.webbrowser, "open", opened.append)
    cli._open("http://a/", "http://a/?token=<t>&x", tmp_path)
    assert opened == [(tmp_path / "open.html").as_uri()] and not tries
    assert (
        (tmp_path / "open.html").read_text()
        == '<meta charset="utf-8"><meta http-equiv="refresh" content="0; url=http://a/?token=&lt;t&gt;&amp;x">'
    )
    cli._open("http://a/", "http://a/", tmp_path)
    assert len(opened) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [(["{file}"], "no such folder; expected one with runs in it"), (["{folder}"], "pip install 'simenv[viewer]'")],
)
def test_what_cannot_be_shown_is_told(monkeypatch, tmp_path, capsys, words, says):
    (tmp_path / "file").touch()
    if "folder" in words[0]:
        monkeypatch.setattr(cli, "find_spec", lambda name: None)
    assert (
        cli.view([w.replace("{file}", str(tmp_path / "file")).replace("{folder}", str(tmp_path)) for w in words]) == 2
    )
    assert says in " ".join("".join(capsys.readouterr()).split())


def test_a_package_without_the_viewer_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(plugins, "__path__", [str(tmp_path)])
    with pytest.raises(
        ConfigError, match=r"^the viewer is not installed with this package: viewer/server\.py is missing$"
    ):
        cli.app()
    assert Stop.submitted.terminal


def test_reasoning_is_a_block_of_its_own_before_what_was_said():
    t = trajectory((LOOK, observation("[(1,)]")), (turn("One.", "answer", "1"), submission(None)))
    thought, hidden = Reasoning(kind="thinking", text="hmm"), Reasoning(kind="redacted_thinking", data={"data": "x"})
    messages = [m.model_copy(update={"finish": "length"} if n == 2 else {}) for n, m in enumerate(t.messages)]
    messages[2] = messages[2].model_copy(update={"reasoning": (thought,)})
    messages[4] = messages[4].model_copy(update={"reasoning": (hidden,)})
    found = shown(t.model_copy(update={"messages": tuple(messages)}))
    folded = [(b[0], b[1], b[3], b[4]) for b in found if b[0] == "reasoning"]
    assert folded == [("reasoning", "hmm", 2, 0), ("reasoning", chat_blocks.HIDDEN, 4, 1)]
    assert any("finish: length" in b[8] for b in found)

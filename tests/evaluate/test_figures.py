# ruff: noqa: E501 (figures read better in one line)
"""All figures of twelve episodes, what the command shows of them, and what cannot be measured.

`python -m tests.evaluate.test_figures` writes the figures anew; each was read once.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from simenv import command, plugins
from simenv.errors import ConfigError
from simenv.evaluate import cli, paired_comparison, report_page, run
from simenv.evaluate.aggregate import DIVISORS, aggregate
from simenv.evaluate.outcome import outcome
from simenv.runs.store import Run
from simenv.types import Stop
from tests.evaluate.test_aggregate import TWELVE, episode, step, task
from tests.helpers.pinned import assert_as_pinned, write_pinned

PINNED = Path(__file__).with_name("pinned")


def figures():
    """Outcomes one by one, then all that is made of them, of one environment and of two."""
    measured = [outcome(t, task(t.task), plugins.environment("db").metrics) for t in TWELVE]
    yield from (json.dumps(o.model_dump(mode="json")) for o in measured)
    other = [o.model_copy(update={"environment": "kg", "result": {}, "kind": "x"}) for o in measured[:2]]
    for outcomes, ks in ((measured, (1, 3)), ([*measured, *other], (1, 2)), (measured[:1], (1,)), ([], (1,))):
        yield from json.dumps(aggregate(outcomes, ks, DIVISORS), indent=1, sort_keys=True).splitlines()


SETS = {"figures": figures}


def test_all_figures_are_as_they_were_read():
    assert_as_pinned(figures(), PINNED / "figures.txt", "python -m tests.evaluate.test_figures")


S = Stop
FAILED = [
    (episode("a", 0, S.max_steps, step(0), step(1), step(2)), "going in circles"), (episode("a", 0, S.max_steps, step(0), step(1)), "out of turns"), (episode("a", 0, S.max_steps, step(0), step(1), step(2, query="x")), "out of turns"),
    (episode("a", 0, S.max_steps, step(0, None), step(1, None), step(2, None)), "out of turns"), (episode("a", 0, S.too_many_invalid, step(0), step(1), step(2)), "going in circles"), (episode("a", 0, S.too_many_invalid, step(0), step(1, None)), "unreadable"), (episode("a", 0, S.too_many_invalid), "not allowed"),
    (episode("a", 0, S.submitted, step(0), answer=True), "wrong state"), (episode("a", 0, S.submitted, step(0)), "wrong answer"), (episode("a", 0, S.timeout), "timeout"), (episode("a", 0, S.context_limit), "context limit"), (episode("a", 0, S.error), "engine or model error"), (episode("a", 0, S.invalid_format), "unreadable"),
    (episode("a", 0, S.invalid_format, step(0), last="Ada Lovelace it is"), "right answer, wrong form"), (episode("a", 0, S.timeout, step(0), last="Ada Lovelace"), "timeout"), (episode("a", 0, S.done, step(0)), "out of turns"),
]  # fmt: skip


@pytest.mark.parametrize(("t", "failure"), FAILED, ids=lambda x: x if isinstance(x, str) else "")
def test_each_failure_has_its_class(t, failure):
    assert outcome(t, task("a"), plugins.environment("db").metrics).failure == failure


def made(folder, trajectories, tasks=("a", "b"), errors=()):
    (folder / "trajectories").mkdir(parents=True)
    (folder / "errors").mkdir()
    (folder / "config.yaml").write_text("agent: react\n")
    (folder / "tasks.jsonl").write_text("".join(task(n).model_dump_json() + "\n" for n in tasks))
    for kind, of in (("trajectories", trajectories), ("errors", errors)):
        (folder / kind / "part-00000.jsonl").write_text("".join(t.model_dump_json() + "\n" for t in of))
    return Run(folder)


def test_an_error_counts_where_no_later_try_succeeded(tmp_path):
    failed = [episode("a", n, S.error, step(0)) for n in (0, 1)]
    done = episode("a", 0, S.done, step(0), success=True)
    branch = done.model_copy(update={"id": "x", "branch": {"parent": "a.0", "turn": 0, "author": "student"}})
    one = made(tmp_path / "r", [done], errors=failed)
    assert [(o.attempt, o.error) for o in run.outcomes(one)] == [(0, False), (1, True)]
    assert branch.id == "x" and set(run.tasks(one)) == {"a", "b"}


def test_a_trajectory_of_no_task_is_named(tmp_path):
    one = made(tmp_path / "r", [episode("c", 0, S.done, step(0), success=True)])
    with pytest.raises(ConfigError) as told:
        list(run.outcomes(one))
    assert str(told.value) == f"{tmp_path}/r: trajectory c.0 is of task 'c', which is not in its tasks.jsonl"


def test_a_run_of_nothing_cannot_be_measured(tmp_path):
    one = made(tmp_path / "r", [])
    settings = SimpleNamespace(agent=SimpleNamespace(name="a"), attempts=1, ks=(1,), divisors=DIVISORS, against=None)
    with pytest.raises(
        ConfigError,
        match=rf"^{tmp_path}/r: holds no trajectories to measure; 0 tasks were rejected, see its rejected\.jsonl$",
    ):
        run.evaluate(one, settings)


def test_runs_are_compared_task_by_task(tmp_path):
    win, loss = (
        (lambda n, k=0: episode(n, k, S.done, step(0), success=True)),
        (lambda n, k=0: episode(n, k, S.max_steps, step(0))),
    )
    first = made(tmp_path / "first", [win("a"), loss("b"), win("c"), episode("d", 0, S.error)], ("a", "b", "c", "d"))
    second = made(tmp_path / "second", [loss("a"), win("b"), win("c", 0), loss("c", 1), win("d")], ("a", "b", "c", "d"))
    told = paired_comparison.compare_runs(first, second)
    assert {k: told[k] for k in ("first", "second", "tasks", "left_out", "success", "only_first", "only_second", "p_mcnemar", "better")} == {
        "first": "first", "second": "second", "tasks": 3, "left_out": 1, "success": [2 / 3, 0.5], "only_first": 2, "only_second": 1, "p_mcnemar": None, "better": {"first": ["a", "c"], "second": ["b"]},
    }  # fmt: skip
    assert paired_comparison.success_rates(second) == {"a": 0.0, "b": 1.0, "c": 0.5, "d": 1.0}
    lone = made(tmp_path / "lone", [win("d")], ("c", "d"))
    with pytest.raises(
        ConfigError, match=r"first and .*lone have finished no common task, so they cannot be compared$"
    ):
        paired_comparison.compare_runs(first, lone)
    with pytest.raises(ConfigError, match=r"first and .*none have no task in common, so they cannot be compared$"):
        paired_comparison.common_tasks(first, made(tmp_path / "none", [], ()))


def test_tasks_that_were_trained_on_are_named_up_to_five(monkeypatch, tmp_path):
    one = made(tmp_path / "r", [])
    settings = SimpleNamespace(against=None, trained_on=["x", "y"], force=False, model=None)
    monkeypatch.setattr(run, "trained_tasks", lambda tasks, folders: {"x": list("abcdef"), "y": list("abcde")})
    with pytest.raises(ConfigError) as told:
        run.check_held_out(settings, one)
    assert (
        str(told.value)
        == "the agent was trained on tasks of this evaluation: x holds 6 of the tasks: a, b, c, d, e …; y holds 5 of the tasks: a, b, c, d, e; held_out=true leaves them out, force=true evaluates it all the same"
    )
    settings.force = True
    assert run.check_held_out(settings, one) == {"x": list("abcdef"), "y": list("abcde")}


def test_figures_are_shown_as_a_table_with_what_was_left_out(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "250")
    measured = [outcome(t, task(t.task), plugins.environment("db").metrics) for t in TWELVE]
    told = aggregate(measured, (1, 3), DIVISORS) | {"rejected_tasks": 2}
    versus = {
        "second": "base[1]",
        "success": [0.5, 0.25],
        "tasks": 9,
        "only_first": 3,
        "only_second": 1,
        "p_mcnemar": None,
        "p_bootstrap": 0.125,
    }
    cli._show(told | {"overall": 41.239, "versus": versus}, SimpleNamespace(folder=tmp_path), command.output())
    out = capsys.readouterr().out
    assert (
        f"2 tasks were rejected and not asked; reasons in {tmp_path}/rejected.jsonl\n" in out
        and "AgentBench's overall score: 41.24\n" in out
    )
    assert "against base[1]: 50.0 % and 25.0 % on 9 common tasks, better on 3, worse on 1, p = 0.1250\n" in out
    cli._show(
        told | {"rejected_tasks": 0, "overall": None, "versus": versus | {"p_mcnemar": 0.5}},
        SimpleNamespace(folder=tmp_path),
        command.output(),
    )
    out = capsys.readouterr().out
    assert "rejected" not in out and "overall score" not in out and "p = 0.5000" in out
    row = next(line for line in out.splitlines() if " db " in line)
    f = told["environments"]["db"]
    for cell in (
        str(f["tasks"]),
        report_page.percent(f["success"]),
        f"{f['progress']:.2f}",
        report_page.percent(f["instruction_following"]["valid_turns"]),
        f"{f['agentbench']['main']:.3f}",
        "wrong answer 1",
    ):
        assert cell in row


def test_cells_of_a_page_hold_text_alone():
    assert (
        report_page.percent(0.1234) == "12.3 %"
        and report_page._cell("a|b\n<i> `c`" + "x" * 200) == ("a\\|b &lt;i> 'c'" + "x" * 200)[:120]
    )
    with pytest.raises(ConfigError, match=r"^k: pass@4 needs 4 attempts at a task; expected attempts=4 \(got 3\)$"):
        cli._check_settings(SimpleNamespace(ks=(1, 4), attempts=3, against=None))
    cli._check_settings(SimpleNamespace(ks=(1, 3), attempts=3, against=None))
    with pytest.raises(ConfigError, match=r"^against: nowhere"):
        cli._check_settings(SimpleNamespace(ks=(1,), attempts=1, against="nowhere"))


if __name__ == "__main__":
    write_pinned(SETS, PINNED)

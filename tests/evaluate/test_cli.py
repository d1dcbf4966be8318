"""`python -m simenv.evaluate`, as a user calls it."""

import json

import pytest

from simenv.__main__ import main
from simenv.data.contamination import trained_tasks
from simenv.evaluate import report_page
from simenv.runs.store import Run
from simenv.types import Message, Sample, Task
from tests.helpers.model_server import Faults, serve

SMALL = ["environments=[counter]", "episodes=6", "agent=expert", "agent.error_rate=0.5", "seed=77"]


def evaluate(tmp_path, *words):
    return main(["evaluate", *SMALL, f"out={tmp_path}", *words])


def figures(folder):
    return json.loads((folder / "evaluation.json").read_text())


def test_an_evaluation_writes_its_figures_and_pages(tmp_path, capsys):
    assert evaluate(tmp_path, "attempts=2") == 0
    folder = tmp_path / "evaluation"
    found = figures(folder)["environments"]["counter"]
    assert found["tasks"] == 6 and found["episodes"] == 12 and set(found["pass"]) == {"pass@1", "pass@2", "pass^2"}
    assert found["success"] == json.loads((folder / "report.json").read_text())["environments"]["counter"]["success"]
    assert "counter" in (folder / "report.md").read_text() and "<svg" in (folder / "report.html").read_text()
    assert all((folder / name).stat().st_size > 1000 for name in ("success.png", "outcomes.png"))
    assert "counter" in capsys.readouterr().out


def test_a_run_that_is_there_is_measured_without_playing_again(tmp_path):
    assert main(["rollout", *SMALL, f"out={tmp_path}", "name=r"]) == 0
    before = sorted(p.name for p in (tmp_path / "r" / "trajectories").iterdir())
    assert main(["evaluate", "--run", str(tmp_path / "r")]) == 0
    assert figures(tmp_path / "r")["environments"]["counter"]["episodes"] == 6
    assert sorted(p.name for p in (tmp_path / "r" / "trajectories").iterdir()) == before


def test_an_ended_evaluation_goes_on(tmp_path):
    assert evaluate(tmp_path) == 0
    part = next((tmp_path / "evaluation" / "trajectories").iterdir())
    whole = part.read_bytes().splitlines(keepends=True)
    part.write_bytes(b"".join(whole[:3]) + whole[3][:50])
    (tmp_path / "evaluation" / "evaluation.json").unlink()
    assert main(["evaluate", "--resume", str(tmp_path / "evaluation")]) == 0
    assert figures(tmp_path / "evaluation")["environments"]["counter"]["episodes"] == 6


def test_two_agents_are_compared_on_the_same_tasks(tmp_path, capsys):
    assert evaluate(tmp_path, "name=weak", "agent.error_rate=0.9") == 0
    assert evaluate(tmp_path, "name=strong", "agent.error_rate=0", f"against={tmp_path / 'weak'}") == 0
    found = figures(tmp_path / "strong")["versus"]
    assert found["tasks"] == 6 and found["only_second"] == 0 and found["difference"]["mean"] > 0
    assert "against weak" in capsys.readouterr().out


def test_runs_without_a_common_task_cannot_be_compared(tmp_path, capsys):
    assert evaluate(tmp_path, "name=other", "seed=5") == 0
    assert evaluate(tmp_path, f"against={tmp_path / 'other'}") == 2
    assert not (tmp_path / "evaluation").exists()
    assert "no task in common" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["k=[0]"], "k.0: Input should be greater than or equal to 1 (got 0)"),
        (["divisors.counter=0"], "divisors.counter: Input should be greater than 0 (got 0)"),
    ],
)
def test_what_cannot_be_measured_is_told_before_anything_is_played(tmp_path, capsys, words, said):
    assert evaluate(tmp_path, *words) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


def test_tasks_that_were_trained_on_are_refused_by_name_unless_forced(tmp_path, capsys):
    assert main(["rollout", *SMALL, f"out={tmp_path}", "name=train"]) == 0
    assert evaluate(tmp_path, f"trained_on=[{tmp_path / 'train'}]") == 2
    said = capsys.readouterr().err
    assert "holds 6 of the tasks: counter-77-00000" in said and "force=true" in said
    assert not (tmp_path / "evaluation").exists(), "a folder made for nothing is gone"
    assert evaluate(tmp_path, f"trained_on=[{tmp_path / 'train'}]", "force=true") == 0
    assert len(figures(tmp_path / "evaluation")["overlap"][str(tmp_path / "train")]) == 6
    assert evaluate(tmp_path, f"trained_on=[{tmp_path / 'train'}]", "seed=78", "name=held-out") == 0


def test_tasks_that_were_trained_on_are_left_out_and_the_others_asked(tmp_path, capsys):
    assert main(["rollout", *SMALL, f"out={tmp_path}", "name=train", "episodes=2"]) == 0
    trained = f"trained_on=[{tmp_path / 'train'}]"
    assert evaluate(tmp_path, trained, "held_out=true") == 0
    asked = {t.id for t in Run(tmp_path / "evaluation").tasks()}
    assert len(asked) == 4 and "counter-77-00000" not in asked
    assert figures(tmp_path / "evaluation")["environments"]["all"]["tasks"] == 4
    reasons = (tmp_path / "evaluation/rejected.jsonl").read_text()
    assert reasons.count("it was trained on") == 2
    assert evaluate(tmp_path, trained, "held_out=true", "episodes=2", "name=none") == 2
    assert "trained on all 2 tasks" in " ".join(capsys.readouterr().err.split()) and not (tmp_path / "none").exists()


def test_a_question_with_a_label_before_it_is_recognised_in_a_curated_set(tmp_path):
    asked = "Which number stands in the gap of this sentence of the pages: the notice takes ____ days?"
    said = Message(role="user", content=f"Question: {asked}")
    sample = Sample(id="s", task="other", environment="counter", source="run", messages=(said,))
    (tmp_path / "train.jsonl").write_text(sample.model_dump_json() + "\n")
    task = Task(id="mine", environment="counter", instruction=asked, spec={}, goal={})
    twin = task.model_copy(update={"id": "mine too"})
    assert trained_tasks([task, twin], [tmp_path]) == {str(tmp_path): ["mine", "mine too"]}


def test_an_instruction_of_several_paragraphs_is_recognised_in_a_curated_set(tmp_path):
    asked = "Bring all of the red mugs that are in the kitchen to the sink.\n\nThen wash them one by one and tell me how many."
    said = Message(role="user", content=f"Hello.\n\n{asked}\n\nYou see a sink.")
    sample = Sample(id="s", task="other", environment="counter", source="run", messages=(said,))
    (tmp_path / "train.jsonl").write_text(sample.model_dump_json() + "\n")
    task = Task(id="mine", environment="counter", instruction=asked, spec={}, goal={})
    assert trained_tasks([task], [tmp_path]) == {str(tmp_path): ["mine"]}
    assert trained_tasks([task.model_copy(update={"instruction": asked + " Be quick."})], [tmp_path]) == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["atempts=2"], "did you mean 'attempts'?"),
        (["attempts=0"], "attempts"),
        (["trained_on=[nowhere]"], "nowhere: expected a curated set"),
        (["attempts=2", "k=[1,4]"], "k: pass@4 needs 4 attempts at a task; expected attempts=4 (got 2)"),
        (["against=nowhere"], "against: nowhere: no run here"),
        (["agent={name: human, error_rate: 1}"], "unknown option 'error_rate'"),
    ],
)
def test_wrong_input_is_answered_with_what_was_expected(tmp_path, capsys, words, said):
    assert evaluate(tmp_path, *words) == 2
    assert said in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_pages_keep_the_text_of_data_files_out_of_their_markup(tmp_path):
    assert evaluate(tmp_path) == 0
    found = figures(tmp_path / "evaluation")
    found["environments"]["counter"]["kinds"] = {"<script>alert(1)</script>|x": {"episodes": 1, "success": 0.0}}
    report_page.write(Run(tmp_path / "evaluation"), found)
    assert "<script" not in (tmp_path / "evaluation" / "report.html").read_text()
    line = next(t for t in (tmp_path / "evaluation" / "report.md").read_text().splitlines() if "alert" in t)
    assert "<script" not in line and line.count("|") - line.count("\\|") == 5


def test_tasks_of_one_name_that_differ_are_not_compared(tmp_path):
    assert evaluate(tmp_path, "name=two") == 0
    tasks = tmp_path / "two" / "tasks.jsonl"
    first, *rest = map(json.loads, tasks.read_text().splitlines())
    tasks.write_text("".join(f"{json.dumps(t)}\n" for t in [first | {"instruction": "another"}, *rest]))
    assert evaluate(tmp_path, f"against={tmp_path / 'two'}") == 0
    assert figures(tmp_path / "evaluation")["versus"]["tasks"] == 5


def test_tasks_that_were_rejected_are_counted_and_told(tmp_path, capsys):
    assert evaluate(tmp_path, "name=some") == 0
    with (tmp_path / "some" / "rejected.jsonl").open("a") as file:
        file.write('{"where": "b", "reason": "no world"}\n')
    assert main(["evaluate", "--run", str(tmp_path / "some")]) == 0
    assert "1 tasks were rejected and not asked" in capsys.readouterr().out
    assert figures(tmp_path / "some")["rejected_tasks"] == 1
    for name in ("report.md", "report.html"):
        assert "1 tasks were rejected and not asked" in (tmp_path / "some" / name).read_text()
    for part in (tmp_path / "some" / "trajectories").iterdir():
        part.unlink()
    assert main(["evaluate", "--run", str(tmp_path / "some")]) == 2
    assert "holds no trajectories to measure; 1 tasks were rejected" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("command", ["rollout", "evaluate"])
def test_where_every_episode_ends_in_an_error_nothing_was_measured(tmp_path, capsys, command):
    """A server that fails must not look like a bad model: no rate, the cause, and a status that a script sees."""
    with serve(lambda messages, tools: "never", Faults(rate=1.0, kinds=("500",))) as server:
        model = ["model=openai", "model.model=m", f"model.base_url={server.openai_url}", "model.retries=0"]
        words = ["environments=[counter]", "episodes=3", "agent=react", *model, f"out={tmp_path}", "name=r"]
        assert main([command, *words]) == 1
    shown = capsys.readouterr()
    assert "3 × " in shown.err and "500" in shown.err and "0.0 %" not in shown.out and "0.0%" not in shown.out
    if command == "rollout":
        assert main(["evaluate", "--run", str(tmp_path / "r"), "--trust", server.openai_url]) == 1
    found = figures(tmp_path / "r")
    everything = found["environments"]["all"]
    assert everything["success"] is None and everything["success_interval"] is None and everything["errors"] == 3
    assert found["environments"]["counter"]["agentbench"] == {"main": None} and found["overall"] is None
    assert "| – | – |" in (tmp_path / "r" / "report.md").read_text()


@pytest.mark.parametrize("command", ["rollout", "evaluate"])
def test_a_key_that_is_refused_ends_the_run_at_once(tmp_path, capsys, command):
    with serve(lambda messages, tools: "never", key="right") as server:
        model = ["model=openai", "model.model=m", f"model.base_url={server.openai_url}", "model.retries=0"]
        words = [
            "environments=[counter]",
            "episodes=40",
            "concurrency=1",
            "agent=react",
            *model,
            f"out={tmp_path}",
            "name=r",
        ]
        assert main([command, *words]) == 1
    shown = capsys.readouterr()
    assert "the server does not accept the key" in shown.err and "401" in shown.err and "0.0" not in shown.out
    assert len(server.requests) <= 3 and not (tmp_path / "r" / "evaluation.json").exists()

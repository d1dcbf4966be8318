"""Fine-tunes: their commands and scripts, how far they are, how they are evaluated."""

import json
import shlex

import pytest

from simenv.config import configure
from simenv.errors import ConfigError
from simenv.finetune.trainers import Finetune
from simenv.plugins.viewer.content import finetunes
from simenv.plugins.viewer.content.finetunes import EvaluationPlan
from simenv.plugins.viewer.jobs import Jobs
from simenv.plugins.viewer.workspace import Workspace
from simenv.recipe import Lora, Recipe

RECIPE = Recipe(lora=Lora(r=8, targets=("q_proj",)), learning_rate=1e-5, steps=20, packing=True)


def test_a_command_says_what_is_not_the_default_and_is_read_back_as_the_recipe():
    words = finetunes.finetune_command("curated/a", "models/b", "c", "peft", RECIPE)
    assert words[:4] == ["finetune", "curated/a", "model=models/b", "name=c"] and not [
        w for w in words if "axolotl" in w
    ]
    read = configure(Finetune, None, ["data=curated/a", *words[2:]], "finetune/default.yaml")
    assert Recipe(**{k: getattr(read, k) for k in Recipe.model_fields}) == RECIPE
    assert finetunes.model_name(words) == "c"
    assert "trainer=axolotl" in finetunes.finetune_command("d", "b", "c", "axolotl", Recipe())
    assert "lora.r=8" not in finetunes.finetune_command(
        "d", "b", "c", "peft", RECIPE.model_copy(update={"method": "full"})
    )


def test_the_script_holds_the_exact_commands_and_quotes_what_must_be():
    script = finetunes.script("curated/a", "models/b; rm -rf x", "c", RECIPE)
    [line] = [x for x in script.splitlines() if x.startswith("python")]
    words = shlex.split(line)
    assert words[:4] == ["python", "-m", "simenv.finetune", "curated/a"] and "model=models/b; rm -rf x" in words
    assert "axolotl train axolotl.yaml" in script


def test_progress_is_read_from_the_log_line_by_line(tmp_path):
    assert finetunes.progress(tmp_path) == ([], 0, None, None, None)
    rows = [
        {"step": 1, "steps": 4, "loss": 3.0},
        {"step": 2, "steps": 4, "loss": 2.0},
        {"step": 2, "steps": 4, "eval_loss": 2.5},
    ]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows) + 'no json\n["odd"]\n{"step": 3')
    progress = finetunes.progress(tmp_path)
    assert progress.rows == rows and progress[1:] == (2, 4, 2.0, 2.5)


def test_a_fine_tune_is_listed_before_its_folder_is_there(tmp_path, monkeypatch):
    workspace, jobs = Workspace(tmp_path / "runs"), Jobs(tmp_path / "jobs")
    (workspace.models / "old").mkdir(parents=True)
    (workspace.models / "old/finetune.yaml").write_text("data: curated/a\n")
    (tmp_path / "jobs/finetune-1").mkdir(parents=True)
    job = {
        "id": "finetune-1",
        "title": "finetune",
        "command": [],
        "folder": "",
        "product": "models/new",
        "started": "2026",
    }
    (tmp_path / "jobs/finetune-1/job.json").write_text(json.dumps(job))
    assert finetunes.finetune_names(workspace, jobs) == ["new", "old"]
    assert finetunes.free_model_name(workspace, "old") == "old-2" and finetunes.free_model_name(workspace, "x") == "x"
    assert finetunes.read_settings(workspace.models / "old") == {"data": "curated/a"}


def test_an_evaluation_is_held_out_and_bounded(tmp_path):
    exam = EvaluationPlan("e", "models/b", "curated/a", ("db",), 5, 1000, 15, 128)
    words = exam.command()
    assert words[0] == "evaluate" and {"model.model=models/b", "trained_on=[curated/a]", "limits.max_turns=15"} <= set(
        words
    )
    with pytest.raises(ConfigError, match="environments"):
        exam._replace(environments=()).command()
    asked = exam._replace(dialect="short", settings={"search.world.corpora": ["pools/p/passages.jsonl"]}).command()
    assert {"dialect=short", "search.world.corpora=[pools/p/passages.jsonl]"} <= set(
        asked
    ) and "dialect=react" not in words
    workspace = Workspace(tmp_path / "runs")
    (tmp_path / "curated/a").mkdir(parents=True)
    rows = [
        {"environment": e, "split": s}
        for e, s in (("kg", "train"), ("db", "train"), ("chat", "train"), ("os", "validation"))
    ]
    (tmp_path / "curated/a/funnel.json").write_text(json.dumps({"composition": rows}))
    assert (
        finetunes.training_environments(workspace, "curated/a") == ["db", "kg"]
        and finetunes.training_environments(workspace, "curated/none") == []
    )


def test_an_evaluation_searches_the_pool_and_speaks_the_dialect_that_were_learnt(tmp_path):
    workspace = Workspace(tmp_path / "runs")
    for file in ("curated/a/funnel.json", "runs/r/config.yaml", "pools/p/passages.jsonl", "secret.jsonl"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("{}")
    (tmp_path / "curated/a/funnel.json").write_text('{"runs": ["runs/r"], "train": 7}')
    assert finetunes.search_settings(workspace, "curated/a") == {}
    assert finetunes.training_dialect(workspace, "curated/a") == "react"
    for path, found in (("pools/p/passages.jsonl", True), ("secret.jsonl", False), ("pools/../secret.jsonl", False)):
        config = {"dialect": "short", "environments": {"search": {"teacher": {"corpus": path}}}}
        (tmp_path / "runs/r/config.yaml").write_text(json.dumps(config))
        settings = {"search.teacher.corpus": path, "search.world.corpora": [path]} if found else {}
        assert finetunes.search_settings(workspace, "curated/a") == settings
    assert finetunes.training_dialect(workspace, "curated/a") == "short"
    assert finetunes.sample_count(tmp_path / "curated/a") == 7 and finetunes.sample_count(tmp_path) == 0

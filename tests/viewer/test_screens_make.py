"""The screens that make data and models, on a workspace that the commands have made."""

import json
import shutil

import pytest
import yaml

from simenv.plugins.viewer import jobs


@pytest.fixture
def started(monkeypatch):
    """What would be run in the background, instead of running it."""
    calls = []

    def start(self, title, words, product=""):
        calls.append((title, list(words), product))

    monkeypatch.setattr(jobs.Jobs, "start", start)
    return calls


def texts(at):
    return "\n".join(
        x.value for kind in (at.markdown, at.caption, at.info, at.warning, at.error, at.code) for x in kind
    )


@pytest.mark.parametrize(
    ("name", "way_on"),
    [
        ("curate", "no runs to curate"),
        ("data", "Nothing yet"),
        ("finetune", "needs a curated set"),
        ("evaluations", "No evaluations yet"),
        ("sweeps", "simenv.sweep"),
        ("fidelity", "simenv.fidelity"),
    ],
)
def test_an_empty_workspace_is_shown_the_way_on(show, tmp_path, name, way_on):
    assert way_on in texts(show(name, tmp_path))


def test_curate_starts_the_command_it_shows(show, workspace, started):
    at = show("curate", workspace, run="run")
    assert at.multiselect(key="runs").value == ["run"]
    at.text_input(key="name").set_value("another").run()
    at.multiselect(key="filters").set_value(["wrong_answer", "action_format"]).run()
    at.number_input(key="filter-action_format-most").set_value(7)
    at.toggle(key="expert").set_value(True).run()
    shown = at.code[0].value
    at.button(key="start").click().run()
    [(title, words, product)] = started
    assert (title, product) == ("curate", "curated/another")
    assert shown.startswith("python -m simenv.curate runs/run name=another") and "out=curated" in shown
    filters = next(w for w in words if w.startswith("filters="))
    assert yaml.safe_load(filters.partition("=")[2]) == {"wrong_answer": {}, "action_format": {"most": 7}}
    assert "gold.expert=true" in words


def test_curate_refuses_a_name_that_is_taken_or_none(show, workspace):
    at = show("curate", workspace)
    at.text_input(key="name").set_value("set").run()
    assert "There is a set of this name" in texts(at) and at.button(key="start").disabled
    at.text_input(key="name").set_value("../up").run()
    assert "name" in at.error[0].value and not [b for b in at.button if b.key == "start"]


def test_a_curated_set_shows_its_funnel_reasons_and_examples(show, workspace):
    at = show("curate", workspace, set="set")
    funnel = json.loads((workspace / "curated/set/funnel.json").read_text())
    assert [m.label for m in at.metric] == ["read", "kept", "gold", "chat", "train", "validation"]
    assert at.metric[0].value == "4" and at.metric[4].value == str(funnel["train"])
    assert at.dataframe[0].value["count"].tolist() == [r["count"] for f in funnel["filters"] for r in f["reasons"]]
    assert "| runs/run | not stated |" in texts(at)


def test_exports_are_offered_for_download(show, workspace, tmp_path, started):
    shutil.copytree(workspace, tmp_path / "w")
    (tmp_path / "w/curated/set/export/openai").mkdir(parents=True)
    (tmp_path / "w/curated/set/export/openai/train.jsonl").write_text("{}\n")
    at = show("curate", tmp_path / "w", set="set")
    assert [b.label for b in at.get("download_button")][1:] == [r"openai/train\.jsonl · 3 bytes"]
    at.segmented_control(key="format").set_value("trl").run()
    at.button(key="export").click().run()
    assert started == [("export", ["export", "curated/set", "to=trl"], "curated/set/export/trl")]


def test_data_lists_what_there_is_and_keeps_what_is_chosen(show, workspace):
    at = show("data", workspace)
    assert {"runs/run", "runs/run/tasks.jsonl", "curated/set"} <= set(at.dataframe[0].value["path"])
    at.multiselect(key="choose-gold").set_value(["curated/set"]).run()
    assert at.session_state["chosen-data"]["gold"] == ["curated/set"]
    at.text_input(key="words").set_value("curated").run()
    assert at.dataframe[0].value["path"].tolist() == ["curated/set"]


def test_agent_tuning_starts_the_command_it_shows(show, workspace, started):
    at = show("tuning", workspace)
    at.text_input(key="name").set_value("mine").run()
    at.multiselect(key="environments").set_value(["db", "kg"]).run()
    at.number_input(key="agent-expert-error_rate").set_value(0.25).run()
    at.button(key="start").click().run()
    [(title, words, product)] = started
    assert (title, product) == ("rollout", "runs/mine")
    assert words[:3] == ["rollout", "name=mine", "environments=[db, kg]"]
    assert {"agent=expert", "agent.error_rate=0.25", "episodes=20", "out=runs"} <= set(words)


def test_agent_tuning_tells_whether_a_key_is_set_and_never_the_key(show, workspace, started, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    at = show("tuning", workspace)
    at.selectbox(key="agent").set_value("react").run()
    assert "is set where the viewer runs" in texts(at)
    at.text_input(key="model").set_value("gpt").run()
    at.button(key="start").click().run()
    assert {"model=openai", "model.model=gpt"} <= set(started[0][1]) and "secret" not in f"{texts(at)}{started}"
    at.text_input(key="variable").set_value("sk-pasted-by-mistake").run()
    assert "never the key itself" in at.error[0].value and "pasted" not in texts(at)


def test_fine_tune_shows_the_effect_of_its_settings_and_starts_the_command(show, workspace, tmp_path, started):
    shutil.copytree(workspace, tmp_path / "w")
    model_of(tmp_path / "w", 512)
    at = show("finetune", tmp_path / "w")
    before = next(m.value for m in at.metric if m.label == "trainable")
    assert "None of the samples" not in texts(at) and not [b for b in at.number_input if b.key.startswith("recipe")]
    at.segmented_control(key="settings").set_value("my own").run()
    at.select_slider(key="rank").set_value(32).run()
    after = next(m.value for m in at.metric if m.label == "trainable")
    assert (before, after) == ("34.8 k", "69.6 k")
    assert at.number_input(key="recipe-sequence_length").value == 512
    at.button(key="start").click().run()
    [(title, words, product)] = started
    assert (title, product) == ("finetune", "models/set")
    assert words == ["finetune", "curated/set", "model=models/base", "name=set", "sequence_length=512", "lora.r=32"]


def test_one_click_fine_tunes_with_the_default_settings_and_says_what_they_mean(show, workspace, tmp_path, started):
    shutil.copytree(workspace, tmp_path / "w")
    model_of(tmp_path / "w", 512)
    at = show("finetune", tmp_path / "w")
    shown = texts(at).replace("\\", "")
    assert "**rank 16** · Each chosen layer stays frozen" in shown and "alpha / rank = 2" in shown
    assert "gate_proj, up_proj, down_proj." in shown and "log_every=1" in shown
    at.button(key="start").click().run()
    assert started[0][1] == [
        "finetune",
        "curated/set",
        "model=models/base",
        "name=set",
        "sequence_length=512",
        "log_every=1",
    ]
    assert at.get("download_button")[0].label == "The script"


def test_samples_that_do_not_fit_are_told_before_the_start(show, workspace, tmp_path):
    tokenizers = pytest.importorskip("tokenizers")
    shutil.copytree(workspace, tmp_path / "w")
    base = model_of(tmp_path / "w", 100)
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(base / "tokenizer.json"))
    at = show("finetune", tmp_path / "w")
    assert "None of the samples fits into 100 tokens" in texts(at) and at.button(key="start").disabled
    assert "take a model with more context" in texts(at)
    model_of(tmp_path / "w", 100_000)
    at = show("finetune", tmp_path / "w")
    assert "samples looked at fit" in texts(at) and not at.button(key="start").disabled
    (base / "tokenizer.json").write_text("{}")
    assert "no tokenizer can be read here" in texts(show("finetune", tmp_path / "w"))


def model_of(root, context):
    """The folder of a small model that has only a config."""
    base = root / "models/base"
    base.mkdir(parents=True, exist_ok=True)
    sizes = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    (base / "config.json").write_text(json.dumps(sizes | {"vocab_size": 300, "max_position_embeddings": context}))
    return base


def test_a_fine_tune_shows_its_losses_and_offers_its_evaluation(show, workspace, tmp_path, started):
    shutil.copytree(workspace, tmp_path / "w")
    model = tmp_path / "w/models/tuned"
    model.mkdir(parents=True)
    (model / "finetune.yaml").write_text("data: curated/set\nmodel: models/base\n")
    (model / "log.jsonl").write_text('{"step": 1, "steps": 2, "loss": 3.5}\n{"step": 2, "steps": 2, "loss": 2.25}\n')
    at = show("finetune", tmp_path / "w", model="tuned")
    assert [m.value for m in at.metric] == ["2 of 2", "2.250", "–"] and "not complete" in texts(at)
    (model / "README.md").write_text("# <script>card</script>")
    at = show("finetune", tmp_path / "w", model="tuned")
    assert at.multiselect(key="exam-environments").value == ["household"]
    at.button(key="evaluate").click().run()
    assert started[-1][1][:3] == ["evaluate", "name=tuned-evaluation", "environments=[household]"]
    assert {"model.model=models/tuned", "trained_on=[curated/set]", "agent=react"} <= set(started[-1][1])

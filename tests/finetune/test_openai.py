"""A hosted fine-tune against a real local server: what is uploaded, what is asked for, how it ends."""

import json

import pytest

from simenv.errors import ConfigError, TrainError
from simenv.finetune import Finetune, finetune
from simenv.finetune.cli import finetune as command
from simenv.finetune.trainers.openai import OpenAI
from tests.helpers.finetune_service import FinetuneService
from tests.helpers.model_server import serve


def settings(curated, out, url, **options):
    hosted = {"base_url": url, "poll": 0.01, "suffix": "acme", "options": {"batch_size": 8}}
    return Finetune(data=str(curated), model="m", trainer="openai", out=str(out), epochs=2, openai=hosted, **options)


def test_a_job_is_uploaded_started_watched_and_its_model_named(curated, tmp_path):
    tuning, rows = FinetuneService(), []
    with serve(lambda *chat: "", routes=tuning.routes) as server:
        folder = finetune(settings(curated, tmp_path, server.openai_url), rows.append)
    assert (folder / "model.txt").read_text() == "ft:m:acme\n"
    validation, train = tuning.files
    assert (len(train), len(validation)) == (24, 4)
    assert [m.get("weight") for m in train[0]["messages"]] == [None, None, 1, None, 0, None, 1]
    [asked] = tuning.requests
    assert asked["method"]["supervised"]["hyperparameters"] == {"n_epochs": 2, "batch_size": 8}
    assert (asked["training_file"], asked["validation_file"], asked["suffix"]) == ("file-2", "file-1", "acme")
    assert [(r["step"], r["loss"]) for r in rows if "loss" in r] == [(1, 2.0), (2, 1.0)]
    card = (folder / "README.md").read_text()
    assert "`m` fine-tuned on `db`" in card and "epochs: 2" in card
    assert "lora" not in card and "learning_rate" not in card  # the service was told of neither
    assert not (folder / "checkpoints").exists()


def test_what_a_service_is_not_told_of_is_refused(curated, tmp_path):
    with pytest.raises(ValueError, match=r"learning_rate: the service does not take it; .*openai\.options"):
        settings(curated, tmp_path, "http://localhost:1", learning_rate=1e-5)


def test_a_watcher_that_died_goes_on_watching_the_same_job(curated, tmp_path):
    tuning = FinetuneService(polls=3)

    def die(row):
        if "line" not in row:
            raise KeyboardInterrupt

    with serve(lambda *chat: "", routes=tuning.routes) as server:
        with pytest.raises(KeyboardInterrupt):
            finetune(settings(curated, tmp_path, server.openai_url), die)
        folder = finetune(settings(curated, tmp_path, server.openai_url, resume=True))
    assert len(tuning.requests) == 1 and folder == tmp_path / "db"
    assert json.loads((folder / "log.jsonl").read_text().splitlines()[-1])["loss"] == 1.0


def test_a_job_that_ended_is_kept_until_the_card_is_written_and_never_paid_twice(curated, tmp_path):
    tuning = FinetuneService(polls=3)

    def die(row):
        if "line" not in row:
            raise KeyboardInterrupt

    with serve(lambda *chat: "", routes=tuning.routes) as server:
        asked = settings(curated, tmp_path, server.openai_url)
        with pytest.raises(KeyboardInterrupt):
            finetune(asked, die)
        OpenAI().prepare(asked)(tmp_path / "db", lambda row: None)  # and its process dies before plot and card
        folder = finetune(asked.model_copy(update={"resume": True}))
    assert len(tuning.requests) == 1 and (folder / "README.md").is_file() and not (folder / "checkpoints").exists()


def test_a_complete_fine_tune_is_not_taken_for_one_with_other_settings_or_data(curated, tmp_path):
    with serve(lambda *chat: "", routes=FinetuneService().routes) as server:
        asked = settings(curated, tmp_path, server.openai_url, resume=False)
        folder = finetune(asked)
    again = asked.model_copy(update={"resume": True})
    assert finetune(again) == folder
    with pytest.raises(ConfigError, match="has other settings: epochs=2"):
        finetune(again.model_copy(update={"epochs": 3.0}))
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "train.jsonl").write_text((curated / "validation.jsonl").read_text())
    with pytest.raises(ConfigError, match=r"has other settings: data=.*digest="):
        finetune(again.model_copy(update={"data": str(tmp_path / "sets"), "name": "db"}))


def test_a_failed_job_is_an_error_in_the_services_words_and_leaves_no_folder(curated, tmp_path):
    tuning = FinetuneService(failure="the file is too small")
    with (
        serve(lambda *chat: "", routes=tuning.routes) as server,
        pytest.raises(TrainError, match="ftjob-1 failed: the file is too small"),
    ):
        finetune(settings(curated, tmp_path, server.openai_url))
    assert list(tmp_path.iterdir()) == []


def test_a_service_that_refuses_is_an_error_that_quotes_no_key(curated, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with serve(lambda *chat: "") as server, pytest.raises(TrainError, match="knows no such model or path") as caught:
        finetune(settings(curated, tmp_path, server.openai_url))
    assert "sk-secret" not in str(caught.value)


def test_without_a_key_nothing_is_written(curated, tmp_path, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="set the environment variable OPENAI_API_KEY"):
        finetune(settings(curated, tmp_path, None))
    assert list(tmp_path.iterdir()) == []


def test_the_command_prints_a_models_name_as_it_is(curated, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    words = [str(curated), "model=m", "trainer=openai", f"out={tmp_path}", "openai.poll=0.01"]
    with serve(lambda *chat: "", routes=FinetuneService().routes) as server:
        assert command([*words, f"openai.base_url={server.openai_url}"]) == 0
    assert "model ft:m:acme;" in " ".join(capsys.readouterr().err.split())


def test_a_setting_that_the_trainer_does_not_know_is_told_in_one_sentence(curated, capsys):
    assert command([str(curated), "model=m", "trainer=openai", "tokens=5"]) == 2
    expected = "simenv finetune: tokens: the trainer openai does not count tokens; set epochs or steps\n"
    assert capsys.readouterr().err == expected

"""A hosted fine-tune: the messages file is uploaded, a job started and watched, and the new model's name brought home.

The job goes on at the service whatever happens here; a run that died is resumed by watching it again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openai

from simenv.data.dataset import CuratedSet
from simenv.errors import TrainError
from simenv.export import Export, Exported, export
from simenv.finetune.trainers import CHECKPOINTS, Finetune, Log, Trainer, Training
from simenv.models.failures import refusal
from simenv.models.keys import blot, key

JOB = "job.json"
NAME = "model.txt"
"""Holds the name under which the service serves what was trained."""
RETRIES = 8
FAILED = ("failed", "cancelled")


class OpenAI(Trainer):
    """Starts a job at a service that speaks OpenAI's protocol, and watches it."""

    def prepare(self, settings: Finetune) -> Training:
        """ConfigError where the key or the set is missing. Returns what trains, into a folder that holds the model's name."""
        hosted = settings.openai
        secret = key(hosted.api_key_env, hosted.base_url)
        CuratedSet(settings.data)

        def train(folder: Path, on_log: Log) -> dict[str, Any]:
            with (
                openai.OpenAI(api_key=secret, base_url=hosted.base_url, max_retries=RETRIES) as client,
                _told(secret),
            ):
                job = folder / CHECKPOINTS / JOB
                if not job.is_file():
                    _begin(client, settings, folder, job)
                begun = json.loads(job.read_text(encoding="utf-8"))
                ended = _watch(client, begun["id"], hosted.poll, on_log)
            if ended.status in FAILED or not ended.fine_tuned_model:
                job.unlink()  # nothing to go on with; a job that succeeded is forgotten only once the card is written
                job.parent.rmdir()
                why = ended.error.message if ended.error else "the service does not say why"
                raise TrainError(f"the job {ended.id} {ended.status}: {why}")
            (folder / NAME).write_text(f"{ended.fine_tuned_model}\n", encoding="utf-8")
            figures = {"model": ended.fine_tuned_model, "job": ended.id, "trained tokens": ended.trained_tokens}
            return {k: v for k, v in figures.items() if v is not None} | {"samples": begun["samples"]}

        return train


def _begin(client: openai.OpenAI, settings: Finetune, folder: Path, job: Path) -> None:
    """Upload both splits and start the job; it is on the disk as soon as it has an id."""
    written = export(Export(data=settings.data, to="openai", out=str(folder / "openai")))
    hyper = {"n_epochs": max(1, round(settings.epochs))} | settings.openai.options
    asked: dict[str, Any] = {"method": {"type": "supervised", "supervised": {"hyperparameters": hyper}}}
    if settings.openai.suffix:
        asked["suffix"] = settings.openai.suffix
    if written.lines.get("validation"):
        asked["validation_file"] = _upload(client, written, "validation")
    file = _upload(client, written, "train")
    made = client.fine_tuning.jobs.create(model=settings.model, training_file=file, seed=settings.seed, **asked)
    job.parent.mkdir(exist_ok=True)
    job.write_text(json.dumps({"id": made.id, "samples": written.lines["train"]}), encoding="utf-8")


def _upload(client: openai.OpenAI, written: Exported, split: str) -> str:
    return client.files.create(file=written.folder / f"{split}.jsonl", purpose="fine-tune").id


def _watch(client: openai.OpenAI, id: str, pause: float, on_log: Log) -> Any:
    """The job, once it has ended; its events are passed on as they come."""
    seen: set[str] = set()
    while True:
        job = client.fine_tuning.jobs.retrieve(id)
        events = client.fine_tuning.jobs.list_events(id, limit=100).data
        for event in reversed([e for e in events if e.id not in seen]):
            seen.add(event.id)
            on_log({"line": event.message})
            data = event.data if isinstance(event.data, dict) else {}
            if "step" in data and "train_loss" in data:
                steps = {"steps": data["total_steps"]} if "total_steps" in data else {}
                valid = {"eval_loss": data["valid_loss"]} if "valid_loss" in data else {}
                on_log({"step": data["step"], "loss": data["train_loss"], **steps, **valid})
        if job.status in ("succeeded", *FAILED):
            return job
        time.sleep(pause)


@contextmanager
def _told(secret: str) -> Iterator[None]:
    """What the service refuses, as a TrainError that quotes no key."""
    try:
        yield
    except openai.APIStatusError as e:
        raise TrainError(str(refusal(e.status_code, e.response.headers, blot(e.response.content, secret)))) from None
    except openai.APIConnectionError as e:
        raise TrainError(
            f"no connection to the fine-tuning service: {e.__cause__ or e}; resume=true watches a job that was begun"
        ) from e

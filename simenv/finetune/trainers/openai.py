"""Trains at a hosted service: uploads the messages files, starts a job, watches it, and saves the name of the new model.

The job runs at the service whatever happens here; `resume` watches it again.
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
from simenv.documents import object_file
from simenv.errors import TrainError
from simenv.export import Export, export
from simenv.finetune.trainers import CHECKPOINTS, Finetune, Log, Trainer, Training
from simenv.models.failures import refusal
from simenv.models.keys import key
from simenv.models.outbox import Outbox
from simenv.network import reach
from simenv.runs.sending import Ledger
from simenv.trust import shown

JOB = "job.json"
NAME = "model.txt"
"""The file with the name under which the service serves the model."""
RETRIES = 8
FAILED = ("failed", "cancelled")


class OpenAI(Trainer):
    """Starts a job at a service that speaks OpenAI's protocol, and watches it."""

    def prepare(self, settings: Finetune) -> Training:
        """ConfigError if the key or the set is missing. The training writes the model's name into NAME."""
        service = settings.openai
        secret = key(service.api_key_env, service.base_url)
        CuratedSet(settings.data)

        def train(folder: Path, on_log: Log) -> dict[str, Any]:
            with (
                openai.OpenAI(api_key=secret, base_url=service.base_url, max_retries=RETRIES) as client,
                _train_errors(secret),
            ):
                reach(str(client.base_url))
                job = folder / CHECKPOINTS / JOB
                if not job.is_file():
                    _begin(client, settings, folder, job)
                request = object_file(job)
                result = _watch(client, request["id"], service.poll, on_log)
            if result.status in FAILED or not result.fine_tuned_model:
                job.unlink()  # nothing to go on with; a job that succeeded is forgotten only once the card is written
                job.parent.rmdir()
                reason = result.error.message if result.error else "the service does not say why"
                raise TrainError(f"the job {result.id} {result.status}: {reason}")
            (folder / NAME).write_text(f"{result.fine_tuned_model}\n", encoding="utf-8")
            figures = {"model": result.fine_tuned_model, "job": result.id, "trained tokens": result.trained_tokens}
            return {k: v for k, v in figures.items() if v is not None} | {"samples": request["samples"]}

        return train


def _begin(client: openai.OpenAI, settings: Finetune, folder: Path, job: Path) -> None:
    """Upload both splits and start the job; its id is saved at once, so that it can be resumed."""
    files = export(Export(data=settings.data, to="openai", out=str(folder / "openai")))
    hyper = {"n_epochs": max(1, round(settings.epochs))} | settings.openai.options
    options: dict[str, Any] = {"method": {"type": "supervised", "supervised": {"hyperparameters": hyper}}}
    if settings.openai.suffix:
        options["suffix"] = settings.openai.suffix
    outbox = Outbox(shown(str(client.base_url)))
    ledger = Ledger(folder, [outbox])
    uploads = {"validation": "validation_file", "train": "training_file"}
    for split, option in uploads.items():
        if files.lines.get(split) or split == "train":
            path = files.folder / f"{split}.jsonl"
            outbox.send(settings.model, path.read_bytes())
            options[option] = _upload(client, path)
    ledger.close()
    created = client.fine_tuning.jobs.create(model=settings.model, seed=settings.seed, **options)
    job.parent.mkdir(exist_ok=True)
    job.write_text(json.dumps({"id": created.id, "samples": files.lines["train"]}), encoding="utf-8")


def _upload(client: openai.OpenAI, path: Path) -> str:
    return client.files.create(file=path, purpose="fine-tune").id


def _watch(client: openai.OpenAI, id: str, pause: float, on_log: Log) -> Any:
    """Wait for the end of the job and return it; its events go to `on_log` as they come."""
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
def _train_errors(secret: str) -> Iterator[None]:
    """Turns errors of the service into a TrainError that does not quote the key."""
    try:
        yield
    except openai.APIStatusError as e:
        raise TrainError(str(refusal(e.status_code, e.response.headers, e.response.content, secret))) from None
    except openai.APIConnectionError as e:
        raise TrainError(
            f"no connection to the fine-tuning service: {e.__cause__ or e}; resume=true watches the job again"
        ) from e

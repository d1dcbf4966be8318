"""A fine-tuning service in OpenAI's protocol: files, jobs that end after a few polls, events, failures."""

import json
from dataclasses import dataclass, field

from starlette.responses import JSONResponse
from starlette.routing import Route

JOB = {
    "object": "fine_tuning.job", "created_at": 0, "organization_id": "o", "result_files": [], "seed": 0,
    "hyperparameters": {"n_epochs": 1},
}  # fmt: skip


@dataclass
class FinetuneService:
    """The service, with the files and job requests it received. A job runs for `polls` polls, then succeeds, or fails with
    `failure`."""

    polls: int = 2
    failure: str = ""
    files: list[list[dict]] = field(default_factory=list)
    requests: list[dict] = field(default_factory=list)
    polled: int = 0

    @property
    def routes(self):
        return [
            Route("/v1/files", self.upload, methods=["POST"]),
            Route("/v1/fine_tuning/jobs", self.create, methods=["POST"]),
            Route("/v1/fine_tuning/jobs/{id}", self.retrieve),
            Route("/v1/fine_tuning/jobs/{id}/events", self.events),
        ]

    async def upload(self, request):
        form = await request.form()
        assert form["purpose"] == "fine-tune"
        content = await form["file"].read()
        self.files.append([json.loads(line) for line in content.splitlines()])
        fields = {
            "object": "file",
            "bytes": len(content),
            "created_at": 0,
            "purpose": "fine-tune",
            "status": "processed",
        }
        return JSONResponse({"id": f"file-{len(self.files)}", "filename": form["file"].filename} | fields)

    async def create(self, request):
        self.requests.append(await request.json())
        return JSONResponse(self._job("queued"))

    async def retrieve(self, request):
        self.polled += 1
        if self.polled <= self.polls:
            return JSONResponse(self._job("running"))
        if self.failure:
            return JSONResponse(self._job("failed") | {"error": {"code": "c", "message": self.failure, "param": None}})
        return JSONResponse(self._job("succeeded") | {"fine_tuned_model": "ft:m:acme", "trained_tokens": 420})

    def _job(self, status):
        request = self.requests[-1]
        return JOB | {
            "id": "ftjob-1",
            "status": status,
            "model": request["model"],
            "training_file": request["training_file"],
        }

    async def events(self, request):
        metrics = [
            {
                "id": f"e{step}",
                "message": f"step {step}",
                "data": {"step": step, "total_steps": 2, "train_loss": 3.0 - step},
            }
            for step in range(1, min(self.polled, 2) + 1)
        ]
        fields = {"object": "fine_tuning.job.event", "created_at": 0, "level": "info", "type": "metrics"}
        newest_first = [fields | event for event in reversed(metrics)]
        return JSONResponse({"object": "list", "data": newest_first, "has_more": False})

"""Holds the planned dialogues, many at once, and writes each to the run folder as it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from simenv.concurrency import run_workers
from simenv.containment import boundary
from simenv.episode import bug_record, error_text
from simenv.errors import Bug, EndOfRun, ModelError, StoreError
from simenv.instruct.config import Dialogues
from simenv.instruct.mind import Mind
from simenv.instruct.plan import Plan
from simenv.instruct.scene import Scene, Talk
from simenv.instruct.speakers import Asked, Scripted, Speaker
from simenv.model import Model
from simenv.rollout.admission_journal import REJECTED, TASKS
from simenv.rollout.report import report
from simenv.rollout.resume import episodes_to_play, finished_ids
from simenv.runs.spending import record_spent
from simenv.runs.store import Run
from simenv.source import Rejected
from simenv.types import CHAT, VERSION, Grade, Stop, Task, Timing, Trajectory, Usage


@dataclass
class Conversations:
    """The dialogues of a run. `model` speaks for the expert, `user` for everybody else; without them the scripted speaker does.

    `on_dialogue` is called with each as it ends.
    """

    settings: Dialogues
    model: Model | None = None
    user: Model | None = None
    on_dialogue: Callable[[Trajectory], None] = lambda trajectory: None
    stopping: bool = False
    """set to begin no more dialogues and let those in progress end"""

    def prepare(self, run: Run, plan: Plan | None) -> int:
        """Write the planned tasks into the folder, once; how many there are."""
        if plan is not None:
            with run.aside(TASKS) as tasks, run.aside(REJECTED) as rejected:
                for item in plan.tasks():
                    file = rejected if isinstance(item, Rejected) else tasks
                    file.write(item.model_dump_json(exclude_defaults=True) + "\n")
        return sum(1 for _ in run.tasks())

    async def run(self, run: Run) -> None:
        """All dialogues that the folder does not hold yet; report and costs are written however it ends.

        EndOfRun and StoreError end it; what is done is kept.
        """
        finished, errors = run.writer("trajectories"), run.writer("errors")
        queue = episodes_to_play(run, finished_ids(run), (CHAT,), 1)

        async def work() -> None:
            for task, _ in queue:
                if self.stopping:
                    return
                trajectory = await self.dialogue(task)
                await (errors if trajectory.stop is Stop.error else finished).append(trajectory)
                self.on_dialogue(trajectory)

        try:
            await run_workers(work, self.settings.concurrency)
        finally:
            await finished.close()
            await errors.close()
            await self._conclude(run)

    async def dialogue(self, task: Task) -> Trajectory:
        """One dialogue. A failure of a model or a bug ends it as an error; EndOfRun comes out."""
        started, clock = datetime.now(UTC).isoformat(), monotonic()
        ended: dict[str, Any] = {"stop": Stop.error, "grade": None}
        talk: Talk | None = None
        try:
            with boundary("instruct", task.kind):
                talk = Talk(Scene.model_validate(task.spec))
                await self._hold(talk)
                ended = {"stop": Stop.done, "grade": _grade(talk)}
        except (EndOfRun, StoreError):
            raise
        except ModelError as e:
            ended["error"] = error_text(e)
        except Bug as e:
            ended |= {"error": error_text(e), "bug": bug_record(e)}
        return Trajectory(
            version=VERSION,
            id=f"{task.id}.0",
            task=task.id,
            environment=CHAT,
            kind=task.kind,
            seed=self.settings.seed,
            agent="model" if self.model else "scripted",
            model=self.model.identity if self.model else {},
            dialect=CHAT,
            messages=talk.learnt() if talk else (),
            steps=(),
            usage=talk.usage if talk else Usage(),
            timing=Timing(started=started, seconds=monotonic() - clock),
            **ended,
        )

    async def _hold(self, talk: Talk) -> None:
        speakers = [self._speaker(talk.scene, seat) for seat in range(len(talk.scene.roles))]
        for _ in range(talk.scene.rounds):
            for speaker in speakers:
                talk.said.append(await speaker.say(talk))

    def _speaker(self, scene: Scene, seat: int) -> Speaker:
        is_expert = seat == len(scene.roles) - 1
        model = self.model if is_expert else self.user or self.model
        if model is None:
            return Scripted(seat)
        if scene.kind == "room":
            return Mind(seat, model, self.settings.memory, self.settings.keep)
        return Asked(seat, model, "expert.j2" if is_expert else "user.j2")

    async def _conclude(self, run: Run) -> None:
        result = report(run)
        for name, model in {"model": self.model, "user": self.user}.items():
            if model is not None:
                await model.close()
                result[name] = model.counts
                record_spent(run, getattr(model, "budget", None))
        run.write("report.json", json.dumps(result, indent=2) + "\n")


def _grade(talk: Talk) -> Grade:
    """That a dialogue was held to its end. Whether what was said is true is judged elsewhere."""
    rounds = talk.scene.rounds
    return Grade(success=True, progress=1, reasons=(f"all {rounds} rounds were held",), metrics=talk.ratings)

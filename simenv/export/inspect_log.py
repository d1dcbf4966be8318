"""A run as a log of Inspect, written by its own writer, so that its viewer and its readers open it.

A task is a sample, an attempt an epoch; scores are success and progress. An episode that ended as an error is a sample with
an error and no score, as in Inspect's own logs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

from inspect_ai.log import (
    EvalConfig,
    EvalDataset,
    EvalError,
    EvalLog,
    EvalMetric,
    EvalResults,
    EvalSample,
    EvalScore,
    EvalSpec,
    EvalStats,
    write_eval_log,
)
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    Content,
    ContentReasoning,
    ContentText,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.scorer import Score
from inspect_ai.tool import ToolCall

from simenv.errors import ConfigError
from simenv.models.calls import arguments
from simenv.runs.store import Run
from simenv.types import Message, Trajectory, Usage

SCORES = ("success", "progress")


def write_log(run: Run, path: Path) -> int:
    """Write the episodes of a run to a log (`.eval` packed, `.json` plain); how many there are.

    ConfigError where there is none, or the path exists or is no log's.
    """
    if path.suffix not in (".eval", ".json") or path.exists():
        raise ConfigError(f"out: {path}: expected a new file that ends in .eval or .json")
    episodes = [t for t in run.trajectories() if t.branch is None]
    if not episodes:
        raise ConfigError(f"{run.folder}: no episodes")
    samples = [_sample(t) for t in episodes]
    name, first = run.folder.name, episodes[0]
    model = str(first.model.get("model") or f"simenv/{first.agent}")
    usage = _usage(sum((t.usage for t in episodes), Usage()))
    ids = list(dict.fromkeys(s.id for s in samples))
    log = EvalLog(
        status="success",
        eval=EvalSpec(
            created=first.timing.started, task=name, run_id=name, eval_id=name, task_id=name, model=model,
            dataset=EvalDataset(name=name, samples=len(ids), sample_ids=ids),
            config=EvalConfig(epochs=max(s.epoch for s in samples)),
            metadata={"environments": sorted({t.environment for t in episodes}), "dialect": first.dialect},
        ),
        results=EvalResults(
            total_samples=len(samples),
            completed_samples=sum(s.error is None for s in samples),
            scores=[_mean(score, samples) for score in SCORES],
        ),
        stats=EvalStats(started_at=first.timing.started, completed_at=episodes[-1].timing.started, model_usage={model: usage}),
        samples=samples,
    )  # fmt: skip
    write_eval_log(log, str(path))
    return len(samples)


def _sample(t: Trajectory) -> EvalSample:
    chat = [_message(m) for m in t.messages]
    begin = next((i for i, m in enumerate(t.messages) if m.role == "assistant"), len(chat))
    last = next((m for m in reversed(chat) if isinstance(m, ChatMessageAssistant)), None)
    reasons = "; ".join(t.grade.reasons) if t.grade else ""
    grade = t.grade
    return EvalSample(
        id=t.task,
        epoch=t.attempt + 1,
        input=chat[:begin],
        target="",
        messages=chat,
        output=ModelOutput.from_content(t.agent, last.text) if last else ModelOutput(),
        scores={n: Score(value=float(getattr(grade, n)), explanation=reasons) for n in SCORES} if grade else None,
        metadata={"environment": t.environment, "kind": t.kind, "stop": t.stop.value, "trajectory": t.id},
        error=EvalError(message=t.error, traceback="", traceback_ansi="") if t.error else None,
        total_time=t.timing.seconds,
        model_usage={t.agent: _usage(t.usage)},
    )


def _mean(name: str, samples: list[EvalSample]) -> EvalScore:
    values = list(_values(name, samples))
    mean = EvalMetric(name="mean", value=fmean(values) if values else 0.0)
    unscored = len(samples) - len(values)
    return EvalScore(
        name=name, scorer=name, scored_samples=len(values), unscored_samples=unscored, metrics={"mean": mean}
    )


def _values(name: str, samples: list[EvalSample]) -> Iterator[float]:
    for sample in samples:
        if sample.scores:
            yield sample.scores[name].as_float()


def _usage(usage: Usage) -> ModelUsage:
    return ModelUsage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.input_tokens + usage.output_tokens,
    )


def _message(m: Message) -> ChatMessage:
    if m.role == "system":
        return ChatMessageSystem(content=m.content)
    if m.role == "user":
        return ChatMessageUser(content=m.content)
    if m.role == "tool":
        return ChatMessageTool(content=m.content, tool_call_id=m.call_id)
    calls = [ToolCall(id=c.id, function=c.name, arguments=arguments(c.arguments)) for c in m.calls]
    thought: list[Content] = [ContentReasoning(reasoning=m.thought), ContentText(text=m.content)]
    return ChatMessageAssistant(content=thought if m.thought else m.content, tool_calls=calls or None)

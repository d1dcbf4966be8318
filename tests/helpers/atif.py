"""Checks a trajectory against ATIF: by Harbor's own models where they are installed, and by the facts of its specification."""

from datetime import datetime

_KEYS = {
    "": {"schema_version", "session_id", "trajectory_id", "agent", "steps", "notes", "final_metrics", "extra"},
    "agent": {"name", "version", "model_name", "tool_definitions", "extra"},
    "step": {"step_id", "timestamp", "source", "model_name", "reasoning_effort", "message", "reasoning_content",
             "tool_calls", "observation", "metrics", "is_copied_context", "llm_call_count", "extra"},
    "call": {"tool_call_id", "function_name", "arguments", "extra"},
    "result": {"source_call_id", "content", "extra"},
}  # fmt: skip
_AGENT_ALONE = ("model_name", "reasoning_effort", "reasoning_content", "tool_calls", "metrics")


def problems(trajectory):
    """What is wrong with a trajectory, in words; [] if nothing is."""
    found = [*_unknown(trajectory, ""), *_unknown(trajectory["agent"], "agent")]
    found += [f"agent.{k}" for k in ("name", "version") if not isinstance(trajectory["agent"].get(k), str)]
    if trajectory["schema_version"] not in {f"ATIF-v1.{n}" for n in range(9)}:
        found.append("schema_version")
    for number, step in enumerate(trajectory["steps"], 1):
        found += _unknown(step, "step")
        found += _step(step, number)
    return found + _by_harbor(trajectory)


def _step(step, number):
    found = []
    if (
        step["step_id"] != number
        or step["source"] not in ("system", "user", "agent")
        or not isinstance(step["message"], str)
    ):
        found.append(f"step {number}: id, source or message")
    if step["source"] != "agent":
        found += [f"step {number}: {k} of no agent" for k in _AGENT_ALONE if k in step]
    if "timestamp" in step:
        datetime.fromisoformat(step["timestamp"])
    calls = step.get("tool_calls", [])
    for call in calls:
        found += _unknown(call, "call")
        found += [] if isinstance(call["arguments"], dict) else [f"step {number}: arguments"]
    for result in step.get("observation", {}).get("results", []):
        found += _unknown(result, "result")
        if result.get("source_call_id") not in {None, *(c["tool_call_id"] for c in calls)}:
            found.append(f"step {number}: a result of no call")
    return found


def _unknown(value, kind):
    return [f"{kind}: unknown {k}" for k in value if k not in _KEYS[kind]]


def _by_harbor(trajectory):
    try:
        from harbor.models.trajectories import Trajectory
    except ImportError:
        return []
    try:
        Trajectory.model_validate(trajectory)
    except ValueError as e:
        return [str(e)]
    return []

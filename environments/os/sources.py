"""Reads AgentBench's os_interaction records. Scripts of a record are read as data; nothing is run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simenv.documents import file_text, is_file, json_file
from simenv.errors import Unreadable, WorldError
from simenv.source import Rejected, TaskReader
from simenv.types import Action, Move, Task

from .engine.goal import Goal
from .world import OS

_LANGUAGES = {"bash", "python"}
_SCRIPT = 1 << 20
"""Bytes of a script beside the records."""


class _Unreadable(Exception):
    """A malformed record; the message is field, colon, reason."""


class AgentBench(TaskReader):
    """A JSON list of records, one record, or a folder of such files: description, create, start, evaluation."""

    name = "agentbench-os"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        files = sorted(path.rglob("*.json")) if path.is_dir() else [path] if path.suffix == ".json" else []
        return any(
            isinstance(r, dict) and {"description", "evaluation"} <= r.keys() for f in files[:5] for r in _load(f)[:5]
        )

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        for file in files:
            for index, record in enumerate(_load(file)):
                place = f"{file}: [{index}]"
                number = record.get("_index", index) if isinstance(record, dict) else index
                name = file.relative_to(path).with_suffix("").as_posix() if path.is_dir() else file.stem
                try:
                    yield _task(record, f"os-{name}-{number}", place, file.parent)
                except _Unreadable as e:
                    field, _, reason = str(e).partition(": ")
                    yield Rejected(where=f"{place}.{field}", reason=reason)
                except Unreadable as e:
                    yield Rejected.unread(e)
                except WorldError as e:
                    yield Rejected(where=place, reason=str(e))


def _load(path: Path) -> list[Any]:
    """The records of a file; for a file that cannot be read, why."""
    try:
        content = json_file(path)
    except Unreadable as e:
        return [e]
    return content if isinstance(content, list) else [content]


def _task(record: Any, id: str, place: str, folder: Path) -> Task:
    if isinstance(record, Unreadable):
        raise record
    if not isinstance(record, dict):
        raise _Unreadable(f"$: expected an object, found {type(record).__name__}")
    instruction, evaluation = record.get("description"), record.get("evaluation")
    if not isinstance(instruction, str) or not instruction.strip():
        raise _Unreadable("description: expected a text")
    if not isinstance(evaluation, dict):
        raise _Unreadable(f"evaluation: expected an object, found {type(evaluation).__name__}")
    spec, goal = _spec(record, folder), _goal(evaluation, folder)
    OS.check(spec)
    OS.check_goal(goal)
    Goal.read(goal)
    labels = record.get("labels")
    return Task(
        id=id,
        environment="os",
        instruction=instruction,
        spec=spec,
        goal=goal,
        solution=_solution(goal),
        kind=str(labels[0]) if isinstance(labels, list) and labels else "",
        source=place,
    )


def _spec(record: dict[str, Any], folder: Path) -> dict[str, Any]:
    spec: dict[str, Any] = {"files": []}
    create = record.get("create")
    # One dev record has its checks where `create` should be; AgentBench only asks for its `init`, finds none, and goes on.
    init = create.get("init") if isinstance(create, dict) else None
    if init is not None:
        scripts = init if isinstance(init, list) else [init]
        spec["init"] = [_script(s, f"create.init[{n}]", folder) for n, s in enumerate(scripts)]
    if record.get("start"):
        spec["start"] = _script(record["start"], "start", folder)["code"]
    return spec


def _script(script: Any, field: str, folder: Path) -> dict[str, str]:
    """A script with its code. AgentBench writes a text (bash), or an object with code or with a file beside the records."""
    if isinstance(script, str):
        return {"language": "bash", "code": script}
    if not isinstance(script, dict):
        raise _Unreadable(f"{field}: expected a script, found {type(script).__name__}")
    language = script.get("language", "bash")
    if not isinstance(language, str) or language not in _LANGUAGES:
        raise _Unreadable(f"{field}.language: {language!r:.80} is not supported; expected bash or python")
    if isinstance(script.get("code"), str):
        return {"language": language, "code": script["code"]}
    name = script.get("file")
    if not isinstance(name, str) or ".." in Path(name).parts or Path(name).is_absolute():
        raise _Unreadable(f"{field}: expected code, or a file below the records' folder")
    for candidate in (folder / name, folder / "scripts" / name, folder.parent / "scripts" / name):
        if is_file(candidate):
            return {"language": language, "code": file_text(candidate, _SCRIPT)}
    raise _Unreadable(f"{field}.file: there is no {name} below {folder}")


def _goal(evaluation: dict[str, Any], folder: Path) -> dict[str, Any]:
    if "match" in evaluation:
        match = evaluation["match"]
        if isinstance(match, str):
            return {"answer": {"equals": match}}
        if not isinstance(match, dict) or not isinstance(match.get("answer", match.get("regex")), str):
            raise _Unreadable("evaluation.match: expected a text, or an object with answer or regex")
        condition = {"equals": match["answer"]} if "answer" in match else {"regex": match["regex"]}
        return {"answer": condition | {"strip": bool(match.get("strip", True))}}
    if "check" not in evaluation:
        raise _Unreadable("evaluation: expected match or check")
    checks = evaluation["check"] if isinstance(evaluation["check"], list) else [evaluation["check"]]
    scripts = [c if c is None else _script(c, f"evaluation.check[{n}]", folder) for n, c in enumerate(checks)]
    goal: dict[str, Any] = {"checks": scripts}
    if "example" in evaluation:
        goal["example"] = _script(evaluation["example"], "evaluation.example", folder)
    elif None in scripts:
        raise _Unreadable("evaluation.check: null stands for the example, and there is none")
    return goal


def _solution(goal: dict[str, Any]) -> tuple[Move, ...]:
    """The answer, if the record has it. The output of an example is known only in the world, to the expert."""
    if "equals" not in goal.get("answer", {}):
        return ()
    action = Action(name="answer", arguments={"answer": goal["answer"]["equals"]})
    return (Move(thought="I know what is asked for, so I give the answer.", action=action),)

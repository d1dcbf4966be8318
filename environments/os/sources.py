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
_FOLDER = "/"
"""Where the container of AgentBench's sets begins (v0.2). That of its training file (main) begins in root's home."""
_OF_TRAINING = "7"
"""The folder of scripts that AgentBench's configuration gives to its training file (configs/tasks/os.yaml)."""


class _Unreadable(Exception):
    """A malformed record; the message is field, colon, reason."""


class AgentBench(TaskReader):
    """A JSON list of records, one record, or a folder of such files: description, create, start, evaluation."""

    name = "agentbench-os"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        files = _files(path) if path.is_dir() or path.suffix == ".json" else []
        return any(
            isinstance(r, dict) and {"description", "evaluation"} <= r.keys() for f in files[:5] for r in _load(f)[:5]
        )

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        for file in _files(path):
            for index, record in enumerate(_load(file)):
                place = f"{file}: [{index}]"
                number = record.get("_index", index) if isinstance(record, dict) else index
                name = file.relative_to(path).with_suffix("").as_posix() if path.is_dir() else file.stem
                try:
                    yield _task(record, f"os-{name}-{number}", place, Scripts(file))
                except _Unreadable as e:
                    field, _, reason = str(e).partition(": ")
                    yield Rejected(where=f"{place}.{field}", reason=reason)
                except Unreadable as e:
                    yield Rejected.unread(e)
                except WorldError as e:
                    yield Rejected(where=place, reason=str(e))


def _files(path: Path) -> list[Path]:
    """The files of records. AgentBench's standard set is what lies in the numbered folders of `os_interaction/data`."""
    if not path.is_dir():
        return [path]
    numbered = [folder for folder in sorted(path.iterdir()) if folder.name.isdigit() and folder.is_dir()]
    return [file for folder in numbered or [path] for file in sorted(folder.rglob("*.json"))]


class Scripts:
    """The scripts of a file of records: in the records, or in files that they name.

    Such a file lies beside the records, or in `scripts/` there or one folder up. In a checkout of AgentBench it lies in
    `os_interaction/scripts/N/` for the records of `os_interaction/data/N/`, `scripts/dev/` for `data/dev.json`, and
    `scripts/7/` for its training file.
    """

    def __init__(self, records: Path) -> None:
        self.are_of_training = records.stem.startswith("train")
        folder = records.parent
        here, above, checkout = folder / "scripts", folder.parent / "scripts", folder.parent.parent / "scripts"
        shared = [above / records.stem, checkout / folder.name, above / _OF_TRAINING]
        self.folders = [folder, here, above, *shared]

    def read(self, script: Any, field: str) -> dict[str, str]:
        """A script with its code. AgentBench writes a text (bash), or an object with code or with the name of a file."""
        if isinstance(script, str):
            return {"language": "bash", "code": script}
        if not isinstance(script, dict):
            raise _Unreadable(f"{field}: expected a script, found {type(script).__name__}")
        language = script.get("language", "bash")
        if not isinstance(language, str) or language not in _LANGUAGES:
            raise _Unreadable(f"{field}.language: {language!r:.80} is not supported; expected bash or python")
        if isinstance(script.get("code"), str):
            return {"language": language, "code": script["code"]}
        return {"language": language, "code": self._file(script.get("file"), field)}

    def _file(self, name: Any, field: str) -> str:
        if not isinstance(name, str) or ".." in Path(name).parts or Path(name).is_absolute():
            raise _Unreadable(f"{field}: expected code, or a file below the records' folder")
        for folder in self.folders:
            if is_file(folder / name):
                return file_text(folder / name, _SCRIPT)
        places = ", ".join(dict.fromkeys(map(str, self.folders)))
        raise _Unreadable(f"{field}.file: there is no {name} in any of {places}")


def _load(path: Path) -> list[Any]:
    """The records of a file; for a file that cannot be read, why."""
    try:
        content = json_file(path)
    except Unreadable as e:
        return [e]
    return content if isinstance(content, list) else [content]


def _task(record: Any, id: str, place: str, scripts: Scripts) -> Task:
    if isinstance(record, Unreadable):
        raise record
    if not isinstance(record, dict):
        raise _Unreadable(f"$: expected an object, found {type(record).__name__}")
    instruction, evaluation = record.get("description"), record.get("evaluation")
    if not isinstance(instruction, str) or not instruction.strip():
        raise _Unreadable("description: expected a text")
    if not isinstance(evaluation, dict):
        raise _Unreadable(f"evaluation: expected an object, found {type(evaluation).__name__}")
    spec, goal = _spec(record, scripts), _goal(evaluation, scripts)
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


def _spec(record: dict[str, Any], scripts: Scripts) -> dict[str, Any]:
    spec: dict[str, Any] = {"files": []} | ({} if scripts.are_of_training else {"cwd": _FOLDER})
    create = record.get("create")
    # One dev record has its checks where `create` should be; AgentBench only asks for its `init`, finds none, and goes on.
    init = create.get("init") if isinstance(create, dict) else None
    if init is not None:
        listed = init if isinstance(init, list) else [init]
        spec["init"] = [scripts.read(s, f"create.init[{n}]") for n, s in enumerate(listed)]
    if record.get("start"):
        spec["start"] = scripts.read(record["start"], "start")["code"]
    return spec


def _goal(evaluation: dict[str, Any], scripts: Scripts) -> dict[str, Any]:
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
    listed = [c if c is None else scripts.read(c, f"evaluation.check[{n}]") for n, c in enumerate(checks)]
    goal: dict[str, Any] = {"checks": listed}
    if "example" in evaluation:
        goal["example"] = scripts.read(evaluation["example"], "evaluation.example")
    elif None in listed:
        raise _Unreadable("evaluation.check: null stands for the example, and there is none")
    return goal


def _solution(goal: dict[str, Any]) -> tuple[Move, ...]:
    """The answer, if the record has it. The output of an example is known only in the world, to the expert."""
    if "equals" not in goal.get("answer", {}):
        return ()
    action = Action(name="answer", arguments={"answer": goal["answer"]["equals"]})
    return (Move(thought="I know what is asked for, so I give the answer.", action=action),)

"""How a model that plays a shell differs without being wrong, and how it is wrong. Knows nothing of the comparison."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from numpy.random import Generator

from simenv.compare import Flaws, Prediction, Transition
from simenv.types import Flaw, Observation, Stop, canonical

from .tasks.scenario import pick

_VOLATILE = re.compile(
    r"\b(date|ps|pgrep|df|du|uname|free|uptime|history|mktemp|top|who|w|last|lscpu|nproc|hostname|shuf|mount|random|time)\b"
    r"|/proc|RANDOM|\$\$|\bls -\w*[lisgo]|\bstat\b(?! -c)|\bfind .* -ls|%T|tar -?\w*v|\bids?$",
    re.I,
)
"""Scripts in whose output a changed number or row may be right."""
_ERROR = re.compile(
    r": .*(No such file|Permission denied|not permitted|not found|File exists|s a directory|ot a directory|not empty"
    r"|[Ii]nvalid|requires an argument"
    r"|missing operand|syntax error|unexpected|cannot|[Nn]o such|does not exist|unrecognized|Read-only|already exists)",
)  # fmt: skip
_FREE = re.compile(r"(find|grep -\w*[rR]\w*|du) [^|;&<>()`$\n]*")
_KEPT = re.compile(r"(cat|head|tail|ls) (-n \d+ |-\d+ )?[^-|;&<>()`$\n][^|;&<>()`$\n]*|[^;&<>()`$\n]*\| sort( -\w+)*")
_LISTS = re.compile(r"(ls|find|grep -\w*l\w*|tar -tf|cat|head|tail) [^|;&<>()`$\n]*(\| sort)?")
_PATH = re.compile(r"/[\w./-]+[\w-]")
_BOOKS = re.compile(r"/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?|/var/(log|mail|cache)/.*")
_NUMBER = re.compile(r"(?<![\w.,:/=-])\d{1,9}(?![\w.,:/=-])")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_CHAT = (
    "The command was executed successfully.",
    "I have done what you asked. Let me know if there is anything else.",
    "The operation completed without errors.",
    "Sure! The changes have been made.",
    "The permissions have been updated successfully.",
)
_BEFORE = (
    "Here is the output of the command:\n",
    "Sure, here's what the command shows:\n\n",
    "I ran the script for you:\n",
)
_AFTER = (
    "\n\nLet me know if you need anything else!",
    "\n\nNote: this is a simulated environment.",
    "\nI hope this helps!",
)
_SORRY = "I'm sorry, but I cannot run commands on a real system."
_NAMES = ("zanzibar-manifest.bak", "quokka_draft.tmp", "yttrium-budget.old", "xylophone-keys.orig")

Change = Callable[[str], str]


class Actor(Flaws):
    """Answers with the engine's truth, in other clothes or twisted."""

    def vary(self, scene: Transition, rng: Generator) -> Observation:
        text = pick(rng, _harmless(scene, rng))(scene.truth.text)
        if rng.random() < 0.5:
            text = pick(rng, _clothes(scene, text))(text)
        return scene.truth.model_copy(update={"text": text})

    def restate(self, scene: Transition, rng: Generator) -> Any:
        """Without what nobody computes by heart (hashes, sizes), or with modes as `ls` users write them."""
        state = super().restate(scene, rng)
        for entry in state["files"].values():
            if "text" in entry and rng.random() < 0.5:
                entry.pop("sha256", None)
                entry.pop("size", None)
            if rng.random() < 0.3:
                entry["mode"] = entry["mode"].lstrip("0") or "0"
        return state

    def corrupt(self, error: Flaw, scene: Transition, rng: Generator) -> Prediction | None:
        if scene.truth.stop is Stop.submitted:
            return None
        text = _MAKERS[error](scene, rng) if error in _MAKERS else None
        if error == "forgot_change":
            return _stale(scene, rng)
        if text is None or (text == scene.truth.text and not scene.truth.invalid):
            return None
        return Prediction(observation=Observation(text=text))


def _script(scene: Transition) -> str:
    return str(scene.action.arguments.get("script", "")).strip()


def _clothes(scene: Transition, text: str) -> list[Change]:
    """What may be put around a text."""
    script = _script(scene)
    found: list[Change] = [lambda t: f"{t}\n\n"]
    if scene.truth.invalid or not text.strip() or text.startswith(("The output", "(no output)")):
        return found
    found += [lambda t: t.replace("\n", "\r\n"), lambda t: f"\x1b[0m{t}\x1b[0m", lambda t: f"```\n{t}\n```"]
    if script and "\n" not in script:
        found += [
            lambda t: f"root@machine:~# {script}\n{t}",
            lambda t: f"{t}\nroot@machine:~#",
            lambda t: f"$ {script}\n{t}",
        ]
    return found


def _harmless(scene: Transition, rng: Generator) -> list[Change]:
    """What may be done to a text and change nothing of what it says."""
    script, text = _script(scene), scene.truth.text
    lines = text.split("\n")
    found: list[Change] = [lambda t: "\n".join(x + " " * int(rng.integers(0, 3)) if x else x for x in t.split("\n"))]
    if scene.truth.invalid:
        return found
    if not text:
        return [*found, lambda t: pick(rng, ("The output of the OS is empty.", "(no output)", "", "\n"))]
    if _FREE.fullmatch(script) and len(lines) > 2 and not any(map(_ERROR.search, lines)) and not scene.truth.truncated:
        found += [lambda t: _shuffled(t, rng)] * 4
        if script.startswith("find") and "-printf" not in script and "-exec" not in script:
            found.append(lambda t: re.sub(r"(?<=\w)/(?=\w)", "//", t, count=1))
    if re.fullmatch(r"ls( /[\w./-]+)?", script) and len(lines) > 1 and " " not in text and "/" not in text:
        found += [lambda t: "  ".join(t.split("\n"))] * 2
    if re.search(r"\bls -\w*l", script):
        found += [lambda t: _aged(t, rng)] * 4
    if any(map(_ERROR.search, lines)):
        found += [lambda t: _reworded(t, rng)] * 4
    return found


def _shuffled(text: str, rng: Generator) -> str:
    lines = text.split("\n")
    return "\n".join(lines[i] for i in rng.permutation(len(lines)))


def _aged(text: str, rng: Generator) -> str:
    """The same listing of another day, on another file system."""
    when = f"{pick(rng, _MONTHS)} {int(rng.integers(1, 29)):2} {int(rng.integers(24)):02}:{int(rng.integers(60)):02}"
    text = re.sub(rf"\b({'|'.join(_MONTHS)}) +\d{{1,2}} +(\d\d:\d\d|\d{{4}})", when, text)
    text = re.sub(r"^(d\S+ +)\d+( +\S+ +\S+ +)\d+", rf"\g<1>{int(rng.integers(2, 9))}\g<2>4096", text, flags=re.M)
    return re.sub(r"^total \d+", f"total {int(rng.integers(4, 99))}", text)


def _reworded(text: str, rng: Generator) -> str:
    """Errors as another version of the same tool words them."""
    text = text.replace("‘", "'").replace("’", "'") if rng.random() < 0.5 else text
    text = re.sub(r"^bash: (line \d+: )?(\S+): command not found", r"bash: \2: command not found", text, flags=re.M)
    text = re.sub(
        r"cannot open '([^']+)' for reading: ", r"\1: " if rng.random() < 0.5 else r"cannot open '\1': ", text
    )
    said = r"\1: cannot open '\2': No such" if rng.random() < 0.5 else r"\1: '\2': No such"
    return re.sub(r"^(cat|grep): (/\S+): No such", said, text, flags=re.M)


def _wrong(scene: Transition, rng: Generator) -> str | None:
    """A number, a row, a name, an order that is not so; nothing where there is something."""
    script, text = _script(scene), scene.truth.text
    lines = text.split("\n")
    if not text.strip() or scene.truth.invalid or _VOLATILE.search(script) or any(map(_ERROR.search, lines)):
        return None
    sound = lines[:-3] if scene.truth.truncated else lines
    places = [(n, m) for n, x in enumerate(sound) for m in _NUMBER.finditer(x)]
    options: list[str] = [""]
    if places:
        n, match = pick(rng, places)
        changed = str(int(match[0]) + int(rng.integers(1, 9)))
        options += [
            "\n".join([*lines[:n], lines[n][: match.start()] + changed + lines[n][match.end() :], *lines[n + 1 :]])
        ] * 3
    people = sorted(scene.after["users"])
    named = [
        (n, m) for n, x in enumerate(sound) for p in people for m in re.finditer(rf"(?<![\w/.-]){p}(?![\w/.-])", x)
    ]
    if named and len(people) > 1 and not re.match(r"(id|groups)\b", script):
        n, match = pick(rng, named)
        other = pick(rng, [p for p in people if p != match[0]])
        options.append(
            "\n".join([*lines[:n], lines[n][: match.start()] + other + lines[n][match.end() :], *lines[n + 1 :]])
        )
    solid = [n for n, x in enumerate(sound) if re.search(r"\w", x) and not x.startswith("total ")]
    if len(solid) > 1:
        n = pick(rng, solid)
        options += ["\n".join(lines[:n] + lines[n + 1 :]), "\n".join([*lines[: n + 1], *lines[n:]])]
        a, b = solid[0], solid[-1]
        if _KEPT.fullmatch(script) and lines[a].strip() != lines[b].strip():
            swapped = list(lines)
            swapped[a], swapped[b] = lines[b], lines[a]
            options.append("\n".join(swapped))
    chosen = pick(rng, options)
    return chosen if sorted(chosen.split()) != sorted(text.split()) or _KEPT.fullmatch(script) else None


def _accepted(scene: Transition, rng: Generator) -> str | None:
    """No error where the engine has nothing but errors."""
    lines = [x for x in scene.truth.text.split("\n") if x.strip()]
    if scene.truth.invalid:
        return pick(rng, ("", "done", "total 0"))
    if not lines or not all(map(_ERROR.search, lines)) or re.search(r"No such file", scene.truth.text):
        return None
    return pick(rng, ("", "", "ok", "0"))


def _refused(scene: Transition, rng: Generator) -> str | None:
    """An error where all went well."""
    script, text = _script(scene), scene.truth.text
    if (
        scene.truth.invalid
        or not script
        or re.search(r"error|not found|No such|denied|cannot|:.*nvalid|unexpected", text)
    ):
        return None
    words = script.split()
    if not re.fullmatch(r"[a-z][\w-]*", words[0]):
        return None
    paths = _PATH.findall(script)
    options = [f"bash: {words[0]}: command not found", f"{words[0]}: Permission denied"]
    if paths:
        path = pick(rng, paths)
        options += [
            f"{words[0]}: {path}: No such file or directory",
            f"{words[0]}: ‘{path}’: No such file or directory",
        ]
        options += [f"{words[0]}: cannot access '{path}': No such file or directory", "not found", f"{path}: not found"]
    return pick(rng, options)


def _invented(scene: Transition, rng: Generator) -> str | None:
    """A file that does not exist: in a listing, or with contents."""
    script, text = _script(scene), scene.truth.text
    name = pick(rng, _NAMES)
    if scene.truth.invalid or name in canonical([scene.spec, scene.before, scene.after]) + text:
        return None
    lines = text.split("\n")
    if re.match(r"(cat|head|tail|ls|grep|find|stat) ", script) and re.fullmatch(
        r"\w+: .*: No such file or directory", text
    ):
        return pick(rng, (f"{name}\n", f"# {name}\nversion = 3\n", f"-rw-r--r-- 1 root root 120 Mar  3 10:11 {name}"))
    if not text or scene.truth.truncated or not _LISTS.fullmatch(script) or any(map(_ERROR.search, lines)):
        return None
    row = pick(rng, lines)
    if not row.strip() or row.startswith("total "):
        return None
    last = re.search(r"[^/\s]+$", row)
    made = row[: last.start()] + name if last else name
    at = int(rng.integers(len(lines) + 1))
    return "\n".join([*lines[:at], made, *lines[at:]])


def _stale(scene: Transition, rng: Generator) -> Prediction | None:
    """A next state that misses what the action did: all of it, a file, or a user."""
    before, after = scene.before, scene.after
    was, now = before["files"], after["files"]
    paths = [
        p for p in was.keys() | now.keys()
        if was.get(p) != now.get(p) and not _BOOKS.fullmatch(p) and not _unsure(now.get(p), was.get(p))
    ]  # fmt: skip
    people = [
        n for n in before["users"].keys() | after["users"].keys() if before["users"].get(n) != after["users"].get(n)
    ]
    if _VOLATILE.search(_script(scene)) or not (paths or people or before["cwd"] != after["cwd"]):
        return None
    state = json.loads(json.dumps(before))
    if rng.random() < 0.5 and paths:
        state = json.loads(json.dumps(after))
        path = pick(rng, sorted(paths))
        state["files"].pop(path, None)
        if path in before["files"]:
            state["files"][path] = before["files"][path]
    return Prediction(observation=scene.truth, state=state)


def _unsure(now: Any, then: Any) -> bool:
    """Whether two entries differ in bytes alone that nobody can tell."""
    return bool(now and then) and {k: v for k, v in now.items() if k != "size"} == {
        k: v for k, v in then.items() if k != "size"
    }


def _misformatted(scene: Transition, rng: Generator) -> str | None:
    text, script = scene.truth.text, _script(scene)
    if scene.truth.invalid or not script:
        return None
    options = [
        json.dumps({"output": text, "exit_code": 0}),
        json.dumps({"observation": text}),
        f"<output>\n{text}\n</output>",
        f"Observation: {text or 'nothing'}",
        f"Thought: I should run this.\n\nAct: bash\n\n```bash\n{script}\n```",
        f"<!DOCTYPE html><html><body><pre>{text}</pre></body></html>",
    ]
    return pick(rng, options)


def _chatty(scene: Transition, rng: Generator) -> str | None:
    text = scene.truth.text
    if scene.truth.invalid or not _script(scene):
        return None
    if not text:
        return pick(rng, (*_CHAT, _SORRY))
    return pick(rng, (pick(rng, _BEFORE) + text, text + pick(rng, _AFTER), _SORRY))


_MAKERS: dict[Flaw, Callable[[Transition, Generator], str | None]] = {
    "wrong_result": _wrong,
    "accepted_malformed": _accepted,
    "refused_valid": _refused,
    "invented": _invented,
    "format": _misformatted,
    "out_of_character": _chatty,
}

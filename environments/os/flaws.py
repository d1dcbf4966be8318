"""Variations and errors of a simulated shell, to measure the comparison with. It shares no code with the comparison."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from numpy.random import Generator

from simenv.compare import Flaws, Prediction, Transition
from simenv.types import Flaw, Observation, Stop, canonical

from .checking.mistakes import mistakes
from .checking.variations import ERROR, harmless_changes, script_of, wrappings
from .tasks.draft import choice

_VOLATILE = re.compile(
    r"\b(date|ps|pgrep|df|du|uname|free|uptime|history|mktemp|top|who|w|last|lscpu|nproc|hostname|shuf|mount|random|time)\b"
    r"|/proc|RANDOM|\$\$|\bls -\w*[lisgo]|\bstat\b(?! -c)|\bfind .* -ls|%T|tar -?\w*v|\bids?$",
    re.I,
)
"""Scripts whose output no state decides, so that a changed number or row may be right."""
_ORDERED = re.compile(
    r"(cat|head|tail|ls) (-n \d+ |-\d+ )?[^-|;&<>()`$\n][^|;&<>()`$\n]*|[^;&<>()`$\n]*\| sort( -\w+)*"
)
_LISTS = re.compile(r"(ls|find|grep -\w*l\w*|tar -tf|cat|head|tail) [^|;&<>()`$\n]*(\| sort)?")
_PATH = re.compile(r"/[\w./-]+[\w-]")
_SYSTEM_FILES = re.compile(
    r"/etc/((passwd|group|shadow|gshadow|subuid|subgid)-?|[.]pwd[.]lock)|/var/(log|mail|cache)/.*"
)
_NUMBER = re.compile(r"(?<![\w.,:/=-])\d{1,9}(?![\w.,:/=-])")
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


class OSFlaws(Flaws):
    """Varies or corrupts the engine's output."""

    def vary(self, transition: Transition, rng: Generator) -> Observation:
        text = choice(rng, harmless_changes(transition, rng))(transition.truth.text)
        if rng.random() < 0.5:
            text = choice(rng, wrappings(transition, text))(text)
        return transition.truth.model_copy(update={"text": text})

    def restate(self, transition: Transition, rng: Generator) -> Any:
        """The state, at random without hashes and sizes, and with modes without leading zeros."""
        state = super().restate(transition, rng)
        for entry in state["files"].values():
            if "text" in entry and rng.random() < 0.5:
                entry.pop("sha256", None)
                entry.pop("size", None)
            if rng.random() < 0.3:
                entry["mode"] = entry["mode"].lstrip("0") or "0"
        return state

    def corrupt(self, error: Flaw, transition: Transition, rng: Generator) -> Prediction | None:
        if transition.truth.stop is Stop.submitted:
            return None
        text = _CORRUPTORS[error](transition, rng) if error in _CORRUPTORS else None
        if error == "forgot_change":
            return _forget_change(transition, rng)
        if text is None or (text == transition.truth.text and not transition.truth.invalid):
            return None
        return Prediction(observation=Observation(text=text))


def _wrong_result(transition: Transition, rng: Generator) -> str | None:
    """A wrong number, row, name or order, or no output although there is some."""
    script, text = script_of(transition), transition.truth.text
    lines = text.split("\n")
    seen = mistakes(transition, rng)
    if seen and not _VOLATILE.search(script) and rng.random() < 0.5:
        return choice(rng, seen)
    if not text.strip() or transition.truth.invalid or _VOLATILE.search(script) or any(map(ERROR.search, lines)):
        return None
    reliable_lines = lines[:-3] if transition.truth.truncated else lines
    places = [(n, m) for n, x in enumerate(reliable_lines) for m in _NUMBER.finditer(x)]
    options: list[str] = [""]
    if places:
        n, match = choice(rng, places)
        number = str(int(match[0]) + int(rng.integers(1, 9)))
        options += [
            "\n".join([*lines[:n], lines[n][: match.start()] + number + lines[n][match.end() :], *lines[n + 1 :]])
        ] * 3
    people = sorted(transition.after["users"])
    mentions = [
        (n, m)
        for n, x in enumerate(reliable_lines)
        for p in people
        for m in re.finditer(rf"(?<![\w/.-]){p}(?![\w/.-])", x)
    ]
    if mentions and len(people) > 1 and not re.match(r"(id|groups)\b", script):
        n, match = choice(rng, mentions)
        other = choice(rng, [p for p in people if p != match[0]])
        options.append(
            "\n".join([*lines[:n], lines[n][: match.start()] + other + lines[n][match.end() :], *lines[n + 1 :]])
        )
    solid = [n for n, x in enumerate(reliable_lines) if re.search(r"\w", x) and not x.startswith("total ")]
    if len(solid) > 1:
        n = choice(rng, solid)
        options += ["\n".join(lines[:n] + lines[n + 1 :]), "\n".join([*lines[: n + 1], *lines[n:]])]
        a, b = solid[0], solid[-1]
        if _ORDERED.fullmatch(script) and lines[a].strip() != lines[b].strip():
            permutation = list(lines)
            permutation[a], permutation[b] = lines[b], lines[a]
            options.append("\n".join(permutation))
    claim = choice(rng, options)
    return claim if sorted(claim.split()) != sorted(text.split()) or _ORDERED.fullmatch(script) else None


def _accept_malformed(transition: Transition, rng: Generator) -> str | None:
    """No error although the engine reports errors only."""
    lines = [x for x in transition.truth.text.split("\n") if x.strip()]
    if transition.truth.invalid:
        return choice(rng, ("", "done", "total 0"))
    if not lines or not all(map(ERROR.search, lines)) or re.search(r"No such file", transition.truth.text):
        return None
    return choice(rng, ("", "", "ok", "0"))


def _refuse_valid(transition: Transition, rng: Generator) -> str | None:
    """An error although the command works."""
    script, text = script_of(transition), transition.truth.text
    if (
        transition.truth.invalid
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
        path = choice(rng, paths)
        options += [
            f"{words[0]}: {path}: No such file or directory",
            f"{words[0]}: ‘{path}’: No such file or directory",
        ]
        options += [f"{words[0]}: cannot access '{path}': No such file or directory", "not found", f"{path}: not found"]
    return choice(rng, options)


def _invent(transition: Transition, rng: Generator) -> str | None:
    """A file that does not exist, in a listing or with contents."""
    script, text = script_of(transition), transition.truth.text
    name = choice(rng, _NAMES)
    if transition.truth.invalid or name in canonical([transition.spec, transition.before, transition.after]) + text:
        return None
    lines = text.split("\n")
    if re.match(r"(cat|head|tail|ls|grep|find|stat) ", script) and re.fullmatch(
        r"\w+: .*: No such file or directory", text
    ):
        return choice(rng, (f"{name}\n", f"# {name}\nversion = 3\n", f"-rw-r--r-- 1 root root 120 Mar  3 10:11 {name}"))
    if not text or transition.truth.truncated or not _LISTS.fullmatch(script) or any(map(ERROR.search, lines)):
        return None
    row = choice(rng, lines)
    if not row.strip() or row.startswith("total "):
        return None
    last = re.search(r"[^/\s]+$", row)
    row_with_name = row[: last.start()] + name if last else name
    at = int(rng.integers(len(lines) + 1))
    return "\n".join([*lines[:at], row_with_name, *lines[at:]])


def _forget_change(transition: Transition, rng: Generator) -> Prediction | None:
    """A next state that misses all effects of the action, or one changed file."""
    before, after = transition.before, transition.after
    files_before, files_after = before["files"], after["files"]
    paths = [
        p
        for p in files_before.keys() | files_after.keys()
        if files_before.get(p) != files_after.get(p)
        and not _SYSTEM_FILES.fullmatch(p)
        and not _differs_in_size_only(files_after.get(p), files_before.get(p))
    ]
    people = [
        n for n in before["users"].keys() | after["users"].keys() if before["users"].get(n) != after["users"].get(n)
    ]
    if _VOLATILE.search(script_of(transition)) or not (paths or people or before["cwd"] != after["cwd"]):
        return None
    state = json.loads(json.dumps(before))
    if rng.random() < 0.5 and paths:
        state = json.loads(json.dumps(after))
        path = choice(rng, sorted(paths))
        state["files"].pop(path, None)
        if path in before["files"]:
            state["files"][path] = before["files"][path]
    return Prediction(observation=transition.truth, state=state)


def _differs_in_size_only(after: Any, before: Any) -> bool:
    """Whether two entries differ in their size only."""
    return bool(after and before) and {k: v for k, v in after.items() if k != "size"} == {
        k: v for k, v in before.items() if k != "size"
    }


def _misformat(transition: Transition, rng: Generator) -> str | None:
    text, script = transition.truth.text, script_of(transition)
    if transition.truth.invalid or not script:
        return None
    options = [
        json.dumps({"output": text, "exit_code": 0}),
        json.dumps({"observation": text}),
        f"<output>\n{text}\n</output>",
        f"Observation: {text or 'nothing'}",
        f"Thought: I should run this.\n\nAct: bash\n\n```bash\n{script}\n```",
        f"<!DOCTYPE html><html><body><pre>{text}</pre></body></html>",
    ]
    return choice(rng, options)


def _chat(transition: Transition, rng: Generator) -> str | None:
    text = transition.truth.text
    if transition.truth.invalid or not script_of(transition):
        return None
    if not text:
        return choice(rng, (*_CHAT, _SORRY))
    return choice(rng, (choice(rng, _BEFORE) + text, text + choice(rng, _AFTER), _SORRY))


_CORRUPTORS: dict[Flaw, Callable[[Transition, Generator], str | None]] = {
    "wrong_result": _wrong_result,
    "accepted_malformed": _accept_malformed,
    "refused_valid": _refuse_valid,
    "invented": _invent,
    "format": _misformat,
    "out_of_character": _chat,
}

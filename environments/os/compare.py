"""What a model says that a shell printed, beside what it printed: rows and errors, as far as the state decides them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from simenv.compare import MATCH, Comparison, Judgement, Transition, drift, is_json
from simenv.errors import InvalidAction
from simenv.types import Action, Observation, Stop, canonical

from .checking import bash_syntax, states
from .checking.guarantees import Reading
from .checking.output import Fault, kind_of, shortened, sizes, tell, tidy
from .checking.script_analysis import read
from .engine.terminal import NOTICE
from .world import OS

_CHAT = re.compile(
    r"^\W{0,4}(sure\b|certainly|of course|absolutely|i('m|'ve|'ll|'d| [a-z'’]+)\b|we( |')|your?\b"
    r"|here('s| is| are)\b|okay\b|ok[,.!]|thank|as an? (ai|language|simulat)|sorry|unfortunately|please\b|note(:| that)"
    r"|(the|this|your|all|no) [\w ./'`\"-]{1,80}? (was|were|is|are|has|have|will|cannot|can't|does|did|should|would|ran|runs)\b"
    r"|you (can|have|should|are|may|will)\b|let me|let's|great[,!]|hello\b|hi[,!]|executing\b|command executed|it (looks|seems)"
    r"|done[.!]?$|success(fully)?\b|created\b|operation (completed|successful)|everything (is|went))"
    r"|\bsuccessfully\b|\bhas been (created|changed|updated|removed|deleted|added|set|written|modified|granted)"
    r"|\bhope (this|that|it)\b|\bfeel free\b|\blet me know\b|\bhappy to help\b|\bi (cannot|can't|won't)\b",
    re.I,
)
_MARKUP = re.compile(
    r"\A\s*(<(!doctype|html|output|result|observation|response|stdout|terminal|pre|body|div)\b"
    r"|(thought|think|act|action|observation|output|stdout|result|answer|assistant|state|next state)\s*:)",
    re.I,
)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+")
_PERSON = re.compile(r"\b(i|i'm|i’m|sorry|unfortunately|as an|please|you|your)\b", re.I)
_REFUSAL = re.compile(
    r"\b(not found|no such|cannot|can't|could not|unable|does(?: not|n't) exist|permission denied|not permitted|invalid"
    r"|denied|failed|error|usage:|unknown|not recognized|refused|unexpected|syntax)\b",
    re.I,
)  # fmt: skip
_VOLATILE = re.compile(r"\b(date|RANDOM|ps|mktemp|uptime|shuf|df|uname)\b|/dev/u?random|\$\$")
"""What may put into a file what no state decides."""
_WORD = re.compile(r"[^\W\d_][\w.-]{2,}")


class Shell(Comparison):
    """`bash -n` tells what cannot run; the syntax of a script, what its output promises (see script.py, rows.py).

    Where the state does not decide an output, a claim that refuses, chats or has the wrong format is still a drift.
    """

    def malformed(self, action: Action) -> str:
        spec = OS.actions.get(action.name)
        if spec is None:
            return f"there is no action {action.name!r:.80}; there are {', '.join(OS.actions)}"
        try:
            arguments = spec.read(action.arguments)
        except InvalidAction as e:
            return str(e)
        script = arguments.get("script", "")
        if action.name != "bash":
            return ""
        if "\0" in script:
            return "a script cannot hold a NUL character"
        return bash_syntax.fault(script) if len(script) <= 100_000 else "the script is too long to be run"

    def observation(self, scene: Transition, claim: Observation) -> Judgement:
        truth, script = scene.truth, str(scene.action.arguments.get("script", ""))
        reading = read(script) if scene.action.name == "bash" else Reading()
        said = tidy(claim.text, script)
        if claim.stop is not None and claim.stop is not truth.stop:
            return drift("wrong_result", f"the episode is said to end as {claim.stop}")
        if truth.stop is Stop.submitted:
            return MATCH if not said else drift("out_of_character", "an answer that ends the task shows nothing")
        if truth.invalid:
            refuses = claim.invalid or _REFUSAL.search(said[:1000])
            return MATCH if refuses else drift("accepted_malformed", f"the engine refuses: {truth.text:.120}")
        real = tidy(truth.text, script)
        if said == real and not reading.unsettled:
            return MATCH
        if claim.invalid and not tell(real, reading).faults:
            return drift("refused_valid", "it is called invalid, and it works")
        return _Comparing(scene, reading, real, said).finding()

    def state(self, scene: Transition, claim: Any) -> Judgement:
        if not isinstance(claim, Mapping) or not claim.keys() & {"files", "cwd", "users", "removed"}:
            return drift("format", "a state is an object with cwd, files, removed and users")
        if len(states.files(claim)) > states.MOST:
            return drift("format", f"a state of more than {states.MOST} files")
        script = str(scene.action.arguments.get("script", ""))
        loose = bool(read(script).unsettled) or bool(_VOLATILE.search(script))
        wrong = list(states.differences(claim, scene.after, loose))
        if not wrong:
            return MATCH
        what, value, true = wrong[0]
        known = _known(scene)
        if made := next((w for w, _, t in wrong if t is None and _last(w) not in known), ""):
            return drift("invented", f"the state has {made:.120}, which does not exist")
        forgot = any(states.forgotten(w, v, t, scene.before) for w, v, t in wrong)
        reason = f"{what:.120}: {states.brief(value)} instead of {states.brief(true)}"
        return drift("forgot_change" if forgot else "wrong_result", reason)

    def delta(self, before: Any, after: Any) -> int:
        return states.delta(before, after)


def _last(what: str) -> str:
    return what.removeprefix("user ").rsplit("/", 1)[-1]


def _known(scene: Transition) -> str:
    """All text in which a name may stand that is not invented."""
    parts = (scene.spec, scene.before, scene.after, scene.truth.text, scene.action.arguments)
    return "\n".join(canonical(p) if not isinstance(p, str) else p for p in parts)


class _Comparing:
    """One claim beside one truth."""

    def __init__(self, scene: Transition, reading: Reading, real: str, said: str) -> None:
        self.scene, self.reading = scene, reading
        self.human = bool(_HUMAN.search(str(scene.action.arguments.get("script", ""))[:10_000]))
        self.sure = shortened(real)
        self.real_text, self.said_text = real, said
        said = said.removesuffix(NOTICE) if said.endswith(NOTICE) else said
        self.real, self.said = tell(self.sure if self.sure is not None else real, reading), tell(said, reading)

    def finding(self) -> Judgement:
        rows, faults = self._rows(), self._faults()
        right = rows and faults and not self.reading.unsettled
        shape = self._wrapped() or self._refused(faults)
        if shape is None and (self.sure is not None or not right):
            shape = self._chat()
        if right and shape is None:
            return self._measured()
        if shape is not None:
            return shape
        if self.reading.unsettled:
            return Judgement(label="unverifiable", reason=self.reading.unsettled.strip())
        if self.sure is not None and not self.reading.ordered and faults and self._among():
            return Judgement(label="unverifiable", reason="it is cut, in an order that no command promises")
        return self._wrong(faults)

    def _measured(self) -> Judgement:
        """The rows are right; of `du`, also whether the sizes are, which depend on the file system."""
        if not self.reading.sizes or sizes(self.real_text) == sizes(self.said_text):
            return MATCH
        return Judgement(label="unverifiable", reason="the use of a disk depends on its file system")

    def _rows(self) -> bool:
        real, said = self.real.rows, self.said.rows
        if self.sure is not None and not self.real:
            return self.said_text.startswith(self.real_text.removesuffix(NOTICE))
        if self.sure is not None and self.reading.ordered:
            said = said[: len(real)]
        if len(real) == len(said) and all(_same(a, b, self.human) for a, b in zip(real, said, strict=True)):
            return True
        if self.reading.columns and len(said) < len(real) and not any(" " in r for r in real):
            return [w for row in said for w in row.split()] == list(real)
        return False

    def _among(self) -> bool:
        """Whether the rows that are sure appear in an output that was not cut."""
        return not Counter(self.real.rows) - Counter(self.said.rows) or len(self.said.rows) >= len(self.real.rows)

    def _faults(self) -> bool:
        left = list(self.said.faults)
        for fault in self.real.faults:
            match = next((f for f in left if fault.same(f)), None)
            if match is None:
                return False
            left.remove(match)
        return not left

    def _wrapped(self) -> Judgement | None:
        """Whether a claim is no output of a shell, whatever the truth is."""
        if _MARKUP.match(self.said_text) and not _MARKUP.match(self.real_text):
            return drift("format", "it is wrapped in something that no shell prints")
        if is_json(self.said_text) and not is_json(self.real_text):
            return drift("format", "it is JSON, and the output is none")
        lines = [x for x in self.said_text.split("\n") if x.strip()]
        bare = [_BULLET.sub("", x) for x in lines]
        if bare != lines and lines and tell("\n".join(bare), self.reading).rows == self.real.rows != self.said.rows:
            return drift("format", "the rows are a list in Markdown")
        return None

    def _own(self) -> list[str]:
        """Lines of the claim that are none of the truth's."""
        true = {x.strip() for x in self.real_text.split("\n")}
        return [x for x in self.said_text.split("\n") if x.strip() and x.strip() not in true]

    def _chat(self) -> Judgement | None:
        chat = next((x for x in self._own() if _CHAT.search(x[:300]) and not self._dull(x)), None)
        return drift("out_of_character", f"a shell does not say {chat!r:.100}") if chat else None

    def _refused(self, faults: bool) -> Judgement | None:
        """Whether a claim says that something does not work which does."""
        own = [x for x in self._own() if not self._dull(x)]
        if self.real.faults or not own or any(_PERSON.search(x[:500]) for x in own):
            return None
        if len(own) <= 3 and all(_REFUSAL.search(x[:500]) for x in own):
            return drift("refused_valid", f"it works, and {own[0]!r:.100} is said")
        if self.said.faults and not faults:
            return drift("refused_valid", f"it works, and {self.said.faults[0].text!r:.100} is said")
        return None

    def _dull(self, line: str) -> bool:
        """Whether a line in plain words is one of the machine's: its words are those of the truth, in other numbers."""
        words = [w.lower() for w in _WORD.findall(line)]
        known = self.real_text.lower()
        return bool(words) and sum(w in known for w in words) >= 0.8 * len(words)

    def _wrong(self, faults: bool) -> Judgement:
        """The class of a difference that is one."""
        real, said = self.real, self.said
        missing, extra = Counter(real.rows) - Counter(said.rows), Counter(said.rows) - Counter(real.rows)
        if real.faults and not faults:
            return self._misjudged(real.faults, extra)
        if said.faults and not faults:
            return drift("refused_valid", f"it works, and {said.faults[0].text!r:.100} is said")
        if not missing and not extra:
            return drift("wrong_result", "the rows are in another order than the command promises")
        if not real and (self.reading.silent or states.delta(self.scene.before, self.scene.after)):
            return drift("out_of_character", "the command prints nothing")
        if self._forgot(missing, extra):
            return drift("forgot_change", "what the action changed is not in the output")
        if unknown := self._unknown(extra):
            return drift("invented", f"{unknown[0]!r:.80} does not exist")
        first = next(iter(extra or missing))
        return drift("wrong_result", f"{'not so' if extra else 'left out'}: {first!r:.120}")

    def _misjudged(self, real: tuple[Fault, ...], extra: Counter[str]) -> Judgement:
        """The engine reports an error, and the claim another one or none."""
        wanted = f"the engine says {real[0].text!r:.120}"
        if self.said.faults:
            return drift("wrong_result", wanted)
        text = self.said_text
        if kind := kind_of(text) if len(text) < 300 else "":
            found = {"missing", "no command"} & {kind} and {"missing", "no command"} & {f.kind for f in real}
            near = kind in {f.kind for f in real} or found
            return MATCH if near and len(text.split("\n")) <= len(real) else drift("wrong_result", wanted)
        names = any(f.kind == "missing" for f in real)
        return drift("invented" if names and extra else "accepted_malformed", wanted)

    def _forgot(self, missing: Counter[str], extra: Counter[str]) -> bool:
        """Whether what is missing tells of the change, and what is there instead tells of the state before."""
        touched = states.names(self.scene.before, self.scene.after)
        if not touched or not missing:
            return False
        tells = all(any(n in row for n in touched) for row in missing)
        before, after = self.scene.before, self.scene.after
        was, now = states.files(before), states.files(after)
        old = "\n".join(str(was[p].get("text", "")) for p in was if was[p] != now.get(p))
        new = "\n".join(str(now[p].get("text", "")) for p in now if now[p] != was.get(p))
        edited = bool(old or new) and all(row in new for row in missing)
        return (tells and (not extra or all(any(n in row for n in touched) for row in extra))) or (
            edited and all(row in old for row in extra)
        )

    def _unknown(self, extra: Counter[str]) -> list[str]:
        """Names in rows that nobody gave."""
        known = _known(self.scene).lower() if extra else ""
        return [w for row in extra for w in _WORD.findall(row[:2000]) if w.lower().strip(".-") not in known]


_HUMAN = re.compile(r"\b(?:ls|du|df|free|sort|numfmt)\b[^|;&\n]*?\s-(?:[A-Za-z]*h[A-Za-z]*\b|-human|-si|-to)")
"""A command that is asked for sizes as people read them."""


def _same(a: str, b: str, human: bool) -> bool:
    """Whether two rows say the same; `human`: a size may be given in bytes or rounded to a unit."""
    if a == b:
        return True
    if a[:1].isspace() or b[:1].isspace():
        return False
    left, right = a.split(), b.split()
    return len(left) == len(right) and all(
        x == y or (human and _same_size(x, y)) for x, y in zip(left, right, strict=True)
    )


def _same_size(a: str, b: str) -> bool:
    """A size in bytes and one in K, M or G that rounds it, as `ls -h` and `du -h` do."""
    units = re.fullmatch(r"(\d+)(?:[.](\d))?([KMGT])", b if a.isdecimal() else a)
    plain = a if a.isdecimal() else b
    if not units or not plain.isdecimal() or len(plain) > 15:
        return False
    unit = 1024 ** (" KMGT".index(units[3]))
    value = float(f"{units[1]}.{units[2] or 0}") * unit
    return 0 <= value - int(plain) < unit * (0.1 if units[2] else 1)

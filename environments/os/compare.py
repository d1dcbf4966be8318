"""Compares a predicted output of a shell with the real one: rows and errors, as far as the state decides them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from simenv.compare import MATCH, Comparison, Judgement, Transition, drift, is_json
from simenv.errors import InvalidAction
from simenv.types import Action, Observation, Stop, canonical

from .checking import bash_syntax, states
from .checking.guarantees import OutputGuarantees
from .checking.output import ShellError, certain_part, error_kind, normalise_output, parse_output, sizes
from .checking.script_analysis import analyse_script
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
"""Commands that may write contents into a file that no state decides."""
_WORD = re.compile(r"[^\W\d_][\w.-]{2,}")


class OutputComparison(Comparison):
    """`bash -n` finds scripts that cannot run; a script's syntax tells what its output guarantees (checking/guarantees.py).

    If the state does not decide an output, a claim that refuses, chats or has the wrong format is still a drift.
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
        return bash_syntax.find_fault(script) if len(script) <= 100_000 else "the script is too long to be run"

    def observation(self, transition: Transition, claim: Observation) -> Judgement:
        truth, script = transition.truth, str(transition.action.arguments.get("script", ""))
        guarantees = analyse_script(script) if transition.action.name == "bash" else OutputGuarantees()
        claim_text = normalise_output(claim.text, script)
        if claim.stop is not None and claim.stop is not truth.stop:
            return drift("wrong_result", f"the episode is said to end as {claim.stop}")
        if truth.stop is Stop.submitted:
            return MATCH if not claim_text else drift("out_of_character", "an answer that ends the task shows nothing")
        if truth.invalid:
            refuses = claim.invalid or _REFUSAL.search(claim_text[:1000])
            return MATCH if refuses else drift("accepted_malformed", f"the engine refuses: {truth.text:.120}")
        real = normalise_output(truth.text, script)
        if claim_text == real and not guarantees.uncertainty:
            return MATCH
        if claim.invalid and not parse_output(real, guarantees).faults:
            return drift("refused_valid", "it is called invalid, and it works")
        return _StepComparison(transition, guarantees, real, claim_text).judge()

    def state(self, transition: Transition, claim: Any) -> Judgement:
        if not isinstance(claim, Mapping) or not claim.keys() & {"files", "cwd", "users", "removed"}:
            return drift("format", "a state is an object with cwd, files, removed and users")
        if len(states.files(claim)) > states.MAX_ENTRIES:
            return drift("format", f"a state of more than {states.MAX_ENTRIES} files")
        script = str(transition.action.arguments.get("script", ""))
        ignore_contents = bool(analyse_script(script).uncertainty) or bool(_VOLATILE.search(script))
        differences = list(states.differences(claim, transition.after, ignore_contents))
        if not differences:
            return MATCH
        place, value, true = differences[0]
        known_text = _known_text(transition)
        if new_entry := next((w for w, _, t in differences if t is None and _last(w) not in known_text), ""):
            return drift("invented", f"the state has {new_entry:.120}, which does not exist")
        is_stale = any(states.is_stale(w, v, t, transition.before) for w, v, t in differences)
        reason = f"{place:.120}: {states.as_text(value)} instead of {states.as_text(true)}"
        return drift("forgot_change" if is_stale else "wrong_result", reason)

    def delta(self, before: Any, after: Any) -> int:
        return states.delta(before, after)


def _last(place: str) -> str:
    return place.removeprefix("user ").rsplit("/", 1)[-1]


def _known_text(transition: Transition) -> str:
    """All text of spec, states, action and output; a name outside it is invented."""
    parts = (transition.spec, transition.before, transition.after, transition.truth.text, transition.action.arguments)
    return "\n".join(canonical(p) if not isinstance(p, str) else p for p in parts)


class _StepComparison:
    """Compares one claim with one real output."""

    def __init__(self, transition: Transition, guarantees: OutputGuarantees, real: str, claim: str) -> None:
        self.transition, self.guarantees = transition, guarantees
        self.human_sizes = bool(_HUMAN_SIZES.search(str(transition.action.arguments.get("script", ""))[:10_000]))
        self.certain = certain_part(real)
        self.real_text, self.claim_text = real, claim
        claim = claim.removesuffix(NOTICE) if claim.endswith(NOTICE) else claim
        self.real, self.claim = (
            parse_output(self.certain if self.certain is not None else real, guarantees),
            parse_output(claim, guarantees),
        )

    def judge(self) -> Judgement:
        """The judgement of the claim."""
        rows, faults = self._rows(), self._faults()
        right = rows and faults and not self.guarantees.uncertainty
        shape = self._wrong_format() or self._false_refusal(faults)
        if shape is None and (self.certain is not None or not right):
            shape = self._chat()
        if right and shape is None:
            return self._judge_sizes()
        if shape is not None:
            return shape
        if self.guarantees.uncertainty:
            return Judgement(label="unverifiable", reason=self.guarantees.uncertainty.strip())
        if self.certain is not None and not self.guarantees.ordered and faults and self._contains_rows():
            return Judgement(label="unverifiable", reason="it is cut, in an order that no command promises")
        return self._classify(faults)

    def _judge_sizes(self) -> Judgement:
        """Judge a claim whose rows are right. The sizes of `du` depend on the file system, so they cannot be verified."""
        if not self.guarantees.sizes or sizes(self.real_text) == sizes(self.claim_text):
            return MATCH
        return Judgement(label="unverifiable", reason="the use of a disk depends on its file system")

    def _rows(self) -> bool:
        real, claim = self.real.rows, self.claim.rows
        if self.certain is not None and not self.real:
            return self.claim_text.startswith(self.real_text.removesuffix(NOTICE))
        if self.certain is not None and self.guarantees.ordered:
            claim = claim[: len(real)]
        if len(real) == len(claim) and all(_same(a, b, self.human_sizes) for a, b in zip(real, claim, strict=True)):
            return True
        if self.guarantees.columns and len(claim) < len(real) and not any(" " in r for r in real):
            return [w for row in claim for w in row.split()] == list(real)
        return False

    def _contains_rows(self) -> bool:
        """Whether a claim has all rows of the certain part of an output that was cut."""
        return not Counter(self.real.rows) - Counter(self.claim.rows) or len(self.claim.rows) >= len(self.real.rows)

    def _faults(self) -> bool:
        remaining = list(self.claim.faults)
        for fault in self.real.faults:
            match = next((f for f in remaining if fault.same(f)), None)
            if match is None:
                return False
            remaining.remove(match)
        return not remaining

    def _wrong_format(self) -> Judgement | None:
        """A drift if a claim does not look like the output of any shell."""
        if _MARKUP.match(self.claim_text) and not _MARKUP.match(self.real_text):
            return drift("format", "it is wrapped in something that no shell prints")
        if is_json(self.claim_text) and not is_json(self.real_text):
            return drift("format", "it is JSON, and the output is none")
        lines = [x for x in self.claim_text.split("\n") if x.strip()]
        bare = [_BULLET.sub("", x) for x in lines]
        if (
            bare != lines
            and lines
            and parse_output("\n".join(bare), self.guarantees).rows == self.real.rows != self.claim.rows
        ):
            return drift("format", "the rows are a list in Markdown")
        return None

    def _new_lines(self) -> list[str]:
        """Lines of the claim that the real output does not have."""
        true = {x.strip() for x in self.real_text.split("\n")}
        return [x for x in self.claim_text.split("\n") if x.strip() and x.strip() not in true]

    def _chat(self) -> Judgement | None:
        chat = next((x for x in self._new_lines() if _CHAT.search(x[:300]) and not self._resembles_truth(x)), None)
        return drift("out_of_character", f"a shell does not say {chat!r:.100}") if chat else None

    def _false_refusal(self, faults: bool) -> Judgement | None:
        """A drift if a claim reports an error although the command works."""
        new_lines = [x for x in self._new_lines() if not self._resembles_truth(x)]
        if self.real.faults or not new_lines or any(_PERSON.search(x[:500]) for x in new_lines):
            return None
        if len(new_lines) <= 3 and all(_REFUSAL.search(x[:500]) for x in new_lines):
            return drift("refused_valid", f"it works, and {new_lines[0]!r:.100} is said")
        if self.claim.faults and not faults:
            return drift("refused_valid", f"it works, and {self.claim.faults[0].text!r:.100} is said")
        return None

    def _resembles_truth(self, line: str) -> bool:
        """Whether at least 80 % of a line's words appear in the real output."""
        words = [w.lower() for w in _WORD.findall(line)]
        truth = self.real_text.lower()
        return bool(words) and sum(w in truth for w in words) >= 0.8 * len(words)

    def _classify(self, faults: bool) -> Judgement:
        """The class of a real difference."""
        real, claim = self.real, self.claim
        missing, extra = Counter(real.rows) - Counter(claim.rows), Counter(claim.rows) - Counter(real.rows)
        if real.faults and not faults:
            return self._classify_errors(real.faults, extra)
        if claim.faults and not faults:
            return drift("refused_valid", f"it works, and {claim.faults[0].text!r:.100} is said")
        if not missing and not extra:
            return drift("wrong_result", "the rows are in another order than the command promises")
        if not real and (self.guarantees.silent or states.delta(self.transition.before, self.transition.after)):
            return drift("out_of_character", "the command prints nothing")
        if self._forgot_change(missing, extra):
            return drift("forgot_change", "what the action changed is not in the output")
        if unknown_names := self._unknown_names(extra):
            return drift("invented", f"{unknown_names[0]!r:.80} does not exist")
        first = next(iter(extra or missing))
        return drift("wrong_result", f"{'not so' if extra else 'left out'}: {first!r:.120}")

    def _classify_errors(self, real: tuple[ShellError, ...], extra: Counter[str]) -> Judgement:
        """Judge a claim that reports another error than the engine, or none."""
        reason = f"the engine says {real[0].text!r:.120}"
        if self.claim.faults:
            return drift("wrong_result", reason)
        text = self.claim_text
        if kind := error_kind(text) if len(text) < 300 else "":
            both_missing = {"missing", "no command"} & {kind} and {"missing", "no command"} & {f.kind for f in real}
            similar = kind in {f.kind for f in real} or both_missing
            return MATCH if similar and len(text.split("\n")) <= len(real) else drift("wrong_result", reason)
        is_missing = any(f.kind == "missing" for f in real)
        return drift("invented" if is_missing and extra else "accepted_malformed", reason)

    def _forgot_change(self, missing: Counter[str], extra: Counter[str]) -> bool:
        """Whether missing rows show the change, and extra rows the state before."""
        changed_names = states.changed_names(self.transition.before, self.transition.after)
        if not changed_names or not missing:
            return False
        names_change = all(any(n in row for n in changed_names) for row in missing)
        before, after = self.transition.before, self.transition.after
        files_before, files_after = states.files(before), states.files(after)
        old = "\n".join(
            str(files_before[p].get("text", "")) for p in files_before if files_before[p] != files_after.get(p)
        )
        new = "\n".join(
            str(files_after[p].get("text", "")) for p in files_after if files_after[p] != files_before.get(p)
        )
        is_edit = bool(old or new) and all(row in new for row in missing)
        return (names_change and (not extra or all(any(n in row for n in changed_names) for row in extra))) or (
            is_edit and all(row in old for row in extra)
        )

    def _unknown_names(self, extra: Counter[str]) -> list[str]:
        """Names in extra rows that appear nowhere in spec, states, action and output."""
        known_text = _known_text(self.transition).lower() if extra else ""
        return [w for row in extra for w in _WORD.findall(row[:2000]) if w.lower().strip(".-") not in known_text]


_HUMAN_SIZES = re.compile(r"\b(?:ls|du|df|free|sort|numfmt)\b[^|;&\n]*?\s-(?:[A-Za-z]*h[A-Za-z]*\b|-human|-si|-to)")
"""A command with an option for human-readable sizes."""


def _same(a: str, b: str, human_sizes: bool) -> bool:
    """Whether two rows are equal; with `human_sizes` a size may be in bytes or rounded to a unit."""
    if a == b:
        return True
    if a[:1].isspace() or b[:1].isspace():
        return False
    left, right = a.split(), b.split()
    return len(left) == len(right) and all(
        x == y or (human_sizes and _same_size(x, y)) for x, y in zip(left, right, strict=True)
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

"""Compares one claimed output of a script with the real one: rows and errors, and where they differ, the class of the error."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from simenv.compare import MATCH, Judgement, Transition, drift, is_json

from . import cuts, states
from .errors import ShellError, asserts_more, error_kind
from .guarantees import OutputGuarantees
from .output import parse_output, sizes

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
REFUSAL = re.compile(
    r"\b(not found|no such|cannot|can't|could not|unable|does(?: not|n't) exist|permission denied|not permitted|invalid"
    r"|denied|failed|error|usage:|unknown|not recognized|refused|unexpected|syntax|no action)\b",
    re.I,
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_][\w.-]{2,}")
_HUMAN_SIZES = re.compile(r"\b(?:ls|du|df|free|sort|numfmt)\b[^|;&\n]*?\s-(?:[A-Za-z]*h[A-Za-z]*\b|-human|-si|-to)")
"""A command with an option for human-readable sizes."""
_GAP = r"(?:\t| {2,})"
"""What stands for a tab: a terminal shows it as blanks, at least two of them."""


class StepComparison:
    """Compares one claim with one real output."""

    def __init__(
        self, transition: Transition, guarantees: OutputGuarantees, real: str, claim: str, known_text: Callable[[], str]
    ) -> None:
        self.transition, self.guarantees, self.known_text = transition, guarantees, known_text
        self.human_sizes = bool(_HUMAN_SIZES.search(str(transition.action.arguments.get("script", ""))[:10_000]))
        self.shown = cuts.shown_part(real)
        self.real_text, self.claim_text = real, claim
        whole_lines = real if self.shown is None else self.shown.rpartition("\n")[0]
        self.body, self.is_cut = (claim, False) if self.shown is None else cuts.strip_notice(claim)
        self.real, self.claim = parse_output(whole_lines, guarantees), parse_output(self.body, guarantees)

    def judge(self) -> Judgement:
        """The judgement of the claim."""
        rows, faults = self._rows(), self._faults()
        right = rows and faults and not self.guarantees.uncertainty
        shape = self._wrong_format() or self._false_refusal(faults)
        if shape is None and (self.shown is not None or not right):
            shape = self._chat()
        if shape is not None:
            return shape
        if right:
            return self._judge_sizes() if self.shown is None else self._judge_cut()
        if self.guarantees.uncertainty:
            return Judgement(label="unverifiable", reason=self.guarantees.uncertainty.strip())
        if self.shown is not None and not self.guarantees.ordered and faults and self._contains_rows():
            return Judgement(label="unverifiable", reason="it is cut, in an order that no command promises")
        return self._classify(faults)

    def _judge_sizes(self) -> Judgement:
        """Judge a claim whose rows are right. The sizes of `du` depend on the file system, so they cannot be verified."""
        if not self.guarantees.sizes or sizes(self.real_text) == sizes(self.claim_text):
            return MATCH
        return Judgement(label="unverifiable", reason="the use of a disk depends on its file system")

    def _judge_cut(self) -> Judgement:
        """Judge a claim that agrees with the part of a cut output that the engine shows."""
        assert self.shown is not None
        reach = cuts.reach(self.shown, self.body, self.is_cut)
        if reach == "short":
            return drift("wrong_result", "it ends before the output is cut")
        if reach == "beyond":
            return Judgement(label="unverifiable", reason="it tells what stands behind the cut")
        return MATCH

    def _rows(self) -> bool:
        real, claim = self.real.rows, self.claim.rows
        if self.shown is not None and self.guarantees.ordered:
            return self._beginning(real, claim)
        if len(real) == len(claim) and all(_same(a, b, self.human_sizes) for a, b in zip(real, claim, strict=True)):
            return True
        if self.guarantees.columns and len(claim) < len(real) and not any(" " in r for r in real):
            return [w for row in claim for w in row.split()] == list(real)
        return False

    def _beginning(self, real: tuple[str, ...], claim: tuple[str, ...]) -> bool:
        """Whether a claim agrees with the lines before the cut as far as it goes, and with the line that breaks off."""
        assert self.shown is not None
        *lines, last = claim or ("",)
        if len(claim) <= len(real):
            same = all(_same(a, b, self.human_sizes) for a, b in zip(real, lines, strict=False))
            return same and real[len(lines)].startswith(last.rstrip()) if len(lines) < len(real) else same
        if not all(_same(a, b, self.human_sizes) for a, b in zip(real, claim, strict=False)):
            return False
        broken = " ".join(self.shown.rpartition("\n")[2].split())
        words = " ".join(claim[len(real)].split())
        return words.startswith(broken) or (broken.startswith(words) and len(claim) == len(real) + 1)

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
        if len(new_lines) <= 3 and all(REFUSAL.search(x[:500]) for x in new_lines):
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
            says_more = asserts_more(text, self.real_text) or len(text.split("\n")) > len(real)
            return MATCH if similar and not says_more and not self.real.rows else drift("wrong_result", reason)
        is_missing = any(f.kind == "missing" for f in real)
        return drift("invented" if is_missing and extra else "accepted_malformed", reason)

    def _forgot_change(self, missing: Counter[str], extra: Counter[str]) -> bool:
        """Whether missing rows show the change, and extra rows the state before."""
        before, after = self.transition.before, self.transition.after
        names = states.changed_names(before, after)
        if not names or not missing:
            return False
        if all(_mentions(row, names) for row in missing) and all(_mentions(row, names) for row in extra):
            return True
        old, new = states.changed_text(before, after), states.changed_text(after, before)
        is_edit = bool(old or new) and all(row in new for row in missing)
        return is_edit and all(row in old for row in extra)

    def _unknown_names(self, extra: Counter[str]) -> list[str]:
        """Names in extra rows that appear nowhere in spec, states, action and output."""
        known_text = self.known_text().lower() if extra else ""
        return [w for row in extra for w in _WORD.findall(row[:2000]) if w.lower().strip(".-") not in known_text]


def _mentions(row: str, names: set[str]) -> bool:
    return any(n in row for n in names)


def _same(true: str, claim: str, human_sizes: bool) -> bool:
    """Whether two rows are equal; blanks may stand for a tab, and with `human_sizes` a size may be in bytes or rounded."""
    if true == claim:
        return True
    if "\t" in true and re.fullmatch(_GAP.join(map(re.escape, true.split("\t"))), claim):
        return True
    left, right = true.split(), claim.split()
    return (
        human_sizes
        and len(left) == len(right)
        and all(x == y or _same_size(x, y) for x, y in zip(left, right, strict=True))
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

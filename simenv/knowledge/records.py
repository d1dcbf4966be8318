"""Records of data sets as questions with answers, whatever their fields are called; the raw record stays beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from simenv.documents import rows
from simenv.errors import Unreadable
from simenv.knowledge.passage import Source
from simenv.types import Data, Text

_QUESTION = ("question", "query", "instruction", "prompt", "problem", "sent1", "claim")
_ANSWER = ("answer", "final_decision", "response", "output", "correct_answer", "target")
_EXPLANATION = ("long_answer", "exp", "explanation", "rationale", "solution", "support")
_CONTEXT = ("contexts", "context", "passage", "input", "evidence", "background", "abstract")
_OPTIONS = ("options", "choices")
_LETTERED = ("opa", "opb", "opc", "opd", "ope")
_CHOSEN = ("cop", "answer_idx", "answerkey", "answer", "label", "gold")
TRAIN = "train"


class Record(Data):
    """One item of a data set. `raw` is the record as JSON, `source` where it stands; `row` counts from 1."""

    id: str
    question: Text
    answer: Text
    explanation: Text = ""
    context: Text = ""
    options: tuple[Text, ...] = ()
    raw: Text
    row: int
    source: Source


class _Fields(NamedTuple):
    """The values of a record by the names of its fields in lower case."""

    values: dict[str, Any]

    @classmethod
    def of(cls, value: Any) -> _Fields:
        found = dict(value) if isinstance(value, dict) else {}
        inner = found.get("data")
        return cls(
            {str(k).casefold(): v for k, v in ({**found, **inner} if isinstance(inner, dict) else found).items()}
        )

    def text(self, names: tuple[str, ...]) -> str:
        """The first of the fields that holds a text, a number, or a list of texts."""
        for name in names:
            value = self.values.get(name)
            if isinstance(value, dict):
                value = next((v for v in (value.get("contexts"), value.get("text")) if v), None)
            if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
                return "\n".join(value)
            if isinstance(value, str | int | float) and str(value).strip():
                return str(value).strip()
        return ""

    @property
    def options(self) -> tuple[str, ...]:
        """The possible answers, in their order."""
        for name in _OPTIONS:
            value = self.values.get(name)
            value = value.get("text", list(value.values())) if isinstance(value, dict) else value
            if isinstance(value, list) and value:
                return tuple(str(v.get("text", v.get("value", "")) if isinstance(v, dict) else v) for v in value)
        return tuple(str(self.values[name]) for name in _LETTERED if self.values.get(name))

    def chosen(self, first: int) -> str:
        """The option that is marked as right, by a letter or by a number that counts from `first`; '' for none."""
        mark = next((str(self.values[name]).strip() for name in _CHOSEN if self.values.get(name) is not None), "")
        if len(mark) == 1 and mark.isalpha():
            place = ord(mark.upper()) - ord("A")
        else:
            place = int(mark) - first if mark.isdecimal() else -1
        return self.options[place] if 0 <= place < len(self.options) else ""

    @property
    def counts_from_zero(self) -> bool:
        """Whether the mark of the right option is a zero."""
        return any(str(self.values.get(name)).strip() == "0" for name in _CHOSEN)


def records(path: Path, name: str, sha256: str) -> Iterator[Record | Unreadable]:
    """The records of a file (.json, .jsonl, .parquet); Unreadable in place of one that is damaged or asks nothing.

    `name` is what the set is called in the sources. Right options that are marked by numbers count from 0 if one of the file
    is 0, else from 1.
    """
    first = 0 if any(_Fields.of(row.value).counts_from_zero for row in rows(path)) else 1
    for number, (where, value) in enumerate(rows(path), 1):
        if isinstance(value, Unreadable):
            yield value
            continue
        fields = _Fields.of(value)
        question, written, chosen = fields.text(_QUESTION), fields.text(_ANSWER), fields.chosen(first)
        explanation = fields.text(_EXPLANATION) or (written if len(written) > len(chosen) > 0 else "")
        answer = chosen or written or explanation
        if not question or not answer:
            missing = "a question under one of " + ", ".join(_QUESTION)
            if question:
                missing = "an answer under one of " + ", ".join((*_ANSWER, *_EXPLANATION))
            yield Unreadable(where, f"expected {missing}, got the fields {', '.join(fields.values) or 'none'}"[:500])
            continue
        yield Record(
            id=f"{sha256[:12]}-{number}",
            question=question,
            answer=answer,
            explanation=explanation,
            context=fields.text(_CONTEXT),
            options=fields.options,
            raw=json.dumps(value, ensure_ascii=False),
            row=number,
            source=Source(file=name, sha256=sha256),
        )


def training_files(path: Path) -> list[Path]:
    """The files of a set: the file itself, or of a folder those of its training split, all of them where it has none."""
    if not path.is_dir():
        return [path]
    files = sorted(p for p in path.rglob("*") if p.suffix in (".json", ".jsonl", ".parquet") and p.is_file())
    return [p for p in files if any(TRAIN in part.casefold() for part in p.relative_to(path).parts)] or files

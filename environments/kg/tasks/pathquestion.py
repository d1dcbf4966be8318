"""PathQuestion (Zhou et al., arXiv 1801.03257) and PathQuestion-Large: a question, its answers and its path a line."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from simenv.documents import is_file

_FIRST = re.compile(r"[^\t]+\t[^\t]+\t[^\t#]+#[^\t#]+#[^\t]+")
"""The first line of a file of questions."""
_KNOWLEDGE = {
    (False, "2"): ("2H-kb.txt",), (False, "3"): ("3H-kb.txt",),
    (True, "2"): ("PQL2-KB.txt", "exact_2mkb.txt"), (True, "3"): ("PQL3-KB.txt", "exact_2mkb3.txt"),
}  # fmt: skip
"""The files of triples, by whether they are of PathQuestion-Large and by hops: by readme.txt and as the repository has them."""
_LONGEST_LINE, _LONGEST_LABEL = 1_000_000, 500
_MOST_ANSWERS, _MOST_BRACKETS = 10_000, 20
_FOLDERS = ("", "PathQuestion", "data/PQ", "data/PQL")
"""The folders of the repository, in each of which lies a part of its files."""


class PathLine(NamedTuple):
    """A question, the labels that answer it, where its path begins, and the relations on the path."""

    question: str
    answers: tuple[str, ...]
    topic: str
    relations: tuple[str, ...]


def is_path_file(start: str) -> bool:
    """Whether a file that begins with this text holds paths."""
    return _FIRST.match(start.partition("\n")[0]) is not None


def read_path_line(line: str, labels: Container[str]) -> PathLine:
    """A line `question, one(all/of/them/), path` or `question, one, path, all/of/them/, subgraph`, between tabs.

    A path is `topic#relation#entity#relation#entity`, in PathQuestion with `#<end>#entity` behind it. ValueError where
    the line has another form; `labels` are those that the graph knows.
    """
    if len(line) > _LONGEST_LINE:
        raise ValueError(f"a line of {len(line)} characters, more than {_LONGEST_LINE}")
    fields = line.split("\t")
    if len(fields) not in (3, 5):
        raise ValueError(f"expected question, answer and path between tabs, found {len(fields)} fields")
    answer = fields[1].strip()
    answers = _all_of(f"{answer}({fields[3].strip()})" if len(fields) == 5 else answer, labels)
    topic, *links = fields[2].strip().partition("#<end>#")[0].split("#")
    if not links or len(links) % 2:
        raise ValueError(f"path: expected topic#relation#entity#…, found {fields[2]!r:.80}")
    if links[-1] not in answers:
        raise ValueError(f"path: ends at {links[-1]!r:.80}, which is none of the answers")
    return PathLine(fields[0].strip(), answers, topic, tuple(links[::2]))


def _all_of(text: str, labels: Container[str]) -> tuple[str, ...]:
    """The labels in the last brackets of `one(all/of/them/)`, of which `one` is one; labels may hold brackets and slashes."""
    if text.endswith("/)") and text.count("/") <= _MOST_ANSWERS:
        places = (m.start() for m in re.finditer(r"\(", text[: _LONGEST_LABEL + 1]))
        likely = (p for p in places if f"/{text[:p]}/" in f"/{text[p + 1 : -1]}")
        for place in islice(likely, _MOST_BRACKETS):
            answers = _split(text[place + 1 : -2], labels)
            if text[:place] in answers:
                return answers
    raise ValueError(f"answer: expected one(all/of/them/), found {text!r:.80}")


def _split(text: str, labels: Container[str]) -> tuple[str, ...]:
    """The parts between slashes, joined where only together they are a label."""
    words, found, start = text.split("/"), [], 0
    while start < len(words):
        ends = range(min(len(words), start + 8), start + 1, -1)
        end = next((e for e in ends if "/".join(words[start:e]) in labels), start + 1)
        found.append("/".join(words[start:end]))
        start = end
    return tuple(dict.fromkeys(found))


def knowledge_file(path: Path) -> Path:
    """The file of triples for a file of questions, beside it or where the repository has it. ValueError without one."""
    is_large = "PQL" in path.name or path.parent.name == "PQL"
    hops = re.search(r"(\d)[Hh]", path.name)
    names = _KNOWLEDGE.get((is_large, hops[1] if hops else ""), ())
    if file := next(_present(path.parent, names), None):
        return file
    files = [f for f in sorted(path.parent.glob("*.txt")) if "kb" in f.name.lower() and hops and hops[1] in f.name]
    files = [f for f in files if f.name.startswith("PQL") == is_large]
    if len(files) != 1:
        expected = " or ".join(names) or "2H-kb.txt, for the hops that the file's name tells,"
        raise ValueError(f"expected one file of triples, {expected} beside it or in its repository; found {len(files)}")
    return files[0]


def _present(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    roots = (folder, folder.parent, folder.parent.parent)
    yield from (f for name in names for root in roots for sub in _FOLDERS if is_file(f := root / sub / name))

"""MetaQA (Zhang et al., arXiv 1709.04071): questions of one to three hops about films, over the triples of kb.txt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from simenv.documents import is_file

from .labelled_graph import LabelledGraph

RELATIONS = {
    "director": "directed_by", "writer": "written_by", "actor": "starred_actors", "year": "release_year",
    "language": "in_language", "genre": "has_genre", "tags": "has_tags", "tag": "has_tags",
    "imdbrating": "has_imdb_rating", "imdbvotes": "has_imdb_votes",
}  # fmt: skip
"""The relations, by the words of question types such as `actor_to_movie_to_year`."""
INVERSES = {relation: f"{relation}_inverse" for relation in RELATIONS.values()}
_FIRST = re.compile(r"[^\t\n]*\[[^\t\n]+\][^\t\n]*\t[^\t\n]+")
_MOST_REACHED = 2000
"""Labels at a place from which a path is looked for further."""


class BracketLine(NamedTuple):
    """A question without its brackets, the label that stood in them, and the labels that answer it."""

    question: str
    topic: str
    answers: frozenset[str]


def is_bracket_file(start: str) -> bool:
    """Whether a file that begins with this text holds such questions."""
    return _FIRST.fullmatch(start.partition("\n")[0].rstrip("\r")) is not None


def read_bracket_line(line: str) -> BracketLine:
    """A line `what did [Joe Thomas] appear in<tab>one|two`. ValueError where it is none."""
    question, tab, answers = line.partition("\t")
    match = re.fullmatch(r"([^\[]*)\[(.+)\](.*)", question)
    if not tab or not answers.strip() or match is None:
        raise ValueError(f"expected a question with its [topic], a tab and answers between `|`, found {line!r:.80}")
    before, topic, after = match.groups()
    return BracketLine(f"{before}{topic}{after}".strip(), topic, frozenset(answers.strip().split("|")))


def beside(path: Path, name: str) -> Path | None:
    """A file of this name in the folder of `path`, or in one of the two above it."""
    return next((f for folder in list(path.parents)[:3] if is_file(f := folder / name)), None)


def hops(path: Path) -> int | None:
    """The hops that the folder or the name of a file tells, as `2-hop` does."""
    match = next((m for part in reversed(path.parts) if (m := re.search(r"([123])-?hop", part))), None)
    return int(match[1]) if match else None


def typed_path(question_type: str) -> tuple[str, ...]:
    """The relations of a question type such as `actor_to_movie_to_year`. ValueError if it is none."""
    words = question_type.strip().split("_to_")
    steps = []
    for one, other in pairwise(words):
        relation = RELATIONS.get(one if other == "movie" else other)
        if relation is None or (one == "movie") == (other == "movie"):
            raise ValueError(f"question type: {question_type!r:.80} is none of MetaQA's")
        steps.append(INVERSES[relation] if other == "movie" else relation)
    return tuple(steps)


def found_path(graph: LabelledGraph, line: BracketLine, hops: int | None) -> tuple[str, ...] | None:
    """The first path from the topic, by length and the alphabet, that leads to the answers and to nothing else."""
    ends = (end for count in ((hops,) if hops else (1, 2, 3)) for end in _ends(graph, line.topic, count))
    return next((path for path, labels in ends if labels == line.answers), None)


def _ends(graph: LabelledGraph, topic: str, count: int) -> Iterator[tuple[tuple[str, ...], frozenset[str]]]:
    """All paths of `count` relations, and the labels at their ends."""
    if count == 0:
        yield (), frozenset((topic,))
        return
    for path, labels in _ends(graph, topic, count - 1):
        if len(labels) <= _MOST_REACHED:
            for relation in graph.relations(labels):
                yield (*path, relation), graph.follow(labels, relation)

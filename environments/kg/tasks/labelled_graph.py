"""A graph made from triples of labels, as text files of questions bring them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

Triple = tuple[str, str, str]
"""Label of the subject, relation, label of the object."""

_NO_ID = re.compile(r"[\s\x00-\x1f\x7f#(),<>\"{}|\\^`\[\]%]")
"""Characters that no id holds."""
_RELATION = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,119}", re.ASCII)
_LONGEST_ID, _LONGEST_NAME = 200, 500


def entity_id(label: str) -> str:
    """The id of a label: the label, its awkward characters as `%` and their bytes, since ids stand in calls and IRIs."""
    return _NO_ID.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), label)


def triple_fault(triple: Iterable[str]) -> str:
    """Why a triple cannot be part of a graph; '' if it can."""
    subject, relation, obj = triple
    if not _RELATION.fullmatch(relation):
        return f"relation: expected a name of letters, digits, `_`, `.` and `-`, found {relation!r:.80}"
    for label in (subject, obj):
        if not label or len(label) > _LONGEST_NAME or len(entity_id(label)) > _LONGEST_ID:
            return f"entity: expected a label of at most {_LONGEST_ID} characters, found {label!r:.80}"
    return ""


class LabelledGraph:
    """The graph of some triples. `inverses` gives the other direction of each relation a name of its own.

    The data has no types: an object that is never a subject gets its relation's name as its type, all other entities the
    type `topic`.
    """

    def __init__(self, triples: Iterable[Triple], inverses: Mapping[str, str] | None = None) -> None:
        self.triples = tuple(dict.fromkeys(triples))
        self.inverses = dict(inverses or {})

    @cached_property
    def labels(self) -> frozenset[str]:
        """The labels of all entities."""
        return frozenset(label for subject, _, obj in self.triples for label in (subject, obj))

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The graph as a world takes it; the same object each time."""
        subjects = {s for s, _, _ in self.triples}
        leads_on = {r for _, r, o in self.triples if o in subjects}
        ids = {label: entity_id(label) for label in sorted(self.labels)}
        return {
            "entities": {id: {} if id == label else {"name": label} for label, id in ids.items()},
            "relations": {r: self._ends(r, r in leads_on) for r in sorted({r for _, r, _ in self.triples})},
            "triples": [[ids[s], r, ids[o]] for s, r, o in self.triples],
        }

    def _ends(self, relation: str, leads_on: bool) -> dict[str, str]:
        ends = {"domain": "topic", "range": "topic" if leads_on else relation}
        return ends | {"inverse": self.inverses[relation]} if relation in self.inverses else ends

    def reached(self, topic: str, path: Iterable[str]) -> frozenset[str]:
        """The labels at the end of a path of relations or inverses."""
        labels = frozenset((topic,))
        for relation in path:
            labels = self.follow(labels, relation)
        return labels

    def follow(self, labels: frozenset[str], relation: str) -> frozenset[str]:
        """The labels to which a relation or inverse leads from some labels."""
        objects = self._neighbours.get(relation, {})
        return frozenset(o for label in labels for o in objects.get(label, ()))

    def relations(self, labels: frozenset[str]) -> list[str]:
        """The relations and inverses that lead on from one of the labels, by the alphabet."""
        return sorted(r for r, objects in self._neighbours.items() if not labels.isdisjoint(objects))

    @cached_property
    def _neighbours(self) -> dict[str, dict[str, list[str]]]:
        """By relation and label: the labels that it leads to."""
        neighbours: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for subject, relation, obj in self.triples:
            neighbours[relation][subject].append(obj)
            if relation in self.inverses:
                neighbours[self.inverses[relation]][obj].append(subject)
        return {relation: dict(objects) for relation, objects in neighbours.items()}

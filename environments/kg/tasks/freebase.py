"""Records of WebQSP, ComplexWebQuestions and GrailQA: questions over Freebase, whose triples are behind an endpoint."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from simenv.documents import file_text, is_file

from ..engine.logical_forms import LogicalForm
from ..engine.terms import number
from .query_graph import Edge, Extreme, NoForm, QueryGraph, read_sparql

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_REVERSES = ("reverse_properties", "ontology/reverse_properties")
"""GrailQA's table of the relations that are two directions of one, beside a file of questions."""
_FUNCTIONS = {"argmax": "ARGMAX", "argmin": "ARGMIN"}


class Question(NamedTuple):
    """A question: its id, its words, its entities by name, the ids or values that answer it, its kind, and its form.

    The form is None where the tools cannot build the query.
    """

    id: str
    text: str
    mentions: dict[str, str]
    answers: tuple[str, ...]
    kind: str
    form: LogicalForm | None


def answer_text(argument: Any, is_value: bool) -> str:
    """An entity's id, or a value in the world's spelling."""
    text = str(argument)
    if not is_value:
        return text
    return number(text) if _NUMBER.fullmatch(text) else text.removesuffix("-08:00")


def reverse_relations(folder: Path) -> dict[str, str]:
    """By relation, the one that goes the other way, from a table beside the questions; empty without one."""
    file = next((f for name in _REVERSES if is_file(f := folder / name)), None)
    pairs = [line.split() for line in file_text(file).splitlines()] if file else []
    forward = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
    return {other: one for one, other in forward.items()} | forward


def webqsp(record: Mapping[str, Any], reverses: Mapping[str, str]) -> Question:
    """A question of WebQSP, by the first of its parses that has answers. KeyError, TypeError or ValueError where it is none."""
    parses = [parse for parse in record["Parses"] if parse["Answers"]]
    if not parses:
        raise ValueError("Parses: none of them has an answer")
    parse = parses[0]
    query = _query(parse["Sparql"], reverses)
    names = {str(parse["TopicEntityMid"]): parse.get("TopicEntityName") or parse.get("PotentialTopicEntityMention")}
    for constraint in parse.get("Constraints") or ():
        if constraint.get("ArgumentType") == "Entity":
            names.setdefault(str(constraint["Argument"]), constraint.get("EntityName"))
    answers = [answer_text(a["AnswerArgument"], a.get("AnswerType") == "Value") for a in parse["Answers"]]
    text = record.get("RawQuestion") or record["ProcessedQuestion"]
    return _question(record["QuestionId"], text, names, answers, "webqsp", query)


def complex_web_question(record: Mapping[str, Any], reverses: Mapping[str, str]) -> Question:
    """A question of ComplexWebQuestions. The file names no entities; those of the query go by their ids."""
    query = _query(record["sparql"], reverses)
    ids = re.findall(r"\bns:([mg]\.\w+)", str(record["sparql"]))
    # An answer without an id is a value, and stands there as text.
    answers = [
        answer_text(a["answer_id"], False) if a.get("answer_id") else answer_text(a["answer"], True)
        for a in record["answers"]
    ]
    kind = f"cwq {record.get('compositionality_type', '')}".strip()
    return _question(record["ID"], record["question"], dict.fromkeys(ids), answers, kind, query)


def grailqa(record: Mapping[str, Any], reverses: Mapping[str, str]) -> Question:
    """A question of GrailQA, by its graph of nodes and edges."""
    nodes = record["graph_query"]["nodes"]
    names = {str(node["id"]): node.get("friendly_name") for node in nodes if node["node_type"] == "entity"}
    answers = [answer_text(a["answer_argument"], a.get("answer_type") == "Value") for a in record["answer"]]
    kind = f"grailqa {record.get('level', '')}".strip()
    query = _grailqa_query(nodes, record["graph_query"]["edges"], reverses)
    return _question(record["qid"], record["question"], names, answers, kind, query)


def _grailqa_query(
    nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]], reverses: Mapping[str, str]
) -> QueryGraph | None:
    names = {n["nid"]: str(n["id"]) if n["node_type"] == "entity" else f"?{n['nid']}" for n in nodes}
    target = next(node for node in nodes if node["question_node"])
    literals = {n["nid"]: n["function"] for n in nodes if n["node_type"] == "literal"}
    if any(function not in _FUNCTIONS for function in literals.values()) or len(literals) > 1:
        return None
    extreme = next((Extreme(_FUNCTIONS[f], names[n]) for n, f in literals.items()), None)  # type: ignore[arg-type]
    patterns = tuple(Edge(names[e["start"]], e["relation"], names[e["end"]]) for e in edges)
    return QueryGraph(patterns, names[target["nid"]], extreme, target["function"] == "count", reverses)


def _query(sparql: Any, reverses: Mapping[str, str]) -> QueryGraph | None:
    try:
        return read_sparql(sparql, reverses) if isinstance(sparql, str) else None
    except NoForm:
        return None


def _question(
    id: Any, text: Any, names: Mapping[str, Any], answers: Sequence[str], kind: str, query: QueryGraph | None
) -> Question:
    if not isinstance(text, str) or not text.strip():
        raise TypeError(f"question: expected a text, found {text!r:.80}")
    if not answers:
        raise ValueError("answers: there are none")
    mentions: dict[str, str] = {}
    for entity, name in names.items():
        free = isinstance(name, str) and bool(name.strip()) and name not in mentions
        mentions[str(name) if free else entity] = entity
    try:
        form = query.form() if query else None
    except NoForm:
        form = None
    return Question(str(id), text.strip(), mentions, tuple(sorted(set(answers))), kind, form)

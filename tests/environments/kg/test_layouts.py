"""Question sets as their repositories have them: look-alikes of each layout are read, admitted and solved."""

import asyncio
import json
import time

import pytest

from simenv import plugins
from simenv.plugins.environments.kg.engine.local_graph import PREFIX, LocalGraph
from simenv.plugins.environments.kg.sources import Freebase, MetaQA, PathQuestion
from simenv.plugins.environments.kg.tasks.query_graph import NoForm, read_sparql
from simenv.plugins.environments.kg.world import KG
from simenv.runtime import task_reader
from simenv.source import Rejected
from simenv.teach.admission import admit
from simenv.types import Action, Task

ENVIRONMENT = plugins.environment("kg")


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text if isinstance(text, str) else json.dumps(text))


def read(path, reader):
    assert isinstance(task_reader(ENVIRONMENT, path), reader)
    return list(task_reader(ENVIRONMENT, path).tasks(path))


def admitted(task, **options):
    return asyncio.run(admit(KG(KG.Options(**options)), ENVIRONMENT, task))


# PathQuestion, github.com/zmtkeke/IRN.

TRIPLES = (
    "Earthquake\t__music__recording__tracks\tEarthquake\nEarthquake\t__film__film__rating\tPG_(USA)\n"
    "PG_(USA)\t__common__topic__notable_types\tAC/DC\nPG_(USA)\t__common__topic__notable_types\tB,_C\n"
    "PG_(USA)\t__base__seen_in\tEarthquake\nOther\t__common__topic__notable_types\tZ\n"
)
LARGE_2H = (
    " what is the rating of Earthquake 's tracks ?\tPG_(USA)(PG_(USA)/)\t"
    "Earthquake#__music__recording__tracks#Earthquake#__film__film__rating#PG_(USA)\n"
    " the rating of PG_(USA) 's seen_in ?\tPG_(USA)(PG_(USA)/)\t"
    "PG_(USA)#__base__seen_in#Earthquake#__film__film__rating#PG_(USA)\n"
)
LARGE_3H = (
    " the notable_types ?\tAC/DC(AC/DC/B,_C/)\t"
    "Earthquake#__music__recording__tracks#Earthquake#__film__film__rating#PG_(USA)#__common__topic__notable_types#AC/DC\n"
)


@pytest.mark.parametrize("questions", ["PathQuestion/PQL-2H.txt", "PathQuestion/withend-PQL-2H.txt", "PQL-2H.txt"])
@pytest.mark.parametrize("knowledge", ["{beside}PQL2-KB.txt", "data/PQL/exact_2mkb.txt"])
def test_pathquestion_large_is_read_where_its_repository_has_it(tmp_path, questions, knowledge):
    beside = questions[: questions.rfind("/") + 1]
    text = LARGE_2H.replace("#PG_(USA)\n", "#PG_(USA)#<end>#PG_(USA)\n") if "withend" in questions else LARGE_2H
    write(tmp_path, {questions: text, knowledge.format(beside=beside): TRIPLES, f"{beside}2H-kb.txt": "a\tb\tc\n"})
    first, second = read(tmp_path / questions, PathQuestion)
    assert (
        first.goal["answers"] == ["PG_%28USA%29"]
        and first.instruction == "what is the rating of Earthquake 's tracks ?"
    )
    assert first.spec["graph"]["entities"]["PG_%28USA%29"] == {"name": "PG_(USA)"}
    assert second.spec["mentions"] == {"PG_%28USA%29": "PG_%28USA%29"}
    assert isinstance(admitted(first), Task) and isinstance(admitted(second), Task)


def test_labels_with_slashes_commas_and_brackets_are_told_apart(tmp_path):
    write(tmp_path, {"PathQuestion/PQL-3H_more.txt": LARGE_3H, "PathQuestion/PQL3-KB.txt": TRIPLES})
    (task,) = read(tmp_path / "PathQuestion" / "PQL-3H_more.txt", PathQuestion)
    assert task.goal["answers"] == ["AC/DC", "B%2C_C"] and task.kind == "3-hop"
    assert isinstance(admitted(task), Task)


def test_an_entity_is_found_by_its_label_too(tmp_path):
    write(tmp_path, {"PQL-2H.txt": LARGE_2H, "PQL2-KB.txt": TRIPLES})
    task = read(tmp_path / "PQL-2H.txt", PathQuestion)[1]
    world = KG()
    asyncio.run(world.reset(task))
    seen = asyncio.run(world.step(Action(name="get_relations", arguments={"variable": "PG_(USA)"})))
    assert seen.text == "[__base__seen_in, __common__topic__notable_types]"


@pytest.mark.parametrize(
    ("questions", "knowledge"),
    [
        ("data/PQ/2H.txt", "PathQuestion/2H-kb.txt"),
        ("PathQuestion/PQ-3H.txt", "data/PQ/3H-kb.txt"),
        ("data/PQL/2hop.txt", "data/PQL/exact_2mkb.txt"),
        ("data/PQL/3hop.txt", "data/PQL/exact_2mkb3.txt"),
    ],
)
def test_the_files_with_subgraphs_and_those_apart_from_their_triples_are_read(tmp_path, questions, knowledge):
    short = "whose ?\tc(c/d/)\ta#p#b#q#c#<end>#c\n"
    long = "whose ?\tc\ta#p#b#q#c\tc/d/\ta#p#b///b#q#c///b#q#d\n"
    write(
        tmp_path,
        {questions: long if "data" in questions else short, knowledge: "a\t\tp\tb\nb\tq\tc\nb\tq\td\ne\tq\tf\n"},
    )
    (task,) = read(tmp_path / questions, PathQuestion)
    assert task.goal["answers"] == ["c", "d"] and isinstance(admitted(task), Task)


def test_a_bad_triple_is_turned_away_by_its_line_and_the_rest_is_read(tmp_path):
    triples = f"a\tp\tb\na\tp\nb\tq r\tc\nb\tq\t{'x' * 300}\nb\tq\tc\n"
    write(
        tmp_path,
        {"PQ-2H.txt": "whose ?\tc(c/)\ta#p#b#q#c#<end>#c\nwho ?\tc(c/)\tz#p#b#q#c#<end>#c\n", "2H-kb.txt": triples},
    )
    *faults, task, unknown = read(tmp_path / "PQ-2H.txt", PathQuestion)
    assert [f.where.rpartition(":")[2] for f in faults] == ["2", "3", "4"] and isinstance(task, Task)
    assert isinstance(unknown, Rejected) and "no entity 'z'" in unknown.reason


def test_a_hostile_answer_is_refused_in_time(tmp_path):
    path = tmp_path / "PQL-2H.txt"
    lines = [
        LARGE_2H,
        f"who ?\t{'(' * 300_000}/)\ta#p#b\n",
        f"who ?\t{'(a/' * 100_000})\ta#p#b\n",
        f"who ?\t{'(a/' * 3_000})\ta#p#b\n",
        f"x{'y' * 1_000_001}\ta\tb\n",
    ]
    write(tmp_path, {path.name: "".join(lines), "PQL2-KB.txt": TRIPLES.replace("Other", "Ot\u2028her")})
    began = time.process_time()
    results = read(path, PathQuestion)
    assert [type(r) for r in results] == [Task, Task, *[Rejected] * 4] and time.process_time() - began < 10


# MetaQA: kb.txt, {1,2,3}-hop/{vanilla,ntm}/qa_*.txt, {1,2,3}-hop/qa_*_qtype.txt.

FILMS = (
    "Kismet|directed_by|William Dieterle\nKismet|starred_actors|Ronald Colman\nKismet|release_year|1944\n"
    "Her, Too|directed_by|William Dieterle\nHer, Too|release_year|1950\nHer, Too|has_tags|bd-r\n"
    "Third|release_year|1960\nThird|has_tags|slow\nThird|starred_actors|Jane Doe\n"
)
ONE_HOP = "what films did [Ronald Colman] act in\tKismet\nwhat year was [Her, Too] made\t1950\n"
TWO_HOP = (
    "which years had films by [William Dieterle]\t1944|1950\nfilms of the director of [Kismet]\tHer, Too\n"
    "what was said of films by [William Dieterle]\tbd-r\n"
)


def metaqa(folder, with_types=True):
    files = {"kb.txt": FILMS, "1-hop/vanilla/qa_dev.txt": ONE_HOP, "2-hop/vanilla/qa_dev.txt": TWO_HOP}
    types = {
        "1-hop/qa_dev_qtype.txt": "actor_to_movie\nmovie_to_year\n",
        "2-hop/qa_dev_qtype.txt": "director_to_movie_to_year\nmovie_to_director_to_movie\ndirector_to_movie_to_tags\n",
    }
    write(folder, files | types if with_types else files)


@pytest.mark.parametrize("with_types", [True, False])
def test_metaqa_is_read_with_or_without_its_question_types(tmp_path, with_types):
    metaqa(tmp_path, with_types)
    acted, year = read(tmp_path / "1-hop" / "vanilla" / "qa_dev.txt", MetaQA)
    assert acted.instruction == "what films did Ronald Colman act in"
    assert acted.goal == {"answers": ["Kismet"], "expression": "(JOIN (R starred_actors_inverse) Ronald%20Colman)"}
    assert acted.spec["mentions"] == {"Ronald Colman": "Ronald%20Colman"}
    assert isinstance(admitted(acted), Task) and isinstance(admitted(year), Task)
    years, others, tags = read(tmp_path / "2-hop" / "vanilla" / "qa_dev.txt", MetaQA)
    assert isinstance(admitted(years), Task) and isinstance(admitted(tags), Task) and years.kind == "2-hop"
    assert isinstance(others, Rejected) and ("leaves out" in others.reason or "no path" in others.reason)


def test_lines_that_are_no_questions_of_metaqa_are_turned_away(tmp_path):
    metaqa(tmp_path)
    path = tmp_path / "1-hop" / "vanilla" / "qa_dev.txt"
    path.write_text(ONE_HOP + "who is it\tnobody\nwho is [Kismet]\n[Nobody] is who\tKismet\n")
    *_, unmarked, unanswered, unknown = read(path, MetaQA)
    assert all(isinstance(r, Rejected) for r in (unmarked, unanswered, unknown))
    (tmp_path / "kb.txt").unlink()
    (rejected,) = read(path, MetaQA)
    assert "no kb.txt" in rejected.reason


# WebQSP, ComplexWebQuestions and GrailQA over an endpoint.

BASE = "PREFIX ns: <http://rdf.freebase.com/ns/>\nSELECT DISTINCT ?x\nWHERE {\n"
NOISE = "FILTER (?x != ns:m.cap)\nFILTER (!isLiteral(?x) OR lang(?x) = '' OR langMatches(lang(?x), 'en'))\n"
BOOKS = {
    "entities": {id: {} for id in ("m.cap", "m.one", "m.two", "m.uk")},
    "relations": {
        "book.author.works": {"domain": "author", "range": "book", "inverse": "book.work.author"},
        "people.person.place": {"domain": "author", "range": "place"},
    },
    "attributes": {"book.book.year": {"domain": "book", "kind": "date"}},
    "triples": [["m.cap", "book.author.works", "m.one"], ["m.cap", "book.author.works", "m.two"],
                ["m.cap", "people.person.place", "m.uk"]],
    "values": [["m.one", "book.book.year", "1901"], ["m.two", "book.book.year", "1902"]],
}  # fmt: skip


def webqsp(sparql, *answers, chain=None):
    parse = {
        "ParseId": "WebQTest-0.P0", "Sparql": sparql, "TopicEntityName": "Cap", "TopicEntityMid": "m.cap",
        "PotentialTopicEntityMention": "cap", "InferentialChain": chain, "Constraints": [],
        "Answers": [{"AnswerType": "Entity", "AnswerArgument": a, "EntityName": a} for a in answers],
    }  # fmt: skip
    return {
        "QuestionId": "WebQTest-0",
        "RawQuestion": "what books?",
        "ProcessedQuestion": "what books",
        "Parses": [parse],
    }


def cwq(sparql, *answers):
    listed = [{"aliases": [], "answer": a, "answer_id": a} for a in answers]
    return {
        "ID": "WebQTest-0_1", "answers": listed, "composition_answer": "x", "compositionality_type": "composition",
        "created": "2018", "machine_question": "what", "question": "Which?", "sparql": sparql, "webqsp_ID": "0",
        "webqsp_question": "w",
    }  # fmt: skip


def grailqa(edges, *answers, function="none", literal=None):
    nodes = [
        {"nid": 0, "node_type": "class", "id": "book.book", "class": "book.book", "friendly_name": "Book",
         "question_node": 1, "function": function},
        {"nid": 1, "node_type": "entity", "id": "m.cap", "class": "book.author", "friendly_name": "Cap",
         "question_node": 0, "function": "none"},
    ]  # fmt: skip
    if literal:
        nodes.append({"nid": 2, "node_type": "literal", "id": "0", "question_node": 0, "function": literal})
    return {
        "qid": 2100, "question": "which book?", "level": "i.i.d.", "function": function, "s_expression": "(AND …)",
        "graph_query": {"nodes": nodes, "edges": [{"start": s, "end": e, "relation": r} for s, r, e in edges]},
        "answer": [{"answer_type": "Value" if function == "count" else "Entity", "answer_argument": a} for a in answers],
        "sparql_query": "SELECT …", "domains": ["book"], "num_node": 2, "num_edge": 1,
    }  # fmt: skip


LATEST = "ORDER BY DESC(xsd:datetime(?sk0))\nLIMIT 1\n"
PLACE = "?c ns:book.work.author ?y .\n?y ns:people.person.place ?x .\n}"
WORKS = "ns:m.cap ns:book.author.works ?x .\n"
FILES = {
    "WebQSP.test.json": {
        "Version": "1.0",
        "Questions": [
            webqsp(f"{BASE}{NOISE}{WORKS}}}\n", "m.one", "m.two", chain=["book.author.works"]),
            webqsp(f"#MANUAL SPARQL\n{BASE}{WORKS}?x ns:book.book.year ?sk0 .\n}}\n{LATEST}", "m.two"),
        ],
    },
    "ComplexWebQuestions_dev.json": [
        cwq(f"{BASE}ns:m.cap ns:book.author.works ?c .\n{PLACE}", "m.uk"),
    ],
    "grailqa_v1.0_dev.json": [
        grailqa([(1, "book.author.works", 0)], "m.one", "m.two"),
        grailqa([(0, "book.work.author", 1)], "m.one", "m.two"),
        grailqa([(1, "book.author.works", 0)], "2", function="count"),
        grailqa([(1, "book.author.works", 0), (0, "book.book.year", 2)], "m.one", literal="argmin"),
    ],
    "ontology/reverse_properties": "book.author.works\tbook.work.author\n",
}  # fmt: skip


@pytest.mark.parametrize("name", [n for n in FILES if n.endswith("json")])
def test_questions_over_freebase_are_proven_over_an_endpoint(sparql, tmp_path, name):
    write(tmp_path, FILES)
    tasks = read(tmp_path / name, Freebase)
    assert len({task.source for task in tasks}) == len(tasks)
    with sparql(LocalGraph(BOOKS).store) as server:
        for task in tasks:
            proven = admitted(task, endpoint=server.url, prefix=PREFIX)
            assert isinstance(proven, Task) and proven.solution, proven


def test_questions_that_the_tools_cannot_build_have_answers_and_no_solution(tmp_path):
    between = f"{BASE}{WORKS}FILTER(NOT EXISTS {{?x ns:a.b ?sk0}} || EXISTS {{?x ns:a.b ?sk1}})\n}}"
    backwards = cwq(f"{BASE}?x ns:people.person.place ns:m.uk .\n}}", "m.cap")
    write(
        tmp_path,
        {"WebQSP.train.json": {"Questions": [webqsp(between, "m.one")]}, "ComplexWebQuestions_train.json": [backwards]},
    )
    for name in ("WebQSP.train.json", "ComplexWebQuestions_train.json"):
        (task,) = read(tmp_path / name, Freebase)
        assert task.solution == () and "expression" not in task.goal and task.goal["answers"]


def test_bad_records_of_freebase_questions_are_turned_away_by_place(tmp_path):
    good = FILES["grailqa_v1.0_dev.json"][0]
    bad = [7, {}, good | {"answer": []}, good | {"question": 3}, good | {"graph_query": {"nodes": [], "edges": []}}]
    write(tmp_path, {"grailqa_v1.0_train.json": [good, *bad]})
    task, *rejected = read(tmp_path / "grailqa_v1.0_train.json", Freebase)
    assert isinstance(task, Task) and [f"[{n}]" in r.where for n, r in enumerate(rejected, 1)] == [True] * len(bad)
    assert all(r.reason for r in rejected)


@pytest.mark.parametrize(
    ("body", "tail", "reason"),
    [
        ("?x ns:a ?y . ?y ns:b ?x . ns:m.c ns:a ?x .", "", "backwards"),
        ("ns:m.c ns:a ?x . ns:m.d ns:a ?z .", "", "connected to nothing"),
        ("?z ns:a ?x .", "", "nothing binds"),
        ("{ ns:m.c ns:a ?x } UNION { ns:m.d ns:a ?x }", "", "no triple pattern"),
        ('ns:m.c ns:a ?x . ?x ns:b "1"@en .', "", "the value"),
        ("ns:m.c ns:a ?x .", "LIMIT 3", "'LIMIT 3'"),
        ("ns:m.c ns:a ?x . FILTER (?x > 3", "", "not closed"),
        (" ".join(f"ns:m.{n} ns:a ?x ." for n in range(50)), "", "50 patterns"),
    ],
)  # fmt: skip
def test_what_the_tools_cannot_build_is_named(body, tail, reason):
    with pytest.raises(NoForm, match=reason):
        read_sparql(f"SELECT DISTINCT ?x WHERE {{ {body} }} {tail}", {}).form()

"""Questions over made-up pages and over a given corpus: one right answer, planned by searching, no way around reading."""

import asyncio
import json
from collections import Counter
from typing import get_args

import pytest
from numpy.random import default_rng

from simenv.plugins import environment
from simenv.plugins.environments.search.engine.words import holds, plain
from simenv.plugins.environments.search.tasks.questions import Kind
from simenv.source import Rejected
from simenv.teach.admission import admit
from tests import DATA

TEACHER = environment("search").procedural


def admitted(task, **options):
    found = environment("search")
    return asyncio.run(admit(found.world(found.world.Options(**options)), found, task))


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_is_proven_and_cites_what_holds_its_answer(kind):
    for n in range(4):
        task = TEACHER(TEACHER.Options(difficulty=n + 2, kinds=(kind,))).make(f"q{n}", default_rng(n))
        assert not isinstance(verdict := admitted(task), Rejected), verdict
        pages = {p["id"]: p["text"] for p in task.spec["passages"]}
        spans = [pages[s["page"]][s["start"] : s["end"]] for s in task.goal["support"] if "start" in s]
        answer = plain(task.goal["answers"][0])
        assert kind in ("comparison", "unanswerable") or holds(plain(spans[-1]), answer)
        assert task.solution[0].action.name == "search" and task.solution[-1].action.name == "finish"


def test_the_difficulty_is_a_dial():
    steps, pages = [], []
    for level in (1, 3, 5):
        tasks = [TEACHER(TEACHER.Options(difficulty=level)).make("t", default_rng(n)) for n in range(10)]
        steps.append(sum(len(t.solution) for t in tasks))
        pages.append(len(tasks[0].spec["passages"]))
    assert steps == sorted(steps) and pages == sorted(pages) and pages[0] < pages[-1] / 5


@pytest.mark.parametrize("answer", ["unknown", "yes", "Ann Lee", None, "", "0"])
def test_what_is_one_of_few_answers_counts_only_after_reading(answer):
    found = environment("search")
    for kind in ("unanswerable", "comparison"):
        task = TEACHER(TEACHER.Options(kinds=(kind,))).make("t", default_rng(5))
        world = found.world()
        asyncio.run(world.reset(task))
        assert not asyncio.run(world.grade(answer)).success
        assert not asyncio.run(world.grade(task.goal["answers"][0])).success


def test_questions_on_a_given_corpus_have_one_answer_that_stands_in_the_cited_sentence(tmp_path):
    if not DATA.is_dir():
        pytest.skip("no data beside the checkout")
    texts = {}
    for name in ("MedMCQA", "MedQA", "PubMedQA"):
        for n, record in enumerate(json.loads((DATA / "mimir" / f"{name}_demo.json").read_text())):
            texts[f"{name}-{n}"] = " ".join(record.get("CONTEXTS", ())) or record.get("Answer") or record["Question"]
    path = tmp_path / "medicine.jsonl"
    path.write_text("\n".join(json.dumps({"id": id, "title": id, "text": text}) for id, text in texts.items()))
    teacher = TEACHER(TEACHER.Options(corpus=path))
    kinds = Counter()
    for n in range(12):
        task = teacher.make(f"c{n}", default_rng(n))
        (support,) = task.goal["support"]
        sentence = texts[support["page"]][support["start"] : support["end"]]
        assert task.goal["answers"][0] in sentence and task.goal["answers"][0] not in task.instruction
        assert not isinstance(verdict := admitted(task, corpora=(path,)), Rejected), verdict
        kinds[task.kind] += 1
    assert len(kinds) == 4

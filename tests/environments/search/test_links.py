"""Questions of two sentences of a given corpus: each proven by its spans, and answered by the expert from what it reads."""

import asyncio
import json
import re

import pytest
from numpy.random import default_rng

from simenv.errors import ConfigError, WorldError
from simenv.plugins import environment

SITE = environment("search")
Teacher, Search = SITE.procedural, SITE.world
TEXTS = {
    "Metformin": "Metformin is a medicine that lowers the blood sugar of adults with type 2 diabetes. The usual starting dose "
    "of metformin is 500 mg twice a day with meals. Kidney function is checked before treatment with metformin begins and "
    "once in 12 months. Metformin was described in a paper by Emil Werner in 1922 in Dublin.",
    "Amoxicillin": "Amoxicillin is an antibiotic that is used against infections of the ear and the lung. Children take "
    "amoxicillin three times a day for 7 days in most cases. A dose of 875 mg of amoxicillin is given to adults.",
    "Tenancy": "A deposit is a sum that a tenant pays before moving into a flat. The landlord returns the deposit within 30 "
    "days of the end of the lease. The Rent Act was passed in 1977 by the national parliament of the day. Under the Rent Act "
    "a tenant may stay for 90 days after a notice.",
    "Notice": "A notice is the written message by which one side ends a lease. A notice must reach the landlord at least 60 "
    "days before the lease ends. The court in question, the High Court of Justice, decides within 14 days of a complaint.",
}
KINDS = ("two-hop", "comparison", "unanswerable")


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "pages.jsonl"
    path.write_text(
        "\n".join(json.dumps({"id": f"p{n}", "title": t, "text": x}) for n, (t, x) in enumerate(TEXTS.items()))
    )
    return path


def made(corpus, kind, count=12):
    teacher = Teacher(Teacher.Options(corpus=corpus, kinds=(kind,)))
    return [teacher.make(f"t{n}", default_rng([7, n])) for n in range(count)]


def spans(task):
    pages = {f"p{n}": text for n, text in enumerate(TEXTS.values())}
    return [pages[s["page"]][s["start"] : s["end"]] for s in task.goal["support"]]


@pytest.mark.parametrize("kind", KINDS)
def test_the_expert_finds_each_answer_and_nothing_short_of_it_counts(corpus, kind):
    world = Search(Search.Options(corpora=(corpus,)))
    for task in made(corpus, kind, 6):

        async def play(task=task):
            await world.reset(task)
            for move in task.solution:
                last = await world.step(move.action)
            return await world.grade(last.answer)

        assert task.kind == kind and asyncio.run(play()).success


def test_two_hops_name_neither_what_they_lead_over_nor_the_answer(corpus):
    for task in made(corpus, "two-hop"):
        first, second = spans(task)
        assert first != second and task.goal["answers"][0] in second
        assert "____" in task.instruction and "[it]" in task.instruction
        assert task.goal["answers"][0] not in re.findall(r"[\w.,]+", task.instruction)
        assert "these words: “is " not in task.instruction


def test_a_comparison_is_true_of_its_two_sentences(corpus):
    for task in made(corpus, "comparison"):
        first, second = ([float(n) for n in re.findall(r"\d+", span)] for span in spans(task))
        wants_least = "smaller" in task.instruction
        [(a, b)] = [(x, y) for x in first for y in second if len(first) == len(second) == 1] or [(None, None)]
        if a is not None:
            assert task.goal["answers"][0] == ("first" if (a < b) == wants_least else "second")
        assert task.goal["read"] and not re.search(r"\d", task.instruction.replace("type 2", ""))


def test_no_sentence_answers_what_is_not_answerable(corpus):
    sentences = [s for text in TEXTS.values() for s in text.split(". ")]
    for task in made(corpus, "unanswerable"):
        unit = re.search(r"number of (\w+)", task.instruction)[1]
        term = re.search(r"“(.+)”", task.instruction)[1].casefold()
        assert not any(re.search(rf"\d {unit}\b", s) and term in s.casefold() for s in sentences)
        assert unit in ("mg", "days")


def test_kinds_that_a_corpus_does_not_give_are_named(corpus, tmp_path):
    with pytest.raises(ConfigError, match="three-hop"):
        made(corpus, "three-hop", 1)
    plain = tmp_path / "plain.jsonl"
    plain.write_text(json.dumps({"id": "p", "title": "t", "text": "Nothing here has a number or a name in it at all."}))
    with pytest.raises(WorldError, match="these kinds: comparison"):
        made(plain, "comparison", 1)


def test_a_simulator_of_a_corpus_is_shown_the_pages_that_were_found(corpus):
    task = made(corpus, "two-hop", 1)[0]
    world = Search(Search.Options(corpora=(corpus,)))

    async def found():
        await world.reset(task)
        await world.step(task.solution[0].action)
        return await world.state()

    state = asyncio.run(found())
    premises = Search.premises(task.spec, state)
    assert premises["is_part"] and {p[0] for p in premises["pages"]} >= set(state["results"])
    assert Search.premises(task.spec, {})["pages"] == []


def test_another_kind_stands_in_for_one_that_the_corpus_does_not_give(tmp_path):
    path = tmp_path / "plain.jsonl"
    pages = [{"id": t, "title": t, "text": re.sub("in 19..", "then", text)} for t, text in TEXTS.items()]
    path.write_text("\n".join(map(json.dumps, pages)))
    teacher = Teacher(Teacher.Options(corpus=path, gaps=("date", "number")))
    assert {teacher.make(f"t{n}", default_rng([7, n])).kind for n in range(8)} == {"number"}


def test_a_passage_at_the_beginning_of_its_document_needs_no_start(corpus, tmp_path):
    pages = [json.loads(line) for line in corpus.read_text().splitlines()]
    path = tmp_path / "pool.jsonl"
    path.write_text(
        "\n".join(json.dumps({**p, "source": {"file": "a.md", "sha256": "0" * 64, "end": 40}}) for p in pages)
    )
    assert made(path, "one-hop", 1)[0].goal["support"]


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        ({}, "number, date, name, definition"), ({"gaps": ("date",)}, "date"),
        ({"gaps": ("date",), "kinds": ("one-hop", "two-hop")}, "date, two-hop"), ({"kinds": ("comparison",)}, "comparison"),
    ],
)  # fmt: skip
def test_a_corpus_that_gives_no_question_is_told_by_all_kinds_that_were_tried(tmp_path, options, kinds, monkeypatch):
    monkeypatch.setattr("simenv.plugins.environments.search.teacher._MAX_LINKS", 20)
    path = tmp_path / "bare.jsonl"
    path.write_text(json.dumps({"id": "p", "title": "Bare", "text": "nothing here. nor here."}))
    with pytest.raises(
        WorldError, match=rf"no sentence of .*bare\.jsonl gives a question of these kinds: {kinds}; name"
    ):
        Teacher(Teacher.Options(corpus=path, **options)).make("t", default_rng(1))

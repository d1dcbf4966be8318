"""The actions of a search, what they count as seen, and how an answer is graded."""

import asyncio
import json

import pytest
from numpy.random import default_rng

from simenv.errors import WorldError
from simenv.evidence import PlayedStep, Playthrough
from simenv.plugins import environment
from simenv.plugins.environments.search.engine.first_look import first_seen
from simenv.plugins.environments.search.engine.grading import f1
from simenv.plugins.environments.search.engine.sentences import sentences
from simenv.plugins.environments.search.engine.words import plain
from simenv.plugins.environments.search.evidence import SearchEvidence
from simenv.plugins.environments.search.metrics import overall
from simenv.plugins.environments.search.panels import panels
from simenv.plugins.environments.search.world import Search
from simenv.testing import conform
from simenv.types import Action, Observation
from tests.environments.search.conftest import GOAL, PASSAGES, TASK


def graded(world, answer, **goal):
    return world.score(GOAL | goal, answer)


def test_it_conforms():
    conform("search")


def test_a_search_lists_pages_with_the_sentence_that_fits_best(play):
    _, (found, nothing) = play(("search", "who is the founder of Kest Labs?"), ("search", "of the zebra"))
    assert found.text.split("\n")[0] == "[p1] Kest Labs: Kest Labs is a firm."
    assert nothing.text == "No page holds any of these words." and not nothing.invalid


def test_a_page_opens_by_id_and_by_title_and_shows_how_it_begins(play):
    _, (by_id, by_mark, by_title, twin, missing) = play(
        ("open", "p2"), ("open", "[p2] Ann Lee"), ("open", "ann lee"), ("open", "Twin"), ("open", "Ann Leigh")
    )
    assert by_id == by_mark == by_title and by_id.truncated
    assert by_id.text.endswith("She rides.\n(5 of 6 sentences; lookup finds the others)")
    assert twin.invalid and "[p4] Twin, [p5] Twin" in twin.text
    assert missing.invalid and "Similar: [p3] Ann Lee Award, [p2] Ann Lee" in missing.text


def test_lookups_go_through_the_open_page_and_start_anew_when_it_is_opened_again(play):
    _, told = play(
        ("lookup", "born"),
        ("open", "p2"),
        *[("lookup", "Born")] * 3,
        ("lookup", "zebra"),
        ("open", "p2"),
        ("lookup", "born"),
    )
    assert told[0].invalid and "No page is open" in told[0].text
    assert [o.text for o in told[2:6]] == [
        "(Result 1 / 2) She was born on 3 May 1870.", "(Result 2 / 2) She was born to sail.", "No more results.",
        "No sentence of this page holds 'zebra'.",
    ]  # fmt: skip
    assert told[7].text == told[2].text


def test_progress_is_what_was_shown_and_the_answer_counts_by_its_accepted_forms(play):
    world, _ = play(("open", "p1"))
    assert graded(world, None).progress == pytest.approx(0.45)
    assert graded(world, "May 3, 1870").progress < 1 and graded(world, "the 1870-05-03.").success
    assert graded(world, "3 May").metrics["f1"] == pytest.approx(0.8)
    assert not graded(world, "3 May 1870", read=True).success
    world, _ = play(("open", "p1"), ("open", "p2"))
    assert graded(world, "3 May 1870", read=True).success


@pytest.mark.parametrize(
    ("source", "supported"),
    [
        ("p2", True), ("[p2]", True), ("Ann Lee", True), ("She was born on 3 May 1870.", True), ("born on 3 May 1870", True),
        ("p1", False), ("p3", False), ("3 May 1870", True), ("born on", False), ("She was born to sail.", False), ("", False),
    ],
)  # fmt: skip
def test_a_source_is_the_page_or_a_sentence_that_shows_the_answer(play, source, supported):
    world, (*_, last) = play(("open", "p2"), ("finish", "3 May 1870", source))
    assert graded(world, last.answer).metrics["supported"] == supported
    assert graded(world, last.answer).success
    strict, _ = play(("open", "p2"), citation="required")
    assert graded(strict, last.answer).success == supported


def test_words_are_compared_as_squad_does_but_numbers_keep_their_point():
    assert plain("The  Cat's, 1,200!") == "cat s 1200" and plain("3.5 mg.") == "3.5 mg" and plain("A") == "a"
    assert f1("yes", "yes it is") == 0.0 and f1("ann lee", "ann") == pytest.approx(2 / 3)


def test_sentences_end_where_a_reader_ends_them_and_none_is_endless():
    text = "Dr. Lee met J. Roe at 3.5 p.m. today. In Keller v. Ronx it lost! “Why?” No one knew.\nA heading\nThe end"
    assert [s.text for s in sentences(text)] == [
        "Dr. Lee met J. Roe at 3.5 p.m. today.", "In Keller v. Ronx it lost!", "“Why?”", "No one knew.", "A heading", "The end"
    ]  # fmt: skip
    assert all(text[s.start : s.end] == s.text for s in sentences(text))
    assert max(len(s.text) for s in sentences("word " * 10_000 + "x" * 5000)) <= 600


def test_a_corpus_is_opened_only_if_the_user_named_it_and_only_by_what_it_holds(tmp_path):
    path = tmp_path / "pages.jsonl"
    dated = [
        PASSAGES[0],
        {"id": "d", "title": "Dates", "text": "It rained for 9 days until the roof gave way in May 1988."},
    ]
    path.write_text("\n".join(map(json.dumps, dated)))
    teacher = environment("search").procedural
    made = teacher(teacher.Options(corpus=path, gaps=("date",))).make("c", default_rng(1))
    assert made.spec["corpus"]["file"] == "pages.jsonl"
    with pytest.raises(WorldError, match=r"name the file with search\.world\.corpora"):
        asyncio.run(Search().reset(made))
    asyncio.run(Search(Search.Options(corpora=(path,))).reset(made))
    path.write_text(json.dumps(PASSAGES[0]))
    with pytest.raises(WorldError, match="needs the corpus"):
        asyncio.run(Search(Search.Options(corpora=(path,))).reset(made))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"passages": []}, "passages"),
        ({"passages": PASSAGES, "corpus": {}}, r"\$"),
        ({"passages": [{"id": "p1"}]}, r"passages\[0\]"),
    ],
)
def test_a_broken_spec_is_refused_with_its_place(change, place):
    with pytest.raises(WorldError, match=place):
        Search.check(change)


def test_an_id_that_stands_there_twice_is_refused():
    with pytest.raises(WorldError, match="'p1' stands there twice"):
        asyncio.run(Search().reset(TASK.model_copy(update={"spec": {"passages": [PASSAGES[0], PASSAGES[0]]}})))


def test_the_panel_shows_the_pages_opened_and_the_premises_their_sentences(play):
    world, _ = play(("search", "Ann Lee"), ("open", "p1"), ("open", "p2"))
    opened, results = environment("search").panels(TASK.spec, world.facts())
    assert [row[:3] for row in opened.rows] == [("p1", "Kest Labs", "opened"), ("p2", "Ann Lee", "open now")]
    assert opened.rows[1][3].endswith("She rides. …") and len(results.rows) == 3
    assert Search.premises(TASK.spec, {})["pages"][0][2][1] == "It was founded in 1901."


@pytest.mark.parametrize(
    "blob", [b"", b"[]", b"{}", b'{"open": null, "lookup": {"word": 1}, "results": [], "opened": []}']
)
def test_what_is_no_snapshot_is_refused_and_changes_nothing(play, blob):
    world, _ = play(("search", "Ann Lee"), ("open", "p2"), ("lookup", "born"))
    before = world.facts()
    with pytest.raises(WorldError, match="search: this is no snapshot of this task"):
        world.load(blob)
    assert world.facts() == before


def test_a_snapshot_goes_on_with_the_same_lookup_and_the_same_results(play):
    world, _ = play(("search", "Ann Lee"), ("open", "p2"), ("lookup", "born"))
    again, _ = play()
    again.load(world.save())
    assert again.facts() == world.facts() and again.save() == world.save()
    assert again.lookup("born") == world.lookup("born") == "(Result 2 / 2) She was born to sail."


def test_as_many_pages_and_sentences_are_shown_as_the_options_say(play):
    _, (found, opened) = play(("search", "Ann Lee"), ("open", "p2"), results=1, sentences=2)
    assert found.text == "[p3] Ann Lee Award: The Ann Lee Award is given each year."
    assert opened.text.endswith("She was born on 3 May 1870.\n(2 of 6 sentences; lookup finds the others)")
    _, (whole,) = play(("open", "p2"), sentences=6)
    assert not whole.truncated and whole.text.endswith("She was born to sail.")


def test_a_list_shows_the_sentence_with_most_words_of_the_query_or_the_first(play):
    _, (matching,) = play(("search", "wrote papers"), results=1)
    _, (first,) = play(("search", "wrote papers"), results=1, snippet="first")
    assert matching.text.endswith("She wrote 40 papers.") and first.text.endswith("Ann Lee is a chemist.")


def test_a_passage_of_a_task_that_is_none_is_named_by_its_place(play):
    bad = TASK.model_copy(update={"spec": {"passages": [*PASSAGES, {"id": "x", "title": "T"}]}})
    with pytest.raises(WorldError, match=r"\$\.passages"):
        play(task=bad)


def test_the_metrics_are_means_over_all_samples_and_one_without_a_result_counts_nothing():
    rows = [
        {"metrics": {"em": 1, "f1": 0.5, "supported": True}},
        {"metrics": None},
        {},
        {"metrics": {"em": 1, "f1": 1}},
    ]
    assert overall(rows) == {"main": 0.5, "EM": 0.5, "F1": 0.375, "supported": 0.25, "answered": 0.0}
    assert overall([]) == {"main": 0.0, "EM": 0.0, "F1": 0.0, "supported": 0.0, "answered": 0.0}


def test_the_panels_tell_what_was_seen_with_dots_for_the_rest(play):
    world, _ = play(("search", "born"), ("open", "p2"), ("lookup", "sail"), sentences=2)
    opened, results = panels(TASK.spec, world.facts())
    assert opened.rows == (
        ("p2", "Ann Lee", "open now",
         "Ann Lee is a chemist. She was born on 3 May 1870. … She was born to sail."),
    )  # fmt: skip
    assert [row[:3] for row in results.rows] == [(1, "p2", "Ann Lee")]
    far, _ = panels({"corpus": {}}, world.facts())
    assert far.rows == (("p2", "", "open now", "sentences 1, 2, 6"),)


def test_what_a_first_look_gives_is_nothing_where_nothing_is_found(play):
    world, _ = play()
    assert first_seen(world.searcher, "zebra") == {}
    assert first_seen(world.searcher, "Kest Labs") == {
        "first title": "Kest Labs", "first number": "1901", "last number": "1901",
    }  # fmt: skip


# What a solution proves.


def doubt(play, *steps, answer="3 May 1870", goal=GOAL):
    _, told = play(*steps)
    looks = tuple(
        PlayedStep(Action(name=n, arguments={"page" if n == "open" else "query": v}), o)
        for (n, v), o in zip(steps, told, strict=True)
    )
    task = TASK.model_copy(update={"goal": goal})
    return SearchEvidence().doubt(task, Playthrough(Observation(text=""), looks, answer))


LOOKS = [("search", "founder Kest Labs"), ("open", "p1"), ("open", "p2")]


def test_a_solution_shows_the_sentences_on_which_its_answer_rests(play):
    assert doubt(play, *LOOKS) == ""
    assert "never shows the sentence 'Its founder is Ann Lee.' of [p1] Kest Labs" in doubt(play, ("open", "p2"))
    assert "answers '4 May 1870', which none of its steps showed" in doubt(play, *LOOKS, answer="4 May 1870")
    lost = {**GOAL, "support": [{"page": "p9"}]}
    assert "rests on the page 'p9', and there is no such page" in doubt(play, *LOOKS, goal=lost)
    whole = {**GOAL, "support": [{"page": "p1"}]}
    assert "never opens the page [p1] Kest Labs" in doubt(play, ("open", "p2"), goal=whole)
    for name in ("p1", "[p1]", "Kest Labs"):
        assert doubt(play, ("open", name), ("open", "p2"), goal=whole) == ""
    assert doubt(play, *LOOKS, answer="yes") == "" == doubt(play, *LOOKS, answer="so", goal={**GOAL, "read": True})

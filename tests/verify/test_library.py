"""The search behind verification: rare words weigh more, quantities less than words, and so many passages are read."""

import pytest

from simenv.knowledge.passage import Passage, Source
from simenv.verify.judge import RELATED, SAID, compared, conflict
from simenv.verify.library import Evidence, Found, Library
from simenv.verify.wording import denials, opposed, stems

SOURCE = Source(file="a.md", sha256="0" * 64)


def library(*texts, limit=5, title=""):
    return Library(
        [
            Passage(id=str(n), title=title, text=t, source=SOURCE.model_copy(update={"start": 50}))
            for n, t in enumerate(texts)
        ],
        limit,
    )


def test_the_sentence_that_holds_most_of_a_claim_comes_first_with_its_span():
    found = library("Rent is due. The deposit is five weeks of rent.", "A deposit is paid.").search(
        "The deposit of rent"
    )
    assert found[0].evidence.text == "The deposit is five weeks of rent." and found[0].coverage == pytest.approx(1.0)
    assert (found[0].evidence.source.start, found[0].evidence.source.end) == (63, 97)
    assert [f.coverage for f in found] == sorted((f.coverage for f in found), reverse=True)


def test_words_that_are_rare_weigh_more_and_a_title_counts_for_all_its_sentences():
    many = library("Rent one.", "Rent two.", "Rent three.", "Zebra four.")
    by_text = {f.evidence.text: f.coverage for f in many.search("zebra rent")}
    assert by_text["Zebra four."] > by_text["Rent one."] > 0
    assert library("Be brief.", title="Deposits").search("deposits")[0].coverage == 1.0


def test_so_many_passages_are_read_and_none_where_no_word_is_known():
    texts = [f"Deposit number {n} is here." for n in range(9)]
    assert len(library(*texts, limit=2).passages_for("deposit")) == 2 == len(library(*texts, limit=2).search("deposit"))
    assert len(library(*texts).search("deposit")) == 5
    assert library(*texts).search("zebra") == [] == library(*texts).passages_for("zebra") == library().search("deposit")


def found(text, coverage):
    return Found(Evidence(text=text, source=SOURCE), coverage)


CLAIM, YES, NO = "The dose is 5 mg.", "The dose is 5 mg.", "The dose is 9 mg."


@pytest.mark.parametrize(
    ("candidates", "finding"),
    [
        ([found(YES, SAID)], "supported"), ([found(YES, SAID - 0.01)], "not found"),
        ([found(NO, RELATED)], "contradicted"), ([found(NO, RELATED - 0.01)], "not found"),
        ([found(NO, 0.8), found(YES, 0.75)], "supported"), ([found(NO, 0.9), found(YES, 0.75)], "contradicted"),
        ([], "not found"),
    ],
)  # fmt: skip
def test_one_that_says_it_outweighs_one_that_denies_it_if_it_is_as_near(candidates, finding):
    got, reason, evidence = compared(CLAIM, candidates)
    assert got == finding
    assert (evidence is None) == (finding == "not found") and (
        finding != "not found" or reason == "no sentence says it"
    )


def test_denials_and_opposites_are_counted():
    assert [denials(t) for t in ("It is so.", "It is not so.", "Nobody never says no.")][:2] == [0, 1]
    assert opposed("Salt raises it.", "Salt lowers it.") == 1 and opposed("Salt raises it.", "Salt raises it.") == 0
    assert conflict("Salt does not raise it.", "Salt lowers it.")[0] == "supported"
    assert conflict("Salt raises it.", "Salt does not raise it.") == ("contradicted", "one denies what the other says")
    assert stems("vitamin K") == stems("vitamins") and stems("of the") == []

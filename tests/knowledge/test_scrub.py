"""Personal data is taken out of a pool, counted by kind, and kept apart in a file that nothing else reads."""

import json
import stat

import pytest

from simenv.errors import ConfigError, StoreError
from simenv.knowledge.cli import knowledge
from simenv.knowledge.config import Additions
from simenv.knowledge.passage import document_text
from simenv.knowledge.personal import Recognizer
from simenv.knowledge.pool import Pool
from simenv.knowledge.run import Addition
from simenv.knowledge.scrub import PersonalMap
from simenv.knowledge.withdrawal import withdraw

pytest.importorskip("presidio_analyzer")
MAIL, PHONE, IBAN = "jane.doe@example.com", "+1 212 555 0123", "DE89370400440532013000"
LETTER = f"Write to {MAIL}, call {PHONE} or pay to {IBAN}. The dose of 120 mg on 2024-05-01 stays. Again: {MAIL}."


def add(pool, **settings):
    work = Addition(Pool(pool), Additions(out=str(pool), **settings))
    work.run()
    return work


@pytest.fixture
def letter(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text(LETTER)
    return path


def everything(folder):
    return "".join(p.read_text() for p in sorted(folder.rglob("*")) if p.is_file())


def test_placeholders_stand_for_values_and_spans_lead_to_the_original(tmp_path, letter):
    work = add(tmp_path / "pool", documents=[str(letter)], scrub="all")
    (passage,) = Pool(tmp_path / "pool").passages
    assert passage.text.startswith(
        "Write to <EMAIL_ADDRESS_1>, call <PHONE_NUMBER_1> or pay to <IBAN_CODE_1>. The dose of 120"
    )
    assert passage.text.endswith("on 2024-05-01 stays. Again: <EMAIL_ADDRESS_1>.")
    assert document_text(letter)[passage.source.start : passage.source.end] == LETTER
    assert work.scrubber.counts == {"EMAIL_ADDRESS": 2, "IBAN_CODE": 1, "PHONE_NUMBER": 1}
    (entry,) = Pool(tmp_path / "pool").sources.values()
    assert entry.scrubbed == dict(work.scrubber.counts)


def test_the_map_lies_apart_for_its_owner_alone_and_the_pool_holds_no_value(tmp_path, letter):
    add(tmp_path / "pool", documents=[str(letter)], topics=[f"ask {MAIL}"], scrub="all")
    for value in (MAIL, PHONE, IBAN):
        assert value not in everything(tmp_path / "pool")
    map = PersonalMap(tmp_path / "pool")
    assert map.path == tmp_path / "pool.personal.jsonl"
    assert stat.S_IMODE(map.path.stat().st_mode) == 0o600
    assert {p.placeholder: p.value for p in map}["<EMAIL_ADDRESS_1>"] == MAIL


def test_data_that_crosses_passages_is_found(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("word " * 18 + f"{PHONE} " + "word " * 30)
    add(tmp_path / "pool", documents=[str(path)], scrub=["PHONE_NUMBER"], size=100)
    texts = [p.text for p in Pool(tmp_path / "pool").passages]
    assert len(texts) > 1 and not any(part in text for text in texts for part in ("212", "555", "0123"))


def test_records_are_scrubbed_with_their_raw_text(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps({"question": f"Who is {MAIL}?", "answer": "Jane", "meta": {"phone": PHONE}}) + "\n")
    add(tmp_path / "pool", sets=[str(path)], scrub="all")
    (record,) = Pool(tmp_path / "pool").records
    assert record.question == "Who is <EMAIL_ADDRESS_1>?"
    assert json.loads(record.raw)["meta"] == {"phone": "<PHONE_NUMBER_1>"}
    assert MAIL not in everything(tmp_path / "pool")


def test_the_same_value_has_the_same_placeholder_and_goes_with_its_last_source(tmp_path, letter):
    other = tmp_path / "other.txt"
    other.write_text(f"Only {MAIL} here.")
    pool = tmp_path / "pool"
    add(pool, documents=[str(letter)], scrub="all")
    add(pool, documents=[str(other)], scrub="all")
    assert [p.text for p in Pool(pool).passages][1] == "Only <EMAIL_ADDRESS_1> here."
    withdraw(Pool(pool), "letter.txt", [])
    assert [p.value for p in PersonalMap(pool)] == [MAIL]
    withdraw(Pool(pool), "other.txt", [])
    assert list(PersonalMap(pool)) == []


def test_off_by_default_and_not_mixed(tmp_path, letter):
    pool = tmp_path / "pool"
    add(pool, documents=[str(letter)])
    assert next(Pool(pool).passages).text == LETTER and not PersonalMap(pool).path.exists()
    with pytest.raises(ConfigError, match="unscrubbed"):
        add(pool, documents=[str(letter)], scrub="all")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scrub": ["EMAIL_ADRESS"]}, "EMAIL_ADDRESS"),
        ({"scrub": ["PERSON"]}, "scrub_model"),
        ({"scrub": ["all"], "scrub_model": "no_such_model"}, "no installed spaCy model"),
    ],
)
def test_wrong_kinds_and_models_are_named(tmp_path, letter, settings, message):
    with pytest.raises(ConfigError, match=message):
        add(tmp_path / "pool", documents=[str(letter)], **settings)


def test_the_command_reports_kinds_and_counts_and_works_offline(tmp_path, letter, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert knowledge(["add", "documents=letter.txt", "scrub=all", "out=pool", "--offline"]) == 0
    told = capsys.readouterr().err
    assert "2 EMAIL_ADDRESS, 1 IBAN_CODE, 1 PHONE_NUMBER" in told and "pool.personal.jsonl" in told


def test_of_findings_that_overlap_the_surest_names_the_whole():
    class Fixed(Recognizer):
        def __init__(self, results):
            self.results = results

        def _results(self, text):
            return iter(self.results)

    def kinds(*results):
        return [tuple(f) for f in Fixed(results).find("")]

    assert kinds((0, 5, "A", 0.5), (3, 8, "B", 0.9)) == [(0, 8, "B")]
    assert kinds((0, 9, "A", 0.5), (3, 8, "B", 0.5)) == [(0, 9, "A")]
    assert kinds((3, 8, "B", 0.9), (0, 3, "A", 0.5)) == [(0, 3, "A"), (3, 8, "B")]


def test_data_across_the_windows_of_a_long_text_is_found_once(monkeypatch):
    from simenv.knowledge import personal

    monkeypatch.setattr(personal, "WINDOW", 100)
    monkeypatch.setattr(personal, "OVERLAP", 40)
    text = "x " * 40 + MAIL + " y" * 60 + f" {MAIL}"
    found = Recognizer(("EMAIL_ADDRESS",)).find(text)
    assert [text[f.start : f.end] for f in found] == [MAIL, MAIL]


def test_numbers_and_lists_of_a_raw_record_are_scrubbed_and_the_rest_keeps_its_kind(tmp_path):
    card = 4111111111111111
    row = {"question": "Q?", "answer": "A", "card": card, "n": 5, "yes": True, "all": [MAIL, None, 1.5], MAIL: "key"}
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(row) + "\n")
    add(tmp_path / "pool", sets=[str(path)], scrub="all")
    (record,) = Pool(tmp_path / "pool").records
    assert json.loads(record.raw) == {
        "question": "Q?", "answer": "A", "card": "<CREDIT_CARD_1>", "n": 5, "yes": True,
        "all": ["<EMAIL_ADDRESS_1>", None, 1.5], "<EMAIL_ADDRESS_1>": "key",
    }  # fmt: skip


def test_a_damaged_map_says_where(tmp_path, letter):
    pool = tmp_path / "pool"
    add(pool, documents=[str(letter)], scrub="all")
    path = PersonalMap(pool).path
    good = path.read_text()
    for line, told in (('{"placeholder": "<X>"}', r"personal\.jsonl:4: expected a placeholder"), ("{", r"jsonl:4")):
        path.write_text(f"{good}{line}\n")
        with pytest.raises(StoreError, match=told):
            PersonalMap(pool)


def test_placeholders_go_on_counting_where_the_map_ends(tmp_path):
    map = PersonalMap(tmp_path / "pool")
    assert [map.placeholder("MAIL", v, "s") for v in ("a", "b", "a")] == ["<MAIL_1>", "<MAIL_2>", "<MAIL_1>"]
    map.save()
    again = PersonalMap(tmp_path / "pool")
    assert [again.placeholder(k, v, "t") for k, v in (("MAIL", "c"), ("MAIL", "b"), ("CARD", "a"))] == [
        "<MAIL_3>", "<MAIL_2>", "<CARD_1>",
    ]  # fmt: skip
    assert {p.value: p.sources for p in again if p.kind == "MAIL"} == {"a": ("s",), "b": ("s", "t"), "c": ("t",)}

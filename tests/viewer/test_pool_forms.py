"""The forms of the screen Data that make pools, questions and dialogues, and what they say about bad input."""

import json
import shutil
import zipfile
from io import BytesIO

import pytest

from simenv.errors import ConfigError
from simenv.knowledge.cli import knowledge
from simenv.plugins.viewer import jobs
from simenv.plugins.viewer.content import documents, pools
from simenv.plugins.viewer.forms.dialogue_form import save_roles
from simenv.plugins.viewer.forms.pool_form import ChosenSet, PoolPlan, topics, unlicensed
from simenv.plugins.viewer.workspace import Workspace

LEASES = b"A lease of a flat runs for three years. The deposit is at most three months of rent."
SET = b'{"question": "How long?", "answer": "three years"}\n{"odd": 1}\n'
ATTACK = "<img src=x onerror=alert(1)> **bold** [a](javascript:b)"


@pytest.fixture
def started(monkeypatch):
    """What would be run in the background, instead of running it."""
    calls = []
    monkeypatch.setattr(
        jobs.Jobs, "start", lambda self, title, words, product="": calls.append((title, words, product))
    )
    return calls


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A workspace with a document, a data set, and a pool of both."""
    monkeypatch.setenv("SIMENV_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "w"
    (root / "documents").mkdir(parents=True)
    (root / "documents" / "leases.txt").write_bytes(LEASES)
    (root / "documents" / "law.jsonl").write_bytes(SET)
    given = [f"documents={root / 'documents' / 'leases.txt'}", f"sets=[{root / 'documents' / 'law.jsonl'}]"]
    assert (
        knowledge(["add", *given, f"topics=[{json.dumps(ATTACK)}]", "licence=mit", f"out={root / 'pools' / 'law'}"])
        == 0
    )
    return root


def texts(at):
    return "\n".join(
        x.value for kind in (at.markdown, at.caption, at.info, at.warning, at.error, at.code) for x in kind
    )


def pdf(pages: int) -> bytes:
    pypdf = pytest.importorskip("pypdf")
    writer, file = pypdf.PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    writer.write(file)
    return file.getvalue()


def test_an_upload_is_read_whole_and_counted(tmp_path):
    workspace = Workspace(tmp_path / "runs")
    taken = [documents.upload(workspace, n, BytesIO(c)) for n, c in (("a b.txt", LEASES), ("law.jsonl", SET))]
    assert [tuple(t)[:4] for t in taken] == [
        ("documents/a_b.txt", "document", 1, 0),
        ("documents/law.jsonl", "set", 1, 1),
    ]
    assert "law.jsonl" in taken[1].reason and "expected a question" in taken[1].reason
    assert documents.files(workspace) == ["documents/a_b.txt", "documents/law.jsonl"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("scan.pdf", None, "no text on its 2 pages, as in a scan"),
        ("broken.pdf", b"%PDF-1.4 nonsense", "damaged PDF"),
        ("broken.docx", b"PK\x03\x04 nonsense", "broken.docx"),
        ("empty.txt", b"", "holds no text"),
        ("latin.txt", b"\xff\xfe\x00\x41\x80", "latin.txt"),
        ("odd.parquet", b"PAR1", "odd.parquet"),
        ("program.exe", b"MZ", "expected a file that ends in"),
        ("../../up.txt/..", b"x", "expected a file that ends in"),
    ],
)
def test_what_cannot_be_read_is_said_in_words_and_not_taken_in(tmp_path, name, content, message):
    workspace = Workspace(tmp_path / "runs")
    with pytest.raises(ConfigError, match=message) as error:
        documents.upload(workspace, name, BytesIO(pdf(2) if content is None else content))
    assert ".upload" not in str(error.value) and str(tmp_path) not in str(error.value)
    assert not workspace.documents.exists() or not list(workspace.documents.iterdir())


def test_a_bomb_is_refused(tmp_path):
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (300 << 20))
    with pytest.raises(ConfigError):
        documents.upload(Workspace(tmp_path / "runs"), "bomb.docx", BytesIO(file.getvalue()))


def test_a_plan_becomes_the_command_and_says_what_is_missing():
    plan = PoolPlan(
        "ward", ("documents/a b.pdf",), ("sepsis",), (ChosenSet("data/m.jsonl", "MedQA"),), " mit ", "", {"size": 800}
    )
    assert plan.command("pools") == [
        "knowledge", "add", "documents=[documents/a b.pdf]", "topics=[sepsis]", "sets=[{path: data/m.jsonl, name: MedQA}]",
        "licence=mit", "size=800", "out=pools/ward",
    ]  # fmt: skip
    for wrong in (plan._replace(name="../up"), plan._replace(name=""), PoolPlan("ward")):
        with pytest.raises(ConfigError, match=r"name of the pool|nothing to add"):
            wrong.command("pools")
    assert unlicensed(plan) == [] and unlicensed(plan._replace(licence="")) == ["documents/a b.pdf"]
    assert topics("sepsis\n\n sepsis \nblood thinners") == ("sepsis", "blood thinners")
    with pytest.raises(ConfigError, match="name of a file"):
        topics("/etc/secret.md")


def test_a_pool_is_made_by_the_command_that_is_shown(show, root, started):
    at = show("data", root)
    at.selectbox(key="pool-name").set_value("law").run()
    at.multiselect(key="pool-documents").set_value(["documents/leases.txt", "documents/law.jsonl"]).run()
    assert "No licence is stated" in texts(at)
    assert any("cannot be used" in f.value.columns for f in at.dataframe)
    at.text_input(key="pool-licence").set_value("cc-by-4.0").run()
    assert "No licence is stated" not in texts(at)
    at.text_area(key="pool-topics").set_value("rent\nnotice").run()
    at.button(key="make-pool").click().run()
    words = [
        "knowledge", "add", "documents=[documents/leases.txt]", "topics=[rent, notice]",
        "sets=[{path: documents/law.jsonl, licence: cc-by-4.0}]", "licence=cc-by-4.0", "out=pools/law",
    ]  # fmt: skip
    assert started == [("knowledge", words, "pools/law")] and not at.exception


def test_a_set_of_the_registry_is_added_with_the_file_it_was_fetched_to(show, root, started):
    shutil.copy(root / "documents" / "law.jsonl", root / "documents" / "PubMedQA.jsonl")
    at = show("data", root)
    at.text_input(key="set-words").set_value("pmq").run()
    at.multiselect(key="sets").set_value(["PubMedQA"]).run()
    assert at.selectbox(key="file-of-PubMedQA").value == "documents/PubMedQA.jsonl"
    at.selectbox(key="pool-name").set_value("law").run()
    at.button(key="make-pool").click().run()
    assert "sets=[{path: documents/PubMedQA.jsonl, name: PubMedQA}]" in started[0][1]
    at.text_input(key="set-words").set_value("MedMCQA").run()
    at.multiselect(key="sets").set_value(["PubMedQA", "MedMCQA"]).run()
    assert "Left out, as no file is chosen for them: MedMCQA" in texts(at).replace("\\", "")


def test_a_file_that_breaks_after_it_was_chosen_is_left_out_in_words(show, root):
    (root / "documents" / "bad.pdf").write_bytes(b"%PDF-1.4 nonsense")
    at = show("data", root)
    at.multiselect(key="pool-documents").set_value(["documents/bad.pdf"]).run()
    assert (
        "is left out" in texts(at) and "damaged PDF" in texts(at) and not [b for b in at.button if b.key == "make-pool"]
    )


def test_the_items_of_a_pool_are_looked_through(show, root):
    at = show("data", root, pool="law")
    shown = next(f.value for f in at.dataframe if "comes from" in f.value.columns)
    assert shown["comes from"].tolist() == ["leases.txt, characters 0 to 84"]
    at.text_input(key="look-words").set_value("nothing-of-it").run()
    assert "Nothing holds all of these words" in texts(at)
    at.text_input(key="look-words").set_value("").run()
    at.segmented_control(key="look-kind").set_value("topics").run()
    assert not at.exception and "not be read" in "".join(e.label for e in at.expander)
    assert [e.label for e in at.expander if "not be read" in e.label] == ["Could not be read (1)"]


def test_pages_of_a_pool_are_counted(tmp_path):
    lines = "\n".join(json.dumps({"question": f"Question {n} of {n * 7919}?", "answer": str(n)}) for n in range(25))
    (tmp_path / "q.jsonl").write_text(lines)
    assert knowledge(["add", f"sets=[{tmp_path / 'q.jsonl'}]", f"out={tmp_path / 'pools' / 'p'}"]) == 0
    pool = pools.opened(Workspace(tmp_path / "runs"), "p")
    third = pools.find(pool, "records", "", 3)
    assert (len(third.items), third.total) == (5, 25) and pools.find(pool, "records", "question 190056", 1).total == 1
    with pytest.raises(ConfigError, match="did you mean"):
        pools.opened(Workspace(tmp_path / "runs"), "pp")


def test_questions_of_its_records_are_started(show, root, started):
    at = show("data", root, pool="law")
    at.toggle(key="web-questions").set_value(True).run()
    at.button(key="make-questions").click().run()
    words = ["knowledge", "questions", "pools/law", "out=data/law-questions", "web=true"]
    assert started == [("questions", words, "data/law-questions")]
    at.toggle(key="voiced").set_value(True).run()
    assert "model: give its name" in texts(at).replace("\\", "")


def test_dialogues_are_started_from_a_pool(show, root, started):
    at = show("data", root, dialogues="law")
    at.selectbox(key="roles").set_value("law").run()
    at.number_input(key="dialogue-rounds").set_value(2).run()
    shown = next(c.value for c in at.code if "simenv.instruct" in c.value)
    at.button(key="make-dialogues").click().run()
    words = ["instruct", "name=law-dialogues-1", "pool=pools/law", "roles=law", "rounds=2", "out=runs"]
    assert started == [("instruct", words, "runs/law-dialogues-1")] and shown.endswith(" ".join(words[1:]))
    at.segmented_control(key="speaker").set_value("model").run()
    assert "model: give its name" in texts(at).replace("\\", "")
    at.text_input(key="dialogue-model").set_value("gpt").run()
    at.segmented_control(key="dialogue-kind").set_value("room").run()
    at.number_input(key="dialogue-people").set_value(4).run()
    at.button(key="make-dialogues").click().run()
    assert {"kind=room", "people=4", "model=openai", "model.model=gpt"} <= set(started[-1][1])


def test_roles_of_ones_own_are_checked(tmp_path):
    workspace = Workspace(tmp_path / "runs")
    good = b"experts:\n- {name: Vet, prompt: You treat animals.}\nusers:\n- {name: Owner, prompt: You have a dog.}\n"
    path, found = save_roles(workspace, good)
    assert path.startswith("data/roles-") and found.experts[0].name == "Vet"
    for content, message in (
        (b"experts: [{name: Vet}]\nusers: []", "no prompt"),
        (b"\xff", "UTF-8"),
        (b"- 1", "expected"),
    ):
        with pytest.raises(ConfigError, match=message) as error:
            save_roles(workspace, content)
        assert str(tmp_path) not in str(error.value) and "/tmp" not in str(error.value)


def test_names_and_topics_that_attack_are_text(show, root):
    (root / "documents" / "x **bold** <b>.txt").write_bytes(LEASES)
    at = show("data", root)
    at.multiselect(key="pool-documents").set_value(["documents/x **bold** <b>.txt"]).run()
    shown = texts(at)
    assert "<b>" not in shown.replace("\\<b\\>", "") or "\\<b" in shown
    assert "**bold**" not in "\n".join(x.value for kind in (at.caption, at.warning, at.error, at.info) for x in kind)
    at.segmented_control(key="look-kind").set_value("topics").run()
    assert any(ATTACK in f.value.to_string() for f in at.dataframe) and ATTACK not in texts(at)

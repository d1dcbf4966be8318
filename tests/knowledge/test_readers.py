"""Every format is read with its pages and headings; each passage is found again where its span says; bad files are named."""

import os
import resource

import pypdf
import pytest

from simenv.errors import ConfigError, Unreadable
from simenv.knowledge.passage import checksum, document_text, passages
from simenv.knowledge.readers import FORMATS, blocks
from simenv.knowledge.readers.isolated import isolated

from .documents import pdf, write_docx, write_pptx, write_xlsx


def found(path):
    return [(b.text, b.page, b.heading) for b in blocks(path)]


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


GERMAN = "Größe für die Ärzte in München, über Jahre"
MARKDOWN = "intro\n# One\ntext\n```\n# no heading\n```\n## Two\nmore"
HTML = """<title>T</title><nav>skip</nav><p>In <b>bold</b> words<h1>A <i>b</i></h1><p>P<ul><li>x<li>y</ul>
<table><tr><td>1<td>2</table><script>no</script>"""
FOUND = {
    "a.txt": ("One.\r\nTwo.", [("One.\nTwo.", None, None)]),
    "latin.txt": (GERMAN.encode("latin-1"), [(GERMAN, None, None)]),
    "wide.txt": ("wide text".encode("utf-16"), [("wide text", None, None)]),
    "a.md": (
        MARKDOWN,
        [("intro", None, None), ("text\n```\n# no heading\n```", None, "One"), ("more", None, "Two")],
    ),
    "a.html": (HTML, [("In bold words", None, "T"), ("P\nx\ny\n1 | 2", None, "A b")]),
    "a.csv": ('drug;mg\naspirin;100\n"x;y";3\n', [("drug: aspirin; mg: 100\n\ndrug: x;y; mg: 3", None, None)]),
    "one.csv": ("drug\naspirin\nheparin\n", [("drug: aspirin\n\ndrug: heparin", None, None)]),
    "bare.tsv": ("drug\tmg\n", [("drug; mg", None, None)]),
    "a.tsv": ("drug\tmg\naspirin\t100\n", [("drug: aspirin; mg: 100", None, None)]),
    "a.jsonl": (
        '{"q": "why", "of": {"x": [1, 2]}}\n{"q": "how"}\n',
        [("q: why\nof.x: 1\nof.x: 2\n\nq: how", None, None)],
    ),
    "a.pdf": (pdf("First page.", "", "Third page."), [("First page.", 1, None), ("Third page.", 3, None)]),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_format_is_read(tmp_path, name):
    content, expected = FOUND[name]
    assert found(write(tmp_path / name, content)) == expected


def test_office_documents_are_read(tmp_path):
    write_docx(tmp_path / "a.docx")
    write_pptx(tmp_path / "a.pptx")
    write_xlsx(tmp_path / "a.xlsx")
    assert found(tmp_path / "a.docx") == [
        ("Before any heading.", None, None),
        ("A lease ends in May.\n\nIt may be renewed once.", None, "Leases"),
        ("item | fee\n\nrenewal | 40 euros", None, "Fees"),
    ]
    assert found(tmp_path / "a.pptx") == [
        ("Antibiotics within one hour\n\nAsk for cultures first.", 1, "Sepsis"),
        ("drug | mg\n\ninside a group", 2, None),
    ]
    assert found(tmp_path / "a.xlsx") == [("drug: aspirin; mg: 100\n\ndrug: heparin; mg: 5000", None, "Doses")]


def test_a_passage_is_found_again_where_its_span_says(tmp_path):
    text = "\n".join(f"# Part {n}\n" + f"Sentence {n} about leases. " * (3 + 20 * n) for n in range(4))
    path = write(tmp_path / "a.md", text)
    whole, found = document_text(path), list(passages(path, "a.md", checksum(path), 200))
    assert len(found) > 8 and all(whole[p.source.start : p.source.end] == p.text for p in found)
    assert len({p.id for p in found}) == len(found) and all(len(p.text) <= 200 for p in found)
    assert {p.title for p in found} == {f"Part {n}" for n in range(4)}


def encrypted():
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret")
    return writer


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.exe", b"MZ", "is not read; expected one of .txt"),
        ("plain", b"text", "no ending is not read"),
        ("a.pdf", b"%PDF-1.4 junk", "damaged PDF"),
        ("scan.pdf", pdf("", ""), "no text on its 2 pages, as in a scan; recognise it first"),
        ("a.docx", b"PK\x03\x04 junk", "damaged, or no .docx file"),
        ("a.xlsx", b"no zip", "damaged, or no .xlsx file"),
        ("a.pptx", b"no zip", "damaged, or no .pptx file"),
        ("a.txt", b"\x00\xff\x00\x80binary", "binary data; expected text"),
        ("a.jsonl", b'{"a": 1}\n{broken', "a.jsonl:2"),
        ("empty.md", b" \n\n", "it holds no text"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, name, content, told):
    path = write(tmp_path / name, content)
    with pytest.raises(Unreadable, match=told.replace(".", r"\.")) as e:
        list(passages(path, name, "0" * 64, 200))
    assert str(path) in e.value.place


def test_an_encrypted_pdf_says_how_to_open_it(tmp_path):
    encrypted().write(tmp_path / "a.pdf")
    with pytest.raises(Unreadable, match="encrypted; remove its password"):
        list(blocks(tmp_path / "a.pdf"))


def test_a_document_that_takes_too_long_or_too_much_ends_alone(tmp_path, monkeypatch):
    path = write(tmp_path / "a.pdf", pdf("Text."))
    slow = tmp_path / "slow.py"
    slow.write_text("import time\n\ndef blocks(path):\n    time.sleep(60)\n    yield\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    with pytest.raises(Unreadable, match="not read after 1 seconds"):
        list(isolated("slow", path, seconds=1))
    (tmp_path / "large.py").write_text("def blocks(path):\n    b'x' * (8 << 30)\n    yield\n")
    with pytest.raises(Unreadable, match="too much memory"):
        list(isolated("large", path))
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY


def test_a_missing_package_is_named_with_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr("simenv.knowledge.readers.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"\.pdf needs pypdf: pip install 'simenv\[knowledge\]'"):
        list(blocks(write(tmp_path / "a.pdf", pdf("x"))))


def test_a_huge_document_is_refused_before_it_is_opened(tmp_path):
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(300 << 20)
    with pytest.raises(Unreadable, match="300 MB; at most 200 MB are read, so split it"):
        checksum(path)


def test_every_format_has_its_reader():
    assert {".txt", ".md", ".html", ".pdf", ".docx", ".pptx", ".xlsx", ".csv", ".jsonl"} <= FORMATS.keys()

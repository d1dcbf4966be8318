"""Prompts tell data as they are: no template escapes JSON for HTML, and none can."""

import base64
from pathlib import Path

import pytest

from simenv.errors import ConfigError
from simenv.prompts import render
from tests import ROOT

TEMPLATES = sorted(
    path
    for folder in ("simenv", "environments", "agents", "filters", "viewer")
    for path in (ROOT / folder).rglob("*.j2")
)


def rendered(tmp_path: Path, source: str, **variables: object) -> str:
    path = tmp_path / f"{len(source)}.j2"  # a template is read once
    path.write_text(source, encoding="utf-8")
    return render(path, **variables)


def test_json_in_a_prompt_holds_the_characters_themselves(tmp_path):
    assert rendered(tmp_path, "{{ value | json }}", value={"sql": "a <= 'b' & c > \"é\""}) == (
        '{"sql": "a <= \'b\' & c > \\"é\\""}'
    )


def test_the_filter_that_escapes_html_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="tojson"):
        rendered(tmp_path, "{{ value | tojson }}", value=1)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_template_asks_for_escapes(path):
    text = path.read_text(encoding="utf-8")
    assert "tojson" not in text
    if not path.name.endswith((".html.j2", ".md.j2")):
        assert "| e }}" not in text and "| escape" not in text and "forceescape" not in text


def test_binary_contents_show_what_can_be_read(tmp_path):
    content = base64.b64encode(b"\0\0notes.txt\0\0\x01moss <oak>\n\xff\xfeab").decode()
    assert rendered(tmp_path, "{{ value | strings }}", value=content) == "notes.txt moss <oak>"
    assert rendered(tmp_path, "{{ value | strings }}|", value="no base64!") == "|"

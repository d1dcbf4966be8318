"""Prompts tell data as they are: no template escapes JSON for HTML, and none can."""

import base64
from pathlib import Path

import pytest

from simenv import prompts
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


ENDLESS = "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}x"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (ENDLESS, "longer than 0.2 s"),
        (
            "{% for a in range(99999) %}{% for b in range(99999) if false %}{% endfor %}{% endfor %}x",
            "longer than 0.2 s",
        ),
        ("{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(60) }}", "longer than 0.2 s"),
        ("{% set n = namespace(s=q) %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}x", "a text of"),
        ("{% set n = namespace(s=[1]) %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}x", "a list of"),
        ("{{ q.ljust(999999999) }}", "unsafe"),
        ("{{ '%999999999d' % 1 }}", "operator %"),
        ("{{ '%999999999d'|format(1) }}", "width"),
        ("{{ q|center(999999999) }}{{ q|indent(999999999) }}", "a text of"),
        ("{{ range(99999)|join(q * 1) }}", "operator"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"),
    ],
)
def test_a_template_that_takes_for_ever_or_fills_the_memory_is_stopped(tmp_path, monkeypatch, template, said):
    monkeypatch.setattr(prompts, "SECONDS", 0.2)
    (path := tmp_path / "mine.j2").write_text(template)
    with pytest.raises(ValueError, match=said):
        prompts.rehearse(path, q="Which one?")
    with pytest.raises(ConfigError, match=said):
        prompts.render(path, q="Which one?")


def test_a_template_puts_texts_together_as_ever(tmp_path):
    text = "{% for c in q %}{{ loop.index ~ '. ' ~ c }}{{ '' if loop.last else '; ' }}{% endfor %} {{ q|join(', ') }}"
    (path := tmp_path / "mine.j2").write_text(
        text + " {{ 'a' + 'b' }} {{ '%.1f'|format(2) }} {{ 'aXb'|replace('X', '-') }} {{ 1 + 2 * 3 }}"
    )
    assert prompts.render(path, q=["x", "y"]) == "1. x; 2. y x, y ab 2.0 a-b 7"

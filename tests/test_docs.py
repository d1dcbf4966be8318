"""README and documentation: every block that can run is run, every command exists, links lead somewhere, the site builds."""

import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec

import pytest
import yaml

from simenv.__main__ import COMMANDS, main
from tests import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
PROGRAMS = {
    "uv",
    "vf-eval",
    "inspect",
    "openenv",
    "make",
    "pip",
    "cd",
    "axolotl",
    ".",
    "mysql",
    "docker",
    "export",
    "chromium",
    "mariadbd",
    "apt-get",
    "sudo",
    "git",
}
"""What stands in blocks beside simenv's own commands and is not run here."""
ELSEWHERE = re.compile(
    r"NAME|SMALL|LARGE|model=|my\.|mine|calendar|\.jsonl|\.json\b|…|--resume|--trust|endpoint|dsn|plugins=|--help"
)
"""A command that needs what a reader has: a model, a file, a run."""


def blocks(*languages):
    for page in PAGES:
        for number, (language, text) in enumerate(BLOCK.findall(page.read_text(encoding="utf-8"))):
            if language in languages:
                yield pytest.param(text, id=f"{page.stem}-{number}")


def commands():
    """Each line of the blocks of shells, continued lines joined, as words."""
    for page in PAGES:
        for language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            if language in ("bash", "sh", "console"):
                for line in text.replace("\\\n", " ").splitlines():
                    if line.strip() and not line.lstrip().startswith("#"):
                        yield page.name, line.strip()


def ours(line):
    """The command and its words where a line is one of simenv's; None for another program's."""
    words = shlex.split(line, comments=True)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    if words[:2] == ["python", "-m"] and words[2].startswith("simenv."):
        return [words[2].removeprefix("simenv."), *words[3:]]
    return words[1:] if words[:1] == ["simenv"] else None


@pytest.mark.parametrize("source", blocks("python"))
def test_a_block_of_python_runs(source, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(source, "block", "exec"), {"__name__": "block"})  # noqa: S102  the project's own pages


@pytest.mark.parametrize("source", blocks("yaml", "yml"))
def test_a_block_of_yaml_can_be_read(source):
    assert yaml.safe_load(source) is not None


def test_every_command_in_a_block_exists():
    seen, targets = 0, set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page, line in commands():
        found = ours(line)
        if found is not None:
            assert found[0] in COMMANDS, f"{page}: {line}"
            seen += 1
            continue
        program, *words = shlex.split(line, comments=True)
        assert program in PROGRAMS or program.startswith("python") or "=" in program or "<" in line, f"{page}: {line}"
        if program == "make" and words:
            assert words[0] in targets, f"{page}: {line}"
        for word in words if program == "python" else ():
            if word.startswith("tests/"):
                assert (ROOT / word).exists(), f"{page}: {line}"
    assert seen > 80


OFFLINE = sorted({
    shlex.join(found) for _, line in commands()
    if (found := ours(line)) and found[0] in ("rollout", "teach") and not ELSEWHERE.search(line)
})  # fmt: skip


@pytest.mark.parametrize("line", OFFLINE)
def test_a_rollout_that_needs_nothing_can_be_resolved(line, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    words = shlex.split(line)
    resolved = words if {"--help", "--dry-run"} & {*words} else [*words, "--dry-run"]
    assert main(resolved) in (0, None), capsys.readouterr().err


def test_the_readme_is_short_and_its_links_lead_somewhere():
    text = PAGES[0].read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 200
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_the_map_of_the_docs_names_the_tutorials():
    text = (ROOT / "docs/index.md").read_text()
    jobs = "rollout simulate intervene curate export finetune evaluate sweep viewer own library serve own-data"
    assert [page for page in jobs.split() if f"({page}.md)" not in text] == []


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.stem)
def test_an_example_runs_offline(example, tmp_path):
    if "dataframe" in example.read_text() and not find_spec("pandas"):
        pytest.skip("no pandas: pip install pandas")
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, example], capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path):
    for package in ("mkdocs", "material", "mkdocstrings"):
        if not find_spec(package):
            pytest.skip(f"no {package}: pip install 'simenv[docs]'")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "reference" / "index.html").read_text()
    assert "agent.error_rate" in page or "error&#95;rate" in page or "error_rate" in page
    assert 'id="simenv.library.run_episode"' in (tmp_path / "api" / "index.html").read_text()

"""The doctor names every protection, whether this host gives it, and what takes its place."""

import pytest

from simenv.__main__ import main
from simenv.doctor.cli import protections
from simenv.plugins.environments.os.engine import bubblewrap, cgroups, seccomp


def test_the_doctor_names_every_protection(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    for name in ("seccomp", "control groups", "user namespaces", "bubblewrap", "Chromium's sandbox"):
        assert name in text


@pytest.mark.parametrize(
    ("version", "given", "note"), [(2, True, "version 2"), (1, True, "version 1"), (0, False, "memory is added up")]
)
def test_control_groups_are_told_with_their_version(version, given, note, monkeypatch):
    monkeypatch.setattr(cgroups, "version", lambda: version)
    protection = protections()["os"]["control groups"]
    assert protection.given is given and note in protection.note


def test_what_is_missing_is_told_with_its_reason(monkeypatch):
    monkeypatch.setattr(seccomp, "program", lambda: b"")
    monkeypatch.setattr(bubblewrap.Bubblewrap, "missing", staticmethod(lambda: "no bwrap"))
    given = protections()["os"]
    assert not given["seccomp"].given and given["seccomp"].note
    assert given["bubblewrap"] == (False, "no bwrap")

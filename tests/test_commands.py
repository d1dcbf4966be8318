"""Every command by each of its names: `simenv X`, `python -m simenv.X`."""

import runpy
import sys

import pytest

from simenv.__main__ import COMMANDS, main


def run(module, *words):
    """A module as a script; its exit status."""
    before, sys.argv = sys.argv, [module, *words]
    try:
        runpy.run_module(module, run_name="__main__")
    except SystemExit as e:
        return e.code
    finally:
        sys.argv = before
    return "it only ran to its end"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_explains_itself_by_both_its_names(name, capsys):
    assert run(f"simenv.{name}", "--help") == 0
    told = capsys.readouterr().out
    assert told.startswith("usage: ") and name in told.partition("\n")[0]
    assert run("simenv", name, "--help") == 0
    assert capsys.readouterr().out.replace("__main__.py", "x") == told.replace("__main__.py", "x")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_refuses_a_flag_that_it_does_not_have(name, capsys):
    assert run(f"simenv.{name}", "--nonsense") == 2
    assert f"usage: simenv {name}" in capsys.readouterr().err


def test_words_that_are_no_command():
    assert main([]) == 2 and main(["--help"]) == 0 and main(["--version"]) == 0 and main(["rolout"]) == 2


def test_what_is_called_without_a_word_says_what_there_is(capsys):
    main([])
    told = capsys.readouterr().out
    assert all(name in told for name in COMMANDS)
    main(["rolout"])
    assert "did you mean 'rollout'" in capsys.readouterr().err

"""Each disguise of an answer is read, and what is none is left alone."""

import pytest

from simenv.hooks.leaks.readings import ciphered, decoded


def spelt(text):
    """All readings of a text, by kind."""
    return [(r if isinstance(r, str) else " ".join(r)).lower() for _, r in (*decoded(text), *ciphered(text))]


@pytest.mark.parametrize(
    "hint",
    [
        r"\u0063\u0065\u006c\u006c\u0061\u0072",
        "%63%65%6c%6c%61%72",
        "01100011 01100101 01101100 01101100 01100001 01110010",
        "-.-. . .-.. .-.. .- .-.",
        "3 5 12 12 1 18",
        "99 101 108 108 97 114",
        "Y2VsbGFy",
        "63656c6c6172",
        "pryyne",
        "ralLec",
    ],
)
def test_a_disguised_word_is_read(hint):
    assert any("cellar" in reading.replace(" ", "") for reading in spelt(f"Look at {hint} now"))


@pytest.mark.parametrize(
    "hint", ["\\u", "\\u00", "\\uzzzz", "\\u00e9t\\u00e9", "%", "%zz", "0101", "\\ud800", "=" * 40]
)
def test_half_a_disguise_is_no_fault(hint):
    assert all(isinstance(reading, str) for reading in spelt(hint))

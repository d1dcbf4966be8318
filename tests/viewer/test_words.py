"""What hostile text looks like on the screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv.plugins.viewer.untrusted_text import LIMIT, LINE, LINES, badge_label, label, visible


@pytest.mark.parametrize(
    ("text", "text_shown"),
    [
        ("plain\ttext\nnext", "plain\ttext\nnext"),
        ("\x1b[31mred\x1b]0;root@box\x07", "␛[31mred␛]0;root@box␇"),
        ("a\x00b\r\nc\x7f", "a␀b␍\nc␡"),
        ("user\u202egnp.exe", "user\\u{202e}gnp.exe"),
        ("\u2066x\u2069\u200f", "\\u{2066}x\\u{2069}\\u{200f}"),
        ("lone \ud800 half", "lone \\u{d800} half"),
        ("tag\U000e0041s", "tag\\u{e0041}s"),
        ("\x9b31m", "\\u{9b}31m"),
        ("größe 日本語 שלום 🙂", "größe 日本語 שלום 🙂"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_every_character_is_visible_and_none_is_obeyed(text, text_shown):
    assert visible(text).text == text_shown


def test_long_texts_are_cut_and_long_lines_are_broken():
    view = visible("x" * (LIMIT + 5))
    assert view.left_out == 5 and max(map(len, view.text.split("\n"))) == LINE
    assert visible("short").left_out == 0
    many = visible("a\n" * (LINES + 100))
    assert many.text.count("\n") == LINES - 1 and many.left_out == 2 * 100 + 1


@given(st.text(alphabet=st.characters(codec=None), max_size=300))
def test_whatever_comes_can_be_sent_to_a_browser(text):
    text_shown = visible(text).text
    text_shown.encode("utf-8")
    assert not any(ord(c) < 32 and c not in "\n\t" for c in text_shown)


@pytest.mark.parametrize(
    "text",
    [
        "**bold**",
        "[a](http://x)",
        "![i](http://x/y.png)",
        ":red[x] :smile:",
        "$x^2$",
        "<b>x</b>",
        "# h",
        "`c`",
        "a_b_c",
        "www.x.org and a@x.org and HTTPS://x.org",
    ],
)
def test_a_label_holds_no_markup(text):
    escaped = label(text)
    assert escaped.replace("\\", "").replace("\u2060", "") == text
    assert all(escaped[i - 1] == "\\" for i, c in enumerate(escaped) if c in "*[](){}<>#`:$!_")


def test_a_label_is_one_short_line():
    assert label("a\n\n b" + "c" * 200) == "a b" + "c" * 76 + "…"


@pytest.mark.parametrize("text", ["[a](http://x)", "\\[a\\](x)", "]x[", "a] :red[b"])
def test_what_a_badge_escapes_is_not_escaped_twice(text):
    drawn = badge_label(text).replace("[", "\\[").replace("]", "\\]")  # as st.badge does
    assert drawn == label(text, 120)

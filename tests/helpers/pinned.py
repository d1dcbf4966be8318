"""Lines of text that a file holds: what is written now is compared with what was written when somebody read it."""

import sys


def assert_as_pinned(now, file, command):
    """`now`: the lines as they are; `command`: what writes the file anew."""
    now, then = [" ".join(line.split()) for line in now], file.read_text().splitlines()
    wrong = [f"line {n}: {a}\n  was {b}" for n, (a, b) in enumerate(zip(now, then, strict=False), 1) if a != b]
    assert not wrong and len(now) == len(then), (
        f"{len(wrong)} lines differ, {len(now)} for {len(then)}; if it is meant, {command}\n" + "\n".join(wrong[:10])
    )


def write_pinned(sets, folder):
    """The files of the sets named on the command line, or of all."""
    folder.mkdir(exist_ok=True)
    for name in sys.argv[1:] or sets:
        (folder / f"{name}.txt").write_text("".join(" ".join(line.split()) + "\n" for line in sets[name]()))

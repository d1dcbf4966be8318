"""The SQL statements of an mtr `.test` file."""

from __future__ import annotations

import re
from collections.abc import Iterator

_COMMANDS = re.compile(
    r"(let|eval|evalp|source|connect|connection|disconnect|dirty_close|while|if|echo|sleep|real_sleep|error|query\w*|die|"
    r"exit|inc|dec|exec|execw|system|perl|enable_\w+|disable_\w+|sorted_result|partially_sorted_result|replace_\w+|"
    r"vertical_results|horizontal_results|reap|send\w*|delimiter|skip|remove_file\w*|write_file|append_file|cat_file|"
    r"diff_files|copy_file|mkdir|rmdir|list_files\w*|chmod|move_file|require|result_format|ping|wait_\w+|start_timer|"
    r"end_timer|lowercase_result|character_set|change_user|output|reset_connection|shutdown_server|optimizer_\w+)\b",
    re.I,
)


def statements(text: str) -> Iterator[str]:
    """The SQL statements of a `.test` file, without the tool's own commands, those with its variables, and comments."""
    delimiter, piece, in_perl = ";", "", False
    for line in text.split("\n"):
        bare = line.strip()
        if in_perl:
            in_perl = not bare.startswith("EOF")
            continue
        if not piece and (not bare or bare[0] in "#{}" or bare.startswith("--")):
            changed = re.match(r"--\s*delimiter\s+(\S+)", bare, re.I)
            delimiter = changed[1] if changed else delimiter
            continue
        if not piece and re.match(r"(perl|write_file|append_file)\b", bare):
            in_perl = True
            continue
        piece += line + "\n"
        changed = re.match(r"delimiter\s+(\S+?)\s*$", piece.strip(), re.I)
        if changed:
            new = changed[1]
            delimiter = (new.removesuffix(delimiter) if len(new) > len(delimiter) else new) or delimiter
            piece = ""
            continue
        while (end := _end(piece, delimiter)) is not None:
            statement, piece = piece[:end].strip(), piece[end + len(delimiter) :].lstrip()
            if statement and not _COMMANDS.match(statement) and "$" not in statement:
                yield statement
        if re.match(r"(while|if)\b", piece, re.I) or piece.lstrip()[:1] in ("", "#", "{", "}"):
            piece = ""


def _end(text: str, delimiter: str) -> int | None:
    """Where a delimiter stands outside of quotes and comments."""
    for match in re.finditer(
        r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`|/\*.*?\*/|(?:#|-- )[^\n]*|"
        + f"({re.escape(delimiter)})",
        text,
        re.S,
    ):
        if match[1]:
            return match.start()
    return None

"""Reads files that somebody may have been sent: JSON, JSON lines, YAML, text and Parquet, plain or packed with gzip.

Everything has bounds. What goes beyond one, or is no such file, is `Unreadable`: file and line, what is wrong, the limit, and
what to do. One bad line does not end the reading of the others. No other module opens or parses such files.
"""

from simenv.documents.json_text import DEEPEST, parse
from simenv.documents.records import Row, rows
from simenv.documents.streams import (
    LARGEST,
    LONGEST,
    bounded_lines,
    content,
    file_text,
    head,
    is_file,
    json_file,
    json_lines,
    object_file,
    opened_text,
    text_lines,
    too_long,
)
from simenv.documents.yaml_text import YamlError, parse_yaml, yaml_file

__all__ = [
    "DEEPEST",
    "LARGEST",
    "LONGEST",
    "Row",
    "YamlError",
    "bounded_lines",
    "content",
    "file_text",
    "head",
    "is_file",
    "json_file",
    "json_lines",
    "object_file",
    "opened_text",
    "parse",
    "parse_yaml",
    "rows",
    "text_lines",
    "too_long",
    "yaml_file",
]

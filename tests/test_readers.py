"""Foreign files are read in one place: a new direct use of a parser needs a verdict."""

import ast
from collections import Counter

from . import ROOT
from .reader_verdicts import VERDICTS

PARSERS = {
    "loads", "load", "safe_load", "read_table", "ParquetFile", "read_text", "read_bytes", "model_validate_json",
    "validate_json", "from_json", "raw_decode", "load_all", "unsafe_load", "GzipFile", "decompress",
}  # fmt: skip
MODULES = {"json", "yaml", "gzip", "pickle", "zipfile", "tarfile", "pandas", "pyarrow", "zlib", "csv"}
"""A call of `open` or `load` counts as one of these modules."""


def uses(path):
    """The direct uses of parsers in a module, by name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            name = node.func.attr
            if (name in PARSERS - {"load"}) or (name in ("open", "load") and owner in MODULES):
                yield name
        elif isinstance(node.func, ast.Name) and node.func.id in PARSERS - {"load", "loads"}:
            yield node.func.id


def counts():
    found = Counter()
    for part in ("simenv", "environments", "viewer", "filters", "agents"):
        for path in sorted((ROOT / part).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            if not place.startswith(("simenv/documents/", "simenv/plugins/environments/", "simenv/plugins/viewer/")):
                found.update((place, name) for name in uses(path))
    return found


def test_a_direct_use_of_a_parser_has_a_verdict():
    found, known = counts(), {(place, name): n for (place, name), (n, _) in VERDICTS.items()}
    new = [f"{place}: {name}, {n} times" for (place, name), n in found.items() if n > known.get((place, name), 0)]
    assert not new, (
        f"read it through simenv/documents, which bounds what it reads, or say in tests/reader_verdicts.py why not: {new}"
    )
    gone = [key for key, n in known.items() if found[key] < n]
    assert not gone, f"take these verdicts out: {gone}"


def test_every_verdict_says_why():
    assert all(len(why) > 10 for _, why in VERDICTS.values())

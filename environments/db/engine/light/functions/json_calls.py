"""MySQL's JSON functions over texts, as MariaDB 10.11 answers them. No argument is NULL."""

from __future__ import annotations

from decimal import Decimal

from ...session import Unsupported
from .json_text import Members, Node, Step, decoded, find, member, quoted, read, steps, written

_TYPES = {'"': "STRING", "t": "BOOLEAN", "f": "BOOLEAN", "n": "NULL"}


def valid(text: str) -> int:
    """JSON_VALID."""
    return int(read(text) is not None)


def extract(text: str, *paths: str) -> str | None:
    """JSON_EXTRACT: the value of one path, or an array of those that several or a wildcard lead to."""
    document = read(text)
    if document is None:
        return None
    ways = [steps(p) for p in paths]
    nodes = [node for way in ways for node in find(document, way)]
    if not nodes:
        return None
    return written(nodes[0] if len(ways) == 1 and None not in ways[0] else nodes)


def _at(text: str, path: str) -> Node | None:
    """The one value that a path leads to."""
    document, way = read(text), steps(path)
    if None in way:
        raise Unsupported("a wildcard in this path into JSON", "JSON_EXTRACT")
    return None if document is None else next(find(document, way), None)


def value(text: str, path: str) -> str | None:
    """JSON_VALUE: a scalar as text."""
    node = _at(text, path)
    if not isinstance(node, str) or node == "null":
        return None
    return {"true": "1", "false": "0"}.get(node) or unquote(node)


def unquote(text: str) -> str:
    """JSON_UNQUOTE."""
    if text[:1] != '"':
        return text
    node = read(text)
    if not isinstance(node, str):
        raise Unsupported("JSON_UNQUOTE of this text")
    return decoded(node)


def length(text: str, path: str = "$") -> int | None:
    """JSON_LENGTH."""
    node = _at(text, path)
    if isinstance(node, Members):
        return len(node.pairs)
    return None if node is None else len(node) if isinstance(node, list) else 1


def kind(text: str) -> str | None:
    """JSON_TYPE."""
    node = read(text)
    if not isinstance(node, str):
        return None if node is None else "OBJECT" if isinstance(node, Members) else "ARRAY"
    if "e" in node.lower() and node[0] in "-0123456789":
        raise Unsupported("JSON_TYPE of a number with an exponent")
    return _TYPES.get(node[0]) or ("DOUBLE" if "." in node else "INTEGER")


def depth(text: str) -> int | None:
    """JSON_DEPTH."""
    node = read(text)
    return None if node is None else _depth(node)


def _depth(node: Node) -> int:
    items = [v for _, v in node.pairs] if isinstance(node, Members) else node if isinstance(node, list) else []
    return 1 + max(map(_depth, items), default=0)


def keys(text: str, path: str = "$") -> str | None:
    """JSON_KEYS."""
    node = _at(text, path)
    if not isinstance(node, Members):
        return None
    return written([quoted(k) for k in dict.fromkeys(k for k, _ in node.pairs)])


def contains(text: str, candidate: str, path: str | None = None) -> int | None:
    """JSON_CONTAINS."""
    wanted, document = read(candidate), read(text)
    if wanted is None or document is None:
        return None
    node = document if path is None else _at(text, path)
    return int(node is not None and _contains(node, wanted))


def _contains(node: Node, wanted: Node) -> bool:
    if isinstance(node, Members):
        return isinstance(wanted, Members) and all(_has(node, k, v) for k, v in wanted.pairs)
    if isinstance(node, list):
        if isinstance(wanted, list):
            return all(_contains(node, item) for item in wanted)
        return any(_contains(item, wanted) for item in node)
    return isinstance(wanted, str) and _same(node, wanted)


def _has(node: Members, key: str, wanted: Node) -> bool:
    found = member(node, key)
    return found is not None and _contains(found, wanted)


def _same(a: str, b: str) -> bool:
    """Whether two scalars are equal; texts that differ in case alone are refused."""
    if a[0] in "-0123456789" and b[0] in "-0123456789":
        return Decimal(a) == Decimal(b)
    if a[0] == b[0] == '"':
        left, right = decoded(a), decoded(b)
        if left != right and left.casefold().strip() == right.casefold().strip():
            raise Unsupported("JSON_CONTAINS of texts that differ in case")
        return left == right
    return a == b


def contains_path(text: str, mode: str, *paths: str) -> int | None:
    """JSON_CONTAINS_PATH."""
    document = read(text)
    if mode.lower() not in ("one", "all"):
        raise Unsupported("JSON_CONTAINS_PATH of another mode", "'one' or 'all'")
    if document is None:
        return None
    found = [any(True for _ in find(document, steps(p))) for p in paths]
    return int(all(found) if mode.lower() == "all" else any(found))


def set_values(mode: str, text: str, *pairs: str) -> str | None:
    """JSON_SET, JSON_INSERT and JSON_REPLACE (by their third letter, S, N and P), with values that are JSON."""
    document = read(text)
    if document is None:
        return None
    for path, new in zip(pairs[::2], pairs[1::2], strict=True):
        way, node = steps(path), read(new)
        if not way or None in way or node is None:
            raise Unsupported("this path into JSON", "$.key and $[0]")
        parent = next(find(document, way[:-1]), None)
        if parent is not None:
            _put(parent, way[-1], node, mode)
    return written(document)


def _put(parent: Node, step: Step, new: Node, mode: str) -> None:
    if isinstance(parent, Members) and isinstance(step, str):
        if member(parent, step) is None:
            if mode != "P":
                parent.pairs.append((step, new))
        elif mode != "N":
            parent.pairs = [(k, new if k == step else v) for k, v in parent.pairs]
    elif isinstance(parent, list) and isinstance(step, int):
        if step >= len(parent):
            if mode != "P":
                parent.append(new)
        elif mode != "N":
            parent[step] = new
    else:
        raise Unsupported("a path into JSON of another kind", "$.key of an object and $[0] of an array")


def remove(text: str, *paths: str) -> str | None:
    """JSON_REMOVE."""
    document = read(text)
    if document is None:
        return None
    for path in paths:
        way = steps(path)
        if not way or None in way:
            raise Unsupported("this path into JSON", "$.key and $[0]")
        parent = next(find(document, way[:-1]), None)
        step = way[-1]
        if isinstance(parent, Members):
            member(parent, str(step))
            parent.pairs = [(k, v) for k, v in parent.pairs if k != step]
        elif isinstance(parent, list) and isinstance(step, int):
            del parent[step : step + 1]
        elif parent is not None:
            raise Unsupported("a path into JSON of another kind", "$.key of an object and $[0] of an array")
    return written(document)


def append(text: str, *pairs: str) -> str | None:
    """JSON_ARRAY_APPEND to arrays, with values that are JSON."""
    document = read(text)
    if document is None:
        return None
    for path, new in zip(pairs[::2], pairs[1::2], strict=True):
        target, node = next(find(document, steps(path)), None), read(new)
        if not isinstance(target, list) or node is None or None in steps(path):
            raise Unsupported("JSON_ARRAY_APPEND to what is no array")
        target.append(node)
    return written(document)


def made_object(*parts: str) -> str:
    """JSON_OBJECT of keys, as texts, and values, as JSON."""
    return "{" + ", ".join(f"{quoted(k)}: {v}" for k, v in zip(parts[::2], parts[1::2], strict=True)) + "}"


def made_array(*parts: str) -> str:
    """JSON_ARRAY of values that are JSON."""
    return "[" + ", ".join(parts) + "]"


def number(text: str) -> float:
    """What a number inside JSON compares as."""
    node = read(text)
    if isinstance(node, str) and node[0] in "-0123456789":
        return float(node)
    raise Unsupported("a comparison of JSON that is no number with a number", "JSON_VALUE")


STRICT_NULL = {
    "m_json_valid": valid, "m_json_extract": extract, "m_json_value": value, "m_json_unquote": unquote,
    "m_json_length": length, "m_json_type": kind, "m_json_depth": depth, "m_json_keys": keys, "m_json_contains": contains,
    "m_json_contains_path": contains_path, "m_json_set": set_values, "m_json_remove": remove, "m_json_append": append,
    "m_json_object": made_object, "m_json_array": made_array, "m_json_quote": quoted, "m_json_number": number,
}  # fmt: skip

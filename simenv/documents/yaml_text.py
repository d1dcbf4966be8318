"""Parses YAML within bounds: size, depth, what aliases expand to, digits, finite numbers, and no key twice."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import yaml

from simenv.documents.json_text import DIGITS
from simenv.errors import Unreadable

LARGEST = 1 << 20
"""Bytes of a YAML file."""
DEEPEST = 100
"""Levels of lists and mappings."""
NODES = 200_000
"""Values, with those that aliases repeat."""
_MERGE = "tag:yaml.org,2002:merge"


class YamlError(ValueError):
    """A text that is no YAML, or goes beyond a bound; the message says where and what to do."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with bounds."""

    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self._depth += 1
        if self._depth > DEEPEST:
            line = self.peek_event().start_mark.line + 1
            raise YamlError(f"line {line}: nested more than {DEEPEST} deep; flatten it")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def get_single_node(self) -> Any:
        node = super().get_single_node()
        if node is not None and _size(node, {}) > NODES:
            raise YamlError(f"its aliases repeat more than {NODES} values; write fewer of them")
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [(key.tag, key.value) for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE]
        if len(set(keys)) < len(keys) and isinstance(node, yaml.MappingNode):
            twice = next(key for n, key in enumerate(keys) if key in keys[:n])[1]
            raise YamlError(f"line {node.start_mark.line + 1}: the key {twice!r:.80} is there twice; leave one out")
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: Any) -> int:
        if len(node.value) > DIGITS:
            raise YamlError(f"line {node.start_mark.line + 1}: an integer of more than {DIGITS} digits; quote it")
        return int(super().construct_yaml_int(node))

    def construct_yaml_float(self, node: Any) -> float:
        number = float(super().construct_yaml_float(node)) if len(node.value) <= DIGITS else math.inf
        if not math.isfinite(number):
            raise YamlError(
                f"line {node.start_mark.line + 1}: {node.value!r:.40} is no finite number; write one, or null"
            )
        return number


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_yaml_float)


def _size(node: Any, sizes: dict[int, float]) -> float:
    """The number of values of a node when every alias stands for all that it names; infinite if it holds itself."""
    if id(node) not in sizes:
        sizes[id(node)] = math.inf  # until it is known: whoever meets it now is inside it
        inner = node.value if not isinstance(node, yaml.ScalarNode) else ()
        parts = (part for pair in inner for part in (pair if isinstance(pair, tuple) else (pair,)))
        sizes[id(node)] = 1 + sum(_size(part, sizes) for part in parts)
    return sizes[id(node)]


def parse_yaml(text: str) -> Any:
    """The value of a YAML text; YamlError where it is none or goes beyond a bound."""
    if len(text) > LARGEST:
        raise YamlError(f"{len(text)} characters; at most {LARGEST} are read")
    try:
        return yaml.load(text, _Loader)
    except YamlError:
        raise
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError) as e:
        # PyYAML lets pass what dates, integers and keys raise.
        raise YamlError(" ".join(str(e).split())) from e


def yaml_file(path: Path) -> Any:
    """The value of a YAML file, which may be a pipe; Unreadable where it is none."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        return parse_yaml(data.decode("utf-8-sig"))
    except OSError as e:
        raise Unreadable(str(path), e.strerror or str(e)) from e
    except UnicodeDecodeError as e:
        line = e.object.count(b"\n", 0, e.start) + 1
        raise Unreadable(f"{path}:{line}", "no YAML: no UTF-8; save it as UTF-8") from e
    except ValueError as e:
        raise Unreadable(str(path), f"no YAML: {e}") from e

"""Every field of every model keeps its default, choices and bounds; each bound holds at its edge and refuses what lies beyond.

`python -m tests.test_option_table > tests/option_table.txt` writes the table anew; read the difference before you commit it.
"""

import math
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Interval, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticUndefined

from tests import ROOT
from tests.test_options import is_of_tests, owner, parts, shapes

TABLE = ROOT / "tests" / "option_table.txt"
SIGNS = {Ge: "≥", Gt: ">", Le: "≤", Lt: "<", MinLen: "length ≥", MaxLen: "length ≤"}


def flat(metadata):
    """Bounds one by one."""
    for one in metadata:
        yield from one if isinstance(one, Interval) else [one]


def bounds(metadata):
    """What a value must keep to, in words."""
    words = []
    for one in flat(metadata):
        if type(one) in SIGNS:
            words.append(
                f"{SIGNS[type(one)]} {next(iter(vars(one).values())) if hasattr(one, '__dict__') else edge(one)}"
            )
        elif getattr(one, "pattern", None):
            words.append(f"like {one.pattern}")
    return words


def edge(bound):
    """The number in a bound."""
    return next(getattr(bound, n) for n in ("ge", "gt", "le", "lt", "min_length", "max_length") if hasattr(bound, n))


def default(field):
    """The default as it is written in the table."""
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, BaseModel):
        return f"{type(value).__name__}({value.model_dump(exclude_unset=True) or ''})"
    return f"file {value.name}" if isinstance(value, Path) and value.is_absolute() else repr(value)


def choices(annotation):
    """The words of all literals in an annotation."""
    if get_origin(annotation) is Literal:
        return [str(word) for word in get_args(annotation)]
    return [word for inner in get_args(annotation) for word in choices(inner)]


def models(shape, seen):
    """A model and all that are in its options."""
    if shape in seen:
        return
    seen.add(shape)
    yield shape
    for field in shape.model_fields.values():
        for part in parts(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from models(part, seen)


def declared():
    """The models of all modules but the viewer's, whose screens draw when they are imported."""
    for top in ("simenv", *(f"simenv.plugins.{kind}" for kind in ("environments", "agents", "filters"))):
        folder = ROOT / (top if top == "simenv" else top.rpartition(".")[2])
        for file in sorted(folder.rglob("*.py")):
            path = file.relative_to(folder).with_suffix("")
            if (top == "simenv" and path.parts[0] in ("plugins", "configs")) or path.name.startswith("__main"):
                continue
            name = ".".join([top, *path.parts]).removesuffix(".__init__")
            try:
                module = import_module(name)
            except ImportError:  # a package of it is not installed
                continue
            yield from (m for m in vars(module).values() if isinstance(m, type) and issubclass(m, BaseModel))


@cache
def fields():
    """Each field by the place that declares it."""
    seen, found = set(), {}
    for shape in (*shapes(), *declared()):
        if shape is BaseModel or shape.__module__.partition(".")[0] != "simenv":
            continue
        for model in models(shape, seen):
            for name, field in model.model_fields.items():
                place = owner(model, name)
                if not is_of_tests(place):
                    module = place.__module__.removeprefix("simenv.").removeprefix("plugins.")
                    found[f"{module}:{place.__qualname__}.{name}"] = field
    return found


def line(key, field):
    outer = bounds(field.metadata)
    inner = bounds([p for p in parts(field.annotation) if not isinstance(p, type)])
    one_of = [f"one of {' '.join(words)}"] if (words := choices(field.annotation)) else []
    limits = ", ".join([*outer, *(f"each {words}" for words in inner), *one_of])
    return f"{key} | {default(field)} | {limits}".strip().removesuffix(" |")


def rows():
    return TABLE.read_text().splitlines()


def test_every_option_keeps_its_default_and_bounds():
    now, then = {line(*item) for item in fields().items()}, set(rows())
    assert now == then, f"new: {sorted(now - then)}; gone: {sorted(then - now)}; read test_option_table.py"


def numbers():
    """Key, sign and edge of every bound on a number, from the table."""
    for row in rows():
        key, _, rest = row.partition(" | ")
        for words in rest.rpartition(" | ")[2].split(", "):
            sign, _, number = words.partition(" ")
            if sign in ("≥", ">", "≤", "<"):
                yield key, sign, float(number)


@pytest.mark.parametrize(("key", "sign", "edge"), numbers(), ids=lambda x: str(x))
def test_a_bound_holds_at_its_edge(key, sign, edge):
    field = fields()[key]
    adapter = TypeAdapter(field.rebuild_annotation())
    kinds = {p for p in parts(field.annotation) if isinstance(p, type)}
    is_integer = int in kinds and float not in kinds
    up = edge + 1 if is_integer else math.nextafter(edge, math.inf)
    down = edge - 1 if is_integer else math.nextafter(edge, -math.inf)
    inside, outside = {"≥": (edge, down), "≤": (edge, up), ">": (up, edge), "<": (down, edge)}[sign]
    as_number = int if is_integer else float
    assert adapter.validate_python(as_number(inside)) == inside
    with pytest.raises(ValidationError):
        adapter.validate_python(as_number(outside))


if __name__ == "__main__":
    print(*sorted(line(*item) for item in fields().items()), sep="\n")

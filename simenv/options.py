"""Settings of plugins and commands: closed models, read from YAML or `a.b=value`; errors name the nearest key."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from simenv.errors import ConfigError, Untrusted, unknown
from simenv.redaction import secret_in
from simenv.trust import NotTrusted


class Options(BaseModel):
    """Base of all settings: frozen, refuses unknown keys. The docstring below a field is its help."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _folder_name(value: Any) -> Any:
    if value is None or value == "":
        raise ValueError("a name is needed; write name=…")
    if isinstance(value, str) and not re.fullmatch(r"\w[\w.-]*", value):
        raise ValueError(
            f"{value!r:.80} is no name of a folder; expected letters, digits, _, . and -, the first a letter or a digit"
        )
    return value


FolderName = Annotated[str, BeforeValidator(_folder_name)]
"""The name of a folder that a command makes in its `out`; no path."""
FolderNameOrNone = Annotated[str | None, BeforeValidator(lambda value: None if value is None else _folder_name(value))]
"""The same where none is a default."""


class Named:
    """Gives a class the name that records use: the class name in snake_case, unless `name` is set."""

    name: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "name" not in vars(cls):
            cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


M = TypeVar("M", bound=BaseModel)


def _model(annotation: Any) -> type[BaseModel] | None:
    """The pydantic model inside an annotation such as `Model | None`, `dict[str, Model]` or `list[Model]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in get_args(annotation) if (m := _model(a))), None)


def _allowed_keys(shape: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    """The keys allowed at a path below a model."""
    for key in path:
        field = shape.model_fields.get(key) if isinstance(key, str) else None
        inner = _model(field.annotation) if field else None
        shape = inner or shape
    return list(shape.model_fields)


RENAMED = {
    ("agent", "slips"): "error_rate",
    ("hooks.fork", "ways"): "continuations",
    ("os.world", "backend"): "engine",
}
"""Options that have another name now, by where they stand."""


def _unknown(shape: type[BaseModel], prefix: str, loc: tuple[Any, ...]) -> str:
    """What to say of an option that does not exist: its new name, or those that exist."""
    place, key = ".".join(filter(None, [prefix, *map(str, loc[:-1])])), str(loc[-1])
    for (parent, old), new in RENAMED.items():
        if key == old and (place == parent or place.endswith(f".{parent}")) and new in _allowed_keys(shape, loc[:-1]):
            return f"{place}.{old} is now {place}.{new}"
    return f"{'.'.join(filter(None, [place, key]))}: {unknown('option', key, _allowed_keys(shape, loc[:-1]))}"


def read(shape: type[M], data: dict[str, Any], prefix: str) -> M:
    """Validate settings; `prefix` is the key that they stand under.

    ConfigError has a line for each fault: the key, what was expected, the value; for an unknown key the nearest spelling. It
    is Untrusted where values of a foreign file would be acted on. Settings are written to files, so a secret is refused.
    """
    if secret := secret_in(data, prefix):
        raise ConfigError(
            "{}: {}; settings are written to files, so keep it in an environment variable".format(*secret)
        )
    try:
        return shape.model_validate(data)
    except ValidationError as e:
        lines, refusals = [], []
        for error in e.errors(include_url=False):
            loc = tuple(x for x in error["loc"])
            place = ".".join([prefix, *map(str, loc)]) if prefix else ".".join(map(str, loc))
            if error["type"] == "value_error" and isinstance(cause := error["ctx"]["error"], NotTrusted):
                refusals.append(cause.refusal(place.removesuffix(".[key]")))
                lines.append(str(refusals[-1]))
            elif error["type"] == "value_error":  # a sentence of our own
                lines.append(": ".join(filter(None, (place, str(error["ctx"]["error"])))))
            elif error["type"] == "extra_forbidden":
                lines.append(_unknown(shape, prefix, loc))
            else:
                got = "" if error["type"] == "missing" else f" (got {error['input']!r:.80})"
                lines.append(f"{place}: {_expectation(error)}{got}")
        raise (Untrusted("\n".join(lines), refusals) if refusals else ConfigError("\n".join(lines))) from e


def explain_validation(
    error: ValidationError, place: str = "", *, whole: str = "the whole", value: bool = False
) -> str:
    """The first fault of a validation as one sentence: `place: field: expectation`.

    `whole` stands for the field if the fault is of no single one. With `value` the sentence ends with the value that was
    given, at most 80 characters of it; leave it out where the value may be a secret.
    """
    first = error.errors(include_url=False)[0]
    return ": ".join(filter(None, (place, explain_fault(first, whole=whole, value=value))))


def explain_fault(fault: Any, *, whole: str = "the whole", value: bool = False) -> str:
    """One entry of `ValidationError.errors()` as `field: expectation`; the arguments are those of `explain_validation`."""
    field = ".".join(map(str, fault["loc"])) or whole
    has_value = value and fault["type"] not in ("missing", "json_invalid")
    return f"{field}: {fault['msg']}" + (f" (got {str(fault['input'])[:80]!r})" if has_value else "")


def _expectation(error: Any) -> str:
    """The message of pydantic; for a single value in place of a list, one with an example."""
    several = error["type"] in ("tuple_type", "list_type") and not isinstance(error["input"], dict)
    if several and isinstance(error["input"], str) and "," in error["input"]:
        return f"expected a list; it has brackets: [{error['input']:.80}]"
    return f"expected a list, such as {[error['input']]!r:.80}" if several else error["msg"]


def explain(shape: type[BaseModel], prefix: str = "") -> list[tuple[str, str, str]]:
    """Key, default and help of every setting, those of nested settings with a dot."""
    rows = []
    for name, field in shape.model_fields.items():
        if isinstance(field.default, Options):
            rows += explain(type(field.default), f"{prefix}{name}.")
        else:
            default = "" if field.is_required() else _short(field.default)
            rows.append((prefix + name, default, " ".join((field.description or "").split())))
    return rows


def _short(value: Any) -> str:
    if value is None:
        return "–"
    return str(getattr(value, "name", value)) if not isinstance(value, tuple | dict) or value else "none"

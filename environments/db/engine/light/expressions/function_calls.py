"""Function calls by MySQL name: their numbers of arguments, and their compilation to SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..values import errors
from ..values import types as ty
from ..values.types import Type
from . import aggregates, arithmetic, comparisons, intervals, json_values, temporal, windows
from .coercion import as_clock, as_double, as_number, as_text, choose, integer, string, to_type, truth
from .rounding import Build, rounding, to_integer
from .scope import Expr, Scope, text_literal
from .signatures import ALIASES, BYTEWISE, ELSEWHERE, FOLDING, GROWING, IN_GRAMMAR, MORE_ARGUMENTS, RARE, SIMPLE

_EXACT_DIGITS = 15  # of an integer that a double holds
VERSION = "10.11.6-MariaDB"
SETTINGS = {
    "version": VERSION, "version_comment": "MariaDB Server", "autocommit": 1, "max_allowed_packet": 16777216,
    "sql_mode": "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION",
    "character_set_client": "utf8mb4", "collation_connection": "utf8mb4_general_ci", "lower_case_table_names": 0,
}  # fmt: skip


def unknown(database: str, name: str) -> SQLError:
    """A name that calls nothing here: refused if MySQL has it, else MySQL's own error."""
    upper = name.upper()
    if upper in ELSEWHERE or upper in RARE or upper.startswith(("ST_", "JSON_")):
        return Unsupported(f"{upper}()")
    return errors.no_function(database, name)


def call(scope: Scope, name: str, node: exp.Expression) -> Expr:
    """Compile a call whose arguments are still sqlglot nodes."""
    name = ALIASES.get(name, name)
    if name in aggregates.NAMES:
        return aggregates.aggregate(scope, name, node)
    if name in intervals.SPECIAL:
        return intervals.SPECIAL[name](scope, node.expressions)
    if name in json_values.NAMES:
        return json_values.call(scope, name, node)
    if name == "LAST_VALUE":
        raise Unsupported("LAST_VALUE without OVER", "OVER (...)")
    if name in windows.NAMES:
        raise errors.syntax("", 1)
    return apply(scope, name, [scope.compile(n) for n in node.expressions])


def apply(scope: Scope, name: str, arguments: list[Expr]) -> Expr:
    """Compile a call over compiled arguments. Raises 1582 for a wrong count of them."""
    if name in SIMPLE:
        return _simple(scope, name, arguments)
    low, high, build = _BUILT.get(name, (0, 0, None))
    if build is None:
        raise unknown(scope.unit.database, name)
    if not low <= len(arguments) <= high:
        raise _argument_count_error(name, len(arguments))
    return build(scope, arguments)


def _argument_count_error(name: str, count: int) -> SQLError:
    if count == MORE_ARGUMENTS.get(name):
        return Unsupported(f"{name} with {count} arguments", f"{count - 1} arguments")
    return errors.syntax(")", 1) if name in IN_GRAMMAR else errors.parameter_count(name)


def _simple(scope: Scope, name: str, arguments: list[Expr]) -> Expr:
    function, codes, result = SIMPLE[name]
    if name == "QUOTE" and arguments and arguments[0].type in (ty.NULL_TYPE, ty.NULL_TEXT):
        raise Unsupported("QUOTE(NULL)", "COALESCE")
    if name == "ELT" and any(e.type.kind == ty.ENUM for e in arguments):
        raise Unsupported("ELT of an ENUM", "CAST(... AS CHAR)")
    required, _, optional = codes.partition("|")
    codes = required + optional
    if codes.endswith("*"):
        codes = codes[:-1] + codes[-2] * max(0, len(arguments) - len(codes) + 1)
        required = codes[:2]
    if not len(required) <= len(arguments) <= len(codes):
        raise _argument_count_error(name, len(arguments))
    strings = [e for code, e in zip(codes, arguments, strict=False) if code == "S"]
    _require_characters(name, strings)
    texts = [_argument(scope, code, e) for code, e in zip(codes, arguments, strict=False)]
    sql = f"{function}({','.join(texts)})"
    if name in GROWING and scope.unit.strict:
        sql = f"m_fits({sql},{','.join(texts)})"
    return Expr(sql, text_like(strings) if result == ty.TEXT else result)


def _require_characters(name: str, strings: Sequence[Expr]) -> None:
    """Refuse what counts or compares characters over bytes, and what compares without case over strings with it."""
    if name in BYTEWISE:
        return
    if any(e.type.kind == ty.BIN for e in strings):
        raise Unsupported(f"{name} of a binary string", "CONVERT(... USING utf8mb4)")
    if name in FOLDING and any(e.type.binary for e in strings):
        raise Unsupported(f"{name} of a string with a binary collation", "CONVERT(... USING utf8mb4)")


def text_like(strings: Sequence[Expr]) -> Type:
    """The type of a text that is made from others: as they are compared, so is it."""
    if strings and all(e.type.kind == ty.NULL for e in strings):
        return ty.NULL_TEXT
    return Type(ty.STR, binary=any(e.type.binary for e in strings))


def _argument(scope: Scope, code: str, e: Expr) -> str:
    if code == "S":
        return as_text(e).sql
    if code == "I":
        return arithmetic.whole(scope, e).sql
    if code == "B":
        return arithmetic.bits(scope, e).sql
    if code == "D":
        return as_double(scope, e).sql
    if code == "C":
        return as_clock(scope, e).sql
    return intervals.date_text(scope, e)


def _concat(scope: Scope, parts: list[Expr]) -> Expr:
    if any(p.type.kind == ty.BIN for p in parts):
        raise Unsupported("CONCAT of binary strings", "CONVERT(... USING utf8mb4)")
    texts = [as_text(p) for p in parts]
    return Expr("(" + "||".join(t.sql for t in texts) + ")", Type(ty.STR, binary=any(t.type.binary for t in texts)))


def _length(scope: Scope, arguments: list[Expr]) -> Expr:
    return Expr(f"length(CAST({as_text(arguments[0]).sql} AS BLOB))", ty.INT32)


def _pad(side: str) -> Build:
    def build(scope: Scope, arguments: list[Expr]) -> Expr:
        strings = [arguments[0], *arguments[2:]]
        _require_characters(f"{side}PAD", strings)
        fill = as_text(arguments[2]).sql if len(arguments) > 2 else "' '"
        width = arithmetic.whole(scope, arguments[1]).sql
        texts = f"{as_text(arguments[0]).sql},{width},{fill}"
        sql = f"m_pad({texts},'{side}')"
        return Expr(f"m_fits({sql},{texts})" if scope.unit.strict else sql, text_like(strings))

    return build


def _strip(side: str) -> Build:
    return lambda scope, arguments: trim(arguments[0], string(" "), side)


def trim(text: Expr, affix: Expr, side: str) -> Expr:
    """TRIM; `side` is BOTH, LEADING or TRAILING."""
    _require_characters("TRIM", (text, affix))
    return Expr(f"m_trim({as_text(text).sql},{as_text(affix).sql},'{side}')", text_like((text, affix)))


def _instr(scope: Scope, arguments: list[Expr]) -> Expr:
    return apply(scope, "LOCATE", [arguments[1], arguments[0]])


def _hex(scope: Scope, arguments: list[Expr]) -> Expr:
    e = arguments[0]
    if e.type.kind == ty.DEC:
        return Expr(f"m_hex(m_round({e.sql},{e.type.frac}))", ty.TEXT)
    return Expr(f"m_hex({e.sql if e.type.kind in (ty.INT, ty.DBL, ty.BIN) else as_text(e).sql})", ty.TEXT)


def _format(scope: Scope, arguments: list[Expr]) -> Expr:
    number, digits = as_number(scope, arguments[0]), arithmetic.whole(scope, arguments[1]).sql
    if len(arguments) > 2 and str(arguments[2].const).lower() != "en_us":
        raise Unsupported("FORMAT in another language than en_US", "FORMAT with two arguments")
    if number.type.kind == ty.DBL:
        return Expr(f"m_format_dbl({number.sql},{digits})", ty.TEXT)
    return Expr(f"m_format({as_text(number).sql},{digits})", ty.TEXT)


def _field(scope: Scope, arguments: list[Expr]) -> Expr:
    value, *items = arguments
    if ty.NULL in {e.type.kind for e in arguments}:
        items = [i for i in items if i.type.kind != ty.NULL] if value.type.kind != ty.NULL else []
        if len(items) != len(arguments) - 1:
            raise Unsupported("FIELD with a literal NULL")
    texts = comparisons.common(scope, arguments)
    tests = " ".join(f"WHEN {texts[0]} = {t} THEN {n}" for n, t in enumerate(texts[1:], 1))
    return Expr(f"(CASE {tests} ELSE 0 END)", Type(ty.INT, 3))


def _if(scope: Scope, arguments: list[Expr]) -> Expr:
    return choose(scope, [truth(scope, arguments[0])], arguments[1:])


def _coalesce(scope: Scope, arguments: list[Expr]) -> Expr:
    ty.require_signed(e.type for e in arguments)
    target = ty.unify_results(e.type for e in arguments)
    texts = [to_type(scope, e, target).sql for e in arguments]
    return Expr(f"coalesce({','.join(texts)})" if len(texts) > 1 else texts[0], target)


def _nullif(scope: Scope, arguments: list[Expr]) -> Expr:
    same = comparisons.binary(scope, "=", arguments[0], arguments[1]).sql
    value = arguments[0]
    return Expr(f"(CASE WHEN {same} THEN NULL ELSE {value.sql} END)", ty.unify_results([value.type]))


def _extreme(function: str) -> Build:
    def build(scope: Scope, arguments: list[Expr]) -> Expr:
        arguments = [comparisons.checked(e) for e in arguments]
        kinds = {e.type.kind for e in arguments} - {ty.NULL}
        if ty.NULL in {e.type.kind for e in arguments} and len(arguments) > 1:
            raise Unsupported("GREATEST or LEAST with a literal NULL")
        if not (kinds <= ty.TEXTUAL or kinds <= ty.NUMERIC or kinds <= {ty.DATE, ty.DATETIME}):
            raise Unsupported("GREATEST or LEAST over mixed types", "CAST them to one type")
        target = ty.unify([e.type for e in arguments])
        if target.kind == ty.DBL and any(e.type.kind == ty.INT and e.type.digits > _EXACT_DIGITS for e in arguments):
            raise Unsupported("GREATEST or LEAST of a BIGINT and a double", "CAST(... AS DOUBLE)")
        mark = f" {comparisons.collation(target)}" if target.kind == ty.STR else ""
        texts = [to_type(scope, e, target).sql for e in arguments]
        if target.kind == ty.STR and any(e.const is None for e in arguments) and len(arguments) > 1:
            # Of equal texts that are written differently MariaDB takes another than SQLite.
            raise Unsupported("GREATEST or LEAST over text columns", "CASE")
        # As a number MariaDB would compare the texts as numbers.
        result = replace(target, cut=True) if target.kind == ty.STR else target
        return Expr(f"{function}({texts[0]}{mark},{','.join(texts[1:])})", result)

    return build


def _abs(scope: Scope, arguments: list[Expr]) -> Expr:
    number = as_number(scope, arguments[0])
    return Expr(f"abs({number.sql})", number.type if number.type.kind != ty.NULL else ty.BIGINT)


def _sign(scope: Scope, arguments: list[Expr]) -> Expr:
    return Expr(f"sign({as_number(scope, arguments[0]).sql})", Type(ty.INT, 1))


def _log(scope: Scope, arguments: list[Expr]) -> Expr:
    texts = [as_double(scope, e).sql for e in arguments]
    return Expr(f"m_ln({texts[0]})" if len(texts) == 1 else f"m_log({texts[0]},{texts[1]})", ty.DOUBLE)


def _atan(scope: Scope, arguments: list[Expr]) -> Expr:
    texts = ",".join(as_double(scope, e).sql for e in arguments)
    return Expr(f"m_atan{'2' if len(arguments) > 1 else ''}({texts})", ty.DOUBLE)


def _radix(base: int) -> Build:
    return lambda scope, arguments: apply(scope, "CONV", [arguments[0], integer(10), integer(base)])


def _sleep(scope: Scope, arguments: list[Expr]) -> Expr:
    """SLEEP(n), which is 0 at once: nobody waits for this clock."""
    seconds = arguments[0].const
    if not isinstance(seconds, int) or not 0 <= seconds <= _LONGEST_SLEEP or arguments[0].type.kind != ty.INT:
        raise Unsupported("SLEEP of anything but a few whole seconds", "SLEEP(1)")
    return Expr("0", Type(ty.INT, 1))


def _constant(sql: str, result: Type) -> Build:
    return lambda scope, arguments: Expr(sql, result)


def _database(scope: Scope, arguments: list[Expr]) -> Expr:
    return Expr(text_literal(scope.unit.database), ty.TEXT)


def _now(scope: Scope, arguments: list[Expr]) -> Expr:
    digits = arguments[0].const if arguments else 0
    if not isinstance(digits, int) or not 0 <= digits <= 6:
        raise Unsupported("this precision of NOW")
    return Expr(f"m_now({digits})", Type(ty.DATETIME, scale=digits))


def _last_insert_id(scope: Scope, arguments: list[Expr]) -> Expr:
    """LAST_INSERT_ID(), or LAST_INSERT_ID(n), which is n and is remembered."""
    texts = ",".join(arithmetic.whole(scope, e).sql for e in arguments)
    return Expr(f"m_last_id({texts})", Type(ty.INT, 19, unsigned=True))


def system_variable(name: str) -> Expr:
    """@@name, for the few settings that are asked for."""
    setting = SETTINGS.get(name.lower())
    if setting is None:
        raise Unsupported(f"@@{name}")
    return integer(setting) if isinstance(setting, int) else string(str(setting))


_MANY = 1000
_LONGEST_SLEEP = 5
_BUILT: dict[str, tuple[int, int, Build]] = {
    "CONCAT": (1, _MANY, _concat),
    "LENGTH": (1, 1, _length),
    "LPAD": (2, 3, _pad("L")),
    "RPAD": (2, 3, _pad("R")),
    "LTRIM": (1, 1, _strip("LEADING")),
    "RTRIM": (1, 1, _strip("TRAILING")),
    "INSTR": (2, 2, _instr),
    "HEX": (1, 1, _hex),
    "FORMAT": (2, 3, _format),
    "FIELD": (2, _MANY, _field),
    "IF": (3, 3, _if),
    "IFNULL": (2, 2, _coalesce),
    "COALESCE": (1, _MANY, _coalesce),
    "NVL": (2, 2, _coalesce),
    "NULLIF": (2, 2, _nullif),
    "ISNULL": (1, 1, lambda scope, arguments: Expr(f"({arguments[0].sql} IS NULL)", ty.BOOL)),
    "GREATEST": (2, _MANY, _extreme("max")),
    "LEAST": (2, _MANY, _extreme("min")),
    "ROUND": (1, 2, rounding("r")),
    "TRUNCATE": (2, 2, rounding("t")),
    "CEIL": (1, 1, to_integer("c")),
    "FLOOR": (1, 1, to_integer("f")),
    "ABS": (1, 1, _abs),
    "SIGN": (1, 1, _sign),
    "MOD": (2, 2, lambda scope, arguments: arithmetic.operate(scope, "%", arguments[0], arguments[1])),
    "LOG": (1, 2, _log),
    "ATAN": (1, 2, _atan),
    "PI": (0, 0, _constant("3.141592653589793", Type(ty.DBL, scale=6))),
    "DATABASE": (0, 0, _database),
    "VERSION": (0, 0, _constant(text_literal(VERSION), ty.TEXT)),
    "USER": (0, 0, _constant("'root@localhost'", ty.TEXT)),
    "CURRENT_USER": (0, 0, _constant("'root@localhost'", ty.TEXT)),
    "CONNECTION_ID": (0, 0, _constant("1", ty.BIGINT)),
    "LAST_INSERT_ID": (0, 1, _last_insert_id),
    "ROW_COUNT": (0, 0, _constant("m_row_count()", ty.BIGINT)),
    "FOUND_ROWS": (0, 0, _constant("m_found_rows()", ty.BIGINT)),
    "NOW": (0, 1, _now),
    "BIN": (1, 1, _radix(2)),
    "OCT": (1, 1, _radix(8)),
    "SLEEP": (1, 1, _sleep),
    "LOAD_FILE": (1, 1, _constant("NULL", ty.TEXT)),
    **temporal.BUILT,
}
NAMES = frozenset({
    *SIMPLE, *_BUILT, *ALIASES, *aggregates.NAMES, *windows.NAMES, *intervals.SPECIAL, *ELSEWHERE, "ROW",
}) - {"DEFAULT", "VALUE", "POINT"}  # fmt: skip

"""MySQL's arithmetic where SQLite's would differ: range checks, decimals as scaled integers, texts read as numbers."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from decimal import Decimal

from ...session import SQLError, Unsupported
from ..values import conversions, errors
from ..values.types import exact, round_scaled

# Beyond it MariaDB keeps a rounded double in fewer digits than it shows.
_WIDEST_ROUNDED = 1e15
_WIDEST_SHOWN = 1e15
_LOW, _HIGH = -(2**63), 2**63 - 1
# From here on a double holds no halves, and soon not every integer.
_EVEN = 2**52


def _in_range(value: int, is_decimal: int) -> int:
    """Within 64 bits. An integer beyond is MySQL's error; a decimal beyond is only ours."""
    if _LOW <= value <= _HIGH:
        return value
    if is_decimal:
        raise Unsupported("a decimal that needs more than 18 digits")
    raise errors.arithmetic_range("BIGINT", "the expression")


def add(a: int, b: int, is_decimal: int = 0) -> int:
    """a + b."""
    return _in_range(a + b, is_decimal)


def subtract(a: int, b: int, is_decimal: int = 0) -> int:
    """a - b."""
    return _in_range(a - b, is_decimal)


def multiply(a: int, b: int, is_decimal: int = 0) -> int:
    """a * b."""
    return _in_range(a * b, is_decimal)


def unsigned_operation(op: str, a: int, b: int, sure: int) -> int:
    """+, - or * with an unsigned operand: a negative result is MySQL's error."""
    value = a + b if op == "+" else a - b if op == "-" else a * b
    if value < 0:
        if not sure:
            raise Unsupported("a negative result of unsigned numbers here", "CAST(... AS SIGNED)")
        raise errors.arithmetic_range("BIGINT UNSIGNED", "the expression")
    return require_unsigned(value)


def decimal_modulo(a: int, b: int) -> int | None:
    """The rest has the dividend's sign, which MariaDB shows even of a zero."""
    if b == 0:
        return None
    rest = abs(a) % abs(b)
    if a < 0 and rest == 0:
        raise Unsupported("MOD of a negative decimal without a rest")
    return rest if a >= 0 else -rest


def natural(value: int) -> int:
    """The quotient of DIV with an unsigned operand; a negative one is refused."""
    if value < 0:
        raise Unsupported("DIV of an unsigned by a negative number")
    return value


def divide(a: int, b: int, shift: int, strict: int) -> int | None:
    """a / b as a scaled integer with the digits cut off that MariaDB's division does not keep."""
    if b == 0:
        reject(strict, errors.division_by_zero())
        return None
    top = abs(a) * 10**shift if shift >= 0 else abs(a)
    quotient = top // (abs(b) * (1 if shift >= 0 else 10**-shift))
    return _in_range(quotient if (a < 0) == (b < 0) else -quotient, 1)


def divisor(value: int | float, mode: int) -> int | float | None:
    """In a writing statement a zero divisor is an error."""
    if value == 0:
        reject(mode, errors.division_by_zero())
        return None
    return value


def divide_whole(a: float, b: float, strict: int) -> int | None:
    """DIV of doubles."""
    if b == 0:
        reject(strict, errors.division_by_zero())
        return None
    quotient = a / b
    return _in_range(math.trunc(quotient) if math.isfinite(quotient) else 2**64, 0)


def modulo(a: float, b: float, strict: int) -> float | None:
    """% of doubles."""
    if b == 0:
        reject(strict, errors.division_by_zero())
        return None
    return math.fmod(a, b) if math.isfinite(a) else None


def bits(op: str, a: int, b: int) -> int:
    """The operators << >> & | ^ on 64 bits; results beyond 63 are refused."""
    mask = 2**64 - 1
    a, b = a & mask, b & mask
    if op in ("<<", ">>"):
        value = 0 if b > 63 else (a << b) & mask if op == "<<" else a >> b
    else:
        value = a & b if op == "&" else a | b if op == "|" else a ^ b
    return require_unsigned(value)


def require_unsigned(value: int) -> int:
    """The value, refused if it is negative or beyond 63 bits."""
    if not 0 <= value <= _HIGH:
        raise Unsupported("an unsigned number beyond 63 bits")
    return value


def unsigned(value: int | float | str, mode: int) -> int:
    """CAST AS UNSIGNED, refused where it needs 64 bits or a sign; see `reject` for the mode."""
    if isinstance(value, str):
        number, complete = conversions.integer(value)
        if not complete:
            reject(mode, errors.truncated_incorrect("INTEGER", value))
        return require_unsigned(number)
    return require_unsigned(round(max(-1e19, min(1e19, value))) if isinstance(value, float) else value)


def invert(value: int) -> int:
    """The operator ~."""
    return require_unsigned(~value & (2**64 - 1))


def decimal_text(value: int, frac: int, scale: int) -> str:
    """A scaled integer with `frac` digits as text that shows `scale`."""
    return f"{exact(round_scaled(value, frac - scale), scale):f}"


def text_decimal(text: str, scale: int, limit: int | None, strict: int) -> int:
    """CAST of a text to DECIMAL, as a scaled integer."""
    value, complete = conversions.parse_scaled(text, scale)
    if not complete:
        reject(strict, errors.truncated_incorrect("DECIMAL", text))
    return cap(value, limit, strict)


def double_decimal(value: float, scale: int, limit: int | None, strict: int) -> int:
    """CAST of a double to DECIMAL, as a scaled integer."""
    return cap(conversions.parse_scaled(conversions.double_text(value), scale)[0], limit, strict)


def cap(value: int, limit: int | None, strict: int) -> int:
    """The nearest value a DECIMAL can hold."""
    if limit is None:
        return _in_range(value, 1)
    if strict and abs(value) > limit:
        raise Unsupported("a CAST beyond its DECIMAL in a write", "a wider DECIMAL")
    return max(-limit, min(limit, value))


def reject(mode: int, error: SQLError) -> None:
    """Mode 1: MySQL's error. Mode 2: perhaps its error, perhaps a warning; refused. See Scope.bad_values."""
    if mode == 1:
        raise error
    if mode == 2:
        raise Unsupported(f"a bad value in the conditions of a write ({error.message})", "comparing text with text")


def number_strict(text: str, mode: int) -> float:
    """The double that a text starts with; see `reject` for the mode."""
    value, complete = conversions.number(text)
    if not complete:
        reject(mode, errors.truncated_incorrect("DOUBLE", text))
    return value


def comparable(value: Decimal) -> int | float:
    """What compares with every 64-bit integer as the value does: itself, or what lies between the same two integers."""
    if not _LOW <= value <= _HIGH:
        return 9e99 if value > 0 else -9e99
    floor = math.floor(value)
    if floor == value:
        return floor
    if abs(floor) >= _EVEN:
        raise Unsupported("comparing so large a number with a fraction", "a whole number")
    return floor + 0.5


def exact_number(text: str, mode: int) -> int | float:
    """The number that a text starts with, to be compared with an integer; see `reject` for the mode."""
    value, complete = conversions.decimal_number(text)
    if not complete:
        reject(mode, errors.truncated_incorrect("DOUBLE", text))
    return comparable(value)


def integer(text: str) -> int:
    """The integer that a text starts with, within 64 bits."""
    return max(_LOW, min(_HIGH, conversions.integer(text)[0]))


def integer_strict(text: str, mode: int) -> int:
    """The same in a writing statement; see `reject` for the mode."""
    value, complete = conversions.integer(text)
    if not complete:
        reject(mode, errors.truncated_incorrect("INTEGER", text))
    return max(_LOW, min(_HIGH, value))


def signed(text: str, mode: int) -> int:
    """CAST of a text to SIGNED, which MariaDB reads as 64 bits with or without a sign; see `reject` for the mode."""
    value, complete = conversions.integer(text)
    if not complete:
        reject(mode, errors.truncated_incorrect("INTEGER", text))
    value = max(_LOW, min(2**64 - 1, value))
    return value if value <= _HIGH else value - 2**64


def double_bits(value: float) -> int:
    """A double as an operand of the bit operators, refused beyond 63 bits."""
    if value >= 2.0**63:
        raise Unsupported("an unsigned number beyond 63 bits")
    return double_integer(value)


def double_integer(value: float) -> int:
    """Half to even, as rint does."""
    return max(_LOW, min(_HIGH, round(max(-1e19, min(1e19, value)))))


def shown_double(value: float) -> float:
    """A rounded double as a temporary table has it, refused where MariaDB cuts it off."""
    if abs(value) >= _WIDEST_SHOWN:
        raise Unsupported("so large a rounded double under DISTINCT, GROUP BY or a subquery", "the column itself")
    return value


def round_double(value: float, digits: int) -> float:
    """my_double_round: rint of the value moved by a power of ten."""
    unit = _power(digits)
    if digits > 0 and abs(value) >= _WIDEST_ROUNDED:
        raise Unsupported("ROUND of so large a double", "ROUND without digits")
    if digits >= 0:
        shifted_value = value * unit
        return float(round(shifted_value)) / unit if math.isfinite(shifted_value) else value
    return float(round(value / unit)) * unit if math.isfinite(unit) else 0.0


def _power(digits: int) -> float:
    """10.0 ** abs(digits), infinite where no double is so large."""
    return 10.0 ** abs(digits) if abs(digits) <= sys.float_info.max_10_exp else math.inf


def truncate_double(value: float, digits: int) -> float:
    """TRUNCATE of a double."""
    unit = _power(digits)
    if digits >= 0:
        shifted_value = value * unit
        return math.trunc(shifted_value) / unit if math.isfinite(shifted_value) else value
    return math.trunc(value / unit) * unit if math.isfinite(unit) else 0.0


def drop(value: int, digits: int, mode: str) -> int:
    """A scaled integer without its last digits: `t` cut, `c` up, `f` down."""
    unit = 10**digits
    if mode == "t":
        return abs(value) // unit * (1 if value >= 0 else -1)
    return -(-value // unit) if mode == "c" else value // unit


def power(base: float, exponent: float) -> float:
    """POW, whose result is out of range where there is none."""
    try:
        return math.pow(base, exponent)
    except (ValueError, OverflowError) as e:
        raise errors.arithmetic_range("DOUBLE", "the expression") from e


def cotangent(x: float) -> float:
    """COT. Raises 1690 where it has no value."""
    tangent = math.tan(x)
    if tangent == 0:
        raise errors.arithmetic_range("DOUBLE", f"cot({conversions.double_text(x)})")
    return 1 / tangent


def _real(function: Callable[..., float]) -> Callable[..., float | None]:
    """A function of doubles that is NULL outside of its domain."""

    def safe(*numbers: float) -> float | None:
        try:
            return function(*numbers)
        except (ValueError, ZeroDivisionError):
            return None
        except OverflowError as e:
            raise errors.arithmetic_range("DOUBLE", "the expression") from e

    return safe


STRICT_NULL = {
    "m_add": add, "m_sub": subtract, "m_mul": multiply, "m_unsigned_op": unsigned_operation, "m_natural": natural,
    "m_decimal_mod": decimal_modulo, "m_div": divide,
    "m_divisor": divisor, "m_div_whole": divide_whole, "m_fmod": modulo, "m_bits": bits, "m_unsigned": unsigned,
    "m_invert": invert, "m_dec_text": decimal_text, "m_num_strict": number_strict, "m_int": integer,
    "m_signed": signed, "m_dbl_bits": double_bits, "m_exact": exact_number,
    "m_int_strict": integer_strict, "m_dbl_int": double_integer, "m_round": round_scaled, "m_round_dbl": round_double,
    "m_truncate_dbl": truncate_double, "m_shown": shown_double, "m_drop": drop,
    "m_num": lambda s: conversions.number(s)[0],
    "m_bit_count": lambda n: (n & (2**64 - 1)).bit_count(),
    "m_pow": power, "m_sqrt": _real(math.sqrt), "m_exp": _real(math.exp), "m_ln": _real(math.log),
    "m_log2": _real(math.log2), "m_log10": _real(math.log10),
    "m_log": _real(lambda b, x: math.log(x) / math.log(b) if b > 0 and b != 1 else math.log(-1)),
    "m_sin": _real(math.sin), "m_cos": _real(math.cos), "m_tan": _real(math.tan), "m_asin": _real(math.asin),
    "m_acos": _real(math.acos), "m_atan": _real(math.atan), "m_atan2": _real(math.atan2),
    "m_cot": cotangent, "m_radians": _real(math.radians), "m_degrees": _real(math.degrees),
    "m_floor_dbl": lambda v: float(math.floor(v)) if math.isfinite(v) else v,
    "m_ceil_dbl": lambda v: float(math.ceil(v)) if math.isfinite(v) else v,
}  # fmt: skip


def _too_wide(value: int | None) -> int | None:
    if value is None:
        return None
    raise Unsupported("a decimal that needs more than 18 digits")


def _cap(value: int | None, limit: int | None, strict: int) -> int | None:
    return None if value is None else cap(value, limit, strict)


def _text_decimal(text: str | None, scale: int, limit: int | None, strict: int) -> int | None:
    return None if text is None else text_decimal(text, scale, limit, strict)


def _double_decimal(value: float | None, scale: int, limit: int | None, strict: int) -> int | None:
    return None if value is None else double_decimal(value, scale, limit, strict)


NULL_AWARE = {
    "m_too_wide": _too_wide, "m_cap": _cap, "m_text_dec": _text_decimal, "m_dbl_dec": _double_decimal,
}  # fmt: skip

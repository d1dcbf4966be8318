# ruff: noqa: E501, SIM905 (lists of words read better as text)
"""Statements over the whole engine: operators by types, functions by arguments, units of time, casts, formats, columns."""

from itertools import product

TYPES = {
    "i": ("INT", [0, -7, 2147483647, None]),
    "u": ("BIGINT UNSIGNED", [0, 9223372036854775807, 3, None]),
    "t": ("TINYINT", [1, -128, 127, None]),
    "n": ("DECIMAL(10,3)", ["0.000", "-12.345", "9999999.999", None]),
    "f": ("DOUBLE", [0.0, -2.5, 1e30, None]),
    "s": ("VARCHAR(40)", ["", "abc", "12.5x", None]),
    "b": ("TEXT", ["A", "abc", "5", None]),
    "d": ("DATE", ["2024-02-29", "1999-12-31", "2000-01-01", None]),
    "m": ("DATETIME", ["2024-02-29 23:59:58", "1999-12-31 00:00:00", "2000-06-15 12:30:15", None]),
    "c": ("TIME", ["00:00:00", "-12:30:15", "838:59:59", None]),
    "y": ("YEAR", [1901, 2024, 2155, None]),
    "e": ("ENUM('x','y')", ["x", "y", "x", None]),
}
OPERATORS = (
    "+", "-", "*", "/", "DIV", "%", "=", "<=>", "<", ">=", "<>", "AND", "OR", "XOR", "|", "&", "^", "<<", ">>", "LIKE", "REGEXP",
)  # fmt: skip
LITERALS = (
    "NULL",
    "0",
    "-3",
    "12.5",
    "'abc'",
    "'2024-02-29 23:59:58'",
    "'a,b,c'",
    "'12:30:15'",
    "''",
    "'ÄÖ'",
    "100000",
)
FUNCTIONS = """
ABS ACOS ADDDATE ADDTIME ASCII ASIN ATAN ATAN2 BIN BIT_COUNT BIT_LENGTH CEIL CEILING CHAR CHARACTER_LENGTH CHAR_LENGTH COALESCE CONCAT
CONCAT_WS CONV COS COT CRC32 CURDATE DATE DATEDIFF DATE_FORMAT DAY DAYNAME DAYOFMONTH DAYOFWEEK DAYOFYEAR DEGREES ELT EXP FIELD
FIND_IN_SET FLOOR FORMAT FROM_BASE64 FROM_DAYS FROM_UNIXTIME GREATEST HEX HOUR IF IFNULL INSERT INSTR ISNULL LAST_DAY LCASE LEAST
LEFT LENGTH LN LOCATE LOG LOG10 LOG2 LOWER LPAD LTRIM MAKEDATE MAKETIME MD5 MICROSECOND MID MINUTE MOD MONTH MONTHNAME NULLIF OCT ORD
PERIOD_ADD PERIOD_DIFF PI POSITION POW POWER QUARTER QUOTE RADIANS REPEAT REPLACE REVERSE RIGHT ROUND RPAD RTRIM SECOND SEC_TO_TIME
SHA1 SHA2 SIGN SIN SOUNDEX SPACE SQRT STRCMP STR_TO_DATE SUBDATE SUBSTR SUBSTRING SUBSTRING_INDEX SUBTIME TAN TIME TIMEDIFF TIMESTAMP
TIME_FORMAT TIME_TO_SEC TO_BASE64 TO_DAYS TRIM TRUNCATE UCASE UNHEX UNIX_TIMESTAMP UPPER WEEK WEEKDAY WEEKOFYEAR YEAR YEARWEEK
""".split()
AGGREGATES = (
    "COUNT", "SUM", "AVG", "MIN", "MAX", "STD", "STDDEV_SAMP", "VARIANCE", "VAR_SAMP", "BIT_AND", "BIT_OR", "BIT_XOR",
    "GROUP_CONCAT", "COUNT(DISTINCT", "SUM(DISTINCT", "ANY_VALUE", "JSON_ARRAYAGG",
)  # fmt: skip
UNITS = """
MICROSECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR SECOND_MICROSECOND MINUTE_MICROSECOND MINUTE_SECOND HOUR_MICROSECOND
HOUR_SECOND HOUR_MINUTE DAY_MICROSECOND DAY_SECOND DAY_MINUTE DAY_HOUR YEAR_MONTH
""".split()
FORMATS = "%a %b %c %D %d %e %f %H %h %I %i %j %k %l %M %m %p %r %S %s %T %U %u %V %v %W %w %X %x %Y %y %% %q".split()
CASTS = (
    "SIGNED", "UNSIGNED", "CHAR", "CHAR(3)", "DECIMAL(8,2)", "DECIMAL", "DATE", "DATETIME", "DATETIME(3)", "TIME", "DOUBLE", "BINARY",
    "YEAR", "FLOAT",
)  # fmt: skip


def table():
    """A table with a column of every type and the rows of TYPES."""
    columns = [{"name": name, "type": kind} for name, (kind, _) in TYPES.items()]
    rows = [[values[n] for _, values in TYPES.values()] for n in range(4)]
    return {"tables": [{"name": "t", "columns": columns, "rows": rows}]}


def groups():
    """Statements by what they are about; each group is pinned as one line."""
    for operator, a in product(OPERATORS, TYPES):
        yield f"{operator} {a}", [f"SELECT {a} {operator} {b} FROM t" for b in TYPES]
    for name in FUNCTIONS:
        calls = [f"{name}()", *(f"{name}({x})" for x in LITERALS)]
        calls += [f"{name}({x}, {y})" for x, y in product(LITERALS[1:9:2], LITERALS[1:6])]
        calls += [f"{name}({x}, {y}, {z})" for x, y, z in product(LITERALS[2:6:2], ("2", "'b'"), ("1", "'-'"))]
        yield name, [f"SELECT {call}" for call in (*calls, *(f"{name}({c}) FROM t" for c in TYPES))]
    for name in AGGREGATES:
        opening = f"{name} " if "(" in name else f"{name}("
        yield (
            name,
            [
                f"SELECT {opening}{c}) FROM t{tail}"
                for c, tail in product(TYPES, ("", " GROUP BY e ORDER BY e", " WHERE 1 = 0"))
            ],
        )
    for unit in UNITS:
        amounts = ("1", "-13", "'1:2'", "'2 3:4:5.6'", "1.5", "NULL", "'x'")
        yield (
            unit,
            [
                *(f"SELECT {c} {sign} INTERVAL {n} {unit} FROM t" for c, sign, n in product("dmcs", "+-", amounts)),
                *(f"SELECT EXTRACT({unit} FROM {c}) FROM t" for c in "dmcs"),
                *(f"SELECT TIMESTAMPDIFF({unit}, {a}, {b}) FROM t" for a, b in product("dm", "dm")),
            ],
        )
    for mark in FORMATS:
        given = [f"SELECT {f}({c}, '{mark}') FROM t" for f, c in product(("DATE_FORMAT", "TIME_FORMAT"), "dmc")]
        read = [
            f"SELECT STR_TO_DATE({text}, '{mark}')" for text in ("'5'", "'12'", "'Mar'", "'2024'", "'pm'", "'10:11:12'")
        ]
        yield mark, [*given, *read]
    for kind in CASTS:
        yield f"cast {kind}", [
            *(f"SELECT CAST({x} AS {kind})" for x in LITERALS), *(f"SELECT CAST({c} AS {kind}) FROM t" for c in TYPES),
        ]  # fmt: skip
    for c in TYPES:
        yield f"column {c}", [
            f"SELECT {c} FROM t ORDER BY {c} DESC", f"SELECT DISTINCT {c} FROM t", f"SELECT -{c}, NOT {c}, ~{c} FROM t",
            f"SELECT {c} IN (1, 'abc', NULL), {c} BETWEEN 0 AND 9, {c} IS NULL FROM t", f"SELECT CASE {c} WHEN 0 THEN 1 END FROM t",
            f"UPDATE t SET {c} = '5'", f"UPDATE t SET {c} = -1", f"UPDATE t SET {c} = 'x'", f"UPDATE t SET {c} = NULL",
            f"INSERT INTO t ({c}) VALUES (300)", f"INSERT INTO t ({c}) VALUES ('2024-01-01')", f"ALTER TABLE t DROP COLUMN {c}",
            f"ALTER TABLE t MODIFY {c} VARCHAR(3)", f"ALTER TABLE t MODIFY {c} INT", f"CREATE INDEX k ON t ({c})",
            f"SELECT RANK() OVER (ORDER BY {c}), LAG({c}) OVER (ORDER BY i) FROM t", f"DELETE FROM t WHERE {c} > 1",
        ]  # fmt: skip

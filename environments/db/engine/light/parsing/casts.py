"""The types that CAST and CONVERT take, from tokens to sqlglot's DataType."""

from __future__ import annotations

from sqlglot import exp

from ...session import SQLError, Unsupported
from .cursor import Cursor
from .lexer import NAME, NUMBER, STRING, WORD

_SIZES = {
    "BINARY": 1, "CHAR": 1, "CHARACTER": 1, "NCHAR": 1, "VARCHAR": 1, "DATETIME": 1, "TIME": 1, "DECIMAL": 2, "DEC": 2,
    "FLOAT": 1, "DOUBLE": 2,
}  # fmt: skip
"""How many numbers a type may have in parentheses."""
_TYPES = {
    "BINARY": exp.DType.BINARY, "CHAR": exp.DType.CHAR, "CHARACTER": exp.DType.CHAR, "NCHAR": exp.DType.NCHAR,
    "VARCHAR": exp.DType.VARCHAR, "DATE": exp.DType.DATE, "DATETIME": exp.DType.DATETIME, "TIME": exp.DType.TIME,
    "DECIMAL": exp.DType.DECIMAL, "DEC": exp.DType.DECIMAL, "SIGNED": exp.DType.BIGINT, "UNSIGNED": exp.DType.UBIGINT,
    "INT": exp.DType.BIGINT, "INTEGER": exp.DType.BIGINT, "DOUBLE": exp.DType.DOUBLE, "FLOAT": exp.DType.FLOAT,
}  # fmt: skip
_OTHER_TYPES = frozenset(
    """INET4 INET6 UUID GEOMETRY POINT LINESTRING POLYGON MULTIPOINT MULTILINESTRING MULTIPOLYGON
    GEOMETRYCOLLECTION""".split()  # noqa: SIM905
)
_OF_COLUMNS = frozenset(
    """TINYINT SMALLINT MEDIUMINT BIGINT INT1 INT2 INT3 INT4 INT8 MIDDLEINT BIT FLOAT4 FLOAT8 REAL NUMERIC FIXED BOOL
    BOOLEAN SERIAL TIMESTAMP YEAR VARBINARY VARCHARACTER NVARCHAR TEXT TINYTEXT MEDIUMTEXT LONGTEXT BLOB TINYBLOB
    MEDIUMBLOB LONGBLOB LONG ENUM SET JSON NATIONAL""".split()  # noqa: SIM905
)
"""Types that columns may have and CAST may not."""


class Casts(Cursor):
    """The rules of types in CAST."""

    def cast_type(self) -> exp.DataType:
        """A type that CAST takes. Raises 1064 for any other."""
        key = self.keys[self.at]
        kind = _TYPES.get(key)
        if kind is None:
            raise self._no_cast_type(key)
        self.at += 1
        if key in ("SIGNED", "UNSIGNED"):
            self.take_any("INTEGER", "INT")
        sizes = self._sizes(_SIZES.get(key, 0))
        if key == "VARCHAR" and not sizes:
            raise self.error()
        if key in ("CHAR", "CHARACTER", "VARCHAR"):
            return exp.DataType(this=kind, expressions=sizes, kind=self._charset())
        return exp.DataType(this=kind, expressions=sizes)

    def _no_cast_type(self, key: str) -> SQLError:
        """The error of a type that CAST does not take: of columns alone, of this engine's limits, or none at all."""
        if key == "INTERVAL" or key in _OTHER_TYPES:
            return Unsupported(f"CAST AS {key}", "CHAR")
        if self.kinds[self.at] == NAME or (self.kinds[self.at] == WORD and key not in _OF_COLUMNS):
            return SQLError(4161, "HY000", f"Unknown data type: '{self.texts[self.at]}'")
        return self.error()

    def _charset(self) -> exp.Var | None:
        """[CHARACTER SET name] [BINARY] [COLLATE name]."""
        name = None
        if self.take("CHARSET") or self.take_all("CHARACTER", "SET"):
            name = self._character_set_name()
        if self.take_any("BINARY", "ASCII", "UNICODE", "COLLATE"):
            raise Unsupported(f"{self.keys[self.at - 1]} in CAST", "CAST(... AS CHAR)")
        return name

    def _sizes(self, most: int) -> list[exp.Expression]:
        if not most or not self.take("("):
            return []
        sizes: list[exp.Expression] = []
        while True:
            if self.kinds[self.at] == NUMBER and not self.texts[self.at].isdigit():
                raise Unsupported("a size with a fraction", "whole numbers")
            if self.kinds[self.at] != NUMBER:
                raise self.error()
            sizes.append(exp.DataTypeParam(this=exp.Literal(this=self.texts[self.at], is_string=False)))
            self.at += 1
            if len(sizes) == most or not self.take(","):
                break
        self.expect(")")
        return sizes

    def _character_set_name(self) -> exp.Var:
        name = self.texts[self.at]
        if self.keys[self.at] != "BINARY" and self.kinds[self.at] != STRING:
            self.identifier()
        else:
            self.at += 1
        return exp.Var(this=name)

    def character_set(self) -> exp.DataType:
        """The character set of CONVERT(… USING …)."""
        return exp.DataType(this=exp.DType.CHARACTER_SET, kind=self._character_set_name())

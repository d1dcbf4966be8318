"""The types of columns, from tokens to ColumnType."""

from __future__ import annotations

from ...session import SQLError, Unsupported
from .casts import Casts
from .character_sets import NARROW, OTHERS, UTF8
from .definitions import ColumnType
from .lexer import BITS, HEX, NAME, NUMBER, STRING, WORD
from .queries import Queries

_SIZES = {
    **dict.fromkeys(
        """TINYINT SMALLINT MEDIUMINT INT INTEGER BIGINT INT1 INT2 INT3 INT4 INT8 MIDDLEINT BIT FLOAT4 TIME DATETIME
        TIMESTAMP YEAR CHAR CHARACTER NCHAR BINARY TEXT BLOB""".split(),  # noqa: SIM905
        (0, 1),
    ),
    **dict.fromkeys(("VARCHAR", "VARCHARACTER", "NVARCHAR", "VARBINARY"), (1, 1)),
    **dict.fromkeys(("DECIMAL", "DEC", "NUMERIC", "FIXED", "FLOAT", "DOUBLE", "FLOAT8", "REAL"), (0, 2)),
    **dict.fromkeys(
        """BOOL BOOLEAN SERIAL DATE TINYTEXT MEDIUMTEXT LONGTEXT TINYBLOB MEDIUMBLOB LONGBLOB LONG JSON UUID INET4 INET6
        GEOMETRY POINT LINESTRING POLYGON MULTIPOINT MULTILINESTRING MULTIPOLYGON GEOMETRYCOLLECTION VECTOR""".split(),  # noqa: SIM905
        (0, 0),
    ),
}  # fmt: skip
"""How few and how many numbers each type has in parentheses."""
_NUMBERS = frozenset(
    """TINYINT SMALLINT MEDIUMINT INT INTEGER BIGINT INT1 INT2 INT3 INT4 INT8 MIDDLEINT FLOAT FLOAT4 FLOAT8 DOUBLE REAL DECIMAL
    DEC NUMERIC FIXED YEAR""".split()  # noqa: SIM905
)
_TEXTS = frozenset(
    """CHAR CHARACTER VARCHAR VARCHARACTER NCHAR NVARCHAR TEXT TINYTEXT MEDIUMTEXT LONGTEXT LONG ENUM SET JSON""".split()  # noqa: SIM905
)
_WORDS = {
    "VARCHARACTER": "varchar", "FLOAT4": "float", "FLOAT8": "double", "REAL": "double", "INT3": "mediumint",
    "MIDDLEINT": "mediumint",
}  # fmt: skip
_SMALL, _MEDIUM, _LARGE, _HUGE = 2**8, 2**16, 2**24, 2**32
_CHARACTER_BYTES = 4


class ColumnTypes(Queries, Casts):
    """The rules of column types, of character sets and of what is read and not supported."""

    narrow_columns: bool = False
    """whether a column says that it is utf8mb3"""
    refusal: Unsupported | None = None
    """what the statement asks that the engine cannot do; the rest must be MySQL before it counts"""

    def refuse(self, feature: str, instead: str = "") -> None:
        """Note that a part that is read is not supported."""
        self.refusal = self.refusal or Unsupported(feature, instead)

    def column_type(self) -> tuple[ColumnType, bool]:
        """A type, and whether its text compares by bytes. Raises 1064 and 4161."""
        national = self.take("NATIONAL")
        key = self.keys[self.at]
        if self.kinds[self.at] == NAME or (
            self.kinds[self.at] == WORD and key not in _SIZES and key not in ("ENUM", "SET")
        ):
            raise SQLError(4161, "HY000", f"Unknown data type: '{self.texts[self.at]}'")
        if self.kinds[self.at] != WORD or (national and key not in ("CHAR", "CHARACTER", "VARCHAR", "VARCHARACTER")):
            raise self.error()
        self.at += 1
        if national or key in ("NCHAR", "NVARCHAR"):
            self.refuse("national character sets", "CHAR or VARCHAR")
        if key in ("ENUM", "SET"):
            return ColumnType(key.lower(), members=self._members()), self._text_marks()
        word = self._whole_word(key)
        sizes = self._numbers(key)
        if word in ("text", "blob") and sizes and sizes[0] < _HUGE:
            word, sizes = _of_size(word, sizes[0]), ()
        kind = ColumnType(word, sizes, marks=self._marks() if key in _NUMBERS else ())
        if key in _TEXTS and self.take("BYTE"):
            return ColumnType(word.replace("char", "binary").replace("text", "blob"), sizes), False
        return kind, self._text_marks() if key in _TEXTS else False

    def _whole_word(self, key: str) -> str:
        """The type's name where it has several words, or several names."""
        if key == "DOUBLE":
            self.take("PRECISION")
        elif key in ("CHAR", "CHARACTER", "NCHAR") and self.take_any("VARYING", "VARCHAR", "VARCHARACTER"):
            if self.keys[self.at] != "(":
                raise self.error()
            return "varchar"
        elif key == "LONG":
            if self.take("VARBINARY"):
                return "mediumblob"
            if not self.take_all("CHAR", "VARYING"):
                self.take_any("VARCHAR", "VARCHARACTER")
            return "mediumtext"
        return _WORDS.get(key, key.lower())

    def _numbers(self, key: str) -> tuple[int, ...]:
        least, most = _SIZES[key]
        sizes: tuple[int, ...] = ()
        if most and self.take("("):
            numbers = self.list_of(self.whole_number)
            if len(numbers) > most or (key in ("DOUBLE", "FLOAT8", "REAL") and len(numbers) == 1):
                raise self.error()
            self.expect(")")
            sizes = tuple(numbers)
        if len(sizes) < least:
            raise self.error()
        return sizes

    def whole_number(self) -> int:
        """A number of digits alone, cut at 10**18. Raises 1064."""
        if self.kinds[self.at] != NUMBER or not self.texts[self.at].isdigit():
            raise self.error()
        self.at += 1
        text = self.texts[self.at - 1]
        return int(text) if len(text) <= 18 else 10**18

    def string(self) -> str:
        """A string literal. Raises 1064."""
        if self.kinds[self.at] != STRING:
            raise self.error()
        self.at += 1
        return self.texts[self.at - 1]

    def _members(self) -> tuple[str, ...]:
        self.expect("(")
        members = self.list_of(self._member)
        self.expect(")")
        return tuple(m.rstrip(" ") for m in members)

    def _member(self) -> str:
        if self.kinds[self.at] in (HEX, BITS):
            self.refuse("members that are given by their bytes", "texts")
            self.at += 1
            return self.texts[self.at - 1]
        return self.string()

    def _marks(self) -> tuple[str, ...]:
        marks = []
        signed = self.take_any("SIGNED", "UNSIGNED")
        filled = self.take("ZEROFILL")
        if filled and not signed:
            self.take("UNSIGNED")
        if signed == "UNSIGNED":
            marks.append("unsigned")
        if filled:
            self.refuse("ZEROFILL columns", "LPAD")
        return tuple(marks)

    def _text_marks(self) -> bool:
        """[CHARACTER SET name] [BINARY]; whether the text compares by bytes."""
        if self.take("COMPRESSED"):
            self.refuse("COMPRESSED on a column")
        if self.take_any("ASCII", "UNICODE"):
            self.refuse("this character set", "utf8mb4")
        if self.take("CHARSET") or self.take_all("CHARACTER", "SET"):
            self.narrow_columns |= self.character_set_name()
        return self.take("BINARY")

    def character_set_name(self) -> bool:
        """A character set, which must be UTF-8 here; whether it is utf8mb3. Raises 1115."""
        name = self._loose_name()
        if name.lower() in UTF8 or name.upper() == "DEFAULT":
            return name.lower() in NARROW
        if name.lower() not in OTHERS:
            raise SQLError(1115, "42000", f"Unknown character set: '{name}'")
        self.refuse(f"CHARACTER SET {name}", "utf8mb4")
        return False

    def collation(self) -> bool:
        """The name of a collation; whether it compares by bytes. Raises 1273."""
        name = self._loose_name()
        low = name.lower()
        charset = low.partition("_")[0]
        if low in ("utf8mb4_bin", "utf8_bin", "utf8mb3_bin"):
            return True
        if low in ("utf8mb4_general_ci", "utf8_general_ci", "utf8mb3_general_ci", "default"):
            return False
        if charset not in UTF8 and charset not in OTHERS and charset != "uca1400":
            raise SQLError(1273, "HY000", f"Unknown collation: '{name}'")
        self.refuse(f"COLLATE {name}", "utf8mb4_general_ci")
        return False

    def _loose_name(self) -> str:
        """A name that may be a string, or one of the words that are reserved elsewhere."""
        if self.kinds[self.at] == STRING or self.keys[self.at] in ("BINARY", "DEFAULT"):
            self.at += 1
            return self.texts[self.at - 1]
        return self.identifier().name


def _of_size(word: str, size: int) -> str:
    """The smallest TEXT or BLOB that holds so many characters or bytes."""
    size *= _CHARACTER_BYTES if word == "text" else 1
    return next(
        (p + word for p, bound in (("tiny", _SMALL), ("", _MEDIUM), ("medium", _LARGE)) if size < bound), "long" + word
    )

"""The options of a table, from tokens to TableOptions: those that change nothing here, those that do, and the others."""

from __future__ import annotations

from dataclasses import replace

from ...session import SQLError
from .character_sets import NARROW
from .definitions import TableOptions
from .lexer import NUMBER, STRING
from .table_elements import TableElements

_ENGINES = frozenset(
    """MYISAM MEMORY HEAP ARIA MARIA CSV MRG_MYISAM MERGE ARCHIVE BLACKHOLE FEDERATED SEQUENCE PERFORMANCE_SCHEMA ROCKSDB
    SPIDER CONNECT NDB NDBCLUSTER""".split()  # noqa: SIM905
)
_NUMBERS = frozenset(
    """AVG_ROW_LENGTH CHECKSUM DELAY_KEY_WRITE KEY_BLOCK_SIZE MAX_ROWS MIN_ROWS PAGE_CHECKSUM TABLE_CHECKSUM TRANSACTIONAL
    PAGE_COMPRESSED PAGE_COMPRESSION_LEVEL ENCRYPTION_KEY_ID
    PACK_KEYS STATS_AUTO_RECALC STATS_PERSISTENT STATS_SAMPLE_PAGES""".split()  # noqa: SIM905
)
_STRINGS = frozenset(
    """AUTOEXTEND_SIZE COMPRESSION CONNECTION ENCRYPTION ENCRYPTED ENGINE_ATTRIBUTE PASSWORD
    SECONDARY_ENGINE_ATTRIBUTE""".split()  # noqa: SIM905
)
_NAMES = frozenset({"ROW_FORMAT", "INSERT_METHOD", "TABLESPACE", "STORAGE", "SECONDARY_ENGINE"})


class TableRules(TableElements):
    """The rules of table options."""

    def table_options(self) -> TableOptions:
        """Options with commas between them or without, as many as there are."""
        options = TableOptions()
        while (changed := self.table_option(options)) is not None:
            options = changed
            self.take(",")
        return options

    def table_option(self, options: TableOptions) -> TableOptions | None:
        """The options with one more; None where none stands here."""
        key = self.keys[self.at]
        if key == "DEFAULT" and self.keys[self.at + 1] in ("CHARACTER", "CHARSET", "COLLATE"):
            self.at += 1
            key = self.keys[self.at]
        if key in ("CHARSET", "CHARACTER", "COLLATE"):
            return replace(options, narrow=self._text_option(key) or bool(options.narrow))
        if key == "AUTO_INCREMENT":
            return replace(options, counter=self._value_of_number())
        if key == "COMMENT":
            self._assign()
            return replace(options, comment=self.string())
        if key in ("ENGINE", "TYPE"):
            self._engine()
            return options
        return options if self._other_option(key) else None

    def _assign(self) -> None:
        """Behind a name and an equals sign, which may lack."""
        self.at += 1
        self.take("=")

    def _text_option(self, key: str) -> bool:
        """A character set or a collation; whether it is utf8mb3's."""
        self.at += 1
        if key == "CHARACTER":
            self.expect("SET")
        self.take("=")
        if key != "COLLATE":
            return self.character_set_name()
        narrow = self.texts[self.at].lower().partition("_")[0] in NARROW
        if self.collation():
            self.refuse("a binary collation for a whole table", "COLLATE beside the column")
        return narrow

    def _value_of_number(self) -> int:
        self._assign()
        return self.whole_number()

    def _engine(self) -> None:
        """Raises 1286 for an engine that does not exist."""
        self._assign()
        name = self.string() if self.kinds[self.at] == STRING else self.identifier().name
        if name.upper() == "INNODB":
            return
        if name.upper() not in _ENGINES:
            raise SQLError(1286, "42000", f"Unknown storage engine '{name}'")
        self.refuse(f"ENGINE {name}", "InnoDB")

    def _other_option(self, key: str) -> bool:
        """Skip an option that is not supported; False where there is none. Raises 1911 for one that MySQL lacks, too."""
        if key in ("DATA", "INDEX") and self.keys[self.at + 1] == "DIRECTORY":
            self.at += 1
            self._assign()
            self.string()
        elif key == "UNION" and self.keys[self.at + 1] in ("=", "("):
            self._assign()
            self.key_parts()
        elif key in _NUMBERS:
            self._assign()
            if not self.take("DEFAULT"):
                self._string_or_number()
        elif key in _STRINGS:
            self._assign()
            self._string_or_number()
        elif key in _NAMES:
            self._assign()
            if not self.take("DEFAULT"):
                self.identifier()
        elif key == "WITH" and self.keys[self.at + 1] == "SYSTEM":
            self.at += 1
            self.expect("SYSTEM", "VERSIONING")
        elif self.names_next() and self.keys[self.at + 1] == "=":
            raise SQLError(1911, "HY000", f"Unknown option '{self.texts[self.at]}'")
        else:
            return False
        self.refuse(f"{key} of a table")
        return True

    def _string_or_number(self) -> None:
        if self.kinds[self.at] not in (STRING, NUMBER):
            raise self.error()
        self.at += 1

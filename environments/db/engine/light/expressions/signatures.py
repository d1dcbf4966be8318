"""Functions whose arguments are simply converted: name, SQLite function, argument codes, result type.

Codes: S text, I integer, B bits, D double, T a date's text, C a time's microseconds. Those behind | may be left out, and a last
* repeats its predecessor.
"""

from __future__ import annotations

from ..values import types as ty
from ..values.types import Type

_SMALL = Type(ty.INT, 10)

SIMPLE: dict[str, tuple[str, str, Type]] = {
    "UPPER": ("m_upper", "S", ty.TEXT),
    "LOWER": ("m_lower", "S", ty.TEXT),
    "CHAR_LENGTH": ("m_char_length", "S", _SMALL),
    "SUBSTRING": ("m_substr", "SI|I", ty.TEXT),
    "LEFT": ("m_left", "SI", ty.TEXT),
    "RIGHT": ("m_right", "SI", ty.TEXT),
    "SUBSTRING_INDEX": ("m_subidx", "SSI", ty.TEXT),
    "LOCATE": ("m_locate", "SS|I", _SMALL),
    "REPEAT": ("m_repeat", "SI", ty.TEXT),
    "REPLACE": ("m_replace", "SSS", ty.TEXT),
    "REVERSE": ("m_reverse", "S", ty.TEXT),
    "INSERT": ("m_insert", "SIIS", ty.TEXT),
    "SPACE": ("m_space", "I", ty.TEXT),
    "CONCAT_WS": ("m_concat_ws", "SS*", ty.TEXT),
    "FIND_IN_SET": ("m_find_in_set", "SS", _SMALL),
    "ELT": ("m_elt", "IS*", ty.TEXT),
    "STRCMP": ("m_strcmp", "SS", Type(ty.INT, 1)),
    "ASCII": ("m_ascii", "S", _SMALL),
    "ORD": ("m_ord", "S", _SMALL),
    "UNHEX": ("m_unhex", "S", ty.BYTES),
    "MD5": ("m_md5", "S", ty.TEXT),
    "SHA1": ("m_sha1", "S", ty.TEXT),
    "SHA2": ("m_sha2", "SI", ty.TEXT),
    "CRC32": ("m_crc32", "S", Type(ty.INT, 10, unsigned=True)),
    "QUOTE": ("m_quote", "S", ty.TEXT),
    "TO_BASE64": ("m_to_base64", "S", ty.TEXT),
    "FROM_BASE64": ("m_from_base64", "S", ty.BYTES),
    "INET_ATON": ("m_inet_aton", "S", Type(ty.INT, 10, unsigned=True)),
    "INET_NTOA": ("m_inet_ntoa", "I", ty.TEXT),
    "SOUNDEX": ("m_soundex", "S", ty.TEXT),
    "EXPORT_SET": ("m_export_set", "BSS|SI", ty.TEXT),
    "CONV": ("m_conv", "SII", ty.TEXT),
    "REGEXP_REPLACE": ("m_regexp_replace", "SSS", ty.TEXT),
    "REGEXP_SUBSTR": ("m_regexp_substr", "SS", ty.TEXT),
    "REGEXP_INSTR": ("m_regexp_instr", "SS", _SMALL),
    "MAKE_SET": ("m_make_set", "BS*", ty.TEXT),
    "CHAR": ("m_char", "I*", ty.BYTES),
    "POW": ("m_pow", "DD", ty.DOUBLE),
    "SQRT": ("m_sqrt", "D", ty.DOUBLE),
    "EXP": ("m_exp", "D", ty.DOUBLE),
    "LN": ("m_ln", "D", ty.DOUBLE),
    "LOG2": ("m_log2", "D", ty.DOUBLE),
    "LOG10": ("m_log10", "D", ty.DOUBLE),
    "SIN": ("m_sin", "D", ty.DOUBLE),
    "COS": ("m_cos", "D", ty.DOUBLE),
    "TAN": ("m_tan", "D", ty.DOUBLE),
    "ASIN": ("m_asin", "D", ty.DOUBLE),
    "ACOS": ("m_acos", "D", ty.DOUBLE),
    "ATAN2": ("m_atan2", "DD", ty.DOUBLE),
    "COT": ("m_cot", "D", ty.DOUBLE),
    "RADIANS": ("m_radians", "D", ty.DOUBLE),
    "DEGREES": ("m_degrees", "D", ty.DOUBLE),
    "BIT_COUNT": ("m_bit_count", "B", _SMALL),
    "YEAR": ("m_year", "T", Type(ty.INT, 4)),
    "MONTH": ("m_month", "T", Type(ty.INT, 2)),
    "DAYOFMONTH": ("m_dayofmonth", "T", Type(ty.INT, 2)),
    "QUARTER": ("m_quarter", "T", Type(ty.INT, 1)),
    "WEEKDAY": ("m_weekday", "T", Type(ty.INT, 1)),
    "DAYOFWEEK": ("m_dayofweek", "T", Type(ty.INT, 1)),
    "DAYOFYEAR": ("m_dayofyear", "T", Type(ty.INT, 3)),
    "DAYNAME": ("m_dayname", "T", ty.TEXT),
    "MONTHNAME": ("m_monthname", "T", ty.TEXT),
    "LAST_DAY": ("m_last_day", "T", ty.DAY),
    "TO_DAYS": ("m_to_days", "T", Type(ty.INT, 8)),
    "TO_SECONDS": ("m_to_seconds", "T", Type(ty.INT, 12)),
    "DATEDIFF": ("m_datediff", "TT", Type(ty.INT, 7)),
    "HOUR": ("m_hour", "C", Type(ty.INT, 3)),
    "MINUTE": ("m_minute", "C", Type(ty.INT, 2)),
    "SECOND": ("m_second", "C", Type(ty.INT, 2)),
    "MICROSECOND": ("m_microsecond", "C", Type(ty.INT, 6)),
    "TIME_FORMAT": ("m_time_format", "CS", Type(ty.STR, cut=True)),
    "MAKEDATE": ("m_makedate", "II", ty.DAY),
    "FROM_DAYS": ("m_from_days", "I", ty.DAY),
    "PERIOD_ADD": ("m_period_add", "II", Type(ty.INT, 6)),
    "PERIOD_DIFF": ("m_period_diff", "II", Type(ty.INT, 6)),
}

# Over binary strings these give what they give over the same bytes as text.
BYTEWISE = frozenset(
    "ASCII ORD UNHEX MD5 SHA1 SHA2 CRC32 TO_BASE64 FROM_BASE64 CONV".split()  # noqa: SIM905
)
# These compare characters in the collation utf8mb4_general_ci.
FOLDING = frozenset("LOCATE FIND_IN_SET STRCMP REGEXP_REPLACE REGEXP_SUBSTR REGEXP_INSTR".split())  # noqa: SIM905

ALIASES = {
    "UCASE": "UPPER", "LCASE": "LOWER", "CHARACTER_LENGTH": "CHAR_LENGTH", "SUBSTR": "SUBSTRING", "MID": "SUBSTRING",
    "OCTET_LENGTH": "LENGTH", "SHA": "SHA1", "POWER": "POW", "DAY": "DAYOFMONTH", "CEILING": "CEIL",
    "SUBDATE": "DATE_SUB", "ADDDATE": "DATE_ADD", "CURRENT_DATE": "CURDATE", "CURRENT_TIME": "CURTIME",
    "CURRENT_TIMESTAMP": "NOW", "LOCALTIME": "NOW", "LOCALTIMESTAMP": "NOW", "SYSDATE": "NOW", "SCHEMA": "DATABASE",
    "UTC_DATE": "CURDATE", "UTC_TIME": "CURTIME", "UTC_TIMESTAMP": "NOW", "SESSION_USER": "USER",
    "SYSTEM_USER": "USER", "STD": "STDDEV_POP", "STDDEV": "STDDEV_POP", "VARIANCE": "VAR_POP",
}  # fmt: skip

# These stand in MariaDB's grammar: a wrong count of arguments is a syntax error.
IN_GRAMMAR = frozenset(
    """YEAR MONTH DAYOFMONTH HOUR MINUTE SECOND DATE TIME TIMESTAMP IF LEFT RIGHT INSERT REPLACE REPEAT TRUNCATE
    MOD WEEK QUARTER ASCII COALESCE FORMAT MICROSECOND REVERSE CURDATE CURTIME NOW SUBSTRING DATABASE USER
    LOCATE_ LOG_ VALUES CURRENT_USER NULLIF_""".split()  # noqa: SIM905
)

MORE_ARGUMENTS = {"FORMAT": 3, "DATE_FORMAT": 3, "CRC32": 2, "REGEXP_REPLACE": 4, "REGEXP_SUBSTR": 3, "REGEXP_INSTR": 3}
"""Counts of arguments that MySQL 8 or MariaDB takes and this engine does not."""

# MySQL or MariaDB has these and this engine does not: the answer is a refusal, not error 1305.
ELSEWHERE = frozenset(
    """RAND UUID UUID_SHORT BENCHMARK GET_LOCK RELEASE_LOCK IS_FREE_LOCK IS_USED_LOCK AES_ENCRYPT
    AES_DECRYPT ENCODE DECODE DES_ENCRYPT DES_DECRYPT ENCRYPT PASSWORD COMPRESS UNCOMPRESS UNCOMPRESSED_LENGTH
    JSON_EXTRACT JSON_VALUE JSON_QUERY JSON_OBJECT JSON_ARRAY JSON_SET JSON_INSERT JSON_REPLACE JSON_REMOVE
    JSON_CONTAINS JSON_CONTAINS_PATH JSON_KEYS JSON_LENGTH JSON_DEPTH JSON_TYPE JSON_VALID JSON_MERGE
    JSON_SEARCH JSON_UNQUOTE JSON_QUOTE JSON_ARRAYAGG JSON_OBJECTAGG JSON_ARRAY_APPEND JSON_MERGE_PATCH
    JSON_MERGE_PRESERVE JSON_TABLE JSON_EXISTS JSON_PRETTY JSON_COMPACT JSON_DETAILED JSON_LOOSE
    GET_FORMAT EXPORT_SET FORMAT_BYTES INET6_ATON
    INET6_NTOA IS_IPV4 IS_IPV6 CHARSET COLLATION COERCIBILITY NAME_CONST MASTER_POS_WAIT ST_GEOMFROMTEXT
    ST_ASTEXT ST_DISTANCE POINT OLD_PASSWORD EXTRACTVALUE UPDATEXML REGEXP_LIKE
    WEIGHT_STRING NATURAL_SORT_KEY TO_CHAR NVL2 DECODE_ORACLE CHR LENGTHB ROWNUM LASTVAL NEXTVAL SETVAL MEDIAN
    PERCENTILE_CONT PERCENTILE_DISC VALUE ANY_VALUE GROUPING STATEMENT_DIGEST ENCRYPT RANDOM_BYTES SFORMAT
    CRC32C KDF DEFAULT CHAR_ JSON_NORMALIZE JSON_EQUALS JSON_OVERLAPS XMLTYPE CONTAINS WITHIN
    DISTANCE""".split()  # noqa: SIM905
)

# The same of functions that hardly anybody calls: MariaDB's and MySQL 8's own, and what replication and the server use.
RARE = frozenset(
    """ADD_MONTHS BIT_LENGTH BINLOG_GTID_POS COLUMN_ADD COLUMN_CHECK COLUMN_CREATE COLUMN_DELETE COLUMN_EXISTS
    COLUMN_GET COLUMN_JSON COLUMN_LIST CONCAT_OPERATOR_ORACLE DECODE_HISTOGRAM LPAD_ORACLE LTRIM_ORACLE
    MASTER_GTID_WAIT RELEASE_ALL_LOCKS REPLACE_ORACLE RPAD_ORACLE RTRIM_ORACLE SUBSTR_ORACLE SYS_GUID TRIM_ORACLE
    WSREP_LAST_WRITTEN_GTID WSREP_LAST_SEEN_GTID WSREP_SYNC_WAIT_UPTO_GTID IS_IPV4_MAPPED IS_IPV4_COMPAT BIN_TO_UUID
    UUID_TO_BIN IS_UUID FORMAT_PICO_TIME PS_CURRENT_THREAD_ID PS_THREAD_ID ICU_VERSION ROLES_GRAPHML CURRENT_ROLE
    VALIDATE_PASSWORD_STRENGTH WAIT_FOR_EXECUTED_GTID_SET GTID_SUBSET GTID_SUBTRACT SOURCE_POS_WAIT LINESTRING POLYGON
    MULTIPOINT MULTILINESTRING MULTIPOLYGON GEOMETRYCOLLECTION GEOMCOLLECTION MBRCONTAINS MBRCOVEREDBY MBRCOVERS
    MBRDISJOINT MBREQUAL MBREQUALS MBRINTERSECTS MBROVERLAPS MBRTOUCHES MBRWITHIN EQUALS INTERSECTS DISJOINT OVERLAPS
    TOUCHES CROSSES PROCEDURE_ANALYSE STATEMENT_DIGEST_TEXT EXPORT_SET LOAD_FILE NAME_CONST TO_NUMBER""".split()  # noqa: SIM905
)

GROWING = frozenset({"REPEAT", "SPACE", "REPLACE", "INSERT"})
"""Those whose result may outgrow a packet: NULL then, and in a write an error."""

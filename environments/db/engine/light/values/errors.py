"""MySQL's errors in the numbers and words of MariaDB 10.11: one function for each, to be raised by the caller.

Names and table names go in as the statement writes them; `row` counts from 1.
"""

from __future__ import annotations

from ...session import SQLError, Unsupported


def syntax(near: str, line: int) -> SQLError:
    """1064 ER_PARSE_ERROR; `near` is cut to 80 characters."""
    return SQLError(
        1064,
        "42000",
        "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for "
        f"the right syntax to use near '{near[:80]}' at line {line}",
    )


def empty_query() -> SQLError:
    """1065 ER_EMPTY_QUERY."""
    return SQLError(1065, "42000", "Query was empty")


def unknown_column(name: str, clause: str) -> SQLError:
    """1054 ER_BAD_FIELD_ERROR; `clause` as MySQL names it, such as `where clause`."""
    return SQLError(1054, "42S22", f"Unknown column '{name}' in '{clause}'")


def ambiguous(name: str, clause: str) -> SQLError:
    """1052 ER_NON_UNIQ_ERROR."""
    return SQLError(1052, "23000", f"Column '{name}' in {clause} is ambiguous")


def no_table(database: str, name: str) -> SQLError:
    """1146 ER_NO_SUCH_TABLE."""
    return SQLError(1146, "42S02", f"Table '{database}.{name}' doesn't exist")


def table_exists(name: str) -> SQLError:
    """1050 ER_TABLE_EXISTS_ERROR."""
    return SQLError(1050, "42S01", f"Table '{name}' already exists")


def access_denied(privilege: str) -> SQLError:
    """1227 ER_SPECIFIC_ACCESS_DENIED_ERROR."""
    return SQLError(
        1227, "42000", f"Access denied; you need (at least one of) the {privilege} privilege(s) for this operation"
    )


def database_denied(user: str, name: str) -> SQLError:
    """1044 ER_DBACCESS_DENIED_ERROR; `user` as MySQL quotes it, with its host."""
    return SQLError(1044, "42000", f"Access denied for user {user} to database '{name}'")


def not_unique_table(name: str) -> SQLError:
    """1066 ER_NONUNIQ_TABLE."""
    return SQLError(1066, "42000", f"Not unique table/alias: '{name}'")


def duplicate_column(name: str) -> SQLError:
    """1060 ER_DUP_FIELDNAME."""
    return SQLError(1060, "42S21", f"Duplicate column name '{name}'")


def duplicate_key_name(name: str) -> SQLError:
    """1061 ER_DUP_KEYNAME."""
    return SQLError(1061, "42000", f"Duplicate key name '{name}'")


def duplicate_entry(entry: str, key: str) -> SQLError:
    """1062 ER_DUP_ENTRY; `entry` is the key's values joined by hyphens."""
    return SQLError(1062, "23000", f"Duplicate entry '{entry}' for key '{key}'")


def multiple_primary() -> SQLError:
    """1068 ER_MULTIPLE_PRI_KEY."""
    return SQLError(1068, "42000", "Multiple primary key defined")


def key_column(name: str) -> SQLError:
    """1072 ER_KEY_COLUMN_DOES_NOT_EXITS, as MySQL spells it."""
    return SQLError(1072, "42000", f"Key column '{name}' doesn't exist in table")


def unknown_column_in_table(name: str, table: str) -> SQLError:
    """1054 ER_BAD_FIELD_ERROR where ALTER TABLE names the column."""
    return SQLError(1054, "42S22", f"Unknown column '{name}' in '{table}'")


def cannot_drop(kind: str, name: str) -> SQLError:
    """1091 ER_CANT_DROP_FIELD_OR_KEY; `kind` is COLUMN or INDEX."""
    return SQLError(1091, "42000", f"Can't DROP {kind} `{name}`; check that it exists")


def last_column() -> SQLError:
    """1090 ER_CANT_REMOVE_ALL_FIELDS."""
    return SQLError(1090, "42000", "You can't delete all columns with ALTER TABLE; use DROP TABLE instead")


def null_column(name: str) -> SQLError:
    """1048 ER_BAD_NULL_ERROR."""
    return SQLError(1048, "23000", f"Column '{name}' cannot be null")


def no_default(name: str) -> SQLError:
    """1364 ER_NO_DEFAULT_FOR_FIELD."""
    return SQLError(1364, "HY000", f"Field '{name}' doesn't have a default value")


def too_long(name: str, row: int) -> SQLError:
    """1406 ER_DATA_TOO_LONG."""
    return SQLError(1406, "22001", f"Data too long for column '{name}' at row {row}")


def counter_range(name: str, row: int) -> SQLError:
    """167 HA_ERR_AUTOINC_ERANGE: no AUTO_INCREMENT value is left."""
    return SQLError(167, "22003", f"Out of range value for column '{name}' at row {row}")


def out_of_range(name: str, row: int) -> SQLError:
    """1264 ER_WARN_DATA_OUT_OF_RANGE."""
    return SQLError(1264, "22003", f"Out of range value for column '{name}' at row {row}")


def data_truncated(name: str, row: int) -> SQLError:
    """1265 WARN_DATA_TRUNCATED."""
    return SQLError(1265, "01000", f"Data truncated for column '{name}' at row {row}")


def incorrect(kind: str, value: str, place: str, row: int) -> SQLError:
    """1292 for dates and times, else 1366; `place` is `db`.`table`.`column`."""
    code = 1292 if kind in ("date", "datetime", "time") else 1366
    return SQLError(code, "22007", f"Incorrect {kind} value: '{value}' for column {place} at row {row}")


def bad_value(kind: str, text: str) -> SQLError:
    """1292 for a text that is read as a date or time, and is none."""
    return SQLError(1292, "22007", f"Incorrect {kind} value: '{text}'")


def truncated_incorrect(kind: str, value: str) -> SQLError:
    """1292 ER_TRUNCATED_WRONG_VALUE."""
    return SQLError(1292, "22007", f"Truncated incorrect {kind} value: '{value}'")


def division_by_zero() -> SQLError:
    """1365 ER_DIVISION_BY_ZERO."""
    return SQLError(1365, "22012", "Division by 0")


def arithmetic_range(kind: str, expression: str) -> SQLError:
    """1690 ER_DATA_OUT_OF_RANGE."""
    return SQLError(1690, "22003", f"{kind} value is out of range in '{expression}'")


def column_count(row: int) -> SQLError:
    """1136 ER_WRONG_VALUE_COUNT_ON_ROW."""
    return SQLError(1136, "21S01", f"Column count doesn't match value count at row {row}")


def column_twice(name: str) -> SQLError:
    """1110 ER_FIELD_SPECIFIED_TWICE."""
    return SQLError(1110, "42000", f"Column '{name}' specified twice")


def select_counts() -> SQLError:
    """1222 ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT."""
    return SQLError(1222, "21000", "The used SELECT statements have a different number of columns")


def operand_columns(count: int) -> SQLError:
    """1241 ER_OPERAND_COLUMNS."""
    return SQLError(1241, "21000", f"Operand should contain {count} column(s)")


def more_than_one_row() -> SQLError:
    """1242 ER_SUBQUERY_NO_1_ROW."""
    return SQLError(1242, "21000", "Subquery returns more than 1 row")


def group_misuse() -> SQLError:
    """1111 ER_INVALID_GROUP_FUNC_USE."""
    return SQLError(1111, "HY000", "Invalid use of group function")


def forward_reference(name: str) -> SQLError:
    """1247 ER_ILLEGAL_REFERENCE."""
    return SQLError(1247, "42S22", f"Reference '{name}' not supported (forward reference in item list)")


def foreign_order(table: str) -> SQLError:
    """1250 ER_TABLENAME_NOT_ALLOWED_HERE."""
    return SQLError(1250, "42000", f"Table '{table}' from one of the SELECTs cannot be used in ORDER BY")


def window_misuse() -> SQLError:
    """4015 ER_WRONG_PLACEMENT_OF_WINDOW_FUNCTION, in MariaDB's number."""
    return SQLError(4015, "HY000", "Window function is allowed only in SELECT list and ORDER BY clause")


def cannot_group(name: str) -> SQLError:
    """1056 ER_WRONG_GROUP_FIELD."""
    return SQLError(1056, "42000", f"Can't group on '{name}'")


def spaced_function(name: str) -> SQLError:
    """1630 ER_FUNC_INEXISTENT_NAME_COLLISION: a space between a function's name and its parenthesis."""
    return SQLError(
        1630,
        "42000",
        f"FUNCTION {name} does not exist. Check the 'Function Name Parsing and Resolution' section in the Reference Manual",
    )


def no_function(database: str, name: str) -> SQLError:
    """1305 ER_SP_DOES_NOT_EXIST."""
    return SQLError(1305, "42000", f"FUNCTION {database}.{name} does not exist")


def named_argument(name: str, *, native: bool) -> SQLError:
    """1583 ER_WRONG_PARAMETERS_TO_NATIVE_FCT, or 1584 for a function of users."""
    kind = "native" if native else "stored"
    return SQLError(1583 if native else 1584, "42000", f"Incorrect parameters in the call to {kind} function '{name}'")


def broken_view(database: str, name: str) -> SQLError:
    """1356 ER_VIEW_INVALID."""
    return SQLError(
        1356,
        "HY000",
        f"View '{database}.{name}' references invalid table(s) or column(s) or function(s) or definer/invoker of view "
        "lack rights to use them",
    )


def parameter_count(name: str) -> SQLError:
    """1582 ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT."""
    return SQLError(1582, "42000", f"Incorrect parameter count in the call to native function '{name}'")


def parent_missing(constraint: str) -> SQLError:
    """1452 ER_NO_REFERENCED_ROW_2."""
    return SQLError(1452, "23000", f"Cannot add or update a child row: a foreign key constraint fails ({constraint})")


def child_present(constraint: str) -> SQLError:
    """1451 ER_ROW_IS_REFERENCED_2."""
    return SQLError(
        1451, "23000", f"Cannot delete or update a parent row: a foreign key constraint fails ({constraint})"
    )


def timeout() -> SQLError:
    """1969 ER_STATEMENT_TIMEOUT, MariaDB's."""
    return SQLError(1969, "70100", "Query execution was interrupted (max_statement_time exceeded)")


def result_too_large() -> SQLError:
    """1301 ER_WARN_ALLOWED_PACKET_OVERFLOWED, for a value or all rows of a statement beyond their bound."""
    return SQLError(1301, "HY000", "Result was larger than max_allowed_packet")


def statement_too_long() -> SQLError:
    """1153 ER_NET_PACKET_TOO_LARGE."""
    return SQLError(1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes")


def too_precise(digits: int, most: int) -> SQLError:
    """1426 ER_TOO_BIG_PRECISION."""
    return SQLError(1426, "42000", f"Too big precision {digits} specified. Maximum is {most}")


def too_fine(scale: int, most: int) -> SQLError:
    """1425 ER_TOO_BIG_SCALE."""
    return SQLError(1425, "42000", f"Too big scale {scale} specified. Maximum is {most}")


def scale_beyond_precision() -> SQLError:
    """1427 ER_M_BIGGER_THAN_D."""
    return SQLError(1427, "42000", "For float(M,D), double(M,D) or decimal(M,D), M must be >= D (column '')")


def not_utf8() -> SQLError:
    """1300 ER_INVALID_CHARACTER_STRING, for a lone surrogate."""
    return SQLError(1300, "HY000", "Invalid utf8mb4 character string in the statement")


def invalid_characters(data: bytes) -> SQLError:
    """1300 ER_INVALID_CHARACTER_STRING, for bytes that are no text."""
    return SQLError(1300, "HY000", f"Invalid utf8mb4 character string: '{data.hex().upper()}'")


def wrong_literal(kind: str, text: str) -> SQLError:
    """1525 ER_WRONG_VALUE."""
    return SQLError(1525, "HY000", f"Incorrect {kind} value: '{text}'")


def date_overflow() -> SQLError:
    """1441 ER_DATETIME_FUNCTION_OVERFLOW."""
    return SQLError(1441, "22008", "Datetime function: datetime field overflow")


def out_of_memory() -> SQLError:
    """1038 ER_OUT_OF_SORTMEMORY, for whatever a statement keeps beside its tables."""
    return SQLError(1038, "HY001", "Out of memory for this statement; consider fewer or shorter rows")


def table_full(name: str) -> SQLError:
    """1114 ER_RECORD_FILE_FULL."""
    return SQLError(1114, "HY000", f"The table '{name}' is full")


def too_deep() -> SQLError:
    """A refusal, for every nesting beyond the engine's bounds: a server's are wider (1436 ER_STACK_OVERRUN_NEED_MORE)."""
    return Unsupported("a statement that is nested so deeply", "fewer levels")


def no_savepoint(name: str) -> SQLError:
    """1305 ER_SP_DOES_NOT_EXIST for a savepoint."""
    return SQLError(1305, "42000", f"SAVEPOINT {name} does not exist")


def invalid_default(name: str) -> SQLError:
    """1067 ER_INVALID_DEFAULT."""
    return SQLError(1067, "42000", f"Invalid default value for '{name}'")


def not_updatable(table: str, verb: str) -> SQLError:
    """1288 ER_NON_UPDATABLE_TABLE; `verb` is UPDATE or DELETE."""
    return SQLError(1288, "HY000", f"The target table {table} of the {verb} is not updatable")


def generated_value(column: str, table: str) -> SQLError:
    """1906 ER_WARNING_NON_DEFAULT_VALUE_FOR_GENERATED_COLUMN, an error in strict mode."""
    text = f"The value specified for generated column '{column}' in table '{table}' has been ignored"
    return SQLError(1906, "HY000", text)


def from_sqlite(text: str) -> SQLError:
    """The MySQL error for an error text of SQLite; a text without a counterpart becomes a refusal."""
    low = text.lower()
    if "interrupted" in low:
        return timeout()
    if "full" in low:
        return table_full("db")
    if "integer overflow" in low:
        return Unsupported("a sum beyond 64 bits")
    if "too big" in low or "too large" in low:
        return result_too_large()
    if "too many columns" in low:
        return SQLError(1117, "HY000", "Too many columns")
    if "out of memory" in low:
        return out_of_memory()
    if "depth" in low or "too complex" in low or "parser stack" in low or "too many terms" in low:
        return too_deep()
    return Unsupported(f"this statement ({text[:120]})")

"""A small grammar of random SELECTs over the corpus tables, for differential testing. One generator, one sequence."""

from __future__ import annotations

from random import Random

_COLUMNS = {
    "people": {
        "int": ["id", "age", "dept_id", "active"], "dec": ["salary"], "dbl": ["height"], "str": ["name", "grade"],
        "date": ["born"], "datetime": ["seen"],
    },
    "nums": {"int": ["i", "t", "u"], "dec": ["d"], "dbl": ["f"], "str": [], "date": [], "datetime": []},
    "words": {"int": [], "dec": [], "dbl": [], "str": ["w", "n", "`Year(s) won`"], "date": [], "datetime": []},
}  # fmt: skip
_LITERALS = {
    "int": ["0", "1", "7", "-3", "45", "NULL", "TRUE"],
    "dec": ["0.5", "1.25", "-2.50", "4100.00", "10.0"],
    "dbl": ["1e0", "2.5e0", "-1.5e1"],
    "str": ["'a'", "'Ann'", "'bob'", "'5'", "'5 apples'", "''", "'abc'", "'1e1'", "'2005'", "'É'", "NULL", "' x '", "'-3.5'"],
    "date": ["DATE '1975-12-31'", "DATE '2020-02-29'"],
    "datetime": ["TIMESTAMP '2020-01-31 10:15:30'", "TIMESTAMP '2000-01-01 00:00:00'"],
}  # fmt: skip
_PEOPLE = frozenset(c for names in _COLUMNS["people"].values() for c in names)
_KINDS = ("int", "dec", "dbl", "str", "date", "datetime")
_UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "HOUR", "MINUTE")


class Generator:
    """Random expressions and queries; `seed` alone decides them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.table = "people"

    def query(self) -> str:
        self.table = self.random.choice(("people", "people", "nums", "words"))
        forms = (
            self._plain, self._plain, self._grouped, self._filtered, self._subquery, self._union, self._joined, self._ordered,
            self._windowed, self._correlated, self._by_text,
        )  # fmt: skip
        return self.random.choice(forms)()

    def write(self) -> str:
        """A random UPDATE, DELETE or INSERT … SELECT over `people` or `nums`."""
        self.table = self.random.choice(("people", "people", "nums"))
        columns = [(kind, c) for kind, names in _COLUMNS[self.table].items() for c in names if c not in ("id", "grade")]
        picked = self.random.sample(columns, self.random.choice((1, 1, 2)))
        verb = self.random.random()
        if verb < 0.55:
            sets = ", ".join(f"{c} = {self._value_for(kind)}" for kind, c in picked)
            where = f" WHERE {self.condition(1)}" if self.random.random() < 0.7 else ""
            limit = " ORDER BY id LIMIT 2" if self.table == "people" and self.random.random() < 0.2 else ""
            return f"UPDATE {self.table} SET {sets}{where}{limit}"
        if verb < 0.75:
            return f"DELETE FROM {self.table} WHERE {self.condition(2)}"
        names, values = ", ".join(c for _, c in picked), ", ".join(self._value_for(kind) for kind, _ in picked)
        if verb < 0.9:
            order = " ORDER BY id" if self.table == "people" else ""
            return f"INSERT INTO {self.table} ({names}) SELECT {values} FROM {self.table}{order}"
        self.table = "none"
        values = ", ".join(
            self.random.choice(_LITERALS[self.random.choice((kind, kind, "str", "dec"))]) for kind, _ in picked
        )
        return f"INSERT INTO {'people' if picked[0][1] in _PEOPLE else 'nums'} ({names}) VALUES ({values})"

    def _value_for(self, kind: str) -> str:
        return self.expression(self.random.choice((kind, kind, kind, "str", "int")), 1)

    def expression(self, kind: str, depth: int) -> str:
        """A value whose MySQL type is of this kind, or nearly."""
        if depth <= 0 or self.random.random() < 0.15:
            return self._leaf(kind)
        makers = {
            "int": self._int, "dec": self._dec, "dbl": self._dbl, "str": self._str, "date": self._date,
            "datetime": self._datetime,
        }  # fmt: skip
        return makers[kind](depth - 1)

    def condition(self, depth: int) -> str:
        e, pick = self.expression, self.random.choice
        kind = pick(_KINDS)
        other = pick((kind, kind, "str", "int"))
        if kind in ("date", "datetime") and other not in ("date", "datetime"):
            other = kind
        a, b = e(kind, depth), e(other, depth)
        low, high = e(kind, 0), e(kind, 0)
        forms = [
            f"{a} {pick(('=', '<>', '<', '<=', '>', '>=', '<=>'))} {b}", f"{a} IS {pick(('', 'NOT '))}NULL",
            f"{a} {pick(('', 'NOT '))}BETWEEN {low} AND {high}", f"{a} {pick(('', 'NOT '))}IN ({low}, {high}, {b})",
            f"{e('str', depth)} {pick(('', 'NOT '))}LIKE {pick(('%a%', 'a%', '%n', '_o_', '5%', '', '%'))!r}",
        ]  # fmt: skip
        if depth > 0:
            x, y = self.condition(depth - 1), self.condition(depth - 1)
            forms += [f"({x} AND {y})", f"({x} OR {y})", f"NOT ({x})", f"({x} XOR {y})"]
        return pick(forms)

    def _leaf(self, kind: str) -> str:
        columns = _COLUMNS[self.table][kind]
        return self.random.choice(columns if columns and self.random.random() < 0.75 else _LITERALS[kind])

    def _number(self, depth: int) -> str:
        return self.expression(self.random.choice(("int", "int", "dec", "dbl", "str")), depth)

    def _int(self, depth: int) -> str:
        e, pick = self.expression, self.random.choice
        return pick((
            lambda: f"({e('int', depth)} {pick('+-*')} {e('int', depth)})",
            lambda: f"({e('int', depth)} {pick(('DIV', '%'))} {e('int', depth)})",
            lambda: f"({self.condition(depth)})",
            lambda: f"{pick(('LENGTH', 'CHAR_LENGTH', 'ASCII'))}({e('str', depth)})",
            lambda: f"{pick(('FLOOR', 'CEIL', 'SIGN'))}({e('dec', depth)})",
            lambda: f"CAST({self._number(depth)} AS SIGNED)",
            lambda: f"{pick(('YEAR', 'MONTH', 'DAY', 'WEEK', 'DAYOFWEEK', 'QUARTER'))}({e(pick(('date', 'datetime')), depth)})",
            lambda: f"TIMESTAMPDIFF({pick(_UNITS)}, {e('date', depth)}, {e('datetime', depth)})",
            lambda: f"DATEDIFF({e('datetime', depth)}, {e('date', depth)})",
            lambda: f"LOCATE({e('str', 0)}, {e('str', depth)})",
            lambda: self._choice("int", depth),
        ))()  # fmt: skip

    def _dec(self, depth: int) -> str:
        e, pick = self.expression, self.random.choice
        return pick((
            lambda: f"({e('dec', depth)} {pick('+-*')} {e(pick(('dec', 'int')), depth)})",
            lambda: f"({e('int', depth)} / {e(pick(('int', 'dec')), depth)})",
            lambda: f"ROUND({e('dec', depth)}, {pick((0, 1, 2, -1))})",
            lambda: f"TRUNCATE({e('dec', depth)}, 1)",
            lambda: f"ABS({e('dec', depth)})",
            lambda: f"CAST({self._number(depth)} AS DECIMAL(10,2))",
            lambda: f"MOD({e('dec', depth)}, {e('int', depth)})",
            lambda: self._choice("dec", depth),
        ))()  # fmt: skip

    def _dbl(self, depth: int) -> str:
        e, pick = self.expression, self.random.choice
        return pick((
            lambda: f"({e('dbl', depth)} {pick('+-*/')} {self._number(depth)})",
            lambda: f"({e('str', depth)} {pick('+-*')} {e('int', depth)})",
            lambda: f"{pick(('SQRT', 'ABS', 'FLOOR'))}({e('dbl', depth)})",
            lambda: f"ROUND({e('dbl', depth)}, 1)",
            lambda: self._choice("dbl", depth),
        ))()  # fmt: skip

    def _str(self, depth: int) -> str:
        e, pick = self.expression, self.random.choice
        anything = lambda: e(pick(_KINDS), depth)  # noqa: E731
        return pick((
            lambda: f"CONCAT({anything()}, {anything()})",
            lambda: f"{pick(('UPPER', 'LOWER', 'REVERSE', 'TRIM', 'LTRIM'))}({e('str', depth)})",
            lambda: f"SUBSTRING({e('str', depth)}, {pick((-2, 0, 1, 2, 9))}, {pick((0, 1, 3))})",
            lambda: f"{pick(('LEFT', 'RIGHT'))}({anything()}, {pick((0, 1, 3))})",
            lambda: f"REPLACE({e('str', depth)}, 'a', 'xy')",
            lambda: f"LPAD({e('str', depth)}, {pick((1, 5))}, '*')",
            lambda: f"CONCAT_WS('-', {e('str', depth)}, {anything()})",
            lambda: f"CAST({anything()} AS CHAR)",
            lambda: f"DATE_FORMAT({e('datetime', depth)}, {pick(('%Y-%m', '%W %D', '%U %v', '%c/%e %l%p'))!r})",
            lambda: f"SUBSTRING_INDEX({e('str', depth)}, 'n', 1)",
            lambda: self._choice("str", depth),
        ))()  # fmt: skip

    def _date(self, depth: int) -> str:
        e, pick = self.expression, self.random.choice
        return pick((
            lambda: f"DATE_ADD({e('date', depth)}, INTERVAL {pick((-1, 1, 13))} {pick(_UNITS[:5])})",
            lambda: f"DATE({e('datetime', depth)})",
            lambda: f"LAST_DAY({e('date', depth)})",
            lambda: self._choice("date", depth),
        ))()  # fmt: skip

    def _datetime(self, depth: int) -> str:
        e, pick = self.expression, self.random.choice
        return pick((
            lambda: f"({e('datetime', depth)} - INTERVAL {pick((1, 30))} {pick(_UNITS)})",
            lambda: f"CAST({e('date', depth)} AS DATETIME)",
            lambda: self._choice("datetime", depth),
        ))()  # fmt: skip

    def _choice(self, kind: str, depth: int) -> str:
        e, a = self.expression, self.expression(kind, depth)
        other = self.expression(self.random.choice((kind, kind, "str")), depth)
        return self.random.choice((
            f"IF({self.condition(depth)}, {a}, {e(kind, depth)})", f"COALESCE({a}, {e(kind, depth)})", f"IFNULL({a}, {other})",
            f"NULLIF({a}, {e(kind, depth)})", f"CASE WHEN {self.condition(depth)} THEN {a} ELSE {other} END",
            f"GREATEST({a}, {e(kind, depth)})", f"LEAST({a}, {e(kind, depth)})",
        ))  # fmt: skip

    def _items(self, count: int, depth: int) -> str:
        return ", ".join(f"{self.expression(self.random.choice(_KINDS), depth)} AS c{i}" for i in range(count))

    def _plain(self) -> str:
        return f"SELECT {self._items(self.random.choice((1, 2, 3)), 2)} FROM {self.table}"

    def _filtered(self) -> str:
        distinct = self.random.choice(("", "", "DISTINCT "))
        kind = self.random.choice(("int", "dec", "date", "datetime") if distinct else _KINDS)
        return f"SELECT {distinct}{self.expression(kind, 1)} AS c FROM {self.table} WHERE {self.condition(2)}"

    def _aggregate(self) -> str:
        pick = self.random.choice
        numeric = self.expression(pick(("int", "dec", "str")), 1)
        extreme = self.expression(pick(("int", "dec", "dbl", "date", "datetime")), 1)
        return pick((
            "COUNT(*)", f"COUNT({self.expression(pick(_KINDS), 1)})", f"COUNT(DISTINCT {self.expression(pick(_KINDS), 1)})",
            f"SUM({numeric})", f"AVG({numeric})", f"{pick(('MIN', 'MAX'))}({extreme})",
            f"SUM({self.expression('int', 1)}) / COUNT(*)", f"ROUND(AVG({self.expression('dec', 0)}), 2)",
        ))  # fmt: skip

    def _grouped(self) -> str:
        key = self.expression(self.random.choice(("int", "dec", "date")), 1)
        having = f" HAVING COUNT(*) {self.random.choice(('>', '<='))} 1" if self.random.random() < 0.3 else ""
        return f"SELECT {key} AS k, {self._aggregate()} AS a, {self._aggregate()} AS b FROM {self.table} GROUP BY k{having}"

    def _subquery(self) -> str:
        kind = self.random.choice(("int", "str", "dec"))
        value = self.expression(kind, 1)
        inner = f"SELECT {self.expression(kind, 1)} FROM {self.table} WHERE {self.condition(1)}"
        return f"SELECT {value} AS v, {value} IN ({inner}) AS m FROM {self.table}"

    def _joined(self) -> str:
        self.table = "people"
        kind = self.random.choice(("", "LEFT ", "RIGHT "))
        item = self.expression(self.random.choice(_KINDS), 1)
        sides = self.random.choice(
            ("dept_id = x.did", "age > x.did AND dept_id = x.did", "id = x.boss", "name = x.title")
        )
        inner = "(SELECT id AS did, title, boss FROM dept) AS x"
        return f"SELECT {item} AS c, x.title FROM people {kind}JOIN {inner} ON {sides} WHERE {self.condition(1)}"

    def _ordered(self) -> str:
        self.table = "people"
        key = self.expression(self.random.choice(_KINDS), 1)
        bound = self.random.choice(("", " LIMIT 3", " LIMIT 1, 2"))
        return f"SELECT id, {key} AS k FROM people ORDER BY k{self.random.choice((' DESC', ''))}, id{bound}"

    def _windowed(self) -> str:
        self.table = "people"
        part = self.random.choice(("", "PARTITION BY active ", "PARTITION BY name "))
        key = self.random.choice(("id", "age, id", "name, id", "salary DESC, id", "born, id"))
        call = self.random.choice(
            (
                "ROW_NUMBER()",
                "SUM(age)",
                "AVG(salary)",
                "LAG(name)",
                "COUNT(age)",
                "MAX(born)",
                "LEAD(age, 2)",
                "FIRST_VALUE(id)",
            )
        )
        rank = self.random.choice(
            (f"{call} OVER ({part}ORDER BY {key})", f"DENSE_RANK() OVER ({part}ORDER BY {key.split(',')[0]})")
        )
        return f"SELECT id, {rank} AS r FROM people WHERE {self.condition(1)} ORDER BY id"

    def _correlated(self) -> str:
        self.table = "people"
        inner = self.random.choice(
            ("(SELECT COUNT(*) FROM people q WHERE q.age < p.age)",
             "(SELECT MAX(q.name) FROM people q WHERE q.dept_id = p.dept_id)",
             "EXISTS (SELECT 1 FROM dept d WHERE d.boss = p.id)", "(SELECT SUM(q.salary) FROM people q WHERE q.age <= p.age)",
             "p.age > ALL (SELECT q.age FROM people q WHERE q.dept_id <> p.dept_id)",
             "p.name = ANY (SELECT q.name FROM people q WHERE q.id > p.id)")
        )  # fmt: skip
        return (
            f"SELECT p.id, {inner} AS c FROM people p WHERE p.id IN (SELECT id FROM people WHERE {self.condition(1)})"
        )

    def _by_text(self) -> str:
        self.table = self.random.choice(("people", "words"))
        key = self.expression("str", 1)
        counted, kept = self._aggregate(), self._aggregate()
        return f"SELECT COUNT(*) AS n, {counted} AS a FROM {self.table} GROUP BY {key} HAVING {kept} IS NOT NULL"

    def _union(self) -> str:
        first, second = self.random.choice(_KINDS), self.random.choice(_KINDS)
        a, b = self.expression(first, 1), self.expression(second, 1)
        return f"SELECT {a} AS u FROM {self.table} UNION ALL SELECT {b} FROM {self.table}"

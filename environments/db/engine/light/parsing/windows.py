"""Windows, from tokens to sqlglot's nodes: OVER, and what WINDOW defines."""

from __future__ import annotations

from sqlglot import exp

from .rules import Rules

_SPANS = frozenset({"ROWS", "RANGE", "GROUPS"})


class Windows(Rules):
    """The rules of windows."""

    def windowed(self, call: exp.Expression) -> exp.Expression:
        self.expect("OVER")
        if self.names_next():
            return exp.Window(this=call, alias=self.identifier())
        return self.window_definition(call)

    def window_definition(self, subject: exp.Expression) -> exp.Window:
        """`([name] [PARTITION BY …] [ORDER BY …] [frame])`, for a call or a name."""
        self.expect("(")
        name = self.identifier() if self.names_next() else None
        parts = self.list_of(self.expression) if self.take_all("PARTITION", "BY") else []
        order = exp.Order(expressions=self.list_of(self.ordered)) if self.take_all("ORDER", "BY") else None
        spec = self._frame() if self.keys[self.at] in _SPANS else None
        self.expect(")")
        return exp.Window(this=subject, alias=name, partition_by=parts, order=order, spec=spec, bracketed=True)

    def _frame(self) -> exp.WindowSpec:
        parts: dict[str, object] = {"kind": self.keys[self.at]}
        self.at += 1
        if self.take("BETWEEN"):
            parts["start"], parts["start_side"] = self._bound()
            self.expect("AND")
            parts["end"], parts["end_side"] = self._bound()
        else:
            parts["start"], parts["start_side"] = self._bound()
        if self.take("EXCLUDE"):
            self.at += 1
            self.take_any("ROW", "OTHERS")
            parts["exclude"] = True
        return exp.WindowSpec(**parts)

    def _bound(self) -> tuple[object, str | None]:
        if self.take_all("CURRENT", "ROW"):
            return "CURRENT ROW", None
        amount = "UNBOUNDED" if self.take("UNBOUNDED") else self._bound_amount()
        side = self.take_any("PRECEDING", "FOLLOWING")
        if not side:
            raise self.error()
        return amount, side

    def _bound_amount(self) -> exp.Expression:
        return self.interval() if self.keys[self.at] == "INTERVAL" else self.expression(7)

"""Finding items: search over words, filters over fields, and the order they are listed in."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any

_WORD = re.compile(r"[a-z0-9]+")
SORTS = {"": "Best match", "price": "Price: low to high", "-price": "Price: high to low", "-rating": "Rating"}


def words(text: str) -> list[str]:
    """Lower-case words, with a plain plural cut off."""
    return [
        w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith("ss") else w for w in _WORD.findall(text.lower())
    ]


def value(item: Mapping[str, Any], field: str) -> str:
    """A field of an item, or one of its details, as text; '' where it has none."""
    found = item.get(field, item.get("details", {}).get(field, ""))
    return str(found)


class Catalogue:
    """The items of a site, in order, with an index over their words. Never changes."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.spec = spec
        self.items: dict[str, dict[str, Any]] = {i["id"]: i for i in spec["items"]}
        self.filters: list[str] = list(spec.get("filters", ()))
        self.page_size: int = spec.get("page_size", 10)
        self._options: dict[str, list[str]] = {}

    @cached_property
    def _weights(self) -> dict[str, dict[str, int]]:
        return {id: self._weigh(item) for id, item in self.items.items()}

    @cached_property
    def _idf(self) -> dict[str, float]:
        seen = Counter(w for weights in self._weights.values() for w in weights)
        return {w: math.log(1 + len(self.items) / n) for w, n in seen.items()}

    @staticmethod
    def _weigh(item: Mapping[str, Any]) -> dict[str, int]:
        """A word of the title counts three times one of the rest."""
        rest = [item.get("category", ""), item.get("description", ""), *item.get("features", ())]
        rest += [*item.get("attributes", ()), *map(str, item.get("details", {}).values())]
        rest += [v for values in item.get("options", {}).values() for v in values]
        weights = dict.fromkeys(words(" ".join(rest)), 1)
        return weights | dict.fromkeys(words(item["title"]), 3)

    def options(self, field: str) -> list[str]:
        """The values of a filter, sorted."""
        if field not in self._options:
            self._options[field] = sorted({v for i in self.items.values() if (v := value(i, field))})
        return self._options[field]

    def find(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """The items for `q`, the filters, `max` (price) and `sort`; all of them where nothing is asked."""
        asked = words(query.get("q", ""))
        found = list(self.items.values())
        if asked:
            scores = {id: self._score(asked, weights) for id, weights in self._weights.items()}
            found = sorted((i for i in found if scores[i["id"]] > 0), key=lambda i: -scores[i["id"]])
        for field in self.filters:
            if wanted := query.get(field, ""):
                found = [i for i in found if value(i, field) == wanted]
        if re.fullmatch(r"\d{1,9}(\.\d+)?", limit := query.get("max", "").strip()):
            found = [i for i in found if i["price"] <= float(limit)]
        sort = query.get("sort", "")
        if sort in SORTS and sort:
            found.sort(key=lambda i: i.get(sort.lstrip("-"), 0), reverse=sort.startswith("-"))
        return found

    def _score(self, asked: list[str], weights: Mapping[str, int]) -> float:
        return sum(self._idf[w] * weights[w] for w in asked if w in weights)

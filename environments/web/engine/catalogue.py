"""Search over the items of a site: by words, by filters over fields, and sorted."""

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
    """Lower-case words, without the `s` of a regular plural."""
    return [
        w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith("ss") else w for w in _WORD.findall(text.lower())
    ]


def field_value(item: Mapping[str, Any], field: str) -> str:
    """A field of an item, or one of its details, as text; '' if it has neither."""
    content = item.get(field, item.get("details", {}).get(field, ""))
    return str(content)


class Catalogue:
    """The items of a site, in order, with an index over their words. It never changes."""

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
        counts = Counter(w for weights in self._weights.values() for w in weights)
        return {w: math.log(1 + len(self.items) / n) for w, n in counts.items()}

    @staticmethod
    def _weigh(item: Mapping[str, Any]) -> dict[str, int]:
        """The weight of each word of an item: 3 in the title, 1 elsewhere."""
        texts = [item.get("category", ""), item.get("description", ""), *item.get("features", ())]
        texts += [*item.get("attributes", ()), *map(str, item.get("details", {}).values())]
        texts += [v for values in item.get("options", {}).values() for v in values]
        weights = dict.fromkeys(words(" ".join(texts)), 1)
        return weights | dict.fromkeys(words(item["title"]), 3)

    def options(self, field: str) -> list[str]:
        """The values of a filter, sorted."""
        if field not in self._options:
            self._options[field] = sorted({v for i in self.items.values() if (v := field_value(i, field))})
        return self._options[field]

    def find(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """The items that match `q`, the filters and `max` (price), ordered by `sort`; an empty query matches all."""
        terms = words(query.get("q", ""))
        items = list(self.items.values())
        if terms:
            scores = {id: self._score(terms, weights) for id, weights in self._weights.items()}
            items = sorted((i for i in items if scores[i["id"]] > 0), key=lambda i: -scores[i["id"]])
        for field in self.filters:
            if choice := query.get(field, ""):
                items = [i for i in items if field_value(i, field) == choice]
        if re.fullmatch(r"\d{1,9}(\.\d+)?", limit := query.get("max", "").strip()):
            items = [i for i in items if i["price"] <= float(limit)]
        sort = query.get("sort", "")
        if sort in SORTS and sort:
            items.sort(key=lambda i: i.get(sort.lstrip("-"), 0), reverse=sort.startswith("-"))
        return items

    def _score(self, terms: list[str], weights: Mapping[str, int]) -> float:
        return sum(self._idf[w] * weights[w] for w in terms if w in weights)

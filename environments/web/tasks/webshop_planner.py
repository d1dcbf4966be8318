"""The expert in WebShop: it searches by the instruction, opens the product, chooses its options and buys it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simenv.types import Move

from ..engine.webshop_reward import basic_colour, is_match, reward
from .navigation import Navigator, Unreachable, link_path

_PATIENCE = 30
"""Results of the first query to look through; a product further down is searched by its title."""


class WebshopPlanner(Navigator):
    """Buys a product that earns the whole reward."""

    def next(self) -> Move:
        """The next move; Unreachable if there is none."""
        if not self.site.webshop:
            raise Unreachable("this is no WebShop")
        if self.state["tables"]["orders"]:
            raise Unreachable("something was bought already")
        id, options = self._best_purchase()
        query = dict(parse_qsl(urlsplit(self.document.url).query))
        if not self.is_at(f"/item/{id}"):
            if self.is_at("/search"):
                if (link := self.link(f"/item/{id}")) is not None:
                    return self.click(link, "open", link.label, price=self._item(id)["price"])
                if query.get("q") == self._query(id) and any(e.label == "Next >" for e in self.document.elements):
                    return self.click(self.find_by_label("Next >"), "next page", "")
            if self.is_at("/"):
                return self.search(self._query(id))
            return self.click(self.find_by_label("Back to Search"), "back to search", "")
        if query.get("tab"):
            return self.click(self.find_by_label("< Prev"), "back", "")
        for name, value in options.items():
            if query.get(f"o.{name}") != value:
                links = {(link_path(self.document, e)): e for e in self.links()}
                link = next(
                    e
                    for url, e in links.items()
                    if dict(parse_qsl(urlsplit(url).query)).get(f"o.{name}") == value and e.label == value
                )
                return self.click(link, "option", f"{value} for {name}")
        return self.click(self.find_by_label("Buy Now"), "buy", "")

    def _item(self, id: str) -> dict[str, Any]:
        assert self.site.catalogue is not None
        return self.site.catalogue.items[id]

    def _query(self, id: str) -> str:
        """A query from the instruction's words alone, if it finds the product; else the words of its title."""
        goal, item = self.goal["webshop"], self._item(id)
        assert self.site.catalogue is not None
        query = " ".join([goal["query"], *goal["attributes"]])
        results = [i["id"] for i in self.site.catalogue.find({"q": query})]
        return query if goal["query"] and id in results[:_PATIENCE] else " ".join(item["title"].split()[:8])

    def _best_purchase(self) -> tuple[str, dict[str, str]]:
        """Id and options of an item that earns the whole reward."""
        goal, nouns = self.goal["webshop"], self.grader.nouns
        items = list(self.site.catalogue.items.values()) if self.site.catalogue else []
        for item in sorted(items, key=lambda i: i["title"] != goal["name"]):
            options = {
                name: match
                for name, values in item.get("options", {}).items()
                if (
                    match := next(
                        (v for g in goal["options"] for v in values if is_match(basic_colour(v), basic_colour(g))), None
                    )
                )
            }
            if reward(item, {"price": item["price"], "options": options}, goal, nouns).reward >= 1.0:
                return item["id"], options
        raise Unreachable("nothing on sale earns the whole reward")

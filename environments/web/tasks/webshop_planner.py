"""The expert in WebShop: search for what the instruction says, open the product, choose its options, buy."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simenv.types import Move

from ..engine.webshop_reward import basic_colour, is_match, reward
from .navigation import Navigator, Unreachable, leads

_PATIENCE = 30
"""Results that are read before another search is tried."""


class WebshopPlanner(Navigator):
    """Buys what earns the whole reward."""

    def next(self) -> Move:
        if not self.site.webshop:
            raise Unreachable("this is no WebShop")
        if self.state["tables"]["orders"]:
            raise Unreachable("something was bought already")
        id, options = self._aim()
        asked = dict(parse_qsl(urlsplit(self.document.url).query))
        if not self.at(f"/item/{id}"):
            if self.at("/search"):
                if (link := self.link(f"/item/{id}")) is not None:
                    return self.click(link, "open", link.label, price=self._item(id)["price"])
                if asked.get("q") == self._query(id) and any(e.label == "Next >" for e in self.document.elements):
                    return self.click(self.named("Next >"), "next page", "")
            if self.at("/"):
                return self.search(self._query(id))
            return self.click(self.named("Back to Search"), "back to search", "")
        if asked.get("tab"):
            return self.click(self.named("< Prev"), "back", "")
        for name, wanted in options.items():
            if asked.get(f"o.{name}") != wanted:
                path = {(leads(self.document, e)): e for e in self.links()}
                link = next(
                    e
                    for to, e in path.items()
                    if dict(parse_qsl(urlsplit(to).query)).get(f"o.{name}") == wanted and e.label == wanted
                )
                return self.click(link, "option", f"{wanted} for {name}")
        return self.click(self.named("Buy Now"), "buy", "")

    def _item(self, id: str) -> dict[str, Any]:
        assert self.site.catalogue is not None
        return self.site.catalogue.items[id]

    def _query(self, id: str) -> str:
        """What somebody would search for who knows only what the instruction says."""
        goal, item = self.goal["webshop"], self._item(id)
        assert self.site.catalogue is not None
        query = " ".join([goal["query"], *goal["attributes"]])
        found = [i["id"] for i in self.site.catalogue.find({"q": query})]
        return query if goal["query"] and id in found[:_PATIENCE] else " ".join(item["title"].split()[:8])

    def _aim(self) -> tuple[str, dict[str, str]]:
        """The item, and the options, that earn the whole reward."""
        goal, nouns = self.goal["webshop"], self.grader.nouns
        items = list(self.site.catalogue.items.values()) if self.site.catalogue else []
        for item in sorted(items, key=lambda i: i["title"] != goal["name"]):
            options = {
                name: fit
                for name, values in item.get("options", {}).items()
                if (
                    fit := next(
                        (v for g in goal["options"] for v in values if is_match(basic_colour(v), basic_colour(g))), None
                    )
                )
            }
            if reward(item, {"price": item["price"], "options": options}, goal, nouns).reward >= 1.0:
                return item["id"], options
        raise Unreachable("nothing on sale earns the whole reward")

"""WebShop tasks from a seed: search, choose options, buy; graded by WebShop's reward."""

from __future__ import annotations

from typing import Any

from ..engine.webshop_reward import price_bound
from .draft import Sampler, TaskDraft, listed
from .shops import stock

TREE = {
    "Kitchen": "Home & Kitchen › Kitchen & Dining › ",
    "Home": "Home & Kitchen › Home Décor › ",
    "Clothing": "Clothing, Shoes & Jewelry › Adults › ",
    "Bags": "Clothing, Shoes & Jewelry › Luggage › ",
    "Electronics": "Electronics › Accessories › ",
    "Garden": "Patio, Lawn & Garden › Gardening › ",
    "Sports": "Sports & Outdoors › Exercise › ",
}
"""The upper parts of a product category, by our own category."""


def webshop_products(sampler: Sampler) -> list[dict[str, Any]]:
    """Goods as WebShop has them: codes, long categories, prices without a cent too many."""
    items = stock(sampler)
    for n, item in enumerate(items):
        noun = " ".join(item["title"].split()[-2:])
        code = "".join(sampler.pick("BCDFGHJKLMNPQRSTVWXYZ0123456789") for _ in range(7))
        item["id"] = f"B0{code}{n % 10}"
        item["query"], item["category"] = noun.lower(), f"{TREE[item['category']]}{noun}"
        item["title"] += f", {listed(item['attributes'])}"
        item.pop("details")
        item["reviews"] = [
            sampler.pick(("Does what it should.", "Better than expected.", "Good value.", "It is all right."))
        ]
    return items


def webshop(sampler: Sampler) -> TaskDraft:
    items = webshop_products(sampler)
    wanted = sampler.pick(items)
    attributes = sampler.some(wanted["attributes"], min(len(wanted["attributes"]), 1 + sampler.level // 2))
    options = {name: sampler.pick(values) for name, values in wanted["options"].items()}
    limit = price_bound(wanted["price"], [int(i) for i in sampler.rng.permutation(4)[:2]])
    chosen = listed([f"{name} {value}" for name, value in options.items()])
    noun = wanted["query"]
    opening = sampler.pick(("i am looking for a {n} with {a}", "i need a {n} that has {a}", "find me a {n} with {a}"))
    said = f"{opening.format(n=noun, a=listed(attributes))}, {chosen}, and price lower than {limit:.2f} dollars"
    spec = {"name": "WebShop", "layout": "webshop", "notice": said, "catalogue": {"items": items, "page_size": 10}}
    goal = {
        "name": wanted["title"], "query": wanted["query"], "category": wanted["category"], "attributes": attributes,
        "options": list(options.values()), "price_upper": limit,
    }  # fmt: skip
    return TaskDraft(said, spec, {"webshop": goal})

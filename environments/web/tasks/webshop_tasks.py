"""WebShop tasks from a seed: search, choose options, buy. WebShop's reward grades them."""

from __future__ import annotations

from typing import Any

from simenv.english import article, listed

from ..engine.webshop_reward import price_bound
from .draft import Sampler, TaskDraft
from .shops import make_products

CATEGORY_PATHS = {
    "Kitchen": "Home & Kitchen › Kitchen & Dining › ",
    "Home": "Home & Kitchen › Home Décor › ",
    "Clothing": "Clothing, Shoes & Jewelry › Adults › ",
    "Bags": "Clothing, Shoes & Jewelry › Luggage › ",
    "Electronics": "Electronics › Accessories › ",
    "Garden": "Patio, Lawn & Garden › Gardening › ",
    "Sports": "Sports & Outdoors › Exercise › ",
}
"""The upper levels of WebShop's product category, by category of `products`."""


def _webshop_products(sampler: Sampler) -> list[dict[str, Any]]:
    """Products as WebShop has them: with codes, long categories and reviews."""
    items = make_products(sampler)
    for n, item in enumerate(items):
        noun = " ".join(item["title"].split()[-2:])
        code = "".join(sampler.choice("BCDFGHJKLMNPQRSTVWXYZ0123456789") for _ in range(7))
        item["id"] = f"B0{code}{n % 10}"
        item["query"], item["category"] = noun.lower(), f"{CATEGORY_PATHS[item['category']]}{noun}"
        item["title"] += f", {listed(item['attributes'])}"
        item.pop("details")
        item["reviews"] = [
            sampler.choice(("Does what it should.", "Better than expected.", "Good value.", "It is all right."))
        ]
    return items


def webshop(sampler: Sampler) -> TaskDraft:
    """Buy one product with given attributes and options, below a price."""
    items = _webshop_products(sampler)
    item = sampler.choice(items)
    attributes = sampler.sample(item["attributes"], min(len(item["attributes"]), 1 + sampler.level // 2))
    options = {name: sampler.choice(values) for name, values in item["options"].items()}
    limit = price_bound(item["price"], [int(i) for i in sampler.rng.permutation(4)[:2]])
    option_text = listed([f"{name} {value}" for name, value in options.items()])
    noun = item["query"] if item["query"].endswith("s") else article(item["query"])
    opening = sampler.choice(("I am looking for {n} with {a}", "I need {n} with {a}", "Find me {n} with {a}"))
    features = f"{'this feature' if len(attributes) == 1 else 'these features'}: {listed(attributes)}"
    choice = f" Choose {option_text};" if options else ""
    instruction = (
        f"{opening.format(n=noun, a=features)}.{choice} {'the' if choice else 'The'} price must be lower than "
        f"{limit:.2f} dollars."
    )
    spec = {
        "name": "WebShop",
        "layout": "webshop",
        "notice": instruction,
        "catalogue": {"items": items, "page_size": 10},
    }
    goal = {
        "name": item["title"], "query": item["query"], "category": item["category"], "attributes": attributes,
        "options": list(options.values()), "price_upper": limit,
    }  # fmt: skip
    return TaskDraft(instruction, spec, {"webshop": goal})

"""WebShop's own files: its products, and the goals that people wrote or that are made of product attributes.

Goals and prices are computed as WebShop does it (web_agent_site/engine/engine.py and goal.py), but for its unseeded draws:
a price from a range, and two steps of the price limit, depend here on the product's code and the goal's place.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from random import Random
from typing import Any, NamedTuple

from numpy.random import Generator, default_rng

from ..engine.webshop_reward import price_limit

DEFAULT_PRICE = 100.0
"""The price of a product without one."""
_SEED = 233
"""With which WebShop shuffles its goals; a goal's place is its index in WebShop."""
_CODE = re.compile(r"[A-Za-z0-9_-]{1,10}")
_NO_LETTER, _NO_OPTION = re.compile(r"[^A-Za-z]+"), re.compile(r"[^A-Za-z0-9_-]+")
_MOST_COMBINATIONS = 200
"""Synthetic goals of one product; options of many values have tens of thousands."""
_LIMITS = {"title": 300, "category": 300, "query": 200, "description": 4000}


class ShopGoal(NamedTuple):
    """What is wanted of a product: words without a price, attributes, and values of options."""

    asin: str
    text: str
    attributes: tuple[str, ...]
    options: tuple[str, ...]


class BadRecord(ValueError):
    """A record that is no product or goal; the text is `field: reason`."""


def read_product(record: Any, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """A product of `items_shuffle*.json` as an item, with its attributes from `items_ins*.json`. BadRecord if it is none."""
    if not isinstance(record, dict):
        raise BadRecord(f"record: expected an object, found {type(record).__name__}")
    code, title = record.get("asin"), record.get("name")
    if not isinstance(code, str) or code == "nan" or not _CODE.fullmatch(code):
        raise BadRecord(f"asin: expected a code of at most 10 letters and digits, found {code!r:.80}")
    if not isinstance(title, str) or not title.strip():
        raise BadRecord(f"name: expected a text, found {title!r:.80}")
    texts = {
        "title": title,
        "category": record.get("product_category"),
        "query": str(record.get("query") or "").lower().strip(),
        "description": record.get("full_description"),
    }
    item: dict[str, Any] = {"id": code, "price": read_price(record.get("pricing"), code)}
    item |= {name: text[: _LIMITS[name]] for name, text in texts.items() if isinstance(text, str) and text.strip()}
    features = record.get("small_description")
    item["features"] = _texts(features if isinstance(features, list) else [features], 500)[:30]
    own = attributes.get(code)
    item["attributes"] = _texts(own.get("attributes") if isinstance(own, dict) else (), 120)[:60]
    item["options"] = read_options(record.get("customization_options"))
    return item


def _texts(values: Any, longest: int) -> list[str]:
    listed = values if isinstance(values, list | tuple) else ()
    return [value[:longest] for value in listed if isinstance(value, str) and value.strip()]


def read_price(pricing: Any, code: str) -> float:
    """`$5.99`, or a draw from `$5.99 to $10.99` that depends on the code; 100 dollars where nothing is said."""
    parts = pricing.split("$")[1:] if isinstance(pricing, str) else []
    numbers = [
        float(n) for part in parts[:2] if (n := re.sub(r"[^\d.]", "", part)[:12]) and re.fullmatch(r"\d+(\.\d*)?", n)
    ]
    if len(numbers) < 2:
        return numbers[0] if numbers else DEFAULT_PRICE
    low, high = sorted(numbers)
    return round(float(default_rng(zlib.crc32(code.encode())).uniform(low, high)), 2)


def read_options(customization: Any) -> dict[str, list[str]]:
    """Values in lower case by the option's name. A slash becomes ` | `, as WebShop writes it; blanks in names become `_`."""
    options: dict[str, list[str]] = {}
    for name, contents in customization.items() if isinstance(customization, dict) else ():
        listed = contents if isinstance(contents, list) else ()
        values = [c["value"] for c in listed if isinstance(c, dict) and isinstance(c.get("value"), str)]
        values = [value.strip().replace("/", " | ").lower()[:120] for value in values]
        key = _NO_OPTION.sub("_", _NO_LETTER.sub("", name[:1].lower()) + name[1:].lower())[:40]
        if key and key[0].isalpha() and (values := list(dict.fromkeys(filter(None, values)))):
            options[key] = values[:100]
    return dict(list(options.items())[:8])


def human_goals(instructions: Mapping[str, Any], asins: Sequence[str]) -> Iterator[ShopGoal | tuple[str, str]]:
    """The goals that people wrote (`items_human_ins.json`), in the order of the products; a place and reason for bad ones."""
    for asin in asins:
        records = instructions.get(asin)
        for n, record in enumerate(records if isinstance(records, list) else ()):
            place = f"{asin}[{n}]"
            try:
                attributes, options = (_named(record, f"instruction_{kind}") for kind in ("attributes", "options"))
                if attributes:  # WebShop skips those without
                    yield ShopGoal(asin, _words(record).strip("."), attributes, options)
            except BadRecord as e:
                yield place, str(e)


def synthetic_goals(
    instructions: Mapping[str, Any], products: Mapping[str, Mapping[str, Any]]
) -> Iterator[ShopGoal | tuple[str, str]]:
    """The goals that are made of attributes (`items_ins*.json`), one for each combination of the product's options."""
    for asin, item in products.items():
        record = instructions.get(asin)
        if not isinstance(record, dict) or record.get("instruction") is None:
            continue
        try:
            text, attributes = _words(record), _named(record, "instruction_attributes")
            if not attributes:
                raise BadRecord("instruction_attributes: expected at least one")
        except BadRecord as e:
            yield asin, str(e)
            continue
        names = sorted(item["options"])
        for values in islice(product(*(item["options"][name] for name in names)), _MOST_COMBINATIONS):
            told = ", and ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
            yield ShopGoal(asin, f"{text} with {told}" if told else text, attributes, values)


def _words(record: Any) -> str:
    text = record.get("instruction") if isinstance(record, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise BadRecord(f"instruction: expected a text, found {text!r:.80}")
    return text.strip()


def _named(record: Any, field: str) -> tuple[str, ...]:
    values = record.get(field) if isinstance(record, dict) else None
    if not isinstance(values, list) or not all(isinstance(v, str) and 0 < len(v) <= 120 for v in values):
        raise BadRecord(f"{field}: expected a list of texts, found {values!r:.80}")
    return tuple(values)


def shuffled(goals: list[ShopGoal]) -> list[ShopGoal]:
    """The goals in the order in which WebShop and AgentBench number them."""
    Random(_SEED).shuffle(goals)
    return goals


def priced(text: str, price: float, rng: Generator) -> tuple[str, float]:
    """The instruction with its price limit, and the limit."""
    limit = price_limit(price, rng)
    return (text, limit) if limit >= 1_000_000 else (f"{text}, and price lower than {limit:.2f} dollars", limit)

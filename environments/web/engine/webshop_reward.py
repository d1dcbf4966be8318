"""WebShop's reward (Yao et al., arXiv 2207.01206, section 3; web_agent_site/engine/goal.py), without its tagger."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

from numpy.random import Generator
from rapidfuzz import fuzz, utils

from simenv.errors import ConfigError
from simenv.types import Data

Tagger = Callable[[str], list[str]]
"""The nouns and proper nouns of a title, in order, repetitions included."""

ENOUGH = 85
"""Two texts match above this token_set_ratio."""
COLOURS = (
    "beige", "black", "blue", "brown", "coral", "cream", "cyan", "gold", "gray", "green", "grey", "ivory", "khaki", "lavender",
    "lilac", "magenta", "maroon", "mint", "navy", "nude", "olive", "orange", "peach", "pink", "purple", "red", "rose",
    "silver", "tan", "teal", "turquoise", "violet", "white", "yellow",
)  # fmt: skip
"""A colour option that holds one of these words counts as that colour."""
_NO_NOUNS = frozenset(
    """a an and the for with without of in on to by from at or as into per plus up off out over under this that these
    those your our my its it is are be been can will not no non new best great good perfect ideal easy soft hard hot cold
    warm cool big large small mini tiny long short high low wide slim thin thick heavy light lightweight portable durable
    adjustable foldable removable washable waterproof wireless rechargeable reusable natural organic fresh modern classic
    vintage casual fashion fashionable cute comfortable comfy elegant sexy funny stylish breathable compatible upholstered
    multi ultra super extra pro anti professional universal smooth dry wet clean free full half double single
    black white blue red green grey gray pink purple brown yellow orange silver gold beige navy""".split()  # noqa: SIM905
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


class Reward(Data):
    """The value of one purchase. `r_option` is None if the goal names no options."""

    reward: float
    r_type: float
    r_att: float
    r_option: float | None
    r_price: bool
    query_match: bool
    category_match: bool
    title_score: float


def title_nouns(title: str) -> list[str]:
    """The nouns of a title, without a tagger: all words but function words, usual adjectives, colours and numbers.

    It finds more nouns than spaCy does, so scores come out a little lower.
    """
    return [w for w in _WORD.findall(title.lower()) if len(w) > 1 and w not in _NO_NOUNS]


def load_tagger(name: str) -> Tagger:
    """The tagger at a dotted path such as `mine.tagging.nouns`; the built-in one for ''. ConfigError if it is not there."""
    if not name:
        return title_nouns
    module, _, function = name.rpartition(".")
    try:
        nouns: Tagger = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as e:
        raise ConfigError(f"web: tagger {name!r} cannot be loaded: {e}") from e
    return nouns


def reward(item: Mapping[str, Any], purchase: Mapping[str, Any], goal: Mapping[str, Any], nouns: Tagger) -> Reward:
    """The reward (0 to 1) for buying an item at `purchase.price` with `purchase.options`."""
    wanted_attributes, options = list(goal["attributes"]), list(goal["options"])
    attribute_hits = sum(_has(item, a) for a in wanted_attributes)
    colours = [basic_colour(str(v)) for v in purchase["options"].values()]
    option_hits = sum(any(is_match(p, basic_colour(g)) for p in colours) for g in options)
    cheap = float(purchase["price"]) <= goal["price_upper"]
    kind = grade_type(item, goal, nouns)
    return Reward(
        reward=kind["r_type"] * share(attribute_hits + option_hits, cheap, len(wanted_attributes) + len(options)),
        r_att=attribute_hits / len(wanted_attributes) if wanted_attributes else 1.0,
        r_option=option_hits / len(options) if options else None,
        r_price=cheap,
        **kind,
    )


def share(hits: float, cheap: bool, count: int) -> float:
    """The share of `count` attributes and options, and of the price, that a purchase satisfies."""
    return (hits + cheap) / (count + 1)


def grade_type(item: Mapping[str, Any], goal: Mapping[str, Any], nouns: Tagger) -> dict[str, Any]:
    """Whether the item is of the wanted type: by query, by category, by the nouns of the title."""
    query = bool(goal["query"]) and item.get("query", "") == goal["query"]
    category = len(_parts(item.get("category", "")) & _parts(goal["category"])) >= 2
    goal_nouns, item_nouns = nouns(goal["name"]), set(nouns(item["title"]))
    score = len(item_nouns & set(goal_nouns)) / len(goal_nouns) if goal_nouns else 0.2
    value = 1.0 if query or category or score > 0.2 else 0.5
    if score < 0.1:
        value = 0.1
    if score == 0:
        value = 0.0
    return {"r_type": value, "query_match": query, "category_match": category, "title_score": score}


def _parts(category: str) -> set[str]:
    return {p.strip() for p in category.split("›") if p.strip()}


def _has(item: Mapping[str, Any], attribute: str) -> bool:
    if any(is_match(a, attribute) for a in item.get("attributes", ())):
        return True
    texts: Iterable[str] = (item["title"], " ".join(item.get("features", ())), item.get("description", ""))
    return any(attribute in t.lower() for t in texts)


def is_match(a: str, b: str) -> bool:
    """Whether two texts match, as WebShop compares attributes and options."""
    return round(fuzz.token_set_ratio(a, b, processor=utils.default_process)) > ENOUGH


def basic_colour(option: str) -> str:
    """The basic colour that an option names; the option itself if it names none."""
    return next((c for c in COLOURS if c in option), option)


def price_bound(price: float, picks: Iterable[int]) -> float:
    """WebShop's price limit: the larger of two of the next four multiples of $10; `picks` are two of 0..3."""
    steps = [10.0 * (int(price // 10) + 1 + k) for k in picks]
    return max(steps)


def price_limit(price: float, rng: Generator) -> float:
    """WebShop's price limit: the larger of two of the four multiples of $10 above the price, of those up to $990.

    A million where not two are above it.
    """
    steps = [10.0 * n for n in range(1, 100) if 10.0 * n > price][:4]
    if len(steps) < 2:
        return 1_000_000.0
    return max(steps[int(i)] for i in rng.permutation(len(steps))[:2])

"""WebShop's reward (Yao et al., arXiv 2207.01206, section 3; web_agent_site/engine/goal.py), without its tagger."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

from rapidfuzz import fuzz, utils

from simenv.errors import ConfigError
from simenv.types import Data

Tagger = Callable[[str], list[str]]
"""The nouns and proper nouns of a title, in order, repetitions included."""

ENOUGH = 85
"""A token_set_ratio above this is a match."""
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
    """One purchase, valued. `option` is None where the goal names none."""

    reward: float
    r_type: float
    r_att: float
    r_option: float | None
    r_price: bool
    query_match: bool
    category_match: bool
    title_score: float


def title_nouns(title: str) -> list[str]:
    """Without a tagger: the words of a title that are neither function words nor usual adjectives, colours or numbers.

    A title is nearly all nouns, so this errs towards more of them than spaCy finds; scores come out a little lower.
    """
    return [w for w in _WORD.findall(title.lower()) if len(w) > 1 and w not in _NO_NOUNS]


def tagger(name: str) -> Tagger:
    """The tagger at a dotted path such as `mine.tagging.nouns`, or the built-in one for ''."""
    if not name:
        return title_nouns
    module, _, function = name.rpartition(".")
    try:
        function_: Tagger = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as e:
        raise ConfigError(f"web: tagger {name!r} cannot be loaded: {e}") from e
    return function_


def reward(item: Mapping[str, Any], purchase: Mapping[str, Any], goal: Mapping[str, Any], nouns: Tagger) -> Reward:
    """What buying an item (at `bought.price`, with `bought.options`) is worth for a goal, 0 to 1."""
    attributes_wanted, options = list(goal["attributes"]), list(goal["options"])
    attribute_hits = sum(_has(item, a) for a in attributes_wanted)
    colours = [colour(str(v)) for v in purchase["options"].values()]
    option_hits = sum(any(is_match(p, colour(g)) for p in colours) for g in options)
    cheap = float(purchase["price"]) <= goal["price_upper"]
    kind = grade_type(item, goal, nouns)
    return Reward(
        reward=kind["r_type"] * share(attribute_hits + option_hits, cheap, len(attributes_wanted) + len(options)),
        r_att=attribute_hits / len(attributes_wanted) if attributes_wanted else 1.0,
        r_option=option_hits / len(options) if options else None,
        r_price=cheap,
        **kind,
    )


def share(hits: float, cheap: bool, count: int) -> float:
    """Of the attributes and options that were wished for, and the price, the part that was got."""
    return (hits + cheap) / (count + 1)


def grade_type(item: Mapping[str, Any], goal: Mapping[str, Any], nouns: Tagger) -> dict[str, Any]:
    """Whether it is the kind of thing that was wanted: by query, by category, by the nouns of the title."""
    query = bool(goal["query"]) and item.get("query", "") == goal["query"]
    category = len(_parts(item.get("category", "")) & _parts(goal["category"])) >= 2
    goal_nouns, title_nouns_ = nouns(goal["name"]), set(nouns(item["title"]))
    score = len(title_nouns_ & set(goal_nouns)) / len(goal_nouns) if goal_nouns else 0.2
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
    return round(fuzz.token_set_ratio(a, b, processor=utils.default_process)) > ENOUGH


def colour(option: str) -> str:
    """The basic colour that an option names; the option where it names none."""
    return next((c for c in COLOURS if c in option), option)


def price_bound(price: float, picks: Iterable[int]) -> float:
    """WebShop's limit: the larger of two of the next four steps of $10 above a price; `picks` are two of 0..3."""
    steps = [10.0 * (int(price // 10) + 1 + k) for k in picks]
    return max(steps)

"""The pages of WebShop (Yao et al., arXiv 2207.01206): search, results, an item whose options are links, Buy Now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .markup import Markup, el, link, post_button
from .site import Site, State

TABS = ("Description", "Features", "Reviews")


def _page(site: Site, *body: str) -> Markup:
    head = el("head", el("title", site.spec["name"]), el("link", rel="stylesheet", href="/style.css"))
    return Markup(f"<!doctype html>{el('html', head, el('body', el('main', *body)), lang='en')}")


def _top(site: Site) -> list[Markup]:
    return [el("h3", "Instruction:"), el("h4", site.spec.get("notice", ""))]


def _back() -> Markup:
    return link("Back to Search", "/", class_="btn")


def index(site: Site) -> Markup:
    """The search page."""
    box = el("input", type="search", name="q", aria_label="Search", autocomplete="off")
    bar = el("form", box, el("button", "Search", type="submit", class_="btn"), action="/search", role="search")
    return _page(site, el("h2", site.spec["name"]), *_top(site), bar)


def results(
    site: Site, query: Mapping[str, str], items: list[dict[str, Any]], page: int, last: int, total: int
) -> Markup:
    """One page of search results; `page` counts from 1, `total` is the number of all results."""
    context = {"q": query.get("q", "")}
    steps = [link("< Prev", "/search", {**context, "page": page - 1}, class_="btn")] if page > 1 else []
    steps += [link("Next >", "/search", {**context, "page": page + 1}, class_="btn")] if page < last else []
    rows = []
    for item in items:
        code = link(item["id"], f"/item/{item['id']}", {**context, "page": page}, class_="product-link")
        rows.append(el("div", el("h4", code), el("h4", item["title"]), el("h5", _price(item))))
    return _page(site, *_top(site), _back(), el("h3", f"Page {page} (Total results: {total})"), *steps, *rows)


def _price(item: Mapping[str, Any]) -> str:
    """`$348.0`, as WebShop writes it."""
    return f"${float(item['price'])}"


def item(site: Site, item: Mapping[str, Any], query: Mapping[str, str]) -> Markup | None:
    """An item. Its options are links; the query holds those chosen (`o.NAME`) and the open tab."""
    path, options = f"/item/{item['id']}", {k: v for k, v in query.items() if k.startswith("o.")}
    context = {"q": query.get("q", ""), "page": query.get("page", "")}
    if (tab := query.get("tab", "")) in TABS:
        prev = link("< Prev", path, {**context, **options}, class_="btn")
        return _page(site, *_top(site), _back(), prev, *_tab(item, tab))
    body = [*_top(site), _back(), link("< Prev", "/search", context, class_="btn")]
    for name, values in item.get("options", {}).items():
        body.append(el("h4", name))
        for value in values:
            css_class = "option chosen" if options.get(f"o.{name}") == value else "option"
            target_query = {**context, **options, f"o.{name}": value}
            body.append(
                link(
                    value, path, target_query, class_=css_class, aria_current="true" if css_class != "option" else None
                )
            )
    rating = item.get("rating", "N.A.")
    body += [el("h2", item["title"]), el("h4", f"Price: {_price(item)}"), el("h4", f"Rating: {rating}")]
    body += [link(t, path, {**context, **options, "tab": t}, class_="btn") for t in TABS]
    return _page(site, *body, post_button("Buy Now", path, options, class_="btn"))


def _tab(item: Mapping[str, Any], tab: str) -> list[Markup]:
    if tab == "Description":
        return [el("p", item.get("description", "") or "None")]
    if tab == "Features":
        return [el("ul", *(el("li", f) for f in item.get("features", ()) or ("None",)))]
    return [el("p", r) for r in item.get("reviews", ()) or ("None",)]


def thanks(site: Site, state: State) -> Markup:
    """The confirmation of a purchase."""
    orders = state["tables"]["orders"]
    body = [el("h1", "Thank you for shopping with us!")]
    body += [el("h4", "Purchased"), el("p", orders[-1]["item"])] if orders else []
    return _page(site, *body)

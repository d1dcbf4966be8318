"""The frame around every page of a site: head, name, search bar, menu and footer."""

from __future__ import annotations

from .markup import Markup, el, link, post_button
from .site import Site, State


def frame(site: Site, state: State, title: str, *body: str, query: str = "") -> Markup:
    """A whole page around `body`: head, name, search bar, menu, footer."""
    spec = site.spec
    style = "" if site.webshop else f":root{{--accent:{spec.get('colour', '#2f6f5e')}}}"
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("title", f"{title} - {spec['name']}"),
        el("link", rel="stylesheet", href="/style.css"),
        el("style", Markup(style)) if style else "",
    )
    top: list[str] = [] if site.webshop else [_header(site, state, query)]
    foot: list[str] = [] if site.webshop else [el("footer", el("p", spec.get("tagline") or spec["name"]))]
    page = el("html", head, el("body", *top, el("main", *body), *foot), lang="en")
    return Markup(f"<!doctype html>{page}")


def _header(site: Site, state: State, query: str) -> Markup:
    key = (query, state["user"], _cart_size(state))
    if key not in site.headers:
        if len(site.headers) > 100:
            site.headers.clear()
        site.headers[key] = _render_header(site, state, query)
    return site.headers[key]


def _cart_size(state: State) -> int:
    return sum(int(x["quantity"]) for x in state["cart"])


def _render_header(site: Site, state: State, query: str) -> Markup:
    name = link(site.spec["name"], "/", class_="brand")
    bar: list[str] = []
    if site.catalogue is not None:
        box = el(
            "input", type="search", name="q", value=query, aria_label="Search", placeholder="Search", autocomplete="off"
        )
        bar = [el("form", box, el("button", "Search", type="submit"), action="/search", role="search")]
    return el("header", name, *bar, el("nav", *_menu(site, state), aria_label="Main"))


def _menu(site: Site, state: State) -> list[str]:
    """The links at the top of every page."""
    hub = site.spec.get("hub", {})
    links: list[str] = []
    if site.catalogue is not None:
        links.append(link(site.catalogue.spec.get("title", "Catalogue"), "/search"))
    links += [link(label, path) for path, label in places(site) if path not in hub.get("holds", ())]
    if hub:
        links.append(link(hub["title"], "/hub"))
    if site.sells:
        links.append(link(f"Cart ({_cart_size(state)})", "/cart"))
    if site.login:
        links.append(post_button("Log out", "/logout", {}) if state["user"] else link("Log in", "/login"))
    return links


def places(site: Site) -> list[tuple[str, str]]:
    """Path and label of each page, form and list of records that a visitor can open."""
    pages = [(f"/page/{n}", p["title"]) for n, p in site.spec.get("pages", {}).items()]
    forms = [(f"/form/{n}", f["title"]) for n, f in site.forms.items()]
    records = [(f"/records/{n}", t["title"]) for n, t in site.tables.items() if t.get("title")]
    return [*pages, *forms, *records]

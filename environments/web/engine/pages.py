"""The pages of a site: pure functions from spec, state and request to HTML. They return None if there is no such page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import form_fields, webshop_pages
from .catalogue import SORTS, field_value
from .http import Request
from .markup import Markup, el, format_price, link, post_button, select
from .page_frame import frame, places
from .site import Site, State

Page = Callable[..., Markup | None]


def home(site: Site, state: State, request: Request) -> Markup | None:
    """The entrance: welcome, categories, four items."""
    if site.webshop:
        return webshop_pages.index(site)
    welcome = el("h1", f"Welcome to {site.spec['name']}")
    hello = [el("p", f"You are logged in as {state['user']}.")] if state["user"] else []
    body: list[str] = [welcome, el("p", site.spec.get("tagline", "")), *hello]
    if site.catalogue is not None:
        categories = site.catalogue.options("category")
        if "category" in site.catalogue.filters and categories:
            links = [el("li", link(c, "/search", {"category": c})) for c in categories]
            body += [el("h2", "Categories"), el("ul", *links, class_="categories")]
        body += [el("h2", "Today's picks"), _cards(list(site.catalogue.items.values())[:4], site)]
    return frame(site, state, "Home", *body)


def hub(site: Site, state: State, request: Request) -> Markup | None:
    """A page with links that the menu leaves out."""
    if "hub" not in site.spec:
        return None
    links = [el("li", link(label, path)) for path, label in places(site) if path in site.spec["hub"]["holds"]]
    return frame(site, state, site.spec["hub"]["title"], el("h1", site.spec["hub"]["title"]), el("ul", *links))


def search(site: Site, state: State, request: Request) -> Markup | None:
    """Search results: filters, one page of items, links to the next and previous page."""
    if site.catalogue is None:
        return None
    query, items, size = request.query, site.catalogue.find(request.query), site.catalogue.page_size
    last = max(1, -(-len(items) // size))
    page = (
        min(max(int(query["page"]), 1), last)
        if query.get("page", "").isascii() and query.get("page", "").isdecimal()
        else 1
    )
    page_items = items[(page - 1) * size : page * size]
    if site.webshop:
        return webshop_pages.results(site, query, page_items, page, last, len(items))
    filters = {k: query[k] for k in ("q", *site.catalogue.filters, "max", "sort") if query.get(k)}
    steps = [link("< Prev", "/search", {**filters, "page": page - 1})] if page > 1 else []
    steps += [link("Next >", "/search", {**filters, "page": page + 1})] if page < last else []
    title = site.catalogue.spec.get("title", "Catalogue")
    heading = f"Results for “{query['q']}”" if query.get("q") else title
    body = [el("h1", heading), _filters(site, query), el("p", f"Page {page} of {last} ({len(items)} results)")]
    body += [_cards(page_items, site) if page_items else el("p", "Nothing matches.")]
    return frame(site, state, title, *body, el("p", *steps, class_="steps"), query=query.get("q", ""))


def _filters(site: Site, query: Mapping[str, str]) -> Markup:
    assert site.catalogue is not None
    controls = [el("input", type="hidden", name="q", value=query["q"])] if query.get("q") else []
    for field in site.catalogue.filters:
        options = [("", "Any"), *((o, o) for o in site.catalogue.options(field))]
        controls.append(el("label", field.capitalize(), " ", select(field, options, query.get(field, ""))))
    box = el("input", type="text", name="max", value=query.get("max", ""), autocomplete="off")
    controls.append(el("label", "Maximum price", " ", box))
    controls.append(el("label", "Sort by", " ", select("sort", SORTS.items(), query.get("sort", ""))))
    return el("form", *controls, el("button", "Apply", type="submit"), action="/search", class_="filters")


def _cards(items: list[dict[str, Any]], site: Site) -> Markup:
    assert site.catalogue is not None
    rows = []
    for item in items:
        facts = [format_price(item["price"]), *(field_value(item, f) for f in site.catalogue.filters)]
        facts += [f"{item['rating']} / 5"] if "rating" in item else []
        rows.append(el("li", link(item["title"], f"/item/{item['id']}"), el("p", ", ".join(filter(None, facts)))))
    return el("ul", *rows, class_="cards")


def item(site: Site, state: State, request: Request, id: str = "") -> Markup | None:
    """An item with its details and the form that orders it."""
    record = site.catalogue.items.get(id) if site.catalogue else None
    if record is None:
        return None
    if site.webshop:
        return webshop_pages.item(site, record, request.query)
    note, path = _note(state, f"/item/{id}"), f"/item/{id}"
    about: list[str] = [el("h1", record["title"]), el("p", format_price(record["price"]), class_="price")]
    if "rating" in record:
        about.append(el("p", f"Rating: {record['rating']} / 5"))
    details = {
        k: v
        for k, v in {"category": record.get("category"), **record.get("details", {})}.items()
        if v not in (None, "")
    }
    about.append(el("dl", *(x for k, v in details.items() for x in (el("dt", k.capitalize()), el("dd", str(v))))))
    about += [el("p", record["description"])] if record.get("description") else []
    about += [el("ul", *(el("li", f) for f in record["features"]))] if record.get("features") else []
    about += _alert(note)
    if record.get("stock", 1) < 1:
        return frame(site, state, record["title"], *about, el("p", "Out of stock.", class_="error"))
    order = form_fields.form(site.item_fields(record), path, site.order["submit"], *_note_values(note))
    return frame(site, state, record["title"], *about, order)


def cart(site: Site, state: State, request: Request) -> Markup | None:
    """The lines of the cart, their total, and a link to the checkout."""
    if not site.sells or site.catalogue is None:
        return None
    if not state["cart"]:
        return frame(site, state, "Cart", el("h1", "Your cart"), el("p", "Your cart is empty."))
    rows = []
    for n, line in enumerate(state["cart"]):
        title = site.catalogue.items[line["item"]]["title"]
        options = ", ".join(f"{k}: {v}" for k, v in line["options"].items())
        name = el("td", link(title, f"/item/{line['item']}"), *([" (", options, ")"] if options else []))
        remove = post_button("Remove", "/cart", {"line": n}, aria_label=f"Remove {title}")
        rows.append(
            el(
                "tr",
                name,
                el("td", str(line["quantity"])),
                el("td", format_price(line["price"] * line["quantity"])),
                el("td", remove),
            )
        )
    total = sum(x["price"] * x["quantity"] for x in state["cart"])
    table = el("table", *rows)
    return frame(
        site, state, "Cart", el("h1", "Your cart"), table, el("p", f"Total: {format_price(total)}", class_="price"),
        link("Go to checkout", "/checkout", class_="button"),
    )  # fmt: skip


def checkout(site: Site, state: State, request: Request) -> Markup | None:
    """The total, and the form that places the order."""
    if not site.sells or "checkout" not in site.spec:
        return None
    note, form = _note(state, "/checkout"), site.spec["checkout"]
    total = format_price(sum(x["price"] * x["quantity"] for x in state["cart"]))
    body = [el("h1", "Checkout"), el("p", f"Total: {total}"), *_alert(note)]
    form_html = form_fields.form(form["fields"], "/checkout", form.get("submit", "Place order"), *_note_values(note))
    return frame(site, state, "Checkout", *body, form_html)


def form(site: Site, state: State, request: Request, name: str = "") -> Markup | None:
    """A form of the spec; one that replaces a record shows the record's values."""
    definition = site.forms.get(name)
    if definition is None:
        return None
    path = f"/form/{name}"
    note = _note(state, path)
    values, errors = _note_values(note)
    records = state["tables"][definition["into"]] if definition.get("replaces") else []
    if records and not note:
        values = {k: "yes" if v is True else "" if v is False else str(v) for k, v in records[0].items()}
    body = [
        el("h1", definition["title"]),
        *([el("p", definition["intro"])] if definition.get("intro") else []),
        *_alert(note),
    ]
    form_html = form_fields.form(definition["fields"], path, definition.get("submit", "Send"), values, errors)
    return frame(site, state, definition["title"], *body, form_html)


def records(site: Site, state: State, request: Request, table: str = "") -> Markup | None:
    """A table's records, with buttons to cancel them if the table allows it."""
    definition = site.tables.get(table)
    if definition is None or not definition.get("title"):
        return None
    rows = []
    for record in state["tables"][table]:
        name = str(record.get("id", ""))
        facts = [f"{k}: {_brief(site, v)}" for k, v in record.items() if k != "id" and v not in ("", {}, [])]
        cancellable = definition.get("cancel") and record.get("status") != "cancelled"
        actions = (
            [post_button("Cancel", f"/records/{table}", {"id": name}, aria_label=f"Cancel {name}")]
            if cancellable
            else []
        )
        rows.append(el("li", el("b", name), " ", "; ".join(facts), *actions))
    body = el("ul", *rows, class_="records") if rows else el("p", "There is nothing here yet.")
    return frame(site, state, definition["title"], el("h1", definition["title"]), body)


def _brief(site: Site, value: Any) -> str:
    """A value of a record as text; items by their title."""
    if isinstance(value, list):
        return ", ".join(_brief(site, v) for v in value)
    if isinstance(value, dict):
        parts = [f"{k} {v}" for k, v in value.items() if k not in ("item", "price", "options")]
        options = value.get("options")
        parts += [str(v) for v in options.values()] if isinstance(options, dict) else []
        title = _brief(site, value["item"]) if "item" in value else ""
        return " ".join(filter(None, [title, f"({', '.join(parts)})" if parts else ""]))
    item = site.catalogue.items.get(value) if site.catalogue and isinstance(value, str) else None
    return str(item["title"] if item else value)


def login(site: Site, state: State, request: Request) -> Markup | None:
    """The login form."""
    if site.login is None:
        return None
    note = _note(state, "/login")
    form_html = form_fields.form(site.login_fields(), "/login", "Log in", *_note_values(note))
    return frame(site, state, "Log in", el("h1", "Log in"), *_alert(note), form_html)


def thanks(site: Site, state: State, request: Request, name: str = "") -> Markup | None:
    """The confirmation after a form was accepted, with the new record's id."""
    if site.webshop:
        return webshop_pages.thanks(site, state)
    source = {"order": site.order, "checkout": site.spec.get("checkout", {}), **site.forms}.get(name)
    if source is None:
        return None
    id = request.query.get("id", "")
    number = [el("p", f"Your reference is {id}.")] if id else []
    text = el("p", source.get("thanks", "Thank you. We have received it."))
    return frame(site, state, "Thank you", el("h1", "Thank you"), text, *number)


def literal(site: Site, state: State, request: Request, name: str = "") -> Markup | None:
    """A page that the spec gives as HTML, served as it is; its scripts run only in a browser that runs scripts."""
    definition = site.spec.get("pages", {}).get(name)
    return (
        frame(site, state, definition["title"], el("h1", definition["title"]), Markup(definition["html"]))
        if definition
        else None
    )


def missing(site: Site, state: State) -> Markup:
    """The page for an address that does not exist."""
    return frame(site, state, "Not found", el("h1", "Page not found"), link("Home", "/"))


def _note(state: State, path: str) -> dict[str, Any]:
    """The values and errors of the form that was refused last, if it is on this page."""
    note: dict[str, Any] = state["note"]
    return note if note.get("at") == path else {}


def _note_values(note: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    return note.get("values", {}), note.get("errors", {})


def _alert(note: Mapping[str, Any]) -> list[Markup]:
    errors = note.get("errors", {})
    text = errors.get("*") or ("Please correct what is marked below." if errors else "")
    return [el("p", text, class_="error", role="alert")] if text else []


ROUTES: dict[str, Page] = {
    "": home, "hub": hub, "search": search, "item": item, "cart": cart, "checkout": checkout, "form": form,
    "records": records, "login": login, "thanks": thanks, "page": literal,
}  # fmt: skip

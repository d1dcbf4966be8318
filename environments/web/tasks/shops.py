"""Shop tasks: buy one thing or several, find the best of many, answer a question, cancel an order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.markup import format_price
from .draft import Sampler, TaskDraft, field, listed
from .products import BRANDS, MATERIALS, PRODUCT_KINDS, ProductKind

_SHIPPING = ("Standard", "Express", "Pick up in store")
_PAYMENT = ("Credit card", "Bank transfer", "Cash on delivery")
_WARRANTIES = ("1 year", "2 years", "3 years", "5 years")


def item(sampler: Sampler, ware: ProductKind, id: str, taken: set[str]) -> dict[str, Any]:
    """One thing to buy, with a title that nothing else here has."""
    while (title := f"{sampler.pick(BRANDS)} {sampler.pick(ware.styles)} {ware.noun}") in taken:
        if len(taken) > 2000:
            title += f" {id.upper()}"
            break
    taken.add(title)
    options = {
        name: sorted(sampler.some(values, sampler.number(2, min(5, len(values)))), key=values.index)
        for name, values in ware.options.items()
    }
    features = sampler.some(ware.features, sampler.number(2, 3))
    details = {
        "brand": next(b for b in BRANDS if title.startswith(b)),
        "material": sampler.pick(MATERIALS[ware.category]),
        "warranty": sampler.pick(_WARRANTIES),
        "weight": f"{sampler.number(2, 60) / 10:g} kg",
    }
    return {
        "id": id,
        "title": title,
        "category": ware.category,
        "price": sampler.price(ware.low, ware.high),
        "rating": sampler.number(25, 50) / 10,
        "description": f"A {ware.noun.lower()} made of {details['material']}, with {listed(features)}.",
        "features": [f.capitalize() for f in features],
        "attributes": features,
        "options": options,
        "details": details,
    }


def stock(sampler: Sampler) -> list[dict[str, Any]]:
    """The goods of a shop: some kinds, and of each several makes that are easily taken for one another."""
    taken: set[str] = set()
    kinds = sampler.some(PRODUCT_KINDS, 3 + sampler.level)
    wanted = [w for w in kinds for _ in range(2 + sampler.level)]
    items = [item(sampler, ware, f"p{100 + n}", taken) for n, ware in enumerate(wanted)]
    return [items[int(i)] for i in sampler.rng.permutation(len(items))]


def shop(sampler: Sampler) -> dict[str, Any]:
    """A shop with search, filters, cart and checkout."""
    name = f"{sampler.fake.last_name()} {sampler.pick(('& Co', 'Goods', 'Outfitters', 'Market', 'Trading'))}"
    spec = sampler.site(
        name,
        sampler.pick(
            ("Well-made things for every day.", "Good things, fairly priced.", "Everything for house and garden.")
        ),
    )
    fields = [field("quantity", "Quantity", "number", value=1, min=1, max=9)]
    spec["catalogue"] = {
        "title": sampler.pick(("Catalogue", "All products", "Shop")),
        "items": stock(sampler),
        "filters": ["category", "brand", "material"][: 1 + min(2, sampler.level // 2)],
        "page_size": 8,
        "order": {"fields": fields, "submit": "Add to cart", "into": "cart"},
    }
    spec["checkout"] = {
        "fields": _checkout_fields(sampler),
        "submit": "Place order",
        "thanks": "Thank you for your order.",
    }
    spec["tables"] = {"orders": {"title": "My orders", "cancel": True, "records": []}}
    spec["forms"] = {"contact": _contact()}
    return sampler.hide(spec, "/form/contact")


def _checkout_fields(sampler: Sampler) -> list[dict[str, Any]]:
    fields = [field("name", "Full name"), field("address", "Address")]
    fields += [field("shipping", "Shipping", "radio", *_SHIPPING)]
    fields += [field("payment", "Payment", "select", *_PAYMENT)] if sampler.level >= 2 else []
    fields += [field("gift", "Wrap it as a gift", "checkbox")] if sampler.level >= 3 else []
    return fields


def _contact() -> dict[str, Any]:
    fields = [field("email", "E-mail", "email"), field("message", "Message", "textarea")]
    return {"title": "Contact", "fields": fields, "submit": "Send message", "into": "messages"}


def _line(sampler: Sampler, item: dict[str, Any]) -> dict[str, Any]:
    options = {name: sampler.pick(values) for name, values in item["options"].items()}
    return {"item": item["id"], "options": options, "quantity": sampler.number(1, 3) if sampler.level >= 2 else 1}


def _called(line: dict[str, Any], item: dict[str, Any]) -> str:
    """`2 of the Marlowe Steel Electric Kettle (colour red, capacity 1.5 L)`."""
    options = ", ".join(f"{k} {v}" for k, v in line["options"].items())
    return f"{line['quantity']} of the {item['title']}" + (f" ({options})" if options else "")


def _delivery(sampler: Sampler, spec: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """What is to be filled in at the checkout, and how that is said."""
    person, names = sampler.person(), {f["name"] for f in spec["checkout"]["fields"]}
    wanted: dict[str, Any] = {
        "name": person["name"],
        "address": sampler.fake.street_address(),
        "shipping": sampler.pick(_SHIPPING),
    }
    said = f"Send it to {wanted['name']}, {wanted['address']}, shipping “{wanted['shipping']}”"
    if "payment" in names:
        wanted["payment"] = sampler.pick(_PAYMENT)
        said += f", payment “{wanted['payment']}”"
    if "gift" in names:
        wanted["gift"] = sampler.chance(0.5)
        said += ", wrapped as a gift" if wanted["gift"] else ", not gift-wrapped"
    return wanted, said + "."


def _ordered(lines: list[dict[str, Any]], delivery: dict[str, Any]) -> dict[str, Any]:
    return {"table": "orders", "match": {"items": lines, **delivery, "status": "confirmed"}}


def buy(sampler: Sampler) -> TaskDraft:
    spec = shop(sampler)
    count = 1 if sampler.level < 2 else sampler.number(1, 1 + min(2, sampler.level // 2))
    items = sampler.some(spec["catalogue"]["items"], count)
    lines = [_line(sampler, i) for i in items]
    delivery, said = _delivery(sampler, spec)
    what = listed([_called(line, i) for line, i in zip(lines, items, strict=True)])
    asked = sampler.pick(
        ("Please order {what}. {said}", "Buy {what}. {said}", "I need {what}. {said} Place the order.")
    )
    return TaskDraft(asked.format(what=what, said=said), spec, {"records": [_ordered(lines, delivery)]})


def compare(sampler: Sampler) -> TaskDraft:
    """The cheapest or the best-rated of a category, of a brand, or below a price."""
    spec = shop(sampler)
    items, sort = spec["catalogue"]["items"], sampler.pick(("price", "-rating"))
    anchor = sampler.pick(items)
    via = {"category": anchor["category"], "sort": sort}
    rivals = [i for i in items if i["category"] == anchor["category"]]
    limit = ""
    if sampler.level >= 2 and sort == "-rating":
        ceiling = int(sorted(i["price"] for i in rivals)[len(rivals) // 2]) + 1
        via["max"], rivals = str(ceiling), [i for i in rivals if i["price"] <= ceiling]
        limit = f" that costs at most ${ceiling}"
    best = min(rivals, key=lambda i: i["price"]) if sort == "price" else max(rivals, key=lambda i: i["rating"])
    _single_out(best, rivals, sort)
    line = _line(sampler, best)
    delivery, said = _delivery(sampler, spec)
    superlative = "cheapest" if sort == "price" else "best-rated"
    options = ", ".join(f"{k} {v}" for k, v in line["options"].items())
    what = f"the {superlative} product in the category “{anchor['category']}”{limit}"
    instruction = f"Order {what}: quantity {line['quantity']}" + (f", {options}" if options else "") + f". {said}"
    return TaskDraft(instruction, spec, {"records": [_ordered([line], delivery)], "via": via})


def _single_out(best: dict[str, Any], rivals: list[dict[str, Any]], sort: str) -> None:
    """No other is as cheap, or rated as high."""
    for other in rivals:
        if other is not best and sort == "price" and other["price"] <= best["price"]:
            other["price"] = round(best["price"] + 1, 2)
        if other is not best and sort == "-rating" and other["rating"] >= best["rating"]:
            other["rating"] = round(max(0.1, best["rating"] - 0.1), 1)


def question(sampler: Sampler) -> TaskDraft:
    """Read one fact off a page."""
    spec = shop(sampler)
    wanted = sampler.pick(spec["catalogue"]["items"])
    about = sampler.pick(("price", "rating", "warranty", "material", "weight"))
    asks = {
        "price": "What does the {t} cost?",
        "rating": "How is the {t} rated, out of 5?",
        "warranty": "How long is the warranty of the {t}?",
        "material": "What is the {t} made of?",
        "weight": "How much does the {t} weigh?",
    }
    answer = {"number": wanted[about]} if about in wanted else {"text": wanted["details"][about]}
    goal = {"answer": answer, "about": f"/item/{wanted['id']}"}
    return TaskDraft(f"{asks[about].format(t=wanted['title'])} Answer with the value only.", spec, goal)


def cancel(sampler: Sampler) -> TaskDraft:
    """One order among several is to be cancelled; from difficulty 2 on, after logging in."""
    spec = shop(sampler)
    names, items = [sampler.person() for _ in range(2 + sampler.level)], spec["catalogue"]["items"]
    records = []
    for n, person in enumerate(names):
        bought = sampler.pick(items)
        line = {**_line(sampler, bought), "price": bought["price"]}
        total = round(line["price"] * line["quantity"], 2)
        records.append(
            {"id": f"A{2000 + 7 * n}", "items": [line], "total": total, "name": person["name"], "status": "confirmed"}
        )
    spec["tables"]["orders"]["records"] = records
    wanted = sampler.pick(records)
    titles = {i["id"]: i["title"] for i in items}
    goal: dict[str, Any] = {"records": [{"table": "orders", "match": {"id": wanted["id"], "status": "cancelled"}}]}
    clear = (
        sum(r["items"][0]["item"] == wanted["items"][0]["item"] and r["total"] == wanted["total"] for r in records) == 1
    )
    said = f"order {wanted['id']}"
    if clear and sampler.chance(0.5):
        said = f"the order of the {titles[wanted['items'][0]['item']]} for {format_price(wanted['total'])}"
    login = ""
    if sampler.level >= 2:
        account = {
            "username": sampler.fake.user_name(),
            "password": sampler.fake.password(length=10, special_chars=False),
        }
        spec["login"] = {"table": "accounts", "by": ["username", "password"]}
        spec["tables"]["orders"]["private"] = True
        spec["tables"]["accounts"] = {"records": [account]}
        goal["user"] = account["username"]
        login = f" Log in as {account['username']} with the password {account['password']}."
    return TaskDraft(f"Please cancel {said}.{login}", spec, goal)


KINDS: dict[str, Callable[[Sampler], TaskDraft]] = {
    "buy": buy,
    "compare": compare,
    "question": question,
    "cancel": cancel,
}
"""Kinds of shop tasks, by name."""

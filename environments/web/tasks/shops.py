"""Shop tasks: buy one thing or several, find the best of many, answer a question, cancel an order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simenv.english import article, capitalized, listed

from ..engine.markup import format_price
from .draft import Sampler, TaskDraft, field
from .products import BRANDS, MATERIALS, PRODUCT_KINDS, ProductKind

_SHIPPING = ("Standard", "Express", "Pick up in store")
_PAYMENT = ("Credit card", "Bank transfer", "Cash on delivery")
_WARRANTIES = ("1 year", "2 years", "3 years", "5 years")


def _one(noun: str) -> str:
    """A product in words; one that is called by a plural has no article."""
    return noun if noun.endswith("s") else article(noun)


def _item(sampler: Sampler, kind: ProductKind, id: str, titles: set[str]) -> dict[str, Any]:
    """One product, with a title that is not in `titles` yet."""
    while (title := f"{sampler.choice(BRANDS)} {sampler.choice(kind.styles)} {kind.noun}") in titles:
        if len(titles) > 2000:
            title += f" {id.upper()}"
            break
    titles.add(title)
    options = {
        name: sorted(sampler.sample(values, sampler.integer(2, min(5, len(values)))), key=values.index)
        for name, values in kind.options.items()
    }
    features = sampler.sample(kind.features, sampler.integer(2, 3))
    details = {
        "brand": next(b for b in BRANDS if title.startswith(b)),
        "material": sampler.choice(MATERIALS[kind.category]),
        "warranty": sampler.choice(_WARRANTIES),
        "weight": f"{sampler.integer(2, 60) / 10:g} kg",
    }
    return {
        "id": id,
        "title": title,
        "category": kind.category,
        "price": sampler.price(kind.low, kind.high),
        "rating": sampler.integer(25, 50) / 10,
        "description": f"{capitalized(_one(kind.noun.lower()))} made of {details['material']}, with {listed(features)}.",
        "features": [f.capitalize() for f in features],
        "attributes": features,
        "options": options,
        "details": details,
    }


def make_products(sampler: Sampler) -> list[dict[str, Any]]:
    """The products of a shop in random order: some kinds, and several similar products of each."""
    titles: set[str] = set()
    kinds = sampler.sample(PRODUCT_KINDS, 3 + sampler.level)
    sequence = [w for w in kinds for _ in range(2 + sampler.level)]
    items = [_item(sampler, kind, f"p{100 + n}", titles) for n, kind in enumerate(sequence)]
    return [items[int(i)] for i in sampler.rng.permutation(len(items))]


def _shop(sampler: Sampler) -> dict[str, Any]:
    """A shop with search, filters, cart and checkout."""
    name = f"{sampler.fake.last_name()} {sampler.choice(('& Co', 'Goods', 'Outfitters', 'Market', 'Trading'))}"
    spec = sampler.site(
        name,
        sampler.choice(
            ("Well-made things for every day.", "Good things, fairly priced.", "Everything for house and garden.")
        ),
    )
    fields = [field("quantity", "Quantity", "number", value=1, min=1, max=9)]
    spec["catalogue"] = {
        "title": sampler.choice(("Catalogue", "All products", "Shop")),
        "items": make_products(sampler),
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
    return sampler.hide_pages(spec, "/form/contact")


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
    options = {name: sampler.choice(values) for name, values in item["options"].items()}
    return {"item": item["id"], "options": options, "quantity": sampler.integer(1, 3) if sampler.level >= 2 else 1}


def _describe_line(line: dict[str, Any], item: dict[str, Any]) -> str:
    """`2 pieces of the Marlowe Steel Electric Kettle (colour red, capacity 1.5 L)`; of one, `the Marlowe …`."""
    options = ", ".join(f"{k} {v}" for k, v in line["options"].items())
    count = f"{line['quantity']} pieces of " if line["quantity"] > 1 else ""
    return f"{count}the {item['title']}" + (f" ({options})" if options else "")


def _delivery(sampler: Sampler, spec: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The values for the checkout's fields, and a sentence that says them."""
    person, names = sampler.person(), {f["name"] for f in spec["checkout"]["fields"]}
    values: dict[str, Any] = {
        "name": person["name"],
        "address": sampler.fake.street_address(),
        "shipping": sampler.choice(_SHIPPING),
    }
    sentence = f"Send the order to {values['name']}, {values['address']}, shipping “{values['shipping']}”"
    if "payment" in names:
        values["payment"] = sampler.choice(_PAYMENT)
        sentence += f", payment “{values['payment']}”"
    if "gift" in names:
        values["gift"] = sampler.chance(0.5)
        sentence += ", wrapped as a gift" if values["gift"] else ", not gift-wrapped"
    return values, sentence + "."


def _expected_order(lines: list[dict[str, Any]], delivery: dict[str, Any]) -> dict[str, Any]:
    return {"table": "orders", "match": {"items": lines, **delivery, "status": "confirmed"}}


def buy(sampler: Sampler) -> TaskDraft:
    """Order one product or several."""
    spec = _shop(sampler)
    count = 1 if sampler.level < 2 else sampler.integer(1, 1 + min(2, sampler.level // 2))
    items = sampler.sample(spec["catalogue"]["items"], count)
    lines = [_line(sampler, i) for i in items]
    delivery, delivery_text = _delivery(sampler, spec)
    products = listed([_describe_line(line, i) for line, i in zip(lines, items, strict=True)])
    template = sampler.choice(
        ("Please order {what}. {said}", "Buy {what}. {said}", "I need {what}. {said} Place the order.")
    )
    return TaskDraft(
        template.format(what=products, said=delivery_text), spec, {"records": [_expected_order(lines, delivery)]}
    )


def compare(sampler: Sampler) -> TaskDraft:
    """Order the cheapest or the best-rated product of a category, perhaps below a price."""
    spec = _shop(sampler)
    items, sort = spec["catalogue"]["items"], sampler.choice(("price", "-rating"))
    anchor = sampler.choice(items)
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
    delivery, delivery_text = _delivery(sampler, spec)
    superlative = "cheapest" if sort == "price" else "best-rated"
    options = ", ".join(f"{k} {v}" for k, v in line["options"].items())
    product = f"the {superlative} product in the category “{anchor['category']}”{limit}"
    instruction = (
        f"Order {product}: quantity {line['quantity']}" + (f", {options}" if options else "") + f". {delivery_text}"
    )
    return TaskDraft(instruction, spec, {"records": [_expected_order([line], delivery)], "via": via})


def _single_out(best: dict[str, Any], rivals: list[dict[str, Any]], sort: str) -> None:
    """Change the rivals so that none is as cheap, or rated as high."""
    for other in rivals:
        if other is not best and sort == "price" and other["price"] <= best["price"]:
            other["price"] = round(best["price"] + 1, 2)
        if other is not best and sort == "-rating" and other["rating"] >= best["rating"]:
            other["rating"] = round(max(0.1, best["rating"] - 0.1), 1)


def question(sampler: Sampler) -> TaskDraft:
    """Answer a question about one product."""
    spec = _shop(sampler)
    item = sampler.choice(spec["catalogue"]["items"])
    about = sampler.choice(("price", "rating", "warranty", "material", "weight"))
    asks = {
        "price": "What is the price of the {t}?",
        "rating": "What is the rating of the {t}, out of 5?",
        "warranty": "How long is the warranty of the {t}?",
        "material": "Which material does the shop give for the {t}?",
        "weight": "What is the weight of the {t}?",
    }
    answer = {"number": item[about]} if about in item else {"text": item["details"][about]}
    goal = {"answer": answer, "about": f"/item/{item['id']}"}
    return TaskDraft(f"{asks[about].format(t=item['title'])} Answer with the value only.", spec, goal)


def cancel(sampler: Sampler) -> TaskDraft:
    """Cancel one order among several; from difficulty 2 on, after logging in."""
    spec = _shop(sampler)
    names, items = [sampler.person() for _ in range(2 + sampler.level)], spec["catalogue"]["items"]
    records = []
    for n, person in enumerate(names):
        item = sampler.choice(items)
        line = {**_line(sampler, item), "price": item["price"]}
        total = round(line["price"] * line["quantity"], 2)
        records.append(
            {"id": f"A{2000 + 7 * n}", "items": [line], "total": total, "name": person["name"], "status": "confirmed"}
        )
    spec["tables"]["orders"]["records"] = records
    record = sampler.choice(records)
    titles = {i["id"]: i["title"] for i in items}
    goal: dict[str, Any] = {"records": [{"table": "orders", "match": {"id": record["id"], "status": "cancelled"}}]}
    unambiguous = (
        sum(r["items"][0]["item"] == record["items"][0]["item"] and r["total"] == record["total"] for r in records) == 1
    )
    order_text = f"order {record['id']}"
    if unambiguous and sampler.chance(0.5):
        order_text = f"the order of the {titles[record['items'][0]['item']]} for {format_price(record['total'])}"
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
    return TaskDraft(f"Please cancel {order_text}.{login}", spec, goal)


KINDS: dict[str, Callable[[Sampler], TaskDraft]] = {
    "buy": buy,
    "compare": compare,
    "question": question,
    "cancel": cancel,
}
"""Kinds of shop tasks, by name."""

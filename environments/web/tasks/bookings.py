"""Booking tasks: a hotel room, a table in a restaurant, a flight. What is booked is an item, and booking is its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .draft import Sampler, TaskDraft, field, format_date

_CITIES = (
    "Lisbon",
    "Vienna",
    "Oslo",
    "Porto",
    "Ghent",
    "Turin",
    "Galway",
    "Riga",
    "Leipzig",
    "Lyon",
    "Bergen",
    "Split",
)
_ROOMS = ("Single room", "Double room", "Twin room", "Family suite")
_CUISINES = ("Italian", "Japanese", "Indian", "Mexican", "Greek", "Thai")
_AREAS = ("Old town", "Harbour", "Station quarter", "Riverside", "University")
_TIMES = ("18:00", "18:30", "19:00", "19:30", "20:00", "20:30", "21:00")
_AIRLINES = ("Aerona", "Blue Heron Air", "Skylark", "Transmeridian", "Windrose")
_HOTELS = ("Hotel {n}", "The {n} Inn", "{n} Palace", "{n} Guesthouse", "Villa {n}")
_TABLES = ("{n}'s Table", "Trattoria {n}", "Casa {n}", "The {n} Room", "Bistro {n}")


def _booking(
    sampler: Sampler, spec: dict[str, Any], items: list[dict[str, Any]], order: dict[str, Any]
) -> dict[str, Any]:
    spec["catalogue"] = {
        **spec.pop("catalogue"),
        "items": items,
        "page_size": 8,
        "order": {"into": "bookings", **order},
    }
    spec["tables"] = {"bookings": {"title": "My bookings", "cancel": True, "records": []}}
    return sampler.hide(spec)


def _names(sampler: Sampler, patterns: tuple[str, ...], count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found.setdefault(sampler.pick(patterns).format(n=sampler.fake.last_name()))
    return list(found)


def _booked(item: dict[str, Any], values: dict[str, Any], via: dict[str, str]) -> dict[str, Any]:
    match = {"item": item["id"], **values, "status": "confirmed"}
    return {"records": [{"table": "bookings", "match": match}], "via": via}


def hotel(sampler: Sampler) -> TaskDraft:
    spec = sampler.site(f"{sampler.fake.last_name()} Hotels", "Rooms in the middle of town.")
    cities = sampler.some(_CITIES, 2 + sampler.level // 2)
    items = []
    for n, name in enumerate(_names(sampler, _HOTELS, 4 + 4 * sampler.level)):
        city = cities[n % len(cities)]
        breakfast = sampler.pick(("included", "extra", "none"))
        items.append({
            "id": f"h{n}", "title": name, "category": city, "price": sampler.price(60, 320), "rating": sampler.number(25, 50) / 10,
            "description": f"{name} has {sampler.number(8, 120)} rooms in {city}, {sampler.number(2, 30)} minutes from the station.",
            "options": {"room": sorted(sampler.some(_ROOMS, 3), key=_ROOMS.index)},
            "details": {"stars": sampler.number(2, 5), "breakfast": breakfast},
        })  # fmt: skip
    fields = [field("arrival", "Arrival", "date"), field("departure", "Departure", "date")]
    fields += [field("guests", "Guests", "number", value=1, min=1, max=6), field("name", "Name of the guest")]
    spec["catalogue"] = {
        "title": "Hotels",
        "filters": ["category", "stars", "breakfast"][: 1 + min(2, sampler.level // 2)],
    }
    spec = _booking(sampler, spec, items, {"fields": fields, "submit": "Book now", "thanks": "Your room is booked."})
    chosen, arrival, person = sampler.pick(items), sampler.day(), sampler.person()
    departure = sampler.day(arrival, 9)
    values = {
        "options": {"room": sampler.pick(chosen["options"]["room"])}, "arrival": arrival.isoformat(), "guests": sampler.number(1, 4),
        "departure": departure.isoformat(), "name": person["name"],
    }  # fmt: skip
    what, via = f"a {values['options']['room'].lower()} at {chosen['title']} in {chosen['category']}", {}
    if sampler.level >= 2 and sampler.chance(0.6):
        rivals = [i for i in items if i["category"] == chosen["category"]]
        chosen = min(rivals, key=lambda i: (i["price"], i["id"]))
        for other in rivals:
            if other is not chosen and other["price"] <= chosen["price"]:
                other["price"] = round(chosen["price"] + 2, 2)
        values["options"] = {"room": sampler.pick(chosen["options"]["room"])}
        what = f"a {values['options']['room'].lower()} in the cheapest hotel in {chosen['category']}"
        via = {"category": chosen["category"], "sort": "price"}
    instruction = (
        f"Book {what} for {values['guests']} guest(s), from {format_date(arrival)} to {format_date(departure)}, "
        f"in the name of {person['name']}."
    )
    return TaskDraft(instruction, spec, _booked(chosen, values, via))


def restaurant(sampler: Sampler) -> TaskDraft:
    spec = sampler.site(f"Tables in {sampler.pick(_CITIES)}", "Book a table in two minutes.")
    items = []
    for n, name in enumerate(_names(sampler, _TABLES, 4 + 4 * sampler.level)):
        cuisine = _CUISINES[n % (2 + sampler.level)] if sampler.level < 5 else sampler.pick(_CUISINES)
        items.append({
            "id": f"r{n}", "title": name, "category": cuisine, "price": float(sampler.number(15, 80)),
            "rating": sampler.number(25, 50) / 10,
            "description": f"{cuisine} cooking. The price is that of a menu for one.",
            "details": {"area": sampler.pick(_AREAS), "closed": sampler.pick(("Mondays", "Tuesdays", "never"))},
        })  # fmt: skip
    fields = [field("day", "Day", "date"), field("time", "Time", "select", *_TIMES)]
    fields += [field("guests", "Guests", "number", min=1, max=12), field("name", "Name"), field("phone", "Phone")]
    fields += [field("outside", "A table outside", "checkbox")] if sampler.level >= 2 else []
    spec["catalogue"] = {"title": "Restaurants", "filters": ["category", "area"][: 1 + sampler.level // 2]}
    spec = _booking(
        sampler, spec, items, {"fields": fields, "submit": "Reserve table", "thanks": "We look forward to your visit."}
    )
    chosen, day, person = sampler.pick(items), sampler.day(), sampler.person()
    values: dict[str, Any] = {
        "day": day.isoformat(), "time": sampler.pick(_TIMES), "guests": sampler.number(1, 8), "name": person["name"],
        "phone": f"0{sampler.number(20, 99)} {sampler.number(100000, 999999)}",
    }  # fmt: skip
    what, via = f"{chosen['title']}", {}
    if sampler.level >= 2 and sampler.chance(0.6):
        rivals = [i for i in items if i["category"] == chosen["category"]]
        chosen = max(rivals, key=lambda i: (i["rating"], i["id"]))
        for other in rivals:
            if other is not chosen and other["rating"] >= chosen["rating"]:
                other["rating"] = round(chosen["rating"] - 0.1, 1)
        what = f"the best-rated {chosen['category']} restaurant"
        via = {"category": chosen["category"], "sort": "-rating"}
    outside = ""
    if sampler.level >= 2:
        values["outside"] = sampler.chance(0.5)
        outside = ", outside" if values["outside"] else ", inside"
    instruction = (
        f"Reserve a table{outside} at {what} on {format_date(day)} at {values['time']} for {values['guests']} guest(s). "
        f"Name: {person['name']}, phone: {values['phone']}."
    )
    return TaskDraft(instruction, spec, _booked(chosen, values, via))


def flight(sampler: Sampler) -> TaskDraft:
    spec = sampler.site(f"{sampler.pick(_AIRLINES)} Travel", "From here to there.")
    cities = sampler.some(_CITIES, 3 + sampler.level // 2)
    items, hours = [], [f"{h:02d}:{m:02d}" for h in range(5, 23) for m in (0, 10, 25, 40, 55)]
    for n in range(6 + 4 * sampler.level):
        origin, goal = sampler.some(cities, 2)
        code = f"{sampler.pick(('AE', 'BH', 'SK', 'TM', 'WR'))}{410 + 3 * n}"
        leaves, takes = sampler.pick(hours), sampler.number(50, 280)
        items.append({
            "id": code, "title": f"{code} {origin} to {goal}", "category": f"{origin} to {goal}", "price": sampler.price(39, 420),
            "description": f"Leaves {origin} at {leaves} and takes {takes} minutes.",
            "options": {"fare": ["Light", "Standard", "Flex"]},
            "details": {"departure": leaves, "minutes": takes, "stops": sampler.pick(("nonstop", "nonstop", "one stop"))},
        })  # fmt: skip
    fields = [field("day", "Day of travel", "date"), field("passengers", "Passengers", "number", value=1, min=1, max=9)]
    fields += [field("name", "Lead passenger"), field("email", "E-mail", "email")]
    fields += [field("bags", "Checked bags", "select", "0", "1", "2", "3")] if sampler.level >= 2 else []
    spec["catalogue"] = {"title": "Flights", "filters": ["category", "stops"][: 1 + sampler.level // 2]}
    spec = _booking(
        sampler, spec, items, {"fields": fields, "submit": "Book flight", "thanks": "Your flight is booked."}
    )
    chosen, day, person = sampler.pick(items), sampler.day(), sampler.person()
    rivals = [i for i in items if i["category"] == chosen["category"]]
    via, which = {}, f"flight {chosen['id']} from {chosen['category']}"
    if sampler.level >= 2 and len(rivals) > 1:
        chosen = min(rivals, key=lambda i: (i["price"], i["id"]))
        for other in rivals:
            if other is not chosen and other["price"] <= chosen["price"]:
                other["price"] = round(chosen["price"] + 5, 2)
        via, which = {"category": chosen["category"], "sort": "price"}, f"the cheapest flight from {chosen['category']}"
    values: dict[str, Any] = {
        "options": {"fare": sampler.pick(("Light", "Standard", "Flex"))}, "day": day.isoformat(), "passengers": sampler.number(1, 4),
        "name": person["name"], "email": person["email"],
    }  # fmt: skip
    bags = ""
    if sampler.level >= 2:
        values["bags"] = str(sampler.number(0, 3))
        bags = f", {values['bags']} checked bag(s)"
    instruction = (
        f"Book {which} on {format_date(day)} for {values['passengers']} passenger(s), fare {values['options']['fare']}{bags}. "
        f"Lead passenger: {person['name']}, {person['email']}."
    )
    return TaskDraft(instruction, spec, _booked(chosen, values, via))


KINDS: dict[str, Callable[[Sampler], TaskDraft]] = {"hotel": hotel, "restaurant": restaurant, "flight": flight}
"""Kinds of booking tasks, by name."""

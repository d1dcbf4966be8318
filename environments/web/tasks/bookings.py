"""Booking tasks: a hotel room, a table in a restaurant, a flight. Each offer is an item, and its form books it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from simenv.english import counted

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
_ROOMS = {"Single room": 1, "Double room": 2, "Twin room": 2, "Family suite": 4}
"""How many guests each kind of room holds."""
_CUISINES = ("Italian", "Japanese", "Indian", "Mexican", "Greek", "Thai")
_AREAS = ("Old town", "Harbour", "Station quarter", "Riverside", "University")
_TIMES = ("18:00", "18:30", "19:00", "19:30", "20:00", "20:30", "21:00")
_AIRLINES = ("Aerona", "Blue Heron Air", "Skylark", "Transmeridian", "Windrose")
_HOTELS = ("Hotel {n}", "The {n} Inn", "{n} Palace", "{n} Guesthouse", "Villa {n}")
_TABLES = ("{n}'s Table", "Trattoria {n}", "Casa {n}", "The {n} Room", "Bistro {n}")


def _add_booking(
    sampler: Sampler, spec: dict[str, Any], items: list[dict[str, Any]], order: dict[str, Any]
) -> dict[str, Any]:
    spec["catalogue"] = {
        **spec.pop("catalogue"),
        "items": items,
        "page_size": 8,
        "order": {"into": "bookings", **order},
    }
    spec["tables"] = {"bookings": {"title": "My bookings", "cancel": True, "records": []}}
    return sampler.hide_pages(spec)


def _names(sampler: Sampler, patterns: tuple[str, ...], count: int) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        names.setdefault(sampler.choice(patterns).format(n=sampler.fake.last_name()))
    return list(names)


def _booking_goal(item: dict[str, Any], values: dict[str, Any], via: dict[str, str]) -> dict[str, Any]:
    match = {"item": item["id"], **values, "status": "confirmed"}
    return {"records": [{"table": "bookings", "match": match}], "via": via}


def _hotels(sampler: Sampler, cities: list[str]) -> list[dict[str, Any]]:
    """The hotels of a site, spread over its cities."""
    items: list[dict[str, Any]] = []
    for n, name in enumerate(_names(sampler, _HOTELS, 4 + 4 * sampler.level)):
        city = cities[n % len(cities)]
        breakfast = sampler.choice(("included", "extra", "none"))
        items.append({
            "id": f"h{n}", "title": name, "category": city,
            "price": sampler.price(60, 320), "rating": sampler.integer(25, 50) / 10,
            "description": f"{name} has {sampler.integer(8, 120)} rooms in {city}, "
            f"{sampler.integer(2, 30)} minutes from the station.",
            "options": {"room": sorted(sampler.sample(tuple(_ROOMS), 3), key=tuple(_ROOMS).index)},
            "details": {"stars": sampler.integer(2, 5), "breakfast": breakfast},
        })  # fmt: skip
    return items


def hotel(sampler: Sampler) -> TaskDraft:
    """Book a room in a named hotel, or in the cheapest of a city."""
    spec = sampler.site(f"{sampler.fake.last_name()} Hotels", "Rooms in the middle of town.")
    cities = sampler.sample(_CITIES, 2 + sampler.level // 2)
    items = _hotels(sampler, cities)
    fields = [field("arrival", "Arrival", "date"), field("departure", "Departure", "date")]
    fields += [field("guests", "Guests", "number", value=1, min=1, max=6), field("name", "Name of the guest")]
    spec["catalogue"] = {
        "title": "Hotels",
        "filters": ["category", "stars", "breakfast"][: 1 + min(2, sampler.level // 2)],
    }
    spec = _add_booking(
        sampler, spec, items, {"fields": fields, "submit": "Book now", "thanks": "Your room is booked."}
    )
    offer, arrival, person = sampler.choice(items), sampler.day(), sampler.person()
    departure = sampler.day(arrival, 9)
    values: dict[str, Any] = {
        "options": {"room": sampler.choice(offer["options"]["room"])}, "arrival": arrival.isoformat(),
        "guests": sampler.integer(1, 4),
        "departure": departure.isoformat(), "name": person["name"],
    }  # fmt: skip
    via: dict[str, str] = {}
    description = f"a {values['options']['room'].lower()} at {offer['title']} in {offer['category']}"
    if sampler.level >= 2 and sampler.chance(0.6):
        rivals = [i for i in items if i["category"] == offer["category"]]
        offer = min(rivals, key=lambda i: (i["price"], i["id"]))
        for other in rivals:
            if other is not offer and other["price"] <= offer["price"]:
                other["price"] = round(offer["price"] + 2, 2)
        values["options"] = {"room": sampler.choice(offer["options"]["room"])}
        description = f"a {values['options']['room'].lower()} in the cheapest hotel in {offer['category']}"
        via = {"category": offer["category"], "sort": "price"}
    values["guests"] = min(values["guests"], _ROOMS[values["options"]["room"]])
    instruction = (
        f"Book {description} for {counted(values['guests'], 'guest')}, "
        f"from {format_date(arrival)} to {format_date(departure)}, in the name of {person['name']}."
    )
    return TaskDraft(instruction, spec, _booking_goal(offer, values, via))


def _restaurants(sampler: Sampler) -> list[dict[str, Any]]:
    """The restaurants of a site."""
    items: list[dict[str, Any]] = []
    for n, name in enumerate(_names(sampler, _TABLES, 4 + 4 * sampler.level)):
        cuisine = _CUISINES[n % (2 + sampler.level)] if sampler.level < 5 else sampler.choice(_CUISINES)
        items.append({
            "id": f"r{n}", "title": name, "category": cuisine, "price": float(sampler.integer(15, 80)),
            "rating": sampler.integer(25, 50) / 10,
            "description": f"{cuisine} cooking. The price is that of a menu for one.",
            "details": {"area": sampler.choice(_AREAS), "closed": sampler.choice(("Mondays", "Tuesdays", "never"))},
        })  # fmt: skip
    return items


def _open_day(day: date, offer: dict[str, Any]) -> date:
    """The day, or the next one where the restaurant is closed on it."""
    return day + timedelta(days=1) if f"{day:%A}s" == offer["details"]["closed"] else day


def restaurant(sampler: Sampler) -> TaskDraft:
    """Reserve a table in a named restaurant, or in the best-rated of a cuisine."""
    spec = sampler.site(f"Tables in {sampler.choice(_CITIES)}", "Book a table in two minutes.")
    items = _restaurants(sampler)
    fields = [field("day", "Day", "date"), field("time", "Time", "select", *_TIMES)]
    fields += [field("guests", "Guests", "number", min=1, max=12), field("name", "Name"), field("phone", "Phone")]
    fields += [field("outside", "A table outside", "checkbox")] if sampler.level >= 2 else []
    spec["catalogue"] = {"title": "Restaurants", "filters": ["category", "area"][: 1 + sampler.level // 2]}
    spec = _add_booking(
        sampler, spec, items, {"fields": fields, "submit": "Reserve table", "thanks": "We look forward to your visit."}
    )
    offer, day, person = sampler.choice(items), sampler.day(), sampler.person()
    values: dict[str, Any] = {
        "day": day.isoformat(), "time": sampler.choice(_TIMES), "guests": sampler.integer(1, 8), "name": person["name"],
        "phone": f"0{sampler.integer(20, 99)} {sampler.integer(100000, 999999)}",
    }  # fmt: skip
    via: dict[str, str] = {}
    description = offer["title"]
    if sampler.level >= 2 and sampler.chance(0.6):
        rivals = [i for i in items if i["category"] == offer["category"]]
        offer = max(rivals, key=lambda i: (i["rating"], i["id"]))
        for other in rivals:
            if other is not offer and other["rating"] >= offer["rating"]:
                other["rating"] = round(offer["rating"] - 0.1, 1)
        description = f"the best-rated {offer['category']} restaurant"
        via = {"category": offer["category"], "sort": "-rating"}
    outside = ""
    if sampler.level >= 2:
        values["outside"] = sampler.chance(0.5)
        outside = " outside" if values["outside"] else " inside"
    day = _open_day(day, offer)
    values["day"] = day.isoformat()
    instruction = (
        f"Reserve a table{outside} at {description} on {format_date(day)} at {values['time']} "
        f"for {counted(values['guests'], 'guest')}. "
        f"Name: {person['name']}, phone: {values['phone']}."
    )
    return TaskDraft(instruction, spec, _booking_goal(offer, values, via))


def _flights(sampler: Sampler, cities: list[str]) -> list[dict[str, Any]]:
    """The flights of a site, between its cities."""
    items: list[dict[str, Any]] = []
    hours = [f"{h:02d}:{m:02d}" for h in range(5, 23) for m in (0, 10, 25, 40, 55)]
    for n in range(6 + 4 * sampler.level):
        origin, destination = sampler.sample(cities, 2)
        code = f"{sampler.choice(('AE', 'BH', 'SK', 'TM', 'WR'))}{410 + 3 * n}"
        departure, minutes = sampler.choice(hours), sampler.integer(50, 280)
        items.append({
            "id": code, "title": f"{code} {origin} to {destination}", "category": f"{origin} to {destination}",
            "price": sampler.price(39, 420),
            "description": f"Leaves {origin} at {departure} and takes {minutes} minutes.",
            "options": {"fare": ["Light", "Standard", "Flex"]},
            "details": {"departure": departure, "minutes": minutes,
                        "stops": sampler.choice(("nonstop", "nonstop", "one stop"))},
        })  # fmt: skip
    return items


def flight(sampler: Sampler) -> TaskDraft:
    """Book a named flight, or the cheapest of a route."""
    spec = sampler.site(f"{sampler.choice(_AIRLINES)} Travel", "From here to there.")
    cities = sampler.sample(_CITIES, 3 + sampler.level // 2)
    items = _flights(sampler, cities)
    fields = [field("day", "Day of travel", "date"), field("passengers", "Passengers", "number", value=1, min=1, max=9)]
    fields += [field("name", "Lead passenger"), field("email", "E-mail", "email")]
    fields += [field("bags", "Checked bags", "select", "0", "1", "2", "3")] if sampler.level >= 2 else []
    spec["catalogue"] = {"title": "Flights", "filters": ["category", "stops"][: 1 + sampler.level // 2]}
    spec = _add_booking(
        sampler, spec, items, {"fields": fields, "submit": "Book flight", "thanks": "Your flight is booked."}
    )
    offer, day, person = sampler.choice(items), sampler.day(), sampler.person()
    rivals = [i for i in items if i["category"] == offer["category"]]
    via: dict[str, str] = {}
    description = f"flight {offer['id']} from {offer['category']}"
    if sampler.level >= 2 and len(rivals) > 1:
        offer = min(rivals, key=lambda i: (i["price"], i["id"]))
        for other in rivals:
            if other is not offer and other["price"] <= offer["price"]:
                other["price"] = round(offer["price"] + 5, 2)
        via = {"category": offer["category"], "sort": "price"}
        description = f"the cheapest flight from {offer['category']}"
    values: dict[str, Any] = {
        "options": {"fare": sampler.choice(("Light", "Standard", "Flex"))}, "day": day.isoformat(),
        "passengers": sampler.integer(1, 4),
        "name": person["name"], "email": person["email"],
    }  # fmt: skip
    bags = ""
    if sampler.level >= 2:
        values["bags"] = str(sampler.integer(0, 3))
        bags = f", with {counted(int(values['bags']), 'checked bag')}"
    instruction = (
        f"Book {description} on {format_date(day)} for {counted(values['passengers'], 'passenger')}, "
        f"fare {values['options']['fare']}{bags}. "
        f"Lead passenger: {person['name']}, {person['email']}."
    )
    return TaskDraft(instruction, spec, _booking_goal(offer, values, via))


KINDS: dict[str, Callable[[Sampler], TaskDraft]] = {"hotel": hotel, "restaurant": restaurant, "flight": flight}
"""Kinds of booking tasks, by name."""

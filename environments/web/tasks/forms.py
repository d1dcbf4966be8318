"""Form tasks: register, write to somebody, change settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .draft import Draft, Pen, field, listed

_COUNTRIES = ("Austria", "Belgium", "Denmark", "Finland", "Ireland", "Italy", "Norway", "Portugal", "Spain", "Sweden")
_TOPICS = ("Delivery", "Invoice", "Membership", "Opening hours", "Complaint", "Other")
_PLANS = ("Basic", "Plus", "Family")
_LANGUAGES = ("English", "German", "French", "Spanish", "Italian")
_ZONES = ("UTC", "Europe/Lisbon", "Europe/Vienna", "Europe/Helsinki", "America/New_York", "Asia/Tokyo")
_HOUSES = ("Library", "Sports Club", "Choir", "Museum Friends", "Community Garden", "Film Society")
_MESSAGES = (
    "My parcel {n} has not arrived yet. Where is it?",
    "Please send me a copy of invoice {n}.",
    "I would like to end my membership {n} at the end of the month.",
    "Are you open on the {n}th?",
    "The lamp I got with order {n} is broken. Please replace it.",
)


def _house(pen: Pen) -> dict[str, Any]:
    return pen.site(f"{pen.fake.city()} {pen.pick(_HOUSES)}", "Open to everybody.")


def _form(title: str, into: str, fields: list[dict[str, Any]], submit: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "fields": fields, "submit": submit, "into": into, **more}


def _contact() -> dict[str, Any]:
    fields = [
        field("name", "Your name"),
        field("email", "E-mail", "email"),
        field("topic", "Topic", "select", *_TOPICS),
    ]
    fields += [field("message", "Message", "textarea"), field("copy", "Send me a copy", "checkbox")]
    return _form("Contact", "messages", fields, "Send", thanks="Your message is on its way.")


def _registration(pen: Pen) -> dict[str, Any]:
    fields = [
        field("username", "User name"),
        field("email", "E-mail", "email"),
        field("password", "Password", "password"),
    ]
    fields += [field("country", "Country", "select", *_COUNTRIES), field("plan", "Plan", "radio", *_PLANS)]
    fields += [field("born", "Date of birth", "date")] if pen.level >= 2 else []
    fields += [field("phone", "Phone", required=False)] if pen.level >= 3 else []
    fields += [field("news", "Subscribe to the newsletter", "checkbox")]
    fields += [field("terms", "I accept the terms", "checkbox", required=True)]
    return _form("Register", "accounts", fields, "Create account", unique="username", thanks="Your account is ready.")


def _settings() -> dict[str, Any]:
    fields = [
        field("display", "Display name"),
        field("email", "E-mail", "email"),
        field("language", "Language", "select", *_LANGUAGES),
    ]
    fields += [
        field("zone", "Time zone", "select", *_ZONES),
        field("theme", "Theme", "radio", "Light", "Dark", "Automatic"),
    ]
    fields += [field("digest", "Weekly digest", "checkbox"), field("alerts", "E-mail alerts", "checkbox")]
    fields += [field("public", "Public profile", "checkbox")]
    return _form("Settings", "profile", fields, "Save settings", replaces=True, thanks="Your settings are saved.")


def _desks(pen: Pen) -> dict[str, Any]:
    spec = _house(pen)
    spec["forms"] = {"contact": _contact(), "register": _registration(pen)}
    return pen.hide(spec, "/form/contact")


def register(pen: Pen) -> Draft:
    spec = pen.hide(_desks(pen), "/form/contact", "/form/register")
    others = [{"username": pen.fake.user_name(), "password": "-"} for _ in range(pen.level)]
    spec["tables"] = {"accounts": {"records": others}}
    person, names = pen.person(), {f["name"] for f in spec["forms"]["register"]["fields"]}
    values: dict[str, Any] = {
        "username": f"{person['first']}{pen.number(10, 9999)}".lower().replace(" ", ""),
        "email": person["email"],
        "password": pen.fake.password(length=11, special_chars=False),
        "country": pen.pick(_COUNTRIES),
        "plan": pen.pick(_PLANS),
    }
    said = [f"user name {values['username']}", f"e-mail {values['email']}", f"password {values['password']}"]
    said += [f"country {values['country']}", f"plan {values['plan']}"]
    if "born" in names:
        values["born"] = _birthday(pen)
        said.append(f"date of birth {values['born']}")
    if "phone" in names:
        values["phone"] = f"0{pen.number(20, 99)} {pen.number(100000, 999999)}"
        said.append(f"phone {values['phone']}")
    values["news"], values["terms"] = pen.chance(0.5), True
    wish = "Subscribe to the newsletter" if values["news"] else "Do not subscribe to the newsletter"
    instruction = f"Create an account: {listed(said)}. {wish}, and accept the terms."
    return Draft(instruction, spec, {"records": [{"table": "accounts", "match": values}]})


def _birthday(pen: Pen) -> str:
    return f"{pen.number(1950, 2006)}-{pen.number(1, 12):02d}-{pen.number(1, 28):02d}"


def contact(pen: Pen) -> Draft:
    spec, person = _desks(pen), pen.person()
    message = pen.pick(_MESSAGES).format(n=pen.number(1, 28) if pen.chance(0.2) else pen.number(10000, 99999))
    values = {
        "name": person["name"],
        "email": person["email"],
        "topic": pen.pick(_TOPICS),
        "message": message,
        "copy": pen.chance(0.5),
    }
    copy = " Have a copy sent." if values["copy"] else ""
    instruction = (
        f"Send a message to the site's team as {values['name']} ({values['email']}), topic “{values['topic']}”: "
        f"“{message}”{copy}"
    )
    return Draft(instruction, spec, {"records": [{"table": "messages", "match": values}]})


def settings(pen: Pen) -> Draft:
    """Some settings are to change, all others to stay. From difficulty 3 on one logs in first."""
    spec = _desks(pen)
    form, person, other = _settings(), pen.person(), pen.person()
    now: dict[str, Any] = {
        "display": person["name"], "email": person["email"], "language": pen.pick(_LANGUAGES), "zone": pen.pick(_ZONES),
        "theme": pen.pick(("Light", "Dark", "Automatic")), "digest": pen.chance(0.5), "alerts": pen.chance(0.5),
        "public": pen.chance(0.5),
    }  # fmt: skip
    then, said = dict(now), []
    labels = {f["name"]: f["label"] for f in form["fields"]}
    for name in sorted(pen.some(list(now), 1 + pen.level), key=list(now).index):
        known = next(f for f in form["fields"] if f["name"] == name)
        if known["kind"] == "checkbox":
            then[name] = not now[name]
            said.append(f"turn “{labels[name]}” {'on' if then[name] else 'off'}")
            continue
        then[name] = (
            pen.pick([o for o in known["options"] if o != now[name]])
            if "options" in known
            else other["email" if name == "email" else "first"]
        )
        said.append(f"set “{labels[name]}” to {then[name]}")
    spec["forms"]["settings"] = form
    spec["tables"] = {"profile": {"records": [now]}}
    goal: dict[str, Any] = {"records": [{"table": "profile", "match": then}]}
    login = ""
    if pen.level >= 3:
        account = {"username": pen.fake.user_name(), "password": pen.fake.password(length=10, special_chars=False)}
        spec["tables"]["accounts"] = {"records": [account]}
        spec["login"] = {"table": "accounts", "by": ["username", "password"]}
        form["private"], goal["user"] = True, account["username"]
        login = f" Log in as {account['username']} with the password {account['password']}."
    return Draft(f"In the settings, {listed(said)}; leave everything else as it is.{login}", spec, goal)


KINDS: dict[str, Callable[[Pen], Draft]] = {"register": register, "contact": contact, "settings": settings}
"""Kinds of form tasks, by name."""

"""Form tasks: register, send a message, change settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simenv.english import listed, ordinal

from .draft import Sampler, TaskDraft, field

_COUNTRIES = ("Austria", "Belgium", "Denmark", "Finland", "Ireland", "Italy", "Norway", "Portugal", "Spain", "Sweden")
_TOPICS = ("Delivery", "Invoice", "Membership", "Opening hours", "Complaint", "Other")
_PLANS = ("Basic", "Plus", "Family")
_LANGUAGES = ("English", "German", "French", "Spanish", "Italian")
_ZONES = ("UTC", "Europe/Lisbon", "Europe/Vienna", "Europe/Helsinki", "America/New_York", "Asia/Tokyo")
_ORGANISATIONS = ("Library", "Sports Club", "Choir", "Museum Friends", "Community Garden", "Film Society")
_MESSAGES = (
    "My parcel {n} has not arrived yet. Where is it?",
    "Please send me a copy of invoice {n}.",
    "I would like to end my membership {n} at the end of the month.",
    "Are you open on the {day}?",
    "The lamp I got with order {n} is broken. Please replace it.",
)


def _organisation_site(sampler: Sampler) -> dict[str, Any]:
    return sampler.site(f"{sampler.fake.city()} {sampler.choice(_ORGANISATIONS)}", "Open to everybody.")


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


def _registration(sampler: Sampler) -> dict[str, Any]:
    fields = [
        field("username", "User name"),
        field("email", "E-mail", "email"),
        field("password", "Password", "password"),
    ]
    fields += [field("country", "Country", "select", *_COUNTRIES), field("plan", "Plan", "radio", *_PLANS)]
    fields += [field("born", "Date of birth", "date")] if sampler.level >= 2 else []
    fields += [field("phone", "Phone", required=False)] if sampler.level >= 3 else []
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


def _site_with_forms(sampler: Sampler) -> dict[str, Any]:
    spec = _organisation_site(sampler)
    spec["forms"] = {"contact": _contact(), "register": _registration(sampler)}
    return sampler.hide_pages(spec, "/form/contact")


def register(sampler: Sampler) -> TaskDraft:
    """Create an account."""
    spec = sampler.hide_pages(_site_with_forms(sampler), "/form/contact", "/form/register")
    accounts = [{"username": sampler.fake.user_name(), "password": "-"} for _ in range(sampler.level)]
    spec["tables"] = {"accounts": {"records": accounts}}
    person, names = sampler.person(), {f["name"] for f in spec["forms"]["register"]["fields"]}
    values: dict[str, Any] = {
        "username": f"{person['first']}{sampler.integer(10, 9999)}".lower().replace(" ", ""),
        "email": person["email"],
        "password": sampler.fake.password(length=11, special_chars=False),
        "country": sampler.choice(_COUNTRIES),
        "plan": sampler.choice(_PLANS),
    }
    details = [f"user name {values['username']}", f"e-mail {values['email']}", f"password {values['password']}"]
    details += [f"country {values['country']}", f"plan {values['plan']}"]
    if "born" in names:
        values["born"] = _birthday(sampler)
        details.append(f"date of birth {values['born']}")
    if "phone" in names:
        values["phone"] = f"0{sampler.integer(20, 99)} {sampler.integer(100000, 999999)}"
        details.append(f"phone {values['phone']}")
    values["news"], values["terms"] = sampler.chance(0.5), True
    newsletter = "Subscribe to the newsletter" if values["news"] else "Do not subscribe to the newsletter"
    instruction = f"Create an account: {listed(details)}. {newsletter}, and accept the terms."
    return TaskDraft(instruction, spec, {"records": [{"table": "accounts", "match": values}]})


def _birthday(sampler: Sampler) -> str:
    return f"{sampler.integer(1950, 2006)}-{sampler.integer(1, 12):02d}-{sampler.integer(1, 28):02d}"


def contact(sampler: Sampler) -> TaskDraft:
    """Send a message through the contact form."""
    spec, person = _site_with_forms(sampler), sampler.person()
    template = sampler.choice(_MESSAGES)
    number = sampler.integer(1, 28) if sampler.chance(0.2) else sampler.integer(10000, 99999)
    message = template.format(n=number, day=ordinal(1 + number % 28))
    values = {
        "name": person["name"],
        "email": person["email"],
        "topic": sampler.choice(_TOPICS),
        "message": message,
        "copy": sampler.chance(0.5),
    }
    copy = " Have a copy sent." if values["copy"] else ""
    instruction = (
        f"Send a message to the site's team as {values['name']} ({values['email']}), topic “{values['topic']}”: "
        f"“{message}”{copy}"
    )
    return TaskDraft(instruction, spec, {"records": [{"table": "messages", "match": values}]})


def settings(sampler: Sampler) -> TaskDraft:
    """Change some settings and keep all others; from difficulty 3 on, after logging in."""
    spec = _site_with_forms(sampler)
    form, person, replacement = _settings(), sampler.person(), sampler.person()
    before: dict[str, Any] = {
        "display": person["name"], "email": person["email"], "language": sampler.choice(_LANGUAGES),
        "zone": sampler.choice(_ZONES),
        "theme": sampler.choice(("Light", "Dark", "Automatic")), "digest": sampler.chance(0.5), "alerts": sampler.chance(0.5),
        "public": sampler.chance(0.5),
    }  # fmt: skip
    after, changes = dict(before), []
    labels = {f["name"]: f["label"] for f in form["fields"]}
    for name in sorted(sampler.sample(list(before), 1 + sampler.level), key=list(before).index):
        definition = next(f for f in form["fields"] if f["name"] == name)
        if definition["kind"] == "checkbox":
            after[name] = not before[name]
            changes.append(f"turn “{labels[name]}” {'on' if after[name] else 'off'}")
            continue
        after[name] = (
            sampler.choice([o for o in definition["options"] if o != before[name]])
            if "options" in definition
            else replacement["email" if name == "email" else "first"]
        )
        changes.append(f"set “{labels[name]}” to {after[name]}")
    spec["forms"]["settings"] = form
    spec["tables"] = {"profile": {"records": [before]}}
    goal: dict[str, Any] = {"records": [{"table": "profile", "match": after}]}
    login = ""
    if sampler.level >= 3:
        account = {
            "username": sampler.fake.user_name(),
            "password": sampler.fake.password(length=10, special_chars=False),
        }
        spec["tables"]["accounts"] = {"records": [account]}
        spec["login"] = {"table": "accounts", "by": ["username", "password"]}
        form["private"], goal["user"] = True, account["username"]
        login = f" Log in as {account['username']} with the password {account['password']}."
    return TaskDraft(f"In the settings, {listed(changes)}; leave everything else as it is.{login}", spec, goal)


KINDS: dict[str, Callable[[Sampler], TaskDraft]] = {"register": register, "contact": contact, "settings": settings}
"""Kinds of form tasks, by name."""

"""Domains of procedural databases: tables, columns and the generators of their cells. Data, no SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from faker import Faker
from numpy.random import Generator

Role = Literal["id", "name", "text", "category", "number", "year", "date", "ref"]


@dataclass(frozen=True, slots=True)
class Column:
    """A kind of column; `label` is its name in English.

    `low` to `high` bound numbers, and the years of dates; `gaps` is the share of NULLs, 0 to 1.
    """

    name: str
    label: str
    role: Role
    type: str
    values: tuple[str, ...] = ()
    fill: Callable[[Faker, Generator], str] | None = None
    low: float = 0
    high: float = 0
    gaps: float = 0.0
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of table; `one` and `many` are its rows in English.

    `size` scales the number of rows. The first column is the primary key, the second names a row.
    """

    name: str
    one: str
    many: str
    columns: tuple[Column, ...]
    size: float = 1.0

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(c for c in self.columns if c.name == name)

    @property
    def key(self) -> Column:
        """The primary key."""
        return self.columns[0]

    @property
    def name_column(self) -> Column:
        """The column whose value names a row in English."""
        return self.columns[1]

    @property
    def refs(self) -> tuple[Column, ...]:
        """The columns that refer to other tables."""
        return tuple(c for c in self.columns if c.role == "ref")


@dataclass(frozen=True, slots=True)
class Domain:
    """Tables in an order in which each comes after those it refers to."""

    name: str
    tables: tuple[Table, ...]


def key(name: str) -> Column:
    """The primary key; MySQL assigns its values."""
    return Column(name, name.replace("_", " "), "id", "INT")


def person(name: str = "name", label: str = "name") -> Column:
    """A person's name, by which rows are known."""
    return Column(name, label, "name", "VARCHAR(80)", fill=lambda fake, _: fake.name())


def title(fill: Callable[[Faker, Generator], str], name: str = "name", label: str = "name") -> Column:
    """A name or title from `fill`, by which rows are known."""
    return Column(name, label, "name", "VARCHAR(100)", fill=fill)


def one_of(name: str, label: str, *values: str, gaps: float = 0.0) -> Column:
    """A category: one of these values."""
    return Column(name, label, "category", "VARCHAR(40)", values=values, gaps=gaps)


def count(name: str, label: str, low: int, high: int, gaps: float = 0.0) -> Column:
    """A whole number."""
    return Column(name, label, "number", "INT", low=low, high=high, gaps=gaps)


def year(name: str, label: str, low: int, high: int) -> Column:
    """A number that is compared but never added up."""
    return Column(name, label, "year", "INT", low=low, high=high)


def amount(name: str, label: str, low: float, high: float, gaps: float = 0.0) -> Column:
    """A number with two decimals."""
    return Column(name, label, "number", "DECIMAL(10,2)", low=low, high=high, gaps=gaps)


def day(name: str, label: str, first: int, last: int, gaps: float = 0.0) -> Column:
    """A date from the year `first` to the year `last`."""
    return Column(name, label, "date", "DATE", low=first, high=last, gaps=gaps)


def text(name: str, label: str, fill: Callable[[Faker, Generator], str], gaps: float = 0.0) -> Column:
    """Free text from `fill`."""
    return Column(name, label, "text", "VARCHAR(120)", fill=fill, gaps=gaps)


def ref(name: str, label: str, table: str) -> Column:
    """A reference to the primary key of another table, which has the same name."""
    return Column(name, label, "ref", "INT", ref=table)


def pair(first: tuple[str, ...], second: tuple[str, ...]) -> Callable[[Faker, Generator], str]:
    """Two-word titles."""
    return lambda _, rng: f"{first[int(rng.integers(len(first)))]} {second[int(rng.integers(len(second)))]}"


def code(mark: str) -> Callable[[Faker, Generator], str]:
    """Codes such as LR-4711."""
    return lambda _, rng: f"{mark}-{int(rng.integers(1000, 10000))}"


def _email(fake: Faker, _: Generator) -> str:
    return fake.email()


def _company(fake: Faker, _: Generator) -> str:
    return fake.company()


CITIES = ("Lisbon", "Oslo", "Toronto", "Nairobi", "Kyoto", "Lima", "Dublin", "Prague")

SHOP = Domain("shop", (
    Table("products", "product", "products", (
        key("product_id"),
        title(pair(("Oak", "Steel", "Linen", "Classic", "Compact", "Nordic", "Urban", "Vintage", "Bamboo", "Copper"),
                   ("Lamp", "Chair", "Kettle", "Backpack", "Mirror", "Desk", "Blanket", "Clock", "Vase", "Shelf"))),
        one_of("category", "category", "Kitchen", "Office", "Bedroom", "Outdoor", "Lighting"),
        amount("price", "price", 5, 400), count("stock", "stock", 1, 200),
        one_of("supplier_country", "supplier country", "Portugal", "Sweden", "Vietnam", "Poland", gaps=0.1))),
    Table("customers", "customer", "customers", (
        key("customer_id"), person(), text("email", "email address", _email, gaps=0.12),
        one_of("city", "city", *CITIES),
        day("joined_on", "joining date", 2016, 2025), count("loyalty_points", "number of loyalty points", 10, 900))),
    Table("orders", "order", "orders", (
        key("order_id"), title(code("ORD"), "code", "code"), ref("customer_id", "customer", "customers"),
        ref("product_id", "product", "products"), count("quantity", "quantity", 1, 12),
        one_of("status", "status", "pending", "shipped", "delivered", "cancelled"),
        day("ordered_on", "order date", 2023, 2025)), 1.6),
    Table("reviews", "review", "reviews", (
        key("review_id"), title(code("REV"), "code", "code"), ref("product_id", "product", "products"),
        ref("customer_id", "customer", "customers"), count("stars", "number of stars", 1, 5),
        count("helpful_votes", "number of helpful votes", 1, 60, gaps=0.1),
        day("written_on", "writing date", 2023, 2025)), 1.2),
))  # fmt: skip

CLINIC = Domain("clinic", (
    Table("doctors", "doctor", "doctors", (
        key("doctor_id"), person(),
        one_of("specialty", "specialty", "cardiology", "paediatrics", "dermatology", "surgery"),
        count("experience_years", "number of years of experience", 1, 40), amount("fee", "fee", 40, 300),
        text("phone_extension", "phone extension", lambda _, rng: str(int(rng.integers(100, 1000))), gaps=0.15)), 0.6),
    Table("patients", "patient", "patients", (
        key("patient_id"), person(), day("born_on", "date of birth", 1940, 2018),
        one_of("blood_type", "blood type", "A+", "A-", "B+", "0+", "AB+", gaps=0.1), one_of("city", "city", *CITIES),
        one_of("insurer", "insurer", "MediPlan", "HealthFirst", "CareUnion", gaps=0.1))),
    Table("appointments", "appointment", "appointments", (
        key("appointment_id"), title(code("APT"), "code", "code"), ref("doctor_id", "doctor", "doctors"),
        ref("patient_id", "patient", "patients"), day("held_on", "date", 2023, 2025),
        count("minutes", "length in minutes", 10, 90),
        one_of("outcome", "outcome", "completed", "missed", "referred")), 1.6),
))  # fmt: skip

SCHOOL = Domain("school", (
    Table("teachers", "teacher", "teachers", (
        key("teacher_id"), person(), one_of("department", "department", "Science", "Languages", "Arts", "History"),
        day("hired_on", "hiring date", 2000, 2024), amount("salary", "salary", 28000, 70000)), 0.6),
    Table("courses", "course", "courses", (
        key("course_id"),
        title(pair(("Advanced", "Introductory", "Applied", "Practical", "Honours", "Evening"),
                   ("Algebra", "Biology", "Poetry", "French", "Robotics", "Geography", "Painting", "Economics")),
                   "title", "title"),
        ref("teacher_id", "teacher", "teachers"), count("credits", "number of credits", 2, 12),
        count("seats", "number of seats", 10, 60), one_of("room", "room", "A101", "B204", "C310", "D015", gaps=0.1)),
        0.8),
    Table("students", "student", "students", (
        key("student_id"), person(), year("grade_level", "grade level", 7, 12), one_of("city", "city", *CITIES),
        day("enrolled_on", "enrolment date", 2018, 2025), text("guardian", "guardian", lambda f, _: f.name(),
        gaps=0.15))),
    Table("enrollments", "enrollment", "enrollments", (
        key("enrollment_id"), title(code("ENR"), "code", "code"), ref("student_id", "student", "students"),
        ref("course_id", "course", "courses"), count("score", "score", 40, 100, gaps=0.1),
        one_of("term", "term", "spring", "summer", "autumn")), 1.8),
))  # fmt: skip

LOGISTICS = Domain("logistics", (
    Table("warehouses", "warehouse", "warehouses", (
        key("warehouse_id"), title(lambda f, _: f"{f.last_name()} Depot"),
        one_of("country", "country", "Spain", "Kenya", "Chile", "Japan"),
        count("capacity", "capacity", 500, 9000), amount("monthly_rent", "monthly rent", 900, 9000)), 0.5),
    Table("drivers", "driver", "drivers", (
        key("driver_id"), person(), one_of("licence", "licence class", "B", "C", "CE"),
        count("trips", "number of trips", 5, 800), day("hired_on", "hiring date", 2010, 2025),
        text("phone", "phone number", lambda f, _: f.numerify("555-####"), gaps=0.12)), 0.7),
    Table("shipments", "shipment", "shipments", (
        key("shipment_id"), title(code("SHP"), "tracking_code", "tracking code"),
        ref("warehouse_id", "warehouse", "warehouses"),
        ref("driver_id", "driver", "drivers"), amount("weight_kg", "weight in kilograms", 2, 900),
        amount("cost", "cost", 10, 2000), one_of("status", "status", "loading", "in transit", "delivered", "returned"),
        day("sent_on", "sending date", 2023, 2025, gaps=0.1)), 1.6),
))  # fmt: skip

LIBRARY = Domain("library", (
    Table("authors", "author", "authors", (
        key("author_id"), person(), one_of("country", "country", "Ireland", "Brazil", "India", "Canada", gaps=0.1),
        year("birth_year", "year of birth", 1885, 1930)), 0.6),
    Table("books", "book", "books", (
        key("book_id"),
        title(pair(("The Silent", "A Winter", "The Last", "Beyond the", "The Glass", "Under the", "An Honest",
            "The Red"),
                   ("River", "Harbour", "Garden", "Mountain", "Letter", "Orchard", "Bridge", "Island", "Station")),
                   "title", "title"),
        ref("author_id", "author", "authors"), one_of("genre", "genre", "mystery", "history", "poetry", "romance"),
        count("pages", "number of pages", 80, 900), year("published", "year of publication", 1950, 2024),
        count("copies", "number of copies", 1, 15, gaps=0.1))),
    Table("members", "member", "members", (
        key("member_id"), person(), one_of("plan", "plan", "basic", "family", "student"),
        day("joined_on", "joining date", 2015, 2025), text("email", "email address", _email, gaps=0.15)), 0.8),
    Table("loans", "loan", "loans", (
        key("loan_id"), title(code("LN"), "code", "code"), ref("book_id", "book", "books"),
        ref("member_id", "member", "members"),
        day("taken_on", "start date", 2023, 2024), day("returned_on", "return date", 2025, 2025, gaps=0.25),
        amount("fine", "fine", 1, 25, gaps=0.3)), 1.5),
))  # fmt: skip

COMPANY = Domain("company", (
    Table("departments", "department", "departments", (
        key("department_id"), title(pair(("Global", "Internal", "Digital", "Regional", "Central"),
                                         ("Marketing", "Finance", "Legal", "Research", "Support", "Logistics"))),
        one_of("city", "city", *CITIES), amount("budget", "budget", 20000, 900000)), 0.5),
    Table("employees", "employee", "employees", (
        key("employee_id"), person(), ref("department_id", "department", "departments"),
        one_of("position", "position", "analyst", "engineer", "manager", "assistant"),
        amount("salary", "salary", 25000, 120000), day("hired_on", "hiring date", 2008, 2025),
        text("email", "email address", _email, gaps=0.1))),
    Table("leave_requests", "leave request", "leave requests", (
        key("request_id"), title(code("LR"), "code", "code"), ref("employee_id", "employee", "employees"),
        count("days", "number of days", 1, 25), one_of("reason", "reason", "holiday", "illness", "training"),
        one_of("status", "status", "approved", "open", "rejected"), day("starts_on", "start date", 2024, 2026)), 1.4),
))  # fmt: skip

HOTEL = Domain("hotel", (
    Table("rooms", "room", "rooms", (
        key("room_id"), title(lambda _, rng: f"{'ABCDE'[int(rng.integers(5))]}{int(rng.integers(100, 500))}", "door",
            "door number"),
        one_of("kind", "kind", "single", "double", "suite", "studio"), amount("nightly_rate", "nightly rate", 50, 420),
        count("beds", "number of beds", 1, 5), one_of("view", "view", "sea", "garden", "street", gaps=0.1)), 0.8),
    Table("guests", "guest", "guests", (
        key("guest_id"), person(), one_of("country", "country", "Spain", "Norway", "Mexico", "Korea", "Egypt"),
        count("stays", "number of earlier stays", 1, 30),
        text("phone", "phone number", lambda f, _: f.numerify("555-####"), gaps=0.15))),
    Table("bookings", "booking", "bookings", (
        key("booking_id"), title(code("BK"), "code", "code"), ref("room_id", "room", "rooms"),
        ref("guest_id", "guest", "guests"),
        day("arrives_on", "arrival date", 2024, 2026), count("nights", "number of nights", 1, 14),
        one_of("channel", "channel", "website", "phone", "agency")), 1.5),
))  # fmt: skip

CINEMA = Domain("cinema", (
    Table("films", "film", "films", (
        key("film_id"), title(pair(("Midnight", "Lost", "Golden", "Broken", "Electric", "Hidden", "Paper", "Distant"),
                                   ("Horizon", "Empire", "Summer", "Shadows", "Signal", "Carnival", "Voices")),
                                   "title", "title"),
        one_of("genre", "genre", "drama", "comedy", "thriller", "animation"),
        count("minutes", "running time in minutes", 70, 190),
        year("released", "year of release", 1980, 2025), amount("rating", "rating", 2, 10, gaps=0.1))),
    Table("screens", "screen", "screens", (
        key("screen_id"), title(lambda f, _: f"{f.last_name()} Hall"), count("seats", "number of seats", 200, 400),
        one_of("sound", "sound system", "stereo", "Atmos", "DTS")), 0.5),
    Table("showings", "showing", "showings", (
        key("showing_id"), title(code("SH"), "code", "code"), ref("film_id", "film", "films"),
        ref("screen_id", "screen", "screens"),
        day("shown_on", "date", 2024, 2025), count("tickets", "number of tickets sold", 5, 200),
        amount("price", "price", 6, 22)), 1.6),
))  # fmt: skip

CLUB = Domain("sports club", (
    Table("teams", "team", "teams", (
        key("team_id"), title(lambda f, _: f"{f.last_name()} United"), one_of("city", "city", *CITIES),
        year("founded", "founding year", 1890, 2015),
        count("points", "number of points", 5, 99)), 0.6),
    Table("players", "player", "players", (
        key("player_id"), person(), ref("team_id", "team", "teams"),
        one_of("position", "position", "goalkeeper", "defender", "midfielder", "forward"),
        count("goals", "number of goals", 1, 45), year("shirt_number", "shirt number", 1, 99),
        day("born_on", "date of birth", 1985, 2007),
        one_of("nationality", "nationality", "Danish", "Ghanaian", "Chilean", "Croatian", gaps=0.1))),
    Table("injuries", "injury", "injuries", (
        key("injury_id"), title(code("INJ"), "code", "code"), ref("player_id", "player", "players"),
        one_of("part", "part of the body", "knee", "ankle", "shoulder", "back"),
        count("days_out", "number of days out", 2, 120),
        day("happened_on", "date", 2023, 2025)), 1.0),
))  # fmt: skip

ENERGY = Domain("energy", (
    Table("plants", "power plant", "power plants", (
        key("plant_id"), title(lambda f, _: f"{f.last_name()} Power Station"),
        one_of("source", "energy source", "wind", "solar", "hydro", "gas"),
        amount("capacity_mw", "capacity in megawatts", 5, 900), year("opened", "opening year", 1960, 2024),
        text("operator", "operator", _company, gaps=0.1))),
    Table("inspections", "inspection", "inspections", (
        key("inspection_id"), title(code("INS"), "code", "code"), ref("plant_id", "power plant", "plants"),
        text("inspector", "inspector", lambda f, _: f.name()),
        one_of("result", "result", "passed", "failed", "follow-up"),
        count("defects", "number of defects", 1, 30, gaps=0.15), day("held_on", "date", 2022, 2025)), 1.5),
))  # fmt: skip

DOMAINS = (SHOP, CLINIC, SCHOOL, LOGISTICS, LIBRARY, COMPANY, HOTEL, CINEMA, CLUB, ENERGY)

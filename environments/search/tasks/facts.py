# ruff: noqa: E501 - tables: one row a line
"""The facts that made-up pages tell, by type of page: attributes with a value, and links that lead to another page.

In sentences {s} is the subject of the page (`the company`), {v} the value; in questions {x} is what the question is about.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Type = Literal["person", "company", "drug", "case", "conference"]
Value = Literal["year", "date", "number", "city"]


class Attribute(NamedTuple):
    """A fact with a value between `low` and `high`.

    `question` shares words with the sentence, `paraphrase` does not. `keyword` stands in the sentence. `less` and `more` ask
    which of two has the smaller or larger value; '' where values have no order.
    """

    type: Type
    name: str
    kind: Value
    low: int
    high: int
    unit: str
    sentences: tuple[str, str]
    question: str
    paraphrase: str
    keyword: str
    less: str = ""
    more: str = ""


class Link(NamedTuple):
    """A fact that leads to another page. `noun` is the other page in words: `the founder of {x}`."""

    type: Type
    name: str
    target: Type
    sentence: str
    question: str
    noun: str
    keyword: str


SUBJECTS: dict[Type, str] = {
    "person": "{last}", "company": "the company", "drug": "the medicine", "case": "the case", "conference": "the meeting",
}  # fmt: skip
"""How the sentences of a page name what it is about; {last} is the last word of the title."""
KINDS: dict[Type, str] = {
    "person": "people", "company": "companies", "drug": "medicines", "case": "court cases", "conference": "meetings",
}  # fmt: skip

ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("person", "born", "date", 1920, 1990, "", ("{s} was born on {v}.", "Parish records show that {s} was born on {v}."), "When was {x} born?", "What is the birthday of {x}?", "born", "Who was born first, {x} or {y}?", "Who was born last, {x} or {y}?"),
    Attribute("person", "birthplace", "city", 0, 0, "", ("{s} grew up in {v}.", "The family lived in {v}, where {s} grew up."), "Where did {x} grow up?", "In which town did {x} spend the years of childhood?", "grew up"),
    Attribute("person", "papers", "number", 12, 400, "", ("{s} has published {v} papers.", "By the last count {s} had published {v} papers."), "How many papers has {x} published?", "How many scholarly articles did {x} write?", "papers", "Who published fewer papers, {x} or {y}?", "Who published more papers, {x} or {y}?"),
    Attribute("company", "founded", "year", 1880, 2015, "", ("{s} was founded in {v}.", "{s}, which was founded in {v}, began in a rented hall."), "In which year was {x} founded?", "When did {x} come into being?", "founded", "Which was founded earlier, {x} or {y}?", "Which was founded later, {x} or {y}?"),
    Attribute("company", "seat", "city", 0, 0, "", ("{s} has its headquarters in {v}.", "Its headquarters are in {v}."), "In which town are the headquarters of {x}?", "From which town is {x} run?", "headquarters"),
    Attribute("company", "staff", "number", 40, 90_000, "", ("{s} has {v} employees.", "According to its last report {s} has {v} employees."), "What is the number of employees of {x}?", "How large is the staff of {x}?", "employees", "Which has fewer employees, {x} or {y}?", "Which has more employees, {x} or {y}?"),
    Attribute("drug", "approved", "date", 1960, 2022, "", ("{s} was approved on {v}.", "After two trials {s} was approved on {v}."), "When was {x} approved?", "On which day did {x} get its licence?", "approved", "Which was approved first, {x} or {y}?", "Which was approved last, {x} or {y}?"),
    Attribute("drug", "dose", "number", 2, 950, "mg", ("The usual daily dose is {v} mg.", "Adults take a daily dose of {v} mg."), "What is the daily dose of {x} in mg?", "How many milligrams of {x} do adults take each day?", "daily dose", "Which has the smaller daily dose, {x} or {y}?", "Which has the larger daily dose, {x} or {y}?"),
    Attribute("drug", "half_life", "number", 2, 96, "hours", ("Its half-life is {v} hours.", "In healthy volunteers the half-life was {v} hours."), "What is the half-life of {x} in hours?", "After how many hours has half of {x} left the body?", "half-life", "Which has the shorter half-life, {x} or {y}?", "Which has the longer half-life, {x} or {y}?"),
    Attribute("case", "decided", "date", 1930, 2020, "", ("{s} was decided on {v}.", "After four days of hearings {s} was decided on {v}."), "When was {x} decided?", "On which day did the court rule in {x}?", "decided", "Which was decided first, {x} or {y}?", "Which was decided last, {x} or {y}?"),
    Attribute("case", "damages", "number", 1_000, 5_000_000, "dollars", ("The court awarded damages of {v} dollars.", "Damages of {v} dollars were awarded."), "What damages were awarded in {x}, in dollars?", "How many dollars did the winning side in {x} get?", "damages", "In which were the damages lower, {x} or {y}?", "In which were the damages higher, {x} or {y}?"),
    Attribute("case", "court", "city", 0, 0, "", ("It was heard by the district court of {v}.", "{s} came before the district court of {v}."), "The district court of which town heard {x}?", "In which town was {x} argued?", "district court"),
    Attribute("conference", "held", "date", 1970, 2023, "", ("{s} was held on {v}.", "It was held on {v}, a week later than planned."), "When was {x} held?", "On which day did people gather for {x}?", "held", "Which was held first, {x} or {y}?", "Which was held last, {x} or {y}?"),
    Attribute("conference", "attendance", "number", 60, 20_000, "", ("It was attended by {v} delegates.", "{s} was attended by {v} delegates."), "By how many delegates was {x} attended?", "How many people came to {x}?", "delegates", "Which was attended by fewer delegates, {x} or {y}?", "Which was attended by more delegates, {x} or {y}?"),
    Attribute("conference", "venue", "city", 0, 0, "", ("{s} took place at the old exchange of {v}.", "The old exchange of {v} was the venue."), "At the old exchange of which town did {x} take place?", "Which town hosted {x}?", "old exchange"),
)  # fmt: skip

LINKS: tuple[Link, ...] = (
    Link("person", "employer", "company", "{s} works for {v}.", "For which company does {x} work?", "the employer of {x}", "works for"),
    Link("person", "mentor", "person", "{s} was taught by {v}.", "By whom was {x} taught?", "the teacher of {x}", "taught"),
    Link("company", "founder", "person", "{s} owes its first product to its founder, {v}.", "Who is the founder of {x}?", "the founder of {x}", "founder"),
    Link("company", "owner", "company", "{s} is owned by {v}.", "Which company owns {x}?", "the owner of {x}", "owned by"),
    Link("drug", "maker", "company", "{s} is made by {v}.", "By which company is {x} made?", "the maker of {x}", "made by"),
    Link("drug", "discoverer", "person", "{s} was discovered by {v}.", "By whom was {x} discovered?", "the discoverer of {x}", "discovered"),
    Link("case", "judge", "person", "The judge was {v}.", "Who was the judge in {x}?", "the judge in {x}", "judge"),
    Link("case", "defendant", "company", "The defendant was {v}.", "Which company was the defendant in {x}?", "the defendant in {x}", "defendant"),
    Link("conference", "speaker", "person", "The opening speech was given by {v}.", "Who gave the opening speech at {x}?", "the opening speaker of {x}", "opening speech"),
    Link("conference", "sponsor", "company", "Its main sponsor was {v}.", "Which company was the main sponsor of {x}?", "the main sponsor of {x}", "sponsor"),
)  # fmt: skip

INTRODUCTIONS: dict[Type, tuple[str, ...]] = {
    "person": ("{x} is a researcher and adviser.", "{x} is known as a chemist and a patient editor.", "{x} is an economist by training."),
    "company": ("{x} is a privately held firm.", "{x} is a supplier of parts and services.", "{x} is a listed manufacturer."),
    "drug": ("{x} is a prescription medicine.", "{x} is a tablet for adults.", "{x} belongs to the second line of treatment."),
    "case": ("{x} is a decision on liability.", "{x} is a civil case that textbooks still cite.", "{x} concerned a contract that had been broken."),
    "conference": ("{x} is one of a series of professional meetings.", "{x} brought together practitioners and officials.", "{x} was a meeting of experts."),
}  # fmt: skip

ASIDES: dict[Type, tuple[str, ...]] = {
    "person": ("A profile of {year} calls {s} reserved.", "In {year} {s} declined a chair.", "{s} keeps a garden with {count} kinds of roses.", "The archive holds {count} letters by {s}.", "A portrait of {s} was shown in {year}.", "Colleagues remember {count} evenings of debate."),
    "company": ("A warehouse burned down in {year}.", "The logo dates from {year}.", "Its catalogue lists {count} items.", "Analysts visited the plant in {year}.", "About {count} suppliers took part in a survey.", "The canteen seats {count} people."),
    "drug": ("A leaflet of {year} was withdrawn.", "{count} pharmacies took part in a survey.", "A review of {year} found the evidence sound.", "The package holds {count} tablets.", "A generic version was discussed in {year}.", "Storage below 25 degrees is advised."),
    "case": ("A commentary appeared in {year}.", "The file has {count} pages.", "{count} witnesses were named.", "A later statute of {year} changed little.", "Lecturers have cited it since {year}.", "An appeal was considered and dropped."),
    "conference": ("The proceedings fill {count} pages.", "A plan of {year} named another place.", "{count} posters were shown.", "A follow-up was proposed for {year}.", "The programme listed {count} talks.", "Coffee was served in the courtyard."),
}  # fmt: skip
"""Sentences with years and numbers that answer nothing."""


def attributes(type: Type) -> tuple[Attribute, ...]:
    """The attributes of a type of page."""
    return tuple(a for a in ATTRIBUTES if a.type == type)


def links(type: Type) -> tuple[Link, ...]:
    """The links of a type of page."""
    return tuple(link for link in LINKS if link.type == type)

# ruff: noqa: E501 - a table: one row a line
"""The domains of procedural graphs: types, relations and attributes, each with its words for questions.

A relation's words describe its far end: `films directed by {x}`, `people who directed {x}`. Names follow Freebase's style.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Topic = Literal["films", "geography", "companies", "science", "sports"]


class Type(NamedTuple):
    """A type of entities. `share` (0 to 1) is its part of a graph's entities, `names` a key of `graph_builder.NAMES`."""

    name: str
    plural: str
    share: float
    names: str


class Relation(NamedTuple):
    """A relation with `few` to `many` objects for each subject; `forth` describes the objects, `back` the subjects.

    If a bar divides the words, the part before it goes with a name, the part behind it with a phrase in the plural.
    """

    name: str
    inverse: str
    domain: str
    range: str
    few: int
    many: int
    forth: str
    back: str


class Attribute(NamedTuple):
    """An attribute with values from `low` to `high` (for a date: years); `top` and `bottom` are its superlatives."""

    name: str
    domain: str
    kind: str
    low: int
    high: int
    top: str
    bottom: str


class Domain(NamedTuple):
    """One field of knowledge, as the schema of its graphs."""

    types: tuple[Type, ...]
    relations: tuple[Relation, ...]
    attributes: tuple[Attribute, ...]


_PERSON = Type("people.person", "people", 0.4, "person")
_COUNTRY = Type("location.country", "countries", 0.06, "country")
_CITY = Type("location.city", "cities", 0.15, "city")
_NATIONALITY = Relation(
    "people.person.nationality", "location.country.people", "people.person", "location.country", 1, 1,
    "that are home to {x}", "from {x}",
)  # fmt: skip
_BORN_IN = Relation(
    "people.person.place_of_birth", "location.city.people_born_here", "people.person", "location.city", 1, 1,
    "that are the birthplace of {x}|that are birthplaces of {x}", "born in {x}",
)  # fmt: skip
_IN_COUNTRY = Relation(
    "location.city.country", "location.country.cities", "location.city", "location.country", 1, 1,
    "that include {x}", "in {x}",
)  # fmt: skip
_BORN = Attribute("people.person.date_of_birth", "people.person", "date", 1890, 2004, "the youngest", "the oldest")
_HEIGHT = Attribute("people.person.height_cm", "people.person", "number", 150, 210, "the tallest", "the shortest")
_POPULATION = Attribute(
    "location.city.population", "location.city", "number", 4_000, 9_000_000, "the most populous", "the least populous"
)

DOMAINS: dict[Topic, Domain] = {
    "films": Domain(
        (
            Type("film.film", "films", 0.4, "film"),
            _PERSON,
            Type("film.studio", "film studios", 0.06, "studio"),
            Type("film.genre", "film genres", 0.08, "genre"),
            _COUNTRY,
        ),
        (
            Relation("film.film.directed_by", "film.director.films", "film.film", "people.person", 1, 1, "who directed {x}", "directed by {x}"),
            Relation("film.film.starring", "film.actor.films", "film.film", "people.person", 2, 5, "who acted in {x}", "starring {x}"),
            Relation("film.film.written_by", "film.writer.films_written", "film.film", "people.person", 1, 2, "who wrote {x}", "written by {x}"),
            Relation("film.film.studio", "film.studio.films", "film.film", "film.studio", 1, 1, "that produced {x}", "produced by {x}"),
            Relation("film.film.genre", "film.genre.films", "film.film", "film.genre", 1, 2, "of {x}", "of the genre {x}|of {x}"),
            _NATIONALITY,
        ),
        (
            Attribute("film.film.release_date", "film.film", "date", 1950, 2024, "the most recent", "the earliest"),
            Attribute("film.film.runtime_minutes", "film.film", "number", 70, 220, "the longest", "the shortest"),
            Attribute("film.film.gross_revenue", "film.film", "number", 100_000, 900_000_000, "the highest-grossing", "the lowest-grossing"),
            _BORN,
            _HEIGHT,
        ),
    ),
    "geography": Domain(
        (
            _COUNTRY._replace(share=0.15),
            _CITY._replace(share=0.4),
            Type("geography.river", "rivers", 0.15, "river"),
            Type("geography.mountain", "mountains", 0.15, "mountain"),
            Type("language.human_language", "languages", 0.1, "language"),
        ),
        (
            _IN_COUNTRY,
            Relation("location.country.capital", "location.city.capital_of", "location.country", "location.city", 1, 1, "that are the capital of {x}|that are capitals of {x}", "whose capital is {x}|whose capital is one of the {x}"),
            Relation("geography.river.flows_through", "location.city.rivers", "geography.river", "location.city", 1, 4, "on the banks of {x}", "that flow through {x}"),
            Relation("geography.mountain.country", "location.country.mountains", "geography.mountain", "location.country", 1, 1, "that are home to {x}", "in {x}"),
            Relation("location.country.official_language", "language.human_language.countries", "location.country", "language.human_language", 1, 2, "officially spoken in {x}", "with the official language {x}|with {x} for an official language"),
            Relation("location.city.administers", "location.city.administered_by", "location.city", "location.city", 0, 2, "administered by {x}", "that administer {x}"),
        ),
        (
            _POPULATION,
            Attribute("location.city.date_founded", "location.city", "date", 1000, 1950, "the most recently founded", "the oldest"),
            Attribute("location.country.area_km2", "location.country", "number", 900, 3_000_000, "the largest", "the smallest"),
            Attribute("geography.river.length_km", "geography.river", "number", 30, 4_000, "the longest", "the shortest"),
            Attribute("geography.mountain.elevation_m", "geography.mountain", "number", 700, 8_500, "the highest", "the lowest"),
        ),
    ),
    "companies": Domain(
        (
            Type("business.company", "companies", 0.3, "company"),
            _PERSON._replace(share=0.3),
            Type("business.product", "products", 0.2, "product"),
            Type("business.industry", "industries", 0.08, "industry"),
            _CITY._replace(share=0.1),
        ),
        (
            Relation("business.company.founders", "business.founder.companies_founded", "business.company", "people.person", 1, 2, "who founded {x}", "founded by {x}"),
            Relation("business.company.chief_executive", "business.executive.companies_led", "business.company", "people.person", 1, 1, "who lead {x}", "led by {x}"),
            Relation("business.company.headquarters", "location.city.companies_based_here", "business.company", "location.city", 1, 1, "that host the headquarters of {x}", "with headquarters in {x}"),
            Relation("business.company.industry", "business.industry.companies", "business.company", "business.industry", 1, 2, "of {x}", "in the industry {x}|in {x}"),
            Relation("business.company.products", "business.product.maker", "business.company", "business.product", 0, 4, "made by {x}", "that make {x}"),
            Relation("business.company.parent", "business.company.subsidiaries", "business.company", "business.company", 0, 1, "that own {x}", "owned by {x}"),
            _BORN_IN,
        ),
        (
            Attribute("business.company.date_founded", "business.company", "date", 1850, 2020, "the most recently founded", "the oldest"),
            Attribute("business.company.revenue", "business.company", "number", 200_000, 90_000_000_000, "the highest-earning", "the lowest-earning"),
            Attribute("business.company.employees", "business.company", "number", 5, 300_000, "the largest by number of employees", "the smallest by number of employees"),
            Attribute("business.product.price", "business.product", "number", 5, 5_000, "the most expensive", "the cheapest"),
            _BORN,
            _POPULATION,
        ),
    ),
    "science": Domain(
        (
            _PERSON,
            Type("science.field", "fields of research", 0.12, "field"),
            Type("education.university", "universities", 0.12, "university"),
            Type("award.award", "awards", 0.08, "award"),
            _CITY,
        ),
        (
            Relation("science.scientist.field", "science.field.scientists", "people.person", "science.field", 1, 2, "in which {x} worked", "who work on {x}"),
            Relation("people.person.alma_mater", "education.university.alumni", "people.person", "education.university", 1, 1, "where {x} studied", "who studied at {x}"),
            Relation("science.scientist.advisor", "science.scientist.students", "people.person", "people.person", 0, 1, "who advised {x}", "advised by {x}"),
            Relation("award.winner.awards_won", "award.award.winners", "people.person", "award.award", 0, 2, "won by {x}", "who won the {x}|who won {x}"),
            Relation("education.university.city", "location.city.universities", "education.university", "location.city", 1, 1, "that are home to {x}", "in {x}"),
            _BORN_IN,
        ),
        (
            _BORN,
            Attribute("education.university.date_founded", "education.university", "date", 1400, 1980, "the most recently founded", "the oldest"),
            Attribute("education.university.students", "education.university", "number", 900, 70_000, "the largest by number of students", "the smallest by number of students"),
            Attribute("award.award.prize_money", "award.award", "number", 1_000, 2_000_000, "the best endowed", "the least endowed"),
            _POPULATION,
        ),
    ),
    "sports": Domain(
        (
            Type("sports.team", "teams", 0.2, "team"),
            _PERSON._replace(share=0.5),
            Type("sports.stadium", "stadiums", 0.12, "stadium"),
            Type("sports.league", "leagues", 0.04, "league"),
            _CITY._replace(share=0.1),
            _COUNTRY._replace(share=0.04),
        ),
        (
            Relation("sports.athlete.team", "sports.team.roster", "people.person", "sports.team", 1, 1, "that have {x} on the roster", "who play for {x}"),
            Relation("sports.team.coach", "sports.coach.teams_coached", "sports.team", "people.person", 1, 1, "who coach {x}", "coached by {x}"),
            Relation("sports.team.league", "sports.league.teams", "sports.team", "sports.league", 1, 1, "with {x} among their teams|in which {x} compete", "that compete in the {x}|that compete in {x}"),
            Relation("sports.team.home_stadium", "sports.stadium.home_teams", "sports.team", "sports.stadium", 1, 1, "that are home to {x}", "that play at {x}"),
            Relation("sports.stadium.city", "location.city.stadiums", "sports.stadium", "location.city", 1, 1, "that are home to {x}", "in {x}"),
            _IN_COUNTRY,
            _NATIONALITY,
        ),
        (
            Attribute("sports.team.date_founded", "sports.team", "date", 1870, 2005, "the most recently founded", "the oldest"),
            Attribute("sports.stadium.capacity", "sports.stadium", "number", 1_500, 95_000, "the largest", "the smallest"),
            _BORN,
            _HEIGHT,
            _POPULATION,
        ),
    ),
}  # fmt: skip
"""Domains by name."""

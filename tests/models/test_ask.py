"""Asking a model for data: what is found in its text, what is sent back, and when it is given up."""

import pytest
from pydantic import BaseModel, RootModel

from simenv.errors import ModelError
from simenv.model import Request, ask, fit
from simenv.models.clients.scripted import scripted
from simenv.types import Message, Reply, Usage


class City(BaseModel):
    name: str
    people: int
    twin: "City | None" = None


class Cities(RootModel[list[City]]):
    pass


ROME = City(name="Rome", people=3)


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "Rome", "people": 3}',
        'Sure!\n```json\n{"name": "Rome",\n "people": 3}\n```\nAnything else?',
        '```\n{"name": "Rome", "people": 3}```',
        'The set {a, b} is [1]. I answer {"name": "Rome", "people": 3}.',
        '<think>{"name": "Oslo", "people": 1}</think>{"name": "Rome", "people": 3}',
        'Draft: {"name": "Oslo", "people": 1}\nFinal: {"name": "Rome", "people": 3}',
        '{"name": "Rome", "people": 3}\nUsed: {"tool": "atlas"}',
    ],
)
async def test_json_is_found_bare_fenced_and_amid_prose(text):
    assert await ask(scripted(text), "Which?", City) == ROME


async def test_a_list_is_a_shape_too():
    assert (await ask(scripted('Here: [{"name": "Rome", "people": 3}]'), "Which?", Cities)).root == [ROME]


async def test_an_answer_that_does_not_fit_is_sent_back_with_what_is_wrong():
    model = scripted('{"name": "Rome", "people": "many"}', "I cannot.", '{"name": "Rome", "people": 3}')
    assert await ask(model, "Which?", City) == ROME
    first, second, third = (request.messages for request in model.requests)
    assert first[0].content.startswith("Which?") and '"people"' in first[0].content
    assert second[1].content == '{"name": "Rome", "people": "many"}'
    assert "people: Input should be a valid integer" in second[2].content and "'many'" in second[2].content
    assert "no JSON object" in third[-1].content


async def test_it_is_given_up_with_the_reason_and_the_answer():
    with pytest.raises(
        ModelError, match=r"no City in 2 answers: people: Field required; the last was '\{\"name\": \"R"
    ):
        await ask(scripted('{"name": "Rome"}', '{"name": "Rome"}'), "Which?", City, tries=2)


def test_what_lies_inside_json_that_breaks_off_is_no_answer():
    value, violations = fit('{"name": "Oslo", "people": 1, "twin": {"name": "Rome", "people": 3}, "mo', City)
    assert value is None
    assert "Invalid JSON" in violations[0]


async def test_an_answer_that_was_cut_off_is_told_so():
    model = scripted(Reply(text='{"name": "Ro', finish="length"), '{"name": "Rome", "people": 3}')
    await ask(model, "Which?", City)
    assert "cut off" in model.requests[1].messages[-1].content


async def test_settings_of_a_request_are_kept_and_the_usage_of_all_tries_is_told():
    model = scripted("no", '{"name": "Rome", "people": 3}', usage=Usage(input_tokens=5, output_tokens=2))
    seen = []
    chat = (Message(role="system", content="You know cities."), Message(role="user", content="Which? {{ 7 * 7 }}"))
    await ask(model, Request(messages=chat, temperature=0.5, seed=3), City, spent=seen.append)
    assert all((r.temperature, r.seed) == (0.5, 3) for r in model.requests)
    assert model.requests[0].messages[0].content == "You know cities."
    assert "{{ 7 * 7 }}" in model.requests[0].messages[1].content
    assert sum(seen, Usage()) == Usage(input_tokens=10, output_tokens=4, calls=2)


def test_text_made_to_hurt_is_only_a_violation():
    for text in ('{"a":' * 100_000, "[" * 100_000, '{"name": "\\ud800", "people": 1e999}', "{" * 10_000):
        value, violations = fit(text, City)
        assert value is None and violations


SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "more": {}},
    "additionalProperties": False,
}
SCHEMA["properties"]["twin"] = {"$id": "twin", "$defs": {"city": {"enum": ["Oslo"]}}, "$ref": "#/$defs/city"}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('{"name": 3}', "$.name: 3 is not of type 'string'"),
        ('{"name": "Rome", "twin": "Bonn"}', "$.twin: 'Bonn' is not one of ['Oslo']"),
        ('{"name": "Rome", "more": NaN}', "NaN is no JSON value"),
        ('{"name": "Rome", "more": ' + "[" * 80 + "]" * 80 + "}", "nested deeper than 64 levels"),
        ('{"name": "Rome", "more": ' + "[" * 5000, "no JSON"),
        ("[]", "it holds no JSON object"),
    ],
)
def test_a_json_schema_is_a_shape_too(text, wrong):
    value, violations = fit(text, SCHEMA)
    assert value is None and any(wrong in v for v in violations)
    assert fit('{"name": "Rome", "twin": "Oslo"}', SCHEMA) == ({"name": "Rome", "twin": "Oslo"}, [])


def test_half_a_character_becomes_a_question_mark():
    assert fit('{"name": "R\\ud800me"}', SCHEMA)[0] == {"name": "R?me"}


async def test_what_a_check_finds_is_sent_back():
    async def faults(city):
        return [] if city.name == "Rome" else [f"{city.name} is not wanted"]

    model = scripted('{"name": "Oslo", "people": 1}', '{"name": "Rome", "people": 3}')
    assert await ask(model, "Which?", City, faults=faults) == ROME
    assert "Oslo is not wanted" in model.requests[1].messages[-1].content
    with pytest.raises(ModelError, match="no City in 1 answers: Oslo is not wanted"):
        await ask(scripted('{"name": "Oslo", "people": 1}'), "Which?", City, tries=1, faults=faults)

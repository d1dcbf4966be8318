"""Mind2Web: the elimination, the form of its questions, its metrics, and the expert answering them."""

import asyncio
import json
import re

import pytest
from numpy.random import default_rng

from simenv.env import Env
from simenv.plugins.environments.web.dialects import Mind2Web
from simenv.plugins.environments.web.engine.document import Document
from simenv.plugins.environments.web.engine.mind2web import (
    Rounds,
    action_f1,
    attribute_words,
    element_html,
    measure,
    page_html,
)
from simenv.plugins.environments.web.teacher import Teacher, WebExpert
from simenv.types import Action, Reply, Stop, Turn

from .conftest import Web

HTML = """<body><div><nav class="main-menu top"><a href="/a" title="Home Page">Home</a><a href="/b">Shop</a></nav>
<form><label>Type <select name="type"><option value="in" selected>Dine in</option><option>Pickup</option></select></label>
<input type="checkbox" checked aria-label="Only With An Extraordinarilylongwordhere Garden Terrace Seats And More"></form>
<p>one <b>two</b> three</p></div></body>"""
DOCUMENT = Document.read(HTML, "/")


def test_an_element_is_reduced_to_words():
    nodes = {e.label: e.node for e in DOCUMENT.elements}
    assert attribute_words(nodes["Home"]) == "home page"
    assert attribute_words(nodes["Type"]) == "type"
    box = next(e.node for e in DOCUMENT.elements if e.role == "checkbox")
    assert attribute_words(box) == "checkbox only with an garden terrace true"
    assert element_html(DOCUMENT, 2, 1) == "<select id=1 type> <option in true> Dine in </option> <option>"


def test_a_page_keeps_what_is_around_the_candidates():
    shown = page_html(DOCUMENT, [1, 2])
    assert shown.startswith("<html> <div> <nav main menu top> <a home page> Home </a> <a id=0> Shop </a> </nav>")
    assert "<select id=1 type>" in shown and shown.endswith("</html>")


def test_elimination_puts_the_chosen_back_to_the_end():
    rounds = Rounds.start("t", (), range(12))
    assert rounds.candidates == (0, 1, 2, 3, 4) and rounds.letters == tuple("ABCDEF")
    rounds = rounds.answer("C", "CLICK", "")
    assert rounds.candidates == (5, 6, 7, 8, 9) and rounds.pool == (10, 11, 1)
    rounds = rounds.answer("A", "CLICK", "")
    assert rounds.candidates == (10, 11, 1) and rounds.letter(1) == "B" and rounds.letter(5) == "A"
    rounds = rounds.answer("b", "TYPE", "x")
    assert rounds.complete and rounds.prediction == (1, "TYPE", "x")


def test_a_letter_that_is_not_offered_counts_as_none_of_the_above():
    rounds = Rounds.start("t", (), range(2))
    for letter in ("F", "", "?", "A"):
        after = rounds.answer(letter, "CLICK", "")
        assert after.complete and after.prediction is None


def test_a_question_has_the_form_of_the_recorded_ones(data):
    pattern = re.compile(
        r"'''\n<html> .* </html>\n'''\n\nBased on the HTML webpage above, try to complete the following task:\n"
        r"Task: [^\n]+\nPrevious actions:\n(?:None|(?:\[[^\n]+ -> (?:CLICK|SELECT|TYPE)[^\n]*\n)+)\n?"
        r"What should be the next action\? Please select from the following choices \(If the correct action is not in the page "
        r"above, please select A\. 'None of the above'\):\n\nA\. None of the above\n(?:[B-F]\. <[^\n]+\n?)+\Z"
    )
    recorded = [
        turn["content"] for record in json.loads((data / "agentinstruct" / "mind2web.json").read_text())
        for turn in record["conversations"] if "Based on the HTML" in turn["content"]
    ]  # fmt: skip
    assert recorded and all(pattern.fullmatch(text) for text in recorded)
    for done in ((), ("[link]  Home -> CLICK", "[textbox]  Name -> TYPE: Ann")):
        assert pattern.fullmatch(Rounds.start("Find it.", done, range(4)).question(DOCUMENT))


def test_recorded_replies_are_read(data):
    dialect = Mind2Web(Web.actions)
    action = (
        dialect.parse(Reply(text="Thought: I need it.\nAnswer: C.\nAction: SELECT\nValue: Pickup")).spoken[0].action
    )
    assert action == Action(name="select", arguments={"element": "C", "option": "Pickup"})
    assert dialect.parse(Reply(text="no idea")).spoken[0].action == Action(name="click", arguments={"element": "A"})
    for record in json.loads((data / "agentbench" / "mind2web" / "llm_prompt_cot.json").read_text()):
        if record["role"] == "agent":
            assert dialect.parse(Reply(text=record["content"])).spoken[0].action.arguments["element"] in "ABCDEF"


@pytest.mark.parametrize(
    "predicted, wanted, f1",
    [
        ("", "", 1.0),
        ("CLICK", "CLICK", 1.0),
        ("CLICK", "TYPE x", 0.0),
        ("TYPE a b", "TYPE a c", 2 / 3),
        ("TYPE a", "TYPE a b c", 2 / 3),
    ],
)
def test_action_f1(predicted, wanted, f1):
    assert action_f1(predicted, wanted) == pytest.approx(f1)


def test_the_three_metrics():
    steps = [
        ((3, "CLICK", ""), [3], "CLICK"),
        ((3, "TYPE", "a b"), [3], "TYPE a c"),
        ((4, "CLICK", ""), [3, 5], "CLICK"),
        (None, [3], "CLICK"),
    ]
    result = measure(steps)
    assert (result.element_acc, result.step_sr) == (0.5, 0.25)
    assert result.action_f1 == pytest.approx((1 + 2 / 3 + 1 + 0) / 4)


async def play(example):
    world = Web(Web.Options(observe="choices"))
    dialect = Mind2Web(Web.actions)
    env = Env(world, dialect)
    view = await env.reset(example)
    while env.stop is None:
        assert len(view.messages) == 2
        move = WebExpert().plan(world, example)[0]
        reply = dialect.render(move, env.turn)
        assert dialect.parse(reply).spoken[0].action == move.action
        blob = world.save()
        world.load(blob)
        await env.step(Turn(**dict(reply)), view)
        view = env.view()
    return env


@pytest.mark.parametrize("kind", ["contact", "settings", "register", "flight", "buy", "hotel"])
def test_the_expert_answers_question_by_question(kind):
    example = Teacher(Teacher.Options(kinds=(kind,))).make(kind, default_rng(3))
    env = asyncio.run(play(example))
    assert env.stop is Stop.done and asyncio.run(env.grade()).success
    assert any(" -> TYPE: " in m.content for m in env.messages)


def test_an_action_by_number_asks_about_the_new_page(visit):
    shop = visit(observe="choices")
    shop.click(5).act("search", query="kettle").act("go_back")
    assert (
        shop.seen.text == shop.world.rounds.question(shop.world.tab.document)
        and "A. None of the above" in shop.seen.text
    )


def test_no_choice_at_all_is_an_invalid_step():
    async def refuse():
        world = Web(Web.Options(observe="choices"))
        await world.reset(Teacher(Teacher.Options(kinds=("contact",))).make("c", default_rng(1)))
        for _ in range(30):
            observation = await world.step(Action(name="click", arguments={"element": "A"}))
            if observation.invalid:
                return observation
        raise AssertionError("the rounds do not end")

    assert asyncio.run(refuse()).text.startswith("No element was chosen.")

# ruff: noqa: E501 (pages read better in one line)
"""Claims about a shop, written by hand as models make them, judged by the comparison; and the checker on real visits."""

import json
import re
import time
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.random import SeedSequence, default_rng

from simenv.compare import Transition
from simenv.plugins import environment
from simenv.plugins.environments.web.compare import PageComparison
from simenv.plugins.environments.web.flaws import WebFlaws
from simenv.types import Action, Flaw, Observation
from tests.helpers.comparisons import deep

from .conftest import SHOP

PAGES = PageComparison()


class Walk:
    """A visit whose last step is a scene."""

    def __init__(self, visit, **options):
        self.visit = visit(**options)
        self.before = self.visit.facts
        self.transition = None

    def act(self, name, **arguments):
        self.before = self.visit.facts
        self.visit.act(name, **arguments)
        self.transition = Transition(
            spec=SHOP,
            action=Action(name=name, arguments=arguments),
            before=self.before,
            after=self.visit.facts,
            truth=self.visit.seen,
        )
        return self

    @property
    def text(self):
        return self.transition.truth.text

    def judged(self, claim, **more):
        result = PAGES.observation(self.transition, Observation(text=claim, **more))
        return result.error or result.label


@pytest.fixture
def kettles(visit):
    """The results of a search, in the view that is asked for."""
    return lambda **options: Walk(visit, **options).act("search", query="kettle")


def test_the_page_that_the_claims_below_are_about(kettles):
    assert "<a id=15> Marlowe Steel Kettle </a> <p> $39.50, Kitchen, Marlowe, 4.2 / 5 </p>" in kettles().text
    assert (
        "Page 1 of 1 (2 results)" in kettles().text
        and "Page: Catalogue - Fern & Co (/search?q=kettle)" in kettles().text
    )


HARMLESS = [
    ("white space", lambda t: re.sub(r" (?=<)", "\n    ", t)),
    ("no white space", lambda t: t.replace("> ", ">").replace(" <", "<")),
    ("tags in capitals", lambda t: re.sub(r"<(/?)(\w+)", lambda m: f"<{m[1]}{m[2].upper()}", t)),
    ("quoted numbers", lambda t: re.sub(r"\bid=(\d+)", r"id='\1'", t)),
    ("attributes in another order", lambda t: t.replace("<input id=1 search Search q value=kettle />", "<input q Search search id=1 value=kettle />")),
    ("real HTML attributes", lambda t: t.replace("<input id=1 search Search q value=kettle />", '<input class="big" type="search" aria-label="Search" name="q" value="kettle" id="1" autocomplete="off">')),
    ("links with addresses", lambda t: t.replace("<a id=15>", '<a id="15" href="/item/p1" class="card">')),
    ("other wrappers", lambda t: t.replace("<main>", "<main><div class='x'><section>").replace("</main>", "</section></div></main>")),
    ("no wrappers", lambda t: re.sub(r"</?(p|li|ul|nav|header|main|label|form|form search)>", "", t)),
    ("headings as paragraphs", lambda t: re.sub(r"(</?)h1>", r"\1p>", t)),
    ("price without cents", lambda t: t.replace("$25.00", "$25")),
    ("price without a zero", lambda t: t.replace("$39.50", "$39.5")),
    ("an entity", lambda t: t.replace("Fern & Co </a>", "Fern &amp; Co&nbsp;</a>")),
    ("in one line", lambda t: t.replace("\n", " ")),
    ("rating", lambda t: t.replace("4.2 / 5", "4.20 / 5")),
    ("selected in words", lambda t: t.replace("<option selected>", '<option selected="selected">')),
    ("other quotes", lambda t: t.replace("“", '"').replace("”", '"')),
    ("a fence", lambda t: f"```html\n{t}\n```"),
    ("no header", lambda t: t.partition("\n")[2]),
    ("the address with a slash", lambda t: t.replace("(/search?q=kettle)", "(/search/?q=kettle&page=)")),
    ("a comment", lambda t: t.replace("<main>", "<main><!-- results -->")),
    ("unclosed paragraphs", lambda t: t.replace(" </p>", "").replace(" </li>", "")),
]  # fmt: skip


@pytest.mark.parametrize("change", [c for _, c in HARMLESS], ids=[n for n, _ in HARMLESS])
def test_what_differs_harmlessly_is_a_match(kettles, change):
    walk = kettles()
    claim = change(walk.text)
    assert claim != walk.text and walk.judged(claim) == "match"


def without(text, pattern):
    return re.sub(pattern, "", text, count=1)


BROKEN = [
    ("another price", lambda t: t.replace("$39.50", "$38.50"), "wrong_result"),
    ("price ten times", lambda t: t.replace("$25.00", "$250.0"), "wrong_result"),
    ("price without sign", lambda t: t.replace("$39.50", "39.5"), "wrong_result"),
    ("a comma in a number", lambda t: t.replace("Maximum price", "Maximum 1,6 price"), "wrong_result"),
    ("an image", lambda t: t.replace("<main>", '<main> <img alt="Steel" />'), "wrong_result"),
    ("a title", lambda t: t.replace("<p> $39.50", '<p title="Steel"> $39.50'), "wrong_result"),
    ("struck through", lambda t: t.replace("<p> $39.50, Kitchen, Marlowe, 4.2 / 5 </p>", "<del> $39.50, Kitchen, Marlowe, 4.2 / 5 </del>"), "wrong_result"),
    ("not displayed", lambda t: t.replace("<p> $39.50", '<p style="display: none"> $39.50'), "wrong_result"),
    ("hidden", lambda t: t.replace("<p> $39.50", "<p hidden> $39.50"), "wrong_result"),
    ("another count", lambda t: t.replace("(2 results)", "(3 results)"), "wrong_result"),
    ("numbers exchanged", lambda t: t.replace("id=15", "id=X").replace("id=16", "id=15").replace("id=X", "id=16"), "wrong_result"),
    ("numbers from one", lambda t: re.sub(r"id=(\d+)", lambda m: f"id={int(m[1]) + 1}", t), "wrong_result"),
    ("results exchanged", lambda t: t.replace("Marlowe Steel", "X").replace("Junia Glass", "Marlowe Steel").replace("X", "Junia Glass"), "wrong_result"),
    ("an item is gone", lambda t: without(t, r"<li> <a id=15>.*?</li>"), "wrong_result"),
    ("a button is gone", lambda t: without(t, r"<button id=2 submit> Search </button>"), "wrong_result"),
    ("a button is a link", lambda t: t.replace("<button id=2 submit> Search </button>", "<a id=2> Search </a>"), "wrong_result"),
    ("the field is empty", lambda t: t.replace(" value=kettle", ""), "wrong_result"),
    ("another option is chosen", lambda t: t.replace("<option selected> Any </option> <option> Home", "<option> Any </option> <option selected> Home"), "wrong_result"),
    ("an item of the shop that does not match", lambda t: t.replace("</ul> <", "<li> <a id=17> Junia Wall Clock </a> </li> </ul> <", 1) if "</ul> <" in t else t.replace("</ul>", "<li> <a id=17> Junia Wall Clock </a> </li> </ul>"), "wrong_result"),
    ("an item that does not exist", lambda t: t.replace("</ul>", "<li> <a id=17> Acme Copper Samovar </a> <p> $12.00 </p> </li> </ul>"), "invented"),
    ("an item of another name", lambda t: t.replace("Marlowe Steel Kettle", "Marlowe Titanium Samovar"), "invented"),
    ("a banner", lambda t: t.replace("<main>", "<main> <p> Summer discounts everywhere </p>"), "invented"),
    ("another address", lambda t: t.replace("(/search?q=kettle)", "(/cart)"), "wrong_result"),
    ("the page before", lambda t: None, "forgot_change"),
    ("an error", lambda t: "Error: no results page found", "refused_valid"),
    ("no such element", lambda t: "there is no element 'kettle' on this page; there are [0] link \"Home\"", "refused_valid"),
    ("JSON", lambda t: json.dumps({"title": "Catalogue", "items": ["Marlowe Steel Kettle"]}), "format"),
    ("plain words", lambda t: re.sub(r"<[^<>]*>", " ", t.partition("\n")[2]), "format"),
    ("Markdown", lambda t: "# Catalogue\n\n* Marlowe Steel Kettle: $39.50\n* Junia Glass Kettle: $25.00", "format"),
    ("nothing", lambda t: "", "format"),
    ("chat", lambda t: "I searched for kettles and found two results.", "out_of_character"),
    ("chat before", lambda t: f"Here is the page after your search:\n\n{t}", "out_of_character"),
    ("chat after", lambda t: f"{t}\n\nWould you like to see the details? Let me know!", "out_of_character"),
    ("apology", lambda t: "I'm sorry, I am unable to open web sites.", "out_of_character"),
]  # fmt: skip


@pytest.mark.parametrize("change, error", [(c, e) for _, c, e in BROKEN], ids=[n for n, *_ in BROKEN])
def test_what_is_wrong_is_a_drift_of_its_class(kettles, visit, change, error):
    walk = kettles()
    claim = change(walk.text)
    claim = visit().seen.text if claim is None else claim
    assert claim != walk.text and walk.judged(claim) == error


def test_the_tree_of_roles(kettles):
    walk = kettles(observe="tree")
    text = walk.text
    assert '[15] link "Marlowe Steel Kettle"' in text
    same = re.sub(r"^(\[\d+\] \w+)", lambda m: m[1].upper(), text, flags=re.M)
    assert walk.judged(same) == walk.judged(re.sub(r"^(?=\[)", "  - ", text, flags=re.M)) == "match"
    assert walk.judged(text.replace("$25.00", "$25")) == "match"
    assert (
        walk.judged("- " + text.replace("\n", "\n- "))
        == walk.judged(text.replace("value=kettle", 'value="kettle"'))
        == "match"
    )
    assert walk.judged(text.replace("[15] link", "[51] link")) == "wrong_result"
    assert walk.judged(text.replace("[2] button", "[2] link")) == "wrong_result"
    assert walk.judged(text.replace(" value=kettle", "")) == "wrong_result"
    assert walk.judged(text + '\n[99] link "Samovar Deluxe"') == "invented"
    assert walk.judged("Marlowe Steel Kettle, Junia Glass Kettle") == "format"


def test_the_text_of_webshop(kettles):
    walk = kettles(observe="text")
    text = walk.text
    assert walk.judged(text.replace(" [SEP] ", "\n[SEP]  ")) == walk.judged(text.replace("$39.50", "$39.5")) == "match"
    assert walk.judged(text.replace("$39.50", "$93.50")) == "wrong_result"
    assert walk.judged(text.replace(" [SEP] Junia Glass Kettle", "")) == "wrong_result"
    assert walk.judged(text + " [SEP] Samovar Deluxe") == "invented"
    assert walk.judged(text.replace(" [SEP] ", "\n")) == "match"
    assert walk.judged(text.replace(" [SEP] ", ", ")) == "format"
    assert walk.judged("Sure! " + text) == "out_of_character"


def test_the_multiple_choice(visit):
    walk = Walk(visit, observe="choices").act("click", element="A")
    text = walk.text
    assert "\nB. " in text
    assert walk.judged(text.replace("\n\n", "\n")) == "match"
    assert walk.judged(text.replace("\nB. ", "\nC. ", 1)) == "wrong_result"
    assert walk.judged(text + "\n\nI hope this helps.") == "out_of_character"


def test_a_value_that_was_typed_shows(visit):
    walk = Walk(visit).act("click", element="Contact").act("type", element="Email", text="ann@example.org")
    old = walk.text.replace(" value=ann@example.org", "")
    assert walk.judged(old) == "forgot_change"
    assert walk.judged(walk.text.replace("ann@", "bob@")) in ("wrong_result", "invented")
    assert PAGES.delta(walk.before, walk.visit.facts) == 1
    walk.act("type", element="Message", text="079 12")
    assert walk.judged(walk.text.replace("value=079 12", "value=79 12")) == "wrong_result"
    assert walk.judged(walk.text.replace("value=079 12", 'value="079 12"')) == "match"


def test_a_box_that_was_ticked_shows(visit):
    walk = Walk(visit).act("click", element="Contact").act("click", element="Send me a copy")
    assert " checked" in walk.text and walk.judged(walk.text.replace(" checked", "")) == "forgot_change"
    assert walk.judged(walk.text.replace(" checked", ' checked=""')) == "match"


def test_a_cart_that_was_not_filled(visit):
    walk = Walk(visit).act("click", element="Marlowe Steel Kettle").act("click", element="red")
    walk.act("select", element="Size", option="XL").act("click", element="Add to cart")
    assert "Cart (1)" in walk.text
    page = "Page: Cart - Fern & Co (/cart)\n<html> <header> <a id=0> Fern & Co </a> <form search> <input id=1 search Search q /> <button id=2 submit> Search </button> </form> <nav> <a id=3> Catalogue </a> <a id=4> About us </a> <a id=5> Contact </a> <a id=6> Settings </a> <a id=7> My orders </a> <a id=8> Cart (0) </a> <a id=9> Log in </a> </nav> </header> <main> <h1> Your cart </h1> <p> Your cart is empty. </p> </main> <p> Fern & Co </p> </html>"
    assert walk.judged(page) == "forgot_change"
    assert PAGES.delta(walk.before, walk.visit.facts) == 2


def test_refusals_are_compared_by_what_they_refuse(visit):
    walk = Walk(visit).act("click", element=99)
    assert walk.judged("There is no element 99 on this page.") == walk.judged("Error: element 99 not found") == "match"
    assert walk.judged("That is not possible.", invalid=True) == "match"
    assert walk.judged(visit().seen.text) == "accepted_malformed"
    assert walk.judged("Clicked element 99.") == "accepted_malformed"
    assert walk.judged("[99] is disabled") == "wrong_result"
    assert walk.judged('there is no element 99; there are [0] link "Samovar Deluxe"') == "invented"
    assert walk.judged("I cannot find element 99, sorry!") == "out_of_character"
    assert walk.judged("404 Not Found") == walk.judged(f"Error: {walk.text}") == "match"
    assert walk.judged("there is no element 99; the page has elements 0 to 14") == "match"
    assert walk.judged("there is no element 98 on this page") == "wrong_result"
    assert walk.judged("there is no element 99 on this page; there are 20 elements") == "wrong_result"
    assert walk.judged("there is no element 99 on this page, so the first link was clicked instead") == "wrong_result"
    assert walk.judged("there is no element 99 on this page. The cart was emptied.") == "out_of_character"
    assert walk.judged("there is no element 99 on this page; the search bar is element 7") == "unverifiable"
    assert walk.judged("Timeout: failed to load") == walk.judged("Error: the server is down") == "wrong_result"
    walk.act("click", element="Marlowe Steel Kettle").act("select", element="Size", option="XXXL")
    assert walk.text == "no option 'XXXL'; available: Choose …, S, M, L, XL, XXL"
    assert walk.judged("no option 'XXXL'") == walk.judged("no option 'XXXL'; available: S, M, L") == "match"
    assert walk.judged("no option 'XXXL'; available: S, M, Tiny") == "wrong_result"
    assert walk.judged("no option 'XL'; available: S, M, L") == "wrong_result"
    assert walk.judged("there is no element 9 on this page") == "wrong_result"
    walk.act("click", element=0)
    assert walk.judged(walk.text, invalid=True) == "refused_valid"


def test_an_answer_shows_nothing(visit):
    walk = Walk(visit).act("answer", text="done")
    assert walk.judged("") == "match" and walk.judged("Well done!") == "out_of_character"


def test_a_page_that_is_cut_is_compared_as_far_as_it_goes(visit):
    walk = Walk(visit, window=900).act("search", query="kettle")
    text = walk.text
    assert text.endswith("more characters below: scroll down]")
    whole = visit().act("search", query="kettle").seen.text
    assert walk.judged(whole) == walk.judged(re.sub(r"\[\d+ more", "[17 more", text)) == "match"
    assert walk.judged(text.replace("Search q", "Find q")) != "match"
    assert walk.judged(text[:300]) == walk.judged(text.rpartition("\n")[0]) == "wrong_result"
    assert walk.judged(whole.replace("$25.00", "$26.00")) == "wrong_result"
    assert walk.judged(whole.replace("</html>", "<p> and a kettle </p> </html>")) == "wrong_result"
    walk.act("scroll", direction="down")
    assert walk.judged(walk.text) == walk.judged(walk.text + " ") == "match"
    assert walk.judged(walk.text.replace("$25.00", "$26.00")) == "wrong_result"


def test_states_are_compared_by_what_counts(visit):
    walk = Walk(visit).act("click", element="Marlowe Steel Kettle").act("click", element="red")
    walk.act("select", element="Size", option="XL").act("click", element="Add to cart")
    transition, after = walk.transition, walk.visit.facts
    assert PAGES.state(transition, after).label == "match"
    assert PAGES.state(transition, {"site": after["site"], "url": "/cart"}).label == "match"
    assert PAGES.state(transition, transition.before).error == "forgot_change"
    assert PAGES.state(transition, {**after, "site": transition.before["site"]}).error == "forgot_change"
    odd = {**after["site"], "cart": [{**after["site"]["cart"][0], "item": "samovar"}]}
    assert PAGES.state(transition, {**after, "site": odd}).error == "invented"
    twice = {**after["site"], "cart": after["site"]["cart"] * 2}
    assert PAGES.state(transition, {**after, "site": twice}).error == "wrong_result"
    assert PAGES.state(transition, "it is in the cart").error == "format"
    assert PAGES.state(transition, {**after, "url": "/cart/?q=&page="}).label == "match"
    assert PAGES.state(transition, {**after, "url": "/cart?page=1"}).label == "drift"
    walk.act("click", element="Settings")
    fields = [
        f | {"value": str(f["value"]).lower() if isinstance(f["value"], bool) else f["value"]}
        for f in walk.visit.facts["fields"]
    ]
    assert PAGES.state(walk.transition, {**walk.visit.facts, "fields": fields}).label == "match"


def test_arguments_and_names_are_checked_without_a_page():
    assert "no action" in PAGES.malformed(Action(name="hover", arguments={"element": 1}))
    assert PAGES.malformed(Action(name="click", arguments={}))
    assert PAGES.malformed(Action(name="scroll", arguments={"direction": "left"}))
    assert PAGES.malformed(Action(name="click", arguments={"element": 10**9})) == ""


HOSTILE = ["", "\0" * 999, "\ud800", "<div>" * 50_000, "<a id=1 " * 30_000, "<" * 200_000, "Page: " * 40_000, "Page: x (" * 20_000, "[1] a \"" * 30_000, "'''" * 60_000, "<select id=1>" + "<option>" * 50_000, "{" * 100_000, "[SEP]" * 50_000, "<a id=" + "9" * 100_000 + ">", "value=" * 50_000, "<input " + "a=b " * 60_000 + ">", "\n" * 200_000, "9" * 200_000]  # fmt: skip


@pytest.mark.parametrize("view", ["html", "tree", "text", "choices"])
def test_hostile_claims_cost_little(visit, view):
    walk = Walk(visit, observe=view)
    walk.act("click", element="A") if view == "choices" else walk.act("search", query="kettle")
    for claim in HOSTILE:
        for text in (claim, walk.text + claim, claim + walk.text):
            began = time.process_time()
            walk.judged(text)
            assert time.process_time() - began < 2, claim[:20]


def test_hostile_states_cost_little(kettles):
    transition = kettles().transition
    for claim in (
        None,
        7,
        [],
        {},
        {"site": 7},
        {"site": {"cart": deep(), "tables": 1}},
        {"url": deep()},
        {"fields": deep()},
        {"fields": [{"name": "\ud800"}]},
        deep(),
    ):
        assert PAGES.state(transition, claim).label == "drift"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(claim=st.text(alphabet=st.sampled_from("ab1 <>/=\"'[]()\n\0\ud800$.,:é"), max_size=120))
def test_any_claim_is_judged(kettles, claim):
    walk = kettles()
    assert walk.judged(claim) != "match"
    walk.judged(walk.text[:200] + claim + walk.text[200:])


@pytest.mark.parametrize("view", ["html", "tree", "text"])
async def test_the_checker_on_real_visits(view):
    """What Flaws makes wrong is caught and what they vary is not, on steps of an expert."""
    env, flaws = environment("web"), WebFlaws()
    caught = 0
    for number in range(4):
        rng = default_rng(SeedSequence([3, number]))
        task = env.procedural().make(f"t{number}", rng)
        world = env.world(env.world.Options(observe=view))
        await world.reset(task)
        before = await world.state()
        for move in task.solution[:-1]:
            truth, after = await world.step(move.action), await world.state()
            transition = Transition(spec=task.spec, action=move.action, before=before, after=after, truth=truth)
            before = after
            assert PAGES.state(transition, flaws.restate(transition, rng)).label == "match"
            assert PAGES.observation(transition, flaws.vary(transition, rng)).label == "match"
            for error in get_args(Flaw):
                claim = flaws.corrupt(error, transition, rng)
                if claim is not None:
                    caught += 1
                    state = claim.state is not None and PAGES.state(transition, claim.state).label == "drift"
                    assert state or PAGES.observation(transition, claim.observation).label == "drift", (error, claim)
    assert caught > 60


def test_that_there_is_nothing_to_go_back_to_is_the_same_refusal(visit):
    first = Walk(visit).act("go_back")
    assert first.judged("There is nothing to go back to.") == "match"
    assert first.judged("There is nothing to scroll to.") == "wrong_result"

"""The world with its fast engine: what can be done on a page, what is refused, how it is shown, what it is worth."""

import json

import pytest

from simenv.errors import WorldError

from .conftest import GOAL, SHOP, Web, task


def order(visit, colour="red"):
    visit.act("search", query="steel kettle").click("Marlowe Steel Kettle").click(colour)
    visit.act("select", element="Size", option="xl").click("Add to cart").click("Go to checkout")
    return visit.act("type", element="Full name", text="Ann").click("Place order")


def test_an_order_from_search_to_thanks(visit):
    shop = order(visit())
    assert shop.facts["url"] == "/thanks/checkout?id=N1001"
    assert shop.facts["site"]["tables"]["orders"] == [
        {
            "id": "N1001",
            "items": [{"quantity": 1, "item": "p1", "price": 39.5, "options": {"colour": "red", "size": "XL"}}],
            "total": 39.5,
            "name": "Ann",
            "status": "confirmed",
        }
    ]
    assert shop.grade().success and shop.grade("whatever").progress == 1.0


def test_a_wrong_order_fails_and_can_be_cancelled(visit):
    shop = order(visit(), "blue")
    grade = shop.grade()
    assert not grade.success and grade.subgoals["nothing else"] is False
    shop.click("My orders").click("Cancel N1001")
    assert shop.grade().subgoals["nothing else"] is True
    order(shop)
    assert shop.grade().success


def test_progress_rises_with_the_cart(visit):
    shop = visit()
    assert shop.grade().progress == 0.0
    shop.act("search", query="kettle").click("Marlowe Steel Kettle").click("red").act(
        "select", element="Size", option="S"
    )
    assert shop.click("Add to cart").grade().progress == 0.5
    assert shop.click("Remove Marlowe Steel Kettle").grade().progress == 0.0


def test_a_form_is_checked_and_keeps_what_was_typed(visit):
    shop = visit().click("Contact").act("type", element="Email", text="not an address").click("Send")
    assert "Please give a valid e-mail address." in shop.seen.text and "value=not an address" in shop.seen.text
    assert shop.facts["site"]["tables"]["messages"] == []
    shop.act("type", element="Email", text="ann@example.org").act("type", element="Message", text="one\ntwo")
    shop.click("Send me a copy").click("Send")
    sent = shop.facts["site"]["tables"]["messages"][0]
    assert (sent["email"], sent["message"], sent["copy"]) == ("ann@example.org", "one\ntwo", True)


def test_filters_and_pages_of_results(visit):
    shop = visit().click("Catalogue")
    assert "Page 1 of 2 (3 results)" in shop.seen.text
    assert "Junia Wall Clock" in shop.click("Next >").seen.text
    shop.act("select", element="Brand", option="Junia").act("type", element="Maximum price", text="30").click("Apply")
    assert "(1 results)" in shop.seen.text and "Junia Glass Kettle" in shop.seen.text
    assert "Nothing matches." in shop.act("search", query="submarine").seen.text


def test_what_is_sold_out_cannot_be_bought(visit):
    shop = visit().act("search", query="clock").click("Junia Wall Clock")
    assert "Out of stock." in shop.seen.text and not any("Add to cart" in c for c in shop.seen.choices)


def test_a_private_form_asks_for_a_login(visit):
    shop = visit().click("Settings")
    assert shop.facts["url"] == "/login"
    button = next(i for i, c in enumerate(shop.seen.choices) if c.endswith('button "Log in"'))
    shop.act("type", element="Username", text="ann").act("type", element="Password", text="wrong").click(button)
    assert "do not belong together" in shop.seen.text and "secret" not in shop.seen.text
    button = next(i for i, c in enumerate(shop.seen.choices) if c.endswith('button "Log in"'))
    shop.act("type", element="Username", text="ann").act("type", element="Password", text="secret").click(button)
    assert shop.facts["site"]["user"] == "ann" and "logged in as ann" in shop.seen.text
    shop.click("Settings").click("Dark").click("Send")
    assert shop.facts["site"]["tables"]["profile"] == [{"theme": "Dark"}]
    assert shop.click("Log out").facts["site"]["user"] == ""


def test_going_back_goes_through_the_pages_seen(visit):
    shop = visit().click("About us").click("Contact").act("go_back")
    assert shop.facts["url"] == "/page/about"
    assert shop.act("go_back").facts["url"] == "/"
    assert shop.act("go_back").seen.invalid


@pytest.mark.parametrize(
    "name, arguments, said",
    [
        ("click", {"element": 99}, "there is no element 99 on this page; there are [0] link \"Fern & Co\""),
        ("click", {"element": "Nowhere"}, "there is no element 'Nowhere'"),
        ("click", {"element": -1}, "there is no element -1"),
        ("type", {"element": 0, "text": "x"}, "[0] link takes no text"),
        ("select", {"element": 1, "option": "x"}, "[1] searchbox is no list of options"),
        ("scroll", {"direction": "up"}, "nothing more to see"),
        ("scroll", {"direction": "sideways"}, "Input should be 'down' or 'up'"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_and_changes_nothing(visit, name, arguments, said):
    shop = visit()
    before = shop.facts
    shop.act(name, **arguments)
    assert shop.seen.invalid and said in shop.seen.text and shop.facts == before


def test_fields_take_only_what_a_browser_lets_them_hold(visit):
    shop = visit().click("Contact")
    assert shop.act("type", element="Day", text="tomorrow").seen.invalid
    assert not shop.act("type", element="Day", text="2027-02-28").seen.invalid
    shop.act("type", element="Email", text=" a@b.c\n")
    assert [f["value"] for f in shop.facts["fields"]] == ["", "a@b.c", "2027-02-28", "", False]
    assert shop.act("select", element="Send me a copy", option="x").seen.invalid


def test_a_long_page_is_seen_by_scrolling(visit):
    pages = {"long": {"title": "Long", "html": "".join(f"<p>paragraph {n} of this page</p>" for n in range(60))}}
    shop = visit(task(SHOP | {"pages": pages}), window=800).click("Long")
    assert shop.seen.truncated and "more characters below: scroll down]" in shop.seen.text
    assert "paragraph 30" not in shop.seen.text
    observation = ""
    while not shop.seen.invalid:
        observation += shop.seen.text
        shop.act("scroll")
    assert all(f"<p> paragraph {n} of this page </p>" in observation.replace("\n", "") or n for n in range(60))
    assert "paragraph 59" in observation and shop.act("scroll", direction="up").world.window.top > 0
    assert shop.act("go_back").world.window.top == 0


def test_a_tree_shows_roles_names_and_values(visit):
    shop = visit(observe="tree").act("search", query="kettle")
    assert '[1] searchbox "Search" value=kettle' in shop.seen.text
    assert '"Category" value=Any options: Any, Home, Kitchen' in shop.seen.text
    assert "heading Results for “kettle”" in shop.seen.text


def test_pruned_html_shows_the_live_value_of_fields(visit):
    shop = visit().act("search", query="kettle").act("select", element="Category", option="Home")
    assert "<option selected> Home </option>" in shop.seen.text and shop.seen.text.count("<option selected>") == 3
    assert "hidden" not in shop.seen.text


def test_a_snapshot_is_small_and_brings_fields_back(visit):
    shop, other = visit(), visit()
    shop.click("Contact").act("type", element="Message", text="hello")
    blob = shop.world.save()
    assert len(blob) < 1500
    other.world.load(blob)
    assert other.facts == shop.facts
    assert other.click("Send").seen == shop.click("Send").seen


@pytest.mark.parametrize(
    "blob", [b"", b"[]", b"null", b"[1,2,3,4,5,6]", json.dumps([{"tables": {}}, [], "/", [], 0, None]).encode()]
)
def test_what_is_no_snapshot_is_refused(visit, blob):
    with pytest.raises(WorldError, match="web: this is"):
        visit().world.load(blob)


def test_answers_are_compared_as_text_or_number(visit):
    shop = visit(task(goal={"answer": {"number": 39.5}}))
    assert shop.grade("$39.50").success and shop.grade(39.5).success
    assert not any(shop.grade(a).success for a in ("it is 39.5 or 40", "", None, "nan", True, "395", ["39.5"]))
    shop = visit(task(goal={"answer": {"text": "2 years"}}))
    assert shop.grade(" 2  Years. ").success and not shop.grade("2 years or 3 years").success


@pytest.mark.parametrize(
    "change, path",
    [
        ({"colour": "red;} body{background:url(//evil)"}, "$.colour"),
        ({"at": "//evil.example"}, "$.at"),
        ({"catalogue": {"items": [{"id": "a/b", "title": "x", "price": 1}]}}, "$.catalogue.items[0].id"),
        (
            {"forms": {"f": {"title": "x", "into": "t", "fields": [{"name": "a", "kind": "select"}]}}},
            "$.forms.f.fields[0]",
        ),
        ({"nonsense": 1}, "$"),
    ],
)
def test_a_broken_spec_is_refused_at_its_place(change, path):
    with pytest.raises(WorldError) as e:
        Web.check(SHOP | change)
    assert f"web spec: {path}" in str(e.value)


def test_a_goal_must_say_something():
    Web.check_goal(GOAL)
    for goal in ({"only": True}, {"records": []}, {"answer": {}}):
        with pytest.raises(WorldError, match=r"web goal: \$"):
            Web.check_goal(goal)

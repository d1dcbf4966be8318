"""WebShop: its reward against recorded sessions, its text, its protocol in both versions, its product file."""

import asyncio
import json

import pytest
from numpy.random import default_rng

from simenv.dialects import PromptContext
from simenv.env import Env
from simenv.errors import ConfigError
from simenv.plugins import environment
from simenv.plugins.environments.web.dialects import Webshop, WebshopTools
from simenv.plugins.environments.web.engine import webshop_reward
from simenv.plugins.environments.web.sources import WebshopItems, product_type
from simenv.plugins.environments.web.teacher import Teacher, WebExpert
from simenv.runtime import task_reader
from simenv.source import Rejected
from simenv.types import Call, Observation, Reply, Stop, Turn

from .conftest import Web, task

SOFA = {
    "id": "B000000001",
    "title": "Grey Linen Sofa with Wood Frame",
    "price": 129.99,
    "category": "Home › Furniture › Sofas",
    "query": "sofas",
    "attributes": ["wood frame", "living room"],
    "options": {"color": ["grey", "z2-blue"]},
    "description": "Soft.",
}
LAMP = {
    "id": "B000000002",
    "title": "Desk Lamp",
    "price": 20.0,
    "features": ["For the living room"],
    "reviews": ["Bright."],
}
ITEMS = [SOFA, LAMP]
WISH = "i need a sofa for my living room in grey, and price lower than 150.00 dollars"
SPEC = {"name": "WebShop", "layout": "webshop", "notice": WISH, "catalogue": {"items": ITEMS}}
WANTED = {
    **{"name": SOFA["title"], "query": "sofas", "category": SOFA["category"]},
    **{"attributes": ["wood frame", "living room"], "options": ["grey"], "price_upper": 150.0},
}
TASK = task(SPEC, {"webshop": WANTED}, WISH)


def worth(item=0, selection=("grey",), price=None, **goal):
    bought = {"price": price or ITEMS[item]["price"], "options": dict(enumerate(selection))}
    return webshop_reward.reward(ITEMS[item], bought, WANTED | goal, webshop_reward.title_nouns)


def test_recorded_sessions_were_valued_by_this_formula(data):
    ends = [
        json.loads(f.read_text().splitlines()[-1]) for f in sorted((data / "webshop" / "human_trajs").glob("*.jsonl"))
    ]
    assert len(ends) == 3
    for end in ends:
        goal, info = end["goal"], end["reward_info"]
        attributes, options = goal["attributes"], goal["goal_options"]
        assert (info.get("r_option") is None) == (not options)
        hits = info["r_att"] * len(attributes) + (info.get("r_option") or 0.0) * len(options)
        share = webshop_reward.share(hits, info["r_price"], len(attributes) + len(options))
        assert info["r_type"] * share == pytest.approx(end["reward"])
        assert (end["content"]["price"] <= goal["price_upper"]) == info["r_price"]
        wanted = {k: goal[k] for k in ("name", "query", "attributes", "price_upper")}
        Web.check_goal({"webshop": {**wanted, "category": goal["product_category"], "options": options}})


def test_the_reward_of_right_and_wrong_purchases():
    assert worth().reward == 1.0
    assert worth(selection=()).reward == 0.75
    assert worth(price=151).reward == 0.75
    assert worth(selection=("Dark grey!",)).r_option == 1.0
    lamp = worth(1, selection=())
    assert (lamp.r_type, lamp.r_att, lamp.reward) == (0.0, 0.5, 0.0)
    assert worth(selection=[], options=[]).r_option is None


@pytest.mark.parametrize(
    "goal, r_type",
    [
        ({}, 1.0),
        ({"query": "", "name": "x y z sofa"}, 1.0),
        ({"query": "", "category": "", "name": "sofa a1 b2 chair table bench stool shelf rug lamp"}, 0.5),
        (
            {"query": "", "category": "", "name": "sofa chair table bench stool shelf rug lamp cup fork knife spoon"},
            0.1,
        ),
        ({"query": "", "category": "", "name": "velvet curtain"}, 0.0),
    ],
)
def test_the_type_by_query_category_and_title(goal, r_type):
    assert worth(**goal).r_type == r_type


def test_any_tagger_will_do(visit):
    assert webshop_reward.load_tagger("")("Soft Grey Sofa") == ["sofa"]
    assert webshop_reward.load_tagger("shlex.split")("Soft Grey Sofa") == ["Soft", "Grey", "Sofa"]
    with pytest.raises(ConfigError, match=r"tagger .* cannot be loaded"):
        visit(TASK, nouns="no.such.tagger")


def test_the_price_bound_is_the_larger_of_two_steps():
    assert webshop_reward.price_bound(129.99, (0, 2)) == 150.0 and webshop_reward.price_bound(130.0, (3, 1)) == 170.0


def test_the_pages_read_as_in_webshop(visit):
    shop = visit(TASK, observe="text")
    assert shop.seen.text == f"WebShop [SEP] Instruction: [SEP] {WISH} [SEP] Search"
    assert shop.seen.choices == ("search[keywords]", "click[search]")
    shop.act("search", query="sofa lamp")
    head = f"Instruction: [SEP] {WISH} [SEP] Back to Search"
    listed = "B000000001 [SEP] Grey Linen Sofa with Wood Frame [SEP] $129.99"
    assert shop.seen.text.startswith(f"{head} [SEP] Page 1 (Total results: 2) [SEP] ") and listed in shop.seen.text
    shop.click("b000000001")
    assert shop.seen.text == (
        f"{head} [SEP] < Prev [SEP] color [SEP] grey [SEP] z2-blue [SEP] Grey Linen Sofa with Wood Frame [SEP] "
        "Price: $129.99 [SEP] Rating: N.A. [SEP] Description [SEP] Features [SEP] Reviews [SEP] Buy Now"
    )
    assert shop.seen.choices[:3] == ("click[back to search]", "click[< prev]", "click[description]")
    assert shop.seen.choices[-2:] == ("click[grey]", "click[z2-blue]")
    assert shop.click("Description").seen.text == f"{head} [SEP] < Prev [SEP] Soft."


def test_buying_ends_the_visit_with_the_reward(visit):
    shop = visit(TASK, observe="text").act("search", query="sofa").click("B000000001").click("grey").click("Buy Now")
    assert shop.seen.stop is Stop.done
    grade = shop.grade()
    assert grade.success and grade.metrics["reward"] == 1.0 and grade.subgoals["options"]
    shop = (
        visit(TASK, observe="text")
        .act("search", query="sofa")
        .click("B000000001")
        .click("Description")
        .click("< Prev")
        .click("Buy Now")
    )
    assert shop.grade().progress == 0.75 and not shop.grade().success


def test_what_is_not_valid_does_nothing(visit):
    shop = visit(TASK, observe="text")
    before = shop.seen.text
    for label in ("search", "buy now", "nowhere"):
        assert shop.click(label).seen.invalid and shop.seen.text == before
    shop.act("search", query="sofa")
    assert shop.act("search", query="lamp").seen.invalid


async def play(dialect, limit=12):
    world = Web(Web.Options(observe="text"))
    env = Env(world, dialect)
    view = await env.reset(TASK)
    while env.stop is None and env.turn < limit:
        move = WebExpert().plan(world, TASK)[0]
        reply = dialect.render(move, env.turn)
        assert dialect.parse(reply).spoken[0].action == move.action
        await env.step(Turn(**dict(reply)), view)
        view = env.view()
    return env


def test_the_expert_plays_the_text_protocol():
    env = asyncio.run(play(Webshop(Web.actions)))
    assert env.stop is Stop.done and env.max_turns == 10 and asyncio.run(env.grade()).success
    texts = [m.content for m in env.messages]
    assert texts[1] == "Ok."
    assert texts[2].startswith("Observation:\nWebShop [SEP] Instruction: [SEP] i need")
    assert texts[2].endswith("Available Actions:\n{'has_search_bar': True, 'clickables': ['search']}")
    assert "Action:\nsearch[sofas" in texts[3] and "'clickables': ['back to search', 'b000000001'" in texts[4]


def test_the_expert_plays_the_tools_protocol():
    env = asyncio.run(play(WebshopTools(Web.actions)))
    assert env.stop is Stop.done and env.max_turns == 20
    assert env.messages[1].content.startswith("The initial observation:\nWebShop [SEP]")
    assert env.messages[3].role == "tool" and env.messages[3].content.startswith("Action: search[sofas")


def test_recorded_replies_are_read(data):
    dialect, read = Webshop(Web.actions), 0
    for record in json.loads((data / "agentinstruct" / "webshop.json").read_text()):
        for turn in record["conversations"][2:]:
            if turn["role"] == "assistant":
                action = dialect.parse(Reply(text=turn["content"])).spoken[0].action
                assert action is not None and action.name in ("search", "click")
                read += 1
    assert read > 10


@pytest.mark.parametrize("text", ["", "I buy it.", "Action: buy[now]", "Action: click[]", "action - click[x]"])
def test_a_reply_without_an_action_ends_the_episode(text):
    parsed = Webshop(Web.actions).parse(Reply(text=text)).spoken[0]
    assert parsed.action is None and parsed.stop is Stop.invalid_format


@pytest.mark.parametrize(
    "name, arguments",
    [("buy", "{}"), ("click_action", "no json"), ("click_action", "[]"), ("search_action", '{"keywords": 3}')],
)
def test_a_broken_tool_call_is_told(name, arguments):
    reply = Reply(calls=(Call(id="1", name=name, arguments=arguments),))
    parsed = WebshopTools(Web.actions).parse(reply).spoken[0]
    assert parsed.action is None and parsed.call_id == "1" and parsed.stop is None


def test_the_dialect_says_which_view_it_needs():
    context = PromptContext(overview="", instruction="", observation=Observation(text="x", choices=("[0] link",)))
    for dialect in (Webshop, WebshopTools):
        with pytest.raises(ConfigError, match=r"set web\.world\.observe=text"):
            dialect(Web.actions).opening(context)


def test_the_product_file_becomes_tasks(data):
    path = data / "webshop" / "items_ins_v2_1000.json"
    reader = task_reader(environment("web"), path)
    assert isinstance(reader, WebshopItems)
    for _, example in zip(range(5), reader.tasks(path), strict=False):
        assert example.solution and len(example.spec["catalogue"]["items"]) == 50
        assert "and price lower than" in example.instruction


def test_broken_products_are_turned_away(tmp_path):
    path = tmp_path / "items.json"
    good = {
        "attributes": ["easy clean"],
        "instruction": "Find me easy clean mugs",
        "instruction_attributes": ["easy clean"],
    }
    path.write_text(
        json.dumps({"B1": good, "B2": 7, "B3": {"attributes": "x"}, "B 4": good, "B5": {**good, "instruction": 3}})
    )
    example = list(WebshopItems().tasks(path))
    assert [type(m) for m in example].count(Rejected) == 4
    task = next(m for m in example if not isinstance(m, Rejected))
    assert task.goal["webshop"]["query"] == "mugs"
    path.write_text("[1")
    assert "no JSON" in next(WebshopItems().tasks(path)).reason


@pytest.mark.parametrize("named", [7, None, [-1], [[]], [{"name": "x"}], [""], "easy clean", {"easy clean": 1}])
def test_a_product_whose_instruction_names_no_texts_is_sold_and_not_asked_for(tmp_path, named):
    good = {"attributes": ["soft"], "instruction": "Find me soft mugs", "instruction_attributes": ["soft"]}
    path = tmp_path / "items.json"
    path.write_text(json.dumps({"B1": good, "B2": good | {"instruction_attributes": named}}))
    task, rejected = WebshopItems().tasks(path)
    assert {i["id"] for i in task.spec["catalogue"]["items"]} == {"B1", "B2"}
    assert "`instruction_attributes` as a list of texts" in rejected.reason and "B2" in rejected.where


@pytest.mark.parametrize(
    "instruction, attributes, result",
    [
        ("Find me easy carry, high quality jars with rose gold", ["easy carry", "high quality", "rose gold"], "jars"),
        ("Find me scrubs & body treatments with tea tree, soft oil", ["tea tree", "soft oil"], "scrubs & body treatments"),
        ("Find me bpa free cleaners with storage case for bad breath", ["bpa free", "storage case", "bad breath"], "cleaners"),
    ],
)  # fmt: skip
def test_the_kind_of_product_is_read_from_the_instruction(instruction, attributes, result):
    assert product_type(instruction, attributes) == result


def test_made_up_webshop_tasks_are_solved_in_every_view():
    teacher = Teacher(Teacher.Options(kinds=("webshop",), difficulty=3))
    for n in range(5):
        example = teacher.make(f"w{n}", default_rng(n))
        for view in ("html", "text", "tree"):
            world = Web(Web.Options(observe=view))
            asyncio.run(world.reset(example))
            assert WebExpert().plan(world, example)

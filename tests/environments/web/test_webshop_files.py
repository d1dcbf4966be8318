"""WebShop's data folder as setup.sh leaves it: products, attributes, and goals of both kinds."""

import asyncio
import json
import random

import pytest
from numpy.random import default_rng

from simenv.plugins import environment
from simenv.plugins.environments.web.engine.webshop_reward import price_limit
from simenv.plugins.environments.web.sources import Webshop, WebshopItems
from simenv.plugins.environments.web.tasks.webshop_files import read_options, read_price
from simenv.plugins.environments.web.world import Web
from simenv.runtime import task_reader
from simenv.source import Rejected
from simenv.teach.admission import admit
from simenv.types import Task

ENV = environment("web")


def product(asin, name, **changes):
    """A record with the fields that scraped products have."""
    return {
        "name": name, "product_information": {}, "brand": "Store", "brand_url": "https://", "full_description": "Soft.",
        "pricing": "$29.99", "list_price": "", "availability_quantity": None, "availability_status": "In Stock.",
        "images": ["https://i"], "product_category": "Clothing › Shoes › Slippers", "average_rating": 4.3,
        "small_description": ["Rubber sole", "Machine washable"], "total_reviews": 3, "asin": asin, "category": "fashion",
        "query": "Slippers ", "page": 1, "small_description_old": "x", "seller_id": None,
        "customization_options": {
            "Color": [{"is_selected": True, "url": None, "value": "Navy/Red ", "price_string": "", "image": None},
                      {"is_selected": False, "url": None, "value": "Black", "price_string": "", "image": None}],
            "Item Package Quantity": [{"value": "2"}], "Style": None,
        },
    } | changes  # fmt: skip


PRODUCTS = [
    product("B000000001", "Wool House Slippers for Women"),
    product("B000000001", "The same once more"),
    product("nan", "Nothing"),
    product(
        "B000000002", "Desk Lamp", pricing=None, customization_options={}, query="lamps", small_description="Bright"
    ),
    product(
        "B000000003", "Leather Boots", pricing="$5.50 to $1,010.90", customization_options=None, full_description=None
    ),
    product("B000000004", "Gold Watch", pricing="$985.00", customization_options={}),
    {"asin": "B000000005"},
]
INS = {
    "B000000001": {"attributes": ["rubber sole", "machine washable"], "instruction": "Find me rubber sole slippers for women",
                   "instruction_attributes": ["rubber sole"]},
    "B000000002": {"attributes": []},
    "B000000003": {"attributes": ["leather"], "instruction": "Find me leather boots", "instruction_attributes": ["leather"]},
    "B000000004": {"attributes": ["gold"], "instruction": "Find me gold watches", "instruction_attributes": []},
}  # fmt: skip
HUMAN = {
    "B000000001": [
        {"asin": "B000000001", "instruction": "i need rubber sole slippers in navy | red.", "attributes": ["rubber sole"],
         "options": ["color: navy | red"], "instruction_attributes": ["rubber sole"], "instruction_options": ["navy | red"],
         "worker_id": "A1", "assignment_id": "3X"},
        {"instruction": "slippers", "instruction_attributes": [], "instruction_options": []},
        {"instruction": "washable slippers", "instruction_attributes": ["machine washable"], "instruction_options": []},
    ],
    "B000000002": [{"instruction": "a bright lamp", "instruction_attributes": ["bright"], "instruction_options": []},
                   {"instruction": 7, "instruction_attributes": ["bright"], "instruction_options": []}],
    "B000000004": [{"instruction": "a gold watch", "instruction_attributes": ["gold"], "instruction_options": []}],
    "B0NOTHERE0": [{"instruction": "x", "instruction_attributes": ["y"], "instruction_options": []}],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    files = {"items_shuffle_1000": PRODUCTS, "items_ins_v2_1000": INS, "items_human_ins": HUMAN}
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False))
    return tmp_path


def read(path):
    assert isinstance(task_reader(ENV, path), Webshop)
    items = list(task_reader(ENV, path).tasks(path))
    return [t for t in items if isinstance(t, Task)], [t for t in items if isinstance(t, Rejected)]


def admitted(task):
    return asyncio.run(admit(Web(), ENV, task))


@pytest.mark.parametrize("name", ["items_human_ins.json", "items_shuffle_1000.json"])
def test_the_goals_that_people_wrote_are_read_with_their_products(folder, name):
    tasks, rejected = read(folder / name)
    assert [r.where.rpartition(": ")[2] for r in rejected] == ["[2]", "[6]", "B000000002[1]"]
    by_text = {t.instruction.partition(", and price")[0]: t for t in tasks}
    assert set(by_text) == {
        "i need rubber sole slippers in navy | red", "washable slippers", "a bright lamp", "a gold watch"
    }  # fmt: skip
    wanted = by_text["i need rubber sole slippers in navy | red"].goal["webshop"]
    assert wanted["options"] == ["navy | red"] and wanted["query"] == "slippers"
    assert wanted["category"] == "Clothing › Shoes › Slippers" and wanted["price_upper"] in (40, 50, 60, 70)
    assert by_text["a gold watch"].instruction == "a gold watch" and len({t.id for t in tasks}) == 4
    assert all(isinstance(admitted(task), Task) for task in tasks)


def test_the_synthetic_goals_have_one_for_each_combination_of_options(folder):
    tasks, rejected = read(folder / "items_ins_v2_1000.json")
    assert sorted(t.instruction.partition(", and price")[0] for t in tasks) == [
        "Find me leather boots",
        "Find me rubber sole slippers for women with color: black, and item_package_quantity: 2",
        "Find me rubber sole slippers for women with color: navy | red, and item_package_quantity: 2",
    ]
    assert "instruction_attributes: expected at least one" in rejected[-1].reason
    assert all(isinstance(admitted(task), Task) for task in tasks)


def test_the_files_without_the_thousand_and_without_people_are_read(folder):
    (folder / "items_shuffle_1000.json").rename(folder / "items_shuffle.json")
    (folder / "items_ins_v2_1000.json").rename(folder / "items_ins_v2.json")
    assert len(read(folder / "items_human_ins.json")[0]) == 4
    (folder / "items_human_ins.json").unlink()
    assert len(read(folder / "items_shuffle.json")[0]) == 3 == len(read(folder / "items_ins_v2.json")[0])
    (folder / "items_shuffle.json").unlink()
    assert isinstance(task_reader(ENV, folder / "items_ins_v2.json"), WebshopItems)


def test_goals_come_in_webshops_order(folder):
    names = [t.instruction.partition(", and price")[0] for t in read(folder / "items_human_ins.json")[0]]
    listed = ["i need rubber sole slippers in navy | red", "washable slippers", "a bright lamp", "a gold watch"]
    random.seed(233)
    random.shuffle(listed)
    assert names == listed


@pytest.mark.parametrize(
    ("pricing", "lowest", "highest"),
    [
        (None, 100, 100), ("", 100, 100), ("$7.25", 7.25, 7.25), ("$1,299.00", 1299, 1299), ("$5.50 to $10.90", 5.5, 10.9),
        ("$3 $9 $99", 3, 9), ("free", 100, 100), ("$..", 100, 100), (12.5, 100, 100), ("$9 to $4", 4, 9),
    ],
)  # fmt: skip
def test_prices_are_read_as_webshop_does(pricing, lowest, highest):
    assert lowest <= read_price(pricing, "B1") <= highest and read_price(pricing, "B1") == read_price(pricing, "B1")


def test_price_limits_are_webshops():
    limits = {price: {price_limit(price, default_rng(n)) for n in range(60)} for price in (29.99, 30, 965, 975, 985)}
    assert limits == {29.99: {40, 50, 60}, 30: {50, 60, 70}, 965: {980, 990}, 975: {990}, 985: {1_000_000}}


@pytest.mark.parametrize(
    "options", [None, 7, [], {"": [{"value": "x"}]}, {"1": [{"value": "x"}]}, {"A": 3}, {"A": [7, {}]}]
)
def test_options_that_are_none_are_left_out(options):
    assert read_options(options) == {}


def test_damaged_files_are_refused_by_name(folder):
    (folder / "items_ins_v2_1000.json").write_text('{"B1": {"instruction_attributes": ')
    (rejected,) = Webshop().tasks(folder / "items_human_ins.json")
    assert "items_ins_v2_1000.json" in rejected.where and "no JSON" in rejected.reason

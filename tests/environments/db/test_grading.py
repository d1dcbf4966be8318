"""The strict grader and AgentBench's: hand-computed cases of answers, states and hashes."""

import hashlib
import time
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simenv.plugins.environments.db.engine.agentbench_grading import (
    clean_value,
    grade_agentbench,
    same_answer,
    same_answer_v02,
    state_hash,
    table_hash,
)
from simenv.plugins.environments.db.engine.answers import fits, overlap
from simenv.plugins.environments.db.engine.grading import grade_strictly
from simenv.plugins.environments.db.engine.state import differences, distance

from .small_world import open_world, say, sql

BEFORE = {
    "pets": {"columns": ["id", "name"], "types": ["int(11)", "text"], "rows": [[1, "Rex"], [2, "Tom"], [3, "Tom"]]},
    "food": {"columns": ["kind"], "types": ["text"], "rows": [["hay"], [None]]},
}


def _with(rows, table="pets", **more):
    return {**BEFORE, table: {**BEFORE[table], "rows": rows, **more}}


@pytest.mark.parametrize(
    ("gold", "text", "right"),
    [
        (3, "3", True), (3, " 3.00 ", True), (3, "3.02", False), (3, "three", False), (3, "0x3", False), (3, "", False),
        (1234.5, "1234.5", True), (1234.5, "1,234.5", False), (1e300, "1e300", True), (3, "1e999999999", False),
        (0, "0", True), (0, "null", False), (0, "", False), (0, "none", False), (0, "NaN", False), (3, "٣", False),
        (None, "NULL", True), (None, "None", True), (None, "0", False), (None, "", False),
        ("", "", True), ("", "null", False), ("", "0", False), ("null", "null", True), ("0", "0", True), ("0", "0.0", False),
        ("007", "7", False), ("Rex", " Rex ", True), ("Rex", "rex", False), ("Rex", "'Rex'", False), (True, "1", True),
    ],
)  # fmt: skip
def test_null_zero_and_empty_are_three_things_and_types_decide(gold, text, right):
    assert fits(gold, text) is right


def test_the_tolerance_is_the_goals_own_and_absolute():
    assert fits(10.0, "10.009") and not fits(10.0, "10.011")
    assert not fits(10.0, "10.009", 0) and fits(10.0, "10.5", 0.5)


@pytest.mark.parametrize(
    ("compare", "answer", "share"),
    [
        ("multiset", ["a", "b", "b"], 1), ("multiset", ["b", "a", "b"], 1), ("multiset", ["a", "b"], 2 / 3),
        ("set", ["b", "a"], 1), ("set", ["b", "b", "a", "a"], 1), ("set", ["a"], 1 / 2), ("set", ["a", "b", "c"], 2 / 3),
        ("ordered", ["a", "b", "b"], 1), ("ordered", ["b", "a", "b"], 1 / 5), ("ordered", ["a", "b"], 2 / 3),
    ],
)  # fmt: skip
def test_set_multiset_and_order_are_the_goals_choice(compare, answer, share):
    assert overlap(["a", "b", "b"], answer, compare, 1, 0.01).share == pytest.approx(share)


def test_rows_of_several_cells_are_flat_and_matched_whole():
    gold = ["a", 1, "b", 2]
    assert overlap(gold, ["b", "2", "a", "1.0"], "multiset", 2, 0.01).share == 1
    assert overlap(gold, ["a", "2", "b", "1"], "multiset", 2, 0.01).matches == 0
    assert overlap(gold, ["a", "1", "b"], "multiset", 2, 0.01).matches == 1


def test_an_equal_value_is_never_taken_by_a_tolerated_one():
    assert overlap([1.0, 1.01], ["1.01", "1.0"], "multiset", 1, 0.01).matches == 2
    assert overlap([1.0, 1.01], ["1.005", "1.0"], "multiset", 1, 0.01).matches == 2
    assert overlap([2.35, 2.36], ["2.35", "2.345"], "multiset", 1, 0.01).matches == 2


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=5),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=5),
)
def test_as_many_rows_are_paired_as_can_be_in_any_order(gold, answer):
    """Tolerance 1 between whole numbers; every order of the answer is tried."""
    cells = [value for row in gold for value in row]
    best = max(
        sum(abs(g[0] - a[0]) <= 1 and abs(g[1] - a[1]) <= 1 for g, a in zip(some, answer, strict=False))
        for some in permutations([*gold, *[(99, 99)] * len(answer)], len(answer))
    )
    for rows in (answer, answer[::-1]):
        assert overlap(cells, [str(value) for row in rows for value in row], "multiset", 2, 1).matches == best


def test_many_numbers_within_the_tolerance_of_each_other_are_paired_in_time():
    gold = [2.0 + n / 100_000 for n in range(400)]
    began = time.process_time()
    assert overlap(gold, [str(2.004 + n / 90_000) for n in range(700)], "multiset", 1, 0.001).matches < 400
    assert time.process_time() - began < 10


@settings(deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=5), st.lists(st.sampled_from("abcdef"), max_size=30))
def test_progress_is_never_above_precision_nor_recall(gold, answer):
    for compare in ("multiset", "set", "ordered"):
        rows = overlap(gold, answer, compare, 1, 0.01)
        assert rows.share <= rows.precision + 1e-9 and rows.share <= rows.recall + 1e-9
        grade = grade_strictly({"answer": gold, "compare": compare}, answer, BEFORE, BEFORE)
        assert grade.success == (grade.progress == 1.0)


def test_an_answer_that_lists_everything_gains_nothing():
    everything = [str(n) for n in range(1000)]
    grade = grade_strictly({"answer": [7]}, everything, BEFORE, BEFORE)
    assert not grade.success and grade.progress == pytest.approx(0.001)


def test_no_answer_is_not_the_empty_answer():
    assert grade_strictly({"answer": []}, [], BEFORE, BEFORE).success
    assert not grade_strictly({"answer": []}, None, BEFORE, BEFORE).success


def test_a_question_must_leave_the_tables_alone():
    changed_tables = _with([[1, "Rex"], [2, "Tom"]])
    grade = grade_strictly({"answer": ["Rex"]}, ["Rex"], BEFORE, changed_tables)
    assert not grade.success and grade.progress == 0.5
    assert grade.subgoals == {"answer": True, "nothing else changed": False}


GOAL = {"tables": {"pets": {"columns": ["id", "name"], "rows": [[1, "Rex"], [2, "Tim"], [4, "Kim"]]}}}
"""One update, which is a row less and a row more, one delete and one insert: four row changes."""


@pytest.mark.parametrize(
    ("rows", "progress"),
    [
        ([[1, "Rex"], [2, "Tim"], [4, "Kim"]], 1.0),
        ([[4, "Kim"], [1, "Rex"], [2, "Tim"]], 1.0),
        ([[1, "Rex"], [2, "Tom"], [3, "Tom"]], 0.0),
        ([[1, "Rex"], [2, "Tim"], [3, "Tom"]], 0.5),
        ([[1, "Rex"], [2, "Tim"], [3, "Tom"], [4, "Kim"]], 0.75),
        ([[1, "Max"], [2, "Tim"], [4, "Kim"]], 0.5),
        ([[1, "Rex"], [2, "Tim"], [4, "Kim"], [4, "Kim"]], 0.75),
        ([[2, "Tim"], [4, "Kim"]], 0.75),
        ([], 0.25),
    ],
)
def test_state_progress_is_the_share_of_changes_made_minus_the_damage(rows, progress):
    grade = grade_strictly(GOAL, ["whatever"], BEFORE, _with(rows))
    assert grade.progress == progress and grade.success == (progress == 1)


def test_damage_to_another_table_fails_a_change_that_is_right():
    right = _with(GOAL["tables"]["pets"]["rows"])
    changed_tables = {**right, "food": {**right["food"], "rows": [["hay"], [0]]}}
    grade = grade_strictly(GOAL, None, BEFORE, changed_tables)
    assert not grade.success and grade.progress == 0.5
    assert grade.subgoals == {"table pets": True, "nothing else changed": False}
    extra = {**right, "junk": {"columns": ["x"], "types": ["int(11)"], "rows": []}}
    assert not grade_strictly(GOAL, None, BEFORE, extra).success
    assert not grade_strictly(GOAL, None, BEFORE, {"pets": right["pets"]}).success


def test_a_column_of_another_type_is_damage_where_types_are_known():
    retyped = _with(BEFORE["pets"]["rows"], types=["bigint(20)", "text"])
    assert not grade_strictly({"answer": ["Rex"]}, ["Rex"], BEFORE, retyped).success
    goal = {"tables": {"pets": {"columns": ["id", "name"], "rows": [[1, "Rex"]]}}}
    assert grade_strictly(goal, None, BEFORE, _with([[1, "Rex"]])).success


def test_null_zero_and_empty_cells_differ_in_a_state():
    goal = {"tables": {"food": {"columns": ["kind"], "rows": [["hay"], [""]]}}}
    for cell, right in (("", True), (None, False), ("0", False), (0, False)):
        assert grade_strictly(goal, None, BEFORE, _with([["hay"], [cell]], "food")).success is right


def test_column_order_and_the_spelling_of_decimals_do_not_matter():
    now = {"t": {"columns": ["b", "a"], "types": ["decimal(10,2)", "int(11)"], "rows": [["1.50", 7]]}}
    wanted = {"t": {"columns": ["a", "b"], "rows": [[7, 1.5]]}}
    assert distance(now, wanted) == 0
    assert differences(now, {"t": {"columns": ["a", "c"], "rows": []}})["t"].shape


def test_a_table_that_should_be_gone_must_be_gone():
    goal = {"tables": {"food": None}}
    assert grade_strictly(goal, None, BEFORE, {"pets": BEFORE["pets"]}).success
    assert not grade_strictly(goal, None, BEFORE, BEFORE).success


def test_a_goal_of_both_asks_for_both():
    goal = {**GOAL, "answer": ["Kim"]}
    right = _with(GOAL["tables"]["pets"]["rows"])
    assert grade_strictly(goal, ["Kim"], BEFORE, right).success
    assert grade_strictly(goal, ["Tom"], BEFORE, right).progress == 0.5
    assert grade_strictly(goal, ["Kim"], BEFORE, BEFORE).progress == 0.5


def _h(text):
    return hashlib.md5(text.encode()).hexdigest()


def test_the_table_hash_is_mysqls_expression():
    # MD5(GROUP_CONCAT(LEFT(MD5(CONCAT_WS(',', id, name)), 5) ORDER BY …)); CONCAT_WS skips NULL.
    parts = sorted([_h("1,a")[:5], _h("2")[:5]])
    assert table_hash([["1", "a"], ["2", None]]) == table_hash([["2", None], ["1", "a"]]) == _h(",".join(parts))
    assert table_hash([]) is None
    many = [[str(n)] for n in range(300)]
    assert table_hash(many) == _h(",".join(sorted(_h(str(n))[:5] for n in range(300)))[:1024])


def test_several_tables_hash_to_their_sorted_hashes():
    tables = {"b": {"columns": ["x"], "rows": [["1"]]}, "a": {"columns": ["x"], "rows": [["2"]]}}
    assert state_hash(tables, tables) == "_".join(sorted([_h(_h("1")[:5]), _h(_h("2")[:5])]))
    assert state_hash({"a": tables["a"]}, ["a", "b"]) is None


@pytest.mark.parametrize(
    ("item", "cleaned"),
    [
        (" 'x' ", "x"), ('"x"', "x"), (None, "0"), ("12%", "12"), ("1,234", "1234"), ("(1,2)", "(1,2)"), ("None", "0"),
        ("NULL", "0"), ("undefined", "0"), ("NaN", "0"), ("-Infinity", "0"), ("", "0"), (7, "7"), ("  Rex", "Rex"),
    ],
)  # fmt: skip
def test_fc_cleans_every_item(item, cleaned):
    assert clean_value(item) == cleaned


@pytest.mark.parametrize(
    ("answer", "label", "right"),
    [
        (["3.005"], ["3"], True), (["3.02"], ["3"], False), (["Rex"], ["Rex"], True), (["rex"], ["Rex"], False),
        (["null"], ["0"], True), (["2", "1"], ["1", "2.0"], True), (["1", "1"], ["1", "2"], False),
        (["1", "2", "2"], ["1", "2"], False),
        (["b", "a", "a"], ["a", "b"], True), (["a"], ["a", "b"], False), (["[('a',), ('b',)]"], ["a", "b"], True),
        (["[__import__('os')]"], ["x"], False), (["$1,000"], ["$1000"], True), ([], [], True), (["5%"], ["5"], True),
        (["[" * 9000], ["x"], False),
    ],
)  # fmt: skip
def test_fc_compares_numbers_within_a_hundredth_and_the_rest_as_sets(answer, label, right):
    assert same_answer(answer, label) is right


@pytest.mark.parametrize(
    ("answer", "label", "right"),
    [
        (["1"], ["1.0"], True), (["1.001"], ["1"], False), (["x"], ["x"], True), (["none"], ["0"], False),
        (["a", "b"], ["b", "a"], True), (["1", "2"], ["1.0", "2.0"], False), (["a", "a"], ["a"], True), ([], ["a"], False),
    ],
)  # fmt: skip
def test_v02_compares_one_value_as_a_float_and_more_as_a_set(answer, label, right):
    assert same_answer_v02(answer, label) is right


def test_agentbench_takes_a_hash_bare_or_as_mysql_shows_it():
    after = _with([[1, "Rex"]])
    md5 = state_hash(after, BEFORE)
    for text in (md5, f"[('{md5}',)]"):
        goal = {"tables": {}, "agentbench": {"type": "INSERT", "label": [], "md5": text}}
        assert grade_agentbench(goal, None, BEFORE, after, "fc").success
        assert not grade_agentbench(goal, None, BEFORE, BEFORE, "v0.2").success


async def test_the_grader_is_an_option_of_the_world():
    goal = {"answer": [None], "agentbench": {"type": "other", "label": ["none"]}}
    for name, right in (("strict", False), ("agentbench", True), ("agentbench-v0.2", False)):
        world = await open_world(goal=goal, grader=name)
        seen = await say(world, ["0"])
        assert (await world.grade(seen.answer)).success is right


async def test_agentbench_judges_a_goal_without_its_own_fields_by_what_there_is():
    goal = {"tables": {"items": {"columns": ["id", "name", "price"], "rows": [[1, "pen", 1.5], [2, "ink", 4]]}}}
    world = await open_world(goal=goal, grader="agentbench")
    assert not (await world.grade(["done"])).success
    await sql(world, "DELETE FROM items WHERE price IS NULL")
    assert (await world.grade(["done"])).success

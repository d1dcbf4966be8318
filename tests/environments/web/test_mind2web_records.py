"""Mind2Web's own files: records become recorded visits, graded step by step as Mind2Web does."""

import asyncio
import json

import pytest

from simenv.errors import WorldError
from simenv.plugins import environment
from simenv.plugins.environments.web.engine.document import DEEPEST
from simenv.plugins.environments.web.engine.snapshot import NoSnapshot, read_snapshot, read_tree, write_tree
from simenv.plugins.environments.web.sources import Mind2WebRecords
from simenv.plugins.environments.web.tasks.mind2web_records import BadRecord, read_task
from simenv.plugins.environments.web.teacher import WebExpert
from simenv.runtime import task_reader
from simenv.source import Rejected
from simenv.teach.admission import admit
from simenv.types import Stop

from .conftest import Web

PAGE = """<html backend_node_id="1"><head backend_node_id="2"><title backend_node_id="3">Tables</title></head>
<body backend_node_id="4"><tr><td><a backend_node_id="10"><svg backend_node_id="11" aria_label="Home"/></a></td></tr>
<a backend_node_id="12" class="top-link"><text backend_node_id="13">Find a
 table &amp; book</text></a>
<label backend_node_id="20"><text>City</text>
<input backend_node_id="21" type="search" placeholder="Where" input_value="Rome"/></label>
<select backend_node_id="30" name="party"><option backend_node_id="31" option_selected="true"><text>2 people</text></option>
<option backend_node_id="32"><text>4 people</text></option></select>
<div backend_node_id="40"><text>Footer</text></div></body></html>"""
TAGS = {10: "a", 11: "svg", 12: "a", 21: "input", 30: "select", 40: "div"}


def candidate(node, rank=None, **more):
    attributes = {"backend_node_id": str(node), "bounding_box_rect": "10,10,100,20", "is_clickable": "true"}
    given = {"tag": TAGS[node], "backend_node_id": str(node), "attributes": json.dumps(attributes), **more}
    return given if rank is None else {**given, "rank": rank}


def recorded(node, op="CLICK", value="", ranks=None, right=(), page=PAGE):
    ranks, nodes = ranks or {}, [node, *right]
    return {
        "action_uid": f"uid-{node}",
        "raw_html": "<html>" + "<p>noise</p>" * 50 + "</html>",
        "cleaned_html": page,
        "operation": {"op": op, "original_op": op, "value": value},
        "pos_candidates": [
            candidate(n, ranks.get(n), is_original_target=n == node, is_top_level_target=True) for n in nodes
        ],
        "neg_candidates": [candidate(n, ranks.get(n)) for n in TAGS if n not in nodes],
    }


def record(*actions, **more):
    actions = actions or (recorded(12), recorded(21, "TYPE", "Oslo harbour"), recorded(30, "SELECT", "4 people"))
    words = [f"[a]  step {n} -> {a['operation']['op']}" for n, a in enumerate(actions, 1)]
    return {
        "website": "tables",
        "domain": "Travel",
        "subdomain": "Restaurant",
        "annotation_id": "0a1b-2c3d",
        "confirmed_task": "Book a table for 4 in Oslo.",
        "action_reprs": words,
        "actions": list(actions),
    } | more


def number(visit, node):
    return next(e.number for e in visit.world.tab.document.elements if e.node.attributes.get("data-node") == str(node))


def test_a_record_is_admitted_and_its_recorded_steps_are_right():
    task = read_task(record(), "train_0.json:1")
    assert (task.id, task.instruction, task.kind) == ("mind2web-0a1b-2c3d", "Book a table for 4 in Oslo.", "mind2web")
    assert [move.action.name for move in task.solution] == ["click", "type", "select"]
    assert "noise" not in json.dumps(task.spec)
    for observe in ("html", "tree", "text", "choices"):
        world = Web(Web.Options(observe=observe))
        assert asyncio.run(admit(world, environment("web"), task)) == task, observe


def test_pages_show_candidates_and_the_recorded_steps_before(visit):
    task = read_task(record(), "x")
    one = visit(task)
    assert one.seen.text.startswith("Previous actions: None\nPage: Tables (/step/1)\n<html>")
    assert "Find a table & book" in one.seen.text and "value=Rome" in one.seen.text and "‹" not in one.seen.text
    assert [e.node.tag for e in one.world.tab.document.elements] == ["a", "svg", "a", "input", "select", "div"]
    assert [e.label for e in one.world.tab.document.elements][1:4] == ["Home", "Find a table & book", "City"]
    one.click(number(one, 40))  # wrong, and the recording goes on all the same
    assert one.seen.text.startswith("Previous actions: [a]  step 1 -> CLICK\nPage: Tables (/step/2)\n")
    assert not one.seen.invalid and one.seen.stop is None and one.seen.choices == ()


def test_each_step_is_graded_as_mind2web_does(visit):
    one = visit(read_task(record(recorded(12, right=(10,)), recorded(21, "TYPE", "Oslo harbour"), recorded(30)), "x"))
    one.click(number(one, 10)).act("type", element=number(one, 21), text="Oslo").click(number(one, 40))
    assert one.seen.stop is Stop.done
    grade = one.grade()
    assert not grade.success and grade.progress == pytest.approx(1 / 3)
    assert grade.metrics["element_acc"] == pytest.approx(2 / 3)
    assert grade.metrics["action_f1"] == pytest.approx((1 + 0.8 + 1) / 3)
    assert grade.metrics["step_sr"] == pytest.approx(1 / 3)
    assert grade.subgoals == {"step 1": True, "step 2": False, "step 3": False}
    assert grade.reasons == ("wrong or missing: step 2, 3",)


def test_a_step_that_was_not_reached_is_wrong(visit):
    one = visit(read_task(record(), "x"))
    one.click(number(one, 12)).act("answer", text="done")
    assert one.grade("done").metrics == pytest.approx({"element_acc": 1 / 3, "action_f1": 1 / 3, "step_sr": 1 / 3})


def test_the_value_of_a_click_does_not_count():
    assert read_task(record(recorded(12, value="left over")), "x").goal["steps"][0]["value"] == ""


def test_multiple_choice_takes_ranks_where_there_are_some_and_passes_over_what_nobody_chose(visit):
    ranks = {12: 0, 40: 1, 21: 7, 30: 50}
    one = visit(
        read_task(record(recorded(12, ranks=ranks), recorded(30, ranks=ranks)), "x"), observe="choices", topk=10
    )
    assert len(one.seen.choices) == 4 and "Previous actions:\nNone" in one.seen.text
    one.click("A")
    assert "Previous actions:\n[a]  step 1 -> CLICK" in one.seen.text and not one.seen.invalid
    assert "A. None of the above" in one.seen.text
    one.click("A")
    assert one.seen.stop is Stop.done and one.grade().metrics["element_acc"] == 0.0


def test_the_expert_answers_question_by_question():
    async def play():
        task = read_task(record(), "x")
        world = Web(Web.Options(observe="choices"))
        await world.reset(task)
        for _ in range(40):
            blob = await world.snapshot()
            await world.restore(blob)
            observation = await world.step(WebExpert().plan(world, task)[0].action)
            if observation.stop:
                return await world.grade()
        raise AssertionError("the visit does not end")

    assert asyncio.run(play()).success


def test_a_step_without_a_right_element_cannot_be_solved():
    gone = recorded(12)
    gone["pos_candidates"] = []
    task = read_task(record(gone, recorded(21)), "x")
    assert task.goal["steps"][0]["nodes"] == [] and task.solution == ()
    rejected = asyncio.run(admit(Web(), environment("web"), task))
    assert isinstance(rejected, Rejected) and rejected.cause == "unsolvable"


def test_a_page_that_others_wrote_as_html_is_read(visit):
    page = '<html><body><input backend_node_id="21"><br><a$b><a backend_node_id="12">Home &nbsp; page</a></body></html>'
    one = visit(read_task(record(recorded(12, page=page)), "x"))
    assert "Home page" in one.seen.text and len(one.world.tab.document.elements) == 2


@pytest.mark.parametrize("layout", ["array", "lines", "single"])
def test_files_are_read_record_by_record(tmp_path, layout):
    records = [record(annotation_id=f"t{n}") for n in range(3)]
    records = records[:1] if layout == "single" else records
    path = tmp_path / ("train_0.jsonl" if layout == "lines" else "train_0.json")
    lines = [json.dumps(r) for r in records]
    texts = {"lines": "\n".join(lines), "single": lines[0], "array": "[" + ",\n".join(lines) + "]"}
    path.write_text(texts[layout])
    reader = task_reader(environment("web"), path)
    assert isinstance(reader, Mind2WebRecords)
    assert [t.id for t in reader.tasks(path)] == [f"mind2web-t{n}" for n in range(len(records))]


def test_a_folder_of_files_is_read_in_the_order_of_their_numbers(tmp_path):
    for n in (10, 2, 0):
        (tmp_path / "train").mkdir(exist_ok=True)
        (tmp_path / "train" / f"train_{n}.json").write_text(json.dumps([record(annotation_id=f"t{n}")]))
    reader = task_reader(environment("web"), tmp_path)
    assert [t.id for t in reader.tasks(tmp_path)] == ["mind2web-t0", "mind2web-t2", "mind2web-t10"]


def test_one_bad_record_does_not_end_the_file(tmp_path):
    path = tmp_path / "test_task_0.json"
    path.write_text(json.dumps([record(confirmed_task=""), record(annotation_id="t1"), 7]))
    first, second, third = Mind2WebRecords().tasks(path)
    assert first.where == f"{path}:1" and first.reason == "confirmed_task: expected a text that is not empty"
    assert second.id == "mind2web-t1" and third.reason.endswith("got int")


def changed(field, value, action=True):
    bad = record()
    (bad["actions"][1] if action else bad)[field] = value
    return bad


@pytest.mark.parametrize(
    "bad, reason",
    [
        (changed("actions", [], action=False), "actions: expected 1 to 500, got 0"),
        (changed("annotation_id", "../../x", action=False), "annotation_id: expected letters, digits"),
        (
            changed("action_reprs", ["a"], action=False),
            "action_reprs: expected 3 texts, one for each of `actions`, got 1",
        ),
        (changed("cleaned_html", None), "actions[1].cleaned_html: expected str, got nothing"),
        (changed("cleaned_html", "no page"), "actions[1].cleaned_html: no tree of elements"),
        (
            changed("operation", {"op": "HOVER"}),
            "actions[1].operation.op: expected one of CLICK, TYPE, SELECT, got 'HOVER'",
        ),
        (changed("operation", {"op": "TYPE", "value": 3}), "actions[1].operation.value: expected a text, got int"),
        (changed("pos_candidates", {}), "actions[1].pos_candidates: expected list, got dict"),
        (
            changed("neg_candidates", [{"backend_node_id": "x"}]),
            "actions[1].neg_candidates[0].backend_node_id: expected",
        ),
        (
            changed("neg_candidates", [{"attributes": "{"}]),
            "actions[1].neg_candidates[0].attributes: expected an object",
        ),
    ],
)
def test_a_bad_record_is_refused_by_its_field(bad, reason):
    with pytest.raises(BadRecord) as refused:
        read_task(bad, "x")
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize("head", ['<!DOCTYPE a [<!ENTITY b "c">]>', '<!DOCTYPE a SYSTEM "file:///etc/passwd">'])
def test_document_types_and_entities_are_refused(head):
    with pytest.raises(NoSnapshot):
        read_tree(f"{head}<a>&b;</a>")
    spec = {"name": "x", "recording": [{"html": f"{head}<a>&b;</a>"}]}
    task = read_task(record(), "x").model_copy(update={"spec": spec})
    with pytest.raises(WorldError, match=r"recording\[0\]\.html: a document type"):
        asyncio.run(Web().reset(task))


def test_a_page_nested_without_end_is_read_flat():
    deep = "<div>" * 3000 + '<a onclick="">end</a>' + "</div>" * 3000
    assert [e.label for e in read_snapshot(deep).elements] == ["end"]
    assert write_tree(read_tree(deep)).count("<div") == 3000
    assert max(map(depth, [read_tree(deep)])) == DEEPEST


def depth(node):
    inner = [depth(c) for c in node.children if not isinstance(c, str)]
    return 1 + max(inner, default=-1)


def test_a_recording_does_not_go_back(visit):
    one = visit(read_task(record(), "x"))
    assert one.act("go_back").seen.invalid and "pages come in their order" in one.seen.text

"""What is said to a model whose draft is refused: everything that is wrong at once, and each thing by its name."""

import copy
import json

from simenv.models.clients.scripted import scripted
from tests.helpers.teaching import teaching_run
from tests.teach.planted import GRAPH, KG, SITE, WEB, books, draft, move, ships

SHORT = "SELECT COUNT(*) FROM ships WHERE length_m < 100"


async def said(value, **options):
    """The second request that a model gets after a first draft, or a first text."""
    name = value["environment"] if isinstance(value, dict) else options.pop("environment", "db")
    model = scripted(*[value if isinstance(value, str) else json.dumps(value)] * 2)
    run = teaching_run(model, name, tasks=1, repairs=1, **options)
    await run.authors[name].write(run.assignments[name][0], 0)
    return model.requests[1].messages[-1].content


async def test_a_break_in_the_json_is_shown_with_what_stands_around_it():
    text = json.dumps(ships("How many?", 3, SHORT)).replace('"rows": [["Aurora"', '"rows": [["Aurora" ')
    broken = text.replace('"Beluga", "95.5"', '"Beluga" "95.5"')
    answer = await said(broken)
    assert "Expecting ',' delimiter" in answer and '["Beluga" ⟨here⟩"95.5", "A2"]' in answer


async def test_all_that_is_wrong_is_said_at_once():
    value = ships("Gannet is the longest ship at no berth. Which is it?", "Gannet", SHORT, "SELECT lenght FROM ships")
    value["solution"].insert(0, move("run_sql", query="SELECT 1"))
    value["environment"] = "database"
    answer = await said(json.dumps(value), topics=[{"topic": "a zoo", "words": ["zoo"]}])
    for part in (
        "expected 'db', got 'database'",
        "unknown action 'run_sql'",
        "the instruction tells the answer: 'Gannet'",
        "holds one of the words zoo",
        "step 3 of the solution fails: execute_sql",
        "Unknown column 'lenght'",
        "the last result",
    ):
        assert part in answer, part


async def test_every_fault_of_a_graph_is_said_at_once():
    graph = copy.deepcopy(GRAPH) | {"attributes": {"book.book.pages": {"domain": "book.book", "kind": "number"}}}
    graph["triples"].append(["m.b9", "book.book.author", "m.a1"])
    graph["values"] = [["m.b1", "book.book.pages", "104 pages"]]
    value = copy.deepcopy(KG["right"])
    value["spec"]["graph"] = graph
    answer = await said(value)
    assert "'m.b9' is none of the graph's entities" in answer and "expected a number, found '104 pages'" in answer


async def test_the_members_that_differ_are_named_and_so_is_who_is_at_fault():
    answer = await said(KG["other row"][1])
    assert "the goal lists, but the solution's variable does not hold m.b3 (Atlas of the Sea)" in answer
    assert "the solution's variable holds, but the goal does not list m.b2 (Seven Small Foxes)" in answer
    assert "if they are right, the goal is at fault" in answer


async def test_a_refused_call_comes_with_its_reason():
    answer = await said(
        books("Which books?", ["m.b1"], move("get_neighbors", variable="Nora", relation="x"), variable="#0")
    )
    assert "there is no entity 'Nora'" in answer


async def test_a_trace_shows_what_is_new_on_a_page_and_not_its_header():
    site = SITE | {
        "tagline": "Day and night, summer and winter, for all who are lost in the mountains between here and there.",
        "forms": {
            "report": {
                "title": "Report an accident",
                "fields": [
                    {"name": "place", "label": "Place", "kind": "text"},
                    {"name": "people", "label": "People", "kind": "number", "max": 9},
                ],
                "submit": "Send report",
                "into": "reports",
            }
        },
    }
    steps = [
        move("click", element="Report an accident"),
        move("type", element="Place", text="Valscura"),
        move("type", element="People", text="12"),
        move("click", element="Send report"),
        move("answer", text="done"),
    ]
    goal = {"records": [{"table": "reports", "match": {"place": "Valscura", "people": 12}}]}
    answer = await said(draft("web", "Report an accident of 12 people at Valscura.", site, goal, *steps))
    assert "reports 1: the solution leaves no new record in 'reports'" in answer
    sent = answer.partition('click {"element":"Send report"}')[2]
    assert "Alpine Rescue" not in sent.partition("\n")[0] and "9" in sent


async def test_a_record_that_differs_is_told_field_by_field():
    site = SITE | {
        "forms": {
            "call": {
                "title": "Ask for a call",
                "fields": [
                    {"name": "name", "label": "Name", "kind": "text"},
                    {"name": "phone", "label": "Phone", "kind": "text"},
                ],
                "submit": "Ask",
                "into": "calls",
            }
        }
    }
    steps = [
        move("click", element="Ask for a call"),
        move("type", element="Name", text="Jo Fenn"),
        move("type", element="Phone", text="555 0102"),
        move("click", element="Ask"),
        move("answer", text="done"),
    ]
    goal = {"records": [{"table": "calls", "match": {"name": "Jo Fenn", "phone": "555 0101"}}]}
    answer = await said(draft("web", "Ask for a call to Jo Fenn, 555 0101.", site, goal, *steps))
    assert "calls 1: phone is '555 0102' and the goal says '555 0101'" in answer


async def test_the_row_that_holds_the_answer_is_named():
    answer = await said(WEB["other row"][1])
    assert "the answer stands in the row 'valscura'" in answer and "names 'valchiara'" in answer

# ruff: noqa: E501
"""Small samples of all that is fuzzed: each is read as it is, and damage to it reaches what lies behind the first check."""

import json
from typing import Any


def as_json(*values: Any) -> list[bytes]:
    """Values as JSON texts."""
    return [json.dumps(v).encode() for v in values]


TASK = {
    "id": "t-1", "environment": "counter", "instruction": "Count to 3.", "spec": {"start": 0}, "goal": {"value": 3},
    "solution": [{"thought": "On.", "action": {"name": "add", "arguments": {"amount": 3}}}], "kind": "", "source": "",
}  # fmt: skip
MESSAGES = [
    {"role": "system", "content": "You act."}, {"role": "user", "content": "Count to 3."},
    {"role": "assistant", "content": "Thought: on\nAction: add\nAction Input: 3", "author": "agent", "train": True},
]  # fmt: skip
TRAJECTORY = {
    "version": "2", "id": "t-1.0", "task": "t-1", "environment": "counter", "seed": 1, "dialect": "react", "attempt": 0,
    "agent": "expert", "stop": "submitted", "messages": MESSAGES, "kind": "k",
    "steps": [{"action": {"name": "add", "arguments": {"amount": 3}}, "observation": {"text": "3", "source": "engine"}, "message": 2}],
    "grade": {"success": True, "progress": 1.0}, "usage": {"calls": 1, "input_tokens": 9, "cost": 0.5}, "timing": {"started": "2026-01-02T03:04:05Z", "seconds": 1.5},
}  # fmt: skip
SAMPLE = {
    "id": "s", "task": "t", "environment": "db", "source": "gold", "origin": "x", "messages": MESSAGES, "kind": "",
}  # fmt: skip
CHATS = as_json(
    {"id": "a_1", "conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "yo", "loss": True}]},
    {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": None, "tool_calls": [
        {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{\"a\": 1}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "1"}], "tools": "[{\"type\": \"function\"}]"},
    {"instruction": "a", "input": "", "output": "b", "history": [["c", "d"]], "system": "s"},
    {"conversations": [{"from": "human", "value": "q"}, {"from": "function_call", "value": "{\"name\": \"f\", \"arguments\": {}}"},
        {"from": "observation", "value": "1"}, {"from": "gpt", "value": "z"}], "tools": "[]"},
    SAMPLE, TRAJECTORY,
)  # fmt: skip
YAMLS = [
    b"environments: {counter: {episodes: 3}}\nagent: {name: expert, error_rate: 0.25}\nlimits: {max_turns: 4}\n",
    b"environments: {counter: &c {episodes: 3}, db: {<<: *c, admit: all}}\nmodel: {name: openai, model: x}\nhooks: [{name: hint, tries: 2}]\n",
    b"attempts: 2\nbudget: 1.5\nplugins: []\nmode: checked\npolicy: flag\nteacher: null\nlimits: {max_turns: 3}\n",
]
DBBENCH = as_json({"description": "How many?", "type": ["counting"], "label": ["2"], "add_description": "", "sql": {"query": "SELECT 1"},
    "table": {"table_name": "t", "table_info": {"columns": [{"name": "a", "type": "INT"}, {"name": "b", "type": "TEXT"}],
    "rows": [[1, "x"], [2, "y"]]}}})  # fmt: skip
OSBENCH = as_json(
    [
        {
            "description": "How many files?",
            "create": {"init": "touch a"},
            "start": "ls",
            "evaluation": {"match": "3"},
            "labels": ["x"],
        }
    ],
    {
        "description": "d",
        "create": {"init": {"language": "python", "code": "1"}},
        "evaluation": {"match": {"regex": "(a|b)+"}},
    },
    {"description": "d", "evaluation": {"check": [None, {"file": "check.py"}], "example": {"code": "echo 1"}}},
)
KGBENCH = as_json([{"qid": "1", "question": "who?", "entities": {"a": "m.01"}, "answer": [{"answer_type": "Entity", "answer_argument": "m.02"}],
    "actions": ["get_relations(a)", "get_neighbors(a, x.y.z)", "count(#0)"], "source": "grail"}])  # fmt: skip
PATHS = [b"who is x?\ty(y/)\tx#parent#y#<end>#y\nand z?\ty(y/w/)\tz#child#y#<end>#y\n"]
SPIDER = as_json(
    [
        {"db": "none", "query": "how many?", "gold": "SELECT 1"},
        {"db_id": "x", "question": "q", "query": "SELECT a FROM t ORDER BY a"},
    ]
)
WEBSHOP = as_json({"B01": {"attributes": ["soft", "blue"], "instruction": "Find me soft sofas with blue.", "instruction_attributes": ["soft"]},
    "B02": {"attributes": ["red"]}})  # fmt: skip
MIND2WEB = as_json({
    "annotation_id": "a-1", "website": "x", "confirmed_task": "Go home.", "action_reprs": ["[a]  Home -> CLICK"], "actions": [{
        "action_uid": "u", "operation": {"op": "CLICK", "value": ""}, "neg_candidates": [{"backend_node_id": "3", "rank": 4}],
        "cleaned_html": '<html><a backend_node_id="2"><text>Home</text></a><p backend_node_id="3"/></html>',
        "pos_candidates": [{"tag": "a", "attributes": '{"backend_node_id": "2"}', "is_original_target": True}]}]})  # fmt: skip
GAMES = as_json({"json_2.1.1/x": {}, "pick": ["json_2.1.1/a/game.tw-pddl", "b/game.tw-pddl"]})
GAME = as_json(
    {
        "gamefile": "json_2.1.1/a/game.tw-pddl",
        "grammar": {"rhs": "Your task is to: put a cup on the desk"},
        "pddl_problem": "(define (problem p) (:domain alfred) (:objects cup1 - object desk1 - receptacle) (:init (atLocation agent1 loc1)))",
    }
)
REPLIES = [
    b'Thought: on I go\nAction: add\nAction Input: {"amount": 3}', b"Action: Operation\n```sql\nSELECT 1;\n```", b"Final Answer: ['a', 3]",
    b"Think: x\nAct: bash\n```bash\nls | wc -l\n```", b"ACTION: go to desk 1", b"Action: get_relations(Barack Obama)", b"Answer: B. CLICK",
    b'click[<button> "Buy"]', b'<tool_call>{"name": "add", "arguments": {"amount": 1}}</tool_call>', b'{"name": "f", "parameters": {}}',
    b'[{"name": "add", "arguments": "{}"}]', b"search[red sofa]", b"Action: answer\nAction Input: {\"value\": \"\\ud83d\\ude42\"}",
    b"<think>so</think>Action: execute_sql\nAction Input: SELECT * FROM `t`",
]  # fmt: skip
PAGES = [
    b'<html><body><h1>Shop</h1><form action="/s" method=get><label>Name<input name=q value="x"></label><select name=s><option value=1>a'
    b"<option selected>b</select><textarea>t</textarea><input type=checkbox checked><button>Go</button></form><a href='/x?y=1'>l</a></body></html>",
    b'[1] link "Home"\n[2] textbox "Name" value="x"\nheading "Shop"\n[3] button "Buy"', b"Page: /x\n<a id=1 href>t</a>",
]  # fmt: skip
FORMS = [
    b"(JOIN r (ENTITY a))",
    b"(AND (JOIN r.x a) (COUNT (ARGMAX b height)))",
    b"get_neighbors(#0, people.person.parent)",
    b"argmax(#1, x.y)",
]
SPARQL = [
    b"SELECT ?x WHERE { ?x <urn:kg:r> ?y . FILTER(?y > 3) } ORDER BY ?x LIMIT 3",
    b"PREFIX k: <urn:kg:> SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE { { k:a k:r ?x } UNION { ?x k:r+ k:b } OPTIONAL { ?x k:s ?z } }",
]
ROWS = as_json({"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "uri", "value": "m.01"}},
    {"x": {"type": "typed-literal", "value": "3", "datatype": "http://www.w3.org/2001/XMLSchema#integer"}}]}})  # fmt: skip
BODIES = as_json(
    {"name": "t", "index": 0}, {"session_id": 1234567, "agent_response": {"status": "normal", "content": "THOUGHT: x\nACTION: go to desk 1"}}, {"session_id": 1234567},
    {"name": "t", "results": [{"index": 0, "result": {"status": "completed", "result": {"result": True}, "history": []}}]},
)  # fmt: skip
CALLS = as_json(
    {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "reset", "arguments": {"seed": 1}}},
    {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "go", "arguments": {"place": "desk 1"}}},
    {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "grade", "arguments": {}}},
    {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {},
     "clientInfo": {"name": "x", "version": "1"}}},
    {"jsonrpc": "2.0", "method": "notifications/initialized"}, {"jsonrpc": "2.0", "id": "a", "method": "tools/list", "params": {"cursor": "x"}},
)  # fmt: skip
REPORT = as_json(
    {"environments": {"all": {"episodes": 3, "success": 0.5, "checks": {"drift": 1}}}, "bugs": [], "usd": 0.5}
)
SURVEY = {"answer": "x", "rooms": [{"name": "a", "size": 3}]}

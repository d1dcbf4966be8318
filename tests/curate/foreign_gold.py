# ruff: noqa: E501 (records read better in one line)
"""Gold as others write it: 24 files of one record, and how each is to be read.

A message is read as `role: content`; `*` marks loss, `~` reasoning, `|` a call with its id, `<id>` the call that a result answers.
"""

from typing import Any, NamedTuple


class Foreign(NamedTuple):
    """A file: its name, its record, the messages that it is read as or what is said where it is refused, and its tools."""

    name: str
    record: dict[str, Any]
    messages: list[str]
    tools: tuple[str, ...] = ()
    refusal: str = ""
    notes: tuple[str, ...] = ()


def turns(*pairs, role="role", text="content"):
    return [{role: speaker, text: said} for speaker, said in pairs]


FLAT = {
    "name": "tide",
    "description": "Tells the tide.",
    "parameters": {"type": "object", "properties": {"port": {"type": "string"}}},
}
NESTED = {"type": "function", "function": FLAT}
CALL = {"id": "c1", "type": "function", "function": {"name": "tide", "arguments": '{"port": "Brest"}'}}
TIDE = 'tide {"port": "Brest"}'
HERMES_SYSTEM = 'You are a function calling AI model.\n<tools>\n[{"type": "function", "function": {"name": "tide", "parameters": {}}}]\n</tools>'

FILES = [
    Foreign("openai_function_call", {"messages": [*turns(("user", "high?")), {"role": "assistant", "content": None, "function_call": {"name": "tide", "arguments": '{"port": "Brest"}'}}, {"role": "function", "name": "tide", "content": "7 m"}, *turns(("assistant", "yes"))], "functions": [FLAT]},
            ["user: high?", f"assistant*: | call_1_0 {TIDE}", "tool<call_1_0>: 7 m", "assistant*: yes"], ("tide",)),
    Foreign("sharegpt_parallel", {"conversations": [*turns(("human", "both"), ("function_call", '{"name": "tide", "arguments": {"port": "A"}}'), ("function_call", '{"name": "tide", "arguments": {"port": "B"}}'), ("observation", "1"), ("observation", "2"), ("gpt", "3"), role="from", text="value")], "tools": '[{"name": "tide"}]'},
            ["user: both", 'assistant*: | call_1_0 tide {"port": "A"} | call_2_0 tide {"port": "B"}', "tool<call_1_0>: 1", "tool<call_2_0>: 2", "assistant*: 3"], ("tide",)),
    Foreign("sharegpt_results_in_one", {"conversations": turns(("human", "both"), ("function_call", '[{"name": "tide", "arguments": {"port": "A"}}, {"name": "tide", "arguments": {"port": "B"}}]'), ("observation", '["1", {"m": 2}]'), ("gpt", "3"), role="from", text="value")},
            ["user: both", 'assistant*: | call_1_0 tide {"port": "A"} | call_1_1 tide {"port": "B"}', "tool<call_1_0>: 1", 'tool<call_1_1>: {"m": 2}', "assistant*: 3"]),
    Foreign("kto", {"messages": turns(("user", "q"), ("assistant", "bad")), "label": False}, [], refusal="label: false"),
    Foreign("loss_weight", {"messages": [*turns(("user", "q")), {"role": "assistant", "content": "a", "loss_weight": 0.0}, *turns(("user", "r")), {"role": "assistant", "content": "b", "loss_weight": 1.0}]},
            ["user: q", "assistant: a", "user: r", "assistant*: b"]),
    Foreign("sharegpt_system", {"id": "db_4", "system": "Be brief.", "conversations": turns(("human", "q"), ("gpt", "a"), role="from", text="value")},
            ["system: Be brief.", "user: q", "assistant*: a"]),
    Foreign("kimi_tools", {"messages": turns(("system", '<|im_system|>tool_declare<|im_middle|>[{"name": "tide"}]<|im_end|>'), ("user", "q"), ("assistant", "a")), "available_tools": '[{"name": "tide"}]', "question": "q"},
            ["user: q", "assistant*: a"], ("tide",), notes=("question",)),
    Foreign("train_detail", {"conversations": [*turns(("human", "q"), role="from", text="value"), {"from": "gpt", "value": "abc", "train_detail": [{"begin_offset": 0, "end_offset": 1, "train": False}]}]}, [], refusal="train_detail: loss on a part of a turn"),
    Foreign("text_parts_and_flags", {"train": True, "messages": [{"role": "user", "content": [{"type": "text", "text": "look "}, {"type": "text", "text": "here"}]}, {"role": "assistant", "content": [{"type": "text", "text": "I do"}], "loss_scale": 0}, *turns(("user", "now?")), {"role": "assistant", "content": "yes", "step_loss_mask": 1, "mood": "calm"}]},
            ["user: look here", "assistant: I do", "user: now?", "assistant*: yes"], notes=("messages[].mood",)),
    Foreign("reasoning", {"messages": [*turns(("user", "q")), {"role": "assistant", "content": "a", "reasoning_content": "why"}, *turns(("user", "r"), ("assistant", "<think>\nso\n</think>\n\nb"))]},
            ["user: q", "assistant*: ~reasoning_content why~ a", "user: r", "assistant*: ~think so~ b"]),
    Foreign("picture", {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}, *turns(("assistant", "a"))]}, [], refusal="messages[0].content[0]: expected a part of the type text, got 'image_url'"),
    Foreign("atif", {"schema_version": "ATIF-v1.6", "session_id": "s1", "agent": {"name": "a", "version": "1", "tool_definitions": [NESTED]}, "steps": [
        {"step_id": 1, "source": "system", "message": "Sail."}, {"step_id": 2, "source": "user", "message": "high?"}, {"step_id": 3, "source": "agent", "message": "old", "is_copied_context": True},
        {"step_id": 4, "source": "agent", "message": "", "reasoning_content": "look", "tool_calls": [{"tool_call_id": "c1", "function_name": "tide", "arguments": {"port": "Brest"}}, {"tool_call_id": "c2", "function_name": "tide", "arguments": {}}], "observation": {"results": [{"source_call_id": "c2", "content": "no"}, {"source_call_id": "c1", "content": "7"}]}},
        {"step_id": 5, "source": "agent", "message": "ls", "observation": {"results": [{"content": "a b"}]}}, {"step_id": 6, "source": "agent", "message": "yes", "metrics": {"cost_usd": 0.1}}], "continued_trajectory_ref": "next.json"},
            ["system: Sail.", "user: high?", "assistant: old", f"assistant*: ~reasoning_content look~ | c1 {TIDE} | c2 tide {{}}", "tool<c2>: no", "tool<c1>: 7", "assistant*: ls", "user: a b", "assistant*: yes"], ("tide",), notes=("continued_trajectory_ref",)),
    Foreign("agent_data_protocol", {"id": "os_3", "content": [{"class_": "text_observation", "content": "list", "source": "user"}, {"class_": "api_action", "function": "tide", "kwargs": {"port": "Brest"}, "description": "I ask."}, {"class_": "text_observation", "content": "7", "source": "environment"}, {"class_": "code_action", "language": "bash", "content": "ls", "description": None}, {"class_": "text_observation", "content": "a", "source": "environment"}, {"class_": "message_action", "content": "done", "description": None}], "details": {}},
            ["user: list", f"assistant*: I ask. | call_1_0 {TIDE}", "tool<call_1_0>: 7", "assistant*: ```bash\nls\n```", "user: a", "assistant*: done"]),
    Foreign("tau", {"task_id": 3, "reward": 1.0, "info": {}, "trial": 0, "traj": [*turns(("system", "Policy."), ("user", "high?")), {"role": "assistant", "content": None, "tool_calls": [CALL]}, {"role": "tool", "tool_call_id": "c1", "name": "tide", "content": "7"}, *turns(("assistant", "yes"))]},
            ["system: Policy.", "user: high?", f"assistant*: | c1 {TIDE}", "tool<c1>: 7", "assistant*: yes"]),
    Foreign("tau2", {"timestamp": "t", "tasks": [], "info": {"environment_info": {"policy": "Policy.", "domain_name": "sea"}}, "simulations": [{"id": "x", "task_id": "9", "trial": 1, "reward_info": {"reward": 1.0}, "messages": [
        {"role": "assistant", "content": "Hello", "turn_idx": 0}, {"role": "user", "content": "high?"}, {"role": "user", "content": None, "tool_calls": [{"id": "u1", "name": "reboot", "arguments": {}, "requestor": "user"}]}, {"role": "tool", "id": "u1", "content": "rebooted", "requestor": "user"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "name": "tide", "arguments": {"port": "Brest"}, "requestor": "assistant"}]}, {"role": "tool", "id": "c1", "content": "7", "requestor": "assistant", "error": False}, {"role": "assistant", "content": "yes"}]}]},
            ["system: Policy.", "assistant*: Hello", "user: high?", f"assistant*: | c1 {TIDE}", "tool<c1>: 7", "assistant*: yes"], notes=("tools that the user called",)),
    Foreign("swe_agent", {"environment": "swe_main", "trajectory": [{"action": "ls", "observation": "a", "response": "r", "thought": "t"}], "history": [{"role": "system", "content": "Fix.", "agent": "main", "message_type": "system_prompt"}, {"role": "user", "content": "demo", "is_demo": True}, {"role": "assistant", "content": "old", "is_demo": True}, {"role": "user", "content": [{"type": "text", "text": "issue", "cache_control": {}}]}, {"role": "assistant", "content": "look", "thought": "look", "action": "ls", "tool_calls": [CALL]}, {"role": "tool", "content": [{"type": "text", "text": "a"}], "tool_call_ids": ["c1"]}, {"role": "assistant", "content": "done"}], "info": {"exit_status": "submitted"}},
            ["system: Fix.", "user: demo", "assistant: old", "user: issue", f"assistant*: look | c1 {TIDE}", "tool<c1>: a", "assistant*: done"]),
    Foreign("swe_smith", {"instance_id": "i", "resolved": True, "model": "m", "traj_id": "t", "patch": "p", "messages": '[{"role": "user", "content": "issue"}, {"role": "assistant", "content": [{"type": "text", "text": "fixed"}]}]'},
            ["user: issue", "assistant*: fixed"], notes=("instance_id", "model", "traj_id", "patch")),
    Foreign("toolbench", {"id": "Step 2: q", "conversations": turns(("system", "APIs."), ("user", "high?"), ("assistant", '\nThought: ask\nAction: tide\nAction Input: {"port": "Brest"}'), ("function", '{"m": 7}'), ("assistant", '\nThought: enough\nAction: Finish\nAction Input: {"return_type": "give_answer"}'), role="from", text="value")},
            ["system: APIs.", "user: high?", f"assistant*: Thought: ask | call_2_0 {TIDE}", 'tool<call_2_0>: {"m": 7}', 'assistant*: Thought: enough | call_4_0 Finish {"return_type": "give_answer"}']),
    Foreign("xlam", {"id": 5, "query": "high?", "answers": '[{"name": "tide", "arguments": {"port": "Brest"}}]', "tools": '[{"name": "tide", "description": "d", "parameters": {"port": {"type": "str", "description": "p"}, "day": {"type": "int, optional", "default": 1}}}]'},
            ["user: high?", f"assistant*: | call_1_0 {TIDE}"], ("tide",)),
    Foreign("glaive", {"system": 'SYSTEM: You are a pilot with access to the following functions. Use them if required -\n{\n    "name": "tide",\n    "parameters": {\n        "type": "object"\n    }\n}\n', "chat": 'USER: high?\n\n\nASSISTANT: <functioncall> {"name": "tide", "arguments": \'{"port": "Brest"}\'} <|endoftext|>\n\n\nFUNCTION RESPONSE: {"m": 7}\n\n\nASSISTANT: yes <|endoftext|>\n'},
            ["system: You are a pilot.", "user: high?", f"assistant*: | call_1_0 {TIDE}", 'tool<call_1_0>: {"m": 7}', "assistant*: yes"], ("tide",)),
    Foreign("hermes", {"id": "h", "conversations": turns(("system", HERMES_SYSTEM), ("human", "high?"), ("gpt", '<tool_call>\n{"name": "tide", "arguments": {"port": "Brest"}}\n</tool_call>'), ("tool", '<tool_response>\n{"name": "tide", "content": 7}\n</tool_response>'), ("gpt", "yes"), role="from", text="value"), "category": "sea"},
            ["user: high?", f"assistant*: | call_1_0 {TIDE}", 'tool<call_1_0>: {"name": "tide", "content": 7}', "assistant*: yes"], ("tide",), notes=("category",)),
    Foreign("inspect", {"version": 2, "status": "success", "eval": {"task": "t"}, "samples": [{"id": 1, "epoch": 1, "input": "high?", "target": "yes", "scores": {"match": {"value": "C"}}, "messages": [{"role": "user", "content": "high?", "source": "input", "id": "m"}, {"role": "assistant", "content": [{"type": "reasoning", "reasoning": "look", "signature": "sig"}, {"type": "text", "text": "I ask"}], "tool_calls": [{"id": "c1", "function": "tide", "arguments": {"port": "Brest"}, "type": "function"}], "model": "x"}, {"role": "tool", "content": "7", "tool_call_id": "c1", "function": "tide"}, {"role": "assistant", "content": "yes"}]}]},
            ["user: high?", f"assistant*: ~thinking look~ I ask | c1 {TIDE}", "tool<c1>: 7", "assistant*: yes"]),
    Foreign("responses", {"id": "r", "object": "response", "instructions": "Sail.", "input": "high?", "output": [{"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "look"}]}, {"type": "function_call", "id": "f", "call_id": "c1", "name": "tide", "arguments": '{"port": "Brest"}', "status": "completed"}, {"type": "function_call_output", "call_id": "c1", "output": "7"}, {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "yes", "annotations": []}]}], "tools": [{"type": "function", **FLAT}]},
            ["system: Sail.", "user: high?", f"assistant*: ~responses look~ | c1 {TIDE}", "tool<c1>: 7", "assistant*: yes"], ("tide",)),
    Foreign("anthropic", {"system": "Sail.", "messages": [{"role": "user", "content": "high?"}, {"role": "assistant", "content": [{"type": "thinking", "thinking": "look", "signature": "sig"}, {"type": "text", "text": "I ask"}, {"type": "tool_use", "id": "t1", "name": "tide", "input": {"port": "Brest"}}, {"type": "tool_use", "id": "t2", "name": "tide", "input": {}}]}, {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t2", "content": "no"}, {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "7"}]}, {"type": "text", "text": "go on"}]}, {"role": "assistant", "content": "yes"}], "tools": [{"name": "tide", "input_schema": {"type": "object"}}]},
            ["system: Sail.", "user: high?", f"assistant*: ~thinking look~ I ask | t1 {TIDE} | t2 tide {{}}", "tool<t2>: no", "tool<t1>: 7", "user: go on", "assistant*: yes"], ("tide",)),
]  # fmt: skip

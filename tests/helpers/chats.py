"""Chats in which each message has a word of its own, so that decoded tokens show which message they are of."""

from simenv.types import Call, Message, Sample

TOOL = {
    "type": "function",
    "function": {
        "name": "open",
        "description": "Opens what is given.",
        "parameters": {"type": "object", "properties": {"what": {"type": "string"}, "hard": {"type": "boolean"}}},
    },
}


def message(role, content, train=False, calls=(), call_id=None):
    return Message(role=role, content=content, train=train, calls=calls, call_id=call_id)


def call(id, arguments):
    return Call(id=id, name="open", arguments=arguments)


def sample(id, *messages, tools=()):
    return Sample(id=id, task=id, environment="db", source="run", messages=messages, tools=tools)


PLAIN = sample(
    "plain",
    message("system", "amber: be brief"),
    message("user", "birch: go to the table"),
    message("assistant", "cedar: the key is there", train=True),
)
ERRORS = sample(
    "errors",
    message("user", "delta: take the key"),
    message("assistant", "ember: tkae it", train=False),
    message("user", "Observation: fjord, no such action"),
    message("assistant", "gamma: wrong again"),
    message("user", "Observation: heron, no such action"),
    message("assistant", "indigo: take the key\nAction: take\nAction Input: key", train=True),
    message("user", "Observation: jasper\n"),
    message("assistant", "  karma: the key, the key  \n", train=True),
    message("user", "Observation: lemon"),
    message("assistant", "melon: one more slip"),
    message("user", "Observation: north"),
)
CALLS = sample(
    "calls",
    message("system", "olive: use the tools"),
    message("user", "pearl: open the door"),
    message("assistant", "quartz: I try", calls=(call("c1", '{"what": "window raven"}'),)),
    message("tool", "saffron: there is none", call_id="c1"),
    message("assistant", "", train=True, calls=(call("c2", '{"what": "door topaz", "hard": null}'),)),
    message("tool", "umber: it is open", call_id="c2"),
    message(
        "assistant",
        "violet: both",
        train=True,
        calls=(call("c3", '{"what": "a walnut"}'), call("c4", '{"hard": true, "what": "xenon é 中"}')),
    ),
    message("tool", "yellow: yes", call_id="c3"),
    message("tool", "zebra: yes", call_id="c4"),
    message("assistant", "acorn: done 🙂", train=True),
    tools=(TOOL,),
)
NEIGHBOURS = sample(
    "neighbours",
    message("user", "basil"),
    message("assistant", "coral", train=True),
    message("assistant", "coral", train=False),
    message("assistant", "dune", train=True),
    message("user", "coral"),
    message("assistant", ""),
    message("user", "fern"),
    message("assistant", "coral", train=True),
)
SAMPLES = (PLAIN, ERRORS, CALLS, NEIGHBOURS)

CHATML = {
    "plain": ["cedar: the key is there<|im_end|>"],
    "errors": [
        "indigo: take the key\nAction: take\nAction Input: key<|im_end|>",
        "  karma: the key, the key  \n<|im_end|>",
    ],
    "calls": [
        '<tool_call>\n{"name": "open", "arguments": {"what": "door topaz", "hard": null}}\n</tool_call><|im_end|>',
        'violet: both\n<tool_call>\n{"name": "open", "arguments": {"what": "a walnut"}}\n</tool_call>'
        '\n<tool_call>\n{"name": "open", "arguments": {"hard": true, "what": "xenon é 中"}}\n</tool_call><|im_end|>',
        "acorn: done 🙂<|im_end|>",
    ],
    "neighbours": ["coral<|im_end|>", "dune<|im_end|>", "coral<|im_end|>"],
}
LLAMA = {
    "plain": ["cedar: the key is there<|eot_id|>"],
    "errors": [
        "indigo: take the key\nAction: take\nAction Input: key<|eot_id|>",
        "karma: the key, the key<|eot_id|>",
    ],
    "calls": [
        '{"name": "open", "parameters": {"what": "door topaz", "hard": null}}<|eot_id|>',
        'violet: both{"name": "open", "parameters": {"what": "a walnut"}}'
        '{"name": "open", "parameters": {"hard": true, "what": "xenon é 中"}}<|eot_id|>',
        "acorn: done 🙂<|eot_id|>",
    ],
    "neighbours": ["coral<|eot_id|>", "dune<|eot_id|>", "coral<|eot_id|>"],
}
EXPECTED = {"chatml": CHATML, "llama": LLAMA}
"""What is under loss, run by run, as text: by template and sample. Written by hand."""


def trained_texts(tokenizer, input_ids, labels):
    """The stretches of tokens under loss, as text."""
    stretches, last = [], None
    for at, (token, label) in enumerate(zip(input_ids, labels, strict=True)):
        if label == -100:
            continue
        assert label == token
        if last == at - 1:
            stretches[-1].append(token)
        else:
            stretches.append([token])
        last = at
    return [tokenizer.decode(s, skip_special_tokens=False) for s in stretches]

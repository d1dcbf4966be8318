"""Whatever a model writes, half characters included, is read into something that can be stored."""

import pytest

from simenv import plugins
from simenv.models.calls import read_calls
from simenv.types import Action, Call, Message, Reply, Turn

HALVES = ("\ud800", "\udcf0\udc9f", "\\ud800", "\\uDCF0\\udc9f", "\U0001f600\ud83d", "\\ude00\\ud83d")
WRITTEN = (
    "{0}",
    '{{"parameters": "{0}"}}',
    '{{"name": "{1}", "arguments": {{"{0}": ["{0}"]}}}}',
    '<tool_call>{{"name": "{1}", "arguments": {{"x": {{"{0}": "{0}"}}}}}}</tool_call>',
    '<tool_call>{{"name": "{0}", "arguments": {{"x": 1}}}}</tool_call>',
    "Thought: {0}\nAction: {1}\nAction Input: {{'x': '{0}'}}",
    'Thought: {0}\nAction: {1}\nAction Input: {{"x": "{0}"}}',
    'Action: {1}("{0}")',
    'Action: {1}\nAction Input: "{0}"',
    '{1} "{0}"',
    '{1} {{"{0}": "{0}"}}',
    "Action: Operation\n```sql\nSELECT '{0}'\n```",
    'Action: Answer\nFinal Answer: ["{0}"]',
    "Act: bash\n```bash\necho '{0}'\n```",
    "Act: answer({0})",
    "ACTION: go to {0}",
    "Action: get_relations({0})",
    "Action: search[{0}]",
)
DIALECTS = [
    (environment, name)
    for environment in ("db", "os", "kg", "household", "search", "web")
    for name in ("react", "short", "tools", *(kind.name for kind in plugins.environment(environment).dialects))
]


def replies(actions):
    for half in HALVES:
        for pattern in WRITTEN:
            text = pattern.format(half, next(iter(actions)))
            yield Reply(text=text)
            content, calls = read_calls(text, "call")
            yield Reply(text=content, calls=calls)
            yield Reply(calls=(Call(id="1", name=next(iter(actions)), arguments=text),))
        yield Turn(text=half, calls=(Call(id=half, name=half, arguments=half),), finish=half)


@pytest.mark.parametrize(("environment", "name"), DIALECTS)
def test_every_reply_can_be_stored(environment, name):
    dialect = plugins.environment(environment).dialect(name)
    for reply in replies(dialect.actions):
        for parsed in (dialect.parse(reply), dialect.parse_last(reply)):
            assert parsed.model_dump_json(), reply
        assert Message(role="assistant", content=reply.text, calls=reply.calls).model_dump_json()


def test_an_action_keeps_all_but_the_halves():
    whole = {"text": "naïve \U0001f600", "list": [1, 2.5, None, {"é": True}]}
    assert Action(name="a", arguments=whole).arguments == whole
    assert Action(name="\ud800", arguments={"a\ud800": ["b\udfff"]}) == Action(name="?", arguments={"a?": ["b?"]})

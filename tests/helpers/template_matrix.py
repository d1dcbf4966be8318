# ruff: noqa: E501 (a chat reads better in one line)
"""Chats whose parts are all words of their own, and a judge that knows nothing of templates: it reads which words are learnt.

`python -m tests.helpers.template_matrix > docs/templates.md` writes the table of the docs.
"""

import json
import re
from collections import Counter
from typing import NamedTuple

from simenv.reasoning import Reasoning
from simenv.types import Call, Message, Sample
from tests.helpers import chat_templates

TOOL = {
    "type": "function",
    "function": {
        "name": "TOOLNAME",
        "description": "TOOLTEXT",
        "parameters": {"type": "object", "properties": {"ARGNAME": {"type": "string"}}, "required": ["ARGNAME"]},
    },
}


def say(text, *calls, train=True, thought=""):
    reasoning = (Reasoning(kind="reasoning_content", text=thought),) if thought else ()
    calls = tuple(Call(id=f"call_{v}", name="TOOLNAME", arguments=json.dumps({"ARGNAME": v})) for v in calls)
    return Message(role="assistant", content=text, calls=calls, train=train, reasoning=reasoning)


def ask(text):
    return Message(role="user", content=text)


def result(text, call):
    return Message(role="tool", content=text, call_id=f"call_{call}")


SYSTEM = Message(role="system", content="SYSTEM")
CHATS = {
    "plain": (SYSTEM, ask("ASK1"), say("WORDS1"), ask("ASK2"), say("WORDS2")),
    "one turn": (SYSTEM, ask("ASK1"), say("WORDS1")),
    "masked mistake": (SYSTEM, ask("ASK1"), say("MASKED1", train=False), ask("ASK2"), say("WORDS2")),
    "one call": (SYSTEM, ask("ASK1"), say("", "CALL1"), result("RESULT1", "CALL1"), say("", "CALL2")),
    "parallel calls": (
        SYSTEM, ask("ASK1"), say("", "CALL1", "CALL2"), result("RESULT1", "CALL1"), result("RESULT2", "CALL2"), say("", "CALL3"),
    ),
    "call with thought": (SYSTEM, ask("ASK1"), say("WORDS1", "CALL1"), result("RESULT1", "CALL1"), say("WORDS2", "CALL2")),
    "reasoning": (SYSTEM, ask("ASK1"), say("<think>\nTHOUGHT1\n</think>\n\nWORDS1"), ask("ASK2"), say("<think>\nTHOUGHT2\n</think>\n\nWORDS2")),
    "masked call": (SYSTEM, ask("ASK1"), say("", "MASKED1", train=False), result("RESULT1", "MASKED1"), say("", "CALL2")),
    "result": (SYSTEM, ask("ASK1"), say("", "CALL1"), result("RESULT1", "CALL1")),
    "thought apart": (SYSTEM, ask("ASK1"), say("WORDS1", thought="THOUGHT1"), ask("ASK2"), say("WORDS2", thought="THOUGHT2")),
    "thought and call": (SYSTEM, ask("ASK1"), say("", "CALL1", thought="THOUGHT1"), result("RESULT1", "CALL1"), say("", "CALL2", thought="THOUGHT2")),
    "ends in words": (SYSTEM, ask("ASK1"), say("", "CALL1"), result("RESULT1", "CALL1"), say("WORDS2")),
}  # fmt: skip
OPENERS = (
    "<|im_start|>", "<|start_header_id|>", "<|header_start|>", "<|START_OF_TURN_TOKEN|>", "<start_of_turn>", "<|turn>", "[INST]",
    "<|start|>", "<｜User｜>", "<｜Assistant｜>", "<|assistant|>", "[|user|]", "[|assistant|]", "<|bom|>",
)  # fmt: skip
"""Tokens that begin a turn, which nobody but the template writes."""
SENTINEL = re.compile(r"SYSTEM|TOOLTEXT|(?:ASK|WORDS|MASKED|RESULT|CALL|THOUGHT)\d")
SENTINELS_WITHIN = re.compile(rf"(?:{SENTINEL.pattern})(?:.*(?:{SENTINEL.pattern}))?", re.S)
OPTIONAL = re.compile(r"THOUGHT\d")
"""A template may drop thoughts of earlier turns."""


class Verdict(NamedTuple):
    """right, refused or wrong; why, if it is not right."""

    verdict: str
    why: str = ""


def sample(name):
    messages = CHATS[name]
    tools = (TOOL,) if any(m.calls for m in messages) else ()
    return Sample(id=name, task=name, environment="db", source="run", messages=messages, tools=tools)


def judge(chat, encoded, tokenizer):
    """What is wrong with the tokens under loss, by the words in them; '' if nothing."""
    stretches, before = [], None
    for at, (token, label) in enumerate(zip(encoded.input_ids, encoded.labels, strict=True)):
        if label == -100:
            continue
        if label != token:
            return "a label is not its token"
        if before != at - 1:
            stretches.append([])
        stretches[-1].append(token)
        before = at
    texts = [tokenizer.decode(s, skip_special_tokens=False) for s in stretches]
    # Between two parts of a turn a model may begin anew by itself, as Harmony has it.
    if opened := [
        t for t in OPENERS if any(t in end for text in texts for end in SENTINELS_WITHIN.split(text, maxsplit=1))
    ]:
        return f"{opened[0]} is learnt"
    whole = tokenizer.decode(encoded.input_ids, skip_special_tokens=False)
    shown = set(SENTINEL.findall(whole))
    learnt = Counter(s for text in texts for s in SENTINEL.findall(text))
    said = [
        (m, SENTINEL.findall(m.content + m.thought + " ".join(c.arguments for c in m.calls))) for m in chat.messages
    ]
    wanted = {s for m, words in said if m.carries_loss for s in words}
    last = next(words for m, words in reversed(said) if m.role == "assistant")
    missing = {s for _, words in said for s in words if s not in shown and (s in last or not OPTIONAL.fullmatch(s))}
    if missing:
        return f"{', '.join(sorted(missing))} is not shown"
    if extra := set(learnt) - wanted:
        return f"{', '.join(sorted(extra))} is learnt"
    if lost := {s for s in wanted - set(learnt) if not (OPTIONAL.fullmatch(s) and s not in shown)}:
        return f"{', '.join(sorted(lost))} is not learnt"
    for m, words in said:
        if (
            m.carries_loss
            and m.calls
            and not any(all(w in t for w in words if w in shown) and "TOOLNAME" in t for t in texts)
        ):
            return f"the name of {words[0]}'s call is not learnt with it"
    trained = sum(m.carries_loss for m in chat.messages)
    special = sorted(
        {
            *map(str, tokenizer.all_special_tokens),
            *(str(t) for t in tokenizer.added_tokens_decoder.values() if t.special),
        }
    )
    ends = [t for t in texts if t.rstrip().endswith(tuple(special))]
    return (
        ""
        if len(ends) == trained == len(texts)
        else f"{len(ends)} ends of {trained} turns in {len(texts)} stretches are learnt"
    )


def verdicts(name, text, calls="template"):
    """The verdict over each chat under one template, with calls as the template or as text writes them."""
    from simenv.data.masks import Template, Unmaskable
    from simenv.errors import ConfigError
    from simenv.models.text_calls import written

    tokenizer = written(chat_templates.tokenizer(name, text), calls)
    try:
        template = Template(tokenizer)
    except ConfigError as e:
        return {chat: Verdict("refused", str(e)) for chat in CHATS}
    return {chat: _verdict(template, sample(chat), Unmaskable) for chat in CHATS}


def _verdict(template, chat, unmaskable):
    try:
        encoded = template.encode(chat)
    except unmaskable as e:
        return Verdict("refused", str(e))
    why = judge(chat, encoded, template.tokenizer)
    return Verdict("wrong", why) if why else Verdict("right")


HEAD = """# Chat templates

<!-- python -m tests.helpers.template_matrix > docs/templates.md -->

Which chats the loss masks place loss on under which chat template, over the templates that `trl` 1.16.0 and `axolotl` 0.19.0
carry and some of known models, written out by their control tokens (`own/`). Each cell is a chat of words that occur once; the
judge decodes the tokens under loss and looks which words and which end of turn are among them.

`+` right. `t` right with `calls=text`, refused without: the template writes no calls, or loses what stands beside them; with it
calls, results and tools are text, as `simenv/models/text_calls.jinja` writes them. That is a part of the tokenizer's chat template
from then on, so the fine-tuned model's folder carries it, and a base is run with `model.calls=text`. `-` refused in both ways:
the sample is left out of a training set, counted by its cause. Nothing is learnt from a chat that a template shows in part.

A template is given what it wants: arguments as objects or as text (DeepSeek V3), call ids of nine characters (Mistral), a list of
parts (models that see), the system message before the first words of the user where it knows none (Gemma). Loss falls on the text,
the calls and the token that ends the turn; on special tokens that the model itself writes before its words (gpt-oss, Command A);
on reasoning as `reasoning=` says. Where the next role's token ends a turn (GLM) that token is learnt, at the end of a chat too;
formats whose readers render chats themselves leave such samples out.
"""


def table():
    """The lines of the table, by template, and how often each verdict was given."""
    lines, counts = {}, Counter()
    for name, text in chat_templates.collection():
        given = verdicts(name, text)
        as_text = verdicts(name, text, "text") if any(v.verdict == "refused" for v in given.values()) else given
        cells = [_cell(given[chat], as_text[chat]) for chat in CHATS]
        counts.update(v.verdict for v in given.values())
        counts.update(f"{v.verdict} as text" for v in as_text.values())
        why = dict.fromkeys(
            v.why.replace(f"the chat template of {name} ", "").replace(f"{name}: ", "") for v in given.values()
        )
        texts = (re.sub(r"(?:of )?messages? \d+", "of a message", w)[:90] for w in why if w)
        reasons = "; ".join(dict.fromkeys(texts))
        lines[name] = f"| `{name}` | {' | '.join(cells)} | {reasons.replace('|', chr(92) + '|')} |"
    return lines, counts


def _cell(given, as_text):
    if "wrong" in (given.verdict, as_text.verdict):
        return "**wrong**"
    return "+" if given.verdict == "right" else "t" if as_text.verdict == "right" else "-"


def main():
    lines, counts = table()
    right, refused, wrong = (counts[v] for v in ("right", "refused", "wrong"))
    with_text = counts["right as text"]
    print(HEAD)
    print(f"{len(lines)} templates × {len(CHATS)} chats: {right} right, {refused} refused, {wrong} wrong; with `calls=text` {with_text} right, "
          f"{counts['wrong as text']} wrong.\n")  # fmt: skip
    print(f"| template | {' | '.join(CHATS)} | refused because it |\n|---|{':-:|' * len(CHATS)}---|")
    print("\n".join(lines.values()))


if __name__ == "__main__":
    main()

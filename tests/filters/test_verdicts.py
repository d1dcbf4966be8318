# ruff: noqa: E501 (cases read better in one line)
"""Verdicts of filters at their edges, and what a pipeline makes of them: people, bugs, names."""

from types import SimpleNamespace

import numpy as np
import pytest

from simenv import plugins
from simenv.curate import pipeline
from simenv.curate.config import Curation
from simenv.curate.pipeline import Pipeline, build
from simenv.errors import ConfigError
from simenv.filter import Filter, applied, without_loss
from simenv.options import read
from simenv.plugins.filters import sensitive
from simenv.runs.review import ReviewState
from simenv.types import Action, Call, Message, Mistake, StepCheck, Stop, Verdict
from tests.helpers.trajectories import GOOD, UNKNOWN, UNREAD, observation, prose, submission, trajectory, turn

END = (turn("Done.", "answer", "1"), submission(["1"]))
LOOK = (turn("I look.", "query", "SELECT 1"), observation("[(1,)]"))
BAD = (turn("Try.", "query", "SELEC"), observation("ERROR", invalid=True))
ODD = (prose("Action: qery"), UNKNOWN)
MUTE = (prose("Sure!"), UNREAD)


def judged(name, t, **options):
    said = build({name: options}, "estimate")[0].judge(t)
    return said.decision if said.decision == "keep" else f"{said.decision} {said.reason}"


def said(text, calls=(), train=True):
    return GOOD.model_copy(
        update={"messages": (*GOOD.messages, Message(role="assistant", content=text, calls=calls, train=train))}
    )


def untrained(t, place=2):
    return without_loss(t, {place})


def check(label, shown, **more):
    return trajectory(
        (
            turn("I look.", "query", "1"),
            observation("[(2,)]", source="checked", check=StepCheck(label=label, shown=shown, **more)),
        ),
        END,
    )


MODEL = trajectory((turn("I look.", "query", "1"), observation("[(2,)]", source="model")), END)
ANSWERED = lambda answer: trajectory(((("Act", Action(name="answer", arguments={"a": 1}))), submission(answer)))  # noqa: E731
KEY = "sk-" + "a" * 20
VERDICTS = [
    ("action_format", trajectory(MUTE, MUTE, END), {"most": 1}, "drop action cannot be read"), ("action_format", trajectory(MUTE, MUTE, END), {"most": 2}, "keep"), ("action_format", untrained(trajectory(MUTE, END)), {}, "keep"),
    ("allowed_actions", trajectory(ODD, ODD, END), {"unknown": 1}, "drop action does not exist"), ("allowed_actions", trajectory(ODD, END), {"unknown": 1}, "keep"), ("allowed_actions", untrained(trajectory(ODD, END)), {}, "keep"),
    ("allowed_actions", trajectory(BAD, END), {}, "keep"), ("allowed_actions", trajectory(BAD, BAD, END), {"refused": 1}, "drop action refused by the environment"), ("allowed_actions", trajectory(BAD, END), {"refused": 1}, "keep"), ("allowed_actions", trajectory(MUTE, END), {}, "keep"),
    ("allowed_actions", untrained(trajectory(BAD, END)), {"refused": 0}, "keep"), ("allowed_actions", trajectory(LOOK, END), {"refused": 0}, "keep"),
    ("drift", check("drift", "model"), {}, "drop drift"), ("drift", check("drift", "engine"), {}, "keep"), ("drift", check("drift", "engine"), {"corrected": True}, "drop corrected drift"), ("drift", check("match", "model", state="drift"), {}, "drop drift"),
    ("drift", check("match", "engine"), {"corrected": True, "unverifiable": True, "unchecked": True}, "keep"), ("drift", check("unverifiable", "model"), {}, "keep"), ("drift", check("unverifiable", "model"), {"unverifiable": True}, "drop unverifiable simulation"), ("drift", check("unverifiable", "engine"), {"unverifiable": True}, "keep"),
    ("drift", MODEL, {}, "keep"), ("drift", MODEL, {"unchecked": True}, "drop unchecked simulation"), ("drift", GOOD, {"unchecked": True}, "keep"),
    ("final_answer", ANSWERED([]), {}, "drop empty answer"), ("final_answer", ANSWERED(None), {}, "drop empty answer"), ("final_answer", ANSWERED(""), {"empty": True}, "keep"), ("final_answer", ANSWERED(["", " x"]), {}, "keep"), ("final_answer", ANSWERED({"a": 1}), {"longest": 6}, "drop answer too long"), ("final_answer", ANSWERED({"a": 1}), {"longest": 7}, "keep"),
    ("final_answer", ANSWERED("x" * 300), {}, "keep"), ("final_answer", ANSWERED(["y", "x" * 301]), {}, "drop answer too long"), ("final_answer", ANSWERED(7), {"forms": {"db": "7"}}, "keep"), ("final_answer", ANSWERED(77), {"forms": {"db": "7"}}, "drop answer of another form"), ("final_answer", ANSWERED(7), {"forms": {"kg": "8"}}, "keep"),
    ("final_answer", trajectory(LOOK, stop=Stop.done), {}, "keep"), ("final_answer", trajectory(stop=Stop.submitted), {}, "keep"), ("final_answer", trajectory(LOOK, stop=Stop.timeout), {}, "drop no final answer"),
    ("repeated_actions", trajectory(LOOK, LOOK, END), {"in_a_row": 2}, "drop repeated in a row"), ("repeated_actions", trajectory(LOOK, LOOK, END), {}, "keep"), ("repeated_actions", trajectory(*[LOOK, BAD] * 5, LOOK, END), {}, "drop repeated too often"), ("repeated_actions", trajectory(*[LOOK, BAD] * 5, END), {}, "keep"), ("repeated_actions", trajectory(MUTE, MUTE, MUTE, END), {}, "keep"),
    ("repeated_actions", trajectory(LOOK, LOOK, (turn("I look.", "query", "SELECT 1"), observation("other")), END), {}, "keep"),
    ("thanks", trajectory((prose("Thank you!"), UNREAD), (prose("Let me know."), UNREAD), END), {"turns": 3}, "keep"), ("thanks", trajectory((prose("Thank you!"), UNREAD), END), {"turns": 1}, "drop thank-you exchange"),
    ("sensitive", said(KEY), {}, "drop secret"), ("sensitive", said("sk-" + "a" * 19), {}, "keep"), ("sensitive", said("a@b.com"), {}, "drop email address"), ("sensitive", said("a@b.example"), {}, "keep"), ("sensitive", said("a@x.example.org"), {}, "keep"), ("sensitive", said("call (555) 123-4567"), {}, "drop phone number"),
    ("sensitive", said("4111 1111 1111 1111"), {}, "drop card number"), ("sensitive", said("4111 1111 1111 1112"), {}, "keep"), ("sensitive", said("0000 0000 0000 0000"), {}, "keep"), ("sensitive", said("5500-0000-0000-0004"), {}, "drop card number"), ("sensitive", said("123-45-6789"), {}, "drop identity number"), ("sensitive", said("123-00-6789"), {}, "keep"), ("sensitive", said("666-45-6789"), {}, "keep"),
    ("sensitive", said("go and die"), {}, "drop abuse"), ("sensitive", said("Fuuck you"), {}, "drop abuse"), ("sensitive", said(KEY), {"find": ["abuse"]}, "keep"), ("sensitive", said("xyz"), {"more": {"a word": "XYZ"}}, "drop a word"), ("sensitive", said(KEY, train=False), {"trained": True}, "keep"), ("sensitive", said(KEY, train=False), {}, "drop secret"),
    ("sensitive", said("", (Call(id="c", name="f", arguments=KEY),)), {}, "drop secret"), ("sensitive", said("AKIA" + "A" * 16), {}, "drop secret"), ("sensitive", said("-----BEGIN RSA PRIVATE KEY-----"), {}, "drop secret"), ("sensitive", said("AIza" + "x" * 35), {}, "drop secret"), ("sensitive", said("hf_" + "x" * 30), {}, "drop secret"),
    ("too_long", GOOD, {"tokens": 36}, "keep"), ("too_long", GOOD, {"tokens": 35}, "drop longer than the context"), ("wrong_answer", trajectory(END, success=False), {"progress": 0}, "keep"), ("out_of_character", GOOD, {"engines": True}, "keep"), ("out_of_character", check("match", "model", error="out_of_character"), {}, "drop out of character by its check"), ("out_of_character", check("match", "engine", error="out_of_character"), {}, "keep"),
    ("out_of_character", check("match", "engine", error="out_of_character"), {"engines": True}, "drop out of character by its check"),
    ("mistakes", trajectory(LOOK, END, mistake=Mistake(step=0, by="expert")), {}, "mask first mistake"), ("mistakes", trajectory(BAD, END), {}, "mask invalid turn"), ("mistakes", trajectory(BAD, LOOK, END, mistake=Mistake(step=1, by="expert")), {}, "mask invalid turn and first mistake"), ("mistakes", trajectory(BAD, END), {"invalid": False}, "keep"),
    ("mistakes", trajectory(LOOK, END, mistake=Mistake(step=1, by="expert")), {"first": False}, "keep"), ("mistakes", trajectory(LOOK, END, mistake=Mistake(step=2, by="expert")), {}, "keep"), ("mistakes", trajectory(LOOK, END, mistake=Mistake(step=1, by="expert")), {}, "mask first mistake"),
    ("resampled", trajectory(*[MUTE] * 5, END, environment="web"), {}, "edit resampled pair"), ("resampled", trajectory(MUTE, END, environment="web"), {"most": 0}, "drop resampled too often"), ("resampled", trajectory(LOOK, END, environment="web"), {}, "keep"),
    ("standard_answer", trajectory(LOOK, END, kind="INSERT"), {}, "edit answer of a change is none"), ("standard_answer", trajectory(LOOK, END, kind="other"), {}, "keep"), ("standard_answer", trajectory(LOOK, kind="INSERT", stop=Stop.done), {}, "keep"), ("standard_answer", trajectory(kind="INSERT"), {}, "keep"), ("standard_answer", trajectory((("Act", None), submission(["1"])), kind="INSERT"), {}, "keep"),
    ("standard_answer", trajectory(LOOK, (turn("D", "answer", "1"), submission(["none"])), kind="UPDATE"), {}, "keep"), ("standard_answer", trajectory((("no form", Action(name="answer", arguments={"a": 1})), submission(["1"])), kind="DELETE"), {}, "keep"), ("standard_answer", trajectory((("x", Action(name="answer", arguments={"a": 1, "b": 2})), submission(["1"])), kind="DELETE"), {}, "keep"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "t", "options", "told"), VERDICTS, ids=lambda x: x if isinstance(x, str) else "")
def test_every_verdict_at_its_edge(name, t, options, told):
    assert judged(name, t, **options) == told


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("final_answer", {"forms": {"db": "("}}, "filters.final_answer.forms: no regular expression: "), ("sensitive", {"more": {"x": "("}}, "filters.sensitive.more: no regular expression: "),
        ("final_answer", {"forms": {"db": "(x|y|xy)*[zq]"}}, "filters.final_answer.forms.db: takes more than 0.05 s on one answer"),
    ],
)  # fmt: skip
def test_patterns_that_cannot_be_used_are_told(monkeypatch, name, options, says):
    module = __import__("sys").modules[plugins.load("filters", name).__module__]
    monkeypatch.setattr(module, "SECONDS", 0.05)
    t = ANSWERED("xy" * 40 + "!")
    with pytest.raises(ConfigError) as told:
        judged(name, t, **options)
    assert str(told.value).startswith(says)


def test_a_pattern_that_searches_for_ever_is_told():
    def late(text, timeout):
        assert timeout == 10
        raise TimeoutError

    with pytest.raises(
        ConfigError, match=r"^filters\.sensitive: the pattern of 'slow' takes more than 10 s on one text$"
    ):
        sensitive._occurs("slow", SimpleNamespace(finditer=late), "x")


def test_an_answer_of_a_change_is_replaced_in_text_in_call_and_in_step():
    t = trajectory(LOOK, END, kind="INSERT")
    edited = build({"standard_answer": None}, None)[0].judge(t).edited
    assert (
        edited.messages[-1].content == 'Thought: Done.\nAction: answer\nAction Input: ["none"]'
        and edited.messages[-1].author == "filter"
    )
    assert (
        edited.steps[-1].action.arguments == {"query": ["none"]}
        and edited.steps[-1].observation.answer == ["none"]
        and edited.messages[:-1] == t.messages[:-1]
    )
    calls = (
        Call(id="a", name="answer", arguments="{}"),
        Call(id="b", name="answer", arguments="{}"),
        Call(id="c", name="look", arguments="{}"),
    )
    called = t.model_copy(update={"messages": (*t.messages[:-1], t.messages[-1].model_copy(update={"calls": calls}))})
    edited = build({"standard_answer": {"answer": "nichts é"}}, None)[0].judge(called).edited
    assert [c.arguments for c in edited.messages[-1].calls] == ["{}", '{"query": ["nichts é"]}', "{}"]
    other = called.model_copy(
        update={"messages": (*t.messages[:-1], t.messages[-1].model_copy(update={"calls": calls[2:]}))}
    )
    assert judged("standard_answer", other) == "keep"


def test_a_second_pair_of_a_reply_is_cut_and_nothing_else():
    text = "Thought: a\nAction: query\nAction Input: 1\nThought: b\nAction: query\nAction Input: 2"
    t = trajectory(((text, Action(name="query", arguments={"query": "1"})), observation("x")), END, environment="web")
    verdict = build({"resampled": None}, None)[0].judge(t)
    assert (verdict.reason, verdict.edited.messages[2].content, verdict.edited.messages[2].author) == (
        "several pairs in one reply",
        "Thought: a\nAction: query\nAction Input: 1",
        "filter",
    )
    assert verdict.edited.messages[3:] == t.messages[3:]


def test_near_duplicates_are_told_by_task_and_turns():
    words = " ".join(f"w{n}" for n in range(40))
    first = trajectory((prose(words), observation("a")), END, id="1")
    for other, options, told in (
        (trajectory((prose(words), observation("b")), END, id="2"), {}, "drop"), (trajectory((prose(words), observation("a")), END, id="2", environment="kg"), {"similarity": 1}, "keep"),
        (trajectory((prose(words.replace("w20", "v")), observation("a")), END, id="2"), {}, "drop"), (trajectory((prose(words.replace("w20", "v")), observation("a")), END, id="2"), {"similarity": 1}, "keep"),
        (trajectory((prose(words[::-1]), observation("a")), END, id="2"), {"similarity": 0.1}, "keep"),
    ):  # fmt: skip
        one = build({"near_duplicates": options}, None)[0]
        assert (one.judge(first).decision, one.judge(other).decision) == ("keep", told)
        assert one._signature(first).dtype == np.uint32 and one._signature(first).size == 128


def test_a_mask_takes_loss_where_there_is_some():
    one = build({"mistakes": None}, None)[0]
    assert one.mask(GOOD, [0, 1], "r").decision == "keep" and one.mask(GOOD, [4, 2, 2], "r").mask == (2, 4)
    masked = applied(one.mask(GOOD, [2], "r"), GOOD)
    assert [m.train for m in masked.messages] == [False, False, False, False, True] and without_loss(GOOD, ()) is GOOD
    assert (
        without_loss(GOOD, {99}).messages == GOOD.messages
        and applied(one.drop(GOOD, "x"), GOOD) is GOOD
        and one.edit(GOOD, masked, "r").edited is masked
    )


class Odd(Filter):
    """Does what it is told."""

    name = "odd"
    does = None

    def judge(self, trajectory):
        if isinstance(self.does, Exception):
            raise self.does
        return self.does if self.does is not None else self.keep(trajectory)


def run(does=None, review=None, t=GOOD, filters=None, **options):
    one, told = Odd(), []
    one.does = does
    line = Pipeline([one] if filters is None else filters, told.append, **options)
    return line.run(t, "r/1", review), told, line


def test_a_pipeline_keeps_what_has_loss():
    result, told, line = run()
    assert result is GOOD and told == [] and list(line.stages) == ["review", "odd", "loss"]
    assert [row["filter"] for row in line.report()] == ["review", "odd", "loss"] and line.report()[1][
        "in"
    ] == line.report()[1]["kept"] == 1
    bare = without_loss(GOOD, range(9))
    result, told, _ = run(t=bare)
    assert result is None and [(v.trajectory, v.filter, v.decision, v.reason) for v in told] == [
        ("r/1", "loss", "drop", "nothing under loss")
    ]


def drop():
    return Verdict(trajectory="x", filter="odd", decision="drop", reason="it is odd")


def test_what_people_say_goes_before_filters():
    result, told, _ = run(drop(), ReviewState(approved=True))
    assert result is GOOD and [(v.trajectory, v.decision, v.reason) for v in told] == [
        ("r/1", "keep", "approved: it is odd")
    ]
    result, told, line = run(None, ReviewState(approved=False))
    assert (
        result is None
        and [(v.filter, v.decision, v.reason) for v in told] == [("review", "drop", "review")]
        and line.report()[1]["in"] == 0
    )
    result, told, _ = run(None, ReviewState(mask=(2,)))
    assert [m.train for m in result.messages][2:] == [False, False, True] and [
        (v.decision, v.reason) for v in told
    ] == [("mask", "review")]
    edited = (*GOOD.messages[:2], GOOD.messages[2].model_copy(update={"content": "new"}), *GOOD.messages[3:])
    result, told, _ = run(None, ReviewState(mask=(4,), messages=edited))
    assert result.messages[2].content == "new" and [(v.decision, v.reason) for v in told] == [("edit", "review")]
    result, told, _ = run(drop())
    assert result is None and [(v.trajectory, v.reason) for v in told] == [("r/1", "it is odd")]


def test_a_filter_that_fails_drops_its_trajectory_and_ends_the_run_after_so_many():
    result, told, line = run(ValueError("odd"), max_equal_bugs=2)
    assert (
        result is None and told[0].reason == "filter failed: odd: ValueError" and "ValueError: odd" in told[0].traceback
    )
    assert line.bugs == {("odd", "ValueError: odd"): 1}
    with pytest.raises(Exception, match=r"filters\.odd"):
        line.run(GOOD, "r/2")
    with pytest.raises(ValueError, match=r"^odd$"):
        run(ValueError("odd"), stops_at_bugs=True)
    for wrong in (7, drop().model_copy(update={"filter": "else"})):
        _, told, _ = run(wrong)
        assert told[0].reason == "filter failed: odd: TypeError" and "expected a Verdict of odd" in told[0].traceback


def test_a_filter_judges_the_environments_it_is_for():
    one = Odd(Odd.Options(only=("kg",)))
    one.does = drop()
    assert run(filters=[one])[0] is GOOD
    one.options = Odd.Options(only=("kg", "db"))
    assert run(filters=[one])[0] is None


def test_filters_are_built_in_their_order_with_the_tokenizer_of_the_curation():
    made = build({"too_long": None, "thanks": False, "mistakes": {}}, "estimate")
    assert [f.name for f in made] == ["too_long", "mistakes"] and made[0].options.tokenizer == "estimate"
    assert build({"too_long": {"tokenizer": "mine"}}, "estimate")[0].options.tokenizer == "mine"
    with pytest.raises(ConfigError, match=r"^filters\.thanks: expected options, or false to leave it out, got 7$"):
        build({"thanks": 7}, None)
    with pytest.raises(ConfigError, match=r"^filters\.thanks\.turns: Input should be greater than or equal to 1"):
        build({"thanks": {"turns": 0}}, None)


def test_two_filters_of_one_name_are_refused(monkeypatch):
    monkeypatch.setattr(pipeline.plugins, "load", lambda kind, name: Odd)
    with pytest.raises(ConfigError, match=r"^filters: odd: a name that is taken$"):
        build({"a": None, "b": None}, None)
    monkeypatch.setattr(Odd, "name", "review")
    with pytest.raises(ConfigError, match=r"^filters: review: a name that is taken$"):
        build({"a": None}, None)


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        (["thanks", "mistakes"], {"thanks": {}, "mistakes": {}}), ([{"thanks": {"turns": 3}}, "mistakes"], None), ({"thanks": False}, {"thanks": False}), ({}, {}),
    ],
)  # fmt: skip
def test_filters_may_be_a_list_of_names(filters, told):
    try:
        assert read(Curation, {"filters": filters}, "").filters == told
    except ConfigError:
        assert told is None

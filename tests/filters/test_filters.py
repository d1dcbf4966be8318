"""Every filter keeps what is good, and gives the reason for what is not; an edit leaves chat and steps in agreement."""

import json
import re
import time

import pytest

from simenv import plugins
from simenv.curate.pipeline import build
from simenv.errors import ConfigError
from simenv.filter import applied
from simenv.knowledge.cli import knowledge
from simenv.types import Action, Call, Grade, Intervention, Message, Mistake, StepCheck, Stop
from tests.helpers.trajectories import GOOD, UNKNOWN, UNREAD, observation, prose, submission, trajectory, turn

END = (turn("Done.", "answer", "1"), submission(["1"]))
LOOK = (turn("I look.", "query", "SELECT 1"), observation("[(1,)]"))


def judge(name, trajectory, **options):
    if name == "too_long":
        options = {"tokenizer": "estimate"} | options
    return build({name: options}, None)[0].judge(trajectory)


def ward(folder):
    """A pool of one document."""
    (folder / "a.txt").write_text("Antibiotics are given within one hour.")
    assert knowledge(["add", f"documents={folder}", f"out={folder / 'pool'}"]) == 0
    return str(folder / "pool")


@pytest.mark.parametrize("name", plugins.names("filters"))
def test_every_filter_keeps_a_good_episode(name, tmp_path):
    verdict = judge(name, GOOD, **({"pool": ward(tmp_path)} if name == "supported" else {}))
    assert (verdict.decision, verdict.reason, verdict.filter) == ("keep", "", name)


@pytest.mark.parametrize("name", plugins.names("filters"))
def test_every_filter_can_be_told_whom_to_judge(name):
    assert plugins.load("filters", name).Options(only=("kg",)).only == ("kg",)


@pytest.mark.parametrize(
    ("name", "trajectory", "options", "reason"),
    [
        ("wrong_answer", trajectory(LOOK, END, success=False), {}, "wrong answer"),
        ("wrong_answer", trajectory(LOOK, END, success=None), {}, "no grade"),
        ("wrong_answer", GOOD.model_copy(update={"grade": Grade(success=False, progress=0.5)}), {"progress": 0.5}, ""),
        ("action_format", trajectory((prose("Sure!"), UNREAD), END), {}, "action cannot be read"),
        ("action_format", trajectory((prose("Sure!"), UNREAD), END), {"most": 1}, ""),
        ("action_format", trajectory((prose("Action: qery"), UNKNOWN), END), {}, ""),
        ("allowed_actions", trajectory((prose("Action: qery"), UNKNOWN), END), {}, "action does not exist"),
        ("allowed_actions", GOOD, {"actions": {"db": ["answer"]}}, "action does not exist"),
        ("allowed_actions", GOOD, {"actions": {"kg": ["answer"]}}, ""),
        (
            "allowed_actions",
            trajectory((turn("Try.", "query", "SELEC"), observation("ERROR", invalid=True)), END),
            {"refused": 0},
            "action refused by the environment",
        ),
        ("final_answer", trajectory(LOOK, stop=Stop.max_steps), {}, "no final answer"),
        ("final_answer", trajectory((turn("?", "answer", ""), submission([" "]))), {}, "empty answer"),
        ("final_answer", trajectory((turn("?", "answer", "x"), submission(["x" * 301]))), {}, "answer too long"),
        ("final_answer", trajectory((("Act: finish", Action(name="finish")), submission(None))), {}, ""),
        ("final_answer", GOOD, {"forms": {"db": r'\["\d+"\]'}}, ""),
        ("final_answer", GOOD, {"forms": {"db": r'\["[a-z]+"\]'}}, "answer of another form"),
        ("thanks", trajectory((prose("Thank you!"), UNREAD), (prose("My pleasure!"), UNREAD), END), {}, "thank-you exchange"),
        ("thanks", trajectory((prose("Thank you!"), UNREAD), LOOK, (prose("Let me know."), UNREAD), END), {}, ""),
        ("thanks", trajectory((turn("Thank you, I look.", "query", "1"), observation()), LOOK, END), {"turns": 1}, ""),
        ("repeated_actions", trajectory(LOOK, LOOK, LOOK, END), {}, "repeated in a row"),
        ("repeated_actions", trajectory(LOOK, LOOK, (prose("?"), UNREAD), LOOK, END), {}, ""),
        ("repeated_actions", trajectory(LOOK, LOOK, (prose("?"), UNREAD), LOOK, END), {"in_all": 3}, "repeated too often"),
        ("too_long", GOOD, {"tokens": 10}, "longer than the context"),
        ("resampled", trajectory(*[(prose("?"), UNREAD)] * 6, END, environment="web"), {}, "resampled too often"),
    ],
)  # fmt: skip
def test_what_is_dropped_has_its_reason(name, trajectory, options, reason):
    verdict = judge(name, trajectory, **options)
    assert (verdict.decision, verdict.reason) == (("drop", reason) if reason else ("keep", ""))


def checked(label, shown, **more):
    step = observation("[(2,)]", source="checked", check=StepCheck(label=label, shown=shown, **more))
    return trajectory((turn("I look.", "query", "1"), step), END)


@pytest.mark.parametrize(
    ("trajectory", "options", "reason"),
    [
        (checked("drift", "model"), {}, "drift"),
        (checked("match", "model", state="drift"), {}, "drift"),
        (checked("drift", "engine"), {}, ""),
        (checked("drift", "engine"), {"corrected": True}, "corrected drift"),
        (checked("unverifiable", "model"), {}, ""),
        (checked("unverifiable", "model"), {"unverifiable": True}, "unverifiable simulation"),
        (trajectory((turn(".", "query", "1"), observation(source="model")), END), {}, ""),
        (
            trajectory((turn(".", "query", "1"), observation(source="model")), END),
            {"unchecked": True},
            "unchecked simulation",
        ),
        (checked("match", "model"), {"corrected": True, "unverifiable": True, "unchecked": True}, ""),
    ],
)
def test_drift_counts_where_the_agent_saw_it(trajectory, options, reason):
    assert judge("drift", trajectory, **options).reason == reason


@pytest.mark.parametrize(
    ("observation", "options", "reason"),
    [
        (observation("I'm sorry, but I can't run that.", source="model"), {}, "environment chats"),
        (observation("I'm sorry, but I can't run that."), {}, ""),
        (observation("I'm sorry, but I can't run that."), {"engines": True}, "environment chats"),
        (
            observation(
                "rows", source="checked", check=StepCheck(label="drift", error="out_of_character", shown="model")
            ),
            {},
            "out of character by its check",
        ),
        (
            observation(
                "rows", source="checked", check=StepCheck(label="drift", error="out_of_character", shown="engine")
            ),
            {},
            "",
        ),
        (observation("[('Thanks for your order',)]", source="model"), {}, ""),
    ],
)
def test_an_environment_out_of_character_is_dropped_where_the_agent_saw_it(observation, options, reason):
    assert (
        judge("out_of_character", trajectory((turn(".", "query", "1"), observation), END), **options).reason == reason
    )


def test_changes_answer_none_in_text_and_step():
    text = 'Thought: Done.\nAction: commit_final_answer\nAction Input: ["3 rows",\n "updated"]'
    action = Action(name="commit_final_answer", arguments={"answers": ["3 rows", "updated"]})
    t = trajectory(LOOK, ((text, action), submission(["3 rows", "updated"])), kind="UPDATE")
    edited = applied(judge("standard_answer", t), t)
    assert edited.messages[-1].content == 'Thought: Done.\nAction: commit_final_answer\nAction Input: ["none"]'
    assert edited.messages[-1].author == "filter"
    assert edited.steps[-1].action.arguments == {"answers": ["none"]} and edited.steps[-1].observation.answer == [
        "none"
    ]
    assert judge("standard_answer", edited).decision == "keep"
    assert judge("standard_answer", t.model_copy(update={"kind": "ranking"})).decision == "keep"
    assert judge("standard_answer", t.model_copy(update={"environment": "os"})).decision == "edit"
    assert build({"standard_answer": {}}, None)[0].options.only == ("db",)


def test_changes_answer_none_in_a_tool_call():
    call = Call(id="c", name="commit_final_answer", arguments='{"answers": ["7"]}')
    t = trajectory(
        LOOK,
        (("Done.", Action(name="commit_final_answer", arguments={"answers": ["7"]})), submission(["7"])),
        kind="DELETE",
    )
    t = t.model_copy(update={"messages": (*t.messages[:-1], t.messages[-1].model_copy(update={"calls": (call,)}))})
    edited = applied(judge("standard_answer", t), t)
    assert json.loads(edited.messages[-1].calls[0].arguments) == {"answers": ["none"]}


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("\x1b]0;root@5d1b: /root\x07220\r\n\x1b[01;34mbin\x1b[0m", "220\nbin"),
        ("a.txt\nb.txt\n\x1b]0;root@5d1b: /root\x07root@5d1b:/root# ", "a.txt\nb.txt"),
        ("]0;root@5d1b: /root@5d1b:/# ls", "root@5d1b:/# ls"),
        ("total 4\nroot@host:~$ ", "total 4"),
        ("total 4 \n\n \t\nroot@host:~# ", "total 4"),
        (" root@host:~$ ", " root@host:~$ "),
        ("mail root@host: hello", "mail root@host: hello"),
    ],
)
def test_terminal_signatures_are_cut_from_chat_and_steps(dirty, clean):
    t = trajectory((turn(".", "bash", "ls"), observation(dirty)), END, environment="os")
    edited = applied(judge("os_output", t), t)
    assert (edited.steps[0].observation.text, edited.messages[3].content) == (clean, f"Observation: {clean}")
    assert (edited.messages[3].author == "filter") == (dirty != clean)


@pytest.mark.parametrize("hostile", ["\n" * 30_000, "]0;a@b:" + "a" * 30_000, "a" * 30_000 + "@", "a@b:" * 8_000])
def test_terminal_signatures_are_sought_in_time_that_grows_with_the_text_alone(hostile):
    t = trajectory((turn(".", "bash", "ls"), observation(f"x{hostile}x")), END, environment="os")
    began = time.process_time()
    judge("os_output", t)
    assert time.process_time() - began < 2


def consistent(t):
    for step in t.steps:
        message = t.messages[step.message]
        assert message.role == "assistant" and (step.action is None or step.action.name in message.content)


def test_a_resampled_pair_goes_with_the_complaint_about_it():
    t = trajectory(
        (prose("?"), UNREAD),
        LOOK,
        (prose("??"), UNREAD),
        (prose("???"), UNREAD),
        END,
        environment="web",
    )
    t = t.model_copy(update={"mistake": Mistake(step=1, by="expert")})
    edited = applied(judge("resampled", t), t)
    assert [m.content.splitlines()[0] for m in edited.messages] == [
        "You work.", "Count the books.", "Thought: I look.", "Observation: [(1,)]", "Thought: Done."
    ]  # fmt: skip
    assert [s.message for s in edited.steps] == [2, 4] and edited.mistake.step == 0
    consistent(edited)


def test_the_last_turn_is_not_taken_for_one_that_was_resampled():
    t = trajectory(LOOK, (prose("?"), UNREAD), environment="web", stop=Stop.max_steps)
    assert judge("resampled", t).decision == "keep"


def test_a_second_pair_in_one_reply_is_cut():
    text = (
        "Thought: a\nAction: query\nAction Input: 1\nObservation: made up\nThought: b\nAction: answer\nAction Input: 2"
    )
    t = trajectory(
        ((text, Action(name="query", arguments={"query": "1"})), observation("[(1,)]")), END, environment="web"
    )
    verdict = judge("resampled", t)
    assert verdict.reason == "several pairs in one reply"
    assert applied(verdict, t).messages[2].content == "Thought: a\nAction: query\nAction Input: 1"


def test_mistakes_lose_their_loss_and_the_recovery_keeps_it():
    refused = (turn("Try.", "query", "SELEC"), observation("ERROR", invalid=True))
    t = trajectory((prose("?"), UNREAD), refused, LOOK, END)
    verdict = judge("mistakes", t)
    assert (verdict.decision, verdict.mask) == ("mask", (2, 4))
    assert [m.train for m in applied(verdict, t).messages if m.role == "assistant"] == [False, False, True, True]
    assert judge("mistakes", applied(verdict, t)).decision == "keep"
    assert judge("mistakes", t, invalid=False).decision == "keep"


@pytest.mark.parametrize(("severity", "masked"), [("recoverable", (4,)), ("fatal", (4, 6))])
def test_a_first_mistake_is_masked_and_what_follows_a_fatal_one_until_another_takes_over(severity, masked):
    t = trajectory(LOOK, LOOK, LOOK, END)
    messages = [m.model_copy(update={"author": "teacher"}) if i == 8 else m for i, m in enumerate(t.messages)]
    t = t.model_copy(update={"messages": tuple(messages), "mistake": Mistake(step=1, by="judge", severity=severity)})
    assert judge("mistakes", t).mask == masked


def test_a_turn_that_was_only_read_or_edited_by_another_is_no_handover():
    t = trajectory(LOOK, LOOK, LOOK, END)
    by = {4: "filter", 6: "teacher"}
    messages = tuple(m.model_copy(update={"author": by[i]}) if i in by else m for i, m in enumerate(t.messages))
    parsed = Intervention(hook="parser", step=2, kind="substitute")
    mistake = Mistake(step=0, by="judge", severity="fatal")
    t = t.model_copy(update={"messages": messages, "mistake": mistake, "interventions": (parsed,)})
    assert judge("mistakes", t).mask == (2, 4, 6, 8)


def test_the_answer_of_a_change_is_replaced_where_its_action_is():
    text = 'Thought: done.\nFinal Answer: updated\nAction: commit_final_answer\nAction Input: ["1 row"]'
    last = ((text, Action(name="commit_final_answer", arguments={"answers": ["1 row"]})), submission(["1 row"]))
    t = trajectory(LOOK, last, kind="UPDATE")
    said = applied(judge("standard_answer", t), t).messages[-1].content
    assert said == 'Thought: done.\nFinal Answer: updated\nAction: commit_final_answer\nAction Input: ["none"]'


WORDS = "Thought: I count the books that were lent in the year before and sort them by the name of their author. "


def test_near_duplicates_are_dropped_and_the_first_stays():
    one = build({"near_duplicates": {}}, None)[0]
    a = trajectory((prose(WORDS * 3), UNREAD), END)
    b = trajectory((prose(WORDS * 3 + "Yes."), UNREAD), END, id="t-2.0")
    c = trajectory(
        (prose("Thought: Something else altogether, of another world, with other words in it."), UNREAD), END
    )
    assert [one.judge(t).decision for t in (a, b, c, c)] == ["keep", "drop", "keep", "drop"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("key sk-proj-abcdefghijklmnopqrstuvwx", "secret"),
        ("AKIAIOSFODNN7EXAMPLE", "secret"),
        ("-----BEGIN RSA PRIVATE KEY-----", "secret"),
        ("write to ann.lee@corp.co.uk", "email address"),
        ("write to ann@shop.example or bo@example.com", ""),
        ("call +1 (555) 867-5309", "phone number"),
        ("4111 1111 1111 1111", "card number"),
        ("4111 1111 1111 1112", ""),
        ("123-45-6789", "identity number"),
        ("You stupid idiot", "abuse"),
        ("kill -9 1234; order 1234567890", ""),
    ],
)
def test_secrets_personal_data_and_abuse_are_found_by_pattern(text, reason):
    assert judge("sensitive", trajectory((prose(text), UNREAD), END)).reason == reason


def test_one_s_own_patterns_are_looked_for_too():
    t = trajectory((prose("project Falcon"), UNREAD), END)
    assert judge("sensitive", t, more={"code name": "falcon"}).reason == "code name"
    with pytest.raises(ConfigError, match=r"filters.sensitive.more: no regular expression"):
        judge("sensitive", t, more={"code name": "("})


def test_a_context_needs_a_tokenizer_and_nothing_is_estimated_unasked():
    with pytest.raises(ConfigError, match=r"filters.too_long: no tokenizer; expected a folder or name"):
        build({"too_long": {}}, None)[0].judge(GOOD)
    with pytest.raises(ConfigError, match="no model here"):
        build({"too_long": {}}, "./nowhere")[0].judge(GOOD)


def test_an_unknown_filter_or_option_gets_the_nearest_spelling():
    with pytest.raises(ConfigError, match=re.escape("did you mean 'wrong_answer'?")):
        build({"wrong_anser": {}}, None)
    with pytest.raises(ConfigError, match=re.escape("filters.thanks.turn: unknown option 'turn'")):
        build({"thanks": {"turn": 3}}, None)
    with pytest.raises(ConfigError, match="expected options, or false to leave it out"):
        build({"thanks": 3}, None)
    assert build({"thanks": False, "drift": None}, None)[0].name == "drift"


def test_message_places_stay_right_where_the_agent_saw_part_of_the_chat():
    t = trajectory((prose("?"), UNREAD), LOOK, END, environment="web")
    messages = list(t.messages)
    messages[6] = messages[6].model_copy(update={"sent": (0, 1, 2, 3, 4, 5, Message(role="user", content="hint"))})
    edited = applied(judge("resampled", t.model_copy(update={"messages": tuple(messages)})), t)
    assert edited.messages[4].sent == (0, 1, 2, 3, Message(role="user", content="hint"))

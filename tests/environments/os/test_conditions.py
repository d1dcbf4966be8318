"""Each condition of a goal is false where nothing was done, true once it was, and false again where it was done otherwise."""

import pytest

from simenv.errors import WorldError
from simenv.plugins.environments.os.checking.claims import _same_size
from simenv.plugins.environments.os.engine.goal import AnswerCondition, Condition, Goal, Machine, grade

CONDITIONS = [
    ({"path": "/srv/new"}, "touch /srv/new", "rm /srv/new"),
    ({"path": "/srv/d", "kind": "directory"}, "mkdir /srv/d", "rmdir /srv/d; touch /srv/d"),
    ({"path": "/srv/m", "mode": "640"}, "touch /srv/m; chmod 640 /srv/m", "chmod 641 /srv/m"),
    ({"path": "/srv/o", "owner": "nobody"}, "touch /srv/o; chown nobody /srv/o", "chown root /srv/o"),
    ({"path": "/srv/g", "group": "games"}, "touch /srv/g; chgrp games /srv/g", "chgrp root /srv/g"),
    ({"path": "/srv/l", "target": "here"}, "ln -s here /srv/l", "rm /srv/l; ln -s there /srv/l"),
    ({"path": "/srv/e", "equals": "abc"}, "echo abc > /srv/e", "echo abcd > /srv/e"),
    ({"path": "/srv/c", "contains": "bc"}, "echo abcd > /srv/c", "echo acbd > /srv/c"),
    ({"path": "/srv/k", "lacks": "bc"}, "echo acbd > /srv/k", "echo abcd > /srv/k"),
    ({"path": "/srv/x", "matches": "^b+$"}, "printf 'a\\nbbb\\n' > /srv/x", "printf 'a\\nbbbc\\n' > /srv/x"),
    ({"path": "/srv/gone", "exists": False}, "rm -f /srv/gone", "touch /srv/gone"),
    ({"user": "ann"}, "useradd ann", "userdel ann"),
    ({"user": "uma", "uid": 1712}, "useradd -u 1712 uma", "usermod -u 1713 uma"),
    ({"user": "hal", "home": "/opt/hal"}, "useradd -d /opt/hal hal", "usermod -d /opt/hall hal"),
    ({"user": "sue", "shell": "/bin/sh"}, "useradd -s /bin/sh sue", "usermod -s /bin/bash sue"),
    ({"user": "gus", "groups": ["games", "staff"]}, "useradd -G games,staff gus", "usermod -G games gus"),
    ({"user": "zoe", "exists": False}, "userdel zoe", "useradd zoe"),
    ({"group": "crew"}, "groupadd crew", "groupdel crew"),
    ({"group": "team", "gid": 1650}, "groupadd -g 1650 team", "groupmod -g 1651 team"),
    ({"group": "band", "exists": False}, "groupdel band", "groupadd band"),
]


@pytest.mark.parametrize(("condition", "done", "otherwise"), CONDITIONS, ids=lambda x: str(x)[:40])
def test_a_condition_holds_exactly_where_it_is_so(condition, done, otherwise, shared):
    wanted = Condition.model_validate(condition)
    if not condition.get("exists", True):
        shared.run(otherwise)
    assert not wanted.holds(Machine(shared))
    shared.run(done)
    assert wanted.holds(Machine(shared))
    shared.run(otherwise)
    assert not wanted.holds(Machine(shared))


@pytest.mark.parametrize(
    ("condition", "answer", "holds"),
    [
        ({"equals": "5"}, "5", True),
        ({"equals": "5"}, 5, True),
        ({"equals": "5"}, " 5\n", True),
        ({"equals": "5", "strip": False}, " 5", False),
        ({"equals": "5", "strip": False}, "5", True),
        ({"equals": "5"}, "55", False),
        ({"equals": ""}, None, False),
        ({"regex": "^a+$"}, "aaa", True),
        ({"regex": "^a+$"}, "aab", False),
        ({"regex": "^a+$"}, " aa ", True),
        ({"regex": "^a+$", "strip": False}, " aa ", False),
    ],
)
def test_an_answer_is_right_or_not(condition, answer, holds):
    assert AnswerCondition.model_validate(condition).holds(answer) is holds


def test_a_grade_counts_each_condition_and_says_which_does_not_hold(shared):
    shared.run("touch /srv/half; rm -f /srv/other")
    goal = Goal.read({"answer": {"equals": "x"}, "state": [{"path": "/srv/half"}, {"path": "/srv/other"}]})
    wrong, half, right = (grade(goal, shared, a) for a in ("y", "x", "x"))
    assert wrong.progress == pytest.approx(1 / 3) and half.progress == pytest.approx(2 / 3) and not half.success
    assert half.subgoals == {"/srv/half: exists": True, "/srv/other: exists": False, "answer": True}
    assert half.reasons == ("not so: /srv/other: exists",)
    shared.run("touch /srv/other")
    right = grade(goal, shared, "x")
    assert right.success and right.progress == 1.0 and right.reasons == ()


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ({"checks": [None]}, "checks"),
        ({"answer": {"regex": "("}}, "regular expression"),
        ({"state": [{"path": "/a", "matches": "["}]}, "regular expression"),
        ({"state": [{"path": 5}]}, "state.0.path"),
    ],
)
def test_a_goal_that_cannot_be_judged_is_refused_by_its_field(goal, said):
    with pytest.raises(WorldError, match=said):
        Goal.read(goal)


@pytest.mark.parametrize(
    ("rounded", "least", "most"),
    [
        ("1.5K", 1434, 1536),
        ("2K", 1025, 2048),
        ("12K", 11265, 12288),
        ("1.0M", 943719, 1048576),
        ("3M", 2097153, 3145728),
    ],
)
def test_a_rounded_size_stands_for_the_bytes_that_round_up_to_it(rounded, least, most):
    for size in (least, most):
        assert _same_size(rounded, str(size)) and _same_size(str(size), rounded)
    for size in (least - 1, most + 1, 900 if rounded == "1.5K" else 0):
        assert not _same_size(rounded, str(size)) and not _same_size(str(size), rounded)
    assert not _same_size(rounded, rounded.lower()) and not _same_size(str(least), str(most))

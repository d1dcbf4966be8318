"""Which turn is to blame, on courses written out by hand."""

from simenv.hooks._plan_trace import PlanTrace, RemainingPlan
from simenv.types import Action

A, B, C, X = (Action(name=n) for n in "abcx")


def course(*turns, last):
    """Turns as (moves ahead, state, what was done), and what is ahead after the last one."""
    ways = [RemainingPlan(tuple(moves), len(moves), state) for moves, state, _ in turns]
    return PlanTrace([*ways, RemainingPlan(tuple(last[0]), len(last[0]), last[1])], [(done,) for *_, done in turns])


def test_what_is_passed_over_for_good_is_to_blame_though_it_shows_later():
    c = course(([A, B, C], "0", X), ([A, B, C], "1", B), ([A, C], "2", C), last=([A], "3"))
    assert c.origin(3) == 0


def test_a_look_before_the_fault_is_not_to_blame():
    c = course(([A, B], "0", X), ([A, B], "0", X), last=([A, B], "0"))
    assert c.origin(1) is None


def test_to_go_on_as_if_a_move_had_been_made_is_to_pass_it_over():
    c = course(([A, B], "0", X), ([A, B], "0", B), last=([], "0"))
    assert c.origin(1) == 0


def test_what_is_made_up_for_is_forgiven():
    c = course(([A, B], "0", X), ([A, B], "1", A), ([B], "2", X), last=([B], "2"))
    assert c.origin(2) is None


def test_moves_in_another_order_are_no_fault():
    c = course(([A, B, C], "0", B), ([A, C], "1", C), last=([A], "2"))
    assert c.origin(2) is None


def test_a_longer_way_or_none_is_astray_and_an_equal_one_is_not():
    c = PlanTrace(
        [RemainingPlan((A,), 1), RemainingPlan((A,), 1), RemainingPlan((B, A), 2), RemainingPlan()], [(X,)] * 3
    )
    assert [c.regressed(t) for t in range(3)] == [False, True, True]


def test_a_standstill_begins_where_the_goal_was_nearest():
    c = PlanTrace(
        [RemainingPlan((A, B), 2), RemainingPlan((B,), 1), RemainingPlan((B,), 1), RemainingPlan((B,), 1)],
        [(A,), (X,), (X,)],
    )
    assert c.last_progress() == 1


def test_going_back_forgets_what_came_after():
    c = course(([A, B], "0", A), ([B], "1", X), last=([B], "1"))
    c.forget(1)
    assert len(c.plans) == 2 and len(c.actions) == 1

"""Claims about a search beside the engine's words: what may be worded freely, and what is wrong in which way."""

import asyncio

import pytest

from simenv.compare import Transition
from simenv.plugins import environment
from simenv.types import Action, Observation
from tests.environments.search.conftest import TASK

BEGUN = "[p1] Kest Labs\nKest Labs is a firm. It was founded in 1901. Its founder is Ann Lee."
LIST = "[p3] Ann Lee Award: The Ann Lee Award is given each year.\n[p2] Ann Lee: Ann Lee is a chemist."


def judged(play, steps, claim):
    *before, last = steps
    world, _ = play(*before)
    state = world.facts()
    name, value = last
    action = Action(name=name, arguments={world.actions[name].parameters[0]: value})
    truth = asyncio.run(world.step(action))
    scene = Transition(spec=TASK.spec, action=action, before=state, after=world.facts(), truth=truth)
    verdict = environment("search").comparison().observation(scene, Observation(text=claim, source="model"))
    return verdict.error or verdict.label


OPEN, LOST, FIND = [("open", "p1")], [("open", "Kest Motors")], [("search", "Ann Lee chemist award")]
BORN = [("open", "p2"), ("lookup", "born")]
AB, TWIN = [("open", "p2"), ("lookup", "zebra")], [("open", "Twin")]
CASES = [
    (OPEN, BEGUN, "match"), (OPEN, BEGUN.replace("\n", "\n\n"), "match"), (OPEN, f"```\n{BEGUN}\n```", "match"),
    (OPEN, BEGUN.replace("1901", "1902"), "invented"), (OPEN, BEGUN.replace(" It was founded in 1901.", ""), "wrong_result"),
    (OPEN, "There is no page 'p1'.", "refused_valid"), (OPEN, BEGUN.replace("[p1]", "[p8]"), "invented"),
    (OPEN, "Sure! Here is the page you asked for.", "out_of_character"), (OPEN, "", "format"), (OPEN, "<html/>", "format"),
    (OPEN, f"{BEGUN}\n(3 of 9 sentences; lookup finds the others)", "wrong_result"),
    (FIND, "1. [p3] Ann Lee Award: The Ann Lee Award is given each year.\n2. [p2] Ann Lee: Ann Lee is a chemist.\n"
     "3. [p1] Kest Labs: Its founder is Ann Lee.", "match"),
    (FIND, LIST, "wrong_result"), (FIND, "No results found.", "refused_valid"), (FIND, "[p9] Bo: Bo.", "invented"),
    ([("search", "zebra")], "No results.", "match"), ([("search", "zebra")], LIST, "wrong_result"),
    ([("search", "zebra")], "No results; the zebra moved to Lisbon.", "wrong_result"),
    (LOST, "Page not found.", "match"), (LOST, "There is no page called Kest Motors.", "match"),
    (LOST, BEGUN, "accepted_malformed"),
    (LOST, "There is no page 'Kest Motors', it was bought by Ann Lee in 1999.", "wrong_result"),
    (BORN, "Result 1 of 2: She was born on 3 May 1870.", "match"),
    (BORN, "(Result 2 / 2) She was born on 3 May 1870.", "wrong_result"),
    (BORN, "(Result 1 / 2) She was born to sail.", "wrong_result"), (BORN, "No more results.", "refused_valid"),
    ([*BORN, ("lookup", "born"), ("lookup", "born")], "No further matches.", "match"),
    ([("lookup", "born")], "Open a page first.", "match"), ([("lookup", "born")], "Error: no page is open yet.", "match"),
    ([("lookup", "born")], "(Result 1 / 1) She was born on 3 May 1870.", "accepted_malformed"),
    (AB, "'zebra' was not found in this page.", "match"), (AB, "No sentence of this page holds 'page'.", "wrong_result"),
    ([("open", "p2"), ("lookup", "")], "Error: the keyword must not be empty.", "match"),
    ([("open", "p2"), ("lookup", "")], "No page is open.", "wrong_result"),
    (TWIN, "Several pages have this title: p4 and p5.", "match"), (TWIN, "There is no page 'Twin'.", "wrong_result"),
    (LOST, "There is no page 'Kest Labs'.", "wrong_result"), (LOST, "There is no page called Kest Labs.", "wrong_result"),
    (LOST, "No page is open.", "wrong_result"), (LOST, "There is no page 'Kest Motors'. Similar: [p1] Kest Labs.", "match"),
    (LOST, "There is no page 'Kest Motors'. Similar: [p1] Kest Motors.", "wrong_result"),
    ([("search", "zebra")], "No more results.", "wrong_result"),
    ([("search", "zebra")], "There is no page 'zebra'.", "wrong_result"),
    ([("search", "Kest")], "[P1] Kest Labs: Kest Labs is a firm.", "invented"),
    ([("lookup", "born")], "There is no page 'born'.", "wrong_result"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "claim", "expected"), CASES)
def test_a_claim_is_judged(play, steps, claim, expected):
    assert judged(play, steps, claim) == expected


def test_a_state_may_leave_out_what_is_empty_and_order_what_was_seen(play):
    world, _ = play()
    before = world.facts()
    asyncio.run(world.step(Action(name="open", arguments={"page": "p1"})))
    after = world.facts()
    action = Action(name="open", arguments={"page": "p1"})
    scene = Transition(spec=TASK.spec, action=action, before=before, after=after, truth=Observation(text=BEGUN))
    compare = environment("search").comparison().state
    assert compare(scene, {"open": "p1", "opened": ["p1"], "seen": {"p1": [2, 0, 1]}}).label == "match"
    assert compare(scene, before).error == "forgot_change"
    assert compare(scene, after | {"seen": {"p1": [0]}}).error == "wrong_result"
    for claim in (None, [], {"seen": 7}, {"seen": {"p1": 7}}, {"results": "p1"}, {"seen": {"p1": [[]]}}):
        assert compare(scene, claim).error == "format"


MORE = [
    ([("lookup", "born")], f"No page is open. {'Open one first. ' * 50}", "wrong_result"),
    ([("lookup", "born")], "Open something else, please, in some way.", "format"),
    ([("search", "zebra")], "[p9] Zebra: A zebra.", "invented"),
    ([("search", "zebra")], "[p2] Ann Lee: Ann Lee is a chemist.", "wrong_result"),
    ([("search", "zebra")], "zebra", "format"),
    ([("search", "Kest")], "many pages, I saw", "format"),
    (AB, "(Result 1 / 1) She rides.", "wrong_result"), (AB, "something else", "format"),
    (AB, "The lookup failed.", "refused_valid"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "claim", "expected"), MORE)
def test_a_claim_where_there_is_nothing_is_judged(play, steps, claim, expected):
    assert judged(play, steps, claim) == expected

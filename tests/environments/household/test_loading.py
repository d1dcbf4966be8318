"""PDDL, ALFWorld's games and the three kinds of files they come in."""

import gzip
import json

import pytest

from simenv import plugins
from simenv.plugins.environments.household.sources import GameFile, GameLines, GameList
from simenv.plugins.environments.household.tasks import alfworld_games
from simenv.plugins.environments.household.tasks.pddl import PddlError, parse, read_problem
from simenv.source import Rejected
from simenv.types import Task

GRAMMAR = 'grammar :: """ { "task": [ { "rhs": "Your task is to: put a pen in desk." } ] } """;'
PROBLEM = """
(define (problem p) (:domain alfred) ; a comment
(:objects agent1 - agent Pen - object PenType - otype DeskType DrawerType - rtype
  Pen_bar__plus_01 Pen_bar__plus_02 - object
  Desk_bar__plus_01 Drawer_bar__minus_01 Drawer_bar__plus_01 - receptacle
  loc_bar_1 loc_bar_2 loc_bar_3 - location)
(:init
  (objectType Pen_bar__plus_01 PenType) (objectType Pen_bar__plus_02 PenType)
  (pickupable Pen_bar__plus_01) (pickupable Pen_bar__plus_02)
  (receptacleType Desk_bar__plus_01 DeskType)
  (receptacleType Drawer_bar__minus_01 DrawerType) (receptacleType Drawer_bar__plus_01 DrawerType)
  (canContain DeskType PenType) (canContain DrawerType PenType)
  (openable Drawer_bar__plus_01)
  (atLocation agent1 loc_bar_3)
  (receptacleAtLocation Desk_bar__plus_01 loc_bar_1)
  (receptacleAtLocation Drawer_bar__minus_01 loc_bar_2) (receptacleAtLocation Drawer_bar__plus_01 loc_bar_2)
  (inReceptacle Pen_bar__plus_01 Drawer_bar__minus_01) (inReceptacle Pen_bar__plus_02 Drawer_bar__plus_01)
  (objectAtLocation Pen_bar__plus_01 loc_bar_2) (objectAtLocation Pen_bar__plus_02 loc_bar_2)
  (= (total-cost) 0))
(:goal (and (exists (?r - receptacle) (exists (?o - object)
  (and (inReceptacle ?o ?r) (objectType ?o PenType) (receptacleType ?r DeskType)))))))
"""
NAME = "json_2.1.1/train/pick_and_place_simple-Pen-None-Desk-301/trial_T1/game.tw-pddl"
GAME = {"gamefile": NAME, "pddl_problem": PROBLEM, "grammar": GRAMMAR}


def test_a_problem_becomes_a_house_in_readable_json():
    task = alfworld_games.read_game(GAME)
    assert task.instruction == "put a pen in desk."
    assert task.id == "pick_and_place_simple-Pen-None-Desk-301:trial_T1"
    assert task.kind == "pick_and_place_simple"
    assert task.goal == {"type": "pick_and_place_simple", "object": "pen", "receptacle": "desk"}
    assert task.spec == {
        "alfworld": "0.3",
        "receptacles": {
            "desk 1": {},
            "drawer 2": {"place": "loc 2", "openable": False, "contains": ["pen 2"]},
            "drawer 1": {"place": "loc 2", "contains": ["pen 1"]},
        },
    }


def test_what_the_tables_do_not_say_is_written_down():
    odd = PROBLEM.replace("(canContain DrawerType PenType)", "(isCool Pen_bar__plus_01) (opened Drawer_bar__plus_01)")
    odd = odd.replace("(pickupable Pen_bar__plus_02)", "(heatable Pen_bar__plus_02)")
    odd = odd.replace("(objectAtLocation Pen_bar__plus_02 loc_bar_2)", "(objectAtLocation Pen_bar__plus_02 loc_bar_1)")
    spec = alfworld_games.read_game(GAME | {"pddl_problem": odd}).spec
    assert spec["receptacles"]["drawer 1"] == {"place": "loc 2", "open": True, "accepts": [], "contains": ["pen 1"]}
    assert spec["objects"] == {
        "pen 1": {"portable": False, "heatable": True, "near": ["desk 1"]},
        "pen 2": {"cool": True},
    }


def test_an_agent_may_start_at_a_receptacle():
    spec = alfworld_games.read_game(
        GAME | {"pddl_problem": PROBLEM.replace("agent1 loc_bar_3", "agent1 loc_bar_1")}
    ).spec
    assert spec["agent"] == {"at": "desk 1"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("(define", "do not match"),
        ("(a))", "never opened"),
        ("(" * 200 + ")" * 200, "deeper than 100"),
        ("(define (problem p) (:objects) (:init))", "no :goal"),
        ("(make (problem p))", "no \\(define"),
        ("word", "no \\(define"),
    ],
)
def test_what_is_no_problem_is_refused_with_the_reason(text, reason):
    with pytest.raises(PddlError, match=reason):
        read_problem(text)


def test_expressions_are_nested_lists_in_lower_case():
    assert parse("(And (On ?X ?y) ; not this\n (b))") == ["and", ["on", "?x", "?y"], ["b"]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pddl_problem": None}, "pddl_problem: expected a text, found NoneType"),
        ({"pddl_problem": "()"}, "pddl_problem: no \\(define"),
        ({"pddl_problem": PROBLEM.replace("(:goal", "(:gaol")}, "pddl_problem: no :goal"),
        ({"pddl_problem": PROBLEM.replace("Pen_bar__plus_02 - object", "- object")}, "pddl_problem: .*declared"),
        ({"pddl_problem": PROBLEM.replace("(inReceptacle ?o ?r)", "(isSliced ?o)")}, "\\(issliced \\?o\\)"),
        ({"pddl_problem": PROBLEM.replace("(inReceptacle ?o ?r)", "(inReceptacle ?o)")}, "\\(inreceptacle \\?o\\)"),
        ({"pddl_problem": PROBLEM.replace("(objectType ?o PenType)", "")}, "goal: none of ALFWorld's six"),
        ({"grammar": "nothing"}, 'grammar: no "Your task'),
        ({"grammar": 3}, "grammar: expected a text, found int"),
        ({"solvable": False}, "solvable: "),
    ],
)
def test_an_unreadable_game_names_its_field(change, reason):
    with pytest.raises(alfworld_games.UnreadableGame, match=reason):
        alfworld_games.read_game(GAME | change)


def write(path, *values):
    text = "".join(value if isinstance(value, str) else json.dumps(value) + "\n" for value in values)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["games.jsonl", "games.jsonl.gz"])
def test_game_lines_are_read_with_bad_ones_rejected_by_line_and_field(tmp_path, name):
    twin, bare = GAME | {"gamefile": NAME.replace("T1", "T2")}, {k: v for k, v in GAME.items() if k != "gamefile"}
    goal_met = GAME | {
        "pddl_problem": PROBLEM.replace("Pen_bar__plus_01 Drawer_bar__minus_01", "Pen_bar__plus_01 Desk_bar__plus_01")
    }
    path = write(tmp_path / name, GAME, "{oops\n", "\n", twin, [1], GAME | {"grammar": 1}, GAME, bare, goal_met)
    assert GameLines.accepts(path)
    made = list(GameLines().tasks(path))
    assert [m.id.rpartition(":")[2] if isinstance(m, Task) else m.where.removeprefix(str(path)) for m in made] == [
        "trial_T1", ":2", "trial_T2", ":5", ":6: grammar", ":7: gamefile", "8", ":9: pddl_problem",
    ]  # fmt: skip
    assert [m.reason for m in made if isinstance(m, Rejected)][1:] == [
        "expected an object, found list",
        "expected a text, found int",
        "the same game as in line 1",
        "the goal is reached at the start",
    ]
    assert made[0].source == f"{path}:1"
    assert [m.action.arguments["action"] for m in made[0].solution][-1].startswith("put pen")


def test_a_damaged_archive_ends_in_a_rejection(tmp_path):
    path = write(tmp_path / "games.jsonl.gz", GAME, *[GAME | {"gamefile": f"a/b{n}/c"} for n in range(50)])
    path.write_bytes(path.read_bytes()[:-40])
    made = list(GameLines().tasks(path))
    assert isinstance(made[-1], Rejected) and "damaged gzip file" in made[-1].reason
    path.write_bytes(b"\x1f\x8b garbage")
    assert not GameLines.accepts(path)


def test_a_game_file_of_alfworld_is_one_task(tmp_path):
    folder = tmp_path / NAME.rpartition("/")[0]
    folder.mkdir(parents=True)
    path = write(folder / "game.tw-pddl", {k: v for k, v in GAME.items() if k != "gamefile"})
    assert GameFile.accepts(path)
    assert [task.id for task in GameFile().tasks(path)] == ["pick_and_place_simple-Pen-None-Desk-301:trial_T1"]
    write(path, "{")
    (bad,) = GameFile().tasks(path)
    assert isinstance(bad, Rejected) and "no JSON" in bad.reason


def test_a_list_finds_games_below_its_folder_and_in_game_lines(tmp_path, monkeypatch):
    monkeypatch.delenv("ALFWORLD_DATA", raising=False)
    listed = write(tmp_path / "dev.json", {"pick_and_place": [NAME, NAME, "no/such/game.tw-pddl", 7, "../x.tw-pddl"]})
    assert GameList.accepts(listed)
    write(tmp_path / "games.jsonl", GAME)
    made = list(GameList().tasks(listed))
    assert isinstance(made[0], Task)
    assert [m.where.removeprefix(f"{listed}: ") for m in made[1:]] == [f"pick_and_place[{n}]" for n in range(1, 5)]
    assert made[1].reason == f"{NAME} is listed twice"
    assert (
        made[2].reason.startswith(f"no/such/game.tw-pddl: no such game below {tmp_path}")
        and "ALFWORLD_DATA" in made[2].reason
    )
    assert "expected a path, found int" in made[3].reason
    assert "below a data folder" in made[4].reason


def test_a_list_finds_games_below_the_folder_the_environment_names_when_called(tmp_path, monkeypatch):
    monkeypatch.delenv("ALFWORLD_DATA", raising=False)
    (tmp_path / "lists").mkdir()
    listed = write(tmp_path / "lists" / "dev.json", {"pick_and_place": [NAME]})
    assert isinstance(next(GameList().tasks(listed)), Rejected)
    (tmp_path / "data" / NAME).parent.mkdir(parents=True)
    write(tmp_path / "data" / NAME, GAME)
    monkeypatch.setenv("ALFWORLD_DATA", str(tmp_path / "data"))
    (task,) = GameList().tasks(listed)
    assert task.id == "pick_and_place_simple-Pen-None-Desk-301:trial_T1"


def test_foreign_files_are_not_accepted_and_do_not_hurt(tmp_path):
    foreign = [
        write(tmp_path / "a.jsonl", {"question": "?"}),
        write(tmp_path / "b.json", {"a": 1}),
        write(tmp_path / "c.json", "[[[tw-pddl"),
        write(tmp_path / "d.json", ["x.tw-pddl"]),
        write(tmp_path / "e.csv", "a,b\n"),
        tmp_path,
        tmp_path / "missing.jsonl",
        tmp_path / "missing.json",
        tmp_path / "missing.tw-pddl",
    ]
    (tmp_path / "f.jsonl").write_bytes(bytes(range(256)))
    for path in [*foreign, tmp_path / "f.jsonl"]:
        assert not any(source.accepts(path) for source in plugins.environment("household").sources), path


def test_the_real_files_load_whole_with_ids_of_their_own(data, monkeypatch):
    made = [
        task
        for name in ("agentbench_dev20.jsonl", "train_gold_90.jsonl.gz")
        for task in GameLines().tasks(data / "alfworld" / name)
    ]
    assert all(isinstance(task, Task) for task in made)
    assert len({task.id for task in made}) == 110
    monkeypatch.setenv("ALFWORLD_DATA", str(data / "alfworld"))
    listed = list(GameList().tasks(data / "agentbench" / "alfworld" / "dev.json"))
    assert len({task.id for task in listed}) == 20

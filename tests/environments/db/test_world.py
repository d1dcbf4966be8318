"""The DB world: what an agent sees, what counts as its fault, snapshots, specs that are refused."""

import pytest
from numpy.random import SeedSequence, default_rng

from simenv.errors import ConfigError, WorldError
from simenv.plugins import environment
from simenv.types import Action, Stop, Task, digest

from .small_world import ENGINES, SPEC, open_world, say, sql, task


async def test_rows_are_shown_as_a_list_of_python_tuples():
    world = await open_world()
    assert (await sql(world, "SELECT name, price FROM items ORDER BY id")).text == (
        "[('pen', Decimal('1.50')), ('ink', Decimal('4.00')), ('Pad', None)]"
    )
    assert (await sql(world, "SELECT COUNT(*) FROM items")).text == "[(3,)]"


async def test_a_statement_without_rows_shows_an_empty_list():
    world = await open_world()
    assert (await sql(world, "UPDATE items SET price = 2 WHERE id = 1")).text == "[]"
    assert (await sql(world, "SELECT * FROM items WHERE id = 99")).text == "[]"


async def test_an_erroneous_statement_is_the_agents_fault_and_changes_nothing():
    world = await open_world()
    before = digest(await world.state())
    seen = await sql(world, "SELECT prise FROM items")
    assert seen.invalid and seen.text == "ERROR 1054 (42S22): Unknown column 'prise' in 'field list'"
    assert (await sql(world, "INSERT INTO items (id, name) VALUES (1, 'twice')")).invalid
    assert digest(await world.state()) == before


async def test_a_limit_of_the_engine_is_not_the_agents_fault():
    world = await open_world()
    seen = await sql(world, "SELECT ST_Distance(POINT(1, 1), POINT(2, 2))")
    assert not seen.invalid and "limit" in seen.text


async def test_long_output_is_cut_visibly():
    world = await open_world(max_chars=40)
    seen = await sql(world, "SELECT * FROM items, items AS others")
    assert seen.truncated and len(seen.text) == 40 + len("[TRUNCATED]") and seen.text.endswith("[TRUNCATED]")
    few = await sql(await open_world(max_rows=2), "SELECT id FROM items ORDER BY id")
    assert few.truncated and few.text == "[(1,), (2,), [TRUNCATED]]"


async def test_bytes_surrogates_and_nul_are_survived():
    world = await open_world()
    assert (await sql(world, "SELECT X'00FF', 'a\tb'")).text == r"[(b'\x00\xff', 'a\tb')]"
    for text in ("SELECT '\ud800'", "SELECT 'a\x00b'", "\x00", "", ";", "SELECT 1; SELECT 2"):
        (await sql(world, text)).model_dump_json()


async def test_committing_ends_the_episode_with_the_answer_as_given():
    world = await open_world()
    seen = await say(world, ["pen", "3"])
    assert seen.stop is Stop.submitted and seen.answer == ["pen", "3"]
    assert (await world.step(Action(name="commit_final_answer", arguments={"answers": "pen"}))).invalid


async def test_a_snapshot_restores_rows_counters_and_what_was_asked():
    world, other = await open_world(), await open_world()
    await sql(world, "INSERT INTO items (name) VALUES ('cap')")
    blob, before = await world.snapshot(), digest(await world.state())
    await sql(world, "DELETE FROM items")
    await world.restore(blob)
    await other.restore(blob)
    assert digest(await world.state()) == digest(await other.state()) == before
    assert other.statements == ["INSERT INTO items (name) VALUES ('cap')"]
    await sql(world, "INSERT INTO items (name) VALUES ('jar')")
    await sql(other, "INSERT INTO items (name) VALUES ('jar')")
    assert digest(await world.state()) == digest(await other.state())


async def test_what_is_no_snapshot_is_refused():
    world = await open_world()
    for blob in (b"", b"nonsense", b"[]\0nonsense", b"[]\0" + bytes(8), b"\xff"):
        with pytest.raises(WorldError, match="no snapshot"):
            await world.restore(blob)


async def test_a_statement_that_takes_too_long_is_stopped():
    world = await open_world(seconds=0.2)
    seen = await sql(world, "SELECT COUNT(*) FROM " + ", ".join(f"items AS i{n}" for n in range(20)))
    assert seen.invalid and "max_statement_time" in seen.text


async def test_the_clock_stands_still():
    first, second = await open_world(), await open_world()
    assert (await sql(first, "SELECT NOW()")).text == (await sql(second, "SELECT NOW()")).text


async def test_what_happens_in_one_world_does_not_happen_in_another():
    first, second = await open_world(), await open_world()
    await sql(first, "DROP TABLE items")
    assert (await sql(second, "SELECT COUNT(*) FROM items")).text == "[(3,)]"


def _table(**changes):
    return {"tables": [{**SPEC["tables"][0], **changes}]}


@pytest.mark.parametrize(
    ("spec", "place"),
    [
        (_table(rows=[[1, "a", 2.5], [2, "b"]]), "$.tables[0].rows[1]: 2 cells for 3 columns"),
        (_table(name=""), "$.tables[0].name"),
        (_table(rows=[[1, "a", {"no": "cell"}]]), "$.tables[0].rows[0][2]"),
        (
            _table(columns=[{"name": "a", "type": "INT"}, {"name": "A", "type": "INT"}], rows=[], primary_key=["a"]),
            "columns[1].name",
        ),
        (_table(primary_key=["nothing"]), "$.tables[0].primary_key"),
        (
            _table(foreign_keys=[{"columns": ["id"], "references": {"table": "x", "columns": ["y"]}}]),
            "references.table",
        ),
        ({"tables": SPEC["tables"] * 2}, "$.tables[1].name"),
        ({"tables": []}, "$.tables"),
        (_table(rows=[[1, "\ud800", 1]]), "$.tables[0].rows"),
        (_table(rows=[[1, "a", float("nan")]]), "$.tables[0].rows"),
    ],
)
def test_a_broken_spec_is_refused_with_its_json_path(spec, place):
    with pytest.raises(WorldError) as e:
        environment("db").world.check(spec)
    assert place in str(e.value)


@pytest.mark.parametrize(
    ("goal", "place"),
    [
        ({}, "$"),
        ({"answer": ["a"], "width": 2}, "$.answer: 1 cells"),
        ({"answer": ["a"], "compare": "fuzzy"}, "$.compare"),
        ({"tables": {}}, "$.tables"),
        ({"tables": {"items": {"columns": ["id"], "rows": [[1, 2]]}}}, "$.tables['items'].rows[0]"),
    ],
)
def test_a_broken_goal_is_refused_with_its_json_path(goal, place):
    with pytest.raises(WorldError) as e:
        environment("db").world.check_goal(goal)
    assert place in str(e.value)


async def test_tables_that_no_engine_can_make_are_a_world_error():
    with pytest.raises(WorldError):
        await open_world(spec=_table(columns=[{"name": "id", "type": "NOTYPE"}], rows=[[1]], primary_key=["id"]))


async def test_the_server_engine_takes_its_dsn_from_the_environment_alone(monkeypatch):
    monkeypatch.delenv("NO_SUCH_DSN", raising=False)
    world = environment("db").world
    options = world.Options(engine="server", dsn_env="NO_SUCH_DSN")
    assert world(options).blocking and not world().blocking
    with pytest.raises(ConfigError, match="NO_SUCH_DSN"):
        await world(options).reset(task({"answer": [3]}))


async def test_cheats_come_in_the_form_of_an_answer_and_hold_everything():
    world = await open_world()
    cheats = world.cheats()
    assert {"nothing", "empty", "null", "zero"} <= cheats.keys()
    assert (
        [] in cheats.values() and [""] in cheats.values() and ["null"] in cheats.values() and ["0"] in cheats.values()
    )
    assert {"pen", "ink", "Pad", "1", "4.00", "null"} <= set(cheats["everything"])


async def test_both_engines_show_the_same_and_reach_the_same_state(dsn, monkeypatch):
    monkeypatch.setenv("SIMENV_MYSQL_DSN", dsn)
    env = environment("db")
    for level in range(1, 6):
        task = env.procedural(env.procedural.Options(difficulty=level)).make(
            "both", default_rng(SeedSequence([8, level]))
        )
        assert isinstance(task, Task)
        seen, states = [], []
        for options in ENGINES:
            world = env.world(options)
            await world.reset(task)
            try:
                seen.append([(await world.step(m.action)).text for m in task.solution if not _describes(m)])
                states.append({name: (t["columns"], t["rows"]) for name, t in (await world.state()).items()})
                assert (await world.grade(task.solution[-1].action.arguments["answers"])).success
            finally:
                await world.close()
        assert seen[0] == seen[1]
        assert states[0] == states[1]


def _describes(move):
    # How a server spells a type depends on its version.
    return str(move.action.arguments.get("query", "")).startswith("DESCRIBE")

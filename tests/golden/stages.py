"""What each stage writes from fixed seeds, as lines of text; `python -m tests.golden.stages` writes the files anew.

The same seed gives the same bytes, so a line that changes is a change that users see: read it before you commit it.
"""

import asyncio
import atexit
import json
import os
import shutil
import sys
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from typing import get_args

from numpy.random import default_rng

from simenv import plugins
from simenv.__main__ import main
from simenv.compare import Transition
from simenv.types import Flaw, Move, digest

HERE = Path(__file__).parent
ENVIRONMENTS = ("db", "household", "kg", "search", "web")
"""Without os: a shell's words depend on the host."""
HOOKS = {
    "first_mistake": "{name: first_mistake}",
    "fork": "{name: fork, turns: [1], continuations: [student], copies: 2}",
    "nudge": "{name: nudge, every: 2, text: Go on.}",
    "resample": "{name: resample, tell: true}",
    "takeover": "{name: first_mistake}, {name: takeover, by: expert, turns: 2}",
}
FORMATS = ("agentinstruct", "openai", "sharegpt", "trl")
FILTERS = (
    "[final_answer, action_format, allowed_actions, thanks, repeated_actions, mistakes, near_duplicates, sensitive]"
)
TURNED = {
    "action_format": ["{most: 1}"],
    "allowed_actions": ["{unknown: 1}", "{refused: 0}", "{refused: 2}", "{actions: {kg: [intersection]}}"],
    "drift": ["{corrected: true}", "{unchecked: true}", "{unverifiable: true}"],
    "final_answer": ["{longest: 10}", "{empty: true}", "{forms: {kg: '#.*'}}"],
    "mistakes": ["{first: false}", "{invalid: false}"],
    "near_duplicates": ["{similarity: 0.5}"],
    "out_of_character": ["{engines: true}"],
    "repeated_actions": ["{in_a_row: 2}", "{in_all: 2}"],
    "resampled": ["{most: 1, only: [household, db, kg, web]}"],
    "sensitive": ["{more: {verb: 'go to'}}", "{trained: true, more: {word: drawer}}"],
    "standard_answer": ["{kinds: [ranking, counting], answer: done}"],
    "thanks": ["{turns: 1}"],
    "too_long": ["{tokens: 900}"],
    "wrong_answer": ["{progress: 0.5}"],
}
TIMES = ("timing", "seconds", "started", "created", "version", "code")


def command(*words):
    """Runs a command; what it says."""
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        status = main([*words])
    assert status == 0, said.getvalue()
    return said.getvalue()


def plain(value):
    """A record without what differs from run to run."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in TIMES}
    return [plain(v) for v in value] if isinstance(value, list) else value


def records(path):
    return [plain(json.loads(line)) for line in path.read_text().splitlines()]


def episode(record):
    """An episode in a few words, and the digest of all of it."""
    grade = record.get("grade") or {}
    words = [record["id"], record.get("kind"), record.get("stop"), len(record["steps"]), grade.get("progress")]
    checks = [s["check"]["label"][0] for s in record["steps"] if s.get("check")]
    marks = "".join("+" if m.get("train") else "-" for m in record["messages"])
    return " ".join(map(str, [*words, marks, "".join(checks), digest(record)[:12]]))


def run_lines(folder):
    """Tasks, episodes and figures of a run."""
    yield from (f"{t['id']} {t.get('kind', '')} {digest(t)[:12]}" for t in records(folder / "tasks.jsonl"))
    parts = sorted((folder / "trajectories").glob("*.jsonl"))
    yield from sorted(episode(t) for part in parts for t in records(part))
    yield json.dumps(plain(json.loads((folder / "report.json").read_text())), sort_keys=True)


def rollout(environment):
    command(
        "rollout",
        "name=run",
        f"environments=[{environment}]",
        "episodes=8",
        "agent.error_rate=0.4",
        "seed=5",
        "concurrency=1",
    )
    return run_lines(Path("runs/run"))


def checked(environment):
    words = [
        "mode=checked",
        "simulator=flawed",
        "simulator.rate=0.4",
        "agent.error_rate=0.3",
        "seed=6",
        "concurrency=1",
    ]
    command("rollout", "name=run", f"environments=[{environment}]", "episodes=4", *words)
    return run_lines(Path("runs/run"))


def simulated(environment):
    words = ["mode=simulated", "simulator=flawed", "simulator.rate=0.3", "seed=7", "concurrency=1"]
    command("rollout", "name=run", f"environments=[{environment}]", "episodes=3", *words)
    return run_lines(Path("runs/run"))


def fidelity(environment):
    command("fidelity", f"environments=[{environment}]", "episodes=2", "simulator=flawed", "simulator.rate=0.3")
    folder = Path("fidelity/fidelity")
    yield from (f"{q['id']} {digest(q)[:12]}" for q in records(folder / "questions.jsonl"))
    yield from (f"{a['id']} {digest(a)[:12]}" for a in records(folder / "answers" / "part-00000.jsonl"))
    yield from (folder / "report.md").read_text().splitlines()
    for split in ("train", "validation"):
        yield f"{split} {digest(records(folder / 'pairs' / f'{split}.jsonl'))[:12]}"


def hooked(hook):
    words = ["agent.error_rate=0.6", "seed=8", "concurrency=1", f"hooks=[{HOOKS[hook]}]"]
    command("rollout", "name=run", "environments=[household, db]", "episodes=4", *words)
    yield from run_lines(Path("runs/run"))
    if hook == "fork":
        for span in ("turn", "episode"):
            command("export", "runs/run", "to=dpo", f"out={span}", f"span={span}")
            yield from (digest(r)[:12] for r in records(Path(span) / "train.jsonl"))


def small_run(name, *words):
    command(
        "rollout", "environments=[household, db, kg]", "episodes=6", "concurrency=1", "agent.error_rate=0.3", f"name={name}",
        *words,
    )  # fmt: skip


def curated(format):
    """A run, curated and exported; the shorter files as they are."""
    small_run("a")
    small_run("gold", "seed=1")
    words = [
        "tokenizer=estimate",
        "gold.expert=true",
        "gold.add=true",
        "mix.validation=0.2",
        "mix.upsample=2",
        "mix.size=20",
    ]
    command("curate", "runs/a", "out=.", "name=set", "gold.sources=[runs/gold]", f"filters={FILTERS}", *words)
    command("export", "set", f"to={format}")
    for file in ("train", "validation"):
        for sample in records(Path("set") / f"{file}.jsonl"):
            words = [sample.get(k) for k in ("id", "task", "environment", "kind", "source", "tokens")]
            yield " ".join(map(str, [*words, digest(sample)[:12]]))
        yield from (digest(r)[:12] for r in records(Path("set/export") / format / f"{file}.jsonl"))
    yield from (
        f"{v['trajectory']} {v['filter']} {v['decision']} {v.get('reason')}"
        for v in records(Path("set/verdicts.jsonl"))
    )
    yield from (line for line in Path("set/README.md").read_text().splitlines() if "simenv" not in line)


def evaluated(page):
    """Two agents compared; the whole page."""
    words = ["environments=[household, db, kg]", "episodes=5", "concurrency=1", "attempts=2"]
    command("evaluate", *words, "agent.error_rate=0.6", "name=first")
    said = command("evaluate", *words, "agent.error_rate=0.2", "name=second", "against=runs/first")
    if page == "report.html":
        text = (Path("runs/second") / page).read_text()
        yield from (line for line in text.partition("<svg")[0].splitlines() if line.strip())
    elif page == "report.md":
        yield from (Path("runs/second") / page).read_text().splitlines()
    else:
        record = plain(json.loads((Path("runs/second") / "evaluation.json").read_text()))
        yield from json.dumps(record, indent=1, sort_keys=True).splitlines()
        yield from (line.rstrip() for line in said.splitlines() if "against" in line)


@cache
def judged_runs():
    """A folder with a plain run, one with hooks and one that was checked, made once."""
    folder = Path(tempfile.mkdtemp(prefix="simenv-golden-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    words = ["concurrency=1", "agent.error_rate=0.5", "episodes=5", "environments=[household, db, kg, web]"]
    checks = ["mode=checked", "simulator=flawed", "simulator.rate=0.3", "policy=flag", "seed=4"]
    with chdir(folder):
        command("rollout", *words, "name=plain")
        command("rollout", *words, "name=hooked", f"hooks=[{HOOKS['first_mistake']}, {HOOKS['resample']}]", "seed=3")
        command("rollout", *words, *checks, "name=checked")
    return folder / "runs"


def filtered(name):
    """What one filter rules, as it is and with each of its options turned."""
    shutil.copytree(judged_runs(), "runs")
    for number, options in enumerate(["{}", *TURNED.get(name, ())]):
        out = f"set-{number}"
        given = [f"filters={{{name}: {options}}}", "tokenizer=estimate", "gold.expert=true", "out=.", f"name={out}"]
        command("curate", "runs/plain", "runs/hooked", "runs/checked", *given)
        yield f"{name} {options}"
        yield json.dumps(plain(json.loads((Path(out) / "funnel.json").read_text())), sort_keys=True)
        for v in records(Path(out) / "verdicts.jsonl"):
            if v["filter"] == name and v["decision"] != "keep":
                yield f"{v['trajectory']} {v['decision']} {v.get('reason')} {v.get('mask') or ''} {digest(v)[:8]}"


def swept(_):
    """A grid of two levels: its table, and what its log holds."""
    stages = {
        "rollout": {"environments": {"household": {}, "kg": {}}, "episodes": 4, "agent": {"name": "expert"}},
        "again": {
            "does": "rollout",
            "environments": {"household": {"source": "$rollout/tasks.jsonl"}},
            "agent": "expert",
        },
    }
    grid = {"rollout.agent.error_rate": [0, 0.8], "rollout.seed": [1, 2]}
    sweep = {
        "name": "s",
        "code": "version",
        "jobs": 1,
        "measure": "rollout",
        "stages": stages,
        "grid": grid,
        "over": ["rollout.seed"],
    }
    Path("sweep.yaml").write_text(json.dumps(sweep))
    command("sweep", "sweep.yaml")
    for file in sorted(Path("sweeps/s").glob("*.md")):
        yield from file.read_text().splitlines()
    for entry in map(json.loads, (Path("sweeps/s") / "log.jsonl").read_text().splitlines()):
        yield " ".join(
            f"{k}:{type(v).__name__}" if k in ("started", "seconds", "cpu", "key") else f"{k}={v}"
            for k, v in entry.items()
        )


def made(environment):
    """Tasks of every difficulty, each as a line: what the teacher draws, plans and says."""
    site = plugins.environment(environment)
    for level in range(1, 6):
        teacher = site.procedural(site.procedural.Options(difficulty=level))
        for n in range(24):
            task = teacher.make(f"{environment}-{n}", default_rng([level, n]))
            yield f"{level} {n} {task.kind} {len(task.solution)} {digest(task.model_dump(mode='json'))[:12]}"


def walked(environment):
    """On the way of each solution: slips, words that vary, flaws, and how they are judged."""
    site = plugins.environment(environment)
    teacher, expert, flaws, comparison = site.procedural(), site.expert(), site.flaws(), site.comparison()
    for n in range(8):
        task = teacher.make(f"w-{n}", default_rng([9, n]))
        yield from asyncio.run(_walk(site, task, expert, flaws, comparison))


async def _walk(site, task, expert, flaws, comparison):
    world, lines = site.world(), []
    await world.reset(task)
    for number, move in enumerate(task.solution[:8]):
        slips = [expert.perturb(world, task, move, default_rng(n)).model_dump(mode="json") for n in range(6)]
        slip = Move.model_validate(slips[0]).action
        before = await world.state()
        held = await world.snapshot()
        for action in (slip, move.action):
            await world.restore(held)
            truth = await world.step(action)
            scene = Transition(spec=task.spec, action=action, before=before, after=await world.state(), truth=truth)
            said = [f"{number} {comparison.malformed(action)} {comparison.delta(before, scene.after)}"]
            for n in range(2):
                other = flaws.vary(scene, default_rng(n))
                verdict = comparison.observation(scene, other)
                said.append(
                    [other.text, verdict.label, comparison.state(scene, flaws.restate(scene, default_rng(n))).label]
                )
            for error in get_args(Flaw):
                if (claim := flaws.corrupt(error, scene, default_rng(number))) is not None:
                    verdict = comparison.observation(scene, claim.observation)
                    state = comparison.state(scene, claim.state).model_dump() if claim.state is not None else None
                    said.append([claim.observation.text, verdict.label, verdict.error, verdict.reason, state])
            labels = " ".join(str(x[1])[0] for x in said[1:])
            shown = digest([slips, said])[:12]
            lines.append(f"{task.id} {said[0]} {labels} {shown}")
    await world.close()
    return lines


STAGES = {
    **{f"tasks-{e}": (made, e) for e in ENVIRONMENTS},
    **{f"walk-{e}": (walked, e) for e in ENVIRONMENTS},
    **{f"rollout-{e}": (rollout, e) for e in ENVIRONMENTS},
    **{f"checked-{e}": (checked, e) for e in ENVIRONMENTS},
    **{f"simulated-{e}": (simulated, e) for e in ENVIRONMENTS},
    **{f"fidelity-{e}": (fidelity, e) for e in ENVIRONMENTS},
    **{f"hook-{h}": (hooked, h) for h in HOOKS},
    **{f"export-{f}": (curated, f) for f in FORMATS},
    **{f"filter-{f}": (filtered, f) for f in TURNED},
    "sweep": (swept, ""),
    **{f"evaluate-{p}": (evaluated, p) for p in ("report.md", "report.html", "figures")},
}


def lines(stage, folder):
    """The lines of a stage, made in an empty folder."""
    os.environ["COLUMNS"] = "200"
    work, about = STAGES[stage]
    with chdir(folder):
        return [line.rstrip() for line in work(about)]


if __name__ == "__main__":
    for chosen in sys.argv[1:] or STAGES:
        place = tempfile.mkdtemp()
        (HERE / "lines" / f"{chosen}.txt").write_text("\n".join(lines(chosen, place)) + "\n")
        shutil.rmtree(place)

"""Three ways of reasoning on the same 50 questions, with a model that fails whatever it tries first."""

import asyncio
from collections import Counter

import pytest
from numpy.random import default_rng

from simenv.config import Experiment
from simenv.models.clients.scripted import scripted
from simenv.plugins import environment
from simenv.rollout.run import Rollout

SITE = environment("search")
COUNT = 50
REFLECTION = '{"reflection": "I answered without reading. I will search, open the page and read it first."}'


@pytest.fixture(scope="module")
def tasks():
    teacher = SITE.procedural(SITE.procedural.Options(difficulty=1))
    return [teacher.make(f"t{n}", default_rng([18, n])) for n in range(COUNT)]


def student(tasks):
    """Gives a wrong answer at once; with a note on its failure it does what is right, turn by turn."""
    solutions = {t.instruction: t.solution for t in tasks}

    def reply(request):
        text = "\n".join(m.content for m in request.messages)
        if "You tried the task below and failed" in text:
            return REFLECTION
        solution = next(s for q, s in solutions.items() if q in text)
        if "I answered without reading" not in text:
            return "I remember this.\nAnswer: Atlantis" if "step by step" in text else said("finish", "Atlantis")
        move = solution[sum(m.role == "assistant" for m in request.messages)]
        return said(move.action.name, *move.action.arguments.values())

    return scripted(reply)


def said(name, value, source=""):
    line = f"Thought: I go on.\nAction: {name.capitalize()}[{value}]"
    return f"{line}\nSource: {source}" if source else line


def counts(tasks, agent, *hooks):
    e = {"environments": ["search"], "agent": agent, "hooks": list(hooks), "dialect": "brackets"}
    rollout = Rollout(Experiment.model_validate(e), model=student(tasks))
    trials = Counter()
    for task in tasks:
        for t in asyncio.run(rollout.run_with_forks(task)):
            trials[t.branch.continuation if t.branch else "trial 1", t.grade.success] += 1
    return trials


def test_only_reflexion_tries_again_and_its_second_trial_shows_in_the_counts(tasks):
    assert counts(tasks, "cot") == {("trial 1", False): COUNT}
    assert counts(tasks, "react") == {("trial 1", False): COUNT}
    reflexion = counts(tasks, "react", {"name": "reflexion", "trials": 3})
    assert reflexion == {("trial 1", False): COUNT, ("trial 2", True): COUNT}

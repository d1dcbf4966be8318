"""Recorded games of the real ALFWorld, given again to the loaded house: every sentence must be the same."""

import asyncio
import re

import pytest
from numpy.random import default_rng

from simenv.plugins.environments.household.engine.admissible_commands import admissible
from simenv.plugins.environments.household.engine.commands import NOTHING, perform
from simenv.plugins.environments.household.engine.house import House
from simenv.plugins.environments.household.tasks import alfworld_games
from simenv.plugins.environments.household.world import Household
from simenv.types import Action, Stop

ARRIVAL = re.compile(r"^You arrive at loc \d+\. ")
BANNER = "-= Welcome to TextWorld, ALFRED! =-\n\n"


def replay(task, commands):
    """First observation, the observations of the commands, and whether the game was won by the last of them."""

    async def run():
        world = Household()
        first = await world.reset(task)
        seen = [await world.step(Action(name="take_action", arguments={"action": c})) for c in commands]
        assert all(s.stop is None for s in seen[:-1])
        return first, seen, (await world.grade()).success and seen[-1].stop is Stop.done

    return asyncio.run(run())


def test_gold_games_of_agentinstruct_kind_replay_to_the_letter_and_are_won(games):
    compared = 0
    for game in (g for g in games if "gt" in g):
        said = [turn["value"] for turn in game["gt"]]
        task = alfworld_games.read_game(game)
        first, seen, won = replay(task, said[1::2])
        assert f"{first.text}\n\nYour task is to: {task.instruction}" == said[0].removeprefix(BANNER)
        real = said[2::2]
        assert [s.text for s in seen][: len(real)] == [ARRIVAL.sub("", text) for text in real], game["gamefile"]
        assert won, game["gamefile"]
        compared += 1 + len(real)
    assert compared == 1614


def test_expert_transcripts_replay_to_the_letter_with_the_same_choices_in_the_same_order(games, transcripts):
    by_file = {game["gamefile"]: game for game in games}
    compared = 0
    for transcript in transcripts:
        steps = transcript["steps"]
        task = alfworld_games.read_game(by_file[transcript["gamefile"]])
        first, seen, won = replay(task, [s["action"] for s in steps])
        assert f"{first.text}\n\nYour task is to: {task.instruction}" == transcript["init"].removeprefix(BANNER)
        assert list(first.choices) == transcript["admissible0"]
        for step, mine in zip(steps, seen, strict=True):
            assert mine.text == ARRIVAL.sub("", step["observation"]), step["action"]
            assert list(mine.choices) == step["admissible"], step["action"]
        assert won == transcript["won"]
        compared += 1 + len(steps)
    assert compared == 645


class Facts:
    """A game played on its bare PDDL facts, by the preconditions and effects of ALFWorld's domain and no house at all."""

    def __init__(self, game):
        read = alfworld_games.read_problem(game["pddl_problem"])
        self.name = alfworld_games.object_names(read)
        self.facts = {(p, *arguments) for p, every in read.facts.items() for arguments in every}
        self.place = dict(read.facts["receptacleatlocation"])
        self.objects = [id for id, sort in read.objects.items() if sort == "object" and id in self.name]
        self.otype, self.rtype = dict(read.facts["objecttype"]), dict(read.facts["receptacletype"])
        self.at = read.facts["atlocation"][0][1]
        self.held = None

    def commands(self):
        """What can be done, each with its (added, deleted) facts and the new place and hand."""
        here = [r for r, place in self.place.items() if place == self.at]
        same = (self.at, self.held)
        every = {"look": ((), (), same), "inventory": ((), (), same)}
        for r, place in self.place.items():
            if place != self.at:
                every[f"go to {self.name[r]}"] = ((), (), (place, self.held))
        for r in here:
            every[f"examine {self.name[r]}"] = ((), (), same)
            shut = ("openable", r) in self.facts and ("opened", r) not in self.facts
            if ("openable", r) in self.facts:
                verb, change = (
                    ("open", ((("opened", r),), (), same)) if shut else ("close", ((), (("opened", r),), same))
                )
                every[f"{verb} {self.name[r]}"] = change
            for o in self.objects:
                self._with(every, r, o, shut)
        if self.held:
            every[f"examine {self.name[self.held]}"] = ((), (), same)
            if self.otype[self.held] in ("knifetype", "butterknifetype"):
                for o in self.objects:
                    if {("sliceable", o), ("objectatlocation", o, self.at)} <= self.facts:
                        every[f"slice {self.name[o]} with {self.name[self.held]}"] = ((("issliced", o),), (), same)
        return every

    def _with(self, every, r, o, shut):
        name, receptacle, same = self.name[o], self.name[r], (self.at, self.held)
        inside = ("inreceptacle", o, r)
        if inside in self.facts:
            if ("toggleable", o) in self.facts:
                every[f"use {name}"] = ((("istoggled", o),), (), same)
            if ("pickupable", o) in self.facts and self.held is None and not shut:
                gone = (inside, ("objectatlocation", o, self.at))
                every[f"take {name} from {receptacle}"] = ((), gone, (self.at, o))
        if o != self.held:
            return
        if not shut and ("cancontain", self.rtype[r], self.otype[o]) in self.facts:
            every[f"put {name} in/on {receptacle}"] = ((inside, ("objectatlocation", o, self.at)), (), (self.at, None))
        for verb, can, rtype, more, less in (
            ("heat", "heatable", "microwavetype", "ishot", "iscool"),
            ("cool", "coolable", "fridgetype", "iscool", "ishot"),
            ("clean", "cleanable", "sinkbasintype", "isclean", "isclean"),
        ):
            if (can, o) in self.facts and self.rtype[r] == rtype:
                gone = () if more == less else ((less, o),)
                every[f"{verb} {name} with {receptacle}"] = (((more, o),), gone, same)

    def do(self, change):
        added, deleted, (self.at, self.held) = change
        self.facts = (self.facts - set(deleted)) | set(added)


@pytest.mark.slow
def test_random_walks_offer_what_the_pddl_domain_allows(games):
    compared = 0
    for seed, game in enumerate(games):
        rng = default_rng(seed)
        facts, house = Facts(game), House(alfworld_games.read_game(game).spec)
        for _ in range(40):
            every = facts.commands()
            assert list(admissible(house)) == sorted(every), game["gamefile"]
            # Moving about is most of what can be done; doing things is what changes the house.
            deeds = sorted(c for c in every if not c.startswith(("go to", "look", "inventory", "examine")))
            command = str(rng.choice(deeds if deeds and rng.random() < 0.6 else sorted(every)))
            assert perform(house, command) != NOTHING
            facts.do(every[command])
            compared += 1
    assert compared == 40 * len(games)

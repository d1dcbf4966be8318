"""ALFWorld's editions: 0.3, which AgentBench plays, and 0.4. They differ in few commands and sentences.

A house that is no game of ALFWorld has the commands of 0.3, and a help of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simenv.errors import WorldError, unknown

_TEMPLATE = re.compile(r'template\s*::\s*"move \{o\} to \{r\}"')


@dataclass(frozen=True, slots=True)
class Edition:
    """How an edition says what another says differently. `help` is '' where there is no such command.

    `lists_help`: whether it is among the possible commands.
    """

    verb: str
    preposition: str
    arrival: str
    help: str
    lists_help: bool = False

    def put_command(self, name: str, target: str) -> str:
        """The command that puts a thing into or onto a receptacle."""
        return f"{self.verb} {name} {self.preposition} {target}"

    def put_sentence(self, name: str, target: str) -> str:
        """The answer to it."""
        return f"You {self.verb} the {name} {self.preposition} the {target}."

    def arrived(self, name: str) -> str:
        """The beginning of the answer to `go to`."""
        return self.arrival.format(name)


OWN = Edition(
    "put",
    "in/on",
    "",
    "Commands: go to (receptacle), open (receptacle), close (receptacle), take (object) from (receptacle), "
    "put (object) in/on (receptacle), use (object), heat (object) with (receptacle), cool (object) with (receptacle), "
    "clean (object) with (receptacle), slice (object) with (object), examine (something), look, inventory, help.",
)
"""The edition of a house that is no game of ALFWorld."""
EDITIONS: Mapping[str, Edition] = {
    "0.3": Edition("put", "in/on", "", ""),
    "0.4": Edition(
        "move",
        "to",
        "You arrive at {}. ",
        "\nAvailable commands:\n"
        "  look:                             look around your current location\n"
        "  inventory:                        check your current inventory\n"
        "  go to (receptacle):               move to a receptacle\n"
        "  open (receptacle):                open a receptacle\n"
        "  close (receptacle):               close a receptacle\n"
        "  take (object) from (receptacle):  take an object from a receptacle\n"
        "  move (object) to (receptacle):  place an object in or on a receptacle\n"
        "  examine (something):              examine a receptacle or an object\n"
        "  use (object):                     use an object\n"
        "  heat (object) with (receptacle):  heat an object using a receptacle\n"
        "  clean (object) with (receptacle): clean an object using a receptacle\n"
        "  cool (object) with (receptacle):  cool an object using a receptacle\n"
        "  slice (object) with (object):     slice an object using a sharp object\n",
        lists_help=True,
    ),
}
"""By the name that a spec gives it. 0.3 says `You arrive at loc 5.` first, which AgentBench takes away; so is it here."""


def edition(name: str | None) -> Edition:
    """The edition of this name, the own one without a name. WorldError if there is none."""
    if name is None:
        return OWN
    if name not in EDITIONS:
        raise WorldError(f"house: alfworld: {unknown('edition', name, EDITIONS)}")
    return EDITIONS[name]


def edition_of_grammar(grammar: str) -> str:
    """The name of the edition whose commands a game's own grammar has."""
    return "0.4" if _TEMPLATE.search(grammar) else "0.3"

"""Hints as teachers write them, over tasks of all environments and states of play: leaky ones, and harmless ones."""

import re
from typing import NamedTuple

from numpy.random import default_rng

from simenv import plugins
from simenv.agent import Oracle
from simenv.env import Env
from simenv.hooks.leaks import Secrets, secrets
from simenv.types import Message, Task, Turn
from tests.helpers.mistakes import task_of

ENVIRONMENTS = ("db", "os", "kg", "household", "web")
PLAYED = ("db", "kg", "household")
"""Worlds that a test can play in quickly; of the others the chat is empty."""


class Moment(NamedTuple):
    """A task, the chat so far, and what a hint must not hold."""

    environment: str
    task: Task
    chat: tuple[Message, ...]
    secrets: Secrets


async def moment(environment, number):
    """A state of play on the gold way, after none to all but one of its moves."""
    task, found = task_of(environment, number + 5000), plugins.environment(environment)
    rng, chat, moves = default_rng([number, 7]), (), task.solution
    if environment in PLAYED:
        env = Env(found.world(), found.dialect("react"))
        try:
            view = await env.reset(task)
            for turn in range(int(rng.integers(len(task.solution)))):
                move = task.solution[turn]
                await env.step(Turn(**dict(env.dialect.render(move, turn))), view)
                view = env.view()
            chat = tuple(env.messages)
            plan = await Oracle(found.expert(), env.world, task).plan()
            moves = (*(plan or ()), *task.solution)
        finally:
            await env.close()
    answers = found.expert().answers(task)
    return Moment(environment, task, chat, secrets(answers, moves, task.instruction, chat))


# Leaky hints.

CLAUSE_CARRIERS = (
    "Your filter should read {}.",
    "You forgot a part of the query, namely {}, so add that.",
    "What about {}?",
    "Only rows with {} count here; restrict your statement to these.",
    "The right condition is {} and nothing else.",
    "I'd go for {} at this point, then look at the result again.",
    "Rewrite it so that it contains {} before you commit anything.",
    "Look at what you wrote: you need {} instead.",
    "Almost there! Just make sure that {} is part of it.",
    "Hm, {} would do the job.",
)
PLACE_CARRIERS = (
    "Your next stop should be {}.",
    "Nobody has looked into {} yet, have they?",
    "You would find it at {}.",
    "I believe that {} deserves a visit.",
    "Leave this and try {} first.",
    "The thing you want lies in {}, as people often put such things there.",
    "Think of {}; you have ignored it so far.",
    "Have you considered {}? It might help.",
    "You are close. {} is where you should turn next.",
    "Don't wander about; {} is what matters.",
)
MANNERS = {
    "as it is": lambda s: s,
    "lower case": str.lower,
    "upper case": str.upper,
    "backticks": lambda s: f"`{s}`",
    "every word in backticks": lambda s: re.sub(r"[A-Za-z_]{2,}", r"`\g<0>`", s),
    "double quotes": lambda s: f'"{s}"',
    "other quotes inside": lambda s: s.replace("'", '"'),
    "no quotes inside": lambda s: s.replace("'", ""),
    "no blanks at signs": lambda s: re.sub(r"\s*([<>=|]+)\s*", r"\1", s),
    "more blanks": lambda s: s.replace(" ", "  "),
    "typeset": lambda s: f"“{s.replace(chr(39), '’')}”",
    "bold": lambda s: f"**{s}**",
}


def clauses(moment):
    """Parts of the gold commands that are not in the instruction."""
    for move in moment.task.solution:
        for text in map(str, move.action.arguments.values()):
            for where in re.findall(r"\bWHERE (.*?)(?= ORDER| GROUP| LIMIT|$)", text):
                yield where
                yield f"WHERE {where}"
                yield from (part for part in where.split(" AND ") if "BETWEEN" not in where and len(part.split()) > 2)
            if move.action.name == "bash":
                yield from (part.strip() for part in re.split(r"\||&&|;", text) if len(re.findall(r"\w+", part)) > 3)


def places(moment):
    """Places and names in the gold actions that the agent has not come upon."""
    own = "\n".join(m.content for m in moment.chat if m.role == "assistant")
    for move in moment.task.solution:
        for text in map(str, move.action.arguments.values()):
            if moment.environment == "household":
                names = re.findall(r"(?:go to|open|from|with|in/on) ([a-z]+ \d+)", text)
                yield from (name for name in names if name not in own)
            elif moment.environment == "kg" and "." in text and text not in "".join(m.content for m in moment.chat):
                yield text


async def leaky(count, rng, numbers=range(120)):
    """(environment, manner, hint, secrets) of hints that each hold a gold clause or an unseen place."""
    made = []
    for number in numbers:
        for environment in ENVIRONMENTS:
            now = await known_moment(environment, number)
            known = f"{now.task.instruction}\n" + "\n".join(m.content for m in now.chat)
            told = [(c, CLAUSE_CARRIERS) for c in clauses(now) if c not in known]
            told += [(p, PLACE_CARRIERS) for p in places(now)]
            made += [(now, what, carriers) for what, carriers in told]
    return [_leak(made[i], rng) for i in rng.choice(len(made), count, replace=False)]


def _leak(case, rng):
    now, what, carriers = case
    manner = str(rng.choice(list(MANNERS)))
    return now.environment, manner, str(rng.choice(carriers)).format(MANNERS[manner](what)), now.secrets


# Harmless hints. `{thing}`, `{field}`, … are filled from the instruction and from what has been seen.

HARMLESS = {
    "db": (
        "Read the task once more before you write the statement: does it ask about all {table}, or only about some?",
        "The question does not ask about every row of {table}. Take each condition in it into account.",
        "Look at the headers again; {field} is not the only column that matters.",
        "You compare with the wrong strictness. Does the task include the boundary itself or not?",
        "First make sure that the statement selects what is asked for, then commit.",
        "You have a result already. Is it really what the task wants, in the form it wants?",
        "One of the conditions of the task is missing in what you are about to run.",
        "Two things are asked for here, and you have taken care of one of them.",
        "Check the spelling of {table} and of the column names against the description of the table.",
        "Sorting alone does not pick a row; think about how many rows should come back.",
        "An aggregate such as COUNT or SUM may save you from counting by hand.",
        "You should not change anything in the database for a question like this one.",
        "The column {field} is of a type that wants quotes around its values; look at what MySQL complains about.",
        "If the error says that a column is unknown, list the columns of {table} before you guess again.",
        "Commit only after you have seen the rows that changed.",
        "A name that you show to people is not always the key that tables are joined on.",
        "The task speaks of {table}; why do you read from somewhere else?",
        "Mind the rounding that the task asks for.",
        "Do you need duplicates in your list? Read the wording again.",
        "It says what to leave alone as well: see that your change touches nothing more than it must.",
        "Your query is fine but for the part that restricts the rows. Take the wording of the task literally.",
        "Use what the previous observation showed you about the values in {field}.",
        "What you commit must be values, not a sentence about them.",
        "Before you end this, run a check that the change is there.",
    ),
    "os": (
        "Do not count by eye; let a tool do it and print only the figure.",
        "Your command looks only at the top folder, and folders may lie in folders.",
        "First see what the input looks like, then decide how to cut it into fields.",
        "The error tells you that the path is wrong. List the folder before you go on.",
        "Hidden files count too; does your command see them?",
        "Think about what happens to names with blanks in them.",
        "Answer with exactly the form that the task names, and with nothing around it.",
        "The task wants a change to last. A variable that you set in one command is gone in the next.",
        "You have matched too much: part of what you found only contains the word.",
        "Make sure that each different value is taken once.",
        "Check owner and mode afterwards, since one of them may not be as asked.",
        "You are about to overwrite something that should stay. Write elsewhere.",
        "What you print is not yet in the order that the task asks for.",
        "Read the error message: it says which option your tool does not know.",
        "Before you finish, look at the outcome with a command of its own.",
        "A process shows its options in its own command line; look there rather than in files.",
        "The tools you need are all installed. A pipe of two or three of them is enough.",
        "Are you sure that the case of the letters matters here?",
        "Mind the difference between the size that files have and the room that they take.",
        "Links are not regular files, and the task speaks of files.",
        "The folder need not exist beforehand; who creates it?",
        "The last line of the output is not always the one you want.",
    ),
    "kg": (
        "You guessed a relation. Ask for the relations of a variable before you follow one.",
        "Mind the direction: from whom to whom does the relation lead that you want?",
        "The question has two parts, and each gives a set of its own. Bring them together in the end.",
        "You are further than you think; what the question asks for is one step away.",
        "Start from the entity that the question names.",
        "A variable is a set, and you compare its members by an attribute, so see first which ones they have.",
        "Read the last observation again, for it lists what you may use next.",
        "You answered with a variable that holds the wrong kind of thing. Which type does the question ask for?",
        "Do not count in your head; there is an action for it.",
        "The names of relations have to be written exactly as they were listed.",
        "Both branches of the question have to be followed before you intersect anything.",
        "Think about what links {thing} with what is asked for, and take it step by step.",
        "Largest or smallest: which of the two does the wording want?",
        "You went past what is wanted. Go back to an earlier variable and look at it again.",
        "What you hold is a set of people, but is it people that you are asked about?",
        "An attribute is not a relation, so they are asked for in different ways.",
        "The variable with the highest number is not always the one to answer with.",
        "Check that the two sets are of the same type before you combine them.",
        "Once a variable holds just what the question describes, answer with it.",
        "An empty result means that you followed something that does not belong to this entity.",
    ),
    "household": (
        "Read again what has to be done with the {thing} before it is put down.",
        "You are carrying something already, and you can only hold one thing at a time.",
        "You searched here before. Places that you have not seen yet are more promising.",
        "A closed door hides what is behind it, so open what can be opened.",
        "First find the thing, then think about what to do with it.",
        "You walked away from what you need without taking it.",
        "Names carry numbers: write the one that you have seen, with its number.",
        "The thing in your hand is not of the kind that the task asks for.",
        "Where would people keep a {thing} in a room like this?",
        "Two of them are wanted, and one is done. Look for the other one.",
        "Nothing happens usually means that you do not stand where you think you do.",
        "You do not have to look around everywhere; think of the likely places first.",
        "A lamp has to be used while you hold the thing, and in the same place.",
        "Hot, cool and clean are made with an appliance; go where one of them stands.",
        "The {thing} is not finished yet: something should be done to it first.",
        "Take a moment to check the inventory before your next move.",
        "Drawers, cabinets and shelves come in numbers; do not stop after the first.",
        "The observation told you what lies here. Is the {thing} among it?",
        "You are repeating yourself. What changed since you did this last time?",
        "It is in your hand already; now bring it where it belongs.",
        "When you have been to {seen}, you saw all there is; it is no use to return.",
        "What {seen} holds is known by now.",
    ),
    "web": (
        "Read the page before you click: does it show what the task names?",
        "There are more results further down or on the next page.",
        "Some fields of the form are still empty, or not as the task wants them.",
        "A search with fewer words may find more.",
        "You are on the wrong page; go back and look at the menu.",
        "Compare the names letter by letter, as several of them are alike.",
        "The site shows a message in red; what does it complain about?",
        "Choose the options first and buy afterwards.",
        "Do not end the task before the site has confirmed it.",
        "The task says what to leave as it is, so touch nothing else.",
        "A date has a form that the field expects.",
        "Look at the price and at each condition in the task before you decide.",
        "You typed into the wrong field. Which one is meant for it?",
        "Numbers of elements change with every page; take them from the last observation.",
        "A box can be on or off: see what it is now, since a click turns it round.",
        "You have opened the first thing in the list, but is it the right one?",
        "Use the filter or the order of the list if there are many of them.",
        "Everything is filled in, so what is left is to send it.",
        "Check the amount once again, for the task names another one.",
        "What you look for is not in this category, so try a different one.",
        "The answer stands on a page that you have not opened yet.",
        "Scroll down before you conclude that it is missing.",
    ),
}


def _filled(now, pattern, rng):
    """The pattern with words from the instruction and the chat; None where there are none for it."""
    instruction, own = now.task.instruction, "\n".join(m.content for m in now.chat if m.role == "assistant")
    words = {
        "table": re.findall(r"name of this table is (\w+)", instruction),
        "field": re.sub(r"\s", "", ",".join(re.findall(r"of this table are ([\w,]+)", instruction))).split(","),
        "seen": re.findall(r"go to ([a-z]+ \d+)", own),
        "thing": {
            "kg": re.findall(r"get_relations\W+(?:Action Input: )?([A-Z][\w ]+)", own) or ["the entity"],
            "household": [w for w in re.findall(r"[a-z]+", instruction) if f" {w} " in _objects(now)],
        }.get(now.environment, []),
    }
    wanted = re.findall(r"{(\w+)}", pattern)
    if not all(words[w] for w in wanted):
        return None
    return pattern.format(**{w: str(rng.choice(words[w])) for w in wanted})


def _objects(now):
    taken = [str(m.action.arguments.get("action", "")) for m in now.task.solution]
    return f" {' '.join(word for text in taken if text.startswith('take ') for word in text.split()[1:2])} "


async def harmless(count, rng, numbers=range(120)):
    """(environment, hint, secrets) of useful hints that give nothing away; as many of each environment."""
    made = []
    while len(made) < count:
        environment = ENVIRONMENTS[len(made) % len(ENVIRONMENTS)]
        now = await known_moment(environment, int(rng.choice(list(numbers))))
        patterns = HARMLESS[environment]
        if hint := _filled(now, patterns[int(rng.integers(len(patterns)))], rng):
            made.append((environment, hint, now.secrets))
    return made


_MOMENTS: dict[tuple[str, int], Moment] = {}


async def known_moment(environment, number):
    """The same moment for the same number."""
    key = (environment, number)
    if key not in _MOMENTS:
        _MOMENTS[key] = await moment(environment, number)
    return _MOMENTS[key]

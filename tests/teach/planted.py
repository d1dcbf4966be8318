"""Drafts with wrong gold, six for each environment, beside a right one: goal and solution agree, and the world does not."""


def move(name, **arguments):
    return {"thought": "so", "action": {"name": name, "arguments": arguments}}


def draft(environment, instruction, spec, goal, *solution):
    return {
        "environment": environment, "instruction": instruction, "spec": spec, "goal": goal, "solution": list(solution)
    }  # fmt: skip


# A harbour in MySQL.

SHIPS = {
    "name": "ships",
    "columns": [
        {"name": "name", "type": "VARCHAR(20)"},
        {"name": "length_m", "type": "DECIMAL(6,1)"},
        {"name": "berth", "type": "VARCHAR(4)"},
    ],
    "rows": [
        ["Aurora", "182.0", "A1"], ["Beluga", "95.5", "A2"], ["Calypso", "120.0", "B1"], ["Dorado", None, "B2"],
        ["Esprit", "100.0", "C1"], ["Fjord", "99.9", None], ["Gannet", "143.2", None], ["Heron", "164.0", "D1"],
    ],
}  # fmt: skip
LONGER = "How many ships are longer than 100 metres?"
LONG = "SELECT COUNT(*) FROM ships WHERE length_m > 100"
WAITING = "SELECT COUNT(*) FROM ships WHERE berth IS NULL"


def ships(question, answer, *queries, says=None):
    commit = move("commit_final_answer", answers=[str(answer if says is None else says)])
    instruction = f"{question}\nThe name of this table is ships, and the headers of this table are name,length_m,berth."
    steps = [move("execute_sql", query=q) for q in queries]
    return draft("db", instruction, {"tables": [SHIPS]}, {"answer": [answer]}, *steps, commit)


CALYPSO = "SELECT length_m FROM ships WHERE name = 'Calypso'"
LONGEST = "Which ship is the longest?"
BY_LENGTH = "SELECT name FROM ships ORDER BY length_m DESC"
DB = {
    "right": ships(LONGER, 4, LONG),
    "count off by one": ("evidence", ships(LONGER, 5, LONG)),
    "other row": ("evidence", ships(LONGEST, "Heron", f"{BY_LENGTH} LIMIT 1")),
    "one row of many": ("evidence", ships(LONGEST, "Heron", BY_LENGTH)),
    "other unit": ("evidence", ships("How long is the Calypso, in metres?", 12000, CALYPSO)),
    "an earlier result": ("evidence", ships(LONGER, 2, WAITING, LONG)),
    "never shown": ("evidence", ships(LONGER, 4)),
    "failing step": ("step", ships(LONGER, 4, LONG.replace("length", "lenght"), LONG)),
}  # fmt: skip

# The same harbour as files.

BERTHS = {"path": "/srv/harbour/berths.txt", "content": "A1 taken\nA2 free\nB1 taken\nB2 free\nC1 free\nC2 taken\n"}
LOG = {"path": "/srv/harbour/log.bin", "content": "x" * 2048}
FREE, ALL_FREE = "grep -c free /srv/harbour/berths.txt", "grep free /srv/harbour/berths.txt"
FIRST = "Which is the first free berth in /srv/harbour/berths.txt?"
DRAWN = [{"code": "echo $RANDOM$RANDOM > /root/n"}]
HOW_MANY = "How many berths in /srv/harbour/berths.txt are free? Answer with the number only."


def berths(question, answer, *scripts, **spec):
    steps = [move("bash", script=s) for s in scripts]
    spec = {"files": [BERTHS, LOG], **spec}
    return draft("os", question, spec, {"answer": {"equals": answer}}, *steps, move("answer", answer=answer))


OS = {
    "right": berths(HOW_MANY, "3", FREE),
    "count off by one": ("evidence", berths(HOW_MANY, "4", FREE)),
    "other row": ("evidence", berths(FIRST, "B2", f"{ALL_FREE} | head -n 1 | cut -d' ' -f1")),
    "one row of many": ("evidence", berths(FIRST, "B2", ALL_FREE)),
    "other unit": ("evidence", berths("How many bytes has /srv/harbour/log.bin?", "2", "stat -c %s /srv/harbour/log.bin")),
    "an earlier result": ("evidence", berths(HOW_MANY, "6", "wc -l < /srv/harbour/berths.txt", FREE)),
    "never shown": ("evidence", berths(HOW_MANY, "3")),
    "failing step": ("step", berths(HOW_MANY, "3", "cat /srv/harbour/births.txt | head -n 2", FREE)),
    "an error in a pipe": ("step", berths(HOW_MANY, "3", f"cat /srv/harbour/births.txt {BERTHS['path']} | grep -c free")),
    "drawn by chance": ("volatile", berths("Which number stands in /root/n?", "4711", "cat /root/n", init=DRAWN)),
    "clock": ("volatile", berths("In which year does the clock of this machine stand?", "2026", "date +%Y")),
}  # fmt: skip

# A library as a graph.

GRAPH = {
    "entities": {
        "m.r1": {"name": "Nora Blythe"}, "m.r2": {"name": "Sam Okoro"},
        "m.b1": {"name": "The Night Ferry"}, "m.b2": {"name": "Seven Small Foxes"}, "m.b3": {"name": "Atlas of the Sea"},
        "m.a1": {"name": "Iris Calder"}, "m.a2": {"name": "Mateo Funes"}, "m.a3": {"name": "Ulla Brekke"},
    },
    "relations": {
        "library.reader.borrowed": {"domain": "library.reader", "range": "book.book"},
        "book.book.author": {"domain": "book.book", "range": "people.person"},
    },
    "triples": [
        ["m.r1", "library.reader.borrowed", "m.b1"], ["m.r1", "library.reader.borrowed", "m.b2"],
        ["m.r2", "library.reader.borrowed", "m.b3"],
        ["m.b1", "book.book.author", "m.a1"], ["m.b2", "book.book.author", "m.a2"], ["m.b3", "book.book.author", "m.a3"],
    ],
}  # fmt: skip
RELATIONS = move("get_relations", variable="Nora Blythe")
BORROWED = move("get_neighbors", variable="Nora Blythe", relation="library.reader.borrowed")
COUNT = move("count", variable="#0")
AUTHORS = [
    move("get_relations", variable="#0"),
    move("get_neighbors", variable="#0", relation="book.book.author"),
]


def books(question, answers, *steps, variable):
    spec = {"mentions": {"Nora Blythe": "m.r1"}, "graph": GRAPH}
    return draft("kg", question, spec, {"answers": answers}, *steps, move("answer", variable=variable))


BOOKS = "How many books has Nora Blythe borrowed?"
WRITERS = "Who wrote the books that Nora Blythe has borrowed?"
KG = {
    "right": books(BOOKS, ["2"], RELATIONS, BORROWED, COUNT, variable="#1"),
    "count off by one": ("gold", books(BOOKS, ["3"], RELATIONS, BORROWED, COUNT, variable="#1")),
    "other row": ("gold", books("Which books has Nora Blythe borrowed?", ["m.b1", "m.b3"], RELATIONS, BORROWED, variable="#0")),
    "other unit": ("gold", books(BOOKS, ["2 books"], RELATIONS, BORROWED, COUNT, variable="#1")),
    "an earlier result": ("evidence", books(WRITERS, ["m.b1", "m.b2"], RELATIONS, BORROWED, *AUTHORS, variable="#0")),
    "never shown": ("step", books(WRITERS, ["m.a1", "m.a2"], RELATIONS, BORROWED, variable="#1")),
    "failing step": ("step", books(WRITERS, ["m.a1", "m.a2"], BORROWED, RELATIONS, BORROWED, *AUTHORS, variable="#1")),
}  # fmt: skip

# A mountain rescue on the web.

STATIONS = (
    "<table><tr><th>Station</th><th>Altitude</th><th>Volunteers</th></tr>"
    "<tr><td>Valchiara</td><td>1,875 m</td><td>12</td></tr>"
    "<tr><td>Valscura</td><td>1,785 m</td><td>9</td></tr>"
    "<tr><td>Passo Grigio</td><td>2,305 m</td><td>6</td></tr></table>"
)
SITE = {
    "name": "Alpine Rescue",
    "pages": {
        "stations": {"title": "Our stations", "html": STATIONS},
        "call": {"title": "Call us", "html": "<p>In need call 140. For the office call 555 0101.</p>"},
        "team": {"title": "Our team", "html": "<p>The head of Valchiara is Ida Moss.</p>"},
    },
}
OPEN, CALL = move("click", element="Our stations"), move("click", element="Call us")


def station(question, answer, *steps, about="/page/stations"):
    kind = "number" if isinstance(answer, int) else "text"
    goal = {"answer": {kind: answer}, "about": about}
    return draft("web", question, SITE, goal, *steps, move("answer", text=str(answer)))


ALTITUDE = "At what altitude, in metres, is the station Valchiara? Answer with the number only."
WEB = {
    "right": station(ALTITUDE, 1875, OPEN),
    "count off by one": ("evidence", station("How many stations are there?", 4, OPEN)),
    "other row": ("evidence", station(ALTITUDE, 1785, OPEN)),
    "other unit": ("evidence", station(ALTITUDE, 187500, OPEN)),
    "an earlier result": ("evidence", station("How many volunteers has Valchiara?", 140, CALL, OPEN)),
    "never shown": ("evidence", station("Who is the head of Valchiara?", "Ida Moss", OPEN, about="/page/team")),
    "failing step": ("step", station(ALTITUDE, 1875, move("click", element="Stations"), OPEN)),
}

# A kitchen.

KITCHEN = {
    "receptacles": {
        "countertop 1": {"contains": ["mug 1", "cup 1", "apple 1"]},
        "shelf 1": {"contains": ["mug 2"]},
        "fridge 1": {"contains": ["egg 1"]},
        "microwave 1": {"contains": []},
        "diningtable 1": {"contains": []},
    }
}


def kitchen(instruction, goal, *commands):
    return draft("household", instruction, KITCHEN, goal, *(move("take_action", action=c) for c in commands))


SHELVED = {"type": "pick_and_place_simple", "object": "mug", "receptacle": "diningtable"}
TAKE, PUT = (
    ["go to countertop 1", "take mug 1 from countertop 1"],
    ["go to diningtable 1", "put mug 1 in/on diningtable 1"],
)
HEATED = {"type": "pick_heat_then_place_in_recep", "object": "mug", "receptacle": "diningtable", "state": "hot"}
HEAT = ["go to microwave 1", "heat mug 1 with microwave 1"]
HOUSEHOLD = {
    "right": kitchen("Put a mug on the dining table.", SHELVED, *TAKE, *PUT),
    "count off by one": ("evidence", kitchen("Put two mugs on the dining table.", SHELVED, *TAKE, *PUT)),
    "other object": ("evidence", kitchen("Put a cup on the dining table.", SHELVED, *TAKE, *PUT)),
    "other receptacle": ("evidence", kitchen("Put a mug on a shelf.", SHELVED, *TAKE, *PUT)),
    "other state": ("evidence", kitchen("Put a cold mug on the dining table.", HEATED, *TAKE, *HEAT, *PUT)),
    "never done": ("gold", kitchen("Put a mug on the dining table.", SHELVED, *TAKE)),
    "failing step": ("step", kitchen("Put a mug on the dining table.", SHELVED, "take mug 1 from countertop 1", *TAKE, *PUT)),
}  # fmt: skip

# Pages about a lighthouse.

PAGES = [
    {"id": "p1", "title": "Skarholm Light", "text": "On 9 rocks. Its keeper is Runa Tveit. It was lit in 1874. 2 men died."},
    {"id": "p2", "title": "Runa Tveit", "text": "Runa Tveit studied optics. She was born in Borgvik. She has kept 2 lights."},
    {"id": "p3", "title": "Oddny Tveit", "text": "Oddny Tveit is a painter. She was born in Lervik."},
    {"id": "p4", "title": "Sandvik Light", "text": "Sandvik Light stands on a pier. It was lit in 1902."},
]  # fmt: skip
LIT, BORN = "When was Skarholm Light lit?", "Where was the keeper of Skarholm Light born?"
FIND, READ = move("search", query="Skarholm Light"), move("open", page="p1")


def pages(question, answers, *steps, says=None, support=("p1",), **goal):
    goal |= {"answers": answers, "support": [{"page": id} for id in support]}
    return draft("search", question, {"passages": PAGES}, goal, *steps, move("finish", answer=says or answers[0]))


SEARCH = {
    "right": pages(LIT, ["1874"], FIND, READ),
    "other row": ("gold", pages(LIT, ["1902"], FIND, READ, says="1874")),
    "other unit": ("gold", pages(LIT, ["1874 AD"], FIND, READ, says="1874")),
    "an earlier result": ("evidence", pages(BORN, ["Borgvik"], FIND, READ)),
    "never shown": ("evidence", pages(BORN, ["Borgvik"], FIND, READ, support=("p1", "p2"))),
    "other page": ("evidence", pages(BORN, ["Lervik"], FIND, READ, move("open", page="p3"), support=("p1", "p2"))),
    "failing step": ("step", pages(LIT, ["1874"], move("open", page="p7"), FIND, READ)),
    "no such page": ("evidence", pages(LIT, ["1874"], FIND, READ, support=("p9",))),
    "a guess": ("cheat", pages("Is Skarholm Light lit?", ["yes"])),
}

PLANTED = {"db": DB, "household": HOUSEHOLD, "kg": KG, "os": OS, "search": SEARCH, "web": WEB}

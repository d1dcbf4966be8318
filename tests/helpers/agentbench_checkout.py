"""A folder `data/` as AgentBench's repository has it, with scripts in files of their own; records in all of their forms."""

import json
from pathlib import Path

from tests.helpers.alfworld_game import GAME

INTEGERS = "from sys import argv\nif int(argv[1]) == int(argv[2]): exit(0)\nexit(1)"
TEXTS = "from sys import argv\nexit(0 if argv[1].strip() == argv[2].strip() else 1)"
CONTAINING = "from sys import argv\nexit(0 if argv[2].strip() in argv[1] else 1)"
SCRIPTS = {
    "1": {"check/integer-match.py": INTEGERS, "init/log.sh": "#!/bin/bash\nprintf 'A | Sell\\n%.0s' 1 2 3 > /usr/stock.log"},
    "2": {"check/string-match.py": TEXTS, "init/nested.sh": "mkdir -p a/b/c\necho 'echo hi' > a/b/c/tool\nchmod +x a/b/c/tool"},
    "3": {"check/integer-match.py": INTEGERS},
    "5": {"checking/0.sh": "[ \"$(double 4)\" = 8 ] && [ \"$(double 21)\" = 42 ]",
          "example/0.sh": "cd /usr/local/bin; printf '#!/bin/bash\\necho $(( $1 * 2 ))\\n' > double; chmod +x double",
          "check/containing.py": CONTAINING},
    "7": {"check/integer-match.py": INTEGERS},
    "dev": {"check/0.sh": "[ \"$1\" = 7 ]"},
}  # fmt: skip
"""Code by folder below `os_interaction/scripts/`, and by name."""
SAME = [None, {"language": "python", "file": "check/integer-match.py"}]
RECORDS = {
    "data/1/stock.json": [
        {"description": "How often did A sell, by /usr/stock.log?",
         "create": {"local": "default", "init": {"file": "init/log.sh"}},
         "evaluation": {"check": SAME, "example": {"code": "grep -c Sell /usr/stock.log"}}, "labels": ["log"]},
    ],
    "data/2/environment.json": [
        {"description": "Where is the folder of tool?", "create": {"init": [{"file": "init/nested.sh"}, "true"]},
         "evaluation": {"check": [None, {"language": "python", "file": "check/string-match.py"}],
                        "example": "find \"$(pwd)\" -name tool -perm /u=x -exec dirname {} \\;"}},
    ],
    "data/3/ac.json": [
        {"description": "How many groups are there?", "evaluation": {"check": SAME, "example": "getent group | wc -l"}},
        {"description": "How many processes named sleep are there?",
         "create": {"init": "for i in 1 2 3; do (sleep 200) & done"},
         "evaluation": {"check": SAME, "example": "pgrep -c sleep"}},
    ],
    "data/4/N1.json": {
        "description": "Move the file a.config here, and tell where it was.",
        "create": {"local": "default", "init": "mkdir -p /home/u/os && echo x > /home/u/os/a.config"},
        "start": "mkdir /home/v && cd /home/v",
        "evaluation": {"check": [
            {"language": "python", "code": "from sys import argv\nassert argv[1].strip() == '/home/u/os/a.config'"},
            {"language": "bash", "code": "[ ! -e /home/u/os/a.config ]"},
            {"language": "bash", "code": "[ -e /home/v/a.config ]"}],
            "example": {"code": "mv /home/u/os/a.config /home/v/ && echo /home/u/os/a.config"}},
    },
    "data/5/new.json": [
        {"description": "Make a command that doubles a number.", "create": {"local": "default"},
         "evaluation": {"check": {"file": "checking/0.sh"}, "example": {"file": "example/0.sh"}}},
        {"description": "How many hidden files are in /srv?", "create": [None, {"language": "python", "file": "x.py"}],
         "evaluation": {"check": [None, {"language": "python", "file": "check/containing.py"}],
                        "example": {"code": "ls -a /srv | grep '^\\.' | wc -l"}}},
    ],
    "data/6/new.json": [
        {"description": "What does ~/test print?", "create": {"init": {"code": "echo 'echo a3b0' > ~/test"}},
         "evaluation": {"match": "a3b0"}, "example": {"code": "bash ~/test"}},
        {"description": "Which word is it?", "evaluation": {"match": {"regex": "^w[a-z]+d$"}}},
        {"description": "Which number?", "evaluation": {"match": {"answer": " 5", "strip": False}}},
    ],
    "data/7/bootstrap.json": [
        {"description": "How many lines are in x.log?", "create": {"init": "\n#!/bin/bash\nsleep 0.2; seq 12 > x.log"},
         "evaluation": {"check": SAME, "example": "#!/bin/bash\nwc -l < x.log"}},
    ],
    "data/6-backup.json": [{"description": "An old one", "evaluation": {"match": "no"}}],
    "data/dev.json": [{"description": "Say 7.", "evaluation": {"check": {"file": "check/0.sh"}, "example": "echo 7"}}],
    "train_0317/training.json": [
        {"description": "How many files end in .tep?", "create": {"init": "touch a.tep b.tep"}, "explanation": "find",
         "evaluation": {"check": SAME, "example": "find . -name '*.tep' | wc -l"}},
    ],
}  # fmt: skip
"""Records by their file below `os_interaction/`."""
TABLE = {"table_name": "T", "table_info": {"columns": [{"name": "a", "type": "TEXT"}], "rows": [["1"], ["2"]]}}
DBBENCH = {"description": "How many?", "type": ["counting"], "label": ["2"], "add_description": "", "table": TABLE,
           "sql": {"query": "SELECT COUNT(*) FROM T"}, "source": "x"}  # fmt: skip
KG = {"question": "who made it?", "qid": "1", "source": "webqsp", "entities": {"it": "m.1"}, "s_expression": "",
      "actions": ["get_relations(m.1)", "get_neighbors(m.1, a.b.c)"],
      "answer": [{"answer_type": "Entity", "answer_argument": "m.2", "entity_name": "x"}]}  # fmt: skip


def write_checkout(folder: Path) -> Path:
    """Write a checkout's `data/` into a folder; its path."""
    data = folder / "AgentBench" / "data"
    files = {f"os_interaction/{name}": json.dumps(records, indent=4) for name, records in RECORDS.items()}
    files |= {
        f"os_interaction/scripts/{n}/{name}": code for n, codes in SCRIPTS.items() for name, code in codes.items()
    }
    files |= {f"dbbench/{name}.jsonl": json.dumps(DBBENCH) + "\n" for name in ("dev", "standard")}
    files |= {f"knowledgegraph/{name}.json": json.dumps([KG, KG | {"qid": "2"}]) for name in ("dev", "std")}
    files |= {"mind2web/prompt/llm_prompt.json": "[]", "os_interaction/res/dockerfiles/default": "FROM ubuntu\n"}
    game = "json_2.1.1/valid_unseen/{}/game.tw-pddl"
    for name, number in (("dev", 1), ("standard", 2), ("new_std", 3)):
        listed = [game.format(f"pick_and_place_simple-Pen-None-Desk-301/trial_T{n}") for n in range(1, number + 1)]
        files[f"alfworld/{name}.json"] = json.dumps({"pick_and_place": listed})
        files |= {f"alfworld/{path}": json.dumps(GAME | {"solvable": False}) for path in listed}
    for name, text in files.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(text)
    return data

"""Tasks that ask a question. Their answers are computed from the spec, without any tool."""

from __future__ import annotations

from numpy.random import Generator

from .draft import (  # fmt: skip
    ENDINGS,
    PEOPLE,
    PROJECTS,
    WORDS,
    TaskDraft,
    answer,
    base_folder,
    bash,
    choice,
    file_entry,
    file_names,
    make_folders,
    question_draft,
    sample,
    sentence,
)


def count_files(rng: Generator, level: int) -> TaskDraft:
    """Count the files with an ending."""
    top, ending = base_folder(rng), choice(rng, ENDINGS)
    other_endings = [e for e in ENDINGS if e != ending]
    places, stems = make_folders(rng, top, level), file_names(rng, 6 * level + 4)
    hits = int(rng.integers(2, len(stems) - 1))
    files = [
        file_entry(
            f"{choice(rng, places)}/{stem}.{ending if n < hits else choice(rng, other_endings)}", sentence(rng) + "\n"
        )
        for n, stem in enumerate(stems)
    ]
    template = choice(
        rng, ("How many files below {0} end in .{1}?", "Count the .{1} files in {0} and all folders in it.")
    )
    return question_draft(
        template.format(top, ending) + " Answer with the number only.",
        hits,
        (
            bash(f"First I look at how {top} is laid out.", f"find {top} -type d | sort"),
            bash(
                f"Now I count the regular files whose name ends in .{ending}.",
                f"find {top} -type f -name '*.{ending}' | wc -l",
            ),
            answer(f"The count is {hits}, so that is my answer.", hits),
        ),
        files=files,
    )


def count_lines(rng: Generator, level: int) -> TaskDraft:
    """Count the log lines of a severity."""
    path = f"/var/log/{choice(rng, PROJECTS)}.log"
    severities = ("INFO", "WARN", "ERROR", "DEBUG")
    severity = choice(rng, severities)
    line_severities = [choice(rng, severities) for _ in range(20 * level + 10)] + [severity]
    lines = [f"{n:04} {s} {sentence(rng, 3)}" for n, s in enumerate(line_severities)]
    hits = line_severities.count(severity)
    return question_draft(
        f"How many lines of {path} have the level {severity}? Answer with the number only.",
        hits,
        (
            bash("I look at the first lines to see what the log is like.", f"head -n 3 {path}"),
            bash(
                "The level is the second word, so I count the lines that have it there.",
                f"grep -c '^[0-9]* {severity} ' {path}",
            ),
            answer(f"There are {hits} such lines.", hits),
        ),
        files=[file_entry(path, "\n".join(lines) + "\n")],
    )


def count_addresses(rng: Generator, level: int) -> TaskDraft:
    """Count the distinct addresses in a log."""
    path = f"/srv/{choice(rng, PROJECTS)}/access.log"
    pool = [f"10.{rng.integers(256)}.{rng.integers(256)}.{n}" for n in range(3 * level + 2)]
    addresses = [choice(rng, pool) for _ in range(15 * level + 5)]
    lines = [f"{address} GET /{choice(rng, WORDS)} {choice(rng, (200, 301, 404, 500))}" for address in addresses]
    hits = len(set(addresses))
    return question_draft(
        f"How many different addresses appear at the beginning of the lines of {path}? Answer with the number only.",
        hits,
        (
            bash("I check how a line of the log looks.", f"head -n 2 {path}"),
            bash(
                "The address comes first; I keep each only once and count.", f"cut -d' ' -f1 {path} | sort -u | wc -l"
            ),
            answer(f"That makes {hits} different addresses.", hits),
        ),
        files=[file_entry(path, "\n".join(lines) + "\n")],
    )


def find_token(rng: Generator, level: int) -> TaskDraft:
    """Find the file that contains a text."""
    top, token = base_folder(rng), f"{choice(rng, WORDS)}-{rng.integers(1000, 9999)}"
    places, stems = make_folders(rng, top, level), file_names(rng, 5 * level + 3)
    files = [
        file_entry(f"{choice(rng, places)}/{stem}.txt", sentence(rng) + "\n" + sentence(rng) + "\n") for stem in stems
    ]
    lucky = int(rng.integers(len(files)))
    files[lucky]["content"] += f"ticket {token} {choice(rng, WORDS)}\n"
    name = stems[lucky] + ".txt"
    template = choice(
        rng, ("Which file below {0} mentions {1}?", "One file somewhere in {0} holds the text {1}. Which?")
    )
    return question_draft(
        template.format(top, token) + " Answer with its name, without the folder.",
        name,
        (
            bash("I look at what there is to search.", f"find {top} -type f | wc -l"),
            bash(
                "I search the contents of all of them and print the names only.",
                f"grep -rl -- '{token}' {top} | xargs -n1 basename",
            ),
            answer(f"It is {name}.", name),
        ),
        files=files,
    )


def find_largest(rng: Generator, level: int) -> TaskDraft:
    """Find the largest file."""
    top, stems = base_folder(rng), file_names(rng, 4 * level + 3)
    sizes = sample(rng, range(20, 4000), len(stems))
    places = make_folders(rng, top, level)
    files = [
        file_entry(f"{choice(rng, places)}/{stem}.dat", "x" * int(size))
        for stem, size in zip(stems, sizes, strict=True)
    ]
    name = stems[max(range(len(stems)), key=lambda n: sizes[n])] + ".dat"
    return question_draft(
        f"Which is the largest file in {top} and the folders in it? Answer with its name, without the folder.",
        name,
        (
            bash("First I see how many files there are.", f"find {top} -type f | wc -l"),
            bash(
                "I list sizes with names, sort them as numbers, and take the last.",
                f"find {top} -type f -printf '%s %f\\n' | sort -n | tail -n 1",
            ),
            answer(f"The last one, {name}, is the largest.", name),
        ),
        files=files,
    )


def sum_column(rng: Generator, level: int) -> TaskDraft:
    """Sum the amounts of one person in a CSV file."""
    path, people = f"/root/{choice(rng, PROJECTS)}.csv", sample(rng, PEOPLE, level + 2)
    rows = [(choice(rng, people), int(rng.integers(1, 500))) for _ in range(8 * level + 6)]
    person = rows[0][0]
    total = sum(amount for name, amount in rows if name == person)
    return question_draft(
        f"The file {path} has the columns name and amount. What do the amounts of {person} add up to? "
        "Answer with the number only.",
        total,
        (
            bash("I look at the head of the table.", f"head -n 3 {path}"),
            bash(
                f"Now I add up the second column where the first is {person}.",
                f"awk -F, '$1 == \"{person}\" {{s += $2}} END {{print s}}' {path}",
            ),
            answer(f"The amounts add up to {total}.", total),
        ),
        files=[file_entry(path, "name,amount\n" + "".join(f"{n},{a}\n" for n, a in rows))],
    )


def count_shells(rng: Generator, level: int) -> TaskDraft:
    """Count the users of a login shell."""
    people = sample(rng, PEOPLE, 2 * level + 2)
    shells = [choice(rng, ("/bin/bash", "/bin/sh", "/usr/sbin/nologin")) for _ in people]
    shells[0] = "/bin/sh"
    hits = shells.count("/bin/sh")
    return question_draft(
        "How many users have /bin/sh as their login shell? Answer with the number only.",
        hits,
        (
            bash("The login shell is the last field of /etc/passwd; I look at a line.", "tail -n 1 /etc/passwd"),
            bash("I count the lines that end in that shell.", "grep -c ':/bin/sh$' /etc/passwd"),
            answer(f"{hits} users have it.", hits),
        ),
        users=[{"name": p, "shell": s} for p, s in zip(people, shells, strict=True)],
    )


def count_processes(rng: Generator, level: int) -> TaskDraft:
    """Count the processes with a name."""
    services = sample(rng, PROJECTS, level + 1)
    counts = [int(rng.integers(2, 4 + level)) for _ in services]
    name, hits = f"{services[0]}-worker", counts[0]
    starts = [
        f"for i in $(seq {n}); do (exec -a {s}-worker sleep 86400) & done; "
        f"until [ $(pgrep -fc '^{s}-worker ') -ge {n} ]; do sleep 0.01; done"
        for s, n in zip(services, counts, strict=True)
    ]
    return question_draft(
        f"How many processes called {name} are running? Answer with the number only.",
        hits,
        (
            bash("I look which workers there are at all.", "ps -eo args | grep -- '-worker ' | grep -v grep | sort -u"),
            bash(f"Now I count those of {name}.", f"pgrep -fc '^{name} '"),
            answer(f"There are {hits} of them.", hits),
        ),
        start="\n".join(starts),
    )


def read_argument(rng: Generator, level: int) -> TaskDraft:
    """Read an argument of a running process."""
    services = sample(rng, PROJECTS, level + 1)
    ports = sample(rng, range(2000, 9000), len(services))
    name, port = f"{services[0]}-server", int(ports[0])
    starts = [
        f"(exec -a '{s}-server --port={p}' sleep 86400) &\nuntil pgrep -f '^{s}-server ' > /dev/null; do sleep 0.01; done"
        for s, p in zip(services, ports, strict=True)
    ]
    return question_draft(
        f"A process called {name} is running. Which port was it given? Answer with the number only.",
        port,
        (
            bash("I list the command lines of the servers.", "ps -eo args | grep -- '-server ' | grep -v grep | sort"),
            bash(
                f"I pick the port out of that of {name}.",
                f"ps -eo args | grep '^{name} ' | grep -o 'port=[0-9]*' | cut -d= -f2",
            ),
            answer(f"The port is {port}.", port),
        ),
        start="\n".join(starts),
    )


def read_variable(rng: Generator, level: int) -> TaskDraft:
    """Read an environment variable."""
    keys = sample(
        rng, [f"{p}_{k}".upper() for p in PROJECTS for k in ("home", "mode", "region", "token")], 2 * level + 2
    )
    values = {k: f"{choice(rng, WORDS)}-{rng.integers(100, 999)}" for k in keys}
    key = keys[0]
    return question_draft(
        f"What is the value of the environment variable {key}?",
        values[key],
        (
            bash("I look at the variables whose names are like it.", f"env | grep '^{key.split('_')[0]}_' | sort"),
            bash("I print just this one.", f"printenv {key}"),
            answer(f"Its value is {values[key]}.", values[key]),
        ),
        environment=values,
    )

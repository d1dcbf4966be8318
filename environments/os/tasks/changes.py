"""Tasks that ask for a change: the goal is a state of files and accounts, reached in any way.

Every command of a gold solution can be run twice.
"""

from __future__ import annotations

import base64
import io
import tarfile

from numpy.random import Generator

from simenv.english import listed

from .draft import (  # fmt: skip
    PEOPLE,
    PROJECTS,
    TEAMS,
    WORDS,
    TaskDraft,
    base_folder,
    bash,
    change_draft,
    choice,
    file_entry,
    file_names,
    finish,
    make_folders,
    sample,
    sentence,
)


def make_executable(rng: Generator, level: int) -> TaskDraft:
    """Make scripts executable for their owner only."""
    top, stems = base_folder(rng), file_names(rng, 3 * level + 3)
    scripts = stems[: level + 1]
    places = make_folders(rng, top, level)
    files = [
        file_entry(f"{choice(rng, places)}/{s}.{'sh' if s in scripts else 'txt'}", "#!/bin/sh\ntrue\n") for s in stems
    ]
    state = [{"path": f["path"], "mode": "0744" if f["path"].endswith(".sh") else "0644"} for f in files]
    return change_draft(
        f"Make every .sh file below {top} executable for its owner, and for nobody else. Leave all other files as they are.",
        state,
        (
            bash(
                "I look which scripts there are and what modes they have.",
                f"find {top} -name '*.sh' -printf '%m %p\\n' | sort",
            ),
            bash(
                "I give the owner, and only the owner, the right to run them.",
                f"find {top} -type f -name '*.sh' -exec chmod u+x,go-x {{}} +",
            ),
            finish("All scripts can be run by their owner now, so I am done."),
        ),
        files=files,
    )


def hand_over(rng: Generator, level: int) -> TaskDraft:
    """Change owner, group and mode of files."""
    top, people, team = base_folder(rng), sample(rng, PEOPLE, 2), choice(rng, TEAMS)
    owner, mode = people[0], choice(rng, ("640", "600", "660", "440"))
    stems = file_names(rng, level + 1)
    files = [file_entry(f"{top}/{s}.conf", sentence(rng) + "\n", owner=people[1]) for s in stems]
    paths = [f["path"] for f in files]
    state = [{"path": p, "owner": owner, "group": team, "mode": mode} for p in paths]
    return change_draft(
        f"The .conf files in {top} shall belong to the user {owner} and the group {team}, and have the mode {mode}.",
        state,
        (
            bash("I look at who owns them now.", f"stat -c '%U %G %a %n' {top}/*.conf"),
            bash(
                "I change owner, group and mode of all of them.",
                f"chown {owner}:{team} {top}/*.conf && chmod {mode} {top}/*.conf",
            ),
            finish("Owner, group and mode are as they were asked for."),
        ),
        files=files,
        groups=[{"name": team}],
        users=[{"name": p} for p in people],
    )


def replace_setting(rng: Generator, level: int) -> TaskDraft:
    """Change one setting in a configuration file."""
    path = f"/etc/{choice(rng, PROJECTS)}.conf"
    keys = sample(rng, WORDS, 3 * level + 2)
    old = {k: str(int(rng.integers(1, 900))) for k in keys}
    key, value = keys[int(rng.integers(len(keys)))], str(int(rng.integers(1000, 9999)))
    lines = [f"{k} = {v}" for k, v in old.items()]
    new_lines = [f"{k} = {value if k == key else v}" for k, v in old.items()]
    return change_draft(
        f"Set {key} to {value} in {path}. Change nothing else in it.",
        [{"path": path, "equals": "\n".join(new_lines)}],
        (
            bash("I look at the line that is to be changed.", f"grep -n '^{key} ' {path}"),
            bash("I replace the value on that line, in place.", f"sed -i 's/^{key} = .*/{key} = {value}/' {path}"),
            finish("The setting has its new value."),
        ),
        files=[file_entry(path, "\n".join(lines) + "\n")],
    )


def sort_names(rng: Generator, level: int) -> TaskDraft:
    """Write the sorted, distinct lines of a file to another."""
    source, target = f"/root/{choice(rng, PROJECTS)}.txt", f"/root/{choice(rng, ('sorted', 'unique', 'result'))}.txt"
    lines = [choice(rng, WORDS) for _ in range(10 * level + 5)]
    return change_draft(
        f"Write the different lines of {source}, each once and in alphabetical order, to {target}.",
        [{"path": target, "equals": "\n".join(sorted(set(lines)))}, {"path": source, "equals": "\n".join(lines)}],
        (
            bash("I look at how long the file is.", f"wc -l < {source}"),
            bash("Sorting without repeats gives exactly what is wanted.", f"sort -u {source} > {target}"),
            finish(f"The lines are in {target} now, so I am done."),
        ),
        files=[file_entry(source, "\n".join(lines) + "\n")],
    )


def add_user(rng: Generator, level: int) -> TaskDraft:
    """Create a user with home, shell and group."""
    name, *other_users = sample(rng, PEOPLE, level + 2)
    teams = sample(rng, TEAMS, level + 1)
    team, shell = teams[0], choice(rng, ("/bin/bash", "/bin/sh"))
    return change_draft(
        f"Create the user {name} with the home folder /home/{name} and the login shell {shell}, and put {name} into the "
        f"group {team} as well.",
        [
            {"user": name, "home": f"/home/{name}", "shell": shell, "groups": [team]},
            {"path": f"/home/{name}", "kind": "directory", "owner": name},
        ],
        (
            bash("I check that the group exists and the user does not.", f"getent group {team}; getent passwd {name}"),
            bash(
                "I create the user with home, shell and group in one go.",
                f"id -u {name} > /dev/null 2>&1 || useradd -m -d /home/{name} -s {shell} -G {team} {name}",
            ),
            finish(f"{name} can log in now."),
        ),
        groups=[{"name": t} for t in teams],
        users=[{"name": o} for o in other_users],
    )


def join_group(rng: Generator, level: int) -> TaskDraft:
    """Add users to a group."""
    people, teams = sample(rng, PEOPLE, level + 2), sample(rng, TEAMS, 3)
    movers = people[: 1 + level // 2]
    verb = "are" if len(movers) > 1 else "is"
    commands = "; ".join(f"usermod -aG {teams[0]} {m}" for m in movers)
    return change_draft(
        f"Add {listed(movers)} to the group {teams[0]}. Keep all groups that {listed(movers)} {verb} in already.",
        [{"user": m, "groups": [teams[0], teams[1]]} for m in movers],
        (
            bash("I look at the groups that are there so far.", "; ".join(f"id -nG {m}" for m in movers)),
            bash("I append the group, so that they keep the others.", commands),
            finish("The group is added, and the others are kept."),
        ),
        groups=[{"name": t} for t in teams],
        users=[{"name": p, "groups": [teams[1]]} for p in people],
    )


def unpack_archive(rng: Generator, level: int) -> TaskDraft:
    """Unpack a tar archive."""
    project = choice(rng, PROJECTS)
    source, target = f"/root/{project}.tar", f"/srv/{project}"
    inside = {f"{name}.txt": sentence(rng) + "\n" for name in file_names(rng, 2 * level + 1)}
    return change_draft(
        f"Unpack {source} into {target}, which does not exist yet. Keep the archive.",
        [{"path": f"{target}/{n}", "equals": text} for n, text in inside.items()] + [{"path": source}],
        (
            bash("I list what is in the archive.", f"tar -tf {source}"),
            bash("I make the folder and unpack into it.", f"mkdir -p {target} && tar -xf {source} -C {target}"),
            finish("All files are in their place."),
        ),
        files=[{"path": source, "content": base64.b64encode(_tar(inside)).decode(), "encoding": "base64"}],
    )


def _tar(inside: dict[str, str]) -> bytes:
    """A tar archive whose bytes depend on its contents alone."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, text in inside.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(text.encode()), 1_700_000_000
            archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def make_archive(rng: Generator, level: int) -> TaskDraft:
    """Pack a folder into a compressed tar archive."""
    top = base_folder(rng)
    target = f"/root/{top.rsplit('/', 1)[1]}.tar.gz"
    files = [file_entry(f"{top}/{n}.txt", sentence(rng) + "\n") for n in file_names(rng, 2 * level + 1)]
    draft = change_draft(
        f"Pack the folder {top} into the gzip-compressed tar archive {target}. Keep the folder.",
        [{"path": target, "kind": "file"}, *({"path": f["path"], "equals": f["content"]} for f in files)],
        (
            bash("I look at what is to be packed.", f"ls {top}"),
            bash(
                "I pack it from the folder above, so that the names are short.",
                f"tar -czf {target} -C {top.rsplit('/', 1)[0]} {top.rsplit('/', 1)[1]}",
            ),
            finish("The archive is there."),
        ),
        files=files,
    )
    tests = [
        f"grep -qxF '{f['content'].strip()}' \"$(find /tmp/unpacked -name '{f['path'].rsplit('/', 1)[1]}')\""
        for f in files
    ]
    code = f"mkdir /tmp/unpacked && tar -xzf {target} -C /tmp/unpacked && " + " && ".join(tests)
    draft.goal["checks"] = [{"code": code}]
    return draft


def export_variable(rng: Generator, level: int) -> TaskDraft:
    """Export a variable in a user's profile."""
    user, other_variables = choice(rng, PEOPLE), sample(rng, WORDS, level)
    path, key = f"/home/{user}/.profile", f"{choice(rng, PROJECTS)}_{choice(rng, ('home', 'mode', 'region'))}".upper()
    value = f"{choice(rng, WORDS)}-{rng.integers(10, 99)}"
    before = "".join(f"export {o.upper()}={rng.integers(100)}\n" for o in other_variables)
    return change_draft(
        f"Logins of {user} shall have the environment variable {key} with the value {value}: add a line that exports it to "
        f"{path}, and keep what is there.",
        [
            {"path": path, "matches": rf"^\s*(export|declare -x) {key}=([\"']?){value}\2\s*$", "contains": before},
        ],
        (
            bash("I read the file before I add to it.", f"cat {path}"),
            bash(
                "I append the export, unless it is there already.",
                f"grep -qx 'export {key}={value}' {path} || echo 'export {key}={value}' >> {path}",
            ),
            finish("New logins will have the variable."),
        ),
        users=[{"name": user}],
        files=[file_entry(path, before, owner=user)],
    )

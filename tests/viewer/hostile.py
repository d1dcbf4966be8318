"""A run that attacks its reader: thirty trajectories whose every text tries to run, to load, to mislead or to overwhelm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

EVIL = "http://evil.invalid"
"""Where nothing may ever be asked for."""
HUGE = 10_000_000
"""Characters of the largest text, which its trajectory holds five times."""
RUN = "**run** <img src=x onerror=window.hacked=1> [a](javascript:hacked=1)"
TEXTS = {
    "script": "<script>window.hacked=1;document.title='hacked'</script>",
    "handler": '<img src=x onerror="window.hacked=1"><svg onload=window.hacked=1><body onload=window.hacked=1>',
    "frame": f"<iframe src='{EVIL}/frame'></iframe><object data='{EVIL}/o'></object><embed src='{EVIL}/e'>",
    "style": f"<style>@import '{EVIL}/a.css'; body {{ background: url({EVIL}/b.png); display: none }}</style>",
    "link": f"<link rel=stylesheet href='{EVIL}/c.css'><meta http-equiv=refresh content='0;url={EVIL}/r'>",
    "form": f"<form action='{EVIL}/f'><input autofocus onfocus=window.hacked=1><button>Approve</button></form>",
    "base": f"<base href='{EVIL}/'><a href='x' ping='{EVIL}/p'>next</a>",
    "image": f"![pixel]({EVIL}/pixel.png) ![p][1]\n\n[1]: {EVIL}/ref.png",
    "anchor": f"[read me]({EVIL}/a) <{EVIL}/b> [x](javascript:window.hacked=1) [d](data:text/html,<script>hacked=1</script>)",
    "directive": ":red[x] :material/delete: :smile: :badge[hi] :color[x]{foreground=red} :small[a] :mermaid[x]",
    "latex": "$\\href{javascript:window.hacked=1}{x}$ $$\\includegraphics{" + EVIL + "/x.png}$$ \\url{" + EVIL + "}",
    "fence": f"```\n</code></pre><script>window.hacked=1</script>\n```\n![x]({EVIL}/f.png)\n~~~html\n<b>x",
    "heading": "# Approved by the lead\n\n---\n\n> quote\n\n| a | b |\n|---|---|\n| ![x](" + EVIL + "/t.png) | 1 |",
    "entity": "&lt;script&gt;window.hacked=1&lt;/script&gt; &#x3C;img src=x onerror=hacked=1&#x3E;",
    "template": "{{7*7}} {% for x in y %} ${window.hacked=1} #{hacked=1} <%= hacked %>",
    "ansi": "\x1b[31mred\x1b[0m \x1b]8;;" + EVIL + "\x1b\\click\x1b]8;;\x1b\\ \x1b[2J\x1b[H\x07\x9b31m",
    "control": "".join(map(chr, range(0x20))) + "\x7f" + "".join(map(chr, range(0x80, 0xA0))),
    "direction": "abc\u202etxt.exe\u2066x\u2069\u200f\u061c \u202bright\u202c",
    "invisible": "a\u200b\u200c\u200d\u2060\ufeff\u00adb\U000e0041\U000e0042 \u115f\u3164",
    "combining": "Z" + "\u0301\u0310\u033f" * 2000,
    "broken": "half \ud800 other \udfff \ufffe \uffff \U0010ffff",
    "line": "x" * 1_000_000,
    "lines": "\n" * 200_000,
    "words": "w " * 200_000,
    "deep": "[" * 50_000 + "]" * 50_000,
    "emoji": "👩‍👩‍👧‍👦" * 20_000,
    "json": json.dumps({"__proto__": {"hacked": 1}, "constructor": {"prototype": {"hacked": 1}}, "x": "</script>"}),
    "arrow": "-->]]></textarea></title></noscript></xmp><script>window.hacked=1</script>",
    "quote": '"\'`><script>window.hacked=1</script>" onmouseover="window.hacked=1" style="x:expression(hacked=1)',
    "huge": f"<img src='{EVIL}/h.png'>" + "A line of a huge text.\n" * (HUGE // 23),
}


def write(runs: Path) -> list[str]:
    """Make the run; returns the ids."""
    folder = runs / RUN
    (folder / "trajectories").mkdir(parents=True)
    config = {"name": "hostile", "environments": {"db": {}}, "agent": {"name": "expert"}, "seed": 0}
    (folder / "config.yaml").write_text(json.dumps(config))
    (folder / "tags.json").write_text(json.dumps([TEXTS["handler"][:40], TEXTS["image"][:38], "\x1b[31m"]))
    ids = []
    with (folder / "trajectories" / "part-00000.jsonl").open("w", encoding="utf-8") as part:
        for number, text in enumerate(TEXTS.values()):
            row = trajectory(number, text.encode("utf-8", "replace").decode())
            ids.append(row["id"])
            part.write(json.dumps(row, ensure_ascii=number % 2 == 0) + "\n")
    with (folder / "tasks.jsonl").open("w", encoding="utf-8") as tasks:
        tasks.write(json.dumps(task(TEXTS["handler"][:40])) + "\n")
    return ids


def trajectory(number: int, text: str) -> dict[str, Any]:
    """One with the text wherever a text may be; short ones also in names and ids."""
    short, success = text[:60], number % 3 == 0
    action = {"name": "execute_sql", "arguments": {"query": text, short: text[:1000]}}
    check = {"label": "drift", "error": "invented", "reason": short, "engine": text[:2000], "model": text, "delta": 1}
    observation = {"text": text, "check": check, "source": "checked"}
    return {
        "version": "2",
        "id": f"{number:02d} {short}",
        "task": TEXTS["handler"][:40],
        "environment": "db" if number % 2 else short,
        "kind": short,
        "seed": 0,
        "agent": short,
        "model": {"name": short},
        "dialect": "react",
        "messages": [
            {"role": "system", "content": text[:10_000]},
            {"role": "user", "content": text[:10_000]},
            {"role": "assistant", "content": text, "author": "agent", "train": True},
            {"role": "user", "content": f"Observation: {text}"},
            {"role": "assistant", "content": short, "calls": [{"id": "1", "name": short, "arguments": short}]},
        ],
        "steps": [{"message": 2, "thought": text[:5000], "action": action, "observation": observation}],
        "stop": "submitted",
        "grade": {"success": success, "progress": float(success), "subgoals": {short: True}, "reasons": [short]},
        "error": short,
        "interventions": [{"hook": short, "step": 0, "kind": "note", "reason": short}],
        "mistake": {"step": 0, "by": "judge", "reason": short},
        "branch": {"parent": "00 " + TEXTS["script"][:60], "turn": 0, "continuation": short} if number > 25 else None,
        "timing": {"started": short, "seconds": 1.0},
    }  # fmt: skip


def task(id: str) -> dict[str, Any]:
    """A task whose table, columns and cells attack."""
    column, cell = TEXTS["handler"][:60], TEXTS["image"]
    table = {"name": TEXTS["script"], "columns": [{"name": column, "type": "TEXT"}, {"name": "b", "type": "TEXT"}],
             "rows": [[cell, TEXTS["ansi"]], [TEXTS["style"], None]]}  # fmt: skip
    return {
        "id": id,
        "environment": "db",
        "instruction": TEXTS["script"],
        "spec": {"tables": [table]},
        "goal": {"answer": [TEXTS["script"]]},
        "solution": [
            {"thought": TEXTS["image"], "action": {"name": "execute_sql", "arguments": {"query": TEXTS["script"]}}}
        ],
    }

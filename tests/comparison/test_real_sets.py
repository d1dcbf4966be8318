"""The demo questions of MIMIR through all styles: 25 of each set, with a scripted model that now and then answers wrongly."""

import asyncio
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from simenv.comparison.config import Comparison
from simenv.comparison.run import Comparing
from simenv.comparison.votes import Example
from simenv.knowledge.cli import knowledge
from simenv.knowledge.passage import checksum
from simenv.knowledge.records import Record, records
from simenv.models.clients.scripted import scripted
from simenv.runs.store import Run

DEMOS = Path(__file__).parents[3] / "shared" / "data" / "mimir"
SETS = ("MedQA", "MedMCQA", "PubMedQA")
pytestmark = pytest.mark.skipif(not DEMOS.is_dir(), reason="the demo questions are not here")


def speaker(known):
    """Answers as a record says where its row is even, and says that it does not know where it is odd."""

    def said(request):
        text = request.messages[-1].content
        if "new task" in text:
            return json.dumps({"instruction": "Explain it.", "output": "It is so."})
        if "chat between" in text:
            return json.dumps({"rounds": [{"user": "Why?", "assistant": "So."}]})
        if "Two training examples" in text:
            return json.dumps({"better": "tie"})
        (record,) = [r for q, r in known.items() if q in text]
        answer = record.answer if record.row % 2 == 0 else "I cannot tell."
        return json.dumps({"thought": "Think.", "action": "finish", "input": answer})

    return said


def test_twenty_five_questions_of_each_set_go_through_all_styles(tmp_path):
    paths = [DEMOS / f"{name}_demo.json" for name in SETS]
    read = [r for p in paths for r in records(p, p.name, checksum(p))]
    assert len(read) == 150 and all(isinstance(r, Record) for r in read)
    assert knowledge(["add", f"sets={[str(p) for p in paths]}", f"out={tmp_path / 'pool'}"]) == 0
    model = scripted(speaker({r.question: r for r in read}))
    work = Comparing(Comparison(sets=[str(p) for p in paths]), model, model)
    run = Run.create(tmp_path, "demo", "{}")
    asyncio.run(work.run(run))
    examples = list(run.read("examples", Example))
    odd = {id for id, (_, r) in work.drawn.items() if r.row % 2}
    failed = {e.item for e in examples if e.error}
    assert len(examples) == 75 * 5 and failed == odd
    assert Counter(e.style for e in examples if e.error) == {"agentinstruct": len(odd)}
    figures = json.loads((run.folder / "report.json").read_text())
    votes = {(r["style"], r["against"]): r["votes"] for r in figures["rows"] if r["set"] == "all"}
    assert votes["record", "fireact"] == 75 and votes["record", "agentinstruct"] == 75 - len(odd)
    assert not re.search(r"nan", (run.folder / "report.md").read_text())

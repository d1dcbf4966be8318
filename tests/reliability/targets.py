# ruff: noqa: E501
"""All that reads what strangers wrote: each with samples of it, and a function that feeds it one input.

The function returns nothing where the input was read, and "refused" where the reader said so in its answer; it raises Wrong for
an answer that is none, and lets errors through.
"""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.random import default_rng

from simenv import config, documents, plugins
from simenv.config import Experiment
from simenv.curate.config import Curation
from simenv.curate.inputs import RunInputs
from simenv.curate.samples import samples
from simenv.data.dataset import CuratedSet
from simenv.data.records import DatasetRef, UnreadRecords
from simenv.errors import SimenvError, Unreadable
from simenv.model import STARTED, _read
from simenv.models import calls
from simenv.runs import review
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery
from simenv.runs.store import BadLines, Run
from simenv.source import Rejected, TaskFile, TaskReader
from simenv.types import Call, Message, Reply, Sample, Task, Trajectory

from .. import DATA
from .samples import (
    BODIES,
    CALLS,
    CHATS,
    DBBENCH,
    FORMS,
    GAME,
    GAMES,
    KGBENCH,
    MESSAGES,
    MIND2WEB,
    OSBENCH,
    PAGES,
    PATHS,
    REPLIES,
    REPORT,
    ROWS,
    SAMPLE,
    SPARQL,
    SPIDER,
    SURVEY,
    TASK,
    TRAJECTORY,
    WEBSHOP,
    YAMLS,
    as_json,
)

HERE = Path(__file__).parent
plugins.add(HERE.parent / "plugins")
Feed = Callable[[bytes], str | None]


class Wrong(Exception):
    """An answer that is none; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Target:
    """`prepare` gives samples and the function to feed, which may write into a folder; `share`: of the inputs of a run."""

    name: str
    prepare: Callable[[Path], tuple[list[bytes], Feed]]
    share: float = 1.0
    needs: str = ""

    def is_here(self) -> bool:
        """Whether the module that it needs is installed."""
        try:
            return not self.needs or bool(__import__(self.needs))
        except ImportError:
            return False


def _told(items: Iterable[Any]) -> str | None:
    """What to report of items of which some are refusals; Wrong where one has no place or no reason."""
    refused = False
    for item in items:
        if isinstance(item, Unreadable | Rejected):
            place, reason = (item.place, item.reason) if isinstance(item, Unreadable) else (item.where, item.reason)
            if not place or not reason or len(reason) > 5000:
                raise Wrong(f"a refusal without place or reason: {place!r:.80} {reason!r:.80}")
            refused = True
        elif isinstance(item, Task | Sample | Trajectory):
            item.model_dump_json()  # whatever is read can be written again
    return "refused" if refused else None


def _file(
    name: str, read: Callable[[Path], Iterable[Any]], *contents: bytes
) -> Callable[[Path], tuple[list[bytes], Feed]]:
    """A target that reads a file of this name."""

    def prepare(folder: Path) -> tuple[list[bytes], Feed]:
        path = folder / name

        def feed(data: bytes) -> str | None:
            path.write_bytes(data)
            return _told(read(path))

        return list(contents), feed

    return prepare


# Readers of files.


def _reader(environment: str, name: str) -> Callable[[Path], Iterator[Any]]:
    """The reader of an environment by name, as a run uses it: it looks whether it accepts the file, then reads the tasks."""

    def read(path: Path) -> Iterator[Any]:
        kinds: tuple[type[TaskReader], ...] = plugins.environment(environment).sources
        kind = next(k for k in kinds if k.name == name)
        if not kind.accepts(path):
            raise Unreadable(str(path), "not accepted")
        yield from kind().tasks(path)

    return read


def _paths(name: str) -> Callable[[Path], tuple[list[bytes], Feed]]:
    """A target that reads a file of path questions, or the triples beside it."""

    def prepare(folder: Path) -> tuple[list[bytes], Feed]:
        triples = b"x\tparent\tv\nv\tparent\ty\nz\tchild\ty\nz\tchild\tw\n"
        samples = {"PQ-2H.txt": PATHS, "2H-kb.txt": [triples]}
        for file, (content,) in samples.items():
            (folder / file).write_bytes(content)

        def feed(data: bytes) -> str | None:
            (folder / name).write_bytes(data)
            return _told(_reader("kg", "pathquestion")(folder / "PQ-2H.txt"))

        return samples[name], feed

    return prepare


def _spider(folder: Path) -> tuple[list[bytes], Feed]:
    with closing(sqlite3.connect(folder / "x.sqlite")) as db:
        db.executescript("create table t (a integer, b text); insert into t values (1, 'x'), (2, 'y');")
    return _file("a.json", _reader("db", "spider"), *SPIDER)(folder)


def _games(folder: Path) -> tuple[list[bytes], Feed]:
    """The shortest of the games that lie beside a checkout, if they do."""
    path = DATA / "alfworld" / "agentbench_dev20.jsonl"
    games = sorted(path.read_bytes().splitlines(), key=len)[:2] if path.is_file() else GAME
    return _file("a.jsonl", _reader("household", "alfworld-jsonl"), *games)(folder)


def _task_file(path: Path) -> Iterator[Any]:
    if not TaskFile.accepts(path):
        raise Unreadable(str(path), "not accepted")
    yield from TaskFile("counter").tasks(path)


def _chats(path: Path) -> list[Any]:
    unread = UnreadRecords()
    found: list[Any] = list(samples(DatasetRef(path=path), "chat", unread=unread))
    return [*found, *(Unreadable("record", text) for text in unread.examples)]


def _yaml(path: Path) -> list[Any]:
    settings = config.configured(config.yaml_file(path), [], Experiment)
    config.written(settings)
    return []


def _curation(path: Path) -> list[Any]:
    config.overridden(Curation, config.yaml_file(path), [])
    return []


def _parquet() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = io.BytesIO()
    rows = {
        "instruction": [f"a{n}" for n in range(9)],
        "output": ["b"] * 9,
        "turns": [[{"from": "human", "value": "x"}]] * 9,
    }
    pq.write_table(pa.table(rows | {"f": [1.5] * 9}), file, compression="zstd")
    return file.getvalue()


def _parquet_file(folder: Path) -> tuple[list[bytes], Feed]:
    return _file("a.parquet", lambda path: [r.value for r in documents.rows(path)], _parquet())(folder)


def _run(
    kind: str, read: Callable[[Path], Iterable[Any]], *contents: bytes
) -> Callable[[Path], tuple[list[bytes], Feed]]:
    """A target that reads a run folder, one file of which is the input."""

    def prepare(folder: Path) -> tuple[list[bytes], Feed]:
        (folder / "trajectories").mkdir()
        part = json.dumps(TRAJECTORY).encode() + b"\n"
        for name, data in {
            "config.yaml": YAMLS[0], "tasks.jsonl": json.dumps(TASK).encode() + b"\n", "trajectories/part-00000.jsonl": part * 2,
        }.items():  # fmt: skip
            (folder / name).write_bytes(data)

        def feed(data: bytes) -> str | None:
            (folder / kind).write_bytes(data)
            return _told(read(folder))

        return list(contents), feed

    return prepare


def _trajectories(folder: Path) -> Iterator[Any]:
    bad = BadLines()
    yield from Run(folder).trajectories(bad)
    for item in Run(folder).raw("trajectories"):
        json.dumps(item)
    yield from (Unreadable(place, "foreign") for place in bad.places)
    yield from Run(folder).trajectories()  # which raises at the first of them


def _curated_inputs(folder: Path) -> Iterator[Any]:
    inputs = RunInputs([Run.open(folder)], reviews=True)
    yield from (item.trajectory for item in inputs)
    inputs.total, inputs.done  # noqa: B018


def _indexed(folder: Path) -> list[Any]:
    index = Index(folder)
    index.refresh()
    rows = index.page(EpisodeQuery(), order="cost")
    index.count(EpisodeQuery(text="on"))
    index.values("environment")
    for row in rows[:2]:
        try:
            index.read(row)
        except SimenvError:
            pass
    return []


def _index_anew(folder: Path) -> list[Any]:
    (folder / "index.sqlite").unlink(missing_ok=True)
    return _indexed(folder)


def _index_sample(folder: Path) -> tuple[list[bytes], Feed]:
    samples, feed = _run("index.sqlite", _sound_index)(folder)
    for n in range(40):
        (folder / f"trajectories/part-{n:05d}.jsonl").write_text(json.dumps(TRAJECTORY | {"id": f"t-{n}.0"}) + "\n")
    Index(folder).refresh()
    with documents_database(folder / "index.sqlite"):
        pass
    return [*samples, (folder / "index.sqlite").read_bytes()], feed


def documents_database(path: Path) -> Any:
    """The index with all that it holds in the one file."""
    db = sqlite3.connect(path)
    db.execute("pragma wal_checkpoint(truncate)")
    db.execute("pragma journal_mode = delete")
    return closing(db)


def _sound_index(folder: Path) -> list[Any]:
    """Whatever the index was, looking twice shows the run."""
    for ending in ("-wal", "-shm", "-journal"):
        (folder / f"index.sqlite{ending}").unlink(missing_ok=True)
    try:
        return _indexed(folder)
    except SimenvError:
        return _indexed(folder)


def _reviews(folder: Path) -> list[Any]:
    review.states(review.read(folder))
    return []


def _set(path: Path) -> Iterator[Any]:
    return CuratedSet(path.parent).samples("train")


def _summary(folder: Path) -> list[Any]:
    from simenv.plugins.viewer.content.run_list import summary

    summary(folder).matches("a b")
    return []


# Texts: replies, pages, queries, requests.


def _text(feed: Callable[[str], Any], *samples: bytes) -> Callable[[Path], tuple[list[bytes], Feed]]:
    """A target that takes a text; whatever bytes come are one, lone surrogates included."""

    def prepare(folder: Path) -> tuple[list[bytes], Feed]:
        def run(data: bytes) -> str | None:
            answer = feed(data.decode("utf-8", "surrogateescape"))
            return answer if isinstance(answer, str) else None

        return list(samples), run

    return prepare


def _dialects() -> list[Any]:
    general = [
        plugins.environment(name).dialect(d) for name in ("counter", "db", "web") for d in plugins.names("dialects")
    ]
    environments = map(plugins.environment, plugins.names("environments"))
    own = [e.dialect(d.name) for e in environments for d in e.dialects]
    return [*general, *own]


def _parse(folder: Path) -> tuple[list[bytes], Feed]:
    dialects = _dialects()

    def feed(data: bytes) -> str | None:
        text = data.decode("utf-8", "surrogateescape")
        dialect = dialects[len(data) % len(dialects)]
        names = list(dialect.actions)
        call = Call(id="c", name=names[len(data) % len(names)], arguments=text.encode("utf-8", "replace").decode())
        for reply in (Reply(text=text), Reply(text=text, calls=(call, call))):
            for parsed in (dialect.parse(reply), dialect.parse_last(reply)):
                if not parsed.spoken:
                    raise Wrong("nothing spoken")
                parsed.model_dump_json()
        return "refused" if parsed.spoken[0].action is None else None

    return REPLIES, feed


def _words(text: str) -> str | None:
    config.words([f"a.b={text}"])
    return None


def _answer(text: str) -> str | None:
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
    calls.read_calls(text, "c")
    calls.arguments(text)
    STARTED.search(text)
    return "refused" if [_read(text, schema)[1], _read(text, Message)[1]] != [[], []] else None


def _page(text: str) -> None:
    from simenv.plugins.environments.web.checking.page_reader import detect_view, read_page
    from simenv.plugins.environments.web.engine.document import Document

    page = Document.read(text, "/x?y=1")
    page.fields()
    len(page.elements)
    read_page(text, detect_view(text))


def _forms(text: str) -> str | None:
    from simenv.plugins.environments.kg.engine import logical_forms, tool_calls

    for parse in (lambda t: logical_forms.parse(t, lambda r: ""), tool_calls.parse_call):
        try:
            parse(text)
        except ValueError as e:
            if not str(e):
                raise Wrong("no reason") from e
    return None


def _graph(folder: Path) -> tuple[list[bytes], Feed]:
    from simenv.plugins.environments.kg.engine.local_graph import LocalGraph

    environment = plugins.environment("kg")
    assert environment.procedural is not None
    graph = LocalGraph(environment.procedural().make("k", default_rng(1)).spec["graph"])

    def run(text: str) -> str | None:
        try:
            graph.query(text)
        except (ValueError, SyntaxError) as e:  # what the store says of a query that is none
            return "refused" if str(e) else None
        return None

    return _text(run, *SPARQL)(folder)


def _endpoint(folder: Path) -> tuple[list[bytes], Feed]:
    from simenv.plugins.environments.kg.engine.remote_graph import Endpoint

    endpoint = Endpoint("http://127.0.0.1", 1.0, 100)

    def feed(data: bytes) -> str | None:
        endpoint._read(data)
        return None

    return ROWS, feed


def _agentbench(folder: Path) -> tuple[list[bytes], Feed]:
    from .requests import AgentBench

    return BODIES, AgentBench().post


def _mcp(folder: Path) -> tuple[list[bytes], Feed]:
    from .requests import Mcp

    return CALLS, Mcp().post


TARGETS = (
    Target("json lines", _file("a.jsonl", lambda p: (v for _, v in documents.json_lines(p)), *CHATS), 4),
    Target("json", _file("a.json", lambda p: [r.value for r in documents.rows(p)], b"[" + b",\n".join(CHATS) + b"]", *CHATS), 3),
    Target("gzip", _file("a.jsonl.gz", lambda p: (v for _, v in documents.json_lines(p)), *map(gzip.compress, CHATS))),
    Target("parquet", _parquet_file, 0.002, "pyarrow"),
    Target("yaml config", _file("a.yaml", _yaml, *YAMLS), 0.5),
    Target("yaml curation", _file("a.yaml", _curation, b"runs: [a]\nfilters: {success: {}, length: false}\nmix: {ratio: 0.5}\n", b"filters: [success]\ngold: {sources: [a.jsonl], replace: [task]}\n"), 0.5),
    Target("words", _text(_words, b"3", b"[a, {b: c}]", b"{name: x}", b"2026-01-02", b"1:30:00", b"0x1F"), 1),
    Target("chats", _file("a.jsonl", _chats, *CHATS, b"\n".join(CHATS)), 3),
    Target("tasks", _file("a.jsonl", _task_file, *as_json(TASK), b"\n".join(as_json(TASK, TASK))), 3),
    Target("dbbench", _file("a.jsonl", _reader("db", "dbbench"), *DBBENCH), 1),
    Target("spider", _spider, 1),
    Target("os records", _file("a.json", _reader("os", "agentbench-os"), *OSBENCH), 1),
    Target("kg questions", _file("a.json", _reader("kg", "agentbench-kg"), *KGBENCH), 1),
    Target("path questions", _paths("PQ-2H.txt"), 0.3),
    Target("path triples", _paths("2H-kb.txt"), 0.3),
    Target("webshop items", _file("a.json", _reader("web", "webshop-items"), *WEBSHOP), 0.05),
    Target("mind2web records", _file("a.json", _reader("web", "mind2web"), *MIND2WEB), 0.2),
    Target("alfworld games", _games, 0.05),
    Target("alfworld list", _file("a.json", _reader("household", "agentbench-alfworld"), *GAMES), 1),
    Target("trajectories", _run("trajectories/part-00000.jsonl", _trajectories, *as_json(TRAJECTORY), b"\n".join(as_json(TRAJECTORY, TRAJECTORY))), 4),
    Target("curate input", _run("trajectories/part-00000.jsonl", _curated_inputs, b"\n".join(as_json(TRAJECTORY, TRAJECTORY))), 1),
    Target("run: index", _run("trajectories/part-00000.jsonl", _index_anew, b"\n".join([*as_json(TRAJECTORY, TRAJECTORY), b""])), 0.1),
    Target("run: damaged index", _index_sample, 0.1),
    Target("run: tasks", _run("tasks.jsonl", lambda f: Run(f).tasks(), b"\n".join([*as_json(TASK, TASK), b""])), 2),
    Target("run: config", _run("config.yaml", lambda f: [config.configured(Run(f).config(), [], Experiment)], *YAMLS), 0.5),
    Target("run: reviews", _run("reviews.jsonl", _reviews, b"\n".join([*as_json({"id": "a", "trajectory": "t-1.0", "reviewer": "me", "time": "x",
           "action": "edit", "messages": MESSAGES}, {"id": "b", "trajectory": "t-1.0", "reviewer": "me", "time": "x", "action": "undo",
           "undoes": "a"}), b""])), 1),
    Target("run: report", _run("report.json", _summary, *REPORT), 0.5),
    Target("curated set", _file("train.jsonl", _set, *as_json(SAMPLE), b"\n".join(as_json(SAMPLE, SAMPLE))), 2),
    Target("dialects", _parse, 3),
    Target("answers of models", _text(_answer, *REPLIES, *as_json(SURVEY)), 1),
    Target("pages", _text(_page, *PAGES), 1.5),
    Target("logical forms", _text(_forms, *FORMS), 2),
    Target("SPARQL", _graph, 0.5),
    Target("SPARQL results", _endpoint, 1),
    Target("AgentBench requests", _agentbench, 0.3, "starlette"),
    Target("MCP requests", _mcp, 0.2, "mcp"),
)  # fmt: skip
"""Everything that is fuzzed here; statements of SQL are in fuzz_sql.py."""

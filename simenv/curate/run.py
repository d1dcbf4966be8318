"""From runs to a training set: filters, gold for what was dropped, chat beside it, and a folder that says how it came about.

Every trajectory is accounted for once: it is in a split, or one verdict of verdicts.jsonl drops it. What has to be remembered
lies on disk, so memory does not grow with the runs.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import OperationalError
from tempfile import mkdtemp
from typing import Any

from simenv import plugins
from simenv.config import written
from simenv.curate import expert_gold
from simenv.curate import mix as mixing
from simenv.curate.config import Curation
from simenv.curate.gold import Dropped, Gold, sample, samples, succeeded
from simenv.curate.inputs import RunInputs
from simenv.curate.pipeline import Pipeline, build
from simenv.curate.sample_store import SampleStore
from simenv.data.contamination import WordOverlap
from simenv.data.contamination import tasks as evaluation_tasks
from simenv.data.tokens import ESTIMATE, tokens
from simenv.errors import ConfigError, StoreError
from simenv.options import read
from simenv.prompts import render
from simenv.runs.store import Run, scratch
from simenv.types import Sample, Trajectory, Verdict

_CARD = Path(__file__).with_name("dataset_card.j2")
READ = ("trajectories", "torn", "foreign", "repeated", "reviewed")
"""What became of the lines read."""
_OFTEN = 64
"""Items between two words to whoever watches."""
Watch = Callable[[str, int, int | None], None]
"""Told the stage, how much of it is done, and how much there is, where that is known."""


class Curator:
    """One curation, everything in it resolved; making one reads no run and writes nothing."""

    def __init__(self, curation: Curation, watch: Watch = lambda stage, done, total: None) -> None:
        for folder in curation.plugins:
            plugins.add(folder)
        self.curation, self.watch = curation, watch
        if not curation.runs:
            raise ConfigError("no run given; expected one or more run folders")
        read = {
            "gold.sources": [s.path for s in curation.gold.sources if s.path],
            "mix.chat": [s.path for s in curation.mix.chat if s.path],
            "mix.against": [Path(p) for p in curation.mix.against],
        }
        for option, paths in read.items():
            if lacking := [p for p in paths if not p.exists()]:
                raise ConfigError(f"{option}: {lacking[0]}: no such file or folder")
        self.intake = RunInputs([Run.open(Path(r)) for r in curation.runs], curation.reviews == "honour")
        filters = build(curation.filters, curation.tokenizer)
        self.pipeline, self._gilding = Pipeline(filters, self._tell), Pipeline(filters)
        if curation.mix.by == "tokens" or curation.tokenizer:
            self.tokens = tokens(curation.tokenizer, "mix.by=tokens")
        else:
            self.tokens = tokens(ESTIMATE, "")
        self.refused = 0
        self.overlapping: Counter[str] = Counter()
        self.pooled: Counter[str] = Counter()
        self._overlap = WordOverlap(curation.mix.words)
        self._to_export = self._exports()

    def run(self, out: Path, command: str = "") -> dict[str, Any]:
        """Make the folder `out`, whole or not at all; returns what funnel.json holds."""
        if out.exists():
            raise ConfigError(f"{out}: exists already; expected a new folder")
        for path in self.curation.mix.against:
            for text in evaluation_tasks(Path(path)):
                self._overlap.add(text)
        with _aside(out) as folder:
            self._pool, self._lost = SampleStore(folder, self.curation.mix.seed), _losses()
            with (folder / "verdicts.jsonl").open("w", encoding="utf-8", errors="backslashreplace") as self._verdicts:
                self._trajectories()
                gold = self._gold(folder)
                self._chat()
                amounts = self._mixed(folder)
            funnel = self._funnel(gold, amounts)
            _write(folder, "funnel.json", json.dumps(funnel, indent=2, ensure_ascii=False) + "\n")
            _write(folder, "config.yaml", written(self.curation))
            _write(folder, "README.md", self._card(funnel, out.name, command) + "\n")
            self._pool.close()
            self._export(folder)
        return funnel

    # Trajectories.

    def _trajectories(self) -> None:
        """Every trajectory of every run through the pipeline: into the pool, or among the lost."""
        total = self.intake.total
        for id, run, t, opinion in self.intake:
            if self.intake.done % _OFTEN == 0:
                self.watch("trajectories", self.intake.done, total)
            after = self.pipeline.run(t, id, opinion)
            if after is None:
                lost = (id, run, t.environment, t.kind, t.task)
                self._lost.execute("INSERT INTO lost VALUES (?, ?, ?, ?, ?)", lost)
            else:
                self._into_pool(sample(after, id, str(self.intake.runs[run].folder)), "kept")
        self.watch("trajectories", total, total)

    def _into_pool(self, item: Sample, how: str) -> str:
        """Put a sample into the pool, unless it overlaps with an evaluation task; returns its id there."""
        self.pooled[how] += 1
        if self._overlap.tasks and self._overlap.meets(item.messages):
            self.overlapping[how] += 1
            self._tell(Verdict(trajectory=item.id, filter="overlap", decision="drop", reason="evaluation task"))
            return item.id
        return self._pool.add(item, self.tokens.trained(item.messages), self.curation.mix.split(item.task))

    def _tell(self, verdict: Verdict) -> None:
        line = verdict.model_dump_json(exclude_defaults=True, exclude={"edited"})
        self._verdicts.write(f"{line}\n")

    # Gold and chat.

    def _gold(self, folder: Path) -> dict[str, int]:
        """Put gold in the places of the lost; gold.jsonl says which took which."""
        options, dropped = self.curation.gold, self._lost.execute("SELECT count(*) FROM lost").fetchone()[0]
        gold = Gold(folder, self.curation.mix.seed, options.reuse)
        for _ in self._watched("gold", gold.add(self._sources())):
            pass
        added = 0
        with (folder / "gold.jsonl").open("w", encoding="utf-8") as file:
            for lost, item, way in gold.instead(_Losses(self._lost), options.replace if len(gold.shelf) else ()):
                if item is not None:
                    id = self._into_pool(item, "gold")
                    line = {"trajectory": lost.trajectory, "sample": id, "by": way}
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
        for item in gold.unused() if options.add else ():
            added += 1
            self._into_pool(item, "gold")
        gold.shelf.close()
        ways = {way: gold.counts[way] for way in ("twin", "kind", "environment", "left_out")}
        return {
            "dropped": dropped,
            **ways,
            "read": gold.counts["read"],
            "refused": self.refused,
            "added": added,
        }

    def _sources(self) -> Iterator[Sample]:
        for source in self.curation.gold.sources:
            yield from samples(source, "gold", self._gilded)
        if self.curation.gold.expert:
            for name, run in self.intake.runs.items():
                for t in expert_gold.play(run, lambda task, name=name: self._is_lost(name, task)):
                    if (passed := self._gilded(t)) is not None:
                        yield sample(passed, f"{name}/{t.task}.expert", f"expert of {run.folder}", "gold")

    def _gilded(self, t: Trajectory) -> Trajectory | None:
        """A trajectory offered as gold, if it succeeded and the filters let it pass."""
        passed = self._gilding.run(t, t.id) if succeeded(t) else None
        self.refused += passed is None
        return passed

    def _is_lost(self, run: str, task: str) -> bool:
        query = "SELECT 1 FROM lost WHERE run = ? AND task = ?"
        return self._lost.execute(query, (run, task)).fetchone() is not None

    def _chat(self) -> None:
        read = (item for source in self.curation.mix.chat for item in samples(source, "chat"))
        for item in self._watched("chat", read):
            self._into_pool(item, "chat")

    def _watched(self, stage: str, items: Iterable[Any]) -> Iterator[Any]:
        """The items, with word of how many there were by now, and in the end of all."""
        done = 0
        for done, item in enumerate(items, 1):
            if done % _OFTEN == 0:
                self.watch(stage, done, None)
            yield item
        if done:
            self.watch(stage, done, done)

    # What comes out.

    def _mixed(self, folder: Path) -> dict[str, int]:
        amounts = mixing.plan(self._pool, self.curation.mix)
        for split in ("train", "validation"):
            with (folder / f"{split}.jsonl").open("wb") as file:
                file.writelines(self._watched(split, mixing.chosen(self._pool, split)))
        for id in mixing.left_over(self._pool):
            self._tell(Verdict(trajectory=id, filter="mix", decision="drop", reason="beyond the ratio"))
        return amounts

    def _funnel(self, gold: dict[str, int], amounts: dict[str, int]) -> dict[str, Any]:
        composition = mixing.composition(self._pool)
        taken = Counter({"train": 0, "validation": 0})
        copies = 0
        for row in composition:
            taken[row["split"]] += row["samples"]
            copies += row["copies"]
        return {
            "runs": [str(run.folder) for run in self.intake.runs.values()],
            "read": {k: self.intake.counts[k] for k in READ},
            "foreign": self.intake.foreign,
            "filters": self.pipeline.report(),
            "gold": gold,
            "pool": {
                **{k: self.pooled[k] for k in ("kept", "gold", "chat")},
                "overlapping": dict(self.overlapping),
                "samples": len(self._pool),
                "left_over": len(self._pool) - taken.total() + copies,
            },
            "mix": {"by": self.curation.mix.by, "train": amounts, "tokens": self.tokens.name},
            **taken,
            "copies": copies,
            "composition": composition,
        }

    def _card(self, funnel: dict[str, Any], name: str, command: str) -> str:
        gold, mix = self.curation.gold, self.curation.mix
        agent = sum(c["samples"] for c in funnel["composition"] if c["split"] == "train" and c["source"] != "chat")
        shares = f"Agent data is {agent / max(funnel['train'], 1):.1%} of the training samples"
        asked = f" (asked for: {mix.ratio:.0%} of the {mix.by})" if mix.chat else ""
        sources = [*funnel["runs"], *(s.name for s in (*gold.sources, *mix.chat))]
        return render(
            _CARD,
            name=name,
            command=command or "python -m simenv.curate --config config.yaml",
            changed=bool(command),
            mix=f"{shares}{asked}. Seed {mix.seed}.",
            tokenizer=self.tokens.name,
            sources=sources,
            licences=self.curation.licences,
            **{k: funnel[k] for k in ("train", "validation", "composition", "read", "filters", "gold")},
        )

    def _exports(self) -> list[Any]:
        """What is to be exported, checked before anything is read: formats, options, the model's chat template."""
        if not self.curation.export:
            return []
        from simenv.data.masks import Template, load
        from simenv.export import Export

        found = []
        for ref in self.curation.export:
            found.append(read(Export, {"data": "", "to": ref.name, **ref.options}, f"export.{ref.name}"))
            if found[-1].to == "axolotl" and not found[-1].model:
                raise ConfigError("export.axolotl.model: expected the base model, a folder or a name on the hub")
            if found[-1].model:
                Template(load(found[-1].model))
        return found

    def _export(self, folder: Path) -> None:
        for number, settings in enumerate(self._to_export):
            from simenv.export import export

            self.watch("export", number, len(self._to_export))
            export(settings.model_copy(update={"data": str(folder)}))


def _losses() -> Any:
    database = scratch()
    database.execute("CREATE TABLE lost (trajectory TEXT, run TEXT, environment TEXT, kind TEXT, task TEXT)")
    database.execute("CREATE INDEX lost_tasks ON lost (run, task)")
    return database


class _Losses:
    """What was lost, as often as it is gone through."""

    def __init__(self, database: Any) -> None:
        self._database = database

    def __iter__(self) -> Iterator[Dropped]:
        return map(
            Dropped._make, self._database.execute("SELECT trajectory, environment, kind, task FROM lost ORDER BY rowid")
        )


@contextmanager
def _aside(out: Path) -> Iterator[Path]:
    """A folder that is in its place, whole, only if the block ends well."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as e:
        raise StoreError(f"{out}: cannot make a folder: {e.strerror}") from e
    try:
        yield folder
        folder.chmod(0o755)
        folder.rename(out)
    except (OSError, OperationalError) as e:  # the latter from the databases of a pass, on a full disk
        raise StoreError(f"{out}: cannot write: {e}") from e
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")

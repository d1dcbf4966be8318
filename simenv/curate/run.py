"""Curation: runs become a training set, with gold in place of dropped trajectories and general chat mixed in.

Every trajectory is accounted for once: it is in a split, or one verdict of verdicts.jsonl drops it. What has to be remembered
lies on disk, so memory does not grow with the runs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any, TextIO, TypeVar

from simenv.config import written
from simenv.curate import expert_gold
from simenv.curate import mix as mixing
from simenv.curate.card import card
from simenv.curate.config import Curation
from simenv.curate.dropped import DroppedTrajectories
from simenv.curate.gold import LEFT_OUT, Gold
from simenv.curate.inputs import RunInputs
from simenv.curate.mix import Mix
from simenv.curate.pipeline import Pipeline, build
from simenv.curate.pool import Pool
from simenv.curate.samples import sample, samples, succeeded, without_reasoning
from simenv.data import provenance
from simenv.data.contamination import WordOverlap, task_texts
from simenv.data.dataset import SPLITS
from simenv.data.made_from import FILE as MADE_FROM
from simenv.data.made_from import is_evaluation, made_from
from simenv.data.masks import Template, load
from simenv.data.provenance import Judgement
from simenv.data.records import UnreadRecords
from simenv.data.tokens import ESTIMATE, tokens
from simenv.errors import ConfigError, StoreError
from simenv.export import Export, export
from simenv.files import whole_folder
from simenv.options import read
from simenv.runs.review import ReviewState
from simenv.runs.store import Run
from simenv.types import Sample, Trajectory, Verdict

T = TypeVar("T")
READ = ("trajectories", "torn", "foreign", "repeated", "reviewed")
"""Counts of input lines that the funnel reports."""
_OFTEN = 64
"""Items between two calls of `on_progress`."""
OnProgress = Callable[[str, int, int | None], None]
"""Called with a stage, how much of it is done, and how much there is, None where that is not known."""


class Curator:
    """One curation with everything in it resolved; the constructor reads no run and writes nothing.

    `trust`: values in the configs of the runs that gold.expert may act on. ConfigError where a name, an option or a path of the
    settings cannot be used.
    """

    def __init__(
        self,
        curation: Curation,
        on_progress: OnProgress = lambda stage, done, total: None,
        trust: Collection[str] = (),
    ) -> None:
        self.curation, self.on_progress, self._trust = curation, on_progress, trust
        _check_paths(curation)
        self.inputs = RunInputs([Run.open(Path(r)) for r in curation.runs], curation.reviews == "honour")
        filters = build(curation.filters, curation.tokenizer)
        stops, most = curation.on_bug == "stop", curation.max_equal_bugs
        self.pipeline = Pipeline(filters, self._write_verdict, stops, most)
        self._gold_pipeline = Pipeline(filters, stops_at_bugs=stops, max_equal_bugs=most)
        self._expert_bugs: Counter[tuple[str, str]] = Counter()
        if curation.mix.by == "tokens" or curation.tokenizer:
            self.tokens = tokens(curation.tokenizer, "mix.by=tokens")
        else:
            self.tokens = tokens(ESTIMATE, "")
        self.refused = 0
        self.unread = UnreadRecords()
        self._exports = _exports(curation)
        for run in self.inputs.runs.values() if curation.gold.expert else ():
            expert_gold.experiment(run, trust)  # whose errors come before anything is written

    def run(self, out: Path, command: str = "") -> dict[str, Any]:
        """Make the folder `out`, whole or not at all; returns what funnel.json holds. `command` is for the card.

        ConfigError where `out` exists or the mix cannot be met, StoreError where the disk will not take the set.
        """
        if out.exists():
            raise ConfigError(f"{out}: exists already; expected a new folder")
        overlap = WordOverlap(self.curation.mix.words)
        for path in self.curation.mix.against:
            for text in task_texts(Path(path)):
                overlap.add(text)
        try:
            with whole_folder(out) as folder:
                return self._make(folder, overlap, out.name, command)
        except OperationalError as e:  # from the databases of a pass, on a full disk
            raise StoreError(f"{out}: cannot write: {e}") from e

    def _make(self, folder: Path, overlap: WordOverlap, name: str, command: str) -> dict[str, Any]:
        self._dropped = DroppedTrajectories()
        self._pool = Pool(folder, self.curation.mix, self.tokens, overlap, self._write_verdict)
        self._verdicts: TextIO
        self._judgements: TextIO
        self._given: dict[str, str] = {}
        with (
            (folder / "verdicts.jsonl").open("w", encoding="utf-8", errors="backslashreplace") as self._verdicts,
            (folder / provenance.FILE).open("w", encoding="utf-8", errors="backslashreplace") as self._judgements,
        ):
            self._add_trajectories()
            gold = self._add_gold(folder)
            self._add_chat()
            amounts = self._write_splits(folder)
        funnel = self._funnel(gold, amounts)
        _write(folder, "funnel.json", json.dumps(funnel, indent=2, ensure_ascii=False) + "\n")
        _write(folder, "config.yaml", written(self.curation))
        sources = [str(source.path or source.dataset) for source in self.curation.gold.sources]
        record = made_from(self._sources(), sources)
        _write(folder, MADE_FROM, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
        _write(folder, "README.md", card(self.curation, funnel, name, command) + "\n")
        self._pool.store.close()
        self._export(folder)
        return funnel

    def _sources(self) -> Iterator[Run]:
        """The runs that the set is made from, those of gold too."""
        yield from self.inputs.runs.values()
        for source in self.curation.gold.sources:
            if source.path and (source.path / "tasks.jsonl").is_file():
                yield Run.open(source.path)

    # What goes into the pool.

    def _add_trajectories(self) -> None:
        """Every trajectory of every run goes through the pipeline: into the pool, or among the dropped."""
        total = self.inputs.total
        for id, run, t, review in self.inputs:
            if self.inputs.done % _OFTEN == 0:
                self.on_progress("trajectories", self.inputs.done, total)
            self._given.clear()
            result = self.pipeline.run(t, id, review)
            if result is None:
                self._dropped.add(id, run, t)
            else:
                self._note(self._put(sample(result, id, str(self.inputs.runs[run].folder)), "kept"), review)
        self.on_progress("trajectories", total, total)
        bad = self.inputs.bad
        if total and not self.inputs.counts["trajectories"]:
            raise ConfigError(
                f"none of the {total:,} lines of {', '.join(str(r.folder) for r in self.inputs.runs.values())} could be read: "
                f"{', '.join(bad.places[:3]) or 'all are torn'}: {bad.first or 'no newline at the end'}"
            )

    def _note(self, id: str, review: ReviewState | None) -> None:
        """Keep what filters and people said of a trajectory that goes on under this id."""
        verdicts = {
            stage: self._given.get(stage, "keep") for stage in self.pipeline.stages if stage != "review" or review
        }
        judgement = Judgement(sample=id, verdicts=verdicts, reviewers=review.reviewers if review else ())
        self._judgements.write(f"{judgement.model_dump_json()}\n")

    def _put(self, sample: Sample, group: str) -> str:
        """Put a sample into the pool, with its reasoning or without it; returns its id there."""
        return self._pool.add(sample if self.curation.reasoning == "keep" else without_reasoning(sample), group)

    def _write_verdict(self, verdict: Verdict) -> None:
        self._given[verdict.filter] = f"{verdict.decision}: {verdict.reason}"
        line = verdict.model_dump_json(exclude_defaults=True, exclude={"edited"})
        self._verdicts.write(f"{line}\n")

    def _add_gold(self, folder: Path) -> dict[str, int]:
        """Replace dropped trajectories by gold; gold.jsonl says which sample replaced which."""
        options = self.curation.gold
        gold = Gold(folder, self.curation.mix.seed, options.reuse)
        for _ in self._watched("gold", gold.add(self._gold_samples())):
            pass
        with (folder / "gold.jsonl").open("w", encoding="utf-8") as file:
            for dropped, item, match in gold.match(self._dropped, options.replace if len(gold.store) else ()):
                if item is not None:
                    line = {"trajectory": dropped.trajectory, "sample": self._put(item, "gold"), "match": match}
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
        added = 0
        for item in gold.unused() if options.add else ():
            added += 1
            self._put(item, "gold")
        gold.store.close()
        return {
            "dropped": len(self._dropped),
            **{level: gold.counts[level] for level in ("task", "kind", "environment", LEFT_OUT)},
            "read": gold.counts["read"],
            "refused": self.refused,
            "added": added,
        }

    def _gold_samples(self) -> Iterator[Sample]:
        for source in self.curation.gold.sources:
            yield from samples(source, "gold", self._accept_gold, self.unread)
        if self.curation.gold.expert:
            for name, run in self.inputs.runs.items():
                for t in expert_gold.play(run, partial(self._dropped.holds_task, name), self._trust):
                    if (accepted := self._accept_gold(t)) is not None:
                        yield sample(accepted, f"{name}/{t.task}.expert", f"expert of {run.folder}", "gold")

    def _accept_gold(self, t: Trajectory) -> Trajectory | None:
        """A trajectory offered as gold, if it succeeded and the filters let it pass."""
        if t.bug:
            self._expert_bugs[t.bug.place, t.bug.error] += 1
        accepted = self._gold_pipeline.run(t, t.id) if succeeded(t) else None
        self.refused += accepted is None
        return accepted

    def _add_chat(self) -> None:
        chat = (item for source in self.curation.mix.chat for item in samples(source, "chat", unread=self.unread))
        for item in self._watched("chat", chat):
            self._put(item, "chat")

    def _watched(self, stage: str, items: Iterable[T]) -> Iterator[T]:
        """The items; progress is reported now and then, and at the end."""
        done = 0
        for done, item in enumerate(items, 1):
            if done % _OFTEN == 0:
                self.on_progress(stage, done, None)
            yield item
        if done:
            self.on_progress(stage, done, done)

    # What comes out.

    def _write_splits(self, folder: Path) -> dict[str, int]:
        """Write train.jsonl and validation.jsonl; returns the amount of each group in the training split."""
        amounts = mixing.plan(self._pool.store, self.curation.mix)
        for split in SPLITS:
            with (folder / f"{split}.jsonl").open("wb") as file:
                file.writelines(self._watched(split, mixing.chosen(self._pool.store, split)))
        for id in mixing.left_over(self._pool.store):
            self._write_verdict(Verdict(trajectory=id, filter="mix", decision="drop", reason="beyond the ratio"))
        return amounts

    def _funnel(self, gold: dict[str, int], amounts: dict[str, int]) -> dict[str, Any]:
        pool = self._pool
        composition = mixing.composition(pool.store)
        sizes = Counter({"train": 0, "validation": 0})
        for row in composition:
            sizes[row["split"]] += row["samples"]
        copies = sum(row["copies"] for row in composition)
        counts = self.inputs.counts
        return {
            "runs": [str(run.folder) for run in self.inputs.runs.values()],
            "read": {k: counts[k] for k in READ},
            "foreign": self.inputs.bad.places,
            "filters": self.pipeline.report(),
            "gold": gold,
            "pool": {
                **{k: pool.counts[k] for k in ("kept", "gold", "chat")},
                "overlapping": dict(pool.overlapping),
                "samples": len(pool.store),
                "left_over": len(pool.store) - sizes.total() + copies,
            },
            "mix": {"by": self.curation.mix.by, "train": amounts, "tokens": self.tokens.name},
            **sizes,
            "copies": copies,
            "composition": composition,
            **({"unread": unread} if (unread := self._unread()) else {}),
            **({"bugs": rows} if (rows := self._bugs()) else {}),
        }

    def _unread(self) -> dict[str, Any]:
        """What of gold and chat was not read: records with the first of them, and fields with their counts."""
        records = {"records": self.unread.count, "examples": self.unread.examples} if self.unread.count else {}
        return records | ({"fields": dict(self.unread.fields.most_common())} if self.unread.fields else {})

    def _bugs(self) -> list[dict[str, Any]]:
        """The exceptions that nobody foresaw, of filters and of the expert who plays for gold; the most frequent first."""
        filters = self.pipeline.bugs + self._gold_pipeline.bugs
        counts = Counter({(f"filters.{name}", error): n for (name, error), n in filters.items()}) + self._expert_bugs
        return [{"place": place, "error": error, "count": n} for (place, error), n in counts.most_common()]

    def _export(self, folder: Path) -> None:
        for number, settings in enumerate(self._exports):
            self.on_progress("export", number, len(self._exports))
            export(settings.model_copy(update={"data": str(folder)}))


def _check_paths(curation: Curation) -> None:
    """ConfigError where there is no run, or a file or folder that the settings name is missing."""
    if not curation.runs:
        raise ConfigError("no run given; expected one or more run folders")
    mix = curation.mix
    if "ratio" in mix.model_fields_set and mix.ratio < 1 and not mix.chat and mix.ratio != Mix().ratio:
        raise ConfigError(f"mix.ratio: {mix.ratio} of agent data needs chat for the rest; name files in mix.chat=[…]")
    _check_evaluations(curation)
    named = {
        "gold.sources": [s.path for s in curation.gold.sources if s.path],
        "mix.chat": [s.path for s in curation.mix.chat if s.path],
        "mix.against": [Path(p) for p in curation.mix.against],
    }
    for option, paths in named.items():
        if missing := [p for p in paths if not p.exists()]:
            raise ConfigError(f"{option}: {missing[0]}: no such file or folder")


def _check_evaluations(curation: Curation) -> None:
    """ConfigError for a run that is an evaluation, unless `evaluations` names it: what was trained on cannot be measured."""
    named = [("runs", Path(run)) for run in curation.runs]
    named += [("gold.sources", source.path) for source in curation.gold.sources if source.path]
    for place, folder in named:
        if is_evaluation(folder) and folder.resolve().name not in curation.evaluations:
            raise ConfigError(
                f"{place}: {folder}: an evaluation; an agent that is trained on its tasks can no longer be measured by them. "
                f"evaluations=[{folder.resolve().name}] takes it all the same"
            )


def _exports(curation: Curation) -> list[Export]:
    """The exports asked for, checked before anything is read: formats, options, the model's chat template."""
    exports: list[Export] = []
    for ref in curation.export:
        settings = read(Export, {"data": "", "to": ref.name, **ref.options}, f"export.{ref.name}")
        if settings.to == "axolotl" and not settings.model:
            raise ConfigError("export.axolotl.model: expected the base model, a folder or a name on the hub")
        if settings.model:
            Template(load(settings.model, settings.calls), settings.reasoning)
        exports.append(settings)
    return exports


def _write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")

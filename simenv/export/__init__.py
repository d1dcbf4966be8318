"""Export of a curated set in a format that a trainer reads: `export(Export(data="curated/db", to="axolotl", model="./base"))`.

Every format but ShareGPT says which messages carry loss. Sets are read and written line by line, and the folder is in place,
whole, only at the end. Preference pairs come from runs with forks: simenv/export/preference_pairs.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from simenv import plugins
from simenv.config import PluginFolders, plugin_name
from simenv.data import masks
from simenv.data.dataset import CuratedSet, Split
from simenv.data.masks import Template, Unmaskable, require_arguments
from simenv.data.provenance import Provenance
from simenv.data.reasoning_use import used
from simenv.errors import ConfigError
from simenv.export import manifest
from simenv.export.axolotl import check, yaml_text
from simenv.export.format import Format
from simenv.files import whole_folder
from simenv.models.spelling import Spelling
from simenv.network import Reach
from simenv.recipe import Recipe
from simenv.trust import DataName, PluginName, WeightsName
from simenv.types import Data, Sample

WHOLE = ("axolotl", "trl")
"""Formats whose readers render the chat themselves: what a template leaves out of it, they cannot put there."""
MARK = ".export"
"""An empty file in every export; a folder that lacks it is somebody's work and is not replaced."""


class Export(Recipe, Reach):
    """Settings of one export. Those of a fine-tune shape axolotl's YAML and nothing else."""

    data: DataName
    """folder of a curated set"""
    plugins: PluginFolders = ()
    """more folders with formats/ in them"""
    to: Annotated[PluginName, plugin_name("formats", "dpo")] = "axolotl"
    """agentinstruct, atif, axolotl, datasets, openai, sharegpt, trl, or a format of one's own"""
    model: WeightsName | None = None
    """base model, a folder or a name on the hub; axolotl's YAML needs it, and other formats check samples against it"""
    out: str | None = None
    """folder to write; by default CURATED/export/FORMAT. An earlier export there is replaced"""
    output: str = "./model"
    """where axolotl is to put the model, seen from the exported folder"""
    check: bool = True
    """have axolotl's own schema validate the YAML, where axolotl is installed"""
    strict: bool = False
    """end with an error over a sample on which the model's chat template cannot place loss, instead of leaving it out"""


class Exported(Data):
    """The result of an export: lines by split, samples left out by cause, and axolotl's verdict on the YAML."""

    folder: Path
    lines: dict[str, int]
    left_out: dict[str, int] = {}
    checked: str = ""


def export(settings: Export, on_sample: Callable[[Sample], None] = lambda sample: None) -> Exported:
    """Write a set in another format. ConfigError where set, model or settings cannot be used; nothing is written then."""
    data = CuratedSet(settings.data)
    form: Format = plugins.load("formats", settings.to)()
    if settings.to == "axolotl" and settings.model is None:
        raise ConfigError("model: axolotl's YAML needs the base model; for example model=Qwen/Qwen2.5-7B-Instruct")
    if settings.reasoning == "keep":
        raise ConfigError("reasoning: keep: a row marks whole messages; expected train or drop, or the trainer peft")
    template = Template(masks.load(settings.model, settings.calls), settings.reasoning) if settings.model else None
    form.provenance = Provenance(data.folder).columns
    if template is not None:
        form.spelling = _spelling(template, settings.to)
    folder = Path(settings.out) if settings.out else data.folder / "export" / settings.to
    left_out: Counter[str] = Counter()

    def samples(split: Split) -> Iterator[Sample]:
        for sample in data.samples(split):
            on_sample(sample)
            if _fits(sample, template, settings, left_out):
                yield sample.model_copy(update={"messages": used(sample.messages, settings.reasoning)})

    with replacing(folder) as aside:
        counts: dict[str, int] = {split: form.write(partial(samples, split), aside, split) for split in data.splits}
        if not counts.get("train"):
            raise ConfigError(f"{settings.data}: no sample is left to export: {dict(left_out)}")
        checked = ""
        if settings.to == "axolotl" and template is not None:
            text = yaml_text(settings, str(settings.model), template, bool(counts.get("validation")), settings.output)
            (aside / "axolotl.yaml").write_text(text, encoding="utf-8")
            checked = check(aside / "axolotl.yaml", settings.axolotl.python) if settings.check else "not asked for"
        manifest.write(aside, _made(settings, data, left_out), {f"{split}.jsonl": n for split, n in counts.items()})
    return Exported(folder=folder, lines=counts, left_out=dict(left_out), checked=checked)


def _fits(sample: Sample, template: Template | None, settings: Export, left_out: Counter[str]) -> bool:
    """Whether loss has its place in a sample: under the model's chat template, where one is named."""
    try:
        require_arguments(sample.messages)
        if template is not None:
            template.encode(sample)
            if settings.to in WHOLE and template.leaves_end(sample):
                raise Unmaskable(f"the chat template of {template.name} ends the last turn with no token", "no end")
            if settings.to == "axolotl":
                template.require_tags(sample)
    except Unmaskable as e:
        if settings.strict:
            raise ConfigError(f"{settings.data}: sample {sample.id!r}: {e}") from e
        left_out[f"no exact loss: {e.cause}"] += 1
        return False
    return True


def _spelling(template: Template, to: str) -> Spelling:
    """How rows are spelled; axolotl finds what it trains in the words of a message, so reasoning is written there."""
    return replace(template.spelling, reasoning="text") if to == "axolotl" else template.spelling


def _made(settings: Export, data: CuratedSet, left_out: Counter[str]) -> dict[str, Any]:
    """What the manifest says of how an export was made."""
    names = ("to", "model", "calls", "reasoning")
    return {
        "version": version("simenv"),
        "set": data.name,
        "set_sha256": data.digest(),
        "samples": {split: data.count(split) for split in data.splits},
        **{name: getattr(settings, name) for name in names},
        "left_out": dict(left_out),
    }


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A folder to write an export into; it replaces an earlier export at `folder` only if the block ends well.

    ConfigError where anything but an export lies there.
    """
    with whole_folder(_replaceable(folder), replace=True) as aside:
        yield aside
        (aside / MARK).touch()


def _replaceable(folder: Path) -> Path:
    """The folder resolved, if it is new, empty, or an earlier export."""
    place = folder.resolve()
    is_export = place.is_dir() and ((place / MARK).is_file() or not any(place.iterdir()))
    if place.exists() and not is_export:
        raise ConfigError(f"out: {folder}: is there and is no earlier export (no {MARK} in it); expected a new folder")
    if Path.cwd().is_relative_to(place):
        raise ConfigError(f"out: {folder}: holds the working folder; expected a folder that can be replaced")
    return place

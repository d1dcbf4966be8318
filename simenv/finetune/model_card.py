"""The model card of a fine-tune: base, data with digest and counts, settings and loss, as Markdown with a YAML head."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from simenv.data.dataset import CuratedSet
from simenv.finetune.trainers import HOSTED_SETTINGS, Finetune
from simenv.prompts import render

HERE = Path(__file__).parent
NOT_LISTED = {
    "plugins",
    "data",
    "model",
    "trainer",
    "out",
    "resume",
    "axolotl",
    "openai",
    "device",
    "save_every",
    "log_every",
}


def model_card(settings: Finetune, data: CuratedSet, figures: dict[str, Any], log: list[dict[str, Any]]) -> str:
    """The text of README.md. `figures` are those that the trainer returned, `log` the rows of log.jsonl."""
    counts = {split: Counter((s.environment, s.source) for s in data.samples(split)) for split in data.splits}
    last = {key: next((r[key] for r in reversed(log) if key in r), None) for key in ("loss", "eval_loss")}
    is_hosted = settings.trainer == "openai"
    library = {} if is_hosted else {"library_name": "peft" if settings.method != "full" else "transformers"}
    head = {
        "base_model": settings.model,
        **library,
        "pipeline_tag": "text-generation",
        "tags": ["simenv", "agent", *([] if is_hosted else [settings.method])],
    }
    return render(
        HERE / "model_card.j2",
        head=yaml.safe_dump(head, sort_keys=False, allow_unicode=True),
        settings=settings,
        digest=data.digest(),
        data=data.name,
        counts=[(split, *key, n) for split, by_source in counts.items() for key, n in sorted(by_source.items())],
        figures=figures | {k: f"{v:.4f}" for k, v in last.items() if v is not None},
        shaping=settings.model_dump(mode="json", include=HOSTED_SETTINGS)
        if is_hosted
        else settings.model_dump(mode="json", exclude=NOT_LISTED),
    )

"""The README.md of a curated set: how it was made, from what, and what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simenv.curate.config import Curation
from simenv.prompts import render

_TEMPLATE = Path(__file__).with_name("dataset_card.j2")
_SHOWN = ("train", "validation", "composition", "read", "filters", "gold")
"""Parts of the funnel that the template shows."""


def card(curation: Curation, funnel: dict[str, Any], name: str, command: str) -> str:
    """The card as Markdown. `command` made the set; '' if it was not made by a command."""
    gold, mix = curation.gold, curation.mix
    agent = sum(c["samples"] for c in funnel["composition"] if c["split"] == "train" and c["source"] != "chat")
    shares = f"Agent data is {agent / max(funnel['train'], 1):.1%} of the training samples"
    ratio = f" (asked for: {mix.ratio:.0%} of the {mix.by})" if mix.chat else ""
    return render(
        _TEMPLATE,
        name=name,
        command=command or "simenv curate config.yaml",
        changed=bool(command),
        mix=f"{shares}{ratio}. Seed {mix.seed}.",
        tokenizer=funnel["mix"]["tokens"],
        sources=[*funnel["runs"], *(s.name for s in (*gold.sources, *mix.chat))],
        licences=curation.licences,
        **{k: funnel[k] for k in _SHOWN},
    )

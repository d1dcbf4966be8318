"""Asks the Hugging Face Hub which data sets there are, by subject and licence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from simenv.errors import ConfigError, SimenvError
from simenv.knowledge.registry import Entry
from simenv.network import reach

TAGS = {
    "medicine": ("medical", "biology", "healthcare", "clinical"),
    "law": ("legal", "law"),
    "finance": ("finance", "economics"),
    "science": ("science", "chemistry", "physics", "math"),
    "education": ("education",),
    "general": ("instruction-finetuning", "general"),
}
"""Tags on the Hub by domain."""
LICENCES = (
    "apache-2.0",
    "mit",
    "cc-by-4.0",
    "cc-by-sa-4.0",
    "cc0-1.0",
    "odc-by",
    "bsd-3-clause",
    "cdla-permissive-2.0",
)
"""Licences under which a set may be used for training and passed on."""


def entries(
    endpoint: str | None,
    each: int,
    on_tag: Callable[[str], None] = lambda tag: None,
    licences: tuple[str, ...] = LICENCES,
) -> Iterator[Entry]:
    """At most `each` sets for every tag and licence, the most downloaded first. SimenvError where the Hub does not answer.

    `endpoint`: the Hub's address, None for the public one (HF_ENDPOINT).
    """
    try:
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError as e:
        raise ConfigError("refresh: needs huggingface_hub: pip install 'simenv[knowledge]'") from e
    api = HfApi(endpoint=endpoint)
    reach(api.endpoint)
    for domain, tags in TAGS.items():
        for tag in tags:
            on_tag(tag)
            for licence in licences:
                try:
                    found = list(api.list_datasets(filter=[tag, f"license:{licence}"], sort="downloads", limit=each))
                except (HfHubHTTPError, OSError, ValueError, RuntimeError) as e:
                    raise SimenvError(
                        f"refresh: {api.endpoint} does not answer: {' '.join(str(e).split()):.300}"
                    ) from e
                yield from (_entry(info, domain, licence, api.endpoint) for info in found)


def _entry(info: Any, domain: str, licence: str, endpoint: str) -> Entry:
    tasks = [t.removeprefix("task_categories:") for t in info.tags or () if t.startswith("task_categories:")]
    return Entry(
        name=info.id,
        domain=domain,
        task=", ".join(tasks),
        licence=licence,
        home=f"{endpoint}/datasets/{info.id}",
        downloads=info.downloads or 0,
        origin="hub",
    )

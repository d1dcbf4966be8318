"""Finds personal data in texts with presidio: mail addresses, telephone and card numbers, and with a spaCy model names.

Nothing is fetched: the pipeline is blank, or an installed one that the user names, and the list of domains is the packaged one.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, NamedTuple

from simenv.errors import ConfigError, unknown

ALL = "all"
NOT_PERSONAL = frozenset({"DATE_TIME", "URL", "UUID", "NRP", "ORGANIZATION"})
"""Kinds that `all` leaves alone."""
NEEDS_MODEL = frozenset({"AGE", "EMAIL", "ID", "LOCATION", "NRP", "ORGANIZATION", "PERSON"})
"""Kinds that a language model tells; the others have patterns and checksums."""
SURENESS = 0.4
"""Presidio's score from which a finding counts; a telephone number without words that name it has this one."""
WINDOW, OVERLAP = 50_000, 500
"""Characters that are read at once, and of each window the characters that the next one begins with."""


class Finding(NamedTuple):
    """A stretch of personal data in a text."""

    start: int
    end: int
    kind: str


class Recognizer:
    """Finds kinds of personal data. ConfigError for an unknown kind, one that needs a model, and packages that are missing."""

    def __init__(self, kinds: tuple[str, ...], model: str = "") -> None:
        self._analyzer = _analyzer(model)
        known = set(self._analyzer.get_supported_entities("en"))
        if not model:
            known -= NEEDS_MODEL
        if wrong := [k for k in kinds if k != ALL and k not in known]:
            if wrong[0] in NEEDS_MODEL:
                raise ConfigError(
                    f"scrub: {wrong[0]} is told by a language model alone; name an installed spaCy model: "
                    "scrub_model=en_core_web_sm"
                )
            raise ConfigError(f"scrub: {unknown('kind', wrong[0], sorted({*known, ALL}))}")
        self.kinds = sorted(known - NOT_PERSONAL if ALL in kinds else set(kinds))

    def find(self, text: str) -> list[Finding]:
        """The personal data of a text in order, none over another; where kinds overlap, the surest names the whole."""
        results = sorted(self._results(text), key=lambda r: (r[0], -r[1]))
        merged: list[tuple[int, int, str, float]] = []
        for start, end, kind, score in results:
            if merged and start < merged[-1][1]:
                first, last, best, sureness = merged[-1]
                merged[-1] = (first, max(last, end), *((kind, score) if score > sureness else (best, sureness)))
            else:
                merged.append((start, end, kind, score))
        return [Finding(start, end, kind) for start, end, kind, _ in merged]

    def _results(self, text: str) -> Iterator[tuple[int, int, str, float]]:
        for begin in range(0, max(1, len(text)), WINDOW - OVERLAP):
            window = text[begin : begin + WINDOW]
            for r in self._analyzer.analyze(window, language="en", entities=self.kinds, score_threshold=SURENESS):
                yield begin + r.start, begin + r.end, r.entity_type, r.score


def _analyzer(model: str) -> Any:
    try:
        presidio, engines = import_module("presidio_analyzer"), import_module("presidio_analyzer.nlp_engine")
        spacy, domains = import_module("spacy"), import_module("tldextract")
    except ImportError as e:
        raise ConfigError(f"scrub: needs {e.name}: pip install 'simenv[privacy]'") from e
    try:
        pipeline = spacy.load(model) if model else spacy.blank("en")
    except (OSError, ValueError) as e:
        raise ConfigError(f"scrub_model: {model}: no installed spaCy model: {str(e).splitlines()[0]:.200}") from e
    # Presidio's engine would fetch a model, and its recognizer of mail addresses a list of domains.
    engine = engines.SpacyNlpEngine(models=[{"lang_code": "en", "model_name": model or "blank"}])
    engine.nlp = {"en": pipeline}
    domains.tldextract.TLD_EXTRACTOR = domains.TLDExtract(suffix_list_urls=(), cache_dir=None)
    registry = presidio.RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    return presidio.AnalyzerEngine(nlp_engine=engine, registry=registry, supported_languages=["en"])

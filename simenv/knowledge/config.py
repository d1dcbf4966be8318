"""Settings of what is added to a pool."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from simenv.network import Reach
from simenv.options import Options
from simenv.trust import DataName, WeightsName


class SetRef(Options):
    """A data set: a file or a folder of its files; `name` is one of the registry, which says licence and domain."""

    path: DataName
    name: str = ""
    licence: str = ""
    domain: str = ""


class Additions(Reach):
    """What is added to a pool."""

    documents: tuple[DataName, ...] = ()
    """files, or folders of files: txt, md, html, csv, tsv, json, jsonl, pdf, docx, pptx, xlsx"""
    topics: tuple[DataName, ...] = ()
    """keywords, sentences, or .txt and .md files with one topic a line"""
    sets: tuple[SetRef, ...] = ()
    """data sets: a path, or {path: …, name: a set of the registry, licence: …}; of a folder its training split is read"""
    size: int = Field(default=1200, ge=100, le=100_000)
    """most characters of one passage"""
    licence: str = ""
    """licence of the documents"""
    domain: str = ""
    """subject of the documents, such as medicine"""
    on_error: Literal["skip", "stop"] = "skip"
    """what happens where a file cannot be read: it is noted in rejected.jsonl, or the work ends there"""
    unlicensed: Literal["keep", "skip"] = "keep"
    """what happens to a data set without a licence"""
    scrub: tuple[str, ...] = ()
    """kinds of personal data that are taken out, such as EMAIL_ADDRESS and PHONE_NUMBER; `all` for every kind that is told"""
    scrub_model: WeightsName = ""
    """an installed spaCy model that tells names of persons and places; without one only patterns and checksums do"""
    readmit: tuple[str, ...] = ()
    """names or ids of withdrawn sources that may come back"""
    out: str = "pools/knowledge"
    """folder of the pool; what it holds already stays"""

    @field_validator("documents", "topics", "readmit", "scrub", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("sets", mode="before")
    @classmethod
    def _refs(cls, value: Any) -> Any:
        values = [value] if isinstance(value, str | dict) else value
        return [{"path": v} if isinstance(v, str) else v for v in values]

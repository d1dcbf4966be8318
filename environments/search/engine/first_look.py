"""What a glance at pages gives without understanding: a number, a title. Made-up questions have other answers."""

from __future__ import annotations

import re

from .searcher import Searcher

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def first_seen(searcher: Searcher, question: str) -> dict[str, str]:
    """Answers taken from the page that the question itself finds first, by name; {} where it finds none."""
    pages = searcher.search(question, 1)
    if not pages:
        return {}
    first, numbers = pages[0], NUMBER.findall(pages[0].text)
    return {"first title": first.title} | ({"first number": numbers[0], "last number": numbers[-1]} if numbers else {})

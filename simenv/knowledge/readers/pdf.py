"""PDF: a block for each page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from simenv.errors import Unreadable
from simenv.knowledge.readers.block import Block


def blocks(path: Path) -> Iterator[Block]:
    """The text of each page; Unreadable for a file that is encrypted, broken, or holds pictures of text alone."""
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(str(path), "encrypted; remove its password, for example with qpdf --decrypt")
        pages = [page.extract_text() for page in reader.pages]
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as e:
        raise Unreadable(str(path), f"damaged PDF ({type(e).__name__}: {e})"[:300]) from e
    if pages and not any(map(str.strip, pages)):
        raise Unreadable(str(path), f"no text on its {len(pages)} pages, as in a scan; recognise it first (OCR)")
    yield from (Block(text, page=number) for number, text in enumerate(pages, 1))

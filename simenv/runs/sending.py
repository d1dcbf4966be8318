"""What a folder's models have sent to which address: `sent.json`, written at the start of the work and at its end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from simenv.documents import object_file
from simenv.errors import StoreError
from simenv.files import write_whole
from simenv.models.outbox import Sent, together
from simenv.options import explain_validation
from simenv.types import Data

SENT = "sent.json"


class Sending(Data):
    """What was sent in all. `is_whole` is False while the work goes on, and where it was killed: it was at least this then."""

    sent: tuple[Sent, ...] = ()
    is_whole: bool = True


def sending(folder: Path) -> Sending | None:
    """What the models of a folder have sent; None where no model with an address worked in it. StoreError if it is damaged."""
    path = folder / SENT
    if not path.is_file():
        return None
    try:
        return Sending.model_validate(object_file(path))
    except ValidationError as e:
        raise StoreError(explain_validation(e, f"{path}: expected what was sent")) from e


class Ledger:
    """Adds what the models of this work send to what was sent before in the folder. Models without an address are left out."""

    def __init__(self, folder: Path, models: Iterable[object]) -> None:
        self._folder = folder
        self._models = [m for m in dict.fromkeys(models) if getattr(m, "sent", ())]
        before = sending(folder) if self._models else None
        self._before = before.sent if before else ()
        self._was_whole = before.is_whole if before else True
        self._write(is_whole=False)

    def close(self) -> None:
        """Write what was sent, before the models are let go."""
        self._write(is_whole=self._was_whole)

    def _write(self, *, is_whole: bool) -> None:
        if self._models:
            now = [entry for model in self._models for entry in model.sent]  # type: ignore[attr-defined]
            record = Sending(sent=tuple(together([*self._before, *now])), is_whole=is_whole)
            write_whole(self._folder / SENT, json.dumps(record.model_dump(mode="json"), indent=2) + "\n")

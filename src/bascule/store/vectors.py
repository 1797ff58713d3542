"""What embedding models make of CVs and jobs: a vector each, sealed, with the name of its model and of what it was made
from. Vectors of two models never meet: whoever asks names the model.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from . import statements as s
from .codec import stamp

if TYPE_CHECKING:
    from .tx import Tx


@dataclass(frozen=True, slots=True)
class KeptVector:
    """`of`: what it was made from (a file, a rubric); another has another name. `data`: little-endian 16-bit floats."""

    record: str
    of: str
    data: bytes


class Vectors:
    """`tx.vectors`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(self, workspace: str, family: str, model: str, kept: KeptVector, *, now: datetime) -> None:
        """Keep one, in the place of an older one of the same record and model. `family`: whose it is."""
        self._tx.run(
            s.VECTOR_PUT, workspace=workspace, family=family, record=kept.record, model=model, made_from=kept.of,
            updated=stamp(now), body=self._tx.vault.seal(workspace, family, kept.data),
        )  # fmt: skip

    def made(self, workspace: str, model: str, records: Collection[str]) -> dict[str, str]:
        """By record, what its vector of this model was made from."""
        found = self._tx.rows(s.VECTORS_MADE, workspace=workspace, model=model, records=records) if records else []
        return dict(found)

    def of(self, workspace: str, model: str, records: Collection[str]) -> dict[str, KeptVector]:
        """Those of this model, by record."""
        rows = self._tx.rows(s.VECTORS_OF, workspace=workspace, model=model, records=records) if records else []
        self._tx.vault.fetch([body for *_, body in rows])
        return {record: KeptVector(record, of, self._tx.vault.open(bytes(body))) for record, of, body in rows}

    def drop(self, records: Collection[str]) -> None:
        """These are somebody else's now: made again for them."""
        if records:
            self._tx.run(s.VECTORS_DROP, records=sorted(records))

    def keep_only(self, workspace: str, models: Collection[str]) -> int:
        """Forget those of all other models; how many."""
        return self._tx.run(s.VECTORS_KEEP_ONLY, workspace=workspace, models=sorted(models))

"""What CVs and providers know of candidates, each value with where it comes from and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..model import FoundValue, ReviewState
from . import statements as s
from .codec import dumps, loads, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Kept:
    """A value, and what became of it. `outcome` as it was looked at last; `review`: the proposal that it is, and
    `state` how that stands (None: there is none, or it went with the list of old ones)."""

    found: FoundValue
    family: str
    outcome: str
    review: str | None = None
    state: ReviewState | None = None


class FoundValues:
    """`tx.found`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(self, workspace: str, kept: Iterable[Kept]) -> None:
        """Keep these; the same value of the same source takes the place of what was known of it."""
        self._tx.many(s.FOUND_PUT, [self._row(workspace, one) for one in kept])

    def id_of(self, workspace: str, family: str, record: str, field: str, source: str, value: str) -> str:
        """The id of a value: the same value of the same source has the same, and it says nothing of the value."""
        return self._tx.vault.digest(workspace, family, f"{record}|{field}|{source}|{value}".encode())[:32]

    def of(self, records: Collection[str]) -> list[Kept]:
        """What is known of these candidates."""
        rows = self._tx.rows(s.FOUND_OF, records=sorted(records)) if records else []
        return self._kept(rows)

    def waiting(self, workspace: str, *, field: str = "", source: str = "", after: str = "", limit: int) -> list[Kept]:
        """Those that wait for a person, in the order of their ids."""
        rows = self._tx.rows(s.FOUND_WAITING, workspace=workspace, field=field, source=source, after=after, limit=limit)
        return self._kept(rows)

    def move(self, workspace: str, family: str, records: Collection[str]) -> None:
        """Those of records that are of another family now: sealed anew for it."""
        self.put(workspace, [replace(one, family=family) for one in self.of(records) if one.family != family])

    def _row(self, workspace: str, one: Kept) -> dict[str, Any]:
        found = one.found
        body = {
            "value": found.value, "confidence": found.confidence, "seen": found.seen, "reference": found.reference,
            "quote": found.quote,
        }  # fmt: skip
        return {
            "id": found.id, "workspace": workspace, "family": one.family, "record": found.record, "field": found.field,
            "source": found.source, "outcome": one.outcome, "review": one.review, "at": stamp(found.at),
            "body": self._tx.vault.seal(workspace, one.family, dumps(body).encode()),
        }  # fmt: skip

    def _kept(self, rows: Collection[Row]) -> list[Kept]:
        self._tx.vault.fetch([row[7] for row in rows])
        return [self._read(row) for row in rows]

    def _read(self, row: Row) -> Kept:
        id, record, field, source, outcome, review, at, sealed, state, family = row
        body = self._tx.vault.decoded(bytes(sealed), loads)
        found = FoundValue(
            id, record, field, str(body["value"]), source, float(body["confidence"]), str(body["seen"]), moment(at),
            str(body["reference"]), str(body["quote"]),
        )  # fmt: skip
        return Kept(found, family, outcome, review, ReviewState(state) if state else None)

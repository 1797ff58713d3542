"""What erasure does in the database: everything of a person goes, and a mark stays that says so to nobody else.

A tombstone is a keyed digest of an external id (or of the mark of a creation), under the workspace's key: who holds the
id can ask whether it was erased, and nobody can read a tombstone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..model import Kind
from . import statements as s
from .codec import stamp

if TYPE_CHECKING:
    from .tx import Tx

External = tuple[str, Kind, str]
"""(connection, kind, external id)"""
EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Erasure:
    """`tx.erasure`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    # ------------------------------------------------------------------------------------------------- tombstones

    def buried(self, workspace: str, names: Collection[str], *, since: datetime = EVER) -> set[str]:
        """Those of these names that have a tombstone, laid since then."""
        if not names or not self._tx.vault.has(workspace):
            return set()
        marks = {self._mark(workspace, name): name for name in names}
        found = self._tx.rows(s.TOMBSTONED, workspace=workspace, hashes=marks, since=stamp(since))
        return {marks[mark] for (mark,) in found}

    def bury(self, workspace: str, names: Iterable[str], *, now: datetime) -> None:
        """Lay tombstones."""
        at = stamp(now)
        rows = [{"workspace": workspace, "hash": self._mark(workspace, name), "at": at} for name in sorted(set(names))]
        self._tx.many(s.TOMBSTONE_ADD, rows)

    def _mark(self, workspace: str, name: str) -> str:
        return self._tx.vault.digest(workspace, None, b"tombstone" + name.encode())

    # --------------------------------------------------------------------------------------------------- forgetting

    def forget(self, workspace: str, family: str, *, now: datetime) -> Mapping[str, int]:
        """Remove everything kept of a family in every local place, its key last: how many of what. What stays is the
        family's id, in the state `erased`."""
        removed: dict[str, int] = {}

        def count(place: str, rows: int) -> None:
            removed[place] = removed.get(place, 0) + rows

        records = [id for (id,) in self._tx.rows(s.RECORD_IDS, family=family)]
        known = [tuple(row) for row in self._tx.rows(s.EXTERNALS_OF_FAMILY, family=family)]
        for place, sql in s.FORGET_EXTERNAL:
            count(place, self._tx.run(sql, known=known))
        for place, sql in s.FORGET_RECORDS:
            count(place, self._tx.run(sql, records=records))
        for place, sql in s.FORGET_FAMILY:
            count(place, self._tx.run(sql, family=family))
        count("files, texts and raw objects", self._tx.stored.forget(workspace, family))
        self._tx.run(s.FAMILY_ERASED, family=family, now=stamp(now), empty=b"")
        count("key", self._tx.vault.erase(workspace, family))
        return removed

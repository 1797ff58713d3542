"""What erasure does in the database: everything of a person goes, and a mark stays that says so to nobody else.

A tombstone is a keyed digest of an external id (or of the mark of a creation), under the workspace's key: who holds the
id can ask whether it was erased, and nobody can read a tombstone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import NotFoundError
from ..model import BASCULE, Family, Write, WriteState
from . import statements as s
from .codec import dumps, maybe_moment, moment, parsed, stamp
from .rows import write_row

if TYPE_CHECKING:
    from .tx import Row, Tx

END = "\U0010ffff"
BACKUPS = "backups expire"  # the setting that says when the last backup does
AGAIN = ("families", "marks")  # kept beside the certificate: what doing it again needs
FAILED = frozenset({WriteState.DEAD, WriteState.DISCARDED})
EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Erased:
    """An erasure that was asked for. `ended` and `certificate` are there once it is done."""

    id: str
    workspace: str
    family: str
    record: str
    begun: datetime
    actor_kind: str
    actor_id: str
    ended: datetime | None = None
    certificate: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """An erasure that is done, with all that its repetition needs: whose families, and their tombstones as kept."""

    erased: Erased
    families: Sequence[str]
    marks: Sequence[str]


def _erased(row: Row) -> Erased:
    id, workspace, family, record, begun, kind, actor, ended, body = row
    certificate = {name: told for name, told in parsed(body).items() if name not in AGAIN} if body else None
    return Erased(id, workspace, family, record, moment(begun), kind, actor, maybe_moment(ended), certificate)


def _ended(row: Row) -> Ended:
    body = parsed(row[-1])
    return Ended(_erased(row), tuple(body.get("families") or [row[2]]), tuple(body.get("marks", ())))


def _stripped(write: Write, now: datetime) -> Write:
    return replace(
        write, state=WriteState.DISCARDED, fields=frozenset(), why="", given_up="the person was erased", approved="",
        waits_for=(), actor=BASCULE, closed=write.closed or now,
    )  # fmt: skip


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

    def marks(self, workspace: str, names: Iterable[str]) -> set[str]:
        """The tombstones of these names, as they are kept."""
        return {self._mark(workspace, name) for name in names}

    def lay(self, workspace: str, marks: Iterable[str], *, now: datetime) -> None:
        """Lay tombstones given as they are kept (after a restore)."""
        rows = [{"workspace": workspace, "hash": mark, "at": stamp(now)} for mark in sorted(set(marks))]
        self._tx.many(s.TOMBSTONE_ADD, rows)

    def _mark(self, workspace: str, name: str) -> str:
        return self._tx.vault.digest(workspace, None, b"tombstone" + name.encode())

    # ------------------------------------------------------------------------------------------------- what was asked

    def start(self, erased: Erased) -> None:
        """Remember that an erasure has begun."""
        self._tx.run(
            s.ERASURE_START, id=erased.id, workspace=erased.workspace, family=erased.family, record=erased.record,
            actor_kind=erased.actor_kind, actor_id=erased.actor_id, begun=stamp(erased.begun),
        )  # fmt: skip

    def finish(
        self, id: str, certificate: Mapping[str, Any], *, families: Sequence[str], marks: Sequence[str], now: datetime
    ) -> None:
        """It is done: keep its certificate, and what doing it again needs."""
        body = {**certificate, "families": list(families), "marks": list(marks)}
        self._tx.run(s.ERASURE_FINISH, id=id, body=dumps(body), now=stamp(now))

    def ended(self, known: Collection[str]) -> list[Ended]:
        """Those that are done, but for these ids, the oldest first."""
        ids = [id for (id,) in self._tx.rows(s.ERASURES_ENDED) if id not in known]
        rows = [self._tx.row(s.ERASURE, id=id) for id in ids]
        return [_ended(row) for row in rows if row is not None]

    def known(self, id: str) -> bool:
        return self._tx.row(s.ERASURE, id=id) is not None

    def get(self, id: str) -> Erased:
        """NotFoundError if there was none of that id."""
        row = self._tx.row(s.ERASURE, id=id)
        if row is None:
            raise NotFoundError(f"There is no erasure {id}.", hint="See: bascule erasures")
        return _erased(row)

    def list(self, workspace: str, *, before: str = END, limit: int = 50) -> list[Erased]:
        """The newest first."""
        return [_erased(row) for row in self._tx.rows(s.ERASURES, workspace=workspace, before=before, limit=limit)]

    def externals(self, family: str) -> list[tuple[str, str, str]]:
        """(connection, kind, external id) of everything the family is, or was, linked to."""
        return [(c, k, e) for c, k, e in self._tx.rows(s.EXTERNALS_OF_FAMILY, family=family)]

    def backups_until(self, workspace: str) -> datetime | None:
        """When the last of the backups made here expires; None without any."""
        kept = self._tx.workspaces.setting(workspace, BACKUPS)
        return datetime.fromisoformat(str(kept)) if kept else None

    def keep_failures(self, before: Family, *, now: datetime) -> int:
        """What could not be written stays listed, as given up and without anything of the person: to be done after
        `forget`. How many there were."""
        seal = partial(self._seal, before.workspace)
        dead = [write for write in before.writes.values() if write.state in FAILED]
        rows = [write_row(seal, before, _stripped(write, now)) for write in dead]
        self._tx.many(s.WRITE_SET, rows)
        return len(rows)

    def _seal(self, workspace: str, text: str) -> bytes:
        return self._tx.vault.seal(workspace, None, text.encode())

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
        self._tx.tools.mark_erased(records)
        self._tx.model_calls.forget(family)
        self._tx.lookups.forget(family)
        count("events", self._tx.events.forget(family))
        for place, sql in s.FORGET_RECORDS:
            count(place, self._tx.run(sql, records=records))
        for place, sql in s.FORGET_FAMILY:
            count(place, self._tx.run(sql, family=family))
        count("vectors and words of the text", self._tx.indexed.forget(workspace, family, now=now))
        count("files, texts and raw objects", self._tx.stored.forget(workspace, family))
        self._tx.run(s.FAMILY_ERASED, family=family, now=stamp(now), empty=b"")
        count("key", self._tx.vault.erase(workspace, family))
        self._tx.after_commit(lambda: self._tx.shared.kept.drop(family))  # its rev has moved: nobody meets it again
        return removed

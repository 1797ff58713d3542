"""Parity runs: one walk through one list of a connection, what it compared, and every difference it found.

Ids, field names, causes and keyed digests only; no value. The ids that a run has met stand in a table while it goes on,
so that a list of any length needs no memory, and a run goes on where it was after a restart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import Kind, LinkState
from .codec import codec, maybe_moment, maybe_stamp, moment, stamp
from .sql import Sql

if TYPE_CHECKING:
    from .tx import Row, Tx

RUNS_KEPT = 30  # of one list: a month, where it is compared every day
KEPT_OF_A_CAUSE = 200  # differences on their way or decided that are kept one by one; all are counted

_COLUMNS = "id, workspace, connection, object, kind, began, ended, body"
_OPEN = Sql(f"""
    SELECT {_COLUMNS} FROM parity_runs WHERE connection = :connection AND object = :object AND ended IS NULL
    ORDER BY id DESC LIMIT 1""")
_RUN = Sql(f"SELECT {_COLUMNS} FROM parity_runs WHERE id = :id")
_RUNS = Sql(f"""
    SELECT {_COLUMNS} FROM parity_runs
    WHERE connection = :connection AND (:object = '' OR object = :object) ORDER BY id DESC LIMIT :n""")
_NEWEST = Sql(f"""
    SELECT {_COLUMNS} FROM parity_runs
    WHERE id IN (SELECT MAX(id) FROM parity_runs WHERE connection = :connection AND ended IS NOT NULL GROUP BY object)
    ORDER BY object""")
_BEGIN = Sql("""
    INSERT INTO parity_runs (id, workspace, connection, object, kind, began, ended, body)
    VALUES (:id, :workspace, :connection, :object, :kind, :began, :ended, :body)""")
_SET = Sql("UPDATE parity_runs SET ended = :ended, body = :body WHERE id = :id")
_ID_ADD = Sql("""
    INSERT INTO parity_ids (run, external, connection, kind) VALUES (:run, :external, :connection, :kind)
    ON CONFLICT DO NOTHING""")
_HELD = Sql("""
    SELECT l.external, l.family, l.record, l.state,
        EXISTS (SELECT 1 FROM parity_ids AS p WHERE p.run = :run AND p.external = l.external)
    FROM links AS l
    WHERE l.connection = :connection AND l.kind = :kind AND l.external > :after AND l.state IN ('live', 'unseen')
    ORDER BY l.external LIMIT :limit""")
_ADD = Sql("""
    INSERT INTO parity_differences (run, kind, external, field, connection, family, record, cause, state, seen, number)
    VALUES (:run, :kind, :external, :field, :connection, :family, :record, :cause, :state, :seen, :number)
    ON CONFLICT (run, kind, external, field) DO UPDATE SET cause = excluded.cause, state = excluded.state,
        seen = excluded.seen, number = excluded.number""")
_MOVE = Sql("""
    UPDATE parity_differences SET cause = :cause, state = :state
    WHERE run = :run AND kind = :kind AND external = :external AND field = :field""")
_IN_STATE = Sql("""
    SELECT kind, external, field, family, record, cause, state, seen, number FROM parity_differences
    WHERE run = :run AND state = :state AND (kind, external, field) > (:kind, :external, :field)
    ORDER BY kind, external, field LIMIT :limit""")
_FOUND = Sql("""
    SELECT kind, external, field, family, record, cause, state, seen, number FROM parity_differences WHERE run = :run
    ORDER BY CASE state WHEN 'left' THEN 0 WHEN 'open' THEN 1 WHEN 'reading' THEN 2 WHEN 'healed' THEN 3 ELSE 4 END,
        kind, external, field LIMIT :limit""")
_RECAUSE = Sql("""
    UPDATE parity_differences SET cause = :after
    WHERE run = :run AND cause = :before AND state IN ('open', 'reading', 'healed', 'left')""")
_OBJECTS = Sql("""
    SELECT DISTINCT kind, external FROM parity_differences
    WHERE run = :run AND cause = :cause AND state IN ('open', 'reading', 'healed', 'left')""")
_IDS_DROP = Sql("DELETE FROM parity_ids WHERE run = :run")
_DIGESTS_DROP = Sql("UPDATE parity_differences SET seen = '' WHERE run = :run")
_OLD = Sql("""
    SELECT id FROM parity_runs WHERE connection = :connection AND object = :object ORDER BY id DESC LIMIT 1000""")
_DROP = tuple(
    Sql(text)
    for text in (
        "DELETE FROM parity_differences WHERE run IN :runs!int",
        "DELETE FROM parity_ids WHERE run IN :runs!int",
        "DELETE FROM parity_runs WHERE id IN :runs!int",
    )
)


@dataclass(frozen=True, slots=True)
class Run:
    """One comparison of one list (`object`). `theirs` objects were shown, `ours` are held here and expected in it;
    `their_digest` and `our_digest` are over their ids and mapped fields, 32 hexadecimal digits, equal at parity.

    `counts`: differences by cause. `passed` of them had arrived by themselves a moment later, `healed` were gone after
    their objects had been read again, `left` are still there. While it goes on: `state` is "reading", "holding",
    "waiting" (until `until`), "healing"; then "done", or "failed" with `error`. `place` is where it stands."""

    id: int
    workspace: str
    connection: str
    object: str
    kind: Kind
    began: datetime
    ended: datetime | None = None
    state: str = "reading"
    place: str = ""
    until: datetime | None = None
    number: int = 0
    pages: int = 0
    theirs: int = 0
    ours: int = 0
    their_digest: str = "0"
    our_digest: str = "0"
    counts: Mapping[str, int] = field(default_factory=lambda: dict[str, int]())
    passed: int = 0
    healed: int = 0
    left: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One difference; `field` is empty where it is the object itself. `state`: "told" (on its way or decided), "open",
    "reading" (again), "passed", "healed" or "left". `seen` is a keyed digest of what was shown (of an object that
    nobody knows: the id of the root that it is read with), `number` that of the read behind it."""

    kind: Kind
    external: str
    field: str
    family: str
    record: str
    cause: str
    state: str
    seen: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """One object that we hold as there, and whether a run has met it."""

    external: str
    family: str
    record: str
    state: LinkState
    met: bool


_BODY = codec(Run, ("id", "workspace", "connection", "object", "kind", "began", "ended"))


class Parities:
    """`tx.parity`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    # ----------------------------------------------------------------------------------------------------------- runs

    def begin(self, run: Run) -> None:
        self._tx.run(_BEGIN, **_row(run))

    def set(self, run: Run) -> None:
        self._tx.run(_SET, id=run.id, ended=maybe_stamp(run.ended), body=_BODY.text(run))

    def open(self, connection: str, object: str) -> Run | None:
        """The one that goes on, if any."""
        row = self._tx.row(_OPEN, connection=connection, object=object)
        return None if row is None else _run(row)

    def list(self, connection: str, object: str = "", *, limit: int = 50) -> list[Run]:
        """The newest first, also one that goes on."""
        return [_run(row) for row in self._tx.rows(_RUNS, connection=connection, object=object, n=limit)]

    def newest(self, connection: str) -> list[Run]:
        """The newest of each list that has ended, by list."""
        return [_run(row) for row in self._tx.rows(_NEWEST, connection=connection)]

    def end(self, run: Run) -> None:
        """It is over: what it needed only while it went on goes, and so do runs that are too old."""
        self.set(run)
        self._tx.run(_IDS_DROP, run=run.id)
        self._tx.run(_DIGESTS_DROP, run=run.id)
        old = [id for (id,) in self._tx.rows(_OLD, connection=run.connection, object=run.object)][RUNS_KEPT:]
        if old:
            for sql in _DROP:
                self._tx.run(sql, runs=old)

    # ------------------------------------------------------------------------------------------------------------ ids

    def met(self, run: Run, externals: Iterable[str]) -> None:
        """The list has shown these."""
        rows = [
            {"run": run.id, "external": one, "connection": run.connection, "kind": run.kind} for one in set(externals)
        ]
        self._tx.many(_ID_ADD, rows)

    def held(self, run: Run, after: str, limit: int) -> list[Held]:
        """Up to `limit` objects that we hold, behind `after`; fewer: that was the end."""
        rows = self._tx.rows(_HELD, run=run.id, connection=run.connection, kind=run.kind, after=after, limit=limit)
        return [
            Held(external, family, record, LinkState(state), bool(met)) for external, family, record, state, met in rows
        ]

    # ---------------------------------------------------------------------------------------------------- differences

    def add(self, run: Run, found: Sequence[Found]) -> None:
        rows = [
            {
                "run": run.id, "kind": one.kind, "external": one.external, "field": one.field,
                "connection": run.connection, "family": one.family, "record": one.record, "cause": one.cause,
                "state": one.state, "seen": one.seen, "number": one.number,
            }
            for one in found
        ]  # fmt: skip
        self._tx.many(_ADD, rows)

    def move(self, run: Run, found: Sequence[Found]) -> None:
        """Their cause and state as given."""
        rows = [
            {
                "run": run.id, "kind": one.kind, "external": one.external, "field": one.field, "cause": one.cause,
                "state": one.state,
            }
            for one in found
        ]  # fmt: skip
        self._tx.many(_MOVE, rows)

    def in_state(self, run: Run, state: str, after: Found | None, limit: int) -> list[Found]:
        """Up to `limit` of these, behind `after`, in a fixed order."""
        kind, external, name = (after.kind, after.external, after.field) if after is not None else ("", "", "")
        rows = self._tx.rows(
            _IN_STATE, run=run.id, state=state, kind=str(kind), external=external, field=name, limit=limit
        )
        return [_found(row) for row in rows]

    def found(self, run: Run, *, limit: int) -> list[Found]:
        """What is left first, then what was healed, then the rest."""
        return [_found(row) for row in self._tx.rows(_FOUND, run=run.id, limit=limit)]

    def objects(self, run: Run, cause: str) -> list[tuple[Kind, str]]:
        """The objects that differ, unexplained, for this cause."""
        return sorted((Kind(kind), external) for kind, external in self._tx.rows(_OBJECTS, run=run.id, cause=cause))

    def recause(self, run: Run, before: str, after: str) -> None:
        """What was unexplained for one cause has another."""
        self._tx.run(_RECAUSE, run=run.id, before=before, after=after)


def _row(run: Run) -> dict[str, object]:
    return {
        "id": run.id, "workspace": run.workspace, "connection": run.connection, "object": run.object,
        "kind": run.kind, "began": stamp(run.began), "ended": maybe_stamp(run.ended), "body": _BODY.text(run),
    }  # fmt: skip


def _run(row: Row) -> Run:
    id, workspace, connection, object, kind, began, ended, body = row
    return _BODY.read(
        body, id=id, workspace=workspace, connection=connection, object=object, kind=Kind(kind), began=moment(began),
        ended=maybe_moment(ended),
    )  # fmt: skip


def _found(row: Row) -> Found:
    kind, external, name, family, record, cause, state, seen, number = row
    return Found(Kind(kind), external, name, family, record, cause, state, seen, number)

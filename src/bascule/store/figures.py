"""The way of applications through the stages, kept in the commit that moves them, and what figures are counted from.

No name and no value of anybody stands in it. A passage is one stay of one application in one stage; its times are when
Bascule saw the moves. Of one that was there when the application was met, `entered` is when the application was made;
`until` is None while it stands there, or where nobody saw it end. What was before, the system's own history of stages
may tell: such passages are `told`, and stand before those that were seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..model import Family, Kind, Record, Status
from . import statements as s
from .codec import maybe_moment, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Kept:
    """Columns that are kept: when they were read off, from what, and of how many applications."""

    at: datetime
    mark: str
    many: int


_TURNED_DOWN = {str(Status.REJECTED), str(Status.WITHDRAWN)}


@dataclass(frozen=True, slots=True)
class Untold:
    """The passage in which an application was met, of whose way there nothing is known. `made`: when it was; `ended`:
    the status in which it ended there; `moved`: when it was first seen to move, and `next` into which stage."""

    id: int
    application: str
    family: str
    job: str | None
    stage: str
    made: datetime
    ended: str
    external: str
    moved: datetime | None
    next: str


class Figures:
    """`tx.figures`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    # ------------------------------------------------------------------------------------------------- following

    def follow(self, family: Family, applications: Sequence[Record], before: Mapping[str, Record]) -> None:
        """Keep how these applications have moved since they were as in `before`."""
        met = [one for one in applications if one.id not in before]
        self._tx.many(s.PASSAGE_FIRST, [_first(family, one) for one in met])
        self._tx.many(s.PASSAGE_HOME, [{"family": family.id, "application": one.id} for one in met])
        for one in applications:
            if one.id in before:
                self._moved(family, before[one.id], one)

    def _moved(self, family: Family, old: Record, new: Record) -> None:
        stage, was = _stage(new), _status(old)
        status = _status(new)
        if (stage, status) == (_stage(old), was):
            return
        if self._told_more(old, new):
            return
        left = stamp(_when(new, "stage" if stage != _stage(old) else "status"))
        closed = stamp(_when(new, "status")) if status else 0
        if stage == _stage(old) and status and not was:  # it ended where it stands
            self._end(new.id, closed, status)
            return
        self._end(new.id, left, "")
        until = max(left, closed) if status else None
        self.add(family.workspace, family.id, [(new.id, _job(new), stage, left, until, status, False)])

    def _told_more(self, old: Record, new: Record) -> bool:
        """Whether this is no move, but what was not known yet: where it stood when it was met, or that somebody had
        withdrawn and was not rejected."""
        stage, status, was = _stage(new), _status(new), _status(old)
        if stage and not _stage(old) and status == was and _job(old) == _job(new) is not None:
            return self._tx.run(s.PASSAGE_STAGE, application=new.id, stage=stage) > 0
        if stage == _stage(old) and {status, was} == _TURNED_DOWN:
            return self._tx.run(s.PASSAGE_ENDED_AS, application=new.id, status=status) > 0
        return False

    def _end(self, application: str, at: int, ended: str) -> None:
        self._tx.run(s.PASSAGE_END, application=application, at=at, ended=ended)

    def add(
        self, workspace: str, family: str,
        passages: Iterable[tuple[str, str | None, str, int, int | None, str, bool]],
    ) -> None:  # fmt: skip
        """Keep passages: (application, job, stage, entered, until, ended, met)."""
        names = ("application", "job", "stage", "entered", "until", "ended", "met")
        rows = [dict(zip(names, one, strict=True), workspace=workspace, family=family) for one in passages]
        self._tx.many(s.PASSAGE_ADD, rows)

    def move(self, family: str, applications: Collection[str]) -> None:
        """They are another person's now."""
        self._tx.many(s.PASSAGE_HOME, [{"family": family, "application": one} for one in sorted(applications)])

    # ------------------------------------------------------------------------------------------ what was before

    def untold(
        self, workspace: str, connection: str, *, since: datetime, after: int, top: int, limit: int
    ) -> list[Untold]:
        """Where applications of a connection were met that were made since then, in the order in which they were."""
        rows = self._tx.rows(
            s.PASSAGES_UNTOLD, workspace=workspace, connection=connection, since=stamp(since), after=after, top=top,
            limit=limit,
        )  # fmt: skip
        return [_untold(row) for row in rows]

    def untold_of(
        self, workspace: str, connection: str, externals: Collection[str], *, since: datetime
    ) -> list[Untold]:
        """The same of these applications."""
        if not externals:
            return []
        rows = self._tx.rows(
            s.PASSAGES_UNTOLD_OF, workspace=workspace, connection=connection, since=stamp(since),
            wanted=[(str(Kind.APPLICATION), one) for one in sorted(externals)],
        )  # fmt: skip
        return [_untold(row) for row in rows]

    def newest_passage(self) -> int:
        """The number of the newest passage; 0 where there is none."""
        row = self._tx.row(s.PASSAGE_NEWEST)
        return int(row[0] or 0) if row is not None else 0

    def tell(self, one: Untold, stays: Sequence[tuple[str | None, str, datetime, datetime | None, str]]) -> bool:
        """Keep the way to where an application was met, as its system tells it: (job, stage, entered, until, ended),
        the last of them where it was met. False where it is known by now."""
        rows: list[dict[str, Any]] = []
        for job, stage, entered, until, ended in stays:  # what came at one moment keeps its order by a microsecond
            came = max(stamp(entered), rows[-1]["entered"] + 1 if rows else 0)
            left = None if until is None else max(stamp(until), came)
            rows.append({"id": one.id, "job": job, "stage": stage, "entered": came, "until": left, "ended": ended})
        if not self._tx.run(s.PASSAGE_TOLD, **rows[-1]):
            return False
        self._tx.many(s.PASSAGE_TELL, rows[:-1])
        return True

    # ---------------------------------------------------------------------------------------------------- reading

    def applications(self, workspace: str) -> list[Row]:
        """(application, job, stage, status, applied, first scored, connection, decision, decided, score then, version
        of the rubric then, first write to it or its person confirmed after the score). Times as stamps."""
        return self._tx.rows(s.FIGURES_APPLICATIONS, workspace=workspace)

    def passages(self, workspace: str) -> list[Row]:
        """(application, job, stage, entered, until, ended, met, told), those of an application together, in order."""
        return self._tx.rows(s.PASSAGES, workspace=workspace)

    def screenings(self, workspace: str) -> list[Row]:
        """(job, connection, invited, completed, opted out)."""
        return self._tx.rows(s.FIGURES_SCREENINGS, workspace=workspace)

    def messages(self, workspace: str) -> list[Row]:
        """(job, connection, template, sender, sent, first answered) of what was sent and did not bounce."""
        return self._tx.rows(s.FIGURES_MESSAGES, workspace=workspace)

    def mark(self, workspace: str) -> str:
        """What columns would be made of now: the same as long as nothing has changed that they tell of."""
        row = self._tx.row(s.FIGURES_MARK, workspace=workspace) or ()
        return "|".join(str(one or 0) for one in row)

    def jobs_naming(self, workspace: str, people: Collection[str]) -> set[str]:
        """The jobs on whose team one of these users of an ATS is named."""
        if not people:
            return set()
        return {job for (job,) in self._tx.rows(s.JOBS_NAMING, workspace=workspace, people=sorted(people))}

    # ---------------------------------------------------------------------------------------------------- keeping

    def kept(self, workspace: str) -> Kept | None:
        row = self._tx.row(s.FIGURES_KEPT, workspace=workspace)
        return None if row is None else Kept(moment(row[0]), row[1], int(row[2]))

    def body(self, workspace: str) -> bytes:
        """The columns that are kept; empty where none are."""
        row = self._tx.row(s.FIGURES_BODY, workspace=workspace)
        return b"" if row is None else self._tx.vault.open(bytes(row[0]))

    def keep(self, workspace: str, kept: Kept, body: bytes) -> None:
        sealed = self._tx.vault.seal(workspace, None, body)
        self._tx.run(s.FIGURES_SET, workspace=workspace, at=stamp(kept.at), mark=kept.mark, many=kept.many, body=sealed)


def _untold(row: Row) -> Untold:
    id, application, family, job, stage, entered, ended, external, moved, following = row
    return Untold(
        id, application, family, job, stage, moment(entered), ended, external, maybe_moment(moved), following or ""
    )


def _first(family: Family, one: Record) -> dict[str, Any]:
    from .listing import time_of

    entered = stamp(time_of(one.fields.get("applied_at")) or one.born)
    return {
        "workspace": family.workspace, "family": family.id, "application": one.id, "job": _job(one),
        "stage": _stage(one), "entered": entered, "ended": _status(one),
    }  # fmt: skip


def _job(one: Record) -> str | None:
    job = one.fields.get("job")
    return job if isinstance(job, str) and job else None


def _stage(one: Record) -> str:
    stage = one.fields.get("stage")
    return stage if isinstance(stage, str) else ""


def _status(one: Record) -> str:
    """The status in which it has ended; "" while it has not."""
    status = str(one.fields.get("status") or Status.ACTIVE)
    return "" if status == Status.ACTIVE else status


def _when(one: Record, name: str) -> datetime:
    source = one.sources.get(name)
    return source.at if source is not None else one.born

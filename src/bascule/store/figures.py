"""The way of applications through the stages, kept in the commit that moves them, and what figures are counted from.

No name and no value of anybody stands in it. A passage is one stay of one application in one stage; its times are when
Bascule saw the moves. Of one that was there when the application was met, `entered` is when the application was made;
`until` is None while it stands there, or where nobody saw it end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..model import Family, Record, Status
from . import statements as s
from .codec import moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Kept:
    """Columns that are kept: when they were read off, from what, and of how many applications."""

    at: datetime
    mark: str
    many: int


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
        left = stamp(_when(new, "stage" if stage != _stage(old) else "status"))
        closed = stamp(_when(new, "status")) if status else 0
        if stage == _stage(old) and status and not was:  # it ended where it stands
            self._end(new.id, closed, status)
            return
        self._end(new.id, left, "")
        until = max(left, closed) if status else None
        self.add(family.workspace, family.id, [(new.id, _job(new), stage, left, until, status, False)])

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

    # ---------------------------------------------------------------------------------------------------- reading

    def applications(self, workspace: str) -> list[Row]:
        """(application, job, stage, status, applied, first scored, connection, decision, decided, score then, version
        of the rubric then, first write to it or its person confirmed after the score). Times as stamps."""
        return self._tx.rows(s.FIGURES_APPLICATIONS, workspace=workspace)

    def passages(self, workspace: str) -> list[Row]:
        """(application, job, stage, entered, until, ended, met), those of an application together, in order."""
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

"""Shortlists: people of a job that one person is shown by a link, and what they say of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import EMPTY, Fields
from . import statements as s
from .codec import dumps, loads, maybe_moment, maybe_stamp, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Shortlist:
    """`said`: for whom it is, who made it and how it is shown, sealed for the workspace. `code`: digest of the code
    that opens it besides, "" for none; `wrong`: how often a wrong one was tried."""

    id: str
    workspace: str
    job: str
    issue: int
    created: datetime
    expires: datetime
    revoked: datetime | None = None
    opened: datetime | None = None
    code: str = ""
    wrong: int = 0
    said: Fields = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Shortlisted:
    """Somebody on it, and what was said of them. `stage`: where they stood when they were put on it."""

    shortlist: str
    application: str
    workspace: str
    family: str
    place: int
    stage: str
    answer: str = ""
    answered: datetime | None = None
    said: Fields = field(default_factory=lambda: EMPTY)


class Shortlists:
    """`tx.shortlists`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def set(self, one: Shortlist) -> None:
        self._tx.run(
            s.SHORTLIST_SET, id=one.id, workspace=one.workspace, job=one.job, issue=one.issue,
            created=stamp(one.created), expires=stamp(one.expires), revoked=maybe_stamp(one.revoked),
            opened=maybe_stamp(one.opened), code=one.code, wrong=one.wrong,
            body=self._tx.vault.seal(one.workspace, None, dumps(one.said).encode()),
        )  # fmt: skip

    def get(self, id: str, *, hold: bool = False) -> Shortlist | None:
        """`hold`: nobody else changes it until this commit."""
        row = self._tx.row(s.SHORTLIST_HELD if hold else s.SHORTLIST, id=id)
        return None if row is None else self._list(row)

    def list(self, workspace: str, job: str = "", *, limit: int = 200) -> list[Shortlist]:
        """The newest first; of one job, or of all."""
        return [self._list(row) for row in self._tx.rows(s.SHORTLISTS, workspace=workspace, job=job, limit=limit)]

    def put(self, one: Shortlisted) -> None:
        self._tx.run(
            s.SHORTLISTED_SET, shortlist=one.shortlist, application=one.application, workspace=one.workspace,
            family=one.family, place=one.place, stage=one.stage, answer=one.answer,
            answered=maybe_stamp(one.answered),
            body=self._tx.vault.seal(one.workspace, one.family, dumps(one.said).encode()),
        )  # fmt: skip

    def people(self, shortlist: str) -> list[Shortlisted]:
        """In their order."""
        return self._people(self._tx.rows(s.SHORTLISTED, shortlist=shortlist))

    def of(self, applications: Collection[str]) -> list[Shortlisted]:
        """Every place of these applications on any list, the oldest list first."""
        return self._people(self._tx.rows(s.SHORTLISTED_OF, applications=sorted(applications)) if applications else [])

    def answers(self, workspace: str, job: str = "") -> list[tuple[str, str, str, datetime]]:
        """(application, job, answer, when) of everybody who was answered about, the oldest first; of one job, or of
        all."""
        rows = self._tx.rows(s.SHORTLIST_ANSWERS, workspace=workspace, job=job)
        return [(application, of, answer, moment(at)) for application, of, answer, at in rows]

    def move(self, workspace: str, family: str, applications: Collection[str]) -> None:
        """Keep them for another person, whose applications these are now."""
        for one in self.of(applications):
            self.put(replace(one, workspace=workspace, family=family))

    def _list(self, row: Row) -> Shortlist:
        id, workspace, job, issue, created, expires, revoked, opened, code, wrong, body = row
        return Shortlist(
            id, workspace, job, issue, moment(created), moment(expires), maybe_moment(revoked), maybe_moment(opened),
            code, wrong, self._tx.vault.decoded(body, loads),
        )  # fmt: skip

    def _people(self, rows: list[Row]) -> list[Shortlisted]:
        self._tx.vault.fetch([row[-1] for row in rows])
        found: list[Shortlisted] = []
        for shortlist, application, workspace, family, place, stage, answer, answered, body in rows:
            said = self._tx.vault.decoded(body, loads)
            at = maybe_moment(answered)
            found.append(Shortlisted(shortlist, application, workspace, family, place, stage, answer, at, said))
        return found

"""Shortlists: people of a job that one person is shown by a signed link, and what that person says of each."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.hiring import links
from bascule.hiring.links import Purpose
from bascule.hiring.manager_answers import MAKER
from bascule.hiring.rubrics import job_of
from bascule.model import Actor, Family, FamilyState, Fields, Kind, Record, RecordState, Status
from bascule.store import Tx
from bascule.store.shortlists import Shortlist, Shortlisted

from .desk import Desk

MOST, DAYS, MOST_DAYS = 50, 14, 90
WRONG = 5  # codes tried in vain, after which the link needs a new one
USED = "used"  # instead of a code's digest: it has opened the list for one browser, and opens no other


@dataclass(frozen=True, slots=True)
class Wanted:
    """For whom a list is, and how it is shown. `people`: applications; else the `top` of the job by score."""

    name: str
    email: str = ""
    people: Sequence[str] = ()
    top: int = 0
    days: int = DAYS
    redacted: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A list with its link; `code` is shown this once, "" where none is needed."""

    shortlist: Shortlist
    link: str
    code: str = ""


class Shortlists:
    """`app.shortlists`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def make(self, job: str, wanted: Wanted, actor: Actor) -> Made:
        """A list and its link. Nothing is sent. InputError says what is missing, NotFoundError where there is no such
        job."""
        name = " ".join(wanted.name.split())[:120]
        if not name:
            raise InputError("For whom is the list?", hint="Give the hiring manager's name.")
        if wanted.email and "@" not in wanted.email:
            raise InputError(f"{wanted.email!r} is no e-mail address.")
        if not 1 <= wanted.days <= MOST_DAYS:
            raise InputError(f"A link works for 1 to {MOST_DAYS} days, not {wanted.days}.")
        if not wanted.people and not 1 <= wanted.top <= MOST:
            raise InputError(f"Choose people, or how many of the best: 1 to {MOST}.")

        def unit(tx: Tx) -> Made:
            desk, now = self._desk, self._desk.now()
            record = job_of(tx, desk.workspace, job)
            people = self._people(tx, record, wanted)
            said: Fields = {
                "name": name, "email": wanted.email.strip(), "redacted": wanted.redacted, "by": actor.name,
                "title": str(record.fields.get("title") or ""), MAKER: actor.id,
            }  # fmt: skip
            until = now + timedelta(days=wanted.days)
            one = Shortlist(desk.id(), desk.workspace, record.id, 1, now, until, said=said)
            one, code = self._coded(tx, one) if wanted.code else (one, "")
            tx.shortlists.set(one)
            for place, each in enumerate(people, start=1):
                stage = str(each.fields.get("stage") or "")
                tx.shortlists.put(Shortlisted(one.id, each.id, desk.workspace, each.family, place, stage))
            detail: Fields = {"shortlist": one.id, "people": len(people), "redacted": wanted.redacted}
            self._note(tx, one, "shortlist made", actor, detail)
            return Made(one, self.link(tx, one), code)

        return await self._desk.store.write(unit)

    def _people(self, tx: Tx, job: Record, wanted: Wanted) -> list[Record]:
        ids = list(dict.fromkeys(wanted.people))[:MOST]
        if not ids:
            rows = tx.pages.ranked(job.id, limit=500, named=False)
            best = [one for one in rows if one.score is not None and one.status == Status.ACTIVE]
            ids = [one.application for one in best[: wanted.top]]
        known = tx.families.records(job.workspace, ids)
        found = [known[id] for id in ids if id in known and known[id].fields.get("job") == job.id]
        found = [one for one in found if one.kind is Kind.APPLICATION and is_open(one)]
        if not found:
            raise InputError("Nobody can be put on the list.", hint="Choose open applications of this job.")
        return found

    async def renew(self, id: str, actor: Actor, *, days: int = DAYS, code: bool | None = None) -> Made:
        """A new link, and the old one ends; `code`: with a new code, or without one, else as before."""

        def unit(tx: Tx) -> Made:
            one = self._held(tx, id)
            until = self._desk.now() + timedelta(days=days)
            with_code = bool(one.code) if code is None else code
            one = replace(one, issue=one.issue + 1, expires=until, revoked=None, code="", wrong=0)
            one, made = self._coded(tx, one) if with_code else (one, "")
            tx.shortlists.set(one)
            self._note(tx, one, "shortlist link made anew", actor, {"shortlist": id})
            return Made(one, self.link(tx, one), made)

        return await self._desk.store.write(unit)

    async def revoke(self, id: str, actor: Actor) -> None:
        """End its link at once."""

        def unit(tx: Tx) -> None:
            one = self._held(tx, id)
            if one.revoked is not None:
                raise ConflictError("The link has ended already.")
            tx.shortlists.set(replace(one, revoked=self._desk.now(), issue=one.issue + 1))
            self._note(tx, one, "shortlist revoked", actor, {"shortlist": id})

        await self._desk.store.write(unit)

    async def of(self, job: str) -> list[dict[str, Any]]:
        """The lists of a job, the newest first, with what was said. NotFoundError where there is no such job."""

        def read(tx: Tx) -> list[dict[str, Any]]:
            record = job_of(tx, self._desk.workspace, job)
            return [self.as_data(tx, one) for one in tx.shortlists.list(record.workspace, record.id)]

        return await self._desk.store.read(read)

    def as_data(self, tx: Tx, one: Shortlist) -> dict[str, Any]:
        """As programs are told of it."""
        people = tx.shortlists.people(one.id)
        families = tx.families.families({each.family for each in people})
        return {
            "id": one.id, "job": one.job, "name": one.said["name"], "email": one.said["email"],
            "by": one.said["by"], "redacted": bool(one.said["redacted"]), "created": one.created,
            "expires": one.expires, "revoked": one.revoked, "opened": one.opened, "link": self.link(tx, one),
            "code": bool(one.code), "locked": one.wrong >= WRONG,
            "people": [
                {
                    "application": each.application, "answer": each.answer,
                    "comment": str(each.said.get("comment") or ""), "answered": each.answered,
                    "candidate": _parent(families.get(each.family), each.application),
                    "listed": listed(families.get(each.family), each) is not None,
                }
                for each in people
            ],
        }  # fmt: skip

    def link(self, tx: Tx, one: Shortlist) -> str:
        """The address of the list, "" where its link has ended."""
        if one.revoked is not None or one.expires <= self._desk.now():
            return ""
        key = tx.vault.derived(one.workspace, b"links")
        secret = links.token(key, Purpose.SHORTLIST, one.id, one.issue)
        return f"{self._desk.settings.address}/{Purpose.SHORTLIST}/{secret}"

    def _coded(self, tx: Tx, one: Shortlist) -> tuple[Shortlist, str]:
        code = f"{secrets.randbelow(10**8):08d}"
        return replace(one, code=code_digest(tx, one, code), wrong=0), code

    def _held(self, tx: Tx, id: str) -> Shortlist:
        one = tx.shortlists.get(id, hold=True)
        if one is None or one.workspace != self._desk.workspace:
            raise NotFoundError("There is no such shortlist.")
        return one

    def _note(self, tx: Tx, one: Shortlist, action: str, actor: Actor, detail: Fields) -> None:
        family = tx.families.record_family(one.job)
        tx.audit.record(
            workspace=one.workspace, at=self._desk.now(), action=action, actor=actor, family=family, record=one.job,
            detail=detail,
        )  # fmt: skip


def code_digest(tx: Tx, one: Shortlist, code: str) -> str:
    """What is kept of a code."""
    return tx.vault.digest(one.workspace, None, f"code|{one.id}|{one.issue}|{code}".encode())


def listed(family: Family | None, one: Shortlisted) -> Record | None:
    """Somebody's application, while they are on the list: not once they are erased, withdrawn, rejected or moved."""
    if family is None or family.state is not FamilyState.LIVE:
        return None
    record = family.records.get(one.application)
    if record is None or not is_open(record) or str(record.fields.get("stage") or "") != one.stage:
        return None
    return record


def is_open(record: Record) -> bool:
    return record.state is RecordState.LIVE and record.fields.get("status") in (None, Status.ACTIVE)


def _parent(family: Family | None, application: str) -> str:
    records: Mapping[str, Record] = family.records if family is not None else {}
    return (records[application].parent or "") if application in records else ""

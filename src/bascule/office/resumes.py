"""A candidate's CV as data."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from bascule.errors import InputError, NotFoundError
from bascule.hiring.rubrics import SCORE, job_of
from bascule.hiring.unread import unreadable, unscored
from bascule.match import InterruptedReadError, Matcher, ResumeReader
from bascule.match.resume import Resume
from bascule.model import Actor, FamilyState, Kind, RecordState
from bascule.store import Tx

from .desk import Desk


def read_file(data: bytes, name: str, as_of: date) -> dict[str, Any]:
    """A file's CV as data, without an installation. InputError says why a file cannot be read, and what to do."""
    reader = ResumeReader()
    try:
        reading = reader.read_now(data, name)
    except InterruptedReadError as error:
        reading = error.reading
    finally:
        reader.stop()
    if reading.status != "read":
        raise InputError(f"{name}: {reading.reason}")
    found = asdict(Matcher().resume(reading.text, as_of))
    flags = [asdict(flag) for flag in reading.flags]
    return {**found, "pages": reading.pages, "sureness": reading.sureness, "flags": flags}


class ResumeDesk:
    """`app.resume_desk`."""

    def __init__(self, desk: Desk, matcher: Callable[[], Matcher]) -> None:
        self._desk = desk
        self._matcher = matcher

    async def told(self, candidate: str, actor: Actor) -> dict[str, Any]:
        """The newest CV that has been read, as data; who looked is an audit entry. NotFoundError where there is no such
        candidate, or no CV of theirs was read."""
        file, _, found = await self.read(candidate, actor)
        return {"candidate": candidate, "file": file, **asdict(found)}

    async def read(self, candidate: str, actor: Actor) -> tuple[str, str, Resume]:
        """The same: the file's record, its text, and what it says."""

        def load(tx: Tx) -> tuple[str, str, str]:
            record = tx.families.records(self._desk.workspace, [candidate]).get(candidate)
            if record is None or record.kind is not Kind.CANDIDATE:
                raise NotFoundError("There is no such candidate.", hint="Search by name under Candidates.")
            family = tx.families.family(record.family)
            files = [
                one
                for one in family.records.values()
                if one.kind is Kind.ATTACHMENT and one.state is RecordState.LIVE and family.state is FamilyState.LIVE
            ]
            newest = sorted(files, key=lambda one: (str(one.fields.get("created_at") or ""), one.id), reverse=True)
            for one in newest:
                address = tx.stored.of(one.id, "text")
                text = tx.stored.get(address) if address else None
                if text:
                    return record.family, one.id, text.decode()
            raise NotFoundError(
                "No CV of this candidate has been read.", hint="It is read when an application of theirs is scored."
            )

        family, file, text = await self._desk.store.read(load)
        found = await asyncio.to_thread(self._matcher().resume, text, self._desk.now().date())
        await self._desk.note(actor, "resume read", family=family, record=candidate)
        return file, text, found

    async def read_again(self, job: str, actor: Actor) -> int:
        """Have the CVs of a job's open applications read once more that could not be read; how many. NotFoundError
        where there is no such job."""

        def unit(tx: Tx) -> int:
            record = job_of(tx, self._desk.workspace, job)
            found = unreadable(tx, unscored(tx, record.id))
            for one in found:
                tx.stored.release(one.application, "study")
                tx.tasks.put(self._desk.workspace, SCORE, one.application, due=self._desk.now())
            return len(found)

        many = await self._desk.store.write(unit)
        await self._desk.note(actor, "resumes read again", record=job, detail={"resumes": many})
        self._desk.wake()
        return many

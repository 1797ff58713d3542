"""CVs: which one is an application's, which file of it, and what it says; with all else that judging one needs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bascule.engine.connections import Connections
from bascule.engine.contents import Contents
from bascule.match import Reading, ResumeReader
from bascule.model import Family, FamilyState, Kind, Record, RecordState
from bascule.store import Tx, scores
from bascule.store.corrections import Correction


@dataclass(frozen=True, slots=True)
class Subject:
    """All that scoring one application needs, loaded in one snapshot."""

    family: Family
    application: Record
    candidate: Record
    job: Record | None
    resume: Record | None
    connection: str | None
    previous: scores.Score | None
    kept: bytes | None  # the CV's bytes, where they are stored
    kept_name: str
    rubric: int  # the job's newest version, 0 for none
    corrections: tuple[Correction, ...] = ()  # of earlier scores from the same file

    @property
    def fresh(self) -> bool:
        """Whether its CV is another file than the one that is kept."""
        return self.resume is not None and (self.kept is None or self.kept_name != version_of(self.resume))


def subject(tx: Tx, application_id: str) -> Subject | None:
    """What is known of an application; None where it is nobody's any more."""
    family_id = tx.families.record_family(application_id)
    if family_id is None:
        return None
    family = tx.families.family(family_id)
    application = family.records.get(application_id)
    if application is None or application.state is not RecordState.LIVE or application.parent is None:
        return None
    if family.state is not FamilyState.LIVE:
        return None
    job_id = application.fields.get("job")
    jobs = tx.families.records(family.workspace, [str(job_id)]) if job_id else {}
    resume = newest(family, application)
    address = tx.stored.of(resume.id, "resume") if resume else None
    wrong = tx.corrections.of([application_id]).get(application_id, [])
    link = next((x for x in family.links.values() if x.record == application_id and x.open), None)
    return Subject(
        family,
        application,
        family.records[application.parent],
        jobs.get(str(job_id)),
        resume,
        link.connection if link else None,
        tx.scores.of(application_id),
        tx.stored.get(address) if address else None,
        tx.stored.item(address).media if address else "",
        tx.scores.rubric_version(str(job_id)),
        tuple(one for one in wrong if resume is not None and one.resume == file_of(resume)),
    )


class Readings:
    """Reads the CV of an application: the file that is kept, or, where it is another by now, what the system has."""

    def __init__(self, connections: Connections, contents: Contents, reader: ResumeReader) -> None:
        self._connections = connections
        self._contents = contents
        self._reader = reader

    async def read(self, subject: Subject) -> tuple[Reading, bytes]:
        """What its CV says, and its bytes. Raises what the system answers where it cannot be had."""
        assert subject.resume is not None
        data = subject.kept or b""
        if subject.fresh:
            at = self._connections.get(subject.connection or "")
            data = await self._contents.download(at, subject.family, subject.resume)
        return await self._reader.read(data, str(subject.resume.fields.get("filename") or "resume")), data


def newest(family: Family, application: Record) -> Record | None:
    """The newest CV of this application, else the newest of the candidate."""
    mine = [
        r
        for r in family.records.values()
        if r.kind is Kind.ATTACHMENT and r.state is RecordState.LIVE and r.fields.get("type") == "resume"
    ]
    own = [r for r in mine if r.fields.get("application") == application.id]
    return max(own or mine, key=lambda r: (str(r.fields.get("created_at") or ""), r.id), default=None)


def file_of(attachment: Record) -> str:
    """One file of one attachment: what was said of it is not said of the next."""
    return f"{attachment.id}:{version_of(attachment)}"


def version_of(attachment: Record) -> str:
    """What tells one file of an attachment from a later one (its signed address changes all the time)."""
    told = [str(attachment.fields.get(name) or "") for name in ("filename", "created_at", "type")]
    return hashlib.sha256("|".join(told).encode()).hexdigest()[:16]

"""CVs: which one is an application's, which file of it, and what it says; with all else that judging one needs."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from bascule.engine.connections import Connections
from bascule.engine.contents import Contents
from bascule.engine.doubles import DOUBLES, SOON
from bascule.errors import NotFoundError
from bascule.match import InterruptedReadError, Matcher, Person, Reading, ResumeReader, Study, Wrong
from bascule.match.judging import Ask
from bascule.match.readings import READER
from bascule.model import Family, FamilyState, Fields, Kind, Record, RecordState, Value
from bascule.store import Tx, scores
from bascule.store.corrections import Correction, CorrectionKind


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
    kept: str | None  # where the CV's bytes are stored
    kept_name: str
    rubric: int  # the job's newest version, 0 for none
    corrections: tuple[Correction, ...] = ()  # of earlier scores from the same file
    study: bytes | None = None  # what was made of the CV for it, where it is stored

    @property
    def fresh(self) -> bool:
        """Whether its CV is another file than the one that is kept."""
        return self.resume is not None and (self.kept is None or self.kept_name != version_of(self.resume))


def subject(tx: Tx, application_id: str) -> Subject | None:
    """What is known of an application; None where it is nobody's any more."""
    return subjects(tx, [application_id]).get(application_id)


def subjects(tx: Tx, applications: Collection[str]) -> dict[str, Subject]:
    """By application, what is known of each of these that are somebody's."""
    homes = tx.families.homes(applications)
    families = tx.families.families(set(homes.values()))
    live = {id: families[home] for id, home in homes.items() if home in families and _is_live(families[home], id)}
    jobs = _jobs(tx, [family.records[id] for id, family in live.items()])
    resumes = {id: found for id, family in live.items() if (found := newest(family, family.records[id])) is not None}
    files = tx.stored.of_all({one.id for one in resumes.values()}, "resume")
    names = tx.stored.media_of(set(files.values()))
    studies = tx.stored.of_all(resumes, "study")
    studied = tx.stored.contents(set(studies.values()))
    wrong, previous = tx.corrections.of(live), tx.scores.newest_of(live)
    versions = {id: tx.scores.rubric_version(id) for id in {_job_of(family.records[id]) for id, family in live.items()}}

    def one(id: str, family: Family) -> Subject:
        application, resume = family.records[id], resumes.get(id)
        link = next((x for x in family.links.values() if x.record == id and x.open), None)
        kept = files.get(resume.id) if resume is not None else None
        return Subject(
            family,
            application,
            family.records[application.parent or ""],
            jobs.get(_job_of(application)),
            resume,
            link.connection if link else None,
            previous.get(id),
            kept,
            names.get(kept or "", ""),
            versions[_job_of(application)],
            tuple(x for x in wrong.get(id, ()) if resume is not None and x.resume == file_of(resume)),
            studied.get(studies.get(id, "")),
        )

    return {id: one(id, family) for id, family in live.items()}


def _is_live(family: Family, application: str) -> bool:
    one = family.records.get(application)
    held = one is not None and one.state is RecordState.LIVE and one.parent is not None
    return held and family.state is FamilyState.LIVE


def _job_of(application: Record) -> str:
    return str(application.fields.get("job") or "")


def _jobs(tx: Tx, applications: Sequence[Record]) -> dict[str, Record]:
    wanted = {job for one in applications if (job := _job_of(one))}
    return tx.families.records(applications[0].workspace, wanted) if wanted else {}


@dataclass(frozen=True, slots=True)
class Studied:
    """A CV as it was studied. `data` are its bytes where it is another file than the one that is kept, `kept` the study
    as it is to be kept; each None where there is nothing new."""

    study: Study
    data: bytes | None = None
    kept: bytes | None = None

    def keep(self, tx: Tx, subject: Subject, now: datetime) -> None:
        """In the commit of what was made of it: the file, its text, and all that the text shows."""
        if subject.resume is None or self.kept is None:
            return
        workspace, family, resume = subject.family.workspace, subject.family.id, subject.resume.id
        if self.data:
            tx.stored.put(workspace, family, "resume", resume, self.data, now=now, media=version_of(subject.resume))
        tx.stored.put(workspace, family, "study", subject.application.id, self.kept, now=now)
        if self.study.reading.status == "read":
            text, before = self.study.reading.text.encode(), tx.stored.of(resume, "text")
            tx.stored.put(workspace, family, "text", resume, text, now=now, media="text/plain")
            if tx.stored.of(resume, "text") != before:  # what it says may show who somebody is
                tx.tasks.put(workspace, DOUBLES, family, due=now + timedelta(seconds=SOON))


class Readings:
    """Reads the CV of an application: the file that is kept, or, where it is another by now, what the system has. One
    that was studied is not read again, until its file, its person or the rules of reading are others."""

    def __init__(self, connections: Connections, contents: Contents, reader: ResumeReader, matcher: Matcher) -> None:
        self._connections = connections
        self._contents = contents
        self._reader = reader
        self._matcher = matcher

    async def read(self, subject: Subject) -> Reading:
        """What its CV says. Raises what the system answers where it cannot be had, InterruptedReadError where it was
        not read and that may be the machine's fault."""
        kept = await asyncio.to_thread(self.known, subject)
        return kept.reading if kept is not None else (await self._read(subject))[0]

    async def study(self, subject: Subject, *, last: bool = False) -> Studied:
        """What its CV shows. Raises what `read` does; `last`: it was tried often enough, so that one that is not read
        now cannot be."""
        kept = await asyncio.to_thread(self.known, subject)
        if kept is not None:
            return Studied(kept)
        reading, data = await self._read(subject, last=last)
        study = await asyncio.to_thread(self._study, subject, reading)
        return Studied(study, data if subject.fresh else None, _key(subject) + self._matcher.packed(study))

    def _study(self, subject: Subject, reading: Reading) -> Study:
        return self._matcher.study(reading, person_of(subject), as_of(subject), wrong_of(subject))

    async def _read(self, subject: Subject, *, last: bool = False) -> tuple[Reading, bytes]:
        assert subject.resume is not None
        if subject.fresh:
            at = self._connections.get(file_home(subject.family, subject.resume))
            data = await self._contents.download(at, subject.family, subject.resume)
        else:
            data = await self._connections.store.read(lambda tx: tx.stored.get(subject.kept or ""))
        name = str(subject.resume.fields.get("filename") or "resume")
        return await (read_again(self._reader, data, name) if last else self._reader.read(data, name)), data

    async def again(self, subject: Subject) -> Study:
        """The file that is kept, read and studied anew; nothing is asked of the ATS. NotFoundError where none is."""
        if subject.kept is None or subject.resume is None:
            raise NotFoundError("No CV of this application is kept.", hint="It may be older than retention allows.")
        data = await self._connections.store.read(lambda tx: tx.stored.get(subject.kept or ""))
        reading = await read_again(self._reader, data, str(subject.resume.fields.get("filename") or "resume"))
        return await asyncio.to_thread(self._study, subject, reading)

    def known(self, subject: Subject) -> Study | None:
        """What its CV was found to show; None where it is to be read."""
        return known(self._matcher, subject.study, _key(subject)) if subject.study is not None else None


def file_home(family: Family, resume: Record) -> str:
    """The connection that has a file."""
    links = (one for one in family.links.values() if one.record == resume.id and one.kind is Kind.ATTACHMENT)
    return next((one.connection for one in links if one.open), resume.origin)


async def read_again(reader: ResumeReader, data: bytes, name: str) -> Reading:
    """What a file says; where it is not read in a second child either, that it cannot be."""
    try:
        return await reader.read(data, name)
    except InterruptedReadError:
        try:
            return await reader.read(data, name)
        except InterruptedReadError as error:
            return error.reading


def known(matcher: Matcher, kept: bytes, key: bytes) -> Study | None:
    """What was made of a file, where it was made of what the key says, by the rules that hold now."""
    return matcher.unpacked(kept[len(key) :]) if kept.startswith(key) else None


def asked(subject: Subject) -> Ask | None:
    """What is to be judged of an application; None where its CV is to be read first."""
    if subject.study is None or subject.resume is None or not subject.study.startswith(key := _key(subject)):
        return None
    return Ask(subject.study[len(key) :], person_of(subject), answers_of(subject), wrong_of(subject))


def study_key(resume: Record, person: Person, day: date, wrong: Wrong) -> bytes:
    """What a study is made of beside the tables: this file, this person, this day, and what people said is wrong."""
    told = [version_of(resume), READER, asdict(person), day.isoformat(), sorted(wrong.passages)]
    return hashlib.sha256(json.dumps(told).encode()).digest()[:16]


def _key(subject: Subject) -> bytes:
    assert subject.resume is not None
    return study_key(subject.resume, person_of(subject), as_of(subject), wrong_of(subject))


def person_of(subject: Subject) -> Person:
    """Who they are, to be blanked before anything is scored."""
    fields = subject.candidate.fields
    return Person(
        names=_texts(fields, "first_name", "last_name", "preferred_name"),
        emails=_many(fields.get("emails")),
        phones=_many(fields.get("phones")),
    )


def wrong_of(subject: Subject) -> Wrong:
    """What people have said is wrong in scores from this file."""
    skills = [one.about for one in subject.corrections if one.kind is CorrectionKind.SKILL]
    passages = [(one.start, one.end) for one in subject.corrections if one.kind is CorrectionKind.PASSAGE]
    return Wrong(frozenset(skills), tuple(passages))


def answers_of(subject: Subject) -> dict[str, str]:
    """Question to answer, of the ATS's form and of the one that is hosted here."""
    return answers_in(subject.application.fields)


def answers_in(application: Fields) -> dict[str, str]:
    """The same, by an application's fields."""
    given = (application.get(name) for name in ("answers", "screening_answers"))
    return {str(k): str(v) for answers in given if isinstance(answers, Mapping) for k, v in answers.items()}


def as_of(subject: Subject) -> date:
    """The day an application is judged at: the day it was made, so that the same input gives the same score."""
    applied = subject.application.fields.get("applied_at")
    try:
        return datetime.fromisoformat(str(applied).replace("Z", "+00:00")).date()
    except ValueError:
        return subject.application.born.date()


def _texts(fields: Fields, *names: str) -> tuple[str, ...]:
    return tuple(str(value) for name in names if (value := fields.get(name)))


def _many(value: Value) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, tuple) else ()


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
    told += [str(version)] if (version := attachment.fields.get("version")) else []
    return hashlib.sha256("|".join(told).encode()).hexdigest()[:16]

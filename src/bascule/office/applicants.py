"""What an applicant does on the form that their link opens: begin, answer, come back, send, opt out, ask for help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.hiring import disclosure, links, screening
from bascule.hiring.deciding import request
from bascule.hiring.disclosure import Disclosure
from bascule.hiring.form_words import LANGUAGES, Words, words, zones
from bascule.hiring.links import Purpose
from bascule.hiring.screening import Question, QuestionKind
from bascule.model import Actor, ActorKind, Edit, Family, Fields, Kind, Record, ScreeningStatus, Value
from bascule.store import Tx
from bascule.store.screenings import Screening

from .desk import Desk
from .grants import Grants
from .screenings import EXPIRE, OPEN, Screenings, stands, times_of

LARGEST = 10  # MB of a file
MORE_TIME = timedelta(days=7)  # that who asks for an adjustment has at least
MOST_ASKED = 4000  # characters
STARTS: Mapping[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF",), ".docx": (b"PK",), ".odt": (b"PK",), ".rtf": (b"{\\rtf",), ".png": (b"\x89PNG",),
    ".jpg": (b"\xff\xd8",), ".jpeg": (b"\xff\xd8",), ".txt": (),
}  # fmt: skip
"""Files that are taken, and how they begin."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a link opens. `ends`: "" while it can be answered, else why not: sent, opted out, expired or closed."""

    id: str
    job: str
    asked: tuple[Question, ...]
    answers: Mapping[str, Value]
    files: Mapping[str, str]  # question to file name
    started: bool
    ends: str
    until: datetime
    person_by: datetime
    language: str  # "" until one was chosen
    zone: str
    told: Disclosure | None

    @property
    def done(self) -> int:
        return screening.done(self.asked, self.answers)


class Applicants:
    """`app.applicants`."""

    def __init__(self, desk: Desk, screenings: Screenings, grants: Grants) -> None:
        self._desk = desk
        self._screenings = screenings
        self._grants = grants
        self._key = b""

    async def form(self, token: str) -> Form:
        """What a link opens; looking changes nothing. NotFoundError where it opens nothing (any more)."""
        return await self._desk.store.read(lambda tx: self._form(tx, *self._opened(tx, token)))

    async def speak(self, token: str, language: str) -> None:
        """Show the form in a language from now on."""
        say = words(language)
        await self._desk.store.write(lambda tx: self._keep(tx, token, language=say.language))

    async def start(self, token: str, language: str, zone: str) -> None:
        """They have read how their answers are used, and agree. ConflictError where the form is closed."""

        def unit(tx: Tx) -> None:
            one, family, record = self._opened(tx, token, hold=True)
            self._open(tx, one, family, record)
            if one.started is None:
                said = dict(one.said) | self._begun(tx, one, record)
                now = self._desk.now()
                invited = one.invited or now
                one = replace(one, state=ScreeningStatus.STARTED, invited=invited, started=now, said=said)
            said = {**one.said, "language": language if language in LANGUAGES else LANGUAGES[0]}
            said["zone"] = zone if zone in zones() else "UTC"
            one = replace(one, said=said)
            self._screenings.keep(tx, family, one, applicant(family))
            tx.audit.record(
                workspace=one.workspace, at=self._desk.now(), action="screening started", actor=applicant(family),
                family=family.id, record=record.id, detail={"screening": one.id, "disclosure": str(said["told"])},
            )  # fmt: skip

        await self._desk.reconcile.commit(unit)
        self._desk.wake()

    def _begun(self, tx: Tx, one: Screening, record: Record) -> dict[str, Value]:
        """What holds for this person from now on: the questions, and what they were told."""
        told = disclosure.newest(tx, one.workspace, one.job)
        return {
            "questions": tuple(screening.as_data(each) for each in self._questions(tx, one, record)),
            "told": f"{told.job or 'workspace'} version {told.version}" if told else "the form's own words",
            "agreed": self._desk.now().isoformat(),
            "answers": {},
            "files": {},
        }

    async def answer(self, token: str, question: str, value: str, more: str, language: str) -> None:
        """Keep one answer; empty takes it away. InputError, in the form's language, where it cannot be one."""

        def unit(tx: Tx) -> None:
            one, family, record = self._opened(tx, token, hold=True)
            asked = self._asked(self._open(tx, one, family, record), question)
            said = screening.answered(asked, value, more, words(language))
            answers = {id: held for id, held in _map(one.said, "answers").items() if id != asked.id}
            if said:
                answers[asked.id] = said
            tx.screenings.set(replace(one, said={**one.said, "answers": answers}))

        await self._desk.store.write(unit)

    async def attach(self, token: str, question: str, filename: str, data: bytes, language: str) -> None:
        """Keep a file as an answer, sealed, in the place of one before. InputError where it is not taken."""
        say = words(language)
        name = _file_name(filename, data, say)

        def unit(tx: Tx) -> None:
            one, family, record = self._opened(tx, token, hold=True)
            asked = self._asked(self._open(tx, one, family, record), question)
            if asked.kind is not QuestionKind.FILE:
                raise InputError(say("file_kind"))
            tx.stored.put(
                one.workspace, family.id, "answer", f"{one.id}|{asked.id}", data, now=self._desk.now(), media=name
            )
            files = {**_map(one.said, "files"), asked.id: name}
            answers = {**_map(one.said, "answers"), asked.id: {"value": name}}
            tx.screenings.set(replace(one, said={**one.said, "files": files, "answers": answers}))

        await self._desk.store.write(unit)

    async def send(self, token: str, language: str) -> None:
        """They are done: their answers are the application's, and on their way to the ATS. InputError where an answer
        is missing."""
        say = words(language)

        def unit(tx: Tx) -> None:
            one, family, record = self._opened(tx, token, hold=True)
            asked = self._open(tx, one, family, record)
            answers = _map(one.said, "answers")
            lacks = screening.missing(asked, answers)
            if one.started is None or lacks:
                named = "; ".join(screening.asked(each, say) for each in lacks)
                raise InputError(say("missing", questions=named))
            one = replace(one, state=ScreeningStatus.COMPLETED, completed=self._desk.now())
            told = screening.told(asked, answers)
            actor = applicant(family)
            self._screenings.keep(tx, family, one, actor, {"screening_answers": told} if told else None)
            if self._goes_on(family, record):
                for id, name in _map(one.said, "files").items():
                    self._attached(tx, one, family.id, id, str(name), actor)
            tx.audit.record(
                workspace=one.workspace, at=self._desk.now(), action="screening completed", actor=actor,
                family=family.id, record=record.id,
                detail={"screening": one.id, "answered": screening.done(asked, answers), "of": len(asked)},
            )  # fmt: skip

        await self._desk.reconcile.commit(unit)
        self._desk.wake()

    def _goes_on(self, family: Family, record: Record) -> bool:
        """Whether a system that has the application takes files."""
        links = (one for one in family.links.values() if one.record == record.id and one.open)
        found = (self._desk.connections.known(one.connection) for one in links)
        return any(at is not None and self._grants.takes_files(at) for at in found)

    def _attached(self, tx: Tx, one: Screening, family: str, question: str, name: str, actor: Actor) -> None:
        """A file of the application, as any, where the ATS takes files from us; else it is kept with the form."""
        desk, owner = self._desk, f"{one.id}|{question}"
        address = tx.stored.of(owner, "answer")
        if address is None:
            return
        before = tx.families.family(family).records.keys()
        fields: Fields = {"filename": name, "type": "other", "created_at": desk.now().isoformat()}
        edit = Edit(desk.id(), one.application, fields, actor, desk.id(), create=Kind.ATTACHMENT)
        (made,) = desk.reconcile.edit_in(tx, family, [edit]).family.records.keys() - before
        tx.stored.put(one.workspace, family, "answer", made, tx.stored.get(address), now=desk.now(), media=name)
        tx.stored.release(owner, "answer")

    async def opt_out(self, token: str) -> None:
        """Only people are to look at it. It can be said at any time before the link ends, also when all was sent."""

        def unit(tx: Tx) -> None:
            one, family, record = self._opened(tx, token, hold=True)
            if not stands(family, record):
                raise ConflictError("This application is not open any more.")
            self._screenings.opted_out(tx, family, record, one, applicant(family), "")

        await self._desk.reconcile.commit(unit)
        self._desk.wake()

    async def adjust(self, token: str, text: str, language: str) -> None:
        """Ask for an adjustment. They have more time at once. InputError for nothing."""
        say, asked = words(language), text.strip()[:MOST_ASKED]
        if not asked:
            raise InputError(say("adjustment_needed"))

        def unit(tx: Tx) -> None:
            one, family, record = self._opened(tx, token, hold=True)
            if not stands(family, record):
                raise ConflictError("This application is not open any more.")
            now = self._desk.now()
            until = max(one.expires, now + MORE_TIME)
            one = replace(one, adjustment=now, looked=None, expires=until, said={**one.said, "adjustment": asked})
            if one.state is ScreeningStatus.EXPIRED:
                one = replace(one, state=ScreeningStatus.STARTED if one.started else ScreeningStatus.INVITED)
            self._screenings.keep(tx, family, one, applicant(family))
            tx.tasks.put(one.workspace, EXPIRE, one.application, due=until)
            request(tx, one.workspace, one.id, now)
            tx.audit.record(
                workspace=one.workspace, at=now, action="adjustment asked for", actor=applicant(family),
                family=family.id, record=record.id, detail={"screening": one.id},
            )  # fmt: skip

        await self._desk.reconcile.commit(unit)
        self._desk.wake()

    # ----------------------------------------------------------------------------------------------------------- parts

    def forged(self, token: str) -> bool:
        """Whether a link was not made here; nothing is looked up for it."""
        return bool(self._key) and links.opens(self._key, Purpose.SCREENING, token) is None

    def _opened(self, tx: Tx, token: str, *, hold: bool = False) -> tuple[Screening, Family, Record]:
        """NotFoundError unless this is the newest link of a form that is there, of a person who is."""
        if not self._key and tx.vault.has(self._desk.workspace):
            self._key = tx.vault.derived(self._desk.workspace, b"links")
        opens = links.opens(self._key, Purpose.SCREENING, token)
        one = tx.screenings.get(opens.id, hold=hold) if opens is not None else None
        if opens is None or one is None or one.issue != opens.issue or one.workspace != self._desk.workspace:
            raise NotFoundError("This link does not work.")
        home = tx.families.record_family(one.application)
        family = tx.families.family(home) if home is not None else None
        record = family.records.get(one.application) if family is not None else None
        if family is None or record is None:
            raise NotFoundError("This link does not work.")
        return one, family, record

    def _open(self, tx: Tx, one: Screening, family: Family, record: Record) -> tuple[Question, ...]:
        """What is asked, while it can be answered. ConflictError else."""
        if self._ends(one, family, record):
            raise ConflictError("This form is closed.", hint="Load the page again: it says why.")
        return screening.kept(one.said) if one.started else self._questions(tx, one, record)

    def _ends(self, one: Screening, family: Family, record: Record) -> str:
        if one.state is ScreeningStatus.OPTED_OUT:
            return "opted out"
        if not stands(family, record):
            return "closed"
        if one.state is ScreeningStatus.COMPLETED:
            return "sent"
        return "expired" if one.state not in OPEN or one.expires <= self._desk.now() else ""

    def _form(self, tx: Tx, one: Screening, family: Family, record: Record) -> Form:
        job = tx.families.records(one.workspace, [one.job]).get(one.job)
        since = one.opted_out or self._desk.now()
        return Form(
            id=one.id,
            job=str(job.fields.get("title") or "") if job is not None else "",
            asked=screening.kept(one.said) if one.started else self._questions(tx, one, record),
            answers=_map(one.said, "answers"),
            files={id: str(name) for id, name in _map(one.said, "files").items()},
            started=one.started is not None,
            ends=self._ends(one, family, record),
            until=one.expires,
            person_by=since + timedelta(days=times_of(tx, one.workspace).person),
            language=str(one.said.get("language") or ""),
            zone=str(one.said.get("zone") or ""),
            told=disclosure.newest(tx, one.workspace, one.job),
        )

    def _questions(self, tx: Tx, one: Screening, record: Record) -> tuple[Question, ...]:
        job = tx.families.records(one.workspace, [one.job]).get(one.job)
        rubric = tx.scores.rubric(one.job)
        offices = job.fields.get("offices") if job is not None else ()
        own = tx.screenings.terms(one.workspace, one.job, "questions")
        return screening.questions(
            rubric.body if rubric is not None else {},
            [str(each) for each in offices] if isinstance(offices, tuple) else [],
            screening.own_of(own[0].body) if own else screening.Own(),
        )

    @staticmethod
    def _asked(asked: tuple[Question, ...], id: str) -> Question:
        found = next((each for each in asked if each.id == id), None)
        if found is None:
            raise NotFoundError("This form has no such question.")
        return found

    def _keep(self, tx: Tx, token: str, **said: Value) -> None:
        one, _, _ = self._opened(tx, token, hold=True)
        tx.screenings.set(replace(one, said={**one.said, **said}))


def applicant(family: Family) -> Actor:
    """The applicant as who did it: a person, but no user of anything."""
    return Actor(ActorKind.PERSON, f"applicant:{family.root.id}", "the applicant")


def _map(said: Fields, name: str) -> Mapping[str, Value]:
    held = said.get(name)
    return held if isinstance(held, Mapping) else {}


def _file_name(given: str, data: bytes, say: Words) -> str:
    """A name that is safe anywhere. InputError for a kind of file that is not taken, too large a one, or none."""
    path = PurePosixPath(given.replace("\\", "/"))
    name = "".join(letter for letter in path.name if letter.isprintable()).strip(" .")[-120:]
    if not data or not name:
        raise InputError(say("file_none"))
    if len(data) > LARGEST * 1_000_000:
        raise InputError(say("file_large", size=LARGEST))
    begins = STARTS.get(PurePosixPath(name).suffix.lower())
    if begins is None or (begins and not data.startswith(begins)) or (not begins and not _is_text(data)):
        raise InputError(say("file_kind"))
    return name


def _is_text(data: bytes) -> bool:
    try:
        return "\x00" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False

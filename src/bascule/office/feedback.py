"""Feedback about interviews, from outside tools and by e-mail: attached to the interview and its person, noted in the
ATS in the name of whoever interviewed, once for each key of the tool's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bascule.core.plan import decide
from bascule.core.reviews import APPROVE
from bascule.engine.entries import log
from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.hiring.triggers import load
from bascule.model import Actor, ActorKind, Edit, Event, Family, Fields, Kind, Record, Review, Value
from bascule.store import Tx
from bascule.store.interviews import Feedback

from .desk import Desk

BY_MAIL = "e-mail"  # the tool that feedback came by which an interviewer has written
LONGEST, MOST_SCORES, LONGEST_KEY = 20_000, 50, 200


@dataclass(frozen=True, slots=True)
class Named:
    """A record by its id here, or by the id that a connection has for it."""

    id: str
    connection: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """What was said of one criterion, in the tool's own scale ("4", "4 of 5", "yes")."""

    criterion: str
    score: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """Feedback as a tool sends it. `key`: the tool's own for this feedback; `tool`: how it is called; `interview` (else
    `application`): what it is about. `interviewer` and `email`: in whose name."""

    key: str
    candidate: Named
    tool: str
    interviewer: str
    email: str = ""
    interview: Named | None = None
    application: Named | None = None
    rating: str = ""
    scores: Sequence[Score] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it. `repeated`: this key was taken before, and nothing was done again."""

    feedback: Feedback
    repeated: bool


class FeedbackDesk:
    """`app.feedback`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def take(self, given: Given, program: str, actor: Actor) -> Taken:
        """Attach it. `program`: whose key it came with. NotFoundError where there is no such candidate or interview;
        InputError where the interview is not the candidate's, or it says nothing; ConflictError where the same key came
        with something else before."""
        taken = await self._desk.reconcile.commit(lambda tx: self._take(tx, given, program, actor))
        self._desk.wake()
        return taken

    async def answer(self, review: Review, family: str, answer: str, actor: Actor) -> None:
        """What a person says to what an interviewer has written: it is kept in the interviewer's name, or it is not."""

        def unit(tx: Tx) -> None:
            self._desk.reconcile.replan_in(tx, family, lambda f, c: decide(f, review.id, answer, actor, c))
            if answer == APPROVE:
                application = self._record(tx, Kind.APPLICATION, Named(review.record or ""))
                said = {name: str(review.detail[name]) for name in ("from", "interviewer", "interview", "text")}
                given = Given(
                    review.about, Named(application.parent or ""), BY_MAIL, said["interviewer"], said["from"],
                    interview=Named(said["interview"]), text=said["text"][:LONGEST],
                )  # fmt: skip
                self._take(tx, given, BY_MAIL, actor)

        await self._desk.reconcile.commit(unit)
        self._desk.wake()

    def _take(self, tx: Tx, given: Given, program: str, actor: Actor) -> Taken:
        workspace, said = self._desk.workspace, _said(given)
        tx.lock([f"feedback|{workspace}|{program}|{given.key}"])
        family, application, interview = self._about(tx, given)
        body: dict[str, Value] = {**said, "interview": interview}
        known = tx.interviews.keyed(workspace, program, given.key)
        if known is not None:
            if (known.application, dict(known.said)) != (application.id, body):
                raise ConflictError(
                    "This key came with other feedback before.", hint="Give every feedback a key of its own."
                )
            return Taken(known, True)
        now = self._desk.now()
        one = Feedback(self._desk.id(), workspace, family.id, application.id, given.key, program, now, body)
        tx.interviews.add_feedback(one)
        who = self._interviewer(tx, given)
        self._in_ats(tx, family, application, given, who)
        about: dict[str, Value] = {"candidate": application.parent or "", "application": application.id}
        told = Event("interview.feedback", family.id, application.id, now, about, actor=str(who.kind), cause=one.id)
        log(tx, workspace, [told], now)
        tx.audit.record(
            workspace=workspace, at=now, action="interview feedback", actor=actor, family=family.id,
            record=application.id,
            detail={"feedback": one.id, "interview": interview, "tool": given.tool, "interviewer": who.id},
        )  # fmt: skip
        return Taken(one, False)

    async def of(self, application: str) -> list[Feedback]:
        """Of an application, the oldest first. NotFoundError where there is no such application."""

        def read(tx: Tx) -> list[Feedback]:
            if load(tx, application) is None:
                raise NotFoundError("There is no such application.", hint="It may have been deleted in the ATS.")
            return tx.interviews.feedback([application])

        return await self._desk.store.read(read)

    # ---------------------------------------------------------------------------------------------------- what it names

    def _about(self, tx: Tx, given: Given) -> tuple[Family, Record, str]:
        """The application it is about, and the interview's id here, "" for none."""
        candidate = self._record(tx, Kind.CANDIDATE, given.candidate)
        interview, application = "", None
        if given.interview is not None:
            interview, application = self._interview(tx, given.interview)
        if given.application is not None:
            named = self._record(tx, Kind.APPLICATION, given.application)
            if application is not None and application.id != named.id:
                raise InputError("The interview is of another application.", hint="Look which one it is of.")
            application = named
        if application is None:
            raise InputError("What is it about?", hint="Name the interview, or the application.")
        if application.parent != candidate.id:
            raise InputError("The interview is not this candidate's.", hint="Look whose it is; nothing was kept.")
        loaded = load(tx, application.id)
        if loaded is None:
            raise NotFoundError("This application is not there any more.")
        return loaded[0], loaded[1], interview

    def _interview(self, tx: Tx, named: Named) -> tuple[str, Record]:
        one = tx.interviews.get(named.id) if not named.connection else None
        if one is not None and one.workspace == self._desk.workspace:
            return one.id, self._record(tx, Kind.APPLICATION, Named(one.application))
        record = self._record(tx, Kind.INTERVIEW, named)
        return record.id, self._record(tx, Kind.APPLICATION, Named(record.parent or ""))

    def _record(self, tx: Tx, kind: Kind, named: Named) -> Record:
        word = str(kind).replace("_", " ")
        id = named.id
        if named.connection:
            at = self._desk.connections.named(named.connection, self._desk.workspace)
            found = tx.families.resolve(at.id, [(kind, named.id)]).get((kind, named.id))
            id = found.record if found is not None else ""
        home = tx.families.record_family(id) if id else None
        record = tx.families.family(home).records.get(id) if home is not None else None
        if record is None or record.kind is not kind or record.workspace != self._desk.workspace:
            where = f" {named.id} at {named.connection}" if named.connection else f" {named.id}"
            raise NotFoundError(f"There is no {word}{where}.", hint="Give the id here, or connection and the id there.")
        return record

    def _interviewer(self, tx: Tx, given: Given) -> Actor:
        """As a user of this workspace where one has that address, else by name."""
        user = tx.people.user_by_email(self._desk.workspace, given.email.lower()) if given.email else None
        if user is not None and user.disabled is None:
            return Actor(ActorKind.PERSON, user.id, user.name or given.interviewer)
        return Actor(ActorKind.PERSON, f"interviewer:{given.email or given.interviewer}", given.interviewer)

    def _in_ats(self, tx: Tx, family: Family, application: Record, given: Given, who: Actor) -> None:
        """A private note beside the application, which says that a program sent it."""
        lines = [f"Interview feedback of {given.interviewer}, sent by {given.tool}."]
        lines += [f"Rating: {given.rating}"] if given.rating else []
        lines += [f"{one.criterion}: {one.score}{f' ({one.note})' if one.note else ''}" for one in given.scores]
        lines += [given.text.strip()] if given.text.strip() else []
        fields: Fields = {"body": "\n".join(lines), "visibility": "private", "application": application.id}
        edit = Edit(self._desk.id(), application.parent or "", fields, who, self._desk.id(), create=Kind.NOTE)
        self._desk.reconcile.edit_in(tx, family.id, [edit])


def _said(given: Given) -> dict[str, Value]:
    """What is kept of it. InputError for what says nothing, or too much."""
    if not given.key.strip() or len(given.key) > LONGEST_KEY:
        raise InputError(f"A key has 1 to {LONGEST_KEY} characters.", hint="Send the header Idempotency-Key.")
    if not given.interviewer.strip() or not given.tool.strip():
        raise InputError("Say who interviewed, and which tool sends it.")
    if not (given.rating.strip() or given.scores or given.text.strip()):
        raise InputError("The feedback says nothing.", hint="Give a rating, scores or a text.")
    if len(given.text) > LONGEST or len(given.scores) > MOST_SCORES:
        raise InputError(f"Feedback has at most {LONGEST} characters and {MOST_SCORES} scores.")
    scores: Any = tuple(asdict(one) for one in given.scores)
    return {
        "interviewer": given.interviewer, "email": given.email, "tool": given.tool, "rating": given.rating,
        "scores": scores, "text": given.text,
    }  # fmt: skip

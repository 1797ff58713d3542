"""What a hiring manager sees and says on the shortlist that their link opens. They reject nobody: a skip is proposed to
a recruiter, who decides."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bascule.core.reviews import withdrawn
from bascule.errors import ForbiddenError, InputError, NotFoundError
from bascule.hiring import links
from bascule.hiring.links import Purpose
from bascule.hiring.manager_answers import heard
from bascule.hiring.results import opted_out
from bascule.hiring.resumes import answers_in, newest
from bascule.match import Matcher, Person
from bascule.model import Actor, ActorKind, Edit, Family, Fields, Kind, Record, ReviewKind, Status, Value
from bascule.store import Tx
from bascule.store.listing import name_of
from bascule.store.shortlists import Shortlist, Shortlisted

from .desk import Desk
from .shortlists import USED, WRONG, code_digest, listed

APPROVE, MAYBE, SKIP = "approve", "maybe", "skip"
ANSWERS = (APPROVE, MAYBE, SKIP)
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on the list, as they may be shown."""

    number: int
    application: str
    name: str
    score: float | None
    title: str
    years: float | None
    reasons: tuple[str, ...]
    skills: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    resume: str
    answer: str
    comment: str
    answered: datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A list as its link opens it. `ends`: "" while it works, else code, locked or expired. `left`: how many are not on
    it any more."""

    job: str
    name: str
    by: str
    until: datetime
    redacted: bool
    ends: str
    people: tuple[Listed, ...] = ()
    left: int = 0

    def one(self, number: int) -> Listed:
        """NotFoundError where nobody has that number (any more)."""
        found = next((each for each in self.people if each.number == number), None)
        if found is None:
            raise NotFoundError("They are not on the list any more.")
        return found


class Managers:
    """`app.managers`."""

    def __init__(self, desk: Desk, matcher: Callable[[], Matcher]) -> None:
        self._desk = desk
        self._matcher = matcher
        self._key = b""

    async def open(self, token: str, proof: str) -> Opened:
        """What a link opens; looking changes nothing but that it was looked at. `proof`: what `prove` gave this
        browser. NotFoundError where it opens nothing (any more)."""

        def read(tx: Tx) -> tuple[Opened, list[tuple[Shortlisted, Family, Record, str]]]:
            one = self._opened(tx, token)
            ends = self._ends(one, proof)
            said = one.said
            told = Opened(
                str(said["title"]), str(said["name"]), str(said["by"]), one.expires, bool(said["redacted"]), ends
            )
            return told, [] if ends else self._people(tx, one)

        told, found = await self._desk.store.read(read)
        if told.ends:
            return told
        shown = await asyncio.to_thread(lambda: tuple(self._shown(told, *each) for each in found))
        here = tuple(each for each in shown if each is not None)
        await self._desk.store.write(lambda tx: self._seen(tx, token))
        return replace(told, people=here, left=len(found) - len(here))

    def _people(self, tx: Tx, one: Shortlist) -> list[tuple[Shortlisted, Family, Record, str]]:
        """Everybody, those who have left the list without their record's text."""
        rows = tx.shortlists.people(one.id)
        families = tx.families.families({each.family for each in rows})
        found: list[tuple[Shortlisted, Family, Record, str]] = []
        for each in rows:
            family = families.get(each.family)
            record = listed(family, each)
            if family is None:
                continue
            resume = newest(family, record) if record is not None else None
            address = tx.stored.of(resume.id, "text") if resume is not None else None
            text = tx.stored.get(address).decode() if address is not None else ""
            found.append((each, family, record if record is not None else family.root, text))
        return found

    def _shown(self, told: Opened, row: Shortlisted, family: Family, record: Record, text: str) -> Listed | None:
        if record.kind is not Kind.APPLICATION:
            return None
        fields, person = record.fields, family.records.get(record.parent or "", family.root)
        blank = self._blank(person) if told.redacted else str
        score, years = fields.get("match_score"), fields.get("experience_years")
        reasons = () if opted_out(record) else _texts(fields.get("match_reasons"))
        return Listed(
            number=row.place,
            application=record.id,
            name=f"Candidate {row.place}" if told.redacted else name_of(person) or f"Candidate {row.place}",
            score=float(score) if isinstance(score, int | float) else None,
            title=blank(str(fields.get("experience_title") or "")),
            years=float(years) if isinstance(years, int | float) else None,
            reasons=tuple(blank(one) for one in reasons),
            skills=_texts(fields.get("match_skills"))[:20],
            answers=tuple((asked, blank(answer)) for asked, answer in answers_in(fields).items()),
            resume=blank(text),
            answer=row.answer,
            comment=str(row.said.get("comment") or ""),
            answered=row.answered,
        )

    def _blank(self, person: Record) -> Callable[[str], str]:
        """Texts without who they are of: the same that the scorer is not shown."""
        names = (person.fields.get(name) for name in ("first_name", "last_name", "preferred_name"))
        who = Person(
            names=tuple(str(name) for name in names if name),
            emails=_texts(person.fields.get("emails")),
            phones=_texts(person.fields.get("phones")),
        )
        matcher = self._matcher()
        return lambda text: matcher.shown(text, who)[1] if text else ""

    # ------------------------------------------------------------------------------------------------------- the code

    async def prove(self, token: str, code: str) -> str:
        """What this browser is to keep, for the code that goes with the link; it works once. ForbiddenError for a wrong
        one, and after five of them for any."""

        def unit(tx: Tx) -> str:
            one = self._opened(tx, token, hold=True)
            if one.wrong >= WRONG:
                return ""
            digits = "".join(letter for letter in code if letter.isdigit())
            if one.code in ("", USED) or not hmac.compare_digest(code_digest(tx, one, digits), one.code):
                tx.shortlists.set(replace(one, wrong=one.wrong + 1))
                return ""
            tx.shortlists.set(replace(one, code=USED, wrong=0))
            return self._proof(one)

        proof = await self._desk.store.write(unit)
        if not proof:
            raise ForbiddenError(
                "This code does not open the list.", hint="Ask whoever sent you the link for a new one."
            )
        return proof

    def _proof(self, one: Shortlist) -> str:
        return hmac.digest(self._key, f"proof|{one.id}|{one.issue}".encode(), "sha256").hex()

    def _ends(self, one: Shortlist, proof: str) -> str:
        if one.revoked is not None or one.expires <= self._desk.now():
            return "expired"
        if not one.code or hmac.compare_digest(proof.encode(), self._proof(one).encode()):
            return ""
        return "locked" if one.wrong >= WRONG else "code"

    # -------------------------------------------------------------------------------------------------------- feedback

    async def say(self, token: str, proof: str, number: int, answer: str, comment: str) -> None:
        """Approve, maybe or skip, with a comment: a field and a note of the application in the manager's name. A skip
        asks a recruiter whether to reject; changing one's mind takes that back. InputError for anything else,
        NotFoundError for somebody who is not on the list (any more)."""
        if answer not in ANSWERS:
            raise InputError("Choose approve, maybe or skip.")
        comment = comment.strip()
        if len(comment) > LONGEST:
            raise InputError(f"The comment is longer than {LONGEST} characters.", hint="Shorten it.")

        def unit(tx: Tx) -> None:
            one = self._opened(tx, token, hold=True)
            if self._ends(one, proof):
                raise ForbiddenError("This link has ended.", hint="Ask for a new one.")
            row = next((each for each in tx.shortlists.people(one.id) if each.place == number), None)
            family = tx.families.families([row.family]).get(row.family) if row is not None else None
            record = listed(family, row) if row is not None else None
            if row is None or family is None or record is None:
                raise NotFoundError("They are not on the list any more.")
            if (row.answer, row.said.get("comment") or "") != (answer, comment):
                self._say(tx, one, row, family, record, answer, comment)

        await self._desk.reconcile.commit(unit)
        self._desk.wake()

    def _say(
        self, tx: Tx, one: Shortlist, row: Shortlisted, family: Family, record: Record, answer: str, comment: str
    ) -> None:
        desk, now, actor, cause = self._desk, self._desk.now(), self._actor(tx, one), self._desk.id()
        row = replace(row, answer=answer, answered=now, said={"comment": comment, "name": one.said["name"]})
        tx.shortlists.put(row)
        heard(tx, one, now)
        told = [_line(each) for each in tx.shortlists.of([record.id]) if each.answer]
        body = f"{one.said['name']}, on the shortlist for {one.said['title']}: {answer}."
        note: Fields = {
            "body": f"{body}\n{comment}".strip(), "visibility": "private", "created_at": now.isoformat(),
            "application": record.id,
        }  # fmt: skip
        edits = [
            Edit(desk.id(), record.id, {"manager_feedback": "\n".join(told)}, actor, cause),
            Edit(desk.id(), record.parent or "", note, actor, cause, create=Kind.NOTE),
        ]
        if answer == SKIP:
            edits.append(Edit(desk.id(), record.id, {"status": Status.REJECTED}, actor, cause, propose=True))
        desk.reconcile.edit_in(tx, family.id, edits)
        if answer != SKIP:
            self._take_back(tx, family.id, record.id, actor)
        tx.audit.record(
            workspace=one.workspace, at=now, action="shortlist feedback", actor=actor, family=family.id,
            record=record.id, detail={"shortlist": one.id, "answer": answer},
        )  # fmt: skip

    def _take_back(self, tx: Tx, family: str, application: str, actor: Actor) -> None:
        """What this manager had proposed, and a recruiter has not answered, is asked no more."""
        reviews = tx.families.family(family).reviews.values()
        mine = [
            one.id
            for one in reviews
            if (one.kind, one.record, one.field, one.actor) == (ReviewKind.PROPOSAL, application, "status", actor)
        ]
        why = "the hiring manager has changed their mind"
        for id in mine:
            self._desk.reconcile.replan_in(tx, family, lambda f, c, id=id: withdrawn(f, id, why, c))

    def _actor(self, tx: Tx, one: Shortlist) -> Actor:
        """The manager: as a user of this workspace where one has that address, else by name."""
        email = str(one.said.get("email") or "")
        user = tx.people.user_by_email(one.workspace, email) if email else None
        if user is not None and user.disabled is None:
            return Actor(ActorKind.PERSON, user.id, user.name or str(one.said["name"]))
        return Actor(ActorKind.PERSON, f"shortlist:{one.id}", str(one.said["name"]))

    # ----------------------------------------------------------------------------------------------------------- parts

    def forged(self, token: str) -> bool:
        """Whether a link was not made here; nothing is looked up for it."""
        return bool(self._key) and links.opens(self._key, Purpose.SHORTLIST, token) is None

    def _opened(self, tx: Tx, token: str, *, hold: bool = False) -> Shortlist:
        if not self._key and tx.vault.has(self._desk.workspace):
            self._key = tx.vault.derived(self._desk.workspace, b"links")
        opens = links.opens(self._key, Purpose.SHORTLIST, token)
        one = tx.shortlists.get(opens.id, hold=hold) if opens is not None else None
        if opens is None or one is None or one.issue != opens.issue or one.workspace != self._desk.workspace:
            raise NotFoundError("This link does not work.")
        return one

    def _seen(self, tx: Tx, token: str) -> None:
        one = self._opened(tx, token, hold=True)
        if one.opened is None:
            now = self._desk.now()
            tx.shortlists.set(replace(one, opened=now))
            tx.audit.record(
                workspace=one.workspace, at=now, action="shortlist opened", actor=self._actor(tx, one),
                record=one.job, family=tx.families.record_family(one.job), detail={"shortlist": one.id},
            )  # fmt: skip


def _line(row: Shortlisted) -> str:
    """What one manager said, as the field has it: who, when, what, and why."""
    day = f"{row.answered.day} {row.answered:%b %Y}" if row.answered is not None else ""
    comment = " ".join(str(row.said.get("comment") or "").split())
    return f"{row.said['name']}, {day}: {row.answer}. {comment}".strip()


def _texts(value: Value | Any) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, Sequence) and not isinstance(value, str) else ()

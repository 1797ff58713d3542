"""What a rule does with `do: shortlist`: a recruiter is asked whether a hiring manager should see somebody; with their
yes the person joins the manager's list, and the manager gets its link by e-mail.

A list is one person's: whoever joins later joins the newest list whose link works, so that one link stays good. A list
without names and one with them are two, each with its own link.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bascule.core.reviews import APPROVE, ask, decide, withdraw
from bascule.engine.reconcile import Reconcile
from bascule.engine.runtime import Runtime
from bascule.hiring import links
from bascule.hiring.links import Purpose
from bascule.model import Actor, Family, Fields, Record, Review, ReviewKind
from bascule.store import Tx
from bascule.store.shortlists import Shortlist, Shortlisted
from bascule.store.triggers import Firing, FiringState

from .manager_answers import MAKER
from .notices import MANAGER, colleague, put_letter
from .triggers import Case, Deed, over

LASTS = timedelta(days=14)  # a link works so long after somebody has joined last
GATHER = 60.0  # seconds in which whoever joins is told of by one letter


class Shortlisting:
    """The action `shortlist`, and a person's answer to it."""

    def __init__(self, runtime: Runtime, reconcile: Reconcile, *, address: str) -> None:
        self._runtime = runtime
        self._reconcile = reconcile
        self._address = address
        self.gather = GATHER

    def act(self, tx: Tx, case: Case) -> Deed:
        """Ask the recruiter, unless the person is on the manager's list already."""
        to = case.trigger.told.get("to", MANAGER)
        name, email = colleague(tx, case, to)
        if not email:
            return Deed(FiringState.FAILED, f"nobody is named as {to} of this job with an e-mail address")
        if case.job is None:
            return Deed(FiringState.FAILED, "the application is for no job")
        redacted = case.trigger.told.get("redacted") == "yes"
        known = self._list(tx, case.family.workspace, case.job.id, email, redacted=redacted)
        if known is not None and any(one.application == case.application.id for one in tx.shortlists.people(known.id)):
            return Deed(FiringState.DONE, "on their list already", known.id)
        detail: Fields = {
            "for": name or email, "to": email, "redacted": redacted,
            "because": f"{case.trigger.name}: {case.trigger.why}",
        }  # fmt: skip
        about = _about(case.application.id, email, redacted=redacted)
        planned = self._reconcile.replan_in(
            tx, case.family.id,
            lambda f, c: ask(
                f, ReviewKind.SHORTLIST, case.application.id, case.at.id, about, detail, case.actor, c
            ),
        )  # fmt: skip
        review = next(one for one in planned.family.reviews.values() if one.about == about)
        return Deed(FiringState.WAITING, effect=review.id)

    def take_back(self, tx: Tx, workspace: str, firing: Firing, why: str) -> None:
        """Nobody has answered, and what it was for holds no more."""
        home = tx.families.review_family(workspace, firing.effect or "")
        family = tx.families.family(home) if home is not None else None
        review = family.reviews.get(firing.effect or "") if family is not None else None
        if family is not None and review is not None:
            about = review.about
            self._reconcile.replan_in(tx, family.id, lambda f, c: withdraw(f, ReviewKind.SHORTLIST, about, why, c))
        tx.triggers.settle(firing.id, FiringState.WITHHELD, why, now=self._runtime.now())

    def answer(self, tx: Tx, review: Review, family: Family, answer: str, actor: Actor) -> None:
        """A person's answer, inside a unit: on yes the application joins the list, and the manager is told."""
        now = self._runtime.now()
        self._reconcile.replan_in(tx, family.id, lambda f, c: decide(f, review.id, answer, actor, c))
        record = family.records.get(review.record or "")
        if answer != APPROVE or record is None:
            over(tx, family.workspace, review.id, FiringState.WITHHELD, "a person has declined it", now)
            return
        self._join(tx, record, review.detail, actor, now)
        over(tx, family.workspace, review.id, FiringState.DONE, "", now)

    def _join(self, tx: Tx, record: Record, detail: Fields, actor: Actor, now: datetime) -> None:
        workspace, job, email = record.workspace, str(record.fields.get("job") or ""), str(detail["to"])
        redacted = bool(detail["redacted"])
        known = self._list(tx, workspace, job, email, redacted=redacted)
        one = known or self._new(tx, workspace, job, detail, actor, now)
        one = replace(one, expires=max(one.expires, now + LASTS))
        tx.shortlists.set(one)
        people = tx.shortlists.people(one.id)
        if all(each.application != record.id for each in people):
            place = max((each.place for each in people), default=0) + 1
            stage = str(record.fields.get("stage") or "")
            tx.shortlists.put(Shortlisted(one.id, record.id, workspace, record.family, place, stage))
        tx.audit.record(
            workspace=workspace, at=now, action="put on a shortlist", actor=actor, family=record.family,
            record=record.id, detail={"shortlist": one.id},
        )  # fmt: skip
        self._tell(tx, one, email, now)

    def _list(self, tx: Tx, workspace: str, job: str, email: str, *, redacted: bool) -> Shortlist | None:
        """The newest list of a manager for a job that shows as much, whose link works, and that asks for no code: a
        letter could not say it."""
        now = self._runtime.now()
        for one in tx.shortlists.list(workspace, job):
            works = one.revoked is None and one.expires > now and not one.code
            shows = bool(one.said.get("redacted")) == redacted
            if works and shows and str(one.said.get("email") or "").casefold() == email.casefold():
                return tx.shortlists.get(one.id, hold=True)
        return None

    def _new(self, tx: Tx, workspace: str, job: str, detail: Fields, actor: Actor, now: datetime) -> Shortlist:
        title = str(tx.families.records(workspace, [job])[job].fields.get("title") or "")
        said: Fields = {
            "name": detail["for"], "email": detail["to"], "redacted": bool(detail["redacted"]), "by": actor.name,
            "title": title, MAKER: actor.id,
        }  # fmt: skip
        return Shortlist(self._runtime.id(), workspace, job, 1, now, now + LASTS, said=said)

    def _tell(self, tx: Tx, one: Shortlist, email: str, now: datetime) -> None:
        """One letter about all who join within a short while; it names nobody."""
        turn = int(now.timestamp() // self.gather) + 1
        due = datetime.fromtimestamp(turn * self.gather, tz=now.tzinfo)
        secret = links.token(tx.vault.derived(one.workspace, b"links"), Purpose.SHORTLIST, one.id, one.issue)
        title = str(one.said.get("title") or "a job")
        text = (
            f"{one.said['by']} would like to know what you think of somebody who applied for {title}. Look, and say "
            f"approve, maybe or skip; you need no login:\n\n{self._address}/{Purpose.SHORTLIST}/{secret}\n\n"
            "The link is yours alone. What you say stands in the ATS in your name; nobody is turned away by it.\n"
        )
        put_letter(tx, one.workspace, f"{one.id}.{turn}", email, f"{title}: somebody to look at", text, now=due)


def _about(application: str, email: str, *, redacted: bool) -> str:
    return f"shortlist|{application}|{email.casefold()}" + ("|redacted" if redacted else "")

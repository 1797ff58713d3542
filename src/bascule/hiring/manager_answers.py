"""What hiring managers say on shortlists: a condition of rules, and one letter to whoever asked, about all that came
within a few minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bascule.core.triggers import Fact, Facts, Name
from bascule.engine.connections import Connections
from bascule.engine.runtime import Runtime
from bascule.model import Family, Record, Status
from bascule.store import Tx
from bascule.store.shortlists import Shortlist, Shortlisted
from bascule.store.tasks import TaskLease

from .absences import stands_for
from .messages import server_of
from .notices import addresses, put_letter

ANSWERS = "manager answers"  # the task, one a list
GATHER = timedelta(minutes=5)  # in which what a manager says is gathered; at once when they have said it of everybody
TOLD = "told"  # in a list's `said`: until when of its answers somebody has been told
MAKER = "maker"  # in a list's `said`: the user who asked


def said(tx: Tx, _family: Family, application: Record) -> Facts:
    """For rules: what a hiring manager has said last, on any list. Another comment is no other answer."""
    found = [(one.answered, one) for one in tx.shortlists.of([application.id]) if one.answer and one.answered]
    if not found:
        return {Name.MANAGER: Fact("none", application.born)}
    at, last = max(found, key=lambda each: each[0])
    return {Name.MANAGER: Fact(last.answer, at, f"{last.shortlist}|{last.answer}")}


def heard(tx: Tx, one: Shortlist, now: datetime) -> None:
    """A manager has said something: whoever asked will hear of it, in the commit that keeps it."""
    due = now + GATHER if _left(tx, one, tx.shortlists.people(one.id)) else now
    tx.tasks.gather(one.workspace, ANSWERS, one.id, due=due, now=now)


class ManagerAnswers:
    """The handler of the task "manager answers"."""

    def __init__(self, runtime: Runtime, connections: Connections, *, address: str) -> None:
        self._runtime = runtime
        self._connections = connections
        self._address = address

    async def tell(self, task: TaskLease) -> None:
        """One letter about all that was said since the last one. It names no candidate. Without a mail server nothing
        is owed: the answers stand in the ATS and on the job's page."""

        def unit(tx: Tx) -> None:
            tx.tasks.hold(task)
            one = tx.shortlists.get(task.key, hold=True)
            people = tx.shortlists.people(one.id) if one is not None else []
            if one is None or not (new := _new(one, people)):
                return
            to = self._whom(tx, one, self._runtime.now())
            if to and server_of(tx, one.workspace) is not None:
                self._write(tx, one, people, new, to)
            until = max(each.answered for each in new if each.answered)
            tx.shortlists.set(replace(one, said={**one.said, TOLD: until.isoformat()}))

        await self._connections.store.write(unit)

    def _write(
        self, tx: Tx, one: Shortlist, people: Sequence[Shortlisted], new: Sequence[Shortlisted], to: str
    ) -> None:
        title, name = str(one.said.get("title") or "a job"), str(one.said["name"])
        counts = Counter(each.answer for each in new)
        told = ", ".join(f"{counts[answer]} {answer}" for answer in ("approve", "maybe", "skip") if counts[answer])
        left = _left(tx, one, people)
        more = f" {left} not answered yet." if left else " That is everybody on the list."
        skipped = (
            "\nWhoever they skipped is not rejected: a rejection is proposed to a recruiter, who decides.\n"
            if counts["skip"] else ""
        )  # fmt: skip
        text = (
            f"{name} has answered on the shortlist for {title}: {told}.{more}\n\n"
            f"{self._address}/jobs/{one.job}/shortlists\n\n"
            f"What they said stands in the ATS too, with each application.\n{skipped}"
        )
        put_letter(tx, one.workspace, self._runtime.id(), to, f"{title}: {name} has answered", text,
                   now=self._runtime.now())  # fmt: skip

    def _whom(self, tx: Tx, one: Shortlist, now: datetime) -> str:
        """The address of whoever made the list, or of who stands for them; else of the job's recruiter, else of the
        owner of the connection that shows the job. Nobody is told of their own answers."""
        own = str(one.said.get("email") or "").casefold()
        known = {user.id: user.email for user in tx.people.users(one.workspace) if user.disabled is None}
        home = tx.families.record_family(one.job)
        links = tx.families.family(home).links.values() if home is not None else ()
        shown = [self._connections.known(link.connection) for link in links if link.record == one.job and link.open]
        maker, *owners = (
            known.get(stands_for(tx, one.workspace, each, now), "")
            for each in (str(one.said.get(MAKER) or ""), *(at.row.owner for at in shown if at is not None))
        )
        job = tx.families.records(one.workspace, [one.job]).get(one.job)
        recruiters = addresses(tx, one.workspace, job.fields.get("recruiters")) if job is not None else []
        return next((to for to in (maker, *recruiters, *owners) if to and to.casefold() != own), "")


def _left(tx: Tx, one: Shortlist, people: Sequence[Shortlisted]) -> int:
    """How many are on the list still, and not answered."""
    known = tx.families.records(one.workspace, [each.application for each in people if not each.answer])
    return sum(
        not each.answer
        and (record := known.get(each.application)) is not None
        and record.fields.get("status") in (None, Status.ACTIVE)
        and str(record.fields.get("stage") or "") == each.stage
        for each in people
    )


def _new(one: Shortlist, people: Sequence[Shortlisted]) -> list[Shortlisted]:
    told = str(one.said.get(TOLD) or "")
    until = datetime.fromisoformat(told) if told else one.created
    return [each for each in people if each.answer and each.answered is not None and each.answered > until]

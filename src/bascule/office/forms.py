"""What a job's screening form says and asks: the disclosure of AI use and the job's own questions, in versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from bascule.core.rollout import AI
from bascule.errors import ConflictError, InputError
from bascule.hiring import disclosure, screening
from bascule.hiring.disclosure import Disclosure, Use
from bascule.hiring.form_words import LANGUAGES, words
from bascule.hiring.messages import server_of
from bascule.hiring.rubrics import SCORE, job_of
from bascule.hiring.screening import Own, Question
from bascule.hiring.tools import Policy
from bascule.model import Actor, Record
from bascule.models.choice import LOCAL, Order
from bascule.models.door import choice_of
from bascule.store import Tx
from bascule.store.listing import text_of
from bascule.store.screenings import Counted

from .desk import Desk
from .screenings import times_of

LONGEST = 8000
TOGETHER = 500


class Forms:
    """`app.forms`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # ------------------------------------------------------------------------------------------------------ disclosure

    async def disclose(
        self, job: str, text: Mapping[str, str], actor: Actor, *, notice: date | None = None
    ) -> Disclosure:
        """Tell applicants of a job ("": of all jobs without a disclosure of their own) this from now on, by language.
        With `notice` no AI scores before that day, where the workspace asks for disclosures. What waited for it is
        scored. InputError for nothing, or a language that the form does not have."""
        said = _said(text)

        def unit(tx: Tx) -> Disclosure:
            if job:
                job_of(tx, self._desk.workspace, job)
            body = disclosure.kept(said, notice, actor.name)
            one = tx.screenings.add_terms(self._desk.workspace, job, "disclosure", body, now=self._desk.now())
            detail = {"version": one.version, "notice": notice.isoformat() if notice else ""}
            self._noted(tx, "disclosure set", actor, job, detail)
            self._score(tx, job)
            return disclosure.versions(tx, self._desk.workspace, job)[0]

        made = await self._desk.store.write(unit)
        self._desk.wake()
        return made

    def drafts(self, tx: Tx) -> dict[str, str]:
        """What applicants could be told of AI use, by language, from how this installation is set now. It is told once
        somebody has said so."""
        use = self.use(tx)
        return {code: disclosure.draft(use, words(code)) for code in LANGUAGES}

    def use(self, tx: Tx) -> Use:
        """How AI is used here."""
        workspace, model = self._desk.workspace, choice_of(tx, self._desk.workspace)
        asked = model.purposes or model.order is Order.REMOTE
        provider = model.vendor.label if model.on and asked and model.works_in != LOCAL else ""
        mine = [one for one in self._desk.connections.all() if one.row.workspace == workspace]
        tools = [one.row for one in mine if one.is_tool]
        server = server_of(tx, workspace)
        return Use(
            tuple(sorted(one.row.name for one in mine if not one.is_tool and one.row.settings.get(AI, True))),
            provider, tuple(sorted(one.name for one in tools)),
            tuple(sorted(one.name for one in tools if Policy.of(one).contact)), times_of(tx, workspace).person,
            (server.answers or server.sender) if server is not None else "",
        )  # fmt: skip

    async def require(self, on: bool, actor: Actor) -> None:
        """Whether scoring of a job waits until it, or the workspace, has a disclosure."""

        def unit(tx: Tx) -> None:
            tx.workspaces.set_setting(self._desk.workspace, disclosure.REQUIRED, on)
            self._noted(tx, "disclosure required" if on else "disclosure not required", actor, "", {})
            self._score(tx, "")

        await self._desk.store.write(unit)
        self._desk.wake()

    def required(self, tx: Tx) -> bool:
        return bool(tx.workspaces.setting(self._desk.workspace, disclosure.REQUIRED, False))

    def _score(self, tx: Tx, job: str) -> None:
        """Have whoever has no score yet looked at again."""
        now = self._desk.now()
        for id in [job] if job else self._jobs(tx):
            for row in tx.pages.ranked(id, limit=5000, named=False):
                if row.score is None and row.status == "active":
                    tx.tasks.put(self._desk.workspace, SCORE, row.application, due=now)

    def _jobs(self, tx: Tx) -> Iterable[str]:
        after = ""
        while some := tx.pages.jobs(self._desk.workspace, after=after, limit=TOGETHER):
            yield from (one.job.id for one in some)
            after = some[-1].job.id

    # ------------------------------------------------------------------------------------------------------- questions

    async def ask(
        self, job: str, given: Sequence[Mapping[str, Any]], left_out: Iterable[str], seen: int, actor: Actor
    ) -> int:
        """Ask these questions of the job's own, and leave these of the others out, from now on; the version that holds.
        Who has begun keeps what they began with. InputError says what cannot be asked, ConflictError where a newer
        version than `seen` has come."""
        own = Own(screening.own_questions(given), frozenset(left_out))

        def unit(tx: Tx) -> int:
            record = job_of(tx, self._desk.workspace, job)
            newest = next((one.version for one in tx.screenings.terms(record.workspace, job, "questions")), 0)
            if newest != seen:
                raise ConflictError(
                    f"The questions have changed since you opened them: version {newest} holds, you saw {seen}.",
                    hint="Look at the new version, then change it again.",
                )
            body = {**screening.own_as_data(own), "by": actor.name}
            one = tx.screenings.add_terms(record.workspace, job, "questions", body, now=self._desk.now())
            self._noted(tx, "screening questions set", actor, job, {"version": one.version})
            return one.version

        return await self._desk.store.write(unit)

    def own(self, tx: Tx, job: str) -> tuple[int, Own]:
        """(version, what people have set) of a job's questions; 0 where nobody has."""
        found = tx.screenings.terms(self._desk.workspace, job, "questions")
        return (found[0].version, screening.own_of(found[0].body)) if found else (0, Own())

    def questions(self, tx: Tx, job: Record) -> tuple[Question, ...]:
        """All that the job's form could ask, those left out too."""
        rubric, offices = tx.scores.rubric(job.id), job.fields.get("offices")
        own = Own(self.own(tx, job.id)[1].questions)
        where = [text_of(one) for one in offices] if isinstance(offices, tuple) else []
        return screening.questions(rubric.body if rubric is not None else {}, where, own)

    async def told(self, job: str) -> dict[str, Any]:
        """What a job's form says and asks. NotFoundError where there is no such job."""

        def read(tx: Tx) -> dict[str, Any]:
            record, now = job_of(tx, self._desk.workspace, job), self._desk.now()
            version, own = self.own(tx, job)
            held, wait = disclosure.newest(tx, record.workspace, job), disclosure.waits(tx, record.workspace, job, now)
            return {
                "job": job, "version": version,
                "questions": [
                    {
                        "id": one.id, "kind": str(one.kind), "required": one.required, "own": not one.form,
                        "asked": one.id not in own.left_out, "options": list(one.options) if not one.form else [],
                        "text": {code: screening.asked(one, words(code)) for code in LANGUAGES},
                    }
                    for one in self.questions(tx, record)
                ],
                "disclosure": as_data(held) if held is not None else None,
                "waits": wait.why if wait is not None else "",
            }  # fmt: skip

        return await self._desk.store.read(read)

    async def standing(self) -> dict[str, Any]:
        """What holds for all forms of the workspace, and how many came how far."""

        def read(tx: Tx) -> dict[str, Any]:
            workspace = self._desk.workspace
            held, times = disclosure.versions(tx, workspace, ""), times_of(tx, workspace)
            return {
                "required": self.required(tx), "link_days": times.link, "person_days": times.person,
                "disclosure": as_data(held[0]) if held else None,
                "rates": [rate(one) for one in tx.screenings.counted(workspace)],
            }  # fmt: skip

        return await self._desk.store.read(read)

    def _noted(self, tx: Tx, action: str, actor: Actor, job: str, detail: Mapping[str, Any]) -> None:
        family = tx.families.record_family(job) if job else None
        tx.audit.record(
            workspace=self._desk.workspace, at=self._desk.now(), action=action, actor=actor, family=family,
            record=job or None, detail=detail,
        )  # fmt: skip


def rate(one: Counted) -> dict[str, Any]:
    """How far a job's forms came; `completion` of those invited."""
    return {**asdict(one), "completion": one.completed / one.invited if one.invited else None}


def as_data(one: Disclosure) -> dict[str, Any]:
    """As programs are told of it; `job` "": the workspace's."""
    return {
        "job": one.job, "version": one.version, "at": one.at, "by": one.by, "text": dict(one.text),
        "notice": one.notice,
    }  # fmt: skip


def _said(text: Mapping[str, str]) -> dict[str, str]:
    said = {language: one.strip() for language, one in text.items() if one.strip()}
    if not said:
        raise InputError("The disclosure says nothing.", hint="Write what applicants are told of AI, in one language.")
    for language, one in said.items():
        if words(language)("draft_missing") in one:
            raise InputError(
                f"The {language} text does not say yet whom applicants ask.",
                hint=f"Write a name and an e-mail address where it says {words(language)('draft_missing')}.",
            )
        if len(one) > LONGEST:
            raise InputError(f"The disclosure is longer than {LONGEST} characters.", hint="People read it on a phone.")
    return said

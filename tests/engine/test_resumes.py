"""A CV is read when it is another one, and what could not be read waits for somebody."""

from __future__ import annotations

from base64 import b64encode

import pytest
from tests.contracts.connector.accounts import Clock, OnKit, Setting, odoo, teamtailor, workday

from bascule.match import InterruptedReadError, Reading, ResumeReader
from bascule.model import Kind
from bascule.office.tasks import Task, TaskKind, Wanted
from bascule.sandbox.greenhouse import jobs, pipeline
from bascule.sandbox.greenhouse import people as people_
from bascule.server.show import candidate as show_candidate
from bascule.server.show import job as show_job
from bascule.server.show import resume as show_resume
from bascule.store import Tx

from .kit import DANA, GARDENER, OWNER, House
from .test_corrections import listed

ACCOUNTS = (odoo.Account, teamtailor.Account, workday.Account)


@pytest.mark.parametrize("system", ACCOUNTS, ids=lambda one: one.system)
async def test_another_cv_under_the_same_id_and_name_is_read(house: House, system: type[OnKit]) -> None:
    account = system(Setting(Clock(house.clock.at)))
    at = await house.connect_second(account)
    candidate, application = account.apply()

    async def skills() -> set[str]:
        def query(tx: Tx) -> set[str]:
            found = tx.families.resolve(at.id, [(Kind.APPLICATION, application)]).get((Kind.APPLICATION, application))
            score = tx.scores.of(found.record) if found is not None else None
            return {one["label"] for one in listed(score.body["skills"])} if score is not None else set()

        return await house.app.store.read(query)

    await house.until(skills, within=900)
    assert "Python" in " ".join(await skills())
    account.replace_file(candidate, GARDENER.replace(b"Ada Byron", b"Late Comer"))

    async def read_again() -> bool:
        return "Python" not in " ".join(await skills())

    await house.until(read_again, within=8 * 3600)


async def tasks(house: House) -> list[Task]:
    return await house.app.tasks.list(Wanted(TaskKind.NOTICE))


async def test_cvs_that_cannot_be_read_are_one_task_of_their_job_that_ends_with_the_last(house: House) -> None:
    ada = await house.apply(file=b"%PDF-1.4 broken", filename="cv.pdf")
    max_ = await house.apply("Max", "Weber", "max@example.org", file=b"%PDF-1.4 broken", filename="cv.pdf")
    await house.pass_time(10)
    job = str(await house.value(Kind.APPLICATION, ada.application, "job"))
    (task,) = await tasks(house)
    assert task.what == "2 CVs of applicants for “Backend Engineer” could not be read"
    assert (task.href, task.connection) == (f"/jobs/{job}?ai=unreadable", house.name)
    ids = {(await house.record(Kind.APPLICATION, one.application)).id for one in (ada, max_)}
    page = await house.app.store.read(lambda tx: show_job.page(tx, house.app.workspace, job, "", ai="unreadable"))
    assert ({one.application for one in page.applicants}, page.unreadable) == (ids, 2)
    assert all(one.name and "broken" in one.reason for one in page.applicants)

    newer = {"filename": "newer.txt", "type": "resume", "content": b64encode(GARDENER).decode()}
    people_.attach(house.sandbox, DANA, {**newer, "application_id": ada.application})
    await house.pass_time(90)
    assert [one.what for one in await tasks(house)] == ["1 CV of applicants for “Backend Engineer” could not be read"]
    pipeline.reject(
        house.sandbox,
        DANA,
        max_.application,
        {"rejection_reason_id": next(iter(house.sandbox.db["rejection_reasons"]))["id"]},
    )
    await house.leap(3700)
    assert await tasks(house) == []


async def test_of_a_connection_that_was_taken_away_nobody_is_asked_to_mend_cvs(house: House) -> None:
    await house.apply(file=b"%PDF-1.4 broken", filename="cv.pdf")
    await house.pass_time(10)
    assert len(await tasks(house)) == 1
    await house.app.accounts.remove(house.name, OWNER)
    await house.leap(3700)
    assert await tasks(house) == []


async def test_a_job_without_a_text_is_a_task_until_it_has_one(house: House) -> None:
    post = jobs.post_of(house.sandbox, house.job("Staff Nurse")["id"])
    assert post is not None
    before = post["content"]
    jobs.update_post(house.sandbox, DANA, post["id"], {"content": ""})
    await house.polls()
    await house.apply(job="Staff Nurse")
    await house.pass_time(10)
    (task,) = await tasks(house)
    assert task.what == "1 applicant without a score, as the job “Staff Nurse” has no text to score against"
    jobs.update_post(house.sandbox, DANA, post["id"], {"content": before})
    await house.polls()
    assert await tasks(house) == []


class Slow(ResumeReader):
    """A reader whose machine is too slow so many times."""

    left = 0
    files = 0

    async def read(self, data: bytes, filename: str = "") -> Reading:
        self.files += 1
        if self.left:
            self.left -= 1
            raise InterruptedReadError(Reading("unreadable", "", "It was not read in time.", 0, "", (), ""))
        return await super().read(data, filename)


async def test_a_slow_machine_leaves_no_verdict_and_one_that_was_left_is_made_again_when_asked(house: House) -> None:
    reader = house.app.readings._reader = Slow()
    try:
        reader.left = 1
        ada = await house.apply()
        await house.pass_time(10)
        id = (await house.record(Kind.APPLICATION, ada.application)).id
        assert await house.app.store.read(lambda tx: tx.stored.of(id, "study")) is None
        await house.pass_time(120)
        assert await house.value(Kind.APPLICATION, ada.application, "ai_status") == "scored"

        reader.left, reader.files = 4, 0
        max_ = await house.apply("Max", "Weber", "max@example.org")
        await house.leap(900)
        assert reader.files == 4, "three times, the last one twice"
        assert await house.value(Kind.APPLICATION, max_.application, "ai_status") == "unreadable"
        job = str(await house.value(Kind.APPLICATION, max_.application, "job"))
        assert await house.app.resume_desk.read_again(job, OWNER) == 1
        await house.pass_time(10)
        assert await house.value(Kind.APPLICATION, max_.application, "ai_status") == "scored"
        assert await tasks(house) == []
        assert await house.app.resume_desk.read_again(job, OWNER) == 0
    finally:
        await reader.close()


async def test_what_was_read_in_a_cv_is_shown_value_by_value_with_its_place(house: House) -> None:
    ada = await house.apply()
    await house.quiet()
    id = (await house.record(Kind.CANDIDATE, ada.candidate)).id
    _, text, found = await house.app.resume_desk.read(id, OWNER)
    shown = show_resume.page(id, "Ada Byron", text, found)
    values = {(one.what, one.value): one for one in shown.values}
    for what, value in (("Title now", "Backend Developer"), ("Employer now", "Northwind Systems")):
        one = values[what, value]
        assert text[one.start : one.end] == value
        assert one.quote.startswith("Backend Developer, Northwind Systems, January 2020")
    assert {"Position", "Skill", "Years of work", "Name"} <= {one.what for one in shown.values}
    assert all(0 < one.sure <= 100 and one.start < one.end for one in shown.values)
    (line,) = await house.app.store.read(lambda tx: tx.audit.of_action(house.app.workspace, "resume read"))
    assert line.record == id

    page = await house.app.store.read(
        lambda tx: show_candidate.page(
            tx, house.app.workspace, id, may_decide=True, connected=lambda _: None, acts_as=lambda _: "", promise=""
        )
    )
    assert page.cv_read

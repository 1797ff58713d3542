"""A hire from the application to the ATS's "hired", by the demo's own rules: what the recruiter does besides working in
their ATS is counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import EmailMessage

import pytest_asyncio
from playwright.async_api import Browser, expect
from tests.engine.mailbox import Mailbox, mailbox

from bascule.demo.flow import RULES, TYPES
from bascule.model import Kind
from bascule.sandbox import greenhouse
from bascule.sandbox.calendars import Server
from bascule.sandbox.greenhouse import pipeline
from bascule.sandbox.mail.letters import Mailroom
from bascule.store.sql import Sql

from .browser import log_in
from .test_screening import PHONE, custom, sound
from .world import DANA, NAME, SETUP, World, until

MANAGER = "viktor.lindqvist@tenant.example"
ANSWERED = "has answered"  # of letters that say what a manager has said, and open nothing


@pytest_asyncio.fixture(loop_scope="session")
async def box(made: World) -> AsyncIterator[Mailbox]:
    with mailbox() as (found, server):
        await made.app.message_desk.set_server(server, SETUP)
        await made.app.message_desk.set_hours(0, 24, range(7), "UTC", "en", SETUP)
        found.letters.clear()
        yield found


def link(letter: EmailMessage, part: str, base: str) -> str:
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    found = next(word for word in text.split() if f"/{part}/" in word)
    return f"{base}/{part}/{found.rpartition('/')[2]}"


async def letter(box: Mailbox, number: int, to: str) -> EmailMessage:
    """The letter of that number with a link to somebody, once it is there."""

    async def there() -> EmailMessage | None:
        theirs = [one for one in box.letters if one["To"] == to and ANSWERED not in one["Subject"]]
        return theirs[number] if len(theirs) > number else None

    return await until(there)


async def test_a_recruiter_hires_somebody_without_a_login_a_copied_value_or_a_push(
    made: World, browser: Browser, box: Mailbox, calendars: Server
) -> None:
    app, ats = made.app, made.ats
    app.letters.gather = app.shortlisting.gather = 0.1
    await app.mappings.confirm(NAME, TYPES, SETUP)
    users = await app.store.read(lambda tx: tx.people.users(app.workspace))
    email = users[0].email
    await app.trigger_desk.save(RULES.format(owner=email, interviewer=DANA), SETUP)
    applied = await made.apply("Priya", "Venkataraman", "priya@mail.example", "Priya-Venkataraman-Backend.pdf")
    row = ats.row("applications", applied["application_id"])

    async def told() -> str | None:
        return next((str(one["To"]) for one in box.letters), None)

    recruiter = await until(told)
    phone = await browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    tab = await phone.new_page()
    hurdles: dict[str, object] = {}
    await tab.goto(link(await letter(box, 0, recruiter), "decide", made.url))
    await expect(tab.get_by_role("heading", level=1)).to_contain_text("1 thing waits for you")
    await expect(tab.get_by_text("Priya Venkataraman")).to_be_visible()
    await sound(tab, hurdles)
    assert len(box.letters) == 1, "opening a link sends nothing"
    await tab.get_by_role("button", name="Send it").click()
    await expect(tab.get_by_role("status")).to_contain_text("in your name")
    await expect(tab.get_by_text("Nothing has happened yet")).to_have_count(0)
    await _answer(made, link(await letter(box, 0, "priya@mail.example"), "screening", made.url))
    await until(lambda: _said(made, applied, "completed"))

    await tab.goto(link(await letter(box, 1, recruiter), "decide", made.url))
    await tab.get_by_text("Their answers").click()
    await expect(tab.get_by_text("4 years. Ran it.").first).to_be_visible()
    await sound(tab, hurdles)
    await tab.get_by_role("button", name="Move on to Recruiter Call").click()
    await expect(tab.get_by_role("status")).to_be_visible()
    await sound(tab, hurdles)

    async def moved() -> bool:
        return ats.row("job_interview_stages", row["job_interview_stage_id"])["name"] == "Recruiter Call"

    await until(moved)
    await tab.goto(link(await letter(box, 2, recruiter), "decide", made.url))
    await tab.get_by_role("button", name="Show them").click()
    await expect(tab.get_by_role("status")).to_be_visible()
    await tab.goto(link(await letter(box, 0, MANAGER), "shortlist", made.url))
    await tab.get_by_role("link", name="Priya Venkataraman").click()
    await tab.get_by_label("Approve").check()
    await tab.get_by_label("Comment").fill("I would like to meet her.")
    await tab.get_by_role("button", name="Save").click()
    await until(lambda: _noted(made, applied, "I would like to meet her."))

    async def heard() -> bool:
        return any(one["To"] == recruiter and ANSWERED in one["Subject"] for one in box.letters)

    await until(heard)

    _in_the_ats(ats, applied, "Technical Interview")
    await tab.goto(link(await letter(box, 3, recruiter), "decide", made.url))
    await tab.get_by_role("button", name="Send it").click()
    await tab.goto(link(await letter(box, 1, "priya@mail.example"), "interview", made.url))
    await tab.locator("input[name=start]").last.check()
    await tab.get_by_role("button", name="Take this time").click()
    await expect(tab.get_by_role("heading", name="Your interview is booked")).to_be_visible()
    await until(lambda: _standing(calendars))
    await sound(tab, hurdles)
    room = Mailroom()
    room.take([DANA], bytes(await letter(box, 0, DANA)))
    await app.message_desk.take(room.answer(room.letters(DANA)[0], "I would hire her."))
    await tab.goto(link(await letter(box, 4, recruiter), "decide", made.url))
    await expect(tab.get_by_text("I would hire her.")).to_be_visible()
    await sound(tab, hurdles)
    await tab.get_by_role("button", name="Keep it").click()
    await until(lambda: _noted(made, applied, "I would hire her."))

    _in_the_ats(ats, applied, "Offer")
    pipeline.hire(ats, _robin(ats), applied["application_id"], {})
    await until(lambda: _hired(made))
    assert hurdles == {}
    await phone.close()
    deeds = await _deeds(made)
    assert "review decided" in deeds
    assert not deeds & {"log-in", "push", "pull"}, "neither a login nor a push"
    touched = {(one.object, one.field) for one in ats.db.log if one.actor == _robin(ats)}
    moves = {"applications", "application_stages", "openings", "notes"}  # the ATS itself notes each move
    assert {kind for kind, _ in touched} <= moves
    assert ("applications", "custom_fields") not in touched, "nothing was copied from one system to the other"
    assert await _noted(made, applied, "E-mail sent")
    await _short(made, browser, hurdles)


async def _short(made: World, browser: Browser, hurdles: dict[str, object]) -> None:
    """On the candidate's page letters are a line each until they are opened, and our own notes are no changes."""
    desk = await browser.new_page(viewport={"width": 1280, "height": 900})
    await log_in(desk, made)
    await desk.goto(f"{made.url}/candidates/{await made.candidate('venkataraman')}")
    await expect(desk.locator("p.answer")).to_contain_text("Hired for Backend Engineer")
    letter = desk.locator("article.note", has_text="E-mail sent: A few questions")
    await expect(letter.get_by_text("Dear Priya")).to_be_hidden()
    await letter.locator("summary").click()
    await expect(letter.get_by_text("Dear Priya")).to_be_visible()
    latest = desk.locator("section", has=desk.get_by_role("heading", name="Latest changes")).last
    await expect(latest.get_by_role("link", name="Status").first).to_be_visible()
    await expect(latest.get_by_role("link", name="Note", exact=True)).to_have_count(0)
    await sound(desk, hurdles)
    assert hurdles == {}


async def _answer(made: World, form: str) -> None:
    token, desk = form.rpartition("/")[2], made.app.applicants
    await desk.start(token, "en", "Europe/London")
    for one in (await desk.form(token)).asked:
        options = one.options[0] if one.options else ""
        value, more = {
            "skill": ("4", "Ran it."),
            "level": ("c1", ""),
            "choice": (options, ""),
            "text": ("Yes.", ""),
        }.get(str(one.kind), ("", ""))
        await desk.answer(token, one.id, value, more, "en")
    await desk.send(token, "en")


def _robin(ats: greenhouse.Sandbox) -> greenhouse.Actor:
    """The recruiter of the job, at their own desk."""
    return greenhouse.Actor(
        "user:Robin Falk", next(one["id"] for one in ats.db["users"] if one["name"] == "Robin Falk")
    )


def _in_the_ats(ats: greenhouse.Sandbox, applied: dict[str, int], stage: str) -> None:
    """The recruiter moves somebody in their ATS."""
    row = ats.row("applications", applied["application_id"])
    to = next(one["id"] for one in pipeline.stages(ats, row["job_id"]) if one["name"] == stage)
    pipeline.move(ats, _robin(ats), row["id"], {"from_stage_id": row["job_interview_stage_id"], "to_stage_id": to})


async def _noted(made: World, applied: dict[str, int], words: str) -> bool:
    """Whether a note in the ATS says so."""
    return any(words in one["body"] for one in made.ats.db["notes"].where("candidate_id", applied["candidate_id"]))


async def _standing(calendars: Server) -> bool:
    return len(calendars.of(DANA)) == 1


async def _hired(made: World) -> bool:
    found = await made.app.store.read(lambda tx: tx.pages.of_kind(made.app.workspace, Kind.APPLICATION))
    return [one.fields.get("status") for one in found] == ["hired"]


async def _said(made: World, applied: dict[str, int], status: str) -> bool:
    return custom(made, applied).get("bascule_screening_status") == status


async def _deeds(made: World) -> set[str]:
    """Everything that people, but for who set it up, have done in Bascule."""
    rows = Sql("SELECT DISTINCT action FROM audit WHERE actor_kind = 'person' AND actor_id <> 'set-up'")
    return {action for (action,) in await made.app.store.read(lambda tx: tx.rows(rows))}

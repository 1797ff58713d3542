"""A hire from the application to the ATS's "hired": what the recruiter does besides working in their ATS is counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import EmailMessage

import pytest_asyncio
from playwright.async_api import Browser, expect
from tests.engine.mailbox import Mailbox, mailbox

from bascule.model import StageType
from bascule.store.sql import Sql

from .test_screening import PHONE, custom, sound
from .world import NAME, SETUP, World, until

TYPES = {
    "Application Review": StageType.APPLIED, "Recruiter Call": StageType.SCREEN,
    "Technical Interview": StageType.INTERVIEW, "Team Day": StageType.INTERVIEW, "Offer": StageType.OFFER,
}  # fmt: skip
RULES = """
ask-everybody:
  on: yes
  why: Everybody who applies is asked the same questions.
  owner: olga@tenant.example
  when: {stage: applied, screening: none}
  do: invite
move-on-who-answered:
  on: yes
  why: Who has answered is looked at, and moved on by a person.
  owner: olga@tenant.example
  when: {stage: applied, screening: completed}
  do: propose
  with: {stage: screen}
"""


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
    """The letter of that number to somebody, once it is there."""

    async def there() -> EmailMessage | None:
        theirs = [one for one in box.letters if one["To"] == to]
        return theirs[number] if len(theirs) > number else None

    return await until(there)


async def test_a_recruiter_hires_somebody_without_a_login_a_copied_value_or_a_push(
    made: World, browser: Browser, box: Mailbox
) -> None:
    app, ats = made.app, made.ats
    app.letters.gather = 0.1
    await app.mappings.confirm(NAME, TYPES, SETUP)
    users = await app.store.read(lambda tx: tx.people.users(app.workspace))
    email = users[0].email
    await app.trigger_desk.save(RULES.replace("olga@tenant.example", email), SETUP)
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
    await _answer(made, link(await letter(box, 0, "priya@mail.example"), "screening", made.url))
    await until(lambda: _said(made, applied, "completed"))

    await tab.goto(link(await letter(box, 1, recruiter), "decide", made.url))
    await tab.get_by_role("button", name="Move on to Recruiter Call").click()
    await expect(tab.get_by_role("status")).to_be_visible()
    await sound(tab, hurdles)

    async def moved() -> bool:
        return ats.row("job_interview_stages", row["job_interview_stage_id"])["name"] == "Recruiter Call"

    await until(moved)
    assert hurdles == {}
    await phone.close()
    deeds = await _deeds(made)
    assert "review decided" in deeds
    assert not deeds & {"log-in", "push", "pull"}, "neither a login nor a push"
    bodies = [n["body"] for n in ats.db["notes"].where("candidate_id", applied["candidate_id"])]
    assert any(one.startswith("E-mail sent") for one in bodies)


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


async def _said(made: World, applied: dict[str, int], status: str) -> bool:
    return custom(made, applied).get("bascule_screening_status") == status


async def _deeds(made: World) -> set[str]:
    """Everything that people, but for who set it up, have done in Bascule."""
    rows = Sql("SELECT DISTINCT action FROM audit WHERE actor_kind = 'person' AND actor_id <> 'set-up'")
    return {action for (action,) in await made.app.store.read(lambda tx: tx.rows(rows))}

"""Whole errands of people, in a real browser, against the real server and a sandbox ATS."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

from playwright.async_api import Browser, Page, Route, expect
from tests.engine.mailbox import mailbox

from bascule.model import Actor, ActorKind, Kind
from bascule.sandbox.greenhouse import people
from bascule.server.show.words import place
from bascule.store import Tx

from .browser import CLIPPED, log_in
from .world import HUMAN, NAME, SETUP, World, until, world

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text("utf-8")


async def test_somebody_logs_in_and_watches_a_score_arrive(made: World, tab: Page) -> None:
    await log_in(tab, made)
    await expect(tab.locator(".answer")).to_contain_text("In step")
    await expect(tab.locator(".live-dot .words")).to_have_text("Live")
    await made.apply("Priya", "Venkataraman", "priya@mail.example", "Priya-Venkataraman-Backend.pdf")
    feed = tab.locator(".rows.feed")
    await expect(feed).to_contain_text("Score", timeout=20_000)
    await expect(feed.get_by_role("link", name="Priya Venkataraman").first).to_be_visible()
    await tab.get_by_role("link", name="Candidates", exact=True).first.click()
    await tab.get_by_role("link", name="Priya Venkataraman").click()
    await expect(tab.locator(".score .total")).to_have_text(re.compile(r"^\d+(\.\d)?$"))
    await expect(tab.locator(".part blockquote").first).to_be_visible()


async def test_an_open_page_follows_a_change_made_in_the_ats(made: World, tab: Page) -> None:
    applied = await made.apply("Yuki", "Tanaka", "yuki@mail.example", "Yuki_Tanaka_Resume.pdf")
    id = await made.candidate("tanaka")
    await made.quiet()
    await log_in(tab, made)
    await tab.goto(f"{made.url}/candidates/{id}")
    await expect(tab.locator("#contact")).to_contain_text("yuki@mail.example")
    await expect(tab.locator(".live-dot .words")).to_have_text("Live")
    emails = [{"value": "tanaka@mail.example", "type": "personal"}]
    people.update(made.ats, HUMAN, applied["candidate_id"], {"email_addresses": emails})  # as on the ATS's own page
    await expect(tab.locator("#contact")).to_contain_text("tanaka@mail.example", timeout=20_000)


async def test_an_e_mail_edited_here_arrives_there_and_its_history_says_so(made: World, tab: Page) -> None:
    applied = await made.apply("Benjamin", "Adler", "ben@mail.example", "Benjamin_Adler_CV.pdf")
    id = await made.candidate("adler")
    await made.quiet()
    await log_in(tab, made)
    await tab.goto(f"{made.url}/candidates/{id}")
    await tab.get_by_text("Edit contact data").click()
    await tab.get_by_label("E-mail", exact=True).fill("adler@mail.example")
    await tab.get_by_role("button", name="Save on both sides").click()
    await expect(tab.locator("#flash")).to_contain_text("Saved")

    async def there() -> bool:
        row = made.ats.row("candidates", applied["candidate_id"])
        return [one["value"] for one in row["email_addresses"]] == ["adler@mail.example"]

    await until(there)
    await tab.goto(f"{made.url}/records/{id}/history?field=emails")
    await expect(tab.locator(".lede")).to_contain_text("Administrator set it in Bascule")
    await expect(tab.locator(".moment .what", has_text="Written").first).to_be_visible()
    await expect(tab.locator(".moment .what", has_text="as greenhouse shows it").first).to_be_visible()


async def test_a_failure_is_read_replayed_and_gone(made: World, tab: Page) -> None:
    applied = await made.apply("Travis", "Coldwell", "travis@mail.example", "Travis_Coldwell_Resume.pdf")
    id = await made.candidate("coldwell")
    await made.quiet()
    made.ats.faults.add({"kind": "answer", "method": "PATCH", "path": "/v3/candidates", "status": 422, "times": 50})
    await made.app.changes.edit(id, {"first_name": "Trevor"}, SETUP)

    async def failed() -> bool:
        return bool(await made.app.store.read(lambda tx: tx.pages.failures(made.app.workspace)))

    await until(failed)
    made.ats.faults.clear()
    await log_in(tab, made)
    await tab.get_by_role("link", name=re.compile("^Failures")).first.click()
    await expect(tab.locator(".answer")).to_contain_text("1 failure")
    await expect(tab.locator("table")).to_contain_text("422")
    await tab.get_by_role("button", name="Replay", exact=True).click()
    await expect(tab.locator("#flash")).to_contain_text("on its way again")
    await expect(tab.locator(".answer")).to_contain_text("Nothing has failed", timeout=20_000)

    async def there() -> bool:
        return made.ats.row("candidates", applied["candidate_id"])["first_name"] == "Trevor"

    await until(there)


async def test_what_somebody_sends_can_be_taken_back_before_it_leaves(tmp_path: Path, browser: Browser) -> None:
    async with world(tmp_path / "data", undo=60) as made:
        with mailbox() as (box, server):
            await made.app.message_desk.set_server(server, SETUP)
            box.letters.clear()
            await made.apply("Zhang", "Wei", "zhang@mail.example")
            id = await made.candidate("zhang")
            await made.quiet()
            tab = await browser.new_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
            await log_in(tab, made)
            for last in (False, True):
                await tab.goto(f"{made.url}/candidates/{id}")
                await tab.get_by_role("link", name="Write", exact=True).click()
                await tab.get_by_label("Template").select_option("next-step")
                await tab.get_by_role("button", name="Take its words").click()
                await tab.get_by_role("button", name="Send it").click()
                await expect(tab.locator("#flash")).to_contain_text("Leaving begins in 60 s")
                if not last:
                    await tab.locator("#flash").get_by_role("button", name="Undo").click()
                    await expect(tab.locator("#messages")).to_contain_text("Administrator took it back before it left")
            await tab.goto(f"{made.url}/messages")
            leaving = tab.locator("#leaving")
            await expect(leaving).to_contain_text("leaves at")
            assert await tab.evaluate(CLIPPED) == []
            await leaving.get_by_role("button", name="Take back").click()
            await expect(tab.locator("#flash")).to_contain_text("Taken back: it is not sent")
            await tab.goto(f"{made.url}/messages")
            await expect(tab.locator("main")).not_to_contain_text("About to leave")
            assert box.letters == []


async def test_a_person_moves_an_application_and_the_ats_says_it_was_them(made: World, tab: Page) -> None:
    applied = await made.apply("Zhang", "Wei", "zhang@mail.example")
    id = await made.candidate("zhang")
    await made.quiet()
    robin = next(user for user in made.ats.db["users"] if user["name"] == "Robin Falk")
    users = await made.app.store.read(lambda tx: tx.people.users(made.app.workspace))
    me = replace(users[0], identities={made.at.id: str(robin["id"])})
    await made.app.store.write(lambda tx: tx.people.set_user(me))
    await made.app.connections.refresh()
    await log_in(tab, made)
    await tab.goto(f"{made.url}/candidates/{id}")
    await tab.get_by_text("Move to another stage").click()
    await expect(tab.locator("form[action$='/move']")).to_contain_text("e-mail")  # said before it is done
    stages = await tab.locator("form[action$='/move'] option").all_inner_texts()
    await tab.get_by_label("Stage", exact=True).select_option(label=stages[1])
    await tab.get_by_role("button", name="Move in Greenhouse as Robin Falk").click()
    await expect(tab.locator("#flash")).to_contain_text("Asked of the ATS in your name")
    await expect(tab.locator("[data-cell^='stage-']").first).to_have_text(stages[1], timeout=20_000)
    moved = [change for change in made.ats.db.log if change.object == "applications" and change.field == "stage_id"]
    assert moved[-1].actor.user_id == robin["id"]
    assert applied


async def test_what_somebody_began_to_fill_in_outlives_an_answer_that_was_on_its_way(made: World, tab: Page) -> None:
    applied = await made.apply("Yuki", "Tanaka", "yuki@mail.example", "Yuki_Tanaka_Resume.pdf")
    id = await made.candidate("tanaka")
    await made.quiet()
    await log_in(tab, made)
    await tab.goto(f"{made.url}/candidates/{id}")
    await expect(tab.locator(".live-dot .words")).to_have_text("Live")
    asked, goes_on = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await goes_on.wait()
        await route.continue_()

    await tab.route(f"**/candidates/{id}", hold)
    emails = [{"value": "tanaka@mail.example", "type": "personal"}]
    people.update(made.ats, HUMAN, applied["candidate_id"], {"email_addresses": emails})
    await asyncio.wait_for(asked.wait(), 20)
    await tab.get_by_text("Write a note").click()
    await tab.get_by_label("Note", exact=True).fill("Calls back on Monday")
    async with tab.expect_response(f"**/candidates/{id}") as answered:
        goes_on.set()
    await (await answered.value).finished()
    await tab.wait_for_timeout(300)
    await expect(tab.get_by_label("Note", exact=True)).to_have_value("Calls back on Monday")
    await expect(tab.get_by_label("Note", exact=True)).to_be_visible()
    await tab.get_by_text("Write a note").click()  # closed, it catches up
    await expect(tab.locator("#contact")).to_contain_text("tanaka@mail.example", timeout=20_000)


async def test_the_review_queue_is_walked_with_the_keyboard_alone(made: World, tab: Page) -> None:
    await made.apply("Aleksandra", "Petrović", "a@mail.example", "Petrovic_Aleksandra_full_CV.pdf")
    id = await made.candidate("petrovic")
    await made.quiet()
    application, stage = await made.app.store.read(lambda tx: first_application(tx, id))
    await made.app.changes.edit(application, {"stage": stage}, Actor(ActorKind.AI, "match", "Bascule match"))
    await log_in(tab, made)
    await tab.keyboard.press("g")
    await tab.keyboard.press("r")
    await tab.wait_for_url("**/review")
    await expect(tab.locator(".live-dot .words")).to_have_text("Live")
    await tab.keyboard.press("j")
    await expect(tab.locator("[data-row] a[data-main]").first).to_be_focused()
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/review/*")
    await expect(tab.locator(".answer")).to_contain_text("Should this change be made?")
    button = tab.get_by_role("button", name="Decline")
    for _ in range(60):
        if await button.evaluate("one => one === document.activeElement"):
            break
        await tab.keyboard.press("Tab")
    await tab.keyboard.press("Enter")
    await expect(tab.locator(".answer")).to_contain_text("Declined")
    assert await made.app.store.read(lambda tx: tx.pages.reviews(made.app.workspace)) == []


async def twice(made: World) -> None:
    """Somebody of a rare name applies again under another address, with the same CV: a question."""
    for mail in ("priya@mail.example", "venkataraman@elsewhere.example"):
        await made.apply("Priya", "Venkataraman", mail, "Priya-Venkataraman-Backend.pdf", 0)

    async def asked() -> bool:
        return bool(await made.app.store.read(lambda tx: tx.pages.reviews(made.app.workspace)))

    await until(asked)
    await made.quiet()


async def test_a_pair_is_joined_and_told_apart_with_the_keyboard_alone(made: World, tab: Page) -> None:
    await twice(made)
    await log_in(tab, made)
    await tab.goto(f"{made.url}/review")
    await tab.get_by_role("link", name="1 pair that may be one person, side by side").click()
    await expect(tab.locator(".answer")).to_contain_text("1 pair may be one person")
    row = tab.locator("[data-row] a[data-main]").first
    for key, said in (
        ("s", "1 pair joined."),
        ("u", "told apart again"),
        ("d", "Different people."),
        ("u", "a question again"),
    ):
        if key != "u":
            await tab.keyboard.press("j")
            await expect(row).to_be_focused()
        await tab.keyboard.press(key)
        await expect(tab.locator("#flash")).to_contain_text(said)
    await expect(tab.locator(".answer")).to_contain_text("1 pair may be one person")
    rows = await made.app.store.read(lambda tx: tx.pages.candidates(made.app.workspace))
    assert len(rows) == 2


def first_application(tx: Tx, candidate: str) -> tuple[str, str]:
    """(an application of the candidate, the last stage of its job)"""
    family = tx.families.family(tx.families.record_family(candidate) or "")
    application = next(record for record in family.records.values() if record.kind is Kind.APPLICATION)
    job = str(application.fields["job"])
    stages = tx.families.family(tx.families.record_family(job) or "").children(job, Kind.STAGE)
    return application.id, max(stages, key=place).id


async def test_pages_of_an_installation_have_no_serious_hurdle_and_fit_a_phone(made: World, browser: Browser) -> None:
    """At 360 px, in the dark: `test_every_page` looks through every template in both widths and themes."""
    await twice(made)
    id = await made.candidate("venkataraman")
    await made.app.data_checks.begin(NAME, SETUP)

    async def checked() -> bool:
        return (await made.app.data_checks.told(NAME)).ended is not None

    await until(checked)
    jobs = await made.app.store.read(lambda tx: tx.pages.jobs(made.app.workspace))
    tab = await browser.new_page(viewport={"width": 360, "height": 800}, color_scheme="dark")
    await log_in(tab, made)
    paths = (
        "/",
        "/review",
        "/duplicates",
        "/duplicates/certain",
        "/candidates",
        f"/candidates/{id}",
        f"/candidates/{id}/history",
        f"/candidates/{id}/enrichment",
        f"/enrichment?connection={NAME}&look=yes",
        f"/records/{id}/history?field=emails",
        "/jobs",
        "/undecided",
        "/kpis",
        f"/flow?job={jobs[0].job.id}",
        "/doctor",
        f"/jobs/{jobs[0].job.id}",
        f"/jobs/{jobs[0].job.id}/people",
        "/candidates?q=python",
        "/connections",
        "/setup",
        "/setup/lever",
        f"/connections/{NAME}/setup",
        f"/connections/{NAME}",
        f"/connections/{NAME}/data",
        f"/connections/{NAME}/data/no-phone",
        f"/mapping/{NAME}",
        "/failures",
        "/audit",
        "/settings",
        "/nowhere",
    )
    hurdles: dict[str, object] = {}
    for path in paths:
        await tab.goto(made.url + path)
        assert await tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        for summary in await tab.locator("details.more > summary").all():
            await summary.click()
        await tab.evaluate(AXE)
        found = await tab.evaluate("axe.run({resultTypes: ['violations']})")
        serious = [
            (one["id"], [node["html"][:160] for node in one["nodes"]][:3])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        if serious:
            hurdles[path] = serious
    await tab.close()
    assert hurdles == {}

"""A candidate on a phone takes a time for an interview, with and without JavaScript; a recruiter sees all of it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from bascule.core.interviews import Rules
from bascule.model import Kind
from bascule.office.interviews import Wanted
from bascule.sandbox.calendars import Server
from bascule.store import Tx

from .browser import log_in
from .test_screening import PHONE, sound
from .world import DANA, ROBIN, SETUP, World, until

PICTURES = os.environ.get("BASCULE_PICTURES", "")


async def picture(tab: Page, name: str) -> None:
    if PICTURES:
        await tab.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


async def applied(made: World, first: str, last: str) -> tuple[str, str]:
    """Somebody who applied: their record, and their application."""
    await made.apply(first, last, f"{first}@mail.example".lower())
    person = await made.candidate(last.lower())
    await made.quiet()

    def application(tx: Tx) -> str:
        family = tx.families.family(tx.families.record_family(person) or "")
        return next(one.id for one in family.records.values() if one.kind is Kind.APPLICATION)

    return person, await made.app.store.read(application)


async def linked(made: World, application: str) -> str:
    wanted = Wanted([DANA, ROBIN], "https://meet.tenant.example/dana", Rules(length=60, days=20, notice=0, change=0))
    one = await made.app.interviews.ask(application, wanted, SETUP)
    link = (await made.app.interviews.one(one.id))["link"]
    return made.url + "/interview" + link.partition("/interview")[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_time_is_taken_changed_and_cancelled_on_a_phone(
    made: World, calendars: Server, browser: Browser, theme: str
) -> None:
    _, application = await applied(made, "Priya", "Venkataraman")
    link, hurdles, hosts = await linked(made, application), dict[str, object](), set[str]()
    phone = await browser.new_context(
        viewport=PHONE, locale="de-DE", timezone_id="Asia/Tokyo", color_scheme=theme, has_touch=True, is_mobile=True
    )  # type: ignore[arg-type]
    tab = await phone.new_page()
    tab.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    answer = await tab.goto(link)
    assert answer is not None
    assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("no-referrer", "no-store")
    await expect(tab.locator("#zone")).to_have_value("Asia/Tokyo")
    await expect(tab.get_by_role("heading", name="Freie Zeiten")).to_be_visible()
    await sound(tab, hurdles)
    await picture(tab, f"times-{theme}")
    await tab.get_by_role("button", name="Diese Zeit nehmen").click()
    await expect(tab.get_by_role("alert")).to_contain_text("wählen")
    await sound(tab, hurdles)
    first = tab.locator("input[name=start]").nth(1)
    at = datetime.fromisoformat(await first.get_attribute("value") or "")
    calendars.add(DANA, at, at + timedelta(minutes=30))  # in the meantime
    await first.check()
    await tab.get_by_role("button", name="Diese Zeit nehmen").click()
    await expect(tab.get_by_role("alert")).to_contain_text("nicht mehr frei")
    await sound(tab, hurdles)
    await tab.locator("input[name=start]").last.check()
    await tab.get_by_role("button", name="Diese Zeit nehmen").click()
    await expect(tab.get_by_role("heading", name="Ihr Gespräch ist gebucht")).to_be_visible()
    await expect(tab.locator(".given")).to_contain_text("Asia/Tokyo")
    await sound(tab, hurdles)
    await picture(tab, f"booked-{theme}")
    async with tab.expect_download() as saved:
        await tab.get_by_role("link", name="In Ihren Kalender eintragen").click()
    assert "METHOD:REQUEST" in Path(await (await saved.value).path()).read_text("utf-8")

    async def written() -> bool:
        return len(calendars.of(ROBIN)) == 1 and len(calendars.of(DANA)) == 2

    await until(written)
    await phone.close()

    plain = await browser.new_context(viewport=PHONE, locale="en-GB", java_script_enabled=False, color_scheme=theme)  # type: ignore[arg-type]
    tab = await plain.new_page()
    await tab.goto(link)
    await tab.get_by_label("Language").select_option("en")
    await tab.get_by_role("button", name="Change language").click()
    await tab.get_by_role("link", name="Choose another time").click()
    await tab.locator("input[name=start]").first.check()
    await tab.get_by_role("button", name="Take this time").click()
    await tab.get_by_role("link", name="Cancel the interview").click()
    await expect(tab.get_by_text("are told at once")).to_be_visible()
    await picture(tab, f"cancel-{theme}")
    await tab.get_by_role("button", name="Yes, cancel it").click()
    await expect(tab.get_by_role("heading", name="This interview is cancelled")).to_be_visible()
    await plain.close()

    async def gone() -> bool:
        return not calendars.of(ROBIN)

    await until(gone)
    assert hosts == {made.url.split("/")[2]}
    assert hurdles == {}


async def test_a_silent_calendar_asks_for_times_and_a_recruiter_books_one(
    made: World, calendars: Server, browser: Browser
) -> None:
    person, application = await applied(made, "Yuki", "Tanaka")
    hurdles: dict[str, object] = {}
    desk = await browser.new_page(viewport={"width": 1440, "height": 900})
    await log_in(desk, made)
    await desk.goto(f"{made.url}/candidates/{person}")
    await desk.get_by_text("Ask for an interview").click()
    await desk.get_by_label("Interviewers, by e-mail").fill(f"{DANA}, {ROBIN}")
    await desk.get_by_label("Where", exact=True).fill("+46 40 123 45 67, we call you")
    await picture(desk, "ask-wide")
    await desk.get_by_role("button", name="Only make the link").click()
    await picture(desk, "asked-wide")
    link = await desk.locator("input[id^=il-]").input_value(timeout=5000)
    calendars.faults.add({"kind": "outage", "status": 503})
    phone = await browser.new_context(viewport=PHONE, locale="en-GB", timezone_id="Europe/London", has_touch=True)
    tab = await phone.new_page()
    await tab.goto(made.url + "/interview" + link.partition("/interview")[2])
    await expect(tab.get_by_role("status")).to_contain_text("a calendar does not answer")
    await sound(tab, hurdles)
    await picture(tab, "proposing")
    await tab.get_by_role("button", name="Send these times").click()
    await expect(tab.get_by_role("alert")).to_contain_text("one time at least")
    await sound(tab, hurdles)
    day = datetime.now(UTC) + timedelta(days=3)
    await tab.get_by_label("Time 1").fill(f"{day:%Y-%m-%d}T10:00")
    await tab.get_by_label("anything we should know").fill('<img src=x onerror="window.ran=1"> No mornings, please.')
    await tab.get_by_role("button", name="Send these times").click()
    await expect(tab.get_by_role("heading", name="We have your times")).to_be_visible()
    await sound(tab, hurdles)
    await picture(tab, "proposed")
    calendars.faults.clear()
    for name, width in (("wide", 1440), ("narrow", 360)):
        for theme in ("light", "dark"):
            await desk.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            await desk.set_viewport_size({"width": width, "height": 900})
            for page, path in (
                ("interviews", "/interviews"), ("setup", f"/interviews/setup?email={DANA}"),
                ("candidate", f"/candidates/{person}#i-{application}"),
            ):  # fmt: skip
                await desk.goto(made.url + path)
                await sound(desk, hurdles)
                await picture(desk, f"{page}-{name}-{theme}")
    await desk.get_by_role("radio").first.check()
    await desk.get_by_role("button", name="Book this time").click()
    await expect(desk.locator("#flash")).to_contain_text("Both sides are told")
    assert await desk.evaluate("window.ran") is None
    await tab.reload()
    await expect(tab.get_by_role("heading", name="Your interview is booked")).to_be_visible()
    await desk.goto(f"{made.url}/interviews")
    await expect(desk.get_by_role("table")).to_contain_text("Yuki Tanaka")
    assert hurdles == {}

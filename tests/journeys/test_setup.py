"""From an empty installation to a passed rehearsal and the first live job, by pages alone; and IT's link."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from .browser import log_in
from .world import MATERIAL, World

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text("utf-8")
LOGIN = re.compile(rb"http://\S+/login\?token=\S+")
PROGRAM = "from bascule.cli import main; main()"
CV = MATERIAL / "files" / "zhangwei_backend.pdf"
SLOW = 60_000  # milliseconds that something of the engine may take
Look = Callable[[str, Page], Awaitable[None]]


@asynccontextmanager
async def up(folder: Path) -> AsyncIterator[str]:
    """`bascule up` on an empty data folder; the link it prints."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "BASCULE_LOG_LEVEL": "error"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, "up", "--data", str(folder), "--port", "0", env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = b""
        async with asyncio.timeout(60):
            while not (found := LOGIN.search(said)):
                line = await process.stdout.readline()
                assert line, said
                said += line
        yield found[0].decode()
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def enter(tab: Page, link: str) -> str:
    """Log in by the link; where the server is."""
    await tab.goto(link)
    await tab.get_by_role("button", name="Log in").click()
    url = link.partition("/login")[0]
    await tab.wait_for_url(url + "/")
    return url


async def credential(ats: Page, url: str, rights: str) -> tuple[str, str]:
    """Made on the page of the ATS: (client id, secret)."""
    await ats.goto(f"{url}/configure/credentials")
    form = ats.locator("form[action='/configure/credentials/new']")
    await form.get_by_label("Name", exact=True).fill("Bascule")
    service = await form.locator("option", has_text="Site Admin").last.get_attribute("value")
    await form.locator("select").select_option(service or "")
    await form.locator("textarea").fill(rights)
    await form.get_by_role("button", name="Create credential").click()
    card = ats.locator("section.card", has=ats.locator("code[id^='client-secret']"))
    return await card.locator("code[id^='client-id']").inner_text(), await card.locator(
        "code[id^='client-secret']"
    ).inner_text()


async def nothing(_: str, tab: Page) -> None:
    """Every page on the way: no serious hurdle, and no wider than its window."""
    assert await tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), tab.url
    await tab.evaluate(AXE)
    found = await tab.evaluate("axe.run({resultTypes: ['violations']})")
    serious = [
        (one["id"], [node["html"][:160] for node in one["nodes"]][:3])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == [], tab.url


async def step(tab: Page, key: str, words: str | re.Pattern[str]) -> None:
    """Until a step says so."""
    await expect(tab.locator(f"#step-{key} > details > summary")).to_contain_text(words, timeout=SLOW)


async def walk(tab: Page, ats: Page, link: str, look: Look) -> tuple[str, str]:
    """The whole way, by what the pages say; where both are."""
    url = await enter(tab, link)
    await look("overview", tab)
    await tab.get_by_role("link", name="Set up the first connection").click()
    await look("begin", tab)
    await tab.get_by_role("button", name="Start the practice system").click()
    await expect(tab.locator("#flash")).to_contain_text("The practice system runs", timeout=SLOW)
    there = (await tab.locator("#base_url").input_value()).removesuffix("/v3")
    rights = await tab.get_by_label("All rights").input_value()
    lacking = "\n".join(one for one in rights.split() if one != "harvest:candidates:create")
    id, secret = await credential(ats, there, rights)
    await tab.locator("#in-client_id").fill(id)
    await tab.locator("#in-client_secret").fill("wrong")
    await tab.locator("#granted").fill(lacking)
    await tab.get_by_role("button", name="Try it and connect").click()
    await expect(tab.locator("#refusal")).to_contain_text("Greenhouse said: Unauthorized")
    await look("refused", tab)
    await tab.locator("#in-client_secret").fill(secret)
    await tab.get_by_role("button", name="Try it and connect").click()
    await tab.wait_for_url("**/connections/practice/setup")
    await step(tab, "reading", "Everything there was read once")
    await look("stages", tab)

    await expect(tab.locator("#step-stages > details")).to_have_attribute("open", "")
    for name in await tab.locator("#step-stages select[name=type]").all():
        if not await name.input_value():
            await name.select_option(label="interview")
    await tab.get_by_role("button", name="Confirm what is shown").click()
    await step(tab, "stages", "each confirmed")
    await tab.get_by_label("Your user in Greenhouse").select_option(label="Robin Falk")
    await tab.get_by_role("button", name="That is me").click()
    await step(tab, "you", "Known")
    await tab.get_by_role("button", name=re.compile("^Make .* in Greenhouse")).click()
    await step(tab, "fields", "has a field for everything")
    await step(tab, "pilot", "needs besides: harvest:candidates:create")
    await tab.goto(f"{url}/setup")  # away, and back to where it was left
    await tab.locator("#unfinished").get_by_role("link", name="practice").click()
    await step(tab, "pilot", "needs besides: harvest:candidates:create")
    await look("lacking", tab)
    await tab.locator("#step-rights > details > summary").click()
    await tab.locator("#granted").fill(rights)
    await tab.get_by_role("button", name="Compare with what is needed").click()
    await step(tab, "pilot", "No rehearsal was run yet")

    await tab.locator("#step-webhooks > details > summary").click()
    await tab.get_by_role("button", name="Make a new secret and show it").click()
    hook, key = await tab.locator("#hook-url").inner_text(), await tab.locator("#hook-secret").inner_text()
    await look("webhooks", tab)
    await webhook(ats, there, hook, "not the secret")
    await tab.goto(f"{url}/connections/practice/setup")
    await step(tab, "webhooks", "refused")
    await webhook(ats, there, hook, key)
    await tab.goto(f"{url}/connections/practice/setup")
    await step(tab, "webhooks", "They arrive")
    await look("rehearsal", tab)
    await rehearse(tab, ats, there, look)

    await tab.goto(f"{url}/connections/practice/setup")
    await step(tab, "pilot", "The rehearsal has passed")
    await step(tab, "rights", "candidates:create is not needed any more")
    await tab.locator("#granted").fill(lacking)
    await tab.get_by_role("button", name="Compare with what is needed").click()
    await step(tab, "rights", "As needed")
    await look("live", tab)
    await tab.get_by_label("First job").select_option(label="Backend Engineer (Python)")
    await tab.get_by_role("button", name="Go live").click()
    await step(tab, "live", "Live for those it covers")
    await expect(tab.locator(".answer")).to_contain_text("practice is set up")
    await look("done", tab)
    return url, there


async def webhook(ats: Page, there: str, url: str, secret: str) -> None:
    """Entered in the ATS's own form; a former one goes."""
    await ats.goto(f"{there}/configure/webhooks")
    for button in await ats.get_by_role("button", name="Delete").all():
        await button.click()
    form = ats.locator("form[action='/configure/webhooks/new']")
    await form.get_by_label("Name").fill("Bascule")
    await form.get_by_label("Endpoint URL").fill(url)
    await form.get_by_label(re.compile("^Secret key")).fill(secret)
    await form.get_by_role("button", name="Save webhook").click()


async def rehearse(tab: Page, ats: Page, there: str, look: Look) -> None:
    """Begin it, and do there what its page asks for."""
    await tab.get_by_role("button", name="Begin the rehearsal").click()
    await tab.wait_for_url("**/pilots/*")
    moves, moved = tab.locator("section", has_text="Now in the ATS").locator("li"), set[str]()
    answer, ends = tab.locator(".answer"), asyncio.get_running_loop().time() + 180
    while "passed" not in (await answer.inner_text()).lower():
        assert asyncio.get_running_loop().time() < ends, await tab.locator("#main").inner_text()
        for text in await moves.all_inner_texts():
            found = re.search(r"Move (.+) to (.+)", " ".join(text.split()))
            if found and found[1] not in moved:
                moved.add(found[1])
                await look("moves", tab)
                await move(ats, there, found[1], found[2])
        await asyncio.sleep(0.5)
        await tab.reload()
    assert len(moved) == 3
    await look("passed", tab)


async def move(ats: Page, there: str, name: str, stage: str) -> None:
    await ats.goto(f"{there}/candidates")
    await ats.get_by_role("link", name=name).first.click()
    form = ats.locator("form[action$='/move']").first
    option = form.locator("option").filter(has_text=re.compile(f"^{re.escape(stage)}"))
    await form.locator("select").select_option(await option.first.get_attribute("value") or "")
    await form.get_by_role("button", name="Move", exact=True).click()


async def apply(ats: Page, there: str, job: str, first: str, last: str) -> None:
    """Somebody applies on the careers page."""
    await ats.goto(f"{there}/careers")
    await ats.get_by_role("link", name=job).first.click()
    await ats.get_by_label("First name").fill(first)
    await ats.get_by_label("Last name").fill(last)
    await ats.get_by_label(re.compile("^E-?mail")).fill(f"{first}.{last}@mail.example".lower())
    await ats.locator("input[name=resume]").set_input_files(CV)
    for box in await ats.locator("input[type=checkbox]").all():
        await box.check()
    await ats.get_by_role("button", name=re.compile("Apply|Send|Submit")).click()


async def expect_there(tab: Page, url: str, name: str) -> None:
    """Until somebody who applied is known here."""
    async with asyncio.timeout(60):
        await tab.goto(f"{url}/candidates")
        while not await tab.get_by_role("link", name=name).count():
            await asyncio.sleep(0.5)
            await tab.reload()


async def test_from_nothing_to_a_passed_rehearsal_and_one_live_job_by_pages_alone(
    tmp_path: Path, browser: Browser
) -> None:
    tab, ats = await browser.new_page(viewport={"width": 1440, "height": 900}), await browser.new_page()
    wrong: list[str] = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    async with up(tmp_path / "data") as link:
        url, there = await walk(tab, ats, link, nothing)
        await apply(ats, there, "Backend Engineer (Python)", "Zhang", "Wei")
        await apply(ats, there, "Data Analyst", "Yuki", "Tanaka")
        await expect_there(tab, url, "Yuki Tanaka")
        for name, written in (("Zhang Wei", True), ("Yuki Tanaka", False)):
            await ats.goto(f"{there}/candidates")
            await ats.get_by_role("link", name=name).first.click()
            shown = ats.locator("[data-field^='bascule_match_score']").first
            if written:
                async with asyncio.timeout(60):
                    while not re.search(r"\d", await shown.inner_text()):
                        await asyncio.sleep(0.5)
                        await ats.reload()
            else:
                await expect(shown).not_to_contain_text(re.compile(r"\d"))
        assert wrong == []


async def test_it_enters_the_credentials_by_a_link_that_works_once(made: World, tab: Page, browser: Browser) -> None:
    await log_in(tab, made)
    await tab.goto(f"{made.url}/setup/greenhouse")
    form = tab.locator("#it form")
    await form.get_by_label("Who enters it").fill("Ivy of IT")
    await form.get_by_label("Address of its interface").fill(f"{made.ats_url}/v3")
    await form.get_by_role("button", name="Make the link").click()
    link, page = await tab.get_by_label(re.compile("^Link, until")).input_value(), tab.url
    await nothing("link", tab)

    looking = await browser.new_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
    await looking.goto(link)
    await nothing("asked", looking)
    rights = await looking.get_by_label("Rights to give").inner_text()
    inside = await browser.new_context(java_script_enabled=False)
    ivy, ats = await inside.new_page(), await browser.new_page()
    id, secret = await credential(ats, made.ats_url, rights)
    await ivy.goto(link)
    await ivy.locator("#in-client_id").fill(id)
    await ivy.locator("#in-client_secret").fill("wrong")
    await ivy.get_by_role("button", name="Try it").click()
    await expect(ivy.get_by_role("alert")).to_contain_text("Greenhouse said: Unauthorized")
    await tab.reload()
    await expect(tab.locator(".notice.warn")).to_contain_text("Ivy of IT has tried: Greenhouse refused to sign in.")
    await ivy.locator("#in-client_secret").fill(secret)
    await ivy.locator("#granted").fill(rights)
    await ivy.get_by_role("button", name="Try it").click()
    await expect(ivy.locator("h1")).to_have_text("It works: Greenhouse answers")
    address, key = await ivy.locator("dd code").all_inner_texts()
    await webhook(ats, made.ats_url, address, key)
    await ivy.reload()
    await expect(ivy.locator("#main")).to_contain_text("They arrive. Nothing is left to do.")
    await looking.reload()
    await expect(looking.locator("h1")).to_have_text("This link was used.")
    await nothing("used", looking)
    await ivy.get_by_role("button", name="Everything is entered").click()
    await ivy.goto(link)
    await expect(ivy.locator("h1")).to_have_text("This link has ended.")

    await tab.goto(page)
    await expect(tab.locator(".answer")).to_contain_text("Credentials were entered")
    await tab.get_by_role("link", name=re.compile("^Go on with")).click()
    await step(tab, "credentials", "Greenhouse takes them")
    assert secret not in await tab.content()
    await tab.goto(f"{made.url}/audit")
    for words in ("credential link made", "credential link opened", "credentials refused", "credential link used"):
        await expect(tab.locator("#main")).to_contain_text(re.compile(words, re.IGNORECASE))

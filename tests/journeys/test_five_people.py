"""A day of an installation: its administrator lets the other four kinds of people in by pages alone, and each does
what only they are there for, at a desk and on a phone, in light and in dark."""

from __future__ import annotations

import re

import httpx2
from playwright.async_api import Browser, Page, expect

from .browser import log_in
from .world import World, until

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
PEOPLE = {
    "owner": ("Olga Owner", "olga@tenant.example"),
    "recruiter": ("Rasmus Recruiter", "rasmus@tenant.example"),
    "hiring manager": ("Mina Manager", "mina@tenant.example"),
    "compliance": ("Conny Compliance", "conny@tenant.example"),
}


async def test_each_of_five_kinds_of_people_is_let_in_and_does_their_part(
    made: World, tab: Page, browser: Browser
) -> None:
    await made.apply("Priya", "Venkataraman", "priya@mail.example", "Priya-Venkataraman-Backend.pdf")
    who = await made.candidate("venkataraman")
    await made.quiet()
    await log_in(tab, made)
    links = {role: await _invite(tab, made, role) for role in PEOPLE}
    recruiter = await _enter(browser, links["recruiter"], PHONE, "light")
    owner = await _enter(browser, links["owner"], DESK, "dark")
    manager = await _enter(browser, links["hiring manager"], PHONE, "dark")
    compliance = await _enter(browser, links["compliance"], PHONE, "dark")

    await _note(recruiter, made, who)
    await _stop_and_release(owner, made, who)
    await _sees_only_whom_they_hire(tab, manager, made, who)
    await _look_and_erase(compliance, made, who)
    await _key(tab, made)
    await _out(tab, recruiter, made)


async def _invite(tab: Page, made: World, role: str) -> str:
    """The administrator adds a person and gets the link that lets them in."""
    name, email = PEOPLE[role]
    await tab.goto(f"{made.url}/settings")
    await tab.get_by_text("Add a person", exact=True).click()
    await tab.get_by_label("Name", exact=True).fill(name)
    await tab.get_by_label("E-mail", exact=True).fill(email)
    await tab.locator("#role").select_option(role)
    await tab.get_by_role("button", name="Add, and show a login link").click()
    await expect(tab.locator(".notice.good")).to_contain_text(f"Login link for {name}")
    return await tab.locator("#secret").inner_text()


async def _enter(browser: Browser, link: str, size: dict[str, int], theme: str) -> Page:
    """A window of their own, signed in by their link; a second use of the link lets nobody in."""
    context = await browser.new_context(viewport=size, color_scheme=theme)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(link)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.locator("h1")).to_contain_text("Overview")
    again = await browser.new_context()
    stranger = await again.new_page()
    await stranger.goto(link)
    await stranger.get_by_role("button", name="Log in").click()
    await expect(stranger.locator("body")).to_contain_text("used")
    await again.close()
    return page


async def _fits(page: Page) -> None:
    over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{page.url} is {over} px too wide"


async def _refused(page: Page, address: str) -> None:
    """The page says what is missing, and shows nothing else."""
    answer = await page.goto(address)
    assert answer is not None
    assert answer.status == 403
    await expect(page.locator(".answer")).to_be_visible()
    await expect(page.locator("body")).not_to_contain_text("Venkataraman")


async def _note(page: Page, made: World, who: str) -> None:
    """A recruiter writes a note on a phone; it stands in the ATS. What is not theirs is neither shown nor opened."""
    await page.goto(f"{made.url}/candidates/{who}")
    await _fits(page)
    await page.get_by_text("Write a note", exact=True).click()
    await page.get_by_label("Note", exact=True).fill("Called her: free from March.")
    await page.get_by_role("button", name="Add the note on both sides").click()

    async def there() -> bool:
        return any("free from March" in str(one) for one in made.ats.db["notes"])

    await until(there)
    for address in ("/settings", "/audit", f"/candidates/{who}/erase"):
        await _refused(page, made.url + address)


async def _stop_and_release(page: Page, made: World, who: str) -> None:
    """An owner stops all writes, sees what waits, releases it, and it is written."""
    await page.goto(f"{made.url}/connections")
    await page.get_by_role("link", name="greenhouse", exact=True).first.click()
    await page.wait_for_url(re.compile("/connections/."))
    at = page.url
    await page.get_by_text("Stop all writes", exact=True).click()
    await page.locator("#stop-why").fill("The ATS is being moved")
    await page.get_by_role("button", name="Stop all writes to greenhouse").click()
    await expect(page.locator("#writes .notice")).to_contain_text("The ATS is being moved")
    await page.goto(f"{made.url}/candidates/{who}")
    await page.get_by_label("New tag").fill("agency-hire")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.locator("#flash")).to_be_visible()
    await page.goto(at)
    await expect(page.locator("#writes table")).to_contain_text("1")
    assert "agency-hire" not in str(list(made.ats.db["candidates"]))
    await page.get_by_text("Release the writes", exact=True).click()
    await page.get_by_role("button", name="Write it now").click()

    async def there() -> bool:
        return "agency-hire" in str([*made.ats.db["candidates"], *made.ats.db["candidate_tags"]])

    await until(there)
    await _refused(page, f"{made.url}/settings")


async def _sees_only_whom_they_hire(tab: Page, page: Page, made: World, who: str) -> None:
    """Where the administrator says that only a job's team sees its candidates, somebody on no team sees none."""
    await page.goto(f"{made.url}/candidates")
    await page.get_by_role("link", name="Priya Venkataraman").click()
    await expect(page.locator(".score .total")).to_be_visible()
    await _fits(page)
    await tab.goto(f"{made.url}/settings#visibility")
    await tab.locator("#vis").select_option("team")
    await tab.locator("#visibility").get_by_role("button", name="Save").click()
    await expect(tab.locator("#flash")).to_contain_text("Saved")
    await expect(tab.locator("#visibility")).to_contain_text("Mina Manager")  # on no team: said to who may mend it
    await page.goto(f"{made.url}/candidates")
    await expect(page.locator("main")).not_to_contain_text("Venkataraman")
    await _fits(page)
    answer = await page.goto(f"{made.url}/candidates/{who}")
    assert answer is not None
    assert answer.status == 404


async def _look_and_erase(page: Page, made: World, who: str) -> None:
    """Compliance sees who looked at somebody, and erases them; the certificate names every place."""
    await page.goto(f"{made.url}/audit?candidate={who}")
    await _fits(page)
    for role in ("recruiter", "owner", "hiring manager"):
        await expect(page.locator("#results")).to_contain_text(PEOPLE[role][0])
    await page.get_by_role("button", name="Verify the chain").click()
    await expect(page.locator("#flash")).to_contain_text("The chain holds")
    await page.goto(f"{made.url}/candidates/{who}/erase")
    await _fits(page)
    await page.locator("#word").fill(await page.locator("label[for=word] strong").inner_text())
    await page.get_by_role("button", name="Erase everywhere, for good").click()
    await expect(page.locator("h1")).to_contain_text("Certificate")
    await expect(page.get_by_role("link", name="Download the certificate")).to_be_visible(timeout=60_000)
    await expect(page.get_by_role("table", name="Every place")).to_contain_text("greenhouse")
    await page.goto(f"{made.url}/candidates")
    await expect(page.locator("main")).not_to_contain_text("Venkataraman")
    assert "Venkataraman" not in str(list(made.ats.db["candidates"]))
    await _refused(page, f"{made.url}/settings")


async def _key(tab: Page, made: World) -> None:
    """A key of one scope does that and nothing else, and nothing once it is revoked."""
    await tab.goto(f"{made.url}/settings#keys")
    await tab.get_by_text("Make a key", exact=True).click()
    await tab.get_by_label("What it is for").fill("status board")
    await tab.get_by_label(re.compile("status:read")).check()
    await tab.get_by_role("button", name="Make the key and show it").click()
    headers = {"Authorization": f"Bearer {await tab.locator('#secret').inner_text()}"}
    async with httpx2.AsyncClient(base_url=f"{made.url}/api/v1", headers=headers) as program:
        assert (await program.get("/status")).status_code == 200
        assert (await program.get("/candidates")).status_code == 403
        await tab.get_by_role("row", name=re.compile("status board")).get_by_role("button", name="Revoke").click()
        await expect(tab.locator("#flash")).to_contain_text("Revoked")
        assert (await program.get("/status")).status_code == 401


async def _out(tab: Page, recruiter: Page, made: World) -> None:
    """Who is switched off is out at the next page, and their old link lets nobody in."""
    await tab.goto(f"{made.url}/settings#people")
    await tab.get_by_role("row", name=re.compile("Rasmus Recruiter")).get_by_role("button", name="Switch off").click()
    await expect(tab.locator("#flash")).to_contain_text("Switched off")
    await recruiter.goto(f"{made.url}/candidates")
    await expect(recruiter.locator("h1")).to_contain_text(re.compile("log|sign", re.I))

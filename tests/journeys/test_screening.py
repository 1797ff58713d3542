"""An applicant on a phone: the form from the link to the last page, left and taken up again, in their language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from bascule.model import Kind
from bascule.store import Tx

from .browser import log_in
from .world import SETUP, World, until

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text("utf-8")
PHONE = {"width": 360, "height": 740}


async def sound(tab: Page, seen: dict[str, object]) -> None:
    """No serious hurdle, nothing wider than the phone, nothing asked of another host."""
    assert await tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), tab.url
    await tab.evaluate(AXE)
    found = await tab.evaluate("axe.run({resultTypes: ['violations']})")
    serious = [
        (one["id"], [node["html"][:160] for node in one["nodes"]][:3])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical", "moderate")
    ]
    if serious:
        seen[tab.url] = serious


async def linked(made: World) -> tuple[str, dict[str, int]]:
    """Somebody who applied, and the link of their form."""
    applied = await made.apply("Priya", "Venkataraman", "priya@mail.example", "Priya-Venkataraman-Backend.pdf")
    person = await made.candidate("venkataraman")
    await made.quiet()

    def application(tx: Tx) -> str:
        family = tx.families.family(tx.families.record_family(person) or "")
        return next(one.id for one in family.records.values() if one.kind is Kind.APPLICATION)

    id = await made.app.store.read(application)
    one = await made.app.screenings.invite(id, SETUP)
    link = await made.app.store.read(lambda tx: made.app.screenings.link(tx, one))
    return made.url + "/screening" + link.partition("/screening")[2], applied


def custom(made: World, applied: dict[str, int]) -> dict[str, object]:
    fields = made.ats.db["custom_fields"].rows
    row = made.ats.row("applications", applied["application_id"])
    return {fields[id]["name_key"]: value for id, value in row["custom_fields"].items()}


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_form_is_begun_left_taken_up_again_and_sent_on_a_phone(
    made: World, browser: Browser, theme: str
) -> None:
    link, applied = await linked(made)
    hurdles: dict[str, object] = {}
    phone = await browser.new_context(
        viewport=PHONE, locale="de-DE", timezone_id="Europe/Berlin", color_scheme=theme, has_touch=True, is_mobile=True
    )  # type: ignore[arg-type]
    tab = await phone.new_page()
    hosts: set[str] = set()
    tab.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    answer = await tab.goto(link)
    assert answer is not None
    headers = answer.headers
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")
    assert "noindex" in headers["x-robots-tag"]
    await expect(tab.locator("html")).to_have_attribute("lang", "de")
    await expect(tab.get_by_role("heading", name="Wie KI eingesetzt wird")).to_be_visible()
    await expect(tab.locator("#zone")).to_have_value("Europe/Berlin")
    await sound(tab, hurdles)
    await tab.get_by_role("button", name="Beginnen").click()
    await expect(tab.get_by_role("alert")).to_contain_text("bestätigen")
    await sound(tab, hurdles)
    await tab.get_by_role("checkbox").check()
    await tab.get_by_role("button", name="Beginnen").click()
    await expect(tab.locator(".progress")).to_contain_text("Frage 1 von")
    await tab.locator("input[name=value]").fill("viele")
    await tab.get_by_role("button", name="Weiter", exact=True).click()
    await expect(tab.get_by_role("alert")).to_contain_text("Zahl")
    await expect(tab.locator("input[name=value]")).to_have_value("viele")
    await sound(tab, hurdles)
    await tab.locator("input[name=value]").fill("3")
    await tab.locator("textarea").fill("Ein Hauptbuch, das Beträge nie verliert.")
    await expect(tab.locator("[data-kept]")).to_have_text("Gespeichert", timeout=10_000)
    await phone.close()  # the battery is empty

    other = await browser.new_context(viewport=PHONE, locale="fr-FR", java_script_enabled=False)
    tab = await other.new_page()
    await tab.goto(link)
    await tab.get_by_role("link", name=re.compile("Weitermachen")).click()
    await expect(tab.locator(".progress")).to_contain_text("Frage 2 von")
    for _ in range(20):
        if "/check" in tab.url:
            break
        if await tab.locator("input[type=radio]").count():
            await tab.locator("input[type=radio]").first.check()
        elif await tab.locator("input[inputmode=decimal]").count():
            await tab.locator("input[inputmode=decimal]").fill("2")
        elif await tab.locator("input[type=file]").count():
            await tab.locator("input[type=file]").set_input_files(
                files=[{"name": "Zeugnis.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}]
            )
        await tab.get_by_role("button", name="Weiter", exact=True).click()
    await expect(tab.get_by_text("Ein Hauptbuch, das Beträge nie verliert.")).to_be_visible()
    await tab.get_by_role("button", name="Antworten abschicken").click()
    await expect(tab.get_by_role("heading", name="Danke")).to_be_visible()
    await other.close()

    async def there() -> bool:
        return custom(made, applied).get("bascule_screening_status") == "completed"

    await until(there)
    assert "Hauptbuch" in str(custom(made, applied)["bascule_screening_answers"])
    assert hosts == {made.url.split("/")[2]}
    assert hurdles == {}


async def test_a_hiring_manager_answers_a_shortlist_on_a_phone_and_nothing_they_say_runs(
    made: World, browser: Browser
) -> None:
    evil = '<img src=x onerror="window.ran=1">'
    await made.apply(evil, "Wei", "zhang@mail.example", "zhangwei_backend.pdf")
    await linked(made)
    jobs = await made.app.store.read(lambda tx: tx.pages.jobs(made.app.workspace))
    job = max(jobs, key=lambda one: one.applications).job.id
    hurdles: dict[str, object] = {}
    desk = await browser.new_page()
    await log_in(desk, made)
    await desk.goto(f"{made.url}/jobs/{job}/shortlists")
    await desk.get_by_label("For whom").fill(f"Dana {evil}")
    await desk.get_by_label("With a code").check()
    await desk.get_by_role("button", name="Make the list").click()
    code = re.search(r"\d{8}", await desk.locator("#flash").inner_text())
    assert code is not None
    link = await desk.locator("input[readonly]").input_value()
    phone = await browser.new_context(viewport=PHONE, color_scheme="dark", has_touch=True, is_mobile=True)
    tab = await phone.new_page()
    await tab.goto(made.url + "/shortlist" + link.partition("/shortlist")[2])
    await sound(tab, hurdles)
    await tab.get_by_label("Code of eight digits").fill(code[0])
    await tab.get_by_role("button", name="Open the list").click()
    await expect(tab.locator(".people li")).to_have_count(2)
    await sound(tab, hurdles)
    await tab.locator(".people a", has_text="Priya").click()
    await tab.get_by_role("button", name="Save").click()
    await expect(tab.get_by_role("alert")).to_contain_text("Choose approve")
    await tab.get_by_text("The CV", exact=False).last.click()
    await sound(tab, hurdles)
    await tab.get_by_label("Skip: not for this job").check()
    await tab.get_by_label("Comment").fill(f"Too senior {evil}")
    await tab.get_by_role("button", name="Save").click()
    await expect(tab.get_by_text("1 of 2 answered").or_(tab.get_by_role("heading", name="<img"))).to_be_visible()
    assert not await tab.evaluate("'ran' in window")
    await phone.close()
    await desk.reload()
    await expect(desk.locator("table").first).to_contain_text("Too senior <img")
    await sound(desk, hurdles)
    (asked,) = await made.app.store.read(lambda tx: tx.pages.reviews(made.app.workspace))
    await desk.goto(f"{made.url}/review/{asked.review.id}")
    await expect(desk.locator(".answer")).to_contain_text("Should this application be rejected?")
    await expect(desk.locator("main")).to_contain_text("Too senior <img")
    assert not await desk.evaluate("'ran' in window")
    await desk.goto(f"{made.url}/jobs/{job}/screening")
    await desk.locator("#text-en").fill(f"Why {evil}?")
    await desk.get_by_role("button", name="Save as version 1").click()
    await expect(desk.locator("table")).to_contain_text("Why <img")
    for width in (1440, 360):
        await desk.set_viewport_size({"width": width, "height": 800})
        for path in (f"/jobs/{job}/screening", "/screening"):
            await desk.goto(made.url + path)
            for summary in await desk.locator("details.more > summary").all():
                await summary.click()
            await sound(desk, hurdles)
    await expect(desk.locator(".answer")).to_contain_text("0 % of 1 form completed")
    await desk.close()
    assert hurdles == {}

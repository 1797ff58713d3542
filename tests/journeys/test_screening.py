"""An applicant on a phone: the form from the link to the last page, left and taken up again, in their language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from bascule.model import Kind
from bascule.store import Tx

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

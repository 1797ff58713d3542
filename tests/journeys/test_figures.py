"""An owner looks at where people wait, freezes a baseline, sets a target, and reads what a figure counts."""

from __future__ import annotations

from playwright.async_api import Page, expect

from bascule.model import StageType
from bascule.sandbox.greenhouse import pipeline

from .browser import log_in
from .world import HUMAN, NAME, SETUP, World, until


async def test_an_owner_steers_by_what_was_seen(made: World, tab: Page) -> None:
    stages = [one["name"] for one in made.ats.db["job_interview_stages"] if one["job_id"] == made.job()["id"]]
    types = (StageType.APPLIED, StageType.SCREEN, *([StageType.INTERVIEW] * (len(stages) - 3)), StageType.OFFER)
    await made.app.mappings.confirm(NAME, dict(zip(stages, types, strict=True)), SETUP)
    await log_in(tab, made)
    await tab.get_by_role("link", name="KPIs").click()
    await expect(tab.locator(".empty")).to_contain_text("Nothing to count yet")

    one = await made.apply("Priya", "Venkataraman", "priya@mail.example", "Priya-Venkataraman-Backend.pdf")
    two = await made.apply("Benjamin", "Adler", "ben@mail.example", "Benjamin_Adler_CV.pdf")
    await made.candidate("venkataraman")
    await made.candidate("adler")
    await made.quiet()
    ids = [row["id"] for row in made.ats.db["job_interview_stages"] if row["job_id"] == made.job()["id"]]
    pipeline.move(made.ats, HUMAN, one["application_id"], {"from_stage_id": ids[0], "to_stage_id": ids[1]})
    reason = next(iter(made.ats.db["rejection_reasons"]))["id"]
    pipeline.reject(made.ats, HUMAN, two["application_id"], {"rejection_reason_id": reason})

    async def decided() -> bool:
        told = await made.app.outcomes.told()
        return told["all"]["decided"] == 2

    await until(decided)
    await tab.goto(f"{made.url}/kpis")
    screen = tab.locator("#time_to_screen")
    await expect(screen).to_contain_text("median of 2 decisions; so few say little")
    await expect(screen).to_contain_text("From the application, as the ATS dates it, to the first decision of a person")
    await screen.get_by_text("The same as a table").click()
    await expect(screen.locator("tbody tr").last.locator("td").last).to_have_text("2")
    await expect(tab.locator("#interview_to_offer")).to_contain_text("None in this time.")
    await expect(tab.locator("#overrides")).to_contain_text("never of one person")
    await tab.get_by_role("button", name="Freeze these figures as the baseline").click()
    await expect(tab.locator("#flash")).to_contain_text("Frozen")
    await tab.get_by_text("Set targets", exact=True).click()
    await tab.get_by_label("Time to screen, days").fill("2")
    await tab.get_by_role("button", name="Set the targets").click()
    await expect(tab.locator("#time_to_screen .held")).to_contain_text("Target 2 days")
    await expect(tab.locator("#time_to_screen .held")).to_contain_text("Baseline")

    await tab.get_by_label("Job", exact=True).select_option(label=made.job(1)["name"])
    await expect(tab.locator(".empty")).to_contain_text("Nothing to count yet")  # nobody applied there
    await tab.goto(f"{made.url}/flow")
    await tab.get_by_label("Job", exact=True).select_option(label=made.job()["name"])
    first = tab.locator("table.flow tbody tr").first
    await expect(first.locator("th")).to_contain_text(stages[0])
    await expect(first).to_contain_text("1 went on, 1 rejected")
    await expect(tab.locator(".answer")).to_contain_text("Too few stays have ended")
    await tab.goto(f"{made.url}/doctor")
    await expect(tab.locator("tbody tr").first).to_be_visible()

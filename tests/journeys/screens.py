"""Pictures of every page over a real small world: `python -m tests.journeys.screens FOLDER`.

Wide and narrow, light and dark, in headless Chromium.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from .browser import chromium, log_in
from .world import SETUP, World, until, world

PEOPLE = (
    ("Zhang", "Wei", "zhangwei_backend.pdf", 0),
    ("Priya", "Venkataraman", "Priya-Venkataraman-Backend.pdf", 0),
    ("Benjamin", "Adler", "Benjamin_Adler_CV.pdf", 0),
    ("Yuki", "Tanaka", "Yuki_Tanaka_Resume.pdf", 1),
    ("Travis", "Coldwell", "Travis_Coldwell_Resume.pdf", 0),
    ("Aleksandra", "Petrović", "Petrovic_Aleksandra_full_CV.pdf", 3),
    ("Nguyễn", "Thị Minh Anh", "nguyen-thi-minh-anh.pdf", 1),
)
SIZES = {"wide": (1440, 900), "narrow": (360, 740)}


async def fill(made: World) -> dict[str, str]:
    """People who apply, a note, a tag, an edit and a move; the paths to look at."""
    for first, last, file, job in PEOPLE:
        await made.apply(first, last, f"{first}.{last.split()[0]}@mail.example".lower(), file, job)
    someone = await made.candidate("venkataraman")

    async def scored() -> bool:
        rows = await made.app.store.read(lambda tx: tx.pages.candidates(made.app.workspace))
        return len(rows) == len(PEOPLE) and sum(bool(r.applications and r.applications[0].score) for r in rows) > 4

    await until(scored)
    await made.app.changes.add_note(
        someone, "Spoke on the phone. Strong on ledgers, would relocate in March.", "private", SETUP
    )
    await made.app.changes.set_tags(someone, SETUP, add=["relocation"])
    await made.app.changes.edit(someone, {"emails": ("priya.new@mail.example",)}, SETUP)
    await made.quiet()
    jobs = await made.app.store.read(lambda tx: tx.pages.jobs(made.app.workspace))
    busiest = max(jobs, key=lambda one: one.applications).job.id
    return {
        "overview": "/",
        "tasks": "/tasks",
        "review": "/review",
        "candidates": "/candidates",
        "candidate": f"/candidates/{someone}",
        "history": f"/candidates/{someone}/history",
        "why": f"/records/{someone}/history?field=emails",
        "jobs": "/jobs",
        "job": f"/jobs/{busiest}",
        "connections": "/connections",
        "connection": "/connections/greenhouse",
        "mapping": "/mapping/greenhouse",
        "failures": "/failures",
        "audit": "/audit",
        "settings": "/settings",
        "problem": "/candidates/nobody",
    }


async def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        async with world(Path(data)) as made, async_playwright() as play:
            pages = await fill(made)
            browser = await play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            for theme in ("light", "dark"):
                for size, (width, height) in SIZES.items():
                    context = await browser.new_context(
                        viewport={"width": width, "height": height}, color_scheme="dark" if theme == "dark" else "light"
                    )
                    tab = await context.new_page()
                    await log_in(tab, made)
                    for name, path in pages.items():
                        await tab.goto(made.url + path)
                        over = await tab.evaluate(
                            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                        )
                        if over > 0:
                            print(f"{name} {size}: {over} px too wide")
                        await tab.screenshot(path=str(folder / f"{name}-{size}-{theme}.png"), full_page=True)
                    await context.close()
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))

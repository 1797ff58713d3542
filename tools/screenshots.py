"""Pictures of the real thing: starts `bascule demo`, logs in, and photographs its pages with headless Chromium.

    python -m tools.screenshots              the pictures of README and docs, into docs/images
    python -m tools.screenshots FOLDER       every page, light and dark, wide and narrow, to be looked at

Nothing is drawn by hand and no value is made up: what the pictures show, the demo did just before. A page that scrolls
sideways, a table that does (on a laptop too), or a page that says something to the browser's console, is named.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from tests.journeys.browser import chromium, too_wide

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
SIZES = {"wide": (1440, 900), "laptop": (1280, 800), "narrow": (360, 740)}
PICTURED = ("wide", "narrow")
THEMES = ("light", "dark")
DEMO_WITHIN, FOLLOW_WITHIN = 300.0, 30.0
LOGIN = re.compile(r"http://\S+/login\?token=\S+")
ACCOUNT = re.compile(r"^(?P<name>\S+)\s+(?P<url>http://\S+)/candidates\s")
TOUR = ("setup", "setup-lever", "wizard", "candidate", "job", "failure", "connection", "flow", "kpis")
ON_A_PHONE = ("review-item",)
NOTE = "Spoke on the phone: strong on the data side, could start in March."


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo in which everybody has applied: the link that logs in once, Bascule, its key, and the sandbox accounts."""

    login: str
    url: str
    key: str
    accounts: dict[str, str]

    def ask(self, path: str) -> Any:
        request = Request(f"{self.url}/api/v1{path}", headers={"authorization": f"Bearer {self.key}"})
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)


@dataclass(frozen=True, slots=True)
class Shown:
    """Whom and what the pictures show: a well-scored applicant of the first account, on both sides."""

    candidate: str
    account: str
    external: str
    job: str

    @property
    def profile(self) -> str:
        return f"{self.account}/candidates/{self.external}"


# ---------------------------------------------------------------------------------------------------------- the demo


@contextmanager
def demo() -> Generator[Demo]:
    """`bascule demo` from start to end, given once every application has been answered."""
    command = shutil.which("bascule", path=str(Path(sys.executable).parent)) or "bascule"
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        line = [command, "demo", "--data", str(data)]
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            try:
                yield _ready(process, data)
            finally:
                process.send_signal(signal.SIGINT)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(30)
                process.kill()


def _ready(process: subprocess.Popen[str], data: Path) -> Demo:
    login, accounts, said = "", dict[str, str](), list[str]()
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line.rstrip())
        if found := LOGIN.search(line):
            login = found[0]
        elif found := ACCOUNT.match(line):
            accounts[found["name"]] = found["url"]
        elif line.startswith("Everybody has applied"):
            told = json.loads((data / "server.json").read_text("utf-8"))
            return Demo(login, told["url"], told["key"], accounts)
    raise SystemExit("The demo ended before everybody had applied. It said:\n" + "\n".join(said[-20:]))


def someone(running: Demo) -> Shown:
    """The best-scored applicant of the first account."""
    name, account = next(iter(running.accounts.items()))
    people = running.ask("/candidates?limit=200")["items"]
    scored = [(one["score"], person["id"], one["job"]) for person in people for one in person["applications"]
              if one["score"] is not None]  # fmt: skip
    for _, candidate, job in sorted(scored, reverse=True):
        for link in running.ask(f"/candidates/{candidate}")["links"]:
            if link["connection"] == name and link["kind"] == "candidate":
                return Shown(candidate, account, link["external"], job)
    raise SystemExit(f"Nobody at {name} has a score.")


# ------------------------------------------------------------------------------------------------- what happens there


def a_day(tab: Page, running: Demo, shown: Shown) -> None:
    """A recruiter moves the person and writes a note in the ATS; a colleague adds a tag in Bascule. Both follow."""
    tab.goto(shown.profile)
    stages = tab.locator("select[name=to_stage_id]").first
    stages.select_option(index=1)
    tab.get_by_role("button", name="Move", exact=True).first.click()
    tab.get_by_label("Note", exact=True).fill(NOTE)
    tab.get_by_role("button", name="Add note").click()
    ours = f"{running.url}/candidates/{shown.candidate}"
    tab.goto(ours)
    tab.get_by_placeholder("New tag").fill("relocation")
    tab.locator("#tags").get_by_role("button", name="Add").click()
    follows(tab, ours, lambda: NOTE in tab.content())
    follows(tab, shown.profile, lambda: "relocation" in tab.locator("[data-live=tags]").inner_text())


def a_failure(tab: Page, running: Demo, shown: Shown) -> None:
    """The ATS refuses an edit for good, so that there is something to replay."""
    fault = {"kind": "answer", "method": "PATCH", "path": "candidates", "status": 422, "times": 1,
             "body": {"errors": [{"message": "Phone number is not valid", "field": "phone_numbers"}]}}  # fmt: skip
    with urlopen(Request(f"{shown.account}/sandbox/faults", json.dumps(fault).encode(), method="POST"), timeout=30):
        pass
    tab.goto(f"{running.url}/candidates/{shown.candidate}")
    tab.get_by_text("Edit contact data").click()
    tab.locator("textarea[name=phones]").fill("+44 20 7946 0018")
    tab.get_by_role("button", name="Save on both sides").click()
    tab.wait_for_load_state()
    follows(tab, f"{running.url}/failures", lambda: bool(running.ask("/failures")["items"]))


def follows(tab: Page, url: str, there: Callable[[], bool]) -> None:
    """Look at a page again until it shows what was done on the other side."""
    ends = time.monotonic() + FOLLOW_WITHIN
    tab.goto(url)
    while not there():
        if time.monotonic() > ends:
            raise SystemExit(f"{url} did not follow within {FOLLOW_WITHIN:.0f} s.")
        time.sleep(0.5)
        tab.goto(url)


# --------------------------------------------------------------------------------------------------------- the pictures


def pages_of(running: Demo, shown: Shown) -> dict[str, str]:
    """Every page, by the name of its picture."""
    ours, here = running.url, f"{running.url}/candidates/{shown.candidate}"
    name, second = next(iter(running.accounts)), list(running.accounts.values())[-1]
    bridge = {
        "overview": "", "kpis": "/kpis", "flow": "/flow", "doctor": "/doctor",
        "tasks": "/tasks", "review": "/review", "duplicates": "/duplicates",
        "certain": "/duplicates/certain", "data": f"/connections/{name}/data",
        "data-titles": f"/connections/{name}/data/titles", "data-closed": f"/connections/{name}/data/closed",
        "candidates": "/candidates", "jobs": "/jobs",
        "job": f"/jobs/{shown.job}", "why": f"/records/{shown.candidate}/history?field=tags",
        "setup": "/setup", "setup-lever": "/setup/lever", "wizard": f"/connections/{name}/setup",
        "connections": "/connections", "connection": f"/connections/{name}", "mapping": f"/mapping/{name}",
        "failures": "/failures",
        "subscribers": "/subscribers",
        "rollout": f"/connections/{name}/rollout", "handover": f"/connections/{name}/handover",
        "screening": "/screening", "job-screening": f"/jobs/{shown.job}/screening", "outcomes": "/outcomes",
        "people": f"/jobs/{shown.job}/people", "rubric": f"/jobs/{shown.job}/rubric",
        "shortlists": f"/jobs/{shown.job}/shortlists", "undecided": "/undecided", "interviews": "/interviews",
        "calendars": "/interviews/setup", "messages": "/messages", "mail": "/messages/mail", "triggers": "/triggers",
        "enrichment": "/enrichment", "incidents": "/incidents", "erasures": "/erasures", "due": "/erasures/due",
        "alerts": "/alerts", "audit": "/audit", "settings": "/settings", "missing": "/candidates/nobody",
    }  # fmt: skip
    theirs = {
        "candidates": "/candidates", "new": "/candidates/new", "jobs": "/jobs", "careers": "/careers",
        "users": "/users", "webhooks": "/configure/webhooks", "credentials": "/configure/credentials",
        "fields": "/configure/fields", "rules": "/configure/rules", "tenant": "/configure/settings",
        "outbox": "/outbox", "deliveries": "/deliveries", "activity": "/activity",
    }  # fmt: skip
    found = {
        "candidate": here,
        "history": f"{here}/history",
        "sandbox-candidate": shown.profile,
        "sandbox-job": _first(shown.account, "/jobs", "/jobs"),
        "sandbox-careers-job": _first(shown.account, "/careers", "/careers/jobs"),
        "sandbox-standard": _first(second, "/candidates", "/candidates"),
    }
    for one in running.ask("/failures")["items"][:1]:
        found["failure"] = f"{ours}/failures/{one['id']}"
    for one in running.ask("/reviews")["items"][:1]:
        found["review-item"] = f"{ours}/review/{one['id']}"
    return (
        {page: ours + path for page, path in bridge.items()}
        | {f"sandbox-{page}": shown.account + path for page, path in theirs.items()}
        | found
    )


def _first(account: str, page: str, kind: str) -> str:
    """The address of the first object of a kind that a page of the sandbox links to."""
    with urlopen(account + page, timeout=30) as answer:
        found = re.search(rf'href="({kind}/\d+)"', answer.read().decode())
    return account + (found[1] if found else page)


def sign_in(tab: Page, link: str) -> None:
    tab.goto(link)
    tab.get_by_role("button", name="Log in").click()
    tab.wait_for_url(re.compile(r"/$"))


def fresh_link(running: Demo) -> str:
    body = json.dumps({"email": "admin@localhost"}).encode()
    headers = {"authorization": f"Bearer {running.key}", "content-type": "application/json"}
    with urlopen(Request(f"{running.url}/api/v1/login-links", body, headers, method="POST"), timeout=30) as answer:
        return json.load(answer)["url"]


def everything(browser: Browser, running: Demo, folder: Path) -> None:
    """Every page in every size and theme; what is wrong with one is printed."""
    shown = someone(running)
    with browser.new_context() as context:
        tab = context.new_page()
        sign_in(tab, running.login)
        a_day(tab, running, shown)
        a_failure(tab, running, shown)
    pages = pages_of(running, shown)
    for theme in THEMES:
        for size, (width, height) in SIZES.items():
            if size not in PICTURED and theme != THEMES[0]:
                continue
            viewport: Any = {"width": width, "height": height}
            with browser.new_context(viewport=viewport, color_scheme=theme) as context:
                tab = context.new_page()
                tab.on("console", lambda said: _said(said))
                tab.goto(link := fresh_link(running))
                tab.screenshot(path=folder / f"login-{size}-{theme}.png")
                sign_in(tab, link)
                for name, url in pages.items():
                    tab.goto(url)
                    for what in too_wide(tab):
                        print(f"{name} {size}: {what}")
                    if size in PICTURED:
                        tab.screenshot(path=folder / f"{name}-{size}-{theme}.png", full_page=True)


def _said(message: ConsoleMessage) -> None:
    told = message.type in ("error", "warning")
    if told and "/candidates/nobody" not in message.location["url"]:
        print(f"{message.location['url']}: {message.text}")


def for_docs(browser: Browser, running: Demo, folder: Path) -> None:
    """The pictures of README, docs and the tour."""
    shown = someone(running)
    viewport: Any = {"width": 1120, "height": 1180}
    with browser.new_context(viewport=viewport) as context:
        tab = context.new_page()
        sign_in(tab, running.login)
        a_day(tab, running, shown)
        tab.goto(shown.profile)
        ats = tab.screenshot()
        tab.goto(running.url)
        overview = tab.screenshot()
        tab.set_viewport_size({"width": 1440, "height": 900})
        tab.goto(f"{running.url}/candidates/{shown.candidate}/history")
        save(tab.screenshot(), folder / "history.png")
        a_failure(tab, running, shown)
    tour(browser, running, shown, folder)
    with browser.new_context(viewport={"width": 1640, "height": 900}) as context:  # a page without Bascule's policy
        beside(context.new_page(), folder / "both-sides.png", ats, overview)


def tour(browser: Browser, running: Demo, shown: Shown, folder: Path) -> None:
    """The pictures of docs/tour.md, one of a phone in the dark."""
    pages = pages_of(running, shown)
    for theme, width, height, names in (("light", 1200, 760, TOUR), ("dark", 360, 740, ON_A_PHONE)):
        viewport: Any = {"width": width, "height": height}
        with browser.new_context(viewport=viewport, color_scheme=theme) as context:
            tab = context.new_page()
            sign_in(tab, fresh_link(running))
            for name in names:
                tab.goto(pages[name])
                save(tab.screenshot(), folder / f"tour-{name}.png")


def beside(tab: Page, path: Path, left: bytes, right: bytes) -> None:
    """Two pictures side by side, each with its name above."""
    named = (("In the ATS (sandbox Greenhouse)", left), ("In Bascule", right))
    sources = [(words, b64encode(image).decode()) for words, image in named]
    figures = "".join(
        f"<figure><figcaption>{words}</figcaption><img src='data:image/png;base64,{image}'></figure>"
        for words, image in sources
    )
    tab.set_content(
        "<style>body{margin:0;padding:16px;background:#e4e6ea;font:600 15px system-ui,sans-serif;color:#333;"
        "display:flex;gap:16px;width:max-content}figure{margin:0}figcaption{padding:0 2px 8px}"
        "img{display:block;width:800px;border-radius:8px;box-shadow:0 1px 6px #0003}</style>" + figures
    )
    tab.wait_for_function("Array.from(document.images).every(one => one.complete)")
    save(tab.locator("body").screenshot(), path)


def save(png: bytes, path: Path) -> None:
    """Write a picture with a palette: a page has few colours, and the file stays small."""
    image = Image.open(BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    image.save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1024} KB")


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0]) if arguments else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    with demo() as running, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        if arguments:
            everything(browser, running, folder)
        else:
            for_docs(browser, running, folder)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])

"""A client that archives public job postings, unmodified, finds on each vendor's board exactly what is posted there."""

from __future__ import annotations

import asyncio
import html
import json
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bascule.sandbox import registry
from bascule.sandbox.kit.names import JOBS
from bascule.sandbox.kit.server import run
from bascule.sandbox.kit.tables import SYSTEM, Row
from bascule.sandbox.kit.tenant import Tenant
from bascule.sandbox.smartrecruiters.render import posting_number

from .front_door import FrontDoor, front_door

PROGRAM = Path(__file__).parents[2] / ".outsiders" / "venv" / "bin" / "ats-fetch"
PATIENCE = 60
SECRET: dict[str, Any] = {
    "title": "Chief Operating Officer", "department": "Operations", "office": "London", "confidential": True,
    "description": "<p>You lead the daily business, and nobody knows yet.</p>",
}  # fmt: skip


@dataclass(frozen=True)
class Board:
    """A vendor's board. `page`: the address of a posting as people share it; `close`: what takes a job off the board;
    `read`: (id, title, text) of what the client has archived, the id as it stands in `page`."""

    host: str
    page: Callable[[Tenant[Any], Row], str]
    close: dict[str, str]
    read: Callable[[dict[str, Any]], tuple[str, str, str]]
    title: str = "title"


def _post(tenant: Tenant[Any], job: Row) -> int:
    """A Greenhouse job stands on the board as its post."""
    return tenant.db["job_posts"].where("job_id", job["id"])[0]["id"]


def _posting(tenant: Tenant[Any], job: Row) -> str:
    return tenant.db["postings"].where("job_id", job["id"])[0]["id"]


BOARDS = {
    "greenhouse": Board(
        "boards-api.greenhouse.io", lambda tenant, job: f"https://boards.greenhouse.io/sandbox/jobs/{_post(tenant, job)}",
        {"status": "closed"}, lambda raw: (str(raw["id"]), raw["title"], raw["content"]), "name",
    ),
    "ashby": Board(
        "api.ashbyhq.com", lambda tenant, job: f"https://jobs.ashbyhq.com/sandbox/{_posting(tenant, job)}",
        {"status": "Closed"}, lambda raw: (raw["id"], raw["title"], raw["descriptionHtml"]),
    ),
    "lever": Board(
        "api.lever.co", lambda tenant, job: f"https://jobs.lever.co/sandbox/{job['id']}",
        {"state": "closed"}, lambda raw: (raw["id"], raw["text"], raw["description"]), "text",
    ),
    "smartrecruiters": Board(
        "api.smartrecruiters.com", lambda tenant, job: f"https://jobs.smartrecruiters.com/sandbox/{posting_number(job)}",
        {"posting_status": "NOT_PUBLISHED"},
        lambda raw: (raw["id"], raw["name"], raw["jobAd"]["sections"]["jobDescription"]["text"]),
    ),
}  # fmt: skip


@dataclass
class Outside:
    tenant: Tenant[Any]
    door: FrontDoor
    folder: Path

    async def fetch(self, *line: str) -> str | None:
        """What the client prints, or None where it says that it could not."""
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "SYSTEMROOT") if key in os.environ}
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *line, env={**kept, **self.door.environment(), "HOME": str(self.folder)}, cwd=self.folder,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(PATIENCE):
            said, wrong = await process.communicate()
        assert process.returncode == 0 or b"could not fetch" in wrong, wrong.decode()
        return said.decode() if process.returncode == 0 else None


@asynccontextmanager
async def opened(name: str, folder: Path) -> AsyncGenerator[Outside]:
    """The vendor's sandbox behind its real host name: five jobs, one of them confidential."""
    if not PROGRAM.exists():
        pytest.fail("the outsiders are not installed: run `make outsiders`, or `sh tests/outsiders/setup.sh`")
    vendor, stop = registry.load(name), asyncio.Event()
    ready: asyncio.Future[tuple[str, Tenant[Any]]] = asyncio.get_running_loop().create_future()
    options = vendor.options(jobs=(*JOBS, SECRET))
    server = asyncio.create_task(
        run(vendor, 0, options, ready=lambda url, tenant: ready.set_result((url, tenant)), stop=stop)
    )
    url, tenant = await ready
    where = urlsplit(url)
    async with front_door({BOARDS[name].host: (str(where.hostname), int(where.port or 0))}, folder) as door:
        try:
            yield Outside(tenant, door, folder)
        finally:
            stop.set()
            await server


@pytest.mark.parametrize("name", BOARDS)
async def test_ats_fetch_archives_every_posted_job_word_for_word_and_no_other(name: str, tmp_path: Path) -> None:
    board = BOARDS[name]
    async with opened(name, tmp_path) as outside:
        jobs = outside.tenant.db["jobs"]
        shut = jobs.ids[1]
        outside.tenant.db.change("jobs", shut, SYSTEM, board.close)
        if name == "greenhouse":
            outside.tenant.db.change("job_posts", _post(outside.tenant, jobs.rows[shut]), SYSTEM, {"live": False})
        posted = {row["id"]: row for row in jobs if row["id"] != shut and row[board.title] != SECRET["title"]}
        assert len(posted) == len(JOBS) - 1
        texts = {str(one["title"]): str(one["description"]) for one in JOBS}
        found: dict[Any, tuple[str, str, str]] = {}
        for job in jobs:
            page = board.page(outside.tenant, job)
            if (said := await outside.fetch(page, "--json")) is not None:
                found[job["id"]] = board.read(json.loads(said))
                assert found[job["id"]][0] == page.rpartition("/")[2]
        assert found.keys() == posted.keys()
        for id, (_, title, text) in found.items():
            assert title == posted[id][board.title]
            assert _unescaped(text) == texts[title]
        assert {host for host, _ in outside.door.passed} == {board.host}


@pytest.mark.parametrize("name", BOARDS)
async def test_the_archive_it_writes_has_the_text_and_its_source(name: str, tmp_path: Path) -> None:
    async with opened(name, tmp_path) as outside:
        job = next(iter(outside.tenant.db["jobs"]))
        said = await outside.fetch(BOARDS[name].page(outside.tenant, job))
        assert said is not None
        assert f"| **Title** | {job[BOARDS[name].title]} |" in said
        assert f"| **Canonical URL** | https://{BOARDS[name].host}/careers/jobs/{job['id']}" in said
        assert outside.door.refused == []


def _unescaped(text: str) -> str:
    """Greenhouse escapes the HTML within its JSON."""
    return html.unescape(text) if text.startswith("&lt;") else text

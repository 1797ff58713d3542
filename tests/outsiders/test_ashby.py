"""Clients that know only Ashby's service read and move what our sandbox holds, unmodified."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bascule.sandbox.ashby import VENDOR, Options, Sandbox
from bascule.sandbox.kit.server import run
from bascule.sandbox.kit.tables import Actor, Row

from .front_door import FrontDoor, front_door

PROGRAMS = Path(__file__).parents[2] / ".outsiders" / "venv" / "bin"
HOST = "api.ashbyhq.com"
PATIENCE = 240


@dataclass
class Outside:
    """A process of the outsiders' environment, and the sandbox that it takes for Ashby."""

    sandbox: Sandbox
    door: FrontDoor
    folder: Path
    key: str

    async def run(self, program: str, *arguments: str) -> str:
        """What a program prints; it must succeed."""
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "SYSTEMROOT") if key in os.environ}
        told = {**kept, **self.door.environment(), "HOME": str(self.folder), "ASHBY_API_KEY": self.key}
        process = await asyncio.create_subprocess_exec(
            PROGRAMS / program, *arguments, env=told, cwd=self.folder,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(PATIENCE):
            said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()[-4000:]
        return said.decode()

    def write(self, name: str, content: Any) -> str:
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def ids(self, kind: str, which: Callable[[Row], bool] = lambda row: True) -> list[str]:
        return sorted(row["id"] for row in self.sandbox.db[kind] if which(row))


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncGenerator[Outside]:
    if not (PROGRAMS / "source-declarative-manifest").exists():
        pytest.fail("the outsiders are not installed: run `make outsiders`, or `sh tests/outsiders/setup.sh`")
    ready: asyncio.Future[tuple[str, Sandbox]] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    options = Options(candidates=230, dirty=True)
    server = asyncio.create_task(
        run(VENDOR, 0, options, ready=lambda url, sandbox: ready.set_result((url, sandbox)), stop=stop)
    )
    url, sandbox = await ready
    where = urlsplit(url)
    key = sandbox.create_key(Actor("user:test"), "Outsider", confidential=True, private_fields=True)
    async with front_door({HOST: (str(where.hostname), int(where.port or 0))}, tmp_path) as door:
        yield Outside(sandbox, door, tmp_path, key["secret"])
    stop.set()
    await server


def _in_use(row: Row) -> bool:
    return not row["archived"]


# The stream, and the table whose rows it must have exactly.
STREAMS: dict[str, tuple[str, Callable[[Row], bool]]] = {
    "applications": ("applications", lambda row: True),
    "archive_reasons": ("archive_reasons", _in_use),
    "candidate_tags": ("tags", _in_use),
    "candidates": ("candidates", lambda row: True),
    "custom_fields": ("custom_fields", lambda row: True),
    "departments": ("departments", lambda row: True),
    "feedback_form_definitions": ("forms", lambda row: True),
    "interview_schedules": ("schedules", lambda row: True),
    "job_postings": ("postings", lambda row: row["published"]),
    "jobs": ("jobs", lambda row: row["status"] != "Draft"),
    "locations": ("locations", lambda row: True),
    "offers": ("offers", lambda row: True),
    "sources": ("sources", _in_use),
    "users": ("users", lambda row: row["enabled"]),
}


async def airbyte(outside: Outside, command: str, *more: str) -> list[dict[str, Any]]:
    """What the source says: its manifest as it is published, run by the library's own program for manifests. (The
    source's own program gives this version of the library no configuration, so that it would call without a key.)"""
    (manifest,) = PROGRAMS.parent.glob("lib/python*/site-packages/source_ashby/manifest.yaml")
    config = outside.write("config.json", {"api_key": outside.key, "start_date": "2020-01-01T00:00:00Z"})
    said = await outside.run("source-declarative-manifest", command, "--config", config, "--manifest-path",
                             str(manifest), *more)  # fmt: skip
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


async def test_airbytes_source_counts_exactly_what_the_sandbox_holds(outside: Outside) -> None:
    checked = await airbyte(outside, "check")
    (status,) = [one["connectionStatus"] for one in checked if one["type"] == "CONNECTION_STATUS"]
    assert status["status"] == "SUCCEEDED", status
    outside.door.passed.clear()
    streams = [{"stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
                "sync_mode": "full_refresh", "destination_sync_mode": "append"} for name in STREAMS]  # fmt: skip
    catalog = outside.write("catalog.json", {"streams": streams})
    records = [one["record"] for one in await airbyte(outside, "read", "--catalog", catalog)
               if one["type"] == "RECORD"]  # fmt: skip
    for name, (kind, which) in STREAMS.items():
        assert sorted(one["data"]["id"] for one in records if one["stream"] == name) == outside.ids(kind, which), name
    asked = Counter(line.split()[1] for host, line in outside.door.passed if host == HOST)
    assert (asked["/candidate.list"], {host for host, _ in outside.door.passed}) == (3, {HOST})
    assert outside.door.refused == []


LISTED = """
import json
from ashby_sdk import AshbyClient
client = AshbyClient()
lists = {
    "candidates": client.candidates.list(limit=50), "applications": client.applications.list(limit=50),
    "jobs": client.jobs.list(status=["Open"]), "tags": client.candidate_tags.list(), "users": client.users.list(),
    "sources": client.sources.list(), "archive_reasons": client.archive_reasons.list(),
    "custom_fields": client.custom_fields.list(), "offers": client.offers.list(),
    "schedules": client.interview_schedules.list(), "projects": client.projects.list(),
    "departments": client.departments.list(), "locations": client.locations.list(),
}
print(json.dumps({kind: sorted(one.id for one in rows) for kind, rows in lists.items()}))
"""


async def test_the_python_sdk_counts_exactly_what_the_sandbox_holds(outside: Outside) -> None:
    got = json.loads((await outside.run("python", outside.write("listed.py", LISTED))).splitlines()[-1])
    kept: dict[str, Callable[[Row], bool]] = {
        "jobs": lambda row: row["status"] == "Open", "tags": _in_use, "sources": _in_use, "archive_reasons": _in_use,
        "users": lambda row: row["enabled"],
    }  # fmt: skip
    for kind, ids in got.items():
        assert ids == outside.ids(kind, kept.get(kind, lambda row: True)), kind
    assert len(got) == 13


MOVED = """
import json, sys
from ashby_sdk import AshbyClient
client = AshbyClient()
wanted = sys.argv[1]
before = client.get_application_with_candidate(wanted)
funnel = client.get_job_funnel(before.raw_data["job"]["id"])
onward = next(one for one in funnel if one.type == "Offer")
after = client.move_application_to_stage(wanted, onward.id)
tag = client.candidate_tags.list()[0]
client.candidates.add_tag(before.candidate_id, tag.id)
note = client.create_candidate_note(before.candidate_id, "Match score 87")
content, name = client.download_resume(before.candidate)
found = client.candidates.search(email=before.candidate.email)
client.applications.archive(wanted, client.archive_reasons.list()[0].id)
print(json.dumps({
    "stage": [onward.id, after.current_stage.id, client.get_application_stage(wanted).id], "tag": tag.id,
    "note": [note.id, note.content], "resume": [content.decode(), name], "found": [one.id for one in found],
    "status": client.applications.get(wanted).status, "funnel": [one.id for one in funnel],
}))
"""


async def test_the_python_sdk_moves_tags_notes_and_downloads(outside: Outside) -> None:
    db = outside.sandbox.db
    row = next(row for row in db["applications"] if row["status"] == "Active"
               and db["stages"].rows[row["stage_id"]]["type"] != "Offer"
               and (person := db["candidates"].rows[row["candidate_id"]])["resume_id"] and person["emails"]
               and row["plan_id"] == db["jobs"].rows[row["job_id"]]["plan_id"])  # fmt: skip
    person = db["candidates"].rows[row["candidate_id"]]
    resume = db["attachments"].rows[person["resume_id"]]
    got = json.loads((await outside.run("python", outside.write("moved.py", MOVED), row["id"])).splitlines()[-1])
    assert set(got["stage"]) == {row["stage_id"]}
    assert db["stages"].rows[row["stage_id"]]["type"] == "Offer"
    assert got["funnel"] == [one["id"] for one in db["stages"].where("plan_id", row["plan_id"])]
    assert got["tag"] in person["tag_ids"]
    notes = {one["id"]: one["body"] for one in db["notes"].where("candidate_id", person["id"])}
    assert notes[got["note"][0]] == got["note"][1] == "Match score 87"
    assert got["resume"] == [resume["content"].decode(), resume["name"]]
    assert person["id"] in got["found"]
    assert got["status"] == "Active", "its archive() asks for what application.update does not know"
    assert {host for host, _ in outside.door.passed} == {HOST}
    assert [one.actor.kind for one in db.log if one.field == "stage_id"] == ["api:Outsider"]

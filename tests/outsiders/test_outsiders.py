"""Clients that know only the vendor's service read our sandbox, unmodified and from an environment of their own."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bascule.sandbox.greenhouse import Actor, Options, Rate, Sandbox, jobs, run
from bascule.sandbox.greenhouse.harvest import scopes

from .front_door import FrontDoor, front_door

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / ".outsiders" / "venv" / "bin" / "open-greenhouse-mcp"
HOSTS = ("harvest.greenhouse.io", "auth.greenhouse.io", "boards-api.greenhouse.io")
PATIENCE = 120


@dataclass
class Client:
    """The outsider's process, spoken to over its standard input and output as its users' programs do (MCP)."""

    process: asyncio.subprocess.Process
    sandbox: Sandbox
    door: FrontDoor
    count: int = 0

    async def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        self.count += 1
        await self._send({"jsonrpc": "2.0", "id": self.count, "method": method, "params": params})
        while line := await self.process.stdout.readline():
            answer = json.loads(line)
            if answer.get("id") == self.count:
                assert "error" not in answer, answer
                return answer["result"]
        raise AssertionError("the client has ended")

    async def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        await self.process.stdin.drain()

    async def start(self) -> None:
        info = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}}
        await self.ask("initialize", info)
        await self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def use(self, tool: str, **arguments: Any) -> Any:
        """Call one of the client's tools; its answer as data."""
        result = await self.ask("tools/call", {"name": tool, "arguments": arguments})
        assert not result.get("isError"), result
        answer = json.loads(result["content"][0]["text"])
        assert not (isinstance(answer, dict) and ("error" in answer or answer.get("warnings"))), (tool, answer)
        return answer


@pytest.fixture
async def client(tmp_path: Path) -> AsyncGenerator[Client]:
    if not PROGRAM.exists():
        pytest.fail("the outsiders are not installed: run `make outsiders`, or `sh tests/outsiders/setup.sh`")
    ready: asyncio.Future[tuple[str, Sandbox]] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    options = Options(candidates=130, dirty=True, rate=Rate(100_000, 30.0))
    server = asyncio.create_task(
        run(0, options, ready=lambda url, sandbox: ready.set_result((url, sandbox)), stop=stop)
    )
    url, sandbox = await ready
    where = urlsplit(url)
    address = (str(where.hostname), int(where.port or 0))
    service = next(row for row in sandbox.db["users"] if row["service_account"])
    row = sandbox.access.create(Actor("user:test"), "Outsider", service["id"], scopes())
    async with front_door(dict.fromkeys(HOSTS, address), tmp_path) as door:
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "SYSTEMROOT") if key in os.environ}
        process = await asyncio.create_subprocess_exec(
            PROGRAM,
            env={
                **kept,
                **door.environment(),
                "HOME": str(tmp_path),
                "GREENHOUSE_CLIENT_ID": row["client_id"],
                "GREENHOUSE_CLIENT_SECRET": row["secret"],
                "GREENHOUSE_TOOL_PROFILE": "read-only",
                "GREENHOUSE_BOARD_TOKEN": sandbox.options.board,
            },
            cwd=tmp_path,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=64 * 1024 * 1024,
        )
        made = Client(process, sandbox, door)
        try:
            async with asyncio.timeout(PATIENCE):
                await made.start()
                yield made
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
    stop.set()
    await server


# The client's tool, what it is given, and the sandbox's table whose rows it must count exactly.
LISTS: list[tuple[str, dict[str, Any], str]] = [
    ("list_candidates", {"per_page": 40, "paginate": "all"}, "candidates"),
    ("list_applications", {"per_page": 40, "paginate": "all"}, "applications"),
    ("list_jobs", {"paginate": "all"}, "jobs"),
    ("list_scorecards", {"paginate": "all", "include_details": False}, "scorecards"),
    ("list_interviews", {"paginate": "all", "include_details": False}, "interviews"),
    ("list_offers", {"paginate": "all"}, "offers"),
    ("list_custom_fields", {}, "custom_fields"),
    ("list_departments", {"paginate": "all"}, "departments"),
    ("list_offices", {"paginate": "all"}, "offices"),
    ("list_sources", {"paginate": "all"}, "sources"),
    ("list_eeoc", {"paginate": "all"}, "eeoc"),
    ("list_job_stages", {"paginate": "all"}, "job_interview_stages"),
    ("list_job_posts", {"paginate": "all"}, "job_posts"),
    ("list_rejection_reasons", {"include_defaults": True}, "rejection_reasons"),
    ("list_close_reasons", {}, "close_reasons"),
    ("list_email_templates", {}, "email_templates"),
    ("list_prospect_pools", {"paginate": "all"}, "prospect_pools"),
    ("list_question_sets", {}, "demographic_question_sets"),
    ("list_questions", {}, "demographic_questions"),
    ("list_answer_options", {}, "demographic_answer_options"),
    ("list_answers", {"paginate": "all"}, "demographic_answers"),
]


async def test_the_unmodified_client_counts_exactly_what_the_sandbox_holds(client: Client) -> None:
    db = client.sandbox.db
    for tool, arguments, kind in LISTS:
        answer = await client.use(tool, **arguments)
        assert answer.get("total", len(answer["items"])) == len(db[kind]), tool
        assert sorted(row["id"] for row in answer["items"]) == db[kind].ids, tool
    users = await client.use("list_users", paginate="all")
    assert users["total"] == sum(not row["service_account"] for row in db["users"])
    tags = await client.use("list_tags")
    assert len(tags["items"]) == len(db["candidate_tags"])


async def test_it_lists_what_belongs_to_each_job_and_each_choice_field(client: Client) -> None:
    db = client.sandbox.db
    for job in db["jobs"]:
        got = await client.use("list_job_openings", job_id=job["id"])
        assert sorted(row["id"] for row in got["items"]) == [
            row["id"] for row in db["openings"].where("job_id", job["id"])
        ]
    choices = [row for row in db["custom_fields"] if row["value_type"] == "single_select"]
    assert choices
    for field in choices:
        got = await client.use("list_custom_field_options", custom_field_id=field["id"])
        assert sorted(row["id"] for row in got["items"]) == [
            row["id"] for row in db["custom_field_options"].where("custom_field_id", field["id"])
        ]


async def test_it_reads_the_public_job_board(client: Client) -> None:
    posted = jobs.posted(client.sandbox)
    assert 0 < len(posted) < len(client.sandbox.db["jobs"])
    found = (await client.use("list_board_jobs", content=True))["jobs"]
    assert [(one["id"], one["internal_job_id"]) for one in found] == [(post["id"], job["id"]) for job, post in posted]
    for one in found:
        whole = await client.use("get_board_job", job_id=one["id"], questions=True)
        assert whole["content"] == one["content"]
    for kind in ("departments", "offices"):
        shown = (await client.use(f"list_board_{kind}"))[kind]
        assert [one["id"] for one in shown] == client.sandbox.db[kind].ids


async def test_every_page_came_through_the_door_and_nothing_else_was_asked_for(client: Client) -> None:
    await client.use("list_candidates", per_page=40, paginate="all")
    pages = [line for host, line in client.door.passed if host == "harvest.greenhouse.io"]
    assert len(pages) == -(-len(client.sandbox.db["candidates"]) // 40)
    assert [("cursor=" in line) for line in pages] == [False] + [True] * (len(pages) - 1)
    assert {host for host, _ in client.door.passed} == set(HOSTS[:2])
    assert client.door.refused == []


async def test_the_client_finds_one_person_with_everything_below(client: Client) -> None:
    db = client.sandbox.db
    person = next(row for row in db["candidates"] if len(db["applications"].where("candidate_id", row["id"])) > 1)
    got = await client.use("get_candidate", candidate_id=person["id"])
    assert (got["first_name"], got["last_name"]) == (person["first_name"], person["last_name"])
    for key in ("applications", "attachments"):
        assert sorted(row["id"] for row in got[key]) == [
            row["id"] for row in db[key].where("candidate_id", person["id"])
        ]
    feed = await client.use("get_activity_feed", candidate_id=person["id"])
    assert feed["total"] == len(db["notes"].where("candidate_id", person["id"]))
    found = await client.use("list_tags_on_candidate", candidate_id=person["id"])
    assert found["total"] == len(db["applied_candidate_tags"].where("candidate_id", person["id"]))


async def test_the_client_reads_a_resume_by_its_signed_link(client: Client) -> None:
    file = client.sandbox.db["attachments"].rows[client.sandbox.db["attachments"].ids[0]]
    got = await client.use("read_candidate_resume", candidate_id=file["candidate_id"])
    assert got["filename"] == file["filename"]
    assert got["content"].encode() == file["content"]


async def test_the_client_lists_a_jobs_stages_in_order(client: Client) -> None:
    job_id = client.sandbox.db["jobs"].ids[0]
    got = await client.use("list_job_stages_for_job", job_id=job_id)
    own = client.sandbox.db["job_interview_stages"].where("job_id", job_id)
    assert [row["name"] for row in got["items"]] == [row["name"] for row in own]


async def test_filters_mean_the_same_to_the_client(client: Client) -> None:
    db = client.sandbox.db
    for status in ("active", "rejected", "hired"):
        got = await client.use("list_applications", status=status, paginate="all")
        spoken = "in_process" if status == "active" else status
        assert got["total"] == sum(row["status"] == spoken for row in db["applications"])
    middle = db["candidates"].rows[db["candidates"].ids[60]]["created_at"].isoformat()
    after = await client.use("list_candidates", created_after=middle, paginate="all")
    before = await client.use("list_candidates", created_before=middle, paginate="all")
    assert after["total"] + before["total"] == len(db["candidates"])

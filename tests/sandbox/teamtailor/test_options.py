"""Two companies are not alike: what can be chosen at the start, on a command line and in Python, and what is refused."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bascule.sandbox.kit.server import options_of, own_arguments
from bascule.sandbox.teamtailor import VENDOR, Options, files

from .conftest import Make


def test_a_command_line_chooses() -> None:
    assert options_of(VENDOR, own_arguments(VENDOR, [], "teamtailor")) == Options()
    given = ["--surface", "documented", "--addons", "webhooks", "--zone", "Asia/Tokyo", "--rate", "5/1", "--candidate-delete",
             "--audit-days", "30", "--numbers", "text", "--bounds", "exclusive"]  # fmt: skip
    chosen = options_of(VENDOR, own_arguments(VENDOR, given, "teamtailor"))
    assert isinstance(chosen, Options)
    assert (chosen.surface, chosen.addons, chosen.zone, chosen.rate.limit) == (
        "documented",
        ("webhooks",),
        "Asia/Tokyo",
        5,
    )
    assert (chosen.candidate_delete, chosen.audit_days, chosen.numbers, chosen.retry_after) == (True, 30, "text", False)
    assert options_of(VENDOR, own_arguments(VENDOR, ["--addons", ""], "teamtailor")) == Options(addons=())


@pytest.mark.parametrize(("wrong", "said"), [
    ({"surface": "new"}, "current or documented"), ({"zone": "Stockholm"}, "not known"), ({"addons": ("sms",)}, "audit-log"),
    ({"bounds": "both"}, "inclusive or exclusive"),
])  # fmt: skip
def test_what_is_not_known_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Options(**wrong)


async def test_a_company_has_the_jobs_and_stages_it_is_given(make: Make, tmp_path: Path) -> None:
    jobs = [{"title": "Baker", "stages": ["Ring upp", "Provbaka"], "office": "Umeå", "questions": ["Since when?"]}]
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    tt = make(jobs=options_of(VENDOR, {"jobs": tmp_path / "jobs.json"}).jobs, candidates=2)
    (job,) = (await tt.get("jobs", include="locations"))["data"]
    stages = await tt.get(f"jobs/{job['id']}/stages", sort="row-order")
    assert [one["attributes"]["name"] for one in stages["data"]] == ["Inbox", "Ring upp", "Provbaka", "Hired"]
    assert (await tt.get("job-applications"))["meta"]["record-count"] == 2


async def test_addresses_are_fetched_over_http() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        status = b"200 OK" if b"GET /cv.pdf" in asked else b"404 Not Found"
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: 8\r\nConnection: close\r\n\r\n%%PDF-1.4" % status)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert await files.fetch(f"{base}/cv.pdf") == b"%PDF-1.4"
        assert await files.fetch(f"{base}/none") is None
    assert await files.fetch(f"{base}/cv.pdf") is None, "nobody is there any more"

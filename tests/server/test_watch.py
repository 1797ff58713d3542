"""A worker without a server tells its own figures where it was asked to."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import httpx2

from bascule.server.run import work
from bascule.settings import Settings


async def test_a_worker_answers_for_itself_on_a_port_of_its_own_and_shows_no_page(tmp_path: Path) -> None:
    told: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    def say(_text: str, /, **facts: str) -> None:
        told.put_nowait(facts)

    settings = Settings(data=tmp_path / "data", log_level="error")
    working = asyncio.create_task(work(settings, say, watched=0))
    try:
        url = (await asyncio.wait_for(told.get(), 60))["metrics"]
        async with httpx2.AsyncClient(base_url=url.removesuffix("/metrics")) as prometheus:
            figures = await prometheus.get("/metrics")
            assert figures.status_code == 200
            assert "bascule_leases_lost_total" in figures.text
            assert (await prometheus.get("/healthz")).json()["ok"] is True
            assert (await prometheus.get("/")).status_code == 404
            assert (await prometheus.get("/api/v1/connections")).status_code == 404
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

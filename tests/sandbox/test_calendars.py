"""The page on which people see what stands in colleagues' calendars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx2

from bascule.sandbox.calendars import Server, create_app

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)


async def test_a_page_shows_what_stands_in_a_calendar_from_today_on() -> None:
    server, hour = Server(now=lambda: NOW), timedelta(hours=1)
    server.add("Mei@tenant.example", NOW + hour, NOW + 2 * hour, subject="Interview: <b>Ada</b>", place="Room 1")
    server.add("dana@tenant.example", NOW + 25 * hour, NOW + 26 * hour)
    server.add("mei@tenant.example", NOW - 48 * hour, NOW - 47 * hour, subject="Long ago")
    transport = httpx2.ASGITransport(create_app(server))
    async with httpx2.AsyncClient(transport=transport, base_url="http://calendars.test") as browser:
        every = (await browser.get("/")).text
        assert every.index("11:00 to 12:00") < every.index("Wednesday, 02 Dec 2026")
        assert "Interview: &lt;b&gt;Ada&lt;/b&gt;, Room 1" in every
        assert "Long ago" not in every
        hers = (await browser.get("/", params={"of": "mei@tenant.example"})).text
        assert "Interview: " in hers
        assert "Wednesday" not in hers
        assert (await browser.get("/static/live.js")).status_code == 200

"""The page and the API of applicants nobody has decided about."""

from __future__ import annotations

from datetime import timedelta

from bascule.model import Family, Kind, Record, Source
from bascule.server.roles import Role

from .conftest import SOMEBODY, Bench
from .test_rubric import with_job


async def applied(bench: Bench, job: str, name: str, days: float) -> str:
    """Somebody who applied so long ago."""
    app = bench.app
    at, home, person = app.runtime.now() - timedelta(days=days), app.runtime.id(), app.runtime.id()
    source = Source("ours", SOMEBODY, "read", at)

    def record(id: str, kind: Kind, parent: str | None, fields: dict[str, str]) -> Record:
        return Record(id, app.workspace, kind, home, parent, fields, dict.fromkeys(fields, source), "ours", at)

    application = app.runtime.id()
    records = {
        person: record(person, Kind.CANDIDATE, None, {"first_name": name, "last_name": "Byron"}),
        application: record(
            application, Kind.APPLICATION, person, {"job": job, "status": "active", "created_at": at.isoformat()}
        ),
    }
    family = Family(home, app.workspace, Kind.CANDIDATE, 0, "salt", records, {})
    await app.store.write(lambda tx: tx.families.save(None, family, now=at))
    return person


async def test_who_waits_too_long_stands_on_a_page_the_longest_first(inside: Bench) -> None:
    key = {"authorization": f"Bearer {inside.app.local_key}"}
    job = await with_job(inside)
    for name, days in (("New", 9), ("Old", 40), ("Late", 11)):
        await applied(inside, job, name, days)
    page = (await inside.browser.get("/undecided")).text
    assert "2 applicants have waited 10 days or more for a person." in page
    assert f'href="/undecided?job={job}">Backend Engineer' in page
    page = (await inside.browser.get(f"/undecided?job={job}")).text
    assert page.index("Old Byron") < page.index("Late Byron")
    assert "New Byron" not in page
    told = (await inside.browser.get("/api/v1/undecided", headers=key)).json()
    assert told == {
        "days": 10, "jobs": [{"job": job, "title": "Backend Engineer", "applicants": 2, "longest": 40}],
    }  # fmt: skip
    first = (await inside.browser.get(f"/api/v1/jobs/{job}/undecided?limit=1", headers=key)).json()
    rest = (
        await inside.browser.get(f"/api/v1/jobs/{job}/undecided", params={"after": first["next"]}, headers=key)
    ).json()
    assert [len(first["applicants"]), len(rest["applicants"]), rest["next"]] == [1, 1, ""]
    assert (await inside.browser.get("/undecided?job=nothing")).status_code == 404

    await inside.post("/undecided", days="30")
    assert "1 applicant has waited 30 days or more" in (await inside.browser.get("/undecided")).text
    await inside.post("/undecided", days="soon")
    assert "as a whole number" in (await inside.browser.get("/undecided")).text
    await inside.enter(Role.HIRING_MANAGER)
    assert 'name="days"' not in (await inside.browser.get("/undecided")).text
    await inside.post("/undecided", days="0")
    assert (await inside.browser.get("/api/v1/undecided", headers=key)).json()["days"] == 30

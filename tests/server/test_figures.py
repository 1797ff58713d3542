"""KPIs, the flow and the doctor: who may see which, what stands beside the figures, and what is set by forms."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from bascule.model import Family, Kind, Record, Source
from bascule.office.figures import Asked
from bascule.server.roles import Role
from bascule.server.show.figures import answered
from bascule.store import Tx
from bascule.store.figures import Untold
from bascule.store.sql import Sql

from .conftest import SOMEBODY, Bench
from .test_rubric import with_job
from .test_undecided import applied


@pytest.mark.parametrize(
    ("role", "kpis", "doctor"),
    [
        (Role.ADMINISTRATOR, 200, 200), (Role.OWNER, 200, 200), (Role.COMPLIANCE, 200, 403), (Role.RECRUITER, 403, 403),
        (Role.HIRING_MANAGER, 403, 403),
    ],
)  # fmt: skip
async def test_who_steers_sees_the_figures_and_others_the_flow_of_their_own_jobs(
    bench: Bench, role: Role, kpis: int, doctor: int
) -> None:
    job = await with_job(bench)
    await applied(bench, job, "Ada", 3)
    await bench.enter(role)
    for path, status in (("/kpis", kpis), ("/kpis.csv", kpis), ("/doctor", doctor), ("/flow", 200)):
        assert (await bench.browser.get(path)).status_code == status, path
    flow = (await bench.browser.get("/flow")).text
    assert ("Backend Engineer" in flow) == (kpis == 200)
    assert ("names you on no job" in flow) == (kpis == 403)
    assert (await bench.browser.get(f"/flow?job={job}")).status_code == (200 if kpis == 200 else 404)
    overview = (await bench.browser.get("/")).text
    assert ('href="/kpis"' in overview, 'href="/doctor"' in overview) == (kpis == 200, doctor == 200)
    await bench.post("/kpis/stated", before="9", now="3", source="Timed.")
    may = role in (Role.ADMINISTRATOR, Role.OWNER)
    assert ((await bench.app.figures.told(Asked()))["stated"] is not None) == may


async def test_a_recruiter_sees_the_flow_of_the_jobs_on_which_the_ats_names_them(bench: Bench) -> None:
    job, other = await with_job(bench), await with_job(bench)
    await applied(bench, job, "Ada", 3)
    await bench.enter(Role.RECRUITER)
    app, user = bench.app, bench.app.runtime.id()
    person = next(
        one for one in await app.store.read(lambda tx: tx.people.users(app.workspace)) if one.role == Role.RECRUITER
    )
    family = await app.store.read(lambda tx: tx.families.record_family(job))
    assert family is not None
    before = await app.store.read(lambda tx: tx.families.family(family))
    named = replace(before.records[job], fields={**before.records[job].fields, "recruiters": (user,)})
    records = {**before.records, job: named}
    now = app.runtime.now()
    fields = {"email": person.email, "active": True}
    source = Source("ours", SOMEBODY, "read", now)
    home = app.runtime.id()
    theirs = Record(user, app.workspace, Kind.USER, home, None, fields, dict.fromkeys(fields, source), "ours", now)
    known = Family(home, app.workspace, Kind.USER, 0, "salt", {user: theirs}, {})
    await app.store.write(lambda tx: tx.families.save(None, known, now=now))
    await app.store.write(
        lambda tx: tx.families.save(before, replace(before, records=records, rev=before.rev + 1), now=now)
    )
    page = (await bench.browser.get(f"/flow?job={job}")).text
    assert "The jobs on which the ATS names you." in page
    assert (await bench.browser.get(f"/flow?job={other}")).status_code == 404


async def test_every_figure_stands_with_what_it_counts_and_what_is_set_beside_it(inside: Bench) -> None:
    empty = (await inside.browser.get("/kpis")).text
    assert "Nothing to count yet" in empty
    assert "No moves yet" in (await inside.browser.get("/flow")).text
    job = await with_job(inside)
    for days in (9, 12):
        await applied(inside, job, "Ada", days)
    page = (await inside.browser.get("/kpis")).text
    for words in (
        "median of 2 applicants nobody has decided about",
        "No connected ATS tells of applications that were begun and not sent", "Left out: who was hired before",
        "None in this time.", "Weeks begin on Monday, UTC",
    ):  # fmt: skip
        assert words in page, words
    for wrong in ({"before": "3", "now": "9"}, {"before": "x", "now": "1"}):
        await inside.post("/kpis/stated", source="Timed.", **wrong)
        assert (await inside.app.figures.told(Asked()))["stated"] is None
    await inside.post("/kpis/stated", before="12", now="2,5", source="Timed 20 in May.")
    await inside.post("/kpis/targets", **{"target time_to_hire": "30", "target overrides": ""})
    await inside.post("/kpis/targets", **{"target time_to_hire": "soon"})
    await inside.post("/kpis/baseline")  # nothing has been decided: there is nothing to freeze
    assert (await inside.app.figures.told(Asked()))["baseline"] is None
    page = (await inside.browser.get("/kpis")).text
    assert "12 minutes before, 2.5 now, says Administrator" in page
    assert "Target 30 days" in page
    since = (inside.app.runtime.now() - timedelta(days=10)).date()
    rows = list(csv.DictReader(io.StringIO((await inside.browser.get(f"/kpis.csv?since={since}")).text)))
    assert {row["figure"] for row in rows} >= {"time_to_screen", "overrides", "queue_age"}
    assert next(row["target"] for row in rows if row["figure"] == "time_to_hire" and row["week"] == "all") == "30.0"
    key = {"authorization": f"Bearer {inside.app.local_key}"}
    told = (await inside.browser.get(f"/api/v1/kpis?since={since}", headers=key)).json()
    assert (told["applications"], told["queue"]["n"]) == (1, 2)
    way = (await inside.browser.get(f"/api/v1/flow?job={job}", headers=key)).json()
    assert sum(step["stand"] for step in way["steps"]) <= 2
    for wrong in ("weeks=9999", "since=x", "connection=nowhere", "job=nothing"):
        assert (await inside.browser.get(f"/api/v1/kpis?{wrong}", headers=key)).status_code in (404, 422)
    assert (await inside.browser.get("/kpis?weeks=x")).status_code == 422
    doctor = (await inside.browser.get("/doctor")).text
    assert "What to do" in doctor


async def test_the_set_up_shows_how_people_came_up_to_then_and_what_that_is_counted_from(inside: Bench) -> None:
    app, row = inside.app, await inside.connection()
    at = app.runtime.now() - timedelta(days=30)

    def family(kind: Kind, *rows: tuple[str, Kind, str | None, dict[str, str]]) -> Family:
        made = [
            Record(
                id, app.workspace, of, rows[0][0], parent, fields,
                dict.fromkeys(fields, Source(row.id, SOMEBODY, "read", at)), row.id, at,
            )
            for id, of, parent, fields in rows
        ]  # fmt: skip
        return Family(rows[0][0], app.workspace, kind, 0, "salt", {one.id: one for one in made}, {})

    steps = [(f"{name}-stage", Kind.STAGE, "job", {"name": name, "type": name}) for name in ("applied", "screen")]
    job = family(Kind.JOB, ("job", Kind.JOB, None, {"title": "Nurse"}), *steps)
    fields = {"job": "job", "status": "active", "stage": "screen-stage", "applied_at": at.isoformat()}
    ada = family(
        Kind.CANDIDATE, ("ada", Kind.CANDIDATE, None, {"last_name": "Byron"}),
        ("application", Kind.APPLICATION, "ada", fields),
    )  # fmt: skip

    def put(tx: Tx) -> None:
        for one in (job, ada):
            tx.families.save(None, one, now=at)

    await app.store.write(put)
    assert "How people have come up to now" not in (await inside.browser.get("/connections/greenhouse/setup")).text
    await app.store.write(lambda tx: tx.connections.set(replace(tx.connections.get(row.id), crawled=True)))
    await app.connections.refresh()
    page = (await inside.browser.get("/connections/greenhouse/setup?step=stages")).text
    part = page[page.index("How people have come up to now") :]
    assert "Its stage history (application_stages) tells nothing more. It is still being read." in part
    assert "and 1 there before" in part
    assert 'href="/flow?connection=greenhouse&amp;weeks=0"' in part

    ((first,),) = await app.store.read(lambda tx: tx.rows(Sql("SELECT id FROM passages")))
    one = Untold(first, "application", "ada", "job", "screen-stage", at, "", "1", None, "")
    moved = at + timedelta(days=2)
    stays = [("job", "applied-stage", at, moved, ""), ("job", "screen-stage", moved, None, "")]
    assert await app.store.write(lambda tx: tx.figures.tell(one, stays))
    assert not await app.store.write(lambda tx: tx.figures.tell(one, stays))
    part = (await inside.browser.get("/connections/greenhouse/setup?step=stages")).text.partition("How people")[2]
    assert "there before" not in part
    assert "1 went on" in part
    assert "before that by its own stage history (application_stages)" in part
    key = {"authorization": f"Bearer {app.local_key}"}
    (told,) = (await inside.browser.get("/api/v1/flow?weeks=0", headers=key)).json()["counted_from"]
    assert (told["history"], told["stays"], told["connection"]) == ("whole", 2, "greenhouse")


def test_the_head_tells_of_hires_before_a_decision_was_seen() -> None:
    nothing = {"n": 0, "value": None}
    assert answered({"time_to_screen": nothing, "time_to_hire": nothing})[0].startswith("Nobody has been decided")
    hires = {"n": 10, "value": 20 * 86_400.0}
    said = answered({"time_to_screen": nothing, "time_to_hire": hires})
    assert said == ("Half of the hires came within 20 days.", "10 hires, no decision seen.")

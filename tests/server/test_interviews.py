"""Interviews by API: what each scope opens, how errors are said, and the hosted page's answers to a link that opens none."""

from __future__ import annotations

from typing import Any

from bascule.model import Family, Kind, Record, Source
from bascule.server.roles import Role, Scope

from .conftest import SOMEBODY, Bench
from .test_api import key

PANEL = {"panel": ["dana@tenant.example"], "place": "Room 1"}


async def applied(bench: Bench) -> tuple[str, str]:
    """Somebody with an application: both ids."""
    app, now = bench.app, bench.app.runtime.now()
    person, application, family = (app.runtime.id() for _ in range(3))
    source = Source("ours", SOMEBODY, "read", now)

    def record(id: str, kind: Kind, parent: str | None, **fields: Any) -> Record:
        return Record(id, app.workspace, kind, family, parent, fields, dict.fromkeys(fields, source), "ours", now)

    records = {
        person: record(person, Kind.CANDIDATE, None, first_name="Ada", last_name="Byron", emails=("ada@mail.example",)),
        application: record(application, Kind.APPLICATION, person, status="active"),
    }
    made = Family(family, app.workspace, Kind.CANDIDATE, 0, "salt", records, {})
    await app.store.write(lambda tx: tx.families.save(None, made, now=now))
    return person, application


async def test_a_scope_opens_its_own_and_a_reader_sees_no_link(bench: Bench) -> None:
    person, application = await applied(bench)
    ask = bench.browser
    path, read = f"/api/v1/applications/{application}/interviews", await key(bench, Scope.INTERVIEWS_READ)
    write, feedback = await key(bench, Scope.INTERVIEWS_WRITE), await key(bench, Scope.FEEDBACK_WRITE)
    for headers in (read, feedback):
        assert (await ask.post(path, json=PANEL, headers=headers)).status_code == 403
    made = await ask.post(path, json=PANEL, headers=write)
    assert made.status_code == 200, made.text
    told = made.json()
    assert (told["state"], told["candidate"]) == ("asked", person)
    assert "/interview/" in told["link"]
    (seen,) = (await ask.get("/api/v1/interviews", headers=read)).json()["items"]
    assert (seen["id"], seen["link"]) == (told["id"], "")
    assert (await ask.get("/api/v1/interviews", headers=feedback)).status_code == 403
    again = await ask.post(path, json=PANEL, headers=write)
    assert (again.status_code, "already" in again.json()["title"]) == (409, True)
    for wrong, status in (
        ({**PANEL, "length": 1}, 422), ({**PANEL, "panel": ["x"]}, 422), ({**PANEL, "sooner": True}, 422),
    ):  # fmt: skip
        assert (await ask.post(path, json=wrong, headers=write)).status_code == status
    assert (await ask.post("/api/v1/applications/no/interviews", json=PANEL, headers=write)).status_code == 404
    start = {"start": "2099-01-05T09:00:00Z"}
    booked = await ask.post(f"/api/v1/interviews/{told['id']}/accept", json=start, headers=write)
    assert (booked.json()["state"], booked.json()["starts"]) == ("booked", "2099-01-05T09:00:00Z")
    assert (await ask.delete(f"/api/v1/interviews/{told['id']}", headers=write)).json()["state"] == "cancelled"
    assert (await ask.delete(f"/api/v1/interviews/{told['id']}", headers=write)).status_code == 409


async def test_feedback_needs_a_key_of_the_tools_own(bench: Bench) -> None:
    person, application = await applied(bench)
    headers = await key(bench, Scope.FEEDBACK_WRITE)
    body = {
        "candidate": {"id": person}, "application": {"id": application}, "tool": "Notetaker",
        "interviewer": "Dana Whitfield", "rating": "yes", "scores": [{"criterion": "Python", "score": "4 of 5"}],
    }  # fmt: skip
    path, ask = "/api/v1/interview-feedback", bench.browser
    assert (await ask.post(path, json=body, headers=headers)).status_code == 422
    keyed = {**headers, "Idempotency-Key": "call-1"}
    first, again = [(await ask.post(path, json=body, headers=keyed)).json() for _ in range(2)]
    assert (first["repeated"], again["repeated"], again["id"]) == (False, True, first["id"])
    assert (await ask.post(path, json={**body, "rating": "no"}, headers=keyed)).status_code == 409
    other, _ = await applied(bench)
    wrong = await ask.post(path, json={**body, "candidate": {"id": other}}, headers={**headers, "Idempotency-Key": "2"})
    assert (wrong.status_code, "not this candidate's" in wrong.json()["title"]) == (422, True)
    read = await key(bench, Scope.INTERVIEWS_READ)
    (kept,) = (await ask.get(f"/api/v1/applications/{application}/interview-feedback", headers=read)).json()["items"]
    assert (kept["tool"], kept["scores"][0]["score"]) == ("Notetaker", "4 of 5")


async def test_the_secret_of_calendars_is_never_shown_and_stays_at_its_address(bench: Bench) -> None:
    headers, ask = await key(bench, Scope.ADMIN), bench.browser
    none = await ask.post("/api/v1/interviewers/d@t.example/try", headers=headers)
    assert (none.status_code, "calendar" in none.json()["title"]) == (422, True)
    chosen = {
        "system": "caldav",
        "base_url": "http://127.0.0.1:9/dav",
        "account": "u",
        "secret": "canary-s",
        "on": True,
    }
    told = await ask.patch("/api/v1/calendars", json=chosen, headers=headers)
    assert (told.status_code, told.json()["secret"], "canary-s" in told.text) == (200, True, False)
    moved = await ask.patch("/api/v1/calendars", json={"base_url": "http://127.0.0.1:10/dav"}, headers=headers)
    assert moved.status_code == 422, "a secret is not carried over to another address"
    for address in ("http://cal.example.com/dav", "https://cal.example.com/dav"):
        refused = await ask.patch("/api/v1/calendars", json={**chosen, "base_url": address}, headers=headers)
        assert refused.status_code == 422
    assert (await ask.get("/api/v1/calendars", headers=headers)).json()["base_url"] == "http://127.0.0.1:9/dav"
    hours = {"begin": "8:00", "zone": "Mars/Base"}
    assert (await ask.put("/api/v1/interviewers/d@t.example", json=hours, headers=headers)).status_code == 422
    elsewhere = {"calendar": "https://evil.example/dana/"}
    assert (await ask.put("/api/v1/interviewers/d@t.example", json=elsewhere, headers=headers)).status_code == 200
    tried = await ask.post("/api/v1/interviewers/d@t.example/try", headers=headers)
    assert (tried.status_code, "is not on" in tried.json()["title"]) == (422, True), "the password stays at its server"


async def test_pages_open_for_who_may_and_a_wrong_link_tells_nothing(bench: Bench) -> None:
    for path in ("/interview/x", "/interview/x/times", "/interview/x/interview.ics", "/interview/x/cancel"):
        answer = await bench.browser.get(path)
        assert answer.status_code == 404
        assert answer.headers["cache-control"] == "no-store"
    await bench.enter(Role.HIRING_MANAGER)
    assert "No interview is booked" in (await bench.browser.get("/interviews")).text
    assert (await bench.browser.get("/interviews/setup")).status_code == 403
    _, application = await applied(bench)
    await bench.post(f"/applications/{application}/interviews", panel="d@t.example", place="x")
    assert await bench.app.interviews.of(application) == [], "a hiring manager asks nobody"


async def test_the_owner_says_on_a_page_whether_interviews_are_made_in_the_ats(bench: Bench) -> None:
    at = await bench.connection("acme")
    await bench.enter(Role.OWNER)
    assert "told by a note" in (await bench.browser.get("/interviews/setup")).text
    await bench.post("/interviews/setup/ats", name="acme", on="yes")
    assert Kind.INTERVIEW in bench.app.connections.get(at.id).view.creates
    shown = (await bench.browser.get("/interviews/setup")).text
    assert "made there" in shown
    assert "is not published" in shown, "what the system may do besides is said"
    await bench.post("/interviews/setup/ats", name="acme", on="")
    assert Kind.INTERVIEW not in bench.app.connections.get(at.id).view.creates

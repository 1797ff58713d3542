"""Finding and reading candidates, and writing them."""

from __future__ import annotations

import pytest

from bascule.sandbox.smartrecruiters import doings as people

from .conftest import Build, Rig


async def everyone(rig: Rig, **params: str) -> list[str]:
    found: list[str] = []
    body = await rig.ok("GET", "/candidates", params={"limit": "2", **params})
    while True:
        found += [row["id"] for row in body["content"]]
        if "nextPageId" not in body:
            return found
        body = await rig.ok("GET", "/candidates", params={"limit": "2", **params, "pageId": body["nextPageId"]})


async def test_pages_show_everybody_once_while_rows_come_and_go(build: Build) -> None:
    rig = build(candidates=7)
    known = [row["id"] for row in rig.sandbox.db["candidates"]]
    answer = await rig.call("GET", "/candidates", params={"limit": 3}, headers={"X-Forwarded-Proto": "https"})
    assert answer.links["next"]["url"].startswith("https://ats.test/candidates?limit=3&pageId=")
    first = answer.json()
    assert (first["totalFound"], first["limit"]) == (7, 3)
    shown = [row["id"] for row in first["content"]]
    people.delete_candidate(rig.sandbox, rig.dana(), shown[-1])
    people.edit_candidate(rig.sandbox, rig.dana(), known[-1], {"phone": "+44 1"})
    new = rig.person()["id"]
    following = answer.links["next"]["url"].removeprefix("https://ats.test")
    while following:
        page = await rig.call("GET", following)
        shown += [row["id"] for row in page.json()["content"]]
        following = page.links.get("next", {}).get("url", "").removeprefix("http://ats.test")
    assert len(shown) == len(set(shown))
    assert set(shown) == {*known, new}
    assert await rig.refused("GET", "/candidates", params={"limit": 101}) == (400, "INVALID_FORMAT")
    assert await rig.refused("GET", "/candidates", params={"pageId": "?"}) == (400, "INVALID_FORMAT")


async def test_in_order_of_change_a_row_may_leap_over_the_page(build: Build) -> None:
    rig = build(candidates=5, search_order="updated")
    body = await rig.ok("GET", "/candidates", params={"limit": 2})
    oldest = next(iter(rig.sandbox.db["candidates"]))["id"]
    people.edit_candidate(rig.sandbox, rig.dana(), oldest, {"phone": "+44 1"})
    rest = await rig.ok("GET", "/candidates", params={"limit": 10, "pageId": body["nextPageId"]})
    assert oldest not in [row["id"] for row in [*body["content"], *rest["content"]]]


async def test_nobody_without_an_application_is_found(rig: Rig) -> None:
    made = await rig.ok("POST", "/candidates", json={"firstName": "Ada", "lastName": "Byron", "email": "a@b.example"})
    assert "primaryAssignment" not in made
    assert await everyone(rig) == []
    assert (await rig.ok("GET", f"/candidates/{made['id']}"))["email"] == "a@b.example"
    people.apply(rig.sandbox, rig.dana(), made["id"], rig.job()["id"])
    assert await everyone(rig) == [made["id"]]


@pytest.mark.parametrize(("how", "includes"), [("exclusive", False), ("inclusive", True)])
async def test_updated_after_is_exact(build: Build, how: str, includes: bool) -> None:
    rig = build(updated_after=how)
    row = rig.person()
    shown = (await rig.ok("GET", f"/candidates/{row['id']}"))["updatedOn"]
    assert shown == "2026-11-20T09:00:00.000Z"
    assert (await everyone(rig, updatedAfter=shown) == [row["id"]]) is includes
    assert await everyone(rig, updatedAfter="2026-11-20T09:59:59.999+0100") == [row["id"]]
    assert await rig.refused("GET", "/candidates?updatedAfter=2026-11-20T10:00:00.000+0100") == (400, "INVALID_FORMAT")


@pytest.mark.parametrize(("what", "moved"), [("everything", True), ("profile", False)])
async def test_what_moves_updated_on(build: Build, what: str, moved: bool) -> None:
    rig = build(updated_on=what)
    row = rig.person()
    rig.clock.move(minutes=1)
    later = "2026-11-20T09:00:30.000Z"
    await rig.ok("POST", "/messages/shares", json={"content": f"Hello #[CANDIDATE:{row['id']}]"})
    assert await everyone(rig, updatedAfter=later) == [], "a message never does"
    await rig.ok("PUT", f"{rig.at(row)}/status", json={"status": "IN_REVIEW", "subStatus": "Phone screen"})
    assert (await everyone(rig, updatedAfter=later) == [row["id"]]) is moved
    await rig.ok("POST", f"/candidates/{row['id']}/tags", json={"tags": ["x"]})
    assert await everyone(rig, updatedAfter=later) == [row["id"]]


async def test_filters_look_at_one_application_at_a_time(rig: Rig) -> None:
    row = rig.person(tags=["Imported"], location={"city": "Cork", "country": "Ireland"})
    people.apply(rig.sandbox, rig.dana(), row["id"], rig.job("Data Analyst")["id"])
    await rig.ok("PUT", f"{rig.at(row)}/status", json={"status": "IN_REVIEW", "subStatus": "Phone screen"})
    here = {"jobId": rig.job()["id"]}
    found = [row["id"]]
    assert await everyone(rig, **here, status="IN_REVIEW", subStatus="Phone screen") == found
    assert await everyone(rig, jobId=rig.job("Data Analyst")["id"], status="IN_REVIEW") == []
    assert await everyone(rig, subStatus="Onsite") == found, "without a status it does nothing"
    for asked in ({"tag": "imported"}, {"location": "cork"}, {"q": "ada BYRON"}, {"jobId[]": rig.job()["id"]}):
        assert await everyone(rig, **asked) == found
    assert await everyone(rig, tag="other") == []
    assert await rig.refused("GET", "/candidates", params={"status": "Nowhere"}) == (400, "INVALID_FORMAT")


async def test_the_search_may_be_behind(build: Build) -> None:
    rig = build(search_lag=30.0)
    row = rig.person()
    assert await everyone(rig) == []
    assert (await rig.ok("GET", f"/candidates/{row['id']}"))["id"] == row["id"]
    rig.clock.move(seconds=31)
    assert await everyone(rig) == [row["id"]]


async def test_a_profile_shows_one_assignment_first_and_the_others(build: Build) -> None:
    rig = build(secondary="job")
    row = rig.person()
    rig.clock.move(minutes=1)
    people.apply(rig.sandbox, rig.dana(), row["id"], rig.job("Data Analyst")["id"])
    shown = await rig.ok("GET", f"/candidates/{row['id']}")
    assert shown["primaryAssignment"]["job"]["title"] == "Data Analyst"
    assert [(one["job"]["title"], one["status"]) for one in shown["secondaryAssignments"]] == [
        ("Backend Engineer", "NEW")
    ]
    listed = (await rig.ok("GET", "/candidates"))["content"][0]
    assert list(listed["secondaryAssignments"][0]) == ["job"]
    assert not {"phoneNumber", "experience"} & set(listed)
    await rig.ok("PUT", f"{rig.at(row, 'Data Analyst')}/status", json={"status": "REJECTED"})
    shown = await rig.ok("GET", f"/candidates/{row['id']}")
    assert shown["primaryAssignment"]["job"]["title"] == "Backend Engineer", "what is over steps back"


async def test_who_has_the_address_already_is_the_same_person(build: Build) -> None:
    asked = {"firstName": "Ada", "lastName": "King", "email": "Ada.Byron@mail.example", "tags": ["imported"]}
    rig = build()
    row = rig.person()
    made = await rig.ok("POST", f"/jobs/{rig.job('Data Analyst')['id']}/candidates", json=asked)
    assert (made["id"], made["lastName"], len(made["secondaryAssignments"])) == (row["id"], "King", 1)
    again = await rig.refused("POST", f"/jobs/{rig.job()['id']}/candidates", json=asked)
    assert again == (409, "CANDIDATE_ALREADY_ASSIGNED")
    rig = build(duplicates="new")
    row = rig.person()
    assert (await rig.ok("POST", "/candidates", json=asked))["id"] != row["id"]


async def test_a_patch_writes_the_profile_and_nothing_else(build: Build) -> None:
    rig = build()
    row = rig.person()
    shown = await rig.ok(
        "PATCH", f"/candidates/{row['id']}", json={"phoneNumber": "+44 7", "location": {"city": "Cork"}}
    )
    assert (shown["phoneNumber"], shown["location"], shown["firstName"]) == ("+44 7", {"city": "Cork"}, "Ada")
    path = f"/candidates/{row['id']}"
    assert await rig.refused("PATCH", path, json={"tags": ["x"]}) == (400, "INVALID_FORMAT")
    assert await rig.refused("PATCH", path, json={"email": "none"}) == (400, "INVALID_FORMAT")
    assert await rig.refused("PATCH", "/candidates/nobody", json={}) == (404, "CANDIDATE_NOT_FOUND")
    rig.person("Bob")
    assert (await rig.refused("PATCH", path, json={"email": "bob.byron@mail.example"}))[0] == 409
    rig = build(unknown_fields="ignored")
    shown = await rig.ok("PATCH", f"/candidates/{rig.person()['id']}", json={"tags": ["x"]})
    assert shown["tags"] == []


async def test_tags_are_added_replaced_and_cleared(rig: Rig) -> None:
    path = f"/candidates/{rig.person(tags=['a'])['id']}/tags"
    assert await rig.ok("POST", path, json={"tags": ["b", "a"]}) == {"tags": ["a", "b"]}
    assert await rig.ok("PUT", path, json={"tags": ["c"]}) == {"tags": ["c"]}
    assert await rig.ok("GET", path) == {"tags": ["c"]}
    assert (await rig.call("DELETE", path)).status_code == 204
    assert await rig.ok("GET", path) == {"tags": []}
    assert await rig.refused("PUT", path, json={"tags": "c"}) == (400, "INVALID_FORMAT")


async def test_a_deletion_takes_the_whole_person(rig: Rig) -> None:
    row = rig.person()
    await rig.ok("POST", "/messages/shares", json={"content": f"Hi #[CANDIDATE:{row['id']}]",
                                                   "shareWith": {"openNote": True}})  # fmt: skip
    assert (await rig.call("DELETE", f"/candidates/{row['id']}")).status_code == 204
    assert await rig.refused("GET", f"/candidates/{row['id']}") == (404, "CANDIDATE_NOT_FOUND")
    assert await rig.refused("GET", rig.at(row)) == (404, "CANDIDATE_NOT_FOUND")
    assert [len(rig.sandbox.db[kind]) for kind in ("applications", "history", "notes")] == [0, 0, 1]


async def test_attachments_can_be_downloaded(build: Build) -> None:
    rig = build(candidates=1)
    row = next(iter(rig.sandbox.db["candidates"]))
    own = rig.applied(row)
    path = f"/candidates/{row['id']}/jobs/{own['job_id']}/attachments"
    (listed,) = (await rig.ok("GET", path))["content"]
    assert (listed["type"], listed["contentType"]) == ("RESUME", "text/plain")
    got = await rig.call("GET", listed["actions"]["fetch"]["url"])
    assert row["last_name"] in got.text
    assert "attachment" in got.headers["content-disposition"]
    file = {"file": ("report.pdf", b"%PDF", "application/pdf")}
    made = await rig.ok("POST", path, files=file, data={"attachmentType": "GENERIC_FILE"})
    assert (await rig.call("GET", f"/candidates/attachments/{made['id']}")).content == b"%PDF"
    assert await rig.refused("POST", path, files=file, data={"attachmentType": "PHOTO"}) == (400, "INVALID_FORMAT")
    assert (await rig.ok("GET", f"/candidates/{row['id']}/attachments"))["totalFound"] == 2


async def test_somebody_applies_through_a_posting(rig: Rig) -> None:
    listed = (await rig.http.get("/v1/companies/sandbox/postings")).json()
    assert listed["totalFound"] == 4
    asked = {"firstName": "Ada", "lastName": "Byron", "email": "ada@mail.example",
             "resume": {"fileName": "cv.txt", "mimeType": "text/plain", "fileContent": "QWRh"}}  # fmt: skip
    made = await rig.ok("POST", f"/postings/{listed['content'][0]['uuid']}/candidates", json=asked)
    shown = await rig.ok("GET", f"/job-applications/{made['applicationId']}")
    assert (shown["candidate"]["id"], shown["status"]) == (made["id"], "NEW")

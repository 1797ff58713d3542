"""Pages, cursors and sync tokens, while the world goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bascule.sandbox.ashby import people
from bascule.sandbox.ashby.listing import millis

from .conftest import DANA, Build, Rig

# Every list with pages, and the table whose rows it has exactly.
LISTS: list[tuple[str, dict[str, Any], str]] = [
    ("candidate.list", {}, "candidates"), ("application.list", {}, "applications"), ("offer.list", {}, "offers"),
    ("interviewSchedule.list", {}, "schedules"), ("applicationFeedback.list", {}, "feedback"),
    ("job.list", {"status": ["Draft", "Open", "Closed", "Archived"]}, "jobs"), ("opening.list", {}, "openings"),
    ("user.list", {"includeDeactivated": True}, "users"), ("candidateTag.list", {"includeArchived": True}, "tags"),
    ("customField.list", {}, "custom_fields"), ("department.list", {"includeArchived": True}, "departments"),
    ("location.list", {"includeArchived": True}, "locations"), ("interviewPlan.list", {}, "plans"),
    ("project.list", {}, "projects"), ("feedbackFormDefinition.list", {}, "forms"), ("interview.list", {}, "interviews"),
    ("closeReason.list", {}, "close_reasons"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "body", "kind"), LISTS)
async def test_every_list_has_every_row_once_and_ends_with_a_sync_token(
    build: Build, method: str, body: dict[str, Any], kind: str
) -> None:
    rig = build(candidates=30, dirty=True)
    rows, token = await rig.all(method, limit=7, **body)
    assert [one["id"] for one in rows] == rig.db[kind].ids
    assert token
    rig.clock.move(seconds=1)
    again, later = await rig.all(method, syncToken=token, **body)
    assert (again, bool(later)) == ([], True)


@pytest.mark.parametrize("method", ["archiveReason.list", "source.list", "jobPosting.list", "interviewStageGroup.list"])
async def test_lists_without_pages_have_neither_cursor_nor_token(rig: Rig, method: str) -> None:
    page = await rig.call(method, limit=1)
    assert len(page["results"]) > 1
    assert not {"nextCursor", "syncToken"} & set(page)


async def test_a_page_has_at_most_a_hundred_rows(build: Build) -> None:
    rig = build(candidates=120)
    for limit in (None, 100, 5000):
        page = await rig.call("candidate.list", limit=limit)
        assert (len(page["results"]), page["moreDataAvailable"]) == (100, True)
    for wrong in (0, -1, "10", True, 1.5):
        assert await rig.refused("candidate.list", limit=wrong) == "invalid_input"


async def test_a_full_sync_is_whole_while_people_come_change_and_go(build: Build) -> None:
    rig = build(candidates=12)
    before = list(rig.db["candidates"].ids)
    first = await rig.call("candidate.list", limit=5)
    rig.clock.move(seconds=5)
    await rig.got("candidate.update", candidateId=before[0], name="Changed Meanwhile")
    await rig.got("candidate.update", candidateId=before[8], name="Changed Later")
    new = await rig.person("Came Meanwhile")
    rest, token = await rig.all("candidate.list", limit=5, cursor=first["nextCursor"])
    ids = [one["id"] for one in [*first["results"], *rest]]
    assert ids == [*before, new]
    assert first["results"][0]["name"] != "Changed Meanwhile"
    changed, _ = await rig.all("candidate.list", syncToken=token)
    assert {one["id"]: one["name"] for one in changed} == {
        before[0]: "Changed Meanwhile", before[8]: "Changed Later", new: "Came Meanwhile"}  # fmt: skip


async def test_an_incremental_sync_has_what_changed_in_the_order_of_its_change_page_by_page(build: Build) -> None:
    rig = build(candidates=10)
    ids = rig.db["candidates"].ids
    _, token = await rig.all("candidate.list")
    for id in (ids[7], ids[2], ids[5]):
        rig.clock.move(seconds=1)
        await rig.got("candidate.addTag", candidateId=id, tagId=rig.db["tags"].ids[0])
    page = await rig.call("candidate.list", syncToken=token, limit=2)
    assert [one["id"] for one in page["results"]] == [ids[7], ids[2]]
    rig.clock.move(seconds=1)
    await rig.got("candidate.update", candidateId=ids[7], name="Once More")
    rest, _ = await rig.all("candidate.list", syncToken=token, cursor=page["nextCursor"])
    assert [one["id"] for one in rest] == [ids[5], ids[7]], "what changed again while it was read comes again"


async def test_a_sync_token_stands_for_the_first_page_and_misses_nothing(rig: Rig) -> None:
    _, token = await rig.all("candidate.list")
    id = await rig.person()
    changed, later = await rig.all("candidate.list", syncToken=token)
    assert [one["id"] for one in changed] == [id], "in the same millisecond"
    again, _ = await rig.all("candidate.list", syncToken=later)
    assert [one["id"] for one in again] == [id], "and so it may come twice"


async def test_what_moves_updated_at_and_what_does_not(build: Build) -> None:
    rig = build()
    made = await rig.application(person := await rig.person())

    async def moved(method: str, **body: Any) -> tuple[bool, bool]:
        rig.clock.move(seconds=1)
        candidate = (await rig.all("candidate.list"))[1]
        application = (await rig.all("application.list"))[1]
        rig.clock.move(seconds=1)
        await rig.got(method, **body)
        rig.clock.move(seconds=1)
        people, _ = await rig.all("candidate.list", syncToken=candidate)
        applications, _ = await rig.all("application.list", syncToken=application)
        return bool(people), bool(applications)

    field = next(row["id"] for row in rig.db["custom_fields"] if row["title"] == "Notice period")
    salary = next(row["id"] for row in rig.db["custom_fields"] if row["title"] == "Expected salary")
    money = {"value": 1, "currencyCode": "EUR"}
    assert await moved("candidate.update", candidateId=person, name="Ada") == (True, False)
    assert await moved("candidate.addTag", candidateId=person, tagId=rig.db["tags"].ids[0]) == (True, False)
    assert await moved("candidate.addTag", candidateId=person, tagId=rig.db["tags"].ids[0]) == (False, False)
    assert await moved("candidate.createNote", candidateId=person, note="Hello") == (False, False)
    assert await moved("application.changeStage", applicationId=made["id"],
                       interviewStageId=rig.stage("Active")) == (False, True)  # fmt: skip
    assert await moved("customField.setValue", objectType="Candidate", objectId=person, fieldId=field,
                       fieldValue="4 weeks") == (True, False)  # fmt: skip
    assert await moved("customField.setValue", objectType="Application", objectId=made["id"], fieldId=salary,
                       fieldValue=money) == (False, True)  # fmt: skip
    assert await moved("application.create", candidateId=person, jobId=rig.job(1)["id"]) == (False, True)


async def test_whether_notes_move_a_candidate_is_an_option(build: Build) -> None:
    rig = build(activity_touches=True)
    person = await rig.person()
    rig.clock.move(seconds=9)
    await rig.got("candidate.createNote", candidateId=person, note="Hello")
    shown = await rig.got("candidate.info", id=person)
    assert shown["updatedAt"] > shown["createdAt"]


async def test_deletions_do_not_come_with_sync_tokens(build: Build) -> None:
    rig = build(candidates=3)
    _, token = await rig.all("candidate.list")
    rig.clock.move(seconds=1)
    people.delete(rig.sandbox, DANA, rig.db["candidates"].ids[1])
    assert (await rig.all("candidate.list", syncToken=token))[0] == []
    assert len((await rig.all("candidate.list"))[0]) == 2


async def test_a_filter_hides_what_has_left_it_from_an_incremental_sync(rig: Rig) -> None:
    made = await rig.application()
    _, token = await rig.all("application.list", status="Active")
    rig.clock.move(seconds=1)
    reason = rig.db["archive_reasons"].ids[0]
    await rig.got("application.changeStage", applicationId=made["id"], interviewStageId=rig.stage("Archived"),
                  archiveReasonId=reason)  # fmt: skip
    assert (await rig.all("application.list", status="Active", syncToken=token))[0] == []
    (row,) = (await rig.all("application.list", status="Archived"))[0]
    assert row["id"] == made["id"]


@pytest.mark.parametrize("status", [200, 400])
async def test_cursors_and_tokens_expire_and_say_so(build: Build, status: int) -> None:
    rig = build(candidates=5, cursor_lifetime=60, token_lifetime=600, sync_status=status)
    page = await rig.call("candidate.list", limit=2)
    _, token = await rig.all("candidate.list")

    async def told(**body: Any) -> tuple[int, str]:
        answer = await rig.send("candidate.list", body)
        return answer.status_code, (answer.json().get("errors") or [""])[0]

    rig.clock.move(seconds=59)
    assert (await told(cursor=page["nextCursor"]))[1] == ""
    rig.clock.move(seconds=1)
    assert await told(cursor=page["nextCursor"]) == (status, "next_cursor_expired")
    assert (await told(syncToken=token))[1] == ""
    rig.clock.move(seconds=541)
    assert await told(syncToken=token) == (status, "sync_token_expired")
    assert await told(cursor="nonsense") == (status, "invalid_next_cursor")
    assert await told(syncToken="nonsense") == (status, "sync_token_invalid")
    _, jobs = await rig.all("job.list")
    assert await told(syncToken=jobs) == (status, "sync_token_invalid")
    assert (await told(cursor=None, syncToken=None))[1] == ""


async def test_all_cursors_and_tokens_can_be_made_to_expire_at_once(build: Build) -> None:
    rig = build(candidates=5)
    page = await rig.call("candidate.list", limit=2)
    _, token = await rig.all("candidate.list")
    await rig.http.delete("/sandbox/tokens")
    assert await rig.refused("candidate.list", cursor=page["nextCursor"]) == "next_cursor_expired"
    assert await rig.refused("candidate.list", syncToken=token) == "sync_token_expired"
    assert (await rig.all("candidate.list"))[1]


async def test_an_incremental_sync_of_too_many_pages_is_refused_and_a_full_one_is_not(build: Build) -> None:
    rig = build(sync_pages=2)
    _, token = await rig.all("candidate.list")
    rig.clock.move(seconds=1)
    for number in range(5):
        await rig.person(f"Person {number}", email=f"p{number}@example.org")
    body: dict[str, Any] = {"limit": 2, "syncToken": token}
    for _ in range(2):
        page = await rig.call("candidate.list", **body)
        assert page["success"]
        body["cursor"] = page["nextCursor"]
    assert await rig.refused("candidate.list", **body) == "incremental_sync_too_large"
    assert len((await rig.all("candidate.list", limit=2))[0]) == 5


async def test_created_after_is_in_milliseconds_and_compares_when_somebody_was_added(build: Build) -> None:
    rig = build(candidates=10)
    rows = list(rig.db["candidates"])
    bound = millis(rows[4]["added_at"])
    later, _ = await rig.all("candidate.list", createdAfter=bound)
    assert [one["id"] for one in later] == [row["id"] for row in rows[5:]], "after, not at"
    assert len((await rig.all("candidate.list", createdAfter=bound - 1))[0]) == 6
    old = await rig.person("Old Timer", createdAt="2019-05-01T00:00:00Z")
    since = millis(rig.sandbox.now() - timedelta(seconds=1))
    (row,) = (await rig.all("candidate.list", createdAfter=since))[0]
    assert (row["id"], row["createdAt"]) == (old, "2019-05-01T00:00:00.000Z")
    assert await rig.refused("candidate.list", createdAfter="2026-01-01") == "invalid_input"


async def test_a_search_takes_both_conditions_and_has_at_most_a_hundred(build: Build) -> None:
    rig = build(candidates=120)
    assert await rig.refused("candidate.search") == "invalid_input"
    await rig.person("Ada Byron", alternateEmailAddresses=["countess@example.org"])
    await rig.person("Ada Other", email="other@example.org")
    for email in ("ADA@example.org", "countess@example.org"):
        assert [one["name"] for one in await rig.got("candidate.search", email=email)] == ["Ada Byron"]
    assert len(await rig.got("candidate.search", name="ada")) >= 2
    assert await rig.got("candidate.search", name="other", email="ada@example.org") == []
    assert len(await rig.got("candidate.search", email="", name="a")) == 100


async def test_the_rpc_takes_posts_of_objects_alone(rig: Rig) -> None:
    named = (rig.key["secret"], "")
    assert (await rig.http.get("/candidate.list", auth=named)).status_code == 405
    assert (await rig.http.post("/candidate.delete", json={}, auth=named)).status_code == 404
    assert (await rig.http.post("/candidate.list", auth=named)).json()["success"], "nothing is an empty object"
    for body in (b"[1]", b"{", b'"text"'):
        assert (await rig.http.post("/candidate.list", content=body, auth=named)).status_code == 400

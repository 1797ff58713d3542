"""Who goes, what goes along, and where that is told: webhooks and the audit log."""

from __future__ import annotations

from bascule.sandbox.teamtailor import people, pipeline

from .conftest import Make, Tt


async def test_whoever_is_deleted_goes_with_everything(tt: Tt) -> None:
    made, field = await tt.application(), tt.field("notice-period")
    id = int(made["candidate"])
    people.note(tt.sandbox, tt.person, id, tt.user("Robin Falk"), "x")
    people.keep(tt.sandbox, tt.person, id, "resume", "cv.txt", b"x")
    people.set_value(tt.sandbox, tt.person, id, field, "x")
    resume = (await tt.get(f"candidates/{id}"))["data"]["attributes"]["resume"]
    await tt.hook()
    people.delete(tt.sandbox, tt.person, id)
    assert await tt.names() == ["job_application.destroy", "candidate.destroy"]
    for kind in ("candidates", "applications", "notes", "attachments", "custom_field_values", "activities"):
        assert not list(tt.sandbox.db[kind]), kind
    assert (await tt.call("GET", f"job-applications/{made['id']}")).status_code == 404
    assert (await tt.http.get(resume)).status_code == 404
    event = (await tt.get("audit-events", sort="-id"))["data"][0]["attributes"]
    assert (event["action"], event["source-type"], event["source-id"]) == ("destroy", "candidate", str(id))
    assert (event["actor-type"], event["actor-label"], event["source-label"]) == ("user", "Robin Falk", "Ines Holm")


async def test_several_at_once_are_one_line_and_one_for_each(tt: Tt) -> None:
    ids = [int((await tt.candidate(email=f"{number}@example.org"))["id"]) for number in range(3)]
    people.delete_many(tt.sandbox, tt.person, ids[:2])
    events = [one["attributes"] for one in (await tt.get("audit-events", sort="id"))["data"]]
    assert [(one["action"], one["source-type"]) for one in events] == [
        ("bulk-delete", "user"), ("destroy", "candidate"), ("destroy", "candidate")]  # fmt: skip
    assert events[0]["description"] == "Deleting 2 candidates"
    assert (await tt.get("candidates"))["meta"]["record-count"] == 1


async def test_an_application_can_go_alone_and_the_audit_log_is_silent(tt: Tt) -> None:
    made = await tt.application()
    people.note(
        tt.sandbox, tt.person, int(made["candidate"]), tt.user("Robin Falk"), "about it", application_id=int(made["id"])
    )
    people.note(tt.sandbox, tt.person, int(made["candidate"]), tt.user("Robin Falk"), "about the person")
    await tt.hook()
    pipeline.delete(tt.sandbox, tt.person, int(made["id"]))
    (event,) = await tt.events()
    assert event["payload"] == {
        "event_name": "job_application.destroy",
        "data": {"id": made["id"], "type": "job_applications"},
    }
    assert (await tt.get("audit-events"))["data"] == []
    assert (await tt.get(f"candidates/{made['candidate']}"))["data"]["id"] == made["candidate"]
    assert [one["attributes"]["note"] for one in (await tt.get("notes"))["data"]] == ["about the person"]


async def test_whoever_is_flagged_goes_after_a_week_by_itself(tt: Tt) -> None:
    id = int((await tt.candidate())["id"])
    await tt.hook()
    tt.sandbox.db.change("candidates", id, tt.person, {"removal_at": tt.sandbox.now().replace(day=27)})
    tt.clock.move(days=6, hours=23)
    assert (await tt.call("GET", f"candidates/{id}")).status_code == 200
    tt.clock.move(hours=1)
    assert (await tt.call("GET", f"candidates/{id}")).status_code == 404
    assert await tt.names() == ["candidate.destroy"]


async def test_the_audit_log_forgets(make: Make) -> None:
    tt = make(audit_days=15)
    people.delete(tt.sandbox, tt.person, int((await tt.candidate())["id"]))
    tt.clock.move(days=14, hours=23)
    assert len((await tt.get("audit-events"))["data"]) == 1
    tt.clock.move(hours=1)
    assert (await tt.get("audit-events"))["data"] == []


async def test_two_become_one(tt: Tt) -> None:
    first, second = await tt.application(), await tt.application(7_200)
    primary, duplicate = int(first["candidate"]), int(second["candidate"])
    people.update(tt.sandbox, tt.person, primary, {"tags": ["a"]})
    people.update(tt.sandbox, tt.person, duplicate, {"tags": ["b"], "phone": "+46 2"})
    people.set_value(tt.sandbox, tt.person, primary, tt.field("notice-period"), "mine")
    people.set_value(tt.sandbox, tt.person, duplicate, tt.field("notice-period"), "theirs")
    people.set_value(tt.sandbox, tt.person, duplicate, tt.field("salary-expectation"), 7)
    await tt.hook()
    people.merge(tt.sandbox, tt.person, primary, duplicate)
    assert await tt.names() == ["candidate.destroy", "candidate.update"]
    shown = await tt.get(f"candidates/{primary}", include="job-applications,custom-field-values")
    assert shown["data"]["attributes"]["tags"] == ["a", "b"]
    assert (shown["data"]["attributes"]["phone"], shown["data"]["attributes"]["email"]) == (
        "+46 2",
        "somebody.0@example.org",
    )
    assert [one["id"] for one in shown["data"]["relationships"]["job-applications"]["data"]] == [
        first["id"],
        second["id"],
    ]
    assert [one["attributes"]["value"] for one in shown["included"] if one["type"] == "custom-field-values"] == [
        "mine",
        7,
    ]
    assert (await tt.call("GET", f"candidates/{duplicate}")).status_code == 404
    again = await tt.candidate(email="somebody.1@example.org")
    assert again["id"] != str(duplicate)


async def test_two_who_have_applied_for_the_same_job_keep_one_application(tt: Tt) -> None:
    first, second = await tt.application(), await tt.application()
    people.merge(tt.sandbox, tt.person, int(first["candidate"]), int(second["candidate"]))
    assert [row["id"] for row in tt.sandbox.db["applications"]] == [int(first["id"])]

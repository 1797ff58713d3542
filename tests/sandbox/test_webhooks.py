"""Signatures, retries, and which event follows from what."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from bascule.sandbox.greenhouse import EVENTS

from .conftest import Build, Rig

# The vendor's intervals in minutes, written out here once more on purpose.
INTERVALS = [1, 15, 60, 120, 240, 480]


async def test_a_delivery_is_signed_over_the_raw_escaped_body(rig: Rig) -> None:
    await rig.hook("update_candidate", secret="s3cret")
    id = (await rig.apply())["candidate_id"]
    await rig.call("PATCH", f"candidates/{id}", json={"title": "R&D <lead>", "company": "Zoë \u2028 Ltd"})
    await rig.sandbox.hooks.deliver_due()
    ((url, headers, body),) = rig.receiver.got
    assert url == "http://127.0.0.1:9/hooks"
    expected = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert headers["Signature"] == f"sha256 {expected}"
    assert b"R\\u0026D \\u003clead\\u003e" in body
    assert b"\\u2028" in body
    assert not set(b"<>&") & set(body)
    assert json.loads(body)["payload"]["candidate"]["title"] == "R&D <lead>"
    again = json.dumps(json.loads(body)).encode()
    assert hmac.new(b"s3cret", again, hashlib.sha256).hexdigest() != expected


async def test_saving_pings_and_a_failed_ping_leaves_the_hook_disabled(rig: Rig) -> None:
    rig.receiver.status = 500
    form = {"name": "B", "url": "http://127.0.0.1:9/x", "secret": "s", "events": ["update_candidate"]}
    answer = await rig.http.post("/configure/webhooks/new", data=form)
    assert "wrong=" in answer.headers["location"]
    assert json.loads(rig.receiver.got.pop()[2])["action"] == "ping"
    await rig.apply()
    assert await rig.events() == []
    rig.receiver.status = 200
    await rig.http.post("/webhooks/1/enable")
    assert rig.sandbox.db["webhooks"].rows[1]["enabled"]
    assert json.loads(rig.receiver.got.pop()[2])["action"] == "ping"


async def test_there_is_no_interface_for_webhooks(rig: Rig) -> None:
    for method in ("GET", "POST"):
        assert (await rig.call(method, "webhooks")).status_code == 404


async def test_the_form_refuses_a_plain_http_address_elsewhere(rig: Rig) -> None:
    form = {"name": "B", "url": "http://example.org/x", "secret": "s", "events": ["update_candidate"]}
    answer = await rig.http.post("/configure/webhooks/new", data=form)
    assert "wrong=" in answer.headers["location"]
    assert not list(rig.sandbox.db["webhooks"])


@pytest.mark.parametrize("status", [500, 301, 204, None])
async def test_anything_but_200_is_tried_seven_times_in_the_vendors_rhythm(rig: Rig, status: int | None) -> None:
    await rig.hook("new_candidate_application")
    await rig.apply()
    rig.receiver.status = status
    start, moments = rig.clock.at, list[float]()
    while rig.sandbox.hooks.waiting:
        due = rig.sandbox.hooks.next_due()
        assert due
        rig.clock.at = max(due, rig.clock.at)
        assert await rig.sandbox.hooks.deliver_due() == 1
        moments.append((rig.clock.at - start).total_seconds() / 60)
    assert moments == [sum(INTERVALS[:count]) for count in range(7)]
    assert len({headers["Greenhouse-Event-ID"] for _, headers, _ in rig.receiver.got}) == 1
    assert rig.sandbox.hooks.deliveries[-1].state == "failed"


async def test_event_ids_are_unique_for_each_delivery(rig: Rig) -> None:
    await rig.hook("new_candidate_application", "update_candidate")
    await rig.hook("new_candidate_application")
    id = (await rig.apply())["candidate_id"]
    await rig.call("PATCH", f"candidates/{id}", json={"title": "x"})
    await rig.sandbox.hooks.deliver_due()
    assert len({headers["Greenhouse-Event-ID"] for _, headers, _ in rig.receiver.got}) == 3


async def test_each_action_fires_its_event(rig: Rig) -> None:
    await rig.hook(*EVENTS)
    ids = await rig.apply()
    application, candidate = f"applications/{ids['application_id']}", f"candidates/{ids['candidate_id']}"
    opening, reason = rig.sandbox.db["openings"].ids[0], rig.sandbox.db["rejection_reasons"].ids[0]
    steps = [
        ("PATCH", application, {"source_id": 1102}, "application_updated"),
        ("POST", f"{application}/move", {"from_stage_id": 3101}, "candidate_stage_change"),
        ("POST", f"{application}/reject", {"rejection_reason_id": reason}, "reject_candidate"),
        ("POST", f"{application}/unreject", {}, "unreject_candidate"),
        ("PATCH", candidate, {"tags": ["x"]}, "update_candidate"),
        ("POST", f"{application}/hire", {"opening_id": opening}, "hire_candidate"),
        ("PATCH", f"{candidate}/anonymize", {"fields": ["full_name", "emails"]}, "candidate_anonymized"),
        ("DELETE", application, None, "delete_application"),
        ("DELETE", candidate, None, "delete_candidate"),
        ("PATCH", "jobs/5502", {"name": "Closer"}, "job_updated"),
    ]
    assert [one["action"] for one in await rig.events()] == ["new_candidate_application"]
    for method, path, body, action in steps:
        answer = await rig.call(method, path, json=body)
        assert answer.status_code < 300, answer.text
        assert [one["action"] for one in await rig.events()] == [action]


async def test_no_event_for_notes_applied_tags_and_interviews(build: Build) -> None:
    rig = build(candidates=20)
    await rig.sign_in()
    await rig.hook(*EVENTS)
    row = (await rig.items("interviews"))[0]
    person = (await rig.one("applications", row["application_id"]))["candidate_id"]
    await rig.call("POST", "notes", json={"candidate_id": person, "body": "x"})
    tag = (await rig.call("POST", "candidate_tags", json={"name": "y"})).json()["id"]
    applied = await rig.call("POST", "applied_candidate_tags", json={"candidate_id": person, "candidate_tag_id": tag})
    await rig.call("DELETE", f"applied_candidate_tags/{applied.json()['id']}")
    body = {"application_id": row["application_id"], "job_interview_id": row["job_interview_id"],
            "starts_at": "2026-12-01T09:00:00Z", "ends_at": "2026-12-01T10:00:00Z"}  # fmt: skip
    assert (await rig.call("POST", "interviews", json=body)).status_code == 201
    assert await rig.events() == []


async def test_payloads_keep_the_first_version_s_shapes(rig: Rig) -> None:
    await rig.call("POST", "custom_fields", json={"name": "Remote", "field_type": "candidate", "value_type": "yes_no",
                                                  "private": True})  # fmt: skip
    await rig.hook("candidate_stage_change", "hire_candidate", "unhire_candidate", "job_post_updated")
    ids = await rig.apply()
    await rig.call("PATCH", f"candidates/{ids['candidate_id']}",
                   json={"custom_fields": [{"name_key": "remote", "value": True}]})  # fmt: skip
    await rig.call("POST", f"applications/{ids['application_id']}/move", json={"from_stage_id": 3101})
    (event,) = await rig.events()
    application = event["payload"]["application"]
    assert (application["status"], application["current_stage"]["id"]) == ("active", 3102)
    assert application["jobs"] == [{"id": 5501, "name": "Backend Engineer"}]
    assert application["candidate"]["custom_fields"]["remote"] == {"name": "Remote", "type": "boolean", "value": True}
    assert "public_name" in application["source"]
    opening = rig.sandbox.db["openings"].ids[0]
    await rig.call("POST", f"applications/{ids['application_id']}/hire", json={"opening_id": opening})
    (event,) = await rig.events()
    hired = event["payload"]["application"]
    assert hired["current_stage"] is None
    assert hired["job"] == hired["jobs"][0]
    assert "name" in hired["source"]
    await rig.http.post(f"/applications/{ids['application_id']}/unhire")
    assert [one["action"] for one in await rig.events()] == ["unhire_candidate"]
    await rig.http.post("/jobs/5501/edit", data={"content": "<p>New</p>"})
    (event,) = await rig.events()
    assert (event["payload"]["job_id"], event["payload"]["content"]) == (5501, "<p>New</p>")


async def test_deleting_a_person_says_nothing_about_the_children_but_names_the_applications(rig: Rig) -> None:
    ids = await rig.apply()
    await rig.hook(*EVENTS)
    await rig.call("DELETE", f"candidates/{ids['candidate_id']}")
    (event,) = await rig.events()
    assert event["action"] == "delete_candidate"
    assert event["payload"]["person"]["deleted_application_ids"] == [ids["application_id"]]
    for name in ("candidates", "applications", "attachments", "notes", "application_stages"):
        assert await rig.items(name) == []


@pytest.mark.parametrize("events", [("merge_candidate", "delete_candidate"), ("delete_candidate",)])
async def test_a_merge_fires_merge_only_where_a_hook_wants_it(rig: Rig, events: tuple[str, ...]) -> None:
    keep, lose = await rig.apply(), await rig.apply(email="ada2@example.org")
    await rig.hook(*events)
    body = {"secondary_candidate_id": lose["candidate_id"]}
    merged = (await rig.call("POST", f"candidates/{keep['candidate_id']}/merge", json=body)).json()
    (event,) = await rig.events()
    assert event["action"] == events[0]
    assert event["payload"]["person"]["id"] == lose["candidate_id"]
    if events[0] == "merge_candidate":
        assert event["payload"]["person"]["new_candidate_id"] == keep["candidate_id"]
    assert [one["value"] for one in merged["email_addresses"]] == ["ada@example.org", "ada2@example.org"]
    moved = await rig.items("applications", candidate_ids=str(keep["candidate_id"]))
    assert {row["id"] for row in moved} == {keep["application_id"], lose["application_id"]}
    assert await rig.items("candidates", ids=str(lose["candidate_id"])) == []


async def test_an_anonymized_person_survives_without_name_and_mail(rig: Rig) -> None:
    id = (await rig.apply())["candidate_id"]
    await rig.hook("candidate_anonymized")
    names = ["full_name", "email_addresses", "attachments"]
    await rig.call("PATCH", f"candidates/{id}/anonymize", json={"fields": names})
    row = await rig.one("candidates", id)
    assert (row["first_name"], row["last_name"], row["email_addresses"]) == ("Anonymized", str(id), [])
    assert row["phone_numbers"]
    assert await rig.items("attachments") == []
    (event,) = await rig.events()
    assert event["payload"]["candidate_id"] == id
    assert set(event["payload"]["anonymized_fields"]) == set(names)
    refused = await rig.call("PATCH", f"candidates/{id}/anonymize", json={"fields": ["shoe_size"]})
    assert refused.status_code == 422


async def test_a_prospect_fires_its_own_event_and_a_conversion_a_new_application(rig: Rig) -> None:
    await rig.hook(*EVENTS)
    person = (await rig.call("POST", "candidates", json={"first_name": "Ada", "last_name": "Byron"})).json()
    assert await rig.events() == []
    old = (await rig.call("POST", "applications", json={"candidate_id": person["id"], "prospect": "true"})).json()
    assert [one["action"] for one in await rig.events()] == ["new_prospect_application"]
    await rig.call("POST", f"applications/{old['id']}/convert_to_candidate", json={"job_id": 5501})
    (event,) = await rig.events()
    assert event["action"] == "new_candidate_application"
    assert event["payload"]["application"]["id"] != old["id"]


async def test_the_queue_is_bounded_and_says_what_it_dropped(build: Build) -> None:
    rig = build(queue=2)
    await rig.sign_in()
    await rig.hook("new_candidate_application")
    for number in range(3):
        rig.clock.move(seconds=1)
        await rig.apply(email=f"{number}@example.org")
    assert rig.sandbox.hooks.waiting == 2
    assert [one.state for one in rig.sandbox.hooks.deliveries][1:] == ["dropped", "waiting", "waiting"]
    assert "dropped" in (await rig.http.get("/deliveries")).text


async def test_a_second_offer_deprecates_the_first_and_dates_come_the_american_way(rig: Rig) -> None:
    await rig.hook("offer_created", "offer_updated")
    body = {"application_id": (await rig.apply())["application_id"], "starts_on": "2027-02-01"}
    first = (await rig.call("POST", "offers", json=body)).json()
    second = (await rig.call("POST", "offers", json={**body, "starts_on": "2027-03-15"})).json()
    assert (first["status"], second["version"]) == ("Created", 2)
    assert (await rig.one("offers", first["id"]))["status"] == "Deprecated"
    assert [row["id"] for row in await rig.items("offers", current_only="true")] == [second["id"]]
    assert [one["payload"]["start_date"] for one in await rig.events()] == ["02/01/2027", "03/15/2027"]

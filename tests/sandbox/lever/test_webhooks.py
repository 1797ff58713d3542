"""Signatures in bodies, retries, what is switched on, and what sends nothing."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json

import pytest

from bascule.sandbox.lever import EVENTS, sign

from .conftest import Build, Rig

# Lever's formula worked out with another program: HMAC-SHA256 over token and time, under the signature token.
TOKEN, AT, SECRET = "9f8b7c6d5e4f3a2b1c0d9f8b7c6d5e4f3a2b1c0d9f8b7c6d", 1_732_200_000_000, "s3cret-token"
VECTOR = "aac48f549fac6c3b6e1f00893cf7aaac5412fb150b90969f15c40c5d13c7711b"


def test_the_signature_is_over_token_and_time() -> None:
    assert sign(SECRET, TOKEN, AT) == VECTOR


async def test_the_signature_stands_in_the_body_and_does_not_cover_the_data(rig: Rig) -> None:
    (hook,) = await rig.hook("candidateStageChange")
    token = hook["configuration"]["signatureToken"]
    row = await rig.apply()
    await rig.send("PUT", f"opportunities/{row['id']}/stage", json={"stage": "offer"})
    await rig.sandbox.hooks.deliver_due()
    ((url, headers, body),) = rig.receiver.got
    told = json.loads(body)
    assert url == "https://sync.example.org/lever"
    assert headers == {"Content-Type": "application/json", "User-Agent": "Lever-Webhooks"}
    assert set(told) == {"id", "event", "triggeredAt", "token", "signature", "data"}
    assert len(told["token"]) == 48
    mark = hmac.new(token.encode(), f"{told['token']}{told['triggeredAt']}".encode(), hashlib.sha256).hexdigest()
    assert told["signature"] == mark
    assert told["data"] == {"opportunityId": row["id"], "candidateId": row["id"], "contactId": row["candidate_id"],
                            "fromStageId": "applicant-new", "toStageId": "offer"}  # fmt: skip


async def test_a_hook_made_through_the_interface_is_silent_until_its_event_is_switched_on(rig: Rig) -> None:
    made = await rig.send("POST", "webhooks", 201, json={"url": "https://a.example/x", "event": "applicationCreated"})
    assert made["verifiedAt"] is None
    await rig.apply()
    assert await rig.events() == []
    await rig.hook("applicationCreated")
    row = await rig.apply(email="b@example.org")
    told = await rig.events()
    assert [one["event"] for one in told] == ["applicationCreated"] * 2
    assert told[0]["data"]["opportunityId"] == row["id"]
    (application,) = await rig.get(f"opportunities/{row['id']}/applications")
    assert told[0]["data"]["applicationId"] == application["id"]
    assert told[0]["token"] != told[1]["token"]


async def test_they_may_be_on_from_the_start(build: Build) -> None:
    rig = build(webhooks_on=True)
    await rig.send("POST", "webhooks", 201, json={"url": "https://a.example/x", "event": "contactCreated"})
    row = await rig.apply()
    assert [one["data"] for one in await rig.events()] == [{"contactId": row["candidate_id"]}]


async def test_five_retries_each_later_than_the_one_before(rig: Rig) -> None:
    await rig.hook("contactCreated")
    rig.receiver.status = 302
    await rig.create()
    times: list[float] = []
    for _ in range(6):
        await rig.sandbox.hooks.deliver_due()
        times.append(rig.clock.at.timestamp())
        if (due := rig.sandbox.hooks.next_due()) is not None:
            rig.clock.at = due
    assert len(rig.receiver.got) == 6
    assert len({body for _, _, body in rig.receiver.got}) == 1, "all attempts send the same"
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert waits == sorted(set(waits))
    assert rig.sandbox.hooks.next_due() is None
    assert rig.sandbox.hooks.deliveries[-1].state == "failed"
    assert rig.sandbox.db["webhooks"].rows, "it is not switched off"


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_any_2xx_is_an_answer(rig: Rig, status: int) -> None:
    await rig.hook("contactCreated")
    rig.receiver.status = status
    await rig.create()
    await rig.sandbox.hooks.deliver_due()
    assert rig.sandbox.hooks.deliveries[-1].state == "delivered"


async def test_a_hire_is_an_archive_too_and_unarchiving_says_so(rig: Rig) -> None:
    await rig.hook("candidateArchiveChange", "candidateHired")
    one = await rig.create()
    at = f"opportunities/{one['id']}/archived"
    await rig.send("PUT", at, json={"reason": rig.reason("Timing")})
    (told,) = await rig.events()
    rejected = told["data"]["toArchived"]
    assert (told["data"]["fromArchived"], rejected["reason"]) == (None, rig.reason("Timing"))
    await rig.send("PUT", at, json={"reason": rig.reason("Hired")})
    told = await rig.events()
    assert [one["event"] for one in told] == ["candidateArchiveChange", "candidateHired"]
    assert told[0]["data"]["fromArchived"] == rejected
    await rig.send("PUT", at, json={"reason": None})
    (told,) = await rig.events()
    assert told["data"]["toArchived"] is None


async def test_most_changes_send_nothing(build: Build) -> None:
    rig = build(webhooks_on=True)
    await rig.hook(*EVENTS)
    one = await rig.create(postings=[rig.job()])
    await rig.events()
    at, acting = f"opportunities/{one['id']}", f"?perform_as={rig.user('Robin Falk')}"
    note = (await rig.send("POST", f"{at}/notes", 201, json={"value": "x"}))["noteId"]
    await rig.send("PUT", f"{at}/notes/{note}", json={"values": [{"value": "y"}]})
    await rig.send("POST", f"{at}/addTags", json={"tags": ["a"]})
    await rig.send("POST", f"{at}/addSources", json={"sources": ["a"]})
    await rig.send("POST", f"{at}/files{acting}", 201, files={"file": ("a.txt", b"a")})
    template = rig.template()
    values = [{"id": field["id"], "value": None} for field in template["fields"]]
    await rig.send("POST", f"{at}/forms", 201, json={"baseTemplateId": template["id"], "fields": values})
    feedback = rig.template("feedback_templates")
    given = [{"id": feedback["fields"][0]["id"], "value": "3 - Hire"}, {"id": feedback["fields"][1]["id"], "value": ""}]
    await rig.send("POST", f"{at}/feedback{acting}", 201, json={"baseTemplateId": feedback["id"], "fieldValues": given})
    await rig.send("PUT", f"postings/{rig.job()}{acting}", json={"text": "Renamed"})
    await rig.http.post(f"/ats/applications/{one['id']}/fields", data={"field_snoozed": "2027-01-01"})
    await rig.http.post(f"/ats/candidates/{one['contact']}/anonymize")
    assert await rig.events() == []
    await rig.send("PUT", f"{at}/stage", json={"stage": "lead-new"})
    assert await rig.events() == [], "it was there already"


async def test_a_person_changed_deleted_and_met_is_told(rig: Rig) -> None:
    await rig.hook("contactUpdated", "candidateDeleted", "interviewCreated", "interviewUpdated", "interviewDeleted")
    one = await rig.create()
    await rig.send("PUT", f"contacts/{one['contact']}", json={"name": "Ada King"})
    plan = {"interviewers": [{"id": rig.user("Mei Tanaka")}], "date": 1_900_000_000_000, "duration": 30}
    acting = f"?perform_as={rig.user('Robin Falk')}"
    panel = await rig.send("POST", f"opportunities/{one['id']}/panels{acting}", 201, json={"interviews": [plan]})
    at = f"opportunities/{one['id']}/interviews/{panel['interviews'][0]['id']}{acting}"
    await rig.send("PUT", at, json=plan)
    assert (await rig.call("DELETE", at)).status_code == 204
    await rig.http.post(f"/ats/candidates/{one['contact']}/delete")
    told = await rig.events()
    assert [one["event"] for one in told] == ["contactUpdated", "interviewCreated", "interviewUpdated",
                                              "interviewDeleted", "candidateDeleted"]  # fmt: skip
    assert told[-1]["data"] == {"opportunityId": one["id"], "candidateId": one["id"], "contactId": one["contact"],
                                "deletedBy": rig.user("Dana Whitfield")}  # fmt: skip


async def test_a_hook_may_be_narrowed_to_origins(rig: Rig) -> None:
    conditions = {"configuration": {"conditions": {"origins": ["applied"]}}}
    (made,) = await rig.hook("applicationCreated", **conditions)
    assert made["configuration"]["conditions"] == {"origins": ["applied"]}
    await rig.create(postings=[rig.job()], origin="sourced")
    assert await rig.events() == []
    await rig.apply()
    assert len(await rig.events()) == 1
    for wrong in ({"event": "contactCreated", **conditions}, {"event": "nothing"}, {"event": "applicationCreated",
                  "configuration": {"conditions": {"origins": ["moon"]}}}, {"url": "http://a.example"}, {"url": "x"}):  # fmt: skip
        given = {"url": "https://a.example", "event": "applicationCreated", **wrong}
        assert (await rig.call("POST", "webhooks", json=given)).status_code == 400


async def test_programs_and_people_change_only_their_own_hooks(rig: Rig) -> None:
    form = {"field_url": "https://b.example/hook", "field_events": ["candidateHired"]}
    await rig.http.post("/ats/configure/webhooks/new", data=form)
    (by_hand,) = await rig.get("webhooks")
    for method in ("PUT", "DELETE"):
        refused = await rig.call(method, f"webhooks/{by_hand['id']}", json={"url": "https://c.example"})
        assert refused.status_code == 403
    (own,) = await rig.hook("candidateDeleted")
    put = await rig.send("PUT", f"webhooks/{own['id']}", json={"url": "https://c.example/x"})
    assert (put["url"], put["event"]) == ("https://c.example/x", "candidateDeleted")
    assert put["configuration"]["signatureToken"] == own["configuration"]["signatureToken"]
    page = await rig.http.post(f"/ats/configure/webhooks/{own['id']}/delete")
    assert "wrong=" in page.headers["location"]
    assert (await rig.call("DELETE", f"webhooks/{own['id']}")).status_code == 204
    assert [one["id"] for one in await rig.get("webhooks")] == [by_hand["id"]]


async def test_the_test_of_the_page_sends_a_hire_with_nothing_in_it(rig: Rig) -> None:
    (own,) = await rig.hook("candidateStageChange")
    await rig.http.post(f"/ats/configure/webhooks/{own['id']}/test")
    ((_, _, body),) = rig.receiver.got
    told = json.loads(body)
    assert (told["event"], told["data"]) == ("candidateHired", {})
    assert (await rig.get(f"webhooks/{own['id']}"))["verifiedAt"] is not None


async def test_confidential_news_goes_only_to_those_who_may_see_it(build: Build) -> None:
    rig = build(jobs=[{"title": "Backend Engineer"}, {"title": "Boss", "confidential": True}], webhooks_on=True)
    await rig.hook("applicationCreated")
    rig.use_key(confidential=True)
    await rig.create(postings=[rig.job("Boss")])
    assert await rig.events() == []
    await rig.hook("applicationCreated")
    await rig.create(postings=[rig.job("Boss")], emails=["b@example.org"])
    assert len(await rig.events()) == 1

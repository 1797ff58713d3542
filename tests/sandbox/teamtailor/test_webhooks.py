"""Company webhooks: how they are signed, what they show, which changes they are sent for, and that they are sent once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from bascule.sandbox.teamtailor import people, pipeline, sign_v1, sign_v2

from .conftest import Make, Tt


def by_hand(key: str, message: bytes) -> str:
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


async def test_v1_signs_nothing_but_the_id(tt: Tt) -> None:
    hook = await tt.hook(version="v1")
    made = await tt.candidate()
    await tt.write("PATCH", f"candidates/{made['id']}", "candidates", {"phone": "+46 1"})
    await tt.sandbox.hooks.deliver_due()
    expected = base64.b64encode(by_hand(hook["secret"], made["id"].encode()).encode()).decode()
    assert sign_v1(hook["secret"], made["id"]) == expected
    assert len(tt.receiver.got) == 2
    for url, headers, body in tt.receiver.got:
        assert url == "https://bridge.example/hooks"
        assert headers["TT-Signature"] == json.loads(body)["signature"] == expected, "whatever the event says"
        assert headers["Content-Type"] == "application/json"


async def test_v2_signs_the_second_and_the_raw_body(tt: Tt) -> None:
    hook = await tt.hook()
    await tt.candidate(**{"last-name": "Öberg"})
    await tt.sandbox.hooks.deliver_due()
    ((_, headers, body),) = tt.receiver.got
    decoded = base64.b64decode(headers["TT-Signature"]).decode()
    at, _, given = decoded.removeprefix("t=").partition(",v2=")
    assert int(at) == int(tt.clock.at.timestamp())
    assert given == by_hand(hook["secret"], f"{at}.".encode() + body)
    assert "Öberg".encode() in body
    assert list(json.loads(body)) == ["payload"], "the body does not repeat it"
    again = json.dumps(json.loads(body)).encode()
    assert given != by_hand(hook["secret"], f"{at}.".encode() + again)
    assert sign_v2("k", b"{}", 1) == base64.b64encode(f"t=1,v2={by_hand('k', b'1.{}')}".encode()).decode()


async def test_v2_may_be_in_the_body_too(make: Make) -> None:
    tt = make(v2_embeds=True)
    hook = await tt.hook()
    await tt.candidate()
    await tt.sandbox.hooks.deliver_due()
    ((_, headers, body),) = tt.receiver.got
    content = json.loads(body)
    assert content.pop("signature") == headers["TT-Signature"]
    without = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    assert headers["TT-Signature"] == sign_v2(hook["secret"], without, int(tt.clock.at.timestamp()))


@pytest.mark.parametrize("status", [500, 404, 301, None])
async def test_nothing_is_ever_sent_again(tt: Tt, status: int | None) -> None:
    await tt.hook()
    tt.receiver.status = status
    await tt.candidate()
    assert await tt.sandbox.hooks.deliver_due() == 1
    assert tt.sandbox.hooks.deliveries[-1].state == "failed"
    tt.clock.move(days=3)
    assert (await tt.sandbox.hooks.deliver_due(), tt.sandbox.hooks.waiting) == (0, 0)


async def test_any_2xx_is_received(tt: Tt) -> None:
    await tt.hook()
    tt.receiver.status = 204
    await tt.candidate()
    await tt.sandbox.hooks.deliver_due()
    assert tt.sandbox.hooks.deliveries[-1].state == "delivered"


async def test_only_some_changes_of_a_candidate_are_told(tt: Tt) -> None:
    await tt.hook()
    id, field, robin = int((await tt.candidate())["id"]), tt.field("notice-period"), tt.user("Robin Falk")
    assert await tt.names() == ["candidate.create"]

    async def told(**attributes: object) -> list[str]:
        answer = await tt.write("PATCH", f"candidates/{id}", "candidates", attributes)
        assert answer.status_code == 200, answer.text
        return await tt.names()

    for name, value in (("email", "i@example.org"), ("first-name", "I"), ("last-name", "H"), ("phone", "1"), ("pitch", "x"),
                        ("linkedin-url", "https://l.example"), ("referring-url", "https://r.example"), ("internal", True)):  # fmt: skip
        assert await told(**{name: value}) == ["candidate.update"]
        assert await told(**{name: value}) == [], "nothing has changed"
    for name, value in (("tags", ["x"]), ("unsubscribed", True), ("connected", True), ("linkedin-uid", "u")):
        assert await told(**{name: value}) == [], "not in the list"
    people.note(tt.sandbox, tt.person, id, robin, "x")
    people.keep(tt.sandbox, tt.person, id, "upload", "x.txt", b"x")
    people.keep(tt.sandbox, tt.person, id, "resume", "cv.txt", b"x")
    assert await tt.names() == []
    row = people.set_value(tt.sandbox, tt.person, id, field, "a")
    people.change_value(tt.sandbox, tt.person, row["id"], "b")
    people.change_value(tt.sandbox, tt.person, row["id"], "b")
    assert await tt.names() == ["candidate.update", "candidate.update"]


async def test_ones_own_writes_come_back(tt: Tt) -> None:
    await tt.hook("candidate.update")
    made = await tt.candidate()
    await tt.write("POST", "custom-field-values", "custom-field-values", {"value": "82"}, owner=("candidates", made["id"]),
                   custom_field=("custom-fields", tt.field("salary-expectation")))  # fmt: skip
    (event,) = await tt.events()
    assert event["payload"]["data"]["attributes"]["custom_fields"] == [
        {"salary-expectation": {"value": 82, "type": "number"}}
    ]


async def test_what_an_application_shows(make: Make) -> None:
    tt = make(transparent_days=2)
    await tt.hook("job_application.create", "job_application.update")
    made, reason = await tt.application(), tt.sandbox.db["reject_reasons"].ids[0]
    pipeline.update(tt.sandbox, tt.person, int(made["id"]), {"stage_id": tt.stage("Phone Screen")})
    pipeline.reject(tt.sandbox, tt.person, int(made["id"]), reason)
    create, move, rejection = await tt.events()
    assert create["payload"]["event_name"] == "job_application.create"
    data = move["payload"]["data"]
    assert (data["id"], data["type"]) == (made["id"], "job_applications")
    assert data["attributes"]["stage_name"] == "Phone Screen"
    assert "stage_id" not in data["attributes"]
    assert data["attributes"]["last_moved_at"] == "2026-11-20T10:00:00.000+01:00"
    assert (data["attributes"]["rejected_at"], data["attributes"]["transparent_recruiting_visible_at"]) == (None, None)
    shown = rejection["payload"]["data"]["attributes"]
    assert shown["rejected_at"] == "2026-11-20T10:00:00.000+01:00"
    assert shown["transparent_recruiting_visible_at"] == "2026-11-22T10:00:00.000+01:00"


async def test_one_change_of_an_application_is_one_event_and_a_reason_alone_is_none(tt: Tt) -> None:
    made, reason = await tt.application(), tt.sandbox.db["reject_reasons"].ids[0]
    await tt.hook()
    path, kind = f"job-applications/{made['id']}", "job-applications"
    await tt.write("PATCH", path, kind, {"cover-letter": "Hi"}, stage=("stages", tt.stage("Onsite")))
    assert await tt.names() == ["job_application.update"]
    await tt.write("PATCH", path, kind, reject_reason=("reject-reasons", reason))
    assert await tt.names() == []
    await tt.write("PATCH", path, kind, stage=("stages", tt.stage("Onsite")))
    assert await tt.names() == [], "it was there"


async def test_jobs_are_told_with_dashes_and_stages_and_reasons_not_at_all(tt: Tt) -> None:
    await tt.hook()
    pipeline.change_job(tt.sandbox, tt.person, 7_199, {"tags": ["urgent"]})
    (event,) = await tt.events()
    assert (event["payload"]["event_name"], event["payload"]["data"]["type"]) == ("job.update", "jobs")
    assert event["payload"]["data"]["attributes"]["company-name"] == "Tenant AB"
    pipeline.change_job(tt.sandbox, tt.person, 7_199, {"pinned": True})
    pipeline.rename_stage(tt.sandbox, tt.person, tt.stage("Onsite"), "Final round")
    pipeline.add_stage(tt.sandbox, tt.person, 7_199, "Trial day")
    await tt.write("POST", "reject-reasons", "reject-reasons", {"reason": "x"})
    assert await tt.names() == []


async def test_only_chosen_events_are_sent(tt: Tt) -> None:
    await tt.hook("candidate.destroy")
    made = await tt.candidate()
    assert await tt.names() == []
    people.delete(tt.sandbox, tt.person, int(made["id"]))
    (event,) = await tt.events()
    assert event["payload"] == {"event_name": "candidate.destroy", "data": {"id": made["id"], "type": "candidates"}}


async def test_an_address_must_be_https_unless_it_is_this_machine(tt: Tt) -> None:
    for url, good in (
        ("http://bridge.example/x", False),
        ("http://127.0.0.1:9/x", True),
        ("https://bridge.example/x", True),
    ):
        if good:
            await tt.sandbox.hook(tt.person, "B", url, ["candidate.create"])
        else:
            with pytest.raises(Exception, match="HTTPS"):
                await tt.sandbox.hook(tt.person, "B", url, ["candidate.create"])
    with pytest.raises(Exception, match="must be chosen"):
        await tt.sandbox.hook(tt.person, "B", "https://b.example", ["candidate.moved"])


async def test_two_webhooks_have_two_keys(tt: Tt) -> None:
    one, two = await tt.hook(), await tt.hook("candidate.create", version="v1")
    assert one["secret"] != two["secret"]
    await tt.candidate()
    await tt.sandbox.hooks.deliver_due()
    assert len(tt.receiver.got) == 2

"""Subscriptions: activated, signed, thin, acknowledged by 202 alone, tried again, suspended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace

from bascule.sandbox.kit.hooks import Reply
from bascule.sandbox.smartrecruiters import Options, Sandbox, signature
from bascule.sandbox.smartrecruiters import doings as people
from bascule.sandbox.smartrecruiters.hooks import activate, subscribe

from .conftest import SUBSCRIPTIONS, Build, Rig


def test_the_vendors_own_example_of_a_signature() -> None:
    headers = {"event-id": "123", "event-name": "application.created", "event-version": "v201910",
               "Link": "<http://smartrecruiters.com/endpoint>; rel=self"}  # fmt: skip
    body = b'{"job_id":"jid","candidate_id":"cid"}'
    made = signature("HeBVky2bccvvkcXPimH8c", "1574080897", body, headers)
    assert made == "2e9291f10d44ca10204a4cd81b05d73b6a316b2b605d4e2e0e0b37b40198ce1f"


async def test_a_subscription_is_inactive_until_its_callback_echoes_the_secret(rig: Rig) -> None:
    hook = await rig.subscribe("candidate.created", active=False)
    assert hook["status"] == "inactive"
    rig.person()
    assert await rig.events() == []
    path = f"{SUBSCRIPTIONS}/{hook['id']}"
    rig.callback.echoes = False
    assert await rig.refused("PUT", f"{path}/activation") == (400, "HANDSHAKE_FAILED")
    rig.callback.echoes = True
    assert (await rig.call("PUT", f"{path}/activation")).status_code == 204
    assert (await rig.ok("GET", path))["status"] == "active"
    row = rig.person("Bob")
    assert await rig.events() == [("candidate.created", b'{"id":"%s"}' % row["id"].encode())]
    await rig.ok("DELETE", path)
    rig.person("Cleo")
    assert await rig.events() == []


async def test_bodies_are_thin_and_the_link_says_where_to_read(rig: Rig) -> None:
    await rig.subscribe("application.created", "application.status.updated", "candidate.deleted")
    row = rig.person()
    await rig.sandbox.hooks.deliver_due()
    headers, body = rig.callback.got[0]
    assert json.loads(body) == {"job_id": rig.job()["id"], "candidate_id": row["id"]}
    assert headers["event-version"] == "v201910"
    assert headers["Link"] == f"<http://ats.test{rig.at(row)}>; rel=self"
    rig.callback.got.clear()
    await rig.ok("PUT", f"{rig.at(row)}/status", json={"status": "IN_REVIEW"})
    await rig.ok("PUT", f"{rig.at(row)}/status", json={"status": "IN_REVIEW"})
    people.delete_candidate(rig.sandbox, rig.dana(), row["id"])
    assert [name for name, _ in await rig.events()] == ["application.status.updated", "candidate.deleted"]


async def test_nothing_tells_of_tags_messages_reviews_and_renamed_stages(build: Build) -> None:
    rig = build()
    told = ("candidate.updated", "application.status.updated", "application.fields.updated")
    await rig.subscribe(*told)
    row = rig.person()
    await rig.ok("POST", f"/candidates/{row['id']}/tags", json={"tags": ["x"]})
    await rig.ok("POST", "/messages/shares", json={"content": f"Hi #[CANDIDATE:{row['id']}]"})
    people.review(rig.sandbox, rig.dana(), rig.applied(row), rig.user()["id"], 3, "")
    rig.sandbox.faults.add({"kind": "rename_stage", "name": "Onsite", "to": "Final round"})
    assert await rig.events() == []
    await rig.ok("PUT", f"{rig.at(row)}/properties/{rig.property()['id']}", json={"value": 87})
    await rig.ok("PATCH", f"/candidates/{row['id']}", json={"phoneNumber": "+44 1"})
    assert [name for name, _ in await rig.events()] == ["application.fields.updated", "candidate.updated"]
    assert (
        await rig.refused("POST", SUBSCRIPTIONS, json={"callbackUrl": "http://x.test", "events": ["review.created"]})
    )[0] == 400
    talkative = build(review_events=True)
    await talkative.subscribe("review.created")
    row = talkative.person()
    people.review(talkative.sandbox, talkative.dana(), talkative.applied(row), talkative.user()["id"], 3, "")
    assert [name for name, _ in await talkative.events()] == ["review.created"]


async def test_keys_sign_together_for_a_day_after_a_new_one(rig: Rig) -> None:
    hook = await rig.subscribe("candidate.created")
    path = f"{SUBSCRIPTIONS}/{hook['id']}/secret-key"
    rig.person("Ann")
    await rig.sandbox.hooks.deliver_due()
    assert "smartrecruiters-signature" not in rig.callback.got[-1][0]
    assert (await rig.refused("GET", path))[0] == 404
    keys = [(await rig.ok("POST", path))["secretKey"] for _ in range(2)]
    assert (await rig.ok("GET", path))["secretKey"] == keys[1]

    async def marks(first: str) -> list[str]:
        rig.person(first)
        await rig.sandbox.hooks.deliver_due()
        headers, body = rig.callback.got[-1]
        stamp = headers["smartrecruiters-timestamp"]
        assert headers["smartrecruiters-signature"].split(";") == [
            f"v1={signature(key, stamp, body, headers)}" for key in keys
        ]
        return keys

    await marks("Bob")
    rig.clock.move(hours=24)
    del keys[0]
    await marks("Cleo")
    for _ in range(15):
        await rig.ok("POST", path)
    assert (await rig.refused("POST", path))[0] == 409


async def test_only_202_is_received_and_ten_redeliveries_end_in_suspension(rig: Rig) -> None:
    hook = await rig.subscribe("candidate.created")
    rig.callback.status = 200
    rig.person()
    await rig.sandbox.hooks.deliver_due()
    for number, seconds in enumerate((60, 180, 600, 2700, 7200, 14400, 28800, 43200, 64800, 86400), 1):
        for by, sent in ((seconds - 1, number), (1, number + 1)):
            rig.clock.move(seconds=by)
            await rig.sandbox.hooks.deliver_due()
            assert len(rig.callback.got) == sent
    assert len({headers["event-id"] for headers, _ in rig.callback.got}) == 1
    path = f"{SUBSCRIPTIONS}/{hook['id']}"
    assert (await rig.ok("GET", path))["status"] == "suspended"
    assert [mail["to"] for mail in rig.sandbox.db["emails"]] == ["ops@company.example"]
    (logged,) = (await rig.ok("GET", f"{path}/callbacks"))["content"]
    assert (logged["status"], len(logged["attempts"])) == ("FAILED", 11)
    rig.callback.status = 202
    rig.callback.got.clear()
    rig.person("Bob")
    assert await rig.events() == [], "what happens meanwhile is never sent"
    await rig.ok("PUT", f"{path}/activation")
    rig.person("Cleo")
    assert len(await rig.events()) == 1


async def test_what_the_subscriber_asked_for_is_sent_along(rig: Rig) -> None:
    for shown, header in (({"type": "basic", "username": "a", "password": "b"}, ("Authorization", "Basic YTpi")),
                          ({"type": "header", "name": "X-Key", "value": "v"}, ("X-Key", "v"))):  # fmt: skip
        row = await rig.ok("POST", SUBSCRIPTIONS, json={"callbackUrl": "http://sync.test", "callbackAuthentication": shown,
                                                        "events": ["candidate.created"]})  # fmt: skip
        await rig.ok("PUT", f"{SUBSCRIPTIONS}/{row['id']}/activation")
        rig.person(header[0])
        await rig.sandbox.hooks.deliver_due()
        assert rig.callback.got[-1][0][header[0]] == header[1]
    for _ in range(18):
        await rig.subscribe("candidate.created", active=False)
    asked = {"callbackUrl": "http://sync.test", "events": ["candidate.created"]}
    assert (await rig.refused("POST", SUBSCRIPTIONS, json=asked))[0] == 409
    token = (await rig.token()).json()["access_token"]
    rig.headers = {"Authorization": f"Bearer {token}"}
    assert (await rig.ok("GET", SUBSCRIPTIONS))["content"] == [], "another caller has its own"


async def test_a_handshake_may_take_longer_than_a_delivery(rig: Rig) -> None:
    quick = rig.callback.__call__

    async def slow(url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        await (asyncio.sleep(0.05) if "X-Hook-Secret" in headers else asyncio.Event().wait())
        return await quick(url, headers, body)

    sandbox = Sandbox(Options(), now=rig.clock, deliver=slow)
    sandbox.hooks.manner = replace(sandbox.hooks.manner, patience=0.01)
    row = subscribe(sandbox, rig.dana(), None, "", {"callbackUrl": "http://sync.test", "events": ["candidate.created"]})
    await activate(sandbox, rig.dana(), row["id"])
    people.create_candidate(sandbox, rig.dana(), {"first_name": "Ada", "last_name": "Byron"})
    await sandbox.hooks.deliver_due()
    (delivery,) = sandbox.hooks.deliveries
    assert (delivery.state, [status for _, status in delivery.attempts]) == ("waiting", [None])

"""What is wrong outside is answered, shown and survived, never guessed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
import os
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.databases import both_databases

from bascule.app import make
from bascule.connectors.spec import SignedFields
from bascule.errors import ConfigurationError, DisconnectedError
from bascule.model import Kind
from bascule.sandbox import greenhouse
from bascule.sandbox.greenhouse import people, pipeline
from bascule.settings import load
from bascule.store import Tx

from .kit import DANA, OWNER, ROBIN, Builder, House


def update(candidate: int) -> bytes:
    return greenhouse.encode({"action": "update_candidate", "payload": {"candidate": {"id": candidate}}})


async def gaps(house: House) -> list[tuple[str, str]]:
    """What is open in the mapping, but for the service user, whom the list of users does not show."""
    found = await house.app.store.read(lambda tx: tx.gaps.list(house.app.workspace))
    return [(gap.field, gap.value) for gap in found if gap.value != "4012001"]


async def test_a_forged_delivery_is_refused_and_nothing_of_it_is_kept(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    body = update(applied.candidate)
    before = await house.app.store.read(lambda tx: len(tx.inbox.log(house.at.id, limit=1000)))
    for headers in ({}, {"Signature": "sha256 " + "0" * 64}, {"Signature": greenhouse.sign("another", body)}):
        assert await house.deliver(body, headers) == 401
    log = await house.app.store.read(lambda tx: tx.inbox.log(house.at.id, limit=1000))
    refusals = await house.app.store.read(lambda tx: tx.inbox.refusals(house.at.id))
    assert len(log) == before
    assert [(one.status, one.size) for one in refusals] == [(401, len(body))] * 3
    assert str(applied.candidate) not in repr(refusals)


async def test_an_oversized_delivery_is_refused_before_its_signature_is_looked_at(house: House) -> None:
    assert await house.deliver(b"x" * (house.app.settings.max_hook_bytes + 1)) == 413
    (refusal,) = await house.app.store.read(lambda tx: tx.inbox.refusals(house.at.id))
    assert refusal.status == 413


async def test_a_delivery_for_no_connection_or_in_no_shape_is_refused(house: House) -> None:
    assert await house.app.ingest.deliver("nobody", {}, b"{}") == 404
    assert await house.deliver(b"not json") == 422
    assert await house.deliver(b"[]") == 422


@both_databases
async def test_a_sender_that_hangs_up_keeps_nobody_else_waiting(house: House) -> None:
    impatient, other = (asyncio.create_task(house.deliver(update(one))) for one in (1, 2))
    await asyncio.sleep(0)  # both are taken, and wait for the commit that they share
    impatient.cancel()
    assert await asyncio.wait_for(other, 5.0) == 200
    assert await house.deliver(update(1)) == 200


async def test_the_same_delivery_again_is_answered_and_not_stored_twice(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    body = update(applied.candidate)
    headers = {"Signature": greenhouse.sign(house.secret, body), "Greenhouse-Event-ID": "77"}
    before = await house.app.store.read(lambda tx: len(tx.inbox.log(house.at.id, limit=1000)))
    assert [await house.deliver(body, headers) for _ in range(3)] == [200, 200, 200]
    after = await house.app.store.read(lambda tx: len(tx.inbox.log(house.at.id, limit=1000)))
    assert after == before + 1


async def test_a_delivery_signed_too_long_ago_is_refused_and_nothing_of_it_is_stored(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Greenhouse signs no time; the connector of a system that does is made of this one."""
    hook = house.at.connector.webhook
    assert hook is not None
    timed = SignedFields("signature", ("sent",), time="sent", within=timedelta(minutes=5))
    connector = replace(house.at.connector, webhook=replace(hook, verify=timed))
    there = replace(house.at, connector=connector)
    monkeypatch.setattr(house.app.connections, "named", lambda _name: there)
    applied = await house.apply()
    await house.quiet()

    def signed(at: datetime) -> bytes:
        sent = str(int(at.timestamp() * 1000))
        signature = hmac.new(house.secret.encode(), sent.encode(), hashlib.sha256).hexdigest()
        return json.dumps({**json.loads(update(applied.candidate)), "sent": sent, "signature": signature}).encode()

    def stored(tx: Tx) -> int:
        return len([one for one in tx.inbox.log(house.at.id, limit=1000) if one.topic])

    before = await house.app.store.read(stored)
    assert await house.deliver(signed(house.clock() - timedelta(minutes=6))) == 401
    assert await house.app.store.read(stored) == before
    assert await house.deliver(signed(house.clock() - timedelta(minutes=4))) == 200
    assert await house.app.store.read(stored) == before + 1


async def test_an_unknown_action_is_accepted_and_means_nothing(house: House) -> None:
    body = greenhouse.encode({"action": "moon_rises", "payload": {"id": 1}})
    assert await house.deliver(body) == 200
    assert await house.quiet() is not None


async def test_a_stage_nobody_knows_is_a_gap_and_the_rest_of_the_record_goes_on(house: House) -> None:
    applied = await house.apply()
    await house.pass_time(3)
    known = await house.value(Kind.APPLICATION, applied.application, "stage")
    job = house.job("Backend Engineer")["id"]
    fresh = house.sandbox.db.create(
        "job_interview_stages", DANA, job_id=job, name="Bar Raiser", sort_order=9, active=True
    )  # fmt: skip
    pipeline.enter(house.sandbox, ROBIN, house.application(applied.application), fresh)
    people.update(house.sandbox, ROBIN, applied.candidate, {"first_name": "Augusta"})
    body = greenhouse.encode({"action": "candidate_stage_change", "payload": {
        "application": {"id": applied.application, "candidate": {"id": applied.candidate}}}})  # fmt: skip
    await house.deliver(body)
    await house.quiet()
    assert await gaps(house) == [("stage", str(fresh["id"]))]
    assert await house.value(Kind.APPLICATION, applied.application, "stage") == known
    assert await house.value(Kind.CANDIDATE, applied.candidate, "first_name") == "Augusta"
    await house.leap(310)  # the poll of the stages closes it, and the application follows
    stage = await house.record(Kind.STAGE, fresh["id"])
    assert await house.value(Kind.APPLICATION, applied.application, "stage") == stage.id
    assert await gaps(house) == [("type", "Bar Raiser")], "what kind of stage it is, no rule knows"
    assert not house.written("application_stages")


async def test_a_status_nobody_knows_is_a_gap_and_is_never_overwritten(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    house.sandbox.db.change("applications", applied.application, ROBIN, {"status": "frozen_in_amber"})
    await house.pass_time(65)
    assert await house.value(Kind.APPLICATION, applied.application, "status") == "active"
    assert await gaps(house) == [("status", "frozen_in_amber")]
    assert house.application(applied.application)["status"] == "frozen_in_amber"


def _bomb() -> bytes:
    """A DOCX of some kilobytes that unpacks to hundreds of megabytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"<a>" + b" " * 300_000_000 + b"</a>")
    return file.getvalue()


def _encrypted() -> bytes:
    """A PDF that says it is encrypted."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n4 0 obj<</Filter/Standard/V 1/R 2/O<"
        + b"28" * 32 + b">/U<" + b"29" * 32 + b">/P -44>>endobj\ntrailer<</Root 1 0 R/Encrypt 4 0 R"
        b"/ID[<00><00>]/Size 5>>\n%%EOF\n"
    )  # fmt: skip


def _endless() -> bytes:
    """A PDF of 3,000 pages."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 3003))
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 3000/Kids["
        + kids + b"]>>endobj\n" + b"".join(b"%d 0 obj" % number + page for number in range(3, 3003))
        + b"trailer<</Root 1 0 R/Size 3003>>\n%%EOF\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("endless.pdf", _endless),
        ("empty.pdf", lambda: b""),
        ("encrypted.pdf", _encrypted),
        ("bomb.docx", _bomb),
        ("program.exe", lambda: b"MZ" + os.urandom(20_000)),
        ("broken.pdf", lambda: b"%PDF-1.7\n" + os.urandom(5_000)),
    ],
)
async def test_a_file_that_cannot_be_read_is_said_to_be_and_the_worker_lives(house: House, name: str, content) -> None:  # type: ignore[no-untyped-def]
    applied = await house.apply(file=content(), filename=name)
    await house.pass_time(2)
    shown = house.custom(house.application(applied.application))
    assert shown["bascule_ai_status"] == "unreadable"
    assert len(shown["bascule_match_reasons"]) > 10
    assert "bascule_match_score" not in shown
    (note,) = house.notes(applied.candidate)
    assert "could not be read" in note["body"]
    people.update(house.sandbox, ROBIN, applied.candidate, {"first_name": "Augusta"})
    other = await house.apply("Grace", "Hopper", "grace@example.org")
    await house.pass_time(2)
    assert await house.value(Kind.CANDIDATE, applied.candidate, "first_name") == "Augusta"
    assert house.custom(house.application(other.application))["bascule_ai_status"] == "scored"


async def test_refused_credentials_pause_the_connection_and_new_ones_resume_it_with_nothing_lost(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    (credential,) = house.sandbox.db["credentials"]
    house.sandbox.access.revoke(DANA, credential["id"])
    late = await house.apply("Grace", "Hopper", "grace@example.org")
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"first_name": "Augusta"}, OWNER)
    await house.pass_time(65)
    status = await house.app.standing.status()
    assert status["connections"][0]["state"] == "paused"
    assert [one["kind"] for one in status["notices"]] == ["disconnected"]
    refused = sum(n for (_, _, code), n in house.sandbox.requests.items() if code == 401)
    await house.leap(600)
    assert sum(n for (_, _, code), n in house.sandbox.requests.items() if code == 401) == refused
    with pytest.raises(DisconnectedError):
        await house.app.accounts.set_credentials(house.name, {"client_secret": "wrong"}, OWNER)
    fresh = house.sandbox.access.create(DANA, "Bascule again", 4_012_001, credential["scopes"])
    await house.app.store.write(
        lambda tx: tx.connections.set_credentials(house.at.id, {**house.at.secrets})
    )  # unchanged: the settings below are what changes
    await house.app.accounts.set_credentials(
        house.name, {"client_id": fresh["client_id"], "client_secret": fresh["secret"]}, OWNER
    )  # fmt: skip
    await house.pass_time(5)
    assert house.candidate(applied.candidate)["first_name"] == "Augusta"
    assert house.custom(house.application(late.application))["bascule_ai_status"] == "scored"
    assert len(house.notes(late.candidate)) == 1
    assert not (await house.app.standing.status())["notices"]


async def test_a_rate_limit_is_waited_for_exactly_as_told(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    house.sandbox.faults.add({"kind": "answer", "method": "PATCH", "status": 429, "retry_after": 17})
    asked: list[tuple[str, float]] = []
    seen = house.app.connections.get(house.at.id).client
    before, started = seen.on_request, house.clock.at
    seen.on_request = lambda one: (asked.append((one.method, (one.started - started).total_seconds())), before(one))[1]
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"first_name": "Augusta"}, OWNER)
    await house.pass_time(25)
    assert house.candidate(applied.candidate)["first_name"] == "Augusta"
    refused, done = [when for method, when in asked if method == "PATCH"]
    assert 17 <= done - refused <= 18.1
    assert not [when for _, when in asked if refused < when < refused + 17]


async def test_a_server_error_is_retried_and_then_succeeds(house: House) -> None:
    house.sandbox.faults.add({"kind": "answer", "method": "PATCH", "status": 503, "times": 3})
    applied = await house.apply()
    await house.pass_time(40)
    assert house.custom(house.application(applied.application))["bascule_ai_status"] == "scored"
    assert not await house.open_failures()
    assert len(house.notes(applied.candidate)) == 1


async def test_a_lasting_server_error_becomes_a_failure_in_the_vendors_words_and_is_replayed(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    words = {"message": "the flux capacitor is empty"}
    house.sandbox.faults.add(
        {"kind": "answer", "method": "PATCH", "path": "candidates", "status": 502, "times": 10_000, "body": words}
    )
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"first_name": "Augusta"}, OWNER)
    for _ in range(70):  # at a quarter of an hour each
        if await house.open_failures():
            break
        house.clock.at += timedelta(minutes=16)
        await house.quiet()
    (failure,) = await house.open_failures()
    assert "the flux capacitor is empty" in failure.write.why
    house.sandbox.faults.clear()
    await house.quiet()
    assert house.candidate(applied.candidate)["first_name"] == "Ada"
    await house.app.failures.replay(failure.write.id, OWNER)
    await house.pass_time(5)
    assert house.candidate(applied.candidate)["first_name"] == "Augusta"
    assert not await house.open_failures()


async def test_a_refused_value_is_a_failure_at_once_and_discarding_it_needs_a_reason(house: House) -> None:
    applied = await house.apply()
    await house.quiet()
    words = {"errors": [{"message": "is reserved", "field": "first_name"}]}
    house.sandbox.faults.add({"kind": "answer", "method": "PATCH", "path": "candidates", "status": 422, "body": words})
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"first_name": "Augusta"}, OWNER)
    await house.pass_time(3)
    (failure,) = await house.open_failures()
    assert "first_name: is reserved" in failure.write.why
    await house.pass_time(120)
    assert house.candidate(applied.candidate)["first_name"] == "Ada"  # silent until somebody acts
    await house.app.failures.discard(failure.write.id, "It is the same name.", OWNER)
    assert not await house.open_failures()


async def test_a_list_that_is_refused_is_told_to_the_owner_and_the_other_lists_go_on(house: House) -> None:
    house.sandbox.faults.add({"kind": "answer", "method": "GET", "path": "attachments", "status": 403, "times": 10_000})
    applied = await house.apply()
    people.note(
        house.sandbox, ROBIN, {"candidate_id": applied.candidate, "body": "Still here.", "visibility": "public"}
    )
    await house.polls(3)
    assert await house.family(Kind.CANDIDATE, applied.candidate) is not None
    assert list((await house.app.standing.status())["notices"])


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"master_key": "short"}, "BASCULE_MASTER_KEY"),
        ({"database": "mysql://nowhere/x"}, "mysql"),
        ({"public_url": "bascule.example"}, "BASCULE_PUBLIC_URL"),
        ({"port": 70_000}, "BASCULE_PORT"),
        ({"no_such_setting": 1}, "NO_SUCH_SETTING"),
    ],
)
def test_a_broken_configuration_is_one_clear_line(tmp_path, given: dict[str, object], word: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigurationError, match=word) as raised:
        make(load(data=tmp_path, **given))
    assert "\n" not in str(raised.value)


async def test_a_connection_without_its_secrets_or_to_a_foreign_host_is_refused_and_nothing_is_kept(
    build: Builder,
) -> None:
    from bascule.errors import BasculeError
    from bascule.office.accounts import NewConnection

    house = await build.house(None)
    for new in (
        NewConnection("a", "greenhouse", "http://127.0.0.1:9/v3", settings={"client_id": "x"}),
        NewConnection("a", "greenhouse", "https://evil.example/v3", settings={"client_id": "x"}, secrets={"client_secret": "y"}),
        NewConnection("a", "greenhouse", "http://127.0.0.1:9/v3", settings={"client_id": "x"}, secrets={"client_secret": "y"}),
        NewConnection("a", "no such ats", "http://127.0.0.1:9/v3"),
    ):  # fmt: skip
        with pytest.raises(BasculeError):
            await house.app.accounts.connect(new, OWNER)
    assert not await house.app.store.read(lambda tx: tx.connections.list())


async def test_an_answer_that_is_no_json_is_tried_again_and_loses_nothing(house: House) -> None:
    house.sandbox.faults.add(
        {"kind": "answer", "method": "GET", "path": "applications", "status": 200, "body": None, "times": 2}
    )
    applied = await house.apply()
    await house.pass_time(30)
    assert house.custom(house.application(applied.application))["bascule_ai_status"] == "scored"
    assert json.loads(json.dumps(await house.app.standing.status()))["connections"][0]["failures"] == 0

"""Planted canaries: no secret and no personal value is found where it must not be."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import prometheus_client
import pytest
import structlog
from tests.databases import both_databases

from bascule.model import Kind
from bascule.server.api.values import record_as_json

from .kit import DANA, MASTER, OWNER, Builder

PHONE, EMAIL, NAME = "+44 20 7946 0987", "canary.bird@example.org", "Canarina"


@both_databases
async def test_secrets_and_personal_values_are_in_no_log_metric_or_audit_and_secrets_not_on_the_disk(
    build: Builder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with structlog.testing.capture_logs() as logged:
        house = await build.house()
        house.sandbox.faults.add({"kind": "answer", "method": "PATCH", "status": 500, "times": 2})
        house.sandbox.faults.add({"kind": "answer", "method": "GET", "path": "candidates", "status": 500, "times": 2})
        applied = await house.apply(NAME, "Bird", EMAIL, phone=PHONE)
        await house.pass_time(30)
        record = await house.record(Kind.CANDIDATE, applied.candidate)
        await house.app.changes.edit(record.id, {"emails": (EMAIL, "second." + EMAIL)}, OWNER)
        await house.deliver(b'{"forged": "' + EMAIL.encode() + b'"}', {"Signature": "sha256 00"})
        await house.pass_time(10)
        (credential,) = house.sandbox.db["credentials"]
        token = house.sandbox.access.tokens.given("access")[-1]
        house.sandbox.access.revoke(DANA, credential["id"])
        await house.pass_time(65)
    out, err = capfd.readouterr()
    entries = await house.app.store.read(lambda tx: tx.audit.page(house.app.workspace, limit=5000))
    await house.app.trail.verify()
    export = await house.app.trail.export(house.app.workspace, candidate=record.id)
    places = {
        "log": json.dumps(logged, default=str) + out + err,
        "metrics": prometheus_client.generate_latest(house.app.metrics.registry).decode(),
        "audit": repr(entries) + json.dumps(export),
        "status": json.dumps(await house.app.standing.status()),
        "repr": repr(house.at.client) + repr(house.app.settings),
    }
    secrets = {
        "client secret": credential["secret"],
        "webhook secret": house.secret,
        "master key": base64.b64encode(MASTER).decode(),
        "access token": token,
    }
    personal = {"phone": PHONE, "digits": "2079460987", "e-mail": EMAIL, "name": NAME}
    for place, text in places.items():
        for what, value in {**secrets, **personal}.items():
            assert value not in text, f"{what} in {place}"
    raw = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for what, value in secrets.items():
        assert value.encode() not in raw, f"{what} on the disk"


async def test_what_is_never_kept_is_cut_from_a_webhooks_body_before_it_is_sealed(build: Builder) -> None:
    house = await build.house()
    applied = await house.apply()
    await house.pass_time(4)
    address = "https://files.greenhouse.io/cv.pdf?Signature=canary-signature"
    body = {
        "action": "update_candidate",
        "payload": {
            "candidate": {
                "id": applied.candidate,
                "first_name": NAME,
                "gender": "canary-gender",
                "date_of_birth": "1990-01-02",
                "eeoc": {"race": {"id": 3, "description": "canary-race"}},
                "attachments": [{"filename": "cv.pdf", "url": address}],
            }
        },
    }
    assert await house.deliver(json.dumps(body).encode()) == 200
    entry = (await house.app.store.read(lambda tx: tx.inbox.log(house.at.id, limit=1)))[0]
    kept = await house.app.store.read(lambda tx: tx.inbox.body(entry.seq))
    assert kept is not None
    left = json.loads(kept)["payload"]["candidate"]
    assert left == {"id": applied.candidate, "first_name": NAME, "attachments": [{"filename": "cv.pdf"}]}


async def test_the_address_of_a_file_is_used_and_is_in_no_history_and_no_answer(build: Builder) -> None:
    house = await build.house()
    applied = await house.apply()
    await house.pass_time(8)
    family = await house.family(Kind.CANDIDATE, applied.candidate)
    assert family is not None
    (cv,) = (r for r in family.records.values() if r.kind is Kind.ATTACHMENT)
    address = str(cv.fields["url"])
    assert "signature=" in address.lower()
    assert await house.value(Kind.APPLICATION, applied.application, "ai_status") == "scored"
    lines = await house.app.store.read(lambda tx: tx.pages.timeline(family.id, limit=1000))
    assert any(line.history and line.history.record == cv.id for line in lines)
    assert address not in repr(lines)
    assert not [line for line in lines if line.history and line.history.field == "url"]
    assert address not in json.dumps(record_as_json(cv, {}), default=str)

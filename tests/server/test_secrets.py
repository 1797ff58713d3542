"""Planted canaries again, over everything that answers: no secret is in an answer, an error, a log or a backup."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest
import structlog

from bascule.store import SqliteStore
from bascule.store.consents import Consent

from .conftest import SOMEBODY, Bench

ADDRESS = "mailtos://canary-user:canary-mail-secret@mail.example?to=owner@mail.example"


async def planted(bench: Bench) -> list[str]:
    """A connection with a consent, an alert address and an API key; every secret there is now."""
    row = await bench.connection()
    await bench.app.store.write(lambda tx: tx.consents.begin(bench.app.workspace, row.id, "canary-refresh-token"))
    now = bench.app.runtime.now()
    renewed = Consent("canary-renewed-token", "canary-access-token", now, None, now, now, "", None)
    await bench.app.store.write(
        lambda tx: tx.consents.keep(bench.app.workspace, row.id, "canary-refresh-token", renewed, now=now)
    )
    await bench.app.alerts.add(ADDRESS, SOMEBODY)
    await bench.enter()
    page = (await bench.post("/settings/keys", name="theirs", scope=["status:read"])).text
    key = page.split('id="secret">')[1].split("<")[0]
    link = await bench.app.doors.login_link("administrator@mail.example")
    return [
        "canary-client-secret", "canary-hook-secret", "canary-refresh-token", "canary-renewed-token",
        "canary-access-token", "canary-mail-secret", key, link.split("token=")[1], bench.app.local_key,
    ]  # fmt: skip


async def test_no_answer_of_the_api_holds_a_secret(bench: Bench) -> None:
    secrets = await planted(bench)
    record = await bench.candidate()
    local = {"authorization": f"Bearer {bench.app.local_key}"}
    paths = (await bench.browser.get("/api/v1/openapi.json")).json()["paths"]
    asked = 0
    for path, calls in paths.items():
        if "get" not in calls:
            continue
        address = path.replace("{name}", "greenhouse").replace("{connection}", "greenhouse")
        while "{" in address:
            address = address[: address.index("{")] + record + address[address.index("}") + 1 :]
        answer = await bench.browser.get(address if address.startswith("/api") else f"/api/v1{address}", headers=local)
        asked += answer.status_code == 200
        assert not [secret for secret in secrets if secret in answer.text], path
    assert asked > 15


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/connections", {"name": "x", "system": "none", "secrets": {"client_secret": "canary-sent"}}),
        ("/connections", {"name": "x", "system": "greenhouse", "base_url": "http://10.0.0.1", "settings": {},
                          "secrets": {"client_secret": "canary-sent"}}),
        ("/connections", {"name": 7, "secrets": "canary-sent"}),
        ("/alerts", {"address": "nonsense://canary-sent"}),
    ],
)  # fmt: skip
async def test_a_refusal_does_not_repeat_the_secret_it_was_sent(bench: Bench, path: str, body: object) -> None:
    local = {"authorization": f"Bearer {bench.app.local_key}"}
    answer = await bench.browser.post(f"/api/v1{path}", headers=local, json=body)
    assert 400 <= answer.status_code < 500, answer.text
    assert "canary-sent" not in answer.text


async def test_an_unforeseen_error_is_answered_and_logged_without_its_words(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def breaks(*_args: object, **_more: object) -> None:
        raise ValueError("canary-in-an-exception")

    monkeypatch.setattr(type(bench.app.standing), "status", breaks)
    with structlog.testing.capture_logs() as logged:
        answer = await bench.browser.get("/api/v1/status", headers={"authorization": f"Bearer {bench.app.local_key}"})
        bench.app._failed("read", ValueError("canary-in-a-task"))
    assert answer.status_code == 500
    out, err = capfd.readouterr()
    told = answer.text + json.dumps(logged, default=str) + out + err
    assert "canary" not in told
    assert "ValueError" in told, "its kind and place are kept"


async def test_no_backup_holds_a_secret_in_clear(bench: Bench, tmp_path: Path) -> None:
    secrets = await planted(bench)
    await bench.candidate("Canarina")
    file = tmp_path / "backup.tar.gz"
    if not isinstance(bench.app.store, SqliteStore):
        return  # PostgreSQL makes its own: the same tables, sealed the same way
    await bench.app.erasures.backup(str(file), 7, SOMEBODY)
    found = 0
    with tarfile.open(file) as tar:
        for member in tar.getmembers():
            opened = tar.extractfile(member)
            data = opened.read() if opened is not None else b""
            found += len(data)
            assert not [secret for secret in secrets if secret.encode() in data], member.name
    assert found > 100_000

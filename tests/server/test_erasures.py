"""Erasing somebody from their page: what it will do, a typed confirmation, who may, and the certificate."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bascule.server.roles import Role

from .conftest import Bench


async def finish(bench: Bench) -> None:
    """What the worker would do."""
    now = bench.app.runtime.now()

    for name, run in (("erase", bench.app.erasing.run), ("scrub", bench.app.erasing.scrub)):
        leases = await bench.app.store.write(
            lambda tx, n=name: tx.tasks.lease([n], 5, now=now, until=now + timedelta(minutes=1), worker="test")
        )
        for lease in leases:
            await run(lease)


async def test_a_person_is_erased_from_their_page_after_the_name_is_typed(bench: Bench) -> None:
    await bench.enter(Role.COMPLIANCE)
    id = await bench.candidate()
    page = (await bench.browser.get(f"/candidates/{id}")).text
    assert f'href="/candidates/{id}/erase"' in page
    name = page.split("<h1>")[1].split("</h1>")[0]
    asked = (await bench.browser.get(f"/candidates/{id}/erase")).text
    assert f"<strong>{name}</strong>" in asked
    assert "There is no way back" in asked
    await bench.post(f"/candidates/{id}/erase", word="somebody else")
    assert (await bench.browser.get(f"/candidates/{id}")).status_code == 200
    assert await bench.app.erasures.recent() == []
    answer = await bench.post(f"/candidates/{id}/erase", word=f"  {name.upper()} ")
    (begun,) = await bench.app.erasures.recent()
    assert answer.headers["location"] == f"/erasures/{begun.id}"
    assert "Being erased" in (await bench.browser.get(f"/erasures/{begun.id}")).text
    await finish(bench)
    shown = (await bench.browser.get(f"/erasures/{begun.id}")).text
    assert "Every place" in shown
    assert name not in shown
    assert begun.id in (await bench.browser.get("/erasures")).text
    assert (await bench.browser.get(f"/candidates/{id}")).status_code == 404
    file = await bench.browser.get(f"/erasures/{begun.id}/certificate.json")
    told = json.loads(file.text)
    assert "attachment" in file.headers["content-disposition"]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told["key"]))
    key.verify(bytes.fromhex(told["signature"]), told["canonical"].encode())


async def test_the_other_roles_see_no_button_and_cannot_post(bench: Bench) -> None:
    await bench.enter(Role.ADMINISTRATOR)
    id = await bench.candidate()
    for role in (Role.OWNER, Role.RECRUITER, Role.HIRING_MANAGER):
        await bench.enter(role)
        page = (await bench.browser.get(f"/candidates/{id}")).text
        assert f"/candidates/{id}/erase" not in page
        assert (await bench.browser.get(f"/candidates/{id}/erase")).status_code == 403
        name = page.split("<h1>")[1].split("</h1>")[0]
        await bench.post(f"/candidates/{id}/erase", word=name)
    assert await bench.app.erasures.recent() == []


async def test_a_rule_is_looked_at_before_it_is_set_and_only_an_administrator_sets_it(bench: Bench) -> None:
    await bench.enter(Role.COMPLIANCE)
    shown = (await bench.browser.get("/erasures/due?months=6&status=withdrawn&tags=Talent pool&field=")).text
    assert "0 people would be erased now" in shown
    assert "Set this rule" not in shown
    await bench.post("/erasures/rule", months="6", status="withdrawn", tags="", field="", on="yes", agree="0")
    assert not (await bench.app.retention.rule()).on
    assert (await bench.browser.get("/erasures/due?months=none&status=rejected")).status_code == 422
    await bench.enter(Role.ADMINISTRATOR)
    answer = await bench.post(
        "/erasures/rule", months="6", status="rejected", tags="Keep, Talent pool", field="", on="yes", agree="0"
    )
    assert answer.headers["location"] == "/erasures/due"
    rule = await bench.app.retention.rule()
    assert (rule.on, rule.months, rule.tags) == (True, 6, ("Keep", "Talent pool"))
    assert "all rejected for 6 months" in (await bench.browser.get("/erasures")).text


async def test_a_backup_is_written_only_where_its_whole_path_says(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    local = {"authorization": f"Bearer {bench.app.local_key}"}
    answer = await bench.browser.post("/api/v1/backup", json={"file": "word"}, headers=local)
    assert (answer.status_code, answer.json()["hint"]) == (422, "Say where on this machine, beginning with /.")
    assert not (tmp_path / "word").exists()

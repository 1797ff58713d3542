"""A partner's results on candidates' cards, its webhook, and what it is told of who has switched it on."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bascule.sandbox.teamtailor import partner, pipeline, sign_partner

from .conftest import Tt


async def test_a_result_is_made_read_changed_and_deleted(tt: Tt) -> None:
    id = int((await tt.candidate())["id"])
    made = await tt.partner_call("POST", "partner-results", {
        "status": "completed", "candidate-id": id, "job-id": 7_199, "summary": "Fits well", "url": "https://b.example/1",
        "assessment": {"score": 82, "grade": "top_fit", "duration": "0:32:14"}, "details": {"skills": {"Python": "5 years"}},
        "attachments": [{"url": "https://b.example/1.pdf", "description": "Report"}],
        "actions": [{"buttonText": "Explain", "endpoint": "explain/1"}], "assessment-criteria": [{"id": "python", "score": 96}],
    }, scheme="Bearer")  # fmt: skip
    shown = made.json()["data"]
    assert (made.status_code, shown["attributes"]["assessment"]) == (
        201,
        {"score": 82, "grade": "top_fit", "duration": 1934},
    )
    assert (shown["attributes"]["candidate-id"], len(shown["id"])) == (id, 36)
    assert shown["links"]["self"] == f"http://ats.test/partner/v1/partner-results/{shown['id']}"
    changed = await tt.partner_call("PUT", f"partner-results/{shown['id']}", {"assessment": {"score": 84}})
    assert changed.json()["data"]["attributes"]["assessment"] == {"score": 84, "grade": "top_fit", "duration": 1934}
    listed = (await tt.partner_call("GET", "partner-results")).json()
    assert (len(listed["data"]), listed["meta"]["record-count"]) == (1, 1)
    # The customer's interface shows it in its own way.
    own = await tt.get("partner-results", **{"filter[candidate]": id, "include": "candidate"})
    assert own["data"][0]["attributes"]["assessment-score"] == 84
    assert own["data"][0]["attributes"]["partner-name"] == "Bascule"
    assert own["data"][0]["relationships"]["candidate"]["data"]["id"] == str(id)
    assert (await tt.partner_call("DELETE", f"partner-results/{shown['id']}")).status_code == 204
    assert (await tt.partner_call("GET", f"partner-results/{shown['id']}")).status_code == 404


@pytest.mark.parametrize(("attributes", "field"), [
    ({"status": None}, "status"), ({"status": "done"}, "status"), ({"candidate-id": 1}, "candidate-id"),
    ({"assessment": {"score": 101}}, "assessment"), ({"assessment": {"grade": "great"}}, "assessment"),
    ({"assessment": {"duration": "32 minutes"}}, "assessment"), ({"details": {"a": {"b": {"c": 1}}}}, "details"),
    ({"url": "ftp://b.example"}, "url"), ({"attachments": [{"url": "https://b.example"}]}, "attachments"),
    ({"attachments": [{"url": "x", "description": "y", "name": "z"}]}, "attachments"),
    ({"assessment-criteria": [{"id": "x", "score": -1}]}, "assessment-criteria"), ({"job-id": 3}, "job-id"),
    ({"actions": [{"buttonText": "x"}]}, "actions"),
])  # fmt: skip
async def test_a_result_that_cannot_be(tt: Tt, attributes: dict[str, object], field: str) -> None:
    id = int((await tt.candidate())["id"])
    answer = await tt.partner_call("POST", "partner-results", {"status": "completed", "candidate-id": id, **attributes})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["source"]["pointer"] == f"/data/attributes/{field}"
    assert not list(tt.sandbox.db["partner_results"])


async def test_whose_result_it_is_cannot_be_changed(tt: Tt) -> None:
    id = int((await tt.candidate())["id"])
    made = (await tt.partner_call("POST", "partner-results", {"status": "sent", "candidate-id": id})).json()["data"][
        "id"
    ]
    assert (await tt.partner_call("PUT", f"partner-results/{made}", {"candidate-id": id})).status_code == 400
    assert (await tt.partner_call("PATCH", f"partner-results/{made}", {"status": "sent"})).status_code == 404
    other = partner.install(tt.sandbox, "Another")
    row = partner.result(tt.sandbox, tt.person, other["id"], {"status": "sent", "candidate_id": id})
    assert (await tt.partner_call("GET", f"partner-results/{row['id']}")).status_code == 404, "it is not one's own"
    assert len((await tt.partner_call("GET", "partner-results")).json()["data"]) == 1


async def test_a_trigger_sends_the_partner_a_signed_event_once(tt: Tt) -> None:
    row, stage = tt.partner(), tt.stage("Phone Screen")
    await tt.partner_call("PUT", f"partners/{row['id']}", {"base-url": "https://bridge.example/teamtailor"})
    pipeline.add_trigger(tt.sandbox, tt.person, stage, "Webhook", {"partner_id": row["id"], "fields": {"test_id": "1"}})
    made = await tt.application()
    await tt.write("PATCH", f"job-applications/{made['id']}", "job-applications", stage=("stages", stage))
    await tt.sandbox.hooks.deliver_due()
    ((url, headers, body),) = tt.receiver.got
    event = json.loads(body)["partner-event"]
    assert url == "https://bridge.example/teamtailor/webhook"
    assert event["webhook-data"] == {"test-id": "1"}
    assert event["candidate"]["id"] == int(made["candidate"])
    assert (event["candidate"]["job"]["stage-id"], event["candidate"]["job"]["stage"]) == (stage, "Phone Screen")
    assert event["candidate"]["job"]["status"] == {"rejected": False}
    at, signed, _ = (part.partition("=")[2] for part in headers["Teamtailor-Signature"].split(","))
    assert signed == hmac.new(row["secret"].encode(), f"{at}.{event['id']}".encode(), hashlib.sha256).hexdigest()
    assert headers["Teamtailor-Signature"] == sign_partner(row["secret"], event["id"], int(at))
    assert headers["Teamtailor-Host"] == "api.teamtailor.com"
    update = event["partner-result"]["update-url"]
    assert update == f"http://ats.test/partner/v1/partner-results/{event['partner-result']['id']}"
    done = await tt.call("PUT", update, headers={"Authorization": f"Bearer {tt.partner_key()}"}, json={
        "data": {"type": "partner-results", "attributes": {"status": "completed", "assessment": {"score": 71}}}})  # fmt: skip
    assert done.json()["data"]["attributes"]["job-id"] == 7_199


async def test_what_the_partner_does_not_take_is_a_failed_card(tt: Tt) -> None:
    row, stage = tt.partner(), tt.stage("Phone Screen")
    partner.configure(tt.sandbox, tt.person, row["id"], {"base_url": "https://bridge.example"})
    pipeline.add_trigger(tt.sandbox, tt.person, stage, "Webhook", {"partner_id": row["id"]})
    tt.receiver.status = 500
    made = await tt.application()
    pipeline.update(tt.sandbox, tt.person, int(made["id"]), {"stage_id": stage})
    assert next(iter(tt.sandbox.db["partner_results"]))["status"] == "sending"
    await tt.sandbox.hooks.deliver_due()
    assert next(iter(tt.sandbox.db["partner_results"]))["status"] == "failed"
    assert tt.sandbox.hooks.waiting == 0


async def test_the_provider_key_opens_with_the_secret(tt: Tt) -> None:
    shown = (await tt.partner_call("GET", "partner-activations")).json()["data"][0]["attributes"]
    assert (shown["company-name"], shown["company-uuid"]) == ("Tenant AB", tt.sandbox.company["uuid"])
    header, encrypted_key, nonce, sealed, tag = shown["provider-key"].split(".")

    def raw(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    assert (json.loads(raw(header)), encrypted_key) == ({"alg": "dir", "enc": "A256GCM"}, "")
    key = bytes.fromhex(hashlib.sha256(tt.partner()["secret"].encode()).hexdigest()[:32])
    assert "default_key" in json.loads(AESGCM(key).decrypt(raw(nonce), raw(sealed) + raw(tag), header.encode()))


async def test_a_partner_sees_itself_and_nobody_else(tt: Tt) -> None:
    row, other = tt.partner(), partner.install(tt.sandbox, "Another")
    assert (await tt.partner_call("GET", f"partners/{row['id']}")).json()["data"]["attributes"]["name"] == "Bascule"
    assert (await tt.partner_call("GET", f"partners/{other['id']}")).status_code == 404
    assert (await tt.partner_call("GET", "partners")).status_code == 404
    assert (await tt.partner_call("PUT", f"partners/{row['id']}", {"name": "x"})).status_code == 400
    assert (await tt.partner_call("PUT", f"partners/{row['id']}", {"base-url": "bridge"})).status_code == 422
    assert (await tt.partner_call("GET", "candidates")).status_code == 404

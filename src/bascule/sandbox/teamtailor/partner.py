"""A partner's integration: its results on a candidate's card, and the webhook that a stage's trigger sends it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..kit.ids import Id
from ..kit.tables import SYSTEM, Actor, Row
from . import fields, files
from .errors import Invalid
from .hooks import TRIGGERED
from .sandbox import Sandbox

STATUSES = ("sending", "sent", "pending", "completed", "failed")
GRADES = ("top_fit", "might_be_fit", "might_not_be_fit", "unknown", None)
WRITABLE = ("status", "summary", "job_id", "url", "assessment", "details", "attachments", "actions",
            "assessment_criteria")  # fmt: skip
EMPTY: Mapping[str, Any] = {**dict.fromkeys(WRITABLE), "details": {},
                            "assessment": {"score": None, "grade": None, "duration": None}}  # fmt: skip


def provider_key(secret: str, content: Mapping[str, Any], nonce: bytes) -> str:
    """What a user typed when the integration was switched on, as a JWE that the partner's secret opens."""

    def text(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    header = text(json.dumps({"alg": "dir", "enc": "A256GCM"}, separators=(",", ":")).encode())
    # The vendor's own way to a key: 32 hexadecimal digits are 16 bytes, whatever the header calls it.
    key = bytes.fromhex(hashlib.sha256(secret.encode()).hexdigest()[:32])
    sealed = AESGCM(key).encrypt(nonce, json.dumps(content).encode(), header.encode())
    return ".".join([header, "", text(nonce), text(sealed[:-16]), text(sealed[-16:])])


def install(sandbox: Sandbox, name: str, base_url: str = "") -> Row:
    """A partner that this company has switched on, with its own key."""
    secret = sandbox.new_secret()
    row = sandbox.db.create("partners", SYSTEM, name=name, base_url=base_url, webhook_config=None,
                            webhook_activation_config=None, dynamic_activation_config=False, secret=secret)  # fmt: skip
    sandbox.partner_key(row)
    key = provider_key(secret, {"default_key": sandbox.new_secret()}, hashlib.sha256(secret.encode()).digest()[:12])
    sandbox.db.create("partner_activations", SYSTEM, partner_id=row["id"], provider_key=key)
    sandbox.db.create("webhooks", SYSTEM, kind="partner", name=name, url=_address(base_url), events=[TRIGGERED],
                      enabled=bool(base_url), secret=secret, signature_version="v1", provider_key=key,
                      host="api.teamtailor.com", api_token=None, partner_id=row["id"])  # fmt: skip
    return row


def _address(base_url: str) -> str:
    return f"{base_url.rstrip('/')}/webhook"


def configure(sandbox: Sandbox, actor: Actor, id: Id, values: Mapping[str, Any]) -> None:
    """The partner changes where it is called and what it asks when it is set up."""
    sandbox.db.change("partners", id, actor, values)
    if "base_url" in values:
        for hook in sandbox.db["webhooks"]:
            if hook.get("partner_id") == id:
                base = values["base_url"] or ""
                sandbox.db.change("webhooks", hook["id"], actor, {"url": _address(base), "enabled": bool(base)})


# Results.


def _seconds(value: object) -> int | None:
    """Seconds, given as such or as HH:MM:SS."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value >= 0 else None
    found = re.fullmatch(r"(\d+):(\d{1,2}):(\d{1,2})", value) if isinstance(value, str) else None
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]) if found else None


def _in_range(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100)


def _depth(value: object) -> int:
    return 1 + max(map(_depth, value.values()), default=0) if isinstance(value, dict) else 0


def _checked(sandbox: Sandbox, values: Mapping[str, Any], own: Row | None) -> dict[str, Any]:
    kept, problems = dict(values), list[tuple[str, str]]()

    def refuse(field: str, what: str = "is invalid") -> None:
        problems.append((field, what))

    if own is None or "status" in kept:
        status = kept.get("status")
        if status not in STATUSES:
            refuse("status", "can't be blank" if status is None else "is not included in the list")
    if own is None and sandbox.db["candidates"].get(kept.get("candidate_id")) is None:
        refuse("candidate-id", "must exist")
    if kept.get("job_id") is not None and sandbox.db["jobs"].get(kept["job_id"]) is None:
        refuse("job-id", "must exist")
    if kept.get("url") is not None and not files.fetchable(kept["url"]):
        refuse("url")
    if "assessment" in kept:
        given = kept["assessment"] if isinstance(kept["assessment"], dict) else {}
        before = own["assessment"] if own else EMPTY["assessment"]
        kept["assessment"] = {**before, **{key: given[key] for key in ("score", "grade", "duration") if key in given}}
        if not _in_range(kept["assessment"]["score"]):
            refuse("assessment", "score must be between 0 and 100")
        if kept["assessment"]["grade"] not in GRADES:
            refuse("assessment", "grade is not included in the list")
        if "duration" in given and given["duration"] is not None:
            kept["assessment"]["duration"] = _seconds(given["duration"])
            if kept["assessment"]["duration"] is None:
                refuse("assessment", "duration is invalid")
    if "details" in kept and (not isinstance(kept["details"], dict) or _depth(kept["details"]) > 2):
        refuse("details", "must be an object of at most 2 levels")
    shapes = (("attachments", {"url", "description"}, False), ("actions", {"buttonText", "endpoint"}, False),
              ("assessment_criteria", {"id"}, True))  # fmt: skip
    for name, keys, more in shapes:
        items = kept.get(name)
        if items is None:
            continue
        if not isinstance(items, list) or any(not _shaped(one, keys, more) for one in items):
            refuse(name.replace("_", "-"))
    if problems:
        raise Invalid(*problems)
    return kept


def _shaped(item: object, keys: set[str], score: bool) -> bool:
    if not isinstance(item, dict):
        return False
    rest = set(item) - keys
    return keys <= set(item) and rest <= ({"score"} if score else set()) and _in_range(item.get("score"))


def result(sandbox: Sandbox, actor: Actor, partner_id: Id, values: Mapping[str, Any]) -> Row:
    kept = _checked(sandbox, values, None)
    return sandbox.db.create("partner_results", actor, **{**EMPTY, "partner_id": partner_id, **kept})


def change_result(sandbox: Sandbox, actor: Actor, id: Id, values: Mapping[str, Any]) -> None:
    sandbox.db.change("partner_results", id, actor, _checked(sandbox, values, sandbox.row("partner_results", id)))


# Triggers.


def trigger(sandbox: Sandbox, actor: Actor, application: Row, row: Row, data: Mapping[str, Any]) -> None:
    """Put a card on the candidate and tell the partner, once."""
    partner = sandbox.db["partners"].get(data["partner_id"])
    if partner is None or not partner["base_url"]:
        return
    card = result(sandbox, actor, partner["id"], {"status": "sending", "candidate_id": application["candidate_id"],
                                                  "job_id": application["job_id"]})  # fmt: skip
    sandbox.hooks.emit(TRIGGERED, lambda: _event(sandbox, application, row, card, data, actor),
                       about=f"partner_result/{card['id']}")  # fmt: skip


def _event(
    sandbox: Sandbox, application: Row, row: Row, card: Row, data: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    db, base = sandbox.db, sandbox.base
    person, job = db["candidates"].rows[application["candidate_id"]], db["jobs"].rows[application["job_id"]]
    stage, recruiter = db["stages"].rows[row["stage_id"]], db["users"].rows[job["user_id"]]
    by = db["users"].get(actor.user_id) or recruiter
    uploads = [one for one in db["attachments"].where("candidate_id", person["id"]) if one["kind"] == "upload"]
    resume = db["attachments"].get(person["resume_id"])
    department, role = db["departments"].get(person["department_id"]), db["roles"].get(person["role_id"])

    def file(one: Row) -> dict[str, str]:
        return {"file-name": one["file_name"], "url": sandbox.vault.link(base, one, "original", files.UPLOAD_LIFE)}

    return {
        "partner-event": {
            "id": sandbox.next_event(),
            "webhook-data": {key.replace("_", "-"): value for key, value in data.get("fields", {}).items()},
            "partner-result": {"id": card["id"], "status": card["status"],
                               "update-url": f"{base}/partner/v1/partner-results/{card['id']}"},
            "candidate": {
                "id": person["id"], "uuid": str(UUID(int=person["id"] << 64, version=4)),
                "first-name": person["first_name"], "last-name": person["last_name"], "email": person["email"],
                "phone": person["phone"], "picture-url": person["picture"], "tags": person["tags"],
                "department": department and department["name"], "role": role and role["name"],
                "referrals": [], "job": {
                    "id": job["id"], "title": job["title"], "stage-id": stage["id"], "stage": stage["name"],
                    "tags": job["tags"], "trigger-id": row["id"], "custom-fields": [],
                    "status": {"rejected": application["rejected_at"] is not None},
                    "triggered-by": {"id": by["id"], "email": by["email"], "name": by["name"]},
                },
                "recruiter": {"name": recruiter["name"], "email": recruiter["email"], "phone": recruiter["phone"]},
                "locations": [], "questions": [], "custom-fields": fields.of(sandbox, person["id"]),
                "uploads": [file(one) for one in uploads], "resume": file(resume) if resume else None,
            },
        },
        "company": {"uuid": sandbox.company["uuid"], "name": sandbox.company["name"],
                    "url": sandbox.company["website"], "logotype": None},
    }  # fmt: skip


def valid_address(url: object) -> bool:
    return isinstance(url, str) and (url == "" or urlsplit(url).scheme in ("http", "https"))

"""What is Teamtailor's own: each thing that its papers warn of, or say nothing about."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bascule.connectors.spec import Request, Response, Tenant, scopes
from bascule.connectors.teamtailor import CONNECTOR, errors
from bascule.connectors.teamtailor.objects import after, unfold
from bascule.contract.promises import RECRUITER, Rig, every_list, rig, understood, written
from bascule.engine.observe import parse
from bascule.engine.verify import covers, verified
from bascule.errors import GuardRefusedError, RejectedError
from bascule.model import Direction, Kind, Presence, Record
from bascule.sandbox.teamtailor import fields as custom_fields
from bascule.sandbox.teamtailor import people, pipeline, sign_v1, sign_v2

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECRET = "a-key-of-a-webhook"
GET = Request("GET", "/candidates/54321")


def body(event: str, id: str, **more: Any) -> bytes:
    return json.dumps({"payload": {"event_name": event, "data": {"id": id, "type": "x"}}, **more}).encode()


# --------------------------------------------------------------------------------------------------------- documents


def test_a_relation_that_was_not_included_is_unseen_and_an_empty_one_is_seen_empty() -> None:
    links = {"links": {"related": "https://api.teamtailor.com/v1/job-applications/771/job"}}
    data = {"id": 771, "type": "job-applications", "attributes": {"rejected-at": None},
            "relationships": {"job": links, "reject-reason": {**links, "data": None}}}  # fmt: skip
    (item,) = unfold({"data": data})
    assert item == {"id": "771", "type": "job-applications", "rejected-at": None, "reject-reason": None}
    reads = next(one for one in CONNECTOR.reads if one.title == "job-applications")
    (part,) = parse(reads, [item], Tenant())
    assert "job" not in part.seen
    assert "status" not in part.seen, "without the stage nobody knows whether they are hired"
    assert part.seen["reject-reason"] is None


@pytest.mark.parametrize("told", ["2026-11-20T10:00:00.150+01:00", "2026-11-20T04:00:00.150-05:00"])
def test_times_are_asked_for_without_an_offset(told: str) -> None:
    assert after(told) == "2026-11-20T09:00:00.149Z"


# ----------------------------------------------------------------------------------------------------------- the lists


async def test_nobody_is_passed_over_when_somebody_before_is_deleted_between_two_pages() -> None:
    made = await rig("teamtailor", candidates=30)
    reads = replace(next(one for one in made.lists() if one.title == "candidates"), page_size=("page[size]", 6))
    shown: list[str] = []
    pages = 0
    async for items in made.client.list(reads):
        pages += 1
        shown += [item["id"] for item in items]
        if pages == 2:
            for id in shown[:3]:
                people.delete(made.account.sandbox, made.account.dana, int(id))
    assert made.account.everybody() <= set(shown)
    assert pages > 3


async def test_many_of_the_same_moment_do_not_lead_in_a_circle() -> None:
    made = await rig("teamtailor", candidates=0)
    for _ in range(20):
        made.account.apply()
    reads = replace(next(one for one in made.lists() if one.title == "candidates"), page_size=("page[size]", 4))
    shown = {item["id"] for items in [page async for page in made.client.list(reads)] for item in items}
    assert shown == made.account.everybody()


async def test_jobs_that_are_not_advertised_are_read_too() -> None:
    made = await rig("teamtailor")
    job = next(iter(made.account.db["jobs"].ids))
    pipeline.change_job(made.account.sandbox, made.account.dana, job, {"status": "archived", "internal": True})
    reads = next(one for one in made.lists() if one.title == "jobs")
    found = {part.external: part async for part in made.polled(reads)}
    assert found.keys() == {str(id) for id in made.account.db["jobs"].ids}
    assert found[str(job)].seen["human-status"] == "closed"


async def test_a_tag_is_seen_though_nothing_tells_of_it() -> None:
    made = await rig("teamtailor", variant="documented")
    candidate, _ = made.account.applicant()
    made.setting.clock.move(hours=1)
    people.update(made.account.sandbox, made.account.dana, int(candidate), {"tags": ["Late find"]})
    tags = next(one for one in made.lists() if one.title == "tags")
    assert [p async for p in made.polled(tags) if p.seen["tags"] == ("Late find",) and p.external == candidate]
    people_ = next(one for one in made.lists() if one.title == "candidates")
    assert not [p async for p in made.polled(people_, made.setting.clock() - timedelta(minutes=1))]


async def test_notes_are_polled_back_to_what_was_seen_only() -> None:
    made = await rig("teamtailor", candidates=2)
    candidate, _ = made.account.applicant()
    for number in range(70):
        people.note(made.account.sandbox, made.account.dana, int(candidate), made.account.dana.user_id, f"n {number}")
    made.setting.clock.move(hours=1)
    people.note(made.account.sandbox, made.account.dana, int(candidate), made.account.dana.user_id, "the newest")
    notes, made.seen[:] = next(one for one in made.lists() if one.title == "notes"), []
    since = made.setting.clock() - timedelta(minutes=1)
    found = [item async for items in made.client.list(notes, since=since) for item in items]
    assert found[0]["note"] == "the newest"
    assert len(made.seen) == 1, "one page was enough"


async def test_a_cv_is_had_at_an_address_that_is_asked_for_anew_and_goes_without_the_key() -> None:
    made = await rig("teamtailor")
    candidate, _ = made.account.applicant()
    cv = await made.shown(Kind.CANDIDATE, candidate, Kind.ATTACHMENT, f"resume-{candidate}")
    assert cv["type"] == "resume"
    made.setting.clock.move(minutes=10)
    assert made.connector.files is not None
    found = await made.client.download(str(cv["url"]), made.connector.files)
    assert found.data.startswith(b"%PDF")
    made.account.db.change("candidates", int(candidate), made.account.dana, {"resume_id": None})
    later = (await made.read(Kind.CANDIDATE, candidate)).parts
    assert not [part for part in later if part.external == f"resume-{candidate}"]


# ------------------------------------------------------------------------------------------------------ what is written


async def test_a_value_is_made_once_and_changed_in_place_and_nothing_of_the_customers_is_touched() -> None:
    made = await rig("teamtailor")
    candidate, application = made.account.applicant()
    db = made.account.db
    field = next(row for row in db["custom_fields"] if row["name"] == "Notice period")
    people.enter_value(made.account.sandbox, made.account.dana, int(candidate), field["id"], "3 months")
    await written(made, candidate, application)
    before = {row["id"] for row in db["custom_field_values"].where("candidate_id", int(candidate))}
    score = made.field_of(Kind.CANDIDATE, "match_score")
    await made.send("values", candidate, {score.name: 91})
    after_ = {row["id"]: row["value"] for row in db["custom_field_values"].where("candidate_id", int(candidate))}
    assert after_.keys() == before
    assert 91 in after_.values()
    assert "3 months" in after_.values()


async def test_a_value_that_cannot_be_emptied_is_refused_and_the_others_are_written() -> None:
    made = await rig("teamtailor")
    candidate, application = made.account.applicant()
    await written(made, candidate, application)
    names = {one.canonical[0]: one.name for one in made.maps(Kind.CANDIDATE).values() if one.created}
    with pytest.raises(RejectedError, match="cannot empty"):
        await made.send("values", candidate, {"custom.bascule-match-score": None, names["ai_status"]: "Job: waiting"})
    shown = await made.shown(Kind.CANDIDATE, candidate, Kind.CANDIDATE, candidate)
    assert shown[names["ai_status"]] == "Job: waiting"


async def test_a_field_that_was_renamed_is_missing_and_no_other_is_written_instead() -> None:
    made = await rig("teamtailor")
    row = next(one for one in made.account.db["custom_fields"] if one["name"] == "Bascule match score")
    custom_fields.rename(made.account.sandbox, made.account.dana, row["id"], "Fit")
    made.client = made.client.knowing(await made.client.run(made.connector.discover()))
    missing = {one.name for one in made.connector.setup(made.tenant, ("match_score",))}
    assert missing == {"Bascule match score"}


async def test_tags_are_changed_element_by_element_in_a_list_that_is_written_whole() -> None:
    made = await rig("teamtailor")
    candidate, _ = made.account.applicant()
    people.update(made.account.sandbox, made.account.dana, int(candidate), {"tags": ["Keep me", "Old"]})
    shown = await made.send("tags", candidate, added={"tags": ("New", "keep me")}, removed={"tags": ("old",)})
    assert made.account.db["candidates"].rows[int(candidate)]["tags"] == ["Keep me", "New"]
    assert shown["tags"] == ("Keep me", "New")


async def test_a_second_address_is_refused_and_one_takes_the_place_of_another() -> None:
    made = await rig("teamtailor")
    candidate, _ = made.account.applicant()
    row = made.account.db["candidates"].rows[int(candidate)]
    old = row["email"]
    fields: Mapping[str, Any] = {"email": ("new@person.example",)}
    with pytest.raises(RejectedError, match="keeps one"):
        await made.send("candidate", candidate, fields, added={"email": ("new@person.example",)})
    assert row["email"] == old
    more: Mapping[str, Any] = {"added": {"email": ("new@person.example",)}, "removed": {"email": (old,)}}
    await made.send("candidate", candidate, fields, **more)
    assert row["email"] == "new@person.example"


async def test_a_stage_of_another_job_is_refused_and_a_move_by_a_person_is_not_overwritten() -> None:
    made = await rig("teamtailor")
    _, application = made.account.applicant()
    row = made.account.db["applications"].rows[int(application)]
    other = next(one for one in made.account.db["stages"] if one["job_id"] != row["job_id"])
    here = str(row["stage_id"])
    with pytest.raises(RejectedError):
        await made.send("move", application, {"stage": str(other["id"])}, actor=RECRUITER, current={"stage": here})
    target = made.account.next_stage(application)
    made.account.moved(application, target)
    with pytest.raises(GuardRefusedError):
        await made.send("move", application, {"stage": here + "0"}, actor=RECRUITER, current={"stage": here})


async def test_who_is_rejected_stays_in_their_stage_and_may_be_taken_back() -> None:
    made = await rig("teamtailor")
    candidate, application = made.account.applicant()
    before = await made.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    await made.send("decide", application, {"status": "withdrawn"}, actor=RECRUITER)
    after_ = await made.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    assert (after_["status"], after_["stage"]) == ("withdrawn", before["stage"])
    await made.send("decide", application, {"status": "active"}, actor=RECRUITER)
    again = await made.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    assert (again["status"], again["reject-reason"]) == ("active", None)


async def test_a_note_is_by_the_user_who_acts_else_by_the_one_who_was_entered() -> None:
    made = await rig("teamtailor")
    candidate, _ = made.account.applicant()
    record = Record("n", "w", Kind.NOTE, "f", None, {}, {}, "ours", made.setting.clock())
    more: Mapping[str, Any] = {"parents": {Kind.CANDIDATE: candidate}, "record": record}
    await made.send("note", "", {"note": "ours"}, **more)
    await made.send("note", "", {"note": "hers"}, acts_as=made.account.user(), **more)
    authors = [str(row["user_id"]) for row in list(made.account.db["notes"])[-2:]]
    assert authors == [made.account.settings()["note_user"], made.account.user()]


# ------------------------------------------------------------------------------------------------------------- webhooks


def test_v1_signs_the_id_alone_so_it_says_look_again_and_never_that_somebody_is_gone() -> None:
    assert CONNECTOR.webhook is not None
    update, destroy = body("candidate.update", "54321"), body("candidate.destroy", "54321")
    header = {"tt-signature": sign_v1(SECRET, "54321")}
    for sent in (update, destroy):
        assert verified(CONNECTOR.webhook.verify, header, sent, SECRET, now=NOW)
        assert not covers(CONNECTOR.webhook.verify, header, sent)
    other = body("candidate.update", "54322")
    assert not verified(CONNECTOR.webhook.verify, header, other, SECRET, now=NOW)
    inside = body("candidate.update", "54321", signature=sign_v1(SECRET, "54321"))
    assert verified(CONNECTOR.webhook.verify, {}, inside, SECRET, now=NOW)


def test_v2_signs_the_body_and_its_second_with_any_of_the_keys_entered() -> None:
    assert CONNECTOR.webhook is not None
    way, sent, at = CONNECTOR.webhook.verify, body("candidate.destroy", "54321"), int(NOW.timestamp())
    mine = {"tt-signature": sign_v2(SECRET, sent, at)}
    keys = f"another\n{SECRET}"
    assert not verified(way, mine, sent, "other", now=NOW)
    assert verified(way, mine, sent, keys, now=NOW)
    assert covers(way, mine, sent)
    assert not verified(way, mine, sent, keys, now=NOW + timedelta(days=2)), "too old"
    embedded = sent[:-1] + b', "signature": "' + mine["tt-signature"].encode() + b'"}'
    assert verified(way, mine, embedded, keys, now=NOW), "in the body too, over the body without it"


@pytest.mark.parametrize("given", ["", "%%%", "dGV4dA==", base64.b64encode(b"t=1,v2=zz").decode(), "é"])
def test_a_signature_of_another_form_is_refused(given: str) -> None:
    assert CONNECTOR.webhook is not None
    assert not verified(CONNECTOR.webhook.verify, {"tt-signature": given}, body("job.update", "2"), SECRET, now=NOW)


def test_the_hmac_is_of_the_id_in_hex_in_base64() -> None:
    mark = hmac.new(SECRET.encode(), b"771", hashlib.sha256).hexdigest()
    assert sign_v1(SECRET, "771") == base64.b64encode(mark.encode()).decode()


# ------------------------------------------------------------------------------------------------------------- deletion


async def gone(made: Rig, got: Iterable[Any] = ()) -> set[tuple[Kind, str]]:
    parts = [part for hint in understood(made, list(got)) for part in hint.parts]
    parts += [part async for part in every_list(made)]
    return {(part.kind, part.external) for part in parts if part.presence is Presence.DELETED}


async def test_who_was_deleted_is_told_by_the_audit_log_where_the_webhook_was_lost() -> None:
    made = await rig("teamtailor")
    await made.set_up()
    one, two = sorted(made.account.everybody())[:2]
    people.delete_many(made.account.sandbox, made.account.dana, [int(one), int(two)])
    assert {(Kind.CANDIDATE, one), (Kind.CANDIDATE, two)} <= await gone(made)


async def test_without_the_audit_log_it_is_not_asked_for() -> None:
    made = await rig("teamtailor", variant="documented")
    assert not [one for one in made.lists() if one.title == "audit-events"]


async def test_an_application_deleted_alone_is_told_by_its_webhook_and_missed_by_its_list() -> None:
    got: list[Any] = []

    async def deliver(_url: str, headers: Mapping[str, str], sent: bytes) -> int:
        got.append(({key.lower(): value for key, value in headers.items()}, sent))
        return 200

    made = await rig("teamtailor", deliver=deliver)
    await made.account.hook()
    candidate, application = made.account.applicant()
    pipeline.delete(made.account.sandbox, made.account.dana, int(application))
    await made.account.deliver()
    assert await gone(made, got) == {(Kind.APPLICATION, application)}
    read = await made.read(Kind.CANDIDATE, candidate)
    assert any(one.kind is Kind.APPLICATION for one in read.complete)
    assert not [part for part in read.parts if part.external == application and part.kind is Kind.APPLICATION]


# ------------------------------------------------------------------------------------------------------------- refusals


def test_a_full_window_is_told_in_seconds_by_a_header_of_its_own_and_one_error_is_no_list() -> None:
    full = errors(GET, Response(429, {"x-rate-limit-reset": "7"}, {"errors": {"detail": "Rate limit exceeded"}}))
    assert full is not None
    assert (getattr(full, "retry_after", None), full.words) == (timedelta(seconds=7), "Rate limit exceeded")


def test_refusals_that_are_no_json_and_a_version_that_is_no_more_say_what_to_do() -> None:
    assert "API key" in str(getattr(errors(GET, Response(401, {}, None, b"HTTP Token: Access denied.\n")), "hint", ""))
    assert "Admin" in str(getattr(errors(GET, Response(403, {}, None, b"")), "hint", ""))
    assert "update Bascule" in str(getattr(errors(GET, Response(406, {}, {"errors": []})), "hint", ""))


def test_a_key_that_only_reads_is_enough_to_listen() -> None:
    fields = [replace(one, direction=Direction.IN) for one in CONNECTOR.fields(Tenant(), "c")]
    assert scopes(CONNECTOR, fields) == {"admin", "read"}


async def test_nothing_that_the_sandbox_shows_is_forgotten() -> None:
    """The sandbox is written from the vendor's papers by somebody else."""
    made = await rig("teamtailor")
    described = {(one.object, one.name) for one in CONNECTOR.schema(Tenant())}
    missing: set[tuple[str, str]] = set()
    for reads in made.lists():
        of = CONNECTOR.shapes.get(reads.path, (reads.path.strip("/").removesuffix("s"), {}))[0]
        async for items in made.client.list(reads):
            missing |= {(of, key) for item in items for key in item if key != "following"} - described
    assert not missing

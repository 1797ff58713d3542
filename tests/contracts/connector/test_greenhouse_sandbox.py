"""The Greenhouse connector against a sandbox that was written from the vendor's pages by somebody else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bascule.connectors import registry
from bascule.connectors.spec import Hint, Rendered
from bascule.core.digest import same
from bascule.engine.verify import verified
from bascule.errors import (
    AbsentError,
    DisconnectedError,
    GuardRefusedError,
    PermissionMissingError,
    RejectedError,
    ThrottledError,
    UnansweredError,
    UnavailableError,
)
from bascule.model import EMPTY, Family, Kind, Presence, Record, Refs
from bascule.sandbox.greenhouse import EVENTS, Rate, people, pipeline
from bascule.sandbox.kit.tables import plain

from .recorded import hooks
from .rig import HOST, OUTPUTS, PERSON, RECRUITER, Rig, build

TIERS = ("enterprise", "standard")


@pytest.fixture
async def rig() -> Rig:
    made = build()
    await made.set_up()
    return made


def contacts(rig: Rig) -> Any:
    """All contact data in the sandbox, as it stands."""
    keys = ("first_name", "last_name", "preferred_name", "email_addresses", "phone_numbers", "company", "title",
            "addresses", "website_addresses", "social_media_addresses")  # fmt: skip
    return {row["id"]: {key: plain(row[key]) for key in keys} for row in rig.sandbox.db["candidates"]}


# -------------------------------------------------------------------------------------------------------- reading


async def test_every_list_can_be_asked_with_the_scopes_the_connector_names(rig: Rig) -> None:
    for reads in rig.connector.reads:
        if not reads.group:
            async for part in rig.all(reads):
                assert part.kind is reads.kind


async def test_paging_returns_everything_once_while_data_changes() -> None:
    rig = build(candidates=60)
    reads = replace(rig.list("candidates"), page_size=("per_page", 7))
    before = {str(id) for id in rig.sandbox.db["candidates"].ids}
    found: Counter[str] = Counter()
    async for items in rig.client.list(reads):
        found.update(str(item["id"]) for item in items)
        people.create(rig.sandbox, PERSON, {"first_name": "Late", "last_name": "Comer"})
        first = next(iter(rig.sandbox.db["candidates"].ids))
        people.update(rig.sandbox, PERSON, first, {"company": f"Moved {len(found)}"})
    assert set(found.values()) == {1}
    assert before <= set(found)


async def test_a_backfill_goes_on_where_a_page_ended(rig: Rig) -> None:
    reads = replace(rig.list("candidates"), page_size=("per_page", 5))
    found: list[str] = []
    at = ""
    while True:
        page = await rig.client.page(reads, at=at)  # `at` is all that a restart would have kept
        found += [str(item["id"]) for item in page.items]
        at = page.next
        if not at:
            break
    assert sorted(found) == sorted(str(id) for id in rig.sandbox.db["candidates"].ids)


async def test_a_watermark_brings_only_what_changed_since(rig: Rig) -> None:
    candidate, _ = rig.applicant()
    rig.clock.move(hours=1)
    since = rig.clock()
    people.update(rig.sandbox, PERSON, int(candidate), {"company": "New Ltd"})
    found = [item["id"] async for items in rig.client.list(rig.list("candidates"), since=since) for item in items]
    assert found == [int(candidate)]


async def test_a_family_is_read_whole(rig: Rig) -> None:
    candidate, application = rig.applicant()
    people.note(rig.sandbox, PERSON, {"candidate_id": int(candidate), "body": "Spoke to her", "visibility": "public"})
    read = (await rig.read(Kind.CANDIDATE, candidate))[candidate]
    kinds = Counter(part.kind for part in read.parts)
    assert kinds[Kind.CANDIDATE] == 1
    assert {Kind.APPLICATION, Kind.NOTE} <= set(kinds)
    row = rig.sandbox.db["applications"].rows[int(application)]
    shown = await rig.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    assert shown["stage"] == str(row["job_interview_stage_id"])
    assert shown["stage"] != str(row["stage_id"]), "the instance's id says nothing to anybody else"
    assert shown["status"] == "in_process"
    assert shown["reason"] is None
    assert {(c.kind, c.parent) for c in read.complete} >= {(Kind.NOTE, candidate), (Kind.APPLICATION, candidate)}


async def test_a_job_is_read_with_its_team_text_and_stages(rig: Rig) -> None:
    job = next(iter(rig.sandbox.db["jobs"].ids))
    read = (await rig.read(Kind.JOB, str(job)))[str(job)]
    shown: dict[str, Any] = {}
    for part in read.parts:
        if part.kind is Kind.JOB:
            shown |= part.seen
    assert shown["name"] == rig.sandbox.db["jobs"].rows[job]["name"]
    assert shown["content"]
    assert isinstance(shown["recruiters"], tuple)
    assert not str(shown["department_id"]).startswith("department "), "departments are shown by name"
    stages = [part for part in read.parts if part.kind is Kind.STAGE]
    assert {part.parent for part in stages} == {str(job)}
    assert len(stages) == len(rig.sandbox.db["job_interview_stages"].where("job_id", job))


async def test_somebody_who_is_not_there_is_absent_and_not_gone(rig: Rig) -> None:
    read = (await rig.read(Kind.CANDIDATE, "999999999"))["999999999"]
    (part,) = [part for part in read.parts if part.kind is Kind.CANDIDATE]
    assert part.presence is Presence.ABSENT


async def test_an_anonymised_person_is_recognised_and_shows_nothing(rig: Rig) -> None:
    candidate, _ = rig.applicant()
    people.anonymize(rig.sandbox, PERSON, int(candidate), ["full_name", "emails", "phone_numbers"])
    for title in ("candidates", "tags"):
        parts = [part async for part in rig.all(rig.list(title)) if part.external == candidate]
        assert [part.presence for part in parts] == [Presence.ANONYMISED]
        assert not parts[0].seen


async def test_an_attachment_is_fetched_by_its_signed_address(rig: Rig) -> None:
    candidate, application = rig.applicant()
    people.keep(rig.sandbox, PERSON, int(candidate), int(application), "resume", "cv.txt", b"Nine years of SQL")
    read = (await rig.read(Kind.CANDIDATE, candidate, kinds=(Kind.ATTACHMENT,)))[candidate]
    url = next(str(part.seen["url"]) for part in read.parts if part.seen.get("filename") == "cv.txt")
    assert rig.connector.files is not None
    file = await rig.client.download(url, rig.connector.files)
    assert file.data == b"Nine years of SQL"
    rig.clock.move(days=8)
    with pytest.raises(AbsentError):
        await rig.client.download(url, rig.connector.files)


# -------------------------------------------------------------------------------------------------------- writing


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", "Adā"),
        ("last_name", "Byron-King"),
        ("preferred_name", "Ada"),
        ("company", "Engine & Sons"),
        ("title", None),
    ],
)
async def test_a_written_field_reads_back_equal_and_is_answered_so(rig: Rig, field: str, value: str | None) -> None:
    candidate, _ = rig.applicant()
    answered = await rig.send("candidate", candidate, {field: value}, actor=RECRUITER)
    assert answered == {field: value}
    shown = await rig.shown(Kind.CANDIDATE, candidate, Kind.CANDIDATE, candidate)
    assert same(rig.maps(Kind.CANDIDATE)[field], shown[field], value)


async def test_an_address_is_added_and_removed_with_the_types_of_the_others_kept(rig: Rig) -> None:
    candidate, _ = rig.applicant()
    listed = [{"value": "a@example.org", "type": "work"}, {"value": "b@example.org", "type": "other"}]
    people.update(rig.sandbox, PERSON, int(candidate), {"email_addresses": listed})
    more = {"added": {"email_addresses": ("C@example.org",)}, "removed": {"email_addresses": ("A@Example.org",)}}
    await rig.send("candidate", candidate, {"email_addresses": ("b@example.org", "C@example.org")}, **more)
    assert rig.sandbox.db["candidates"].rows[int(candidate)]["email_addresses"] == [
        {"value": "b@example.org", "type": "other"},
        {"value": "C@example.org", "type": "personal"},
    ]
    before = rig.changes("candidates")
    await rig.send("candidate", candidate, {"email_addresses": ("b@example.org", "C@example.org")}, **more)
    assert rig.changes("candidates") == before


async def test_an_address_somebody_added_meanwhile_stays(rig: Rig) -> None:
    candidate, _ = rig.applicant()
    people.update(rig.sandbox, PERSON, int(candidate), {"phone_numbers": [{"value": "+44 1", "type": "home"}]})
    await rig.send("candidate", candidate, {"phone_numbers": ("+44 2",)}, added={"phone_numbers": ("+44 2",)})
    values = [one["value"] for one in rig.sandbox.db["candidates"].rows[int(candidate)]["phone_numbers"]]
    assert values == ["+44 1", "+44 2"]


@pytest.mark.parametrize("tier", TIERS)
async def test_our_fields_are_created_once_at_the_level_the_customer_has(tier: str) -> None:
    rig = build(tier=tier)
    await rig.set_up()
    level = "application" if tier == "enterprise" else "candidate"
    ours = [row for row in rig.sandbox.db["custom_fields"] if row["name_key"].startswith("bascule_")]
    assert {row["field_type"] for row in ours} == {level}
    assert [row["private"] for row in ours if "reasons" in row["name_key"]] == [True]
    assert not rig.connector.setup(rig.tenant, OUTPUTS)
    before = rig.changes("custom_fields")
    await rig.set_up()
    assert rig.changes("custom_fields") == before
    named = {
        canonical for each in rig.connector.fields(rig.tenant, "c1") if each.created for canonical in each.canonical
    }
    assert named == set(OUTPUTS)


def scored(rig: Rig) -> tuple[Record, Family, Refs]:
    """A candidate with two applications on different jobs, both scored, the second newer."""

    def one(id: str, kind: Kind, **fields: Any) -> Record:
        return Record(id, "w", kind, "f", None if kind is Kind.CANDIDATE else "cand", fields, {}, "c1", rig.clock())

    outputs = {
        "match_reasons": ("Nine years of SQL", "Led a team"), "match_skills": ("sql", "Python"), "ai_status": "scored",
        "experience_title": "Analyst", "experience_employer": "Engine Ltd", "experience_years": 9.5,
        "audit_reference": "01979f", "shortlist_link": "https://bridge.example/s/1", "status": "active", "screening_status": "completed",
        "screening_answers": {"How many years of SQL": "9 years"}, "manager_feedback": "Dana Whitfield: approve",
    }  # fmt: skip
    people_ = one("cand", Kind.CANDIDATE, first_name="Ada")
    older = one(
        "app1", Kind.APPLICATION, applied_at="2026-11-01T09:00:00Z", job="j1", match_score=87, top_ten=True, **outputs
    )
    newer = one("app2", Kind.APPLICATION, applied_at="2026-11-09T09:00:00Z", job="j2", match_score=41.5, **outputs)
    jobs = {"j1": one("j1", Kind.JOB, title="Data Analyst"), "j2": one("j2", Kind.JOB, title="Controller")}
    family = Family("f", "w", Kind.CANDIDATE, 0, "s", records={one.id: one for one in (people_, older, newer)})
    return people_, family, Refs(records=jobs)


@pytest.mark.parametrize("tier", TIERS)
async def test_outputs_land_read_back_equal_and_touch_no_contact_data(tier: str) -> None:
    rig = build(tier=tier)
    await rig.set_up()
    candidate, application = rig.applicant()
    before = contacts(rig)
    person, family, refs = scored(rig)
    kind, external = (Kind.APPLICATION, application) if tier == "enterprise" else (Kind.CANDIDATE, candidate)
    record = family.records["app1"] if tier == "enterprise" else person
    maps = {name: each for name, each in rig.maps(kind).items() if each.created and not each.is_set}
    fields = {name: each.render(record, family, refs) for name, each in maps.items()}
    call = next(iter(maps.values())).call
    answered = await rig.send(call, external, fields)
    shown = await rig.shown(Kind.CANDIDATE, candidate, kind, external)
    for name, value in fields.items():
        assert value is not None, name
        assert same(maps[name], shown[name], value), name
        assert same(maps[name], answered[name], value), f"the answer already shows {name}"
    assert contacts(rig) == before
    logged = rig.changes("candidates", "applications")
    await rig.send(call, external, fields)
    assert rig.changes("candidates", "applications") == logged, "sending twice changes once"


async def test_a_second_application_never_overwrites_the_first_on_a_candidate() -> None:
    rig = build(tier="standard")
    await rig.set_up()
    person, family, refs = scored(rig)
    maps = rig.maps(Kind.CANDIDATE)
    shown = {name: each.render(person, family, refs) for name, each in maps.items() if each.created}
    assert shown["custom.bascule_match_score"] == 41.5
    assert shown["custom.bascule_match_score_job"] == "Controller"
    assert shown["custom.bascule_match_score_by_job"] == "Controller: 41.5\nData Analyst: 87"
    reasons = str(shown["custom.bascule_match_reasons_by_job"])
    assert reasons.startswith("Controller:\n• Nine years of SQL")
    assert "Data Analyst:\n" in reasons
    assert shown["tags.top_ten"] == ("Top 10 %: Data Analyst",)


async def test_the_score_of_a_closed_application_gives_way_to_an_open_one() -> None:
    rig = build(tier="standard")
    await rig.set_up()
    person, family, refs = scored(rig)
    closed = replace(family.records["app2"], fields={**family.records["app2"].fields, "status": "rejected"})
    family = replace(family, records={**family.records, "app2": closed})
    score = rig.maps(Kind.CANDIDATE)["custom.bascule_match_score"]
    assert score.render(person, family, refs) == 87


async def test_a_value_is_cleared_in_the_vendors_own_spelling(rig: Rig) -> None:
    candidate, application = rig.applicant()
    await rig.send("application", application, {"custom.bascule_match_score": 87})
    await rig.send("application", application, {"custom.bascule_match_score": None})
    shown = await rig.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    assert shown["custom.bascule_match_score"] is None


async def test_custom_fields_that_a_patch_drops_are_put_back_at_once() -> None:
    rig = build(custom_fields_patch="replace")
    await rig.set_up()
    candidate, application = rig.applicant()
    await rig.send("application", application, {"custom.bascule_match_score": 87, "custom.bascule_ai_status": "scored"})
    known = await rig.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    await rig.send("application", application, {"custom.bascule_ai_status": "reviewed"}, known=known)
    shown = await rig.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    assert shown["custom.bascule_ai_status"] == "reviewed"
    assert shown["custom.bascule_match_score"] == "87"
    assert shown["custom_fields"] == known["custom_fields"]


async def test_tags_are_added_and_removed_one_by_one_whatever_their_case(rig: Rig) -> None:
    candidate, _ = rig.applicant()
    people.tag(rig.sandbox, PERSON, int(candidate), "Knows Erlang")
    people.tag(rig.sandbox, PERSON, int(candidate), "Left-handed")
    added = {"tags": ("KNOWS ERLANG", "speaks Swedish"), "tags.top_ten": ("Top 10 %: Data Analyst",)}
    before = rig.changes("candidates")
    for _ in range(2):
        await rig.send("tags", candidate, {}, added=added, removed={"tags": ("LEFT-HANDED", "never there")})
    names = sorted(row["name"] for row in people.tags_of(rig.sandbox, int(candidate)))
    assert {"Knows Erlang", "speaks Swedish", "Top 10 %: Data Analyst"} <= set(names)
    assert "Left-handed" not in names
    assert len(names) == len(set(names))
    assert rig.changes("candidates") == before
    shown = await rig.shown(Kind.CANDIDATE, candidate, Kind.CANDIDATE, candidate)
    assert shown["tags.top_ten"] == ("Top 10 %: Data Analyst",)
    assert "Top 10 %: Data Analyst" not in shown["tags"]  # type: ignore[operator]


async def test_a_note_lands_is_bound_and_found_again_by_its_marker(rig: Rig) -> None:
    candidate, application = rig.applicant()
    fields = {"body": "Match score 87\n• SQL", "visibility": "privately_visible", "application_id": application}
    made = await rig.send("note", "", fields, parents={Kind.CANDIDATE: candidate})
    read = (await rig.read(Kind.CANDIDATE, candidate, kinds=(Kind.NOTE,)))[candidate]
    (note,) = [part for part in read.parts if part.external == made["external"]]
    assert note.marker == "bsc-0123456789abcdef"
    assert note.marker_shown
    assert note.seen["body"] == fields["body"]
    assert note.seen["visibility"] == "privately_visible"
    assert note.seen["application_id"] == application
    assert note.parent == candidate
    assert await look(rig, candidate, "bsc-0123456789abcdef") == made
    assert await look(rig, candidate, "bsc-fedcba9876543210") == {}


async def look(rig: Rig, candidate: str, marker: str) -> Any:
    sends = rig.connector.sends["note"]
    assert sends.look is not None
    record = Record("rec", "w", Kind.NOTE, "f", None, {}, {}, "ours", rig.clock())
    write = Rendered(
        "note", Kind.NOTE, record, "", {Kind.CANDIDATE: candidate}, EMPTY, EMPTY, {}, {}, marker, RECRUITER, ""
    )
    return await rig.client.run(sends.look(write, rig.tenant))


async def test_a_note_whose_answer_names_no_id_is_looked_for() -> None:
    rig = build(creates="message")
    candidate, _ = rig.applicant()
    made = await rig.send(
        "note", "", {"body": "Hello", "visibility": "publicly_visible"}, parents={Kind.CANDIDATE: candidate}
    )
    assert await look(rig, candidate, "bsc-0123456789abcdef") != {}
    assert set(made) <= {"external"}


async def test_a_person_moves_an_application_as_themselves(rig: Rig) -> None:
    candidate, application, stages = ladder(rig)
    dana = str(rig.user("Dana Whitfield")["id"])
    rig.seen.clear()
    await rig.send(
        "move", application, {"stage": stages[1]}, actor=RECRUITER, acts_as=dana, current={"stage": stages[0]}
    )
    shown = await rig.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    assert shown["stage"] == stages[1]
    moved = [change for change in rig.sandbox.db.log if change.object == "application_stages"][-1]
    assert moved.as_json()["actor"] is not None
    assert {one.acts_as for one in rig.seen if one.method == "POST" and one.endpoint.endswith("/move")} == {dana}
    assert {one.acts_as for one in rig.seen if one.method == "GET" and one.endpoint == "/application_stages"} == {""}


def ladder(rig: Rig) -> tuple[str, str, list[str]]:
    candidate, application = rig.applicant()
    row = rig.sandbox.db["applications"].rows[int(application)]
    stages = [one["id"] for one in pipeline.stages(rig.sandbox, row["job_id"])]
    if row["job_interview_stage_id"] != stages[0]:
        pipeline.move(
            rig.sandbox,
            PERSON,
            int(application),
            {"from_stage_id": row["job_interview_stage_id"], "to_stage_id": stages[0]},
        )
    return candidate, application, [str(one) for one in stages]


async def test_moving_twice_moves_once(rig: Rig) -> None:
    _, application, stages = ladder(rig)
    await rig.send("move", application, {"stage": stages[1]}, actor=RECRUITER, current={"stage": stages[0]})
    before = rig.changes("application_stages", "emails")
    answered = await rig.send("move", application, {"stage": stages[1]}, actor=RECRUITER, current={"stage": stages[0]})
    assert answered == {"stage": stages[1]}
    assert rig.changes("application_stages", "emails") == before


async def test_a_move_is_refused_by_the_guard_when_somebody_was_faster(rig: Rig) -> None:
    _, application, stages = ladder(rig)
    pipeline.move(
        rig.sandbox, PERSON, int(application), {"from_stage_id": int(stages[0]), "to_stage_id": int(stages[2])}
    )
    with pytest.raises(GuardRefusedError):
        await rig.send("move", application, {"stage": stages[1]}, actor=RECRUITER, current={"stage": stages[0]})
    assert rig.sandbox.db["applications"].rows[int(application)]["job_interview_stage_id"] == int(stages[2])


async def test_a_move_of_a_rejected_application_says_why_it_cannot_be(rig: Rig) -> None:
    _, application, stages = ladder(rig)
    reason = next(iter(rig.sandbox.db["rejection_reasons"].ids))
    pipeline.reject(rig.sandbox, PERSON, int(application), {"rejection_reason_id": reason})
    with pytest.raises(GuardRefusedError) as refused:
        await rig.send("move", application, {"stage": stages[1]}, actor=RECRUITER, current={"stage": stages[0]})
    assert "must be 'active'" in refused.value.words


async def test_a_person_rejects_corrects_the_reason_and_takes_it_back(rig: Rig) -> None:
    candidate, application = rig.applicant()
    first, second = [str(id) for id in rig.sandbox.db["rejection_reasons"].ids][:2]
    dana = str(rig.user("Dana Whitfield")["id"])

    async def shown() -> dict[str, Any]:
        return await rig.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)

    for _ in range(2):
        await rig.send("decide", application, {"status": "rejected", "reason": first}, actor=RECRUITER, acts_as=dana)
    now = await shown()
    assert (now["status"], now["reason"]) == ("rejected", first)
    await rig.send("decide", application, {"reason": second}, actor=RECRUITER, acts_as=dana)
    assert (await shown())["reason"] == second
    for _ in range(2):
        await rig.send("decide", application, {"status": "in_process"}, actor=RECRUITER, acts_as=dana)
    now = await shown()
    assert (now["status"], now["reason"]) == ("in_process", None)
    assert rig.changes("emails") == 0, "no e-mail left because of us"


async def test_a_hire_is_never_written(rig: Rig) -> None:
    _, application = rig.applicant()
    rig.seen.clear()
    with pytest.raises(RejectedError):
        await rig.send("decide", application, {"status": "hired"}, actor=RECRUITER)
    assert not rig.seen


async def test_a_hire_made_there_is_read(rig: Rig) -> None:
    candidate, application = rig.applicant()
    row = rig.sandbox.db["applications"].rows[int(application)]
    opening = next(one for one in rig.sandbox.db["openings"].where("job_id", row["job_id"]) if one["open"])
    pipeline.hire(rig.sandbox, PERSON, int(application), {"opening_id": opening["id"]})
    read = (await rig.read(Kind.CANDIDATE, candidate))[candidate]
    (hire,) = [part for part in read.parts if part.kind is Kind.HIRE and part.parent == application]
    assert hire.seen["closed_at"]
    shown = await rig.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    assert shown["status"] == "hired"
    assert "stage" not in shown, "the last stage known is kept"


# -------------------------------------------------------------------------------------------- when things go wrong


def fault(rig: Rig, **spec: Any) -> None:
    rig.sandbox.faults.add(spec)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, PermissionMissingError),
        (404, AbsentError),
        (422, RejectedError),
        (429, ThrottledError),
        (500, UnavailableError),
        (503, UnavailableError),
    ],
)
async def test_each_vendor_failure_becomes_one_of_our_errors(rig: Rig, status: int, error: type[Exception]) -> None:
    candidate, _ = rig.applicant()
    fault(rig, kind="answer", status=status, path="/v3/", method="PATCH")
    with pytest.raises(error):
        await rig.send("candidate", candidate, {"company": "X"})


async def test_an_answer_that_is_lost_is_told_from_one_that_was_never_sent(rig: Rig) -> None:
    candidate, _ = rig.applicant()
    fault(rig, kind="lost_answer", path="/v3/candidates", method="PATCH")
    with pytest.raises(UnansweredError):
        await rig.send("candidate", candidate, {"company": "Landed Ltd"})
    assert rig.sandbox.db["candidates"].rows[int(candidate)]["company"] == "Landed Ltd"
    fault(rig, kind="lost_answer", path="/v3/candidates", method="GET")
    with pytest.raises(UnavailableError):
        await rig.client.page(rig.list("candidates"))


async def test_the_full_window_of_a_real_rate_is_waited_for_as_told() -> None:
    rig = build(rate=Rate(5, 30.0))
    for _ in range(5):
        await rig.client.page(rig.list("candidates"))
    with pytest.raises(ThrottledError) as full:
        await rig.client.page(rig.list("candidates"))
    wait = full.value.retry_after
    assert wait is not None
    rig.clock.at += wait
    assert (await rig.client.page(rig.list("candidates"))).items
    last = [one for one in rig.seen if one.endpoint != "token"][-1]
    assert (last.limit, last.remaining) == (5, 4)


async def test_a_missing_scope_is_a_missing_permission() -> None:
    rig = build(granted=("harvest:candidates:list",))
    assert (await rig.client.page(rig.list("candidates"))).items
    with pytest.raises(PermissionMissingError):
        await rig.client.page(rig.list("jobs"))


async def test_a_revoked_token_is_renewed_and_a_revoked_credential_disconnects(rig: Rig) -> None:
    rig.sandbox.access.forget_tokens()
    assert (await rig.client.page(rig.list("candidates"))).items
    rig.sandbox.access.revoke(PERSON, next(iter(rig.sandbox.db["credentials"].ids)))
    with pytest.raises(DisconnectedError):
        await rig.client.page(rig.list("candidates"))


async def test_a_user_who_has_left_cannot_be_acted_as_and_disconnects_nobody_else(rig: Rig) -> None:
    candidate, _ = rig.applicant()
    with pytest.raises(PermissionMissingError):
        await rig.send("candidate", candidate, {"company": "X"}, actor=RECRUITER, acts_as="999999")
    assert (await rig.client.page(rig.list("candidates"))).items


async def test_tokens_are_shared_until_shortly_before_they_end(rig: Rig) -> None:
    rig.seen.clear()
    for _ in range(3):
        await rig.client.page(rig.list("candidates"))
    assert sum(one.endpoint == "token" for one in rig.seen) == 0
    rig.clock.move(seconds=3600 - 30)
    await rig.client.page(rig.list("candidates"))
    assert sum(one.endpoint == "token" for one in rig.seen) == 1


# -------------------------------------------------------------------------------------------------------- webhooks


async def test_the_sandboxs_own_deliveries_verify_and_name_whom_to_read() -> None:
    got: list[tuple[Mapping[str, str], bytes]] = []

    async def deliver(url: str, headers: Mapping[str, str], body: bytes) -> int:
        got.append(({key.lower(): value for key, value in headers.items()}, body))
        return 200

    rig = build(deliver=deliver)
    hook = rig.connector.webhook
    assert hook is not None
    form = {"name": "Bridge", "url": f"http://{HOST}/hooks", "secret": "shh", "events": list(EVENTS)}
    await rig.sandbox.hooks.save(PERSON, form)
    candidate, application, stages = ladder(rig)
    people.update(rig.sandbox, PERSON, int(candidate), {"company": "<Engine> & Sons"})
    move = {"from_stage_id": int(stages[0]), "to_stage_id": int(stages[1])}
    pipeline.move(rig.sandbox, PERSON, int(application), move)
    people.delete(rig.sandbox, PERSON, int(candidate))
    await rig.sandbox.hooks.deliver_due()
    told: list[Hint] = []
    now = datetime.now(UTC)
    for headers, body in got:
        assert verified(hook.verify, headers, body, "shh", now=now)
        assert not verified(hook.verify, headers, body + b" ", "shh", now=now)
        assert headers[hook.delivery_id.lower()]
        told += hook.hints(json.loads(body))
    topics = {hint.topic: hint for hint in told}
    assert {"update_candidate", "candidate_stage_change", "delete_candidate"} <= set(topics)
    assert {hint.external for hint in told if not hint.ping} == {candidate}
    gone = {(part.kind, part.external, part.presence) for part in topics["delete_candidate"].parts}
    assert (Kind.CANDIDATE, candidate, Presence.DELETED) in gone
    assert (Kind.APPLICATION, application, Presence.DELETED) in gone


def test_every_event_the_sandbox_sends_is_one_the_connector_has_heard_of() -> None:
    heard = hooks(registry.load("greenhouse"))
    assert set(EVENTS) <= set(heard)

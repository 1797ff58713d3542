"""Two ATSs in one workspace, Greenhouse and Lever, in step: what an owner of a group of companies switches on, and what
recruiters on both sides see of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.conftest import migrated
from tests.engine.kit import DANA, OWNER, Builder

from bascule.core.mapping import Choice
from bascule.errors import ForbiddenError
from bascule.model import AI, Authority, Edit, Kind, ReviewKind, StageType
from bascule.sandbox.greenhouse import people, pipeline
from bascule.sandbox.lever import people as there
from bascule.sandbox.lever import records
from bascule.server.application import create_server

from .group import TYPES, Group, group

ADA = "ada@example.org"
BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLite, and for the journeys that name it PostgreSQL too."""
    yield from migrated(getattr(request, "param", "sqlite"), request, tmp_path)


@pytest.fixture
async def both(build: Builder) -> Group:
    """Both connected, jobs paired, copying on."""
    made = await group(build)
    await made.pair()
    await made.copy()
    await made.calm(30)
    made.mark()
    return made


@BOTH
async def test_who_applies_in_one_appears_once_in_the_other_and_what_is_done_there_comes_back(both: Group) -> None:
    applied = await both.apply()
    await both.calm()
    (opportunity,) = both.opportunities(ADA)
    (contact,) = both.contacts(ADA)
    assert opportunity["job_id"] == both.posting("Backend Engineer")["id"]
    assert opportunity["stage_id"] == both.lever_stage("New applicant")
    assert both.lever_files(opportunity) == ["cv.txt"]
    assert contact["name"] == "Ada Byron"

    people.note(
        both.sandbox, DANA, {"candidate_id": applied.candidate, "body": "Spoke to her.", "visibility": "private"}
    )
    people.tag(both.sandbox, DANA, applied.candidate, "referred")
    await both.calm()
    assert [one.split("\n")[0] for one in both.lever_notes(opportunity) if "Spoke" in one] == ["Spoke to her."]
    assert "referred" in opportunity["tags"]

    records.note(both.lever, both.mei, opportunity["id"], {"value": "Strong in SQL.", "secret": True})
    there.label(both.lever, both.mei, opportunity["id"], "tags", ["referred"], remove=True)
    there.label(both.lever, both.mei, opportunity["id"], "tags", ["relocates"])
    there.move(both.lever, both.mei, opportunity["id"], both.lever_stage("On-site interview"))
    await both.calm()
    assert [one for one in both.notes(applied.candidate) if "Strong in SQL." in one["body"]]
    assert both.tags(applied.candidate) == ["relocates"]
    moved = both.application(applied.application)["job_interview_stage_id"]
    assert moved == both.stage("Backend Engineer", "Onsite")["id"]
    assert len(both.people(ADA)) == len(both.opportunities(ADA)) == 1
    assert await both.ends() == 0
    assert not await both.open_failures()
    assert not await both.open_reviews()
    assert len([one for one in both.lever_notes(opportunity) if "Strong" in one]) == 1
    assert len(both.lever.db["emails"]) == 0
    assert [one["differences"] for one in await both.both_compared() if one["differences"]] == []


@BOTH
async def test_who_applies_in_lever_appears_once_in_greenhouse(both: Group) -> None:
    both.apply_there("Grace Hopper", "grace@example.org", "Staff Nurse")
    await both.calm()
    (person,) = both.people("grace@example.org")
    (application,) = both.sandbox.db["applications"].where("candidate_id", person["id"])
    assert (person["first_name"], person["last_name"]) == ("Grace", "Hopper")
    assert application["job_id"] == both.job("Staff Nurse")["id"]
    assert application["job_interview_stage_id"] == both.stage("Staff Nurse", "Application Review")["id"]
    assert [one["filename"] for one in both.sandbox.db["attachments"].where("candidate_id", person["id"])] == ["cv.txt"]
    assert await both.ends() == 0
    assert len(both.opportunities("grace@example.org")) == 1


async def test_without_the_owners_choice_nobody_is_created_elsewhere(build: Builder) -> None:
    both = await group(build)
    await both.pair()
    applied = await both.apply()
    both.apply_there("Grace Hopper", "grace@example.org")
    people.note(
        both.sandbox, DANA, {"candidate_id": applied.candidate, "body": "Spoke to her.", "visibility": "private"}
    )
    await both.calm()
    assert both.contacts(ADA) == []
    assert both.people("grace@example.org") == []
    with pytest.raises(ForbiddenError, match="automations"):
        await both.app.copies.begin("greenhouse", "lever", OWNER)  # what Lever may do besides was not agreed to


async def test_the_dry_run_counts_what_would_be_created_and_older_ones_are_only_when_asked(build: Builder) -> None:
    both = await group(build)
    await both.apply()
    nurse = await both.apply("Grace", "Hopper", "grace@example.org", "Staff Nurse")
    reason = next(iter(both.sandbox.db["rejection_reasons"]))
    pipeline.reject(both.sandbox, DANA, nurse.application, {"rejection_reason_id": reason["id"]})
    await both.calm()
    await both.pair()
    none = await both.app.copies.preview("greenhouse", "lever")
    assert (sum(none.created.values()), none.people, none.matched) == (0, 2, 0)
    all_ = await both.app.copies.preview("greenhouse", "lever", older=True)
    assert all_.created == {Kind.CANDIDATE: 1, Kind.APPLICATION: 1, Kind.ATTACHMENT: 1, Kind.NOTE: 1}
    assert all_.waiting == {}
    assert all_.requests > 0
    assert both.contacts(ADA) == []  # nothing was done
    await both.copy()
    await both.calm()
    assert both.contacts(ADA) == []
    await both.copy(older=True)
    await both.calm()
    assert len(both.opportunities(ADA)) == 1
    assert both.contacts("grace@example.org") == []  # a candidacy that is over is not copied
    assert await both.ends() == 0


async def test_a_job_without_a_counterpart_makes_nobody_and_is_a_task(build: Builder) -> None:
    both = await group(build)
    both.lever.db.change("jobs", both.posting("Backend Engineer")["id"], both.mei, {"text": "Software Developer"})
    await both.calm(90)
    await both.pair()
    await both.copy()
    await both.apply()
    await both.calm()
    assert both.contacts(ADA) == []
    pairs = {one.one.name: one for one in await both.app.counterparts.listed("greenhouse", "lever")}
    assert (pairs["Backend Engineer"].other, pairs["Backend Engineer"].one.waiting) == (None, 1)
    assert pairs["Staff Nurse"].chosen
    said = "“Backend Engineer” of greenhouse has no counterpart"
    assert len([one for one in await both.app.tasks.list() if said in one.what]) == 1

    ours = await both.record(Kind.JOB, both.job("Backend Engineer")["id"])
    theirs = next(
        one.one
        for one in await both.app.counterparts.listed("lever", "greenhouse")
        if one.one.name == "Software Developer"
    )
    await both.app.counterparts.pair(ours.id, theirs.record, OWNER)
    await both.calm()
    assert len(both.opportunities(ADA)) == 1
    assert not [one for one in await both.app.tasks.list() if said in one.what]


async def test_a_stage_without_a_counterpart_waits_and_is_a_task(both: Group) -> None:
    applied = await both.apply()
    await both.calm()
    (opportunity,) = both.opportunities(ADA)
    await both.app.mappings.confirm("lever", {"On-site interview": None}, OWNER)
    onsite = both.stage("Backend Engineer", "Onsite")["id"]
    now = both.stage("Backend Engineer", "Application Review")["id"]
    pipeline.move(both.sandbox, DANA, applied.application, {"from_stage_id": now, "to_stage_id": onsite})
    await both.calm()
    assert opportunity["stage_id"] == both.lever_stage("New applicant")
    assert [one for one in await both.app.tasks.list() if "Onsite" in one.what and "counterpart" in one.what]
    await both.app.mappings.confirm("lever", {"On-site interview": StageType.INTERVIEW}, OWNER)
    await both.calm()
    assert opportunity["stage_id"] == both.lever_stage("On-site interview")


async def test_edits_of_different_values_on_both_sides_meet(both: Group) -> None:
    applied = await both.apply()
    await both.calm()
    (contact,) = both.contacts(ADA)
    people.update(both.sandbox, DANA, applied.candidate, {"company": "Analytical Engines"})
    there.update_contact(both.lever, both.mei, contact["id"], {"emails": [ADA, "byron@example.org"]})
    await both.calm()
    assert contact["headline"] == "Analytical Engines"
    mails = {one["value"] for one in both.candidate(applied.candidate)["email_addresses"]}
    assert mails == {ADA, "byron@example.org"}
    assert await both.ends() == 0


async def test_edits_of_one_value_on_both_sides_end_as_one_and_the_other_is_in_the_history(both: Group) -> None:
    applied = await both.apply()
    await both.calm()
    (contact,) = both.contacts(ADA)
    people.update(both.sandbox, DANA, applied.candidate, {"company": "Analytical Engines"})
    there.update_contact(both.lever, both.mei, contact["id"], {"headline": "Difference Engines"})
    await both.calm()
    assert both.candidate(applied.candidate)["company"] == contact["headline"]
    family = await both.known(ADA)
    told = await both.app.store.read(lambda tx: tx.pages.timeline(family.id, limit=1000))
    said = {str(value) for one in told if one.history for value in (one.history.old, one.history.new)}
    assert {"Analytical Engines", "Difference Engines"} <= said
    assert await both.ends() == 0


async def test_with_review_a_value_edited_on_both_sides_waits_for_a_person(both: Group) -> None:
    applied = await both.apply()
    await both.calm()
    (contact,) = both.contacts(ADA)
    for name in ("greenhouse", "lever"):
        await both.app.mappings.choose(name, Kind.CANDIDATE, "company", Choice(authority=Authority.REVIEW), OWNER)
    await both.calm()
    people.update(both.sandbox, DANA, applied.candidate, {"company": "Analytical Engines"})
    there.update_contact(both.lever, both.mei, contact["id"], {"headline": "Difference Engines"})
    await both.calm()
    asked = [one.review for one in await both.open_reviews() if one.review.kind is ReviewKind.CONFLICT]
    assert len(asked) == 1
    assert both.candidate(applied.candidate)["company"] == "Analytical Engines"
    assert contact["headline"] == "Difference Engines"
    await both.app.changes.decide(asked[0].id, "take_theirs", OWNER)
    await both.calm()
    assert both.candidate(applied.candidate)["company"] == contact["headline"]


@BOTH
async def test_who_was_at_both_before_is_one_person_with_one_candidacy_and_only_notes_and_files_are_copied(
    build: Builder,
) -> None:
    both = await group(build)
    applied = await both.apply()
    opportunity = both.apply_there("Ada Byron", ADA)
    await both.calm()
    before = both.writes("notes", "attachments")
    (resume,) = both.sandbox.db["attachments"].where("application_id", applied.application)
    await both.pair()
    await both.copy(older=True)
    await both.calm()
    assert both.writes("notes", "attachments") == before
    files = {row["id"]: row["type"] for row in both.sandbox.db["attachments"].where("candidate_id", applied.candidate)}
    assert files.pop(resume["id"]) == "resume", "the CV they applied with there stays"
    assert set(files.values()) == {"other"}
    assert len(both.people(ADA)) == len(both.contacts(ADA)) == 1
    assert len(both.opportunities(ADA)) == 1
    assert len(both.sandbox.db["applications"].where("candidate_id", applied.candidate)) == 1
    family = await both.known(ADA)
    mine = [one for one in family.links.values() if one.kind is Kind.APPLICATION]
    assert {one.external for one in mine} == {str(applied.application), opportunity["id"]}
    assert len({one.record for one in mine}) == 1
    there.move(both.lever, both.mei, opportunity["id"], both.lever_stage("Recruiter screen"))
    await both.calm()
    moved = both.application(applied.application)["job_interview_stage_id"]
    assert moved == both.stage("Backend Engineer", "Phone Screen")["id"]


async def test_who_is_rejected_in_one_is_rejected_in_the_other_by_the_reason_that_is_the_same(both: Group) -> None:
    applied = await both.apply()
    second = await both.apply("Grace", "Hopper", "grace@example.org", "Staff Nurse")
    await both.calm()
    (opportunity,) = both.opportunities(ADA)
    ours = {pair.one.name: pair.one for pair in await both.app.counterparts.listed("greenhouse", "lever")}
    theirs = {pair.one.name: pair.one for pair in await both.app.counterparts.listed("lever", "greenhouse")}
    await both.app.counterparts.pair(ours["Lacks required experience"].record, theirs["Underqualified"].record, OWNER)
    reason = both.reason("Lacks required experience")
    pipeline.reject(both.sandbox, DANA, applied.application, {"rejection_reason_id": reason["id"]})
    await both.calm()
    archived = both.lever.db["archive_reasons"].rows[opportunity["archived"]["reason"]]
    assert archived["text"] == "Underqualified"
    (other,) = both.opportunities("grace@example.org")
    there.archive(both.lever, both.mei, other["id"], archived["id"])
    await both.calm()
    assert both.application(second.application)["status"] == "rejected"
    assert len(both.lever.db["emails"]) == 0
    assert await both.ends() == 0


async def test_a_hire_is_read_and_never_written(both: Group) -> None:
    applied = await both.apply()
    await both.calm()
    (opportunity,) = both.opportunities(ADA)
    reason = next(row["id"] for row in both.lever.db["archive_reasons"] if row["type"] == "hired")
    there.archive(both.lever, both.mei, opportunity["id"], reason)
    await both.calm()
    assert await both.value(Kind.APPLICATION, applied.application, "status") == "hired"
    assert both.application(applied.application)["status"] == "in_process"
    assert await both.ends() == 0


@pytest.mark.parametrize("path", ["/v1/opportunities", "/files", "/notes"])
async def test_a_creation_that_was_done_and_answered_503_makes_nothing_twice(both: Group, path: str) -> None:
    both.line.unwell = [("POST", path)]
    applied = await both.apply()
    people.note(
        both.sandbox, DANA, {"candidate_id": applied.candidate, "body": "Spoke to her.", "visibility": "private"}
    )
    await both.leap(700, step=20)
    assert both.line.unwell == []
    assert len(both.contacts(ADA)) == 1
    (opportunity,) = both.opportunities(ADA)
    assert both.lever_files(opportunity) == ["cv.txt"]
    assert len([one for one in both.lever_notes(opportunity) if "Spoke" in one]) == 1
    assert not await both.open_failures()
    assert not await both.open_reviews()


@pytest.mark.parametrize("path", ["/v3/candidates", "/v3/applications", "/v3/attachments"])
async def test_the_same_in_greenhouse(both: Group, path: str) -> None:
    both.line.unwell = [("POST", path)]
    both.apply_there("Grace Hopper", "grace@example.org")
    await both.leap(700, step=20)
    assert both.line.unwell == []
    (person,) = both.people("grace@example.org")
    assert len(both.sandbox.db["applications"].where("candidate_id", person["id"])) == 1
    assert len(both.sandbox.db["attachments"].where("candidate_id", person["id"])) == 1
    assert not await both.open_failures()


async def test_a_creation_that_never_arrived_is_sent_again_once(both: Group) -> None:
    both.lever.faults.add({"kind": "answer", "method": "POST", "path": "opportunities", "status": 502})
    await both.apply()
    await both.leap(700, step=20)
    assert len(both.opportunities(ADA)) == 1
    assert not await both.open_failures()


async def test_who_is_merged_in_one_is_one_person_here_and_nobody_is_made_for_it_in_the_other(both: Group) -> None:
    applied = await both.apply()
    second = await both.apply("Ada", "King", "king@example.org", "Staff Nurse")
    await both.calm()
    people.merge(both.sandbox, DANA, applied.candidate, second.candidate)
    await both.calm(300)
    names = [row["name"] for row in both.lever.db["candidates"]]
    assert sorted(names) == ["Ada Byron", "Ada King"]  # Lever has no call that merges: both stay, each once
    assert len(both.lever.db["applications"]) == 2
    family = await both.known(ADA)
    assert sorted(link.primary for link in family.links.values() if link.kind is Kind.CANDIDATE and link.open) == [
        False, True, True
    ]  # fmt: skip
    assert await both.ends() == 0


async def test_who_is_anonymised_in_one_is_a_task_in_the_other_and_is_not_made_again(both: Group) -> None:
    applied = await both.apply()
    await both.calm()
    people.anonymize(both.sandbox, DANA, applied.candidate, ["full_name", "emails", "email_addresses", "phone_numbers"])
    await both.calm(300)
    (contact,) = both.contacts(ADA)
    assert contact["name"] == "Ada Byron"  # Lever has no call that erases: the owner does it by hand
    assert [one for one in await both.app.tasks.list() if "lever" in one.what and "by hand" in one.what]
    assert len(both.opportunities(ADA)) == 1
    assert await both.ends() == 0


async def test_a_machine_changes_no_contact_data_of_who_stands_in_both(both: Group) -> None:
    await both.apply()
    await both.calm()
    family = await both.known(ADA)
    with pytest.raises(ForbiddenError, match="never overwrites contact data"):
        await both.app.reconcile.edit(
            family.id, [Edit(both.app.runtime.id(), family.root.id, {"last_name": "Lovelace"}, AI, "guess")]
        )
    (contact,) = both.contacts(ADA)
    assert contact["name"] == "Ada Byron"


async def test_who_is_private_in_one_is_not_created_in_the_other(both: Group) -> None:
    applied = await both.apply("Grace", "Hopper", "grace@example.org")
    people.update(both.sandbox, DANA, applied.candidate, {"private": True})
    await both.calm()
    assert both.contacts("grace@example.org") == []
    people.update(both.sandbox, DANA, applied.candidate, {"private": False})
    await both.calm()
    assert len(both.opportunities("grace@example.org")) == 1


async def test_a_second_candidacy_of_the_same_person_is_one_more_and_not_one_more_person(both: Group) -> None:
    await both.apply()
    await both.calm()
    both.sandbox.auto_merge = True
    await both.apply("Ada", "Byron", ADA, "Staff Nurse")
    await both.calm()
    assert len(both.contacts(ADA)) == 1
    jobs = {one["job_id"] for one in both.opportunities(ADA)}
    assert jobs == {both.posting("Backend Engineer")["id"], both.posting("Staff Nurse")["id"]}
    assert len(both.opportunities(ADA)) == 2
    assert await both.ends() == 0


async def test_pages_and_programs_pair_look_and_switch_on(build: Builder) -> None:
    both = await group(build)
    await both.apply()
    await both.calm()
    server = httpx2.ASGITransport(create_server(both.app), raise_app_exceptions=False)
    key = {"authorization": f"Bearer {both.app.local_key}"}
    async with httpx2.AsyncClient(transport=server, base_url="http://bascule.test/api/v1", headers=key) as client:
        asked = {"first": "greenhouse", "second": "lever"}
        shown = (await client.get("/counterparts", params=asked)).json()["items"]
        assert {one["state"] for one in shown if one["one"]["kind"] == "job"} == {"proposed"}
        assert len((await client.post("/counterparts/confirm", params=asked)).json()["items"]) == 2
        way = {"source": "greenhouse", "target": "lever", "older": True}
        looked = (await client.get("/copies/preview", params={**way, "older": "true"})).json()
        assert looked["created"]["candidate"] == 1
        assert looked["waiting"] == [{"id": looked["waiting"][0]["id"], "name": "Application Review", "creations": 1}]
        assert (await client.post("/copies", json=way)).status_code == 403  # what Lever may do besides
        assert (await client.post("/copies", json={**way, "agreed": True})).status_code == 200
        for name, types in TYPES.items():
            await both.app.mappings.confirm(name, types, OWNER)
        await both.calm()
        assert len(both.opportunities(ADA)) == 1
        assert [one["older"] for one in (await client.get("/copies")).json()["items"]] == [True]
        job = next(one["one"]["id"] for one in shown if one["one"]["name"] == "Staff Nurse")
        assert (await client.post("/counterparts/part", json={"record": job, "connection": "lever"})).status_code == 204
        assert (await client.post("/copies/end", json={k: way[k] for k in ("source", "target")})).status_code == 204
        assert (await client.get("/copies")).json()["items"] == []
    await both.app.doors.first_login()
    token = (await both.app.doors.login_link()).rpartition("=")[2]
    async with httpx2.AsyncClient(transport=server, base_url="http://bascule.test", follow_redirects=True) as browser:
        await browser.post("/login", data={"token": token})
        page = (await browser.get("/mapping/greenhouse")).text
        assert "Pair the 1 proposed" in page
        csrf = page.split('name="csrf" value="')[1].split('"')[0]
        done = await browser.post(
            "/mapping/greenhouse/counterparts", data={"csrf": csrf, "other": "lever"},
            headers={"origin": "http://bascule.test"},
        )  # fmt: skip
        assert done.status_code == 200
        family = await both.known(ADA)
        person = (await browser.get(f"/candidates/{family.root.id}")).text
    assert [
        one.chosen for one in await both.app.counterparts.listed("greenhouse", "lever") if one.one.record == job
    ] == [True]
    assert "lever" in person
    assert "greenhouse" in person


async def test_what_is_switched_off_creates_nobody_more_and_leaves_who_is_there_in_step(both: Group) -> None:
    applied = await both.apply()
    await both.calm()
    await both.app.copies.end("greenhouse", "lever", OWNER)
    await both.apply("Grace", "Hopper", "grace@example.org")
    people.update(both.sandbox, DANA, applied.candidate, {"company": "Analytical Engines"})
    await both.calm()
    assert both.contacts("grace@example.org") == []
    (contact,) = both.contacts(ADA)
    assert contact["headline"] == "Analytical Engines"

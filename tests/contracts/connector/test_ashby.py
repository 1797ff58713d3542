"""What is Ashby's own: each thing that its interface does otherwise than one thinks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bascule.connectors.ashby import CONNECTOR, errors
from bascule.connectors.ashby.reads import ladder
from bascule.connectors.spec import Reads, Request, Response, Tenant
from bascule.contract.promises import MARKER, RECRUITER, Rig, rig, written
from bascule.engine.http import Client
from bascule.engine.observe import fetch
from bascule.engine.wire import AsgiTransport
from bascule.errors import (
    AbsentError,
    DisconnectedError,
    GuardRefusedError,
    PermissionMissingError,
    RejectedError,
    ResyncError,
    ThrottledError,
    UnavailableError,
)
from bascule.model import EMPTY, Kind, Presence, Record, Refs
from bascule.sandbox.ashby import people, pipeline

from .recorded import hooks, parts

LIST = Request("POST", "/candidate.list", json={})


def refusal(code: str, status: int = 200, **headers: str) -> Response:
    said = {"success": False, "errors": [code], "errorInfo": {"code": code, "message": "No.", "requestId": "01J"}}
    return Response(status, headers, said)


def list_of(title: str) -> Reads:
    return next(one for one in CONNECTOR.reads if one.title == title)


def sandbox_of(made: Rig) -> Any:
    return made.account.sandbox


# ------------------------------------------------------------------------------------------------------ how it refuses


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("application_not_found", 200, AbsentError),
        ("interview_stage_not_found", 200, RejectedError),
        ("invalid_input", 200, RejectedError),
        ("candidate_has_active_applications", 200, RejectedError),
        ("missing_endpoint_permission", 403, PermissionMissingError),
        ("missing_endpoint_permission", 200, PermissionMissingError),
        ("rate_limited", 200, ThrottledError),
        ("internal_error", 500, UnavailableError),
        *((code, status, ResyncError) for status in (200, 400) for code in (
            "next_cursor_expired", "invalid_next_cursor", "sync_token_expired", "sync_token_invalid",
            "incremental_sync_too_large",
        )),
    ],
)  # fmt: skip
def test_a_refusal_is_known_by_its_code_whatever_the_status_says(
    code: str, status: int, error: type[Exception]
) -> None:
    found = errors(LIST, refusal(code, status))
    assert type(found) is error
    assert found.words == "No."


def test_a_wrong_key_and_a_missing_permission_are_both_403_and_not_the_same() -> None:
    assert isinstance(errors(LIST, Response(403, {}, None, b"Forbidden")), DisconnectedError)
    assert isinstance(errors(LIST, Response(401, {}, None, b"Unauthorized")), DisconnectedError)
    assert isinstance(errors(LIST, refusal("missing_endpoint_permission", 403)), PermissionMissingError)
    assert errors(LIST, Response(200, {}, {"success": True, "results": []})) is None


async def test_every_request_asks_for_the_version_this_was_written_for() -> None:
    made = await rig("ashby", learn=False)
    asked: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.extend(v.decode() for k, v in scope["headers"] if k == b"ashby-version")
        await made.account.app(scope, receive, send)

    host = made.account.base_url.split("/")[2]
    client = Client(
        CONNECTOR, AsgiTransport({host: app}), base_url=made.account.base_url, secrets=made.account.secrets(),
        now=made.setting.clock,
    )  # fmt: skip
    await client.page(list_of("candidate.list"))
    assert asked == ["2026-01-01"]


# --------------------------------------------------------------------------------------------------- following changes


async def followed(made: Rig, title: str, token: str = "") -> tuple[list[Any], str]:
    tokens: list[str] = []
    items = [
        one async for page in made.client.list(list_of(title), token=token, on_token=tokens.append) for one in page
    ]
    return items, tokens[-1] if tokens else ""


async def test_the_last_page_shows_the_token_and_what_changed_while_it_was_read_comes_with_the_next_reading() -> None:
    made = await rig("ashby", candidates=150)
    reads = list_of("candidate.list")
    first = await made.client.page(reads)
    assert first.next
    assert not first.token, "only the last page has it"
    made.setting.clock.move(seconds=1)
    late = made.account.edit(Kind.CANDIDATE)
    last = await made.client.page(reads, at=first.next)
    assert last.token
    items, _ = await followed(made, "candidate.list", last.token)
    assert late.external in {one["id"] for one in items}, "the token stands for the moment of the first page"


async def test_a_place_or_a_token_that_is_no_longer_good_says_that_all_is_to_be_read() -> None:
    made = await rig("ashby", candidates=150)
    _, token = await followed(made, "candidate.list")
    page = await made.client.page(list_of("candidate.list"))
    sandbox_of(made).forget_tokens()
    with pytest.raises(ResyncError):
        await made.client.page(list_of("candidate.list"), at=page.next)
    with pytest.raises(ResyncError):
        await made.client.page(list_of("candidate.list"), token=token)


async def test_a_list_followed_by_tokens_is_not_filtered_so_that_nothing_leaves_it_by_changing() -> None:
    made = await rig("ashby")
    _, token = await followed(made, "application.list")
    _, application = made.account.applicant()
    made.setting.clock.move(seconds=1)
    made.account.archived(application)  # type: ignore[attr-defined]
    items, _ = await followed(made, "application.list", token)
    assert [(one["id"], one["status"]) for one in items] == [(application, "Archived")]
    job = next(row for row in sandbox_of(made).db["jobs"] if row["status"] == "Open")
    _, token = await followed(made, "job.list")
    made.setting.clock.move(seconds=1)
    for status in ("Closed", "Draft"):
        pipeline.set_status(sandbox_of(made), made.account.who, job["id"], status)  # type: ignore[attr-defined]
    items, _ = await followed(made, "job.list", token)
    assert [(one["id"], one["status"]) for one in items] == [(job["id"], "Draft")], "drafts are left out by default"


async def test_a_token_tells_of_no_deletion_and_reading_by_id_does() -> None:
    made = await rig("ashby")
    _, token = await followed(made, "application.list")
    candidate, application = made.account.applicant()
    pipeline.remove(sandbox_of(made), made.account.who, application)  # type: ignore[attr-defined]
    assert (await followed(made, "application.list", token))[0] == []
    read = await made.client.send(Request("POST", "/candidate.info", json={"id": candidate}, safe=True))
    assert application not in read.json["results"]["applicationIds"]
    found = await fetch(
        made.client, CONNECTOR.reads, made.tenant, connection="c1", number=1, read_id="r", started=made.setting.clock(),
        root=Kind.CANDIDATE, externals=[candidate], kinds={Kind.APPLICATION},
        known={(Kind.APPLICATION, application): candidate},
    )  # fmt: skip
    (gone,) = [part for part in found[candidate].parts if part.external == application]
    assert gone.presence is Presence.ABSENT, "unseen, which is not deleted"


def test_notes_are_followed_by_their_candidates_and_the_interval_is_said() -> None:
    people_, applied = list_of("candidate.list"), list_of("application.list")
    assert people_.follow == (Kind.NOTE,)
    assert applied.follow == (Kind.APPLICATION, Kind.NOTE), "no list shows what was answered in the form"
    assert people_.sweep == timedelta(days=1)
    note = next(one for one in CONNECTOR.fields(Tenant(), "c") if one.kind is Kind.NOTE and one.name == "content")
    assert "once a day" in note.note


async def test_a_key_that_sees_no_confidential_job_sees_its_applicants_nowhere_and_nothing_is_deleted_for_it() -> None:
    made = await rig("ashby")
    candidate, application = made.account.applicant()
    db = sandbox_of(made).db
    db.change("jobs", db["applications"].rows[application]["job_id"], made.account.who, {"confidential": True})  # type: ignore[attr-defined]
    said = {part.presence for part in (await made.read(Kind.CANDIDATE, candidate)).parts}
    assert said <= {Presence.HERE, Presence.ABSENT}


# --------------------------------------------------------------------------------------------------------- what it shows


def test_one_hire_is_three_deliveries_with_ids_of_their_own_and_all_say_look_at_this_candidate() -> None:
    told = hooks(CONNECTOR)
    of_a_hire = [told[name] for name in ("candidateHire", "candidateStageChange", "applicationUpdate")]
    assert len({one["webhookActionId"] for one in of_a_hire}) == 3
    hook = CONNECTOR.webhook
    assert hook is not None
    found = [hint for one in of_a_hire for hint in hook.hints(one)]
    assert {hint.external for hint in found} == {of_a_hire[0]["data"]["application"]["candidate"]["id"]}
    assert not any(hint.parts for hint in found)


def test_a_name_is_one_text_and_our_own_split_stays_while_it_joins_to_the_same() -> None:
    lens = next(one for one in CONNECTOR.fields(Tenant(), "c") if one.name == "name" and one.kind is Kind.CANDIDATE)

    def read(seen: str, **held: str) -> Any:
        record = Record("r", "w", Kind.CANDIDATE, "f", None, held, EMPTY, "c", None)  # type: ignore[arg-type]
        return lens.parse(seen, record, Refs())

    assert read("Ada van Lovelace") == {"first_name": "Ada", "last_name": "van Lovelace"}
    assert read("Ada  van Lovelace", first_name="Ada van", last_name="Lovelace")["first_name"] == "Ada van"
    assert read("Cher") == {"first_name": "Cher", "last_name": None}


def test_the_resume_stands_among_the_files_and_is_one_of_them() -> None:
    found = {p.seen["name"]: p.seen["type"] for p in parts(CONNECTOR, "candidate.list") if p.kind is Kind.ATTACHMENT}
    assert found == {"resume.pdf": "resume", "cover-letter.pdf": "other"}


async def test_a_file_is_opened_by_its_handle() -> None:
    made = await rig("ashby")
    db = sandbox_of(made).db
    row = next(iter(db["attachments"]))
    assert CONNECTOR.files is not None
    assert (await made.client.download(row["handle"], CONNECTOR.files)).data == row["content"]


def test_outcomes_are_no_stages_and_a_stage_belongs_to_the_job() -> None:
    shown = [p for p in parts(CONNECTOR, "job.list") if p.kind is Kind.STAGE]
    assert {p.seen["title"] for p in shown} == {"New Lead", "Application Review"}
    assert all(p.external.partition("/")[0] == p.parent for p in shown)
    jobs = {p.parent for p in shown}
    assert len(jobs) == 2, "two jobs that share a plan have each its stages"
    applied = [p for p in parts(CONNECTOR, "application.list") if p.kind is Kind.APPLICATION]
    assert [("stage" in p.seen, p.seen["prospect"]) for p in applied] == [(True, False), (False, False), (True, True)]


async def test_a_plan_that_nobody_knew_yet_is_known_by_the_applications_in_it() -> None:
    made = await rig("ashby")
    _, application = made.account.applicant()
    box, who = sandbox_of(made), made.account.who  # type: ignore[attr-defined]
    job = box.db["applications"].rows[application]["job_id"]
    plan = pipeline.define_plan(box, who, "New plan", [("Lead", "Lead"), ("Talk", "Active"), ("Out", "Archived")])
    pipeline.switch_plan(box, who, job, plan["id"])
    assert ladder(made.tenant, plan["id"]) == []
    reads = list_of("application.list")
    found = [p async for p in made.polled(reads)]
    stage = next(p.seen["stage"] for p in found if p.external == application)
    assert any(p.kind is Kind.STAGE and p.external == stage and p.parent == job for p in found)


async def test_the_text_of_a_job_is_that_of_its_posting_and_a_new_application_is_found_by_its_candidate() -> None:
    made = await rig("ashby")
    job = next(row["id"] for row in sandbox_of(made).db["jobs"] if row["status"] == "Open")
    assert (await made.shown(Kind.JOB, job, Kind.JOB, job))["descriptionPlain"]
    candidate, application = made.account.apply()
    shown = await made.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)
    assert shown["stage"].startswith(shown["job"])


async def test_answers_are_read_with_one_application_and_none_about_protected_characteristics() -> None:
    (answered,) = [p.seen["answers"] for p in parts(CONNECTOR, "application.list") if "answers" in p.seen]
    assert answered == {"Do you have 3 years of experience?": True}


# -------------------------------------------------------------------------------------------------------- what is written


async def test_contact_data_is_added_without_telling_anybody_and_a_removal_is_refused_before_anything_is_sent() -> None:
    made = await rig("ashby")
    candidate, _ = made.account.applicant()
    row = sandbox_of(made).db["candidates"].rows[candidate]
    added = {"emailAddresses": ("second@example.org",), "socialLinks": ("https://github.com/ada",)}
    shown = await made.send("candidate", candidate, {"name": "Ada Byron"}, added=added)
    assert shown["name"] == row["name"] == "Ada Byron"
    assert set(shown["emailAddresses"]) == {one["value"] for one in row["emails"]} >= {"second@example.org"}  # type: ignore[arg-type]
    assert {"type": "GitHub", "url": "https://github.com/ada"} in row["links"]
    assert not next(one for one in row["emails"] if one["value"] == "second@example.org")["isPrimary"]
    before = made.account.ours()
    with pytest.raises(RejectedError, match="take none away"):
        await made.send("candidate", candidate, added=added, removed={"emailAddresses": ("second@example.org",)})
    assert made.account.ours() == before
    assert made.account.mails() == 0


async def test_links_are_changed_one_by_one_though_the_call_replaces_the_list() -> None:
    made = await rig("ashby")
    candidate, _ = made.account.applicant()
    row = sandbox_of(made).db["candidates"].rows[candidate]
    theirs = {"type": "Medium", "url": "https://medium.com/@ada"}
    people.update(sandbox_of(made), made.account.who, candidate, {"links": [theirs]})  # type: ignore[attr-defined]
    await made.send("candidate", candidate, added={"socialLinks": ("https://ada.example",)})
    assert row["links"] == [theirs, {"type": "Website", "url": "https://ada.example"}]
    await made.send("candidate", candidate, removed={"socialLinks": ("https://ada.example",)})
    assert row["links"] == [theirs]


async def test_all_values_of_an_object_go_in_one_call_and_null_is_sent_only_where_there_is_something() -> None:
    made = await rig("ashby")
    candidate, application = made.account.applicant()
    await written(made, candidate, application)
    asked = [one.endpoint for one in made.seen]
    assert asked.count("/customField.setValues") == 1
    assert "/customField.setValue" not in asked
    before = len(made.seen)
    assert await made.send("outputs", application, {"custom.bascule_match_score": None}) == {
        "custom.bascule_match_score": None
    }
    assert len(made.seen) == before
    shown = await made.send(
        "outputs", application, {"custom.bascule_match_score": None}, known={"custom.bascule_match_score": 87}
    )
    assert shown == {"custom.bascule_match_score": None}


async def test_two_people_scored_side_by_side_lose_nothing() -> None:
    made = await rig("ashby")
    both = [row for row in sandbox_of(made).db["applications"] if row["status"] == "Active"][:2]
    await asyncio.gather(*(written(made, row["candidate_id"], row["id"]) for row in both))
    assert all(len(row["custom_fields"]) >= 9 for row in both)


async def test_a_stage_of_another_plan_or_an_outcome_is_no_move_and_a_moved_applicant_is_left_alone() -> None:
    made = await rig("ashby")
    _, application = made.account.applicant()
    row = sandbox_of(made).db["applications"].rows[application]
    here = f"{row['job_id']}/{row['stage_id']}"
    hired = pipeline.first(sandbox_of(made), row["plan_id"], "Hired")["id"]
    other = next(one for one in sandbox_of(made).db["stages"] if one["plan_id"] != row["plan_id"])["id"]
    before = made.account.ours()
    for target, error in (
        (f"{row['job_id']}/{hired}", RejectedError),
        (f"{row['job_id']}/{other}", RejectedError),
        (f"another-job/{other}", GuardRefusedError),
    ):
        with pytest.raises(error):
            await made.send("move", application, {"stage": target}, current={"stage": here}, actor=RECRUITER)
    target = made.account.next_stage(application)
    with pytest.raises(GuardRefusedError):
        await made.send("move", application, {"stage": target}, current={"stage": "elsewhere"}, actor=RECRUITER)
    assert made.account.ours() == before


async def test_nobody_is_archived_without_a_reason_and_taken_back_to_where_they_were() -> None:
    made = await rig("ashby")
    _, application = made.account.applicant()
    row = sandbox_of(made).db["applications"].rows[application]
    stage, reasons = row["stage_id"], [one["id"] for one in sandbox_of(made).db["archive_reasons"]]
    with pytest.raises(RejectedError, match="without a reason"):
        await made.send("decide", application, {"status": "Archived"}, actor=RECRUITER)
    await made.send("decide", application, {"status": "Archived", "reason": reasons[0]}, actor=RECRUITER)
    assert (row["status"], row["archive_reason_id"]) == ("Archived", reasons[0])
    shown = await made.send("decide", application, {"reason": reasons[1]}, actor=RECRUITER)
    assert (shown["reason"], row["archive_reason_id"]) == (reasons[1], reasons[1])
    shown = await made.send("decide", application, {"status": "Active"}, actor=RECRUITER)
    assert shown["status"] in ("Active", "Lead")
    assert shown["reason"] is None
    assert row["stage_id"] == stage
    assert made.account.mails() == 0, "no archive e-mail is asked for"


async def test_a_reason_of_theirs_reads_as_withdrawn() -> None:
    lens = next(one for one in CONNECTOR.fields(Tenant(), "c") if one.name == "reason")
    reason = Record("r1", "w", Kind.REJECTION_REASON, "f", None, {"type": "RejectedByCandidate"}, EMPTY, "c", None)  # type: ignore[arg-type]
    applied = Record("a1", "w", Kind.APPLICATION, "f", None, {"status": "rejected"}, EMPTY, "c", None)  # type: ignore[arg-type]
    refs = Refs(record={("c", Kind.REJECTION_REASON, "x"): "r1"}, records={"r1": reason})
    assert lens.parse("x", applied, refs) == {"reason": "r1", "status": "withdrawn"}


async def test_somebody_with_an_open_application_cannot_be_erased_there_and_that_is_said() -> None:
    made = await rig("ashby")
    candidate, _ = made.account.applicant()
    with pytest.raises(RejectedError) as refused:
        await made.send("anonymize", candidate)
    assert "archived or hired" in refused.value.words
    for one in sandbox_of(made).db["applications"].where("candidate_id", candidate):
        made.account.archived(one["id"])  # type: ignore[attr-defined]
    await made.send("anonymize", candidate)
    assert sandbox_of(made).db["candidates"].rows[candidate]["emails"] == []


async def test_a_source_is_changed_without_telling_anybody_and_is_not_taken_away() -> None:
    made = await rig("ashby")
    _, application = made.account.applicant()
    source = sandbox_of(made).db["sources"].ids[-1]
    assert await made.send("application", application, {"source": source}) == {"source": source}
    with pytest.raises(RejectedError):
        await made.send("application", application, {"source": None})
    assert made.account.mails() == 0


async def test_a_note_is_private_silent_and_found_also_where_it_is_shown_as_html() -> None:
    made = await rig("ashby")
    candidate, _ = made.account.applicant()
    await made.send("note", "", {"content": "Score 87", "visibility": "private"}, parents={Kind.CANDIDATE: candidate})
    (note,) = [one for one in sandbox_of(made).db["notes"] if "Score 87" in one["body"]]
    assert note["private"]
    assert made.account.mails() == 0
    shown = next(p for p in parts(CONNECTOR, "candidate.listNotes") if p.marker)
    assert (shown.marker, shown.seen["visibility"]) == (MARKER, "private")


async def test_a_field_of_ours_that_was_archived_there_is_made_anew_and_a_customers_of_the_same_title_is_not_ours() -> (
    None
):
    made = await rig("ashby")
    box, who = sandbox_of(made), made.account.who  # type: ignore[attr-defined]
    ours = next(row for row in box.db["custom_fields"] if row["title"] == "Bascule match score")
    pipeline.define_field(box, who, "Bascule match score", "Candidate", "Number")
    assert not made.connector.setup(made.tenant, ("match_score",))
    box.db.change("custom_fields", ours["id"], who, {"archived": True})
    await made.set_up()
    alive = [row for row in box.db["custom_fields"] if row["title"] == ours["title"] and not row["archived"]]
    assert {row["object_type"] for row in alive} == {"Application", "Candidate"}


# ---------------------------------------------------------------------------------------------------------- its schema


def test_every_field_stands_once_and_is_carried_or_has_a_reason() -> None:
    schema = CONNECTOR.schema(Tenant())
    named = [(one.object, one.name) for one in schema]
    assert len(named) == len(set(named))
    mapped = {(each.kind, each.name) for each in CONNECTOR.fields(Tenant(), "c")}
    for one in schema:
        assert bool(one.why) != bool(one.into), one
        assert not one.into or (one.kind, one.into) in mapped, one
    assert {kind for reads in CONNECTOR.reads for kind in (reads.kind, *reads.also)} <= {one.kind for one in schema}


async def test_nothing_that_the_sandbox_shows_is_forgotten() -> None:
    """The sandbox is written from the published document by somebody else."""
    made = await rig("ashby", candidates=40)
    described: dict[str, set[str]] = {}
    for one in CONNECTOR.schema(Tenant()):
        described.setdefault(one.object, set()).add(one.name)
    missing = set[tuple[str, str]]()
    for reads in made.lists():
        async for items in made.client.list(replace(reads, drop=())):
            of = reads.path[1:].partition(".")[0]
            missing |= {(of, key) for item in items for key in item if key not in described[of]}
    assert not missing
    assert not [one for one in CONNECTOR.schema(made.tenant) if "new in Ashby" in one.why]

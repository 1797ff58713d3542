"""What is SmartRecruiters' own: each thing that its interface does otherwise than one thinks."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bascule.connectors.smartrecruiters import CONNECTOR, errors
from bascule.connectors.smartrecruiters.hooks import claim
from bascule.connectors.smartrecruiters.objects import comment, lines, place, stage_id
from bascule.connectors.smartrecruiters.reads import JOB_STATUS, ask_candidates
from bascule.connectors.smartrecruiters.sends import plain
from bascule.connectors.spec import Asked, Request, Response, Tenant
from bascule.contract.promises import RECRUITER, Rig, rig, written
from bascule.engine.verify import verified
from bascule.errors import (
    AbsentError,
    GuardRefusedError,
    PermissionMissingError,
    RejectedError,
    ThrottledError,
)
from bascule.model import Kind, Presence
from bascule.sandbox.kit.hooks import Reply
from bascule.sandbox.kit.tables import SYSTEM, Actor
from bascule.sandbox.smartrecruiters import doings, hooks
from bascule.sandbox.smartrecruiters.deeds import rename_stage
from bascule.sandbox.smartrecruiters.hooks import activate

NAME = "smartrecruiters"


async def account(**options: Any) -> Rig:
    """An account of another configuration than the usual one."""
    made = await rig(NAME, variant=str(options.pop("variant", "")), learn=False)
    sandbox = made.account.sandbox
    sandbox.options = replace(sandbox.options, **options)
    await made.set_up()
    return made


async def shown(made: Rig, application: str, kind: Kind = Kind.APPLICATION) -> dict[str, Any]:
    candidate = application.partition(":")[0]
    return await made.shown(Kind.CANDIDATE, candidate, kind, application if kind is Kind.APPLICATION else candidate)


def requests(made: Rig) -> list[tuple[str, str]]:
    return [(one.method, one.endpoint) for one in made.seen]


# ------------------------------------------------------------------------------------------------------------- names


def test_a_stage_is_a_status_with_a_sub_status_of_a_job() -> None:
    assert stage_id("j", "IN_REVIEW", "Phone / video") == "j/IN_REVIEW/Phone / video"
    assert place("j/IN_REVIEW/Phone / video") == ("IN_REVIEW", "Phone / video")
    assert place("j/NEW") == ("NEW", "")


def test_every_status_of_a_job_is_known() -> None:
    assert JOB_STATUS.keys() == {"CREATED", "SOURCING", "FILLED", "INTERVIEW", "OFFER", "CANCELLED", "ON_HOLD"}


async def test_a_renamed_sub_status_is_another_stage_and_its_old_name_is_refused() -> None:
    made = await rig(NAME)
    candidate, application = made.account.applicant()
    target = made.account.next_stage(application)
    old = place(target)[1]
    here = (await shown(made, application))["stage"]
    rename_stage(made.account.sandbox, SYSTEM, old, "Renamed")
    with pytest.raises(RejectedError) as refused:
        await made.send("move", application, {"stage": target}, actor=RECRUITER, current={"stage": here})
    assert "sub-status" in refused.value.words
    await made.set_up()
    job = application.partition(":")[2]
    names = [part.seen["name"] for part in (await made.read(Kind.JOB, job)).parts if part.kind is Kind.STAGE]
    assert "Renamed" in names
    assert old not in names
    assert candidate


async def test_a_move_never_goes_to_a_divided_status_by_itself() -> None:
    made = await rig(NAME)
    _, application = made.account.applicant()
    job = application.partition(":")[2]
    with pytest.raises(RejectedError) as refused:
        await made.send("move", application, {"stage": f"{job}/IN_REVIEW"}, actor=RECRUITER)
    assert "Phone screen" in refused.value.hint
    parts = {part.external: part for part in (await made.read(Kind.JOB, job)).parts}
    assert parts[f"{job}/IN_REVIEW"].seen["active"] is False
    assert parts[f"{job}/NEW"].seen["active"] is True


async def test_where_jobs_hide_their_process_the_stages_of_all_are_offered() -> None:
    made = await account(hiring_process="hidden")
    job = next(iter(made.account.sandbox.db["jobs"].ids))
    names = {part.seen["name"] for part in (await made.read(Kind.JOB, job)).parts if part.kind is Kind.STAGE}
    assert {"Phone screen", "Licence check"} <= names


async def test_an_application_is_addressed_by_its_job_whichever_is_primary() -> None:
    made = await rig(NAME)
    sandbox = made.account.sandbox
    candidate, application = made.account.applicant()
    job = application.partition(":")[2]
    made.setting.clock.move(hours=1)
    other = next(row for row in sandbox.db["jobs"] if row["id"] != job and row["status"] == "SOURCING")
    doings.apply(sandbox, made.account.dana, candidate, other["id"])
    assert doings.primary(sandbox, candidate)["job_id"] == other["id"]
    here = (await shown(made, application))["stage"]
    target = made.account.next_stage(application)
    await made.send("move", application, {"stage": target}, actor=RECRUITER, current={"stage": here})
    assert (await shown(made, application))["stage"] == target
    assert (await shown(made, f"{candidate}:{other['id']}"))["stage"] == f"{other['id']}/NEW"


async def test_where_the_search_shows_only_the_job_of_secondary_ones_the_rest_is_unseen() -> None:
    made = await account(secondary="job")
    sandbox = made.account.sandbox
    candidate, application = made.account.applicant()
    job = application.partition(":")[2]
    made.setting.clock.move(hours=1)
    other = next(row for row in sandbox.db["jobs"] if row["id"] != job and row["status"] == "SOURCING")
    doings.apply(sandbox, made.account.dana, candidate, other["id"])
    reads = next(one for one in made.lists() if one.kind is Kind.CANDIDATE)
    found = {part.external: part async for part in made.polled(reads)}
    assert found[application].seen == {"job": job}
    assert (await shown(made, application))["status"] == "active", "by id it is shown"


# ------------------------------------------------------------------------------------------------------------ reading


def test_since_has_no_plus_and_reaches_back_over_a_search_that_is_behind() -> None:
    east = datetime.fromisoformat("2026-11-20T10:00:00+01:00")
    asked = ask_candidates(Asked(since=east, size=100, at="next"))
    assert asked.query == {"limit": "100", "updatedAfter": "2026-11-20T08:58:00.000Z", "pageId": "next"}
    assert asked.budget == "search"


def test_the_search_is_asked_one_at_a_time_and_somebody_by_id_is_no_search() -> None:
    assert CONNECTOR.rates["search"].concurrency == 1
    assert CONNECTOR.rates["candidates"].concurrency == 8
    assert ask_candidates(Asked(by=Kind.CANDIDATE, ids=("x",))).budget == "candidates"


def test_429_never_says_when_to_come_back() -> None:
    found = errors(Request("GET", "/candidates"), Response(429, {}, {"message": "Too many requests"}))
    assert isinstance(found, ThrottledError)
    assert found.retry_after is None


def test_a_missing_scope_is_a_missing_permission() -> None:
    body = {"message": "m", "errors": [{"code": "OAUTH_PERMISSIONS", "message": "OAuthPermissionsException"}]}
    found = errors(Request("GET", "/candidates"), Response(403, {}, body))
    assert isinstance(found, PermissionMissingError)
    assert found.words == "OAuthPermissionsException"


async def test_somebody_in_a_talent_pool_is_in_no_search_and_is_read_by_id() -> None:
    made = await rig(NAME)
    named = {"first_name": "Pool", "last_name": "Only", "email": "pool@example.com"}
    row = doings.create_candidate(made.account.sandbox, made.account.dana, named)
    reads = next(one for one in made.lists() if one.kind is Kind.CANDIDATE)
    assert row["id"] not in {part.external async for part in made.polled(reads)}
    read = await made.read(Kind.CANDIDATE, row["id"])
    assert [part.seen["firstName"] for part in read.parts if part.kind is Kind.CANDIDATE] == ["Pool"]


async def test_a_withdrawal_reads_as_one_with_its_own_reason() -> None:
    made = await rig(NAME)
    candidate, application = made.account.applicant()
    reason = next(row for row in made.account.sandbox.db["reasons"] if row["kind"] == "withdrawal")
    row = made.account.row(application)
    doings.set_status(made.account.sandbox, made.account.dana, row, {"status": "WITHDRAWN", "reason": reason["id"]})
    now = await shown(made, application)
    assert (now["status"], now["reason"]) == ("withdrawn", reason["id"])
    read = await made.read(Kind.REJECTION_REASON, reason["id"])
    (part,) = [part for part in read.parts if part.kind is Kind.REJECTION_REASON]
    assert (part.presence, part.seen["type"]) == (Presence.HERE, "withdrawal")
    assert candidate


async def test_a_cv_is_fetched_by_its_id_with_our_credential() -> None:
    made = await rig(NAME)
    candidate, application = made.account.apply()
    found = [part for part in (await made.read(Kind.CANDIDATE, candidate)).parts if part.kind is Kind.ATTACHMENT]
    seen = {key: value for part in found for key, value in part.seen.items()}
    assert (seen["filename"], seen["type"], seen["application"]) == ("cv.txt", "resume", application)
    assert CONNECTOR.files is not None
    file = await made.client.download(str(seen["url"]), CONNECTOR.files)
    assert b"Late Comer" in file.data


async def test_numbers_that_are_read_as_text_are_the_same_numbers() -> None:
    made = await account(numbers="text")
    candidate, application = made.account.applicant()
    await written(made, candidate, application)
    score = made.field_of(Kind.APPLICATION, "match_score")
    now = await shown(made, application)
    assert now[score.name] == "87"
    assert score.normal(now[score.name]) == score.normal(87)


# ------------------------------------------------------------------------------------------------------------ writing


async def test_properties_are_written_one_by_one_where_they_cannot_be_written_at_once() -> None:
    made = await account()
    plain_send = made.client.send

    async def send(request: Request, **more: Any) -> Response:
        if request.method == "PUT" and request.path.endswith("/properties"):
            assert 405 in request.done_if
            return Response(405, {}, None)
        return await plain_send(request, **more)

    made.client.send = send  # type: ignore[method-assign]
    candidate, application = made.account.applicant()
    await written(made, candidate, application)
    assert "87" in made.account.seen_by_people(candidate, application)


async def test_scoring_again_changes_the_one_review_and_other_peoples_stay() -> None:
    made = await rig(NAME, variant="review")
    sandbox = made.account.sandbox
    candidate, application = made.account.applicant()
    theirs = doings.review(
        sandbox, made.account.dana, made.account.row(application), made.account.dana.user_id, 2, "Not yet"
    )
    await written(made, candidate, application)
    await made.send("review", application, {"custom.bascule_match_score": 34})
    rows = {row["user_id"]: row for row in sandbox.db["reviews"].where("candidate_id", candidate)}
    mine = rows[made.account.service]
    assert (mine["rating"], rows[made.account.dana.user_id]["rating"]) == (2, 2)
    assert "Match score: 34" in mine["comment"]
    assert "Nine years of SQL" in mine["comment"], "the rest stays"
    assert rows[made.account.dana.user_id]["comment"] == theirs["comment"]
    await made.send("review", application, dict.fromkeys(["custom.bascule_match_score"]))
    assert made.account.service not in {
        row["user_id"] for row in sandbox.db["reviews"].where("candidate_id", candidate)
    }


async def test_a_review_is_rated_under_the_name_that_the_company_takes() -> None:
    made = await account(variant="review", rating="overallRating")
    candidate, application = made.account.applicant()
    await written(made, candidate, application)
    rows = [row for row in made.account.sandbox.db["reviews"].where("candidate_id", candidate)
            if row["user_id"] == made.account.service]  # fmt: skip
    assert [row["rating"] for row in rows] == [5]


async def test_without_a_score_there_is_no_review() -> None:
    made = await rig(NAME, variant="review")
    _, application = made.account.applicant()
    before = made.account.ours()
    await made.send("review", application, {"custom.bascule_ai_status": None, "custom.bascule_match_score": None})
    assert made.account.ours() == before


def test_a_comment_reads_back() -> None:
    values = {"bascule_match_score": "87", "bascule_match_reasons": "• SQL\n• Python: ten years"}
    assert lines(comment(values)) == values
    assert lines("Nice: very") == {}


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ("Ask @[USER:5c1a] first", "Ask @ [USER:5c1a] first"),
        ("#[CANDIDATE:other] too", "# [CANDIDATE:other] too"),
        ("<b>bold</b> 3 < 4", "&lt;b>bold&lt;/b> 3 < 4"),
        ("me@x.org [1]", "me@x.org [1]"),
    ],
)
def test_a_note_mails_nobody_lands_on_one_profile_and_has_no_html(body: str, sent: str) -> None:
    assert plain(body) == sent


@pytest.mark.parametrize(
    ("visibility", "there"), [("DIRECT", "DIRECT"), ("OPEN", "OPEN"), ("PRIVATE", "PRIVATE"), (None, "DIRECT")]
)
async def test_a_note_is_shown_to_whom_it_is_for_and_mentions_nobody(visibility: str | None, there: str) -> None:
    made = await rig(NAME)
    candidate, _ = made.account.applicant()
    fields = {"content": "Ask @[USER:5c1a] " + "x" * 10_000, "visibility": visibility}
    await made.send("note", "", fields, parents={Kind.CANDIDATE: candidate})
    note = made.account.sandbox.db["notes"].where("candidate_id", candidate)[-1]
    assert note["visibility"] == there
    assert made.account.mails() == 0
    assert note["content"].endswith("ref bsc-0123456789abcdef")
    assert (made.account.dana.user_id in note["readers"]) == (there == "DIRECT")


async def test_tags_are_added_by_themselves_and_taken_away_without_the_others() -> None:
    made = await rig(NAME)
    candidate, _ = made.account.applicant()
    row = made.account.sandbox.db["candidates"].rows[candidate]
    doings.set_tags(made.account.sandbox, made.account.dana, row, ["Theirs", "Old"])
    await made.send("tags", candidate, {}, added={"tags": ("New", "theirs")}, removed={"tags": ("OLD",)})
    assert made.account.sandbox.db["candidates"].rows[candidate]["tags"] == ["Theirs", "New"]


async def test_one_address_is_replaced_and_a_second_one_is_refused() -> None:
    made = await rig(NAME)
    candidate, _ = made.account.applicant()
    old = made.account.sandbox.db["candidates"].rows[candidate]["email"]
    with pytest.raises(RejectedError):
        await made.send("email", candidate, {}, added={"email": ("second@example.com",)})
    await made.send("email", candidate, {}, added={"email": ("new@example.com",)}, removed={"email": (old,)})
    assert made.account.sandbox.db["candidates"].rows[candidate]["email"] == "new@example.com"


async def test_a_web_address_goes_to_its_place_and_the_others_stay() -> None:
    made = await rig(NAME)
    candidate, _ = made.account.applicant()
    db = made.account.sandbox.db
    db.change("candidates", candidate, SYSTEM, {"web": {"skype": "ada.b", "website": "https://ada.example"}})
    await made.send("web", candidate, {}, added={"web": ("https://www.linkedin.com/in/ada",)})
    held = {"skype": "ada.b", "website": "https://ada.example", "linkedin": "https://www.linkedin.com/in/ada"}
    assert db["candidates"].rows[candidate]["web"] == held
    with pytest.raises(RejectedError):
        await made.send("web", candidate, {}, added={"web": ("https://other.example",)})


async def test_a_rejection_can_be_taken_back_to_where_it_was_and_its_reason_corrected() -> None:
    made = await rig(NAME)
    _, application = made.account.applicant()
    before = await shown(made, application)
    reasons = [row["id"] for row in made.account.sandbox.db["reasons"] if row["kind"] == "rejection"]
    for reason in reasons[:2]:
        await made.send("decide", application, {"status": "rejected", "reason": reason}, actor=RECRUITER)
        assert (await shown(made, application))["reason"] == reason
    known = {"stage": before["stage"]}
    await made.send("decide", application, {"status": "active", "reason": None}, actor=RECRUITER, known=known)
    after = await shown(made, application)
    assert (after["status"], after["reason"], after["stage"]) == ("active", None, before["stage"])


async def test_where_a_rejection_cannot_be_taken_back_that_is_said() -> None:
    made = await account(unreject="refused")
    _, application = made.account.applicant()
    await made.send("decide", application, {"status": "rejected"}, actor=RECRUITER)
    with pytest.raises(RejectedError):
        await made.send("decide", application, {"status": "active"}, actor=RECRUITER)
    with pytest.raises(GuardRefusedError):
        await made.send("move", application, {"stage": made.account.next_stage(application)}, actor=RECRUITER)


async def test_a_move_that_somebody_else_has_overtaken_is_not_made() -> None:
    made = await rig(NAME)
    _, application = made.account.applicant()
    job = application.partition(":")[2]
    target = made.account.next_stage(application)
    with pytest.raises(GuardRefusedError):
        await made.send("move", application, {"stage": target}, current={"stage": f"{job}/OFFERED/Offer sent"})


async def test_erasing_takes_the_whole_person_and_again_is_no_error() -> None:
    made = await rig(NAME)
    candidate, application = made.account.applicant()
    for _ in range(2):
        await made.send("erase", candidate)
    assert candidate not in made.account.everybody()
    with pytest.raises(AbsentError):
        await made.send("move", application, {"stage": "x/NEW"})


# ----------------------------------------------------------------------------------------------------------- webhooks

KEY = "HeBVky2bccvvkcXPimH8c"
BODY = b'{"job_id":"jid","candidate_id":"cid"}'
HEADERS = {
    "smartrecruiters-timestamp": "1574080897", "event-id": "123", "event-name": "application.created",
    "event-version": "v201910", "link": "<http://smartrecruiters.com/endpoint>; rel=self",
    "smartrecruiters-signature": "v1=2e9291f10d44ca10204a4cd81b05d73b6a316b2b605d4e2e0e0b37b40198ce1f",
}  # fmt: skip
THEN = datetime.fromtimestamp(1574080897, UTC)


def genuine(headers: Mapping[str, str], body: bytes = BODY, now: datetime = THEN, key: str = KEY) -> bool:
    assert CONNECTOR.webhook is not None
    return verified(CONNECTOR.webhook.verify, headers, body, key, now=now)


def test_the_vendors_own_example_is_believed() -> None:
    assert genuine(HEADERS)


@pytest.mark.parametrize("name", ["event-id", "event-name", "event-version", "link", "smartrecruiters-timestamp"])
def test_every_header_that_is_signed_counts(name: str) -> None:
    assert not genuine({**HEADERS, name: "1"})
    assert not genuine({key: value for key, value in HEADERS.items() if key != name})


def test_while_a_key_changes_either_signature_is_enough() -> None:
    old = HEADERS["smartrecruiters-signature"]
    assert genuine({**HEADERS, "smartrecruiters-signature": f"v1={'0' * 64};{old}"})
    assert not genuine({**HEADERS, "smartrecruiters-signature": old.replace("v1", "v2")})
    assert not genuine({**HEADERS, "smartrecruiters-signature": ""})
    assert not genuine(HEADERS, now=THEN + timedelta(days=2))
    assert claim({**HEADERS, "smartrecruiters-timestamp": "9" * 40}, BODY) is None


def test_a_header_that_is_missing_is_signed_as_nothing() -> None:
    bare = {key: value for key, value in HEADERS.items() if key != "link"}
    message = b".".join([b"1574080897", BODY, b"123", b"application.created", b"v201910", b""])
    mark = hmac.new(KEY.encode(), message, hashlib.sha256).hexdigest()
    assert genuine({**bare, "smartrecruiters-signature": f"v1={mark}"})


async def test_a_subscription_is_active_once_its_secret_comes_back_and_unsigned_until_there_is_a_key() -> None:
    got: list[Mapping[str, str]] = []

    async def deliver(_url: str, headers: Mapping[str, str], _body: bytes) -> Reply:
        assert CONNECTOR.webhook is not None
        lower = {key.lower(): value for key, value in headers.items()}
        asked = lower.get(CONNECTOR.webhook.echo.lower())
        got.append(lower)
        return Reply(200, {CONNECTOR.webhook.echo: asked}) if asked else Reply(CONNECTOR.webhook.accepted)

    made = await rig(NAME, deliver=deliver)
    sandbox, actor = made.account.sandbox, Actor("user:Integration Service", made.account.service)
    asked = {"callbackUrl": made.setting.hook, "events": ["candidate.updated"]}
    row = hooks.subscribe(sandbox, actor, made.account.key["id"], made.account.base_url, asked)
    await activate(sandbox, actor, row["id"])
    made.account.edit(Kind.CANDIDATE)
    await made.account.deliver()
    assert got[-1]["event-name"] == "candidate.updated"
    assert not genuine(got[-1], b"{}", made.setting.clock(), "anything")
    hooks.new_key(sandbox, actor, sandbox.db["webhooks"].rows[row["id"]])
    doings.edit_candidate(sandbox, actor, made.account.applicant()[0], {"first_name": "Again"})
    await made.account.deliver()
    assert "smartrecruiters-signature" in got[-1]


def test_ids_only_come_so_each_event_says_whom_to_read() -> None:
    hook = CONNECTOR.webhook
    assert hook is not None
    (moved,) = hook.hints({"candidate_id": "c", "job_id": "j", "event-name": "application.status.updated"})
    assert (moved.root, moved.external, moved.kinds) == (Kind.CANDIDATE, "c", frozenset({Kind.APPLICATION}))
    (gone,) = hook.hints({"id": "c", "event-name": "candidate.deleted"})
    assert gone.parts[0].presence is Presence.DELETED
    assert list(hook.hints({"id": "r", "event-name": "review.created"})) == []


def test_without_facts_nothing_is_guessed_about_us() -> None:
    reads = next(one for one in CONNECTOR.reads if one.title == "reviews")
    (part,) = reads.parse({"application": "c:j", "items": [{"id": "r", "reviewer": {"id": "me"}}]}, Tenant())
    assert part.kind is Kind.SCORECARD

"""What Greenhouse in particular must get right, by the letter."""

from __future__ import annotations

from typing import Any

import pytest

from bascule.connectors import registry
from bascule.connectors.greenhouse import CONNECTOR
from bascule.connectors.spec import Request, Response, scopes
from bascule.errors import GuardRefusedError, RejectedError
from bascule.model import Direction, Family, Kind, Part, Presence, Record, Refs, Unmappable

from .recorded import hooks, parts, with_fields
from .test_laws import CONNECTION, NOW

C, A, J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB

READ_SCOPES = {
    "harvest:application_stages:list",
    "harvest:applications:list",
    "harvest:attachments:list",
    "harvest:candidates:list",
    "harvest:custom_field_options:list",
    "harvest:custom_fields:list",
    "harvest:departments:list",
    "harvest:interviewers:list",
    "harvest:interviews:list",
    "harvest:job_hiring_managers:list",
    "harvest:job_interview_stages:list",
    "harvest:job_owners:list",
    "harvest:job_posts:list",
    "harvest:jobs:list",
    "harvest:notes:list",
    "harvest:offers:list",
    "harvest:offices:list",
    "harvest:openings:list",
    "harvest:rejection_details:list",
    "harvest:rejection_reasons:list",
    "harvest:scorecards:list",
    "harvest:sources:list",
    "harvest:users:list",
}
WRITE_SCOPES = {
    "harvest:applications:move",
    "harvest:applications:reject",
    "harvest:applications:unreject",
    "harvest:applications:update",
    "harvest:applied_candidate_tags:create",
    "harvest:applied_candidate_tags:destroy",
    "harvest:applied_candidate_tags:list",
    "harvest:candidate_tags:create",
    "harvest:candidate_tags:list",
    "harvest:candidates:anonymize",
    "harvest:candidates:update",
    "harvest:notes:create",
    "harvest:rejection_details:update",
}


def test_the_whole_mapping_needs_exactly_these_scopes() -> None:
    fields = CONNECTOR.fields(with_fields(CONNECTOR, "application"), CONNECTION)
    assert scopes(CONNECTOR, fields) == READ_SCOPES | WRITE_SCOPES
    assert scopes(CONNECTOR, fields, setup=True) - scopes(CONNECTOR, fields) == {"harvest:custom_fields:create"}


def test_scores_without_decisions_need_no_right_to_decide() -> None:
    fields = CONNECTOR.fields(with_fields(CONNECTOR, "application"), CONNECTION)
    kept = [each for each in fields if each.direction is not Direction.BOTH]
    assert scopes(CONNECTOR, kept) - READ_SCOPES == {
        "harvest:applications:update",
        "harvest:applied_candidate_tags:create",
        "harvest:applied_candidate_tags:destroy",
        "harvest:applied_candidate_tags:list",
        "harvest:candidate_tags:create",
        "harvest:candidate_tags:list",
        "harvest:candidates:anonymize",
    }


def test_site_admin_is_named_as_an_excess_with_what_to_do() -> None:
    assert set(CONNECTOR.excess) == {"Site Admin"}
    assert "service" in CONNECTOR.excess["Site Admin"]


# ------------------------------------------------------------------------------------------------------------ reads


def only(title: str, external: str) -> Part:
    (part,) = [part for part in parts(CONNECTOR, title) if part.external == external]
    return part


def test_a_candidate_shows_contacts_tags_and_custom_fields_apart() -> None:
    seen = only("candidates", "66001").seen
    assert seen["email_addresses"] == ("ada@example.org", "a.byron@engine.example")
    assert seen["phone_numbers"] == ("+44 20 7946 0000",)
    assert seen["links"] == ("ada.example", "https://social.example/ada")
    assert seen["tags"] == ("imported",)
    assert seen["tags.top_ten"] == ("Top 10 %: Data Analyst",)
    assert seen["custom.bascule_match_score"] == "87"
    assert seen["custom_fields"] == {"notice_period": "4 weeks", "salary": {"value": "52000", "unit": "GBP"}}


def test_custom_fields_that_are_not_shown_are_unseen() -> None:
    assert "custom_fields" not in only("candidates", "66003").seen


def test_an_application_does_not_show_its_stage_instance() -> None:
    seen = only("applications", "77001").seen
    assert "stage" not in seen
    assert "stage_id" not in seen
    assert seen["answers"] == {"When could you start?": "January"}
    assert [dict(part.seen) for part in parts(CONNECTOR, "application_stages")] == [
        {"stage": "3102"},
        {"stage": "3201"},
    ]


def test_an_application_that_was_never_rejected_shows_no_reason() -> None:
    reads = next(one for one in CONNECTOR.reads if one.title == "rejection_details")
    (part,) = reads.parse({"application_id": "77001", "items": []}, with_fields(CONNECTOR, "application"))
    assert part.seen == {"reason": None}


def test_a_note_of_ours_carries_its_marker_and_reads_without_it() -> None:
    part = only("notes", "31002")
    assert part.marker == "bsc-0123456789abcdef"
    assert part.seen["body"] == "Match score 87.\n• Nine years of SQL"
    assert only("notes", "31001").marker == ""


def test_contracts_and_offer_letters_are_not_read() -> None:
    assert [part.seen["filename"] for part in parts(CONNECTOR, "attachments")] == ["cv.pdf"]


def test_a_job_shows_names_and_its_public_text() -> None:
    job = only("jobs", "5501").seen
    assert (job["department_id"], job["office_ids"]) == ("Data", ("London", "office 32"))
    assert only("job_posts", "5501").seen == {"content": "<p>You turn data into decisions.</p>"}
    assert [dict(part.seen) for part in parts(CONNECTOR, "job_owners")] == [{"recruiters": ("4012001",)}] * 2


def test_a_filled_opening_is_a_hire_and_an_open_one_is_not() -> None:
    assert [(part.external, part.parent) for part in parts(CONNECTOR, "openings")] == [("72", "77009")]


# ------------------------------------------------------------------------------------------------------------ hooks

EXPECTED: dict[str, tuple[Kind | None, str, set[tuple[Kind, str, Presence]]]] = {
    "new_candidate_application": (C, "66001", set()),
    "new_prospect_application": (C, "66001", set()),
    "application_updated": (C, "66001", set()),
    "candidate_stage_change": (C, "66001", set()),
    "reject_candidate": (C, "66001", set()),
    "unreject_candidate": (C, "66001", set()),
    "hire_candidate": (C, "66001", set()),
    "unhire_candidate": (C, "66001", set()),
    "update_candidate": (C, "66001", set()),
    "delete_application": (C, "66001", {(A, "77001", Presence.DELETED)}),
    "merge_candidate": (C, "66001", {(C, "66002", Presence.MERGED)}),
    "delete_candidate": (C, "66001", {
        (C, "66001", Presence.DELETED), (A, "77001", Presence.DELETED), (A, "77002", Presence.DELETED),
    }),
    "candidate_anonymized": (C, "66001", {(C, "66001", Presence.ANONYMISED)}),
    "offer_deleted": (None, "", {(Kind.OFFER, "61", Presence.DELETED)}),
    "interview_deleted": (None, "", {(Kind.INTERVIEW, "81", Presence.DELETED)}),
    "scorecard_deleted": (None, "", {(Kind.SCORECARD, "111", Presence.DELETED)}),
    "job_created": (J, "5501", set()),
    "job_updated": (J, "5501", set()),
    "job_approved": (J, "5501", set()),
    "job_deleted": (J, "5501", {(J, "5501", Presence.DELETED)}),
    "job_post_created": (J, "5501", set()),
    "job_post_updated": (J, "5501", set()),
    "job_post_deleted": (J, "5501", set()),
    "ping": (None, "", set()),
}  # fmt: skip
UNHEARD = {"offer_created", "offer_approved", "offer_updated", "department_deleted", "office_deleted"}


@pytest.mark.parametrize("event", sorted(EXPECTED))
def test_an_event_names_whom_to_read_and_what_no_read_could_give(event: str) -> None:
    assert CONNECTOR.webhook is not None
    (hint,) = CONNECTOR.webhook.hints(hooks(CONNECTOR)[event])
    gone = {(part.kind, part.external, part.presence) for part in hint.parts}
    assert (hint.root, hint.external, gone) == EXPECTED[event]


@pytest.mark.parametrize("event", sorted(UNHEARD))
def test_an_event_that_names_nobody_is_left_to_the_polls(event: str) -> None:
    assert CONNECTOR.webhook is not None
    assert list(CONNECTOR.webhook.hints(hooks(CONNECTOR)[event])) == []


def test_a_merge_names_the_survivor() -> None:
    assert CONNECTOR.webhook is not None
    (hint,) = CONNECTOR.webhook.hints(hooks(CONNECTOR)["merge_candidate"])
    assert [part.into for part in hint.parts] == ["66001"]


def test_somebody_who_lost_only_an_address_is_read_again_and_not_gone() -> None:
    assert CONNECTOR.webhook is not None
    body = {"action": "candidate_anonymized", "payload": {"candidate_id": 66001, "anonymized_fields": ["emails"]}}
    (hint,) = CONNECTOR.webhook.hints(body)
    assert not hint.parts
    assert hint.external == "66001"


# ----------------------------------------------------------------------------------------------------------- lenses


def lens(kind: Kind, name: str) -> Any:
    fields = CONNECTOR.fields(with_fields(CONNECTOR, "application"), CONNECTION)
    return next(each for each in fields if (each.kind, each.name) == (kind, name))


def record(kind: Kind = A, **fields: Any) -> Record:
    return Record("r", "w", kind, "f", None, fields, {}, CONNECTION, NOW)


def test_a_converted_prospect_is_a_gap_and_no_guess() -> None:
    assert isinstance(lens(A, "status").parse("converted", record(), Refs()), Unmappable)


def test_a_rejection_by_the_candidate_reads_as_withdrawn_and_stays_so() -> None:
    reason = Record(
        "reason-13", "w", Kind.REJECTION_REASON, "g", None, {"type": "THEY_REJECTED_US"}, {}, CONNECTION, NOW
    )
    refs = Refs(
        external={(CONNECTION, "reason-13"): "13"},
        record={(CONNECTION, Kind.REJECTION_REASON, "13"): "reason-13"},
        records={"reason-13": reason},
    )
    found = lens(A, "reason").parse("13", record(status="rejected"), refs)
    assert found == {"reason": "reason-13", "status": "withdrawn"}
    held = record(**found)
    nobody = Family("f", "w", C, 0, "s")
    assert lens(A, "status").render(held, nobody, refs) == "rejected"
    assert lens(A, "status").parse("rejected", held, refs) == {"status": "withdrawn"}


def test_a_phone_number_is_the_same_however_it_is_spaced() -> None:
    phones = lens(C, "phone_numbers")
    ours = record(C, phones=("+44 (0)20 7946-0000",))
    assert phones.parse(("+44 0 20 79460000",), ours, Refs()) == {"phones": ("+44 (0)20 7946-0000",)}


def test_a_signed_address_does_not_change_with_its_signature() -> None:
    url = lens(Kind.ATTACHMENT, "url")
    assert url.normal("https://a.s3.amazonaws.com/cv?X=1") == url.normal("https://a.s3.amazonaws.com/cv?X=2")


# ----------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    "words", ["Application must be 'rejected', is currently 'active'", "from_stage_id 3101 is not the current stage"]
)
def test_a_guard_that_refuses_asks_for_another_look(words: str) -> None:
    answer = Response(422, {}, {"errors": [{"message": words}]})
    assert isinstance(CONNECTOR.errors(Request("POST", "/applications/77001/move"), answer), GuardRefusedError)


def test_the_vendors_words_are_kept_with_the_field_they_are_about() -> None:
    body = {"message": "Validation error", "errors": [{"message": "can't be blank", "field": "first_name"}]}
    error = CONNECTOR.errors(Request("PATCH", "/candidates/1"), Response(422, {}, body))
    assert isinstance(error, RejectedError)
    assert error.words == "first_name: can't be blank"


def test_built_in_connectors_need_no_installed_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "entry_points", lambda group: ())
    registry.load.cache_clear()
    assert registry.load("greenhouse") is CONNECTOR

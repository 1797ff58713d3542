"""What Lever in particular must get right, by the letter: each of the traps its interface has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bascule.connectors import registry
from bascule.connectors.lever import CONNECTOR
from bascule.connectors.spec import Tenant, lacking, scopes, sign_in
from bascule.contract.promises import RECRUITER, Rig, rig, written
from bascule.engine.http import Client
from bascule.engine.wire import AsgiTransport
from bascule.errors import GuardRefusedError, PermissionMissingError, RejectedError
from bascule.model import Family, Kind, Record, Refs
from bascule.sandbox.lever import people, records

from .accounts import Setting, of
from .accounts.lever import Account
from .recorded import hooks, items, parts, tenant
from .test_laws import NOW

C, A, J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB


def account(made: Rig) -> Account:
    assert isinstance(made.account, Account)
    return made.account


def forms(made: Rig, application: str) -> list[dict[str, Any]]:
    """Our forms on an opportunity, as they stand there."""
    rows = account(made).db["feedback"].where("application_id", application)
    return [row for row in rows if row["text"] == "Bascule match"]


# ------------------------------------------------------------------------------------------------------------ reading


def test_every_list_that_can_leave_out_what_is_confidential_asks_for_it() -> None:
    for reads in CONNECTOR.reads:
        if reads.path in ("/opportunities", "/postings"):
            assert reads.filters["confidentiality"] == "all"


def test_archived_is_a_hire_or_a_rejection_by_its_reason_and_a_reason_nobody_knows_says_nothing() -> None:
    shown = [part.seen for part in parts(CONNECTOR, "candidacies") if part.kind is A]
    assert [seen["status"] for seen in shown[:3]] == ["active", "rejected", "hired"]
    assert [bool(seen["reason"]) for seen in shown[:3]] == [False, True, False]
    unlearned = [part.seen for part in parts(CONNECTOR, "candidacies", Tenant()) if part.kind is A]
    assert [seen.get("status") for seen in unlearned[:3]] == ["active", None, None]


def test_a_stage_of_the_account_is_a_stage_of_each_posting_and_of_none_where_there_is_no_posting() -> None:
    stages = [part for part in parts(CONNECTOR, "postings") if part.kind is Kind.STAGE]
    jobs = [part.external for part in parts(CONNECTOR, "postings") if part.kind is J]
    assert len(stages) == 2 * len(jobs)
    assert {part.parent for part in stages} == set(jobs)
    applied = [part for part in parts(CONNECTOR, "candidacies") if part.kind is A]
    assert applied[0].seen["stage"] in {part.external for part in stages}
    assert [part.seen["stage"] for part in applied if part.seen["prospect"]] == [None]


def test_what_updated_at_does_not_tell_of_is_read_again_by_id() -> None:
    polled = next(reads for reads in CONNECTOR.reads if reads.title == "opportunities")
    below = {reads.kind for reads in CONNECTOR.reads if not reads.walked}
    assert below <= set(polled.follow)
    assert polled.sweep is not None


def test_replies_stand_behind_a_note_and_a_deleted_one_is_not_read() -> None:
    notes = parts(CONNECTOR, "notes")
    assert [part.seen["value"] for part in notes] == ["What a stud. Strong on Go.\n\nAgreed", "AI score 87/100"]
    assert [part.marker for part in notes] == ["", "bsc-0123456789abcdef"]


def test_our_own_form_is_no_scorecard_and_shows_what_we_wrote() -> None:
    assert "9a9e6a30-6b7c-4d8e-9f0a-1b2c3d4e5f61" not in {part.external for part in parts(CONNECTOR, "feedback")}
    assert {part.seen["rating"] for part in parts(CONNECTOR, "feedback")} == {"4 - Strong Hire", None}


def test_one_name_there_is_two_here_and_ours_stay_while_they_say_the_same() -> None:
    lens = next(each for each in CONNECTOR.fields(Tenant(), "c") if each.name == "name")
    empty = Record("r", "w", C, "f", None, {}, {}, "c", NOW)
    assert lens.parse("Jan van der Heijden", empty, Refs()) == {"first_name": "Jan", "last_name": "van der Heijden"}
    assert lens.parse("Prince", empty, Refs()) == {"first_name": "Prince", "last_name": None}
    ours = replace(empty, fields={"first_name": "Mary Ann", "last_name": "Smith"})
    assert lens.render(ours, Family("f", "w", C, 0, "s"), Refs()) == "Mary Ann Smith"
    assert lens.parse("Mary Ann Smith", ours, Refs()) == ours.fields


async def test_a_merge_that_lever_does_not_tell_of_leaves_nobody_behind() -> None:
    made = await rig("lever", variant="otherwise")
    gone = account(made).merge()
    (part,) = [part for part in (await made.read(C, gone.external)).parts if part.kind is C]
    assert part.presence == "absent", "without a redirect there is no telling"
    moved = [part for part in (await made.read(C, gone.into)).parts if part.kind is A]
    assert len(moved) >= 2, "the candidacies are the survivor's"


async def test_a_file_is_downloaded_with_our_credential() -> None:
    made = await rig("lever")
    who, _ = made.account.apply()
    (cv,) = [part for part in (await made.read(C, who)).parts if part.kind is Kind.ATTACHMENT]
    assert cv.seen["type"] == "resume"
    assert CONNECTOR.files is not None
    assert (await made.client.download(str(cv.seen["url"]), CONNECTOR.files)).data.startswith(b"Late Comer")


# ------------------------------------------------------------------------------------------------------------ writing


async def test_a_contact_is_sent_whole_and_the_types_of_its_phones_stay() -> None:
    made = await rig("lever")
    who, _ = made.account.applicant()
    people.update_contact(
        made.account.sandbox, account(made).dana, who, {"phones": [{"type": "work", "value": "+44 1"}], "location": "Ghent"}
    )  # fmt: skip
    fields = {"emails": ("ada@new.example",), "phones": ("+44 1", "+44 2")}
    for _ in range(2):
        await made.send("contact", who, fields, actor=RECRUITER, added={"emails": ("ada@new.example",), "phones": ("+44 2",)})  # fmt: skip
    row = account(made).db["candidates"].rows[who]
    assert row["phones"] == [{"type": "work", "value": "+44 1"}, {"type": "mobile", "value": "+44 2"}]
    assert row["emails"][-1] == "ada@new.example"
    assert row["location"] == "Ghent"
    assert row["headline"]


async def test_the_form_is_changed_in_place_and_replaced_when_its_template_has_grown() -> None:
    made = await rig("lever")
    who, application = made.account.applicant()
    await written(made, who, application)
    (first,) = forms(made, application)
    await made.send("match", application, {"custom.bascule_match_score": 42})
    (second,) = forms(made, application)
    assert second["id"] == first["id"]
    values = {one["text"]: one["value"] for one in second["fields"]}
    assert (values["Match score"], values["AI status"]) == ("42", "scored")
    template = next(row for row in account(made).db["feedback_templates"] if row["text"] == "Bascule match")
    grown = [*template["fields"], {"text": "Agreed?", "type": "text"}]
    records.save_template(
        made.account.sandbox, account(made).dana, "feedback_templates", {**template, "fields": grown}, template["id"]
    )
    await made.set_up()
    await made.send("match", application, {"custom.bascule_match_score": 43})
    (third,) = forms(made, application)
    assert third["id"] != first["id"]
    assert {one["text"]: one["value"] for one in third["fields"]}["AI status"] == "scored"
    assert third["user_id"] == next(row["id"] for row in account(made).db["users"] if row["name"] == "Bascule")


async def test_a_second_form_made_while_answers_lagged_behind_the_first_does_not_stay() -> None:
    made = await rig("lever")
    who, application = made.account.applicant()
    await written(made, who, application)
    await made.account.setting.clock.sleep(2)
    made.account.sandbox.faults.add({"kind": "stale", "path": "/feedback$", "seconds": 10, "times": 1})
    await made.send("match", application, {"custom.bascule_match_score": 42})
    assert len(forms(made, application)) == 2
    await made.account.setting.clock.sleep(60)
    await made.send("match", application, {"custom.bascule_match_score": 42})
    (kept,) = forms(made, application)
    assert {one["text"]: one["value"] for one in kept["fields"]}["Match score"] == "42"


async def test_without_a_user_to_act_as_nothing_is_filled_in_and_it_says_why() -> None:
    made = await rig("lever")
    _, application = made.account.applicant()
    made.client = made.client.knowing(replace(made.tenant, facts={**made.tenant.facts, "acting": ""}))
    with pytest.raises(RejectedError, match="no user") as refused:
        await made.send("match", application, {"custom.bascule_match_score": 42})
    assert "acting_user" in refused.value.hint


async def test_a_template_that_may_not_be_made_is_said_to_be_made_by_hand() -> None:
    least = scopes(CONNECTOR, CONNECTOR.fields(Tenant(), "c"))
    made = await rig("lever", learn=False, granted=least)
    with pytest.raises(PermissionMissingError) as refused:
        await made.set_up()
    assert "by hand" in refused.value.hint


async def test_a_person_who_archives_there_meanwhile_wins() -> None:
    made = await rig("lever")
    who, application = made.account.applicant()
    here = (await made.shown(C, who, A, application))["stage"]
    people.archive(made.account.sandbox, account(made).dana, application, made.account.reason())
    before = made.account.ours()
    with pytest.raises(GuardRefusedError, match="archived"):
        await made.send("move", application, {"stage": made.account.next_stage(application)}, actor=RECRUITER, current={"stage": here})  # fmt: skip
    made.account.hire(application)
    for fields in ({"status": "active"}, {"status": "rejected", "reason": made.account.reason()}):
        with pytest.raises(GuardRefusedError, match="hire"):
            await made.send("decide", application, fields, actor=RECRUITER)
    assert made.account.ours() == before


async def test_a_rejection_needs_a_reason_and_is_taken_back_without_one() -> None:
    made = await rig("lever")
    who, application = made.account.applicant()
    with pytest.raises(RejectedError, match="reason"):
        await made.send("decide", application, {"status": "rejected"}, actor=RECRUITER)
    reason = made.account.reason()
    await made.send("decide", application, {"status": "rejected", "reason": reason}, actor=RECRUITER)
    await made.send("decide", application, {"status": "active"}, actor=RECRUITER)
    shown = await made.shown(C, who, A, application)
    assert (shown["status"], shown["reason"]) == ("active", None)


async def test_a_tag_goes_in_the_spelling_it_has_there() -> None:
    made = await rig("lever")
    _, application = made.account.applicant()
    people.label(made.account.sandbox, account(made).dana, application, "tags", ["Relocating"])
    await made.send("tags", application, removed={"tags": ("RELOCATING",)}, added={"tags": ("Night shifts",)})
    tags = account(made).db["applications"].rows[application]["tags"]
    assert "Night shifts" in tags
    assert "Relocating" not in tags


async def test_nobody_who_follows_a_candidacy_is_told_of_our_note() -> None:
    made = await rig("lever")
    who, application = made.account.applicant()
    made.account.sandbox.db.change(
        "applications", application, account(made).dana, {"followers": [made.account.user()]}
    )
    await made.send("note", "", {"value": "Seen", "secret": "secret"}, parents={C: who})
    assert made.account.mails() == 0
    (note,) = [row for row in account(made).db["notes"] if "Seen" in str(row["fields"])]
    assert note["secret"]


# --------------------------------------------------------------------------------------------- signing in, hearing


def test_a_key_or_the_three_of_a_consent_are_enough() -> None:
    known = {"acting_user": "b@x.example"}
    assert lacking(CONNECTOR, {**known, "api_key": "k"}) == ()
    assert lacking(CONNECTOR, {**known, "client_id": "i", "client_secret": "s", "refresh_token": "r"}) == ()
    assert "api_key" in lacking(CONNECTOR, {**known, "client_id": "i"})


async def test_a_refresh_token_is_used_once_and_its_successor_the_next_time() -> None:
    there = of("lever")(Setting())
    assert isinstance(there, Account)
    rights = [*scopes(CONNECTOR, CONNECTOR.fields(Tenant(), "c")), "offline_access"]
    access = there.sandbox.access
    app = access.app(there.dana, "Bascule", rights, ["https://bridge.example/back"])
    entered = access.oauth.consent(app, there.user(), rights)
    client = Client(
        registry.load("lever"), AsgiTransport({"127.0.0.1:8001": there.app}), base_url=there.base_url,
        settings={**there.settings(), "client_id": app["client_id"]},
        secrets={"client_secret": app["secret"], "refresh_token": entered}, now=there.setting.clock,
    )  # fmt: skip
    assert type(sign_in(CONNECTOR, {"client_id": "i", "client_secret": "s", "refresh_token": "r"})).__name__ == "OAuth"
    users = next(reads for reads in CONNECTOR.reads if reads.kind is Kind.USER)
    for _ in range(3):
        assert (await client.page(users)).items
        there.setting.clock.move(hours=2)
    assert client.renewed["refresh_token"] not in ("", entered)


def test_of_a_delivery_only_whom_to_read_again_is_taken() -> None:
    assert CONNECTOR.webhook is not None
    assert not CONNECTOR.webhook.confirm
    for name, body in hooks(CONNECTOR).items():
        (hint,) = CONNECTOR.webhook.hints(body)
        assert not hint.parts, name
        assert hint.external == body["data"]["contactId"]
    test = {**hooks(CONNECTOR)["candidateHired"], "data": {}}
    assert [hint.ping for hint in CONNECTOR.webhook.hints(test)] == [True]


def test_protected_questions_and_photos_go_no_further() -> None:
    said = [part.seen["answers"] for part in parts(CONNECTOR, "candidacies") if part.kind is A]
    assert said[0] == {"When can you start?": "In May"}
    users = next(reads for reads in CONNECTOR.reads if reads.kind is Kind.USER)
    assert not any("photo" in item for item in items(CONNECTOR, users))
    assert tenant(CONNECTOR).facts["template"]

"""What is Odoo's own: three versions, two interfaces, and every gotcha of its fact sheet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bascule.connectors import registry
from bascule.connectors.odoo.account import page
from bascule.connectors.odoo.reads import text
from bascule.connectors.spec import HIDDEN_AUTOMATIONS, Asked, Request, Response, Tenant
from bascule.contract.promises import RECRUITER, Rig, merged, rig, seen_of
from bascule.engine.http import Client
from bascule.engine.observe import parse
from bascule.engine.wire import AsgiTransport
from bascule.errors import (
    AbsentError,
    DisconnectedError,
    GuardRefusedError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnavailableError,
)
from bascule.model import Kind, Part
from bascule.sandbox.odoo import Options, Sandbox, create_app
from bascule.sandbox.odoo.crud import create, write
from bascule.sandbox.odoo.markup import clean

from .accounts import CV, Clock, of
from .accounts.odoo import DANA

CONNECTOR = registry.load("odoo")
EVERY = ("17", "18", "19")
versions = pytest.mark.parametrize("version", EVERY)


def row(made: Rig, application: str) -> Any:
    return made.account.row(application)  # type: ignore[attr-defined]


async def applied(made: Rig, candidate: str, application: str) -> dict[str, Any]:
    return await made.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)


# ------------------------------------------------------------------------------------------------------ who is spoken to


@versions
async def test_each_version_is_spoken_to_in_its_own_way(version: str) -> None:
    made = await rig("odoo", variant=version)
    paths = {one.endpoint.split("/")[1] for one in made.seen}
    assert made.tenant.facts["transport"] == ("json2" if version == "19" else "jsonrpc")
    assert ("jsonrpc" in paths) is (version != "19")
    assert made.tenant.facts.get("persons") == ("yes" if version == "18" else None)


def lone(options: Options, **entered: str) -> tuple[Client, Sandbox]:
    clock = Clock()
    sandbox = Sandbox(options, now=clock)
    key = sandbox.new_key(DANA, "Bridge", int(entered.pop("user", "2")))
    client = Client(
        CONNECTOR, AsgiTransport({"127.0.0.1:8001": create_app(sandbox)}), base_url="http://127.0.0.1:8001",
        settings=entered, secrets={"api_key": key["secret"]}, now=clock,
    )  # fmt: skip
    return client, sandbox


async def test_who_enters_only_a_key_is_told_what_17_needs_besides() -> None:
    client, _ = lone(Options(version="17"))
    with pytest.raises(RemoteError) as refused:
        await client.run(CONNECTOR.discover())
    assert isinstance(refused.value, DisconnectedError)
    assert "database" in str(refused.value.hint)


async def test_a_plan_without_the_interface_is_named() -> None:
    login = {"database": "acme", "login": "integration.service@tenant.example"}
    for version in EVERY:
        client, _ = lone(Options(version=version, plan="standard"), **login)  # type: ignore[arg-type]
        with pytest.raises(DisconnectedError) as refused:
            await client.run(CONNECTOR.discover())
        assert "Custom plan" in str(refused.value.hint)


async def test_a_key_that_has_expired_asks_for_another() -> None:
    client, sandbox = lone(Options())
    sandbox.db.change("credentials", next(iter(sandbox.db["credentials"].ids)), DANA, {"revoked": True})
    with pytest.raises(DisconnectedError, match="401"):
        await client.run(CONNECTOR.discover())


async def test_the_database_is_named_in_a_header_where_it_was_entered() -> None:
    assert (await lone(Options(), database="acme")[0].run(CONNECTOR.discover())).facts["transport"] == "json2"
    client, _ = lone(Options(), database="another", login="integration.service@tenant.example")
    with pytest.raises(DisconnectedError) as refused:
        await client.run(CONNECTOR.discover())
    assert "database" in str(refused.value.hint)


async def test_what_is_no_odoo_or_an_old_one_is_said_so() -> None:
    def answered(*bodies: Any) -> RejectedError:
        talk = CONNECTOR.discover()
        next(talk)
        *before, (status, body) = bodies
        for one in before:
            talk.send(Response(one[0], {}, one[1]))
        with pytest.raises(RejectedError) as refused:
            talk.send(Response(status, {}, body))
        return refused.value

    assert "Odoo" in str(answered((404, None), (404, None)))
    assert "16.0" in str(answered((200, {"jsonrpc": "2.0", "result": {"server_serie": "16.0"}})))


async def test_without_the_app_or_the_right_the_reason_is_given() -> None:
    def answered(refusal: Any) -> RemoteError:
        talk = CONNECTOR.discover()
        next(talk)
        talk.send(Response(200, {}, {"jsonrpc": "2.0", "result": {"server_serie": "19.0"}}))
        talk.send(Response(200, {}, {"uid": 2}))
        with pytest.raises(RemoteError) as refused:
            talk.send(refusal)
        return refused.value

    none = answered(Response(404, {}, {"name": "werkzeug.exceptions.NotFound", "message": "the model does not exist"}))
    assert "Recruitment" in str(none.hint)
    closed = answered(Response(403, {}, {"name": "odoo.exceptions.AccessError", "message": "not for you"}))
    assert isinstance(closed, PermissionMissingError)


async def test_a_user_without_settings_rights_is_told_who_can_make_the_fields() -> None:
    client, sandbox = lone(Options(), user="4")  # an officer
    tenant = await client.run(CONNECTOR.discover())
    wanted = CONNECTOR.setup(tenant, ("match_score",))
    with pytest.raises(PermissionMissingError) as refused:
        await client.run(CONNECTOR.create_field(wanted[0]))
    assert "Settings" in str(refused.value.hint)
    assert not [one for one in sandbox.db["fields"] if one["name"].startswith("x_bascule")]


@pytest.mark.parametrize("recruiter", ["user", "employee"])
async def test_the_recruiter_is_a_user_whether_a_user_or_an_employee_stands_there(recruiter: Any) -> None:
    client, sandbox = lone(Options(candidates=5, recruiter=recruiter))
    client = client.knowing(await client.run(CONNECTOR.discover()))
    reads = next(one for one in CONNECTOR.reads if one.title == "applications")
    parts = [p async for items in client.list(reads) for p in parse(reads, items, client.tenant)]
    robin = next(str(one["id"]) for one in sandbox.db["users"] if one["name"] == "Robin Falk")
    assert {part.seen["user_id"] for part in parts if part.kind is Kind.APPLICATION and part.seen["job_id"]} == {robin}


# ------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("odoo.exceptions.AccessDenied", DisconnectedError),
        ("odoo.exceptions.AccessError", PermissionMissingError),
        ("odoo.exceptions.MissingError", AbsentError),
        ("odoo.exceptions.UserError", RejectedError),
        ("odoo.exceptions.ValidationError", RejectedError),
        ("builtins.ValueError", RejectedError),
        ("psycopg2.errors.SerializationFailure", UnavailableError),
        ("odoo.http.SessionExpiredException", DisconnectedError),
        ("", UnavailableError),
    ],
)
def test_a_refusal_that_comes_with_200_is_one(name: str, error: type[RemoteError]) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "error": {"code": 200, "message": "Odoo Server Error", "data": {"name": name, "message": "no"}}}  # fmt: skip
    found = CONNECTOR.errors(Request("POST", "/jsonrpc"), Response(200, {}, body))
    assert type(found) is error
    assert found.words == "no"


def test_a_refusal_of_json_2_is_an_object_or_a_text() -> None:
    request = Request("POST", "/json/2/hr.applicant/write")
    for body in ("Invalid apikey", {"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"}):
        found = CONNECTOR.errors(request, Response(401, {}, body))
        assert isinstance(found, DisconnectedError)
        assert found.words == "Invalid apikey"


@pytest.mark.parametrize("words", ["Object hr.thing doesn't exist", "the model 'hr.thing' does not exist"])
def test_an_unknown_model_names_the_version_as_the_likely_cause(words: str) -> None:
    answers = (
        Response(404, {}, {"name": "werkzeug.exceptions.NotFound", "message": words}),
        Response(
            200, {}, {"jsonrpc": "2.0", "error": {"data": {"name": "odoo.exceptions.UserError", "message": words}}}
        ),
    )
    for one in answers:
        found = CONNECTOR.errors(Request("POST", "/jsonrpc"), one)
        assert isinstance(found, RejectedError)
        assert "version" in str(found.hint)


def test_a_database_that_is_not_there_is_a_sign_in_that_fails() -> None:
    words = 'connection to server failed: FATAL:  database "acme2" does not exist\n'
    body = {"jsonrpc": "2.0", "error": {"data": {"name": "psycopg2.OperationalError", "message": words}}}
    found = CONNECTOR.errors(Request("POST", "/jsonrpc"), Response(200, {}, body))
    assert isinstance(found, DisconnectedError)
    assert "database" in str(found.hint)


def test_a_proxy_that_asks_to_wait_is_waited_for() -> None:
    found = CONNECTOR.errors(Request("POST", "/jsonrpc"), Response(429, {"retry-after": "9"}, None))
    assert isinstance(found, ThrottledError)


# -------------------------------------------------------------------------------------------------------------- reading


@versions
async def test_refused_people_are_read_though_odoo_hides_them(version: str) -> None:
    made = await rig("odoo", variant=version, candidates=40)
    refused = {str(one["id"]) for one in made.account.db[made.account.applied] if not one["active"]}  # type: ignore[attr-defined]
    assert refused
    reads = next(one for one in made.lists() if one.kind is Kind.APPLICATION)
    shown = {p.external: p.seen["status"] async for p in made.polled(reads) if p.kind is Kind.APPLICATION}
    assert set(shown) == made.account.applications()
    assert {shown[one] for one in refused} == {"refused"}


@versions
async def test_everybody_and_what_hangs_on_them_has_one_home(version: str) -> None:
    """Of 18 an application's candidate is another record; elsewhere it is the applicant."""
    made = await rig("odoo", variant=version)
    candidate, application = made.account.applicant()
    assert (candidate == application) is (version != "18")
    made.account.desk.note(DANA, candidate, "On the person")  # type: ignore[attr-defined]
    create(made.account.sandbox.person(DANA), "ir.attachment", [
        {"name": "CV.pdf", "datas": "JVBERg==", "res_model": "hr.applicant", "res_id": int(application)},
    ])  # fmt: skip
    parts = (await made.read(Kind.CANDIDATE, candidate)).parts
    assert {part.parent for part in parts if part.kind in (Kind.NOTE, Kind.ATTACHMENT)} == {candidate}
    assert "On the person" in {part.seen.get("body") for part in parts if part.kind is Kind.NOTE}
    assert "CV.pdf" in {part.seen.get("name") for part in parts if part.kind is Kind.ATTACHMENT}


@versions
async def test_a_file_is_had_by_its_id(version: str) -> None:
    made = await rig("odoo", variant=version)
    candidate, _ = made.account.apply()
    parts = (await made.read(Kind.CANDIDATE, candidate)).parts
    (file,) = [part for part in parts if part.kind is Kind.ATTACHMENT]
    assert file.seen["type"] == "resume"
    assert made.connector.files is not None
    found = await made.client.download(str(file.seen["file"]), made.connector.files)
    assert found.data == CV


@versions
async def test_empty_is_false_and_reads_as_nothing(version: str) -> None:
    made = await rig("odoo", variant=version)
    env = made.account.sandbox.person(DANA)
    if version == "18":
        (home,) = create(env, "hr.candidate", [{"partner_name": "Nobody"}])
        (id,) = create(env, "hr.applicant", [{"candidate_id": home}])
    else:
        (id,) = create(env, "hr.applicant", [{"partner_name": "Nobody", **({"name": "x"} if version == "17" else {})}])
        home = id
    person = await made.shown(Kind.CANDIDATE, str(home), Kind.CANDIDATE, str(home))
    assert (person["email_from"], person["partner_phone"], person["tags"]) == ((), (), ())
    shown = await applied(made, str(home), str(id))
    assert (shown["job_id"], shown["stage_id"], shown["refuse_reason_id"], shown["prospect"]) == (
        None,
        None,
        None,
        True,
    )


async def test_stages_stand_for_all_jobs_or_for_some() -> None:
    made = await rig("odoo")
    account = made.account
    jobs = [row["id"] for row in account.db["jobs"]]  # type: ignore[attr-defined]
    env = account.sandbox.person(DANA)
    (own,) = create(env, "hr.recruitment.stage", [{"name": "Trial day", "job_ids": [[6, 0, [jobs[0]]]]}])
    (every,) = create(env, "hr.recruitment.stage", [{"name": "Everywhere"}])
    polled = next(one for one in made.lists() if one.kind is Kind.STAGE)
    shown = {part.external async for part in made.polled(polled)}
    assert {one for one in shown if one.endswith(f"/{own}")} == {f"{jobs[0]}/{own}"}
    assert {one for one in shown if one.endswith(f"/{every}")} == {f"{job}/{every}" for job in jobs}
    parts = (await made.read(Kind.JOB, str(jobs[1]))).parts
    assert {p.parent for p in parts if p.kind is Kind.STAGE} == {str(jobs[1])}
    assert f"{jobs[1]}/{own}" not in {p.external for p in parts}


async def test_a_stage_that_an_application_is_in_is_shown_by_it() -> None:
    made = await rig("odoo")
    _, application = made.account.applicant()
    at = row(made, application)
    reads = next(one for one in made.lists() if one.kind is Kind.APPLICATION)
    parts = [part async for part in made.polled(reads)]
    name = made.account.db["stages"].rows[at["stage_id"]]["name"]  # type: ignore[attr-defined]
    assert merged(parts, Kind.STAGE, f"{at['job_id']}/{at['stage_id']}") == {"name": name}


def test_a_list_goes_on_after_the_last_id_and_a_poll_begins_before_the_newest_time() -> None:
    reads = next(one for one in CONNECTOR.reads if one.title == "applications")
    tenant = Tenant(facts={"transport": "json2"})
    since = datetime(2026, 11, 20, 9, 0, 5, tzinfo=UTC)
    assert reads.ask is not None
    asked = reads.ask(Asked(since=since, at="17", size=50, tenant=tenant)).json
    assert asked["domain"] == [["write_date", ">=", "2026-11-20 08:58:05"], ["id", ">", 17]]
    assert (asked["order"], asked["limit"], asked["context"]) == ("id asc", 50, {"active_test": False})


@versions
async def test_only_fields_that_the_version_has_are_asked_for(version: str) -> None:
    made = await rig("odoo", variant=version)
    reads = next(one for one in made.lists() if one.kind is Kind.APPLICATION)
    assert reads.ask is not None
    body = reads.ask(Asked(size=1, tenant=made.tenant)).json
    fields = set((body if version == "19" else body["params"]["args"][6])["fields"])
    assert ("refuse_date" in fields) is (version != "17")
    assert ("candidate_id" in fields) is (version == "18")
    assert "x_bascule_match_score" in fields


async def test_a_message_that_was_emptied_on_odoos_pages_is_no_note() -> None:
    made = await rig("odoo")
    candidate, _ = made.account.applicant()
    made.account.desk.note(DANA, candidate, "To be deleted")  # type: ignore[attr-defined]
    id = max(made.account.db["notes"].ids)  # type: ignore[attr-defined]
    write(made.account.sandbox.robot(), "mail.message", [id], {"body": ""})
    read = await made.read(Kind.CANDIDATE, candidate)
    assert str(id) not in {part.external for part in read.parts if part.kind is Kind.NOTE}
    assert any(one.kind is Kind.NOTE for one in read.complete), "its absence is shown"


async def test_what_odoo_logs_itself_and_what_is_mailed_are_no_notes() -> None:
    made = await rig("odoo")
    candidate, application = made.account.applicant()
    made.account.moved(application, made.account.next_stage(application))
    before = {part.external for part in (await made.read(Kind.CANDIDATE, candidate)).parts if part.kind is Kind.NOTE}
    notes = made.account.db["notes"]  # type: ignore[attr-defined]
    mine = {str(one["id"]) for one in notes.where("res_id", int(candidate)) if one["message_type"] == "comment"}
    assert before == mine
    assert len(notes.where("res_id", int(candidate))) > len(mine)


def test_rich_text_reads_line_by_line() -> None:
    assert text("<p>One &lt;two&gt;</p><p>three<br/>four&nbsp;five</p>") == "One <two>\nthree\nfour five"
    assert text(clean("a <b>bold</b> word")) == "a bold word"
    assert text(False) == ""


async def test_a_tag_made_since_the_account_was_learned_shows_no_tags_rather_than_fewer() -> None:
    made = await rig("odoo")
    candidate, _ = made.account.applicant()
    made.account.desk.tag(DANA, candidate, "Brand new")  # type: ignore[attr-defined]
    assert "tags" not in await made.shown(Kind.CANDIDATE, candidate, Kind.CANDIDATE, candidate)
    made.client = made.client.knowing(await made.client.run(made.connector.discover()))
    assert "Brand new" in (await made.shown(Kind.CANDIDATE, candidate, Kind.CANDIDATE, candidate))["tags"]  # type: ignore[operator]


# -------------------------------------------------------------------------------------------------------------- writing


@versions
async def test_a_move_mails_nobody_though_the_stage_would(version: str) -> None:
    made = await rig("odoo", variant=version)
    candidate, application = made.account.applicant()
    target = made.account.next_stage(application)
    template = next(iter(made.account.db["templates"].ids))  # type: ignore[attr-defined]
    write(
        made.account.sandbox.robot(), "hr.recruitment.stage", [int(target.partition("/")[2])], {"template_id": template}
    )
    here = (await applied(made, candidate, application))["stage_id"]
    mails = made.account.mails()
    await made.send("move", application, {"stage_id": target}, actor=RECRUITER, current={"stage_id": here})
    assert (await applied(made, candidate, application))["stage_id"] == target
    assert made.account.mails() == mails
    made.account.moved(application, str(here))
    made.account.moved(application, target)
    assert made.account.mails() > mails, "a person's move does"


async def test_a_move_is_guarded_and_neither_hires_nor_changes_the_job() -> None:
    made = await rig("odoo")
    _, application = made.account.applicant()
    at, stages = row(made, application), made.account.db["stages"]  # type: ignore[attr-defined]
    hiring = next(one["id"] for one in stages if one["hired_stage"])
    target = made.account.next_stage(application)
    before = made.account.ours()
    with pytest.raises(GuardRefusedError):
        await made.send("move", application, {"stage_id": target}, actor=RECRUITER, current={"stage_id": f"{at['job_id']}/{hiring}"})  # fmt: skip
    with pytest.raises(RejectedError, match="hired"):
        await made.send("move", application, {"stage_id": f"{at['job_id']}/{hiring}"}, actor=RECRUITER)
    with pytest.raises(RejectedError, match="another job"):
        await made.send("move", application, {"stage_id": f"999{at['job_id']}/{at['stage_id']}0"}, actor=RECRUITER)
    assert made.account.ours() == before


@versions
async def test_a_refusal_is_made_as_the_button_makes_it_silently_and_taken_back_in_place(version: str) -> None:
    made = await rig("odoo", variant=version)
    candidate, application = made.account.applicant()
    made.account.moved(application, made.account.next_stage(application))
    stage = row(made, application)["stage_id"]
    reason, mails = made.account.reason(), made.account.mails()
    await made.send("decide", application, {"status": "refused", "refuse_reason_id": reason}, actor=RECRUITER)
    assert not row(made, application)["active"]
    shown = await applied(made, candidate, application)
    assert (shown["status"], shown["refuse_reason_id"]) == ("refused", reason)
    assert version == "17" or shown["refuse_date"]
    other = str(max(made.account.db["reasons"].ids))  # type: ignore[attr-defined]
    await made.send("decide", application, {"refuse_reason_id": other}, actor=RECRUITER)
    assert (await applied(made, candidate, application))["refuse_reason_id"] == other
    await made.send("decide", application, {"status": "ongoing"}, actor=RECRUITER)
    shown = await applied(made, candidate, application)
    assert (shown["status"], shown["refuse_reason_id"]) == ("ongoing", None)
    assert row(made, application)["stage_id"] == stage
    assert made.account.mails() == mails


async def test_nobody_is_refused_without_a_reason() -> None:
    made = await rig("odoo")
    _, application = made.account.applicant()
    with pytest.raises(RejectedError, match="reason"):
        await made.send("decide", application, {"status": "refused"}, actor=RECRUITER)


@versions
async def test_contact_data_goes_into_the_places_there_are(version: str) -> None:
    made = await rig("odoo", variant=version)
    candidate, _ = made.account.applicant()
    before = await made.shown(Kind.CANDIDATE, candidate, Kind.CANDIDATE, candidate)
    (old,) = before["email_from"]  # type: ignore[misc]
    kept = await made.send("person", candidate, added={"email_from": ("second@mail.example",)}, actor=RECRUITER)
    assert kept["email_from"] == (old,), "the place is taken: nothing is overwritten"
    new = await made.send(
        "person", candidate, {"partner_name": "Ada Byron"}, added={"email_from": ("new@mail.example",)},
        removed={"email_from": (old,)}, actor=RECRUITER,
    )  # fmt: skip
    assert (new["email_from"], new["partner_name"]) == (("new@mail.example",), "Ada Byron")
    after = await made.shown(Kind.CANDIDATE, candidate, Kind.CANDIDATE, candidate)
    assert (after["email_from"], after["partner_phone"]) == (("new@mail.example",), before["partner_phone"])
    numbers = await made.send("person", candidate, added={"partner_phone": ("+46 8 123 456",)}, actor=RECRUITER)
    held = len(before["partner_phone"])  # type: ignore[arg-type]
    assert len(numbers["partner_phone"]) == (held + 1 if version == "17" or not held else held)  # type: ignore[arg-type]
    writes = made.account.ours()
    await made.send("person", candidate, {"partner_name": "Ada Byron"}, actor=RECRUITER)
    assert made.account.ours() == writes


@versions
async def test_tags_change_element_by_element(version: str) -> None:
    made = await rig("odoo", variant=version)
    candidate, _ = made.account.applicant()
    made.account.desk.tag(DANA, candidate, "Manager")  # type: ignore[attr-defined]
    await made.send("tags", candidate, added={"tags": ("manager", "Brand new"), "tags.top_ten": ("Top 10 %: Nurse",)})
    await made.send("tags", candidate, removed={"tags": ("MANAGER", "never there")})
    tags = set(made.account.desk.person(candidate).tags)  # type: ignore[attr-defined]
    assert {"Brand new", "Top 10 %: Nurse"} <= tags
    assert "Manager" not in tags


@versions
async def test_a_score_is_written_over_in_place_and_an_empty_number_is_none(version: str) -> None:
    made = await rig("odoo", variant=version)
    candidate, application = made.account.applicant()
    name = "custom.x_bascule_match_score"
    lens = made.maps(Kind.APPLICATION)[name]
    assert lens.normal((await applied(made, candidate, application))[name]) is None
    for score in (87, 91):
        assert (await made.send("outputs", application, {name: score}))[name] == score
    assert row(made, application)["x_bascule_match_score"] == 91
    await made.send("outputs", application, {name: None})
    assert lens.normal((await applied(made, candidate, application))[name]) is None


@versions
async def test_a_note_is_internal_and_stands_where_it_was_asked_for(version: str) -> None:
    made = await rig("odoo", variant=version)
    candidate, application = made.account.applicant()
    mails = made.account.mails()
    fields = {"body": "Line one\nLine <two>", "application_id": application}
    told = await made.send("note", "", fields, parents={Kind.CANDIDATE: candidate}, actor=RECRUITER)
    message = made.account.db["notes"].rows[int(str(told["external"]))]  # type: ignore[attr-defined]
    assert (message["model"], message["res_id"], message["is_internal"]) == ("hr.applicant", int(application), True)
    assert made.account.mails() == mails
    parts = (await made.read(Kind.CANDIDATE, candidate)).parts
    (note,) = [part for part in parts if part.external == told["external"]]
    assert (note.seen["body"], note.seen["application_id"]) == ("Line one\nLine <two>", application)


def test_the_page_of_the_form_names_our_fields_and_escapes_them() -> None:
    arch = page(["x_bascule_match_score", "x_bascule_shortlist_link"])
    assert '<field name="x_bascule_match_score" readonly="1"/>' in arch
    assert '<field name="x_bascule_shortlist_link" readonly="1" widget="url"/>' in arch


def test_who_wrote_is_told_by_the_key_so_our_own_writes_are_known_by_what_they_wrote() -> None:
    """Odoo moves the date and fires webhooks for our own writes: a hint then leads to a read that shows nothing new."""
    hook = CONNECTOR.webhook
    assert hook is not None
    assert not hook.confirm
    (hint,) = hook.hints({"_action": "Rule(#1)", "_id": 7, "_model": "hr.applicant", "candidate_id": [3, "Ada"]})
    assert hint.external == "3", "in 18 the candidate is sent along"


# ----------------------------------------------------------------------------------- promises kept on every version


@pytest.mark.parametrize("version", ["17", "18"])
@pytest.mark.parametrize("kind", of("odoo").edited)
async def test_edits_are_seen_on_the_older_versions_too(version: str, kind: Kind) -> None:
    made = await rig("odoo", variant=version)
    made.setting.clock.move(hours=2)
    since = made.setting.clock()
    made.setting.clock.move(seconds=5)
    edited = made.account.edit(kind)
    assert await seen_of(made, edited, since) >= set(edited.shown)


@pytest.mark.parametrize("version", ["17", "18"])
async def test_a_poll_of_notes_says_on_which_application_they_are(version: str) -> None:
    made = await rig("odoo", variant=version)
    notes = [one for one in made.lists() if one.kind is Kind.NOTE]
    parts: list[Part] = [part for reads in notes async for part in made.polled(reads)]
    assert parts
    for part in parts:
        assert part.parent is not None or part.via == (Kind.APPLICATION, part.seen["application_id"])


@versions
async def test_each_kind_is_gone_through_by_one_list_that_shows_all_of_it(version: str) -> None:
    """A second list of a kind would lack what the first one shows, and look like a loss."""
    made = await rig("odoo", variant=version)
    candidate, _ = made.account.applicant()
    made.account.desk.note(DANA, candidate, "On the person")  # type: ignore[attr-defined]
    kinds = [one.kind for one in made.lists()]
    assert len(kinds) == len(set(kinds))
    (notes,) = [one for one in made.lists() if one.kind is Kind.NOTE]
    logged = made.account.db["notes"]  # type: ignore[attr-defined]
    internal = [
        str(one["id"])
        for one in logged
        if one["message_type"] == "comment" and one["model"] in ("hr.applicant", "hr.candidate")
    ]
    assert sorted([part.external async for part in made.polled(notes)]) == sorted(internal)


# ------------------------------------------------------------------------------------------- what Odoo does by itself


def mailing_rule(sandbox: Sandbox, **more: Any) -> None:
    """An automation rule that mails whoever reaches the second interview."""
    env, db = sandbox.robot(), sandbox.db
    stage = next(one["id"] for one in db["stages"] if one["name"] == "Second Interview")
    of = sandbox.model_ids["hr.applicant"]
    action = {"name": "Send Email", "state": "mail_post", "model_id": of, "template_id": db["templates"].ids[0],
              "mail_post_method": "email"}  # fmt: skip
    create(env, "base.automation", [{
        "name": "Welcome back", "model_id": of, "trigger": "on_stage_set", "action_server_ids": [[0, 0, action]],
        "filter_domain": f"[('stage_id', '=', {stage})]", **more,
    }])  # fmt: skip


@versions
async def test_what_odoo_mails_by_itself_is_shown_with_what_sets_it_off(version: str) -> None:
    login = {} if version == "19" else {"database": "acme", "login": "integration.service@tenant.example"}
    client, sandbox = lone(Options(version=version), **login)  # type: ignore[arg-type]
    mailing_rule(sandbox)
    found = {one.name: one for one in (await client.run(CONNECTOR.discover())).automations}
    new, rule = found.pop("Stage New"), found.pop("Automation rule Welcome back")
    assert new.what == "sends the e-mail Recruitment: Applicant Acknowledgement"
    assert (new.stage, new.writes, new.jobs, new.status) == ("New", True, (), "")
    stage = next(one["id"] for one in sandbox.db["stages"] if one["name"] == "New")
    assert set(new.stages) == {f"{job}/{stage}" for job in sandbox.db["jobs"].ids}
    assert (rule.stage, rule.writes) == ("Second Interview", True)
    assert {(one.status, one.stage) for one in found.values()} == {("rejected", "")}
    assert "Refusing for Refused by applicant: salary, Refused by applicant: job fit" in found


async def test_what_is_switched_off_or_not_for_applicants_is_not_shown() -> None:
    client, sandbox = lone(Options(mail_stages=()))
    mailing_rule(sandbox, active=False)
    mailing_rule(sandbox, trigger="on_unlink")
    shown = [one.name for one in (await client.run(CONNECTOR.discover())).automations]
    assert all(one.startswith("Refusing for") for one in shown)


@versions
async def test_a_key_without_settings_rights_is_told_which_of_them_it_is_not_shown(version: str) -> None:
    login = {} if version == "19" else {"database": "acme", "login": "robin.falk@tenant.example"}
    client, sandbox = lone(Options(version=version), user="4", **login)  # type: ignore[arg-type]
    mailing_rule(sandbox)
    tenant = await client.run(CONNECTOR.discover())
    assert [one.name for one in tenant.automations if one.stage] == ["Stage New"]
    assert "Settings rights" in tenant.facts[HIDDEN_AUTOMATIONS]
    assert CONNECTOR.stage_history is not None
    told = CONNECTOR.stage_history.told_by(tenant)
    assert (told and told.whole) == (None if version == "19" else False)  # what was tracked is not shown to it either

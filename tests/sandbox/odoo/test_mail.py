"""The chatter: what is logged by itself, what a posted message looks like, and who gets e-mail."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import INTEGRATION, JAMIE, NOOR, ROBIN, Build, OdooError, Rig


async def messages(rig: Rig, id: int, *fields: str) -> list[dict[str, Any]]:
    domain = [("model", "=", "hr.applicant"), ("res_id", "=", id)]
    return await rig.rpc(
        "mail.message", "search_read", domain, [*fields, "body", "message_type", "subtype_id"], order="id"
    )


async def test_a_chatter_begins_with_what_odoo_logs_itself(rig: Rig) -> None:
    id = await rig.applicant()
    await rig.rpc("hr.applicant", "write", [id], {"stage_id": rig.stage("First Interview")})
    new, moved = await messages(rig, id, "tracking_value_ids")
    assert new["body"] == '<div summary="o_mail_notification"><p>Applicant created</p></div>'
    assert (new["message_type"], new["subtype_id"][1]) == ("notification", "New Applicant")
    assert (moved["body"], moved["subtype_id"][1]) == ("", "Stage Changed")
    values = await rig.rpc(
        "mail.tracking.value", "read", moved["tracking_value_ids"], ["old_value_char", "new_value_char"]
    )
    assert ("New", "First Interview") in [(one["old_value_char"], one["new_value_char"]) for one in values]


async def test_a_posted_text_is_a_text_unless_it_says_that_it_is_markup(rig: Rig) -> None:
    id = await rig.applicant()
    await rig.rpc("hr.applicant", "message_post", [id], body="<b>1 < 2</b>")
    await rig.rpc("hr.applicant", "message_post", [id], body="<b>bold</b>", body_is_html=True)
    *_, escaped, marked = await messages(rig, id)
    assert escaped["body"] == "<p>&lt;b&gt;1 &lt; 2&lt;/b&gt;</p>"
    assert marked["body"] == "<b>bold</b>"


async def test_posting_answers_an_id_and_in_19_a_list_of_it(rig: Rig) -> None:
    id = await rig.applicant()
    answer = await rig.rpc("hr.applicant", "message_post", [id], body="Hello")
    assert isinstance(answer, list if rig.sandbox.options.version == "19" else int)


async def test_a_bare_message_is_a_note_that_tells_nobody(rig: Rig) -> None:
    id = await rig.applicant()
    await rig.rpc("hr.applicant", "message_subscribe", [id], partner_ids=[(await contact(rig, id))])
    await rig.rpc("hr.applicant", "message_post", [id], body="Hello")
    note = (await messages(rig, id, "is_internal", "author_id"))[-1]
    assert (note["subtype_id"][1], note["message_type"], note["is_internal"]) == ("Note", "notification", True)
    assert note["author_id"][1] == "Integration Service"
    assert rig.outbox("message_post") == []


async def contact(rig: Rig, id: int) -> int:
    return (await rig.one("hr.applicant", id, "partner_id"))["partner_id"][0]


async def test_a_comment_goes_to_followers_and_an_applicant_is_one_only_if_made_so(rig: Rig) -> None:
    id = await rig.applicant()
    comment = {"body": "We like you", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
    await rig.rpc("hr.applicant", "message_post", [id], **comment)
    assert [one["to"] for one in rig.outbox("message_post")] == [["robin.falk@tenant.example"]], "the recruiter follows"
    await rig.rpc("hr.applicant", "message_subscribe", [id], partner_ids=[await contact(rig, id)])
    await rig.rpc("hr.applicant", "message_post", [id], **comment)
    assert [one["to"] for one in rig.outbox("message_post")][1:] == [
        ["robin.falk@tenant.example"], ["ada@example.org"]]  # fmt: skip


async def test_a_note_reaches_whom_it_names(rig: Rig) -> None:
    id = await rig.applicant()
    await rig.rpc("hr.applicant", "message_post", [id], body="For you", partner_ids=[await contact(rig, id)],
                  subtype_xmlid="mail.mt_note", message_type="comment")  # fmt: skip
    assert [one["to"] for one in rig.outbox("message_post")] == [["ada@example.org"]]
    followers = (await rig.one("hr.applicant", id, "message_partner_ids"))["message_partner_ids"]
    assert rig.sandbox.db["users"].rows[INTEGRATION]["partner_id"] in followers, "who comments follows"


async def test_wrong_messages_are_refused(rig: Rig) -> None:
    ids = [await rig.applicant(), await rig.applicant(email_from="b@example.org")]
    for given, more in (([], {}), (ids, {}), (ids[:1], {"wrong": 1}), (ids[:1], {"subtype_xmlid": "mail.mt_nothing"})):
        with pytest.raises(OdooError):
            await rig.rpc("hr.applicant", "message_post", given, body="x", **more)
    assert len(await messages(rig, ids[0])) == 1


async def test_a_stage_with_a_template_mails_whoever_enters(build: Build) -> None:
    for version in ("17", "18", "19"):
        rig = build(version=version, mail_stages=("First Interview",))
        id = await rig.applicant()
        assert rig.outbox() == []
        to = rig.stage("First Interview")
        await rig.rpc("hr.applicant", "write", [id], {"stage_id": to})
        (sent,) = rig.outbox("stage_template")
        assert (sent["to"], sent["subject"]) == (["ada@example.org"], "Your Job Application: Backend Engineer")
        assert "Dear Ada Byron" in sent["body"]
        posted = [one for one in await messages(rig, id) if one["message_type"] == "auto_comment"]
        assert len(posted) == 1
        assert posted[0]["subtype_id"][1] == "Note"
        await rig.rpc("hr.applicant", "write", [id], {"stage_id": to})
        assert len(rig.outbox()) == 1, "no change, no mail"


async def test_contexts_that_keep_a_stage_quiet(build: Build) -> None:
    for version in ("17", "18", "19"):
        for name, quiet in (("just_moved", version != "17"), ("just_unarchived", True), ("mail_notrack", True),
                            ("tracking_disable", True), ("mail_silent", False)):  # fmt: skip
            rig = build(version=version, mail_stages=("First Interview",))
            id = await rig.applicant()
            await rig.rpc(
                "hr.applicant", "write", [id], {"stage_id": rig.stage("First Interview")}, context={name: True}
            )
            assert (rig.outbox() == []) == quiet, (version, name)
            logged = [one for one in await messages(rig, id) if one["subtype_id"][1] == "Stage Changed"]
            assert len(logged) == (0 if name in ("mail_notrack", "tracking_disable") else 1)


async def test_a_new_applicant_is_mailed_only_where_its_stage_was_named(rig: Rig) -> None:
    await rig.applicant()
    assert rig.outbox("stage_template") == [], "the first stage has a template, and was not written by anybody"
    await rig.applicant(email_from="b@example.org", stage_id=rig.stage("New"))
    assert [one["to"] for one in rig.outbox("stage_template")] == [["b@example.org"]]


async def test_who_follows_a_job_follows_who_applies_for_it_and_is_told(rig: Rig) -> None:
    id = await rig.applicant()
    assert [one["to"] for one in rig.outbox("new_applicant")] == [["robin.falk@tenant.example"]]
    robin = rig.sandbox.db["users"].rows[ROBIN]["partner_id"]
    assert robin in (await rig.one("hr.applicant", id, "message_partner_ids"))["message_partner_ids"]


async def test_whoever_is_put_in_charge_is_told(rig: Rig) -> None:
    id = await rig.applicant()
    await rig.rpc("hr.applicant", "write", [id], {"user_id": JAMIE})
    assert [one["to"] for one in rig.outbox("assigned")] == [["jamie.osei@tenant.example"]]
    await rig.rpc("hr.applicant", "write", [id], {"user_id": ROBIN}, context={"mail_auto_subscribe_no_notify": True})
    assert len(rig.outbox("assigned")) == 1
    await rig.rpc("hr.applicant", "write", [id], {"interviewer_ids": [[4, NOOR]]})
    assert len(rig.outbox("interviewer")) == (0 if rig.sandbox.options.version == "17" else 1)


async def test_people_with_an_inbox_get_no_mail(newest: Rig) -> None:
    await newest.rpc("res.users", "write", [JAMIE], {"notification_type": "inbox"})
    id = await newest.applicant()
    await newest.rpc("hr.applicant", "write", [id], {"user_id": JAMIE})
    assert newest.outbox("assigned") == []


async def test_an_automation_rule_mails_an_applicant_only_as_an_e_mail(rig: Rig) -> None:
    (of,) = await rig.rpc("ir.model", "search", [("model", "=", "hr.applicant")])
    template = rig.sandbox.db["templates"].ids[0]
    id = await rig.applicant()
    for way, to, sent in (("note", "Qualification", 0), ("comment", "First Interview", 0), ("email", "New", 1)):
        action = {"name": "Send Email", "state": "mail_post", "model_id": of, "template_id": template,
                  "mail_post_method": way}  # fmt: skip
        await rig.rpc("base.automation", "create", {
            "name": way, "model_id": of, "trigger": "on_stage_set", "action_server_ids": [[0, 0, action]]})  # fmt: skip
        await rig.rpc("hr.applicant", "write", [id], {"stage_id": rig.stage(to)})
        assert [one["to"] for one in rig.outbox("automation_rule")] == [["ada@example.org"]] * sent

"""A person writes to a candidate from their page: a template's words, changed, looked at, and sent in their name."""

from __future__ import annotations

import pytest
from lxml import html

from bascule.server.roles import Role
from bascule.store.messages import MessageState

from .conftest import Bench
from .full import Full, full


@pytest.fixture
async def house(inside: Bench) -> Full:
    users = await inside.app.store.read(lambda tx: tx.people.users(inside.app.workspace))
    return await full(inside, users[0])


async def test_a_message_is_written_looked_at_and_sent_from_the_candidates_page(inside: Bench, house: Full) -> None:
    ada, to = f"/candidates/{house.case.candidate}", f"/applications/{house.case.application}/message"
    assert html.fromstring((await inside.browser.get(ada)).text).xpath(f"//section[@id='messages']//a[@href='{to}']")
    begun = (await inside.browser.get(to, params={"template": "next-step"})).text
    assert "Dear Ada" in html.fromstring(begun).xpath("string(//textarea)")
    given = {
        "template": "next-step",
        "language": "en",
        "subject": "About {{ job_title }}",
        "text": "Hi {{ first_name }}!",
    }
    shown = html.fromstring((await inside.post(to, do="look", **given)).text)
    assert shown.xpath("//section[@id='preview']/p//text() | //section[@id='preview']/pre/text()") == [
        "About Welder", "Hi Ada!\n",
    ]  # fmt: skip
    before = await inside.app.message_desk.of(house.case.candidate)
    sent = await inside.post(to, do="send", **given)
    assert sent.headers["location"] == f"{ada}#messages"
    message = (await inside.app.message_desk.of(house.case.candidate))[-1]
    assert len(before) == 1
    assert (message.subject, message.text, message.state) == ("About Welder", "Hi Ada!\n", MessageState.DUE)
    page = html.fromstring((await inside.browser.get(ada)).text)
    assert "About Welder" in page.xpath(f"string(//tr[@id='message-{message.id}'])")


async def test_what_cannot_be_sent_comes_back_as_it_was_written(inside: Bench, house: Full) -> None:
    to = f"/applications/{house.case.application}/message"
    wrong = await inside.post(to, do="send", template="next-step", subject="x", text="Hi {{ nickname }}, how are you?")
    assert wrong.status_code == 422
    assert "Hi {{ nickname }}, how are you?" in html.fromstring(wrong.text).xpath("string(//textarea)")
    assert "nobody knows {{ nickname }}" in html.fromstring(wrong.text).text_content()
    assert len(await inside.app.message_desk.of(house.case.candidate)) == 1


async def test_a_link_made_by_hand_is_copied_or_sent(inside: Bench, house: Full) -> None:
    case, ada = house.case, f"/candidates/{house.case.candidate}"
    await inside.post(f"/applications/{case.application}/screening")
    panel = {"panel": "dana@mail.example", "place": "Room 1", "send": "no"}
    await inside.post(f"/applications/{case.application}/interviews", **panel)
    page = html.fromstring((await inside.browser.get(ada)).text)
    boxes = page.xpath("//input[@data-copy]")
    assert [one.get("data-copy") for one in boxes] == [one.get("value") for one in boxes]
    assert len(boxes) == 2
    (send,) = page.xpath("//a[.='Send it']/@href")
    letter = html.fromstring((await inside.browser.get(send)).text)
    assert boxes[0].get("value") in letter.xpath("string(//textarea)")
    (ask,) = page.xpath("//form[button='Send it']/@action")
    await inside.post(ask)
    message = (await inside.app.message_desk.of(case.candidate))[-1]
    assert boxes[1].get("value") in message.text
    made = await inside.post(
        f"/jobs/{house.job}/shortlists", name="Max", email="max@mail.example", person=case.application
    )
    assert made.status_code == 303
    lists = html.fromstring((await inside.browser.get(f"/jobs/{house.job}/shortlists")).text)
    (mail,) = lists.xpath("//a[starts-with(@href, 'mailto:')]/@href")
    assert mail.startswith("mailto:max%40mail.example?subject=Candidates%3A%20Welder&body=")


async def test_a_message_names_its_rule_and_what_a_rule_did_leads_to_the_message(inside: Bench, house: Full) -> None:
    (message,) = await inside.app.message_desk.of(house.case.candidate)
    to = f"/candidates/{house.case.candidate}#message-{message.id}"
    done = html.fromstring((await inside.browser.get("/triggers")).text)
    assert done.xpath(f"//section[@id='fired']//a[@href='{to}']")
    assert "version 1 of the rules" in done.xpath("string(//section[@id='fired'])")
    for path in ("/messages", f"/candidates/{house.case.candidate}"):
        page = html.fromstring((await inside.browser.get(path)).text)
        assert page.xpath("//a[@href='/triggers?trigger=thank#rule-thank']"), path


async def test_who_may_only_look_is_offered_no_writing(inside: Bench, house: Full) -> None:
    await inside.enter(Role.COMPLIANCE)
    page = (await inside.browser.get(f"/candidates/{house.case.candidate}")).text
    to = f"/applications/{house.case.application}/message"
    assert 'id="messages"' in page
    assert to not in page
    assert (await inside.browser.get(to)).status_code == 403

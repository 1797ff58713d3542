"""The mailbox: letters as they were sent, links that can be followed, answers in the thread, and refusals on purpose."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import httpx2
import pytest

from bascule.sandbox.mail.app import create_app
from bascule.sandbox.mail.letters import Mailroom
from bascule.sandbox.mail.smtp import Faults, listening

GONE, LATER = "gone@mail.example", "later@mail.example"


def letter(text: str, subject: str = "Some questions") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Tenant <jobs@tenant.example>", "ada@mail.example", subject
    made["Reply-To"], made["Message-ID"] = "answers+token@tenant.example", "<one@tenant.example>"
    made.set_content(text)
    return made


class Box:
    def __init__(self, port: int, room: Mailroom, browser: httpx2.AsyncClient, answers: list[bytes]) -> None:
        self.port, self.room, self.browser, self.answers = port, room, browser, answers

    async def send(self, made: EmailMessage, to: str = "Ada@Mail.example") -> None:
        def go() -> None:
            with smtplib.SMTP("127.0.0.1", self.port) as server:
                server.send_message(made, "jobs@tenant.example", [to])

        await asyncio.to_thread(go)


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    room, answers = Mailroom(), list[bytes]()

    async def answer(raw: bytes) -> str:
        answers.append(raw)
        return "The answer has arrived."

    async with listening(room, faults=Faults(frozenset({GONE}), frozenset({LATER}))) as port:
        transport = httpx2.ASGITransport(create_app(room, answer))
        async with httpx2.AsyncClient(transport=transport, base_url="http://mail.test") as browser:
            yield Box(port, room, browser, answers)


async def test_a_letter_is_shown_as_text_and_its_links_can_be_followed(box: Box) -> None:
    made = letter("Hello <b>Ada</b>,\n\nopen http://127.0.0.1:1/screening/abc. Or javascript:alert(1)\n", "A <i>b</i>")
    made.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename='../in"vite.ics')
    await box.send(made)
    first = (await box.browser.get("/", params={"to": "ada@mail.example"})).text
    assert "A &lt;i&gt;b&lt;/i&gt;" in first
    page = await box.browser.get("/letters/1")
    assert "Hello &lt;b&gt;Ada&lt;/b&gt;," in page.text
    assert '<a href="http://127.0.0.1:1/screening/abc" rel="noreferrer" target="_blank">' in page.text
    assert 'href="javascript' not in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    file = await box.browser.get("/letters/1/files/1")
    assert (file.content, file.headers["content-disposition"]) == (
        b"BEGIN:VCALENDAR", 'attachment; filename=".._in_vite.ics"',
    )  # fmt: skip
    (told,) = (await box.browser.get("/letters.json")).json()
    assert (told["to"], told["links"]) == ("ada@mail.example", ["http://127.0.0.1:1/screening/abc"])
    for path in ("/letters/9", "/letters/1/files/2"):
        assert (await box.browser.get(path)).status_code == 404


async def test_an_answer_goes_to_whom_the_letter_names_in_its_thread(box: Box) -> None:
    await box.send(letter("When can you start?"))
    sent = await box.browser.post("/letters/1/answer", data={"text": "In May."})
    assert sent.status_code == 303
    assert "The answer has arrived." in (await box.browser.get(sent.headers["location"])).text
    answer = message_from_bytes(box.answers[0], policy=policy.default)
    assert (answer["From"], answer["To"]) == ("ada@mail.example", "answers+token@tenant.example")
    assert (answer["Subject"], answer["In-Reply-To"]) == ("Re: Some questions", "<one@tenant.example>")
    said = answer.get_content().replace("\r\n", "\n")  # type: ignore[attr-defined]
    own, _, quoted = said.partition("\n\nOn ")
    assert own == "In May."
    assert quoted.endswith(", Tenant <jobs@tenant.example> wrote:\n> When can you start?\n")
    await box.browser.post("/letters/1/answer", data={"text": " "})
    assert len(box.answers) == 1


async def test_addresses_are_refused_on_purpose_for_good_and_for_now(box: Box) -> None:
    for to, code in ((GONE, 550), (LATER, 451)):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            await box.send(letter("x"), to)
        assert [answer[0] for answer in refused.value.recipients.values()] == [code]
    assert not box.room.letters()

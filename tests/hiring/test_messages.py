"""What the ATS is told of a letter, and what is read of one that comes in."""

from __future__ import annotations

from datetime import UTC, datetime

from bascule.hiring.mail import read
from bascule.hiring.messages import noted
from bascule.store.messages import Message, MessageState

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_the_note_of_a_letter_opens_nothing_in_the_candidates_name() -> None:
    text = "Please answer: https://hire.tenant.example/forms/s3cret\n\nAbout us: https://tenant.example/jobs"
    sent = Message(
        "m1", "f1", "r1", None, None, None, "out", "invitation", "en", MessageState.SENT, AT, AT, "ada@example.org",
        "A few questions", text, "t1", "<m1@tenant.example>",
    )  # fmt: skip
    note = noted(sent, "https://hire.tenant.example")
    assert note.startswith("E-mail sent: A few questions\n\nPlease answer: (a link of their own)\n")
    assert "s3cret" not in note
    assert "https://tenant.example/jobs" in note


def test_a_letter_with_characters_that_no_database_takes_is_read_without_them() -> None:
    letter = read(
        b"From: a\0da@tenant.example\r\nSubject: =?utf-8?q?a=00b?=\r\nMessage-ID: <a\0b@x>\r\nIn-Reply-To: <k\0z@x>\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\naABp\r\n"
    )
    assert (letter.sender, letter.id, letter.answers) == ("ada@tenant.example", "<ab@x>", ("<kz@x>",))
    assert (letter.subject, letter.text) == ("ab", "hi")

"""What the ATS is told of a letter."""

from __future__ import annotations

from datetime import UTC, datetime

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

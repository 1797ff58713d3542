"""What interviewers write by e-mail: matched to their interview, shown to a person, kept in their name."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from bascule.errors import NotFoundError
from bascule.model import Kind, ReviewKind
from bascule.office.messages import UNMATCHED
from bascule.store.interviews import Interview

from .kit import OWNER, Applied
from .test_interviews import DANA_MAIL, ROBIN_MAIL, Panel, box, panel, plain

__all__ = ["box", "panel"]
SAID = "Strong on databases, and kind.\n\nOn Friday somebody wrote:\n> With: Dana Whitfield"


def answer(to: str, sender: str, text: str = SAID, id: str = "<one@post.example>", **headers: str) -> bytes:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"], letter["Message-ID"] = sender, to, "Re: Interview", id
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    return letter.as_bytes()


async def interviewed(panel: Panel) -> tuple[Applied, Interview, str]:
    """Somebody who was interviewed an hour ago, and the address to which the panel answers."""
    ada = await panel.applied()
    one, _, start = await panel.booked(ada)
    panel.house.clock.move((start - panel.house.clock()).total_seconds() + 3600)
    (letter,) = panel.letters(DANA_MAIL)
    assert "answer this letter" in plain(letter)
    return ada, one, str(letter["Reply-To"])


async def asked(panel: Panel) -> list[str]:
    return [one.review.id for one in await panel.house.open_reviews() if one.review.kind is ReviewKind.FEEDBACK]


async def test_an_answer_is_shown_once_and_kept_in_the_interviewers_name_when_a_person_says_so(panel: Panel) -> None:
    ada, one, to = await interviewed(panel)
    house, before = panel.house, panel.notes(ada)
    for _ in range(2):
        assert await house.app.message_desk.take(answer(to, f"Dana <{DANA_MAIL.upper()}>")) is None
    (review,) = [item.review for item in await house.open_reviews()]
    assert (review.kind, review.detail["interviewer"]) == (ReviewKind.FEEDBACK, "Dana Whitfield")
    assert review.detail["text"] == "Strong on databases, and kind."
    await house.quiet()
    assert panel.notes(ada) == before, "nothing is written before a person has said so"
    await house.app.changes.decide(review.id, "approve", OWNER)
    await house.quiet()
    (kept,) = await house.app.feedback.of(await panel.id(ada))
    assert (kept.said["interview"], kept.said["text"], kept.said["tool"]) == (
        one.id, "Strong on databases, and kind.", "e-mail",
    )  # fmt: skip
    (note,) = [body for body in panel.notes(ada) if body not in before]
    assert note.startswith("Interview feedback of Dana Whitfield, sent by e-mail.\nStrong on databases, and kind.\n")
    assert await house.notices(UNMATCHED) == []
    await house.app.message_desk.take(answer(to, DANA_MAIL))
    assert await asked(panel) == [], "it was decided"


async def test_what_is_declined_is_kept_nowhere(panel: Panel) -> None:
    ada, _, to = await interviewed(panel)
    before = panel.notes(ada)
    await panel.house.app.message_desk.take(answer(to, ROBIN_MAIL))
    (review,) = await asked(panel)
    await panel.house.app.changes.decide(review, "decline", OWNER)
    await panel.house.quiet()
    await panel.house.app.message_desk.take(answer(to, ROBIN_MAIL))
    assert await asked(panel) == [], "it was answered"
    assert await panel.house.app.feedback.of(await panel.id(ada)) == []
    assert panel.notes(ada) == before


async def test_a_letter_that_names_no_interview_is_about_the_senders_last_one_and_says_so(panel: Panel) -> None:
    _, one, _ = await interviewed(panel)
    house = panel.house
    grace = await panel.applied("Grace", "Hopper")
    later, _, _ = await panel.booked(grace)
    await house.app.message_desk.take(answer("answers@tenant.example", DANA_MAIL))
    (review,) = [item.review for item in await house.open_reviews() if item.review.kind is ReviewKind.FEEDBACK]
    assert review.detail["interview"] == one.id != later.id, "the other is still to come"
    assert "names no interview" in str(review.detail["because"])


@pytest.mark.parametrize(
    ("sender", "text", "headers"),
    [
        ("mallory@elsewhere.example", SAID, {}),
        (DANA_MAIL, "> With: Dana Whitfield", {}),
        (DANA_MAIL, SAID, {"Auto_Submitted": "auto-replied"}),
    ],
)
async def test_strangers_empty_letters_and_machines_say_nothing(
    panel: Panel, sender: str, text: str, headers: dict[str, str]
) -> None:
    _, _, to = await interviewed(panel)
    await panel.house.app.message_desk.take(answer(to, sender, text, **headers))
    assert await asked(panel) == []
    assert len(await panel.house.notices(UNMATCHED)) == (0 if headers else 1), "a person's letter is told of"


async def test_a_calendar_that_accepts_says_nothing(panel: Panel) -> None:
    _, _, to = await interviewed(panel)
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = DANA_MAIL, to, "Accepted: Interview"
    letter.set_content("Dana has accepted.")
    letter.add_alternative(
        b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n", maintype="text", subtype="calendar",
        params={"method": "REPLY"},
    )  # fmt: skip
    await panel.house.app.message_desk.take(letter.as_bytes())
    assert await asked(panel) == []
    assert await panel.house.notices(UNMATCHED) == []


async def test_feedback_about_somebody_who_has_been_erased_is_kept_nowhere(panel: Panel) -> None:
    ada, _, to = await interviewed(panel)
    house = panel.house
    person = (await house.record(Kind.CANDIDATE, ada.candidate)).id
    await house.app.message_desk.take(answer(to, DANA_MAIL))
    (review,) = await asked(panel)
    await house.app.erasures.begin(person, OWNER)
    await house.pass_time(20)
    with pytest.raises(NotFoundError):
        await house.app.changes.decide(review, "approve", OWNER)
    await house.app.message_desk.take(answer(to, DANA_MAIL, id="<two@post.example>"))
    assert await asked(panel) == []
    assert len(await house.notices(UNMATCHED)) == 1

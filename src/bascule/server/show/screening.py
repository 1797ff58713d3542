"""Screening as pages show it: the form of an application, and the forms of a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bascule.hiring import screening
from bascule.hiring.form_words import FIRST, words
from bascule.hiring.screening import QuestionKind
from bascule.model import Fields, ScreeningStatus, Value
from bascule.office.screenings import OPEN, Screenings, is_prepared, times_of
from bascule.store import Tx
from bascule.store.screenings import Screening

from ..views.parts import Fact, State, Tone
from ..views.screening import ScreeningPart

WORDS: Mapping[ScreeningStatus, tuple[str, Tone]] = {
    ScreeningStatus.INVITED: ("Invited", Tone.CATCHING_UP),
    ScreeningStatus.STARTED: ("Started", Tone.CATCHING_UP),
    ScreeningStatus.COMPLETED: ("Completed", Tone.IN_STEP),
    ScreeningStatus.OPTED_OUT: ("Opted out of AI", Tone.WAITING),
    ScreeningStatus.EXPIRED: ("The link has ended", Tone.QUIET),
}
PREPARED = ("Prepared: the letter with its link has not left", Tone.QUIET)


def parts(tx: Tx, screenings: Screenings, applications: Sequence[str], *, may_edit: bool) -> dict[str, ScreeningPart]:
    """What stands on a candidate's page of each application; the link only for whoever may send it."""
    held = tx.screenings.of(applications)
    return {id: _part(tx, screenings, held.get(id), may_edit) for id in applications}


def _part(tx: Tx, screenings: Screenings, one: Screening | None, may_edit: bool) -> ScreeningPart:
    if one is None:
        return ScreeningPart(may_edit=may_edit)
    said, tone = PREPARED if is_prepared(one) else WORDS[one.state]
    answers = _map(one.said, "answers")
    asked, say = screening.kept(one.said), words(FIRST)
    ways = tuple(each for each in asked if each.kind is not QuestionKind.FILE)
    shown = [(screening.asked(each, say), screening.shown(each, answers, say)) for each in ways]
    by = one.opted_out + timedelta(days=times_of(tx, one.workspace).person) if one.opted_out else None
    left = _map(one.said, "opt_out").get("notes_left")
    return ScreeningPart(
        id=one.id,
        state=State(said, tone, one.opted_out or one.completed or one.started or one.invited),
        link=screenings.link(tx, one) if may_edit else "",
        until=one.expires if one.state in OPEN else None,
        done=screening.done(asked, answers),
        of=len(asked),
        answers=tuple(Fact(question, answer) for question, answer in shown if answer),
        files=tuple(
            (str(name), f"/screenings/{one.id}/files/{id}")
            for id, name in _map(one.said, "files").items()
            if tx.stored.of(f"{one.id}|{id}", "answer") is not None
        ),
        asked_for=str(one.said.get("adjustment") or ""),
        waits=(one.opted_out is not None or one.adjustment is not None) and one.looked is None,
        person_by=by,
        notes_left=left if isinstance(left, int) else 0,
        may_edit=may_edit,
        may_invite=one.state in (*OPEN, ScreeningStatus.EXPIRED),
        opted_out=one.state is ScreeningStatus.OPTED_OUT,
    )


def _map(said: Fields, name: str) -> Mapping[str, Value]:
    held = said.get(name)
    return held if isinstance(held, Mapping) else {}

"""What an interviewer writes by e-mail: matched to the interview it is about, and shown to a person before it is kept.

Nobody's address proves who wrote: the letter carries the interview's own address in its Reply-To, the sender has to be
of its panel, and a person confirms. Without that address it is the sender's last interview, which the item says.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

from bascule.core.messages import own_words
from bascule.core.reviews import ask
from bascule.engine.reconcile import Reconcile
from bascule.engine.runtime import Runtime
from bascule.model import Actor, ActorKind, Family, FamilyState, Fields, RecordState, ReviewKind
from bascule.store import Tx
from bascule.store.interviews import Interview

from .interview_letters import panel_of, token_of, when
from .interviewers import interviewer
from .mail import Arrived

LATE = timedelta(days=14)  # after an interview, in which a letter that names none may be about it
_TOKEN = re.compile(token_of(r"([0-9a-f-]{36})"))


class WrittenFeedback:
    """Takes in letters of interviewers."""

    def __init__(self, runtime: Runtime, reconcile: Reconcile) -> None:
        self._runtime = runtime
        self._reconcile = reconcile

    def take(self, tx: Tx, workspace: str, letter: Arrived) -> bool:
        """Ask whether a letter is feedback about an interview; False where it is about none that is known. One that was
        taken in already changes nothing."""
        said = own_words(letter.text)
        if letter.automatic or letter.bounced or not said:
            return False
        sender = letter.sender.casefold()
        named = [one for token in letter.tokens if (one := self._named(tx, workspace, token)) is not None]
        own = [one for one in named or self._lately(tx, workspace, sender) if sender in _names(one)]
        if not own:
            return False
        one = own[-1]
        family = tx.families.families([one.family]).get(one.family)
        if family is None or not _goes_on(family, one.application):
            return False
        about = f"feedback|{hashlib.sha256((letter.id or letter.text).encode()).hexdigest()[:32]}"
        if tx.families.answered(family.id, ReviewKind.FEEDBACK, about):
            return True
        name = _names(one)[sender]
        detail: Fields = {
            "from": letter.sender, "subject": letter.subject, "text": said, "interview": one.id, "interviewer": name,
            "because": self._because(tx, one, name, sender, sure=bool(named)),
        }  # fmt: skip
        actor = Actor(ActorKind.SYSTEM, "mail", f"{name}, by e-mail")
        about_whom = one.application
        at = next((x.connection for x in family.links.values() if x.record == about_whom and x.open), None)
        self._reconcile.replan_in(
            tx, family.id, lambda f, c: ask(f, ReviewKind.FEEDBACK, about_whom, at, about, detail, actor, c)
        )
        return True

    def _named(self, tx: Tx, workspace: str, token: str) -> Interview | None:
        found = _TOKEN.fullmatch(token)
        one = tx.interviews.get(found[1]) if found is not None else None
        return one if one is not None and one.workspace == workspace else None

    def _lately(self, tx: Tx, workspace: str, sender: str) -> list[Interview]:
        """Their interviews that have begun lately, the last one at the end."""
        now = self._runtime.now()
        held = (tx.interviews.get(seat.interview) for seat in tx.interviews.taken(workspace, [sender], now - LATE, now))
        return [one for one in held if one is not None]

    def _because(self, tx: Tx, one: Interview, name: str, sender: str, *, sure: bool) -> str:
        at: datetime = one.starts or one.created
        day = when(at, interviewer(tx, one.workspace, sender).working.zone)
        if sure:
            return f"{name} answers the letter about the interview of {day}."
        return f"The letter names no interview. {name}'s last one was on {day}, with this candidate."


def _names(one: Interview) -> dict[str, str]:
    """The panel: address -> name."""
    return {email.casefold(): name or email for email, name in panel_of(one)}


def _goes_on(family: Family, application: str) -> bool:
    record = family.records.get(application)
    return family.state is FamilyState.LIVE and record is not None and record.state is RecordState.LIVE

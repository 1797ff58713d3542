"""A rule's invitations, to the screening or to choose a time for an interview: a link in a message that waits for a
person."""

from __future__ import annotations

from bascule.core.interviews import Rules
from bascule.core.triggers import Do
from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.hiring.interviewing import Interviewing
from bascule.hiring.messages import Messages
from bascule.hiring.triggers import Case, Deed
from bascule.model import BASCULE
from bascule.store import Tx
from bascule.store.messages import Message
from bascule.store.triggers import FiringState

from .interviews import INVITATION, InterviewDesk, Wanted
from .screenings import Screenings

TEMPLATE = "screening-invitation"


class Invitations:
    """What a rule does with `do: invite` and `do: schedule`."""

    def __init__(
        self, screenings: Screenings, messages: Messages, interviews: InterviewDesk, interviewing: Interviewing
    ) -> None:
        self._screenings = screenings
        self._messages = messages
        self._interviews = interviews
        self._interviewing = interviewing

    def act(self, tx: Tx, case: Case) -> Deed:
        """A message with the link of the form, or why nobody is invited."""
        try:
            link = self._screenings.prepare_in(tx, case.application.id)
        except (ConflictError, NotFoundError) as error:
            return Deed(FiringState.WITHHELD, str(error).removesuffix(error.hint).strip())
        return self._messages.act_with(tx, case, case.trigger.told.get("template", TEMPLATE), link)

    def schedule(self, tx: Tx, case: Case) -> Deed:
        """A message with the link by which the candidate chooses a time, or why nobody is asked."""
        told, usual = case.trigger.told, Rules()
        rules = Rules(
            int(told.get("minutes", usual.length)), int(told.get("days", usual.days)),
            int(told.get("notice", usual.notice)), int(told.get("buffer", usual.buffer)),
        )  # fmt: skip
        wanted = Wanted(told["interviewers"].split(","), told["place"], rules, told.get("stage", ""))
        try:
            one = self._interviews.prepare_in(tx, case.family, case.application, wanted, case.actor)
        except ConflictError as error:
            return Deed(FiringState.WITHHELD, str(error).removesuffix(error.hint).strip())
        except InputError as error:
            return Deed(FiringState.FAILED, str(error))
        link, more = self._interviewing.link(tx, one), self._interviews.message(tx, one)
        return self._messages.act_with(tx, case, told.get("template", INVITATION), link, more)

    def sent(self, tx: Tx, message: Message) -> None:
        """An invitation to the screening has left: its time begins, and the ATS says "invited"."""
        firing = tx.triggers.behind(message.id)
        if firing is not None and firing.action == Do.INVITE and message.application is not None:
            self._screenings.invited_in(tx, message.application, BASCULE)

"""A rule's invitations, to the screening or to choose a time for an interview: a link in a message that waits for a
person."""

from __future__ import annotations

from bascule.core.interviews import InterviewState, Rules
from bascule.core.triggers import Do
from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.hiring.interviewing import Interviewing
from bascule.hiring.leaving import link_in
from bascule.hiring.links import Purpose, opens
from bascule.hiring.messages import Messages
from bascule.hiring.triggers import Case, Deed
from bascule.model import BASCULE
from bascule.store import Tx
from bascule.store.messages import Message
from bascule.store.triggers import FiringState

from .interviews import INVITATION, NEVER, InterviewDesk, Wanted
from .screenings import Screenings, is_prepared

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
        deed = self._messages.act_with(tx, case, case.trigger.told.get("template", TEMPLATE), link)
        return self._asked(tx, case, deed, link)

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
        deed = self._messages.act_with(tx, case, told.get("template", INVITATION), link, more)
        return self._asked(tx, case, deed, link)

    def _asked(self, tx: Tx, case: Case, deed: Deed, link: str) -> Deed:
        if deed.state in (FiringState.WITHHELD, FiringState.FAILED):
            self._end(tx, case.family.workspace, case.candidate.id, link, deed.why)
        return deed

    def sent(self, tx: Tx, message: Message) -> None:
        """An invitation to the screening has left, or the link of a prepared form in another letter: its time begins,
        and the ATS says "invited"."""
        if message.application is None:
            return
        firing = tx.triggers.behind(message.id)
        form = tx.screenings.of([message.application]).get(message.application)
        link = self._screenings.link(tx, form) if form is not None and is_prepared(form) else ""
        if (firing is not None and firing.action == Do.INVITE) or (link and link in message.text):
            self._screenings.invited_in(tx, message.application, BASCULE)

    def unsent(self, tx: Tx, workspace: str, message: Message) -> None:
        """A letter will not leave: what its link asks for is asked no more, so that it can be asked again."""
        self._end(tx, workspace, message.candidate, message.text, message.why)

    def _end(self, tx: Tx, workspace: str, candidate: str, text: str, why: str) -> None:
        """End what the link in a text leads to, unless another letter brings it or has brought it."""
        found = link_in(text)
        told = opens(tx.vault.derived(workspace, b"links"), *found) if found is not None else None
        if found is None or told is None:
            return
        purpose, secret = found
        if any(one.state not in NEVER and secret in one.text for one in tx.messages.of([candidate])):
            return
        if purpose is Purpose.SCREENING:
            self._screenings.unsent_in(tx, told.id, told.issue)
            return
        one = tx.interviews.get(told.id, hold=True)
        home = tx.families.record_family(one.application) if one is not None else None
        if one is not None and home is not None and (one.state, one.issue) == (InterviewState.ASKED, told.issue):
            self._interviewing.cancel(tx, one, tx.families.family(home), BASCULE, f"nobody was invited: {why}")

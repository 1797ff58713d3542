"""A rule's invitation to the screening: the form's link in a message that waits for a person; invited once it left."""

from __future__ import annotations

from bascule.core.triggers import Do
from bascule.errors import ConflictError, NotFoundError
from bascule.hiring.messages import Messages
from bascule.hiring.triggers import Case, Deed
from bascule.model import BASCULE
from bascule.store import Tx
from bascule.store.messages import Message
from bascule.store.triggers import FiringState

from .screenings import Screenings

TEMPLATE = "screening-invitation"


class Invitations:
    """What a rule does with `do: invite`."""

    def __init__(self, screenings: Screenings, messages: Messages) -> None:
        self._screenings = screenings
        self._messages = messages

    def act(self, tx: Tx, case: Case) -> Deed:
        """A message with the link of the form, or why nobody is invited."""
        try:
            link = self._screenings.prepare_in(tx, case.application.id)
        except (ConflictError, NotFoundError) as error:
            return Deed(FiringState.WITHHELD, str(error).removesuffix(error.hint).strip())
        return self._messages.act_with(tx, case, case.trigger.told.get("template", TEMPLATE), link)

    def sent(self, tx: Tx, message: Message) -> None:
        """An invitation has left: its time begins, and the ATS says "invited"."""
        firing = tx.triggers.behind(message.id)
        if firing is not None and firing.action == Do.INVITE and message.application is not None:
            self._screenings.invited_in(tx, message.application, BASCULE)

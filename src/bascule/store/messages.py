"""Messages to candidates and their answers. The words are sealed for the person; lists are by state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from . import statements as s
from .codec import dumps, loads, maybe_moment, maybe_stamp, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx

END = "\U0010ffff"
FOLLOWING = timedelta(seconds=2)  # longer than one that follows another waits before it looks again


class MessageState(StrEnum):
    """Where a message stands."""

    HELD = "held"  # waits for a person
    DUE = "due"  # to be sent, at once or when quiet hours are over
    SENDING = "sending"  # handed to the mail server, and no answer is known
    SENT = "sent"  # the mail server has taken it
    BOUNCED = "bounced"
    WITHHELD = "withheld"  # not sent; `why` says why
    UNKNOWN = "unknown"  # nobody knows whether it left: a person decides
    RECEIVED = "received"
    AUTOMATIC = "automatic"  # an answer that no person wrote


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `to` is the candidate's address (of an answer: the sender's); `thread` what an answer comes back
    with."""

    id: str
    family: str
    candidate: str
    application: str | None
    job: str | None
    connection: str | None
    direction: str
    template: str
    locale: str
    state: MessageState
    created: datetime
    due: datetime
    to: str
    subject: str
    text: str
    thread: str
    mail: str  # its Message-ID
    why: str = ""
    firing: str | None = None
    review: str | None = None
    sender: str = ""
    sent: datetime | None = None
    parent: str = ""  # the Message-ID it answers
    event: str = ""  # the iCalendar object that goes along


class Messages:
    """`tx.messages`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, workspace: str, one: Message) -> bool:
        """Keep a message; False where one with its Message-ID is kept."""
        return self._tx.run(
            s.MESSAGE_ADD, id=one.id, workspace=workspace, candidate=one.candidate, application=one.application,
            job=one.job, connection=one.connection, thread=self._digest(workspace, one.thread),
            direction=one.direction, template=one.template, locale=one.locale, firing=one.firing,
            created=stamp(one.created), mail=self._digest(workspace, one.mail), **self._changing(workspace, one),
        ) > 0  # fmt: skip

    def set(self, workspace: str, one: Message) -> None:
        """What may change of it: state, why, when, in whose name, and the words."""
        self._tx.run(s.MESSAGE_SET, id=one.id, **self._changing(workspace, one))

    def _changing(self, workspace: str, one: Message) -> dict[str, object]:
        body = {
            "to": one.to,
            "subject": one.subject,
            "text": one.text,
            "thread": one.thread,
            "mail": one.mail,
            "parent": one.parent,
            **({"event": one.event} if one.event else {}),
        }
        return {
            "family": one.family,
            "state": str(one.state),
            "why": one.why,
            "due": stamp(one.due),
            "sent": maybe_stamp(one.sent),
            "sender": one.sender,
            "review": one.review,
            "body": self._tx.vault.seal(workspace, one.family, dumps(body).encode()),
        }

    def one(self, workspace: str, id: str) -> Message | None:
        row = self._tx.row(s.MESSAGE, workspace=workspace, id=id)
        return None if row is None else self._message(row)

    def of(self, candidates: Collection[str]) -> list[Message]:
        """All with these people, the oldest first."""
        return self._all(self._tx.rows(s.MESSAGES_OF, candidates=candidates)) if candidates else []

    def of_mails(self, workspace: str, mails: Iterable[str]) -> list[Message]:
        """Those with these Message-IDs, the newest first."""
        wanted = sorted({self._digest(workspace, one) for one in mails})
        return self._all(self._tx.rows(s.MESSAGE_OF_MAIL, workspace=workspace, mails=wanted)) if wanted else []

    def of_thread(self, workspace: str, thread: str) -> list[Message]:
        """Those of one thread, the oldest first."""
        return self._all(
            self._tx.rows(s.MESSAGES_OF_THREAD, workspace=workspace, thread=self._digest(workspace, thread))
        )

    def list(self, workspace: str, *, state: str = "", before: str = END, limit: int = 50) -> list[Message]:
        """The newest first."""
        return self._all(self._tx.rows(s.MESSAGES, workspace=workspace, state=state, before=before or END, limit=limit))

    def leaving(self, workspace: str, *, sender: str = "", limit: int) -> list[Message]:
        """What is to be sent and has not left, the next first; of one person (a user's id), or of everybody."""
        return self._all(self._tx.rows(s.MESSAGES_LEAVING, workspace=workspace, sender=sender, limit=limit))

    def held_back(self, connection: str) -> tuple[tuple[str, int, datetime], ...]:
        """What is to be sent about a connection's applications: (template, how many, since when), the oldest first."""
        rows = self._tx.rows(s.MESSAGES_HELD_BACK, connection=connection)
        return tuple((template, int(many), moment(since)) for template, many, since in rows)

    def waiting(self, connection: str, *, limit: int) -> list[Message]:
        """The same, each by itself, in the order in which they leave."""
        return self._all(self._tx.rows(s.MESSAGES_WAITING, connection=connection, limit=limit))

    def under_way(self, connection: str) -> int:
        """How many are being handed to the mail server."""
        row = self._tx.row(s.MESSAGES_UNDER_WAY, connection=connection)
        return 0 if row is None else int(row[0])

    def wake(self, connection: str, task: str) -> None:
        """What waits is due again when it was due first: the tasks of this name that send it go in that order."""
        self._tx.run(s.MESSAGES_WAKE, connection=connection, name=task, seq=self._tx.number())

    def follows(self, one: Message, task: str, *, now: datetime) -> bool:
        """Whether an earlier one to the same person is to leave now, or in the moment for which it waits for the one
        before it, and has not."""
        soon = stamp(now + FOLLOWING)
        row = self._tx.row(
            s.MESSAGE_BEFORE, candidate=one.candidate, id=one.id, due=stamp(one.due), name=task, now=soon
        )
        return row is not None

    def counted(self, workspace: str) -> Mapping[str, int]:
        """How many in each state."""
        return {state: int(many) for state, many in self._tx.rows(s.MESSAGES_COUNTED, workspace=workspace)}

    def answered(self, workspace: str) -> list[tuple[str, str | None, str, int, int, int]]:
        """(template, job, sender, sent, answered, bounced) of what has been sent."""
        return [
            (template, job, sender, int(sent), int(answered or 0), int(bounced or 0))
            for template, job, sender, sent, answered, bounced in self._tx.rows(
                s.MESSAGES_ANSWERED, workspace=workspace
            )
        ]

    # ------------------------------------------------------------------------------------------ who wants no messages

    def hush(self, workspace: str, address: str, why: str, *, now: datetime) -> None:
        """Nothing is sent to this address any more."""
        self._tx.run(
            s.QUIET_ADD,
            workspace=workspace,
            address=self._digest(workspace, address.casefold()),
            why=why,
            at=stamp(now),
        )

    def hushed(self, workspace: str, address: str) -> str:
        """Why nothing is sent to an address, "" where it may be."""
        row = self._tx.row(s.QUIET, workspace=workspace, address=self._digest(workspace, address.casefold()))
        return "" if row is None else str(row[0])

    def unhush(self, workspace: str, address: str) -> bool:
        """It may be written to again; False where it might."""
        return self._tx.run(s.QUIET_DROP, workspace=workspace, address=self._digest(workspace, address.casefold())) > 0

    def _digest(self, workspace: str, text: str) -> str:
        return self._tx.vault.digest(workspace, None, b"mail" + text.encode())

    def _all(self, rows: list[Row]) -> list[Message]:
        self._tx.vault.fetch([row[-1] for row in rows])
        return [self._message(row) for row in rows]

    def _message(self, row: Row) -> Message:
        (id, family, candidate, application, job, connection, _, direction, template, locale, state, why, firing,
         review, sender, created, due, sent, sealed) = row  # fmt: skip
        body = self._tx.vault.decoded(sealed, loads)
        return Message(
            id, family, candidate, application, job, connection, direction, template, locale, MessageState(state),
            moment(created), moment(due), body["to"], body["subject"], body["text"], body["thread"], body["mail"], why,
            firing, review, sender, maybe_moment(sent), body["parent"],
            body.get("event", ""),
        )  # fmt: skip

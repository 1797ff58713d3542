"""Every error raised on purpose, grouped by what to do about it.

BasculeError
|-- ConfigurationError      the operator mends a setting; nothing was started
|-- InputError              the caller mends the request; state is as it was
|   |-- NotFoundError
|   |   `-- ErasedError     it was there, and is gone for good
|   |-- ForbiddenError      a gate, a role or a mode says no
|   `-- ConflictError       somebody else was faster, or the thing has moved on
|-- StaleError              compare-and-set missed: load and plan again
|-- LeaseLostError          another worker holds the lane: drop what was done
|-- ShutError               its owner has paused or stopped it: later, when they let it go on
|-- DeclinedError           no model is asked now (off, its region, its budget): go on without one
|-- StoreUnavailableError   the database does not answer: again by itself, nothing is given up
`-- RemoteError            something the connected system answered, or did not
    |-- UnavailableError    busy or down: again by itself, not before `retry_after`
    |   `-- ThrottledError  429: exactly `retry_after`
    |       `-- BudgetSpentError  by our own count there is no room now: nothing was sent
    |-- UnansweredError     sent, no answer: whether it landed is unknown
    |-- DisconnectedError   credentials refused: the connection pauses, a person is asked
    |-- PermissionMissingError  a scope or right is missing: that object waits, a person is asked
    |-- RejectedError       this write will never be accepted: to the failures, in the vendor's words
    |-- GuardRefusedError   the vendor's own guard (from_stage_id) missed: read again
    |-- AbsentError         404: unseen, which is not gone
    `-- MalformedError      an answer nobody can read: again, then shown
        `-- ResyncError     a place in a list that is no longer good: the list is read from its beginning
"""

from __future__ import annotations

from datetime import timedelta


class BasculeError(Exception):
    """Root of every error raised on purpose. `hint` says what to do next."""

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").strip())
        self.hint = hint

    def __str__(self) -> str:
        text = super().__str__()
        return f"{text} {self.hint}".strip() if self.hint else text


class ConfigurationError(BasculeError):
    """A setting is wrong or missing."""


class InputError(BasculeError):
    """The request cannot be carried out as it stands; nothing was changed."""


class NotFoundError(InputError):
    """There is no such thing in this workspace."""


class ErasedError(NotFoundError):
    """It is erased, or gone where it came from."""


class ForbiddenError(InputError):
    """A gate, a role or the connection's mode does not allow this."""


class ConflictError(InputError):
    """The thing has changed since it was read; look again."""


class StaleError(BasculeError):
    """The family changed under the plan (compare-and-set missed). Load and plan again."""


class LeaseLostError(BasculeError):
    """The lane was taken over by another worker; this one's result is dropped."""


class StoreUnavailableError(BasculeError):
    """The database does not answer. What was under way is done again once it does."""


class ShutError(BasculeError):
    """Its owner has paused or stopped it."""


class DeclinedError(BasculeError):
    """No language model, or no data provider, is asked: none is chosen, or a rule of the workspace speaks against it.
    Nothing has left."""


class RemoteError(BasculeError):
    """A connected system answered with an error, or not at all.

    `status` is the HTTP status (0 when there was none); `words` are the system's own, shortened, never a body with
    personal data beyond what the system put into its error message.
    """

    def __init__(self, message: str = "", *, status: int = 0, words: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.words = words


class UnavailableError(RemoteError):
    """The other side is busy or down. Retried by itself, not before `retry_after`."""

    def __init__(
        self,
        message: str = "",
        *,
        retry_after: timedelta | None = None,
        status: int = 0,
        words: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, status=status, words=words, hint=hint)
        self.retry_after = retry_after


class ThrottledError(UnavailableError):
    """The system's rate limit was reached. Waited for exactly as told."""


class BudgetSpentError(ThrottledError):
    """Our own count of this connection's rate says that there is no room now. Nothing was sent, nothing is wrong."""


class UnansweredError(RemoteError):
    """The request was sent and no answer came. Whether it landed is unknown: look before sending again."""


class DisconnectedError(RemoteError):
    """Our credentials were refused. The connection pauses and its owner is asked to sign in."""


class PermissionMissingError(RemoteError):
    """The credentials lack a scope or right for this call."""


class RejectedError(RemoteError):
    """This write will never be accepted as it is. It becomes a failure, with the vendor's own words."""


class GuardRefusedError(RemoteError):
    """The system's own guard refused the write because the object had moved. Read again and plan again."""


class AbsentError(RemoteError):
    """The system says there is no such object. That is `unseen`, and no evidence that it is gone."""


class MalformedError(RemoteError):
    """The answer could not be read as what it should be."""


class ResyncError(MalformedError):
    """A cursor or sync token that the system no longer knows. The list is read again from its beginning."""

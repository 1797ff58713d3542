"""What an answer, or the lack of one, means for the write that was sent."""

from __future__ import annotations

from collections.abc import Mapping

from bascule.core.failing import reason_of
from bascule.errors import (
    AbsentError,
    DisconnectedError,
    GuardRefusedError,
    MalformedError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnansweredError,
    UnavailableError,
)
from bascule.model import EMPTY, Fields, Outcome, OutcomeKind

UNKNOWN_STATUS = frozenset({500, 502, 503, 504})
"""Answers after which a write may have been carried out all the same: it is looked for before it is sent again.
A proxy may answer 503 for a system that has done it; one that names a time to come again says that nothing was done."""
STILL_AT_WORK = frozenset({504})
"""Those after which it may even be carried out later; any other is simply sent again, where twice changes it once."""


def answered(shown: Fields) -> Outcome:
    """A conversation that ended well. "external" among the fields is the id of what was created, "along" what there is
    of the child that was created with it; "gone" says that the object is not there any more."""
    fields = dict(shown)
    external, along, gone = (fields.pop(name, None) for name in ("external", "along", "gone"))
    child = along if isinstance(along, Mapping) else EMPTY
    named = None if external is None else str(external)
    return Outcome(OutcomeKind.ANSWERED, fields, external=named, along=child, gone=gone is True, status=200)


def outcome_of(error: RemoteError, *, repeatable: bool) -> Outcome:
    """The outcome that an error of the client stands for, of a call that may be repeated or not."""
    words = error.words or str(error)
    match error:
        case ThrottledError():
            kind = OutcomeKind.NOT_SENT
        case UnavailableError() if error.status == 503 and error.retry_after is not None:
            kind = OutcomeKind.NOT_SENT
        case UnavailableError() if error.status in (STILL_AT_WORK if repeatable else UNKNOWN_STATUS):
            kind = OutcomeKind.UNANSWERED
        case UnavailableError() | DisconnectedError():
            kind = OutcomeKind.NOT_SENT
        case UnansweredError() | MalformedError():
            kind = OutcomeKind.UNANSWERED
        case GuardRefusedError():
            kind = OutcomeKind.GUARDED
        case AbsentError():
            kind = OutcomeKind.ABSENT
        case RejectedError() | PermissionMissingError():
            kind = OutcomeKind.REFUSED
        case _:
            kind = OutcomeKind.UNANSWERED
    return Outcome(kind, words=words[:500], status=error.status, reason=reason_of(error))

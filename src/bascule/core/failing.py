"""Which class of reason an error is: what a person mends before the write can succeed. Pure."""

from __future__ import annotations

import re

from bascule.errors import AbsentError, GuardRefusedError, PermissionMissingError, RejectedError, RemoteError
from bascule.model import Reason

UNKNOWN_THERE = re.compile(
    r"(unknown|unrecogni[sz]ed|undefined|no such|not a valid|invalid) (custom )?(field|attribute|property|option|stage|"
    r"parameter)|(field|option|stage)s? .{0,80}(does not exist|not found|is not (defined|active|available))|"
    r"must be one of|not (one of|among) (the|its) options",
    re.IGNORECASE,
)
"""The system does not know something that the mapping names; any other refusal is of the value itself."""


def reason_of(error: RemoteError) -> Reason:
    """By the kind of the error and, for a refusal, by its status and the system's words."""
    match error:
        case PermissionMissingError():
            return Reason.PERMISSION
        case AbsentError():
            return Reason.GONE
        case GuardRefusedError():
            return Reason.CONFLICT
        case RejectedError():
            return _refused(error.status, error.words or str(error))
        case _:
            return Reason.VENDOR


def _refused(status: int, words: str) -> Reason:
    if status in (404, 410):
        return Reason.GONE
    if status == 409:
        return Reason.CONFLICT
    return Reason.MAPPING if UNKNOWN_THERE.search(words) else Reason.VALUE

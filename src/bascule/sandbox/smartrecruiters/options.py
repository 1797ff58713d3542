"""What can be chosen when the sandbox starts."""

from __future__ import annotations

from dataclasses import dataclass

from ..kit import options
from ..kit.options import Rate

# Requests of one credential to one endpoint; publishing a job has its own.
RATE = Rate(10, 1.0)
PUBLISHING = Rate(2, 1.0)
# Requests of one credential to one endpoint that may be under way at once.
TOGETHER = 8
SEARCHING = 1
# Seconds after each failed delivery until the next attempt: ten redeliveries.
REDELIVERIES = (60, 180, 600, 2_700, 7_200, 14_400, 28_800, 43_200, 64_800, 86_400)


@dataclass(frozen=True)
class Options(options.Options):
    """One company's fixed traits. Where nobody outside could verify what the vendor does, the first value named in
    `server.WAYS` is the likelier one."""

    rate: Rate = RATE
    company: str = "sandbox"
    # Seconds an access token lives.
    token_lifetime: float = 3_600.0
    # How far, in seconds, the search of candidates is behind.
    search_lag: float = 0.0
    # Deliveries given up before a subscription is suspended.
    suspend_after: int = 1
    # Whether a rejection or withdrawal must have a reason.
    reasons_required: bool = False
    # Whether reviews fire events, of which nobody knows the names for sure.
    review_events: bool = False
    # Whether the whole of an application's properties can be written at once.
    no_bulk: bool = False
    duplicates: str = "merge"
    sub_status: str = "first"
    unreject: str = "allowed"
    updated_after: str = "exclusive"
    updated_on: str = "everything"
    search_order: str = "created"
    secondary: str = "full"
    unknown_fields: str = "refused"
    single_write: str = "value"
    select: str = "id"
    numbers: str = "number"
    new_properties: str = "refused"
    rating: str = "rating"
    second_review: str = "refused"
    hiring_process: str = "shown"

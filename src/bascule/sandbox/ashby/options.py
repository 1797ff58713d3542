"""What can be chosen when the sandbox starts. Where Ashby does not say how it behaves, an option says it here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..kit import options
from ..kit.options import Rate

RATE = Rate(1000, 60.0)
WEEK = 7 * 86_400.0


@dataclass(frozen=True)
class Options(options.Options):
    # No general limit is published; a third party reports this one. Counted for each API key.
    rate: Rate = RATE
    # What all keys together may ask for, as an integration partner is throttled; None: not limited.
    partner_rate: Rate | None = None
    # Whether a 429 says how long to wait. Not documented.
    retry_after: bool = False
    # Seconds for which cursors and sync tokens work. That they expire is documented, when is not.
    cursor_lifetime: float = 3600.0
    token_lifetime: float = WEEK
    # Pages of one incremental sync before it is too large. That there is a number is documented, which is not.
    sync_pages: int = 100
    # The HTTP status of refused cursors and sync tokens.
    sync_status: Literal[200, 400] = 200
    # Seconds between the read and the write inside customField.setValue, in which another call may come.
    race: float = 0.02
    # Seconds for which the address of a file works.
    file_lifetime: float = 900.0
    # How an application comes to be hired: by moving it to a stage of type Hired, or only by an accepted offer.
    hire_by: Literal["stage", "offer"] = "stage"
    # Whether an archived application may be moved back to a stage.
    unarchive: bool = True
    # Whether null clears a custom field's value, or is refused.
    null_clears: bool = True
    # Whether application.create sends applicationSubmit, as an application by hand does.
    api_submits: bool = True
    # Whether notes and new applications move the candidate's updatedAt.
    activity_touches: bool = False
    # What the Ashby-Version-Status header says.
    version_status: Literal["active", "deprecated", "unsupported"] = "active"
    # The name of the public job board.
    board: str = "sandbox"
    # One interview plan that all jobs share, instead of one for each ladder of stages.
    shared_plan: bool = False

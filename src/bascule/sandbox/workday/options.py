"""What can be chosen when a tenant of Workday starts. Where nobody outside could verify how Workday behaves, a switch
holds both ways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..kit import options
from ..kit.options import Rate

# Workday publishes no figure; about ten a second is what integrators see.
RATE = Rate(10, 1.0)
# Requests that are refused as invalid, of one caller, before it is throttled itself.
INVALID = Rate(120, 60.0)
# Reports run by a tenant with fewer than 3,500 workers.
EXTRACTS = Rate(15_000, 3600.0)
PACIFIC = "America/Los_Angeles"
# What a candidate can be required to have.
REQUIRABLE = ("email", "phone", "country")


@dataclass(frozen=True)
class Options(options.Options):
    """One tenant's fixed traits."""

    # The tenant's name, which is part of every address and of every user name.
    tenant: str = "sandbox"
    rate: Rate = RATE
    invalid: Rate = INVALID
    extracts: Rate = EXTRACTS
    # Seconds an access token lives, and whether the answer says so.
    token_lifetime: float = 3600.0
    tells_expiry: bool = False
    # Seconds a refresh token lives without being used; None for a client with non-expiring refresh tokens.
    refresh_lifetime: float | None = None
    # The zone of times in answers, and of times in requests that name none.
    zone: str = PACIFIC

    # How the tenant is configured.
    # A job-application custom object exists; without it nothing can be written beside the product's own fields.
    custom_object: bool = True
    # The recruiting process of professionals has an Assess Candidate step.
    assess_step: bool = True
    # Rejected candidates get an e-mail.
    notify_disposition: bool = True
    required: tuple[str, ...] = ()

    # Ways nobody could verify.
    # What a Get_Candidates with an empty Request_Criteria finds.
    empty_criteria: Literal["nothing", "everything"] = "nothing"
    # Job_Requisition_Reference as a filter of Get_Candidates.
    requisition_filter: Literal["honoured", "refused"] = "honoured"
    # What the transaction log tells of: business processes and edits of the candidate, or tags, custom objects and
    # files as well.
    transaction_log: Literal["events", "everything"] = "events"
    # Whether references carry a Descriptor only where the request's Workday_Common_Header asks for it.
    descriptors: Literal["asked", "always"] = "asked"
    # An As_Of_Entry_DateTime that is still to come.
    future_entry: Literal["refused", "accepted"] = "refused"
    # Workflow_Step_Reference of a rejected application: the step it was rejected in, or the disposition step.
    disposed_step: Literal["kept", "disposition"] = "kept"
    # Candidate_Tag_Reference in Put_Candidate.
    tags: Literal["written", "ignored"] = "written"
    # What Get_Candidate_Attachments lists: files of applications too, or only those of the candidate.
    attachments: Literal["all", "candidate"] = "all"
    # Fields that a Put_Job_Application_Additional_Data leaves out: emptied, or kept.
    additional_data: Literal["replace", "merge"] = "replace"
    # HTTP Basic for reports: with the bare name of the user as well, or only name@tenant.
    basic_name: Literal["both", "full"] = "both"
    # SOAP with a bearer token that is no longer good: HTTP 401, or the authentication fault in HTTP 500.
    expired_token: Literal["401", "fault"] = "401"

    def __post_init__(self) -> None:
        if unknown := set(self.required) - set(REQUIRABLE):
            raise ValueError(f"required: {', '.join(sorted(unknown))} is not among {', '.join(REQUIRABLE)}")
        zone_of(self.zone)


def zone_of(name: str) -> tzinfo:
    """The zone of that name. Where a machine has no zones at all, Pacific standard time stands in for its own."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        if name == PACIFIC:
            return timezone(timedelta(hours=-8))
        raise ValueError(f"zone: {name} is not a time zone that this machine knows") from None

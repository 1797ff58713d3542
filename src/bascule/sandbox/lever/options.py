"""What can be chosen when a sandbox starts: traits of the tenant, and what Lever's own text leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..kit import options
from ..kit.options import Rate

# Documented: a bucket that holds 20 requests and gets 10 more a second, for each key.
RATE = Rate(10, 1.0)
BURST = 20
# Documented: applications sent to the public Postings API.
POSTING_RATE = Rate(2, 1.0)
# The stages of a new account. Lever's own have names as ids, those that an account adds have UUIDs.
BUILT_IN = {
    "New lead": "lead-new", "Reached out": "lead-reached-out", "Responded": "lead-responded",
    "New applicant": "applicant-new", "Offer": "offer",
}  # fmt: skip
STAGES = (
    "New lead", "Reached out", "Responded", "New applicant", "Recruiter screen", "Phone interview",
    "On-site interview", "Reference check", "Offer",
)  # fmt: skip
# What a person or a program does on an opportunity, besides moving and archiving it.
INTERACTIONS = ("notes", "feedback", "forms", "files", "interviews")


@dataclass(frozen=True)
class Options(options.Options):
    """One tenant's fixed traits. The same options give the same data, ids and keys.

    `dirty` gives people with two opportunities, some without an e-mail, postings that are confidential or closed, old
    opportunities whose `updatedAt` is null, tags that differ in case. Of `jobs`, the `stages` are left aside: Lever has
    one row of stages for the whole account.
    """

    rate: Rate = RATE
    burst: int = BURST
    posting_rate: Rate = POSTING_RATE
    # The name of the job site, in the addresses of the Postings API.
    site: str = "sandbox"
    # The pipeline; `New lead`, `New applicant` and so on have Lever's own ids.
    stages: Sequence[str] = STAGES
    # Whether the account hires against requisitions: postings have one, and it counts its hires.
    requisitions: bool = False
    # Whether the switches of all webhook events are on from the start. In Lever, a Super Admin must turn each on.
    webhooks_on: bool = False

    # What Lever does not say, or its clients disagree on.

    # Whether an archived opportunity must be unarchived before it can change stage.
    archived_stage: Literal["refuse", "allow"] = "refuse"
    # What someone without access to confidential data is answered about one confidential opportunity.
    confidential: Literal[403, 404] = 404
    # What lists of opportunities are in order of, newest first. By `updated`, a row that changes while a list is read
    # jumps to its front and is missed.
    order: Literal["created", "updated"] = "created"
    # Which deeds count as an interaction: they move `lastInteractionAt`, and with it `updatedAt`.
    interactions: Sequence[str] = ("notes",)
    # Whether deleted notes, feedback and forms are left out of lists, or shown with their `deletedAt`.
    deleted: Literal["gone", "marked"] = "gone"
    # What the id of a contact answers that was merged into another: 301 to that one, or 404.
    merged: Literal["moved", "gone"] = "moved"
    # Seconds a new file is `processing`: no text of it, no parsed data.
    processing: float = 0.0
    # Whether an application through a posting puts the posting's own tags (title, team, location) on the opportunity.
    posting_tags: bool = True

    def __post_init__(self) -> None:
        unknown = set(self.interactions) - set(INTERACTIONS)
        if unknown:
            raise ValueError(f"interactions can be {', '.join(INTERACTIONS)}; not {', '.join(sorted(unknown))}")
        if not self.stages or len(set(self.stages)) != len(self.stages):
            raise ValueError("stages must be names, each of them once")

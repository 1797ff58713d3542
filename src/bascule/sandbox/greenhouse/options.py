"""What can be chosen when a sandbox starts. Everything else is configured on its pages, as in the real system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..kit import options
from ..kit.options import Rate

RATE = Rate(75, 30.0)
TOKEN_RATE = Rate(60, 60.0)


@dataclass(frozen=True)
class Options(options.Options):
    """One tenant's fixed traits. The same options give the same data, ids and keys.

    `dirty` gives duplicates, shared e-mails, prospects, confidential jobs, required fields.
    """

    # Requests allowed to one credential; the vendor's documented example.
    rate: Rate = RATE
    # Token requests allowed to one client, counted in a window of their own.
    token_rate: Rate = TOKEN_RATE
    # Application custom fields exist on the enterprise tier only.
    tier: Literal["enterprise", "standard"] = "enterprise"
    token_lifetime: float = 3600.0
    # The token of the job board: its name in the public addresses.
    board: str = "sandbox"
    # Seconds a refresh token lives; each renewal gives a new one. The one before it is accepted for `refresh_grace`
    # seconds more. Greenhouse documents a day, and does not say what becomes of the one before.
    refresh_lifetime: float = 86_400.0
    refresh_grace: float = 0.0
    # What a create answers: the object, only its id, or only a message.
    creates: Literal["object", "id", "message"] = "object"
    # Seconds until something created through the interface can be read through it.
    creates_visible_after: float = 0.0
    # Whether a PATCH of `custom_fields` leaves unmentioned fields alone or drops them. Sources disagree.
    custom_fields_patch: Literal["merge", "replace"] = "merge"
    # Whether applying or removing a tag moves the candidate's own `updated_at`.
    tags_touch_candidate: bool = False
    # A person applying again with the same e-mail becomes one candidate with two applications.
    auto_merge: bool = True

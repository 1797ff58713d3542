"""What can be chosen when a sandbox starts. Everything else is configured on its pages, as in the real system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Rate:
    """At most `limit` requests in each fixed window of `seconds`."""

    limit: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read "75/30" (75 requests in 30 seconds). Raises ValueError with an example when it cannot."""
        limit, slash, seconds = text.partition("/")
        try:
            rate = cls(int(limit), float(seconds if slash else "30"))
        except ValueError:
            raise ValueError(f"rate {text!r} is not understood: write requests/seconds, for example 75/30") from None
        if rate.limit < 1 or rate.seconds <= 0:
            raise ValueError(f"rate {text!r} must allow at least 1 request in more than 0 seconds")
        return rate


@dataclass(frozen=True)
class Options:
    """One tenant's fixed traits. The same options give the same data, ids and keys."""

    seed: int = 1
    # How many people to fill in before the server answers its first request.
    candidates: int = 0
    # Fill it as real tenants look: duplicates, shared e-mails, prospects, confidential jobs, required fields.
    dirty: bool = False
    # Requests allowed to one credential; the vendor's documented example.
    rate: Rate = Rate(75, 30.0)
    # Token requests allowed to one client, counted in a window of their own.
    token_rate: Rate = Rate(60, 60.0)
    # Application custom fields exist on the enterprise tier only.
    tier: Literal["enterprise", "standard"] = "enterprise"
    # Seconds each Harvest and token answer takes.
    latency: float = 0.0
    token_lifetime: float = 3600.0
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
    # The jobs to open at the start; None for four of our own. Keys: title, department, office, description, notes,
    # questions (texts or {label, required, type}), stages (names), openings (a number), confidential.
    jobs: Sequence[Mapping[str, Any]] | None = None
    # How many deliveries may wait; the oldest is dropped, and listed as dropped, beyond that.
    queue: int = 100_000
    # Faults to order at the start, as in docs/sandbox.md.
    faults: Sequence[Mapping[str, Any]] = ()

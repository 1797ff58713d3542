"""Subscribers: one that takes events, one that fails, one that was stopped, one that is paused."""

from __future__ import annotations

from bascule.core.events import TYPES
from bascule.model import StageType
from bascule.office.subscriptions import Standing
from bascule.server.views.parts import Choice, Tone
from bascule.server.views.subscribers import SubscriberPage, SubscriberRow, SubscribersPage
from bascule.store.subscriptions import Delivery, Outcome, State, Subscription, Wanted

from .parts import NOW, ago

WANTED = Wanted(("application.*", "candidate.erased"), fields=("candidate.emails", "application.stage", "job.title"))
ZAPIER = Subscription(
    "0190a000-0000-7000-8000-000000000001", "w", "Stage changes to the onboarding sheet", "standard", "hooks.zapier.com",
    Wanted(("application.stage_changed",)), "olga", ago(days=20), last_ok=ago(minutes=4),
)  # fmt: skip
N8N = Subscription(
    "0190a000-0000-7000-8000-000000000002", "w", "n8n.internal.example-company-with-a-long-name.example", "standard",
    "n8n.internal.example-company-with-a-long-name.example", WANTED, "olga", ago(days=9), failed=4, failing=ago(hours=2),
    rests=NOW, last_ok=ago(hours=2),
)  # fmt: skip
SLACK = Subscription(
    "0190a000-0000-7000-8000-000000000003", "w", "Slack: stage changes", "slack", "hooks.slack.com",
    Wanted(("application.stage_changed",)), "ida", ago(days=60), State.STOPPED, "channel_is_archived",
)  # fmt: skip
PAUSED = Subscription(
    "0190a000-0000-7000-8000-000000000004", "w", "Warehouse", "standard", "events.example", Wanted(("*",)), "ida",
    ago(days=2), State.PAUSED, "paused by a person",
)  # fmt: skip
ROWS = (
    SubscriberRow(Standing(ZAPIER, delivered=412), Tone.IN_STEP, "Olga Owner"),
    SubscriberRow(Standing(N8N, 3, 1, 1208, 12), Tone.WAITING, "Olga Owner"),
    SubscriberRow(Standing(SLACK, 1), Tone.FAILING),
    SubscriberRow(Standing(PAUSED, behind=7), Tone.PAUSED),
)
CHOICES = tuple(Choice(type, what) for type, what in TYPES.items())
SUBSCRIBERS = SubscribersPage(
    ROWS, CHOICES, (("greenhouse", "simulator"), ("greenhouse-emea", "vendor sandbox")), tuple(StageType)
)
NO_SUBSCRIBERS = SubscribersPage((), CHOICES, (), tuple(StageType))
SUBSCRIBER = SubscriberPage(
    ROWS[1],
    (
        Delivery(N8N.id, 1_795_165_210_011_308, "application.stage_changed", Outcome.WAITING, 3, ago(hours=2), ago(minutes=5),
                 NOW, 503, "answered 503"),
        Delivery(N8N.id, 1_795_165_200_000_000, "application.created", Outcome.GIVEN_UP, 14, ago(days=8), ago(hours=9), None, 0,
                 "n8n.internal.example-company-with-a-long-name.example did not answer within 15 s."),
        Delivery(N8N.id, 1_795_165_100_000_000, "application.scored", Outcome.DELIVERED, 1, ago(hours=3), ago(hours=3), None, 200),
    ),
    (("Events", "application.*, candidate.erased"), ("Fields", "candidate.emails, application.stage, job.title"),
     ("Departments", "Engineering")),
    secret="whsec_c2FtcGxlLXNhbXBsZS1zYW1wbGUtc2FtcGxlLXNhbXBsZQ==",
)  # fmt: skip

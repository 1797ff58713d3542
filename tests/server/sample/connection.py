"""Connections: in step, paused, and with writes stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bascule.server.views.connection import (
    BackfillRow,
    BudgetRow,
    ConnectionPage,
    ConnectionRow,
    FeedRow,
    Letter,
    ModeStep,
    ParityRow,
    ScopeRow,
    WaitingCall,
    Waits,
)
from bascule.server.views.parts import Fact, Lag, Link, State, Tone

from .parts import IN_STEP, LAG, ago

GREENHOUSE = ConnectionRow("greenhouse", "greenhouse", "simulator", "live", IN_STEP, LAG, 0, 1, 2, 1, ago(seconds=1))
SECOND = ConnectionRow(
    "greenhouse-emea",
    "greenhouse",
    "vendor sandbox",
    "observe",
    State("Paused", Tone.PAUSED, ago(hours=3), "Greenhouse refused the credentials (401). Enter new ones to go on."),
    Lag(),
    214,
    1,
    1,
    0,
    ago(hours=3),
)
CONNECTION = ConnectionPage(
    row=GREENHOUSE,
    vendor="Greenhouse",
    base_url="http://127.0.0.1:8401",
    owner="u1",
    modes=(
        ModeStep("observe", "Reads only. Nothing is written and no hooks are needed.", False),
        ModeStep("listen", "Reads, and is told of changes by webhooks.", False),
        ModeStep("shadow", "Plans every write and shows it. Nothing is sent.", False),
        ModeStep("live", "Writes scores, notes, tags and edits.", True),
    ),
    hooks=State("Webhooks arrive", Tone.IN_STEP, None, "The ATS reaches this address, signed as agreed."),
    hook_url="http://127.0.0.1:8400/hooks/greenhouse",
    hook_setup="Enter it under Configure, Dev Center, Web Hooks.",
    hook_last=ago(seconds=4),
    hook_count=184,
    scopes=(
        ScopeRow("harvest:candidates:list", True, True, "candidates, notes and tags"),
        ScopeRow("harvest:applications:list", True, True),
        ScopeRow("harvest:offers:delete", False, True, "Take it away from the credential, or waive it in writing."),
        ScopeRow("site admin", False, True, "List calls need it. Use a service user of its own.", True),
        ScopeRow("harvest:scorecards:list", True, False, "Scorecards are not read until it is granted."),
    ),
    feeds=(
        FeedRow("candidates", "webhook", "within 2 s", ago(seconds=4), "and a sweep every 6 h"),
        FeedRow(
            "notes",
            "polling every 3 s",
            "within 5 s",
            ago(seconds=1),
            "set by the owner; now every 12 s: the rate has no room for more",
            "4.1 s / 9.8 s / 12 s",
            late=True,
        ),
        FeedRow("tags", "polling every 3 s", "within 3 s", ago(seconds=2), "Greenhouse sends no webhook for tags"),
    ),
    rhythms=(("candidates", "60", "2"), ("notes", "3", "5"), ("tags", "3", "5")),
    health=(
        Fact("Uptime", "99.871% of 28 days or less"),
        Fact("Objective", "99.5%: it can be asked, and nothing waits for over 5 min"),
        Fact("Error budget left", "74%"),
        Fact("Requests that fail", "0.2% of the last thousand"),
        Fact("Keys of its answers", "1 differ: candidates.title of another type: number"),
        Fact("Interface", "GET /v3/notes ends on 31 Jan 2027"),
    ),
    budgets=(BudgetRow("default", "750 requests in 30 s", 0.42),),
    backfills=(
        BackfillRow("candidates", State("Reading", Tone.CATCHING_UP), 1240, 5000, timedelta(minutes=6)),
        BackfillRow("jobs", State("Done", Tone.IN_STEP), 4, 4),
    ),
    parity=State("1 unexplained difference in 5,244 objects", Tone.WAITING, ago(hours=3)),
    parities=(
        ParityRow(
            "candidates",
            State("1 left", Tone.WAITING, ago(hours=3)),
            True,
            1240,
            1240,
            "2 event lost; 12 adopted; 1 gone since they were read again",
            (
                ("candidate 66001, title", "event lost, still there", "/candidates/c4"),
                ("candidate 66002, title", "event lost, gone since it was read again", "/candidates/c3"),
                ("candidate 66003, tags", "adopted, nothing to do", ""),
            ),
        ),
        ParityRow("jobs", State("0 unexplained", Tone.IN_STEP, ago(hours=3)), True, 4, 4),
        ParityRow("offers", State("Not compared", Tone.FAILING, ago(hours=3), "permission lost: a right is missing")),
        ParityRow("users", State("Not compared yet", Tone.QUIET)),
    ),
    facts=(
        Fact("System", "Greenhouse, Harvest v3"),
        Fact("Address", "http://127.0.0.1:8401"),
        Fact("Live since", "22 Nov 2026"),
        Fact("Custom fields", "on applications"),
    ),
    users=(Link("Ida Administrator", "u1"), Link("Jo Deputy", "u2")),
)
STOPPED_CONNECTION = replace(
    CONNECTION,
    waits=Waits(
        "Writes stopped by Ida Administrator since 2026-11-20 09:00 UTC: a note went to the wrong people",
        (WaitingCall("create note", 1204, ago(hours=3)), WaitingCall("update candidate", 12, ago(minutes=9))),
        (Link("Aleksandra Petrović", "/candidates/c4"), Link("Zhang Wei", "/candidates/c3")),
        2,
        "Messages to candidates stopped by Ida Administrator since 2026-11-20 09:05 UTC: a template names the wrong job",
        (WaitingCall("interview-invitation", 14, ago(hours=2)), WaitingCall("application-received", 3, ago(minutes=9))),
        (
            Letter(Link("Aleksandra Petrović", "/candidates/c4"), "interview-invitation", ago(hours=2)),
            Letter(Link("Zhang Wei", "/candidates/c3"), "application-received", ago(minutes=9)),
        ),
        1,
    ),
)
PAUSED_CONNECTION = ConnectionPage(
    row=SECOND,
    vendor="Greenhouse",
    base_url="https://harvest.greenhouse.io",
    owner="",
    modes=(
        ModeStep("observe", "Reads only. Nothing is written and no hooks are needed.", True),
        ModeStep("listen", "Reads, and is told of changes by webhooks.", False, ("No owner is named.",)),
        ModeStep("shadow", "Plans every write and shows it. Nothing is sent.", False, ("Switch to listen first.",)),
        ModeStep(
            "live", "Writes scores, notes, tags and edits.", False, ("Excess rights are neither removed nor waived.",)
        ),
    ),
    hooks=State(
        "No webhook has arrived", Tone.WAITING, None, "Changes are found by polling, within 60 s, until one does."
    ),
    hook_url="https://bascule.example/hooks/greenhouse-emea",
    hook_setup="In Greenhouse, under Configure, Dev Center, Web Hooks, enter this address and the secret key.",
    hook_last=None,
    hook_count=0,
    paused=True,
)

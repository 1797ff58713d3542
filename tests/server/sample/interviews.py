"""Interviews: in every state, those to come, and how calendars are reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bascule.calendars.choice import Choice, System
from bascule.core.interviews import Working
from bascule.hiring.interviewers import Interviewer
from bascule.office.calendars import Standing
from bascule.server.views.interviews import (
    AtsPart,
    FeedbackPart,
    InterviewPart,
    InterviewsPage,
    InterviewsPart,
    SetupPage,
)
from bascule.server.views.parts import State, Tone

from .parts import NOW

BOOKED = InterviewPart(
    "i1", State("Booked", Tone.IN_STEP), "Tuesday 24 November 2026, 10:00 (Europe/Berlin)", NOW + timedelta(days=4),
    "Dana Whitfield, Robin Falk", "https://meet.tenant.example/dana", 45, "", NOW + timedelta(days=6), open=True,
    name="Aleksandra Petrović", href="/candidates/c1", job="Backend Engineer", unwritten=1,
)  # fmt: skip
ASKED = replace(
    BOOKED, id="i2", state=State("Asked to choose a time", Tone.CATCHING_UP), when="", at=None, asked=True, unwritten=0,
    link="http://127.0.0.1:8400/interview/x",
)  # fmt: skip
PROPOSED = replace(
    ASKED, id="i3", state=State("Proposed times", Tone.WAITING), asked=False, link="", note="No mornings, please.",
    proposed=(("2026-11-24T09:00:00+00:00", "Tuesday 24 November 2026, 10:00 (Europe/Berlin)"),),
)  # fmt: skip
CANCELLED = replace(
    BOOKED, id="i4", state=State("Cancelled"), open=False, why="the application was moved to another stage"
)
FEEDBACK = FeedbackPart(
    "Dana Whitfield",
    "Notetaker",
    NOW,
    "yes",
    (("Python", "4 of 5", "Explained asyncio well"),),
    "Talked about ledgers.",
)
PART = InterviewsPart(
    (PROPOSED, ASKED, BOOKED, CANCELLED),
    (FEEDBACK,),
    True,
    True,
    "dana@tenant.example",
    False,
    (("Technical interview", "2026-11-24 09:00 UTC, scheduled"),),
)
UPCOMING = InterviewsPage((BOOKED,), (PROPOSED, ASKED), True, True, 1)
NONE = InterviewsPage((), (), False, False)
DANA = Interviewer("dana@tenant.example", "Dana Whitfield", Working("Europe/Berlin"), "dana/meetings/")
CHOICE = Choice(System.CALDAV, True, "https://cal.tenant.example/dav", account="bascule")
SYSTEMS = (("caldav", "CalDAV"), ("graph", "Microsoft 365"), ("google", "Google Calendar"))
EFFECT = "Whether it tells anybody of an interview that is made by its interface is not published."
ATS = (
    AtsPart("acme", "Greenhouse", True, EFFECT, ("harvest:interviews:create",)),
    AtsPart("beside", "Lever", False, EFFECT),
)
SETUP = SetupPage(
    Standing(CHOICE, True, ("CalDAV refuses the credential.",)), SYSTEMS, (DANA,), DANA, "Europe/Berlin", ATS
)
SETUP_NONE = SetupPage(Standing(Choice(), False, ()), SYSTEMS, (), None, "UTC")

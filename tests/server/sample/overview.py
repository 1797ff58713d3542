"""The overview, busy and empty."""

from __future__ import annotations

from bascule.server.views.overview import Movement, Overview
from bascule.server.views.parts import Lag, Need, State, Tone, Way

from .connection import GREENHOUSE, SECOND
from .parts import IN_STEP, LAG, ago

OVERVIEW = Overview(
    state=IN_STEP,
    candidates=57,
    applications=60,
    scored=59,
    lag=LAG,
    backlog=0,
    failures=2,
    reviews=3,
    gaps=1,
    tasks=4,
    overdue=2,
    connections=(GREENHOUSE, SECOND),
    needs=(
        Need(
            "greenhouse-emea is paused: new credentials are needed",
            "",
            "/connections/greenhouse-emea",
            ago(hours=3),
            Tone.FAILING,
        ),
        Need("Both sides changed the e-mail", "Aleksandra Petrović", "/review/1", ago(minutes=4)),
        Need("May be somebody we know", "Hannah Weiß", "/review/2", ago(minutes=31)),
    ),
    latest=tuple(
        Movement(str(i), ago(seconds=3 + 7 * i), way, what, who, name, f"/candidates/{i}", "greenhouse")
        for i, (way, what, who, name) in enumerate(
            (
                (Way.OUT, "Score 78 and reasons written for", "Bascule match", "Priya Venkataraman"),
                (Way.HERE, "Scored 78 against Backend Engineer for", "Bascule match", "Priya Venkataraman"),
                (Way.IN, "Applied to Backend Engineer:", "a candidate", "Priya Venkataraman"),
                (Way.IN, "Stage Application review → Phone screen for", "Dana Recruiter", "Lukasz Wiśniewski"),
                (Way.OUT, "E-mail edited for", "Ida Administrator", "Nguyễn Thị Minh Anh"),
                (Way.IN, "Tag “referral” added to", "Dana Recruiter", "Yusuf Al-Rashidi"),
            )
        )
    ),
)
QUIET = Overview(State("Nothing to do yet", Tone.QUIET), 0, 0, 0, Lag(), 0, 0, 0, 0)

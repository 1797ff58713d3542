"""Incidents, over and under way."""

from __future__ import annotations

from bascule.server.views.incident import IncidentPage, IncidentRow, Late
from bascule.server.views.parts import Link

from .parts import ago

INCIDENTS = (
    IncidentRow(
        "/incidents/7",
        "greenhouse",
        "was down",
        ago(hours=3),
        ago(hours=2),
        "60 min",
        "Harvest did not answer (503).",
        3,
        1,
        12,
        2,
    ),
    IncidentRow(
        "/incidents/5",
        "greenhouse-emea",
        "lets nothing through, by its rate limits,",
        ago(minutes=4),
        None,
        "4 min",
        "Harvest did not answer (502).",
        0,
        0,
        0,
    ),
)
LATE = (
    Late(
        "Aleksandra Petrović",
        "/candidates/c4",
        (Link("Backend Engineer", "/jobs/j1"),),
        True,
        True,
        91.4,
        True,
        ("1 move waiting", "1 message late", "1 move missed"),
        True,
    ),
    Late(
        "Zhang Wei",
        "/candidates/c3",
        (Link("Staff Nurse", "/jobs/j2"),),
        False,
        False,
        44.0,
        False,
        ("1 value late",),
    ),
    Late("Grace Hopper", "/candidates/c9", (Link("Staff Nurse", "/jobs/j2"),), False, False),
)
INCIDENT = IncidentPage(INCIDENTS[0], LATE, 1, 1, "1 waiting, 1 missed", "1 late", "1 late")

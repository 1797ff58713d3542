"""People, keys and sessions."""

from __future__ import annotations

from datetime import timedelta

from bascule.office.retention import WORDS, Kept
from bascule.server.views.parts import Choice, Fact
from bascule.server.views.settings import KeyRow, PersonRow, SessionRow, SettingsPage

from .parts import NOW, ago

SETTINGS = SettingsPage(
    (
        PersonRow(
            "u1",
            "Ida Administrator",
            "ida@employer.example",
            "administrator",
            ago(minutes=21),
            True,
            "Dana Recruiter",
            True,
        ),
        PersonRow("u2", "Jo Deputy", "jo@employer.example", "administrator", None),
    ),
    (
        KeyRow(
            "k1", "Warehouse export", ("candidates:read", "jobs:read"), ago(days=3), "Ida Administrator", ago(hours=1)
        ),
    ),
    (SessionRow("s1", "Ida Administrator", ago(minutes=21), NOW + timedelta(hours=11), "", True),),
    (Choice("administrator", "Administrator: everything"),),
    (
        Choice("candidates:read", "Read candidates and applications", True),
        Choice("failures:write", "Replay and discard failures"),
    ),
    (Fact("Version", "0.1.0"), Fact("Data", "SQLite")),
    ats_users=(Choice("greenhouse|55", "Dana Recruiter at greenhouse"),),
    kept=tuple(Kept(kind, what, 7 if kind == "payload" else 30) for kind, what in WORDS.items()),
)

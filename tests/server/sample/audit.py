"""The audit, its newest entry not sealed yet."""

from __future__ import annotations

from bascule.server.views.audit import AuditList, AuditRow
from bascule.server.views.parts import Paging, State, Tone

from .parts import ago

AUDIT = AuditList(
    (
        AuditRow(
            1204,
            ago(seconds=12),
            "push",
            "Ida Administrator",
            "Priya Venkataraman",
            "/candidates/c1",
            "greenhouse",
            "POST /v3/applications/812/move",
            200,
            ("stage",),
            sealed=False,
        ),
        AuditRow(
            1203,
            ago(seconds=40),
            "score",
            "Bascule match",
            "Priya Venkataraman",
            "/candidates/c1",
            "",
            "",
            None,
            ("match_score", "match_reasons"),
            "rubric 2",
        ),
        AuditRow(
            1202,
            ago(minutes=9),
            "pull",
            "Bascule",
            "",
            "",
            "greenhouse",
            "GET /v3/applications?ids=812",
            200,
            ("stage", "status"),
        ),
        AuditRow(
            1201, ago(minutes=20), "view", "Ida Administrator", "Priya Venkataraman", "/candidates/c1", "", "", None, ()
        ),
        AuditRow(1200, ago(minutes=21), "log-in", "Ida Administrator", "", "", "", "", None, ()),
    ),
    Paging(next="/audit?after=1200", total=1204, export="/audit/export"),
    ("log-in", "pull", "push", "score", "view"),
    State(
        "The chain is whole up to entry 1,203",
        Tone.IN_STEP,
        None,
        "Sealed 8 s ago. One entry waits for the next seal.",
    ),
    1204,
)

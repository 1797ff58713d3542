"""A mapping with gaps, and a dry run."""

from __future__ import annotations

from bascule.core.mapping import Difference
from bascule.server.views.mapping import (
    DryRun,
    EffectRow,
    LadderRow,
    MappingPage,
    MappingRow,
    PairRow,
    PairTable,
    RungRow,
    StageRow,
    UnmappedRow,
    VersionRow,
)

from .parts import ago

MAPPING = MappingPage(
    "greenhouse",
    "Greenhouse",
    "simulator",
    "4",
    ago(hours=1),
    (
        MappingRow(
            "candidate", "emails", "E-mail addresses", "email_addresses[]", "set", "sync", "both", "ats", "2 s", "1.1 s"
        ),
        MappingRow(
            "candidate",
            "tags",
            "Tags",
            "tags[]",
            "set",
            "sync",
            "both",
            "ats",
            "3 s",
            "3.0 s",
            (),
            "No webhook for tags.",
        ),
        MappingRow(
            "application",
            "stage",
            "Stage",
            "current_stage",
            "reference",
            "sync",
            "both",
            "ats",
            "2 s",
            "0.9 s",
            ("unknown stage “Take-home v2”",),
        ),
        MappingRow(
            "application",
            "match_score",
            "Match score (0-100)",
            "custom: bascule_match_score",
            "number",
            "AI output",
            "out",
            "ours",
            "2 s",
            "1.4 s",
            (),
            "Created by Bascule.",
            True,
            "match_score",
        ),
        MappingRow(
            "application", "answers", "Screening answers", "", "document", "sync", "in", "ats", "2 s", "not yet"
        ),
    ),
    (
        UnmappedRow("candidate", "photo_url", "text", "Photos are never read."),
        UnmappedRow("application", "custom: t_shirt_size", "choice", "Nothing of ours needs it."),
    ),
    1,
    ("greenhouse", "greenhouse-emea"),
    (
        StageRow("Phone screen", 4, "screen", "screen"),
        StageRow("Onsite", 3, "", "interview"),
        StageRow("Take-home v2", 1, ""),
    ),
    ("applied", "screen", "assess", "interview", "offer", "hired"),
    (
        LadderRow(
            (
                RungRow("Eingang der Bewerbung", "applied", "Proposed from its words", True),
                RungRow("Phone screen", "screen", "By its name"),
                RungRow("Take-home v2", "", "No rule says", True),
                RungRow("Onsite", "interview", "By its name"),
                RungRow("Offer", "offer", "The ATS says so"),
            ),
            tuple((f"job-{n}", f"Backend Engineer {n}") for n in range(1, 20)),
            (("Backend Engineer 7", "Onsite", "assess"),),
        ),
        LadderRow((RungRow("Onsite", "interview", "By its name"),), (("job-77", "Head of Care"),)),
    ),
    ("candidate", "application"),
    (
        VersionRow(
            4,
            ago(hours=1),
            "Ida Administrator",
            "stage types",
            (Difference("stage Phone screen", "not confirmed", "screen"),),
            True,
        ),
        VersionRow(
            3, ago(days=2), "Jo Deputy", "from a file", (Difference("candidate.title", "both, ats", "in, ats"),)
        ),
        VersionRow(1, ago(days=90), "Bascule", "as the connector proposes it"),
    ),
    'connection = "greenhouse"\nversion = 4\n\n[candidate.title]  # title\non = true\n',
    True,
    pairs=(
        PairTable(
            "lever",
            (
                PairRow("j1", "job", "Backend Engineer, Malmö", "", "No counterpart", "waiting", 3),
                PairRow(
                    "j2",
                    "job",
                    "Staff Nurse, London",
                    "Staff nurse, London",
                    "Proposed: the same title and place",
                    "waiting",
                ),
                PairRow("j3", "job", "Head of Care, London", "Head of Care, London", "Paired", "in-step"),
                PairRow("r1", "rejection reason", "Role closed", "", "No counterpart", "quiet"),
            ),
            12,
            1,
            (("job", "l1", "Software Developer"), ("rejection reason", "l2", "Position closed")),
        ),
    ),
)
DRY = DryRun(
    (Difference("candidate.company", "off", "both, ats"), Difference("stage Onsite", "not confirmed", "interview")),
    1204,
    57,
    (("candidate.company", 54), ("stage.type", 3)),
    (
        EffectRow(
            "c1",
            "candidate",
            "Priya Venkataraman",
            "/records/c1/history",
            "company",
            "Current employer",
            None,
            "Northwind",
        ),
        EffectRow("s1", "stage", "Backend Engineer", "/records/s1/history", "type", "Stage type", None, "interview"),
    ),
    (("candidate.company", 12),),
    (),
    0,
    "connection",
    connection="greenhouse",
    label="simulator",
)

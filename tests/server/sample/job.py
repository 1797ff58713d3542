"""Jobs with and without a rubric."""

from __future__ import annotations

from dataclasses import replace

from bascule.server.views.job import (
    Applicant,
    AskedCondition,
    AskedSkill,
    FairnessPage,
    JobList,
    JobPage,
    JobRow,
    ProbedRow,
    Rubric,
    RubricPage,
    RubricPart,
    RubricVersion,
    Weight,
)
from bascule.server.views.outcomes import Figures, OutcomesPage, Remedied, ShareView
from bascule.server.views.parts import Fact, Paging

from .parts import ago

JOBS = JobList(
    (
        JobRow("j1", "Backend Engineer", "Engineering", "open", 21, 20, 6, 84.2, ago(minutes=2)),
        JobRow("j2", "Accountant", "Finance", "open", 14, 14, 0, 71.0, ago(hours=3), True),
        JobRow("j3", "Data Analyst", "Engineering", "open", 0, 0, 0, None, None),
    ),
    Paging("unseen", True, total=3),
    status="open",
    unseen=6,
)
JOB = JobPage(
    "j1",
    "Backend Engineer",
    (
        Fact("Department", "Engineering"),
        Fact("Office", ("London", "Remote")),
        Fact("Hiring managers", ("Jo Deputy",)),
        Fact("Opened", "3 Nov 2026"),
    ),
    tuple(
        Applicant(
            i + 1 if score is not None else None,
            f"a{i}",
            f"c{i}",
            name,
            stage,
            status,
            score,
            ai,
            reason,
            seen,
            ago(hours=i + 1),
            top,
        )
        for i, (name, stage, status, score, ai, reason, seen, top) in enumerate(
            (
                (
                    "Priya Venkataraman",
                    "Application review",
                    "active",
                    84.2,
                    "scored",
                    "Python and PostgreSQL told in the course of work",
                    False,
                    True,
                ),
                (
                    "Lukasz Wiśniewski",
                    "Phone screen",
                    "active",
                    71.0,
                    "scored",
                    "Seven years of back-end work, five asked for",
                    True,
                    False,
                ),
                ("Zhang Wei", "Application review", "active", 69.5, "scored", "Go and Kubernetes listed", False, False),
                ("Nguyễn Thị Minh Anh", "Application review", "active", None, "unreadable", "", False, False),
            )
        )
    ),
    6,
    Rubric(
        "version 2",
        ago(hours=5),
        (
            RubricPart(
                "Skills asked for",
                35,
                ("Python", "PostgreSQL", "Kubernetes"),
                "You have built services in Python and know PostgreSQL well",
            ),
            RubricPart("Work like this job's", 35),
            RubricPart("Years of experience", 10, ("5 or more",)),
        ),
        3,
        (Fact("version 1", "3 Nov 2026"),),
    ),
    Paging("score", True, total=21),
    "We build payment services.",
    (Fact("Application review", "applied"), Fact("Phone screen", "screen")),
    21,
)

RUBRIC = RubricPage(
    id="j1",
    title="Backend Engineer",
    version=3,
    skills=(
        AskedSkill("s1", "Python (computer programming)", "must", False, "You have built services in Python for years"),
        AskedSkill("s2", "Kubernetes", "must", True, "Kubernetes or another scheduler would be nice"),
        AskedSkill("s3", "PostgreSQL", "should", False, "and know PostgreSQL well"),
        AskedSkill("s4", "Java (computer programming)", "not asked for", True, ""),
    ),
    years="",
    languages="German: working level, English: fluent",
    role="",
    shortlist="70",
    low="",
    of_text={"years": "5", "role": "Backend Engineer", "languages": ""},
    conditions=(
        AskedCondition("place", True, "hybrid, Hamburg", False, "Two office days a week by the Elbe"),
        AskedCondition("right to work", True, "EU", False, "You may work in the EU"),
        AskedCondition("driving licence", False, "", True, ""),
        AskedCondition("on-call duty", True, "every seventh week", True, "Share an on-call week"),
    ),
    weights=(
        Weight("skills", "Skills asked for", "40", "30"),
        Weight("experience", "Work like this job's", "35", "35"),
        Weight("role", "Same kind of role", "20", "20"),
        Weight("years", "Years of experience", "10", "10"),
        Weight("languages", "Languages", "5", "5"),
        Weight("conditions", "Place and eligibility", "0", "0"),
    ),
    versions=(
        RubricVersion(3, ago(hours=1), "Rita Recruiter", ("Kubernetes: nice → must", "Weights: skills 30 → skills 40")),
        RubricVersion(2, ago(hours=5), "", ("Kafka: should → not asked for", "PostgreSQL: should (new)")),
        RubricVersion(1, ago(hours=50), "", ()),
    ),
    stale=3,
    note="",
    may_edit=True,
)

PROBE = FairnessPage("j1", "Backend Engineer")
PROBED = FairnessPage(
    "j1",
    "Backend Engineer",
    True,
    48,
    3,
    True,
    (
        ProbedRow("name", "exchanged", True, 144, 0, 0.0, 0.0, False),
        ProbedRow("pronouns and titles", "exchanged", True, 31, 1, 0.4, 0.01, True),
        ProbedRow("age and birth date", "a line added to both", True, 96, 0, 0.0, 0.0, False),
        ProbedRow("university of equal kind", "exchanged", False, 12, 7, 0.5, 0.16, False),
    ),
    (Fact("Faith or group", "4 times in 3 CVs"),),
)

_FIGURES = Figures(
    "All decisions", 61, 24, 37, 3, 4, ShareView("0.71", "0.51 to 0.85, 17 of 24", False),
    ShareView("0.20", "0.10 to 0.36, 7 of 35", False), ShareView("0.23", "0.10 to 0.43, 5 of 22", False), "0.84",
)  # fmt: skip
_FEW = replace(
    _FIGURES, decided=9, forward=4, rejected=5, hired=0, unscored=0,
    precision=ShareView("0.60", "0.23 to 0.88, 3 of 5", True),
    false_positives=ShareView("0.40", "0.12 to 0.77, 2 of 5", True), missed=ShareView("0.25", "0.05 to 0.70, 1 of 4", True),
    order="0.70",
)  # fmt: skip
OUTCOMES = OutcomesPage(
    "j1", "Backend Engineer", _FIGURES,
    (replace(_FIGURES, name="Version 1, parts-3, from 50"), replace(_FEW, name="Version 2, parts-3, from 70")),
    (replace(_FIGURES, name="2026-10"), replace(_FEW, name="2026-11")), (), 6,
    (
        Remedied(
            ago(hours=50), "Rita Recruiter", 2, "People with SQL alone came out on top and were rejected.",
            "PostgreSQL is a must, SQL only nice; shortlist from 70.",
            (replace(_FIGURES, name="Before"), replace(_FEW, name="After")),
        ),
    ),
    2, True, replace(_FEW, name="Shortlists"), 2,
)  # fmt: skip
NO_OUTCOMES = OutcomesPage("j1", "Backend Engineer", replace(_FEW, decided=0), (), (), (), 0, ())

"""Candidates of many names and states."""

from __future__ import annotations

from bascule.server.views.candidate import (
    ApplicationPart,
    CandidateList,
    CandidatePage,
    CandidateRow,
    Condition,
    Corrected,
    Editable,
    Moves,
    NotePart,
    Quote,
    ReadValue,
    Reason,
    ResumePage,
    Score,
    ScorePart,
)
from bascule.server.views.parts import Choice, Fact, Need, Paging, State, Tone

from .parts import IN_STEP, ago
from .timeline import MOMENTS

ROWS = tuple(
    CandidateRow(str(i), name, job, "j1", stage, status, score, ai, more, ago(minutes=3 * i + 1), state)
    for i, (name, job, stage, status, score, ai, more, state) in enumerate(
        (
            ("Priya Venkataraman", "Backend Engineer", "Application review", "active", 78.4, "scored", 1, None),
            ("Lukasz Wiśniewski", "Backend Engineer", "Phone screen", "active", 71.0, "scored", 0, None),
            (
                "Nguyễn Thị Minh Anh",
                "Data Analyst",
                "Application review",
                "active",
                None,
                "unreadable",
                0,
                State("1 failure", Tone.FAILING),
            ),
            (
                "Aleksandra Petrović",
                "Accountant",
                "Onsite interview",
                "active",
                64.2,
                "scored",
                0,
                State("To review", Tone.WAITING),
            ),
            (
                "Freiherr Maximilian-Alexander von Hohenfels-Brandtner",
                "Accountant",
                "Application review",
                "rejected",
                22.0,
                "scored",
                0,
                None,
            ),
            (
                "Supriyadi",
                "Support Lead",
                "Application review",
                "active",
                None,
                "waiting",
                0,
                State("Catching up", Tone.CATCHING_UP),
            ),
        )
    )
)
CANDIDATES = CandidateList(
    ROWS,
    Paging("changed", True, "/candidates?after=x", "", 57, {}, "/candidates?format=csv"),
    total=57,
)
SCORE = Score(
    78.4,
    ago(seconds=40),
    "Backend Engineer, version 2",
    "/jobs/j1#rubric",
    parts=(
        ScorePart(
            "Skills asked for",
            29.0,
            35.0,
            (
                Reason(
                    "Python, told in the course of work",
                    (Quote("rebuilt the billing service in Python and PostgreSQL", "Experience"),),
                    "esco:python",
                ),
                Reason("Kubernetes, listed", (Quote("Docker, Kubernetes, Terraform", "Skills"),), "esco:kubernetes"),
            ),
            "skills",
        ),
        ScorePart(
            "Work like this job's",
            26.4,
            35.0,
            (Reason("Payments at scale", (Quote("owned the payment ledger for 2 million customers"),), "", 120, 168),),
            "experience",
        ),
        ScorePart("Same kind of role", 13.0, 15.0),
        ScorePart("Years of experience", 10.0, 10.0, (Reason("7.5 years; 5 asked for"),)),
        ScorePart("Languages", 0.0, 5.0),
    ),
    skills=tuple(
        (f"esco:{name.lower()}", name)
        for name in ("Python", "PostgreSQL", "Kubernetes", "Terraform", "Event-driven architecture")
    ),
    conditions=(
        Condition("place, hybrid, Hamburg", "Said", Tone.IN_STEP, (Quote("Willing to relocate", ""),), "20457 Hamburg"),
        Condition(
            "right to work, EU", "Said", Tone.IN_STEP, (Quote("Yes", "answer: Are you allowed to work in the EU?"),)
        ),
        Condition("driving licence, B", "Not said", Tone.QUIET),
        Condition("on-call duty", "Said otherwise", Tone.WAITING, (Quote("No", "answer: Could you be on call?"),)),
    ),
    gains=(("Kubernetes told in the course of work (it is only listed)", 2.4), ("German: working level", 2.0)),
    corrected=(Corrected("k1", "Docker: not theirs", "Docker dockyard, Hamburg", "Rita Recruiter", ago(hours=1)),),
    flags=("Hidden text was found in the CV (white on white, 41 words). It was not counted.",),
    written=State("In the ATS", Tone.IN_STEP),
    why="/records/a1/history?field=match_score",
)
MOVES = Moves(
    stages=(
        Choice("s1", "Application review", True),
        Choice("s2", "Phone screen"),
        Choice("s3", "Onsite interview"),
    ),
    reasons=(Choice("r1", "Lacking skills"), Choice("r2", "Position closed")),
    as_user="Dana Recruiter",
    system="Greenhouse",
    move_effect="Greenhouse may e-mail the candidate by its own stage rules when somebody is moved.",
    reject_effect="Greenhouse sends its rejection e-mail only when somebody asks for it there.",
)
RESUME = ResumePage(
    "c1", "Ada Byron",
    (
        ReadValue("Name", "Ada Byron", 75, "Ada Byron", 0, 9),
        ReadValue("Title now", "Backend Developer", 95, "Backend Developer, Northwind Systems, 2020 - present", 40, 57),
        ReadValue("Years of work", "10.6", 90, "in 2 positions", 40, 300),
        ReadValue("Skill", "Python (83 months)", 95, "Built services in Python and PostgreSQL.", 110, 116),
    ),
    3, "Ada Byron\nBackend Developer, Northwind Systems, 2020 - present",
)  # fmt: skip
CANDIDATE = CandidatePage(
    cv_read=True,
    may_erase=True,
    id="c1",
    name="Priya Venkataraman",
    state=IN_STEP,
    contact=(
        Fact("First name", "Priya", "/records/c1/history?field=first_name"),
        Fact("Last name", "Venkataraman", "/records/c1/history?field=last_name"),
        Fact("E-mail", ("priya.v@mail.example", "pv@work.example"), "/records/c1/history?field=emails"),
        Fact("Phone", ("+44 20 7946 0123",), "/records/c1/history?field=phones"),
        Fact("Employer", "", ""),
    ),
    editable=(
        Editable("first_name", "First name", "Priya"),
        Editable("last_name", "Last name", "Venkataraman"),
        Editable("emails", "E-mail addresses", "priya.v@mail.example\npv@work.example", True),
    ),
    tags=("referral", "relocation"),
    tags_why="/records/c1/history?field=tags",
    applications=(
        ApplicationPart(
            "a1",
            "Backend Engineer",
            "/jobs/j1",
            "Application review",
            "active",
            ago(hours=2),
            (Fact("Source", "Careers page"), Fact("AI status", "scored")),
            SCORE,
            MOVES,
            stage_why="/records/a1/history?field=stage",
        ),
        ApplicationPart(
            "a2",
            "Data Analyst",
            "/jobs/j2",
            "Phone screen",
            "active",
            ago(days=4),
            (),
            Score(
                None,
                ago(days=4),
                "",
                "",
                state=State(
                    "Unreadable",
                    Tone.WAITING,
                    None,
                    "The CV is a damaged PDF. Ask for it again, or open it in the ATS.",
                ),
            ),
            Moves(
                system="Greenhouse",
                instead="You are not mapped to a Greenhouse user, so decisions are made there.",
                ats="https://example.invalid/",
            ),
            State("Waiting for the ATS", Tone.CATCHING_UP),
        ),
    ),
    notes=(
        NotePart(
            "n1",
            "Dana Recruiter",
            ago(hours=1),
            "Spoke on the phone. Strong on ledgers, would relocate in March.\nAsk Jo to join the next call.",
            "private",
            "greenhouse",
        ),
        NotePart("n2", "Bascule", ago(seconds=38), "Match score 78.4 of 100 …", "private", "ours", True),
    ),
    files=(Fact("Priya-Venkataraman-Backend.pdf", "CV, 2 pages"),),
    links=(Fact("Greenhouse", "Open in Greenhouse", href="https://example.invalid/people/1"),),
    latest=MOMENTS[:3],
    reviews=(Need("Both sides changed the e-mail", "", "/review/1", ago(minutes=4)),),
    note_delay="Notes and tags from the ATS arrive within 3 s",
)

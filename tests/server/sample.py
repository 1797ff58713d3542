"""Made-up pages: every template filled with a value for each of its states, and the same ones empty."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bascule.core.mapping import Difference
from bascule.office.alerts import Place, Told
from bascule.office.retention import WORDS, Kept
from bascule.server import views as v
from bascule.server.navigation import navigation

NOW = datetime(2026, 11, 22, 14, 3, 22, 417000, tzinfo=UTC)


def ago(**amount: float) -> datetime:
    return NOW - timedelta(**amount)


def frame(path: str, theme: str = "auto", flash: v.Flash | None = None) -> v.Frame:
    return v.Frame(
        user="Ida Administrator",
        role="administrator",
        nav=navigation(reviews=3, overdue=2, failures=2, gaps=1),
        path=path,
        now=NOW,
        csrf="sample",
        theme=theme,
        flash=flash,
        connections=(("greenhouse", "simulator"), ("greenhouse-emea", "vendor sandbox")),
    )


IN_STEP = v.State("In step", v.Tone.IN_STEP)
LAG = v.Lag(0.31, 0.92, 1.4)
GREENHOUSE = v.ConnectionRow("greenhouse", "greenhouse", "simulator", "live", IN_STEP, LAG, 0, 1, 2, 1, ago(seconds=1))
SECOND = v.ConnectionRow(
    "greenhouse-emea",
    "greenhouse",
    "vendor sandbox",
    "observe",
    v.State(
        "Paused", v.Tone.PAUSED, ago(hours=3), "Greenhouse refused the credentials (401). Enter new ones to go on."
    ),
    v.Lag(),
    214,
    1,
    1,
    0,
    ago(hours=3),
)

OVERVIEW = v.Overview(
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
        v.Need(
            "greenhouse-emea is paused: new credentials are needed",
            "",
            "/connections/greenhouse-emea",
            ago(hours=3),
            v.Tone.FAILING,
        ),
        v.Need("Both sides changed the e-mail", "Aleksandra Petrović", "/review/1", ago(minutes=4)),
        v.Need("May be somebody we know", "Hannah Weiß", "/review/2", ago(minutes=31)),
    ),
    latest=tuple(
        v.Movement(str(i), ago(seconds=3 + 7 * i), way, what, who, name, f"/candidates/{i}", "greenhouse")
        for i, (way, what, who, name) in enumerate(
            (
                (v.Way.OUT, "Score 78 and reasons written for", "Bascule match", "Priya Venkataraman"),
                (v.Way.HERE, "Scored 78 against Backend Engineer for", "Bascule match", "Priya Venkataraman"),
                (v.Way.IN, "Applied to Backend Engineer:", "a candidate", "Priya Venkataraman"),
                (v.Way.IN, "Stage Application review → Phone screen for", "Dana Recruiter", "Lukasz Wiśniewski"),
                (v.Way.OUT, "E-mail edited for", "Ida Administrator", "Nguyễn Thị Minh Anh"),
                (v.Way.IN, "Tag “referral” added to", "Dana Recruiter", "Yusuf Al-Rashidi"),
            )
        )
    ),
)

CONNECTION = v.ConnectionPage(
    row=GREENHOUSE,
    vendor="Greenhouse",
    base_url="http://127.0.0.1:8401",
    owner="u1",
    modes=(
        v.ModeStep("observe", "Reads only. Nothing is written and no hooks are needed.", False),
        v.ModeStep("listen", "Reads, and is told of changes by webhooks.", False),
        v.ModeStep("shadow", "Plans every write and shows it. Nothing is sent.", False),
        v.ModeStep("live", "Writes scores, notes, tags and edits.", True),
    ),
    hooks=v.State("Webhooks arrive", v.Tone.IN_STEP, None, "The ATS reaches this address, signed as agreed."),
    hook_url="http://127.0.0.1:8400/hooks/greenhouse",
    hook_setup="Enter it under Configure, Dev Center, Web Hooks.",
    hook_last=ago(seconds=4),
    hook_count=184,
    scopes=(
        v.ScopeRow("harvest:candidates:list", True, True, "candidates, notes and tags"),
        v.ScopeRow("harvest:applications:list", True, True),
        v.ScopeRow("harvest:offers:delete", False, True, "Take it away from the credential, or waive it in writing."),
        v.ScopeRow("site admin", False, True, "List calls need it. Use a service user of its own.", True),
        v.ScopeRow("harvest:scorecards:list", True, False, "Scorecards are not read until it is granted."),
    ),
    feeds=(
        v.FeedRow("candidates", "webhook", "within 2 s", ago(seconds=4), "and a sweep every 6 h"),
        v.FeedRow(
            "notes",
            "polling every 3 s",
            "within 5 s",
            ago(seconds=1),
            "set by the owner; now every 12 s: the rate has no room for more",
            "4.1 s / 9.8 s / 12 s",
            late=True,
        ),
        v.FeedRow("tags", "polling every 3 s", "within 3 s", ago(seconds=2), "Greenhouse sends no webhook for tags"),
    ),
    rhythms=(("candidates", "60", "2"), ("notes", "3", "5"), ("tags", "3", "5")),
    health=(
        v.Fact("Uptime", "99.871% of 28 days or less"),
        v.Fact("Objective", "99.5%: it can be asked, and nothing waits for over 5 min"),
        v.Fact("Error budget left", "74%"),
        v.Fact("Requests that fail", "0.2% of the last thousand"),
        v.Fact("Keys of its answers", "1 differ: candidates.title of another type: number"),
        v.Fact("Interface", "GET /v3/notes ends on 31 Jan 2027"),
    ),
    budgets=(v.BudgetRow("default", "750 requests in 30 s", 0.42),),
    backfills=(
        v.BackfillRow("candidates", v.State("Reading", v.Tone.CATCHING_UP), 1240, 5000, timedelta(minutes=6)),
        v.BackfillRow("jobs", v.State("Done", v.Tone.IN_STEP), 4, 4),
    ),
    parity=v.State("1 unexplained difference in 5,244 objects", v.Tone.WAITING, ago(hours=3)),
    parities=(
        v.ParityRow(
            "candidates",
            v.State("1 left", v.Tone.WAITING, ago(hours=3)),
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
        v.ParityRow("jobs", v.State("0 unexplained", v.Tone.IN_STEP, ago(hours=3)), True, 4, 4),
        v.ParityRow(
            "offers", v.State("Not compared", v.Tone.FAILING, ago(hours=3), "permission lost: a right is missing")
        ),
        v.ParityRow("users", v.State("Not compared yet", v.Tone.QUIET)),
    ),
    facts=(
        v.Fact("System", "Greenhouse, Harvest v3"),
        v.Fact("Address", "http://127.0.0.1:8401"),
        v.Fact("Live since", "22 Nov 2026"),
        v.Fact("Custom fields", "on applications"),
    ),
    users=(v.Link("Ida Administrator", "u1"), v.Link("Jo Deputy", "u2")),
)
STOPPED_CONNECTION = replace(
    CONNECTION,
    waits=v.Waits(
        "Writes stopped by Ida Administrator since 2026-11-20 09:00 UTC: a note went to the wrong people",
        (v.WaitingCall("create note", 1204, ago(hours=3)), v.WaitingCall("update candidate", 12, ago(minutes=9))),
        (v.Link("Aleksandra Petrović", "/candidates/c4"), v.Link("Zhang Wei", "/candidates/c3")),
        2,
    ),
    may_stop=True,
)
INCIDENTS = (
    v.IncidentRow(
        "/incidents/7", "greenhouse", ago(hours=3), ago(hours=2), "60 min", "Harvest did not answer (503).", 3, 1, 12, 2
    ),
    v.IncidentRow(
        "/incidents/5", "greenhouse-emea", ago(minutes=4), None, "4 min", "Harvest did not answer (502).", 0, 0, 0
    ),
)
LATE = (
    v.Late(
        "Aleksandra Petrović",
        "/candidates/c4",
        (v.Link("Backend Engineer", "/jobs/j1"),),
        True,
        True,
        91.4,
        True,
        ("1 move waiting", "1 message late", "1 move missed"),
        True,
    ),
    v.Late(
        "Zhang Wei",
        "/candidates/c3",
        (v.Link("Staff Nurse", "/jobs/j2"),),
        False,
        False,
        44.0,
        False,
        ("1 value late",),
    ),
    v.Late("Grace Hopper", "/candidates/c9", (v.Link("Staff Nurse", "/jobs/j2"),), False, False),
)
ALERTS = v.AlertsPage(
    (
        Place(1, "mailto://olga:****@mail.example/", True, ago(hours=2), "alert"),
        Place(2, "slack://****/****/****/%23recruiting-systems-on-call-and-whoever-else-wants-to-know", False, ago(hours=2), "alert"),
        Place(3, "json://somebody:****@hooks.example:8443/bascule"),
    ),
    (
        Told(
            ago(hours=2), "Harvest refuses the credentials of greenhouse-emea: the secret has ended.", "greenhouse-emea",
            "Olga Owner", NOW + timedelta(hours=22), "Enter new credentials. bascule connections credentials greenhouse-emea --set client_secret=-",
            "/connections/greenhouse-emea", 1, 2,
        ),
        Told(
            ago(days=3), "4 writes are refused: permission", "greenhouse", "", ago(days=2), "Grant the right, then replay the class.",
            "/failures", 2, 2,
        ),
        Told(
            ago(days=5), "No webhook since 18 Nov 09:12 UTC, and polls find changes that none told of.", "greenhouse", "Olga Owner",
            ago(days=4), "Look at its webhook form.", "/connections/greenhouse", 2, 2, open=False,
        ),
    ),
    (("two weeks", "For two weeks after the first address was entered"), ("daily", "Every day"), ("never", "Never")),
    "two weeks", NOW + timedelta(days=4), {"greenhouse": "vendor sandbox", "greenhouse-emea": "live"},
)  # fmt: skip
PAUSED_CONNECTION = v.ConnectionPage(
    row=SECOND,
    vendor="Greenhouse",
    base_url="https://harvest.greenhouse.io",
    owner="",
    modes=(
        v.ModeStep("observe", "Reads only. Nothing is written and no hooks are needed.", True),
        v.ModeStep("listen", "Reads, and is told of changes by webhooks.", False, ("No owner is named.",)),
        v.ModeStep("shadow", "Plans every write and shows it. Nothing is sent.", False, ("Switch to listen first.",)),
        v.ModeStep(
            "live", "Writes scores, notes, tags and edits.", False, ("Excess rights are neither removed nor waived.",)
        ),
    ),
    hooks=v.State(
        "No webhook has arrived", v.Tone.WAITING, None, "Changes are found by polling, within 60 s, until one does."
    ),
    hook_url="https://bascule.example/hooks/greenhouse-emea",
    hook_setup="In Greenhouse, under Configure, Dev Center, Web Hooks, enter this address and the secret key.",
    hook_last=None,
    hook_count=0,
    paused=True,
)

ROWS = tuple(
    v.CandidateRow(str(i), name, job, "j1", stage, status, score, ai, more, ago(minutes=3 * i + 1), state)
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
                v.State("1 failure", v.Tone.FAILING),
            ),
            (
                "Aleksandra Petrović",
                "Accountant",
                "Onsite interview",
                "active",
                64.2,
                "scored",
                0,
                v.State("To review", v.Tone.WAITING),
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
                v.State("Catching up", v.Tone.CATCHING_UP),
            ),
        )
    )
)
CANDIDATES = v.CandidateList(
    ROWS,
    v.Paging("changed", True, "/candidates?after=x", "", 57, {}, "/candidates?format=csv"),
    total=57,
)

SCORE = v.Score(
    78.4,
    ago(seconds=40),
    "Backend Engineer, version 2",
    "/jobs/j1#rubric",
    parts=(
        v.ScorePart(
            "Skills asked for",
            29.0,
            35.0,
            (
                v.Reason(
                    "Python, told in the course of work",
                    (v.Quote("rebuilt the billing service in Python and PostgreSQL", "Experience"),),
                ),
                v.Reason("Kubernetes, listed", (v.Quote("Docker, Kubernetes, Terraform", "Skills"),)),
            ),
        ),
        v.ScorePart(
            "Work like this job's",
            26.4,
            35.0,
            (v.Reason("Payments at scale", (v.Quote("owned the payment ledger for 2 million customers"),)),),
        ),
        v.ScorePart("Same kind of role", 13.0, 15.0),
        v.ScorePart("Years of experience", 10.0, 10.0, (v.Reason("7.5 years; 5 asked for"),)),
        v.ScorePart("Languages", 0.0, 5.0),
    ),
    skills=("Python", "PostgreSQL", "Kubernetes", "Terraform", "Event-driven architecture"),
    flags=("Hidden text was found in the CV (white on white, 41 words). It was not counted.",),
    written=v.State("In the ATS", v.Tone.IN_STEP),
    why="/records/a1/history?field=match_score",
)
MOVES = v.Moves(
    stages=(
        v.Choice("s1", "Application review", True),
        v.Choice("s2", "Phone screen"),
        v.Choice("s3", "Onsite interview"),
    ),
    reasons=(v.Choice("r1", "Lacking skills"), v.Choice("r2", "Position closed")),
    as_user="Dana Recruiter",
    system="Greenhouse",
    move_effect="Greenhouse may e-mail the candidate by its own stage rules when somebody is moved.",
    reject_effect="Greenhouse sends its rejection e-mail only when somebody asks for it there.",
)
MOMENTS = (
    v.Moment(
        "5",
        ago(seconds=12),
        v.Way.OUT,
        "Stage",
        "Has it now",
        "Written",
        (v.Changed("Stage", "Application review", "Phone screen"),),
        "Ida Administrator",
        "person",
        "write 019ab2",
        "",
        "Done in Greenhouse as Dana Recruiter.",
        "greenhouse",
        v.Exchange("POST", "/v3/applications/812/move", 200, 41, "req-7f1c"),
        '{\n  "stage_id": 4402,\n  "from_stage_id": 4401\n}',
        v.Tone.IN_STEP,
    ),
    v.Moment(
        "4",
        ago(seconds=40),
        v.Way.HERE,
        "Match score",
        "",
        "Application, by matching",
        (v.Changed("Match score", None, 78.4), v.Changed("Canonical skills", None, ("Python", "PostgreSQL"))),
        "Bascule match",
        "ai",
        "rubric version 2",
        "/jobs/j1#rubric",
        "New CV read.",
    ),
    v.Moment(
        "3",
        ago(minutes=9),
        v.Way.IN,
        "Stage",
        "Application, as greenhouse shows it",
        "Taken",
        (v.Changed("Stage", "Lead", "Application review"),),
        "Dana Recruiter",
        "system",
        "read 1204",
        "",
        "",
        "greenhouse",
        v.Exchange("GET", "/v3/applications?ids=812", 200, 18, "req-5a10"),
    ),
    v.Moment(
        "2",
        ago(days=1, minutes=2),
        v.Way.THERE,
        "E-mail",
        "Shown, and not taken",
        "",
        (v.Changed("E-mail", ("a.petrovic@old.example",), ("petrovic@mail.example",)),),
        "somebody in Greenhouse",
        "system",
        "read 811",
        "",
        "Bascule's newer edit won: both sides had changed.",
        "greenhouse",
        v.Exchange("GET", "/v3/candidates?ids=77", 200, 22),
    ),
    v.Moment(
        "1",
        ago(days=1, minutes=3),
        v.Way.OUT,
        "Tags",
        "Refused",
        "Could not be written: tags",
        (v.Changed("Tags", None, ("referral",)),),
        "Ida Administrator",
        "person",
        "write 0199",
        "/failures/w1",
        "It waits under Failures.",
        "greenhouse",
        v.Exchange("PATCH", "/v3/candidates/77", 422, 30, "req-11"),
        '{\n  "errors": ["Tag is not on the list"]\n}',
        v.Tone.FAILING,
    ),
)
CANDIDATE = v.CandidatePage(
    may_erase=True,
    id="c1",
    name="Priya Venkataraman",
    state=IN_STEP,
    contact=(
        v.Fact("First name", "Priya", "/records/c1/history?field=first_name"),
        v.Fact("Last name", "Venkataraman", "/records/c1/history?field=last_name"),
        v.Fact("E-mail", ("priya.v@mail.example", "pv@work.example"), "/records/c1/history?field=emails"),
        v.Fact("Phone", ("+44 20 7946 0123",), "/records/c1/history?field=phones"),
        v.Fact("Employer", "", ""),
    ),
    editable=(
        v.Editable("first_name", "First name", "Priya"),
        v.Editable("last_name", "Last name", "Venkataraman"),
        v.Editable("emails", "E-mail addresses", "priya.v@mail.example\npv@work.example", True),
    ),
    tags=("referral", "relocation"),
    tags_why="/records/c1/history?field=tags",
    applications=(
        v.ApplicationPart(
            "a1",
            "Backend Engineer",
            "/jobs/j1",
            "Application review",
            "active",
            ago(hours=2),
            (v.Fact("Source", "Careers page"), v.Fact("AI status", "scored")),
            SCORE,
            MOVES,
            stage_why="/records/a1/history?field=stage",
        ),
        v.ApplicationPart(
            "a2",
            "Data Analyst",
            "/jobs/j2",
            "Phone screen",
            "active",
            ago(days=4),
            (),
            v.Score(
                None,
                ago(days=4),
                "",
                "",
                state=v.State(
                    "Unreadable",
                    v.Tone.WAITING,
                    None,
                    "The CV is a damaged PDF. Ask for it again, or open it in the ATS.",
                ),
            ),
            v.Moves(
                system="Greenhouse",
                instead="You are not mapped to a Greenhouse user, so decisions are made there.",
                ats="https://example.invalid/",
            ),
            v.State("Waiting for the ATS", v.Tone.CATCHING_UP),
        ),
    ),
    notes=(
        v.NotePart(
            "n1",
            "Dana Recruiter",
            ago(hours=1),
            "Spoke on the phone. Strong on ledgers, would relocate in March.\nAsk Jo to join the next call.",
            "private",
            "greenhouse",
        ),
        v.NotePart("n2", "Bascule", ago(seconds=38), "Match score 78.4 of 100 …", "private", "ours", True),
    ),
    files=(v.Fact("Priya-Venkataraman-Backend.pdf", "CV, 2 pages"),),
    links=(v.Fact("Greenhouse", "Open in Greenhouse", href="https://example.invalid/people/1"),),
    latest=MOMENTS[:3],
    reviews=(v.Need("Both sides changed the e-mail", "", "/review/1", ago(minutes=4)),),
    note_delay="Notes and tags from the ATS arrive within 3 s",
)
TIMELINE = v.Timeline(
    "Priya Venkataraman",
    "/candidates/c1",
    "stage",
    "Stage",
    "Phone screen",
    "Ida Administrator moved it from Application review 12 s ago, and the ATS confirmed it.",
    ("greenhouse",),
    MOMENTS,
    (v.Choice("stage", "Stage", True), v.Choice("match_score", "Match score")),
    "",
    "/records/a1/history?before=1",
)

JOBS = v.JobList(
    (
        v.JobRow("j1", "Backend Engineer", "Engineering", "open", 21, 20, 6, 84.2, ago(minutes=2)),
        v.JobRow("j2", "Accountant", "Finance", "open", 14, 14, 0, 71.0, ago(hours=3), True),
        v.JobRow("j3", "Data Analyst", "Engineering", "open", 0, 0, 0, None, None),
    ),
    v.Paging("unseen", True, total=3),
    status="open",
    unseen=6,
)
JOB = v.JobPage(
    "j1",
    "Backend Engineer",
    (
        v.Fact("Department", "Engineering"),
        v.Fact("Office", ("London", "Remote")),
        v.Fact("Hiring managers", ("Jo Deputy",)),
        v.Fact("Opened", "3 Nov 2026"),
    ),
    tuple(
        v.Applicant(
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
    v.Rubric(
        "version 2",
        ago(hours=5),
        (
            v.RubricPart(
                "Skills asked for",
                35,
                ("Python", "PostgreSQL", "Kubernetes"),
                "You have built services in Python and know PostgreSQL well",
            ),
            v.RubricPart("Work like this job's", 35),
            v.RubricPart("Years of experience", 10, ("5 or more",)),
        ),
        3,
        (v.Fact("version 1", "3 Nov 2026"),),
    ),
    v.Paging("score", True, total=21),
    "We build payment services.",
    (v.Fact("Application review", "applied"), v.Fact("Phone screen", "screen")),
    21,
)
MAPPING = v.MappingPage(
    "greenhouse",
    "Greenhouse",
    "simulator",
    "4",
    ago(hours=1),
    (
        v.MappingRow(
            "candidate", "emails", "E-mail addresses", "email_addresses[]", "set", "sync", "both", "ats", "2 s", "1.1 s"
        ),
        v.MappingRow(
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
        v.MappingRow(
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
        v.MappingRow(
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
        v.MappingRow(
            "application", "answers", "Screening answers", "", "document", "sync", "in", "ats", "2 s", "not yet"
        ),
    ),
    (
        v.UnmappedRow("candidate", "photo_url", "text", "Photos are never read."),
        v.UnmappedRow("application", "custom: t_shirt_size", "choice", "Nothing of ours needs it."),
    ),
    1,
    ("greenhouse", "greenhouse-emea"),
    (
        v.StageRow("Phone screen", 4, "screen", "screen"),
        v.StageRow("Onsite", 3, "", "interview"),
        v.StageRow("Take-home v2", 1, ""),
    ),
    ("applied", "screen", "assess", "interview", "offer", "hired"),
    ("candidate", "application"),
    (
        v.VersionRow(
            4,
            ago(hours=1),
            "Ida Administrator",
            "stage types",
            (Difference("stage Phone screen", "not confirmed", "screen"),),
            True,
        ),
        v.VersionRow(
            3, ago(days=2), "Jo Deputy", "from a file", (Difference("candidate.title", "both, ats", "in, ats"),)
        ),
        v.VersionRow(1, ago(days=90), "Bascule", "as the connector proposes it"),
    ),
    'connection = "greenhouse"\nversion = 4\n\n[candidate.title]  # title\non = true\n',
    True,
)
DRY = v.DryRun(
    (Difference("candidate.company", "off", "both, ats"), Difference("stage Onsite", "not confirmed", "interview")),
    1204,
    57,
    (("candidate.company", 54), ("stage.type", 3)),
    (
        v.EffectRow(
            "c1",
            "candidate",
            "Priya Venkataraman",
            "/records/c1/history",
            "company",
            "Current employer",
            None,
            "Northwind",
        ),
        v.EffectRow("s1", "stage", "Backend Engineer", "/records/s1/history", "type", "Stage type", None, "interview"),
    ),
    (("candidate.company", 12),),
    (),
    0,
    "connection",
    connection="greenhouse",
    label="simulator",
)
FAILURE_ROWS = (
    v.FailureRow(
        "w1",
        ago(minutes=12),
        "greenhouse",
        "Add the tag “referral”",
        "Aleksandra Petrović",
        "/candidates/c4",
        "Refused for good",
        "422: Tag is not on the list of permitted tags",
        1,
    ),
    v.FailureRow(
        "w2",
        ago(minutes=9),
        "greenhouse",
        "Add the tag “referral”",
        "Zhang Wei",
        "/candidates/c3",
        "Refused for good",
        "422: Tag is not on the list of permitted tags",
        1,
    ),
)
FAILURES = v.FailureList(
    (
        v.FailureGroup(
            "Refused for good",
            "greenhouse",
            2,
            ago(minutes=12),
            "The ATS will never accept this as it is. Read its words, mend the value or the list there, then replay.",
            FAILURE_ROWS,
            "value",
        ),
    ),
    2,
    v.Paging(),
    "",
    ("greenhouse", "greenhouse-emea"),
)
FAILURE = v.FailurePage(
    FAILURE_ROWS[0],
    "Add the tag to the list of permitted tags in Greenhouse under Configure, or take the tag away here. Then replay.",
    (v.Fact("Tags", ("referral",)),),
    (v.Exchange("PATCH", "/v3/candidates/77", 422, 30, "req-11", ago(minutes=12)),),
    "Ida Administrator (person)",
    "edit 0199",
    v.State("Failed", v.Tone.FAILING),
    True,
    "/records/c1/history",
    mendable=(v.Fact("First name", "Aleksandra", why="first_name"),),
)
REVIEW_ROWS = (
    v.ReviewRow(
        "r1",
        "conflict",
        "Both sides changed the e-mail",
        "Aleksandra Petrović",
        "/candidates/c4",
        "greenhouse",
        ago(minutes=4),
    ),
    v.ReviewRow(
        "r2", "identity", "May be somebody we know", "Hannah Weiß", "/candidates/c5", "greenhouse", ago(minutes=31)
    ),
    v.ReviewRow(
        "r3", "mapping gap", "Unknown stage “Take-home v2”", "Backend Engineer", "/jobs/j1", "greenhouse", ago(hours=2)
    ),
)
REVIEWS = v.ReviewList(REVIEW_ROWS, (("conflict", 1), ("identity", 1), ("mapping gap", 1)), v.Paging(), "", 3)
REVIEW = v.ReviewPage(
    REVIEW_ROWS[0],
    "Which e-mail is right?",
    (
        v.Fact("When last settled", ("a.petrovic@old.example",)),
        v.Fact("In the ATS", ("petrovic@mail.example",)),
        v.Fact("In Bascule", ("aleksandra@new.example",), note="proposed"),
    ),
    (v.Fact("Changed in the ATS", "22 Nov 2026, 13:58 UTC"),),
    (
        v.Answer("theirs", "Take the ATS's", "Bascule takes petrovic@mail.example.", True),
        v.Answer("ours", "Write ours", "aleksandra@new.example is written to greenhouse."),
        v.Answer("value", "Use another", "Your value is written to both sides.", asks="E-mail"),
    ),
    "Bascule",
    None,
    "/records/c4/history?field=emails",
)
TASKS = v.TaskList(
    (
        v.TaskRow(
            "failures:g|value",
            "Failures",
            "Value refused",
            "greenhouse",
            "Ida Administrator",
            ago(days=3),
            ago(days=2),
            v.State("Escalated", v.Tone.FAILING, ago(days=2), "Nobody did it in time."),
            "Correct the value here or what the ATS allows there, then replay.",
            "bascule failures list --class 'value' --connection greenhouse",
            "/failures?connection=greenhouse",
            12,
        ),
        v.TaskRow(
            "notice:7",
            "Notice",
            "greenhouse-emea: the rights granted lack harvest:notes:create, which the mapping needs.",
            "greenhouse-emea",
            "Jo Deputy",
            ago(days=1, hours=3),
            ago(hours=3),
            v.State("Overdue", v.Tone.FAILING),
            "Mend what it says, then end it here.",
            "bascule tasks done notice:7",
            "/connections/greenhouse-emea",
            3,
            "Done",
        ),
        v.TaskRow(
            "gap:3",
            "Mapping gap",
            "The mapping does not know application stage “Take-home v2”",
            "greenhouse",
            "Ida Administrator",
            ago(minutes=40),
            NOW + timedelta(days=3),
            v.State("Due", v.Tone.WAITING),
            "Choose what it is in the mapping.",
            "bascule mapping show greenhouse",
            "/mapping/greenhouse",
        ),
        v.TaskRow(
            "mapping:g",
            "Mapping to look at",
            "The mapping of greenhouse is to be looked at every 90 days",
            "greenhouse",
            "Ida Administrator",
            ago(days=1),
            NOW + timedelta(days=13),
            v.State("Due", v.Tone.WAITING),
            "Look through the mapping, then say so here.",
            "bascule tasks done mapping:g",
            "/mapping/greenhouse",
            ends="Looked at",
            sleeps=NOW + timedelta(days=2),
        ),
    ),
    4,
    2,
    1,
    v.Paging(total=4),
    (v.Choice("failures", "Failures"), v.Choice("notice", "Notice")),
    (v.Choice("greenhouse", "greenhouse"), v.Choice("greenhouse-emea", "greenhouse-emea")),
    (v.Choice("u1", "Ida Administrator"), v.Choice("u2", "Jo Deputy")),
    may=True,
    ending=True,
)
AUDIT = v.AuditList(
    (
        v.AuditRow(
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
        v.AuditRow(
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
        v.AuditRow(
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
        v.AuditRow(
            1201, ago(minutes=20), "view", "Ida Administrator", "Priya Venkataraman", "/candidates/c1", "", "", None, ()
        ),
        v.AuditRow(1200, ago(minutes=21), "log-in", "Ida Administrator", "", "", "", "", None, ()),
    ),
    v.Paging(next="/audit?after=1200", total=1204, export="/audit/export"),
    ("log-in", "pull", "push", "score", "view"),
    v.State(
        "The chain is whole up to entry 1,203",
        v.Tone.IN_STEP,
        None,
        "Sealed 8 s ago. One entry waits for the next seal.",
    ),
    1204,
)
SETTINGS = v.SettingsPage(
    (
        v.PersonRow(
            "u1",
            "Ida Administrator",
            "ida@employer.example",
            "administrator",
            ago(minutes=21),
            True,
            "Dana Recruiter",
            True,
        ),
        v.PersonRow("u2", "Jo Deputy", "jo@employer.example", "administrator", None),
    ),
    (
        v.KeyRow(
            "k1", "Warehouse export", ("candidates:read", "jobs:read"), ago(days=3), "Ida Administrator", ago(hours=1)
        ),
    ),
    (v.SessionRow("s1", "Ida Administrator", ago(minutes=21), NOW + timedelta(hours=11), "", True),),
    (v.Choice("administrator", "Administrator: everything"),),
    (
        v.Choice("candidates:read", "Read candidates and applications", True),
        v.Choice("failures:write", "Replay and discard failures"),
    ),
    (v.Fact("Version", "0.1.0"), v.Fact("Data", "SQLite")),
    ats_users=(v.Choice("greenhouse|55", "Dana Recruiter at greenhouse"),),
    kept=tuple(Kept(kind, what, 7 if kind == "payload" else 30) for kind, what in WORDS.items()),
)

ERASURES = (
    v.ErasureRow("e3", "0193d2c0-7f00-7000-8000-00000000c0de", "Ida Administrator", ago(minutes=1), None, 0),
    v.ErasureRow("e2", "0193d2c0-7f00-7000-8000-00000000beef", "greenhouse", ago(days=3), ago(days=3), 1),
)
ERASED_PLACES = (
    v.Fact("greenhouse (Greenhouse, live)", "anonymised there: the record and its applications stay, without the data"),
    v.Fact("greenhouse-emea (Greenhouse, live)", "a task for the owner: the system refused it", note="by hand"),
    v.Fact("records", "7 removed"),
    v.Fact("key", "1 removed"),
    v.Fact(
        "backups", "the last that holds this person expires on 2026-12-20; restoring one erases again", note="later"
    ),
)
COLUMNS: dict[str, tuple[v.Column, ...]] = {
    "candidates": (
        v.Column("Name", "name"),
        v.Column("Job"),
        v.Column("Stage"),
        v.Column("Score", numeric=True),
        v.Column("Changed", "changed"),
        v.Column("State"),
    ),
    "jobs": (
        v.Column("Job", "title"),
        v.Column("Department"),
        v.Column("Status"),
        v.Column("Applicants", "applicants", True),
        v.Column("Scored", numeric=True),
        v.Column("Not looked at", "unseen", True),
        v.Column("Best score", numeric=True),
        v.Column("Newest", "newest"),
    ),
    "job": (
        v.Column("", numeric=True),
        v.Column("Name"),
        v.Column("Stage"),
        v.Column("Score", "score", True),
        v.Column("First reason"),
        v.Column("Looked at"),
        v.Column("Applied", "applied"),
    ),
}

QUIET = v.Overview(v.State("Nothing to do yet", v.Tone.QUIET), 0, 0, 0, v.Lag(), 0, 0, 0, 0)
PAGES: dict[str, tuple[str, str, Any]] = {
    # name: (template, path, view)
    "overview": ("overview.html", "/", OVERVIEW),
    "overview-empty": ("overview.html", "/", QUIET),
    "connections": ("connections.html", "/connections", OVERVIEW),
    "connection": ("connection.html", "/connections/greenhouse", CONNECTION),
    "incidents": ("incidents.html", "/incidents", INCIDENTS),
    "incident": (
        "incident.html",
        "/incidents/7",
        v.IncidentPage(INCIDENTS[0], LATE, 1, 1, "1 waiting, 1 missed", "1 late", "1 late"),
    ),
    "connection-stopped": ("connection.html", "/connections/greenhouse", STOPPED_CONNECTION),
    "connection-paused": ("connection.html", "/connections/greenhouse-emea", PAUSED_CONNECTION),
    "candidates": ("candidates.html", "/candidates", CANDIDATES),
    "candidates-none": ("candidates.html", "/candidates?q=zz", v.CandidateList((), v.Paging(), q="zz", total=57)),
    "candidate": ("candidate.html", "/candidates/c1", CANDIDATE),
    "erase": (
        "erase.html",
        "/candidates/c1/erase",
        v.ErasePage(
            "c1",
            "Aleksandra Petrović",
            "Aleksandra Petrović",
            (
                v.Fact("greenhouse (Greenhouse, live)", "It is asked at once: anonymised there."),
                v.Fact(
                    "greenhouse-emea (Greenhouse, live)", "The owner gets the task to erase by hand.", note="by hand"
                ),
            ),
            ago(days=-30),
        ),
    ),
    "erasures": ("erasures.html", "/erasures", v.ErasureList(ERASURES, "Off: nobody is erased by a rule.")),
    "due": (
        "due.html",
        "/erasures/due",
        v.DuePage(
            "Off: nobody is erased by a rule.",
            False,
            True,
            12,
            True,
            False,
            "Talent pool",
            "",
            1204,
            (
                v.DueRow("Aleksandra Petrović", "/candidates/c4", ago(days=400)),
                v.DueRow("Zhang Wei", "/c", ago(days=399)),
            ),
            True,
        ),
    ),
    "erasures-none": ("erasures.html", "/erasures", v.ErasureList(())),
    "erasure": (
        "erasure.html",
        "/erasures/e2",
        v.ErasurePage(
            ERASURES[1],
            v.State("Erased here; a system is left to a person", v.Tone.WAITING, ago(days=3), "A task for its owner."),
            ERASED_PLACES,
            (v.Fact("Candidate", ERASURES[1].candidate), v.Fact("Signature", "9f" * 64)),
        ),
    ),
    "history": ("history.html", "/records/a1/history?field=stage", TIMELINE),
    "jobs": ("jobs.html", "/jobs", JOBS),
    "job": ("job.html", "/jobs/j1", JOB),
    "mapping": ("mapping.html", "/mapping/greenhouse", MAPPING),
    "dryrun": ("dryrun.html", "/mapping/greenhouse/dry-run", DRY),
    "failures": ("failures.html", "/failures", FAILURES),
    "failures-none": ("failures.html", "/failures", v.FailureList((), 0, v.Paging())),
    "failure": ("failure.html", "/failures/w1", FAILURE),
    "tasks": ("tasks.html", "/tasks", TASKS),
    "tasks-none": ("tasks.html", "/tasks", v.TaskList((), 0, 0, 0, v.Paging())),
    "reviews": ("reviews.html", "/review", REVIEWS),
    "reviews-none": ("reviews.html", "/review", v.ReviewList((), (), v.Paging())),
    "review": ("review.html", "/review/r1", REVIEW),
    "alerts": ("alerts.html", "/alerts", ALERTS),
    "alerts-none": ("alerts.html", "/alerts", replace(ALERTS, places=(), last=(), until=None)),
    "audit": ("audit.html", "/audit", AUDIT),
    "settings": ("settings.html", "/settings", SETTINGS),
    "problem": (
        "problem.html",
        "/candidates/nobody",
        v.Problem(
            404,
            "There is no such candidate.",
            "/candidates/nobody",
            "It may have been erased, or the link is cut short. Search by name under Candidates.",
        ),
    ),
    "door": ("door.html", "/login", v.Door("sample", "Ida Administrator")),
}


def page(name: str, theme: str = "auto", flash: v.Flash | None = None) -> str:
    """One sample page as HTML."""
    from bascule.server.rendering import render

    template, path, view = PAGES[name]
    return render(template, frame=frame(path, theme, flash), view=view, columns=COLUMNS.get(template.split(".")[0], ()))

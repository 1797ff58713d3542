"""People who were found: for a job, by the box, and one of them beside the job."""

from __future__ import annotations

from dataclasses import replace

from bascule.model import StageType
from bascule.office.found import OUTCOMES
from bascule.server.views.candidate import CandidateList, NotePart, Quote, Reason, ScorePart
from bascule.server.views.parts import Choice, Fact, Link, Paging
from bascule.server.views.people import FilterForm, FoundPage, FoundRow, PastRow, PersonPage, SaidRow

from .parts import ago

FORM = FilterForm(
    stages=tuple(Choice(one, one.capitalize()) for one in StageType),
    outcomes=tuple(Choice(one, one.capitalize()) for one in OUTCOMES),
)
PAST = PastRow("Platform Engineer, second line", "/jobs/j7", "Onsite", "rejected: Position filled", ago(days=420))
ROWS = (
    FoundRow(
        "c1", "/jobs/j1/people/c1", "Priya Venkataraman", "Senior Platform Engineer, Northwind Systems",
        ago(days=12), "e-mail and phone", True, PAST, 2, 3, 71, 78.4,
        reason="Python, Kubernetes and PostgreSQL shown in the course of work", looked_at=True,
    ),
    FoundRow(
        "c2", "/jobs/j1/people/c2", "Nguyễn Thị Minh Anh", "Site Reliability Engineer", ago(days=800),
        "phone, asked not to be e-mailed", True, replace(PAST, stage="", outcome="withdrawn"), 0, 0, 64, 66.0,
        reason="Work like this job's: kept forty services running", fresh=False,
    ),
    FoundRow(
        "c3", "/jobs/j1/people/c3", "Björn Åkerström-Featherstonehaugh", "", ago(days=30), "no address known", False,
        None, 0, 0, 41, None, state="No text of a CV is kept here.", resume=False,
    ),
)  # fmt: skip
FOR_JOB = FoundPage(
    ROWS, Paging(next="/jobs/j1/people?after=25", total=1204, export="/jobs/j1/people.csv"), FORM, 1204,
    (Fact("due under the retention rule", 12), Fact("private in the ATS", 1)), "800 of 1,217 people", "j1",
    "Backend Engineer", reading=212, unseen=2, here=21, unread=30, may_fetch=True,
)  # fmt: skip
NOBODY = FoundPage((), Paging(), FORM, 0, job="j1", title="Backend Engineer", reason="The job has no description.")
SAID = (
    SaidRow("k8s", "Kubernetes", "ran forty services on Kubernetes, PostgreSQL behind them", "CV"),
    SaidRow("malmö", "", "Malmö, Sweden", "CV"),
)
BOX = CandidateList(
    (), Paging(), "k8s malmö", 1217,
    FoundPage(
        (replace(ROWS[0], href="/candidates/c1", said=SAID), replace(ROWS[2], href="/candidates/c3", by_name=True)),
        Paging(next="/candidates?q=k8s&after=25", export="/people.csv?q=k8s"), FORM, 1204, q="k8s malmö",
        asked=(Fact("k8s", "skill: Kubernetes", note="said by 14"), Fact("malmö", "word", note="said by 203")),
    ),
    FORM,
)  # fmt: skip
NONE = replace(BOX, found=replace(BOX.found, rows=(), asked=()) if BOX.found else None)
PERSON = PersonPage(
    "j1", "Backend Engineer", "c1", "Priya Venkataraman", ROWS[0],
    (
        ScorePart("Skills asked for", 24.5, 30, (
            Reason("Kubernetes", (Quote("ran forty services on Kubernetes, PostgreSQL behind them"),)),
            Reason("Not found: no evidence of Django"),
        )),
        ScorePart("Years of experience", 10, 10, (Reason("8 years in 3 positions; 3 asked for"),)),
    ),
    (PAST, replace(PAST, job="Backend Engineer", outcome="withdrawn", stage="Application Review")),
    (NotePart("n1", "Robin Falk", ago(days=12), "Would come back for a hybrid role.", "private", "greenhouse"),),
    (Fact("Emails", ("priya@mail.example",)), Fact("Phones", ("+44 20 7946 0001",))),
    True, "Greenhouse", effect="An application is made without filling in the form of a job post.", as_user="4012003",
    ats=Link("Open in Greenhouse", "https://app.greenhouse.example/people/1"),
)  # fmt: skip
REFUSED = replace(
    PERSON, parts=(), row=ROWS[2], past=(), notes=(), as_user="",
    why="Bascule cannot create applications in Teamtailor: its connector has no call for it.",
    hint="Add them to the job there; the application follows here by itself.",
)  # fmt: skip

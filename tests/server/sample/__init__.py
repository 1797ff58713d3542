"""Made-up pages: every template filled with a value for each of its states, and the same ones empty."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bascule.server.navigation import navigation
from bascule.server.rendering import render
from bascule.server.roles import Right
from bascule.server.views.candidate import CandidateList
from bascule.server.views.duplicates import CertainList
from bascule.server.views.erasure import ErasureList
from bascule.server.views.failure import FailureList
from bascule.server.views.frame import Door, Flash, Frame, Problem
from bascule.server.views.parts import Column, Paging
from bascule.server.views.review import ReviewList
from bascule.server.views.tasks import TaskList

from . import datacheck, enrichment, flow, interviews, people, rollout, setup, subscribers, wizard
from .alerts import ALERTS
from .audit import AUDIT
from .candidate import CANDIDATE, CANDIDATES, RESUME
from .connection import CONNECTION, PAUSED_CONNECTION, STOPPED_CONNECTION
from .duplicates import CERTAIN, NO_PAIRS, PAIRS
from .erasure import DUE, ERASE, ERASURE, ERASURE_LIST
from .failure import FAILURE, FAILURES
from .incident import INCIDENT, INCIDENTS
from .job import JOB, JOBS, NO_OUTCOMES, OUTCOMES, PROBE, PROBED, RUBRIC
from .mapping import DRY, MAPPING
from .overview import OVERVIEW, QUIET
from .parts import NOW
from .review import REVIEW, REVIEW_MESSAGE, REVIEWS
from .settings import SESSIONS, SETTINGS
from .tasks import TASKS
from .timeline import TIMELINE
from .tool import TOOL

INTERVIEWED = replace(
    CANDIDATE,
    applications=(replace(CANDIDATE.applications[0], interviews=interviews.PART), *CANDIDATE.applications[1:]),
)


def frame(path: str, theme: str = "auto", flash: Flash | None = None) -> Frame:
    return Frame(
        user="Ida Administrator",
        role="administrator",
        nav=navigation(reviews=3, overdue=2, failures=2, gaps=1),
        path=path,
        now=NOW,
        csrf="sample",
        theme=theme,
        flash=flash,
        may=frozenset(Right),
        connections=(("greenhouse", "simulator"), ("greenhouse-emea", "vendor sandbox")),
    )


COLUMNS: dict[str, tuple[Column, ...]] = {
    "candidates": (
        Column("Name", "name"),
        Column("Job"),
        Column("Stage"),
        Column("Score", numeric=True),
        Column("Changed", "changed"),
        Column("State"),
    ),
    "jobs": (
        Column("Job", "title"),
        Column("Department"),
        Column("Status"),
        Column("Applicants", "applicants", True),
        Column("Scored", numeric=True),
        Column("Not looked at", "unseen", True),
        Column("Best score", numeric=True),
        Column("Newest", "newest"),
    ),
    **dict.fromkeys(
        ("found", "found-none"),
        (Column("Name"), Column("Why"), Column("Before"), Column("Last contact"), Column("Reach")),
    ),
    "people": (
        Column("Name"),
        Column("Score", numeric=True),
        Column("First reason"),
        Column("Before"),
        Column("Last contact"),
        Column("Reach"),
        Column("Looked at"),
    ),
    "job": (
        Column("", numeric=True),
        Column("Name"),
        Column("Stage"),
        Column("Score", "score", True),
        Column("First reason"),
        Column("Looked at"),
        Column("Applied", "applied"),
    ),
}
PAGES: dict[str, tuple[str, str, Any]] = {
    # name: (template, path, view)
    "overview": ("overview.html", "/", OVERVIEW),
    "overview-empty": ("overview.html", "/", QUIET),
    "connections": ("connections.html", "/connections", OVERVIEW),
    "connection": ("connection.html", "/connections/greenhouse", CONNECTION),
    "setup": ("setup.html", "/setup", setup.BEGIN),
    "setup-first": ("setup.html", "/setup", setup.FIRST),
    "setup-system": ("setup_system.html", "/setup/greenhouse", setup.SYSTEM),
    "setup-refused": ("setup_system.html", "/setup/lever", setup.REFUSED),
    "setup-link": ("setup_link.html", "/setup/links/l1", setup.ASKED),
    "setup-link-used": ("setup_link.html", "/setup/links/l2", setup.DONE),
    "wizard": ("wizard.html", wizard.STAGES.at, wizard.STAGES),
    "wizard-reading": ("wizard.html", wizard.READING.at, wizard.READING),
    "wizard-wrong": ("wizard.html", wizard.WRONG.at, wizard.WRONG),
    "rollout": ("rollout.html", rollout.ROLLOUT.at, rollout.ROLLOUT),
    "rollout-exempt": ("rollout.html", rollout.ROLLOUT.at, rollout.EXEMPTED),
    "rollout-looking": ("rollout.html", rollout.ROLLOUT.at, rollout.NOBODY),
    "pilot": ("pilot.html", "/connections/greenhouse/pilots/p1", rollout.PILOT),
    "pilot-running": ("pilot.html", "/connections/greenhouse/pilots/p2", rollout.RUNNING),
    "data": ("data.html", datacheck.AT, datacheck.DATA),
    "data-never": ("data.html", datacheck.AT, datacheck.NEVER),
    "data-unread": ("data.html", datacheck.AT, datacheck.UNREAD),
    "data-stopped": ("data.html", datacheck.AT, datacheck.STOPPED),
    "finding": ("finding.html", f"{datacheck.AT}/titles", datacheck.TITLES),
    "finding-stale": ("finding.html", f"{datacheck.AT}/stale", datacheck.STALE),
    "incidents": ("incidents.html", "/incidents", INCIDENTS),
    "incident": ("incident.html", "/incidents/7", INCIDENT),
    "connection-stopped": ("connection.html", "/connections/greenhouse", STOPPED_CONNECTION),
    "tool": ("tool.html", "/connections/quill", TOOL),
    "connection-paused": ("connection.html", "/connections/greenhouse-emea", PAUSED_CONNECTION),
    "candidates": ("candidates.html", "/candidates", replace(CANDIDATES, filters=people.FORM)),
    "candidates-none": ("candidates.html", "/candidates", CandidateList((), Paging())),
    "found": ("candidates.html", "/candidates?q=k8s", people.BOX),
    "found-none": ("candidates.html", "/candidates?q=zz", people.NONE),
    "people": ("people.html", "/jobs/j1/people", people.FOR_JOB),
    "people-none": ("people.html", "/jobs/j1/people", people.NOBODY),
    "person": ("person.html", "/jobs/j1/people/c1", people.PERSON),
    "person-refused": ("person.html", "/jobs/j1/people/c3", people.REFUSED),
    "candidate-resume": ("resume.html", "/candidates/c1/resume", RESUME),
    "candidate": (
        "candidate.html",
        "/candidates/c1",
        replace(CANDIDATE, found=enrichment.PART, messages=flow.MESSAGES.rows),
    ),
    "enrich": ("enrich.html", "/candidates/c1/enrichment", enrichment.ENRICH),
    "enrich-nothing": ("enrich.html", "/candidates/c1/enrichment", enrichment.NOTHING),
    "enrichment": ("enrichment.html", "/enrichment", enrichment.FOUND),
    "enrichment-none": ("enrichment.html", "/enrichment", enrichment.NOBODY),
    "erase": ("erase.html", "/candidates/c1/erase", ERASE),
    "erasures": ("erasures.html", "/erasures", ERASURE_LIST),
    "due": ("due.html", "/erasures/due", DUE),
    "erasures-none": ("erasures.html", "/erasures", ErasureList(())),
    "erasure": ("erasure.html", "/erasures/e2", ERASURE),
    "history": ("history.html", "/records/a1/history?field=stage", TIMELINE),
    "jobs": ("jobs.html", "/jobs", JOBS),
    "job": ("job.html", "/jobs/j1", JOB),
    "outcomes": ("outcomes.html", "/jobs/j1/outcomes", OUTCOMES),
    "outcomes-none": ("outcomes.html", "/jobs/j1/outcomes", NO_OUTCOMES),
    "fairness": ("fairness.html", "/jobs/j1/fairness", PROBED),
    "fairness-none": ("fairness.html", "/jobs/j1/fairness", PROBE),
    "rubric": ("rubric.html", "/jobs/j1/rubric", RUBRIC),
    "mapping": ("mapping.html", "/mapping/greenhouse", MAPPING),
    "dryrun": ("dryrun.html", "/mapping/greenhouse/dry-run", DRY),
    "failures": ("failures.html", "/failures", FAILURES),
    "failures-none": ("failures.html", "/failures", FailureList((), 0, Paging())),
    "failure": ("failure.html", "/failures/w1", FAILURE),
    "tasks": ("tasks.html", "/tasks", TASKS),
    "tasks-none": ("tasks.html", "/tasks", TaskList((), 0, 0, 0, Paging())),
    "reviews": ("reviews.html", "/review", REVIEWS),
    "reviews-none": ("reviews.html", "/review", ReviewList((), (), Paging())),
    "duplicates": ("duplicates.html", "/duplicates", PAIRS),
    "duplicates-none": ("duplicates.html", "/duplicates", NO_PAIRS),
    "certain": ("certain.html", "/duplicates/certain", CERTAIN),
    "certain-none": ("certain.html", "/duplicates/certain", CertainList((), 0)),
    "review": ("review.html", "/review/r1", REVIEW),
    "triggers": ("triggers.html", "/triggers", flow.TRIGGERS),
    "triggers-clash": ("triggers.html", "/triggers", flow.CLASHING),
    "triggers-none": ("triggers.html", "/triggers", flow.NO_TRIGGERS),
    "interviews": ("interviews.html", "/interviews", interviews.UPCOMING),
    "interviews-none": ("interviews.html", "/interviews", interviews.NONE),
    "calendars": ("calendars.html", "/interviews/setup", interviews.SETUP),
    "calendars-none": ("calendars.html", "/interviews/setup", interviews.SETUP_NONE),
    "candidate-interviews": ("candidate.html", "/candidates/c1", INTERVIEWED),
    "messages": ("messages.html", "/messages", flow.MESSAGES),
    "messages-none": ("messages.html", "/messages", flow.NO_MESSAGES),
    "message": ("message.html", "/applications/a1/message", flow.WRITING),
    "message-wrong": ("message.html", "/applications/a1/message", flow.NOT_WRITABLE),
    "message-none": ("message.html", "/applications/a1/message", flow.UNWRITTEN),
    "mail": ("mail.html", "/messages/mail", flow.MAIL),
    "quiet": ("quiet.html", "/quiet/x", flow.ASKED),
    "quiet-done": ("quiet.html", "/quiet/x", flow.DONE),
    "quiet-unknown": ("quiet.html", "/quiet/x", flow.UNKNOWN),
    "review-message": ("review.html", "/review/r1", REVIEW_MESSAGE),
    "subscribers": ("subscribers.html", "/subscribers", subscribers.SUBSCRIBERS),
    "subscribers-none": ("subscribers.html", "/subscribers", subscribers.NO_SUBSCRIBERS),
    "subscriber": ("subscriber.html", f"/subscribers/{subscribers.N8N.id}", subscribers.SUBSCRIBER),
    "alerts": ("alerts.html", "/alerts", ALERTS),
    "alerts-none": ("alerts.html", "/alerts", replace(ALERTS, places=(), last=(), until=None)),
    "audit": ("audit.html", "/audit", AUDIT),
    "sessions": ("sessions.html", "/sessions", SESSIONS),
    "settings": ("settings.html", "/settings", replace(SETTINGS, providers=enrichment.PROVIDERS)),
    "problem": (
        "problem.html",
        "/candidates/nobody",
        Problem(
            404,
            "There is no such candidate.",
            "/candidates/nobody",
            "It may have been erased, or the link is cut short. Search by name under Candidates.",
        ),
    ),
    "door-provider": (
        "door.html",
        "/login",
        Door(said="None of your groups may use this workspace.", provider="Firm", links=False),
    ),
    "door-left": (
        "door.html",
        "/login",
        Door(left=True, out="/sample/end_session?client_id=bascule", provider="Firm"),
    ),
    "door": ("door.html", "/login", Door("sample", "Ida Administrator")),
}


def page(name: str, theme: str = "auto", flash: Flash | None = None) -> str:
    """One sample page as HTML."""
    template, path, view = PAGES[name]
    return render(template, frame=frame(path, theme, flash), view=view, columns=columns_of(name))


def columns_of(name: str) -> tuple[Column, ...]:
    """The columns of a sample page's list."""
    return COLUMNS.get(name if name.startswith("found") else PAGES[name][0].split(".")[0], ())

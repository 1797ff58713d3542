"""Who may do what: five roles of people, and the scopes of programs' keys, as two tables."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bascule.model import Role


class Right(StrEnum):
    """One thing a person may do on the pages."""

    LOOK = "look"  # overview, connections, mapping, jobs: no candidate
    FIGURES = "figures"  # the KPIs and the flow of every job; of one's own jobs whoever may look
    CANDIDATES = "candidates"  # see people
    EDIT = "edit"  # notes, tags, contact data
    DECIDE = "decide"  # move, reject, answer reviews
    OPERATE = "operate"  # replay, discard, pause, mode, mapping
    AUDIT = "audit"  # read, verify and export the audit
    ERASE = "erase"  # erase people for good
    ADMINISTER = "administer"  # people, keys


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OWNER: frozenset({Right.LOOK, Right.FIGURES, Right.CANDIDATES, Right.EDIT, Right.DECIDE, Right.OPERATE}),
    Role.RECRUITER: frozenset({Right.LOOK, Right.CANDIDATES, Right.EDIT, Right.DECIDE}),
    Role.HIRING_MANAGER: frozenset({Right.LOOK, Right.CANDIDATES, Right.DECIDE}),
    Role.COMPLIANCE: frozenset({Right.LOOK, Right.FIGURES, Right.CANDIDATES, Right.AUDIT, Right.ERASE}),
    Role.ADMINISTRATOR: frozenset(Right),
}
ROLE_WORDS: Mapping[Role, str] = {
    Role.ADMINISTRATOR: "Administrator: everything, people and keys too",
    Role.OWNER: "Owner: keeps the bridge running, and may decide",
    Role.RECRUITER: "Recruiter: works with candidates",
    Role.HIRING_MANAGER: "Hiring manager: sees candidates and decides",
    Role.COMPLIANCE: "Compliance: reads everything and the audit, erases people, changes nothing else",
}


def rights_of(role: str) -> frozenset[Right]:
    """A role's rights; an unknown role has none."""
    return RIGHTS[Role(role)] if role in set(Role) else frozenset()


class Scope(StrEnum):
    """What an API key may do."""

    STATUS_READ = "status:read"
    CANDIDATES_READ = "candidates:read"
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    FAILURES_READ = "failures:read"
    FAILURES_WRITE = "failures:write"
    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    REVIEWS_READ = "reviews:read"
    REVIEWS_WRITE = "reviews:write"
    CONNECTIONS_READ = "connections:read"
    CONNECTIONS_WRITE = "connections:write"
    AUDIT_READ = "audit:read"
    INTERVIEWS_READ = "interviews:read"
    INTERVIEWS_WRITE = "interviews:write"
    FEEDBACK_WRITE = "feedback:write"
    EVENTS_READ = "events:read"
    SUBSCRIPTIONS_READ = "subscriptions:read"
    SUBSCRIPTIONS_WRITE = "subscriptions:write"
    ADMIN = "admin"


SCOPE_WORDS: Mapping[Scope, str] = {
    Scope.STATUS_READ: "Is everything in step?",
    Scope.CANDIDATES_READ: "Read candidates, applications, scores and history",
    Scope.JOBS_READ: "Read jobs and their applicants",
    Scope.JOBS_WRITE: "Change what a job asks for",
    Scope.FAILURES_READ: "Read failures",
    Scope.FAILURES_WRITE: "Replay and discard failures",
    Scope.TASKS_READ: "Read the list of tasks",
    Scope.TASKS_WRITE: "Assign, put off and end tasks",
    Scope.REVIEWS_READ: "Read what waits for a person",
    Scope.REVIEWS_WRITE: "Answer reviews in the name of the key's owner",
    Scope.CONNECTIONS_READ: "Read connections and mappings",
    Scope.CONNECTIONS_WRITE: "Add, pause, change and remove connections",
    Scope.AUDIT_READ: "Read, verify and export the audit",
    Scope.INTERVIEWS_READ: "Read interviews: when, of whom, with whom",
    Scope.INTERVIEWS_WRITE: "Ask candidates for interviews, book and cancel them",
    Scope.FEEDBACK_WRITE: "Attach feedback to interviews, in the name of who interviewed",
    Scope.EVENTS_READ: "Read the log of events, without anybody's data",
    Scope.SUBSCRIPTIONS_READ: "Read who is sent events, and what became of each",
    Scope.SUBSCRIPTIONS_WRITE: "Have events sent to an address (with a person's data: candidates:read too)",
    Scope.ADMIN: "Login links and key rotation",
}

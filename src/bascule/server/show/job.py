"""Jobs: the list with how many nobody has looked at, and one job with its applicants by score."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bascule.errors import NotFoundError
from bascule.hiring.ordering import top_of
from bascule.hiring.rubrics import job_of
from bascule.hiring.unread import UNREADABLE, unreadable, unscored
from bascule.match.ranking import TOP
from bascule.model import AiStatus, Kind, Record, RecordState, Value
from bascule.models.spaces import current
from bascule.office.datacheck import archived
from bascule.office.rubrics import condition_words
from bascule.store import Tx, scores
from bascule.store.listing import fold
from bascule.store.queries import JobRow as StoredJob
from bascule.store.queries import Ranked

from ..rendering import query, stamp
from ..views.job import Applicant, JobList, JobPage, JobRow, Rubric, RubricPart
from ..views.parts import Fact, Paging
from . import sql, words

LIMIT = 50
TOP_MARK = "top"  # instead of an application, in where a page of the newly ordered top begins
MOST = 5000
ALL, ARCHIVED = "all", "archived"  # instead of a status
SORTS: Mapping[str, Callable[[JobRow], Any]] = {
    "title": lambda row: fold(row.title),
    "applicants": lambda row: row.applicants,
    "unseen": lambda row: row.unseen,
    "newest": lambda row: row.newest.timestamp() if row.newest else 0.0,
}


def rows(tx: Tx, workspace: str) -> list[JobRow]:
    """Every live job with its figures."""
    connections = words.connection_names(tx, workspace)
    found = _all(tx, workspace)
    ids = [one.job.id for one in found]
    stale = {job for job, _ in tx.rows(sql.STALE, jobs=ids)} if ids else set[str]()
    return [_row(one, one.job.id in stale, connections) for one in found]


def _row(one: StoredJob, stale: bool, connections: Mapping[str, str]) -> JobRow:
    return JobRow(
        id=one.job.id,
        title=words.title(one.job),
        department=str(one.job.fields.get("department") or ""),
        status=str(one.job.fields.get("status") or "open"),
        applicants=one.applications,
        scored=one.scored,
        unseen=one.unseen,
        top=one.top,
        newest=one.newest,
        stale=stale,
        place=words.place_of(one.job),
        connection=connections.get(one.job.origin, "") if len(connections) > 1 else "",
        archived=archived(one.job),
        normal_title=str(one.job.fields.get("normal_title") or ""),
    )


def page_of(counted: Sequence[JobRow], *, q: str, status: str, sort: str, after: str) -> JobList:
    """Jobs of a status; `after` is the id of the last job shown. What is archived is left out, unless it is asked for
    (status "archived" or "all") or searched for."""
    named = [row for row in counted if _says(row, q)]
    found = [row for row in named if _listed_as(row, status, searched=bool(q.strip()))]
    name, descending = (
        (sort.removeprefix("-"), sort.startswith("-")) if sort.removeprefix("-") in SORTS else ("unseen", True)
    )
    found.sort(key=lambda row: (SORTS[name](row), row.id), reverse=descending)
    start = next((i + 1 for i, row in enumerate(found) if row.id == after), 0)
    shown = found[start : start + LIMIT]
    base = {"q": q, "status": status if status != "open" else "", "sort": sort}
    more = query("/jobs", base, after=shown[-1].id) if start + LIMIT < len(found) else ""
    return JobList(
        tuple(shown),
        Paging(
            name,
            descending,
            more,
            query("/jobs", base) if start else "",
            len(found),
            {"q": q, "status": base["status"]},
            query("/jobs.csv", base),
        ),
        q,
        status,
        sum(row.unseen for row in found),
        len(named) - len(found) if q.strip() else 0,
        any(row.archived for row in counted),
    )


def _says(row: JobRow, q: str) -> bool:
    text = fold(f"{row.title} {row.normal_title} {row.department} {row.place} {row.connection}")
    return all(word in text for word in fold(q).split())


def _listed_as(row: JobRow, status: str, *, searched: bool) -> bool:
    if status in (ALL, ARCHIVED):
        return status == ALL or row.archived
    return row.status == status and (searched or not row.archived)


def _all(tx: Tx, workspace: str) -> list[StoredJob]:
    found: list[StoredJob] = []
    after = ""
    while len(found) < MOST:
        some = tx.pages.jobs(workspace, after=after, limit=500)
        found += some
        if len(some) < 500:
            break
        after = some[-1].job.id
    return found


def title_of(tx: Tx, workspace: str, id: str) -> str:
    """A job's title. NotFoundError if there is none."""
    return words.title(job_of(tx, workspace, id))


def after_of(path: str) -> str:
    """The place that a next page's path starts from."""
    return parse_qs(urlsplit(path).query).get("after", [""])[0]


def page(tx: Tx, workspace: str, id: str, after: str, *, may_edit: bool = False, ai: str = "") -> JobPage:
    """One job: applicants by score, rubric, stages; `ai` "unreadable": those alone whose CV could not be read.
    NotFoundError if there is none."""
    job = tx.families.records(workspace, [id]).get(id)
    if job is None or job.kind is not Kind.JOB:
        raise NotFoundError(
            "There is no such job.", hint="It may have been deleted in the ATS. See the list under Jobs."
        )
    family = tx.families.family(job.family)
    unread = unreadable(tx, unscored(tx, id)) if tx.notices.is_open(workspace, UNREADABLE, id) else []
    only = ai if ai == AiStatus.UNREADABLE else ""
    if only:
        names = tx.pages.called([one.candidate for one in unread if one.candidate])
        unread = [replace(one, name=names.get(one.candidate or "", "")) for one in unread]
        shown, rank, following, model = unread, 0, list[Any](), ""
    else:
        shown, rank, following, model = _listed(tx, workspace, id, after)
    records = tx.families.records(
        workspace, {one.application for one in shown} | {one.stage for one in shown if one.stage}
    )
    newest = tx.scores.of_all([one.application for one in shown])
    applicants: list[Applicant] = []
    for one in shown:
        record = records.get(one.application)
        if one.score is not None:
            rank += 1
        reasons = record.fields.get("match_reasons") if record else None
        kept = newest.get(one.application)
        applicants.append(
            Applicant(
                rank=rank if one.score is not None else None,
                application=one.application,
                candidate=one.candidate or "",
                name=one.name,
                stage=words.title(records.get(one.stage or "")),
                status=one.status,
                score=one.score,
                ai=str((record.fields.get("ai_status") if record else "") or ""),
                reason=str(reasons[0]) if isinstance(reasons, tuple) and reasons else "",
                seen=one.seen,
                applied=one.applied,
                top=bool(record and record.fields.get("top_ten")),
                stale=bool(kept and kept[0].stale),
            )
        )
    figures = tx.pages.figures([job])[0]
    more = query(f"/jobs/{id}", {"after": json.dumps(following)}) if following else ""
    return JobPage(
        id=id,
        title=words.title(job),
        place=words.place_of(job),
        facts=_facts(tx, job),
        applicants=tuple(applicants),
        unseen=figures.unseen,
        rubric=_rubric(tx, id),
        may_edit=may_edit,
        paging=Paging(
            "score",
            True,
            more,
            f"/jobs/{id}" if after else "",
            len(unread) if only else figures.applications,
            {},
            f"/jobs/{id}.csv",
        ),
        description=str(job.fields.get("description") or ""),
        stages=tuple(
            Fact(words.title(stage), words.stage_type(stage), f"/records/{stage.id}/history")
            for stage in sorted(family.children(id, Kind.STAGE), key=words.place)
            if stage.state is RecordState.LIVE
        ),
        total=figures.applications,
        ordered_by=model,
        unreadable=len(unread),
        only=only,
    )


def _listed(tx: Tx, workspace: str, job: str, after: str) -> tuple[list[Ranked], int, list[Any], str]:
    """A page of a job's applicants: they, how many scored ones stand before them, where the next page begins, and the
    model that has a say in their order. The first few hundred may have an order of their own; after them comes who
    follows by score."""
    key = _key(after)
    if current(tx, workspace) and (key is None or key[1] == TOP_MARK):
        rows, model = top_of(tx, workspace, job)
        if model:
            at = key[2] if key else 0
            names = tx.pages.called([one.candidate for one in rows[at : at + LIMIT] if one.candidate])
            shown = [replace(one, name=names.get(one.candidate or "", "")) for one in rows[at : at + LIMIT]]
            following: list[Any] = [0, TOP_MARK, at + LIMIT] if at + LIMIT < len(rows) else []
            if not following and len(rows) == TOP:
                last = min(rows, key=lambda one: (-1.0 if one.score is None else one.score, one.application))
                following = [last.score, last.application, sum(one.score is not None for one in rows)]
            return shown, at, following, model
    place = key[:2] if key and key[1] != TOP_MARK else None
    found = tx.pages.ranked(job, after=place, limit=LIMIT + 1)
    shown, rank = found[:LIMIT], key[2] if key and place else 0
    scored = rank + sum(one.score is not None for one in shown)
    return shown, rank, [shown[-1].score, shown[-1].application, scored] if len(found) > LIMIT else [], ""


def _key(after: str) -> tuple[float | None, str, int] | None:
    try:
        score, application, rank = json.loads(after)
    except (ValueError, TypeError):
        return None
    return (None if score is None else float(score)), str(application), int(rank)


def _facts(tx: Tx, job: Record) -> tuple[Fact, ...]:
    known = tx.families.records(job.workspace, words.referred([job]))
    names = (
        "status",
        "requisition",
        "department",
        "offices",
        "recruiters",
        "hiring_managers",
        "confidential",
        "opened_at",
        "closed_at",
        "normal_title",
    )
    facts = [
        Fact(
            words.label(Kind.JOB, name),
            words.shown(Kind.JOB, name, job.fields.get(name), known),
            f"/records/{job.id}/history?field={name}",
        )
        for name in names
        if job.fields.get(name) not in (None, "", ())
    ]
    if archived(job):
        facts.append(Fact(words.label(Kind.JOB, "archived"), True, f"/records/{job.id}/history?field=archived"))
    return tuple(facts)


def _rubric(tx: Tx, job: str) -> Rubric | None:
    newest = tx.scores.rubric(job)
    if newest is None:
        return None
    earlier = [tx.scores.rubric(job, version) for version in range(newest.version - 1, max(0, newest.version - 11), -1)]
    stale = sum(int(many) for _, many in tx.rows(sql.STALE, jobs=[job]))
    return Rubric(
        version=f"version {newest.version}",
        at=newest.at,
        parts=_parts(newest),
        stale=stale,
        earlier=tuple(Fact(f"version {one.version}", stamp(one.at)) for one in earlier if one is not None),
        note=str(newest.body.get("reason") or ""),
    )


def _parts(rubric: scores.Rubric) -> tuple[RubricPart, ...]:
    body = rubric.body
    skills = _maps(body.get("skills"))
    groups: dict[str, list[str]] = {}
    for skill in skills:
        groups.setdefault(str(skill.get("importance") or "asked for"), []).append(str(skill.get("label")))
    parts = [RubricPart(f"Skills, {name.replace('_', ' ')}", 0, tuple(some)) for name, some in groups.items()]
    years = body.get("years")
    if isinstance(years, int | float) and years:
        parts.append(RubricPart("Years of experience", 0, (f"{years:g} or more",)))
    tongues = _maps(body.get("languages"))
    if tongues:
        parts.append(RubricPart("Languages", 0, tuple(str(one.get("code")) for one in tongues)))
    conditions = _maps(body.get("conditions"))
    if conditions:
        parts.append(RubricPart("Place and eligibility, checked", 0, tuple(map(condition_words, conditions))))
    return tuple(parts)


def _maps(value: Value) -> list[Mapping[str, Value]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, tuple) else []

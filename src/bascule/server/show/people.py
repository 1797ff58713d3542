"""People who were found, as pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bascule.model import StageType, Value
from bascule.office.found import OUTCOMES, Counted, Filters, Past, Someone
from bascule.office.putting import Way
from bascule.office.rediscovery import Rediscovered
from bascule.office.search import Answer

from ..rendering import count, query
from ..views.candidate import Condition, NotePart, ScorePart
from ..views.parts import Choice, Fact, Link, Paging
from ..views.people import FilterForm, FoundPage, FoundRow, PastRow, PersonPage, SaidRow

LIMIT = 25
FOR_JOB = "/jobs/{}/people"
STATUS = {"active": "open", "hired": "hired", "rejected": "rejected", "withdrawn": "withdrawn"}


def filters_of(given: Mapping[str, str]) -> Filters:
    """The filters that a query gives. InputError says what is wrong with them."""
    within, quiet = (int(given[n]) if given.get(n, "").isdecimal() else None for n in ("within", "quiet"))
    return Filters(
        within, quiet, given.get("reached", ""), given.get("outcome", ""), given.get("reachable") == "yes",
        given.get("place", "").strip(), "",
    )  # fmt: skip


def asked_for(given: Mapping[str, str]) -> dict[str, str]:
    """What of a query stands in links."""
    names = ("q", "like", "within", "quiet", "reached", "outcome", "reachable", "place")
    return {name: given[name] for name in names if given.get(name)}


def form(filters: Filters) -> FilterForm:
    return FilterForm(
        within="" if filters.within is None else str(filters.within),
        quiet="" if filters.quiet is None else str(filters.quiet),
        reached=filters.reached,
        outcome=filters.outcome,
        reachable=filters.reachable,
        place=filters.place,
        stages=tuple(Choice(one, one.capitalize(), one == filters.reached) for one in StageType),
        outcomes=tuple(Choice(one, one.capitalize(), one == filters.outcome) for one in OUTCOMES),
        any=filters.any,
    )


def for_job(
    found: Rediscovered, filters: Filters, given: Mapping[str, str], after: int, *, may_fetch: bool = False
) -> FoundPage:
    """The list for a job."""
    path, base = FOR_JOB.format(found.job), asked_for(given)
    rows = tuple(row(one, f"{path}/{one.candidate}") for one in found.items)
    return FoundPage(
        rows=rows,
        paging=_paging(path, base, found.after, after, found.total),
        filters=form(filters),
        considered=found.counted.considered,
        left_out=left_out(found.counted),
        loading=loading(found.counted),
        job=found.job,
        title=found.title,
        reason=found.reason,
        reading=found.reading,
        unseen=found.unseen,
        here=found.here,
        unread=found.unread,
        fetching=found.fetching,
        may_fetch=may_fetch,
    )


def by_box(found: Answer, filters: Filters, given: Mapping[str, str], after: int) -> FoundPage:
    """Who the one box found."""
    asked = tuple(
        Fact(one.text, f"{one.kind}: {one.label}" if one.label else one.kind, note=f"said by {one.holders:,}")
        for one in found.asked
    )
    return FoundPage(
        rows=tuple(row(one, f"/candidates/{one.candidate}") for one in found.items),
        paging=_paging("/candidates", asked_for(given), found.after, after, None),
        filters=form(filters),
        considered=found.counted.considered,
        left_out=left_out(found.counted),
        loading=loading(found.counted),
        q=found.q,
        like=found.like,
        like_id=given.get("like", ""),
        asked=asked,
    )


def _paging(path: str, base: Mapping[str, str], next: int | None, after: int, total: int | None) -> Paging:
    return Paging(
        next=query(path, base, after=str(next)) if next is not None else "",
        first=query(path, base) if after else "",
        total=total,
        query=base,
        export=query("/people.csv" if path == "/candidates" else f"{path}.csv", base),
    )


def row(one: Someone, href: str) -> FoundRow:
    reasons = one.fit.get("reasons")
    past = tuple(map(past_row, one.past))
    return FoundRow(
        id=one.candidate,
        href=href,
        name=one.name,
        what=", ".join(filter(None, (one.title, one.company))),
        contact=one.contact,
        reach=one.reach,
        reachable=one.reachable,
        last=past[0] if past else None,
        more=max(0, len(past) - 1),
        notes=one.notes,
        alike=round(100 * one.alike),
        score=one.score,
        state=str(one.fit.get("reason") or "") if one.fit and one.score is None else "",
        reason=str(reasons[0]) if isinstance(reasons, tuple) and reasons else "",
        fresh=one.fresh,
        looked_at=one.looked_at,
        resume=one.resume,
        by_name=one.by_name,
        said=tuple(SaidRow(said.asked, said.label, said.quote, said.source) for said in one.said),
    )


def past_row(one: Past) -> PastRow:
    outcome = STATUS.get(one.status, one.status)
    return PastRow(
        one.title or "a job Bascule has not read", f"/jobs/{one.job}" if one.job else "", one.stage,
        f"{outcome}: {one.reason}" if one.reason else outcome, one.applied,
    )  # fmt: skip


def left_out(counted: Counted) -> tuple[Fact, ...]:
    return tuple(Fact(str(why), many) for why, many in counted.left_out.items())


def loading(counted: Counted) -> str:
    return "" if counted.loaded else f"{counted.people:,} of {count(counted.of, 'person', 'people')}"


def person(
    one: Someone, job: str, title: str, way: Way, *, parts: Sequence[ScorePart], notes: Sequence[NotePart],
    contact: Sequence[Fact], ats: Link | None, may_put: bool, conditions: Sequence[Condition] = (),
) -> PersonPage:  # fmt: skip
    """Somebody beside a job."""
    return PersonPage(
        job=job,
        title=title,
        id=one.candidate,
        name=one.name,
        row=row(one, ""),
        parts=tuple(parts),
        past=tuple(map(past_row, one.past)),
        notes=tuple(notes),
        contact=tuple(contact),
        may_put=may_put,
        system=way.system or way.connection,
        why=way.why,
        hint=way.hint,
        effect=way.effect,
        as_user=way.as_user,
        ats=ats,
        conditions=tuple(conditions),
    )


def text(value: Value) -> str:
    return value if isinstance(value, str) else ""

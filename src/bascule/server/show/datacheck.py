"""A data check as pages show it: the counts, and each finding as a list that shows what applying a remedy would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bascule.errors import NotFoundError
from bascule.model import Record
from bascule.office import datacheck
from bascule.office.datacheck import KEPT, MINUTES, OF_JOBS, DataChecks, Finding, Report
from bascule.office.remedies import FIELD, MENDS, Batch, Remedies, Remedy
from bascule.store import Tx

from ..rendering import count, query
from ..views.datacheck import BatchRow, CountRow, DataPage, FindingPage, FoundRow, RemedyRow
from ..views.parts import Fact, Paging
from . import review, words

LIMIT = 50
SAID: Mapping[Finding, tuple[str, str]] = {
    Finding.TWICE: ("Two objects of one person there", "Only one of the two is written to."),
    Finding.NO_FIRST_NAME: ("Without a first name", ""),
    Finding.NO_LAST_NAME: ("Without a last name", ""),
    Finding.NO_EMAIL: ("Without an e-mail address", "A duplicate of theirs is found by other signs only."),
    Finding.NO_PHONE: ("Without a telephone number", "A duplicate of theirs is found by other signs only."),
    Finding.STALE: ("No contact for two years", "Enrich them, or look at your retention: how long may they be kept?"),
    Finding.UNDATED: ("Nothing dated", "Nobody can say how old what is kept of them is."),
    Finding.TITLES: ("Titles to normalise", "Requisition numbers, marks of gender, shouting, short words."),
    Finding.SPELLINGS: ("One title, written in several ways", "Reports that count by title count these apart."),
    Finding.CLOSED: ("Closed over 90 days", "They fill lists in which nobody looks for them."),
    Finding.ARCHIVED: ("Archived here", "Left out of lists, and found by searching. One that opens again comes back."),
    Finding.CLOSED_UNDATED: ("Closed, nobody knows since when", "The system tells no date: nothing is proposed."),
}  # fmt: skip
ASSUMED: Mapping[str, str] = {
    "duplicate": "a pair that is in doubt",
    "gap": "a value the mapping does not know",
    "title": "a title",
    "requisition": "a closed requisition",
    "field": "a custom field",
}
EFFECTS: Mapping[Remedy, tuple[str, str, str]] = {
    Remedy.TITLES: ("Normalise", "title", "Each goes into a field of its own here. The title itself stays as it is."),
    Remedy.ARCHIVE: ("Archive", "requisition", "They leave the lists here and are found by searching."),
}


def page(tx: Tx, checks: DataChecks, remedies: Remedies, workspace: str, name: str, *, may: bool) -> DataPage:
    """The last check of a connection, and how far one is that goes on."""
    found, at = checks.told_in(tx, name), f"/connections/{name}/data"
    view = DataPage(name, found.ready, found.ended, found.going, found.looked_at, found.of, found.error, may=may, at=at)
    if found.ended is None:
        return view
    people = words.people(tx, workspace)
    candidates, jobs = found.count(datacheck.CANDIDATES), found.count(datacheck.JOBS)
    return replace(
        view,
        hours="under an hour" if found.hours < 1 else f"about {count(round(found.hours), 'hour')}",
        figures=_figures(found),
        remedies=_remedies(found, at),
        people=(
            CountRow("May be one person with another", found.count(datacheck.DUPLICATES), candidates, "/duplicates"),
            *_rows(found, at, candidates, jobs=False),
        ),
        jobs=_rows(found, at, jobs, jobs=True),
        custom=_custom(found, candidates, jobs),
        minutes=tuple(Fact(what.capitalize(), _hours(minutes)) for what, minutes in found.minutes.items() if minutes),
        assumed=tuple(Fact(ASSUMED[what], _minutes(minutes)) for what, minutes in MINUTES.items()),
        batches=tuple(_batch(one, people) for one in remedies.batches_in(tx, name)),
    )


def _figures(found: Report) -> tuple[Fact, ...]:
    return (
        Fact("Candidates", found.count(datacheck.CANDIDATES)),
        Fact("Jobs", found.count(datacheck.JOBS)),
        Fact("Pairs to decide", found.count(datacheck.DUPLICATES), href="/duplicates"),
        Fact("Mapping gaps", found.count(datacheck.GAPS), href=f"/mapping/{found.connection}"),
    )


def _remedies(found: Report, at: str) -> tuple[RemedyRow, ...]:
    certain = found.count(datacheck.CERTAIN)
    rows = [
        RemedyRow(
            f"Join {count(certain, 'pair')} that are hardly in doubt",
            "Both keep their history. Whether they are merged in the ATS too is asked for each.",
            certain,
            "/duplicates/certain",
            "Look at them",
        )
    ]
    for finding, remedy in MENDS.items():
        verb, noun, effect = EFFECTS[remedy]
        many = found.count(finding)
        rows.append(RemedyRow(f"{verb} {count(many, noun)}", effect, many, f"{at}/{finding}", "See what would change"))
    return tuple(row for row in rows if row.many)


def _rows(found: Report, at: str, of: int, *, jobs: bool) -> tuple[CountRow, ...]:
    return tuple(
        CountRow(said, many := found.count(one), of, f"{at}/{one}" if many else "", why)
        for one, (said, why) in SAID.items()
        if (one in OF_JOBS) is jobs
    )


def _custom(found: Report, candidates: int, jobs: int) -> tuple[CountRow, ...]:
    """Custom fields, the most used first; of applications nobody has counted how many there are."""
    of = {"candidate": candidates, "job": jobs}
    rows = sorted(found.custom.items(), key=lambda one: (-one[1], one[0]))
    return tuple(CountRow(name, many, of.get(name.partition(".")[0], 0)) for name, many in rows)


def _hours(minutes: float) -> str:
    return f"{minutes / 60:.1f} h" if minutes >= 6 else f"{minutes:.1f} min"


def _minutes(minutes: float) -> str:
    return f"{minutes:g} min"


def _batch(one: Batch, people: Mapping[str, str]) -> BatchRow:
    said = "normalised" if one.remedy is Remedy.TITLES else "archived"
    noun = EFFECTS[one.remedy][1]
    return BatchRow(one.id, f"{count(one.jobs, noun)} {said}", one.at, people.get(one.actor, one.actor))


# ------------------------------------------------------------------------------------------------------ one finding


def finding(
    tx: Tx, checks: DataChecks, remedies: Remedies, name: str, of: str, after: str, *, may: bool
) -> FindingPage:
    """Whom or what a check found, and what a remedy for it would change. NotFoundError if there is no such finding."""
    if of not in set(Finding):
        raise NotFoundError("There is no such finding.", hint="The page of the data check lists them.")
    kind, at = Finding(of), f"/connections/{name}/data"
    found = checks.told_in(tx, name)
    ids, records = checks.listed_in(tx, name, kind, after, LIMIT) if found.ended is not None else ([], [])
    remedy, total = MENDS.get(kind), found.count(kind)
    rows = tuple(_found(record, remedies, remedy) for record in records)
    following = query(f"{at}/{kind}", {}, after=ids[-1]) if len(ids) == LIMIT else ""
    verb, noun, effect = EFFECTS[remedy] if remedy else ("", "job" if kind in OF_JOBS else "candidate", "")
    return FindingPage(
        name=name,
        title=SAID[kind][0],
        what=noun,
        total=total,
        rows=rows,
        paging=Paging(next=following, first=f"{at}/{kind}" if after else "", total=total),
        why=SAID[kind][1],
        remedy=str(remedy or ""),
        button=f"{verb} {count(total, noun)}" if remedy else "",
        effect=effect,
        kept=KEPT if total > KEPT else 0,
        may=may,
        at=at,
    )


def _found(record: Record, remedies: Remedies, remedy: Remedy | None) -> FoundRow:
    """One of them. Where it was mended meanwhile, that stands as it is."""
    before, after = "", ""
    if remedy is not None:
        change = remedies.change(record, remedy)
        now = words.text(record.fields.get(FIELD[remedy])) if record.fields.get(FIELD[remedy]) else ""
        if remedy is Remedy.TITLES:
            before, after = now, str(change.value) if change else ""
        else:
            closed = words.moment(record.fields.get("closed_at"))
            before = f"closed {closed.day} {closed:%b %Y}" if closed else "closed"
            after = "archived" if change else ""
    return FoundRow(
        words.title(record) or "name removed", review.subject_href(record), words.place_of(record), before, after
    )

"""Candidates: the list, and the page of one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from bascule.engine.connections import Connected
from bascule.errors import NotFoundError
from bascule.match.eligibility import OTHERWISE, SAID
from bascule.model import (
    OURS,
    ActorKind,
    Family,
    FamilyState,
    Fields,
    Kind,
    Link,
    Mode,
    Record,
    RecordState,
    Status,
    Value,
    WriteState,
)
from bascule.office.changes import effect_of
from bascule.office.decisions import reasons_at
from bascule.office.rubrics import condition_words
from bascule.store import Tx, scores
from bascule.store.codec import stamp
from bascule.store.corrections import Correction
from bascule.store.lanes import NEVER
from bascule.store.queries import END, Delay, Moment
from bascule.store.queries import CandidateRow as StoredRow

from ..rendering import query
from ..views.candidate import (
    ApplicationPart,
    CandidateList,
    CandidatePage,
    CandidateRow,
    Condition,
    Corrected,
    Editable,
    Joined,
    Moves,
    NotePart,
    Quote,
    Reason,
    Score,
    ScorePart,
)
from ..views.parts import Choice, Fact, Need, Paging, State, Tone
from ..views.timeline import Moment as Line
from . import failure, review, sql, timeline, words
from .timeline import Names

LIMIT = 50
LATEST = 6  # changes on a candidate's page
PORTION, FARTHEST = 60, 600  # of what happened that are looked through for them
LETTER = "E-mail sent: "  # how the note of a message begins
NEWEST = 1 << 62
EDITABLE = ("first_name", "last_name", "preferred_name", "emails", "phones", "company", "title")
MANY = ("emails", "phones")
GAINS = 5
NOBODY: Mapping[str, str] = {}


# ------------------------------------------------------------------------------------------------------- the list


def page_of(tx: Tx, workspace: str, *, q: str = "", sort: str, after: str) -> CandidateList:
    """Candidates by name, or those that changed last. `after` is the key of the last row of the page before."""
    total = tx.pages.count_candidates(workspace)
    by_name = sort == "name" or bool(q.strip())
    key = _key(after)
    if by_name:
        found = tx.pages.candidates(workspace, search=q, after=key, limit=LIMIT + 1)
    else:
        found = _recent(tx, workspace, key)
    rows = found[:LIMIT]
    last = rows[-1] if rows else None
    more = ""
    if last is not None and len(found) > LIMIT:
        place = [last.place if by_name else str(stamp(last.updated)), last.record]
        more = query("/candidates", {"q": q, "sort": sort, "after": json.dumps(place)})
    return CandidateList(
        _rows(tx, workspace, rows),
        Paging(
            sort="name" if by_name else "changed",
            descending=not by_name,
            next=more,
            first=query("/candidates", {"q": q, "sort": sort}) if after else "",
            total=None if q.strip() else total,
            query={"q": q},
            export=query("/candidates.csv", {"q": q, "sort": sort}),
        ),
        q=q,
        total=total,
    )


def _key(after: str) -> tuple[str, str]:
    try:
        first, second = json.loads(after)
    except (ValueError, TypeError):
        return "", ""
    return str(first), str(second)


def _recent(tx: Tx, workspace: str, key: tuple[str, str]) -> list[StoredRow]:
    updated, record = (int(key[0]), key[1]) if key[0].isdigit() else (NEWEST, END)
    rows = tx.rows(sql.RECENT, workspace=workspace, updated=updated, record=record, limit=LIMIT + 1)
    return tx.pages.shown(workspace, rows)


def _rows(tx: Tx, workspace: str, found: Sequence[StoredRow]) -> tuple[CandidateRow, ...]:
    if not found:
        return ()
    wanted = {id for row in found for a in row.applications[:1] for id in (a.job, a.stage, a.record) if id}
    known = tx.families.records(workspace, wanted)
    families = sorted({row.family for row in found})
    writes: dict[str, dict[str, int]] = {}
    for family, state, many in tx.rows(sql.OPEN_WRITES, families=families):
        writes.setdefault(family, {})[state] = many
    reviews = {family: int(many) for family, many in tx.rows(sql.OPEN_REVIEWS, families=families)}
    rows: list[CandidateRow] = []
    for row in found:
        first = row.applications[0] if row.applications else None
        state = words.in_step(writes.get(row.family, {}), reviews.get(row.family, 0))
        application = known.get(first.record) if first else None
        rows.append(
            CandidateRow(
                id=row.record,
                name=row.name,
                job=words.title(known.get(first.job or "")) if first else "",
                place=words.mark(known.get(first.job or "")) if first else "",
                job_id=first.job or "" if first else "",
                stage=words.title(known.get(first.stage or "")) if first else "",
                status=first.status if first else "",
                score=first.score if first else None,
                ai=str(application.fields.get("ai_status") or "") if application else "",
                more=max(0, len(row.applications) - 1),
                changed=row.updated,
                state=None if state.tone is Tone.IN_STEP else state,
            )
        )
    return tuple(rows)


# ---------------------------------------------------------------------------------------------------- one of them


Acting = Callable[[str], str]
"""connection id -> the ATS user the signed-in person is there ("" for none)."""


def page(
    tx: Tx,
    workspace: str,
    id: str,
    *,
    may_decide: bool,
    may_erase: bool = False,
    connected: Callable[[str], Connected | None],
    acts_as: Acting,
    promise: str,
) -> CandidatePage:
    """One candidate. NotFoundError if there is none, or it is an alias of nobody."""
    family, record = _found(tx, workspace, id)
    known = {**tx.families.records(workspace, words.referred(family.records.values())), **family.records}
    names = Names(words.connection_names(tx, workspace), words.people(tx, workspace), known)
    applications = sorted(
        (r for r in family.children(record.id, Kind.APPLICATION) if r.state is RecordState.LIVE),
        key=lambda r: (
            r.fields.get("status") != Status.ACTIVE,
            -(words.moment(r.fields.get("applied_at")) or r.born).timestamp(),
        ),
    )
    scored = tx.scores.of_all([one.id for one in applications])
    erased = record.state is not RecordState.LIVE or family.state is not FamilyState.LIVE
    return CandidatePage(
        id=record.id,
        name=words.title(record),
        state=_state(family, record, tx.pages.delays(family.id)),
        contact=_contact(record),
        editable=() if erased else tuple(_editable(record)),
        tags=_texts(record.fields.get("tags")),
        tags_why=f"/records/{record.id}/history?field=tags",
        applications=tuple(
            _application(tx, one, family, names, scored.get(one.id, []), may_decide, connected, acts_as, erased)
            for one in applications
        ),
        notes=tuple(_notes(family, record, names)),
        files=tuple(
            Fact(words.title(one), str(one.fields.get("type") or ""), f"/records/{one.id}/history")
            for one in family.children(record.id, Kind.ATTACHMENT)
            if one.state is RecordState.LIVE
        ),
        cv_read=not erased and _was_read(tx, family, record),
        links=tuple(_links(family, record, connected)),
        latest=_latest(tx, family, names),
        reviews=(*_refused(family, connected), *(review.need(one) for one in _reviews(family))),
        note_delay=promise,
        joined=tuple(_joined(tx, family, record, names)),
        erased=erased,
        may_erase=may_erase and family.state is FamilyState.LIVE,
        family=family.id,
        base=json.dumps({name: _plain(record.fields.get(name)) for name in EDITABLE}),
    )


def _was_read(tx: Tx, family: Family, record: Record) -> bool:
    """Whether the text of a CV of theirs is kept."""
    return bool(tx.stored.of_all([one.id for one in family.children(record.id, Kind.ATTACHMENT)], "text"))


def _latest(tx: Tx, family: Family, names: Names) -> tuple[Line, ...]:
    """The newest changes. What else has happened lies between them (a hire brings dozens of calls), so it is read on,
    as far as that is worth."""
    homes, raw, before = tx.pages.homes(family), list[Moment](), NEVER
    while True:
        some = tx.pages.timeline(*homes, before=before, limit=PORTION)
        raw += some
        lines = timeline.lines(raw, family, names)
        told = [one for one in lines if one.changes and not _echo(raw[int(one.id)], family)]
        if len(told) >= LATEST or len(some) < PORTION or len(raw) >= FARTHEST:
            return tuple(told[:LATEST])
        before = some[-1].at


def _echo(moment: Moment, family: Family) -> bool:
    """Whether an account has only shown us a note that is our own."""
    line = moment.history
    note = family.records.get(moment.record or "") if line is not None and line.connection else None
    return note is not None and note.kind is Kind.NOTE and note.origin == OURS


def _joined(tx: Tx, family: Family, record: Record, names: Names) -> list[Joined]:
    return [
        Joined(
            id,
            words.title(family.records[id]) or "name removed",
            words.actor(line.actor, names.people),
            line.at,
            undo=line.actor.kind is not ActorKind.SYSTEM,
        )
        for id, line in tx.pages.merges(family).items()
        if family.records[id].merged_into == record.id
    ]


def after_of(path: str) -> str:
    """The place that a next page's path starts from."""
    return parse_qs(urlsplit(path).query).get("after", [""])[0]


def of_application(tx: Tx, workspace: str, id: str) -> str:
    """The candidate of an application of this workspace. NotFoundError if there is none."""
    record = tx.families.records(workspace, [id]).get(id)
    if record is None or record.kind is not Kind.APPLICATION or record.parent is None:
        raise NotFoundError(
            "There is no such application.",
            hint="It may have been deleted in the ATS. Search by name under Candidates.",
        )
    return record.parent


def must_hold(tx: Tx, workspace: str, id: str, child: str) -> None:
    """NotFoundError unless the record belongs to that candidate of this workspace."""
    family, _ = _found(tx, workspace, id)
    if child not in family.records:
        raise NotFoundError("There is no such note.", hint="Somebody may have removed it already.")


def family_of(tx: Tx, workspace: str, id: str) -> str:
    """The family of a candidate of this workspace. NotFoundError if there is none."""
    return _found(tx, workspace, id)[0].id


def name_of(tx: Tx, workspace: str, id: str) -> str:
    """How a candidate of this workspace is called. NotFoundError if there is none."""
    return words.title(_found(tx, workspace, id)[1])


def _found(tx: Tx, workspace: str, id: str) -> tuple[Family, Record]:
    family_id = tx.families.record_family(id)
    family = tx.families.family(family_id) if family_id else None
    record = family.records.get(id) if family else None
    if family is None or record is None or family.workspace != workspace or record.kind is not Kind.CANDIDATE:
        raise NotFoundError(
            "There is no such candidate.",
            hint="It may have been erased, or the link is cut short. Search by name under Candidates.",
        )
    return family, family.records[family.survivor(id)]


def _refused(family: Family, connected: Callable[[str], Connected | None]) -> Iterator[Need]:
    """Writes that will not succeed by themselves, each with a way to its page."""
    for write in family.writes.values():
        if write.state is WriteState.DEAD:
            at = connected(write.connection)
            maps = {write.connection: [one for some in at.view.fields.values() for one in some]} if at else {}
            what = failure.what(write, family.records.get(write.record), maps)
            said = f"Not done: {what[:1].lower()}{what[1:]}. {words.sentence(write.why)}"
            yield Need(said, "", f"/failures/{write.id}", write.closed or write.at, Tone.FAILING)


def _reviews(family: Family) -> list[review.OpenReview]:
    return [review.OpenReview(one, family.id, "") for one in family.reviews.values() if one.state == "open"]


def _state(family: Family, record: Record, delays: Mapping[str, Delay]) -> State:
    if family.state is not FamilyState.LIVE:
        return State("Being erased" if family.state is FamilyState.ERASING else "Erased", Tone.PAUSED)
    if record.state is not RecordState.LIVE:
        return State(str(record.state).capitalize(), Tone.QUIET)
    states: dict[str, int] = {}
    for write in family.writes.values():
        states[write.state] = states.get(write.state, 0) + 1
    linked = any(link.record == record.id and link.open for link in family.links.values())
    state = words.in_step(states, len(_reviews(family)), linked)
    held = next((w.why for w in family.writes.values() if w.state is WriteState.HELD), "")
    if state.tone is Tone.PAUSED:
        return replace(state, why=held)
    late = {w.connection for w in family.writes.values() if w.state in (WriteState.DUE, WriteState.SENT)}
    said = [words.sentence(delays[one].why) for one in sorted(late & delays.keys())]
    return replace(state, why=" ".join([state.why, *said])) if state.tone is Tone.CATCHING_UP else state


def _contact(record: Record) -> tuple[Fact, ...]:
    found: list[Fact] = []
    for name in (
        "emails",
        "phones",
        "first_name",
        "last_name",
        "preferred_name",
        "links",
        "title",
        "company",
        "can_email",
    ):
        value = record.fields.get(name)
        if value in (None, "", ()) and name not in ("emails", "phones"):
            continue
        found.append(Fact(words.label(Kind.CANDIDATE, name), value, f"/records/{record.id}/history?field={name}"))
    custom = record.fields.get("custom")
    if isinstance(custom, Mapping) and custom:
        found += [
            Fact(str(key).replace("_", " ").capitalize(), value, f"/records/{record.id}/history?field=custom")
            for key, value in sorted(custom.items())
            if value not in (None, "", ())
        ]
    return tuple(found)


def _editable(record: Record) -> list[Editable]:
    found: list[Editable] = []
    for name in EDITABLE:
        value = record.fields.get(name)
        many = name in MANY
        text = "\n".join(_texts(value)) if many else ("" if value is None else str(value))
        found.append(Editable(name, words.label(Kind.CANDIDATE, name), text, many))
    return found


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, tuple) else ()


def _plain(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value


def _notes(family: Family, record: Record, names: Names) -> list[NotePart]:
    notes = [one for one in family.children(record.id, Kind.NOTE) if one.state is RecordState.LIVE]
    notes.sort(key=_written, reverse=True)
    return [_note(one, family, names) for one in notes]


def _written(note: Record) -> datetime:
    return words.moment(note.fields.get("created_at")) or note.born


def _note(note: Record, family: Family, names: Names) -> NotePart:
    source = note.sources.get("body")
    author = names.records.get(str(note.fields.get("author") or ""))
    actor = words.actor(source.actor, names.people) if source else ""
    machine = source is not None and source.actor.kind is ActorKind.AI
    ours = note.origin == OURS
    pending = [w for w in family.writes.values() if w.record == note.id]
    states: dict[str, int] = {}
    for write in pending:
        states[write.state] = states.get(write.state, 0) + 1
    state = words.in_step(states, 0) if states else None
    return NotePart(
        id=note.id,
        # The ATS names its service user as the author of what we wrote there.
        author=(actor if ours else words.title(author) or actor) or "somebody in the ATS",
        at=_written(note),
        body=str(note.fields.get("body") or ""),
        visibility=str(note.fields.get("visibility") or ""),
        origin="Bascule" if ours else names.connection(note.origin) or "the ATS",
        by_machine=machine,
        state=state,
        letter=ours and str(note.fields.get("body") or "").startswith(LETTER),
        removable=ours and not machine,
    )


def _links(family: Family, record: Record, connected: Callable[[str], Connected | None]) -> list[Fact]:
    found: list[Fact] = []
    for link in family.links.values():
        at = connected(link.connection)
        if link.record != record.id or not link.open or at is None or at.connector.user_url is None:
            continue
        settings = {key: str(value) for key, value in at.row.settings.items()} | {"base_url": at.row.base_url}
        href = at.connector.user_url(settings, link.kind, link.external)
        if web_address(href):
            found.append(Fact(at.connector.label, f"Open in {at.connector.label}", href=href))
    return found


# ------------------------------------------------------------------------------------------------- an application


def _application(
    tx: Tx,
    one: Record,
    family: Family,
    names: Names,
    kept: Sequence[scores.Score],
    may_decide: bool,
    connected: Callable[[str], Connected | None],
    acts_as: Acting,
    erased: bool,
) -> ApplicationPart:
    fields = one.fields
    job = names.records.get(str(fields.get("job") or ""))
    why = f"/records/{one.id}/history?field="
    return ApplicationPart(
        id=one.id,
        job=words.title(job) or "a job Bascule has not read yet",
        place=words.place_of(job),
        job_href=f"/jobs/{job.id}" if job else "",
        stage=words.title(names.records.get(str(fields.get("stage") or ""))),
        status=str(fields.get("status") or ""),
        applied=words.moment(fields.get("applied_at")) or one.born,
        facts=tuple(
            Fact(
                words.label(Kind.APPLICATION, name),
                words.shown(Kind.APPLICATION, name, value, names.records),
                why + name,
            )
            for name, value in told(fields)
            if value not in (None, "", ())
        ),
        score=score(one, kept, family, tx.corrections.of([one.id]).get(one.id, []), names.people),
        moves=Moves() if erased else moves(tx, one, family, job, may_decide, connected, acts_as),
        pending=_pending(one, family),
        stage_why=why + "stage",
    )


def told(fields: Fields) -> Iterator[tuple[str, Value]]:
    """An application's fields, what each AI tool says of it one by one."""
    for name, value in fields.items():
        if name == "tools" and isinstance(value, Mapping):
            yield from ((f"tools.{said}", each) for said, each in sorted(value.items()))
        else:
            yield name, value


def _pending(one: Record, family: Family) -> State | None:
    for write in family.writes.values():
        if write.record != one.id or write.actor.kind is not ActorKind.PERSON:
            continue
        if write.state in words.PENDING:
            return State("Waiting for the ATS to confirm", Tone.CATCHING_UP)
        if write.state is WriteState.DEAD:
            return State("The ATS refused it", Tone.FAILING, None, write.why)
        break
    return None


def score(
    one: Record,
    kept: Sequence[scores.Score],
    family: Family,
    corrected: Sequence[Correction] = (),
    people: Mapping[str, str] = NOBODY,
) -> Score | None:
    """The newest score, with its parts and what they quote; None where there is none and none is coming."""
    status = str(one.fields.get("ai_status") or "")
    why = f"/records/{one.id}/history?field=match_score"
    if not kept:
        return Score(None, None, "", "", state=State(status.capitalize(), Tone.QUIET), why=why) if status else None
    newest = kept[0]
    body = newest.body
    reason = str(body.get("reason") or "")
    job = f"/jobs/{newest.job}#rubric"
    return Score(
        total=newest.score,
        at=newest.at,
        rubric=f"version {newest.version}",
        rubric_href=job,
        stale=newest.stale,
        state=State(
            status.capitalize() or "Not scored", Tone.QUIET if newest.score is None else Tone.IN_STEP, newest.at, reason
        ),
        parts=tuple(score_part(part) for part in maps(body.get("parts")) if part.get("weight")),
        skills=tuple({str(skill.get("id")): str(skill.get("label")) for skill in maps(body.get("skills"))}.items()),
        conditions=conditions(body),
        weighed=any(part.get("key") == "conditions" and part.get("weight") for part in maps(body.get("parts"))),
        gains=_gains(body),
        corrected=tuple(
            Corrected(
                each.id, words.correction(each.kind, each.label), each.quote, words.actor(each.actor, people), each.at
            )
            for each in corrected
        ),
        flags=tuple(_flag(flag) for flag in maps(body.get("flags"))),
        written=_written_state(one, family),
        why=why,
        explained=_explained(body),
        explained_by=str(_map(body.get("explained")).get("model") or ""),
        extracted=_extracted(_map(body.get("extracted"))),
        extracted_by=str(_map(body.get("extracted")).get("model") or ""),
    )


def _explained(body: Fields) -> tuple[Reason, ...]:
    return tuple(
        Reason(str(one.get("text")), tuple(map(Quote, _texts(one.get("quotes")))))
        for one in maps(_map(body.get("explained")).get("sentences"))
    )


def _extracted(found: Mapping[str, Value]) -> tuple[Reason, ...]:
    positions = tuple(
        Reason(
            ", ".join(filter(None, (str(one["title"]), str(one["employer"]), _when(one)))), (Quote(str(one["quote"])),)
        )
        for one in maps(found.get("positions"))
    )
    skills = tuple(Reason(str(one["name"]), (Quote(str(one["quote"])),)) for one in maps(found.get("skills")))
    return positions + skills


def _when(position: Mapping[str, Value]) -> str:
    if not position["first"]:
        return ""
    return f"{position['first']} to {'now' if position['current'] else position['last']}"


def _map(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, Mapping) else {}


def maps(value: Value) -> list[Mapping[str, Value]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, tuple) else []


def _tenths(value: Value) -> float:
    return float(value) / 10 if isinstance(value, int | float) else 0.0


def score_part(part: Mapping[str, Value]) -> ScorePart:
    reasons = tuple(
        Reason(
            str(reason.get("text")),
            (
                Quote(
                    str(reason["quote"]),
                    "" if reason.get("source") in ("resume", None) else f"answer: {reason['source']}",
                ),
            )
            if reason.get("quote")
            else (),
            *_mark(reason),
        )
        for reason in maps(part.get("reasons"))
    )
    missing = _texts(part.get("missing"))
    if missing:
        reasons += (Reason(f"Not found: {', '.join(missing)}"),)
    return ScorePart(
        str(part.get("name")), _tenths(part.get("points")), _tenths(part.get("weight")), reasons, str(part.get("key"))
    )


def conditions(body: Fields) -> tuple[Condition, ...]:
    """Place and eligibility, as a score keeps them."""
    return tuple(_condition(one) for one in maps(body.get("conditions")))


def _condition(one: Mapping[str, Value]) -> Condition:
    said, reason = str(one.get("said")), _map(one.get("reason"))
    where = "" if reason.get("source") in ("resume", None) else f"answer: {reason['source']}"
    return Condition(
        condition_words(one),
        said.capitalize(),
        {SAID: Tone.IN_STEP, OTHERWISE: Tone.WAITING}.get(said, Tone.QUIET),
        (Quote(str(reason["quote"]), where),) if reason.get("quote") else (),
        str(one.get("lives") or ""),
    )


def _mark(reason: Mapping[str, Value]) -> tuple[str, int, int]:
    """What a person would say is wrong in a reason: a skill, or a passage of the resume."""
    if reason.get("about"):
        return str(reason["about"]), -1, -1
    start, end = reason.get("start"), reason.get("end")
    if reason.get("source") in ("resume", None) and isinstance(start, int) and isinstance(end, int):
        return "", start, end
    return "", -1, -1


def _gains(body: Fields) -> tuple[tuple[str, float], ...]:
    """What would raise the score most, each by itself."""
    found = [
        (str(gain.get("what")), _tenths(gain.get("tenths")))
        for part in maps(body.get("parts"))
        for gain in maps(part.get("gains"))
    ]
    return tuple(sorted(found, key=lambda gain: (-gain[1], gain[0]))[:GAINS])


def _flag(flag: Mapping[str, Value]) -> str:
    where = f" ({flag['where']})" if flag.get("where") else ""
    return f"{flag.get('kind')}: {flag.get('what')}{where}"


def _written_state(one: Record, family: Family) -> State | None:
    mine = [w for w in family.writes.values() if w.record in (one.id, one.parent) and w.actor.kind is ActorKind.AI]
    if any(w.state is WriteState.DEAD for w in mine):
        return State("Not in the ATS", Tone.FAILING)
    if any(w.state is WriteState.HELD for w in mine):
        return State("Held", Tone.PAUSED, None, next(w.why for w in mine if w.state is WriteState.HELD))
    if mine:
        return State("On its way", Tone.CATCHING_UP)
    if any(link.record == one.id and link.open for link in family.links.values()):
        return State("In the ATS", Tone.IN_STEP)
    return None


# -------------------------------------------------------------------------------------------------- what a person may


def moves(
    tx: Tx,
    one: Record,
    family: Family,
    job: Record | None,
    may_decide: bool,
    connected: Callable[[str], Connected | None],
    acts_as: Acting,
) -> Moves:
    """What a person may do with an application, as whom, and what the system may do besides."""
    link = next((x for x in family.links.values() if x.record == one.id and x.primary and x.open), None)
    at = connected(link.connection) if link else None
    if link is None or at is None:
        return Moves()
    system = at.connector.label
    settings = {key: str(value) for key, value in at.row.settings.items()} | {"base_url": at.row.base_url}
    ats = _page_there(at, family, link, settings)
    elsewhere = Moves(system=system, ats=ats)
    if one.fields.get("status") != Status.ACTIVE:
        return replace(elsewhere, instead=f"This application is {one.fields.get('status') or 'closed'}.")
    if not may_decide:
        return replace(elsewhere, instead="Your role may not decide here.")
    if at.row.mode is not Mode.LIVE:
        return replace(elsewhere, instead=f"The connection is in {at.row.mode}, so decisions are made in {system}.")
    external = acts_as(at.id)
    if not external:
        return replace(
            elsewhere,
            instead=f"You are not mapped to a {system} user, so decisions are made there. Settings has the mapping.",
        )
    maps = at.view.fields.get(Kind.APPLICATION, ())
    move = next((each for each in maps if "stage" in each.canonical and each.call), None)
    reject = next((each for each in maps if "reason" in each.canonical and each.call), None)
    user = next((r for r in _users(tx, one.workspace, at.id, external)), None)
    return Moves(
        stages=_stages(tx, one, job) if move else (),
        reasons=tuple(Choice(*each) for each in reasons_at(tx, one.workspace, at.id)) if reject else (),
        as_user=words.title(user) or f"user {external}",
        system=system,
        move_effect=effect_of(at, "stage"),
        reject_effect=effect_of(at, "reason"),
        ats=ats,
    )


def _page_there(at: Connected, family: Family, link: Link, settings: Mapping[str, str]) -> str:
    """The page a person sees in the system: the application's own, else its candidate's."""
    if at.connector.user_url is None:
        return ""
    above = next(
        (x for x in family.links.values() if x.connection == at.id and x.kind is Kind.CANDIDATE and x.open), None
    )
    found = [at.connector.user_url(settings, one.kind, one.external) for one in (link, above) if one]
    return next((url for url in found if web_address(url)), "")


def web_address(url: str) -> bool:
    """Whether a page may link there: https, or this machine."""
    return url.startswith(("https://", "http://127.0.0.1", "http://localhost"))


def _users(tx: Tx, workspace: str, connection: str, external: str) -> list[Record]:
    found = tx.families.resolve(connection, [(Kind.USER, external)]).get((Kind.USER, external))
    return list(tx.families.records(workspace, [found.record]).values()) if found else []


def _stages(tx: Tx, one: Record, job: Record | None) -> tuple[Choice, ...]:
    if job is None:
        return ()
    stages = [
        stage
        for stage in tx.families.family(job.family).children(job.id, Kind.STAGE)
        if stage.state is RecordState.LIVE and stage.fields.get("active") is not False
    ]
    stages.sort(key=words.place)
    return tuple(Choice(stage.id, words.title(stage), stage.id == one.fields.get("stage")) for stage in stages)

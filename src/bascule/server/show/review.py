"""What waits for a person, and how it can be decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bascule.core import bulk
from bascule.core.erasure import ANONYMISED, FOLLOW
from bascule.core.reviews import ABOUT_TWO, ANSWERS, APPROVE, DECLINE, LEAVE, TAKE_THEIRS, WRITE_OURS, named
from bascule.errors import NotFoundError
from bascule.hiring.enriching import NAMES
from bascule.hiring.resumes import answers_in
from bascule.model import ActorKind, Family, Kind, Record, Review, ReviewKind, ReviewState, Value, enriches
from bascule.office.changes import DECISIONS
from bascule.office.decisions import why_asked
from bascule.store import Tx
from bascule.store.queries import END, OpenReview

from ..rendering import query
from ..views.candidate import Moves
from ..views.parts import Fact, Need, Paging, State, Tone
from ..views.review import Alike, Answer, Letter, ReviewList, ReviewPage, ReviewRow
from . import sql, words

LIMIT = 50
MANY = 1000
JOINED = "The two records are joined and both keep their history. It can be undone on the candidate's page."
HEADLINES: Mapping[ReviewKind, str] = {
    ReviewKind.PROPOSAL: "A change waits for approval",
    ReviewKind.CONFLICT: "Both sides changed",
    ReviewKind.IDENTITY: "May be somebody we know",
    ReviewKind.MERGE: "Two records may be one person",
    ReviewKind.DUPLICATE: "One person, two records in the ATS",
    ReviewKind.HELD_WRITE: "A write is held",
    ReviewKind.FROZEN: "A value keeps coming back",
    ReviewKind.REFUSED: "The ATS does not keep a value",
    ReviewKind.LOST_CREATE: "Nobody knows whether it was created",
    ReviewKind.GONE: "Gone in the ATS, or back again",
    ReviewKind.VISIBILITY: "No longer shown to us: hidden there, or deleted",
    ReviewKind.BULK: "One cause would change very many records",
    ReviewKind.GAP: "A value nobody knows yet",
    ReviewKind.MESSAGE: "A message waits to be sent",
    ReviewKind.REPLY: "A candidate has answered",
    ReviewKind.SHORTLIST: "Somebody to show to a hiring manager",
    ReviewKind.FEEDBACK: "An interviewer has written",
}
DECIDED_BY_LINK = frozenset({ReviewKind.MESSAGE, ReviewKind.PROPOSAL, ReviewKind.SHORTLIST})
HIDDEN = frozenset(
    {"message", "to", "from", "subject", "text", "template", "base", "proposed", "seen", "ours", "theirs"}
    | {"cause", "records", "families", "other", "certain", "interview"}
)
"""Details that are shown otherwise, or say nothing to a person."""
SAID: Mapping[str, str] = {
    "external": "Its id in the ATS",
    "into": "Merged there into",
    "known": "Known there as",
    "shared": "They share",
    "turns": "How it went back and forth",
    "because": "Why it waits",
    "until": "To be done by",
    "for": "For",
    "interviewer": "In the name of",
    "redacted": "Without name and contact data",
}
QUESTIONS: Mapping[ReviewKind, str] = {
    ReviewKind.PROPOSAL: "Should this change be made?",
    ReviewKind.CONFLICT: "Which value is right?",
    ReviewKind.IDENTITY: "Is this the same person?",
    ReviewKind.MERGE: "Are these the same person?",
    ReviewKind.FROZEN: "Should Bascule write this again?",
    ReviewKind.REFUSED: "Which value should stand?",
    ReviewKind.LOST_CREATE: "Should it be created again? Look in the ATS first.",
    ReviewKind.GONE: "Should it be brought back?",
    ReviewKind.DUPLICATE: "Should the two become one in the ATS too?",
    ReviewKind.BULK: "Should all of these be changed?",
    ReviewKind.MESSAGE: "Should this be sent?",
    ReviewKind.REPLY: "Has what it asks for been done?",
    ReviewKind.SHORTLIST: "Should the hiring manager see them?",
    ReviewKind.FEEDBACK: "Is this feedback about this interview?",
    ReviewKind.VISIBILITY: "Is this hidden in the ATS, or deleted? Look there.",
}
NOT_SHOWN = (
    "Asked for it by its id, the ATS says that there is none: it is deleted, or hidden from our user. The two are told "
    "apart only where the ATS tells of a deletion by itself; a deletion without a word reads exactly as this."
)

ERASE_ALL = "Should all of these people be erased?"


def headline(review: Review) -> str:
    """One line: what happened, to which value."""
    words_of = "Very many people were anonymised in the ATS" if _erases(review) else HEADLINES[review.kind]
    return (
        f"{words_of}: {words.LABELS.get(review.field, review.field.replace('_', ' ')).lower()}"
        if review.field
        else words_of
    )


def need(one: OpenReview) -> Need:
    return Need(headline(one.review), one.name, f"/review/{one.review.id}", one.review.at)


def row(one: OpenReview, records: Mapping[str, Record], names: Mapping[str, str]) -> ReviewRow:
    record = records.get(one.review.record or "")
    return ReviewRow(
        id=one.review.id,
        kind=one.review.kind,
        what=headline(one.review),
        subject=one.name or words.title(record),
        subject_href=subject_href(record),
        connection=names.get(one.review.connection or "", ""),
        at=one.review.at,
        state=one.review.state,
    )


def subject_href(record: Record | None) -> str:
    """The page of a record, or of what it belongs to."""
    if record is None:
        return ""
    if record.kind is Kind.CANDIDATE:
        return f"/candidates/{record.id}"
    if record.kind is Kind.JOB:
        return f"/jobs/{record.id}"
    return f"/records/{record.id}"


def page_of(tx: Tx, workspace: str, kind: str, connection: str, before: str) -> ReviewList:
    """The open ones, the newest first."""
    names = words.connection_names(tx, workspace)
    at = next((id for id, name in names.items() if name == connection), connection)
    found = tx.pages.reviews(workspace, kind=kind, connection=at, before=before or END, limit=LIMIT + 1)
    wanted = found[:LIMIT]
    records = tx.families.records(workspace, {one.review.record for one in wanted if one.review.record})
    kinds = tuple((str(name), int(many)) for name, many in tx.rows(sql.REVIEW_KINDS, workspace=workspace))
    more = ""
    if len(found) > LIMIT:
        more = query("/review", {"kind": kind, "connection": connection, "before": wanted[-1].review.id})
    total = sum(many for _, many in kinds)
    return ReviewList(
        tuple(row(one, records, names) for one in wanted),
        kinds,
        Paging(next=more, first="/review" if before else "", total=None),
        kind,
        total,
        sum(many for name, many in kinds if name in ABOUT_TWO),
    )


Deciding = Callable[[Record, Family], Moves]
"""What the signed-in person may decide about an application, and what its system may do besides."""


def one_of(tx: Tx, workspace: str, id: str, deciding: Deciding) -> ReviewPage:
    """One item with both sides, evidence and what each answer would do. NotFoundError if there is none."""
    found = tx.pages.review(workspace, id)
    if found is None:
        raise NotFoundError("There is no such item to review.", hint="The list under Review shows what is open.")
    review = found.review
    family = tx.families.families([found.family]).get(found.family)
    record = family.records.get(review.record or "") if family else None
    person = tx.pages.names([found.family]).get(found.family, "")
    connections, people = words.connection_names(tx, workspace), words.people(tx, workspace)
    records = {record.id: record} if record else {}
    kind = record.kind if record else Kind.CANDIDATE
    known = tx.families.records(workspace, _ids(review.detail.values()))
    sides = tuple(_sides(review, kind, record, known))
    alike = tuple(_alike(tx, workspace, review, record)) if review.kind in ABOUT_TWO else ()
    decision = kind is Kind.APPLICATION and review.field in DECISIONS and record and family
    moves = deciding(record, family) if decision and record and family else None
    following = next((one for one in tx.pages.reviews(workspace, limit=2) if one.review.id != id), None)
    return ReviewPage(
        row=row(replace(found, name=person), records, connections),
        question=_question(review),
        sides=sides,
        evidence=_asked(tx, workspace, review)
        + _known(record, review)
        + tuple(
            Fact(SAID.get(name) or name.replace("_", " ").capitalize(), value)
            for name, value in review.detail.items()
            if name not in HIDDEN and not name.startswith("_")
        )
        + _where_found(tx, review)
        + ((Fact("What is known", NOT_SHOWN),) if review.kind is ReviewKind.VISIBILITY else ())
        if review.kind is not ReviewKind.BULK
        else _bulk(tx, workspace, review, connections),
        alike=alike,
        letter=_letter(review),
        answers=_which(answers(review, connections.get(review.connection or "", "the ATS"), moves), alike),
        instead=moves.instead if moves else "",
        ats=moves.ats if moves else "",
        system=moves.system if moves else "",
        actor=words.actor(review.actor, people),
        decided=_decided(review, people),
        why=f"/records/{review.record}/history" + (f"?field={review.field}" if review.field else "")
        if review.record
        else "",
        next=f"/review/{following.review.id}" if following else "/review",
    )


def _where_found(tx: Tx, review: Review) -> tuple[Fact, ...]:
    """Of what enrichment proposes: each value with where it comes from, and how sure it is."""
    if not enriches(review.actor) or review.record is None:
        return ()
    mine = [one.found for one in tx.found.of([review.record]) if one.review == review.id]
    return tuple(
        Fact(
            f"From {NAMES.get(one.source, one.source)}{' of ' + one.seen if one.seen else ''}",
            one.value,
            note=f"{round(100 * one.confidence)} % sure" + (f": “{one.quote}”" if one.quote else ""),
        )
        for one in mine
    )


def _question(review: Review) -> str:
    if _erases(review):
        return ERASE_ALL
    if (review.kind, review.field) == (ReviewKind.PROPOSAL, "status"):
        return "Should this application be rejected?"
    return QUESTIONS.get(review.kind, HEADLINES[review.kind] + ".")


def _asked(tx: Tx, workspace: str, review: Review) -> tuple[Fact, ...]:
    """Why it is asked, where the item does not say: the rule behind it, with its reason."""
    if review.kind not in (ReviewKind.PROPOSAL, ReviewKind.SHORTLIST) or review.detail.get("because"):
        return ()
    said = why_asked(tx, workspace, review, tx.triggers.behind(review.id))
    return (Fact("Because", said),) if said else ()


def _known(record: Record | None, review: Review) -> tuple[Fact, ...]:
    """What is known of an application about which something is to be decided, as the link by which somebody decides
    shows it too: its score with reasons, what hiring managers have said, what the candidate has answered."""
    if record is None or record.kind is not Kind.APPLICATION or review.kind not in DECIDED_BY_LINK:
        return ()
    score, reasons = record.fields.get("match_score"), record.fields.get("match_reasons")
    facts: list[Fact] = []
    if isinstance(score, (int, float)) and not isinstance(score, bool):
        facts.append(Fact("Match score", f"{score:g} of 100: how much of what the job asks for the CV shows"))
    if isinstance(reasons, tuple) and reasons:
        facts.append(Fact("Reasons", "; ".join(str(one) for one in reasons[:5])))
    if said := record.fields.get("manager_feedback"):
        facts.append(Fact("Hiring managers", said))
    facts += [Fact(question, answer) for question, answer in answers_in(record.fields).items()]
    return tuple(facts)


def erases(tx: Tx, workspace: str, id: str) -> bool:
    """Whether answering an open item may erase people: only who may erase answers it."""
    found = tx.pages.review(workspace, id)
    return found is not None and _erases(found.review)


def _erases(review: Review) -> bool:
    return review.kind is ReviewKind.BULK and review.detail.get("cause") == ANONYMISED


def _bulk(tx: Tx, workspace: str, review: Review, connections: Mapping[str, str]) -> tuple[Fact, ...]:
    """Who would change how many records where, and how much of it is held now."""
    kind, _, who = str(review.detail.get("cause")).partition(":")
    there, at = connections.get(review.connection or "", "the ATS"), review.connection or ""
    if _erases(review):
        return (
            Fact("Cause", f"anonymised in {there}"),
            Fact("Would erase", "these people here and in every other connected system, for good"),
            Fact("Wait for an answer", f"{tx.tasks.count(workspace, FOLLOW, f'{at}|')} people"),
            Fact(
                "Limit", f"{bulk.limit(tx.bulk.records(at))}: the greater of {bulk.LEAST} and 1 % of the records there"
            ),
        )
    cause = f"somebody in {connections.get(who, who)}" if kind == ActorKind.SYSTEM else f"the rule {who}"
    found = [Fact("Cause", cause), Fact("Would change", f"records in {there}")]
    if "changed" in review.detail:
        found.append(Fact("Seen when it was held", f"{review.detail['changed']} people and jobs within ten minutes"))
    held = tx.bulk.holding(at, limit=MANY + 1)
    found.append(Fact("Held now", f"{len(held)} people and jobs" if len(held) <= MANY else f"more than {MANY}"))
    found.append(_limit(tx, at))
    return tuple(found)


def _letter(review: Review) -> Letter | None:
    if review.kind not in (ReviewKind.MESSAGE, ReviewKind.REPLY, ReviewKind.FEEDBACK):
        return None
    said = {name: str(review.detail.get(name) or "") for name in ("to", "from", "subject", "text")}
    may_change = review.kind is ReviewKind.MESSAGE and review.state is ReviewState.OPEN
    return Letter(said["to"] or said["from"], said["subject"], said["text"], may_change)


def _limit(tx: Tx, at: str) -> Fact:
    limit = bulk.limit(tx.bulk.records(at))
    return Fact("Limit", f"{limit}: the greater of {bulk.LEAST} and 1 % of the records there")


def _alike(tx: Tx, workspace: str, review: Review, record: Record | None) -> list[Alike]:
    """The records in question, its own first: what each is known by."""
    others = tx.families.records(workspace, named(review))
    return [
        Alike(
            one.id,
            words.title(one) or "name removed",
            subject_href(one),
            tuple(
                Fact(words.label(one.kind, name), words.shown(one.kind, name, one.fields.get(name), {}))
                for name in ("emails", "phones", "links", "title", "company", "created_at")
                if one.fields.get(name) not in (None, "", ())
            ),
        )
        for one in (record, *others.values())
        if one is not None
    ]


def _which(said: tuple[Answer, ...], alike: Sequence[Alike]) -> tuple[Answer, ...]:
    """Where it may be one of several, each of them is an answer of its own."""
    if len(alike) <= 2:
        return said
    many = [replace(said[0], words=f"Same person as {one.name}", choice=one.id, primary=False) for one in alike[1:]]
    return (*many, *said[1:])


def _ids(values: object) -> set[str]:
    found: set[str] = set()
    for value in values:  # type: ignore[attr-defined]
        if isinstance(value, str) and len(value) == 36:
            found.add(value)
        elif isinstance(value, Mapping):
            found |= _ids(value.values())
    return found


def _sides(review: Review, kind: Kind, record: Record | None, known: Mapping[str, Record]) -> list[Fact]:
    def say(value: Value) -> Value:
        if isinstance(value, Mapping) and set(value) == {review.field}:
            value = value[review.field]
        return words.shown(kind, review.field, value, known) if review.field else value

    found: list[Fact] = []
    detail = review.detail
    if "base" in detail:
        found.append(Fact("When last settled" if review.kind is ReviewKind.CONFLICT else "Now", say(detail["base"])))
    for name in ("seen", "theirs"):
        if name in detail:
            found.append(Fact("In the ATS", say(detail[name])))
            break
    if "proposed" in detail:
        found.append(Fact("Proposed", say(detail["proposed"]), note="proposed"))
    elif "ours" in detail:
        found.append(Fact("In Bascule", say(detail["ours"]), note="proposed"))
    elif record is not None and review.field and review.kind in (ReviewKind.CONFLICT, ReviewKind.REFUSED):
        found.append(Fact("In Bascule", say(record.fields.get(review.field)), note="proposed"))
    return found


def answers(review: Review, system: str, moves: Moves | None = None) -> tuple[Answer, ...]:
    """What may be answered, and what each does. `moves` is given where it decides about an application."""
    said: dict[str, Answer] = {
        TAKE_THEIRS: Answer(TAKE_THEIRS, "Take theirs", f"Bascule takes the value of {system}.", True),
        WRITE_OURS: Answer(WRITE_OURS, "Write ours", f"Bascule's value is written to {system}."),
        LEAVE: Answer(LEAVE, "Leave it", "Both sides stay as they are, and the difference stays listed."),
        APPROVE: Answer(APPROVE, *_APPROVE.get(review.kind, ("Approve", "It is done in your name.")), primary=True),
        DECLINE: Answer(DECLINE, "Decline", "Nothing changes, and it is not asked again unless something changes."),
    }
    if review.kind in ABOUT_TWO:
        two = "They stay two records, and it is not asked again."
        said[DECLINE] = Answer(DECLINE, "Different people", two)
    if review.kind is ReviewKind.BULK:
        kept = f"Nothing of it is written to {system}. What differs stays listed on each record's page."
        said[DECLINE] = Answer(DECLINE, "Refuse all of it", kept)
    if _erases(review):
        gone = "Each is erased here and in every other connected system, with a certificate. There is no way back."
        said[APPROVE] = Answer(APPROVE, "Erase all of them", gone, primary=True)
        said[DECLINE] = Answer(DECLINE, "Erase nobody", "They stay as they are known here. Erase single ones by hand.")
    allowed = ANSWERS.get(review.kind, (APPROVE, DECLINE, LEAVE))
    if moves is not None:
        done = f"Done in {moves.system} as {moves.as_user}. {moves.move_effect if review.field == 'stage' else ''}"
        for name in (APPROVE, WRITE_OURS):
            said[name] = replace(said[name], effect=done.strip())
        if review.field == "status":
            said[APPROVE] = replace(
                said[APPROVE], words="Reject", primary=False, danger=True, asks="Reason", options=moves.reasons,
                effect=f"{done.strip()} {moves.reject_effect}".strip(),
            )  # fmt: skip
        if moves.instead:
            allowed = tuple(name for name in allowed if name not in (APPROVE, WRITE_OURS))
    return tuple(said[name] for name in allowed)


_APPROVE: Mapping[ReviewKind, tuple[str, str]] = {
    ReviewKind.IDENTITY: ("Same person", JOINED),
    ReviewKind.MERGE: ("Same person", JOINED),
    ReviewKind.FROZEN: ("Write again", "Bascule writes this value again when it changes."),
    ReviewKind.LOST_CREATE: ("Create it again", "It is created once more. If the first one did land, there are two."),
    ReviewKind.GONE: ("Bring it back", "It is met anew, or created again in the ATS."),
    ReviewKind.BULK: ("Release all of it", "Everything held is written to the system above, in the usual order."),
    ReviewKind.DUPLICATE: (
        "Merge them in the ATS",
        "By its own call where it has one, for good. Else merge them there by hand: this ends by itself.",
    ),
    ReviewKind.HELD_WRITE: ("Send it", "It is written to the ATS in your name."),
    ReviewKind.MESSAGE: ("Send it", "It leaves by e-mail in your name, and is noted in the ATS."),
    ReviewKind.SHORTLIST: ("Show them", "They join the manager's list, whose link goes to the manager by e-mail."),
    ReviewKind.FEEDBACK: ("Keep it", "It is kept as feedback and noted in the ATS, in the interviewer's name."),
    ReviewKind.REPLY: ("Done", "The task ends. What the candidate wrote stays in the ATS."),
}


def _decided(review: Review, people: Mapping[str, str]) -> State | None:
    if review.state is ReviewState.OPEN:
        return None
    who = words.actor(review.decided_by, people) if review.decided_by else "nobody"
    tone = Tone.QUIET if review.state is ReviewState.LAPSED else Tone.IN_STEP
    return State(
        str(review.state).capitalize(),
        tone,
        review.decided_at,
        f"By {who}. {words.sentence(review.answer.replace('_', ' '))}".strip(),
    )

"""The lenses connectors are made of: one vendor field, and how it reads as canonical fields and back.

Every builder gives a `FieldMap` that keeps the laws of the design: `parse(render(r), r)` is `r`, and a value that
already renders to what was seen is kept, so that a fold is no change.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bascule.model import (
    CANCELLED,
    EMPTY,
    OURS,
    SCHEDULED,
    Authority,
    Direction,
    Family,
    FieldMap,
    Fields,
    Json,
    Kind,
    Record,
    RecordState,
    Refs,
    Status,
    Unmappable,
    Value,
    Waits,
)

Shown = Callable[[Record], Value]
"""One canonical value of an application, in the vendor's terms."""


# ----------------------------------------------------------------------------------------------------- what is not kept

NEVER_KEPT = (
    "photo_url", "race", "gender", "veteran_status", "disability_status", "ethnicity", "demographic_answers", "eeoc",
    "pronouns", "date_of_birth", "national_id", "ssn", "social_security_number",
)  # fmt: skip
SENSITIVE = re.compile(
    r"gender|\brace\b|ethnic|disabilit|veteran|sexual|religio|birth|\bage\b|nationalit|national.?id|pronoun|\bssn\b"
    r"|social.?security",
    re.IGNORECASE,
)
"""Keys that no system's answer is kept with (`Reads.drop`), and names of customers' own fields that are not either."""


# ----------------------------------------------------------------------------------------------------------- normal


def plain(value: Value) -> Value:
    """Text compares without surrounding space; nothing and the empty text are one."""
    return (value.strip() or None) if isinstance(value, str) else value


def prose(value: Value) -> Value:
    """Long text compares by its words: systems fold line ends and spaces."""
    return (" ".join(value.split()) or None) if isinstance(value, str) else value


def number(value: Value) -> Value:
    """Numbers compare as numbers, also where a system gives them as text."""
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", value):
        value = float(value)
    return round(float(value), 4) if isinstance(value, (int, float)) and not isinstance(value, bool) else plain(value)


def moment(value: Value) -> Value:
    """Times compare as instants; what is no time compares as text."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)", value):
        return datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    return plain(value)


def instant(value: object) -> datetime | None:
    """An ISO-8601 time with its zone; None for anything else."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def without_query(value: Value) -> Value:
    """Signed addresses compare without their signature, which is new in every answer."""
    return value.split("?")[0] if isinstance(value, str) else value


def fold(text: str) -> str:
    """Names of things fold to what is the same in any spelling."""
    return text.strip().casefold()


def phone(element: str) -> str:
    """A phone number folds to its digits, a leading plus and an extension."""
    return re.sub(r"[^\d+x;]", "", element.casefold()) or fold(element)


def freeze(value: object) -> Value:
    """What `json.loads` gave, as a value: lists become tuples."""
    if isinstance(value, Mapping):
        return {str(key): freeze(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(freeze(inner) for inner in value)
    return value if isinstance(value, (str, int, float, bool)) else None


def pick(raw: Json, *keys: str) -> dict[str, Value]:
    """What an object shows under these keys; one that is missing is unseen, one that is null is seen empty."""
    return {key: freeze(raw[key]) for key in keys if key in raw}


def ids(raw: Json, *keys: str) -> dict[str, Value]:
    """The same for references to other objects: ids are text."""
    return {key: ident(raw[key]) for key in keys if key in raw}


def many(value: Json) -> list[Json]:
    """One, none or several alike, as XML shows them."""
    return value if isinstance(value, list) else [] if value is None else [value]


def decoded(value: Json) -> bytes:
    """A file that came as base64; what is none is taken for an empty one."""
    try:
        return base64.b64decode("".join(str(value or "").split()), validate=True)
    except ValueError:
        return b""


def ident(value: Json) -> str | None:
    """An external id as text."""
    return None if value is None else str(value)


def from_base64(text: str) -> bytes:
    """The bytes of a file that stands in an answer; what is no base64 in it is passed over."""
    return base64.b64decode(text.encode("ascii", "ignore") + b"==")


# ----------------------------------------------------------------------------------------------------------- lenses


def scalar(
    kind: Kind,
    name: str,
    canonical: str = "",
    *,
    call: str = "",
    direction: Direction | None = None,
    normal: Callable[[Value], Value] = plain,
    label: str = "",
    type: str = "text",
    note: str = "",
) -> FieldMap:
    """The value as it is. Inward only, unless a call writes it or a creation carries it (`direction`)."""
    of = canonical or name
    return FieldMap(
        kind,
        name,
        (of,),
        render=lambda record, family, refs: record.fields.get(of),
        parse=lambda seen, record, refs: {of: _kept(seen, record.fields.get(of), normal)},
        direction=direction or (Direction.BOTH if call else Direction.IN),
        call=call,
        normal=normal,
        label=label,
        type=type,
        note=note,
    )


def _kept(seen: Value, held: Value, normal: Callable[[Value], Value]) -> Value:
    return held if held is not None and normal(held) == normal(seen) else seen


def full_name(kind: Kind, name: str, *, call: str = "", label: str = "", note: str = "") -> FieldMap:
    """First and last name in one text there. What is read is parted before its last word; who we know already under
    these very words keeps the parts we have."""

    def render(record: Record, family: Family, refs: Refs) -> Value:
        held = (record.fields.get("first_name"), record.fields.get("last_name"))
        return " ".join(one.strip() for one in held if isinstance(one, str) and one.strip()) or None

    def parse(seen: Value, record: Record, refs: Refs) -> Fields:
        held = {each: record.fields.get(each) for each in ("first_name", "last_name")}
        if prose(seen) == prose(render(record, _NO_FAMILY, refs)):
            return held
        first, _, last = str(prose(seen) or "").rpartition(" ")
        return {"first_name": first or None, "last_name": last or None}

    return FieldMap(
        kind, name, ("first_name", "last_name"), render, parse, call=call, normal=prose,
        direction=Direction.BOTH if call else Direction.IN, label=label or "full name", type="text", note=note,
    )  # fmt: skip


def elements(
    kind: Kind,
    name: str,
    canonical: str,
    *,
    call: str = "",
    whole: bool = False,
    single: bool = False,
    fold: Callable[[str], str] = fold,
    label: str = "",
    type: str = "list of text",
    note: str = "",
) -> FieldMap:
    """A set of texts, in the system's own folding; our spelling of an element stays while it folds to the same."""

    def parse(seen: Value, record: Record, refs: Refs) -> Fields:
        ours = {fold(one): one for one in texts(record.fields.get(canonical))}
        theirs = {fold(one): one for one in texts(seen)}
        return {canonical: tuple(ours.get(key, one) for key, one in sorted(theirs.items()))}

    return FieldMap(
        kind,
        name,
        (canonical,),
        render=lambda record, family, refs: texts(record.fields.get(canonical)),
        parse=parse,
        direction=Direction.BOTH if call else Direction.IN,
        call=call,
        is_set=True,
        whole=whole,
        single=single,
        fold=fold,
        label=label,
        type=type,
        note=note,
    )


def texts(value: Value) -> tuple[str, ...]:
    """A set's elements; nothing is the empty set."""
    return tuple(str(one) for one in value if one is not None) if isinstance(value, tuple) else ()


def choice(
    kind: Kind,
    name: str,
    canonical: str,
    words: Mapping[str, str],
    back: Mapping[str, str] = EMPTY,
    *,
    call: str = "",
    direction: Direction | None = None,
    label: str = "",
    note: str = "",
) -> FieldMap:
    """The vendor's word for ours: `words` is theirs -> ours, `back` adds words of ours that fold to one of theirs.

    A word nobody listed is a gap, never a guess.
    """
    out = {ours: theirs for theirs, ours in words.items()} | dict(back)

    def render(record: Record, family: Family, refs: Refs) -> Value:
        held = record.fields.get(canonical)
        return out.get(str(held), str(held)) if held is not None else None

    def parse(seen: Value, record: Record, refs: Refs) -> Fields | Unmappable:
        if seen is None or seen == render(record, _NO_FAMILY, refs):
            return {canonical: record.fields.get(canonical) if seen is not None else None}
        if str(seen) not in words:
            return Unmappable(str(seen), f"this connector knows {', '.join(sorted(words))}")
        return {canonical: words[str(seen)]}

    return FieldMap(
        kind,
        name,
        (canonical,),
        render=render,
        parse=parse,
        direction=direction or (Direction.BOTH if call else Direction.IN),
        call=call,
        label=label,
        type="choice",
        note=note,
    )


_NO_FAMILY = Family("", "", Kind.CANDIDATE, 0, "")


def reference(
    connection: str,
    kind: Kind,
    name: str,
    canonical: str,
    of: Kind,
    *,
    call: str = "",
    direction: Direction | None = None,
    label: str = "",
    note: str = "",
    needed: bool = True,
) -> FieldMap:
    """Another object's id. Outward it waits until that record is linked there (not `needed`: it is left out, where that
    record is another system's); inward an unknown id is a gap."""

    def render(record: Record, family: Family, refs: Refs) -> Value | Waits:
        held = record.fields.get(canonical)
        if not isinstance(held, str):
            return None
        return refs.external.get((connection, held)) or (Waits(of, held) if needed else None)

    def parse(seen: Value, record: Record, refs: Refs) -> Fields | Unmappable:
        if seen is None:
            return {canonical: None}
        found = refs.record.get((connection, of, str(seen)))
        return {canonical: found} if found else Unmappable(str(seen), f"this {of} has not been read yet")

    return FieldMap(
        kind,
        name,
        (canonical,),
        render=render,
        parse=parse,
        direction=direction or (Direction.BOTH if call else Direction.IN),
        call=call,
        normal=_as_text,
        label=label,
        type=f"{of} id",
        note=note,
    )


def _as_text(value: Value) -> Value:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def withdrawal(reason: FieldMap, theirs: str) -> FieldMap:
    """A rejection reason that says "they rejected us" makes the rejection a withdrawal, where a system keeps one status
    for both. `theirs`: the type such reasons have."""
    plain = reason.parse

    def parse(seen: Value, record: Record, refs: Refs) -> Fields | Unmappable:
        found = plain(seen, record, refs)
        if isinstance(found, Unmappable) or found["reason"] in (None, record.fields.get("reason")):
            return found
        known = refs.records.get(str(found["reason"]))
        withdrew = known is not None and known.fields.get("type") == theirs
        return {**found, "status": "withdrawn"} if withdrew and record.fields.get("status") == "rejected" else found

    return FieldMap(
        reason.kind, reason.name, ("reason", "status"), reason.render, parse, call=reason.call, normal=reason.normal,
        label="rejection reason", type=reason.type, note=f"A reason of the type {theirs} reads as withdrawn.",
    )  # fmt: skip


def references(
    connection: str, kind: Kind, name: str, canonical: str, of: Kind, *, call: str = "", label: str = "", note: str = ""
) -> FieldMap:
    """Several objects' ids; one that has not been read yet is a gap. Inward only, unless a call writes them: then it
    waits until each is linked there."""

    def render(record: Record, family: Family, refs: Refs) -> Value | Waits:
        held = texts(record.fields.get(canonical))
        there = {one: external for one in held if (external := refs.external.get((connection, one)))}
        away = next((one for one in held if one not in there), None) if call else None
        return Waits(of, away) if away is not None else tuple(there[one] for one in held if one in there)

    def parse(seen: Value, record: Record, refs: Refs) -> Fields | Unmappable:
        ids = texts(seen)
        known = tuple(found for one in ids if (found := refs.record.get((connection, of, one))))
        missing = [one for one in ids if (connection, of, one) not in refs.record]
        return Unmappable(missing[0], f"this {of} has not been read yet") if missing else {canonical: known}

    return FieldMap(
        kind,
        name,
        (canonical,),
        render=render,
        parse=parse,
        direction=Direction.BOTH if call else Direction.IN,
        call=call,
        normal=lambda value: tuple(sorted(texts(value))),
        label=label,
        type=f"list of {of} ids",
        note=note,
    )


def booked(name: str, call: str, scheduled: str, cancelled: str) -> FieldMap:
    """The status of an interview, and how the system says that one of ours is to take place, or is cancelled."""
    words = {SCHEDULED: scheduled, CANCELLED: cancelled}

    def render(record: Record, family: Family, refs: Refs) -> Value:
        held = record.fields.get("status")
        return words.get(str(held), held)

    def parse(seen: Value, record: Record, refs: Refs) -> Fields:
        held = record.fields.get("status")
        if record.origin == OURS and seen == cancelled:
            return {"status": CANCELLED}
        return {"status": held if held is not None and words.get(str(held), held) == seen else seen}

    return FieldMap(
        Kind.INTERVIEW, name, ("status",), render, parse, call=call, type="choice",
        note="Any other word than for taking place and cancelled is the system's own.",
    )  # fmt: skip


BOOKED_HERE = "Choose both to have interviews that are booked here made there; until then they are notes."


def chosen(field: FieldMap, note: str) -> FieldMap:
    """A field that, with the others of its call, goes out only where the owner has chosen so."""
    return replace(field, opt_in=True, note=f"{field.note} {note}".strip())


def document(kind: Kind, name: str, canonical: str, *, label: str = "", note: str = "") -> FieldMap:
    """A mapping shown as it is, inward only."""
    return scalar(kind, name, canonical, normal=freeze, label=label, type="document", note=note)


# ------------------------------------------------------------------------------------------ what Bascule adds there


def output(
    kind: Kind,
    name: str,
    canonical: str,
    render: Callable[[Record, Family, Refs], Value],
    *,
    call: str,
    normal: Callable[[Value], Value] = prose,
    is_set: bool = False,
    label: str = "",
    type: str = "",
    note: str = "",
    missing: bool = False,
) -> FieldMap:
    """A field that Bascule created there (or will, if `missing`) and alone writes: it only goes out."""
    return FieldMap(
        kind,
        name,
        (canonical,),
        render=render,
        parse=lambda seen, record, refs: {},
        direction=Direction.OUT,
        authority=Authority.OURS,
        call=call,
        is_set=is_set,
        normal=normal,
        label=label,
        type=type,
        created=True,
        missing=missing,
        note=note,
    )


def of_application(shown: Shown) -> Callable[[Record, Family, Refs], Value]:
    """Rendered on the application itself."""
    return lambda record, family, refs: shown(record)


def of_newest(shown: Shown) -> Callable[[Record, Family, Refs], Value]:
    """Rendered on the candidate: the value of the newest open application (of the newest, when none is open)."""

    def render(record: Record, family: Family, refs: Refs) -> Value:
        one = newest(record, family, shown)
        return shown(one) if one is not None else None

    return render


def job_of_newest(shown: Shown) -> Callable[[Record, Family, Refs], Value]:
    """Rendered on the candidate: the job whose value `of_newest` shows."""

    def render(record: Record, family: Family, refs: Refs) -> Value:
        one = newest(record, family, shown)
        return job_title(one, refs)[:255] if one is not None else None

    return render


def of_all(shown: Shown) -> Callable[[Record, Family, Refs], Value]:
    """Rendered on the candidate: every application's job and value, so that no application overwrites another."""

    def render(record: Record, family: Family, refs: Refs) -> Value:
        lines: list[str] = []
        for one in applications(record, family):
            value = shown(one)
            if value is not None:
                text = str(value)
                lines.append(f"{job_title(one, refs)}:{chr(10) if chr(10) in text else ' '}{text}")
        return "\n".join(lines) or None

    return render


def applications(candidate: Record, family: Family) -> list[Record]:
    """A candidate's applications, the newest first."""
    mine = [one for one in family.children(candidate.id, Kind.APPLICATION) if one.state is RecordState.LIVE]
    return sorted(
        mine, key=lambda one: (str(one.fields.get("applied_at") or one.born.isoformat()), one.id), reverse=True
    )


def is_open(application: Record) -> bool:
    return application.fields.get("status") in (None, Status.ACTIVE)


def newest(candidate: Record, family: Family, shown: Shown) -> Record | None:
    """The newest open application that has such a value, else the newest one that has."""
    valued = [one for one in applications(candidate, family) if shown(one) is not None]
    return next((one for one in valued if is_open(one)), valued[0] if valued else None)


def job_title(application: Record, refs: Refs) -> str:
    job = refs.records.get(str(application.fields.get("job")))
    return str(job.fields.get("title") or "a job") if job is not None else "a job"


# ---------------------------------------------------------------------------------- canonical outputs, in plain text


def value_of(canonical: str, limit: int = 0) -> Shown:
    """A value as the vendor takes it; text at most `limit` characters."""

    def shown(record: Record) -> Value:
        value = record.fields.get(canonical)
        if isinstance(value, str):
            return (value[:limit] if limit else value).strip() or None
        return value if isinstance(value, (int, float)) else None

    return shown


def lines_of(canonical: str) -> Shown:
    """A list as bulleted lines."""
    return lambda record: "\n".join(f"• {one}" for one in texts(record.fields.get(canonical))) or None


def commas_of(canonical: str) -> Shown:
    """A set as one line."""
    return lambda record: ", ".join(sorted(texts(record.fields.get(canonical)), key=str.casefold)) or None


def answers_of(canonical: str) -> Shown:
    """Questions and answers, a bulleted line each: no answer can look like another output's line."""

    def shown(record: Record) -> Value:
        held = record.fields.get(canonical)
        lines = (
            [f"• {asked}: {' '.join(str(answer).split())}" for asked, answer in held.items()]
            if isinstance(held, Mapping)
            else []
        )
        return "\n".join(lines) or None

    return shown


SHOWN = {
    "match_score": value_of("match_score"),
    "match_reasons": lines_of("match_reasons"),
    "match_skills": commas_of("match_skills"),
    "experience_title": value_of("experience_title", 255),
    "experience_employer": value_of("experience_employer", 255),
    "experience_years": value_of("experience_years"),
    "ai_status": value_of("ai_status", 255),
    "audit_reference": value_of("audit_reference", 255),
    "shortlist_link": value_of("shortlist_link"),
    "screening_status": value_of("screening_status", 255),
    "screening_answers": answers_of("screening_answers"),
    "manager_feedback": value_of("manager_feedback"),
}
"""The canonical outputs of an application, each as a custom field of text or number takes it."""


TOP_TEN = "Top 10 %: "  # how the tags that Bascule sets begin


def top_ten(candidate: Record, family: Family, refs: Refs) -> Value:
    """One tag for each open application among the best ten percent of its job."""
    best = [one for one in applications(candidate, family) if one.fields.get("top_ten") and is_open(one)]
    return tuple(sorted({f"{TOP_TEN}{job_title(one, refs)[:100]}" for one in best}))


# ------------------------------------------------------------------------------------------------------- marks of ours

MARKER = re.compile(r"\bref (bsc-[0-9a-f]{16})\s*$")


def reference_line(marker: str) -> str:
    """The line that a note of ours ends in, by which a creation whose answer was lost is found."""
    return f"ref {marker}"


def marked(body: str) -> tuple[str, str]:
    """(a note's text, the mark of ours that it ends in)"""
    at = body.rfind("ref bsc-")
    found = MARKER.search(body, at) if at >= 0 else None
    return (body[: found.start()].rstrip(), found[1]) if found else (body, "")

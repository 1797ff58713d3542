"""Is this someone we already know? Strong keys, names, and what may be concluded from them without a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from bascule.core.bind import marker
from bascule.core.digest import elements
from bascule.core.draft import Context, Draft
from bascule.model import (
    BASCULE,
    EMPTY,
    Family,
    FieldMap,
    Kind,
    Part,
    Record,
    RecordState,
    Refs,
    Review,
    ReviewKind,
    ReviewState,
    Unmappable,
    Value,
)


@dataclass(frozen=True, slots=True)
class Prospect:
    """A record the stranger might be: found by a shared strong key, by a marker, or as an open create there.

    `linked`: it has a link, live or gone, at the stranger's connection. `attempt`: its open create there.
    """

    family: str
    record: Record
    linked: bool = False
    attempt: str = ""
    keys: frozenset[str] = field(default_factory=lambda: frozenset[str]())


@dataclass(frozen=True, slots=True)
class Join:
    """It is that record: plan the read in that family, naming it in `joins`."""

    family: str
    record: str


@dataclass(frozen=True, slots=True)
class Bind:
    """It is what an open create of ours made: plan the read in that family, which binds it by its marker."""

    family: str
    attempt: str


@dataclass(frozen=True, slots=True)
class Secondary:
    """Our marker on a further object of a record that has one there: plan it in that family, naming it in `joins`."""

    family: str
    record: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """A new record. With a review when it may be somebody we know: put it into the new family before planning."""

    review: Review | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Nobody can tell yet: read it again, not before `after`."""

    after: datetime
    why: str


Recognition: TypeAlias = Join | Bind | Secondary | Stranger | Later


# ------------------------------------------------------------------------------------------------------------ keys


def keys(record: Record) -> tuple[str, ...]:
    """The strong keys of a record, each of one person only: a candidate's e-mails and phones, a user's e-mail."""
    if record.state is not RecordState.LIVE:
        return ()
    if record.kind == Kind.USER:
        mails = elements(record.fields.get("email"))
        return tuple(sorted({f"email:{m}" for m in map(email, mails) if m}))
    if record.kind != Kind.CANDIDATE:
        return ()
    mails = {f"email:{m}" for m in map(email, elements(record.fields.get("emails"))) if m}
    phones = {f"phone:{p}" for p in map(phone, elements(record.fields.get("phones"))) if p}
    return (*sorted(mails), *sorted(phones))


def keys_of(family: Family, record: Record) -> tuple[str, ...]:
    """The keys by which a record of this family is known: its own, and those of all who were merged into it, or into
    one of these."""
    merged = [
        r for r in family.records.values() if r.state is RecordState.MERGED and family.survivor(r.id) == record.id
    ]
    before = (key for one in merged for key in keys(replace(one, state=RecordState.LIVE)))
    return tuple(dict.fromkeys((*keys(record), *before)))


def claims(draft: Draft, *, settled: bool = False) -> tuple[str, ...]:
    """The strong keys of a new root, or of one whose keys have changed. A suspected duplicate claims nothing until a
    person has answered (`settled`): then its keys are its own, whoever else holds them."""
    root = draft.root()
    if root is None or any(
        r.kind is ReviewKind.IDENTITY and r.state is ReviewState.OPEN for r in draft.reviews.values()
    ):
        return ()
    before = draft.before.records.get(root.id)
    mine = keys(root)
    return () if before is not None and not settled and keys(before) == mine else mine


def email(text: str) -> str:
    """An address as it is compared: trimmed and lower case; "" when it is none."""
    folded = text.strip().casefold()
    return folded if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", folded) else ""


def phone(text: str) -> str:
    """A number in international form, digits after a plus; "" when the country is not given, for then it is weak."""
    kept = re.sub(r"[^\d+]", "", text.split(";")[0].split("x")[0])
    kept = f"+{kept[2:]}" if kept.startswith("00") else kept
    digits = kept[1:]
    return kept if kept.startswith("+") and digits.isdigit() and 8 <= len(digits) <= 15 else ""


def fields_of(part: Part, maps: Sequence[FieldMap], refs: Refs) -> Mapping[str, Value]:
    """The canonical fields a part shows, read into no record; what cannot be parsed is left out."""
    record = Record("", "", part.kind, "", None, EMPTY, EMPTY, "", datetime.min)
    found: dict[str, Value] = {}
    for each in maps:
        if each.name not in part.seen or part.seen[each.name] is None:
            continue
        parsed = each.parse(part.seen[each.name], record, refs)
        if not isinstance(parsed, Unmappable):
            found |= parsed
    return found


# ----------------------------------------------------------------------------------------------------------- names


def compatible(a: Mapping[str, Value], b: Mapping[str, Value]) -> bool:
    """Whether two names can be one person's: the same last name, and first names that agree as far as both go.

    A name that is missing on either side is compatible with nothing.
    """
    last_a, last_b = _words(a.get("last_name")), _words(b.get("last_name"))
    first_a, first_b = _firsts(a), _firsts(b)
    if not (last_a and last_b and first_a and first_b):
        return False
    if not (set(last_a) <= set(last_b) or set(last_b) <= set(last_a)):
        return False
    return any(x == y or (1 in (len(x), len(y)) and x[0] == y[0]) for x in first_a for y in first_b)


def _words(value: Value) -> tuple[str, ...]:
    text = value if isinstance(value, str) else ""
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("ß", "ss").replace("ø", "o").replace("ł", "l")
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return tuple(re.findall(r"\w+", plain))


def _firsts(fields: Mapping[str, Value]) -> set[str]:
    """First and preferred names, each by its first word: middle names come and go."""
    return {words[0] for name in ("first_name", "preferred_name") if (words := _words(fields.get(name)))}


# ----------------------------------------------------------------------------------------------------- recognition


def recognise(
    part: Part,
    connection: str,
    prospects: Sequence[Prospect],
    context: Context,
    others: Sequence[Part] = (),
    *,
    patient: bool = True,
) -> Recognition:
    """Whose object is an unknown root? Markers first, then open creates, then strong keys; a person for the rest.

    Joined by itself only by a strong key that is unique on both sides (`others` are the other unknown objects of the
    same read) and a compatible name. An id whose read could not show the marker waits while a create of its kind is
    open there. With `patient`, so does one that shows nothing by which to know it.
    """
    view = context.connections[connection]
    settle = context.now + view.settle
    marked = next((p for p in prospects if part.marker and marker(p.record.id) == part.marker), None)
    if marked is not None:
        if marked.attempt:
            return Bind(marked.family, marked.attempt)
        kind = Secondary if marked.linked else Join
        return kind(marked.family, marked.record.id)
    if not part.marker_shown and any(p.attempt and p.record.kind == part.kind for p in prospects):
        return Later(settle, "it may be what a create of ours made")
    maps = view.fields.get(part.kind, ())
    shown = fields_of(part, maps, context.refs)
    mine = _keys_of(part, shown)
    if patient and not _shows_enough(part, maps):
        return Later(settle, "what it is known by is not shown")
    hits = [p for p in prospects if p.record.kind == part.kind and mine & _keys(p)]
    if not hits:
        return Stranger()
    twins = [o for o in others if o.external != part.external and mine & _keys_of(o, fields_of(o, maps, context.refs))]
    if len(hits) == 1 and not twins and _is(hits[0], part, shown):
        return Join(hits[0].family, hits[0].record.id)
    return Stranger(_ask(part, connection, hits, mine, context))


def _keys(prospect: Prospect) -> frozenset[str]:
    return prospect.keys or frozenset(keys(prospect.record))


def _keys_of(part: Part, shown: Mapping[str, Value]) -> frozenset[str]:
    return frozenset(keys(Record("", "", part.kind, "", None, shown, EMPTY, "", datetime.min)))


KNOWN_BY: Mapping[Kind, frozenset[str]] = {
    Kind.CANDIDATE: frozenset({"emails", "last_name"}),
    Kind.USER: frozenset({"email"}),
}


def _shows_enough(part: Part, maps: Sequence[FieldMap]) -> bool:
    """Whether every mapped field that identifies this kind was shown, if only as empty."""
    wanted = KNOWN_BY.get(part.kind, frozenset())
    return all(each.name in part.seen for each in maps if wanted.intersection(each.canonical))


def _is(prospect: Prospect, part: Part, shown: Mapping[str, Value]) -> bool:
    if prospect.linked or prospect.attempt:
        return False
    return part.kind == Kind.USER or compatible(shown, prospect.record.fields)


def _ask(part: Part, connection: str, hits: Sequence[Prospect], mine: frozenset[str], context: Context) -> Review:
    shared = sorted({key.split(":")[0] for p in hits for key in mine & _keys(p)})
    detail: Mapping[str, Value] = {
        "external": part.external,
        "records": tuple(sorted(p.record.id for p in hits)),
        "families": tuple(sorted({p.family for p in hits})),
        "shared": tuple(shared),
    }
    return Review(
        context.ids(),
        ReviewKind.IDENTITY,
        None,
        connection,
        "",
        f"{connection}|{part.kind}|{part.external}",
        detail,
        BASCULE,
        context.now,
    )

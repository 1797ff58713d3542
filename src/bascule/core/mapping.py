"""Canonical field <-> system field: the connector's proposals, the workspace's choices, and the document of both.

A connector says what can be mapped; a workspace narrows it (off, one direction, another owner). For a field the ATS
owns the ATS decides by default; `ours` is allowed only for fields that Bascule created there, `latest` and `review`
are chosen, never defaults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bascule.errors import InputError
from bascule.model import (
    EMPTY,
    FIELDS,
    Authority,
    Direction,
    FieldClass,
    FieldMap,
    Kind,
    field_spec,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a workspace has chosen for one vendor field; None leaves the connector's proposal."""

    on: bool = True
    direction: Direction | None = None
    authority: Authority | None = None


Choices = Mapping[tuple[Kind, str], Choice]
"""By (kind, vendor field)."""


def apply(fields: Sequence[FieldMap], choices: Choices = EMPTY) -> dict[Kind, tuple[FieldMap, ...]]:
    """The mapping in force, by kind. InputError for a choice that cannot be."""
    known = {(each.kind, each.name) for each in fields}
    for kind, name in choices:
        if (kind, name) not in known:
            raise InputError(f"{kind} has no mapped field {name!r} in that system.", hint="See `bascule mapping show`.")
    chosen: dict[Kind, list[FieldMap]] = {}
    for each in fields:
        choice = choices.get((each.kind, each.name), Choice())
        if choice.on:
            chosen.setdefault(each.kind, []).append(choose(each, choice))
    return {kind: tuple(maps) for kind, maps in chosen.items()}


def choose(proposed: FieldMap, choice: Choice) -> FieldMap:
    """One field with a workspace's choice, checked."""
    direction = choice.direction or proposed.direction
    authority = choice.authority or proposed.authority
    if choice.direction not in (None, Direction.IN) and not proposed.call:
        raise InputError(f"{proposed.name} cannot be written in that system.", hint="Choose the direction `in`.")
    if proposed.direction is not Direction.BOTH and direction is not proposed.direction:
        raise InputError(f"{proposed.name} goes {proposed.direction} only.")
    if authority is Authority.OURS and not proposed.created:
        raise InputError(
            f"{proposed.name} belongs to the ATS; `ours` is only for fields that Bascule created there.",
            hint="Choose `ats`, `latest` or `review`.",
        )
    return replace(proposed, direction=direction, authority=authority)


# ----------------------------------------------------------------------------------------------- the document


@dataclass(frozen=True, slots=True)
class SchemaField:
    """One field of the system's live schema."""

    object: str  # the system's own word: candidate, application ...
    name: str
    type: str = ""
    label: str = ""
    why: str = ""  # why it is not mapped, where the connector knows


@dataclass(frozen=True, slots=True)
class Row:
    """One canonical field. `ats` and `ats_type` are empty where the system has no field for it: then `gap` says why."""

    kind: Kind
    field: str
    label: str
    type: str
    cls: FieldClass
    ats: str = ""
    ats_label: str = ""
    ats_type: str = ""
    direction: str = ""
    authority: str = ""
    promised: str = ""  # how soon a change is promised to follow
    measured: str = ""  # how soon it has followed
    gap: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A field of the live schema that nothing is mapped to, and why."""

    object: str
    name: str
    type: str
    why: str


@dataclass(frozen=True, slots=True)
class Document:
    """The mapping as data: every canonical field exactly once, then what of the system is not mapped."""

    rows: tuple[Row, ...]
    unmapped: tuple[Unmapped, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What is particular to a connection: promised and measured frequency by kind, gaps, what a choice switched off."""

    promised: Mapping[Kind, str] = field(default_factory=lambda: EMPTY)
    polled: Mapping[tuple[Kind, str], str] = field(default_factory=lambda: EMPTY)  # fields with a pace of their own
    measured: Mapping[Kind, str] = field(default_factory=lambda: EMPTY)
    gaps: Mapping[tuple[Kind, str], str] = field(default_factory=lambda: EMPTY)  # by (kind, canonical field)
    off: frozenset[tuple[Kind, str]] = frozenset()  # (kind, canonical field) switched off by the owner


def document(
    fields: Iterable[FieldMap], schema: Sequence[SchemaField] = (), measured: Measured | None = None
) -> Document:
    """The mapping document of one connection.

    A canonical field that several vendor fields hold names them all; a candidate-level field that holds an
    application's values stands at the application's row. `schema` is the live schema; names are compared as they are
    and with "custom." before them.
    """
    facts = measured or Measured()
    fields = tuple(fields)
    by_field: dict[tuple[Kind, str], list[FieldMap]] = {}
    for each in fields:
        for name in each.canonical:
            by_field.setdefault(_home(each.kind, name), []).append(each)
    rows = [_row(kind, name, by_field.pop((kind, name), []), facts) for kind, specs in FIELDS.items() for name in specs]
    rows += [_row(kind, name, maps, facts) for (kind, name), maps in sorted(by_field.items())]
    mapped = {each.name for each in fields}
    return Document(tuple(rows), tuple(_unmapped(s) for s in schema if not _is_mapped(s, mapped)))


def _home(kind: Kind, name: str) -> tuple[Kind, str]:
    """Where a canonical field is listed: at its own kind, or at the application whose value a candidate field shows."""
    head = name.partition(".")[0]
    if head in FIELDS[kind]:
        return kind, name
    return next(((k, name) for k in (Kind.APPLICATION, Kind.CANDIDATE) if head in FIELDS[k]), (kind, name))


def _row(kind: Kind, name: str, maps: Sequence[FieldMap], facts: Measured) -> Row:
    spec = field_spec(kind, name)
    gap = facts.gaps.get((kind, name), "")
    if not maps and not gap:
        gap = "switched off by the owner" if (kind, name) in facts.off else "the system has no field for it"
    return Row(
        kind=kind,
        field=name,
        label=spec.label or name.replace("_", " "),
        type=str(spec.type),
        cls=spec.cls,
        ats=_joined(each.name for each in maps),
        ats_label=_joined(each.label for each in maps),
        ats_type=_joined(each.type for each in maps),
        direction=_joined(str(each.direction) for each in maps),
        authority=_joined(_owner(each) for each in maps),
        promised=facts.polled.get((kind, name), facts.promised.get(kind, "")) if maps else "",
        measured=facts.measured.get(kind, "") if maps else "",
        gap=gap,
        note=_joined((each.note for each in maps), "; "),
    )


def _owner(fields: FieldMap) -> str:
    return str(Authority.OURS if fields.direction is Direction.OUT and fields.created else fields.authority)


def _joined(words: Iterable[str], by: str = ", ") -> str:
    return by.join(dict.fromkeys(word for word in words if word))


def _is_mapped(schema: SchemaField, mapped: set[str]) -> bool:
    return bool({schema.name, f"custom.{schema.name}", f"{schema.object}.{schema.name}"} & mapped)


def _unmapped(schema: SchemaField) -> Unmapped:
    return Unmapped(schema.object, schema.name, schema.type, schema.why or "no canonical field holds it")

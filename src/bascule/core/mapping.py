"""Canonical field <-> system field: the connector's proposals, the workspace's choices, and the document of both.

A connector says what can be mapped; a workspace narrows it (off, one direction, another owner). For a field the ATS
owns the ATS decides by default; `ours` is allowed only for fields that Bascule created there, `latest` and `review`
are chosen, never defaults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bascule.core import stages
from bascule.core.counterparts import spoken
from bascule.errors import InputError
from bascule.model import (
    EMPTY,
    FIELDS,
    Authority,
    CreateRule,
    Direction,
    FieldClass,
    FieldMap,
    Fields,
    Kind,
    Record,
    Refs,
    StageType,
    Unmappable,
    Value,
    field_spec,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a workspace has chosen for one field; None leaves the connector's proposal."""

    on: bool = True
    direction: Direction | None = None
    authority: Authority | None = None


Choices = Mapping[tuple[Kind, str], Choice]
"""By `key`."""

OFF, MISSING, ABSENT = "switched off by the owner", "not created there yet", "the system has no field for it"
"""Why a canonical field is not carried."""

TOOLS = "tools"  # of no row itself: each tool's fields are, where a system can carry them
STAGES, JOB_STAGES = "stages", "job_stages"  # where the stored form of what was chosen keeps the types of stages
SAME = "same"  # ... and the counterparts


@dataclass(frozen=True, slots=True)
class Chosen:
    """All that a workspace has chosen at one connection: over its fields, which type stages of a name have, and which
    a stage of one job has."""

    fields: Choices = field(default_factory=lambda: EMPTY)
    stages: Mapping[str, StageType] = field(default_factory=lambda: EMPTY)  # by name, compared folded
    jobs: Mapping[tuple[str, str], StageType] = field(default_factory=lambda: EMPTY)  # by (job, name)
    same: Mapping[str, str] = field(default_factory=lambda: EMPTY)  # another system's record -> its counterpart here

    @staticmethod
    def read(data: Fields) -> Chosen:
        """From its stored form: "<kind>.<field>" (`key`) -> on, direction, authority; "stages" -> name -> type;
        "job_stages" -> job -> name -> type; "same" -> record -> record."""
        fields: dict[tuple[Kind, str], Choice] = {}
        for key, kept in data.items():
            kind, _, name = key.partition(".")
            if key not in (STAGES, JOB_STAGES, SAME) and isinstance(kept, Mapping):
                direction, authority = kept.get("direction"), kept.get("authority")
                fields[Kind(kind), name] = Choice(
                    bool(kept.get("on", True)),
                    Direction(str(direction)) if direction else None,
                    Authority(str(authority)) if authority else None,
                )
        jobs = {(job, name): one for job, some in _table(data.get(JOB_STAGES)).items() for name, one in _types(some)}
        same = {there: str(here) for there, here in _table(data.get(SAME)).items()}
        return Chosen(fields, dict(_types(data.get(STAGES))), jobs, same)

    def stored(self) -> Fields:
        """The form in which it is kept. What the connector proposes anyway is left out."""
        data: dict[str, Value] = {}
        for (kind, name), one in sorted(self.fields.items()):
            if one != Choice():
                told = {"direction": one.direction, "authority": one.authority}
                data[f"{kind}.{name}"] = {"on": one.on, **{key: str(v) for key, v in told.items() if v is not None}}
        if self.stages:
            data[STAGES] = {name: str(one) for name, one in sorted(self.stages.items())}
        if self.jobs:
            by_job: dict[str, dict[str, Value]] = {}
            for (job, name), one in sorted(self.jobs.items()):
                by_job.setdefault(job, {})[name] = str(one)
            data[JOB_STAGES] = by_job
        if self.same:
            data[SAME] = dict(sorted(self.same.items()))
        return data

    def rules(self) -> stages.Rules:
        """By which stages get their types."""
        return stages.Rules(self.stages, self.jobs)

    def say(self, given: Mapping[str, StageType | None], job: str = "") -> Chosen:
        """With these types for stages of a name: in every job, or in one alone. None takes back what was said."""
        folded = {stages.fold(name) for name in given}
        said = {name: one for name, one in given.items() if one is not None}
        if job:
            kept = {key: one for key, one in self.jobs.items() if key[0] != job or stages.fold(key[1]) not in folded}
            return replace(self, jobs={**kept, **{(job, name): one for name, one in said.items()}})
        return replace(
            self, stages={**{name: one for name, one in self.stages.items() if stages.fold(name) not in folded}, **said}
        )


def _table(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, Mapping) else EMPTY


def _types(value: Value) -> Iterable[tuple[str, StageType]]:
    return [(name, StageType(str(one))) for name, one in _table(value).items()]


def key(each: FieldMap) -> tuple[Kind, str]:
    """What a choice over a field is kept by: the vendor's name for it. An output of ours goes by its canonical name:
    it is chosen before it is created, and wherever it stands then (applications, or candidate fields beside them)."""
    return _home(each.kind, each.canonical[0]) if each.created else (each.kind, each.name)


def switched_off(fields: Sequence[FieldMap], chosen: Chosen) -> frozenset[tuple[Kind, str]]:
    """The canonical fields, as the document lists them, that the owner has switched off."""
    off = [each for each in fields if not chosen.fields.get(key(each), Choice()).on]
    return frozenset(_home(each.kind, name) for each in off for name in each.canonical)


def check(fields: Sequence[FieldMap], chosen: Choices) -> None:
    """InputError for a choice that cannot be: over a field that is not there, or that this field does not allow."""
    known = {key(each): each for each in fields}
    for (kind, name), one in chosen.items():
        if (kind, name) not in known:
            raise InputError(f"{kind} has no mapped field {name!r} in that system.", hint="See `bascule mapping show`.")
        choose(known[kind, name], one)


def apply(fields: Sequence[FieldMap], chosen: Chosen | None = None) -> dict[Kind, tuple[FieldMap, ...]]:
    """The mapping in force, by kind. A choice over a field that is gone from the system, or not made yet, waits for
    it."""
    chosen = chosen or Chosen()
    rules = chosen.rules()
    by_kind: dict[Kind, list[FieldMap]] = {}
    only_read = {(each.kind, each.call) for each in fields if each.opt_in and not _chosen_out(each, chosen)}
    for each in fields:
        choice = chosen.fields.get(key(each), Choice())
        if choice.on and not each.missing:
            mapped = choose(each, choice)
            if each.call and (each.kind, each.call) in only_read:
                mapped = replace(mapped, direction=Direction.IN)
            typed = each.kind is Kind.STAGE and each.canonical in (("name",), ("kind",))
            by_kind.setdefault(each.kind, []).append(_typed(mapped, rules) if typed else spoken(mapped, chosen.same))
    if Kind.STAGE in by_kind:  # the name is met first: it is what the type stands beside
        by_kind[Kind.STAGE].sort(key=lambda each: each.canonical[0] != "name")
    if chosen.same and not any("tags" in each.canonical for each in by_kind.get(Kind.CANDIDATE, ())):
        maps = by_kind.get(Kind.APPLICATION, [])  # of two systems, the other keeps them on the person
        by_kind[Kind.APPLICATION] = [replace(one, above=one.canonical == ("tags",)) for one in maps]
    return {kind: tuple(maps) for kind, maps in by_kind.items()}


def creations(
    rules: Mapping[Kind, CreateRule], fields: Iterable[FieldMap], chosen: Chosen
) -> Mapping[Kind, CreateRule]:
    """What is created there: not what carries a field that goes out by the owner's choice only, and has none."""
    shut = {(each.kind, each.name) for each in fields if each.opt_in and not _chosen_out(each, chosen)}
    return {kind: rule for kind, rule in rules.items() if not any((kind, name) in shut for name in rule.fields)}


def _chosen_out(each: FieldMap, chosen: Chosen) -> bool:
    """Whether the owner has chosen that a field goes out."""
    choice = chosen.fields.get(key(each), Choice())
    return choice.on and choice.direction not in (None, Direction.IN)


def _typed(shown: FieldMap, rules: stages.Rules) -> FieldMap:
    """A stage's name, or the system's own kind of it, which says its type too where a rule in force does."""
    plain = shown.parse

    def parse(seen: Value, record: Record, refs: Refs) -> Fields | Unmappable:
        found = plain(seen, record, refs)
        if isinstance(found, Unmappable):
            return found
        name, kind = (str({**record.fields, **found}.get(one) or "") for one in ("name", "kind"))
        given = rules.certain(name, job=record.parent, kind=kind)
        return found if given is None else {**found, "type": str(given.type)}

    if shown.canonical == ("kind",):
        return replace(shown, parse=parse)
    note = "; ".join(text for text in (shown.note, "The type follows the rules for stages.") if text)
    return replace(shown, canonical=("name", "type"), parse=parse, note=note)


def _proposed(each: FieldMap) -> Direction:
    """Its direction where its owner has chosen none."""
    return Direction.IN if each.opt_in else each.direction


def choose(proposed: FieldMap, choice: Choice) -> FieldMap:
    """One field with a workspace's choice, checked."""
    direction = choice.direction or _proposed(proposed)
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
    return replace(
        proposed, direction=direction, authority=authority, opt_in=direction is Direction.IN and proposed.opt_in
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two states of a mapping say differently ("candidate.title", "stage Onsite"), and both in words."""

    what: str
    before: str
    after: str


def differences(
    fields: Sequence[FieldMap], before: Chosen, after: Chosen, titles: Mapping[str, str] = EMPTY
) -> tuple[Difference, ...]:
    """What differs, fields first. `titles` are those of jobs."""
    proposed = {key(each): each for each in fields}
    found: list[Difference] = []
    for kind, name in sorted(before.fields.keys() | after.fields.keys()):
        was, now = (
            _said(proposed.get((kind, name)), one.fields.get((kind, name), Choice())) for one in (before, after)
        )
        if was != now:
            found.append(Difference(f"{kind}.{name}", was, now))
    for name in sorted(before.stages.keys() | after.stages.keys()):
        was, now = (str(one.stages.get(name, "not confirmed")) for one in (before, after))
        if was != now:
            found.append(Difference(f"stage {name}", was, now))
    for job, name in sorted(before.jobs.keys() | after.jobs.keys()):
        was, now = (str(one.jobs.get((job, name), "as in every job")) for one in (before, after))
        if was != now:
            found.append(Difference(f"stage {name} of {titles.get(job, job)}", was, now))
    for record in sorted(before.same.keys() | after.same.keys()):
        was, now = (titles.get(one.same.get(record, ""), one.same.get(record, "none")) for one in (before, after))
        if was != now:
            found.append(Difference(f"counterpart of {titles.get(record, record)}", was, now))
    return tuple(found)


def _said(proposed: FieldMap | None, choice: Choice) -> str:
    if not choice.on:
        return "off"
    direction = choice.direction or (_proposed(proposed) if proposed else "")
    authority = choice.authority or (proposed.authority if proposed else "")
    return ", ".join(str(one) for one in (direction, authority) if one) or "on"


def carried(maps: Mapping[Kind, Sequence[FieldMap]]) -> frozenset[tuple[Kind, str]]:
    """The vendor fields that a mapping carries."""
    return frozenset((kind, each.name) for kind, some in maps.items() for each in some)


# ----------------------------------------------------------------------------------------------- the document


@dataclass(frozen=True, slots=True)
class SchemaField:
    """One field of the system's live schema. `into` is the mapped field of that kind which carries it."""

    object: str  # the system's own word: candidate, application ...
    name: str
    type: str = ""
    kind: Kind | None = None
    into: str = ""
    why: str = ""  # why it is not carried


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
    missing: frozenset[tuple[Kind, str]] = frozenset()  # (kind, canonical field) whose field is to be created there


def document(
    fields: Iterable[FieldMap], schema: Sequence[SchemaField] = (), measured: Measured | None = None
) -> Document:
    """The mapping document of one connection.

    A canonical field that several vendor fields hold names them all; a candidate-level field that holds an
    application's values stands at the application's row. `schema` is the live schema: what of it a mapped field could
    carry and does not is switched off.
    """
    facts = measured or Measured()
    fields = tuple(fields)
    by_field: dict[tuple[Kind, str], list[FieldMap]] = {}
    for each in fields:
        for name in each.canonical:
            by_field.setdefault(_home(each.kind, name), []).append(each)
    listed = [(kind, name) for kind, specs in FIELDS.items() for name in specs if name != TOOLS]
    rows = [_row(kind, name, by_field.pop((kind, name), []), facts) for kind, name in listed]
    rows += [_row(kind, name, maps, facts) for (kind, name), maps in sorted(by_field.items())]
    mapped = {(each.kind, each.name) for each in fields}
    return Document(tuple(rows), tuple(_unmapped(s) for s in schema if (s.kind, s.into) not in mapped))


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
        gap = OFF if (kind, name) in facts.off else MISSING if (kind, name) in facts.missing else ABSENT
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


def _unmapped(schema: SchemaField) -> Unmapped:
    why = schema.why or (OFF if schema.into else "no canonical field holds it")
    return Unmapped(schema.object, schema.name, schema.type, why)

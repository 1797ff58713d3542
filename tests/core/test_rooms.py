"""Gates, stages, identity, mapping, retry and the audit chain."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bascule.core import audit, gates, identity, retry, stages
from bascule.core.gates import Gate
from bascule.core.mapping import Choice, Chosen, Measured, SchemaField, apply, check, differences, document
from bascule.core.plan import Context, marker
from bascule.errors import (
    DisconnectedError,
    ForbiddenError,
    GuardRefusedError,
    InputError,
    MalformedError,
    PermissionMissingError,
    RejectedError,
    ThrottledError,
    UnansweredError,
    UnavailableError,
)
from bascule.model import (
    AI,
    EMPTY,
    FIELDS,
    OURS,
    Actor,
    ActorKind,
    Authority,
    Direction,
    Kind,
    Part,
    Record,
    Scope,
    StageType,
    Value,
)

from .kit import PERSON, START, maps_of, plain, refs, stage, stage_records, view

RULE = Actor(ActorKind.RULE, "r1", "night rule")


def record(kind: Kind, **fields: Value) -> Record:
    return Record("r-1", "w", kind, "f1", None, fields, EMPTY, OURS, START)


APPLICATION = record(Kind.APPLICATION, job="job-1", stage=stage("screen"), status="active")
STAGES = stage_records()

# ------------------------------------------------------------------------------------------------------------ gates


@pytest.mark.parametrize("actor", [AI, RULE])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "rejected"),
        ("status", "withdrawn"),
        ("status", "active"),
        ("reason", "x"),
        ("stage", stage("applied")),
    ],
)
def test_a_machine_never_decides(actor: Actor, name: str, value: str) -> None:
    with pytest.raises(ForbiddenError):
        gates.gate(actor, APPLICATION, name, value, STAGES)


def test_a_machine_proposes_a_step_forward() -> None:
    assert gates.gate(AI, APPLICATION, "stage", stage("interview"), STAGES) is Gate.PROPOSE


def test_a_machine_does_not_propose_what_it_cannot_place() -> None:
    unknown = {**STAGES, "odd": replace(STAGES[stage("offer")], id="odd", fields={"name": "?"})}
    with pytest.raises(ForbiddenError, match="not known"):
        gates.gate(AI, APPLICATION, "stage", "odd", unknown)


def test_nobody_hires_here() -> None:
    for actor in (AI, RULE, PERSON):
        with pytest.raises(ForbiddenError):
            gates.gate(actor, APPLICATION, "status", "hired", STAGES)


def test_contact_data_is_never_overwritten_by_a_machine_and_only_proposed_where_it_is_missing() -> None:
    known = record(Kind.CANDIDATE, phones=("+491",))
    with pytest.raises(ForbiddenError):
        gates.gate(AI, known, "phones", ("+492",), STAGES)
    assert gates.gate(AI, known, "title", "Cook", STAGES) is Gate.PROPOSE
    assert gates.gate(PERSON, known, "phones", ("+492",), STAGES) is Gate.ENTER


def test_what_bascule_owns_is_written_at_once() -> None:
    for name in ("match_score", "match_reasons", "ai_status", "audit_reference"):
        assert gates.gate(AI, APPLICATION, name, "x", STAGES) is Gate.ENTER


def test_a_person_moves_within_the_applications_own_job() -> None:
    assert gates.gate(PERSON, APPLICATION, "stage", stage("applied"), STAGES) is Gate.ENTER
    other = {**STAGES, "elsewhere": replace(STAGES[stage("offer")], id="elsewhere", parent="job-2")}
    with pytest.raises(InputError, match="another job"):
        gates.gate(PERSON, APPLICATION, "stage", "elsewhere", other)


def test_a_message_is_sent_by_a_person() -> None:
    gates.may_create(AI, Kind.NOTE)
    with pytest.raises(ForbiddenError):
        gates.may_create(AI, Kind.MESSAGE)


def test_a_scope_covers_a_candidate_by_any_of_its_applications() -> None:
    scoped = view("a", scope=Scope(jobs=frozenset({"job-1"})))
    candidate = record(Kind.CANDIDATE)
    assert gates.in_scope(scoped, candidate, [candidate, APPLICATION], STAGES)
    assert not gates.in_scope(scoped, candidate, [candidate], STAGES)
    departments = view("a", scope=Scope(departments=frozenset({"Care"})))
    job = replace(STAGES["job-1"], fields={"department": "Care"})
    assert gates.in_scope(departments, APPLICATION, [], {"job-1": job})


# ----------------------------------------------------------------------------------------------------------- stages


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Application Review", StageType.SCREEN),
        ("Applied", StageType.APPLIED),
        ("Neue Bewerbungen", StageType.APPLIED),
        ("Ansökan", StageType.APPLIED),
        ("Preliminary Phone Screen", StageType.SCREEN),
        ("Telefoninterview", StageType.SCREEN),
        ("Vorstellungsgespräch", StageType.INTERVIEW),
        ("Entretien RH", StageType.INTERVIEW),
        ("Face to Face", StageType.INTERVIEW),
        ("Take-home test", StageType.ASSESS),
        ("Fallstudie", StageType.ASSESS),
        ("Offer", StageType.OFFER),
        ("Vertragsangebot", StageType.OFFER),
        ("Eingestellt", StageType.HIRED),
        ("Talent pool", StageType.LEAD),
        ("Purgatory", None),
        ("", None),
    ],
)
def test_a_stages_name_suggests_its_type(name: str, expected: StageType | None) -> None:
    assert stages.propose(name) is expected


def test_forward_is_up_the_ladder_and_within_a_type_down_the_pipeline() -> None:
    screen, offer = STAGES[stage("screen")], STAGES[stage("offer")]
    assert stages.is_forward(screen, offer) is True
    assert stages.is_forward(offer, screen) is False
    assert stages.is_forward(screen, screen) is False
    assert stages.is_forward(None, screen) is True
    second = replace(screen, id="screen-2", fields={**screen.fields, "order": 9})
    assert stages.is_forward(screen, second) is True
    assert stages.is_forward(screen, replace(second, parent="job-2", fields={})) is None


def test_a_person_is_offered_every_other_stage_of_the_job_but_hired() -> None:
    hired = replace(STAGES[stage("offer")], id="hired", fields={"type": "hired", "order": 9})
    offered = stages.moves(STAGES[stage("screen")], [*STAGES.values(), hired][1:])
    assert [s.fields["name"] for s in offered] == ["applied", "assess", "interview", "offer"]


# --------------------------------------------------------------------------------------------------------- identity


def people(connection: str = "a") -> Context:
    maps = (
        plain(Kind.CANDIDATE, "first", "first_name"),
        plain(Kind.CANDIDATE, "last", "last_name"),
        plain(Kind.CANDIDATE, "mail", "emails"),
        plain(Kind.CANDIDATE, "tel", "phones"),
    )
    return Context(START, iter(map(str, range(999))).__next__, {"a": view("a", fields={Kind.CANDIDATE: maps})}, refs())


def stranger(first: str = "Anna", last: str = "Berg", mail: str = "anna@example.org", **more: object) -> Part:
    seen: dict[str, Value] = {"first": first, "last": last, "mail": (mail,), "tel": ()}
    return Part(Kind.CANDIDATE, "p1", seen, **more)  # type: ignore[arg-type]


def known(first: str = "Anna", last: str = "Berg", mail: str = "Anna@Example.org", **more: object) -> identity.Prospect:
    held = replace(record(Kind.CANDIDATE, first_name=first, last_name=last, emails=(mail,)), id="0" * 16 + "aa")
    return identity.Prospect("f1", held, **more)  # type: ignore[arg-type]


def test_strong_keys_are_normalised() -> None:
    held = record(Kind.CANDIDATE, emails=(" A@B.org", "nonsense"), phones=("+49 (151) 23-45678", "0151 2345678"))
    assert identity.keys(held) == ("email:a@b.org", "phone:+4915123" + "45678")
    assert identity.phone("0049 151 2345678") == "+491512345678"
    assert identity.keys(record(Kind.JOB, title="x")) == ()


@pytest.mark.parametrize(
    ("first", "last", "fits"),
    [
        ("Anna", "Berg", True),
        ("Anna-Lena", "Berg", True),
        ("A.", "Berg", True),
        ("ANNA", "Björk Berg", True),
        ("Anna", "Bergström", False),
        ("Karl", "Berg", False),
        ("", "Berg", False),
    ],
)
def test_names_that_can_be_one_persons(first: str, last: str, fits: bool) -> None:
    assert (
        identity.compatible({"first_name": "Anna", "last_name": "Berg"}, {"first_name": first, "last_name": last})
        is fits
    )


def test_joined_by_itself_only_by_a_unique_key_and_a_compatible_name() -> None:
    context = people()
    assert identity.recognise(stranger(), "a", [known()], context) == identity.Join("f1", known().record.id)
    for prospects, others in (
        ([known(first="Karl")], ()),  # a relative
        ([known(linked=True)], ()),  # that record has an object there already
        ([known(), replace(known(), family="f2")], ()),  # not unique here
        ([known()], (replace(stranger(), external="p2"),)),  # not unique there
    ):
        verdict = identity.recognise(stranger(), "a", prospects, context, others)
        assert isinstance(verdict, identity.Stranger)
        assert verdict.review is not None
        assert verdict.review.detail["shared"] == ("email",)
    assert identity.recognise(stranger(mail="b@example.org"), "a", [known()], context) == identity.Stranger()


def test_markers_come_before_everything() -> None:
    context, token = people(), marker(known().record.id)
    ours = stranger(first="Else", mail="x@example.org", marker=token, marker_shown=True)
    assert identity.recognise(ours, "a", [known(attempt="t1")], context) == identity.Bind("f1", "t1")
    assert identity.recognise(ours, "a", [known(linked=True)], context) == identity.Secondary("f1", known().record.id)


def test_who_cannot_be_told_yet_waits() -> None:
    context = people()
    assert isinstance(identity.recognise(stranger(), "a", [known(attempt="t1")], context), identity.Later)
    nameless = Part(Kind.CANDIDATE, "p1", {"first": "Anna"})
    assert isinstance(identity.recognise(nameless, "a", [], context), identity.Later)
    assert identity.recognise(nameless, "a", [], context, patient=False) == identity.Stranger()


# ---------------------------------------------------------------------------------------------------------- mapping


def test_a_workspace_narrows_what_a_connector_proposes() -> None:
    fields = [f for maps in maps_of("a").values() for f in maps]
    narrowed = {
        (Kind.CANDIDATE, "phone"): Choice(on=False),
        (Kind.CANDIDATE, "name"): Choice(direction=Direction.IN, authority=Authority.REVIEW),
    }
    check(fields, narrowed)
    chosen = apply(fields, Chosen(narrowed))
    by_name = {f.name: f for f in chosen[Kind.CANDIDATE]}
    assert "phone" not in by_name
    assert (by_name["name"].direction, by_name["name"].authority) == (Direction.IN, Authority.REVIEW)


@pytest.mark.parametrize(
    ("key", "choice", "says"),
    [
        ((Kind.CANDIDATE, "nothing"), Choice(), "no mapped field"),
        ((Kind.CANDIDATE, "name"), Choice(authority=Authority.OURS), "belongs to the ATS"),
        ((Kind.NOTE, "body"), Choice(direction=Direction.OUT), "cannot be written"),
        ((Kind.APPLICATION, "match_score"), Choice(direction=Direction.BOTH), "goes out only"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(key: tuple[Kind, str], choice: Choice, says: str) -> None:
    fields = [f for maps in maps_of("a").values() for f in maps]
    with pytest.raises(InputError, match=says):
        check(fields, {key: choice})


def test_ours_is_allowed_for_a_field_bascule_created() -> None:
    made = plain(Kind.APPLICATION, "score", "match_score", created=True)
    chosen = apply([made], Chosen({(Kind.APPLICATION, "match_score"): Choice(authority=Authority.OURS)}))
    assert chosen[Kind.APPLICATION][0].authority is Authority.OURS


def test_an_output_is_chosen_by_its_canonical_name_before_it_is_created_and_wherever_it_stands() -> None:
    off = Chosen({(Kind.APPLICATION, "match_score"): Choice(on=False)})
    here = plain(Kind.APPLICATION, "custom.score", "match_score", direction=Direction.OUT, created=True)
    beside = plain(Kind.CANDIDATE, "custom.score_by_job", "match_score", direction=Direction.OUT, created=True)
    for one in (here, beside):
        check([one], off.fields)
        assert (len(apply([one])), len(apply([one], off))) == (1, 0)
        assert len(apply([replace(one, missing=True)])) == 0
        check([replace(one, missing=True)], off.fields)


def test_a_choice_over_a_field_that_is_gone_takes_nothing_else_with_it() -> None:
    fields = [f for maps in maps_of("a").values() for f in maps]
    gone = Chosen({(Kind.CANDIDATE, "custom.gone"): Choice(on=False)})
    assert apply(fields, gone).keys() == apply(fields).keys()


def test_what_was_chosen_is_kept_and_read_again_without_what_is_proposed_anyway() -> None:
    chosen = Chosen(
        {
            (Kind.CANDIDATE, "phone"): Choice(on=False),
            (Kind.CANDIDATE, "custom.a.b"): Choice(direction=Direction.IN, authority=Authority.REVIEW),
            (Kind.CANDIDATE, "name"): Choice(),
        },
        {"Phone Screen": StageType.SCREEN},
    )
    kept = chosen.stored()
    assert "candidate.name" not in kept
    assert Chosen.read(kept) == Chosen(
        {key: one for key, one in chosen.fields.items() if one != Choice()}, chosen.stages
    )
    said = Chosen.read(kept).rules().certain("phone  screen")
    assert said is not None
    assert said.type is StageType.SCREEN
    told = {one.what: (one.before, one.after) for one in differences([], Chosen(), chosen)}
    assert told["candidate.phone"] == ("on", "off")
    assert told["stage Phone Screen"] == ("not confirmed", "screen")


def test_the_document_lists_every_canonical_field_once() -> None:
    fields = [f for maps in maps_of("a").values() for f in maps]
    level_up = plain(Kind.CANDIDATE, "custom.score", "match_score", direction=Direction.OUT, created=True)
    schema = [
        SchemaField("candidate", "name", "text", Kind.CANDIDATE, "name"),
        SchemaField("job", "name", "text", Kind.JOB, "no such field"),
        SchemaField("candidate", "eeo", "text", why="never read"),
    ]
    facts = Measured(promised={Kind.CANDIDATE: "2 s"}, off=frozenset({(Kind.JOB, "title")}))
    made = document([*fields, level_up], schema, facts)
    listed = [(row.kind, row.field) for row in made.rows]
    assert len(listed) == len(set(listed))
    fields = {(kind, name) for kind, specs in FIELDS.items() for name in specs}
    assert fields - {(Kind.APPLICATION, "tools")} <= set(listed)  # each tool's fields have rows of their own
    by = {(row.kind, row.field): row for row in made.rows}
    assert by[(Kind.CANDIDATE, "last_name")].promised == "2 s"
    assert by[(Kind.APPLICATION, "match_score")].ats == "score, custom.score"
    assert by[(Kind.JOB, "title")].gap == "switched off by the owner"
    assert by[(Kind.CANDIDATE, "consent")].gap == "the system has no field for it"
    assert [(u.object, u.name, u.why) for u in made.unmapped] == [
        ("job", "name", "switched off by the owner"),
        ("candidate", "eeo", "never read"),
    ]


# ------------------------------------------------------------------------------------------------------------ retry

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def test_a_rate_limit_is_waited_for_exactly() -> None:
    told = ThrottledError(retry_after=timedelta(seconds=37))
    assert retry.after_error(59, told, NOW) == retry.Again(NOW + timedelta(seconds=37))


def test_waits_grow_to_a_cap_and_differ_by_key_alone() -> None:
    waits = [retry.back_off(n, "k") for n in range(1, 30)]
    assert all(timedelta(seconds=0.5) <= w <= retry.CAP for w in waits)
    assert waits[9] > waits[3] > waits[0]
    assert retry.back_off(5, "k") == retry.back_off(5, "k") != retry.back_off(5, "l")


def test_work_that_cannot_be_given_up_is_tried_ever_more_rarely_and_what_was_refused_at_the_rarest() -> None:
    waits = [retry.rest(n, MalformedError("a page for people"), "k") for n in (5, 6, 8, 20)]
    assert waits == sorted(waits)
    assert waits[0] < timedelta(seconds=20)
    assert waits[-1] > timedelta(minutes=7)
    assert retry.rest(1, RejectedError(words="no such list", status=422), "k") == retry.CAP


def test_each_error_says_what_follows() -> None:
    assert isinstance(retry.after_error(1, UnansweredError(), NOW), retry.Again)
    assert isinstance(retry.after_error(60, UnavailableError(status=500), NOW), retry.Dead)
    down = UnavailableError(status=503)
    assert isinstance(retry.after_error(1000, down, NOW, down=True), retry.Again), "it was down already: no failure"
    assert not retry.counts(down, down=True)
    assert isinstance(retry.after_error(60, down, NOW), retry.Dead), "the system was well: it is its own"
    assert retry.counts(down)
    assert retry.after_error(1, RejectedError(words="no such stage", status=422), NOW) == retry.Dead(
        "422: no such stage"
    )
    assert retry.after_error(1, GuardRefusedError(), NOW) == retry.Again(NOW)
    for error, scope in ((DisconnectedError(), retry.Scope.CONNECTION), (PermissionMissingError(), retry.Scope.OBJECT)):
        verdict = retry.after_error(1, error, NOW)
        assert isinstance(verdict, retry.Pause)
        assert verdict.scope is scope
    later = retry.after_error(1, UnavailableError(retry_after=timedelta(hours=1)), NOW)
    assert later == retry.Again(NOW + timedelta(hours=1))


# ------------------------------------------------------------------------------------------------------------ audit


def chain(n: int) -> list[audit.Sealed]:
    previous, made = audit.GENESIS, []
    for i in range(1, n + 1):
        entry = {"n": i, "who": "ü", "value": audit.value("salt", f"v{i}")}
        previous = audit.link(previous, audit.digest(entry))
        made.append(audit.Sealed(i, entry, previous))
    return made


def test_an_unbroken_chain_verifies_whole_and_in_stretches() -> None:
    entries = chain(5)
    assert audit.verify(entries) is None
    assert audit.verify(entries[2:], previous=entries[1].sealed, first=3) is None


def test_the_first_broken_entry_is_named() -> None:
    entries = chain(5)
    changed = [*entries[:2], replace(entries[2], entry={"n": 3}), *entries[3:]]
    assert audit.verify(changed) == audit.Broken(3, "its content, or an entry before it, has been changed")
    assert audit.verify(entries[:2] + entries[3:]) == audit.Broken(3, "entry 3 is missing")


def test_the_spelling_of_an_entry_does_not_matter() -> None:
    assert audit.digest({"a": 1, "b": (2, 3)}) == audit.digest({"b": [2, 3], "a": 1.0})
    assert audit.value("s", "x") != audit.value("t", "x")

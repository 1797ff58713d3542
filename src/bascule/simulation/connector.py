"""How Bascule speaks with the simulated system: a connector like any other, made for the traits of one account."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from datetime import timedelta

from bascule.connectors import lens
from bascule.connectors.spec import (
    ApiKey,
    Connector,
    CustomField,
    Hint,
    HmacSha256,
    LinkHeader,
    OAuth,
    Rate,
    Reads,
    Rendered,
    Request,
    Response,
    Sends,
    Talk,
    Tenant,
    Webhook,
)
from bascule.errors import (
    AbsentError,
    DisconnectedError,
    GuardRefusedError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnavailableError,
)
from bascule.model import (
    CreateRule,
    DeleteRule,
    Direction,
    EraseRule,
    Family,
    FieldMap,
    Fields,
    Json,
    Kind,
    Part,
    Presence,
    Record,
    Refs,
    Unmappable,
    Value,
    Waits,
)

from .vendor import APPLICATION, ARCHIVED, FOLDED, JOB, NOTE, PERSON, SCORE, STAGES, TOKEN, Traits

SETTLE, LATE = timedelta(seconds=3), timedelta(seconds=15)
_C, _A, _N, _J, _S = Kind.CANDIDATE, Kind.APPLICATION, Kind.NOTE, Kind.JOB, Kind.STAGE
KINDS = {PERSON: _C, APPLICATION: _A, NOTE: _N}
ALL = "all"  # its one scope
PATHS = {_C: "/people", _A: "/applications", _N: "/notes"}


def connector(name: str, traits: Traits) -> Connector:
    """The connector of an account with these traits. Each account is a system of its own name."""
    return Connector(
        name=name,
        label=name.upper(),
        base_url=f"http://127.0.0.1:9/{name}",
        hosts=(),
        auth=OAuth(f"/{name}{TOKEN}", "") if traits.tokens else ApiKey(header="X-Key"),
        settings=(
            *(
                (("client_id", "its client", True), ("client_secret", "its client's secret", True))
                if traits.tokens
                else (("api_key", "its key", True),)
            ),
            ("webhook_secret", "its secret", True),
        ),
        pages=LinkHeader(),
        rates={"default": Rate(120, timedelta(seconds=10))},
        reads=_reads(name, traits),
        sends=_sends(traits),
        creates={
            _C: CreateRule(
                _C, "create person", ("first_name", "last_name", "title", "company", "emails"), reliable=traits.marker,
                settle=SETTLE, late=LATE,
            ),
            _A: CreateRule(
                _A, "create application", ("job", "stage"), parents=(_C, _J), reliable=traits.marker,
                settle=SETTLE, late=LATE,
            ),
            _N: CreateRule(
                _N, "create note", ("body",), parents=(_C,), reliable=traits.note_marker, settle=SETTLE, late=LATE
            ),
        },
        erases={_C: EraseRule(_C, "erase person", "erased there")} if traits.erases else {},
        deletes={_N: DeleteRule(_N, "delete note")} if traits.deletes_notes else {},
        fields=lambda tenant, connection: _fields(name, traits, tenant, connection),
        discover=_discover,
        setup=lambda tenant, wanted: (),
        create_field=lambda setup: _nothing(),
        errors=_errors,
        webhook=Webhook(
            verify=HmacSha256(header="x-signature"), delivery_id="x-event", topic=lambda body: str(body["action"]),
            hints=_hints,
        ),
        settle=SETTLE,
        late=LATE,
    )  # fmt: skip


def _discover() -> Generator[Request, Response, Tenant]:
    response = yield Request("GET", "/account")
    found = [CustomField(one["id"], one["key"], one["name"], "any", "number") for one in response.json["fields"]]
    return Tenant({f"any.{one.key}": one for one in found}, granted=frozenset({ALL}))


def score_of(tenant: Tenant) -> str:
    """What the custom field for the score is called in this account, as far as that is known."""
    return next((one.key for one in tenant.custom.values() if one.id == SCORE), SCORE)


def _nothing() -> Talk:
    yield Request("GET", "/account")
    return {}


def _errors(request: Request, response: Response) -> RemoteError | None:
    status = response.status
    words = str(response.json.get("message", "")) if isinstance(response.json, dict) else ""
    what = f"The simulated system answered {status}."
    match status:
        case _ if status < 400:
            return None
        case 401:
            return DisconnectedError(what, status=status, words=words)
        case 404:
            return AbsentError(what, status=status, words=words)
        case 409:
            return GuardRefusedError(what, status=status, words=words)
        case 429:
            wait = response.headers.get("retry-after", "")
            return ThrottledError(what, retry_after=timedelta(seconds=float(wait)) if wait else None, status=status)
        case _ if status >= 500:
            return UnavailableError(what, status=status, words=words)
        case _:
            return RejectedError(what, status=status, words=words)


# ---------------------------------------------------------------------------------------------------------- reading


def person(raw: Json, tenant: Tenant) -> Iterable[Part]:
    if raw.get("anonymised"):
        return [Part(_C, raw["id"], presence=Presence.ANONYMISED)]
    return [_part(_C, raw, "first_name", "last_name", "title", "company", "emails", "tags", score_of(tenant))]


def application(raw: Json, tenant: Tenant) -> Iterable[Part]:
    return [_part(_A, raw, "job", "stage", "status", score_of(tenant))]


def stage(raw: Json, tenant: Tenant) -> Iterable[Part]:
    return [Part(_S, raw["id"], lens.pick(raw, "name", "order"), raw.get("job"))]


def note(raw: Json, tenant: Tenant) -> Iterable[Part]:
    return [_part(_N, raw, "body")]


def _part(kind: Kind, raw: Json, *names: str) -> Part:
    return Part(
        kind, raw["id"], lens.pick(raw, *names, "created"), raw.get("person"), marker=str(raw.get("ref") or ""),
        marker_shown="ref" in raw, version=str(raw.get("updated", "")),
    )  # fmt: skip


def _reads(name: str, traits: Traits) -> tuple[Reads, ...]:
    soon, often = timedelta(seconds=25), timedelta(seconds=60)
    return (
        Reads(
            _J, "/jobs", lambda raw, tenant: [Part(_J, raw["id"], lens.pick(raw, "title"))], _J, by={_J: "ids"},
            every=often, sweep=often, scopes=(ALL,),
        ),
        Reads(
            _S, "/stages", stage, _J, by={_J: "job_ids"}, every=soon, sweep=often, collection=True,
        ),
        Reads(
            _C, "/people", person, _C, by={_C: "ids"}, every=soon, sweep=often, since=("since", "{since}"),
            watermark="updated",
        ),
        Reads(
            _A, "/applications", application, _C, by={_C: "person_ids"}, every=soon, sweep=often,
            since=("since", "{since}"), watermark="updated", collection=True,
        ),
        Reads(
            _N, "/notes", note, _C, by={_C: "person_ids"}, every=soon, sweep=often, since=("since", "{since}"),
            watermark="updated", collection=True,
        ),
    )  # fmt: skip


def _hints(body: Json) -> Iterable[Hint]:
    if body["kind"] == JOB:
        return [Hint(_J, str(body["root"]), frozenset({_S}))]
    kind, id = KINDS[body["kind"]], str(body["id"])
    gone = {"deleted": Presence.DELETED, "merged": Presence.MERGED, "anonymised": Presence.ANONYMISED}
    presence = gone.get(body["action"])
    parts = (Part(kind, id, presence=presence, into=body["into"] or None),) if presence is not None else ()
    root = str(body["into"] or body["root"])
    return [Hint(_C, root, frozenset({kind}) if not body["into"] else frozenset(), parts)]


# ----------------------------------------------------------------------------------------------------------- fields


def _fields(name: str, traits: Traits, tenant: Tenant, connection: str) -> tuple[FieldMap, ...]:
    scalar, output = lens.scalar, lens.output
    shown = lens.value_of("match_score")
    loud = _casefolded if traits.shouts else lens.plain
    on_person = traits.score_on == "person"
    return (
        scalar(_C, "first_name", call="person"),
        scalar(_C, "last_name", call="person", normal=loud),
        scalar(_C, "title", call="person"),
        scalar(_C, "company", call="person"),
        lens.elements(_C, "emails", "emails", call="person", whole=True),
        lens.elements(_C, "tags", "tags", call="tags", whole=traits.whole_tags),
        scalar(_C, "created", "created_at", normal=lens.moment),
        lens.reference(connection, _A, "job", "job", _J, direction=Direction.BOTH),
        *(_folded(name, connection) if traits.folds_stages else _plain(name, connection, steps=traits.steps)),
        scalar(_A, "created", "applied_at", normal=lens.moment),
        output(
            _C if on_person else _A, score_of(tenant), "match_score",
            lens.of_newest(shown) if on_person else lens.of_application(shown), call="score", normal=lens.number,
        ),
        scalar(_N, "body", normal=lens.prose, direction=Direction.BOTH),
        scalar(_N, "created", "created_at", normal=lens.moment),
        scalar(_J, "title"),
        scalar(_S, "name"),
        scalar(_S, "order", normal=lens.number),
    )  # fmt: skip


def _casefolded(value: Value) -> Value:
    return lens.plain(value.casefold()) if isinstance(value, str) else value


def _plain(name: str, connection: str, *, steps: bool) -> tuple[FieldMap, ...]:
    """Stage and status side by side; where only steps are allowed, the next one on the way."""

    def next_step(current: Value, target: Value) -> Value:
        ladder = [f"-{stage}" for stage in STAGES]
        here = next((i for i, one in enumerate(ladder) if str(current).endswith(one)), None)
        there = next((i for i, one in enumerate(ladder) if str(target).endswith(one)), None)
        if here is None or there is None or here == there:
            return target
        following = here + (1 if there > here else -1)
        return str(target).removesuffix(ladder[there]) + ladder[following]

    stage = lens.reference(connection, _A, "stage", "stage", _S, call="move")
    words = {"open": "active", "rejected": "rejected", "hired": "hired"}
    return (
        replace(stage, route=next_step) if steps else stage,
        lens.choice(_A, "status", "status", words, {"withdrawn": "rejected"}, call="status"),
    )


def _folded(name: str, connection: str) -> tuple[FieldMap, ...]:
    """Stage and status are one there, and several stages of ours are one."""

    def render(record: Record, family: Family, refs: Refs) -> Value | Waits:
        if record.fields.get("status") in ("rejected", "withdrawn"):
            return ARCHIVED
        held = record.fields.get("stage")
        if not isinstance(held, str):
            return None
        external = refs.external.get((connection, held))
        stage, job = refs.records.get(held), refs.external.get((connection, str(record.fields.get("job"))))
        if external is not None:
            return external
        known = str(stage.fields.get("name")).split()[0] if stage is not None else ""  # also where it was renamed
        return f"{job}-{FOLDED[known]}" if job is not None and known in FOLDED else Waits(_S, held)

    def parse(seen: Value, record: Record, refs: Refs) -> Fields | Unmappable:
        if seen is None:
            return {}
        if seen == render(record, _NOBODY, refs):
            return {}
        if seen == ARCHIVED:
            return {"status": "rejected"}
        back: dict[str, Value] = {"status": "active"} if record.fields.get("status") != "hired" else {}
        held = record.fields.get("stage")
        open_again = replace(record, fields={**record.fields, "status": "active"})
        if isinstance(held, str) and seen == render(open_again, _NOBODY, refs):
            return back
        found = refs.record.get((connection, _S, str(seen)))
        return {**back, "stage": found} if found else Unmappable(str(seen), "this stage has not been read yet")

    return (FieldMap(_A, "stage", ("stage", "status"), render, parse, call="move"),)


_NOBODY = Family("", "", _C, 0, "")


# ---------------------------------------------------------------------------------------------------------- writing


def _sends(traits: Traits) -> dict[str, Sends]:
    scored = _C if traits.score_on == PERSON else _A
    made = (
        *(
            Sends(
                f"create {word}", kind, _create(PATHS[kind]), _look(PATHS[kind]) if marked else None, repeatable=False
            )
            for word, kind, marked in (
                (PERSON, _C, traits.marker), (APPLICATION, _A, traits.marker), (NOTE, _N, traits.note_marker),
            )
        ),
        Sends("person", _C, _patch(_C)),
        Sends("tags", _C, _whole_tags if traits.whole_tags else _tags),
        Sends("move", _A, _move),
        Sends("status", _A, _patch(_A)),
        Sends("score", scored, _patch(scored)),
        Sends("delete note", _N, _delete),
        Sends("erase person", _C, _anonymise if traits.erases == "anonymise" else _remove),
    )  # fmt: skip
    return {one.call: one for one in made}


def _create(path: str) -> Callable[[Rendered, Tenant], Talk]:
    def talk(write: Rendered, tenant: Tenant) -> Talk:
        body = {**_body(write.fields), "ref": write.marker}
        if _C in write.parents and path != "/people":
            body["person"] = write.parents[_C]
        response = yield Request("POST", path, json=body)
        made = response.json if isinstance(response.json, dict) else {}
        return {"external": str(made["id"])} if "id" in made else {}

    return talk


def _look(path: str) -> Callable[[Rendered, Tenant], Talk]:
    def talk(write: Rendered, tenant: Tenant) -> Talk:
        response = yield Request("GET", path, {"ref": write.marker})
        rows = response.json if isinstance(response.json, list) else []
        on = write.parents.get(_C)  # one that was made for the same record on another object, before it was theirs
        found = [one for one in rows if on is None or one.get("person") in (None, on)]
        return {"external": str(found[0]["id"])} if found else {}

    return talk


def _body(fields: Fields) -> dict[str, Json]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}


def _patch(kind: Kind) -> Callable[[Rendered, Tenant], Talk]:
    def talk(write: Rendered, tenant: Tenant) -> Talk:
        response = yield Request("PATCH", f"{PATHS[kind]}/{write.external}", json=_body(write.fields))
        return _answered(response, write)

    return talk


def _answered(response: Response, write: Rendered) -> Fields:
    if not isinstance(response.json, dict):
        return {}
    return {name: lens.freeze(response.json[name]) for name in write.fields if name in response.json}


def _tags(write: Rendered, tenant: Tenant) -> Talk:
    changes = {"add": list(write.added.get("tags", ())), "remove": list(write.removed.get("tags", ()))}
    return _answered((yield Request("POST", f"/people/{write.external}/tags", json=changes)), write)


def _whole_tags(write: Rendered, tenant: Tenant) -> Talk:
    body = {"tags": list(lens.texts(write.fields["tags"]))}
    return _answered((yield Request("POST", f"/people/{write.external}/tags", json=body)), write)


def _move(write: Rendered, tenant: Tenant) -> Talk:
    body = {"to": write.fields["stage"], "from": write.current.get("stage")}
    response = yield Request("POST", f"/applications/{write.external}/move", json=body)
    return _answered(response, write)


def _delete(write: Rendered, tenant: Tenant) -> Talk:
    yield Request("DELETE", f"/notes/{write.external}", done_if=(404,))
    return {}


def _anonymise(write: Rendered, tenant: Tenant) -> Talk:
    yield Request("POST", f"/people/{write.external}/anonymise", json={})
    return {}


def _remove(write: Rendered, tenant: Tenant) -> Talk:
    yield Request("DELETE", f"/people/{write.external}")
    return {}

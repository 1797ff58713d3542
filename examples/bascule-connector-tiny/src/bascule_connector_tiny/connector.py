"""Tiny: REST v1. Reference: none, as the system is made up; its sandbox says how it behaves."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from datetime import timedelta

from bascule.connectors import lens
from bascule.connectors.answers import Answers
from bascule.connectors.lens import NEVER_KEPT, SHOWN, elements, freeze, ids, moment, output, pick, reference, scalar
from bascule.connectors.spec import (
    ApiKey,
    Connector,
    CursorInBody,
    FileReads,
    FileTalk,
    Rate,
    Reads,
    Rendered,
    Request,
    Response,
    Sends,
    Setup,
    Talk,
    Tenant,
)
from bascule.errors import RemoteError
from bascule.model import FieldMap, Json, Kind, Part

_C, _A, _J, _S, _F = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB, Kind.STAGE, Kind.ATTACHMENT
OURS = "bascule_"  # keys of `extra` that Bascule writes


# ------------------------------------------------------------------------------------------------------------- reads


def candidate(raw: Json, tenant: Tenant) -> Iterable[Part]:
    id = str(raw["id"])
    seen = pick(raw, "first", "last", "created") | {"email": tuple(filter(None, [raw["email"]]))}
    cv = {"filename": "cv.txt", "type": "resume", "url": f"/candidates/{id}/cv"}
    return [Part(_C, id, seen, version=raw["updated"], raw=raw), Part(_F, f"cv-{id}", cv, id)]


def application(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "created", "stage") | ids(raw, "job_id")
    seen |= {f"extra.{key}": freeze(value) for key, value in raw["extra"].items() if key.startswith(OURS)}
    seen |= {f"extra.{OURS}{name}": None for name in SHOWN if OURS + name not in raw["extra"]}
    return [Part(_A, str(raw["id"]), seen, str(raw["candidate_id"]), version=raw["updated"], raw=raw)]


def job(raw: Json, tenant: Tenant) -> Iterable[Part]:
    id, seen = str(raw["id"]), pick(raw, "title", "text")
    stages = [Part(_S, one["id"], {"name": one["name"], "order": at}, id) for at, one in enumerate(raw["stages"])]
    return [
        Part(_J, id, seen | {"open": "open" if raw["open"] else "closed"}, version=raw["updated"], raw=raw),
        *stages,
    ]


def listed(
    kind: Kind, path: str, parse: Callable[[Json, Tenant], Iterable[Part]], root: Kind, by: dict[Kind, str], every: int
) -> Reads:
    """All of Tiny's lists are asked for alike."""
    return Reads(
        kind, path, parse, root, by, page_size=("limit", 100), items="items", since=("since", "{since}"),
        watermark="updated", every=timedelta(seconds=every), drop=NEVER_KEPT, collection=kind is _A,
    )  # fmt: skip


READS = (
    listed(_C, "/candidates", candidate, _C, {_C: "id"}, 60),
    listed(_A, "/applications", application, _C, {_C: "candidate"}, 60),
    listed(_J, "/jobs", job, _J, {_J: "id"}, 300),
)


# ------------------------------------------------------------------------------------------------------------ fields


def fields(tenant: Tenant, connection: str) -> Sequence[FieldMap]:
    return (
        scalar(_C, "first", "first_name"),
        scalar(_C, "last", "last_name"),
        elements(_C, "email", "emails"),
        scalar(_C, "created", "created_at", normal=moment, type="time"),
        reference(connection, _A, "job_id", "job", _J),
        reference(connection, _A, "stage", "stage", _S, call="application"),
        scalar(_A, "created", "applied_at", normal=moment, type="time"),
        *(
            output(_A, f"extra.{OURS}{name}", name, lens.of_application(value), call="application", label=name,
                   normal=lens.number if name in ("match_score", "experience_years") else lens.prose)
            for name, value in SHOWN.items()
        ),
        scalar(_J, "title"),
        scalar(_J, "text", "description", normal=lens.prose, type="long text"),
        lens.choice(_J, "open", "status", {"open": "open", "closed": "closed"}),
        scalar(_S, "name"),
        scalar(_S, "order", normal=lens.number, type="number"),
        *(scalar(_F, name) for name in ("filename", "type", "url")),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ writes


def patch(write: Rendered, tenant: Tenant) -> Talk:
    """One PATCH; keys of `extra` that it does not name stay."""
    extra = {name.removeprefix("extra."): value for name, value in write.fields.items() if name.startswith("extra.")}
    body: Json = ({"extra": extra} if extra else {}) | pick(write.fields, "stage")
    response = yield Request("PATCH", f"/applications/{write.external}", json=body)
    (part,) = application(response.json, tenant)
    return {name: part.seen[name] for name in write.fields}


def discover() -> Generator[Request, Response, Tenant]:
    """There is nothing to learn of an account, but whether the key works."""
    yield Request("GET", "/jobs", {"limit": "1"})
    return Tenant()


def create_field(wanted: Setup) -> Talk:
    """`extra` takes any key: no field is ever missing."""
    yield from ()
    return {"level": wanted.level}


def download(path: str) -> FileTalk:
    response = yield Request("GET", path, raw=True)
    return response.body


# ------------------------------------------------------------------------------------------------------- the system


ANSWERS = Answers("Tiny", key="Check the API key.", right="Use a key that may do this.")


def errors(request: Request, response: Response) -> RemoteError | None:
    words = str(response.json.get("error") or "")[:500] if isinstance(response.json, dict) else ""
    return ANSWERS.by_status(request, response, words)


CONNECTOR = Connector(
    name="tiny",
    label="Tiny",
    base_url="https://api.tiny.example/v1",
    hosts=("api.tiny.example",),
    auth=ApiKey("x-api-key"),
    settings=(("api_key", "A key from Settings > Keys", True),),
    pages=CursorInBody("cursor", "next"),
    rates={"default": Rate(100, timedelta(seconds=60))},
    reads=READS,
    sends={"application": Sends("application", _A, patch, hidden="Nothing: Tiny sends no e-mail and runs no rules.")},
    creates={},
    deletes={},
    fields=fields,
    discover=discover,
    setup=lambda tenant, wanted: (),
    create_field=create_field,
    errors=errors,
    files=FileReads("url", talk=download),
    facts={
        "api": "REST v1",
        "sunset": "none announced",
        "agreement": "none",
        "vendor sandbox": "There is none: the system is made up.",
        "by hand": "Make a key. It has every right; Tiny knows no scopes.",
        "unverified 1": "Everything: there is no such vendor.",
    },
)

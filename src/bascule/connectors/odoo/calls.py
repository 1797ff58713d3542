"""How a method of a model is called: by JSON-2 from Odoo 19 on, by JSON-RPC before. Which one, `discover` has found.

Every answer of the ORM is the same in both; what differs is where arguments, result and refusal stand.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from bascule.connectors.spec import Entered, Request, Response, Tenant
from bascule.errors import AbsentError
from bascule.model import Json

APPLICANT, CANDIDATE, JOB = "hr.applicant", "hr.candidate", "hr.job"
TRACKED = "mail.tracking.value"
STAGE, TAG, REASON = "hr.recruitment.stage", "hr.applicant.category", "hr.applicant.refuse.reason"
ASKS = frozenset({"search_read", "search", "read", "fields_get", "context_get"})  # methods that change nothing
EVERYTHING = {"active_test": False}  # refused applicants are inactive, which is no deletion


def persons(tenant: Tenant) -> bool:
    """Whether the database knows persons apart from their applications: only Odoo 18 does."""
    return tenant.facts.get("persons") == "yes"


def call(
    tenant: Tenant,
    model: str,
    method: str,
    ids: Sequence[str | int] | None = None,
    *,
    tolerate: tuple[int, ...] = (),
    **named: Json,
) -> Request:
    """One call. `ids`: the records it is about. What is refused with one of the statuses in `tolerate` is answered too
    (over JSON-RPC every refusal, as all have the status 200)."""
    safe, about = method in ASKS, None if ids is None else [int(one) for one in ids]
    if tenant.facts.get("transport") == "json2":
        body = named if about is None else {"ids": about, **named}
        headers = {"x-odoo-database": "{database}"}
        return Request("POST", f"/json/2/{model}/{method}", json=body, headers=headers, done_if=tolerate, safe=safe)
    plain = [about] if about is not None else [named.pop("vals_list")] if method == "create" else []
    key, uid = Entered("api_key"), int(tenant.facts.get("uid") or 0)
    args = [Entered("database"), uid, key, model, method, plain, named]
    return Request("POST", "/jsonrpc", json=rpc("object", "execute_kw", args), safe=safe,
                   done_if=(200, *tolerate) if tolerate else ())  # fmt: skip


def rpc(service: str, method: str, args: Sequence[Json]) -> Json:
    return {"jsonrpc": "2.0", "method": "call", "id": 1, "params": {"service": service, "method": method, "args": args}}


def result(body: Json) -> Json:
    """What a method returned. Over JSON-RPC one that returns nothing has no result."""
    return body.get("result") if isinstance(body, Mapping) and "jsonrpc" in body else body


def rows(body: Json) -> list[Json]:
    found = result(body)
    return found if isinstance(found, list) else []


def refusal(response: Response) -> tuple[str, str] | None:
    """(the name of the exception, its words), or None for what was done. JSON-2 says it in an object or, as its first
    documentation shows, in a text."""
    body = response.json
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping):
        data: Mapping[str, Json] = error["data"] if isinstance(error.get("data"), Mapping) else {}
        return str(data.get("name") or ""), str(data.get("message") or error.get("message") or "")
    if response.status < 400:
        return None
    if isinstance(body, Mapping):
        return str(body.get("name") or ""), str(body.get("message") or "")
    return "", body if isinstance(body, str) else ""


def one(tenant: Tenant, model: str, id: str, fields: Sequence[str]) -> Generator[Request, Response, Mapping[str, Json]]:
    """A record as it is now, archived or not. AbsentError when it is not shown."""
    response = yield call(
        tenant, model, "search_read", domain=[["id", "=", int(id)]], fields=list(fields), context=EVERYTHING
    )
    found = rows(response.json)
    if not found:
        raise AbsentError(f"Odoo shows no such record of {model}.", status=404)
    return found[0]

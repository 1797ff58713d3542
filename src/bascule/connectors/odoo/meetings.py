"""Interviews that were booked with us, as meetings of the applicant: made, moved, archived when they are cancelled.

Our mark stands in the description. Odoo e-mails attendees of a meeting unless the context says not to, as it does here.
Who attends is a contact; that of a user is what an interviewer is known by.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from datetime import UTC, datetime

from bascule.connectors.lens import marked, reference_line, texts
from bascule.connectors.spec import Rendered, Request, Response, Sends, Talk, Tenant
from bascule.errors import RejectedError
from bascule.model import CreateRule, EraseRule, Json, Kind, Part, Value

from .calls import EVERYTHING, call, one, result, rows
from .values import moments, ref, refs, text, values

MEETING, CALL = "calendar.event", "meet"
QUIET = {
    "no_mail_to_attendees": True, "dont_notify": True, "mail_create_nosubscribe": True, "tracking_disable": True,
}  # fmt: skip
"""In the context: no e-mail to attendees, no reminders, no followers, no line in the log for each change."""
SHOWN = ("name", "start", "stop", "active", "user_id", "partner_ids", "applicant_id", "location", "description")
CANCELLED = "cancelled"


def interview(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = values(raw, "name", "location") | moments(raw, "start", "stop", "create_date") | refs(raw, "applicant_id")
    if "active" in raw:
        seen["status"] = "scheduled" if raw["active"] else CANCELLED
    seen |= attending(raw, tenant)
    mark = marked(text(raw.get("description")))[1] if raw.get("description") else ""
    return [
        Part(
            Kind.INTERVIEW, str(raw["id"]), seen, ref(raw.get("applicant_id")), marker=mark,
            marker_shown="description" in raw,
        )
    ]  # fmt: skip


def attending(raw: Json, tenant: Tenant) -> dict[str, Value]:
    """The users among those who attend, as far as `discover` knows whose contact is whose; else who has called it."""
    users = {name.removeprefix("partner."): id for name, id in tenant.facts.items() if name.startswith("partner.")}
    if users and isinstance(raw.get("partner_ids"), list):
        return {"partner_ids": tuple(sorted(users[str(one)] for one in raw["partner_ids"] if str(one) in users))}
    return {"partner_ids": (user,) if (user := ref(raw["user_id"])) else ()} if "user_id" in raw else {}


def contacts(tenant: Tenant) -> Generator[Request, Response, dict[str, str]]:
    """Whose contact is whose, as facts of the account."""
    domain = [["share", "=", False]]
    told = yield call(tenant, "res.users", "search_read", domain=domain, fields=["partner_id"], context=EVERYTHING,
                      tolerate=(403,))  # fmt: skip
    found = rows(told.json)
    return {f"partner.{ref(row['partner_id'])}": str(row["id"]) for row in found if ref(row.get("partner_id"))}


def add_interview(write: Rendered, tenant: Tenant) -> Talk:
    vals = yield from wanted(write, tenant)
    vals |= {
        "applicant_id": int(write.parents[Kind.APPLICATION]),
        "description": f"<p>{reference_line(write.marker)}</p>",
    }
    if any((of, name) == (MEETING, "candidate_id") for of, name, _ in tenant.fields):
        vals["candidate_id"] = int(write.parents[Kind.CANDIDATE])
    made = yield call(tenant, MEETING, "create", vals_list=[vals], context=QUIET)
    found = result(made.json)
    id = str(found[0] if isinstance(found, list) else found)
    return {"external": id, **(yield from shown(write, tenant, id))}


def wanted(write: Rendered, tenant: Tenant) -> Generator[Request, Response, dict[str, Json]]:
    """What is written, in Odoo's terms: times are naive and UTC, the first interviewer calls the meeting."""
    names = {name: write.fields[name] for name in ("name", "location") if name in write.fields}
    vals: dict[str, Json] = {name: value or False for name, value in names.items()}
    vals |= {name: naive(write.fields[name]) for name in ("start", "stop") if name in write.fields}
    if users := texts(write.fields.get("partner_ids")):
        told = yield call(tenant, "res.users", "read", list(users), fields=["partner_id"])
        partners = {str(row["id"]): ref(row.get("partner_id")) for row in rows(told.json)}
        missing = [id for id in users if not partners.get(id)]
        if missing:
            raise RejectedError("Odoo does not show the contact of an interviewer.", hint="Look at the user there.")
        vals |= {"user_id": int(users[0]), "partner_ids": [[6, 0, [int(str(partners[id])) for id in users]]]}
    return vals


def naive(value: Value) -> str:
    """A moment as Odoo takes it."""
    return datetime.fromisoformat(str(value)).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def find_interview(write: Rendered, tenant: Tenant) -> Talk:
    domain = [["applicant_id", "=", int(write.parents[Kind.APPLICATION])], ["description", "ilike", write.marker]]
    found = yield call(tenant, MEETING, "search_read", domain=domain, fields=["description"], context=EVERYTHING)
    for row in rows(found.json):
        if marked(text(row.get("description")))[1] == write.marker:
            return {"external": str(row["id"])}
    return {}


def change_interview(write: Rendered, tenant: Tenant) -> Talk:
    """Another time, place or panel; archived where it is cancelled."""
    vals = yield from wanted(write, tenant)
    if "status" in write.fields:
        if write.fields["status"] not in ("scheduled", CANCELLED):
            raise RejectedError(f"The status {write.fields['status']!r} is not written.", hint="Do it in Odoo itself.")
        vals["active"] = write.fields["status"] == "scheduled"
    yield call(tenant, MEETING, "write", [write.external], vals=vals, context=QUIET)
    return (yield from shown(write, tenant, write.external))


def take_away(write: Rendered, tenant: Tenant) -> Talk:
    """Of somebody who is erased: what we made is deleted."""
    domain = [["id", "=", int(write.external)]]
    told = yield call(tenant, MEETING, "search_read", domain=domain, fields=["description"], context=EVERYTHING)
    if any(marked(text(row.get("description")))[1] for row in rows(told.json)):
        yield call(tenant, MEETING, "unlink", [write.external], context=QUIET)
    return {}


def shown(write: Rendered, tenant: Tenant, id: str) -> Generator[Request, Response, Mapping[str, Value]]:
    now = yield from one(tenant, MEETING, id, SHOWN)
    seen = next(iter(interview({**now, "id": id}, tenant))).seen
    return {name: seen[name] for name in write.fields if name in seen}


SAYS = (
    "Odoo is asked to e-mail nobody who attends and to remind nobody. The customer's automation rules run, and a "
    "calendar that is synchronised with Odoo may invite attendees: made only where the owner has chosen so."
)
RIGHTS = (f"{MEETING}:create", f"{MEETING}:write", f"{MEETING}:read", "res.users:read")
INTERVIEWS = (
    Sends("schedule", Kind.INTERVIEW, add_interview, find_interview, repeatable=False, hidden=SAYS, scopes=RIGHTS),
    Sends(CALL, Kind.INTERVIEW, change_interview, hidden=SAYS, scopes=RIGHTS),
    Sends("take away", Kind.INTERVIEW, take_away, scopes=(f"{MEETING}:unlink", f"{MEETING}:read")),
)
TAKEN_AWAY = EraseRule(Kind.INTERVIEW, "take away", "meetings made by Bascule are deleted there")
BOOKED = CreateRule(
    Kind.INTERVIEW, "schedule", ("status", "name", "start", "stop", "location", "partner_ids"),
    parents=(Kind.APPLICATION,), open_only=True,
)  # fmt: skip

"""What is written to Lever: conversations that look first, so that sending twice changes it once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence

from bascule.connectors import lens
from bascule.connectors.fieldlist import sort
from bascule.connectors.lens import fold, marked, phone, reference_line
from bascule.connectors.spec import Rendered, Request, Response, Sends, Talk, Tenant
from bascule.errors import GuardRefusedError, RejectedError
from bascule.model import CreateRule, Json, Kind

from .creations import COPIES, CREATIONS, OPPORTUNITIES
from .form import fill, learn
from .objects import EXPANDED, answered, every, home, newest, opportunity, posting
from .panels import BOOKED, INTERVIEWS, TAKEN_AWAY
from .reads import ADMINS, person, state, tags

# --------------------------------------------------------------------------------------------------------- the person


def contact(write: Rendered, tenant: Tenant) -> Talk:
    """The whole contact is read, changed by our elements only, and sent: nothing of it is left out of the PUT."""
    path = f"/contacts/{write.external}"
    response = yield Request("GET", path)
    now = answered(response)
    for name in ("name", "headline"):
        known = (lens.plain(write.current.get(name)), lens.plain(write.fields.get(name)))
        if name in write.fields and lens.plain(now.get(name)) not in known:
            raise GuardRefusedError("Somebody has changed the contact meanwhile.")
    place = now.get("location")
    body: dict[str, Json] = {"name": now.get("name") or "", "headline": now.get("headline") or ""}
    if isinstance(place, Mapping) and isinstance(place.get("name"), str):
        body["location"] = {"name": place["name"]}
    body |= {name: str(write.fields[name] or "") for name in ("name", "headline") if name in write.fields}
    body["emails"] = changed([str(one) for one in now.get("emails") or ()], write, "emails", str.casefold)
    phones = {str(one["value"]): one for one in now.get("phones") or () if one.get("value")}
    numbers = changed(list(phones), write, "phones", phone)
    body["phones"] = [dict(phones.get(one, {"type": "mobile", "value": one})) for one in numbers]
    same = all((now.get(name) or "") == body[name] for name in ("name", "headline", "emails", "phones"))
    if not same:
        response = yield Request("PUT", path, json=body, acts_as=write.acts_as)
        now = answered(response) or {}
    parts = person(now, write.external) if "isAnonymized" in now else []
    return {name: value for part in parts for name, value in part.seen.items() if name in write.fields}


def changed(there: Sequence[str], write: Rendered, name: str, fold: Callable[[str], str]) -> list[str]:
    """A list as it should be: ours removed, ours added, everything else as it stands there."""
    away = {fold(one.strip()) for one in write.removed.get(name, ())}
    kept = [one for one in there if fold(one.strip()) not in away]
    known = {fold(one.strip()) for one in kept}
    return kept + [one for one in write.added.get(name, ()) if fold(one.strip()) not in known]


def links(write: Rendered, tenant: Tenant) -> Talk:
    """Links are the contact's, and written on any of its opportunities."""
    row = yield from newest(write.external)
    row = yield from elements(write, row, ("links",), "Links")
    return {"links": tuple(str(one) for one in row.get("links") or ())}


def elements(write: Rendered, row: Json, names: Sequence[str], what: str) -> Generator[Request, Response, Json]:
    """Add and remove texts one by one, in the spelling they have there; what is so already is not sent."""
    there = {fold(str(one)): str(one) for one in row.get(what.lower()) or ()}
    away = [there[key] for name in names for one in write.removed.get(name, ()) if (key := fold(one)) in there]
    new = [one for name in names for one in write.added.get(name, ()) if fold(one) not in there]
    for verb, some in (("remove", away), ("add", new)):
        if some:
            path = f"/opportunities/{row['id']}/{verb}{what}"
            response = yield Request("POST", path, json={what.lower(): some}, acts_as=write.acts_as)
            row = answered(response) or row
    return row


def tag(write: Rendered, tenant: Tenant) -> Talk:
    row = yield from opportunity(write.external)
    row = yield from elements(write, row, ("tags", "tags.top_ten"), "Tags")
    return tags(row)


# ------------------------------------------------------------------------------------------------ what people decide


def move(write: Rendered, tenant: Tenant) -> Talk:
    """To another stage of the account, guarded by where the opportunity is now."""
    job, _, target = str(write.fields["stage"]).partition("/")
    now = yield from opportunity(write.external)
    here = f"{posting(now)}/{now['stage']}"
    if posting(now) != job:
        raise GuardRefusedError("The candidacy is for another posting than this stage.")
    if here == write.fields["stage"]:
        return {"stage": here}
    expected = write.current.get("stage")
    if expected is not None and here != expected:
        raise GuardRefusedError("Somebody has moved the candidacy to another stage meanwhile.")
    if now.get("archived"):
        raise GuardRefusedError("The candidacy is archived. It has to be taken up again before it can be moved.")
    path = f"/opportunities/{write.external}/stage"
    response = yield Request("PUT", path, EXPANDED, json={"stage": target}, acts_as=write.acts_as)
    row = answered(response) or {}
    there = f"{job}/{row['stage']}" if row.get("stage") else here
    return {} if there == here else {"stage": there}  # still the old one: an answer that lags says nothing


def decide(write: Rendered, tenant: Tenant) -> Talk:
    """Archive with a reason, unarchive, or change the reason. A hire is never written, and never undone.

    Interviews that are planned stay: calling them off would write to those who are invited.
    """
    status, reason = write.fields.get("status"), write.fields.get("reason")
    if status not in (None, "rejected", "active"):
        raise RejectedError(f"The status {status!r} is not written to Lever.", hint="Do it in Lever itself.")
    now = yield from opportunity(write.external)
    held = state(now, tenant)
    if now.get("archived") and held.get("status") != "rejected":
        raise GuardRefusedError("Somebody has archived the candidacy in Lever as a hire, or for a new reason.")
    if status == "active":
        wanted = None
    else:
        wanted = reason or held.get("reason")
        if wanted is None and status is not None:
            raise RejectedError("Lever archives with a reason only.", hint="Name the reason of the rejection.")
        if held.get("status") == "active" and status is None:
            return {}  # a reason alone rejects nobody
    if wanted == held.get("reason") and (wanted is None) == (held.get("status") == "active"):
        return {name: held[name] for name in write.fields if name in held}
    path = f"/opportunities/{write.external}/archived"
    response = yield Request("PUT", path, EXPANDED, json={"reason": wanted}, acts_as=write.acts_as)
    after = state(answered(response) or {}, tenant)
    return {} if after == held else {name: after[name] for name in write.fields if name in after}


# ------------------------------------------------------------------------------------------------------------ notes


def add_note(write: Rendered, tenant: Tenant) -> Talk:
    """A note, ending in a line that names our record. Nobody who follows the opportunity is told by e-mail."""
    on = yield from home(write)
    body: dict[str, Json] = {
        "value": f"{write.fields.get('value') or ''}\n\n{reference_line(write.marker)}",
        "secret": write.fields.get("secret", "secret") != "visible",
        "notifyFollowers": False,
    }
    response = yield Request("POST", f"/opportunities/{on}/notes", json=body, acts_as=write.acts_as)
    made = answered(response)
    id = (made.get("noteId") or made.get("id")) if isinstance(made, Mapping) else None
    return {"external": str(id)} if id else {}


def find_note(write: Rendered, tenant: Tenant) -> Talk:
    """On every opportunity of the candidate: which one was the newest may have changed."""
    query = {"contact_id": write.parents[Kind.CANDIDATE], "confidentiality": "all"}
    rows = yield from every(Request("GET", "/opportunities", query))
    for row in rows:
        notes = yield from every(Request("GET", f"/opportunities/{row['id']}/notes"))
        for one in notes:
            if any(marked(str(each.get("value") or ""))[1] == write.marker for each in one.get("fields") or ()):
                return {"external": str(one["id"])}
    return {}


# ---------------------------------------------------------------------------------------------- the customer's account


def discover() -> Generator[Request, Response, Tenant]:
    """Stages in their order, archive reasons with their types, the user to act as, our template; and the keys that
    objects are shown with."""
    stages = yield from every(Request("GET", "/stages"))
    reasons = yield from every(Request("GET", "/archive_reasons"))
    users = yield from every(Request("GET", "/users?email={acting_user}"))
    custom, template = yield from learn()
    facts = {f"stage.{order:04}": f"{row['id']} {row['text']}" for order, row in enumerate(stages)}
    facts |= {f"reason.{row['id']}": str(row["type"]) for row in reasons}
    acting = next((row for row in users if row.get("deactivatedAt") is None), None)
    if acting is not None:
        facts |= {"acting": str(acting["id"]), "acting_admin": "yes" if acting.get("accessRole") in ADMINS else ""}
    shown: list[tuple[str, str, str]] = []
    for path, of in (("opportunities", "opportunity"), ("postings", "posting")):
        first = yield Request("GET", f"/{path}", {"limit": "1"}, done_if=(403,))
        row = next(iter(answered(first) or ()), {}) if first.status < 400 else {}
        shown += [(of, key, sort(value)) for key, value in sorted(row.items())]
    return Tenant(custom, facts | template, frozenset(), tuple(shown))


# --------------------------------------------------------------------------------------------------------- the calls

MAY_RUN = (
    "Lever may run this customer's automations for the stage, which may e-mail the candidate; there is no way to "
    "switch that off for one move."
)
NO_MAIL = (
    "Archiving through the interface sends no rejection e-mail of its own; automations of this customer may still run. "
    "Interviews that are planned are not called off."
)

SENDS = {
    sends.call: sends
    for sends in (
        Sends("contact", Kind.CANDIDATE, contact, scopes=("contact:read:admin", "contact:write:admin")),
        Sends("links", Kind.CANDIDATE, links, scopes=OPPORTUNITIES),
        Sends("tags", Kind.APPLICATION, tag, scopes=OPPORTUNITIES),
        Sends("match", Kind.APPLICATION, fill, scopes=("feedback:read:admin", "feedback:write:admin")),
        Sends("move", Kind.APPLICATION, move, hidden=MAY_RUN, scopes=OPPORTUNITIES),
        Sends("decide", Kind.APPLICATION, decide, hidden=NO_MAIL, scopes=OPPORTUNITIES),
        Sends("note", Kind.NOTE, add_note, find_note, repeatable=False, scopes=(
            "notes:read:admin", "notes:write:admin", "opportunities:read:admin",
        )),
        *CREATIONS,
        *INTERVIEWS,
    )
}  # fmt: skip
CREATES = {
    **COPIES,
    Kind.INTERVIEW: BOOKED,
    Kind.NOTE: CreateRule(Kind.NOTE, "note", ("value", "secret", "application_id"), parents=(Kind.CANDIDATE,)),
}
ERASES = {Kind.INTERVIEW: TAKEN_AWAY}

"""People who may sign in, programs' keys, and this person's log-ins."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bascule.model import Kind, LinkState, Role
from bascule.office.retention import in_force
from bascule.office.signin import Standing
from bascule.office.visibility import Visible
from bascule.store import Tx
from bascule.store.codec import moment
from bascule.store.people import digest

from ..people import Signed
from ..roles import ROLE_WORDS, SCOPE_WORDS, Scope
from ..views.parts import Choice, Fact
from ..views.settings import KeyRow, PersonRow, PersonSessions, SessionRow, SessionsPage, SettingsPage, SignInPart
from . import sql, words

USERS = 500


def page(
    tx: Tx, me: Signed, now: datetime, facts: tuple[Fact, ...], secret: str = "", secret_for: str = "", *,
    sign_in: Standing, visible: Visible,
) -> SettingsPage:  # fmt: skip
    """`secret` is a new key or link, shown this once."""
    workspace = me.user.workspace
    users = tx.people.users(workspace)
    names = {user.id: user.name or user.email for user in users}
    logins = {person: moment(at) for person, at in tx.rows(sql.LAST_LOGIN, workspace=workspace)}
    desks = tx.decisions.working(workspace, now)
    choices = _ats_users(tx, workspace)
    known = {choice.value: choice.words for choice in choices}
    return SettingsPage(
        people=tuple(
            PersonRow(
                user.id,
                user.name,
                user.email,
                user.role,
                logins.get(user.id),
                user.disabled is None,
                ", ".join(known.get(f"{c}|{e}", f"user {e}") for c, e in sorted(user.identities.items())),
                user.id == me.user.id,
                bool(tx.people.subjects(user.id)),
                user.id in desks,
            )
            for user in users
        ),
        keys=tuple(
            KeyRow(
                key.id,
                key.name,
                tuple(sorted(key.scopes)),
                key.created,
                names.get(key.owner, ""),
                key.last_used,
                key.expires,
                key.bound,
            )
            for key in tx.people.keys(workspace)
            if key.revoked is None
        ),
        roles=tuple(Choice(role, said) for role, said in ROLE_WORDS.items()),
        scopes=tuple(Choice(scope, said, scope is Scope.STATUS_READ) for scope, said in SCOPE_WORDS.items()),
        facts=facts,
        secret=secret,
        secret_for=secret_for,
        ats_users=tuple(choices),
        kept=tuple(in_force(tx, workspace)),
        sign_in=sign_in_part(sign_in),
        visible=visible,
    )


def sessions(tx: Tx, me: Signed, now: datetime, idle: timedelta | None, hours: int, *, everybody: bool) -> SessionsPage:
    """What is signed in: one's own, and with `everybody` the others' too."""
    workspace = me.user.workspace
    names = {user.id: user.name or user.email for user in tx.people.users(workspace)}
    mine: list[SessionRow] = []
    others: dict[str, list[SessionRow]] = {}
    for one in tx.people.sessions(workspace, "" if everybody else me.user.id, now=now, idle=idle):
        shown = SessionRow(
            one.hash, names.get(one.person, ""), one.created, one.seen, one.device, one.hash == digest(me.secret),
            urlsplit(one.issuer).hostname or "",
        )  # fmt: skip
        (mine if one.person == me.user.id else others.setdefault(one.person, [])).append(shown)
    ends = f"Each ends {hours} hours after the sign-in" + (
        f", or {int(idle.total_seconds() // 60)} minutes after it was last used." if idle else "."
    )
    groups = (PersonSessions(id, names.get(id, ""), tuple(rows)) for id, rows in others.items())
    return SessionsPage(tuple(mine), tuple(sorted(groups, key=lambda one: one.name)), ends)


def sign_in_part(found: Standing) -> SignInPart:
    """The provider of identities, as the page shows it."""
    choice = found.choice
    return SignInPart(
        on=choice.on,
        named=choice.named if choice.issuer else "",
        label=choice.label,
        issuer=choice.issuer,
        client_id=choice.client_id,
        secret=found.secret,
        fixed=found.fixed,
        redirect_uri=found.redirect_uri,
        claim=choice.claim,
        roles="\n".join(f"{value} = {role}" for value, role in choice.roles),
        defaults=(Choice("", "Nobody: refuse", not choice.default),
                  *(Choice(role, role.capitalize(), role == choice.default) for role in Role)),
        trust_email=choice.trust_email,
        local=choice.local,
    )  # fmt: skip


def _ats_users(tx: Tx, workspace: str) -> list[Choice]:
    """Active users of each connected system, as "<connection>|<their id there>"."""
    connections = words.connection_names(tx, workspace)
    records = {record.id: record for record in tx.pages.of_kind(workspace, Kind.USER, USERS)}
    families = tx.families.families({record.family for record in records.values()})
    found = [
        Choice(
            f"{link.connection}|{link.external}",
            f"{words.title(records[link.record])} at {connections[link.connection]}",
        )
        for family in families.values()
        for link in family.links.values()
        if link.kind is Kind.USER
        and link.state is LinkState.LIVE
        and link.record in records
        and link.connection in connections
        and records[link.record].fields.get("active") is not False
    ]
    return sorted(found, key=lambda choice: choice.words.casefold())

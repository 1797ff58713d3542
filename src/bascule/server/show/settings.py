"""People who may sign in, programs' keys, and this person's log-ins."""

from __future__ import annotations

from datetime import datetime

from bascule.model import Kind, LinkState
from bascule.office.retention import in_force
from bascule.store import Tx
from bascule.store.codec import moment
from bascule.store.people import digest

from ..people import Signed
from ..roles import ROLE_WORDS, SCOPE_WORDS, Scope
from ..views.parts import Choice, Fact
from ..views.settings import KeyRow, PersonRow, SessionRow, SettingsPage
from . import sql, words

USERS = 500


def page(
    tx: Tx, me: Signed, now: datetime, facts: tuple[Fact, ...], secret: str = "", secret_for: str = ""
) -> SettingsPage:
    """`secret` is a new key or link, shown this once."""
    workspace = me.user.workspace
    users = tx.people.users(workspace)
    names = {user.id: user.name or user.email for user in users}
    logins = {person: moment(at) for person, at in tx.rows(sql.LAST_LOGIN, workspace=workspace)}
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
            )
            for user in users
        ),
        keys=tuple(
            KeyRow(key.id, key.name, tuple(sorted(key.scopes)), key.created, names.get(key.owner, ""), key.last_used)
            for key in tx.people.keys(workspace)
            if key.revoked is None
        ),
        sessions=tuple(
            SessionRow(hash[:8], me.user.name, moment(since), moment(ends), "", hash == digest(me.secret))
            for hash, since, ends in tx.rows(sql.SESSIONS, person=me.user.id)
            if moment(ends) > now
        ),
        roles=tuple(Choice(role, said) for role, said in ROLE_WORDS.items()),
        scopes=tuple(Choice(scope, said, scope is Scope.STATUS_READ) for scope, said in SCOPE_WORDS.items()),
        facts=facts,
        secret=secret,
        secret_for=secret_for,
        ats_users=tuple(choices),
        kept=tuple(in_force(tx, workspace)),
    )


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

"""Who looked at whom is an audit entry: at a person, at one thing about them, at a list that names people."""

from __future__ import annotations

from collections.abc import Callable

from bascule.store import Tx

from ..desk import Desk
from ..show import candidate


async def viewed(at: Desk, id: str) -> None:
    """Somebody's page. NotFoundError where there is no such candidate."""

    def family(tx: Tx) -> str:
        found = candidate.family_of(tx, at.workspace, id)
        tx.families.looked_at(found, now=at.app.runtime.now())
        return found

    await _entry(at, id, family)


async def seen(at: Desk, id: str) -> None:
    """The history of a record, or something that is about it."""
    await _entry(at, id, lambda tx: tx.families.record_family(id))


async def _entry(at: Desk, id: str, family: Callable[[Tx], str | None]) -> None:
    if at.web.again(at.signed.user.id, id):
        return
    now = at.app.runtime.now()
    await at.app.store.write(
        lambda tx: tx.audit.record(
            workspace=at.workspace, at=now, action="view", actor=at.actor, family=family(tx), record=id
        )
    )
    at.web.seen[at.signed.user.id, id] = now


async def about(at: Desk, href: str) -> None:
    """Something that is about whom an address names, if it names anybody."""
    id = href.rpartition("/")[2]
    if id:
        await seen(at, id)


async def listed(at: Desk, action: str, record: str | None = None) -> None:
    """A list that names people; `record`: whose, such as a job's."""
    which = f"{action} {record or ''}"
    if at.web.again(at.signed.user.id, which):
        return
    await at.app.desk.note(at.actor, action, record=record)
    at.web.seen[at.signed.user.id, which] = at.app.runtime.now()

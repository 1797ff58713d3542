"""Telling colleagues by e-mail: a recruiter, a hiring manager, a rule's owner. What is sent names no candidate: it says
what is the matter and opens the page in the ATS, where the reader is signed in anyway."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bascule.engine.connections import Connected
from bascule.engine.runtime import Runtime
from bascule.model import Family, Kind, Link, Record
from bascule.store import Store, Tx
from bascule.store.tasks import TaskLease
from bascule.store.triggers import FiringState

from .mail import TRIES, Letter, Post, Took, later, made
from .messages import SILENT, no_server, server_of
from .triggers import Case, Deed

NOTICE = "notice"  # the task that sends one
UNTOLD = "letter to a colleague"  # the notice that one was not taken, about the address
RECRUITER, MANAGER, OWNER = "recruiter", "hiring manager", "owner"


class Notices:
    """What a rule does with `do: notify`, and the handler of the task "notice"."""

    def __init__(self, runtime: Runtime, store: Callable[[], Store], post: Callable[[], Post], *, address: str) -> None:
        self._runtime = runtime
        self._store = store
        self._post = post
        self._address = address

    def act(self, tx: Tx, case: Case) -> Deed:
        """A notice on its way, or why nobody is told."""
        to = case.trigger.told.get("to", RECRUITER)
        _, address = colleague(tx, case, to)
        if not address:
            return Deed(FiringState.FAILED, f"nobody is named as {to} of this job with an e-mail address")
        title = str(case.job.fields.get("title") or "") if case.job is not None else ""
        text = case.trigger.told.get("text") or case.trigger.why
        where = page_there(case.at, case.family, case.application) or f"{self._address}/candidates/{case.candidate.id}"
        body = f"{title}: {text}\n\n{where}\n\nWhy you get this: {case.trigger.name}, {case.trigger.why}\n"
        subject = f"{title or 'An application'}: {text}"
        put_letter(tx, case.family.workspace, case.id, address, subject, body, now=self._runtime.now())
        return Deed(FiringState.DONE)

    async def run(self, task: TaskLease) -> float | None:
        """The task "notice". A letter that may have left is not sent again: a colleague misses a line, at worst."""
        server, now = await self._store().read(lambda tx: server_of(tx, task.workspace)), self._runtime.now()
        if server is None:
            return await self._store().write(lambda tx: no_server(tx, task.workspace, now))
        given = {name: str(value) for name, value in task.payload.items()}
        letter = Letter(
            f"<{task.key}@{server.domain}>", given["to"], given["subject"], given["text"], "", "notice-of-a-rule", now,
            automatic=True,
        )  # fmt: skip
        posted = await self._post().send(server, given["to"], made(letter, server))
        if posted.took is Took.NOT_NOW and task.tries + 1 < TRIES:
            said = f"Messages wait: the mail server says {posted.words}."
            await self._store().write(lambda tx: tx.notices.put(task.workspace, SILENT, "all", said, now=now))
            return later(task.tries)
        if posted.took is not Took.TAKEN:
            await self._store().write(lambda tx: _failed(tx, task, given["to"], posted.words, now))
        return None


def page_there(at: Connected, family: Family, application: Record) -> str:
    """The application's page in the ATS, else its candidate's; "" where neither has an address."""
    url, row = at.connector.user_url, at.row
    if url is None:
        return ""
    settings = {key: str(value) for key, value in row.settings.items()} | {"base_url": row.base_url}
    links = [x for x in family.links.values() if x.connection == at.id and x.open]
    own: list[Link] = [x for x in links if x.record == application.id]
    above = [x for x in links if x.record == application.parent]
    return next((found for x in (*own, *above) if (found := url(settings, x.kind, x.external))), "")


def put_letter(tx: Tx, workspace: str, key: str, to: str, subject: str, text: str, *, now: datetime) -> None:
    """A letter to a colleague, on its way. `key` is that of the rule's doing behind it, else any new id."""
    payload = {"to": to, "subject": subject[:150], "text": text}
    tx.tasks.put(workspace, NOTICE, key, due=now, payload=payload)


def _failed(tx: Tx, task: TaskLease, to: str, words: str, now: datetime) -> None:
    """Nobody took it: what a rule did has failed, and of any other letter the owner is told."""
    if tx.triggers.one(task.workspace, task.key) is not None:
        tx.triggers.settle(task.key, FiringState.FAILED, words, now=now)
    else:
        tx.notices.put(task.workspace, UNTOLD, to, f"A letter to {to} was not taken: {words}", now=now)


def addresses(tx: Tx, workspace: str, named: object) -> list[str]:
    """The e-mail addresses of users of an ATS that a record names, those who are active there."""
    ids = [one for one in named if isinstance(one, str)] if isinstance(named, tuple) else []
    users = tx.families.records(workspace, ids) if ids else {}
    found = [_email(users[one]) for one in ids if one in users and users[one].fields.get("active") is not False]
    return list(dict.fromkeys(one for one in found if "@" in one))


def colleague(tx: Tx, case: Case, to: str) -> tuple[str, str]:
    """Name and e-mail of whom a rule names: by part in the hiring, or by the address itself; ("", "") for nobody."""
    if "@" in to:
        return "", to
    if to == OWNER:
        return "", case.trigger.owner
    asked: list[object] = []
    if to == RECRUITER:
        asked.append(case.application.fields.get("recruiter"))
    if case.job is not None:
        named = case.job.fields.get("recruiters" if to == RECRUITER else "hiring_managers")
        asked += list(named) if isinstance(named, tuple) else []
    ids = [one for one in asked if isinstance(one, str)]
    users = tx.families.records(case.family.workspace, ids) if ids else {}
    found = next((users[one] for one in ids if one in users and _email(users[one])), None)
    return (str(found.fields.get("name") or ""), _email(found)) if found is not None else ("", "")


def _email(user: Record) -> str:
    return str(user.fields.get("email") or "") if user.kind is Kind.USER else ""

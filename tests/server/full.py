"""An installation in which something of every kind is about one person, so that every route has what it may show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from bascule.core.triggers import Do
from bascule.hiring import links
from bascule.hiring.links import Purpose
from bascule.hiring.mail import Security, Server
from bascule.hiring.messages import keep_server
from bascule.model import Kind, Pair, Reason, Write, WriteState
from bascule.store import Tx
from bascule.store.decisions import Asked, DecisionDesk
from bascule.store.messages import Message, MessageState
from bascule.store.people import User
from bascule.store.triggers import Firing, FiringState

from .conftest import SOMEBODY, Bench
from .test_decisions import Case, applied

NAMED = ("Ada", "Byron", "ada@mail.example")  # what shows who the person is


@dataclass(frozen=True)
class Full:
    """`paths`: a route's parameter, or the route and its parameter, -> what is asked for."""

    case: Case
    job: str
    paths: Mapping[str, str]

    def path(self, route: str) -> str | None:
        """The address of a route; None where there is nothing of what it is about."""
        path = route
        while "{" in path:
            name = path.partition("{")[2].partition("}")[0]
            before = path.partition("{")[0]
            value = self.paths.get(before.removeprefix("/api/v1")) or self.paths.get(name)
            if value is None:
                return None
            path = path.replace("{" + name + "}", value, 1)
        return path


async def full(bench: Bench, person: User) -> Full:
    """Ada has applied. `person` answers for her: what is held is on their desk."""
    case = await applied(bench)
    app, now, ids = bench.app, bench.app.runtime.now(), bench.app.runtime.id

    def fill(tx: Tx) -> tuple[str, dict[str, str]]:
        family = tx.families.family(tx.families.record_family(case.candidate) or "")
        link = next(one for one in family.links.values() if one.kind is Kind.CANDIDATE)
        write = Write(
            ids(), case.connection, case.candidate, link.id, "update_candidate", frozenset({"first_name"}), SOMEBODY,
            "edit", now, state=WriteState.DEAD, tries=1, why="422: First name is not allowed", reason=Reason.VALUE,
            closed=now,
        )  # fmt: skip
        paired = replace(link, pairs={"first_name": Pair("Ada", "Ada")})
        tx.families.save(
            family, replace(family, writes={write.id: write}, links={**family.links, link.id: paired}), now=now
        )
        job = str(family.records[case.application].fields["job"])
        sent = ids()
        firing = Firing(
            ids(), "thank", 1, case.application, "k", case.connection, job, now, now, {}, Do.MESSAGE, FiringState.DONE,
            effect=sent,
        )  # fmt: skip
        tx.triggers.fire(app.workspace, firing)
        letter = Message(
            sent, family.id, case.candidate, case.application, job, case.connection, "out", "thank-for-application",
            "en", MessageState.DUE, now, now + timedelta(days=1), "ada@mail.example", "Thank you, Ada", "Dear Ada", ids(),
            "<1@mail.example>", firing=firing.id, sender=person.id,
        )  # fmt: skip
        tx.messages.add(app.workspace, letter)
        keep_server(tx, app.workspace, Server("127.0.0.1", 25, Security.NONE, "jobs@mail.example", "Acme"))
        desk = DecisionDesk(ids(), app.workspace, person.id, 1, now + timedelta(days=7))
        tx.decisions.set(desk)
        tx.decisions.ask(app.workspace, Asked(case.review, person.id, family.id, now))
        key = tx.vault.derived(app.workspace, b"links")
        return job, {
            "/failures/": write.id, "/messages/": letter.id, "token": links.token(key, Purpose.DECISION, desk.id, 1),
        }  # fmt: skip

    job, made = await app.store.write(fill)
    paths = {
        "/candidates/": case.candidate, "/records/": case.candidate, "/applications/": case.application,
        "/jobs/": job, "/review/": case.review, "/connections/": "greenhouse", "/mapping/": "greenhouse",
        "person": case.candidate, "candidate": case.candidate, **made,
    }  # fmt: skip
    return Full(case, job, paths)

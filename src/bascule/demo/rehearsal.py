"""A pilot rehearsed on our own sandbox ATS: the same pilot as at a customer's, with nothing else running.

What Bascule found is held against what the sandbox itself tells (`checks`). A rehearsal says that the parts work
together on this machine. It says nothing of anybody's own system, and no gate takes it for a pilot.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bascule.app import App
from bascule.core.pilots import application_of
from bascule.errors import BasculeError, InputError
from bascule.model import Actor, Mode
from bascule.office.judging import report
from bascule.office.pilots import REMOVAL, File
from bascule.server.run import listening
from bascule.settings import load
from bascule.store import Tx
from bascule.store.pilots import Phase, Pilot

from . import checks
from .accounts import account
from .ats import Ats, Change
from .material import Kind as Cv
from .material import load as shipped
from .people import ENTERPRISE, adverts
from .sides import Side, connect, map_person

SANDBOXES = ("greenhouse",)
NAME, JOB = "rehearsal", "backend"
LOOK = 0.3
CREATES = (
    "harvest:candidates:create", "harvest:candidates:list", "harvest:applications:create", "harvest:applications:list",
    "harvest:attachments:create", "harvest:attachments:list", "harvest:candidates:anonymize",
)  # fmt: skip
RULE = """\
pilot-scored:
  on: yes
  why: A rehearsal shows that a rule fires once for each test candidate.
  owner: {owner}
  when: {{score: over 0}}
  do: note
  with: {{text: Scored in the rehearsal.}}
"""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What was asked for. `within`: seconds that it may take."""

    sandbox: str
    candidates: int
    resumes: Sequence[File] = ()
    rate: str = "750/30"
    within: float = 600.0


async def rehearse(asked: Rehearsal) -> dict[str, Any]:
    """Start everything, run the pilot, end everything; the report. InputError for what cannot be rehearsed."""
    if asked.sandbox not in SANDBOXES:
        raise InputError(
            f"No pilot can be rehearsed on {asked.sandbox}.", hint=f"There is: --sandbox {', '.join(SANDBOXES)}"
        )
    material = shipped()
    files = asked.resumes or [
        File(one.file.name, one.file.read_bytes())
        for one in material.applications
        if one.job.key == JOB and one.kind is Cv.HONEST
    ]
    folder = Path(tempfile.mkdtemp(prefix="bascule-pilot-"))
    try:
        async with AsyncExitStack() as stack:
            jobs = adverts(material, ENTERPRISE, ask=False)
            there = await stack.enter_async_context(
                account(NAME, ENTERPRISE, jobs=jobs[:1], rate=asked.rate, port=0, folder=folder)
            )
            ats = Ats(there.url)
            stack.push_async_callback(ats.close)
            settings = load(data=folder, database="", host="127.0.0.1", port=0, public_url="", log_level="error")
            running = await stack.enter_async_context(listening(settings, announce=True))
            app = running.app
            await app.doors.first_login()
            person = (await app.store.read(lambda tx: tx.people.users(app.workspace)))[0]
            side = await connect(app, there, ats, person, running.url, mode=Mode.OBSERVE, rights=CREATES)
            actor = await map_person(app, person, [side])
            await app.trigger_desk.save(RULE.format(owner=person.email), actor, "a rehearsal")
            return await _pilot(app, side, files, asked, actor)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _pilot(app: App, side: Side, files: Sequence[File], asked: Rehearsal, actor: Actor) -> dict[str, Any]:
    first = side.ledger.last
    job = next(iter(side.ledger.jobs))
    pilot = await app.pilots.begin(NAME, files, asked.candidates, actor)
    bystander = await _applies(side.ats, job, files[0])
    moved = set[str]()
    seen: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(asked.within):
            while pilot.phase != Phase.DONE:
                await _move(side, pilot, moved)
                before = pilot.phase
                pilot = await app.pilots.get(pilot.id)
                if before == Phase.RUNNING and pilot.phase != Phase.RUNNING:
                    seen = await _there(side, first, bystander, (pilot.until - REMOVAL).timestamp())
                await asyncio.sleep(LOOK)
    except TimeoutError:
        await _give_up(app)
        raise BasculeError(
            f"The rehearsal has not come to an end within {asked.within:.0f} seconds.",
            hint="Is this machine very busy?",
        ) from None
    told = report(pilot, NAME, str(side.at.row.label))
    told["lines"] += seen
    told["passed"] = bool(told["passed"]) and all(one["verdict"] != "fail" for one in seen)
    return told


async def _applies(ats: Ats, job: int, file: File) -> tuple[int, int]:
    """Somebody who is no test candidate applies on the careers page meanwhile: (candidate, application)."""
    with tempfile.TemporaryDirectory() as folder:
        cv = Path(folder) / file.name
        cv.write_bytes(file.data)
        person = {"first_name": "By", "last_name": "Stander", "email": "by.stander@applicants.example", "phone": ""}
        return await ats.apply(job, person, {}, cv)


def _ours(change: Change, who: tuple[int, int]) -> bool:
    """Whether a change of somebody there was made through the API, which is by us."""
    new = change["new"] if isinstance(change["new"], dict) else {}
    about = (change["object"], change["id"]) in (("candidates", who[0]), ("applications", who[1]))
    return str(change["actor"]).startswith("api:") and (about or new.get("candidate_id") == who[0])


async def _give_up(app: App) -> None:
    with suppress(BasculeError):
        await app.pilots.stop(NAME)


async def _move(side: Side, pilot: Pilot, moved: set[str]) -> None:
    """What a recruiter does there meanwhile: move those that the pilot asks to have moved."""
    for person in pilot.people:
        stage, record = str(person.get("asked_name") or ""), str(person["record"])
        if not stage or record in moved:
            continue

        def ids(tx: Tx, home: str = str(person["family"])) -> tuple[int, int] | None:
            family = tx.families.family(home)
            application = application_of(family)
            one = family.link_of(family.root.id, side.connection) if family.records else None
            two = family.link_of(application.id, side.connection) if application is not None else None
            return (int(one.external), int(two.external)) if one is not None and two is not None else None

        found = await side.app.store.read(ids)
        if found is not None:
            await side.ats.move(*found, stage)
            moved.add(record)


async def _there(side: Side, first: int, bystander: tuple[int, int], judged: float) -> list[dict[str, Any]]:
    """What the sandbox itself tells of the time until the pilot was judged, beside what Bascule has found."""
    await side.catch_up()
    twice = [*await checks.doubled_there(side), *await checks.doubled_here(side.app)]
    dead = await checks.dead_letters(side.app)
    contacts = checks.contacts_changed(side, checks.Checked(), judged)
    changes, _ = await side.ats.changes(first)
    touched = [f"{one['object']} {one['id']}" for one in changes if _ours(one, bystander) and one["at"] < judged]
    return [
        _line("bystander", "Somebody who applied meanwhile was left alone", touched),
        _line(
            "contact data in the sandbox",
            "The sandbox's own list shows no change of contact data",
            contacts and [f"{contacts} changes"],
        ),
        _line("nothing twice", "Nothing stands twice, there or here", twice),
        _line("no dead letters", "No write or task has failed for good", dead),
    ]


def _line(check: str, what: str, wrong: Any) -> dict[str, Any]:
    return {
        "check": check, "what": what, "verdict": "fail" if wrong else "pass", "of": "", "candidate": "", "field": "",
        "expected": "none" if wrong else "", "found": "; ".join(wrong or ()), "next": "",
    }  # fmt: skip

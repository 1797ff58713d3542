"""The demo: people apply at two sandbox ATS accounts, Bascule scores them, and scores, reasons and skills appear there.

Two accounts, because customers differ in one thing that matters here: one has custom fields on applications, the other
has them on candidates only. Everything is set up as a customer would, through forms and the App.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from rich.live import Live

from bascule.app import App
from bascule.errors import BasculeError, InputError
from bascule.model import Actor, Kind
from bascule.sandbox.greenhouse import Rate
from bascule.server.run import Running, listening
from bascule.settings import Settings, load

from . import checks, display, flow, guide, morning
from .accounts import Account, account
from .ats import Ats, FormError
from .ledger import percentile, seen
from .material import load as shipped
from .neighbours import Neighbours, neighbours, serving
from .people import ENTERPRISE, STANDARD, TIERS, Applying, adverts, brought, former, own
from .sides import Side, connect, map_person

GAP = 0.3  # mean seconds between two applications
TOGETHER = 4  # people who send at the same time
LOOK = 0.5  # seconds between two looks at what has happened
UNDO = 10  # seconds for which what somebody sends can be taken back
QUIET = 1.0
NAMES = {ENTERPRISE: "enterprise-account", STANDARD: "standard-account"}
KINDS = {ENTERPRISE: "custom fields on applications", STANDARD: "custom fields on candidates, naming the job"}
NOTE = "demo.json"  # marks a folder as a demo's own
OURS = frozenset(
    {NOTE, "bascule.db", "bascule.db-wal", "bascule.db-shm", "bascule.db.lock", "files", "master.key", "server.json"}
    | {f"{name}{end}" for name in NAMES.values() for end in ("-jobs.json", ".log")}
)


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What `bascule demo` was asked for."""

    once: bool = False
    as_json: bool = False
    resumes: Path | None = None
    data: Path | None = None
    rate: str = "750/30"
    port: int = 0
    sandbox_port: int = 0


class Demo:
    """One run. `run` returns the exit code: 0 when everything held (or Ctrl-C ended a demo that runs on), else 1."""

    def __init__(self, options: DemoOptions) -> None:
        self.options = options
        self.material = shipped()
        self.applying: list[Applying] = []
        self.accounts: list[tuple[Account, Ats]] = []
        self.sides: dict[str, Side] = {}
        self.lost: list[str] = []  # applications the careers page did not take
        self.login = ""  # a link that logs in once
        self.doing = "Starting two sandbox accounts and Bascule ..."
        self.ready = False  # the rules are in force for whoever applies
        self.figures = display.Figures()
        self.console = Console(stderr=options.as_json)
        self.began = time.monotonic()

    async def run(self) -> int:
        """Everything, until it is done, somebody stops it, or a sandbox ends."""
        rate = _rate(self.options.rate)
        self.began = time.monotonic()
        self.applying = brought(self.options.resumes, self.material) if self.options.resumes else own(self.material)
        stop = _stopped()
        work = asyncio.create_task(self._work(rate), name="demo")
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.done() and not work.done():
            self.console.print("Stopping ...")
            work.cancel()
            await asyncio.wait({work})
            return 130 if self.options.once else 0
        stopping.cancel()
        return await work

    async def _work(self, rate: Rate) -> int:
        async with AsyncExitStack() as stack:
            folder = stack.enter_context(_folder(self.options.data))
            stack.enter_context(self._live())
            running = await self._start(stack, folder)
            actor = await self._connect(running)
            beside = None if self.options.once else await stack.enter_async_context(neighbours(running.app))
            begin = await self._guided(stack, running.app, beside) if beside is not None else ""
            await self._say_where(running, begin, beside)
            watching = asyncio.create_task(self._watch(running.app))
            stack.push_async_callback(_ended, watching)
            self.doing = "People apply ..."
            await self._apply()
            if self.options.once:
                return await self._judge(running.app, actor, rate)
            assert beside is not None
            await self._run_on(running.app, actor, beside)
        return 0

    # ------------------------------------------------------------------------------------------------------ setting up

    async def _start(self, stack: AsyncExitStack, folder: Path) -> Running:
        """Both sandboxes and Bascule; the sandboxes end last, so that Bascule stops in front of systems that answer."""
        ports = [self.options.sandbox_port + n if self.options.sandbox_port else 0 for n in range(len(TIERS))]
        starting = [
            account(
                NAMES[tier], tier, rate=self.options.rate, port=port, folder=folder,
                jobs=[*adverts(self.material, tier, ask=not self.options.resumes), *former(self.material, tier)],
            )
            for tier, port in zip(TIERS, ports, strict=True)
        ]  # fmt: skip
        accounts = [await stack.enter_async_context(one) for one in starting]
        self.accounts = [(one, Ats(one.url)) for one in accounts]
        for _, ats in self.accounts:
            stack.push_async_callback(ats.close)
        return await stack.enter_async_context(listening(_settings(self.options, folder), announce=True))

    async def _connect(self, running: Running) -> Actor:
        """Both accounts at once, and the administrator as their recruiter."""
        app = running.app
        self.doing = "Connecting both accounts: credential, fields, webhook ..."
        self.login = await app.doors.first_login() or await app.doors.login_link()
        person = (await app.store.read(lambda tx: tx.people.users(app.workspace)))[0]
        rights = app.grants.booking("greenhouse")
        sides = await asyncio.gather(
            *(connect(app, one, ats, person, running.url, rights=rights) for one, ats in self.accounts)
        )
        self.sides = {side.account.tier: side for side in sides}
        actor = await map_person(app, person, sides)
        for side in sides:
            await app.mappings.switch(side.account.name, Kind.INTERVIEW, "starts_at", True, actor)
        return actor

    async def _guided(self, stack: AsyncExitStack, app: App, beside: Neighbours) -> str:
        """The page to start from: its address."""
        desks = [await guide.desk(side, KINDS[tier]) for tier, side in self.sides.items()]
        page = guide.create_app(app, desks, beside, lambda: guide.Now(self.doing, self.ready))
        return await stack.enter_async_context(serving(page))

    async def _say_where(self, running: Running, begin: str, beside: Neighbours | None) -> None:
        if self.options.as_json:
            return
        intervals = running.app.mappings.intervals(next(iter(self.sides.values())).at)
        accounts = [(s.account.name, s.account.url, KINDS[s.account.tier]) for s in self.sides.values()]
        rows = [("Everybody's mail", beside.mail), ("Everybody's calendar", beside.calendar)] if beside else []
        for line in display.places(begin, self.login, accounts, intervals, self.options.rate, rows):
            self.console.print(line, soft_wrap=True)

    # -------------------------------------------------------------------------------------------------------- applying

    async def _apply(self) -> None:
        """Everybody applies on the careers page of their account, a few at once, in the order given."""
        gate, arrivals = asyncio.Semaphore(TOGETHER), Random(len(self.applying))
        after: dict[str, asyncio.Task[None]] = {}  # who applies twice sends one application after the other
        async with asyncio.TaskGroup() as group:
            for one in self.applying:
                await asyncio.sleep(min(arrivals.expovariate(1 / GAP), 4 * GAP))
                after[one.email] = group.create_task(self._send(one, gate, after.get(one.email)))

    async def _send(self, one: Applying, gate: asyncio.Semaphore, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        side = self.sides[one.tier]
        job = next(id for id, title in side.ledger.jobs.items() if title == one.job)
        async with gate:
            try:
                await side.ats.apply(job, one.person, one.answers, one.resume)
            except FormError as error:
                self.lost.append(str(error))

    # -------------------------------------------------------------------------------------------------------- watching

    async def _watch(self, app: App) -> None:
        """Read on in both accounts' lists of changes, for ever; an account that does not answer is asked again."""
        while True:
            with suppress(FormError):
                await self._look(app)
            await asyncio.sleep(LOOK)

    async def _look(self, app: App) -> None:
        for side in self.sides.values():
            await side.catch_up()
        failures = len(await checks.dead_letters(app)) + len(self.lost)
        rows = seen(side.ledger for side in self.sides.values())
        self.figures = display.Figures.of(len(self.applying), rows, await checks.scored(app), failures)

    async def _run_on(self, app: App, actor: Actor, beside: Neighbours) -> None:
        for side in self.sides.values():
            await app.data_checks.begin(side.account.name, actor)
        await self._morning(app, actor)
        await flow.begin(app, beside, actor)
        self.ready = True
        self.doing = (
            "Everybody has applied. Now play a hire: the first address says how. Or move, edit, write notes and tags "
            "on either side. Ctrl-C ends it."
        )
        for line in self.lost:
            self.console.print(f"! {line}", style="red", highlight=False)
        if not self.console.is_terminal:
            await self._until(self._patience(_rate(self.options.rate)), self._all_written)
            await self._look(app)
            self.console.print(display.numbers(self.figures, self.doing))
        ending = {asyncio.create_task(side.account.process.wait()): side.account.name for side in self.sides.values()}
        done, waiting = await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()
        names = ", ".join(ending[one] for one in done)
        raise BasculeError(f"The sandbox ATS {names} has ended by itself.", hint="Start the demo again.")

    async def _morning(self, app: App, actor: Actor) -> None:
        """The hiring teams decide about some of the demo's own applicants. Whoever brings CVs decides about all."""
        await flow.types(app, self.sides.values(), actor)
        if self.options.resumes:
            return
        rate = _rate(self.options.rate)
        await self._until(self._patience(rate), self._all_written)
        self.doing = "Both hiring teams look at their applicants ..."
        await morning.decide(self.sides.values())
        await self._until(self._patience(rate), lambda: checks.settled(app, list(self.sides.values()), QUIET))

    def _live(self) -> Live:
        """The display, drawn anew four times a second; nothing where the output is no terminal, or JSON."""
        silent = self.options.as_json or not self.console.is_terminal
        console = Console(quiet=True) if silent else self.console
        return Live(get_renderable=lambda: display.numbers(self.figures, self.doing), console=console)

    # --------------------------------------------------------------------------------------------------------- judging

    async def _judge(self, app: App, actor: Actor, rate: Rate) -> int:
        """Wait for the scores, try both directions, and say what held."""
        sides = list(self.sides.values())
        patience = self._patience(rate)
        self.doing = "Waiting until every score stands in the ATS ..."
        await self._until(patience, self._all_written)
        self.doing = "Changing things on both sides ..."
        checked = checks.Checked()
        within = 20.0 if rate.limit / rate.seconds >= 10 else 90.0
        await asyncio.gather(*(checks.Both(side, actor, within, checked).all() for side in sides))
        self.doing = "Waiting until nothing moves any more ..."
        if not await self._until(patience, lambda: checks.settled(app, sides, QUIET)):
            checked.wrong.append(f"within {patience:.0f} s the accounts did not come to rest.")
        await self._morning(app, actor)
        found, wrong = await self._found(app, checked)
        if self.options.as_json:
            sys.stdout.write(json.dumps(found) + "\n")
            for line in wrong:
                self.console.print(f"! {line}", style="red", highlight=False, soft_wrap=True)
        else:
            display.result(self.console, found, wrong, time.monotonic() - self.began)
        return 1 if wrong else 0

    def _patience(self, rate: Rate) -> float:
        """Seconds to wait for everything: what the rate allows at eight requests an application, and a minute."""
        return 60 + 8 * len(self.applying) * rate.seconds / rate.limit

    async def _until(self, within: float, done: Callable[[], Awaitable[bool]]) -> bool:
        try:
            async with asyncio.timeout(within):
                while not await done():
                    await asyncio.sleep(LOOK)
        except TimeoutError:
            return False
        return True

    async def _all_written(self) -> bool:
        for side in self.sides.values():
            await side.catch_up()
        rows = seen(side.ledger for side in self.sides.values())
        return len(rows) + len(self.lost) >= len(self.applying) and all(one.written for one in rows)

    async def _found(self, app: App, checked: checks.Checked) -> tuple[dict[str, Any], list[str]]:
        """The result, and what is wrong with it in words."""
        sides = list(self.sides.values())
        rows = seen(side.ledger for side in sides)
        took = [one.latency for one in rows if one.latency is not None]
        dead, scored = await checks.dead_letters(app), await checks.scored(app)
        twice = [line for side in sides for line in await checks.doubled_there(side)] + await checks.doubled_here(app)
        verdict = await app.trail.verify()
        unreadable, written = sum(one.status == "unreadable" for one in rows), sum(one.written for one in rows)
        contacts = sum(checks.contacts_changed(side, checked) for side in sides)
        found = {
            "applied": len(rows), "scored": scored, "written_back": written,
            "latency_p50_s": _rounded(took, 0.5), "latency_p95_s": _rounded(took, 0.95),
            "contact_fields_changed": contacts, "stage_to_ats_ok": checked.stage_to_ats,
            "stage_from_ats_ok": checked.stage_from_ats, "note_both_ways_ok": checked.note,
            "tag_both_ways_ok": checked.tag, "duplicates": len(twice), "dead_letters": len(dead),
            "audit_verified": verdict.ok, "unreadable": unreadable, "rate_limit": self.options.rate,
        }  # fmt: skip
        late = [one for one in rows if not one.written]
        wrong = [
            *self.lost, *checked.wrong, *twice, *dead,
            *(f"application {one.application} ({one.job}) has no AI status in the ATS" for one in late),
            *([] if len(rows) == len(self.applying) else [f"{len(rows)} of {len(self.applying)} applications came in"]),
            *([f"{contacts} contact fields were changed by somebody else"] if contacts else []),
            *([] if verdict.ok else [f"the audit chain is broken: {verdict.broken}"]),
            *self._expected(scored, unreadable),
        ]  # fmt: skip
        return found, wrong

    def _expected(self, scored: int, unreadable: int) -> list[str]:
        """Of the demo's own files exactly the broken ones are unreadable and all others scored."""
        if self.options.resumes:
            return []
        broken = sum(one.kind == "broken_pdf" for one in self.material.applications)
        wanted = (len(self.applying) - broken, broken)
        if (scored, unreadable) == wanted:
            return []
        return [f"{scored} scored and {unreadable} unreadable; it should be {wanted[0]} and {wanted[1]}"]


# -------------------------------------------------------------------------------------------------------- surroundings


def _rounded(took: Sequence[float], share: float) -> float | None:
    found = percentile(took, share)
    return None if found is None else round(found, 3)


def _rate(text: str) -> Rate:
    try:
        return Rate.parse(text)
    except ValueError as error:
        raise InputError(f"--rate: {error}.") from None


def _stopped() -> asyncio.Event:
    """Set by Ctrl-C, a termination signal, or the terminal going away."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(one, stop.set)
    return stop


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


def _settings(options: DemoOptions, folder: Path) -> Settings:
    """A demo's own settings: nothing of an installation that is set up on this machine is touched."""
    return load(
        data=folder, database="", host="127.0.0.1", port=options.port, public_url="", log_level="error",
        undo_seconds=UNDO,
    )  # fmt: skip


@contextmanager
def _folder(named: Path | None) -> Generator[Path]:
    """The data folder: a temporary one that goes at the end, or the one named, which stays and is ours meanwhile."""
    if named is not None:
        with _claimed(named):
            yield named
        return
    made = Path(tempfile.mkdtemp(prefix="bascule-demo-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _claimed(folder: Path) -> Generator[None]:
    """A folder that is new, empty or an earlier demo's, emptied. InputError for anybody else's, or one in use."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is not a folder.", hint="Name another one: --data DIR")
    held = {path.name for path in folder.iterdir()} if folder.exists() else set[str]()
    if held and (NOTE not in held or held - OURS):
        foreign = sorted(held - OURS) or sorted(held)
        raise InputError(
            f"{folder} holds other things already ({', '.join(foreign[:3])}{' ...' if len(foreign) > 3 else ''}).",
            hint="Name an empty folder, or one of an earlier demo: --data DIR",
        )
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NOTE).open("a+") as note:
        try:
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(f"Another demo is running on {folder}.", hint="End it, or name another folder.") from None
        for name in held - {NOTE}:
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        note.truncate(0)
        note.write(json.dumps({"made_by": "bascule demo"}) + "\n")
        note.flush()
        yield

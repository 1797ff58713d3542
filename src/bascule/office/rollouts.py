"""Roll-out: who answers for a connection, what stands before its next mode, and what a promotion would write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bascule.core.plan import rearrange
from bascule.core.rollout import AI, FIRM, Facts, Item, Line, following, gate, refused, rises
from bascule.engine.connections import Connected
from bascule.engine.remap import families_after
from bascule.errors import ForbiddenError, InputError
from bascule.hiring import disclosure
from bascule.model import Actor, Family, Fields, Kind, Label, Mode, RecordState, Scope, Status, Value
from bascule.store import Tx
from bascule.store.connections import Connection
from bascule.store.incidents import BY_A_PERSON
from bascule.store.pilots import Phase

from .alerts import Alerts
from .desk import Desk
from .grants import Grants
from .owners import ROLLOUT, told

TEXTS = ("duties", "deputy", "support", "escalation")
LABELS: Mapping[str, str] = {
    "duties": "what the owner does, and how often", "deputy": "the deputy", "support": "whom recruiters ask",
    "escalation": "whom to call when it stands still",
}  # fmt: skip
PAGE = 100
LONGEST = 2000
EXEMPT = "A simulator on this machine: no gate stands before its modes, and nothing it passes counts elsewhere."


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a connection's roll-out is. `to`: the next mode, None after the last; `lines` what stands before it.
    `exempt`: why no gate stands before it, "" where one does."""

    connection: str
    label: str
    mode: Mode
    since: datetime
    to: Mode | None
    lines: tuple[Line, ...]
    contacts: Mapping[str, str]
    owner: str
    scope: Scope
    ai: bool
    exempt: str = ""

    @property
    def ready(self) -> bool:
        return bool(self.exempt) or not refused(self.lines)


@dataclass
class Preview:
    """What would be written if nothing were settled at a promotion: (kind, field) -> how many, and since when the
    oldest is wanted. `history`: of records that were closed before."""

    open: dict[tuple[str, str], tuple[int, datetime]] = field(
        default_factory=lambda: dict[tuple[str, str], tuple[int, datetime]]()
    )
    history: dict[tuple[str, str], tuple[int, datetime]] = field(
        default_factory=lambda: dict[tuple[str, str], tuple[int, datetime]]()
    )
    families: int = 0


class Rollouts:
    """`app.rollouts`."""

    def __init__(self, desk: Desk, grants: Grants, alerts: Alerts, objections: Callable[[], Awaitable[str]]) -> None:
        self._desk = desk
        self._grants = grants
        self._alerts = alerts
        self._objections = objections

    # ------------------------------------------------------------------------------------------------------- asking

    async def of(self, name: str, to: Mode | None = None) -> Standing:
        """Where a connection stands, and what stands before its next mode (or before `to`)."""
        await self._desk.connections.refresh()
        at = self._desk.connections.named(name)
        if at.is_tool:
            raise InputError(f"{name} is an AI tool and has no mode.", hint="Name the ATS.")
        hooks = at.connector.webhook is not None
        after = to or following(at.row.mode, hooks=hooks)
        clashes, reached = await self._objections(), any(one.ok for one in (await self._alerts.overview()).places)
        facts = await self._desk.store.read(lambda tx: self._facts(tx, at, clashes, reached))
        lines = tuple(gate(facts, after, self._desk.now())) if after is not None else ()
        kept = told(at.row)
        return Standing(
            name, str(at.row.label), at.row.mode, facts.since, after, lines,
            {one: str(kept.get(one) or "") for one in TEXTS}, at.row.owner, at.row.scope,
            bool(at.row.settings.get(AI, True)), EXEMPT if at.row.label is Label.SIMULATOR else "",
        )  # fmt: skip

    async def require(self, name: str, to: Mode) -> None:
        """ForbiddenError, with every line that fails, unless a promotion may be."""
        at = self._desk.connections.named(name)
        if at.row.label is Label.SIMULATOR or not rises(at.row.mode, to):
            return
        wrong = refused((await self.of(name, to)).lines)
        if wrong:
            said = " ".join(f"{one.item}: {one.why}" for one in wrong)
            raise ForbiddenError(
                f"{len(wrong)} of the lines before {to} fail. {said}",
                hint=f"See what to do: bascule connections promote {name}",
            )

    def _facts(self, tx: Tx, at: Connected, clashes: str, reached: bool) -> Facts:
        row = tx.connections.get(at.id)
        kept, name = told(row), row.name
        wrong: dict[Item, tuple[str, str]] = {}
        if not row.crawled:
            wrong[Item.READ] = (f"{name} has not been read whole yet.", f"bascule backfill {name}")
        people = {one.id for one in tx.people.users(row.workspace) if one.disabled is None}
        if row.owner not in people or not kept.get("duties") or not kept.get("deputy"):
            wrong[Item.OWNER] = (
                "An owner with duties, and a deputy, are not all named.",
                _set(name, "duties", "deputy"),
            )
        if not kept.get("support") or not kept.get("escalation"):
            wrong[Item.CONTACTS] = ("Support and escalation are not both named.", _set(name, "support", "escalation"))
        if not reached:
            wrong[Item.ALERT] = ("No alert has reached anybody yet.", "bascule alerts test")
        gaps = len(tx.gaps.list(row.workspace, connection=at.id))
        if gaps:
            wrong[Item.GAPS] = (f"{gaps} values or stages are not mapped.", f"bascule mapping show {name}")
        good: dict[Item, str] = {}
        self._data(tx, row, kept, wrong)
        if clashes:
            wrong[Item.TRIGGERS] = (clashes, "bascule triggers check")
        rights = self._grants.of(at)
        objection = rights.objection(at.connector.label)
        if objection:
            wrong[Item.RIGHTS] = (objection, self._grants.advice(rights, name))
        self._pilot(tx, row, wrong, good)
        self._disclosed(tx, row, kept, wrong)
        return Facts(
            row.mode, since_of(row), at.connector.webhook is not None, self._trouble(tx, row), wrong, good, waived(kept)
        )

    def _data(self, tx: Tx, row: Connection, kept: Fields, wrong: dict[Item, tuple[str, str]]) -> None:
        done, decided = tx.findings.newest(row.id), kept.get("data")
        if done is None or done.ended is None:
            wrong[Item.DATA] = ("The data have not been checked.", f"bascule check-data {row.name}")
        elif not isinstance(decided, Mapping) or decided.get("check") != done.id:
            why = f"Nobody has decided about the data check of {done.ended:%Y-%m-%d}."
            wrong[Item.DATA] = (
                why,
                f"Look at it, then: bascule connections promote {row.name} --set data='what was decided'",
            )

    def _pilot(self, tx: Tx, row: Connection, wrong: dict[Item, tuple[str, str]], good: dict[Item, str]) -> None:
        """At any connection to the customer's own account of that system; a rehearsal counts for nothing."""
        last = [
            (pilot, one)
            for one in tx.connections.list(row.workspace)
            if one.system == row.system
            for pilot in [p for p in tx.pilots.of(one.id, limit=20) if p.phase == Phase.DONE and not p.rehearsal][:1]
        ]
        newest = max(last, key=lambda each: each[0].began, default=None)
        todo = f"bascule pilot {row.name} --resumes DIR"
        if newest is None:
            wrong[Item.PILOT] = ("No pilot was run in the customer's own system; a rehearsal does not count.", todo)
        elif not newest[0].passed:
            wrong[Item.PILOT] = (f"The pilot of {newest[0].began:%Y-%m-%d} at {newest[1].name} did not pass.", todo)
        else:
            good[Item.PILOT] = f"Passed on {newest[0].began:%Y-%m-%d} at {newest[1].name} ({newest[1].label.words})."

    def _disclosed(self, tx: Tx, row: Connection, kept: Fields, wrong: dict[Item, tuple[str, str]]) -> None:
        if not row.settings.get(AI, True):
            return
        held, said = disclosure.newest(tx, row.workspace, ""), kept.get("disclosure")
        if held is None:
            wrong[Item.DISCLOSURE] = ("Applicants are told nothing of AI use yet.", "Write it on the page Screening.")
        elif said != held.version:
            why = f"Version {held.version} of what applicants are told is not confirmed for {row.name}."
            wrong[Item.DISCLOSURE] = (why, f"bascule connections promote {row.name} --set disclosure={held.version}")

    def _trouble(self, tx: Tx, row: Connection) -> datetime | None:
        incidents = tx.incidents.list(row.workspace, connection=row.id, limit=50)
        times = [one.ended or self._desk.now() for one in incidents if one.cause not in BY_A_PERSON]
        times += [
            one.write.closed or one.write.at for one in tx.pages.failures(row.workspace, connection=row.id, limit=1)
        ]
        return max(times, default=None)

    # ------------------------------------------------------------------------------------------------------ changing

    async def tell(self, name: str, given: Mapping[str, str], actor: Actor) -> Standing:
        """Enter who answers (`duties`, `deputy`, `support`, `escalation`), what was decided about the data (`data`),
        and which version of the disclosure holds (`disclosure`). InputError for what cannot be."""
        at = self._desk.connections.named(name)

        def unit(tx: Tx) -> None:
            row, now = tx.connections.get(at.id), self._desk.now()
            kept: dict[str, Value] = dict(told(row))
            for what, text in given.items():
                if len(text) > LONGEST:
                    raise InputError(f"{what} is longer than {LONGEST} characters.")
                if what in TEXTS:
                    kept[what] = text.strip()
                elif what == "data":
                    done = tx.findings.newest(at.id)
                    if done is None or done.ended is None:
                        raise InputError("The data have not been checked.", hint=f"bascule check-data {name}")
                    if not text.strip():
                        raise InputError("Say what was decided about the data.")
                    kept["data"] = {"check": done.id, "by": actor.id, "at": now.isoformat(), "note": text.strip()}
                elif what == "disclosure":
                    held = disclosure.newest(tx, row.workspace, "")
                    if held is None or text.strip() != str(held.version):
                        newest = str(held.version) if held is not None else "none"
                        raise InputError(f"There is no such disclosure; the newest version is {newest}.")
                    kept["disclosure"] = held.version
                else:
                    raise InputError(f"There is no {what!r} to enter.", hint=f"{', '.join(TEXTS)}, data or disclosure.")
            tx.connections.set(replace(row, settings={**row.settings, ROLLOUT: kept}))
            tx.audit.record(
                workspace=row.workspace, at=now, action="roll-out entered", actor=actor, connection=at.id,
                detail={"what": tuple(sorted(given))},
            )  # fmt: skip

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        return await self.of(name)

    async def waive(self, name: str, item: str, reason: str, actor: Actor) -> Standing:
        """Let a line pass that fails, for the next promotion, in an administrator's name and with the reason.
        ForbiddenError for what nobody waives, InputError for no reason."""
        at = self._desk.connections.named(name)
        if item not in set(Item):
            raise InputError(f"There is no line {item!r}.", hint=f"There are: {', '.join(Item)}.")
        if Item(item) in FIRM:
            raise ForbiddenError(f"{item} is not waived: what it guards would break.")
        if not reason.strip() or len(reason) > LONGEST:
            raise InputError("A waiver needs a reason in writing.", hint="Say why it is accepted.")
        if Item(item) is Item.RIGHTS:
            await self._grants.waive(name, reason, actor)
            return await self.of(name)

        def unit(tx: Tx) -> None:
            row, now = tx.connections.get(at.id), self._desk.now()
            kept: dict[str, Value] = dict(told(row))
            given = kept.get("waivers")
            one = {"by": actor.name or actor.id, "at": now.isoformat(), "reason": reason.strip()}
            kept["waivers"] = {**(given if isinstance(given, Mapping) else {}), item: one}
            tx.connections.set(replace(row, settings={**row.settings, ROLLOUT: kept}))
            tx.audit.record(
                workspace=row.workspace, at=now, action="roll-out line waived", actor=actor, connection=at.id,
                detail={"line": item, "reason": reason.strip()},
            )  # fmt: skip

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        return await self.of(name)

    # ------------------------------------------------------------------------------------------------------- preview

    async def preview(self, name: str, scope: Scope | None = None) -> Preview:
        """What would be due if a promotion to live settled nothing, planned afresh. Nothing is changed. By itself a
        promotion writes none of it."""
        at = self._desk.connections.named(name)
        row = replace(at.row, mode=Mode.LIVE, scope=at.row.scope if scope is None else scope)
        after = self._desk.connections.as_if(replace(row, live_since=at.row.live_since or self._desk.now()))
        found = Preview()
        for kind in (Kind.CANDIDATE, Kind.JOB):
            place: str | None = ""
            while place is not None:
                place = await self._desk.store.read(lambda tx, k=kind, p=place: self._look(tx, after, k, p, found))
        return found

    def _look(self, tx: Tx, after: Connected, kind: Kind, place: str, found: Preview) -> str | None:
        page = families_after(tx, after.id, kind, place, PAGE)
        for family in tx.families.families({id for _, id in page}).values():
            refs = self._desk.reconcile.refs(tx, [(family, after.id, ())], as_if=after)
            context = self._desk.reconcile.context(tx, family.workspace, refs, after)
            planned = rearrange(family, context).family
            found.families += 1
            into = found.open if goes_on(family) else found.history
            for write in planned.writes.values():
                if write.connection != after.id or write.closed is not None or write.state == "dead":
                    continue
                since = next((w.at for w in family.writes.values() if w.key == write.key), write.at)
                object_ = str(planned.records[write.record].kind)
                for name in sorted(write.fields) or [write.call]:
                    many, oldest = into.get((object_, name), (0, since))
                    into[object_, name] = (many + 1, min(oldest, since))
        return page[-1][0] if page else None


def goes_on(family: Family) -> bool:
    """Whether a family is no history: an application of it stands open, or it is a job that is."""
    live = [one for one in family.records.values() if one.state is RecordState.LIVE]
    if family.kind is Kind.JOB:
        return any(one.kind is Kind.JOB and one.fields.get("status") != "closed" for one in live)
    return any(one.kind is Kind.APPLICATION and one.fields.get("status") in (None, Status.ACTIVE) for one in live)


def since_of(row: Connection) -> datetime:
    """When its mode began; before that was kept, when it was connected or went live."""
    since = told(row).get("since")
    return datetime.fromisoformat(since) if isinstance(since, str) else row.live_since or row.created


def begun(row: Connection, now: datetime) -> Fields:
    """The settings of a connection whose mode begins now: waivers were for that promotion."""
    kept = {name: value for name, value in told(row).items() if name != "waivers"}
    return {**row.settings, ROLLOUT: {**kept, "since": now.isoformat()}}


def waived(kept: Fields) -> Mapping[Item, str]:
    given = kept.get("waivers")
    found: dict[Item, str] = {}
    for item, one in (given if isinstance(given, Mapping) else {}).items():
        if item in set(Item) and isinstance(one, Mapping):
            found[Item(item)] = f"Waived by {one['by']} on {str(one['at'])[:10]}: {one['reason']}"
    return found


def preview_of(found: Preview) -> dict[str, Any]:
    """A preview as programs read it."""

    def rows(of: Mapping[tuple[str, str], tuple[int, datetime]]) -> list[dict[str, Any]]:
        return [
            {"object": kind, "field": name, "count": many, "oldest": since.isoformat()}
            for (kind, name), (many, since) in sorted(of.items())
        ]

    return {"families": found.families, "open": rows(found.open), "history": rows(found.history)}


def _set(name: str, *what: str) -> str:
    return f"bascule connections promote {name} " + " ".join(f"--set {one}='{LABELS[one]}'" for one in what)

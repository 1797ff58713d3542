"""The demo's own checks: a change on either side, and whether the other side followed."""

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from bascule.app import App
from bascule.errors import BasculeError
from bascule.model import OPEN_WRITES, Actor, Family, Kind, LinkState, RecordState
from bascule.store import Tx

from .ats import Row
from .ledger import Ledger, Seen
from .sides import LOOK_AGAIN, Side

REFERENCE = re.compile(r"Audit reference: (\S+)")
REF_LINE = re.compile(r"\n+ref \S+\s*$")  # names our record at the end of a note
EVERY = 100_000  # more records than a demo makes


@dataclass(slots=True)
class Checked:
    """What the checks found. `wrong` says in words what did not happen."""

    stage_to_ats: bool = True
    stage_from_ats: bool = True
    note: bool = True
    tag: bool = True
    email: bool = True
    wrong: list[str] = field(default_factory=list[str])
    edited: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])  # (account, candidate) of e-mails edited


class Both:
    """Two-way checks at one account, on people who applied there."""

    def __init__(self, side: Side, actor: Actor, within: float, checked: Checked) -> None:
        self.side = side
        self.actor = actor
        self.within = within
        self.checked = checked

    async def all(self) -> None:
        """Each kind of change on a person of its own where there are enough people, all at the same time."""
        people = _picked(self.side.ledger)
        if not people:
            return
        for_stage, for_note, for_tag, for_email = (people[number % len(people)] for number in range(4))
        await asyncio.gather(
            self._try("stage_to_ats", self._stages(for_stage)),
            self._try("note", self._notes(for_note)),
            self._try("tag", self._tags(for_tag)),
            self._try("email", self._emails(for_email)),
        )

    async def _try(self, name: str, steps: Awaitable[None]) -> None:
        try:
            await steps
        except BasculeError as error:
            self._fail(name, str(error))

    def _fail(self, name: str, what: str) -> None:
        setattr(self.checked, name, False)
        self.checked.wrong.append(f"{self.side.account.name}: {what}")

    async def _follows(self, name: str, what: str, there: Callable[[], Awaitable[bool]]) -> None:
        """Wait for something to be so; note what it was when it is not in time."""
        try:
            async with asyncio.timeout(self.within):
                while not await there():
                    await asyncio.sleep(LOOK_AGAIN)
        except TimeoutError:
            self._fail(name, f"within {self.within:.0f} s {what}.")

    async def _confirmed(self, name: str, who: Seen) -> None:
        """Wait until the ATS has shown Bascule that all it wrote about somebody stands there.

        Until then a change back by a person could not be told from a write that got lost.
        """

        async def at_rest() -> bool:
            family = await self.side.family(who.candidate)
            return family is not None and not any(
                [
                    *(w.state in OPEN_WRITES for w in family.writes.values()),
                    *(pair.awaiting is not None for link in family.links.values() for pair in link.pairs.values()),
                    *family.attempts.values(),
                ]
            )

        await self._follows(name, "what was written was not confirmed by the ATS", at_rest)

    # ---------------------------------------------------------------------------------------------------------- stages

    async def _stages(self, who: Seen) -> None:
        """One step on by a person in Bascule, one more by a person in the ATS."""
        side, app = self.side, self.side.app
        record = await side.record(who.candidate, Kind.APPLICATION, who.application)
        ladder = await app.store.read(lambda tx: _ladder(tx, str(record.fields["job"])))
        now = next(n for n, (id, _) in enumerate(ladder) if id == record.fields.get("stage"))
        (first, first_name), (second, second_name) = ladder[now + 1], ladder[now + 2]
        before = side.ledger.last
        await app.changes.advance(record.id, first, self.actor)

        async def landed() -> bool:
            changes, _ = await side.ats.changes(before)
            rows = (await side.ats.tables("job_interview_stages"))["job_interview_stages"]
            stages = {row["id"]: row["name"] for row in rows}
            return any(
                c["object"] == "applications" and c["id"] == who.application and c["field"] == "job_interview_stage_id"
                and stages.get(c["new"]) == first_name and str(c["acting_user_id"]) == side.acts_as
                and str(c["actor"]).startswith("api:")
                for c in changes
            )  # fmt: skip

        said = f"a move to {first_name!r} in Bascule did not land there as the recruiter's"
        await self._follows("stage_to_ats", said, landed)
        await self._confirmed("stage_to_ats", who)
        await side.ats.move(who.candidate, who.application, second_name)

        async def arrived() -> bool:
            return (await side.record(who.candidate, Kind.APPLICATION, who.application)).fields.get("stage") == second

        await self._follows("stage_from_ats", f"a move to {second_name!r} in the ATS did not arrive", arrived)

    # ----------------------------------------------------------------------------------------------------------- notes

    async def _notes(self, who: Seen) -> None:
        side = self.side
        ours, theirs = "Written in Bascule: call on Monday.", "Written in the ATS: mornings are better."
        record = await side.record(who.candidate)
        await side.app.changes.add_note(record.id, ours, "private", self.actor)

        async def in_ats() -> bool:
            return any(ours in row["body"] and str(row["user_id"]) == side.acts_as for row in await self._there(who))

        await self._follows("note", "a note written in Bascule did not appear there as the recruiter's", in_ats)
        await side.ats.write_note(who.candidate, theirs)

        async def here() -> bool:
            return await self._here(who, theirs)

        async def gone() -> bool:
            return not await self._here(who, theirs)

        await self._follows("note", "a note written in the ATS did not appear in Bascule", here)
        made = next(row["id"] for row in await self._there(who) if row["body"] == theirs)
        await side.ats.delete_note(who.candidate, made)
        await self._follows("note", "a note removed in the ATS is still in Bascule", gone)

    async def _there(self, who: Seen) -> list[Row]:
        return [row for row in (await self.side.ats.tables("notes"))["notes"] if row["candidate_id"] == who.candidate]

    async def _here(self, who: Seen, body: str) -> bool:
        family = await self.side.family(who.candidate)
        return family is not None and any(
            r.kind is Kind.NOTE and r.state is RecordState.LIVE and r.fields.get("body") == body
            for r in family.records.values()
        )

    # ------------------------------------------------------------------------------------------------------------ tags

    async def _tags(self, who: Seen) -> None:
        """Added here and removed there; added there and removed here."""
        side = self.side
        record = await side.record(who.candidate)
        ours, theirs = "Call back", "Relocates"
        await side.app.changes.set_tags(record.id, self.actor, add=[ours])
        await self._tag_there(who, ours, True, "a tag added in Bascule did not appear there")
        await self._confirmed("tag", who)
        await side.ats.remove_tag(who.candidate, ours)
        await self._tag_here(who, ours, False, "a tag removed in the ATS is still in Bascule")
        await side.ats.add_tag(who.candidate, theirs)
        await self._tag_here(who, theirs, True, "a tag added in the ATS did not appear in Bascule")
        await side.app.changes.set_tags(record.id, self.actor, remove=[theirs])
        await self._tag_there(who, theirs, False, "a tag removed in Bascule is still there")

    async def _tag_here(self, who: Seen, tag: str, wanted: bool, what: str) -> None:
        async def so() -> bool:
            tags = (await self.side.record(who.candidate)).fields.get("tags")
            return (isinstance(tags, tuple) and tag in tags) is wanted

        await self._follows("tag", what, so)

    async def _tag_there(self, who: Seen, tag: str, wanted: bool, what: str) -> None:
        async def so() -> bool:
            tables = await self.side.ats.tables("candidate_tags", "applied_candidate_tags")
            names = {row["id"]: row["name"] for row in tables["candidate_tags"]}
            applied = [row for row in tables["applied_candidate_tags"] if row["candidate_id"] == who.candidate]
            return any(names[row["candidate_tag_id"]] == tag for row in applied) is wanted

        await self._follows("tag", what, so)

    # ---------------------------------------------------------------------------------------------------------- e-mail

    async def _emails(self, who: Seen) -> None:
        side = self.side
        record = await side.record(who.candidate)
        held = record.fields.get("emails")
        middle, last = (f"{side.account.name}.{who.candidate}@{where}.example" for where in ("bascule", "ats"))
        self.checked.edited.add((side.account.name, who.candidate))
        await side.app.changes.edit(record.id, {"emails": (middle,)}, self.actor, base={"emails": held})

        async def there() -> bool:
            rows = (await side.ats.tables("candidates"))["candidates"]
            row = next(r for r in rows if r["id"] == who.candidate)
            return [one["value"] for one in row["email_addresses"]] == [middle]

        await self._follows("email", "an e-mail edited in Bascule did not arrive there", there)
        await self._confirmed("email", who)
        await side.ats.change_email(who.candidate, middle, last)

        async def here() -> bool:
            return (await side.record(who.candidate)).fields.get("emails") == (last,)

        await self._follows("email", "an e-mail edited in the ATS did not arrive in Bascule", here)


def _picked(ledger: Ledger) -> list[Seen]:
    """People of whom one application stands in the ATS as it should, the earliest first; whoever applied twice last."""
    times = Counter(one.candidate for one in ledger.applications.values())
    rows = [one for one in ledger.applications.values() if one.written]
    return sorted(rows, key=lambda one: (times[one.candidate] > 1, one.came))


def _ladder(tx: Tx, job: str) -> list[tuple[str, str]]:
    """A job's stages in their order: (id, name)."""
    family = tx.families.family(tx.families.record_family(job) or "")
    stages = [s for s in family.children(job, Kind.STAGE) if s.state is RecordState.LIVE]
    stages.sort(key=lambda stage: float(str(stage.fields.get("order") or 0)))
    return [(stage.id, str(stage.fields.get("name"))) for stage in stages]


# ---------------------------------------------------------------------------------------------------- nothing untoward


def contacts_changed(side: Side, checked: Checked, until: float = math.inf) -> int:
    """Contact fields changed by anybody but the applicants themselves and the demo's own edits, until then (the
    sandbox's clock, in seconds)."""
    own = {candidate for account, candidate in checked.edited if account == side.account.name}
    others = [change for change in side.ledger.contacts if change["actor"] != "careers" and change["at"] < until]
    return sum(not (change["id"] in own and change["field"] == "email_addresses") for change in others)


async def doubled_there(side: Side) -> list[str]:
    """What stands twice in an account, one line each."""
    tables = await side.ats.tables("candidates", "applications", "notes", "candidate_tags", "applied_candidate_tags")
    notes = [row for row in tables["notes"] if row["type"] == "NOTE"]
    told = [(row["candidate_id"], ref) for row in notes for ref in REFERENCE.findall(row["body"])]
    mails = [one["value"].casefold() for row in tables["candidates"] for one in row["email_addresses"]]
    found = {
        "candidate with an e-mail of another": _more(mails),
        "application": _more((row["candidate_id"], row["job_id"]) for row in tables["applications"]),
        "note": _more((row["candidate_id"], REF_LINE.sub("", row["body"])) for row in notes),
        "explanation of one score": _more(told),
        "tag": _more(row["name"].casefold() for row in tables["candidate_tags"]),
        "tag of a candidate": _more(
            (r["candidate_id"], r["candidate_tag_id"]) for r in tables["applied_candidate_tags"]
        ),
    }
    return [f"{side.account.name}: {what} stands there twice" for what, count in found.items() for _ in range(count)]


async def doubled_here(app: App) -> list[str]:
    """What Bascule holds twice, one line each."""

    def query(tx: Tx) -> list[Family]:
        rows = tx.pages.candidates(app.workspace, limit=EVERY)
        return list(tx.families.families({row.family for row in rows}).values())

    families = await app.store.read(query)
    records = [r for f in families for r in f.records.values() if r.state is RecordState.LIVE]
    links = [x for f in families for x in f.links.values() if x.state is LinkState.LIVE]
    mails = [e for r in records if r.kind is Kind.CANDIDATE for e in _texts(r.fields.get("emails"))]
    found = {
        "candidate with an e-mail of another": _more(e.casefold() for e in mails),
        "application": _more((r.parent, r.fields.get("job")) for r in records if r.kind is Kind.APPLICATION),
        "note": _more((r.parent, r.fields.get("body")) for r in records if r.kind is Kind.NOTE),
        "object of an ATS": _more((x.connection, x.kind, x.external) for x in links),
        "record with two objects in one ATS": _more((x.connection, x.record) for x in links),
    }
    return [f"Bascule: {what} is held twice" for what, count in found.items() for _ in range(count)]


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, tuple) else []


def _more(keys: Iterable[Hashable]) -> int:
    """How many there are beyond one of each."""
    return sum(count - 1 for count in Counter(keys).values())


async def dead_letters(app: App) -> list[str]:
    """Writes and pieces of work that will not succeed by themselves, one line each."""
    failures, tasks = await app.store.read(
        lambda tx: (tx.pages.failures(app.workspace, limit=EVERY), tx.tasks.list(app.workspace, state="dead"))
    )
    said = [f"write {one.write.call}: {one.write.why}" for one in failures]
    return said + [f"task {task.name}: {task.error}" for task in tasks]


async def settled(app: App, sides: Sequence[Side], quiet: float) -> bool:
    """Whether nothing is on its way and no account has changed for `quiet` seconds."""
    before = [side.ledger.last for side in sides]
    await asyncio.sleep(quiet)
    for side in sides:
        await side.catch_up()
    status = await app.standing.status()
    waiting = any(row["waiting"] for row in status["connections"])
    return not waiting and [side.ledger.last for side in sides] == before


async def scored(app: App) -> int:
    """Applications with a score in Bascule."""
    return sum(row.scored for row in await app.store.read(lambda tx: tx.pages.jobs(app.workspace)))

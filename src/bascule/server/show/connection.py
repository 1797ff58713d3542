"""How connections stand, each and all together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bascule.connectors.rights import Rights
from bascule.connectors.spec import Connector, Reads
from bascule.core import mapping
from bascule.core.erasure import Policy, policy
from bascule.core.rollout import AI
from bascule.engine.backfill import Progress
from bascule.engine.connections import Connected, tenant_from
from bascule.engine.consents import Ending, ending
from bascule.engine.eta import Eta
from bascule.engine.health import PULLED
from bascule.engine.rhythm import polled_only
from bascule.model import Direction, Kind, Label, Mode
from bascule.office.standing import Stand, Word, backlog, behind, stand
from bascule.office.standing import worst as worst_of
from bascule.office.stops import HeldBack, held_back
from bascule.store import Tx
from bascule.store.connections import Connection
from bascule.store.queries import Counts

from ..rendering import count, duration, seconds, stamp
from ..views.connection import (
    BackfillRow,
    BudgetRow,
    ConnectionPage,
    ConnectionRow,
    FeedRow,
    Letter,
    ModeStep,
    ParityRow,
    ScopeRow,
    WaitingCall,
    Waits,
)
from ..views.parts import Choice, Fact, Lag, Link, State, Tone

DOES: Mapping[Mode, str] = {
    Mode.OBSERVE: "Reads only. Nothing is written, and no webhooks are needed.",
    Mode.LISTEN: "Reads, and is told of changes by webhooks. Nothing is written.",
    Mode.SHADOW: "Plans every write and shows it. Nothing is sent.",
    Mode.LIVE: "Writes scores, notes, tags and what people edit here.",
}


TONES: Mapping[Word, Tone] = {
    Word.FAILING: Tone.FAILING,
    Word.PAUSED: Tone.PAUSED,
    Word.WAITING: Tone.WAITING,
    Word.CATCHING_UP: Tone.CATCHING_UP,
    Word.IN_STEP: Tone.IN_STEP,
    Word.NOTHING: Tone.QUIET,
}


def state_of(one: Stand) -> State:
    """How a connection, or all of them, stand: the same words as in commands."""
    return State(one.words, TONES[one.word], None, one.why)


Etas = Callable[[Tx, str], Eta | None]
"""When a connection's backlog will be gone."""


def rows(tx: Tx, workspace: str, lags: Mapping[str, Lag], now: datetime, etas: Etas) -> tuple[ConnectionRow, ...]:
    """Every connection of the workspace."""
    found = tx.connections.list(workspace)
    counts = tx.pages.overview([one.id for one in found], objects=False)
    return tuple(row(tx, one, counts[one.id], lags, now, etas) for one in found)


def row(tx: Tx, one: Connection, counts: Counts, lags: Mapping[str, Lag], now: datetime, etas: Etas) -> ConnectionRow:
    cursors = tx.connections.cursors(one.id)
    progress = cursors.get("backfill", (None, now))[0]
    reads = [at for name, (_, at) in cursors.items() if name.startswith(("poll", "sweep", "backfill", PULLED))]
    latest = max([at for at in (*reads, counts.last_delivery) if at is not None], default=None)
    return ConnectionRow(
        name=one.name,
        system=one.system,
        label=one.label,
        mode=one.mode,
        stand=(how := stand(one, counts, progress, now, etas(tx, one.id))),
        state=state_of(how),
        lag=lags.get(one.id, Lag()),
        backlog=backlog(counts) if behind(counts, now) else 0,
        failures=counts.failures,
        reviews=counts.reviews,
        gaps=counts.gaps,
        last_read=latest,
    )


def worst(lags: Mapping[str, Lag]) -> Lag:
    """The slowest of several connections' delays."""
    measured = [lag for lag in lags.values() if lag.p50 is not None]
    return max(measured, key=lambda lag: lag.p95 or 0.0, default=Lag())


def all_of(found: Sequence[ConnectionRow]) -> State:
    """All connections in one state: the worst of them, named."""
    return state_of(worst_of([(one.name, one.stand) for one in found]))


# ------------------------------------------------------------------------------------------------------ one of them


def page(
    tx: Tx,
    at: Connected,
    lags: Mapping[str, Lag],
    now: datetime,
    hook_url: str,
    rights: Rights,
    rhythms: Sequence[Mapping[str, Any]],
    etas: Etas,
    reading: Progress,
    vitals: Mapping[str, Any],
    compared: Sequence[Mapping[str, Any]],
) -> ConnectionPage:
    """Everything about one connection. `rhythms`: what holds and was measured, by list; `reading`: its backfill;
    `compared`: its lists at their last comparison."""
    row_of = tx.connections.get(at.id)
    counts = tx.pages.overview([at.id], objects=False)[at.id]
    log = tx.inbox.log(at.id, limit=200)
    users = tx.people.users(row_of.workspace)
    hooked = tx.inbox.heard(at.id).arrives
    by_list = {str(one["list"]): one for one in rhythms}
    return ConnectionPage(
        row=row(tx, row_of, counts, lags, now, etas),
        vendor=at.connector.label,
        base_url=row_of.base_url or at.connector.base_url,
        owner=row_of.owner,
        modes=tuple(
            ModeStep(mode, DOES[mode], mode is row_of.mode, _blocked(mode, at, row_of, rights)) for mode in Mode
        ),
        hooks=_hooks(at.connector, hooked),
        hook_url=hook_url,
        hook_setup=at.connector.webhook.steps(at.connector.label, at.row.name) if at.connector.webhook else "",
        hook_last=log[0].received if log else None,
        hook_count=len(log),
        scopes=_scopes(at, rights),
        rights=_standing(at, rights),
        waived=_waived(rights, {user.id: user.name or user.email for user in users}),
        told=rights.told_by == "system",
        entered="\n".join(rights.granted) if rights.told_by == "owner" else "",
        waivable=bool(rights.unwaived),
        feeds=_together([_feed(reads, by_list.get(reads.title)) for reads in at.connector.reads]),
        rhythms=tuple((str(one["list"]), f"{one['every']:g}", f"{one['promise']:g}") for one in rhythms),
        budgets=tuple(
            BudgetRow(
                one.cls,
                f"{one.limit} requests in {duration(one.per)}{', told by the system' if one.learned else ''}",
                min(1.0, one.used / one.limit) if one.ends > now and one.limit else 0.0,
            )
            for one in tx.budgets.list(at.id)
        ),
        backfills=_backfills(reading),
        parity=_parity(compared),
        parities=tuple(_compared(one) for one in compared),
        facts=_facts(at, row_of, ending(tx, at)),
        known=_known(at),
        health=_health(vitals),
        users=tuple(Link(user.name or user.email, user.id) for user in users if user.disabled is None),
        paused=bool(row_of.paused),
        waits=waits(held_back(tx, at.id, now)),
        policies=tuple(Choice(one, said, one is policy(row_of.settings)) for one, said in FOLLOWED.items()),
    )


def waits(found: HeldBack) -> Waits:
    """What waits to be written, and whom it concerns first."""
    calls = tuple(WaitingCall(call.replace("_", " "), n, since) for call, n, since in found.calls)
    first = tuple(Link(one.name or one.kind, f"/{one.kind}s/{one.record}") for one in found.first)
    letters = found.letters
    return Waits(
        "" if found.stop is None else found.stop.words, calls, first, found.under_way,
        "" if letters.stop is None else letters.stop.words,
        tuple(WaitingCall(name, n, since) for name, n, since in letters.templates),
        tuple(
            Letter(Link(name or "a candidate", f"/candidates/{one.candidate}"), one.template, one.due)
            for one, name in letters.first
        ),
        letters.under_way,
    )  # fmt: skip


def _hooks(connector: Connector, proven: bool) -> State:
    if connector.webhook is None:
        return State("This system has no webhooks", Tone.QUIET, None, "Changes are found by polling.")
    if proven:
        return State(
            "Webhooks arrive", Tone.IN_STEP, None, f"{connector.label} reaches this address, signed as agreed."
        )
    return State(
        "No webhook has arrived",
        Tone.WAITING,
        None,
        "Changes are found by polling until one does. Behind a firewall that is how it stays, only slower.",
    )


def _blocked(mode: Mode, at: Connected, row_of: Connection, rights: Rights) -> tuple[str, ...]:
    """What stands in the way of a mode that writes."""
    if mode in (Mode.OBSERVE, Mode.LISTEN):
        return ()
    found = () if row_of.crawled else ("Everything there has to be read once first.",)
    objection = rights.objection(at.connector.label)
    return (*found, f"{objection} See the rights below.") if objection else found


def _standing(at: Connected, rights: Rights) -> State:
    """The credential's rights in one line."""
    if not rights.told_by:
        return State("Not known", Tone.WAITING, None, f"{at.connector.label} does not tell what it has granted.")
    said = [f"{count(len(rights.missing), 'right')} missing"] if rights.missing else []
    said += [f"{count(len(rights.excess), 'right')} more than needed"] if rights.excess else []
    tone = Tone.FAILING if rights.missing else Tone.WAITING if rights.unwaived else Tone.IN_STEP
    return State(", ".join(said).capitalize() if said else "As needed", tone)


def _waived(rights: Rights, people: Mapping[str, str]) -> State | None:
    """Who has accepted an excess, when and why."""
    waiver = rights.waiver
    if waiver is None:
        return None
    who = people.get(waiver.by, waiver.by)
    return State(f"Waived by {who}: {', '.join(waiver.rights)}", Tone.QUIET, waiver.at, waiver.reason)


def _scopes(at: Connected, rights: Rights) -> tuple[ScopeRow, ...]:
    """Needed by the mapping, granted by the system, and the difference."""
    uses: dict[str, list[str]] = {}
    for reads in at.connector.reads:
        for name in reads.scopes:
            uses.setdefault(name, []).append(reads.title)
    for send in at.connector.sends.values():
        for name in send.scopes:
            uses.setdefault(name, []).append(send.call.replace("_", " "))
    advice = at.connector.excess
    known, missing = bool(rights.told_by), set(rights.missing)
    found = [
        ScopeRow(name, True, name not in missing if known else None, ", ".join(dict.fromkeys(uses.get(name, ()))))
        for name in rights.needed
    ]
    found += [
        ScopeRow(name, False, True, "Take it away from the credential, or waive it in writing.")
        for name in rights.excess
    ]
    found += [ScopeRow(name, False, True, advice.get(name, ""), True) for name in rights.unavoidable]
    return tuple(found)


def _together(found: Sequence[FeedRow]) -> tuple[FeedRow, ...]:
    """Lists that are followed alike as one line, with the one read longest ago; one that was measured by itself."""
    groups: dict[tuple[str, str, str, str], list[FeedRow]] = {}
    for one in found:
        groups.setdefault((one.by, one.promised, one.note, one.measured and one.name), []).append(one)
    return tuple(
        replace(
            some[0],
            name=", ".join(one.name for one in some),
            last=min((one.last for one in some if one.last), default=None),
        )
        for some in groups.values()
    )


def _feed(reads: Reads, one: Mapping[str, Any] | None) -> FeedRow:
    """How one list is followed. Where webhooks arrive, polling only catches what they missed."""
    name = reads.title.replace("_", " ")
    if one is None:
        return FeedRow(name, "read with what it belongs to", "", None)
    every, now_every = float(one["every"]), float(one["now_every"])
    polled = f"polling every {seconds(every)}"
    slower = f"now every {seconds(now_every)}: the rate has no room for more" if now_every > every * 1.2 else ""
    mine = [said for said, so in (("set by the owner", one["chosen"] or one["kept"]),) if so]
    only = ["the system sends no webhook for it"] if polled_only(reads) else []
    measured = "" if one["p50"] is None else " / ".join(seconds(float(one[part])) for part in ("p50", "p95", "p99"))
    return FeedRow(
        name=name,
        by=f"webhook, and {polled}" if one["told"] else polled,
        promised=f"within {seconds(float(one['promise']))}",
        last=one["last"],
        note="; ".join([*mine, *only, *([slower] if slower else [])]),
        measured=measured,
        late=bool(one["late"]),
    )


def _parity(compared: Sequence[Mapping[str, Any]]) -> State:
    """All lists in one line."""
    done = [one for one in compared if one["ended"] is not None]
    if not done:
        return State("Not compared yet", Tone.QUIET, None, "Every list is compared once a day.")
    since, objects = min(one["ended"] for one in done), sum(one["theirs"] for one in done)
    left, found = (sum(one[what] for one in done) for what in ("left", "unexplained"))
    failed = [str(one["object"]).replace("_", " ") for one in done if one["error"]]
    if failed:
        return State(f"Not compared: {', '.join(failed)}", Tone.FAILING, since)
    if left:
        return State(f"{count(left, 'unexplained difference')} in {count(objects, 'object')}", Tone.WAITING, since)
    if found:
        return State(f"{count(found, 'difference')} found, and gone since they were read again", Tone.IN_STEP, since)
    return State(f"0 unexplained differences in {count(objects, 'object')}", Tone.IN_STEP, since)


def _compared(one: Mapping[str, Any]) -> ParityRow:
    name = str(one["object"]).replace("_", " ")
    if one["going"] and one["ended"] is None:
        return ParityRow(name, State(f"Being compared: {count(one['pages'], 'page')}", Tone.CATCHING_UP))
    if one["ended"] is None:
        return ParityRow(name, State("Not compared yet", Tone.QUIET))
    if one["error"]:
        return ParityRow(name, State("Not compared", Tone.FAILING, one["ended"], one["error"]))
    said = [f"{n} {cause}" for cause, n in one["causes"].items()]
    said += [f"{one['healed']} gone since they were read again"] if one["healed"] else []
    said += [f"being compared again: {count(one['pages'], 'page')}"] if one["going"] else []
    tone = Tone.WAITING if one["left"] else Tone.IN_STEP
    words = f"{one['left']} left" if one["left"] else "0 unexplained" if not one["unexplained"] else "0 left"
    rows = tuple(
        (
            f"{each['kind'].replace('_', ' ')} {each['external']}" + (f", {each['field']}" if each["field"] else ""),
            f"{each['cause']}, {_MEANS[each['state']]}",
            each["href"],
        )
        for each in one["differences"]
    )
    return ParityRow(name, State(words, tone, one["ended"]), True, one["theirs"], one["ours"], "; ".join(said), rows)


_MEANS = {
    "told": "nothing to do",
    "open": "looked at again in a moment",
    "reading": "being read again",
    "passed": "arrived by itself",
    "healed": "gone since it was read again",
    "left": "still there",
}
"""What has become of a difference, in words."""


def _backfills(reading: Progress) -> tuple[BackfillRow, ...]:
    if reading.state == "none":
        return ()
    if reading.finished:
        return (BackfillRow("everything", State("Done", Tone.IN_STEP, reading.finished), reading.objects, None),)
    state = State(f"Reading {reading.list.replace('_', ' ')}", Tone.CATCHING_UP, None, reading.why)
    eta = None if reading.eta is None else timedelta(seconds=reading.eta)
    return (BackfillRow("everything", state, reading.objects, reading.of, eta),)


FOLLOWED: Mapping[Policy, str] = {
    Policy.ERASE: "The person is erased here and everywhere else",
    Policy.ASK: "The owner is told, and decides",
    Policy.KEEP: "The person stays as known here",
}


def _facts(at: Connected, row_of: Connection, credentials: Ending) -> tuple[Fact, ...]:
    facts = [
        Fact("System", at.connector.label),
        Fact("Address", row_of.base_url or at.connector.base_url),
        Fact(
            "Label", str(row_of.label) + (": no real candidate is touched" if row_of.label is Label.SIMULATOR else "")
        ),
        Fact("Live since", stamp(row_of.live_since) if row_of.live_since else "not live"),
        Fact("Mapping version", row_of.mapping_version),
        Fact("AI", "on" if row_of.settings.get(AI, True) else "off"),
    ]
    if credentials.ends is not None:
        facts.append(Fact("Credentials end", stamp(credentials.ends)))
    if credentials.consent is not None and credentials.consent.renewed is not None:
        facts.append(Fact("Consent renewed", stamp(credentials.consent.renewed)))
    if credentials.consent is not None and credentials.consent.failing is not None:
        facts.append(Fact("Renewal fails since", f"{stamp(credentials.consent.failing)}: {credentials.consent.error}"))
    return tuple(facts)


def _health(vitals: Mapping[str, Any]) -> tuple[Fact, ...]:
    """Uptime against the objective, and what is wrong now."""
    up = vitals["uptime"]
    share, left, errors = up["share"], up["budget_left"], vitals["error_rate"]
    missed = ": the objective is missed" if left is not None and left < 0 else ""
    facts = [
        Fact("Uptime", "not measured yet" if share is None else f"{share:.3%} of {up['days']} days or less"),
        Fact("Objective", f"{up['objective']:.1%}: it can be asked, and nothing waits for over 5 min"),
        Fact(
            "Error budget left",
            "" if left is None else f"{left:.0%}{missed}",
        ),
        Fact("Requests that fail", "none was made" if errors is None else f"{errors:.1%} of the last thousand"),
    ]
    if vitals["silent_since"] is not None:
        facts.append(Fact("No webhook since", stamp(vitals["silent_since"])))
    if vitals["answers"]["words"]:
        facts.append(Fact("Keys of its answers", vitals["answers"]["words"]))
    if vitals["answers"]["interface"]:
        facts.append(Fact("Interface", vitals["answers"]["interface"]))
    return tuple(facts)


def _known(at: Connected) -> tuple[Fact, ...]:
    """What the connector states of its system, and what was learned of this account."""
    stated = {**at.connector.facts, **{name: value for name, value in at.tenant.facts.items() if "." not in name}}
    return tuple(Fact(name.replace("_", " ").capitalize(), value) for name, value in sorted(stated.items()))


ATTRIBUTION = (Kind.APPLICATION, "source")


def switches(row_of: Connection, connector: Connector) -> Mapping[tuple[Kind, str], bool]:
    """Whether each output is written there, as the owner has switched it, also where its field is to be created yet:
    (kind, canonical), as the document lists it, -> on. Source attribution is one of them where it can be written."""
    chosen = mapping.Chosen.read(row_of.choices).fields
    found: dict[tuple[Kind, str], bool] = {}
    for each in connector.fields(tenant_from(row_of.tenant), row_of.id):
        source = bool(each.call) and (each.kind, each.canonical[0]) == ATTRIBUTION
        if each.created or source or each.opt_in:
            one = chosen.get(mapping.key(each), mapping.Choice())
            shut = (None, Direction.IN) if each.opt_in else (Direction.IN,)
            of = mapping.key(each) if each.created else (each.kind, each.canonical[0])
            found[of] = one.on and one.direction not in shut
    return found

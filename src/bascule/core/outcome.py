"""How a call of ours ended, and what that settles."""

from __future__ import annotations

from bascule.core import merge, merges, retry
from bascule.core.bind import bind, bind_along
from bascule.core.digest import of_elements, same
from bascule.core.draft import Context, Draft, Plan
from bascule.core.gone import close, merged_there
from bascule.core.settle import RESENDS, dead
from bascule.core.table import table
from bascule.core.writing import arrange
from bascule.model import (
    BASCULE,
    EMPTY,
    Actor,
    ActorKind,
    Attempt,
    AttemptState,
    Awaiting,
    Divergence,
    Family,
    FamilyState,
    FieldMap,
    Fields,
    HistoryKind,
    Link,
    LinkState,
    Outcome,
    OutcomeKind,
    Pair,
    Part,
    Reason,
    ReviewKind,
    Source,
    Value,
    Write,
    WriteState,
    replace,
)


def after(family: Family, attempt_id: str, outcome: Outcome, context: Context, *, owner: str = "") -> Plan:
    """What an outcome settles. An attempt that is over already (erased, bound by a read) changes nothing.

    `owner` names a record of another family that holds the object a create was answered with.
    """
    draft = Draft(family, context)
    if conclude(draft, attempt_id, outcome, owner):
        arrange(draft)
    return draft.finish()


def conclude(draft: Draft, attempt_id: str, outcome: Outcome, owner: str = "") -> bool:
    """The same inside a step; whether there was anything to settle. The writes are to be arranged after it."""
    attempt = draft.attempts.get(attempt_id)
    if attempt is None or draft.before.state is FamilyState.ERASED:
        return False
    source = _source(draft, attempt)
    match outcome.kind:
        case OutcomeKind.UNANSWERED if draft.before.state is FamilyState.ERASING:
            _back(draft, attempt, "no answer: asked again")  # twice erases once, and no read tells
        case OutcomeKind.UNANSWERED:
            _lost(draft, attempt)
        case OutcomeKind.NOT_SENT:
            _back(draft, attempt, outcome.words)
        case OutcomeKind.GUARDED:
            _back(draft, attempt, outcome.words)
            _look_again(draft, attempt, "the system's guard says it has moved")
        case OutcomeKind.ABSENT if draft.before.state is FamilyState.ERASING:
            _not_shown(draft, attempt, outcome)
        case OutcomeKind.ABSENT:
            _absent(draft, attempt, outcome, source)
        case OutcomeKind.REFUSED:
            _refused(draft, attempt, outcome, source)
        case OutcomeKind.ANSWERED:
            _answered(draft, attempt, outcome, source, owner)
    return True


def found(family: Family, attempt_id: str, externals: tuple[str, ...], context: Context, *, owner: str = "") -> Plan:
    """The result of a look for what a lost create made.

    One: it is bound. Several: a person decides. None: look again until both two settles and the connector's `late`
    have passed (`Attempt.until` says when next); then it is sent again where looking is reliable and nothing says that
    it was made and removed, else a person decides.
    """
    draft = Draft(family, context)
    if looked(draft, attempt_id, externals, owner):
        arrange(draft)
    return draft.finish()


def looked(draft: Draft, attempt_id: str, externals: tuple[str, ...], owner: str = "", along: Fields = EMPTY) -> bool:
    """The same inside a step; whether there was anything to settle. The writes are to be arranged after it."""
    attempt = draft.attempts.get(attempt_id)
    if attempt is None or attempt.link is not None:
        return False
    fresh = tuple(dict.fromkeys(externals))
    if len(fresh) == 1:
        link = bind(draft, attempt, fresh[0], None, _source(draft, attempt), owner=owner)
        bind_along(draft, attempt, link, along)
    elif fresh:
        _ask_lost(draft, attempt, fresh, "several objects carry its marker")
    else:
        _not_found(draft, attempt)
    return True


def removed_unmet(family: Family, attempt_id: str, part: Part, context: Context) -> Plan:
    """One of the kind that a creation of unknown outcome makes was removed there before anybody here had met it: it may
    have been what was made. If no look finds it, a person is asked, instead of making it again."""
    draft = Draft(family, context)
    attempt = draft.attempts.get(attempt_id)
    if attempt is not None and attempt.link is None and _may_hang_on(draft, attempt, part.parent):
        draft.attempts[attempt_id] = replace(attempt, removed=True)
    return draft.finish()


def _may_hang_on(draft: Draft, attempt: Attempt, parent: str | None) -> bool:
    above = draft.record(attempt.record).parent
    link = draft.link_of(above, attempt.connection) if above is not None else None
    return parent is None or link is None or link.external == parent


def displace(draft: Draft, attempt: Attempt) -> None:
    """Let go of a lost creation whose parent is gone there, for what was made has gone with it: nowhere is left to
    look. On one that was merged into another it lives on, and is looked for there. The write is due as before; the
    writes are to be arranged after it."""
    parent = draft.record(attempt.record).parent
    if parent is None or draft.survivor_there(parent, attempt.connection) is not None:
        return
    if draft.link_of(parent, attempt.connection) is None:
        _back(draft, attempt, "what it was to hang on is gone there")


def _not_found(draft: Draft, attempt: Attempt) -> None:
    view = draft.view(attempt.connection)
    rule = view.creates.get(draft.record(attempt.record).kind) if view else None
    settle = rule.settle if rule else draft.settle(attempt.connection)
    late = max(rule.late if rule else draft.late(attempt.connection), draft.late(attempt.connection))
    if draft.now < attempt.at + max(2 * settle, late):
        draft.attempts[attempt.id] = replace(attempt, until=draft.now + settle, state=AttemptState.LOST)
    elif attempt.accepted:
        _ask_lost(draft, attempt, (), "it was accepted there, and is not there: removed since, or never made")
    elif attempt.removed:
        _ask_lost(draft, attempt, (), "no answer, and one that nobody here had met was removed since: perhaps this")
    elif rule is not None and rule.reliable:
        del draft.attempts[attempt.id]
        _reopen(draft, attempt, "no answer, and nothing was made: sent again")
    else:
        _ask_lost(draft, attempt, (), "no answer, and this system cannot be searched reliably")


def _ask_lost(draft: Draft, attempt: Attempt, externals: tuple[str, ...], why: str) -> None:
    del draft.attempts[attempt.id]
    about = f"{attempt.connection}|{attempt.record}"
    detail = {"found": externals, "marker": attempt.marker, "write": attempt.write}
    draft.ask(ReviewKind.LOST_CREATE, attempt.record, attempt.connection, "", about, detail)
    write = draft.writes.get(attempt.write)
    if write is not None:
        draft.write(dead(write, Reason.CONFLICT if externals else Reason.VENDOR, why, draft.now))


def _source(draft: Draft, attempt: Attempt) -> Source:
    write = draft.writes.get(attempt.write)
    actor = write.actor if write is not None else BASCULE
    return Source(attempt.connection, actor, attempt.id, draft.now)


def _write(draft: Draft, attempt: Attempt) -> Write | None:
    write = draft.writes.get(attempt.write)
    return write if write is not None and write.closed is None else None


def _reopen(draft: Draft, attempt: Attempt, why: str) -> None:
    write = _write(draft, attempt)
    if write is not None:
        draft.write(replace(write, state=WriteState.DUE, why=why))


def _lost(draft: Draft, attempt: Attempt) -> None:
    """It may have landed, or may still: nothing is sent before a read behind the fence has looked."""
    until = draft.now + draft.settle(attempt.connection)
    draft.attempts[attempt.id] = replace(attempt, state=AttemptState.LOST, until=until)
    if attempt.link is not None and attempt.link in draft.links:
        draft.want_link(draft.links[attempt.link], until, "no answer: has it landed?")


def _back(draft: Draft, attempt: Attempt, words: str) -> None:
    """Nothing was done there: the write is due as before."""
    del draft.attempts[attempt.id]
    _reopen(draft, attempt, words)


def _look_again(draft: Draft, attempt: Attempt, why: str) -> None:
    if attempt.link is None or attempt.link not in draft.links:
        return
    for name in attempt.fields:
        pair = draft.links[attempt.link].pairs.get(name)
        if pair is not None:
            draft.pair(attempt.link, name, replace(pair, shown=0))
    draft.want_link(draft.links[attempt.link], draft.now, why)


def _absent(draft: Draft, attempt: Attempt, outcome: Outcome, source: Source) -> None:
    """The target is not there. That is unseen, except for what we were about to delete. A creation for which something
    is missing there as often as that, whatever reads show, is refused."""
    write = _write(draft, attempt)
    if attempt.link is None and write is not None and write.tries >= retry.ABSENT:
        _refused(draft, attempt, outcome, source)
        return
    _back(draft, attempt, outcome.words)
    link = draft.links.get(attempt.link or "")
    if link is None:
        record = draft.record(attempt.record)
        parent = draft.link_of(record.parent, attempt.connection) if record.parent else None
        if parent is not None:
            draft.link(replace(parent, state=LinkState.UNSEEN))
            draft.want_link(parent, draft.now, "a create found no parent there")
    elif merges.heir(draft, link, attempt.call) is not None:  # the one that stays is not there, or neither
        _refused(draft, attempt, outcome, source)
    elif not attempt.fields:
        close(draft, link, _removed(draft), source)
    else:
        draft.link(replace(link, state=LinkState.UNSEEN))
        draft.want_link(link, draft.now, "a write found no object there")


def _not_shown(draft: Draft, attempt: Attempt, outcome: Outcome) -> None:
    """Somebody who is to be erased is not there, or only hidden: that proves nothing. Asked again, as often as any
    other call whose object is not shown; then a person looks."""
    _back(draft, attempt, outcome.words)
    link = draft.links.get(attempt.link or "")
    if link is not None and link.open:
        draft.link(replace(link, state=LinkState.UNSEEN))


def _refused(draft: Draft, attempt: Attempt, outcome: Outcome, source: Source) -> None:
    """Refused for good: a failure, silent until the value changes or a person replays it."""
    del draft.attempts[attempt.id]
    words = outcome.words
    write = _write(draft, attempt)
    if write is not None:
        draft.write(dead(write, outcome.reason, words, draft.now))
    link = draft.links.get(attempt.link or "")
    if link is None:
        return
    for name, sent in attempt.fields.items():
        fields, pair = draft.map_of(link, name), draft.links[link.id].pairs.get(name)
        if fields is None:
            continue
        pair = pair or Pair(() if fields.is_set else None, None, has_ours=False)
        rendered = draft.render(link, fields)
        if fields.is_set or _still(draft, link, fields, pair, sent, rendered):
            silent = replace(pair, ours=rendered, has_ours=True, divergence=Divergence.DEAD)
            if fields.is_set and pair.divergence is not Divergence.DEAD:
                silent = replace(silent, failed=pair.ours if pair.has_ours else ())
            draft.pair(link.id, name, silent)
        draft.note(link.record, HistoryKind.REFUSED, fields.canonical[0], pair.theirs, rendered, source, words)


def _still(draft: Draft, link: Link, fields: FieldMap, pair: Pair, sent: str, rendered: Value) -> bool:
    """Whether we would still send what was sent (or the next step towards it)."""
    step = fields.route(pair.theirs, rendered) if fields.route else rendered
    return draft.recall(fields, sent, rendered, step) is not None


def _answered(draft: Draft, attempt: Attempt, outcome: Outcome, source: Source, owner: str) -> None:
    if attempt.link is None:
        _created(draft, attempt, outcome, source, owner)
        return
    del draft.attempts[attempt.id]
    write = _write(draft, attempt)
    if write is not None:
        draft.write(replace(write, state=WriteState.DONE, closed=draft.now))
    link = draft.links.get(attempt.link)
    if link is None or not link.open:
        return
    if merges.heir(draft, link, attempt.call) is not None:
        merged_there(draft, link, source)
        return
    if not attempt.fields:
        close(draft, link, _removed(draft), source)
        return
    for name in attempt.fields:
        fields = draft.map_of(link, name)
        if fields is not None:
            _settle(draft, link.id, fields, attempt, outcome, source)
    if outcome.gone:
        close(draft, draft.links[link.id], LinkState.DELETED, source)
        return
    if any(draft.links[link.id].pairs[name].awaiting for name in attempt.fields if name in draft.links[link.id].pairs):
        until = draft.now + draft.settle(link.connection)
        draft.want_link(draft.links[link.id], until, "answered without the fields: see what is there")


def _removed(draft: Draft) -> LinkState:
    return LinkState.ERASED if draft.before.state is FamilyState.ERASING else LinkState.DELETED


def _created(draft: Draft, attempt: Attempt, outcome: Outcome, source: Source, owner: str) -> None:
    if outcome.external is not None:
        link = bind(draft, attempt, outcome.external, None, source, outcome.seen, owner)
        bind_along(draft, attempt, link, outcome.along)
        return
    until = draft.now + draft.settle(attempt.connection)  # accepted, the id to come: looked for like a lost one
    draft.attempts[attempt.id] = replace(attempt, state=AttemptState.LOST, until=until, accepted=True)


def _settle(draft: Draft, link_id: str, fields: FieldMap, attempt: Attempt, outcome: Outcome, source: Source) -> None:
    """One field of an answered write: settled by the answer, or by the first read behind its fence."""
    link = draft.links[link_id]
    empty: Value = () if fields.is_set else None
    pair = link.pairs.get(fields.name) or Pair(empty, None, has_ours=False)
    fence = draft.now + draft.settle(link.connection)
    if fields.is_set:
        _settle_set(draft, link, fields, pair, attempt, outcome, source)
        return
    sent = attempt.fields[fields.name]
    rendered = draft.render(link, fields)
    step = fields.route(pair.theirs, rendered) if fields.route else rendered
    known = draft.recall(fields, sent, rendered, step, *outcome.seen.values())
    if fields.name in outcome.seen:
        answered = outcome.seen[fields.name]
        altered = known is None or not same(fields, answered, known[0])
        pair = replace(
            pair,
            theirs=answered,
            ours=known[0] if known else answered,
            divergence=Divergence.ALTERED if altered and known else None,
            awaiting=None,
            resent=0,
        )
    else:
        awaiting = Awaiting(attempt.before.get(fields.name, ""), sent, attempt.id)
        value = known[0] if known else pair.theirs
        pair = replace(pair, theirs=value, ours=value if known else pair.ours, awaiting=awaiting, divergence=None)
    draft.pair(link_id, fields.name, replace(pair, has_ours=True, fence=fence, gap=False))
    old = link.pairs[fields.name].theirs if fields.name in link.pairs else None
    draft.note(link.record, HistoryKind.WRITTEN, fields.canonical[0], old, pair.theirs, source)


def _settle_set(
    draft: Draft, link: Link, fields: FieldMap, pair: Pair, attempt: Attempt, outcome: Outcome, source: Source
) -> None:
    """Only the elements the call changed are settled; the others of an answer go through the table like any read."""
    plus, minus = (set(x) for x in attempt.elements.get(fields.name, ((), ())))
    fence = draft.now + draft.settle(link.connection)
    t, o = merge.spelled(fields, pair.theirs), merge.spelled(fields, pair.ours if pair.has_ours else ())
    answer = outcome.seen.get(fields.name)
    known = {**t, **o, **merge.spelled(fields, draft.render(link, fields)), **merge.spelled(fields, answer)}
    changed = {x: s for x, s in known.items() if _digest(draft, fields, x) in plus | minus}
    for x, spelling in changed.items():
        for side in (t, o):
            side.pop(x, None)
            if _digest(draft, fields, x) in plus:
                side[x] = spelling
    awaiting = None
    if fields.name not in outcome.seen:
        awaiting = Awaiting(" ".join(sorted(minus)), " ".join(sorted(plus)), attempt.id)
    settled = replace(pair, theirs=merge.as_set(t), ours=merge.as_set(o), has_ours=True, fence=fence, awaiting=awaiting)
    draft.pair(link.id, fields.name, settled)
    name = fields.canonical[0]
    draft.note(link.record, HistoryKind.WRITTEN, name, pair.theirs, settled.theirs, source)
    if fields.name in outcome.seen:
        _rest_of_answer(draft, link.id, fields, answer, changed, source)


def _digest(draft: Draft, fields: FieldMap, folded: str) -> str:
    return of_elements(draft.salt, fields, (folded,))[0]


def _rest_of_answer(
    draft: Draft, link_id: str, fields: FieldMap, answer: Value, changed: dict[str, str], source: Source
) -> None:
    """What the answer shows of elements the call did not touch: the table, as for any read.

    What it shows of those the call did touch is what the system made of them: an addition that is not there, or a
    removal that still is, is due again.
    """
    link = draft.links[link_id]
    pair = link.pairs[fields.name]
    shown = merge.spelled(fields, answer)
    t, o = merge.spelled(fields, pair.theirs), merge.spelled(fields, pair.ours)
    missed = {x for x in changed if (x in shown) != (x in t)}
    for x in missed:
        for side in (t, o):
            side.pop(x, None)
            if x in shown:
                side[x] = shown[x]
    resent = pair.resent + 1 if missed else 0
    if resent >= RESENDS:
        mine = draft.render(link, fields)
        o |= {x: s for x, s in merge.spelled(fields, mine).items() if x in missed}
        for x in missed - set(merge.spelled(fields, mine)):
            o.pop(x, None)
        resent = 0
        draft.ask(
            ReviewKind.REFUSED, link.record, link.connection, fields.name, f"{link.id}|{fields.name}",
            {"seen": answer, "ours": mine},
        )  # fmt: skip
    draft.pair(link_id, fields.name, replace(pair, theirs=merge.as_set(t), ours=merge.as_set(o), resent=resent))
    _table(draft, link_id, fields, answer, source)


def _table(draft: Draft, link_id: str, fields: FieldMap, answer: Value, source: Source) -> None:
    link = draft.links[link_id]
    view = draft.view(link.connection)
    who = Actor(ActorKind.SYSTEM, link.connection, f"someone in {view.name}" if view else "someone there")
    table(draft, link_id, fields, answer, replace(source, actor=who))

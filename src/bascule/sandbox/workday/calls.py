"""What every SOAP operation has: who calls, as of when, which page, and how rows become elements."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import lxml.etree as etree

from ..kit.ids import Id
from ..kit.tables import Row
from .access import Caller
from .sandbox import Sandbox
from .shapes import Shape
from .xml import (
    Element,
    Fault,
    Writer,
    attribute,
    child,
    children,
    invalid,
    local,
    moment,
    number,
    resolved,
    response,
)

# How long the pages of one request are read from what its first page found.
KEPT = timedelta(hours=2)
CRAWLS = 64


@dataclass(frozen=True)
class Call:
    """One request. `sandbox` is the tenant itself, which writes change; `view` is what reads see."""

    sandbox: Sandbox
    view: Sandbox
    caller: Caller
    asked: Element
    version: str
    old: bool
    writer: Writer
    entry: datetime
    # When what the request creates can be read.
    visible_at: datetime | None = None
    # How many seconds what it sees is behind.
    behind: float = 0.0

    def sees(self, kind: str, row: Row) -> bool:
        return self.view.seen(kind, row)

    def one(self, reference: Element, *kinds: str) -> Row:
        """The row that a reference names, if it can be seen."""
        row = resolved(self.view.db, reference, *kinds)
        if not any(row["id"] in self.view.db[kind].rows and self.sees(kind, row) for kind in kinds):
            first = child(reference, "ID")
            type = attribute(first, "type")
            raise invalid(f"Invalid ID value.  '{first.text}' is not a valid ID value for type = '{type}'", reference)
        return row

    def id(self, reference: Element, *kinds: str) -> Id:
        """The id of the row that a reference names; None where there is no reference."""
        return None if reference is None else self.one(reference, *kinds)["id"]

    def read(self, kind: str, row: Row) -> None:
        """The caller has been shown this as it was at the request's moment."""
        at = min(self.entry, self.sandbox.now()) - self.sandbox.faults.skew()
        self.sandbox.overwrites.read(self.caller.actor.kind, kind, row["id"], at.timestamp() - self.behind)


@dataclass(frozen=True)
class Operation:
    """A web service operation: what it takes, in old versions too, whom it is for, and what it does."""

    name: str
    shape: Shape
    domain: str
    do: Callable[[Call], Element]
    old: Shape | None = None


def viewed(call: Call) -> Call:
    """The call as of its As_Of_Entry_DateTime. Raises Fault where that is still to come and may not be."""
    given = child(call.asked, "Response_Filter", "As_Of_Entry_DateTime")
    if given is None:
        return call
    entry, now = moment(given, call.sandbox.zone), call.sandbox.now()
    if entry > now and call.sandbox.options.future_entry == "refused":
        raise invalid("As Of Entry DateTime cannot be in the future.", given)
    view = call.sandbox.at(entry) if call.view is call.sandbox else call.view
    return replace(call, view=view, entry=entry, writer=replace(call.writer, db=view.db))


def paging(call: Call) -> tuple[int, int]:
    """Page and count. Raises Fault where they are out of bounds."""
    asked = child(call.asked, "Response_Filter")
    page, count = child(asked, "Page"), child(asked, "Count")
    at = Decimal(1) if page is None else number(page)
    most = Decimal(100) if count is None else number(count)
    if at < 1 or at != int(at):
        raise invalid("Page number cannot be zero.", page)
    if not 1 <= most <= 999 or most != int(most):
        raise invalid("Count must be between 1 and 999.", count)
    return int(at), int(most)


def found(call: Call, kind: str, references: str, one: str, search: Callable[[], list[Row]]) -> list[Row]:
    """The rows asked for by references, or by search. References to nothing are passed over if the request says so."""
    asked = child(call.asked, references)
    if asked is None:
        return search()
    rows: list[Row] = []
    for reference in children(asked, one):
        try:
            row = call.one(reference, kind)
        except Fault:
            if attribute(asked, "Skip_Non_Existing_Instances") in ("1", "true"):
                continue
            raise
        if row not in rows:
            rows.append(row)
    return rows


def page_of(call: Call, name: str, rows: Sequence[Row], write: Callable[[Element, Row], object]) -> Element:
    """The answer of a Get operation: what was asked for, how much there is, and one page of it."""
    page, count = paging(call)
    made = response(name, call.version)
    for part in ("Request_References", "Request_Criteria"):
        if (given := child(call.asked, part)) is not None:
            made.append(_clean(given))
    _filter(call, made, page, count)
    if (group := child(call.asked, "Response_Group")) is not None:
        made.append(_clean(group))
    shown = rows[(page - 1) * count : page * count]
    results = call.writer.open(made, "Response_Results")
    for label, value in (("Total_Results", len(rows)), ("Total_Pages", math.ceil(len(rows) / count)),
                         ("Page_Results", len(shown)), ("Page", page)):  # fmt: skip
        call.writer.put(results, label, value)
    data = call.writer.open(made, "Response_Data")
    for row in shown:
        write(data, row)
    return made


def _clean(element: Element) -> Element:
    copied = deepcopy(element)
    etree.cleanup_namespaces(copied)
    return copied


def _filter(call: Call, made: Element, page: int, count: int) -> None:
    """The filter as it was understood, with what was left out filled in."""
    part = call.writer.open(made, "Response_Filter")
    given = child(call.asked, "Response_Filter", "As_Of_Effective_Date")
    if given is not None:
        call.writer.put(part, "As_Of_Effective_Date", given.text)
    else:
        call.writer.put(part, "As_Of_Effective_Date", call.entry.astimezone(call.sandbox.zone).date())
    call.writer.put(part, "As_Of_Entry_DateTime", call.entry)
    call.writer.put(part, "Page", page)
    call.writer.put(part, "Count", count)


def crawled(call: Call, search: Callable[[], list[Row]]) -> list[Row]:
    """What a search finds. With a frozen As_Of_Entry_DateTime all pages are read from what the first one found."""
    if child(call.asked, "Response_Filter", "As_Of_Entry_DateTime") is None:
        return search()
    parts = [child(call.asked, name) for name in ("Request_Criteria",)]
    key = (call.caller.key, local(call.asked), call.entry,
           tuple(etree.tostring(part, method="c14n") for part in parts if part is not None))  # fmt: skip
    crawls, now = call.sandbox.crawls, call.sandbox.now()
    table = call.view.db["candidates" if "Candidate" in local(call.asked) else "jobs"]
    kept = crawls.get(key)
    if kept is None or now - kept[0] > KEPT:
        while len(crawls) >= CRAWLS:
            del crawls[next(iter(crawls))]
        kept = crawls[key] = (now, [row["id"] for row in search()])
    return [table.rows[id] for id in kept[1] if id in table.rows]


def logged(call: Call, criteria: Element, kind: str, row: Row) -> bool:
    """Whether the transaction log has, for each of the asked ranges, an entry of a row up to the request's moment."""
    for one in children(criteria, "Transaction_Log_Criteria_Data"):
        for wrapped in children(one, "Transaction_Type_References"):
            for reference in children(wrapped, "Transaction_Type_Reference"):
                resolved(call.view.db, reference)
        if (subscriber := child(one, "Subscriber_Reference")) is not None:
            resolved(call.view.db, subscriber)
        asked = child(one, "Transaction_Date_Range_Data")
        for since, until in (("Updated_From", "Updated_Through"), ("Effective_From", "Effective_Through")):
            begin, end = child(asked, since), child(asked, until)
            first = None if begin is None else moment(begin, call.sandbox.zone)
            last = call.entry if end is None else min(moment(end, call.sandbox.zone), call.entry)
            if first is not None and end is not None and first > moment(end, call.sandbox.zone):
                raise invalid(f"{since} must be on or before {until}.", begin)
            if not call.sandbox.journal.between(kind, row["id"], first, last):
                return False
    return True

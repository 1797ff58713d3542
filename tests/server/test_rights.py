"""What a credential may do: entered by a person where the system does not tell, compared, blocking, waived in writing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bascule.cli.connections import several
from bascule.connectors import rights
from bascule.connectors.registry import load
from bascule.connectors.rights import NOT_TOLD, Waiver
from bascule.engine.connections import MISSING_RIGHT, Connected
from bascule.errors import ForbiddenError, InputError, PermissionMissingError
from bascule.model import Mode
from bascule.store import Tx

from .conftest import SOMEBODY, Bench

GREENHOUSE = load("greenhouse")
NEEDED = ("harvest:candidates:list", "harvest:notes:create")


def compared(told: tuple[str, ...] = (), entered: tuple[str, ...] | None = None, waiver: Waiver | None = None):  # type: ignore[no-untyped-def]
    return rights.compare(GREENHOUSE, NEEDED, told, entered, waiver)


def test_rights_that_nobody_knows_block_until_they_are_entered_or_waived() -> None:
    unknown = compared()
    assert unknown.unwaived == (NOT_TOLD,)
    assert unknown.missing == ()
    assert "nobody has entered them" in unknown.objection("Greenhouse")
    assert compared(waiver=Waiver("we trust it", "ida", None, (NOT_TOLD,))).unwaived == ()
    assert compared(entered=NEEDED).objection("Greenhouse") == ""


def test_an_excess_blocks_and_a_waiver_covers_no_right_added_later() -> None:
    more = (*NEEDED, "harvest:offers:delete")
    waiver = Waiver("needed by another tool", "ida", None, ("harvest:offers:delete",))
    assert compared(entered=more).unwaived == ("harvest:offers:delete",)
    assert compared(entered=more, waiver=waiver).unwaived == ()
    assert compared(entered=(*more, "harvest:jobs:update"), waiver=waiver).unwaived == ("harvest:jobs:update",)


def test_what_the_system_tells_outranks_what_was_entered() -> None:
    told = compared(told=NEEDED[:1], entered=NEEDED)
    assert told.told_by == "system"
    assert told.missing == (NEEDED[1],)


@pytest.mark.parametrize("text", ["candidates:list, notes:create", "harvest:candidates:list\nharvest:notes:create\n"])
def test_rights_are_entered_as_people_copy_them(text: str) -> None:
    assert rights.entered(text, NEEDED) == NEEDED
    assert rights.entered("offers:delete", NEEDED) == ("offers:delete",)
    assert rights.entered("Admin: read and write", ("admin", "read", "write")) == ("admin", "read", "write")


def test_rights_whose_names_have_spaces_stand_apart_by_lines_commas_or_semicolons() -> None:
    needed = ("Candidate Data", "Candidate Data: Tags")
    for text in ("Candidate Data; Candidate Data: Tags", "Candidate Data\n Candidate Data: Tags\n"):
        assert rights.entered(text, needed) == needed
    assert several("Candidate Data; Candidate Data: Tags;") == list(needed)
    assert several("offers:list offers:delete") == ["offers:list", "offers:delete"]


async def crawled(bench: Bench) -> None:
    await bench.connection()
    at = bench.app.connections.named("greenhouse")
    await bench.app.store.write(lambda tx: tx.connections.set(replace(tx.connections.get(at.id), crawled=True)))
    await bench.app.connections.refresh()


async def test_promotion_beyond_listen_needs_the_rights_entered_and_no_excess(inside: Bench) -> None:
    await crawled(inside)
    accounts, grants = inside.app.accounts, inside.app.grants
    await accounts.set_mode("greenhouse", Mode.LISTEN, SOMEBODY)
    with pytest.raises(ForbiddenError, match="nobody has entered them"):
        await accounts.set_mode("greenhouse", Mode.SHADOW, SOMEBODY)
    least = grants.least("greenhouse")
    await grants.enter("greenhouse", [*least, "harvest:offers:delete"], SOMEBODY)
    with pytest.raises(ForbiddenError, match="harvest:offers:delete"):
        await accounts.set_mode("greenhouse", Mode.LIVE, SOMEBODY)
    with pytest.raises(InputError):
        await grants.waive("greenhouse", "  ", SOMEBODY)
    assert inside.app.connections.named("greenhouse").row.mode is Mode.LISTEN
    await accounts.set_mode("greenhouse", Mode.LIVE, SOMEBODY, waive="Another tool needs it until May")
    await accounts.set_mode("greenhouse", Mode.LISTEN, SOMEBODY)
    await accounts.set_mode("greenhouse", Mode.LIVE, SOMEBODY)  # a waiver is kept
    await grants.enter("greenhouse", least, SOMEBODY)
    with pytest.raises(ForbiddenError, match="no excess"):
        await grants.waive("greenhouse", "again", SOMEBODY)


async def test_what_was_told_of_a_missing_right_is_over_once_rights_are_entered_and_told_again_if_not(
    inside: Bench,
) -> None:
    await crawled(inside)
    app, at = inside.app, inside.app.connections.named("greenhouse")
    refused = PermissionMissingError("Greenhouse answered 403 to DELETE /v3/offers.", words="no")

    async def told(at: Connected = at) -> int:
        await app.store.write(lambda tx: app.connections.note_error(tx, at, refused, app.runtime.now()))
        return len(await app.store.read(open_notices))

    def open_notices(tx: Tx) -> list[str]:
        return [one.kind for one in tx.notices.list(app.workspace) if one.kind == MISSING_RIGHT]

    assert await told() == 1
    await app.grants.enter("greenhouse", app.grants.least("greenhouse"), SOMEBODY)
    assert await app.store.read(open_notices) == []
    assert await told() == 0, "it was asked before they were entered"
    assert await told(app.connections.named("greenhouse")) == 1


async def test_the_page_compares_blocks_and_takes_a_waiver(inside: Bench) -> None:
    await crawled(inside)
    page = (await inside.browser.get("/connections/greenhouse")).text
    assert "Blocked: Greenhouse does not tell which rights" in page
    granted = "\n".join([*inside.app.grants.least("greenhouse"), "harvest:offers:delete"])
    answer = await inside.post("/connections/greenhouse/rights", granted=granted)
    assert answer.headers["location"] == "/connections/greenhouse#rights"
    page = (await inside.browser.get("/connections/greenhouse")).text
    assert "1 right more than needed" in page
    assert "Blocked: The credential may do more than the mapping needs: harvest:offers:delete." in page
    await inside.post("/connections/greenhouse/waive", reason="Another tool needs it until May")
    page = (await inside.browser.get("/connections/greenhouse")).text
    assert "Another tool needs it until May" in page
    assert "Blocked:" not in page
    said = {line.action for line in await inside.app.store.read(entries)}
    assert {"rights entered", "rights waived"} <= said


def entries(tx: Tx):  # type: ignore[no-untyped-def]
    return tx.audit.page(tx.workspaces.list()[0].id)

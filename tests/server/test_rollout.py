"""Before a mode at a customer's own system stands a gate: on a page, by API, waived in writing; a simulator is exempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from bascule.errors import BasculeError, ForbiddenError, InputError
from bascule.model import Gap, Kind, Label, Mode
from bascule.office.handover import For, markdown
from bascule.office.pilots import File
from bascule.server.roles import Role, Scope
from bascule.store import Tx
from bascule.store.pilots import Phase, Pilot
from bascule.store.tasks import TaskLease

from .conftest import SOMEBODY, Bench
from .test_api import key
from .test_pages import dead_write

AT = "/connections/greenhouse/rollout"


async def live(bench: Bench) -> str:
    """A connection to a customer's own system that was read whole, three weeks ago."""
    row = await bench.connection(label=Label.LIVE)
    old = bench.app.runtime.now() - timedelta(days=21)

    def unit(tx: Tx) -> None:
        kept = {**row.settings, "rollout.gate": {"since": old.isoformat()}}
        tx.connections.set(replace(row, crawled=True, settings=kept))

    await bench.app.store.write(unit)
    await bench.app.connections.refresh()
    return row.id


async def test_a_promotion_is_refused_with_every_line_and_goes_once_they_pass(inside: Bench) -> None:
    await live(inside)
    rollouts, accounts = inside.app.rollouts, inside.app.accounts
    with pytest.raises(ForbiddenError, match=r"3 of the lines before listen fail.*owner.*contacts.*alert"):
        await accounts.set_mode("greenhouse", Mode.LISTEN, SOMEBODY)
    people = await inside.app.store.read(lambda tx: tx.people.users(inside.app.workspace))
    await inside.post("/connections/greenhouse/owner", owner=people[0].id)
    given = {"duties": "Looks daily", "deputy": "Dora", "support": "help@x.example", "escalation": "+47 22"}
    found = await rollouts.tell("greenhouse", given, SOMEBODY)
    assert [str(one.item) for one in found.lines if one.result == "fail"] == ["alert"]
    with pytest.raises(InputError, match="reason"):
        await rollouts.waive("greenhouse", "alert", " ", SOMEBODY)
    with pytest.raises(ForbiddenError, match="not waived"):
        await rollouts.waive("greenhouse", "triggers", "no", SOMEBODY)
    found = await rollouts.waive("greenhouse", "alert", "Their mail comes next week", SOMEBODY)
    assert found.ready
    assert "Waived by test" in next(one.why for one in found.lines if one.item == "alert")
    await accounts.set_mode("greenhouse", Mode.LISTEN, SOMEBODY)
    after = await rollouts.of("greenhouse")
    failed = {str(one.item): one.why for one in after.lines if one.result == "fail"}
    assert after.to is Mode.SHADOW
    assert "0 of 14 clean days in listen" in failed["days"]
    assert "alert" in failed  # a waiver was for one promotion
    told = await inside.app.store.read(lambda tx: tx.audit.told(inside.app.workspace))
    assert {"roll-out line waived", "mode changed", "roll-out entered"} <= {one.action for one in told}


async def test_every_line_that_fails_says_what_to_do(inside: Bench) -> None:
    await live(inside)
    found = await inside.app.rollouts.of("greenhouse", Mode.LIVE)
    wrong = {str(one.item): one for one in found.lines if one.result == "fail"}
    assert "have not been checked" in wrong["data"].why
    assert "a rehearsal does not count" in wrong["pilot"].why
    assert all(one.next for one in wrong.values())
    with pytest.raises(InputError, match="have not been checked"):
        await inside.app.rollouts.tell("greenhouse", {"data": "fine"}, SOMEBODY)


async def test_a_rehearsal_opens_no_gate_and_the_last_pilot_of_that_system_counts(inside: Bench) -> None:
    id, now = await live(inside), inside.app.runtime.now()

    async def line(at: int, *, rehearsal: bool, passed: bool) -> tuple[str, str]:
        began = now + timedelta(seconds=at)
        one = Pilot(
            f"p{at}", inside.app.workspace, id, began, began, rehearsal, "t", "j", phase=Phase.DONE, ended=began,
            passed=passed,
        )  # fmt: skip
        await inside.app.store.write(lambda tx: tx.pilots.add(one))
        found = await inside.app.rollouts.of("greenhouse", Mode.LIVE)
        return next((one.result, one.why) for one in found.lines if one.item == "pilot")

    assert (await line(1, rehearsal=True, passed=True))[0] == "fail"
    assert (await line(2, rehearsal=False, passed=True))[0] == "pass"
    result, why = await line(3, rehearsal=False, passed=False)
    assert (result, "did not pass" in why) == ("fail", True)


async def test_a_pilot_asks_for_what_it_needs_before_it_begins_and_changes_nothing(inside: Bench) -> None:
    await live(inside)
    one = [File("cv.txt", b"x")]
    for many, files, said in ((0, one, "1 to 200"), (1, [], "no CV"), (1, one, "is no user of greenhouse|lacks")):
        with pytest.raises(BasculeError, match=said):
            await inside.app.pilots.begin("greenhouse", files, many, SOMEBODY)
    row = inside.app.connections.named("greenhouse").row
    assert (row.mode, row.scope.whole) == (Mode.OBSERVE, True)


async def test_ai_is_switched_on_only_once_every_value_is_mapped(inside: Bench) -> None:
    id = await live(inside)
    record = await inside.candidate(connection=id)
    await inside.app.accounts.switch_ai("greenhouse", False, SOMEBODY)
    gap = Gap(id, Kind.CANDIDATE, "stage", "Mystery", record)

    def met(tx: Tx) -> None:
        family = tx.families.family(tx.families.record_family(record) or "")
        tx.families.save(family, family, now=inside.app.runtime.now(), gaps=[gap])

    await inside.app.store.write(met)
    with pytest.raises(ForbiddenError, match="1 values or stages"):
        await inside.app.accounts.switch_ai("greenhouse", True, SOMEBODY)
    await inside.app.store.write(lambda tx: tx.gaps.close(id, Kind.CANDIDATE, "stage", "Mystery"))
    assert (await inside.app.accounts.switch_ai("greenhouse", True, SOMEBODY)).row.settings["rollout.ai"] is True


async def test_a_simulator_is_exempt_and_says_so(inside: Bench) -> None:
    await inside.connection()
    assert "no gate stands before its modes" in (await inside.browser.get(AT)).text
    await inside.app.accounts.set_mode("greenhouse", Mode.LISTEN, SOMEBODY)


async def test_the_page_shows_each_line_takes_a_waiver_and_limits_the_mode(
    inside: Bench,
) -> None:
    await live(inside)
    page = (await inside.browser.get(AT)).text
    for said in (
        "Who answers",
        "Waive",
        "No alert has reached anybody yet",
        "is told of changes by webhooks",
        'href="/alerts">Say where alerts go',
    ):
        assert said in page
    await inside.post(f"{AT}/contacts", duties="Looks daily", deputy="Dora", support="a", escalation="b")
    assert "Looks daily" in (await inside.browser.get(AT)).text
    await inside.post(f"{AT}/waive", line="alert", reason="A trial of two weeks")
    assert "A trial of two weeks" in (await inside.browser.get(AT)).text
    assert (await inside.post(f"{AT}/scope", departments="Care\nNursing")).status_code in (200, 303)
    row = inside.app.connections.named("greenhouse").row
    assert row.scope.departments == {"Care", "Nursing"}


async def test_an_owner_sees_the_lines_and_waives_none(bench: Bench) -> None:
    await bench.enter(Role.OWNER)
    await live(bench)
    page = (await bench.browser.get(AT)).text
    assert "Who answers" in page
    assert "Waive in my name" not in page
    await bench.post(f"{AT}/waive", line="alert", reason="me too")
    found = await bench.app.rollouts.of("greenhouse")
    assert next(one.result for one in found.lines if one.item == "alert") == "fail"


async def test_by_api(bench: Bench) -> None:
    await live(bench)
    program = await key(bench, Scope.CONNECTIONS_READ, Scope.CONNECTIONS_WRITE)
    base = "/api/v1/connections/greenhouse"
    told = (await bench.browser.get(f"{base}/rollout", headers=program)).json()
    assert (told["ready"], told["to"], told["exempt"], told["ai"]) == (False, "listen", "", True)
    refused = await bench.browser.post(f"{base}/mode", headers=program, json={"mode": "live"})
    assert refused.status_code == 403
    assert (
        await bench.browser.post(f"{base}/rollout/waive", headers=program, json={"line": "days", "reason": "x"})
    ).status_code == 403
    off = (await bench.browser.post(f"{base}/ai", headers=program, json={"on": False})).json()
    assert off["ai"] is False
    assert (await bench.browser.get(f"{base}/rollout/preview", headers=program)).json()["families"] == 0
    wrong = await bench.browser.post(
        f"{base}/mode", headers=program, json={"mode": "observe", "scope": {"jobs": ["moon"]}}
    )
    assert wrong.status_code == 422 or wrong.status_code == 400


async def test_a_hand_over_is_written_from_what_is_in_force_and_names_no_candidate(inside: Bench) -> None:
    id = await live(inside)
    await inside.candidate(connection=id)
    given = {"duties": "Looks daily", "deputy": "Dora", "support": "help@company.example", "escalation": "+47 22"}
    await inside.app.rollouts.tell("greenhouse", given, SOMEBODY)
    await inside.app.alerts.add("mailto://bascule:canary-pass@company.example", SOMEBODY)
    guides = await inside.app.handovers.of("greenhouse")
    text = {reader: markdown(one) for reader, one in guides.items()}
    assert "help@company.example" in text[For.RECRUITER]
    assert "Nobody is rejected by it" in text[For.MANAGER]
    for said in (
        "Dora",
        "In observe since",
        "for everybody",
        "No pilot was run here",
        "bascule connections stop greenhouse",
    ):
        assert said in text[For.OWNER]
    page = (await inside.browser.get("/connections/greenhouse/handover")).text
    assert 'Stop all writes on <a href="/connections/greenhouse">the page of greenhouse</a>' in page
    assert "bascule connections" not in page
    assert not any(secret in one for one in (*text.values(), page) for secret in ("canary-pass", "Ada", "Byron"))


async def test_a_hand_over_counts_one_as_one(inside: Bench) -> None:
    await dead_write(inside)
    said = markdown((await inside.app.handovers.of("greenhouse"))[For.OWNER])
    assert "0 gaps open. 1 failure waits for somebody." in said
    assert "greenhouse: 1 failure waits for a person." in [
        one.what for one in await inside.app.health.examine(inside.app.workspace)
    ]


async def test_a_hand_over_that_says_something_else_than_when_it_was_issued_is_a_task(inside: Bench) -> None:
    await live(inside)
    app, page = inside.app, "/connections/greenhouse/handover"
    task = cast(TaskLease, None)  # what it is called with says nothing to it

    async def waiting() -> list[str]:
        await app.handovers.nightly(task)
        return [one.href for one in await app.tasks.list() if one.href == page]

    assert await waiting() == []
    assert "Not issued yet" in (await inside.browser.get(page)).text
    await inside.post(page)
    assert await waiting() == []
    await app.rollouts.tell("greenhouse", {"support": "help@company.example"}, SOMEBODY)
    assert await waiting() == [page]
    assert "the guide for recruiters" in (await inside.browser.get(page)).text
    await inside.post(page)
    assert await waiting() == []
    assert "It says the same still" in (await inside.browser.get(page)).text

"""People are looked up only where somebody has said so, for whom it is allowed, within a budget; nothing is overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.databases import both_databases
from tests.engine.kit import DANA, OWNER
from typer.testing import CliRunner

from bascule.cli.commands import app
from bascule.core.rediscovery import Policy
from bascule.enrichment.choice import Provider
from bascule.enrichment.door import NOTICE
from bascule.errors import InputError, NotFoundError
from bascule.hiring.messages import NO_MORE
from bascule.model import Kind
from bascule.office.enrichment import Filters
from bascule.sandbox.greenhouse import people

from .conftest import GRACE, KEY, Asking, by_field

NOBODY = [Provider.PEOPLEDATA]


async def troubles(asking: Asking) -> list[str]:
    notices = await asking.house.app.store.read(lambda tx: tx.notices.list(asking.house.app.workspace))
    return [one.about for one in notices if one.kind == NOTICE]


async def test_off_until_chosen_and_nothing_but_what_tells_them_apart_leaves(asking: Asking) -> None:
    grace = await asking.applied()
    assert (await asking.looked(grace)).why == "People Data Labs is not switched on."
    await asking.choose()
    assert (await asking.house.app.enrichment.preview(grace, NOBODY)).looked[0].why == ""
    assert not asking.server.seen, "a preview asks nobody"
    made = await asking.look(grace)
    (seen,) = asking.server.seen
    assert seen.method == "POST"
    assert {name: value for name, value in seen.asked.items() if name in ("name", "email", "phone", "profile")} == {
        "name": ["Grace Hopper"], "email": ["grace@example.org"],
    }  # fmt: skip
    assert "birth" not in seen.asked["data_include"]
    assert by_field(made.steps) == {
        "links": ["https://linkedin.com/in/gracehopper: fill"],
        "title": ["Backend Developer: fill"],
        "company": ["Fabrikam: fill"],
        "location": ["Leeds, England: fill"],
    }, "e-mail and phone are there, and were not asked for"
    kept = (await asking.house.app.enrichment.of(grace)).values
    title = next(one.found for one in kept if one.found.field == "title")
    assert (title.source, title.reference, title.confidence, title.seen) == (
        "peopledata", "pdl-1_0000", 0.9, "2026-09-15",
    )  # fmt: skip


async def test_every_look_up_is_written_down_priced_and_not_repeated_while_it_is_fresh(asking: Asking) -> None:
    grace, nobody = await asking.applied(), await asking.applied("Nora", "Nobody", "nora@example.org")
    await asking.choose()
    assert (await asking.looked(grace)).found == 4
    unknown = await asking.looked(nobody)
    assert (unknown.why, unknown.found) == ("", None)
    known, not_known = await asking.lookups()
    assert (known.outcome, known.cost, known.sent, known.found, known.region) == (
        "found", 250_000, "name, emails", 4, "local",
    )  # fmt: skip
    assert (not_known.outcome, not_known.cost, not_known.status) == ("nobody", 0, 404)
    family = (await asking.house.app.store.read(lambda tx: tx.families.record_family(grace))) or ""
    lines = await asking.house.app.store.read(lambda tx: tx.audit.of_family(family))
    assert [one.detail["lookup"] for one in lines if one.action == "person looked up"] == [known.id]
    assert (await asking.looked(grace)).why == "The record lacks nothing that it could be asked for."
    assert (await asking.looked(nobody)).why.startswith("Looked up on 2026-11-20")
    assert len(asking.server.seen) == 2
    asking.house.clock.move(31 * 86_400)
    assert (await asking.looked(nobody)).why == ""


@both_databases
async def test_the_budget_stops_it_with_a_reason_and_a_larger_one_goes_on(asking: Asking) -> None:
    asking.server.options.made_up = True
    people_ = [await asking.applied(f"Ann{n}", "Other", f"ann{n}@example.org") for n in range(6)]
    await asking.choose(cost=0.5)
    look = await asking.house.app.enrichment.look(Filters(connection=asking.house.name), NOBODY)
    assert (look.lookups, look.cost) == ({"peopledata": 6}, {"peopledata": "1.50 USD"})
    assert await asking.house.app.enrichment.begin(Filters(connection=asking.house.name), OWNER, NOBODY) == 6
    await asking.house.pass_time(40)
    spent = sum(one.cost for one in await asking.lookups())
    assert spent == 500_000
    assert await troubles(asking) == ["peopledata budget"]
    last = people_[-1]
    assert (await asking.looked(last)).why == "This month's budget for People Data Labs is used up."
    assert not (await asking.house.app.providers.told())[0].room
    await asking.house.app.providers.choose("peopledata", {"cost": 2.0}, OWNER)
    assert not await troubles(asking)
    assert (await asking.looked(last)).why == ""


async def test_who_has_not_agreed_has_refused_or_is_private_is_not_looked_up(asking: Asking) -> None:
    made = await asking.house.apply("Grace", "Hopper", "grace@example.org", file=b"Grace Hopper\n\nI like work.\n")
    await asking.house.pass_time(8)
    grace = (await asking.house.record(Kind.CANDIDATE, made.candidate)).id
    await asking.choose(only_agreed=True)
    assert (await asking.looked(grace)).why == "May not be looked up: have not agreed to be considered again."
    await asking.house.app.rediscovery.set_policy(Policy(agreed=("Talent pool",), refused=("No more",)), OWNER)
    people.tag(asking.house.sandbox, DANA, made.candidate, "Talent pool")
    await asking.house.polls()
    assert (await asking.house.app.enrichment.preview(grace, NOBODY)).looked[0].why == ""
    store, workspace = asking.house.app.store, asking.house.app.workspace
    await store.write(lambda tx: tx.messages.hush(workspace, "grace@example.org", NO_MORE, now=asking.house.clock.at))
    assert "no more messages" in (await asking.looked(grace)).why
    await store.write(lambda tx: tx.messages.unhush(workspace, "grace@example.org"))
    people.tag(asking.house.sandbox, DANA, made.candidate, "No more")
    await asking.house.polls()
    assert (await asking.looked(grace)).why == "May not be looked up: asked not to be considered again."
    assert not asking.server.seen


@pytest.mark.parametrize(
    ("fault", "outcome", "about", "says"),
    [
        ({"kind": "answer", "status": 401}, "refused", ["peopledata key"], "refuses the key"),
        ({"kind": "answer", "status": 402}, "refused", ["peopledata key"], "used up"),
        ({"kind": "answer", "status": 400}, "rejected", ["peopledata request"], "takes no such request"),
        ({"kind": "answer", "status": 429, "retry_after": 7}, "throttled", [], "asked too quickly"),
        ({"kind": "answer", "status": 503}, "failed", [], "does not answer"),
        ({"kind": "malformed", "how": "html"}, "malformed", ["peopledata request"], "no JSON"),
        ({"kind": "reshape", "remove": ["id"]}, "malformed", ["peopledata request"], "without a person"),
        ({"kind": "truncate", "share": 0.5}, "unanswered", [], "broke off"),
        ({"kind": "reset"}, "unanswered", [], "broke off"),
    ],
)
async def test_what_goes_wrong_there_changes_nothing_here_and_is_told(
    asking: Asking, fault: dict[str, object], outcome: str, about: list[str], says: str
) -> None:
    grace = await asking.applied()
    before = (await asking.house.app.enrichment.of(grace)).missing
    await asking.choose()
    asking.server.faults.add({**fault, "times": 1})
    found = await asking.looked(grace)
    assert says in found.why
    (one,) = await asking.lookups()
    assert one.outcome == outcome
    paid = outcome in ("malformed", "unanswered")
    assert one.cost == (250_000 if paid else 0), "what may have been charged counts"
    assert await troubles(asking) == about
    assert (await asking.house.app.enrichment.of(grace)).missing == before


async def test_a_task_asks_a_provider_that_is_down_again_and_keeps_to_its_pace(asking: Asking) -> None:
    grace = await asking.applied()
    await asking.choose()
    asking.server.faults.add({"kind": "answer", "status": 429, "retry_after": 20, "times": 1})
    await asking.house.app.enrichment.begin(Filters(missing="title"), OWNER, NOBODY)
    await asking.house.pass_time(15)
    assert [one.outcome for one in await asking.lookups()] == ["throttled"]
    await asking.house.pass_time(30)
    assert [one.outcome for one in await asking.lookups()] == ["throttled", "found"]
    assert "title" not in (await asking.house.app.enrichment.of(grace)).missing


async def test_what_is_out_of_date_is_asked_for_and_waits_for_a_yes(asking: Asking) -> None:
    made = await asking.house.apply("Grace", "Hopper", "grace@example.org", file=b"Grace Hopper\n\nI like work.\n")
    await asking.house.pass_time(8)
    people.update(asking.house.sandbox, DANA, made.candidate, {"title": "Intern", "company": "Fabrikam"})
    await asking.house.pass_time(8)
    grace = (await asking.house.record(Kind.CANDIDATE, made.candidate)).id
    asking.house.clock.move(800 * 86_400)
    asking.server.options.people = [{**GRACE, "emails": None}]
    await asking.choose()
    made_steps = by_field((await asking.look(grace)).steps)
    assert made_steps["emails"] == ["grace@example.org: same", "grace@post.example: add"], "and none at an employer"
    assert made_steps["title"] == ["Backend Developer: propose"]
    assert made_steps["company"] == ["Fabrikam: same"]
    (waiting,) = await asking.house.app.enrichment.proposals(source="peopledata", field="title")
    await asking.house.app.enrichment.decide([waiting], "approve", OWNER)
    await asking.house.pass_time(10)
    row = asking.house.candidate(made.candidate)
    assert row["title"] == "Backend Developer"
    assert [one["value"] for one in row["email_addresses"]] == ["grace@example.org", "grace@post.example"]


async def test_a_choice_that_cannot_be_meant_is_refused_and_changes_nothing(asking: Asking) -> None:
    desk = asking.house.app.providers
    for given, says in (
        ({"on": True}, "global"),
        ({"on": True, "regions": ["global"]}, "needs a key"),
        ({"on": True, "base_url": "https://elsewhere.example/v5"}, "own hosts"),
        ({"likelihood": 11}, "1 to 10"),
        ({"cost": -1.0}, "not negative"),
        ({"nonsense": 1}, "nonsense"),
    ):
        with pytest.raises(InputError, match=says):
            await desk.choose("peopledata", given, OWNER)
    with pytest.raises(InputError, match="price"):
        await desk.choose("peopledata", {"on": True, "regions": ["global"]}, OWNER, key=KEY)
    with pytest.raises(InputError, match="lawful"):
        await desk.choose("peopledata", {"on": True, "regions": ["global"], "price": 1, "cost": 9}, OWNER, key=KEY)
    with pytest.raises(NotFoundError):
        await desk.choose("nobody", {}, OWNER)
    (standing,) = await desk.told()
    assert (standing.choice.on, standing.key) == (False, False)


async def test_erasure_takes_what_was_found_and_forgets_whom_it_was_about(asking: Asking) -> None:
    grace = await asking.applied()
    await asking.choose()
    await asking.look(grace)
    family = await asking.house.app.store.read(lambda tx: tx.families.record_family(grace))
    begun = await asking.house.app.erasures.begin(grace, OWNER)
    await asking.house.pass_time(10)
    done = await asking.house.app.erasures.get(begun.id)
    assert done.certificate is not None
    assert "values found" in json.dumps(done.certificate)
    (one,) = await asking.lookups()
    assert (one.family, one.record, one.cost, one.outcome) == (None, None, 250_000, "found")
    left = await asking.house.app.store.read(lambda tx: tx.found.of([grace]))
    assert not left
    kept = asking.house.app.settings.data
    for file in (one for one in kept.rglob("*") if one.is_file()):
        held = file.read_bytes()
        for word in (b"gracehopper", b"pdl-1_0000", b"grace@"):
            assert word not in held, file
    assert family


async def test_a_budget_that_look_ups_under_way_might_need_is_waited_for(asking: Asking) -> None:
    """Nobody of them is known, so that none costs anything: all are asked, two at a time."""
    for n in range(5):
        await asking.applied(f"Ann{n}", "Other", f"ann{n}@example.org")
    await asking.choose(cost=0.5)
    asking.server.faults.add({"kind": "delay", "seconds": 2, "times": 5})
    await asking.house.app.enrichment.begin(Filters(connection=asking.house.name), OWNER, NOBODY)
    await asking.house.pass_time(60)
    assert [one.outcome for one in await asking.lookups()] == ["nobody"] * 5
    assert not await troubles(asking)


def test_commands_say_what_is_chosen_and_refuse_with_an_exit_code(tmp_path: Path) -> None:
    def bascule(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*arguments, "--data", str(tmp_path)])
        return done.exit_code, done.stdout

    given = ("--on", "--base-url", "http://127.0.0.1:6/v5", "--key", KEY, "--price", "0.25", "--cost", "10")
    code, said = bascule("enrichment", "set", "peopledata", *given, "--json")
    assert (code, json.loads(said)["cost"], json.loads(said)["key"]) == (0, 10.0, True)
    assert KEY not in said
    assert "0 look-ups, 0.00 of 10.00 USD" in bascule("enrichment", "show")[1]
    assert bascule("enrich", "nobody")[0] == 2
    assert bascule("enrich", "--filter", "missing:shoes")[0] == 2

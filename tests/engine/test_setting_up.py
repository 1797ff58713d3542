"""How far a connection is set up, from the real state of things: what is wrong, and where it is mended."""

from __future__ import annotations

from dataclasses import replace

from tests.contracts.connector.accounts import Clock, Setting, all_of_them

from bascule.connectors.greenhouse import CONNECTOR
from bascule.connectors.spec import Tenant, scopes
from bascule.model import Kind, Label, Mode, StageType
from bascule.office.reaching import Reaching, plainly
from bascule.office.setting_up import Is, Step, StepState
from bascule.sandbox.greenhouse import jobs
from bascule.server.application import create_server
from bascule.store import Tx

from .kit import DANA, OWNER, Builder, House

LEAST = scopes(CONNECTOR, CONNECTOR.fields(Tenant(), ""), setup=True)


async def stands(house: House, step: Step) -> StepState:
    walk = await house.app.setting_up.of("acme", OWNER)
    return next(one for one in walk.steps if one.step is step)


async def test_refused_credentials_say_what_the_system_said_and_where_it_makes_them(house: House) -> None:
    assert (await stands(house, Step.CREDENTIALS)).state is Is.DONE
    (row,) = house.sandbox.db["credentials"]
    house.sandbox.access.revoke(DANA, row["id"])
    await house.pass_time(120)
    found = await stands(house, Step.CREDENTIALS)
    assert (found.state, "Greenhouse refused our credentials" in found.words) == (Is.WRONG, True)
    assert "Configure > Dev Center > API credentials" in found.next
    fresh = house.sandbox.access.create(DANA, "Again", row["user_id"], LEAST)
    given = {"client_id": fresh["client_id"], "client_secret": fresh["secret"]}
    await house.app.accounts.set_credentials("acme", given, OWNER)
    assert (await stands(house, Step.CREDENTIALS)).state is Is.DONE


async def test_a_user_that_the_system_does_not_have_is_said_once_it_is_read(house: House) -> None:
    vendor = next(one for one in all_of_them() if one.system == "teamtailor")
    account = vendor(Setting(Clock(house.clock.at)))
    await house.connect_second(account, note_user="999999")
    found = (await house.app.setting_up.of("second", OWNER)).steps[0]
    assert (found.step, found.state) == (Step.CREDENTIALS, Is.WRONG)
    assert "no such user: Id of the Teamtailor user in whose name Bascule writes notes" in found.words
    await house.app.accounts.set_credentials("second", {"note_user": account.settings()["note_user"]}, OWNER)
    assert (await house.app.setting_up.of("second", OWNER)).steps[0].state is Is.DONE


async def test_a_right_that_is_missing_is_named_with_where_it_is_given(house: House) -> None:
    (row,) = house.sandbox.db["credentials"]
    house.sandbox.access.change(DANA, row["id"], scopes=LEAST - {"harvest:notes:list"}, user_id=row["user_id"])
    await house.polls()
    found = await stands(house, Step.RIGHTS)
    assert found.state is Is.WRONG
    assert "harvest:notes:list" in found.words
    assert "the scopes on the credential's own page" in found.next
    house.sandbox.access.change(DANA, row["id"], scopes=LEAST, user_id=row["user_id"])
    await house.app.grants.enter("acme", LEAST, OWNER)
    await house.polls()
    assert (await stands(house, Step.RIGHTS)).state is Is.DONE


async def test_reading_that_waits_for_a_right_says_so_and_goes_on_once_it_is_entered(build: Builder) -> None:
    house = await build.house(None, candidates=3)
    less = [one for one in house.scopes() if one != "harvest:offers:list"]
    made = house.sandbox.access.create(DANA, "Bascule", 4_012_001, less)
    await house.add(made)
    await house.pass_time(60)
    found = await stands(house, Step.READING)
    assert (found.state, found.words.partition(",")[0]) == (Is.LATER, "It stands still at offers")
    assert (await stands(house, Step.RIGHTS)).words == "It lacks 1 right: harvest:offers:list."
    house.sandbox.access.change(DANA, made["id"], scopes=house.scopes(), user_id=made["user_id"])
    await house.app.grants.enter("acme", house.scopes(), OWNER)
    await house.pass_time(20)
    assert (await stands(house, Step.READING)).state is Is.DONE


async def test_a_reading_goes_on_at_once_with_new_credentials(build: Builder) -> None:
    house = await build.house(None, candidates=3)
    less = [one for one in house.scopes() if one != "harvest:offers:list"]
    await house.add(house.sandbox.access.create(DANA, "Bascule", 4_012_001, less))
    await house.pass_time(60)
    more = house.sandbox.access.create(DANA, "Bascule", 4_012_001, house.scopes())
    given = {"client_id": more["client_id"], "client_secret": more["secret"]}
    await house.app.accounts.set_credentials("acme", given, OWNER)
    await house.pass_time(20)
    assert house.at.row.crawled


async def test_stages_that_nobody_understands_are_named_and_those_guessed_are_confirmed(house: House) -> None:
    spec = {"title": "Barista", "description": "<p>Coffee.</p>", "stages": ("Kaffeklatsch", "Phone Screen")}
    jobs.open_job(house.sandbox, DANA, spec)
    await house.pass_time(400)
    found = await stands(house, Step.STAGES)
    assert found.state is Is.WRONG
    assert "not understood: Kaffeklatsch." in found.words
    await house.app.mappings.confirm("acme", {"Kaffeklatsch": StageType.INTERVIEW}, OWNER)
    rest = [one.name for one in await house.app.mappings.stages("acme") if one.type is None]
    if rest:
        assert (await stands(house, Step.STAGES)).state is Is.NOW
        proposed = {one.name: one.proposed for one in await house.app.mappings.stages("acme") if one.type is None}
        await house.app.mappings.confirm("acme", proposed, OWNER)
    assert (await stands(house, Step.STAGES)).state is Is.DONE


async def test_the_address_of_webhooks_is_asked_and_nobody_else_can_answer_for_it(house: House) -> None:
    outside = house.app.settings.model_copy(update={"public_url": "http://bascule.example"})
    reaching = Reaching(replace(house.app.desk, settings=outside))
    assert reaching.known() is None
    assert "Nobody answers" in await reaching.of_a_link(elsewhere=False)
    nobody = await reaching.look()
    assert nobody.why.startswith("Nobody answers at http://bascule.example")
    assert plainly("a.example cannot be reached (gaierror).").endswith("(no such name is known here).")

    async def other(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"<h1>Welcome</h1>"})  # type: ignore[operator]

    house.transport.serve("bascule.example", other)
    assert "Somebody else answers" in (await reaching.look()).why
    house.transport.serve("bascule.example", create_server(house.app))
    assert (await reaching.look()).why == ""
    assert await reaching.of_a_link() == ""
    local = await Reaching(house.app.desk).look()
    assert "BASCULE_PUBLIC_URL" in await Reaching(house.app.desk).of_a_link()
    assert await Reaching(house.app.desk).of_a_link(elsewhere=False) == ""
    assert local.local
    assert "BASCULE_PUBLIC_URL" in local.next


async def test_an_address_of_this_machine_is_told_where_the_system_is_elsewhere(house: House) -> None:
    def unit(tx: Tx) -> None:
        tx.connections.set(replace(tx.connections.get(house.at.id), label=Label.LIVE))

    walk = await house.app.setting_up.of("acme", OWNER)
    assert walk.here is not Step.WEBHOOKS
    await house.app.store.write(unit)
    await house.app.connections.refresh()
    known = house.app.reaching.known()
    assert known is not None
    assert "no system elsewhere reaches it" in known.why
    assert (await stands(house, Step.FIELDS)).state is Is.DONE
    assert (await stands(house, Step.LIVE)).state is Is.DONE
    observed = replace(house.at.row, mode=Mode.OBSERVE, live_since=None)
    await house.app.store.write(lambda tx: tx.connections.set(observed))
    await house.app.connections.refresh()
    here = await stands(house, Step.SHADOW)
    assert (here.state, here.words) == (Is.NOW, "In observe. 4 lines before listen fail.")
    assert {(await stands(house, one)).state for one in (Step.PILOT, Step.LIVE)} == {Is.LATER}


async def test_steps_of_an_own_system_come_in_the_order_in_which_they_can_be_done(house: House) -> None:
    steps = [one.step for one in (await house.app.setting_up.of("acme", OWNER)).steps]
    assert Step.SHADOW not in steps, "a simulator needs no mode before its fields are made"
    row = replace(house.at.row, label=Label.LIVE, mode=Mode.OBSERVE, live_since=None)
    for mode in (Mode.OBSERVE, Mode.LISTEN, Mode.SHADOW):
        now = replace(row, mode=mode)
        await house.app.store.write(lambda tx, now=now: tx.connections.set(now))
        walk = await house.app.setting_up.of("acme", OWNER)
        names = [one.step for one in walk.steps]
        assert names == list(Step)
        later = [one.step for one in walk.steps if one.state is Is.LATER]
        assert walk.here is not None
        assert all(names.index(one) > names.index(walk.here) for one in later), (mode, walk.here, later)


async def test_nobody_is_told_what_a_pilot_needs_where_it_is_live_already(house: House) -> None:
    found = await stands(house, Step.PILOT)
    assert (found.state, found.words) == (Is.OPEN, "It is live already, without a rehearsal that has passed.")


async def test_what_an_owner_has_switched_off_is_no_field_that_lacks(house: House) -> None:
    before = (await house.app.setting_up.of("acme", OWNER)).lacking_fields
    assert not before
    empty = replace(house.at.row, tenant={})
    await house.app.store.write(lambda tx: tx.connections.set(empty))
    await house.app.connections.refresh()
    lacking = (await house.app.setting_up.of("acme", OWNER)).lacking_fields
    assert lacking
    await house.app.mappings.switch("acme", Kind.APPLICATION, "match_score", False, OWNER)
    assert len((await house.app.setting_up.of("acme", OWNER)).lacking_fields) == len(lacking) - 1

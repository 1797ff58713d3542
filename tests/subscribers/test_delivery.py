"""What happens is sent: signed, as each subscriber wants it, again by the schedule, and to nobody who is gone."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from fastapi import FastAPI
from tests.databases import both_databases
from tests.engine.kit import OWNER
from tests.subscribers.conftest import HOOK, Receiver, Scene, verified

from bascule.core.redelivery import SCHEDULE
from bascule.errors import ForbiddenError, InputError, NotFoundError
from bascule.model import EventFilter, Kind, StageType
from bascule.office.subscriptions import NewSubscription
from bascule.store import Tx
from bascule.store.subscriptions import State
from bascule.store.tasks import TaskLease

MOVED = "application.stage_changed"


async def on_to(scene: Scene, at: Any) -> None:
    """The clock moves to this moment, and what is due then is done."""
    scene.house.clock.at = max(scene.house.clock.at, at)
    await scene.house.quiet()


async def moved(scene: Scene, *stages: str, who: Any = None) -> Any:
    who = who or await scene.place.applied()
    for stage in stages:
        scene.place.move(who, stage)
        await scene.house.pass_time(3)
    return who


@both_databases
async def test_a_stage_change_arrives_signed_and_once(scene: Scene) -> None:
    _, secret = await scene.subscribe(MOVED)
    await moved(scene, "Phone Screen")
    assert scene.receiver.types == [MOVED]
    _, headers, body = scene.receiver.heard[0]
    told = json.loads(body)
    assert headers["webhook-id"] == told["id"] == f"evt_{told['number']}"
    assert headers["content-type"] == "application/json"
    assert verified(secret, headers, body)
    assert not verified("whsec_" + "A" * 43 + "=", headers, body)
    assert told["data"]["to"]["name"] == "Phone Screen"
    assert "Byron" not in body.decode()
    assert len(body) < 20_000


async def test_every_subscriber_has_its_own_filter_fields_and_place(scene: Scene) -> None:
    house = scene.house
    other = Receiver(house)
    house.transport.serve("127.0.0.1:6", other.app())
    nurse = (await house.record(Kind.JOB, house.job("Staff Nurse")["id"])).id
    await scene.subscribe(MOVED, "candidate.erased", fields=("candidate.emails", "job.title"))
    narrow, _ = await scene.subscribe("*", url="http://127.0.0.1:6/x", filter=EventFilter(jobs=(nurse,)))
    ada = await moved(scene, "Phone Screen")
    assert other.heard == []
    told = scene.receiver.bodies[0]["data"]
    assert told["candidate"]["emails"] == ["ada@example.org"]
    assert set(told["candidate"]) == {"id", "links", "emails"}
    assert set(told["job"]) == {"id", "links", "title"}
    assert set(told["application"]) == {"id", "links"}
    bob = await scene.place.applied("Bob", "Stone", "bob@example.org", job="Staff Nurse")
    assert set(other.types) >= {"application.created", "application.scored"}
    assert {one["data"]["job"]["id"] for one in other.bodies if "job" in one["data"]} == {nurse}
    assert "Bob" not in str(other.bodies)
    await house.app.subscriptions.change(narrow.id, OWNER, filter=EventFilter(min_score=99.5))
    many = len(other.heard)
    await moved(scene, "Onsite", who=ada)
    assert len(other.heard) == many
    entries = await house.app.store.read(lambda tx: tx.audit.of_action(house.app.workspace, "sent to a subscriber"))
    assert len(entries) == 2
    assert bob


async def test_a_filter_lets_through_what_it_names(scene: Scene) -> None:
    house = scene.house
    await house.app.mappings.confirm("acme", {"Phone Screen": StageType.SCREEN}, OWNER)
    wanted = {
        "type": (EventFilter(stage_types=("screen",)), True),
        "other-type": (EventFilter(stage_types=("offer",)), False),
        "department": (EventFilter(departments=("Engineering",)), True),
        "other-department": (EventFilter(departments=("Care",)), False),
        "connection-and-score": (EventFilter(connections=("acme",), min_score=10, max_score=100), True),
        "no-such-score": (EventFilter(max_score=1), False),
    }
    for name, (filter, _) in wanted.items():
        await scene.subscribe(MOVED, url=f"{HOOK}/{name}", filter=filter)
    await moved(scene, "Phone Screen")
    assert sorted(scene.receiver.paths) == sorted(f"/hook/{name}" for name, (_, there) in wanted.items() if there)


async def test_what_is_refused_is_tried_again_by_the_schedule_to_the_eighth_day(scene: Scene) -> None:
    one, _ = await scene.subscribe(MOVED)
    scene.receiver.status = 500
    await moved(scene, "Phone Screen")
    while (await scene.state(one)).one.state is State.ACTIVE:
        at = await scene.house.app.store.read(lambda tx: tx.subscriptions.next_due(one.id))
        await on_to(scene, at)
    times = [at for at, _, _ in scene.receiver.heard]
    waits = [after - before for before, after in pairwise(times)]
    wanted = [*SCHEDULE[1:], *[timedelta(days=1)] * 4]
    assert len(waits) == len(wanted)
    for wait, least in zip(waits, wanted, strict=True):
        assert least <= wait <= 1.1 * least + timedelta(seconds=2)
    assert timedelta(days=7) < times[-1] - times[0] <= timedelta(days=8)
    assert len({headers["webhook-id"] for _, headers, _ in scene.receiver.heard}) == 1
    assert len({headers["webhook-timestamp"] for _, headers, _ in scene.receiver.heard}) == len(times)
    assert (await scene.state(one)).words == "stopped: answered 500, for eight days"
    [task] = [one for one in await scene.house.app.tasks.list() if one.href.startswith("/subscribers/")]
    assert task.assignee == OWNER.id
    assert "is sent nothing any more" in task.what
    scene.receiver.status = 204
    await moved(scene, "Onsite")  # somebody else, while it is stopped
    assert len(scene.receiver.heard) == len(times)
    await scene.house.app.subscriptions.resume(one.id, OWNER)
    await scene.house.pass_time(3)
    assert len(scene.receiver.heard) == len(times) + 1  # what came after it was stopped
    assert await scene.house.app.subscriptions.replay(one.id, OWNER) == 1
    await scene.house.pass_time(3)
    assert scene.receiver.heard[-1][1]["webhook-id"] == scene.receiver.heard[0][1]["webhook-id"]
    assert await scene.house.notices("subscriber") == []


async def test_one_event_that_is_refused_holds_up_no_other(scene: Scene) -> None:
    await scene.subscribe(MOVED)
    scene.receiver.answers = [422]
    await moved(scene, "Phone Screen", "Onsite")
    stages = [one["data"]["to"]["name"] for one in scene.receiver.bodies]
    assert stages[:2] == ["Phone Screen", "Onsite"]
    await scene.house.pass_time(10)
    assert [one["data"]["to"]["name"] for one in scene.receiver.bodies][2:] == ["Phone Screen"]
    assert scene.receiver.bodies[0]["id"] == scene.receiver.bodies[2]["id"]


async def test_after_an_outage_everything_comes_as_soon_as_it_is_over(scene: Scene) -> None:
    one, _ = await scene.subscribe("application.*")
    scene.receiver.status = 503
    await moved(scene, "Phone Screen", "Onsite", "Offer")
    await scene.house.leap(3600, step=60)
    tried = len(scene.receiver.heard)
    assert tried < 25  # it is left alone
    scene.receiver.status = 204
    scene.receiver.heard.clear()
    await scene.house.leap(400, step=30)
    numbers = [told["number"] for told in scene.receiver.bodies]
    known = [told["number"] for told in await scene.events(types=("application.*",))]
    assert sorted(numbers) == known
    assert numbers[1:] == sorted(numbers[1:])  # behind the one that found out
    assert (await scene.state(one)).waiting == 0


async def test_a_subscriber_is_left_alone_for_as_long_as_it_asks(scene: Scene) -> None:
    await scene.subscribe(MOVED)
    scene.receiver.headers, scene.receiver.answers = {"retry-after": "900"}, [429]
    await moved(scene, "Phone Screen", "Onsite")
    assert len(scene.receiver.heard) == 1
    began = scene.receiver.heard[0][0]
    await scene.house.leap(1000, step=30)
    assert scene.receiver.heard[1][0] - began >= timedelta(seconds=900)
    assert len(scene.receiver.heard) == 3


async def test_gone_ends_the_subscription_and_a_redirect_is_not_followed(scene: Scene) -> None:
    one, _ = await scene.subscribe(MOVED)
    scene.receiver.headers, scene.receiver.answers = {"location": f"{HOOK}/elsewhere"}, [307]
    ada = await moved(scene, "Phone Screen")
    assert len(scene.receiver.heard) == 1
    assert "a redirect, which is not followed" in (await scene.deliveries(one))[0].words
    scene.receiver.answers = [410, 410]
    await moved(scene, "Onsite", who=ada)
    with pytest.raises(NotFoundError):
        await scene.state(one)
    many = len(scene.receiver.heard)
    await moved(scene, "Offer", who=ada)
    assert len(scene.receiver.heard) == many


async def test_two_secrets_sign_while_one_replaces_the_other(scene: Scene) -> None:
    one, first = await scene.subscribe(MOVED)
    second = await scene.house.app.subscriptions.new_secret(one.id, OWNER)
    ada = await moved(scene, "Phone Screen")
    _, headers, body = scene.receiver.heard[0]
    assert verified(first, headers, body)
    assert verified(second, headers, body)
    scene.house.clock.move(25 * 3600)
    await moved(scene, "Onsite", who=ada)
    _, headers, body = scene.receiver.heard[1]
    assert verified(second, headers, body)
    assert not verified(first, headers, body)


async def test_a_pause_loses_nothing_and_a_newcomer_may_catch_up(scene: Scene) -> None:
    one, _ = await scene.subscribe(MOVED)
    await scene.house.app.subscriptions.pause(one.id, OWNER)
    ada = await moved(scene, "Phone Screen", "Onsite")
    assert scene.receiver.heard == []
    assert (await scene.state(one)).behind == 2
    await scene.house.app.subscriptions.resume(one.id, OWNER)
    await scene.house.quiet()
    assert [told["data"]["to"]["name"] for told in scene.receiver.bodies] == ["Phone Screen", "Onsite"]
    late = Receiver(scene.house)
    scene.house.transport.serve("127.0.0.1:6", late.app())
    first = scene.receiver.bodies[0]["number"]
    newcomer, _ = await scene.subscribe(MOVED, url="http://127.0.0.1:6/x", after=first)
    await scene.house.quiet()
    assert [told["data"]["to"]["name"] for told in late.bodies] == ["Onsite"]
    await scene.house.app.subscriptions.replay(newcomer.id, OWNER, since=0)
    await scene.house.quiet()
    assert late.types == [MOVED] * 3
    assert ada


async def test_a_subscription_ends_when_it_said_it_would(scene: Scene) -> None:
    ends = scene.house.clock.at + timedelta(hours=1)
    one, _ = await scene.subscribe(MOVED, expires=ends)
    quiet, _ = await scene.subscribe("job.created", expires=ends)
    scene.house.clock.move(3700)
    await moved(scene, "Phone Screen")
    assert scene.receiver.heard == []
    with pytest.raises(NotFoundError):
        await scene.state(one)
    await scene.house.app._tidy(None)
    with pytest.raises(NotFoundError):
        await scene.state(quiet)


@both_databases
async def test_whoever_is_erased_leaves_the_log_and_every_subscriber_hears_of_it(scene: Scene) -> None:
    house = scene.house
    one, _ = await scene.subscribe("*", fields=("candidate.first_name", "candidate.emails"))
    ada = await scene.place.applied()
    id, application = (await house.record(Kind.CANDIDATE, ada.candidate)).id, await scene.place.id(ada)
    assert "ada@example.org" in str(scene.receiver.bodies)
    scene.receiver.status = 500
    await moved(scene, "Phone Screen", who=ada)
    assert (await scene.state(one)).waiting
    await house.app.erasures.begin(id, OWNER)
    scene.receiver.heard.clear()
    scene.receiver.status = 204
    await house.leap(600, step=30)
    assert scene.receiver.types == ["candidate.erased"]
    assert scene.receiver.bodies[0]["data"] == {"candidate": {"id": id}, "applications": [application]}
    left = await house.app.store.read(lambda tx: tx.events.newest(house.app.workspace, 100))
    assert [event.type for event in left] == ["candidate.erased"]

    def rows(tx: Tx) -> int:
        return len(tx._connection.execute("SELECT * FROM event_deliveries").fetchall())

    assert await house.app.store.read(rows) == 1


async def test_who_is_told_of_a_person_must_hear_of_erasure_and_may_see_people(scene: Scene) -> None:
    with pytest.raises(InputError, match="must include"):
        await scene.subscribe(MOVED, fields=("candidate.emails",))
    with pytest.raises(InputError, match="no field"):
        await scene.subscribe("*", fields=("candidate.shoe_size",))
    with pytest.raises(InputError, match="opens something by itself"):
        await scene.subscribe("*", fields=("attachment.url",))
    with pytest.raises(InputError, match="there is no job"):
        await scene.subscribe("*", filter=EventFilter(jobs=("x",)))
    with pytest.raises(ForbiddenError, match="personal data"):
        await scene.house.app.subscriptions.add(
            NewSubscription(HOOK, ("*",), fields=("note.body",)), OWNER, persons=False
        )
    assert await scene.house.app.subscriptions.list() == []


async def test_the_address_and_the_secret_are_kept_sealed(scene: Scene) -> None:
    _, secret = await scene.subscribe("*", url=f"{HOOK}/T0/B0/very-secret-path")

    def raw(tx: Tx) -> str:
        tables = ("subscriptions", "events", "event_deliveries", "tasks", "audit")
        return "".join(str(tx._connection.execute(f"SELECT * FROM {name}").fetchall()) for name in tables)

    text = await scene.house.app.store.read(raw)
    assert "very-secret-path" not in text
    assert secret.removeprefix("whsec_") not in text


async def test_a_test_message_says_what_was_answered_and_is_in_no_log(scene: Scene) -> None:
    one, secret = await scene.subscribe(MOVED)
    tried = await scene.house.app.subscriptions.test(one.id, OWNER)
    assert (tried.ok, tried.status) == (True, 204)
    _, headers, body = scene.receiver.heard[0]
    assert verified(secret, headers, body)
    assert json.loads(body)["test"] is True
    scene.receiver.status = 404
    tried = await scene.house.app.subscriptions.test(one.id, OWNER)
    assert (tried.ok, tried.words) == (False, "answered 404")
    assert await scene.deliveries(one) == []


async def test_those_who_hang_leave_places_for_everything_else(scene: Scene) -> None:
    """Half of the worker's places at most; the others wait their turn, and lose nothing."""
    app, hung = scene.house.app, asyncio.Event()
    slow = FastAPI()

    @slow.post("/{path}")
    async def hang(path: str) -> None:
        await hung.wait()

    scene.house.transport.serve("127.0.0.1:5", slow)
    app.subscribers._most = 2
    for number in range(2):
        await scene.subscribe(MOVED, url=f"http://127.0.0.1:5/{number}")
    last, _ = await scene.subscribe(MOVED)
    ada = await scene.place.applied()
    scene.place.move(ada, "Phone Screen")
    for _ in range(40):
        await scene.house.sandbox.hooks.deliver_due()
        await app.worker.step()
        await asyncio.sleep(0)
        scene.house.clock.move(0.2)
        if app.subscribers._busy == 2:
            break
    assert app.subscribers._busy == 2
    free = await app.subscribers.send(
        TaskLease(app.workspace, "send events", last.id, {}, scene.house.clock.at, 0, 0, 0)
    )
    assert free == 0.25
    hung.set()
    await scene.house.pass_time(3)
    assert scene.receiver.types == [MOVED]


async def test_the_log_shows_a_subscriber_the_very_record_that_it_was_sent(scene: Scene) -> None:
    fields = ("candidate.emails", "application.stage", "application.match_score", "job.title")
    one, _ = await scene.subscribe(MOVED, "candidate.erased", fields=fields, filter=EventFilter(min_score=1))
    await moved(scene, "Phone Screen", "Onsite")
    read = await scene.events(subscription=one.id)
    assert [told["number"] for told in read] == [told["number"] for told in scene.receiver.bodies]
    assert json.loads(json.dumps(read[-1], default=str)) == scene.receiver.bodies[-1]
    with pytest.raises(ForbiddenError, match="personal data"):
        await scene.house.app.subscriptions.events(OWNER, subscription=one.id, persons=False)


async def test_what_was_sent_before_a_crash_is_sent_again_under_the_same_id(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends after the answer and before it is written down."""
    await scene.subscribe(MOVED)
    app = scene.house.app
    ada = await scene.place.applied()

    class Crash(Exception):
        pass

    def keep(*_: Any) -> None:
        monkeypatch.undo()
        raise Crash

    monkeypatch.setattr(app.subscribers, "_keep", keep)
    await moved(scene, "Phone Screen", who=ada)
    await scene.house.pass_time(10)
    assert scene.receiver.types == [MOVED, MOVED]
    assert len({headers["webhook-id"] for _, headers, _ in scene.receiver.heard}) == 1
    assert [type(error) for _, error in scene.house.failures] == [Crash]
    scene.house.failures.clear()

"""A stage change as a message in Slack: in its form, at its pace, and its own words understood."""

from __future__ import annotations

import json

from tests.engine.kit import OWNER
from tests.subscribers.conftest import HOST, Scene
from tests.subscribers.test_delivery import MOVED, moved

from bascule.office.subscriptions import NAMES, SLACK_FIELDS
from bascule.store.subscriptions import State

SLACK = f"http://{HOST}/services/T0/B0/x"


async def test_a_message_says_who_moved_where_as_far_as_names_may_be_told(scene: Scene) -> None:
    await scene.subscribe(MOVED, url=SLACK, format="slack", fields=SLACK_FIELDS)
    named, _ = await scene.subscribe(MOVED, "candidate.erased", url=SLACK, format="slack", fields=SLACK_FIELDS + NAMES)
    ada = await scene.place.applied()
    scene.place.move(ada, "Phone Screen")
    await scene.house.pass_time(5)
    texts = sorted(json.loads(body)["text"] for _, _, body in scene.receiver.heard)
    where = "Backend Engineer: Application Review → *Phone Screen* <http://127.0.0.1:8400/candidates/"
    assert [text.partition(where)[0] for text in texts] == ["*Ada Byron*, ", "*An applicant*, "]
    assert all("webhook-signature" not in headers for _, headers, _ in scene.receiver.heard)
    assert (await scene.house.app.subscriptions.test(named.id, OWNER)).ok
    assert json.loads(scene.receiver.heard[-1][2])["text"].startswith("(a test) *Ada Byron*, Backend Engineer")


async def test_what_would_be_markup_of_slacks_is_plain_text(scene: Scene) -> None:
    await scene.subscribe(MOVED, "candidate.erased", url=SLACK, format="slack", fields=SLACK_FIELDS + NAMES)
    who = await scene.place.applied("<!channel>", "B & C", "b@example.org")
    await moved(scene, "Phone Screen", who=who)
    assert json.loads(scene.receiver.heard[0][2])["text"].startswith("*&lt;!channel&gt; B &amp; C*, ")


async def test_messages_keep_the_pace_that_slack_takes(scene: Scene) -> None:
    one, _ = await scene.subscribe(MOVED, url=SLACK, format="slack")
    await scene.house.app.subscriptions.pause(one.id, OWNER)
    await moved(scene, "Phone Screen", "Onsite", "Offer")
    await scene.house.app.subscriptions.resume(one.id, OWNER)
    await scene.house.pass_time(5)
    times = [at for at, _, _ in scene.receiver.heard]
    assert len(times) == 3
    assert min((times[1] - times[0]).total_seconds(), (times[2] - times[1]).total_seconds()) >= 1


async def test_a_closed_channel_ends_it_and_its_owner_is_told(scene: Scene) -> None:
    for status, words in ((410, "channel_is_archived"), (404, "no_service"), (200, "no_active_hooks")):
        scene.receiver.heard.clear()
        one, _ = await scene.subscribe(MOVED, url=SLACK, format="slack", name=words)
        scene.receiver.status, scene.receiver.text = status, words
        await moved(scene, "Phone Screen")
        found = (await scene.state(one)).one
        assert (found.state, found.why) == (State.STOPPED, words)
        assert len(scene.receiver.heard) == 1
        assert any(words in text for text in await scene.house.notices("subscriber"))
        scene.receiver.status, scene.receiver.text = 200, "ok"
        await scene.house.app.subscriptions.resume(one.id, OWNER)
        await scene.house.pass_time(3)
        assert len(scene.receiver.heard) == 2
        await scene.house.app.subscriptions.remove(one.id, OWNER)


async def test_a_message_that_slack_will_never_take_is_given_up_at_once(scene: Scene) -> None:
    one, _ = await scene.subscribe(MOVED, url=SLACK, format="slack")
    scene.receiver.status, scene.receiver.text = 400, "invalid_payload"
    await moved(scene, "Phone Screen")
    await scene.house.pass_time(20)
    assert len(scene.receiver.heard) == 1
    assert (await scene.state(one)).given_up == 1
    assert (await scene.state(one)).one.state is State.ACTIVE

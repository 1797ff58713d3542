"""Interviews from a link to a booked time: a sandbox ATS, a real mail server, a calendar server, and a held clock."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from icalendar import Calendar
from tests.databases import both_databases

from bascule.core.interviews import Rules
from bascule.core.messages import Template, Words
from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.hiring.mail import Server as MailServer
from bascule.model import Kind
from bascule.office.interviews import Wanted
from bascule.office.tasks import TaskKind
from bascule.sandbox.calendars import Options, Server, create_app
from bascule.sandbox.greenhouse import pipeline
from bascule.store.connections import Stopped
from bascule.store.interviews import Interview
from bascule.store.people import User

from .kit import DANA, OWNER, STAGE_TYPES, Applied, House
from .mailbox import Mailbox, mailbox

CALENDARS = "127.0.0.1:7"
DANA_MAIL, ROBIN_MAIL = "dana@tenant.example", "robin@tenant.example"
PLACE = "https://meet.tenant.example/dana"
ZONE = "Europe/Berlin"


@dataclass
class Panel:
    """A customer whose colleagues have calendars."""

    house: House
    calendars: Server
    box: Mailbox

    async def chosen(self, system: str = "caldav") -> None:
        options, base = self.calendars.options, f"http://{CALENDARS}"
        given, secret = {
            "caldav": ({"base_url": f"{base}/dav", "account": options.user}, options.password),
            "graph": (
                {"base_url": f"{base}/graph/v1.0", "token_url": f"{base}/graph/token", "account": options.client_id},
                options.client_secret,
            ),
            "google": (
                {"base_url": f"{base}/google/calendar/v3", "token_url": f"{base}/google/token",
                 "account": options.account},
                self.calendars.pem if system == "google" else "",
            ),
        }[system]  # fmt: skip
        await self.house.app.calendar_desk.choose({"system": system, "on": True, **given}, OWNER, secret=secret)
        for email, name in ((DANA_MAIL, "Dana Whitfield"), (ROBIN_MAIL, "Robin Falk")):
            calendar = f"{email}/" if system == "caldav" else ""
            await self.house.app.calendar_desk.set_interviewer(email, OWNER, name=name, zone=ZONE, calendar=calendar)

    async def applied(self, first: str = "Ada", last: str = "Byron") -> Applied:
        made = await self.house.apply(first, last, f"{first.lower()}@example.org")
        await self.house.quiet()
        return made

    async def id(self, applied: Applied) -> str:
        return (await self.house.record(Kind.APPLICATION, applied.application)).id

    async def asked(self, applied: Applied, *, send: bool = False, **rules: Any) -> Interview:
        wanted = Wanted([DANA_MAIL, ROBIN_MAIL], PLACE, Rules(**{"length": 60, "days": 7, **rules}))
        return await self.house.app.interviews.ask(await self.id(applied), wanted, OWNER, send=send)

    async def token(self, one: Interview) -> str:
        return (await self.house.app.interviews.one(one.id))["link"].rpartition("/")[2]

    async def booked(self, applied: Applied) -> tuple[Interview, str, datetime]:
        """Somebody who has taken the first free time, with the link and that time."""
        one = await self.asked(applied)
        token = await self.token(one)
        (first, *_) = (await self.house.app.booking.free(token)).times
        await self.house.app.booking.choose(token, first.isoformat())
        await self.house.quiet()
        return one, token, first

    def letters(self, to: str) -> list[EmailMessage]:
        return [one for one in self.box.letters if to in str(one["To"])]

    def stands(self, email: str) -> list[datetime]:
        return [one.start for one in self.calendars.of(email)]

    async def now(self, one: Interview) -> dict[str, Any]:
        return await self.house.app.interviews.one(one.id)

    def notes(self, applied: Applied) -> list[str]:
        return [one["body"] for one in self.house.notes(applied.candidate) if one["body"].startswith("Interview ")]


@pytest.fixture
def box() -> Iterator[tuple[Mailbox, MailServer]]:
    with mailbox() as found:
        yield found


@pytest.fixture
async def panel(house: House, box: tuple[Mailbox, MailServer]) -> Panel:
    server = Server(Options(), house.clock.sleep, lambda: house.clock.at)
    house.transport.serve(CALENDARS, create_app(server))
    await house.app.mappings.confirm(house.name, STAGE_TYPES, OWNER)
    await house.app.message_desk.set_server(box[1], OWNER)
    box[0].letters.clear()
    made = Panel(house, server, box[0])
    await made.chosen()
    return made


def plain(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def event(letter: EmailMessage) -> tuple[str, Any]:
    """The METHOD and the event that a letter brings, the same in both places."""
    parts = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    texts = {part.get_payload(decode=True) for part in parts}
    assert len(parts) == 2
    assert len(texts) == 1
    calendar = Calendar.from_ical(texts.pop())
    assert {str(part.get_param("method")) for part in parts} == {str(calendar["METHOD"])}
    (found,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), found


def move(house: House, applied: Applied, name: str) -> None:
    here = house.application(applied.application)["job_interview_stage_id"]
    there = house.stage("Backend Engineer", name)["id"]
    pipeline.move(house.sandbox, DANA, applied.application, {"from_stage_id": here, "to_stage_id": there})


# ----------------------------------------------------------------------------------------------------- the whole way


async def test_from_a_link_to_a_booked_time_to_another_to_none(panel: Panel) -> None:
    house, ada = panel.house, await panel.applied()
    monday = datetime(2026, 11, 23, 8, tzinfo=UTC)
    panel.calendars.add(ROBIN_MAIL, monday, monday + timedelta(hours=3), subject="All hands")
    one = await panel.asked(ada, send=True)
    await house.quiet()
    (invitation,) = panel.letters("ada@example.org")
    token = await panel.token(one)
    assert f"/interview/{token}" in plain(invitation)
    opened = await house.app.booking.open(token)
    assert (opened.state, opened.job, opened.people) == ("asked", "Backend Engineer", ("Dana Whitfield", "Robin Falk"))
    free = (await house.app.booking.free(token)).times
    assert free[0] == monday + timedelta(hours=3), "Robin is busy until 11:00 UTC"
    await house.app.booking.speak(token, language="de", zone="America/New_York")
    await house.app.booking.choose(token, free[0].isoformat())
    await house.quiet()
    confirmation = panel.letters("ada@example.org")[-1]
    assert "06:00" in str(confirmation["Subject"]), "in their own time zone and language"
    assert "Ihr Gespräch" in str(confirmation["Subject"])
    assert str(confirmation["References"]).split() == [str(invitation["Message-ID"])], "in the thread"
    method, first = event(confirmation)
    assert (method, first["DTSTART"].dt, int(first["SEQUENCE"])) == ("REQUEST", free[0], 0)
    assert ROBIN_MAIL not in confirmation.as_string(), "no colleague's address"
    for email in (DANA_MAIL, ROBIN_MAIL):
        (letter,) = panel.letters(email)
        assert "12:00 (Europe/Berlin)" in plain(letter)
        assert event(letter)[1]["UID"] == first["UID"]
        assert panel.stands(email)[-1] == free[0]
    assert panel.calendars.of(DANA_MAIL)[0].subject == "Interview: Ada Byron, Backend Engineer"
    assert panel.calendars.of(DANA_MAIL)[0].uid == str(first["UID"]), "one event, not two"

    later = (await house.app.booking.free(token)).times[4]
    await house.app.booking.choose(token, later.isoformat())
    await house.quiet()
    method, second = event(panel.letters("ada@example.org")[-1])
    assert (method, second["UID"], int(second["SEQUENCE"])) == ("REQUEST", first["UID"], 1)
    assert panel.stands(DANA_MAIL) == [later], "moved, and nothing left behind"

    await house.app.booking.cancel(token)
    await house.quiet()
    for letter in (panel.letters("ada@example.org")[-1], panel.letters(DANA_MAIL)[-1]):
        method, last = event(letter)
        assert (method, last["UID"], int(last["SEQUENCE"]), last["STATUS"]) == ("CANCEL", first["UID"], 2, "CANCELLED")
    assert panel.stands(DANA_MAIL) == []
    assert (await house.app.booking.open(token)).ends == "cancelled"
    await house.pass_time(12)
    assert [note.partition(":")[0] for note in panel.notes(ada)] == [
        "Interview booked", "Interview moved", "Interview cancelled",
    ]  # fmt: skip
    assert PLACE in panel.notes(ada)[0]
    types = [one["type"] for one in (await house.app.subscriptions.events(OWNER, types=["interview.*"])).items]
    assert types == ["interview.booked", "interview.moved", "interview.cancelled"]


@both_databases
async def test_of_two_who_take_the_same_time_one_gets_it_and_the_other_sees_what_is_left(panel: Panel) -> None:
    booking = panel.house.app.booking
    tokens = [await panel.token(await panel.asked(await panel.applied(first))) for first in ("Ada", "Bo")]
    first = (await booking.free(tokens[0])).times[0]
    took = await asyncio.gather(*(booking.choose(token, first.isoformat()) for token in tokens), return_exceptions=True)
    assert sorted(type(one).__name__ for one in took) == ["ConflictError", "NoneType"]
    loser = tokens[0] if isinstance(took[0], ConflictError) else tokens[1]
    left = (await booking.free(loser)).times
    assert first not in left
    assert left
    with pytest.raises(ConflictError):
        await booking.choose(loser, first.isoformat())
    await panel.house.quiet()
    assert panel.stands(DANA_MAIL) == [first]
    await booking.choose(loser, left[0].isoformat())
    await panel.house.quiet()
    assert panel.stands(DANA_MAIL) == sorted([first, left[0]])


async def test_a_time_that_went_in_the_calendar_meanwhile_is_not_given(panel: Panel) -> None:
    token = await panel.token(await panel.asked(await panel.applied()))
    first = (await panel.house.app.booking.free(token)).times[0]
    panel.calendars.add(DANA_MAIL, first, first + timedelta(minutes=5))
    for start in (first.isoformat(), "2026-11-24T03:00:00+00:00", "tomorrow", ""):
        with pytest.raises(ConflictError):
            await panel.house.app.booking.choose(token, start)
    assert panel.letters("ada@example.org") == []


# ------------------------------------------------------------------------------------------- calendars that are silent


async def test_a_calendar_that_does_not_answer_lets_times_be_proposed_which_a_recruiter_answers(panel: Panel) -> None:
    house, ada = panel.house, await panel.applied()
    one = await panel.asked(ada)
    token = await panel.token(one)
    panel.calendars.faults.add({"kind": "outage", "status": 503})
    assert (await house.app.booking.free(token)).silent
    for wrong in ([""], ["not a time"], ["2026-11-20T10:00"], ["2027-11-20T10:00"]):
        with pytest.raises(InputError):
            await house.app.booking.propose(token, wrong, "", "en")
    await house.app.booking.speak(token, zone="Asia/Tokyo")
    given = ["2026-11-24T18:00", "2026-11-25T17:30", ""]
    await house.app.booking.propose(token, given, "Mornings are hard.", "en")
    assert (await house.app.booking.open(token)).state == "proposed"
    (task,) = [x for x in await house.app.tasks.list() if x.kind is TaskKind.INTERVIEW]
    told = await panel.now(one)
    assert told["proposed"][0] == datetime(2026, 11, 24, 9, tzinfo=UTC), "nine o'clock by UTC is 18:00 in Tokyo"
    assert told["note"] == "Mornings are hard."
    panel.calendars.faults.clear()
    await house.app.interviews.accept(one.id, told["proposed"][0], OWNER)
    await house.pass_time(2)
    assert panel.stands(ROBIN_MAIL) == [told["proposed"][0]]
    assert event(panel.letters("ada@example.org")[-1])[0] == "REQUEST"
    assert task.id not in {x.id for x in await house.app.tasks.list()}


async def test_a_link_leaves_by_one_letter_however_often_it_is_sent(panel: Panel) -> None:
    house, desk = panel.house, panel.house.app.interviews
    one = await panel.asked(await panel.applied())
    await desk.send(one.id, OWNER)
    with pytest.raises(ConflictError, match="has left, or waits to"):
        await desk.send(one.id, OWNER)
    await house.pass_time(70)
    assert len(panel.letters("ada@example.org")) == 1
    await desk.renew(one.id, OWNER)
    await desk.send(one.id, OWNER)
    await house.pass_time(70)
    assert len(panel.letters("ada@example.org")) == 2, "another link"


async def test_none_of_the_proposed_times_suits_and_the_link_is_sent_again(panel: Panel) -> None:
    one = await panel.asked(await panel.applied())
    token = await panel.token(one)
    await panel.house.app.booking.propose(token, ["2026-11-24T10:00"], "", "en")
    await panel.house.app.interviews.ask_again(one.id, OWNER)
    await panel.house.quiet()
    assert f"/interview/{token}" in plain(panel.letters("ada@example.org")[-1])
    assert (await panel.house.app.booking.free(token)).times
    with pytest.raises(ConflictError):
        await panel.house.app.interviews.ask_again(one.id, OWNER)


async def test_an_event_that_could_not_be_written_is_written_once_the_calendar_is_back(panel: Panel) -> None:
    house, token = panel.house, await panel.token(await panel.asked(await panel.applied()))
    first = (await house.app.booking.free(token)).times[0]
    panel.calendars.faults.add({"kind": "lost_answer", "method": "PUT", "times": 1})
    panel.calendars.faults.add({"kind": "answer", "method": "PUT", "status": 507, "times": 1})
    await house.app.booking.choose(token, first.isoformat())
    await house.quiet()
    await house.leap(1300)
    assert panel.stands(DANA_MAIL) == panel.stands(ROBIN_MAIL) == [first], "once each, whatever was lost"


@pytest.mark.parametrize("system", ["graph", "google"])
async def test_every_calendar_system_does_the_same(panel: Panel, system: str) -> None:
    house = panel.house
    await panel.chosen(system)
    monday = datetime(2026, 11, 23, 8, tzinfo=UTC)
    panel.calendars.add(ROBIN_MAIL, monday, monday + timedelta(hours=3))
    token = await panel.token(await panel.asked(await panel.applied()))
    first, second = (await house.app.booking.free(token)).times[:2]
    assert first == monday + timedelta(hours=3)
    panel.calendars.faults.add({"kind": "lost_answer", "method": "POST", "path": "events", "times": 1})
    await house.app.booking.choose(token, first.isoformat())
    await house.leap(1300)
    assert panel.stands(DANA_MAIL) == [first]
    assert panel.stands(ROBIN_MAIL)[-1:] == [first]
    (letter,) = panel.letters(DANA_MAIL)
    assert not [x for x in letter.walk() if x.get_content_type() == "text/calendar"], "the calendar has it: not twice"
    await house.app.booking.choose(token, second.isoformat())
    await house.quiet()
    assert panel.stands(DANA_MAIL) == [second]
    panel.calendars.drop(panel.calendars.of(DANA_MAIL)[0])  # Dana deletes it by hand
    third = (await house.app.booking.free(token)).times[3]
    await house.app.booking.choose(token, third.isoformat())
    await house.quiet()
    assert panel.stands(DANA_MAIL) == [third]
    await house.app.booking.cancel(token)
    await house.quiet()
    assert panel.stands(DANA_MAIL) == []


async def test_a_caldav_server_without_free_busy_is_asked_for_events(panel: Panel) -> None:
    panel.calendars.options.free_busy = False
    monday = datetime(2026, 11, 23, 8, tzinfo=UTC)
    panel.calendars.add(DANA_MAIL, monday, monday + timedelta(hours=1))
    token = await panel.token(await panel.asked(await panel.applied()))
    assert (await panel.house.app.booking.free(token)).times[0] == monday + timedelta(hours=1)


@pytest.mark.parametrize("system", ["caldav", "graph", "google"])
async def test_a_refused_credential_or_an_unknown_calendar_frees_nobody_and_is_told(panel: Panel, system: str) -> None:
    await panel.chosen(system)
    token = await panel.token(await panel.asked(await panel.applied()))
    panel.calendars.options.people = (DANA_MAIL,)  # Robin's is not there any more
    assert (await panel.house.app.booking.free(token)).silent
    panel.calendars.options.people = ()
    panel.calendars.tokens.clear()
    panel.calendars.options.password = panel.calendars.options.client_secret = "changed"
    panel.calendars.options.account = "other"
    assert (await panel.house.app.booking.free(token)).silent
    (told,) = await panel.house.notices("calendars")
    assert "credential" in told
    with pytest.raises(InputError, match="credential"):
        await panel.house.app.calendar_desk.attempt(DANA_MAIL)
    panel.calendars.options.password = "calendar-sandbox"
    panel.calendars.options.client_secret, panel.calendars.options.account = "graph-sandbox", Options.account
    assert (await panel.house.app.booking.free(token)).times
    assert await panel.house.notices("calendars") == [], "it is over by itself"


# ----------------------------------------------------------------------------------------------------- what ends it


NEUTRAL = ("reject", "unfortunately", "regret", "decision", "erase", "another candidate", "not proceed", "withdraw")


async def test_a_move_a_rejection_and_an_erasure_cancel_in_neutral_words(panel: Panel) -> None:
    house, people = panel.house, [await panel.applied(first) for first in ("Ada", "Bo", "Cy")]
    for one in people:
        await panel.booked(one)
    panel.box.letters.clear()
    move(house, people[0], "Onsite")
    pipeline.reject(
        house.sandbox,
        DANA,
        people[1].application,
        {"rejection_reason_id": house.reason("Role closed")["id"]},
    )
    await house.pass_time(20)
    await house.app.erasures.begin((await house.record(Kind.CANDIDATE, people[2].candidate)).id, OWNER)
    await house.pass_time(60)
    for first in ("ada", "bo", "cy"):
        (letter,) = panel.letters(f"{first}@example.org")
        assert event(letter)[0] == "CANCEL"
        said = f"{letter['Subject']} {plain(letter)}".casefold()
        assert not [word for word in NEUTRAL if word in said], said
    assert len(panel.letters(DANA_MAIL)) == 3
    assert panel.stands(DANA_MAIL) == panel.stands(ROBIN_MAIL) == []
    assert await house.app.interviews.upcoming() == []


async def test_letters_that_a_stop_holds_say_what_holds_when_they_leave(panel: Panel) -> None:
    house, stops, desk = panel.house, panel.house.app.stops, panel.house.app.message_desk
    people = [await panel.applied(first) for first in ("Ada", "Bo", "Cy")]
    token = [(await panel.booked(one))[1] for one in people][1]
    panel.box.letters.clear()
    await stops.stop(house.name, OWNER, "the wrong times", Stopped.MESSAGES)
    first, second = (await house.app.booking.free(token)).times[4:6]
    for time in (first, second):
        await house.app.booking.choose(token, time.isoformat())
    await house.app.erasures.begin((await house.record(Kind.CANDIDATE, people[2].candidate)).id, OWNER)
    await house.pass_time(60)
    assert [one["To"] for one in panel.box.letters if "example.org" in str(one["To"])] == [], "colleagues alone"
    waits = (await stops.held_back(house.name)).letters
    assert [(what, n) for what, n, _ in waits.templates] == [
        ("interview-moved", 1),
        ("interview-cancelled, to people being erased", 1),
    ]
    await stops.release(house.name, OWNER, what=Stopped.MESSAGES)
    await house.pass_time(70)
    assert [event(one)[1]["DTSTART"].dt for one in panel.letters("bo@example.org")] == [second]
    assert [event(one)[0] for one in panel.letters("cy@example.org")] == ["CANCEL"]
    assert "a newer letter says how the interview is now" in [one.why for one in await desk.list(state="withheld")]

    await stops.stop(house.name, OWNER, "the wrong times", Stopped.MESSAGES)
    await house.app.booking.choose(token, first.isoformat())
    await house.leap((second - house.clock()).total_seconds(), step=12 * 3600)
    await stops.release(house.name, OWNER, what=Stopped.MESSAGES)
    await house.pass_time(70)
    assert len(panel.letters("bo@example.org")) == 1
    assert (await desk.list(state="withheld"))[0].why == "the time of the interview has come"
    assert "interview letters" in {one["kind"] for one in (await house.app.standing.status())["notices"]}


async def test_an_erasure_takes_events_of_the_past_out_of_calendars_too(panel: Panel) -> None:
    house, ada = panel.house, await panel.applied()
    await panel.booked(ada)
    await house.leap(6 * 86400, step=6 * 3600)
    assert panel.calendars.of(DANA_MAIL)[0].subject == "Interview: Ada Byron, Backend Engineer"
    panel.calendars.faults.add({"kind": "outage", "status": 503})
    await house.app.erasures.begin((await house.record(Kind.CANDIDATE, ada.candidate)).id, OWNER)
    await house.pass_time(60)
    panel.calendars.faults.clear()
    await house.leap(1500)
    assert panel.stands(DANA_MAIL) == [], "also where the calendar was down when the person was erased"


async def test_events_that_no_calendar_can_be_asked_for_stand_in_the_certificate(panel: Panel) -> None:
    house, ada = panel.house, await panel.applied()
    await panel.booked(ada)
    await house.app.calendar_desk.choose({"on": False}, OWNER)
    record = (await house.record(Kind.CANDIDATE, ada.candidate)).id
    begun = await house.app.erasures.begin(record, OWNER)
    await house.pass_time(60)
    done = await house.app.erasures.get(begun.id)
    assert done.certificate is not None
    places = {place["place"]: place for place in done.certificate["certificate"]["places"]}
    told = places["colleagues' calendars"]
    assert panel.stands(DANA_MAIL) != []
    assert told["outcome"].startswith("2 events still to be taken out"), "they stand there still"
    assert "by a person where none is connected" in told["outcome"]
    assert not told["done"]


async def test_the_words_of_a_cancellation_never_turn_anybody_away_and_are_never_late(panel: Panel) -> None:
    desk = panel.house.app.message_desk
    sorry = Words("Your interview: {{ job_title }}", "Unfortunately we have chosen other candidates.")
    with pytest.raises(InputError, match="rejection"):
        await desk.set_template(Template("interview-cancelled", {"en": sorry}, closed=True), OWNER)
    plain_words = Words("Off: {{ job_title }}", "No interview on {{ interview_time }}.")
    await desk.set_template(Template("interview-cancelled", {"en": plain_words}, closed=True), OWNER)
    _, token, _ = await panel.booked(await panel.applied())
    panel.house.clock.at = datetime(2026, 11, 21, 2, tzinfo=UTC)  # the night to Saturday
    await panel.house.app.booking.cancel(token)
    await panel.house.quiet()
    assert panel.letters("ada@example.org")[-1]["Subject"] == "Off: Backend Engineer"


async def test_a_move_to_the_stage_it_is_for_keeps_it(panel: Panel) -> None:
    house, ada = panel.house, await panel.applied()
    wanted = Wanted([DANA_MAIL], PLACE, Rules(), "Phone Screen")
    one = await house.app.interviews.ask(await panel.id(ada), wanted, OWNER)
    move(house, ada, "Phone Screen")
    await house.pass_time(20)
    assert (await panel.now(one))["state"] == "asked"
    move(house, ada, "Onsite")
    await house.pass_time(20)
    assert (await panel.now(one))["state"] == "cancelled"
    assert panel.box.letters == [], "nothing was booked: nobody is told anything"


async def test_too_late_to_change_and_a_link_that_ends(panel: Panel) -> None:
    house, booking = panel.house, panel.house.app.booking
    _, token, first = await panel.booked(await panel.applied())
    house.clock.at = first - timedelta(hours=3)
    assert not (await booking.open(token)).changes
    for step in (booking.cancel(token), booking.choose(token, (first + timedelta(hours=24)).isoformat())):
        with pytest.raises(ConflictError):
            await step
    house.clock.at = first + timedelta(minutes=1)
    assert (await booking.open(token)).ends == "over"
    other = await panel.asked(await panel.applied("Bo", "Ek"))
    old = await panel.token(other)
    await house.app.interviews.renew(other.id, OWNER)
    with pytest.raises(NotFoundError):
        await booking.open(old)
    for wrong in (old[:-1], old[:-1] + ("A" if old[-1] != "A" else "B"), "x", ""):
        with pytest.raises(NotFoundError):
            await booking.open(wrong)
    house.clock.at += timedelta(days=8)
    assert (await booking.open(await panel_token(panel, other))).ends == "expired"


async def panel_token(panel: Panel, one: Interview) -> str:
    """The newest link, whether it works still or not."""
    from bascule.hiring import links

    found = await panel.house.app.store.read(lambda tx: tx.interviews.get(one.id))
    assert found is not None
    key = await panel.house.app.store.read(lambda tx: tx.vault.derived(found.workspace, b"links"))
    return links.token(key, links.Purpose.INTERVIEW, found.id, found.issue)


# ---------------------------------------------------------------------------------------------------- who is asked


async def test_what_cannot_be_asked_changes_nothing(panel: Panel) -> None:
    ada = await panel.id(await panel.applied())
    interviews = panel.house.app.interviews
    for wanted in (
        Wanted([], PLACE), Wanted(["no address"], PLACE), Wanted([DANA_MAIL], " "), Wanted([DANA_MAIL] , PLACE, Rules(length=1)),
        Wanted([DANA_MAIL], PLACE, Rules(), "No such stage"), Wanted([f"a{n}@b.example" for n in range(11)], PLACE),
    ):  # fmt: skip
        with pytest.raises(InputError):
            await interviews.ask(ada, wanted, OWNER)
    with pytest.raises(NotFoundError):
        await interviews.ask("nobody", Wanted([DANA_MAIL], PLACE), OWNER)
    assert await interviews.of(ada) == []
    await interviews.ask(ada, Wanted([DANA_MAIL], PLACE), OWNER)
    with pytest.raises(ConflictError, match="already"):
        await interviews.ask(ada, Wanted([ROBIN_MAIL], PLACE), OWNER)


async def test_who_is_not_to_be_mailed_is_asked_by_a_copied_link_alone(panel: Panel) -> None:
    ada = await panel.applied()
    await panel.house.app.store.write(
        lambda tx: tx.messages.hush(panel.house.app.workspace, "ada@example.org", "wants none", now=panel.house.clock())
    )
    with pytest.raises(ConflictError, match="wants none"):
        await panel.asked(ada, send=True)
    assert await panel.house.app.interviews.of(await panel.id(ada)) == [], "nothing is half made"
    token = await panel.token(await panel.asked(ada))
    first = (await panel.house.app.booking.free(token)).times[0]
    await panel.house.app.booking.choose(token, first.isoformat())
    await panel.house.quiet()
    assert panel.letters("ada@example.org") == []
    assert panel.stands(DANA_MAIL) == [first]
    assert "METHOD:REQUEST" in await panel.house.app.booking.event(token), "the page has the event for them"


# --------------------------------------------------------------------------------------------------------- by a rule

ASKS = """
talk:
  why: Who is good is talked with soon.
  owner: olga@tenant.example
  when: {stage: screen}
  do: schedule
  with: {interviewers: "dana@tenant.example, robin@tenant.example", place: "We call you", minutes: 30, days: 10}
  on: yes
"""


async def test_a_rule_asks_once_a_person_has_let_the_message_go(panel: Panel) -> None:
    house = panel.house
    user = User("owner", house.app.workspace, "olga@tenant.example", "Olga Owner", "admin", house.clock())
    await house.app.store.write(lambda tx: tx.people.set_user(user))
    await house.app.trigger_desk.save(ASKS, OWNER)
    ada = await panel.applied()
    move(house, ada, "Phone Screen")
    await house.pass_time(20)
    (one,) = await house.app.interviews.upcoming()
    assert (one["state"], one["rules"]["length"], one["by"]) == ("asked", 30, "the trigger talk")
    assert panel.box.letters == [], "it waits for a person"
    (asked,) = await house.open_reviews()
    robin = await house.person("Robin Falk", 4_012_003)
    await house.app.changes.decide(asked.review.id, "approve", robin)
    await house.pass_time(5)
    (letter,) = panel.letters("ada@example.org")
    assert one["link"] in plain(letter)
    token = one["link"].rpartition("/")[2]
    assert (await house.app.booking.free(token)).times
    for wrong in (ASKS.replace("minutes: 30", "minutes: half"), ASKS.replace("place", "spot")):
        with pytest.raises(InputError):
            await house.app.trigger_desk.save(wrong, OWNER)


@pytest.mark.parametrize("says", ["no", "550 no such mailbox"])
async def test_an_interview_to_which_nobody_was_invited_is_off_and_can_be_asked_for_again(
    panel: Panel, says: str
) -> None:
    house = panel.house
    user = User("owner", house.app.workspace, "olga@tenant.example", "Olga Owner", "admin", house.clock())
    await house.app.store.write(lambda tx: tx.people.set_user(user))
    await house.app.trigger_desk.save(ASKS, OWNER)
    ada = await panel.applied()
    move(house, ada, "Phone Screen")
    await house.pass_time(20)
    (one,) = await house.app.interviews.upcoming()
    with pytest.raises(ConflictError, match="asked, or booked, for this stage already"):
        await panel.asked(ada)
    (asked,) = await house.open_reviews()
    robin = await house.person("Robin Falk", 4_012_003)
    panel.box.says = says if says != "no" else panel.box.says
    await house.app.changes.decide(asked.review.id, "decline" if says == "no" else "approve", robin)
    await house.pass_time(5)
    assert (await house.app.interviews.one(one["id"]))["state"] == "cancelled"
    assert (await panel.asked(ada)).state == "asked"


async def test_a_letter_that_a_colleagues_server_refuses_is_told(panel: Panel) -> None:
    panel.box.says = "550 no such user"
    await panel.booked(await panel.applied())
    told = await panel.house.notices("interview letters")
    assert {one.split(" to ")[1].split(" was ")[0] for one in told} == {DANA_MAIL, ROBIN_MAIL}


async def test_a_booking_stands_where_no_letter_can_say_so(panel: Panel) -> None:
    """Without a mail server, and with a template that asks for what nobody knows."""
    house = panel.house
    token = await panel.token(await panel.asked(await panel.applied()))
    await house.app.store.write(lambda tx: tx.workspaces.set_setting(house.app.workspace, "messages.server", None))
    first = (await house.app.booking.free(token)).times[0]
    await house.app.booking.choose(token, first.isoformat())
    await house.quiet()
    assert (await house.app.booking.open(token)).state == "booked"
    assert panel.stands(DANA_MAIL) == [first]
    assert await house.notices("the mail server takes no messages")

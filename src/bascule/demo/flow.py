"""The hiring flow of the demo: rules that ask whoever applies from now on, letters and calendars on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bascule.app import App
from bascule.hiring.mail import Security, Server
from bascule.model import Actor, Kind, StageType

from .neighbours import INTERVIEWER, INTERVIEWER_NAME, ZONE, Neighbours
from .sides import Side

RULES = """
ask-everybody:
  on: yes
  why: Everybody who applies is asked the same questions.
  owner: {owner}
  when: {{stage: applied, screening: none}}
  do: invite
move-on-who-answered:
  on: yes
  why: Who has answered is looked at, and moved on by a person.
  owner: {owner}
  when: {{stage: applied, screening: completed}}
  do: propose
  with: {{stage: screen}}
show-the-manager:
  on: yes
  why: Whoever is moved on is shown to the hiring manager, who may decide early.
  owner: {owner}
  when: {{stage: screen}}
  do: shortlist
meet-them:
  on: yes
  why: Whoever is to be met chooses a time that is free in the interviewer's calendar.
  owner: {owner}
  when: {{stage: interview}}
  do: schedule
  with: {{interviewers: {interviewer}, place: "https://meet.tenant.example/mei", minutes: 60, days: 14, notice: 0}}
"""
TYPES: Mapping[str, StageType] = MappingProxyType(
    {
        "Application Review": StageType.APPLIED,
        **dict.fromkeys(("Recruiter Call", "Phone Screen", "Telephone Interview"), StageType.SCREEN),
        **dict.fromkeys(
            ("Technical Interview", "Team Day", "Case Exercise", "Interview", "Interview with the Unit",
             "Accounting Test", "References"), StageType.INTERVIEW,
        ),
        "Offer": StageType.OFFER,
    }
)  # fmt: skip
"""What the stages of the demo's jobs are, as their owner says."""
GATHER = 3.0  # seconds until a colleague is written to: nobody wants to wait for it here
SENDER, NAME, ANSWERS = "jobs@tenant.example", "Tenant", "answers@tenant.example"


async def types(app: App, sides: Iterable[Side], actor: Actor) -> None:
    """The stages have their types, as their owner says."""
    for side in sides:
        stages = await app.store.read(lambda tx: tx.pages.of_kind(app.workspace, Kind.STAGE))
        names = {str(one.fields.get("name")) for one in stages if one.origin == side.connection}
        await app.mappings.confirm(side.account.name, {n: TYPES[n] for n in names if n in TYPES}, actor)


async def begin(app: App, beside: Neighbours, actor: Actor) -> None:
    """Letters leave by that server at any hour, calendars are asked, and the rules are in force: for whoever applies
    from now on."""
    app.letters.gather = app.shortlisting.gather = GATHER
    person = (await app.store.read(lambda tx: tx.people.users(app.workspace)))[0]
    server = Server("127.0.0.1", beside.smtp, Security.NONE, SENDER, NAME, answers=ANSWERS)
    await app.message_desk.set_server(server, actor)
    await app.message_desk.set_hours(0, 24, range(7), "UTC", "en", actor)
    beside.room.clear()  # of the letter by which the server was tried
    signing = beside.calendars.options
    chosen = {"system": "caldav", "base_url": f"{beside.calendar}/dav", "account": signing.user, "on": True}
    await app.calendar_desk.choose(chosen, actor, secret=signing.password)
    await app.calendar_desk.set_interviewer(
        INTERVIEWER, actor, name=INTERVIEWER_NAME, zone=ZONE, calendar=f"{INTERVIEWER}/"
    )
    rules = RULES.format(owner=person.email, interviewer=INTERVIEWER)
    await app.trigger_desk.save(rules, actor, "the demo")

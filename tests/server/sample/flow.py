"""Triggers and messages, in every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bascule.connectors.spec import Automation
from bascule.core.clashes import Clash, Finding
from bascule.core.messages import Hours, Words
from bascule.core.triggers import Do, Earned, Name, Test, Trigger
from bascule.hiring.automations import Native
from bascule.hiring.mail import Security, Server
from bascule.hiring.messages import first_templates
from bascule.hiring.trigger_file import read, starter
from bascule.model import Actor, ActorKind
from bascule.office.messages import Rate
from bascule.office.triggers import DryRun, Rule, Would
from bascule.server.views.flow import (
    FiringRow,
    LeavingRows,
    MailPage,
    MessageRow,
    MessagesPage,
    QuietPage,
    TriggersPage,
    WritingPage,
)
from bascule.server.views.parts import Paging
from bascule.store.messages import Message, MessageState
from bascule.store.triggers import Version

from .parts import NOW, ago

ACTIVE = Test(Name.STATUS, frozenset({"active"}))
INVITE = Trigger(
    "thank-for-application", "Everybody who applies hears that it has arrived.", "olga@example.com",
    (ACTIVE, Test(Name.STAGE, frozenset({"applied"}))), Do.MESSAGE, {"template": "application-received"},
    on=True, since=ago(days=40), line=3,
)  # fmt: skip
WAITING = replace(
    INVITE, name="nobody-has-looked", why="A strong application that waits is lost to others.", do=Do.NOTE,
    when=(ACTIVE, Test(Name.SCORE, over=75)), told={"text": "Has waited for a day."}, after=timedelta(hours=24), line=14,
)  # fmt: skip
THEIRS = replace(INVITE, name="greenhouse-auto-reply", by="greenhouse", why="Greenhouse's own confirmation.", line=25)
OFF = replace(INVITE, name="polite-answer", on=False, since=None, when=(ACTIVE, Test(Name.SCORE, under=30)), line=33)
MISSING = Earned(False, ("one job from its opening to a hire", "12 more days of 28", "34 more items of 200"))
RULES = (
    Rule(
        INVITE, {"waiting": 240, "done": 166, "withheld": 3}, ago(minutes=4),
        {"greenhouse": False, "greenhouse-emea": False}, {"greenhouse": MISSING, "greenhouse-emea": Earned(True, ())},
    ),
    Rule(WAITING, {"done": 31}, ago(hours=3), {}, {}),
    Rule(THEIRS, {}, None, {}, {}),
    Rule(OFF, {}, None, {}, {}),
)  # fmt: skip
CLASH = Finding(
    Clash.TWO_VOICES, ("thank-for-application", "greenhouse-auto-reply"), (3, 25),
    "thank-for-application (bascule) and greenhouse-auto-reply (greenhouse) both write to the same candidates.",
    "Messages leave from one system: switch one of the two off there, or narrow its reach.",
)  # fmt: skip
FIRED = tuple(
    FiringRow("thank-for-application", ago(minutes=5 * n), "wrote a message", state, why, "status active, stage applied", name, "/candidates/c1", 3, "/review/r1")
    for n, (state, why, name) in enumerate((
        ("waiting", "", "Priya Venkataraman"),
        ("done", "", "Björn Åkerström-Featherstonehaugh"),
        ("withheld", "the ATS says that this candidate is not to be e-mailed", "Nguyễn Thị Minh Anh"),
        ("failed", "Nothing is known for job_title.", ""),
    ), 1)
)  # fmt: skip
TEXT = "thank-for-application:\n  on: yes\n  why: Everybody who applies hears that it has arrived.\n  owner: olga@example.com\n  when: {stage: applied}\n  do: message\n  with: {template: application-received}\n"
SOMEBODY = Actor(ActorKind.PERSON, "u1", "Olga Owner")
NATIVES = (
    Native("odoo", "Odoo Recruitment", (
        Automation("Stage New", "sends the e-mail Recruitment: Applicant Acknowledgement", stage="New"),
        Automation("Refusing for Spam, Duplicate", "sends the e-mail Recruitment: Refuse, unless whoever refuses unticks it", status="rejected"),
    ), ago(minutes=31), "Odoo shows its automation rules to users with Settings rights only."),
)  # fmt: skip
TRIGGERS = TriggersPage(
    3, TEXT, RULES, (), FIRED,
    (Version(3, ago(days=2), SOMEBODY, TEXT, {}, "thank-for-application switched on"), Version(2, ago(days=9), SOMEBODY, TEXT, {})),
    True, True, Paging(next="/triggers?before=x#fired"), natives=NATIVES,
    ready=tuple(one for one in read(starter("olga@example.com")) if one.name != "thank-for-application"),
)  # fmt: skip
CLASHING = replace(
    TRIGGERS, findings=(CLASH,), wrong="Line 3: thank-for-application and greenhouse-auto-reply both write.", next=CLASH.next,
    run=DryRun(
        ago(days=30), NOW, 1204, False,
        (Would(INVITE, 214, (("a1", ago(days=1)), ("a2", ago(days=3)))), Would(OFF, 0, (), ("answered",))), (CLASH,),
    ),
)  # fmt: skip
NO_TRIGGERS = replace(TRIGGERS, version=0, rules=(), fired=(), versions=(), paging=Paging(), starter=TEXT)
SERVER = Server(
    "smtp.example.com", 587, Security.STARTTLS, "jobs@example.com", "Example Ltd", "bascule", "", "answers@example.com"
)
MESSAGE = Message(
    "m1", "f1", "c1", "a1", "j1", "k1", "out", "application-received", "en", MessageState.SENT, ago(hours=2), ago(hours=2),
    "priya.venkataraman@mail.example", "Your application for Senior Platform Engineer",
    "Dear Priya,\n\nthank you for applying. A person will read your application, and you will hear from us.\n", "t", "<m1@x>",
    sent=ago(hours=2),
)  # fmt: skip
LONG = "the ATS says that this candidate is not to be e-mailed"
MESSAGES = MessagesPage(
    tuple(
        MessageRow(
            replace(MESSAGE, id=f"m{number}", state=state, why=why, direction=way, review="r1"), name, "/candidates/c1",
            "thank-for-application", 3,
        )
        for number, (state, why, way, name) in enumerate((
            (MessageState.HELD, "", "out", "Priya Venkataraman"),
            (MessageState.SENT, "", "out", "Björn Åkerström-Featherstonehaugh"),
            (MessageState.RECEIVED, "", "in", "Björn Åkerström-Featherstonehaugh"),
            (MessageState.BOUNCED, "550 5.1.1 no such mailbox", "out", "Nguyễn Thị Minh Anh"),
            (MessageState.WITHHELD, LONG, "out", "Ada Byron"),
            (MessageState.UNKNOWN, "the process that sent it has ended", "out", "Ada Byron"),
        ), 1)
    ),
    {"held": 240, "sent": 166, "received": 31, "bounced": 2, "withheld": 3, "unknown": 1},
    "", SERVER, Paging(next="/messages?before=x"),
    (Rate("application-received", "Senior Platform Engineer", "Olga Owner", 166, 31, 2),),
    LeavingRows(
        tuple(
            MessageRow(
                replace(MESSAGE, id=f"l{number}", state=MessageState.DUE, due=NOW + timedelta(seconds=40), sent=None),
                name, "/candidates/c1", "thank-for-application", 3,
            )
            for number, name in enumerate(("Priya Venkataraman", "Björn Åkerström-Featherstonehaugh"))
        ),
        {"thank-for-application": 2},
    ),
)  # fmt: skip
WRITING = WritingPage(
    "a1", "c1", "Priya Venkataraman", "Senior Platform Engineer", ("application-received", "next-step", "polite-no"),
    "next-step", "en", ("en", "de"), Words("About Senior Platform Engineer", "Dear Priya,\n\nwhen may we call?\n"),
    Words("About Senior Platform Engineer", "Dear Priya,\n\nwhen may we call?\n"), MESSAGE.to,
)  # fmt: skip
NOT_WRITABLE = replace(
    WRITING, preview=None, wrong="next-step (en): nobody knows {{ nickname }}.", next="There are: first_name, name.",
    withheld=LONG, turns_away=True,
)  # fmt: skip
UNWRITTEN = replace(WRITING, template="", languages=(), words=None, preview=None, to="")
NO_MESSAGES = replace(MESSAGES, rows=(), counts={}, server=None, paging=Paging(), rates=())
TEMPLATES = tuple(first_templates().values())
CHOSEN = first_templates()["next-step"]
MAIL = MailPage(
    SERVER, Hours(8, 19, zone="Europe/Berlin"), "en", TEMPLATES, CHOSEN, "en",
    (CHOSEN.words["en"].subject, CHOSEN.words["en"].text),
)  # fmt: skip
ASKED, DONE, UNKNOWN = QuietPage("t" * 24, True), QuietPage("t" * 24, True, True), QuietPage("x", False)

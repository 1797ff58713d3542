"""People, keys and sessions."""

from __future__ import annotations

from bascule.models.choice import Choice as Chosen
from bascule.models.choice import Provider, Purpose
from bascule.office.retention import WORDS, Kept
from bascule.office.visibility import Known, Visible
from bascule.server.views.models import CallRow, ModelsPart
from bascule.server.views.parts import Choice, Fact
from bascule.server.views.settings import (
    KeyRow,
    PersonRow,
    PersonSessions,
    SessionRow,
    SessionsPage,
    SettingsPage,
    SignInPart,
)
from bascule.store.people import User

from .parts import NOW, ago

MODELS = ModelsPart(
    Chosen(Provider.OPENAI, "gpt", "https://eu.api.openai.com/v1", frozenset({Purpose.EXPLAIN}), ("eu",), cost=20.0),
    True,
    (
        Fact("Requests go to", "https://eu.api.openai.com/v1"),
        Fact("Worked on in", "eu", note="A term of the contract."),
    ),
    (Choice("openai", "OpenAI", True), Choice("anthropic", "Anthropic")),
    (Choice("explain", "say a score's reasons in two plain sentences", True),),
    (Choice("score", "the score alone", True), Choice("minilm", "score and MiniLM, on this machine")),
    "The top of lists is ordered by score and a model.",
    ("eu.api.openai.com refuses the key.",),
    False,
    (CallRow(ago(minutes=3), "explain", "gpt", "explain-1", 1200, 0.0007, "answered", True, 1),),
)

SETTINGS = SettingsPage(
    (
        PersonRow(
            "u1",
            "Ida Administrator",
            "ida@employer.example",
            "administrator",
            ago(minutes=21),
            True,
            "Dana Recruiter",
            True,
        ),
        PersonRow("u2", "Jo Deputy", "jo@employer.example", "administrator", None, by_provider=True, decides=True),
    ),
    (
        KeyRow(
            "k1", "Warehouse export", ("candidates:read", "jobs:read"), ago(days=3), "Ida Administrator", ago(hours=1)
        ),
    ),
    (Choice("administrator", "Administrator: everything"),),
    (
        Choice("candidates:read", "Read candidates and applications", True),
        Choice("failures:write", "Replay and discard failures"),
    ),
    (Fact("Version", "0.1.0"), Fact("Data", "SQLite")),
    ats_users=(Choice("greenhouse|55", "Dana Recruiter at greenhouse"),),
    models=MODELS,
    visible=Visible(
        True, (Known(User("u3", "w", "kim@employer.example", "Kim Recruiter", "recruiter", NOW), False, 0),)
    ),
    sign_in=SignInPart(
        True,
        "Firm",
        "Firm",
        "https://login.employer.example/realms/staff",
        "bascule",
        True,
        False,
        "https://bascule.employer.example/login/oidc/callback",
        "groups",
        "it = administrator\nhr = recruiter",
        (Choice("", "Nobody: refuse", True), Choice("recruiter", "Recruiter")),
        False,
        True,
    ),
    kept=tuple(Kept(kind, what, 7 if kind == "payload" else 30) for kind, what in WORDS.items()),
)


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
SESSIONS = SessionsPage(
    (
        SessionRow("s1", "Ida Administrator", ago(hours=2), ago(minutes=1), FIREFOX, True, "login.employer.example"),
        SessionRow("s2", "Ida Administrator", ago(hours=5), ago(hours=1), ""),
    ),
    (PersonSessions("u2", "Jo Deputy", (SessionRow("s3", "Jo Deputy", ago(hours=3), ago(minutes=9), FIREFOX),)),),
    "Each ends 12 hours after the sign-in, or 120 minutes after it was last used.",
)

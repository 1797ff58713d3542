"""Connecting a system."""

from __future__ import annotations

from bascule.connectors.guide import guide
from bascule.connectors.registry import load, load_all
from bascule.server.pages.setup import LABELS
from bascule.server.show.setup import systems
from bascule.server.views.hosted import Wrong
from bascule.server.views.parts import State, Tone
from bascule.server.views.setup import LinkPage, LinkRow, SetupPage, SystemPage

from .parts import NOW, ago

LINK = LinkRow(
    "l1", "greenhouse-with-a-rather-long-name", "Greenhouse", "Ivy of the infrastructure department", "Ida",
    State("Tried in vain; it works on", Tone.WAITING), NOW, "/credentials/" + "x" * 51,
    "Greenhouse refused to sign in.", "Unauthorized",
)  # fmt: skip
USED = LinkRow(
    "l2", "lever", "Lever", "Ivy", "Ida", State("Credentials were entered", Tone.IN_STEP, ago(minutes=4)), NOW, "",
    there=True,
)  # fmt: skip
BEGIN = SetupPage(systems(load_all()), (LINK,), first=False)
FIRST = SetupPage(systems(load_all()), (), first=True)
SYSTEM = SystemPage(guide(load("greenhouse")), "greenhouse", LABELS)
REFUSED = SystemPage(
    guide(load("lever")), "lever", LABELS, {"acting_user": "bascule@example.org", "granted": "users:read:admin"},
    Wrong("Lever refused to sign in.", "Invalid API key", "Look at api_key in Lever's own page of credentials."),
)  # fmt: skip
ASKED, DONE = LinkPage(LINK, "Greenhouse"), LinkPage(USED, "Lever")

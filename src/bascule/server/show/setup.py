"""Connecting a system, as pages show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bascule.connectors.guide import Guide
from bascule.connectors.spec import Connector
from bascule.errors import BasculeError, DisconnectedError, PermissionMissingError, RemoteError
from bascule.office.reaching import plainly

from ..views.hosted import Wrong
from ..views.parts import State, Tone
from ..views.setup import LinkRow, SystemRow


def systems(connectors: Iterable[Connector]) -> tuple[SystemRow, ...]:
    found = [SystemRow(one.name, one.label, one.facts.get("api", ""), one.facts.get("plan", "")) for one in connectors]
    return tuple(sorted(found, key=lambda one: one.label.lower()))


def link(told: Mapping[str, Any], label_of: Callable[[str], str], there: bool) -> LinkRow:
    """One link, from what `app.credential_links` tells of it."""
    refused = told["refused"] or {}
    return LinkRow(
        told["id"], told["name"], label_of(told["system"]), told["for"], told["by"], _state(told), told["expires"],
        told["url"], str(refused.get("what", "")), str(refused.get("words", "")), there,
    )  # fmt: skip


def _state(told: Mapping[str, Any]) -> State:
    if told["used"] is not None:
        return State("Credentials were entered", Tone.IN_STEP, told["used"])
    if told["ended"] is not None:
        return State("Ended", Tone.QUIET, told["ended"])
    if not told["url"]:
        return State("Its days are over", Tone.QUIET, told["expires"])
    if told["refused"]:
        return State("Tried in vain; it works on", Tone.WAITING)
    if told["opened"] is not None:
        return State("Opened", Tone.CATCHING_UP, told["opened"])
    return State("Not opened yet", Tone.WAITING)


def wrong(error: BasculeError, of: Guide) -> Wrong:
    """An error beside the form that it is about, with where it is mended in the system's own screens."""
    what = plainly(str(error).removesuffix(error.hint).strip() if error.hint else str(error))
    after = error.hint
    if isinstance(error, DisconnectedError):
        answered = what if error.status and "refused" not in what else ""
        what = f"{of.label} refuses these credentials. {answered}".rstrip()
        first = f"Compare it with the credential in {of.label}, and enter it whole again: no secret is kept."
        after = f"{first} {of.credential}"
    elif isinstance(error, PermissionMissingError):
        after = f"{error.hint} In {of.label}: {of.rights} Then try again.".strip()
    return Wrong(what, error.words if isinstance(error, RemoteError) else "", after)

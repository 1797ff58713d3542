"""`bascule connectors`: what can be connected, and what each connector does and needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

import bascule.connectors
from bascule.connectors.manifest import Manifest, manifest
from bascule.errors import NotFoundError

from . import JSON, emit, fail, out, table

RUNS = Path(bascule.connectors.__file__).with_name("last_runs.json")  # written by tools/contract_runs.py
YES = {True: "yes", False: ""}


def manifests() -> list[Manifest]:
    """One for each connector that is installed, by name."""
    from bascule.connectors import registry
    from bascule.sandbox.registry import names

    sandboxes, runs = names(), json.loads(RUNS.read_text("utf-8"))
    return [
        manifest(
            one,
            sandbox=one.name in sandboxes,
            native=one.name in registry.BUILT_IN,
            last_run=runs.get(one.name, "") if one.name in registry.BUILT_IN else "",
        )
        for one in registry.load_all()
    ]


def connectors(name: Annotated[str, typer.Argument(help="One of them, in full.")] = "", as_json: JSON = False) -> None:
    """What can be connected: interface, sign-in, objects, limits, what it needs, what it was tested against."""
    from bascule.connectors import registry

    found = manifests()
    if name:
        found = [one for one in found if one.name == name]
        if not found:
            try:
                registry.load(name)
            except NotFoundError as error:
                fail(str(error))
    shown = [one.as_json() for one in found]
    emit(shown[0] if name else shown, as_json, lambda: _whole(found[0]) if name else _all(found))


def _all(found: list[Manifest]) -> None:
    rows = table("Name", "System", "Interface", "Sign-in", "Webhooks", "Rate")
    for one in found:
        rows.add_row(one.name, one.label, one.api, "; ".join(one.auth), YES[one.webhooks], one.rate)
    out.print(rows)


def _whole(one: Manifest) -> None:
    out.print(f"{one.label} ({one.api})", style="bold")
    rows = table("Object", "Read", "Create", "Update", "Delete", "Webhook", "Looked at every", "At most every")
    for each in one.objects:
        rows.add_row(
            each.kind.replace("_", " "), YES[each.read], YES[each.create], YES[each.update], YES[each.delete],
            YES[each.webhook], f"{each.every:g} s" if each.every else "with what it belongs to",
            f"{each.soonest:g} s" if each.soonest else "",
        )  # fmt: skip
    out.print(rows)
    for title, text in (
        ("Sign-in", "; ".join(one.auth)),
        ("Rate", one.rate),
        ("Stage history", one.stage_history),
        ("Plan", one.plan),
        ("Agreement", one.agreement),
        ("Vendor's test system", one.vendor_sandbox),
        ("By hand", one.by_hand),
        ("End of the interface", one.sunset),
        ("Scopes", " ".join(one.scopes)),
        ("Tested against", "; ".join(one.tested)),
        ("Last run", one.last_run),
        ("Maintained by", one.maintainer),
        ("When it fails", one.support),
        *((f"Calling {call}", says) for call, says in one.effects.items()),
        *((f"Remark on {field}", says) for field, says in one.lossy.items()),
        *(("Not verified", says) for says in one.unverified),
    ):
        if text:
            out.print(f"{title}: {text}", markup=False, highlight=False)

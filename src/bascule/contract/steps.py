"""What a connector that is being written lacks, step by step, in the order of docs/connectors/adding.md.

A new package's own tests ask these; the promises come after them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bascule.connectors.manifest import FACTS, manifest
from bascule.connectors.spec import Connector, Reads, Request, Response, Tenant, lacking
from bascule.errors import AbsentError, DisconnectedError, PermissionMissingError, ThrottledError, UnavailableError
from bascule.model import Direction, Kind, Part

from .account import Account, Setting

READ = (Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB)
MAPPED = ((Kind.CANDIDATE, "first_name"), (Kind.CANDIDATE, "last_name"), (Kind.CANDIDATE, "emails"),
          (Kind.APPLICATION, "job"), (Kind.JOB, "title"))  # fmt: skip
REFUSALS = {
    401: DisconnectedError, 403: PermissionMissingError, 404: AbsentError, 429: ThrottledError, 503: UnavailableError,
}  # fmt: skip
TOLD = ("api", "sunset", "agreement", "vendor sandbox", "by hand")


@dataclass(frozen=True)
class Work:
    """A connector, its account, and the folder of recordings: `lists/LIST.json` has a list's items as the vendor shows
    them."""

    connector: Connector
    account: type[Account]
    recordings: Path

    def recorded(self) -> Iterator[tuple[Reads, list[Part]]]:
        """Each list of which there is a recording, with what the connector sees in it."""
        for reads in self.connector.reads:
            path = self.recordings / "lists" / f"{reads.title}.json"
            if path.exists():
                items = json.loads(path.read_text("utf-8"))
                yield reads, [part for item in items for part in reads.parse(item, Tenant())]


def sandbox(work: Work) -> str:
    """Step 1, the sandbox"""
    try:
        account = work.account(Setting(candidates=3))
        there = (len(account.everybody()), len(account.applications()))
    except NotImplementedError as error:
        return str(error)
    if there[0] != 3 or not there[1]:
        return (
            f"asked for 3 candidates, it has {there[0]} with {there[1]} applications: fill `add_people` of sandbox.py "
            "and `everybody` and `applications` of tests/account.py"
        )
    return ""


def recordings(work: Work) -> str:
    """Step 2, the recordings"""
    found = list((work.recordings / "lists").glob("*.json"))
    return (
        "" if found else "put one JSON list for each list you will read, from the vendor's docs, into recordings/lists"
    )


def sign_in(work: Work) -> str:
    """Step 3, the address and the sign-in"""
    one = work.connector
    if not one.base_url.startswith("https://") or not one.hosts:
        return "say `base_url` (https) and `hosts` of CONNECTOR"
    try:
        account = work.account(Setting(candidates=0))
        missing = lacking(one, {**account.settings(), **account.secrets()})
    except NotImplementedError as error:
        return str(error)
    if not one.settings or missing:
        return f"`settings` of CONNECTOR and those of tests/account.py have to be the same; missing: {missing or 'all'}"
    return ""


def reads(work: Work) -> str:
    """Step 4, the reads"""
    kinds = {reads.kind for reads in work.connector.reads}
    if missing := [kind for kind in READ if kind not in kinds]:
        return f"no list of READS shows: {', '.join(missing)}"
    shown = {reads.title: parts for reads, parts in work.recorded()}
    if missing := sorted({reads.title for reads in work.connector.reads} - shown.keys()):
        return f"there is no recording of: {', '.join(missing)}"
    if empty := sorted(title for title, parts in shown.items() if not any(part.seen for part in parts)):
        return f"`parse` sees nothing in the recording of: {', '.join(empty)}"
    return ""


def fields(work: Work) -> str:
    """Step 5, the fields"""
    maps = work.connector.fields(Tenant(), "c1")
    mapped = {(each.kind, name) for each in maps for name in each.canonical}
    if missing := [f"{kind} {name}" for kind, name in MAPPED if (kind, name) not in mapped]:
        return f"`fields` maps nothing to: {', '.join(missing)}"
    known = {(each.kind, each.name) for each in maps}
    seen = {(part.kind, name) for _, parts in work.recorded() for part in parts for name in part.seen}
    if unknown := sorted(f"{kind} {name}" for kind, name in seen - known):
        return f"`parse` shows what no field of `fields` carries: {', '.join(unknown)}"
    return ""


def writes(work: Work) -> str:
    """Step 6, the writes"""
    maps = work.connector.fields(Tenant(), "c1")
    outputs = {name for each in maps if each.created for name in each.canonical}
    if missing := [name for name in ("match_score", "match_reasons", "match_skills") if name not in outputs]:
        return f"`fields` has no lens.output for: {', '.join(missing)}"
    calls = {each.call for each in maps if each.call and each.direction is not Direction.IN}
    if missing := sorted(calls - work.connector.sends.keys()):
        return f"SENDS has no call: {', '.join(missing)}"
    return ""


def hooks(work: Work) -> str:
    """Step 7, the webhooks"""
    if (work.connector.webhook is not None) != work.account.can("hook"):
        return (
            "`webhook` of CONNECTOR and `hook` of tests/account.py go together: fill both, or, without webhooks, none"
        )
    return ""


def errors(work: Work) -> str:
    """Step 8, the errors"""
    for status, error in REFUSALS.items():
        found = work.connector.errors(Request("GET", "/things"), Response(status, {}, None))
        if type(found) is not error:
            return f"`errors` makes {type(found).__name__} of a {status}: it is {error.__name__}"
    return "" if work.connector.errors(Request("GET", "/things"), Response(200, {}, None)) is None else "a 200 is none"


def told(work: Work) -> str:
    """Step 9, the manifest"""
    if missing := [name for name in TOLD if not work.connector.facts.get(name)]:
        return f"`facts` of CONNECTOR does not say: {', '.join(f'{name} ({FACTS[name]})' for name in missing)}"
    known = manifest(work.connector, sandbox=True, native=False)
    return "" if known.unverified else "`facts` names nothing as unverified: what do the vendor's papers leave open?"


STEPS: tuple[Callable[[Work], str], ...] = (
    sandbox, recordings, sign_in, reads, fields, writes, hooks, errors, told,
)  # fmt: skip
"""Each says what is to be filled, or nothing when it is."""


def lacks(step: Callable[[Work], str], work: Work) -> str:
    """What this step still wants, in a sentence that begins with its name; "" when nothing."""
    said = step(work)
    return f"{step.__doc__}: {said}." if said else ""

"""The sandbox as a program of its own."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from ..kit import server
from ..kit.server import Vendor
from .app import create_app
from .options import REQUIRABLE, Options
from .raas import CHANGED, OWNER, STEPS
from .sandbox import Sandbox
from .seed import CLIENT, USER

# Options that hold two ways in which Workday may behave: the field, its two values, what it is about.
WAYS: Sequence[tuple[str, tuple[str, str], str]] = (
    ("empty_criteria", ("nothing", "everything"), "what an empty Request_Criteria finds"),
    ("requisition_filter", ("honoured", "refused"), "Job_Requisition_Reference as a filter of candidates"),
    ("transaction_log", ("events", "everything"), "whether tags, custom objects and files are in the log"),
    ("descriptors", ("asked", "always"), "descriptors of references"),
    ("future_entry", ("refused", "accepted"), "an As_Of_Entry_DateTime that is still to come"),
    ("disposed_step", ("kept", "disposition"), "the step of a rejected application"),
    ("tags", ("written", "ignored"), "tags in Put_Candidate"),
    ("attachments", ("all", "candidate"), "what Get_Candidate_Attachments lists"),
    ("additional_data", ("replace", "merge"), "custom fields that a Put leaves out"),
    ("basic_name", ("both", "full"), "user names in HTTP Basic"),
    ("expired_token", ("401", "fault"), "a bad bearer token at SOAP"),
)


def _required(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tenant", help="the tenant's name, part of every address (default: sandbox)")
    parser.add_argument("--rate", type=server.rate, help="requests/seconds of the whole tenant (default: 10/1)")
    parser.add_argument("--token-lifetime", type=float, help="seconds an access token lives (default: 3600)")
    parser.add_argument(
        "--refresh-lifetime", type=float, help="seconds an unused refresh token lives (default: for ever)"
    )
    parser.add_argument("--zone", help="of times in answers (default: America/Los_Angeles)")
    parser.add_argument("--no-custom-object", dest="custom_object", action="store_const", const=False,
                        help="a tenant without a custom object for job applications")  # fmt: skip
    parser.add_argument("--no-assess-step", dest="assess_step", action="store_const", const=False,
                        help="a recruiting process without an Assess Candidate step")  # fmt: skip
    parser.add_argument("--required", type=_required, help=f"what a candidate must have: {', '.join(REQUIRABLE)}")
    for name, values, about in WAYS:
        parser.add_argument(f"--{name.replace('_', '-')}", choices=values, help=f"{about} (default: {values[0]})")


def _access(sandbox: Sandbox) -> dict[str, str]:
    """How a program gets in: the integration system user and the API client of a new tenant."""
    rows = {row["name"]: row for row in sandbox.db["credentials"]}
    user, client = rows[USER], rows[CLIENT]
    return {
        "tenant": sandbox.options.tenant, "username": f"{USER}@{sandbox.options.tenant}", "password": user["secret"],
        "client_id": client["client_id"], "client_secret": client["secret"],
        "refresh_token": sandbox.refresh_token(client),
    }  # fmt: skip


def _told(url: str, sandbox: Sandbox) -> list[tuple[str, str]]:
    told, tenant = _access(sandbox), sandbox.options.tenant
    report = f"{url}/ccx/service/customreport2/{tenant}/{OWNER}"
    return [
        ("Workspace", f"{url}/ats"), ("Careers page", f"{url}/careers"),
        ("SOAP", f"{url}/ccx/service/{tenant}/Recruiting/v45.2"), ("REST", f"{url}/ccx/api/recruiting/v4/{tenant}"),
        ("Reports", f"{report}/{CHANGED}?format=json"), ("", f"{report}/{STEPS}?format=json"),
        ("Tokens", f"{url}/ccx/oauth2/{tenant}/token"), ("User", told["username"]), ("Password", told["password"]),
        ("Client ID", told["client_id"]), ("Client secret", told["client_secret"]),
        ("Refresh token", told["refresh_token"]),
    ]  # fmt: skip


def _facts(sandbox: Sandbox) -> Mapping[str, Any]:
    return _access(sandbox)


VENDOR = Vendor("workday", "SOAP Recruiting, reports, REST v4 and a small ATS", Sandbox, create_app, Options,
                _arguments, _told, _facts)  # fmt: skip

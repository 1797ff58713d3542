"""The sandbox as a program of its own."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from ..kit import server
from ..kit.server import Vendor
from .app import create_app
from .options import Options
from .sandbox import Sandbox
from .seed import CLIENT, KEY

# Options that hold two ways in which SmartRecruiters may behave: the field, its two values, what it is about.
WAYS: Sequence[tuple[str, tuple[str, str], str]] = (
    ("duplicates", ("merge", "new"), "somebody created with a known e-mail address"),
    ("sub_status", ("first", "none"), "the sub-status where a status is set without one"),
    ("unreject", ("allowed", "refused"), "an active status after a rejection or withdrawal"),
    ("updated_after", ("exclusive", "inclusive"), "whether updatedAfter includes its moment"),
    ("updated_on", ("everything", "profile"), "what moves a candidate's updatedOn"),
    ("search_order", ("created", "updated"), "the order in which candidates are found"),
    ("secondary", ("full", "job"), "secondary assignments in a list"),
    ("unknown_fields", ("refused", "ignored"), "fields that cannot be written"),
    ("single_write", ("value", "id"), "the key that holds a choice where one property is written"),
    ("select", ("id", "label"), "how a choice is written"),
    ("numbers", ("number", "text"), "how a number is read"),
    ("new_properties", ("refused", "accepted"), "whether the API makes candidate properties"),
    ("rating", ("rating", "overallRating"), "the name of a review's rating"),
    ("second_review", ("refused", "accepted"), "another review by the same user"),
    ("hiring_process", ("shown", "hidden"), "the hiring process of a job"),
)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rate", type=server.rate, help="requests/seconds to one endpoint (default: 10/1)")
    parser.add_argument("--company", help="the company's identifier (default: sandbox)")
    parser.add_argument("--token-lifetime", type=float, help="seconds an access token lives (default: 3600)")
    parser.add_argument("--search-lag", type=float, help="seconds by which the search of candidates is behind")
    parser.add_argument("--suspend-after", type=int, help="deliveries given up before a suspension (default: 1)")
    for name, about in (
        ("reasons_required", "a rejection or withdrawal needs a reason"),
        ("review_events", "reviews fire events"),
        ("no_bulk", "properties can only be written one by one"),
    ):
        parser.add_argument(f"--{name.replace('_', '-')}", action="store_const", const=True, help=about)
    for name, values, about in WAYS:
        parser.add_argument(f"--{name.replace('_', '-')}", choices=values, help=f"{about} (default: {values[0]})")


def _access(sandbox: Sandbox) -> dict[str, str]:
    """How a program gets in: the API key and the OAuth client of a new company."""
    rows = {row["name"]: row for row in sandbox.db["credentials"]}
    return {"company": sandbox.options.company, "api_key": rows[KEY]["secret"],
            "client_id": rows[CLIENT]["client_id"], "client_secret": rows[CLIENT]["secret"]}  # fmt: skip


def _told(url: str, sandbox: Sandbox) -> list[tuple[str, str]]:
    told = _access(sandbox)
    return [
        ("Sandbox ATS", f"{url}/ats"), ("Careers page", f"{url}/careers"), ("API", url),
        ("Tokens", f"{url}/identity/oauth/token"), ("X-SmartToken", told["api_key"]),
        ("Client ID", told["client_id"]), ("Client secret", told["client_secret"]),
    ]  # fmt: skip


def _facts(sandbox: Sandbox) -> Mapping[str, Any]:
    return _access(sandbox)


VENDOR = Vendor(
    "smartrecruiters", "Customer API, reviews, webhook subscriptions and a small ATS", Sandbox, create_app, Options,
    _arguments, _told, _facts,
)  # fmt: skip

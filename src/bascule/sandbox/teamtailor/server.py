"""The sandbox as a program of its own."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from ..kit import server
from ..kit.server import Vendor
from .app import create_app
from .options import ADDONS, Options
from .sandbox import Sandbox


def _list(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--rate", type=server.rate, help="requests/seconds (default: 50/10)")
    add("--zone", help="the company's time zone (default: Europe/Stockholm)")
    add("--addons", type=_list, help=f"what the company has bought (default: {','.join(ADDONS)}; '' for nothing)")
    add("--audit-days", type=int, help="how far back the audit log reaches (default: 15)")
    add(
        "--transparent-days", type=int, help="days before a candidate may be told of a rejection (default: 0, not used)"
    )
    add("--list-lag", type=float, help="lists show what there was so many seconds ago (default: 0)")
    add("--surface", choices=("current", "documented"), help="with what only clients of today use, or without")
    add("--versions", choices=("dates", "known"), help="which X-Api-Version is accepted: any date, or some")
    add("--bounds", choices=("inclusive", "exclusive"), help="whether time filters include their own moment")
    add("--touch", choices=("all", "columns"), help="whether tags and custom fields move a candidate's updated-at")
    add("--retry-after", action="store_true", default=None, help="429 has a Retry-After header")
    add("--static-headers", action="store_true", default=None, help="the rate headers never change")
    add("--select-values", choices=("ids", "labels"), help="what values of select fields are read as")
    add("--numbers", choices=("number", "text"), help="what values of number fields are read as")
    add("--unreject", choices=("allowed", "refused"), help="whether rejected-at can be emptied")
    add("--candidate-delete", action="store_true", default=None, help="DELETE /v1/candidates/{id} exists")
    add("--v2-embeds", action="store_true", default=None, help="webhooks signed with v2 have it in the body too")


def _told(url: str, sandbox: Sandbox) -> list[tuple[str, str]]:
    rate, facts = sandbox.options.rate, _facts(sandbox)
    return [
        ("Sandbox ATS", f"{url}/ats"), ("Careers page", f"{url}/careers"),
        ("Customer API", f"{url}/v1   {rate.limit} requests/{rate.seconds:g} s"),
        ("", f"Authorization: Token token={facts['api_key']}"),
        ("Partner API", f"{url}/partner/v1"), ("", f"Authorization: Token {facts['partner_key']}"),
    ]  # fmt: skip


def _facts(sandbox: Sandbox) -> Mapping[str, Any]:
    keys = {row["kind"]: row["secret"] for row in sandbox.db["credentials"] if row["name"] == "Bascule"}
    return {"api_key": keys["customer"], "partner_key": keys["partner"]}


VENDOR = Vendor("teamtailor", "JSON:API, partner results, webhooks v1 and v2, a small ATS", Sandbox, create_app,
                Options, _arguments, _told, _facts)  # fmt: skip

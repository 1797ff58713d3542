"""What vendors' systems have answered: `tests/recordings/<system>/lists/<list>.json` and `hooks/<event>.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bascule.connectors.spec import Connector, CustomField, Reads, Tenant
from bascule.engine.http import grouped
from bascule.engine.observe import strip
from bascule.model import Part

RECORDINGS = Path(__file__).parents[2] / "recordings"


def tenant(connector: Connector) -> Tenant:
    """What is known of the account that the recordings are of (`tenant.json`: facts)."""
    path = RECORDINGS / connector.name / "tenant.json"
    return Tenant(facts=json.loads(path.read_text("utf-8")) if path.exists() else {})


def items(connector: Connector, reads: Reads) -> list[Any]:
    """The recorded items of a list as `parse` is given them: stripped, and gathered where the list is grouped."""
    found = json.loads((RECORDINGS / connector.name / "lists" / f"{reads.title}.json").read_text("utf-8"))
    found = strip(found, reads.drop)
    return grouped(found, reads.group, ()) if reads.group else found


def hooks(connector: Connector) -> dict[str, Any]:
    folder = RECORDINGS / connector.name / "hooks"
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}


def parts(connector: Connector, title: str, account: Tenant | None = None) -> list[Part]:
    reads = next(one for one in connector.reads if one.title == title)
    known = account or tenant(connector)
    return [part for item in items(connector, reads) for part in reads.parse(item, known)]


def with_fields(connector: Connector, level: str) -> Tenant:
    """A tenant in which every field the connector wants to add exists at this level."""
    facts = dict(tenant(connector).facts)
    facts |= {"application_custom_fields": "yes"} if level == "application" else {"application_custom_fields": ""}
    made_of = Tenant(facts=facts)
    outputs = (
        "match_score", "match_reasons", "match_skills", "experience_title", "experience_employer", "experience_years",
        "ai_status", "audit_reference", "shortlist_link", "screening_status", "screening_answers", "manager_feedback",
        "top_ten",
    )  # fmt: skip
    if level == "candidate":
        first = CustomField("1", "bascule_match_score", "Bascule match score", "candidate", "number")
        made_of = Tenant(custom={"candidate.bascule_match_score": first}, facts=facts)
    for _ in range(2):
        made = {
            f"{one.level}.{one.key}": CustomField(one.key, one.key, one.name, one.level, one.type, True, one.private)
            for one in connector.setup(made_of, outputs)
        }
        made_of = Tenant(custom={**made_of.custom, **made}, facts=facts)
    return made_of

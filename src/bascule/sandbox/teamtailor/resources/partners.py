"""What a partner sees and writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...kit.tables import Row
from .. import partner
from ..errors import Invalid
from ..jsonapi import Body, Resource, View, Write
from .columns import own

PARTNERS = "/partner/v1"
SETTINGS = frozenset({"base-url", "webhook-config", "webhook-activation-config", "dynamic-activation-config"})
CARD = frozenset(name.replace("_", "-") for name in partner.WRITABLE)


def _activation(view: View, row: Row) -> dict[str, Any]:
    about = view.sandbox.company
    return {"provider-key": row["provider_key"], "company-name": about["name"], "company-uuid": about["uuid"]}


async def _create_result(view: View, row: Row | None, body: Body) -> Row:
    return partner.result(view.sandbox, view.actor, view.partner_id, body.values())


async def _update_result(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    partner.change_result(view.sandbox, view.actor, row["id"], body.values())
    return row


async def _configure(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    if "base-url" in body.attributes and not partner.valid_address(body.attributes["base-url"]):
        raise Invalid(("base-url", "is invalid"))
    partner.configure(view.sandbox, view.actor, row["id"], body.values())
    return row


def _of_partner(view: View, row: Row) -> bool:
    return row["partner_id"] == view.partner_id


PARTNER: Mapping[str, Resource] = {one.type: one for one in (
    Resource("partner-results", "partner_results",
             own("assessment", "details", "status", "summary", "url", "candidate-id", "attachments", "job-id",
                 "actions", "assessment-criteria"),
             level="public", visible=_of_partner, order=lambda row: row["created_at"], prefix=PARTNERS,
             create=Write(CARD | {"candidate-id"}, frozenset(), _create_result),
             update=Write(CARD, frozenset(), _update_result),
             delete=lambda view, row: view.sandbox.db.delete("partner_results", row["id"], view.actor)),
    Resource("partner-activations", "partner_activations", _activation, level="public", visible=_of_partner,
             prefix=PARTNERS),
    Resource("partners", "partners", own("name", *sorted(SETTINGS)), level="public", listed=False, prefix=PARTNERS,
             visible=lambda view, row: row["id"] == view.partner_id,
             update=Write(SETTINGS, frozenset(), _configure)),
)}  # fmt: skip

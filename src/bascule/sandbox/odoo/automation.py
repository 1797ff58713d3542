"""Automation rules that send webhooks (unsigned, one a record, never twice), or the e-mail of a template.

17 sends webhooks before the transaction is committed, so that whoever reads at once sees what was before; later
versions after it.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..kit.hooks import Delivery, Manner
from ..kit.tables import Row
from . import domains
from .env import Env

ON_CREATE = frozenset(
    {"on_create", "on_create_or_write", "on_priority_set", "on_stage_set", "on_tag_set", "on_user_set"}
)
ON_WRITE = frozenset({"on_write", "on_create_or_write", "on_archive", "on_unarchive", "on_priority_set", "on_stage_set",
                      "on_tag_set", "on_user_set"})  # fmt: skip
HAPPENED = {"create": ON_CREATE, "write": ON_WRITE, "unlink": frozenset({"on_unlink"})}


def manner(aimed: Mapping[str, int]) -> Manner:
    """`aimed` holds the id of the one action that is being run, under `id`."""
    return Manner(body=_body, headers=_headers, patience=1.0, wants=lambda row, action: row["id"] == aimed.get("id"))


def _headers(hook: Row, one: Delivery) -> dict[str, str]:
    return {"Content-Type": "application/json"}


def _body(hook: Row, one: Delivery) -> bytes:
    payload = {**one.payload, "_action": f"{hook['name']}(#{hook['id']})"}
    return json.dumps(payload, sort_keys=True, default=str).encode()


def fire(
    env: Env, model: str, rows: Sequence[Row], happened: str, names: Sequence[str], before: Mapping[int, Row]
) -> None:
    """Run the rules that are for this, on each record of which they hold."""
    if not len(env.db["automations"]):
        return
    known = env.sandbox.model_ids.get(model)
    rules = [one for one in env.db["automations"] if one["model_id"] == known and one["active"]
             and one["trigger"] in HAPPENED[happened]]  # fmt: skip
    for rule in rules:
        for row in rows:
            if _holds(env, model, rule, row) and _touched(env, rule, row, names, before.get(row["id"])):
                for action in env.db["webhooks"].where("base_automation_id", rule["id"]):
                    if action["state"] == "webhook" and action["url"]:
                        _run(env, model, row, rule, action)
                    if action["state"] == "mail_post" and action["template_id"]:
                        _post(env, model, row, action)


def _holds(env: Env, model: str, rule: Row, row: Row) -> bool:
    if rule["trigger"] in ("on_archive", "on_unarchive") and row.get("active", True) != (
        rule["trigger"] == "on_unarchive"
    ):
        return False
    try:
        domain = ast.literal_eval(rule["filter_domain"] or "[]")
    except (ValueError, SyntaxError):
        return False
    return domains.compile(env.sudo(), model, domain)(row)


def _touched(env: Env, rule: Row, row: Row, names: Sequence[str], before: Row | None) -> bool:
    """Whether one of the fields a rule watches became different; without any, every write counts."""
    watched = [env.db["fields"].rows[one]["name"] for one in rule["trigger_field_ids"]]
    if not watched or before is None:
        return True
    return any(name in names and row.get(name) != before.get(name) for name in watched)


def _post(env: Env, model: str, row: Row, action: Row) -> None:
    """Only as an e-mail does it go to whom the template names, who is the applicant."""
    from . import mail  # which fires rules for what it logs

    if action["mail_post_method"] == "email":
        mail.send(env.sudo(), model, row, action["template_id"], "automation_rule")


def _run(env: Env, model: str, row: Row, rule: Row, action: Row) -> None:
    sandbox = env.sandbox

    def payload() -> dict[str, Any]:
        root, shown = env.sudo(), dict[str, Any]()
        load = "_classic_read" if env.options.version == "17" else None
        for one in action["webhook_field_ids"]:
            name = env.db["fields"].rows[one]["name"]
            value = root.value(model, row, name)
            shown[name] = str(value.replace(tzinfo=None)) if isinstance(value, datetime) else (
                root.shown(model, row, name, load))  # fmt: skip
        return {**shown, "_model": model, "_id": row["id"], **({"id": row["id"]} if shown else {})}

    sandbox.aimed["id"] = action["id"]
    try:
        kind = sandbox.models[model].table.removesuffix("s")
        sandbox.hooks.emit(f"{model}/{rule['trigger']}", payload, about=f"{kind}/{row['id']}")
    finally:
        sandbox.aimed.clear()
    sandbox.fired = True

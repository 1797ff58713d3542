"""What faults do to this tenant's data and credentials, by the same functions that its pages and its interface use."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

from ..kit import kinds
from ..kit.faults import Deeds, Done, Refusal
from ..kit.tables import Actor, Row
from . import fields, jobs, people, pipeline
from .errors import Refused
from .sandbox import Sandbox

# What hides with a record that cannot be seen any more: kind -> kinds whose rows point to it by `<singular>_id`.
BELOW = {"candidates": ("applications", "notes", "attachments", "applied_candidate_tags"),
         "jobs": ("applications", "job_posts", "job_interview_stages", "openings")}  # fmt: skip


def deeds(sandbox: Sandbox) -> Deeds:
    """Every deed that can be ordered of this sandbox."""
    tenant = Tenant(sandbox)
    done: dict[str, Callable[[Any, Random], Done]] = {
        "expire_tokens": tenant.expire_tokens, "expire_consents": tenant.expire_consents,
        "revoke": tenant.revoke, "rotate": tenant.rotate,
        "lose_scopes": tenant.lose_scopes, "rename_field": tenant.rename_field, "remove_field": tenant.remove_field,
        "require_field": tenant.require_field, "add_option": tenant.add_option, "rename_stage": tenant.rename_stage,
        "merge": tenant.merge, "hide": tenant.hide, "anonymize": tenant.anonymize, "delete": tenant.delete,
        "change": tenant.change,
    }  # fmt: skip
    return {kind: _refusing(do) for kind, do in done.items()}


def _refusing(do: Callable[[Any, Random], Done]) -> Callable[[Any, Random], Done]:
    """What the tenant refuses, as a fault says it."""

    def act(fault: Any, dice: Random) -> Done:
        try:
            return do(fault, dice)
        except Refused as refused:
            raise Refusal(str(refused)) from None

    return act


class Tenant:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def _actor(self, fault: kinds.Deed) -> Actor:
        """Who did it, in the log of changes: the fault, as the tenant's first administrator."""
        admin = next((row["id"] for row in self.sandbox.db["users"] if row["site_admin"]), None)
        return Actor(f"fault:{fault.kind}", admin)

    @contextmanager
    def _quiet(self, fault: kinds.OnRecords) -> Generator[None]:
        hooks = self.sandbox.hooks
        muted, hooks.muted = hooks.muted, hooks.muted or fault.quiet
        try:
            yield
        finally:
            hooks.muted = muted

    def _matching(self, pattern: str, known: tuple[str, ...]) -> list[tuple[str, Row]]:
        """The rows whose `kind/id` is of a pattern, oldest first."""
        found = [(kind, row) for kind in known for row in self.sandbox.db[kind]
                 if re.fullmatch(pattern, f"{kind}/{row['id']}")]  # fmt: skip
        if not found:
            raise Refusal(f"no object of this tenant is {pattern} ({', '.join(known)})")
        return found

    def _picked(self, fault: kinds.OnRecords, dice: Random, known: tuple[str, ...]) -> list[tuple[str, Row]]:
        found = self._matching(fault.object, known)
        if fault.count is None or fault.count >= len(found):
            return found
        return dice.sample(found, fault.count)

    # Credentials.

    def _credentials(self, fault: kinds.OnCredentials) -> list[int]:
        return [row["id"] for _, row in self._matching(fault.object, ("credentials",)) if not row["revoked"]]

    def expire_tokens(self, fault: kinds.ExpireTokens, dice: Random) -> Done:
        ids = self._credentials(fault)
        for id in ids:
            self.sandbox.access.forget_tokens(id)
        return Done(_names("credentials", ids))

    def expire_consents(self, fault: kinds.ExpireConsents, dice: Random) -> Done:
        ids = self._credentials(fault)
        for id in ids:
            self.sandbox.access.forget_consents(id)
        return Done(_names("credentials", ids))

    def revoke(self, fault: kinds.Revoke, dice: Random) -> Done:
        ids, actor = self._credentials(fault), self._actor(fault)
        for id in ids:
            self.sandbox.access.revoke(actor, id)
        valid = {id: {"revoked": False} for id in ids}
        return Done(_names("credentials", ids), lambda: self._set("credentials", valid))

    def rotate(self, fault: kinds.Rotate, dice: Random) -> Done:
        ids, actor = self._credentials(fault), self._actor(fault)
        for id in ids:
            self.sandbox.access.rotate(actor, id, timedelta(seconds=fault.grace))
        return Done(_names("credentials", ids))

    def lose_scopes(self, fault: kinds.LoseScopes, dice: Random) -> Done:
        ids, rows = self._credentials(fault), self.sandbox.db["credentials"].rows
        before = {id: {"scopes": rows[id]["scopes"]} for id in ids}
        left = {id: {"scopes": [one for one in rows[id]["scopes"] if one not in fault.scopes]} for id in ids}
        self._set("credentials", left, self._actor(fault))
        return Done(_names("credentials", ids), lambda: self._set("credentials", before))

    def _set(self, kind: str, values: Mapping[int, Mapping[str, Any]], actor: Actor | None = None) -> None:
        for id, own in values.items():
            if id in self.sandbox.db[kind].rows:
                self.sandbox.db.change(kind, id, actor or Actor("fault:over"), own)

    # The schema.

    def _field(self, name: str) -> Row:
        for row in self.sandbox.db["custom_fields"]:
            if name in (row["name"], row["name_key"]):
                return row
        raise Refusal(f"there is no custom field {name!r}")

    def rename_field(self, fault: kinds.RenameField, dice: Random) -> Done:
        row = self._field(fault.name)
        fields.redefine(self.sandbox.db, self._actor(fault), row["id"], {"name": fault.to})
        return Done(_names("custom_fields", [row["id"]]))

    def remove_field(self, fault: kinds.RemoveField, dice: Random) -> Done:
        row = self._field(fault.name)
        fields.drop(self.sandbox.db, self._actor(fault), row["id"])
        return Done(_names("custom_fields", [row["id"]]))

    def require_field(self, fault: kinds.RequireField, dice: Random) -> Done:
        db, actor = self.sandbox.db, self._actor(fault)
        try:
            row = self._field(fault.name)
            fields.redefine(db, actor, row["id"], {"required": True})
        except Refusal:
            row = fields.define(db, actor, self.sandbox.options.tier, {
                "name": fault.name, "field_type": fault.on, "value_type": fault.type, "required": True})  # fmt: skip
        return Done(_names("custom_fields", [row["id"]]))

    def add_option(self, fault: kinds.AddOption, dice: Random) -> Done:
        db, actor, row = self.sandbox.db, self._actor(fault), self._field(fault.name)
        option = fields.add_option(db, actor, {"custom_field_id": row["id"], "name": fault.to})
        holder = fields.HOLDERS.get(row["field_type"], "")
        rows = list(db[holder]) if holder else []
        chosen = dice.sample(rows, min(fault.count, len(rows)))
        value = [option["id"]] if row["value_type"] == "multi_select" else option["id"]
        for one in chosen:
            db.change(holder, one["id"], actor, {"custom_fields": {**one["custom_fields"], row["id"]: value}})
        return Done([f"custom_field_options/{option['id']}", *_names(holder, [one["id"] for one in chosen])])

    def rename_stage(self, fault: kinds.RenameStage, dice: Random) -> Done:
        ids = [row["id"] for row in self.sandbox.db["job_interview_stages"] if row["name"] == fault.name]
        if not ids:
            raise Refusal(f"no job has a stage {fault.name!r}")
        for id in ids:
            jobs.rename_stage(self.sandbox, self._actor(fault), id, fault.to)
        return Done(_names("job_interview_stages", ids))

    # Records.

    def merge(self, fault: kinds.Merge, dice: Random) -> Done:
        done: list[str] = []
        with self._quiet(fault):
            for _, row in self._picked(fault, dice, ("candidates",)):
                others = [one["id"] for _, one in self._matching(fault.into, ("candidates",)) if one is not row]
                if not others:
                    raise Refusal("there is nobody to merge them into")
                primary = dice.choice(others)
                people.merge(self.sandbox, self._actor(fault), primary, row["id"])
                done.append(f"candidates/{row['id']} into candidates/{primary}")
        return Done(done)

    def hide(self, fault: kinds.Hide, dice: Random) -> Done:
        hidden, db = self.sandbox.hidden, self.sandbox.db
        picked = self._picked(fault, dice, tuple(db.tables))
        mine: list[tuple[str, int]] = []
        for kind, row in picked:
            own = [(kind, row["id"])]
            for below in BELOW.get(kind, ()):
                own += [(below, one["id"]) for one in db[below].where(f"{kind.removesuffix('s')}_id", row["id"])]
            mine += [(name, id) for name, id in own if id not in hidden.get(name, ())]
        for name, id in mine:
            hidden.setdefault(name, set()).add(id)

        def show() -> None:
            for name, id in mine:
                hidden[name].discard(id)

        return Done([f"{kind}/{row['id']}" for kind, row in picked], show)

    def anonymize(self, fault: kinds.Anonymize, dice: Random) -> Done:
        picked = self._picked(fault, dice, ("candidates",))
        with self._quiet(fault):
            for _, row in picked:
                people.anonymize(self.sandbox, self._actor(fault), row["id"], people.ANONYMIZABLE)
        return Done([f"candidates/{row['id']}" for _, row in picked])

    def delete(self, fault: kinds.Delete, dice: Random) -> Done:
        ways: dict[str, Callable[[Sandbox, Actor, int], object]] = {
            "candidates": people.delete, "applications": pipeline.delete, "notes": people.delete_note,
            "candidate_tags": people.delete_tag, "applied_candidate_tags": people.remove_tag,
        }  # fmt: skip
        picked = self._picked(fault, dice, tuple(ways))
        with self._quiet(fault):
            for kind, row in picked:
                if row["id"] in self.sandbox.db[kind].rows:  # it may have gone with one before it
                    ways[kind](self.sandbox, self._actor(fault), row["id"])
        return Done([f"{kind}/{row['id']}" for kind, row in picked])

    def change(self, fault: kinds.Change, dice: Random) -> Done:
        """Candidates and applications, with the values that their PATCH takes; `stage` moves an application."""
        picked = self._picked(fault, dice, ("candidates", "applications"))
        done: list[str] = []
        with self._quiet(fault):
            for kind, row in picked:
                values = _filled(fault.set, row["id"])
                if kind == "candidates":
                    people.update(self.sandbox, self._actor(fault), row["id"], values)
                elif not self._change_application(fault, row, values):
                    continue
                done.append(f"{kind}/{row['id']}")
        return Done(done)

    def _change_application(self, fault: kinds.Change, row: Row, values: dict[str, Any]) -> bool:
        """Whether it could be: a move passes by what is not in process, or is there already."""
        name = values.pop("stage", None)
        if values:
            pipeline.update(self.sandbox, self._actor(fault), row["id"], values)
        if name is None:
            return True
        ladder = pipeline.stages(self.sandbox, row["job_id"]) if row["status"] == "in_process" and row["job_id"] else []
        stage = next((one["id"] for one in ladder if one["name"] == name), None)
        if stage in (None, row["job_interview_stage_id"]):
            return bool(values)
        pipeline.move(self.sandbox, self._actor(fault), row["id"], {
            "from_stage_id": row["job_interview_stage_id"], "to_stage_id": stage})  # fmt: skip
        return True


def _names(kind: str, ids: list[int]) -> list[str]:
    return [f"{kind}/{id}" for id in ids]


def _filled(values: Mapping[str, Any], id: int) -> dict[str, Any]:
    """Values in which `{id}` stands for the record's own."""

    def fill(value: Any) -> Any:
        match value:
            case str():
                return value.replace("{id}", str(id))
            case dict():
                return {key: fill(inner) for key, inner in value.items()}
            case list():
                return [fill(inner) for inner in value]
            case _:
                return value

    return {key: fill(value) for key, value in values.items()}

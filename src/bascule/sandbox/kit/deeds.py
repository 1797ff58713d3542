"""What faults do to a tenant's data and credentials. The frame is here; a vendor gives its own functions in `Doing`."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from . import kinds
from .errors import Refused
from .faults import Deeds, Done, Refusal
from .ids import Id
from .tables import Actor, Row
from .tenant import Tenant

# The kinds that a deed was done to, as `custom_fields/9001`.
To = Iterable[str]


@dataclass(frozen=True)
class Doing:
    """The vendor's functions, those that its pages and its interface use too. What is None cannot be ordered.

    They raise Refused where the tenant does not allow it.
    """

    # As whom it is done, in the log: the first administrator's id.
    admin: Callable[[], Id] = lambda: None

    # Credentials, rows of `credentials`: (who, id).
    forget_tokens: Callable[[Id], object] | None = None
    forget_consents: Callable[[Id], object] | None = None
    revoke: Callable[[Actor, Id], object] | None = None
    # (who, id, how long the old secret still works)
    rotate: Callable[[Actor, Id, timedelta], object] | None = None
    # Whether credentials have `scopes` that can be lost.
    scopes: bool = False

    # The schema. Raise Refusal where nothing has that name.
    rename_field: Callable[[Actor, str, str], To] | None = None
    remove_field: Callable[[Actor, str], To] | None = None
    # (who, name, whose field, type)
    require_field: Callable[[Actor, str, str, str], To] | None = None
    # (who, name, new option, how many records choose it, dice)
    add_option: Callable[[Actor, str, str, int, Random], To] | None = None
    rename_stage: Callable[[Actor, str, str], To] | None = None

    # Records. (who, into whom, who goes)
    merge: Callable[[Actor, Id, Id], object] | None = None
    anonymize: Callable[[Actor, Id], object] | None = None
    # kind: (who, id)
    delete: Mapping[str, Callable[[Actor, Id], object]] = field(default_factory=dict)
    # kind: (who, row, values), whether anything was done.
    change: Mapping[str, Callable[[Actor, Row, dict[str, Any]], bool]] = field(default_factory=dict)
    # What hides with a record that cannot be seen any more: kind: (kind below, its column that points there).
    below: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


def deeds(tenant: Tenant[Any], doing: Doing) -> Deeds:
    """Every deed that can be ordered of this tenant."""
    frame = Frame(tenant, doing)
    able: dict[str, tuple[Any, Callable[[Any, Random], Done]]] = {
        "expire_tokens": (doing.forget_tokens, frame.expire_tokens),
        "expire_consents": (doing.forget_consents, frame.expire_consents),
        "revoke": (doing.revoke, frame.revoke), "rotate": (doing.rotate, frame.rotate),
        "lose_scopes": (doing.scopes, frame.lose_scopes),
        "rename_field": (doing.rename_field, frame.schema), "remove_field": (doing.remove_field, frame.schema),
        "require_field": (doing.require_field, frame.schema), "add_option": (doing.add_option, frame.schema),
        "rename_stage": (doing.rename_stage, frame.schema),
        "merge": (doing.merge, frame.merge), "hide": (True, frame.hide),
        "anonymize": (doing.anonymize, frame.anonymize),
        "delete": (doing.delete, frame.delete), "change": (doing.change, frame.change),
    }  # fmt: skip
    return {kind: _refusing(do) for kind, (able_to, do) in able.items() if able_to}


def _refusing(do: Callable[[Any, Random], Done]) -> Callable[[Any, Random], Done]:
    """What the tenant refuses, as a fault says it."""

    def act(fault: Any, dice: Random) -> Done:
        try:
            return do(fault, dice)
        except Refused as refused:
            raise Refusal(str(refused)) from None

    return act


class Frame:
    def __init__(self, tenant: Tenant[Any], doing: Doing) -> None:
        self.tenant = tenant
        self.doing = doing

    def _actor(self, fault: kinds.Deed) -> Actor:
        return Actor(f"fault:{fault.kind}", self.doing.admin())

    @contextmanager
    def _quiet(self, fault: kinds.OnRecords) -> Generator[None]:
        hooks = self.tenant.hooks
        muted, hooks.muted = hooks.muted, hooks.muted or fault.quiet
        try:
            yield
        finally:
            hooks.muted = muted

    def _matching(self, pattern: str, known: Iterable[str]) -> list[tuple[str, Row]]:
        """The rows whose `kind/id` is of a pattern, oldest first."""
        found = [(kind, row) for kind in known for row in self.tenant.db[kind]
                 if re.fullmatch(pattern, f"{kind}/{row['id']}")]  # fmt: skip
        if not found:
            raise Refusal(f"no object of this tenant is {pattern} ({', '.join(known)})")
        return found

    def _picked(self, fault: kinds.OnRecords, dice: Random, known: Iterable[str]) -> list[tuple[str, Row]]:
        found = self._matching(fault.object, known)
        if fault.count is None or fault.count >= len(found):
            return found
        return dice.sample(found, fault.count)

    # Credentials.

    def _credentials(self, fault: kinds.OnCredentials) -> list[Id]:
        return [row["id"] for _, row in self._matching(fault.object, ("credentials",)) if not row["revoked"]]

    def expire_tokens(self, fault: kinds.ExpireTokens, dice: Random) -> Done:
        assert self.doing.forget_tokens
        ids = self._credentials(fault)
        for id in ids:
            self.doing.forget_tokens(id)
        return Done(_names("credentials", ids))

    def expire_consents(self, fault: kinds.ExpireConsents, dice: Random) -> Done:
        assert self.doing.forget_consents
        ids = self._credentials(fault)
        for id in ids:
            self.doing.forget_consents(id)
        return Done(_names("credentials", ids))

    def revoke(self, fault: kinds.Revoke, dice: Random) -> Done:
        assert self.doing.revoke
        ids, actor = self._credentials(fault), self._actor(fault)
        for id in ids:
            self.doing.revoke(actor, id)
        valid = {id: {"revoked": False} for id in ids}
        return Done(_names("credentials", ids), lambda: self._set("credentials", valid))

    def rotate(self, fault: kinds.Rotate, dice: Random) -> Done:
        assert self.doing.rotate
        ids, actor = self._credentials(fault), self._actor(fault)
        for id in ids:
            self.doing.rotate(actor, id, timedelta(seconds=fault.grace))
        return Done(_names("credentials", ids))

    def lose_scopes(self, fault: kinds.LoseScopes, dice: Random) -> Done:
        ids, rows = self._credentials(fault), self.tenant.db["credentials"].rows
        before = {id: {"scopes": rows[id]["scopes"]} for id in ids}
        left = {id: {"scopes": [one for one in rows[id]["scopes"] if one not in fault.scopes]} for id in ids}
        self._set("credentials", left, self._actor(fault))
        return Done(_names("credentials", ids), lambda: self._set("credentials", before))

    def _set(self, kind: str, values: Mapping[Id, Mapping[str, Any]], actor: Actor | None = None) -> None:
        for id, own in values.items():
            if id in self.tenant.db[kind].rows:
                self.tenant.db.change(kind, id, actor or Actor("fault:over"), own)

    # The schema.

    def schema(self, fault: kinds.OnSchema, dice: Random) -> Done:
        actor, doing = self._actor(fault), self.doing
        match fault:
            case kinds.RenameField() if doing.rename_field:
                return Done(list(doing.rename_field(actor, fault.name, fault.to)))
            case kinds.RemoveField() if doing.remove_field:
                return Done(list(doing.remove_field(actor, fault.name)))
            case kinds.RequireField() if doing.require_field:
                return Done(list(doing.require_field(actor, fault.name, fault.on, fault.type)))
            case kinds.AddOption() if doing.add_option:
                return Done(list(doing.add_option(actor, fault.name, fault.to, fault.count, dice)))
            case kinds.RenameStage() if doing.rename_stage:
                return Done(list(doing.rename_stage(actor, fault.name, fault.to)))
            case _:
                raise Refusal("this sandbox cannot do that")

    # Records.

    def merge(self, fault: kinds.Merge, dice: Random) -> Done:
        assert self.doing.merge
        done: list[str] = []
        with self._quiet(fault):
            for _, row in self._picked(fault, dice, ("candidates",)):
                others = [one["id"] for _, one in self._matching(fault.into, ("candidates",)) if one is not row]
                if not others:
                    raise Refusal("there is nobody to merge them into")
                primary = dice.choice(others)
                self.doing.merge(self._actor(fault), primary, row["id"])
                done.append(f"candidates/{row['id']} into candidates/{primary}")
        return Done(done)

    def hide(self, fault: kinds.Hide, dice: Random) -> Done:
        hidden, db = self.tenant.hidden, self.tenant.db
        picked = self._picked(fault, dice, tuple(db.tables))
        mine: list[tuple[str, Id]] = []
        for kind, row in picked:
            own = [(kind, row["id"])]
            for below, column in self.doing.below.get(kind, ()):
                own += [(below, one["id"]) for one in db[below].where(column, row["id"])]
            mine += [(name, id) for name, id in own if id not in hidden.get(name, ())]
        for name, id in mine:
            hidden.setdefault(name, set()).add(id)

        def show() -> None:
            for name, id in mine:
                hidden[name].discard(id)

        return Done([f"{kind}/{row['id']}" for kind, row in picked], show)

    def anonymize(self, fault: kinds.Anonymize, dice: Random) -> Done:
        assert self.doing.anonymize
        picked = self._picked(fault, dice, ("candidates",))
        with self._quiet(fault):
            for _, row in picked:
                self.doing.anonymize(self._actor(fault), row["id"])
        return Done([f"candidates/{row['id']}" for _, row in picked])

    def delete(self, fault: kinds.Delete, dice: Random) -> Done:
        picked = self._picked(fault, dice, tuple(self.doing.delete))
        with self._quiet(fault):
            for kind, row in picked:
                if row["id"] in self.tenant.db[kind].rows:  # it may have gone with one before it
                    self.doing.delete[kind](self._actor(fault), row["id"])
        return Done([f"{kind}/{row['id']}" for kind, row in picked])

    def change(self, fault: kinds.Change, dice: Random) -> Done:
        picked = self._picked(fault, dice, tuple(self.doing.change))
        done: list[str] = []
        with self._quiet(fault):
            for kind, row in picked:
                if self.doing.change[kind](self._actor(fault), row, _filled(fault.set, row["id"])):
                    done.append(f"{kind}/{row['id']}")
        return Done(done)


def _names(kind: str, ids: Iterable[Id]) -> list[str]:
    return [f"{kind}/{id}" for id in ids]


def _filled(values: Mapping[str, Any], id: Id) -> dict[str, Any]:
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

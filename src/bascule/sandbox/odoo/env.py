"""The ORM as a program from outside meets it: who asks, in which context, and what reading and searching answer."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

from ..kit.tables import Actor, Database, Row
from . import domains
from .errors import broken, missing, no_access, unknown_field
from .schema import GROUPS, INTERNAL, INTERVIEWER, OFFICER, Field, Model
from .values import text_of

if TYPE_CHECKING:
    from .options import Options
    from .sandbox import Sandbox

WORDS = {"r": "access", "w": "modify", "c": "create", "d": "delete"}
FULL = {"r": "read", "w": "write", "c": "create", "d": "unlink"}
ORDER = re.compile(r"\s*(?P<name>[a-z_][a-z0-9_]*)(:\w+)?(\s+(?P<way>asc|desc))?(\s+nulls\s+(?P<nulls>first|last))?\s*",
                   re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True)
class Env:
    """One call: of a user, with its groups and its context. `root` may do everything, as the code of Odoo itself."""

    sandbox: Sandbox
    user: Row
    groups: frozenset[str]
    actor: Actor
    context: Mapping[str, Any] = field(default_factory=dict)
    root: bool = False
    # Seconds for which what is created cannot be read.
    late: float = 0.0
    # Another state of the tables than the present one: a replica, or what a transaction has not shown yet.
    past: Database | None = None

    @property
    def db(self) -> Database:
        return self.past or self.sandbox.db

    @property
    def options(self) -> Options:
        return self.sandbox.options

    @property
    def partner(self) -> int:
        return self.user["partner_id"]

    def with_context(self, **more: Any) -> Env:
        return replace(self, context={**self.context, **more})

    def sudo(self) -> Env:
        return replace(self, root=True)

    # Models.

    def model(self, name: str) -> Model:
        return self.sandbox.models[name]

    def fields(self, name: str) -> Mapping[str, Field]:
        return self.sandbox.fields(name)

    def table(self, model: str) -> str:
        return self.sandbox.models[model].table

    def row(self, model: str, id: int) -> Row:
        """A row that is known to be there."""
        return self.db[self.table(model)].rows[id]

    def applicants_of(self, job_id: int) -> list[Row]:
        return self.db[self.table("hr.applicant")].where("job_id", job_id)

    def followers(self, model: str, id: int) -> list[Row]:
        return [one for one in self.db["followers"].where("res_id", id) if one["res_model"] == model]

    # Rights.

    def check(self, model: str, letter: str) -> None:
        """Raises Refused unless the user's groups may do that to records of the model."""
        spec = self.model(model)
        if self.root or any(letter in letters for group, letters in spec.access.items() if group in self.groups):
            return
        able = [GROUPS[group][1] for group, letters in spec.access.items() if letter in letters]
        allowed = "\n".join(f"\t- {name}" for name in able)
        said = f"This operation is allowed for the following groups:\n{allowed}" if able else (
            "No group currently allows this operation.")  # fmt: skip
        raise no_access(f"You are not allowed to {WORDS[letter]} '{spec.label}' ({model}) records.\n\n{said}\n\n"
                        "Contact your administrator to request access if necessary.")  # fmt: skip

    def may_see(self, model: str, name: str, field: Field, how: str) -> None:
        if self.root or not field.group or field.group in self.groups:
            return
        raise no_access(
            f'You do not have enough rights to access the field "{name}" on {self.model(model).label} ({model}). '
            f"Please contact your system administrator.\n\nOperation: {how}\nUser: {self.user['id']}"
        )

    def companies(self) -> set[int]:
        """The companies whose records are seen. Raises Refused for one that is not the user's."""
        wanted = self.context.get("allowed_company_ids")
        own = set(self.user["company_ids"])
        if not wanted:
            return own
        if not set(wanted) <= own and not self.root:
            raise no_access("Access to unauthorized or invalid companies.")
        return set(wanted)

    def rules(self, model: str) -> Callable[[Row], bool]:
        """What of a model's records the user may see at all."""
        spec, kind = self.model(model), self.table(model)
        if self.root:
            return lambda row: True
        companies = self.companies()
        only = OFFICER not in self.groups and model in ("hr.applicant", "hr.candidate")
        local = "company_id" in spec.fields and model not in ("res.users", "res.partner")
        document = {"mail.message": "model", "ir.attachment": "res_model"}.get(model)

        def seen(row: Row) -> bool:
            if row["id"] in self.sandbox.hidden.get(kind, ()):
                return False
            if local and row["company_id"] not in (None, *companies):
                return False
            if only and not self._interviews(model, row):
                return False
            return document is None or self._reaches(row[document], row["res_id"], row)

        return seen

    def _interviews(self, model: str, row: Row) -> bool:
        if INTERVIEWER not in self.groups:
            return False
        if model == "hr.candidate":
            return any(self._interviews("hr.applicant", one)
                       for one in self.db["applications"].where("candidate_id", row["id"]))  # fmt: skip
        job = self.db["jobs"].get(row["job_id"]) or {"interviewer_ids": []}
        return self.user["id"] in (*row["interviewer_ids"], *job["interviewer_ids"])

    def _reaches(self, model: str | None, id: int | None, row: Row) -> bool:
        """Messages and files are seen by whoever sees what they are on."""
        if not model or model not in self.sandbox.models or not id:
            return row.get("create_uid") == self.user["id"] or bool(row.get("public"))
        owner = self.db[self.table(model)].get(id)
        access = self.model(model).access
        able = any("r" in letters for group, letters in access.items() if group in self.groups)
        return owner is not None and able and self.rules(model)(owner)

    def rows(self, model: str, ids: Sequence[int], letter: str) -> list[Row]:
        """The rows of ids. Raises Refused where one does not exist, or may not be touched so."""
        self.check(model, letter)
        table = self.db[self.table(model)]
        gone = [id for id in ids if not self._there(table.get(id))]
        if gone:
            raise missing(model, gone, self.user)
        rows, seen = [table.rows[id] for id in ids], self.rules(model)
        closed = [row for row in rows if not seen(row)]
        if closed:
            spec = self.model(model)
            listed = "\n".join(f"- {spec.label} ({model}: {row['id']})" for row in closed[:6])
            raise no_access(
                f"Uh-oh! Looks like you have stumbled upon some top-secret records.\n\nSorry, {self.user['name']} "
                f"(id={self.user['id']}) doesn't have '{FULL[letter]}' access to:\n{listed}\n\n"
                "If you really, really need access, perhaps you can win over your friendly administrator "
                "with a batch of freshly baked cookies."
            )
        return rows

    def _there(self, row: Row | None) -> bool:
        if row is None:
            return False
        visible = row.get("visible_at")
        return visible is None or visible <= self.sandbox.now()

    # Values.

    def value(self, model: str, row: Row, name: str) -> Any:
        """A field of a record: None where it is empty, an id, or a list of ids."""
        spec = self.fields(model)[name]
        if name == "display_name":
            return self.name_of(model, row["id"])
        if spec.related is not None:
            column, beyond = spec.related
            target = self.fields(model)[column].relation
            at = self.db[self.table(target)].get(row[column])
            return None if at is None else self.value(target, at, beyond)
        if spec.compute is not None:
            return spec.compute(self, row)
        if spec.type == "one2many":
            return self._below(spec, row)
        return row.get(spec.column or name, [] if spec.many else None)

    def _below(self, spec: Field, row: Row) -> list[int]:
        table = self.db[self.table(spec.relation)]
        rows = table.where(spec.inverse, row["id"]) if spec.inverse in table.parents else [
            one for one in table if one.get(spec.inverse) == row["id"]]  # fmt: skip
        found = [one for one in rows if all(one[key] == value for key, value in spec.fixed) and self._there(one)]
        if "active" in self.fields(spec.relation) and self.context.get("active_test", True):
            found = [one for one in found if one["active"]]
        return [one["id"] for one in self._sorted(spec.relation, found, self.model(spec.relation).order, 0)]

    def name_of(self, model: str | None, id: int | None) -> str:
        """How a record is called where another points to it."""
        if not model or model not in self.sandbox.models or id is None:
            return ""
        spec = self.model(model)
        row = self.db[spec.table].get(id)
        if row is None:
            return ""
        if model == "res.groups":
            return str(row["full_name"])
        if model == "ir.model.fields":
            return f"{row['field_description']} ({self.name_of('ir.model', row['model_id'])})"
        named = None if spec.rec_name == "id" else self.value(model, row, spec.rec_name)
        if model == "hr.applicant" and self.context.get("show_partner_name") and self.options.version == "17":
            named = row["partner_name"] or named
        return str(named) if named else f"{model},{id}" if spec.rec_name == "id" else ""

    def shown(self, model: str, row: Row, name: str, load: str | None = "_classic_read") -> Any:
        """A field as it is answered."""
        spec, value = self.fields(model)[name], self.value(model, row, name)
        match spec.type:
            case "many2one" if value is not None and load:
                return [value, self.name_of(spec.relation, value)]
            case "datetime":
                return text_of(value) if value else False
            case "binary":
                return self._file(value)
            case "properties":
                return self._properties(row, value or {})
            case "many2many" | "one2many":
                return list(value or ())
            case "properties_definition":
                return value or []
            case "integer" | "float" | "monetary":
                return value or 0
            case "many2one_reference":
                return value or (0 if self.options.version == "17" else False)
            case "boolean":
                return bool(value)
            case _:
                return False if value is None else value

    def _file(self, content: bytes | None) -> Any:
        if content is None:
            return False
        if self.context.get("bin_size") or self.context.get("bin_size_datas"):
            return f"{len(content) / 1024:.2f} Kb" if len(content) >= 1024 else f"{len(content)}.00 bytes"
        return base64.b64encode(content).decode()

    def _properties(self, row: Row, held: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [{**one, "value": held.get(one["name"], False)} for one in self.definition(row)]

    def definition(self, row: Row) -> list[dict[str, Any]]:
        """The properties an applicant can have: its job says which."""
        job: Row = self.db["jobs"].get(row["job_id"]) or {}
        known: list[dict[str, Any]] = job.get("applicant_properties_definition") or []
        return known

    # Searching.

    def having(self, model: str, domain: Any, *, active: bool) -> set[int]:
        """The ids that another domain points to, whoever may see them."""
        env = self.sudo() if active else self.sudo().with_context(active_test=False)
        return {row["id"] for row in env.found(model, domain)}

    def found(self, model: str, domain: Any) -> list[Row]:
        """Every row of a domain that the user may see; archived ones only where they are asked for."""
        self.check(model, "r")
        domain = [] if domain in (None, False) else domain
        test, seen = domains.compile(self, model, domain), self.rules(model)
        living = "active" in self.fields(model) and self.context.get("active_test", True) and not (
            domains.mentions(domain, "active"))  # fmt: skip
        return [row for row in self.db[self.table(model)]
                if self._there(row) and (not living or row["active"]) and test(row) and seen(row)]  # fmt: skip

    def search(self, model: str, domain: Any, offset: int = 0, limit: int | None = None, order: str | None = None) -> (
        list[Row]
    ):  # fmt: skip
        rows = self._sorted(model, self.found(model, domain), order or self.model(model).order, offset)
        return rows[offset : offset + limit if limit else None]

    def _sorted(self, model: str, rows: Iterable[Row], order: str, offset: int) -> list[Row]:
        """In an order. What it leaves open is open: rows that are equal in it come as they may, page by page."""
        dice = f"{self.options.seed}-{offset}"
        ordered = sorted(rows, key=lambda row: crc32(f"{dice}-{row['id']}-{row['updated_at']}".encode()))
        for part in reversed(order.split(",")):
            named = ORDER.fullmatch(part)
            spec = named and self.fields(model).get(named["name"])
            if not named:
                raise broken(f'Invalid "order" specified ("{order}"). A valid "order" specification is a '
                             'comma-separated list of valid field names (optionally followed by asc/desc)')  # fmt: skip
            if spec is None:
                raise unknown_field(named["name"], model, self.options.version)
            if not spec.store and not spec.related and model == "hr.applicant":
                raise broken(f"Cannot convert {model}.{named['name']} to SQL because it is not stored")
            self._sort(ordered, model, named["name"], spec, (named["way"] or "asc").lower() == "desc", named["nulls"])
        return ordered

    def _sort(self, rows: list[Row], model: str, name: str, spec: Field, down: bool, nulls: str | None) -> None:
        def value(row: Row) -> Any:
            held = self.value(model, row, name)
            if spec.type == "many2one" and held is not None:
                return self._place(spec.relation, held)
            return str(held).casefold() if isinstance(held, str) and spec.type != "selection" else held

        keys = {row["id"]: value(row) for row in rows}
        last = (nulls or ("first" if down else "last")).lower() == "last"
        full = sorted(
            (row for row in rows if keys[row["id"]] is not None), key=lambda row: keys[row["id"]], reverse=down
        )
        bare = [row for row in rows if keys[row["id"]] is None]
        rows[:] = full + bare if last else bare + full

    def _place(self, model: str, id: int) -> Any:
        """Where a record stands in its own model's order, for those that point to it."""
        first = self.model(model).order.split(",")[0].split()
        row = self.db[self.table(model)].get(id)
        held = None if row is None else self.value(model, row, first[0])
        if isinstance(held, int | float):
            return (held, "", id)
        return (0, str(held or "").casefold(), id)

    def read(self, model: str, rows: Iterable[Row], fields: Sequence[str] | None, load: str | None) -> (
        list[dict[str, Any]]
    ):  # fmt: skip
        """What is answered of rows. All fields the user may see where none are named."""
        specs = self.fields(model)
        names = (
            list(fields)
            if fields
            else [name for name, spec in specs.items() if self.root or not spec.group or spec.group in self.groups]
        )
        for name in names:
            if name not in specs:
                raise unknown_field(name, model, self.options.version)
            self.may_see(model, name, specs[name], "read")
        wanted = [name for name in names if name != "id"]
        at = self.sandbox.db.real_now().timestamp()
        answer: list[dict[str, Any]] = []
        for row in rows:
            answer.append({"id": row["id"], **{name: self.shown(model, row, name, load) for name in wanted}})
            self.sandbox.overwrites.read(self.actor.kind, self.table(model), row["id"], at)
        return answer

    def described(self, model: str, wanted: Sequence[str] | None, attributes: Sequence[str] | None) -> dict[str, Any]:
        """fields_get: every field the user may see, with what can be known of it."""
        told: dict[str, Any] = {}
        for name, spec in self.fields(model).items():
            if (wanted and name not in wanted) or (spec.group and spec.group not in self.groups and not self.root):
                continue
            facts = _facts(name, spec)
            told[name] = {key: value for key, value in facts.items() if not attributes or key in attributes}
        return told


def _facts(name: str, spec: Field) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "type": spec.type, "string": spec.string, "name": name, "readonly": spec.readonly or spec.compute is not None,
        "required": spec.required, "store": spec.store or spec.type == "one2many", "manual": spec.manual,
        "searchable": spec.store or spec.search is not None or spec.related is not None or spec.type == "one2many",
        "sortable": spec.store and not spec.many and spec.type not in ("binary", "properties"),
        "company_dependent": False, "change_default": False, "depends": [],
    }  # fmt: skip
    if spec.help:
        facts["help"] = spec.help
    if spec.relation:
        facts |= {"relation": spec.relation, "domain": [], "context": {}}
    if spec.inverse:
        facts["relation_field"] = spec.inverse
    if spec.type == "selection":
        facts["selection"] = [list(one) for one in spec.selection]
    if spec.size:
        facts["size"] = spec.size
    if spec.related:
        facts["related"] = ".".join(spec.related)
    if spec.group:
        facts["groups"] = GROUPS[spec.group][0]
    return facts


def given(user: Row, scopes: Iterable[str]) -> frozenset[str]:
    """The groups a key acts with: those of its user, with what they bring along."""
    own = set(user["groups"]) & set(scopes)
    return frozenset(own | {more for group in own for more in GROUPS[group][2]} | {INTERNAL})

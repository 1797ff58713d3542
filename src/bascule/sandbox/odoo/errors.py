"""What Odoo refuses, each by the name of its exception, which all three interfaces show in their own way."""

from __future__ import annotations

from collections.abc import Iterable

from ..kit.errors import Refused
from ..kit.tables import Row

DENIED = "odoo.exceptions.AccessDenied"
ACCESS = "odoo.exceptions.AccessError"
USER = "odoo.exceptions.UserError"
MISSING = "odoo.exceptions.MissingError"
INVALID = "odoo.exceptions.ValidationError"
# Fault codes of XML-RPC; whatever is not here is 1, with a traceback for a text.
FAULTS = {USER: 2, MISSING: 2, INVALID: 2, DENIED: 3, ACCESS: 4}


def denied(message: str = "Access Denied") -> Refused:
    return Refused(403, message, code=DENIED)


def no_access(message: str) -> Refused:
    return Refused(403, message, code=ACCESS)


def user_error(message: str) -> Refused:
    return Refused(422, message, code=USER)


def invalid(message: str) -> Refused:
    return Refused(422, message, code=INVALID)


def missing(model: str, ids: Iterable[int], user: Row | None) -> Refused:
    listed = ", ".join(map(str, ids))
    who = user["id"] if user else 1
    text = f"Record does not exist or has been deleted.\n(Record: {model}({listed},), User: {who})"
    return Refused(404, text, code=MISSING)


def broken(message: str, kind: str = "ValueError") -> Refused:
    """An exception of the programming language: a mistake of the caller that Odoo does not word for people."""
    return Refused(500, message, code=f"builtins.{kind}")


def mandatory(label: str, model: str, field: str, name: str) -> Refused:
    """A column that may not be empty is."""
    return invalid(
        "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n"
        "- Delete: another model requires the record being deleted. If possible, archive it instead.\n\n"
        f"Model: {label} ({model})\nField: {field} ({name})\n"
    )


def unknown_field(name: object, model: str, version: str) -> Refused:
    return broken(f"Invalid field {name!r} in {model!r}" if version == "19"
                  else f"Invalid field {name!r} on model {model!r}")  # fmt: skip

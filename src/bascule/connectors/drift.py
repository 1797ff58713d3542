"""What has changed in an account's own schema between two looks: custom fields by their id. What answers show otherwise
than recorded is told in the same words (`shapes`).

Pure. A field that is called otherwise, is gone, new, required or of another type, and a choice that is new or gone,
each by itself: nothing else of the mapping is touched by any of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .spec import CustomField, Tenant


class What(StrEnum):
    """How a field has drifted."""

    RENAMED = "renamed"
    REMOVED = "removed"
    NEW = "new"
    REQUIRED = "required"
    RETYPED = "of another type"
    CHOICES = "other choices"
    SHOWN = "shown"  # a key of an answer that the recorded shape does not have
    HIDDEN = "not shown any more"  # one that it has


@dataclass(frozen=True, slots=True)
class Drift:
    """One field's change. `field` is the mapped vendor field behind it, if one carries it by itself; `was` and `now`
    are its names, types or choices, as `what` says."""

    what: What
    object: str
    id: str
    name: str
    field: str
    was: str = ""
    now: str = ""


def compare(before: Tenant, after: Tenant) -> tuple[Drift, ...]:
    """Nothing for an account that was not known before."""
    if not before.custom and not before.fields:
        return ()
    old = {(one.level, one.id): one for one in before.custom.values()}
    new = {(one.level, one.id): one for one in after.custom.values()}
    found: list[Drift] = []
    for key in sorted(old.keys() | new.keys()):
        found += _custom(old.get(key), new.get(key))
    return tuple(found)


def _custom(old: CustomField | None, new: CustomField | None) -> Iterable[Drift]:
    """One field by its id."""
    there, here = old if old and old.active else None, new if new and new.active else None
    one = here or there
    if one is None:
        return

    def drift(what: What, was: str = "", now: str = "") -> Drift:
        return Drift(what, one.level, one.id, one.name, f"custom.{(there or one).key}", was, now)

    if there is None:
        yield drift(What.NEW, now=one.type)
    elif here is None:
        yield drift(What.REMOVED)
    else:
        if (there.name, there.key) != (here.name, here.key):
            shown = there.name != here.name  # else it is its key that is another
            yield drift(What.RENAMED, *((there.name, here.name) if shown else (there.key, here.key)))
        if there.type != here.type:
            yield drift(What.RETYPED, there.type, here.type)
        if there.options != here.options and here.options:  # none at all: the right to see them is missing
            gone = sorted(name for id, name in there.options.items() if here.options.get(id) != name)
            added = sorted(name for id, name in here.options.items() if there.options.get(id) != name)
            yield drift(What.CHOICES, ", ".join(gone), ", ".join(added))
    if one.required and here is not None and not (there is not None and there.required):
        yield drift(What.REQUIRED)

"""Whether what a read shows is new to us, and whose it is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bascule.core.digest import same
from bascule.core.writing import FEW
from bascule.model import Family, FamilyState, Kind, LinkState, Pair, Part, Presence, Read

from .connections import Connected


def new(at: Connected, family: Family, read: Read) -> bool:
    """Whether a read could change anything: it shows a value that is not the settled one, an object nobody knows,
    lacks one that should be there, or something of ours is under way."""
    if family.attempts or family.state is not FamilyState.LIVE:
        return True
    links = {(link.kind, link.external): link for link in family.links.values() if link.connection == at.id}
    for part in read.parts:
        link = links.get((part.kind, part.external))
        if link is None or link.state is not LinkState.LIVE or link.missing:
            return True
        if says(at, read, part, link.pairs.get):
            return True
    shown = {(part.kind, part.external) for part in read.parts}
    return any(
        link.kind == whole.kind and link.state is LinkState.LIVE and (link.kind, link.external) not in shown
        and link.parent in (None, whole.parent)
        for whole in read.complete
        for link in links.values()
    )  # fmt: skip


def says(at: Connected, read: Read, part: Part, pair_of: Callable[[str], Pair | None]) -> bool:
    """Whether a part shows anything but what is settled. An object that is to be read behind a fence has nothing to say
    before it: that read has been asked for, and will show all of this one."""
    if part.presence is not Presence.HERE:
        return True
    shown = [(mapped, pair_of(mapped.name)) for mapped in at.view.fields.get(part.kind, ()) if mapped.name in part.seen]
    missing = (pair_of(m.name) for m in at.view.fields.get(part.kind, ()) if m.name not in part.seen)
    if any(pair is not None and pair.of == part.of and pair.missed <= FEW for pair in missing):
        return True
    if any(pair and pair.awaiting and pair.fence and read.started < pair.fence for _, pair in shown):
        return False
    return any(
        pair is None
        or pair.gap
        or pair.missed
        or pair.awaiting is not None
        or not same(mapped, pair.theirs, part.seen[mapped.name])
        for mapped, pair in shown
    )


def owned(read: Read, family: str, owners: Mapping[tuple[Kind, str], str]) -> Read:
    """Of a read, what no other family holds."""
    parts = tuple(p for p in read.parts if owners.get((p.kind, p.external), family) == family)
    return read if len(parts) == len(read.parts) else replace(read, parts=parts)


def strayed(read: Read, family: str, owners: Mapping[tuple[Kind, str], str]) -> dict[str, tuple[Part, ...]]:
    """Of a read, what other families hold, by family."""
    found: dict[str, tuple[Part, ...]] = {}
    for part in read.parts:
        owner = owners.get((part.kind, part.external), family)
        if owner != family:
            found[owner] = (*found.get(owner, ()), part)
    return found

"""What was read in a CV, each value with the words it stands in."""

from __future__ import annotations

from collections.abc import Iterator

from bascule.hiring.found import quote
from bascule.match.resume import Held, Known, Resume, Said

from ..rendering import count
from ..views.candidate import ReadValue, ResumePage

SKILLS = 60
"""Skills that are shown, those of the longest work first."""


def page(id: str, name: str, text: str, found: Resume) -> ResumePage:
    """One CV. `text` is as it was read."""
    return ResumePage(id, name, tuple(_values(text, found)), max(0, len(found.skills) - SKILLS), text)


def _values(text: str, found: Resume) -> Iterator[ReadValue]:
    now = (("Title now", found.title), ("Employer now", found.employer))
    single = (("Name", found.name), ("Lives in", found.location), *now)
    many = (("E-mail", found.emails), ("Phone", found.phones), ("Link", found.links))
    last = (("Education", found.education), ("Certificate", found.certificates), ("Language", found.languages))
    yield from (_said(text, what, one) for what, one in single if one is not None)
    if found.years is not None:
        worked, positions = found.years, count(len(found.positions), "position")
        yield ReadValue(
            "Years of work", f"{worked.value:g}", _sure(worked.confidence), f"in {positions}", worked.start, worked.end
        )
    yield from (_said(text, what, one) for what, those in many for one in those)
    yield from (_held(text, one) for one in found.positions)
    yield from (_said(text, what, one) for what, those in last for one in those)
    skills = sorted(found.skills, key=lambda one: (-one.months, one.start))
    yield from (_known(text, one) for one in skills[:SKILLS])


def _said(text: str, what: str, one: Said) -> ReadValue:
    return ReadValue(what, one.value, _sure(one.confidence), quote(text, one), one.start, one.end)


def _held(text: str, one: Held) -> ReadValue:
    named = ", ".join(said.value for said in (one.title, one.employer) if said is not None)
    value = f"{named or 'Not named'}: {one.first} to {one.last or 'now'}"
    first = one.title or one.employer
    line = quote(text, first) if first is not None else ""
    return ReadValue("Position", value, _sure(one.confidence), line, one.start, one.end)


def _known(text: str, one: Known) -> ReadValue:
    facts = [count(one.months, "month")] if one.months else []
    facts += [] if one.named else ["in other words"]
    value = one.label + (f" ({', '.join(facts)})" if facts else "")
    said = Said(one.label, one.confidence, one.start, one.end)
    return ReadValue("Skill", value, _sure(one.confidence), quote(text, said), one.start, one.end)


def _sure(confidence: float) -> int:
    return round(confidence * 100)

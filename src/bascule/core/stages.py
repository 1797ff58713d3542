"""Stage types: our ladder, what a stage's name suggests, and which moves are forward."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from bascule.model import Record, StageType

LADDER: tuple[StageType, ...] = tuple(StageType)

WORDS: Mapping[StageType, tuple[str, ...]] = {
    StageType.HIRED: ("hired", "eingestellt", "anstalld", "ansatt", "embauche", "contratado", "aangenomen", "assunto"),
    StageType.OFFER: (
        "offer", "angebot", "vertrag", "contract", "erbjudande", "tilbud", "offre", "proposition", "oferta",
        "aanbod", "offerta", "salary", "gehalt", "reference", "background check", "pre-boarding", "preboarding",
    ),
    StageType.ASSESS: (
        "assessment", "assess", "test", "take home", "take-home", "case study", "fallstudie", "exercise", "challenge",
        "prov", "arbetsprov", "evaluation", "prueba", "evaluacion", "opdracht", "probearbeit", "valutazione",
        "assignment",
    ),
    StageType.SCREEN: (
        "screen", "screening", "phone", "telephone", "telefon", "recruiter call", "intro call", "review", "sichtung",
        "vorauswahl", "prescreen", "preselection", "preseleccion", "urval", "granskning", "forste samtale", "shortlist",
        "cv check", "voorselectie", "preselezione", "qualification", "longlist",
    ),
    StageType.INTERVIEW: (
        "interview", "onsite", "on-site", "face to face", "panel", "final round", "gesprach", "vorstellungsgesprach",
        "intervju", "entretien", "entrevista", "sollicitatiegesprek", "gesprek", "colloquio",
        "hiring manager", "team fit",
        "technical", "samtal", "virtual", "meet the team",
    ),
    StageType.APPLIED: (
        "applied", "application", "applicant", "new", "inbox", "incoming", "received", "bewerbung", "eingang",
        "beworben",
        "neu", "ansokan", "inkommen", "soknad", "candidature", "nouveau", "solicitud", "aplicado", "nuevo",
        "sollicitatie", "nieuw", "candidatura", "nuovo", "initial qualification",
    ),
    StageType.LEAD: (
        "lead", "prospect", "sourced", "sourcing", "talent pool", "reached out", "contacted", "kontaktiert", "vivier",
        "contactado", "interessent", "passive", "referral", "in progress outreach",
    ),
}  # fmt: skip
"""Looked for in this order: "final interview and offer" is an offer, "phone interview" a screen."""


def fold(name: str) -> str:
    """A name without case, accents and punctuation, its words one space apart."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("ß", "ss").replace("ø", "o")
    return " ".join(re.findall(r"\w+", plain.replace("æ", "ae")))


def propose(name: str) -> StageType | None:
    """The type a stage's name suggests, in several languages; None when it says nothing. A person confirms it."""
    padded = f" {fold(name)} "
    for stage_type, words in WORDS.items():
        for word in words:
            known = fold(word)
            found = f" {known} " in padded if len(known) < 5 else f" {known}" in padded or f"{known} " in padded
            if found:
                return stage_type
    return None


def place(stage_type: StageType | str | None) -> int | None:
    """The rung of a type on the ladder."""
    try:
        return LADDER.index(StageType(stage_type)) if stage_type else None
    except ValueError:
        return None


def is_forward(a: Record | None, b: Record | None) -> bool | None:
    """Whether going from stage `a` to stage `b` is forward. None when their types and places do not tell.

    Between two types the ladder decides; within one type the pipeline's own order does. From no stage, every stage is
    forward.
    """
    if b is None:
        return None
    if a is None:
        return True
    if a.id == b.id:
        return False
    here, there = place(_text(a, "type")), place(_text(b, "type"))
    if here is not None and there is not None and here != there:
        return there > here
    orders = (a.fields.get("order"), b.fields.get("order"))
    if a.parent == b.parent and all(isinstance(o, (int, float)) for o in orders):
        return float(orders[1]) > float(orders[0])  # type: ignore[arg-type]
    return None


def _text(record: Record, name: str) -> str | None:
    value = record.fields.get(name)
    return value if isinstance(value, str) else None


def moves(stage: Record | None, stages: Iterable[Record]) -> tuple[Record, ...]:
    """The stages a person may move an application to: the active ones of the same job, in order, but hired ones.

    Hiring happens in the ATS and is read from there.
    """
    open_to = [
        s
        for s in stages
        if (stage is None or (s.id != stage.id and s.parent == stage.parent))
        and s.fields.get("active") is not False
        and place(_text(s, "type")) != place(StageType.HIRED)
    ]
    return tuple(sorted(open_to, key=_order))


def _order(stage: Record) -> tuple[float, str]:
    order = stage.fields.get("order")
    return (float(order) if isinstance(order, (int, float)) else 0.0, stage.id)

"""A score in words: a few lines for a field in the ATS, and the note."""

from .rubric import Rubric
from .score import Score, ScorePart
from .tongues import tongues

_UNIT = 10


def points(tenths: int) -> str:
    """Tenths of a point as people write them: 72, 8.5."""
    return f"{tenths / _UNIT:.1f}".removesuffix(".0")


def reasons_short(score: Score) -> tuple[str, ...]:
    """Three to five short lines, strongest part first, then what is missing; one line when there is no score."""
    if not score.scored:
        return (score.reason,)
    lines = [_part_line(part) for part in sorted(score.parts, key=lambda p: (-p.points, p.key))][:3]
    missing = [what for part in score.parts for what in part.missing]
    if missing:
        lines.append("Missing: " + "; ".join(missing[:3]))
    if score.flags:
        lines.append("Check: " + "; ".join(sorted({flag.kind for flag in score.flags})))
    return tuple(_short(line, 160) for line in lines)


def note(score: Score, job: str = "") -> str:
    """The note for the ATS, plain text: the score, each part with its evidence, what it is and what it is not."""
    about = f" for {job}" if job else ""
    if not score.scored:
        lines = [f"No match score{about}. {score.reason}"]
        lines += [f"Check: {flag.kind} - {flag.what}" for flag in score.flags]
        return "\n".join(lines)
    lines = [f"Match score{about}: {points(score.tenths)} of 100", ""]
    for part in score.parts:
        lines.append(f"{part.name}: {points(part.points)} of {points(part.weight)}")
        for reason in part.reasons[:6]:
            quote = f": “{_short(' '.join(reason.quote.split()), 120)}”" if reason.quote else ""
            source = "" if reason.source == "resume" else f" [answer to “{_short(reason.source, 60)}”]"
            lines.append(f"  + {reason.text}{quote}{source}")
        lines += [f"  - {what}" for what in part.missing[:6]]
    lines += _conditions(score)
    if score.flags:
        lines += ["", "Please check; no trick earned points:"]
        lines += [f"  ! {flag.kind}: {flag.what}" + (f" ({flag.where})" if flag.where else "") for flag in score.flags]
    lines += [
        "",
        "What this is: how much of what the job asks for this resume shows, by the parts above. What it is not: a "
        "forecast of how someone "
        "will do, or a decision. Name, age, gender, nationality, address and photo were taken out before scoring. A "
        "person decides.",
        f"Rubric {score.rubric}, scorer {score.scorer}, skills {score.taxonomy}, as of {score.as_of.isoformat()}.",
    ]
    return "\n".join(lines)


def _conditions(score: Score) -> list[str]:
    """Place and eligibility: to be checked by whoever reads it."""
    if not score.conditions:
        return []
    weighs = any(part.key == "conditions" for part in score.parts)
    lines = ["", "Place and eligibility" + ("" if weighs else " (no points)") + ":"]
    for one in score.conditions:
        told = f"{one.said}: “{_short(' '.join(one.reason.quote.split()), 120)}”" if one.reason else one.said
        if one.reason and one.reason.source != "resume":
            told += f" [answer to “{_short(one.reason.source, 60)}”]"
        lines.append(f"  {one.words}: {told}" + (f"; lives in {one.lives}" if one.lives else ""))
    return lines


def _part_line(part: ScorePart) -> str:
    head = f"{part.name} {points(part.points)}/{points(part.weight)}"
    names = [reason.text for reason in part.reasons[:5]]
    return f"{head}: {', '.join(names)}" if names else head


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…"


def skills_short(score: Score, rubric: Rubric, limit: int = 15) -> tuple[str, ...]:
    """Labels of canonical skills found, for a field in the ATS: those the job asks for first, then the most particular.

    Human languages are left out; they have their own place in the profile.
    """
    asked = {wanted.id for wanted in rubric.skills}
    hits = [hit for hit in score.skills if hit.kind == "technology" or not tongues(hit.label)]
    hits.sort(key=lambda hit: (hit.id not in asked, -hit.weight, hit.start))
    return tuple(hit.label.removesuffix(" (computer programming)").removesuffix(" software") for hit in hits[:limit])

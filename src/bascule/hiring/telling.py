"""What is said of an application: its score as it is stored, as fields of the record, and as a note. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from msgspec import to_builtins

from bascule.match import Profile, Reading, Rubric, Score, note, reasons_short, skills_short
from bascule.model import AiStatus, Fields, Value
from bascule.store import codec, scores

from .resumes import Subject, answers_of, as_of, file_of, person_of, wrong_of

EXPLAINED = "explained"  # what a language model has made of the reasons, beside them in the stored score
EXTRACTED = "extracted"  # what one has read in the CV
_KEPT = ("Missing: ", "Check: ")  # reasons that stand as they are, however the others are put


@dataclass(frozen=True, slots=True)
class Told:
    """A score in all its forms. `value` is None where there is none."""

    body: Fields  # everything a page shows and a replay needs
    fields: dict[str, Value]  # the AI output of the application
    note: str
    value: float | None
    understood: float = 1.0  # how surely the CV's layout was made out, 0 to 1


def tell(
    subject: Subject, reading: Reading, rubric: Rubric, version: int, result: Score | None, profile: Profile | None,
    address: str,
) -> Told:  # fmt: skip
    """`result` is None for a CV that could not be read, `profile` for one that is not scored. `address` is ours."""
    body = _body(subject, reading, rubric, version, result)
    fields = _fields(subject, reading, rubric, result, profile, body, address)
    value = result.value if result is not None and result.scored else None
    understood = profile.confidence if profile is not None else 1.0
    return Told(body, fields, _note(subject, reading, result, body), value, understood)


def _body(subject: Subject, reading: Reading, rubric: Rubric, version: int, result: Score | None) -> Fields:
    """The stored score: everything a page shows and a replay needs."""
    told: dict[str, object]
    if result is None:
        told = {"unreadable": reading.reason, "flags": reading.flags}
    else:
        told = {
            "tenths": result.tenths if result.scored else None,
            "reason": result.reason,
            "reasons": list(reasons_short(result)),
            "flags": result.flags,
        }
        if result.conditions:
            told["conditions"] = result.conditions
    digest = _digest(to_builtins(told))
    body: dict[str, object] = {
        "told": digest,
        "digest": digest + (rubric.version if rubric else ""),
        "reference": f"BSC-{subject.application.id.replace('-', '')[-8:].upper()}-{version}",
        "rubric": rubric.version,
        "rubric_version": version,
        "reader": reading.reader,
        "status": reading.status,
        "reason": reading.reason,
        "pages": reading.pages,
        "language": reading.language,
        "flags": told["flags"],
        "hidden": reading.hidden,
        "resume": subject.resume.id if subject.resume else "",
        "inputs": inputs_of(subject),
    }
    if result is not None:
        body |= {
            "scored": result.scored,
            "reason": result.reason,
            "tenths": result.tenths,
            "confidence": result.confidence,
            "scorer": result.scorer,
            "taxonomy": result.taxonomy,
            "model": result.model,
            "as_of": result.as_of.isoformat(),
            "parts": parts_of(result),
            "conditions": result.conditions,
            "skills": [
                {"id": h.id, "label": h.label, "scheme": h.scheme, "quote": h.quote, "start": h.start, "end": h.end}
                for h in result.skills
            ],
        }
    return frozen(body)


def inputs_of(subject: Subject) -> dict[str, str]:
    """What a score is made of beside rubric and tables, each as a digest: who is blanked in it, the answers, what
    people said is wrong; and, as they are, the CV's file and the day it is judged at."""
    wrong = wrong_of(subject)
    said = [sorted(wrong.skills), sorted(wrong.passages)]
    return {
        "file": file_of(subject.resume) if subject.resume else "",
        "person": _digest(asdict(person_of(subject))),
        "answers": _digest(answers_of(subject)),
        "wrong": _digest(said),
        "day": as_of(subject).isoformat(),
    }


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def _fields(
    subject: Subject, reading: Reading, rubric: Rubric, result: Score | None, profile: Profile | None, body: Fields,
    address: str,
) -> dict[str, Value]:  # fmt: skip
    """The AI output fields of the application."""
    assert subject.job is not None
    common: dict[str, Value] = {
        "audit_reference": body["reference"],
        "shortlist_link": f"{address}/jobs/{subject.job.id}",
    }
    if result is None or not result.scored or profile is None:
        why = reading.reason if result is None else result.reason
        status = AiStatus.UNREADABLE if result is None else AiStatus.NOT_SCORED
        return {
            **common,
            "ai_status": status, "match_score": None, "match_reasons": (why,), "match_skills": (),
            "experience_title": None, "experience_employer": None, "experience_years": None,
        }  # fmt: skip
    return {
        **common,
        "ai_status": AiStatus.SCORED,
        "match_score": round(result.value, 1),
        "match_reasons": reasons_short(result),
        "match_skills": tuple(sorted(skills_short(result, rubric))),
        "experience_title": profile.title or None,
        "experience_employer": profile.employer or None,
        "experience_years": round(profile.years, 1) if profile.positions else None,
    }


def _note(subject: Subject, reading: Reading, result: Score | None, body: Mapping[str, Value]) -> str:
    assert subject.job is not None
    title = str(subject.job.fields.get("title") or "this job")
    if result is None:
        lines = [f"No match score for {title}: the CV could not be read. {reading.reason}"]
        lines += [f"Check: {flag.kind} - {flag.what}" for flag in reading.flags]
        text = "\n".join(lines)
    else:
        text = note(result, title)
    return f"{text}\nAudit reference: {body['reference']}"


def worded(reasons: Value, explained: Mapping[str, Value]) -> tuple[str, ...]:
    """Reasons for a field in the ATS, in the sentences of a language model; what is missing and what is to be checked
    stands as it was."""
    said = explained["sentences"]
    sentences = [str(one["text"]) for one in said if isinstance(one, Mapping)] if isinstance(said, tuple) else []
    lines = [str(one) for one in reasons] if isinstance(reasons, tuple) else []
    return (*sentences, *(one for one in lines if one.startswith(_KEPT)), f"Worded by the model {explained['model']}.")


def experience(extracted: Value) -> dict[str, Value]:
    """The experience fields of an application, from what was extracted; none where no position holds."""
    told = extracted if isinstance(extracted, Mapping) else {}
    given = told.get("positions")
    positions = [one for one in given if isinstance(one, Mapping)] if isinstance(given, tuple) else []
    if not positions:
        return {}
    newest = max(positions, key=lambda one: (bool(one["current"]), str(one["last"]), str(one["first"])))
    return {
        "experience_title": newest["title"] or None,
        "experience_employer": newest["employer"] or None,
        "experience_years": told.get("years"),
    }


def carried(told: Told, kept: scores.Score | None, file: str) -> Told:
    """What a model has said of the same reasons, and read in the same file, stands again."""
    if kept is None:
        return told
    fields, body = dict(told.fields), dict(told.body)
    explained, extracted = kept.body.get(EXPLAINED), kept.body.get(EXTRACTED)
    if isinstance(explained, Mapping) and kept.body.get("digest") == told.body["digest"]:
        body[EXPLAINED] = explained
        fields["match_reasons"] = worded(told.fields["match_reasons"], explained)
    if told.value is not None and isinstance(extracted, Mapping) and extracted.get("file") == file:
        body[EXTRACTED] = extracted
        fields |= experience(extracted)
    return replace(told, body=body, fields=fields)


def parts_of(score: Score) -> list[dict[str, object]]:
    """The parts of a score as JSON data."""
    return [{**to_builtins(part), "value": part.value} for part in score.parts]


def frozen(value: object) -> Fields:
    """JSON data, dataclasses included, with tuples for lists, as values are."""
    return codec.frozen(to_builtins(value, str_keys=True, enc_hook=dict))

"""What a screening form asks, what an answer may be, and what answers say of an application. Pure.

The questions follow from the job's rubric: its most important skills, its languages, its place, whether somebody may
work there; then the job's own questions, and a file. Whoever has begun keeps the questions they began with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from bascule.errors import InputError
from bascule.model import Fields, Value

from .form_words import FIRST, LANGUAGES, Words, words

SKILLS, TONGUES = 5, 3  # asked for at most
LONGEST = 4000  # characters of an answer
MOST_YEARS = 60.0
SECONDS = {"skill": 40, "text": 60, "file": 40}  # that a question takes, about; the others 15


class QuestionKind(StrEnum):
    """How a question is answered."""

    SKILL = "skill"  # years, and an example
    LEVEL = "level"  # of a language
    CHOICE = "choice"
    YES_NO = "yes or no"
    NUMBER = "number"
    TEXT = "text"
    FILE = "file"


LEVELS: Mapping[str, str] = {
    "none": "none", "a2": "A2", "b1": "B1", "b2": "B2", "c1": "C1", "c2": "C2", "native": "native",
}  # fmt: skip
"""What may be said of a language, and how the scorer reads it."""
FORM_CHOICES: Mapping[str, tuple[str, ...]] = {
    "place": ("place_yes", "place_move", "place_no"), "permit": ("permit_yes", "permit_need", "permit_no"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `form`: the name of the form's own words for it, "" for a job's own question, whose words stand in
    `text` by language. `about`: the skill, the language's code or the place it asks about."""

    id: str
    kind: QuestionKind
    form: str = ""
    about: str = ""
    text: Mapping[str, str] = field(default_factory=dict[str, str])
    options: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """What people have set for a job's form: questions of their own, and which of the others are not asked."""

    questions: tuple[Question, ...] = ()
    left_out: frozenset[str] = frozenset()


def questions(rubric: Fields, offices: Sequence[str], own: Own) -> tuple[Question, ...]:
    """The questions of a job, by the body of its newest rubric ({} for none)."""
    found = [*_skills(rubric), *_tongues(rubric)]
    if offices:
        found.append(_choice("place", ", ".join(offices)))
    found.append(_choice("permit"))
    found += own.questions
    found += [Question("anything", QuestionKind.TEXT, "q_anything"), Question("file", QuestionKind.FILE, "q_file")]
    return tuple(one for one in found if one.id not in own.left_out)


def _choice(name: str, about: str = "") -> Question:
    return Question(name, QuestionKind.CHOICE, f"q_{name}", about, options=FORM_CHOICES[name], required=True)


def _skills(rubric: Fields) -> Iterable[Question]:
    order = ("must", "should", "nice")
    asked = [one for one in _maps(rubric.get("skills")) if one.get("importance") in order]
    asked.sort(key=lambda one: (order.index(one["importance"]), -_number(one.get("weight"))))
    for one in asked[:SKILLS]:
        must = one["importance"] == "must"
        label = str(one["label"]).partition(" (")[0]
        yield Question(f"skill:{one['id']}", QuestionKind.SKILL, "q_skill", label, required=must)


def _tongues(rubric: Fields) -> Iterable[Question]:
    for one in _maps(rubric.get("languages"))[:TONGUES]:
        code = str(one["code"])
        yield Question(
            f"language:{code}", QuestionKind.LEVEL, "q_language", code, required=one.get("importance") == "must"
        )


def minutes(asked: Sequence[Question]) -> int:
    """How long they take, about, in whole minutes."""
    return max(1, round(sum(SECONDS.get(one.kind, 15) for one in asked) / 60))


# ---------------------------------------------------------------------------------------------------- what is asked


def asked(question: Question, say: Words) -> str:
    """The question in words."""
    if not question.form:
        return question.text.get(say.language) or question.text.get(FIRST) or next(iter(question.text.values()), "")
    about = say.tongue(question.about) if question.kind is QuestionKind.LEVEL else question.about
    if question.kind is QuestionKind.SKILL and about.islower():
        about = about[:1].upper() + about[1:]
    return say(question.form, about=about)


def choices(question: Question, say: Words) -> tuple[tuple[str, str], ...]:
    """(value, words) of what can be chosen; none where something is written."""
    match question.kind:
        case QuestionKind.LEVEL:
            return tuple((one, say(f"level_{one}")) for one in LEVELS)
        case QuestionKind.YES_NO:
            return (("yes", say("yes")), ("no", say("no")))
        case QuestionKind.CHOICE if question.form:
            return tuple((one, say(one)) for one in question.options)
        case QuestionKind.CHOICE:
            return tuple((one, one) for one in question.options)
        case _:
            return ()


# ---------------------------------------------------------------------------------------------------- what is said


def answered(question: Question, value: str, more: str, say: Words) -> dict[str, Value]:
    """An answer as it is kept; {} for none. InputError, in the language of the form, where it cannot be one."""
    value, more = value.strip(), more.strip()
    if len(value) > LONGEST or len(more) > LONGEST:
        raise InputError(say("long", most=LONGEST))
    if question.kind in (QuestionKind.SKILL, QuestionKind.NUMBER) and value:
        value = _as_number(value, say, MOST_YEARS if question.kind is QuestionKind.SKILL else 1e9)
    if value and (among := [one for one, _ in choices(question, say)]) and value not in among:
        raise InputError(say("choose"))
    return {name: text for name, text in (("value", value), ("more", more)) if text}


def _as_number(text: str, say: Words, most: float) -> str:
    try:
        number = float(text.replace(",", ".").replace(" ", ""))
    except ValueError:
        number = -1.0
    if not 0 <= number <= most:
        raise InputError(say("number"))
    return f"{number:g}"


def missing(asked: Iterable[Question], answers: Mapping[str, Value]) -> tuple[Question, ...]:
    """Those that need an answer and have none."""
    return tuple(one for one in asked if one.required and not _said(answers, one))


def done(asked: Iterable[Question], answers: Mapping[str, Value]) -> int:
    """How many have an answer."""
    return sum(bool(_said(answers, one)) for one in asked)


def shown(question: Question, answers: Mapping[str, Value], say: Words) -> str:
    """An answer as people read it, "" for none."""
    said = _said(answers, question)
    value, more = str(said.get("value") or ""), str(said.get("more") or "")
    told = dict(choices(question, say)).get(value, value)
    if question.kind is QuestionKind.SKILL and value:
        told = f"{value} {say('years')}"
    return ". ".join(one for one in (told, more) if one)


def told(asked_: Iterable[Question], answers: Mapping[str, Value]) -> dict[str, Value]:
    """Question to answer, as it stands in the ATS and as the scorer reads it: in English where the form gives the
    words, as it was written where the applicant does. Files are no part of it."""
    say = words(FIRST)
    found: dict[str, Value] = {}
    for one in asked_:
        said = _said(answers, one)
        if said and one.kind is not QuestionKind.FILE:
            found[asked(one, say)] = _plainly(one, str(said.get("value") or ""), str(said.get("more") or ""), say)
    return found


def _plainly(question: Question, value: str, more: str, say: Words) -> str:
    match question.kind:
        case QuestionKind.SKILL:
            years = (
                "" if not value else "None" if float(value) == 0 else f"{value} {'year' if value == '1' else 'years'}"
            )
            return ". ".join(one for one in (years, more) if one)
        case QuestionKind.LEVEL:
            return LEVELS.get(value, value)
        case _:
            return dict(choices(question, say)).get(value, value)


def _said(answers: Mapping[str, Value], question: Question) -> Mapping[str, Value]:
    held = answers.get(question.id)
    return held if isinstance(held, Mapping) else {}


# ------------------------------------------------------------------------------------------------- as it is kept


def as_data(question: Question) -> dict[str, Value]:
    """A question as JSON data, what is usual left out."""
    return {name: value for name, value in asdict(question).items() if value not in ("", (), {}, False)}


def of_data(data: Mapping[str, Any]) -> Question:
    """The same, read again."""
    return Question(
        id=str(data["id"]),
        kind=QuestionKind(data["kind"]),
        form=str(data.get("form") or ""),
        about=str(data.get("about") or ""),
        text={str(language): str(text) for language, text in dict(data.get("text") or {}).items()},
        options=tuple(str(one) for one in data.get("options") or ()),
        required=bool(data.get("required")),
    )


def kept(said: Fields) -> tuple[Question, ...]:
    """The questions that somebody began with."""
    return tuple(of_data(one) for one in _maps(said.get("questions")))


def own_of(body: Mapping[str, Any]) -> Own:
    """What people have set, as it is stored."""
    return Own(
        tuple(of_data(one) for one in _maps(body.get("questions"))),
        frozenset(str(one) for one in body.get("left_out") or ()),
    )


def own_as_data(own: Own) -> dict[str, Value]:
    return {"questions": tuple(as_data(one) for one in own.questions), "left_out": tuple(sorted(own.left_out))}


OWN_KINDS = (QuestionKind.TEXT, QuestionKind.YES_NO, QuestionKind.NUMBER, QuestionKind.CHOICE, QuestionKind.FILE)
MOST_OWN = 20


def own_questions(given: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    """Questions that people give for a job. InputError says which cannot be asked, and why."""
    if len(given) > MOST_OWN:
        raise InputError(f"A form takes {MOST_OWN} questions of its own, not {len(given)}.", hint="Ask fewer.")
    made = tuple(_own_question(number, one) for number, one in enumerate(given, start=1))
    if len({one.id for one in made}) < len(made):
        raise InputError("Two questions have one id.", hint="Give each an id of its own, or none.")
    return made


def _own_question(number: int, given: Mapping[str, Any]) -> Question:
    where = f"Question {number}"
    try:
        kind = QuestionKind(str(given.get("kind") or QuestionKind.TEXT))
    except ValueError:
        kind = QuestionKind.SKILL
    if kind not in OWN_KINDS:
        raise InputError(f"{where} has no kind that is known.", hint=f"Say one of: {', '.join(OWN_KINDS)}.")
    text = given.get("text")
    text = {FIRST: text} if isinstance(text, str) else text
    if not isinstance(text, Mapping) or not any(str(one).strip() for one in text.values()):
        raise InputError(f"{where} has no words.", hint='Give `text`, or one for each language: {"en": "...", ...}.')
    strange = sorted(set(map(str, text)) - set(LANGUAGES))
    if strange:
        raise InputError(f"{where} is in {strange[0]!r}.", hint=f"The form has: {', '.join(LANGUAGES)}.")
    said = {str(language): " ".join(str(one).split()) for language, one in text.items() if str(one).strip()}
    if any(len(one) > 300 for one in said.values()):
        raise InputError(f"{where} is longer than 300 characters.", hint="Shorten it: people read it on a phone.")
    options = tuple(dict.fromkeys(" ".join(str(one).split()) for one in given.get("options") or () if str(one).strip()))
    if (kind is QuestionKind.CHOICE) != bool(options):
        raise InputError(f"{where}: a choice has options, and nothing else has.", hint="Give at least two `options`.")
    id = str(given.get("id") or f"own:{number}")
    return Question(
        id if id.startswith("own:") else f"own:{id}", kind, "", "", said, options, bool(given.get("required"))
    )


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, tuple | list) else []


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0

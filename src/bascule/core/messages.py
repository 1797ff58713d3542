"""What may be said to a candidate, and what their answer says. Pure: templates, when to write, and what a text means.

A template is text with `{{ name }}` where something is filled in; nothing else in it is looked at. What states or
implies a rejection is told by the template's own mark and by its words, and is never sent by a machine.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bascule.core.stages import fold
from bascule.errors import InputError

FIELDS: Mapping[str, str] = {
    "first_name": "the candidate's first name, or their whole name",
    "name": "the candidate's whole name",
    "job_title": "the job's title",
    "company": "the employer, as it signs",
    "sender_name": "who sends it",
    "link": "the link it is about: a screening, a choice of times",
    "interview_time": "when an interview is, in the candidate's time zone",
    "interviewers": "who interviews",
    "interview_place": "where an interview is",
    "unsubscribe": "the link by which no more messages come",
}
"""What may be filled in."""
ABOUT_ONE = frozenset({"link", "interview_time", "interviewers", "interview_place"})
"""What is only known in a message about one screening or one interview."""
_FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Words:
    """A template in one language."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """A message in its languages. `rejects`: it states or implies that somebody is turned away. `closed`: it may go to
    somebody whose application is closed. `at_once`: it answers what somebody has just done, so quiet hours do not keep
    it back."""

    name: str
    words: Mapping[str, Words]  # by language, "en"
    rejects: bool = False
    closed: bool = False
    at_once: bool = False

    def in_(self, locale: str) -> tuple[str, Words]:
        """In that language, else in English, else in its first."""
        language = locale.partition("-")[0].lower()
        for one in (locale, language, "en"):
            if one in self.words:
                return one, self.words[one]
        return next(iter(self.words.items()))

    @property
    def turns_away(self) -> bool:
        return self.rejects or any(implies_no(f"{one.subject}\n{one.text}") for one in self.words.values())

    @property
    def asks(self) -> frozenset[str]:
        """What it fills in."""
        return frozenset(name for one in self.words.values() for name in _FIELD.findall(f"{one.subject}\n{one.text}"))


def checked(template: Template) -> Template:
    """The template, if it can be sent. InputError says what is wrong in which language."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", template.name):
        raise InputError(f"{template.name!r} is no name.", hint="Small letters, digits and hyphens.")
    if not template.words:
        raise InputError(f"{template.name} says nothing.", hint="Write it in one language at least.")
    for language, words in template.words.items():
        if not words.subject.strip() or "\n" in words.subject or len(words.subject) > 200:
            raise InputError(f"{template.name} ({language}): a subject is one line of up to 200 characters.")
        if not words.text.strip() or len(words.text) > LONGEST:
            raise InputError(f"{template.name} ({language}): a text has up to {LONGEST} characters.")
        for part in (words.subject, words.text):
            for name in _FIELD.findall(part):
                if name not in FIELDS:
                    raise InputError(
                        f"{template.name} ({language}): nobody knows {{{{ {name} }}}}.",
                        hint=f"There are: {', '.join(FIELDS)}.",
                    )
    return template


def fill(words: Words, given: Mapping[str, str]) -> Words:
    """The words with everything filled in; where two lines in a row are one name, it stands once. InputError names what
    is missing; a line break never enters a subject."""
    missing = {name for part in (words.subject, words.text) for name in _FIELD.findall(part) if not given.get(name)}
    if missing:
        raise InputError(
            f"Nothing is known for {', '.join(sorted(missing))}.", hint="Look at the record, or the template."
        )

    def put(text: str) -> str:
        return _FIELD.sub(lambda found: given[found[1]], text)

    lines: list[str] = []
    for line in words.text.replace("\r\n", "\n").splitlines():
        filled = put(line)
        if not (filled.strip() and lines[-1:] == [filled] and _FIELD.fullmatch(line.strip())):  # signed by one name
            lines.append(filled)
    return Words(" ".join(put(words.subject).split()), "\n".join(lines).strip() + "\n")


# ------------------------------------------------------------------------------------------------------------- when


@dataclass(frozen=True, slots=True)
class Hours:
    """When messages may leave: on these days (Monday is 0), from and until these hours, in this time zone."""

    begin: int = 8
    end: int = 19
    days: frozenset[int] = frozenset(range(5))
    zone: str = "UTC"

    def next(self, at: datetime) -> datetime:
        """`at` itself, or the first moment after it at which messages may leave."""
        zone = ZoneInfo(self.zone)
        local = at.astimezone(zone)
        for ahead in range(15):
            day = (local + timedelta(days=ahead)).date()
            if day.weekday() not in self.days:
                continue
            opens = datetime.combine(day, time(self.begin), zone)
            closes = (
                datetime.combine(day, time(self.end - 1, 59, 59), zone)
                if self.end == 24
                else datetime.combine(day, time(self.end), zone)
            )
            if local < opens:
                return opens.astimezone(at.tzinfo)
            if local < closes:
                return at if ahead == 0 else opens.astimezone(at.tzinfo)
        return at


def hours(begin: int, end: int, days: Collection[int], zone: str) -> Hours:
    """Quiet hours as somebody has given them. InputError for what no clock shows."""
    if not 0 <= begin < end <= 24:
        raise InputError(f"Messages cannot leave from {begin} to {end} o'clock.", hint="For instance 8 to 19.")
    if not days or not set(days) <= set(range(7)):
        raise InputError("Messages leave on one day of the week at least.", hint="Monday is 0, Sunday 6.")
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise InputError(f"There is no time zone {zone!r}.", hint="For instance Europe/Berlin.") from None
    return Hours(begin, end, frozenset(days), zone)


# ---------------------------------------------------------------------------------------------------- what a text means


class Meaning(StrEnum):
    """What an answer calls for."""

    WITHDRAWS = "withdraws"
    ERASE = "asks to be erased"
    QUIET = "wants no more messages"


_NO = (
    "unfortunately", "regret to", "not be moving forward", "not moving forward", "other candidates", "unsuccessful",
    "not been selected", "decided not to proceed", "not proceed with your", "position has been filled",
    "leider", "absage", "anderen bewerber", "andere bewerber", "nicht berucksichtigen", "nicht weiter verfolgen",
    "malheureusement", "regret de", "pas donner suite", "pas retenu", "autre candidat",
    "lamentablemente", "desafortunadamente", "no continuar", "no ha sido seleccionad", "otros candidatos",
)  # fmt: skip
_WITHDRAWS = (
    "withdraw my application", "withdraw from", "withdrawing my", "no longer interested", "accepted another offer",
    "accepted an offer", "take my name out",
    "ziehe meine bewerbung", "bewerbung zuruck", "nicht mehr interessiert", "anderes angebot angenommen",
    "retire ma candidature", "retirer ma candidature", "plus interesse", "accepte une autre offre",
    "retiro mi candidatura", "retirar mi candidatura", "ya no estoy interesad", "aceptado otra oferta",
)  # fmt: skip
_ERASE = (
    "delete my data", "erase my data", "delete all my", "delete my personal", "remove my data", "right to be forgotten",
    "right to erasure", "article 17", "art 17",
    "daten loschen", "loschung meiner", "loschen sie meine", "artikel 17",
    "supprimer mes donnees", "supprimez mes donnees", "effacer mes donnees", "droit a l oubli",
    "borrar mis datos", "eliminar mis datos", "elimine mis datos", "derecho al olvido", "derecho de supresion",
)  # fmt: skip
_QUIET = (
    "unsubscribe", "stop emailing", "stop e mailing", "do not contact me", "don t contact me", "no more messages",
    "keine weiteren e mails", "keine mails mehr", "kontaktieren sie mich nicht", "abmelden",
    "ne plus me contacter", "ne m ecrivez plus", "desabonner",
    "no me escriban", "no me contacten", "darme de baja",
)  # fmt: skip


def implies_no(text: str) -> bool:
    """Whether a text states or implies a rejection, by its words in four languages."""
    return _says(text, _NO)


def meaning(text: str) -> Meaning | None:
    """What an answer asks for, by its own words (what it quotes is not looked at). Erasure before withdrawal before
    silence; None where it is a plain answer."""
    own = own_words(text)
    for found, words in ((Meaning.ERASE, _ERASE), (Meaning.WITHDRAWS, _WITHDRAWS), (Meaning.QUIET, _QUIET)):
        if _says(own, words):
            return found
    return None


def own_words(text: str) -> str:
    """An answer without what it quotes."""
    kept: list[str] = []
    for line in text.splitlines():
        if line.lstrip().startswith(">"):
            continue
        if _QUOTES.match(line.strip()):
            break
        kept.append(line)
    return "\n".join(kept).strip()


_QUOTES = re.compile(
    r"(on .{4,200} wrote:|am .{4,200} schrieb.*:|le .{4,200} a écrit.*:|el .{4,200} escribió:"
    r"|-{2,} ?original message ?-{2,}|-{2,} ?ursprüngliche nachricht ?-{2,}|_{10,})",
    re.IGNORECASE,
)


def _says(text: str, words: Collection[str]) -> bool:
    plain = f" {fold(text)} "
    return any(f" {fold(one)}" in plain for one in words)

"""Pages for people without an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bascule.office.consenting import Waiting
from bascule.office.decisions import OpenDesk
from bascule.office.entering import Opened


@dataclass(frozen=True, slots=True)
class Notice:
    """A page that says one thing. `links`: (path, words)."""

    title: str
    text: str
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """The first page of a form."""

    path: str
    title: str
    intro: str
    keep: str
    disclosure: tuple[str, ...]  # paragraphs
    languages: tuple[tuple[str, str], ...]
    zones: tuple[str, ...]
    zone: str
    started: bool
    done: int
    of: int
    next: str  # where to go on
    error: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `number` from 1; `kind` as in `hiring.screening`."""

    path: str
    number: int
    of: int
    done: int
    kind: str
    text: str
    required: bool
    choices: tuple[tuple[str, str], ...]
    value: str
    more: str
    help: str = ""
    file: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer on the page that shows all of them."""

    path: str
    question: str
    answer: str
    required: bool


@dataclass(frozen=True, slots=True)
class Check:
    path: str
    answers: tuple[Given, ...]
    back: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """A request beside the answers: only people, or an adjustment."""

    path: str
    title: str
    text: str
    button: str
    label: str = ""  # of what is to be written, "" for nothing
    error: str = ""
    back: str = ""  # the words of the way back, "" for the usual


@dataclass(frozen=True, slots=True)
class CodeAsked:
    """The page that asks for the code of a shortlist."""

    path: str
    job: str
    by: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class ListRow:
    path: str
    name: str
    beside: str
    said: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ListPage:
    """A shortlist. `left`: how many are not on it any more."""

    job: str
    name: str
    by: str
    until: datetime
    rows: tuple[ListRow, ...]
    done: int
    left: int


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Somebody on a shortlist, and the form that says what the manager thinks."""

    path: str
    back: str
    next: str
    name: str
    beside: str
    score: float | None
    reasons: tuple[str, ...]
    skills: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    resume: str
    answer: str
    comment: str
    answered: datetime | None
    redacted: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What is held for one person. `said`: what was just done; `error`: why it was not."""

    path: str
    open: OpenDesk
    said: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class TimesDay:
    """Free times of one day: (moment, as the clock shows it)."""

    name: str
    times: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Times:
    """Free times of an interview. `guess`: nobody has chosen a zone yet, the browser may. `later` and `earlier` lead to
    other days, `back` to the booked time."""

    path: str
    title: str
    intro: str
    place: str
    zone: str
    zones: tuple[str, ...]
    guess: bool
    days: tuple[TimesDay, ...]
    later: str
    earlier: str
    languages: tuple[tuple[str, str], ...]
    error: str = ""
    back: str = ""


@dataclass(frozen=True, slots=True)
class Proposing:
    """The form by which times are proposed. `why`: why no free ones are shown; `fields`: (label, value)."""

    path: str
    title: str
    intro: str
    text: str
    why: str
    zone: str
    zones: tuple[str, ...]
    guess: bool
    fields: tuple[tuple[str, str], ...]
    note: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Booked:
    """An interview with a time, or with times that were proposed. `facts`: (name, value, where it leads); `event`: the
    path of its calendar event."""

    path: str
    title: str
    intro: str
    facts: tuple[tuple[str, str, str], ...]
    languages: tuple[tuple[str, str], ...]
    help: str = ""
    event: str = ""
    proposed: bool = False
    changes: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """What stands against what was entered. `words`: the system's own."""

    what: str
    words: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class CredentialsAsked:
    """Where somebody of IT enters credentials. `entered`: what they entered before, without secrets."""

    path: str
    opened: Opened
    entered: dict[str, str]
    wrong: Wrong | None = None
    back: str = ""  # where a consent leads back to


@dataclass(frozen=True, slots=True)
class ConsentAsked:
    """The way to a system's page of consent. `host`: what it is called; `back`: the address that leads back."""

    waiting: Waiting
    host: str
    back: str
    wrong: Wrong | None = None


@dataclass(frozen=True, slots=True)
class HooksAsked:
    """After credentials have worked: the webhooks."""

    path: str
    opened: Opened
    wrong: Wrong | None = None

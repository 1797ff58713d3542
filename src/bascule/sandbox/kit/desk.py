"""The small ATS of any sandbox, as a person uses it: jobs with their pipelines, people, a careers page, settings.

A vendor gives a `Desk`: functions that show what there is in the words of this module, and functions that do what a
person does, the same ones its interface uses. Ids are texts here, as they stand in addresses.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from .errors import Refused
from .tables import Actor, Row
from .tenant import Tenant

Of = TypeVar("Of", bound=Tenant[Any])


@dataclass(frozen=True)
class Choice:
    id: str
    name: str


@dataclass(frozen=True)
class Field:
    """A value that is shown and, unless `fixed`, can be changed in a form. A choice's value is its id."""

    key: str
    name: str
    value: str = ""
    kind: Literal["text", "long", "number", "date", "choice", "choices", "yes_no", "url"] = "text"
    choices: Sequence[Choice] = ()
    fixed: bool = False
    required: bool = False

    @property
    def shown(self) -> str:
        """The value as it is read: the names of choices, Yes or No."""
        if self.kind == "yes_no":
            return {"true": "Yes", "false": "No"}.get(self.value, "")
        if self.kind not in ("choice", "choices"):
            return self.value
        names = {one.id: one.name for one in self.choices}
        return ", ".join(names.get(one, one) for one in self.chosen)

    @property
    def chosen(self) -> Sequence[str]:
        """The ids of the choices, which a value of several joins by line breaks."""
        return [one for one in self.value.split("\n") if one]


@dataclass(frozen=True)
class Job:
    id: str
    title: str
    open: bool = True
    # Its stages in their order.
    ladder: Sequence[Choice] = ()
    # A line under its title: department, place.
    about: str = ""
    # The text of the post, HTML.
    text: str = ""
    questions: Sequence[Field] = ()


@dataclass(frozen=True)
class Application:
    id: str
    person: str
    name: str
    job: Job
    at: datetime
    # The id of the stage it is in; empty when it is in none.
    stage: str = ""
    state: Literal["active", "hired", "rejected"] = "active"
    # Why it is in that state.
    why: str = ""
    fields: Sequence[Field] = ()
    answers: Sequence[tuple[str, str]] = ()
    # The ids of the stages it may be moved to and of the reasons it may be rejected with, where not all are allowed.
    next: Sequence[str] | None = None
    reasons: Sequence[str] | None = None


@dataclass(frozen=True)
class Note:
    id: str
    by: str
    at: datetime
    text: str
    # What kind it is, or who sees it.
    mark: str = ""


@dataclass(frozen=True)
class File:
    id: str
    name: str
    at: datetime
    # Where a browser gets it; empty: at the desk's own address.
    href: str = ""


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    at: datetime
    about: str = ""
    contact: Sequence[Field] = ()
    fields: Sequence[Field] = ()
    tags: Sequence[str] = ()
    notes: Sequence[Note] = ()
    files: Sequence[File] = ()
    applications: Sequence[Application] = ()


@dataclass(frozen=True)
class Applicant:
    """What somebody has written into the form of the careers page. Files: (name, content type, content)."""

    first: str
    last: str
    email: str
    phone: str
    files: Sequence[tuple[str, str, bytes]] = ()
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()


def asked(questions: Sequence[Any]) -> list[Field]:
    """The questions of a job's form, each a text, or a mapping with its label and whether it must be answered."""
    return [
        Field(f"q{number}", one if isinstance(one, str) else str(one["label"]),
              required=not isinstance(one, str) and bool(one.get("required")))
        for number, one in enumerate(questions)
    ]  # fmt: skip


Said = str | None | Awaitable[str | None]
"""What a page says after a deed; nothing special where it is None."""


@dataclass(frozen=True)
class Setup:
    """A page of settings: a table, buttons on its rows, a form for a new one. Credentials, webhooks, custom fields."""

    key: str
    title: str
    says: str
    columns: Sequence[str]
    # (id, cells), as things stand.
    rows: Callable[[], Sequence[tuple[str, Sequence[str]]]]
    form: Callable[[], Sequence[Field]] = tuple
    # From the form's values; several choices are joined by line breaks.
    make: Callable[[Actor, Mapping[str, str]], Said] | None = None
    acts: Mapping[str, Callable[[Actor, str], Said]] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """What a vendor's tenant shows and lets a person do. What is None has no button."""

    # What the ATS calls itself here.
    name: str
    # Who can be chosen as the one who acts: their ids as in `users`.
    users: Callable[[], Sequence[Choice]]
    jobs: Callable[[], Sequence[Job]]
    # Those whose name, address, tag or id has the text in it, newest first: from an offset as many as asked for, and
    # how many there are in all.
    people: Callable[[str, int, int], tuple[Sequence[Person], int]]
    # Raises Refused (404).
    person: Callable[[str], Person]
    # Of a job, newest first.
    applications: Callable[[str], Sequence[Application]]
    # (name, content type, content). Raises Refused (404).
    file: Callable[[str], tuple[str, str, bytes]]

    # Deeds. They raise Refused.
    apply: Callable[[Actor, str, Applicant], str]  # (who, job, applicant) -> the person's id
    move: Callable[[Actor, str, str], Said]  # (who, application, stage)
    reject: Callable[[Actor, str, str], Said]  # (who, application, reason)
    note: Callable[[Actor, str, str], Said]  # (who, person, text)
    edit: Callable[[Actor, str, Mapping[str, str]], Said]  # (who, person, by key of contact and fields)
    reasons: Callable[[], Sequence[Choice]] = tuple
    edit_application: Callable[[Actor, str, Mapping[str, str]], Said] | None = None
    unreject: Callable[[Actor, str], Said] | None = None
    hire: Callable[[Actor, str], Said] | None = None
    tag: Callable[[Actor, str, str], Said] | None = None
    untag: Callable[[Actor, str, str], Said] | None = None
    attach: Callable[[Actor, str, str, str, bytes], Said] | None = None  # (who, person, name, content type, content)
    delete_note: Callable[[Actor, str], Said] | None = None
    merge: Callable[[Actor, str, str], Said] | None = None  # (who, into whom, who goes)
    anonymize: Callable[[Actor, str], Said] | None = None
    delete: Callable[[Actor, str], Said] | None = None
    rename_stage: Callable[[Actor, str, str], Said] | None = None  # (who, stage, new name)
    open_job: Callable[[Actor, str, Sequence[str]], str] | None = None  # (who, title, names of stages) -> its id
    close_job: Callable[[Actor, str], Said] | None = None

    setups: Sequence[Setup] = ()
    # The keys of fields worth a column in the list of people and a line on a job's board: scores.
    columns: Callable[[], Sequence[str]] = tuple


class View(Generic[Of]):
    """What the functions of a desk have in common: the tenant, and its rows."""

    def __init__(self, sandbox: Of) -> None:
        self.sandbox = sandbox
        self.db = sandbox.db

    def _row(self, kind: str, id: str) -> Row:
        row = self.db[kind].get(id)
        if row is None:
            raise Refused(404, "There is no such thing")
        return row

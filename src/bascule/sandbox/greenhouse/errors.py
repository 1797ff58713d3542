"""What the sandbox refuses, in the vendor's own shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..kit import errors as kit


@dataclass(frozen=True)
class Problem:
    message: str
    field: str | None = None

    def as_json(self) -> dict[str, str]:
        return {"message": self.message} if self.field is None else {"message": self.message, "field": self.field}


class Refused(kit.Refused):
    """A request or a person's action that the ATS does not carry out; nothing has changed."""

    def __init__(self, status: int, *problems: Problem, message: str | None = None) -> None:
        super().__init__(status, "; ".join(problem.message for problem in problems) or message or "")
        self.problems = problems
        self.title = message

    @property
    def spoken(self) -> str:
        return "; ".join(f"{one.field} {one.message}" if one.field else one.message for one in self.problems)

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {} if self.title is None else {"message": self.title}
        return {**body, "errors": [problem.as_json() for problem in self.problems]}


def invalid(*problems: tuple[str, str | None]) -> Refused:
    """422 as most writes answer it: a message, and an error for each field."""
    return Refused(422, *(Problem(*problem) for problem in problems), message="Validation error")


def impossible(message: str) -> Refused:
    """422 as actions answer it: only the errors, without a message or a field."""
    return Refused(422, Problem(message))


def forbidden(message: str) -> Refused:
    return Refused(403, Problem(message), message="Forbidden")


def missing(what: str, id: object) -> Refused:
    return Refused(404, Problem(f"No {what} with the id {id}"), message="Resource not found")

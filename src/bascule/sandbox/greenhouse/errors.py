"""What the sandbox refuses, in the vendor's own shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    message: str
    field: str | None = None

    def as_json(self) -> dict[str, str]:
        return {"message": self.message} if self.field is None else {"message": self.message, "field": self.field}


class Refused(Exception):
    """A request or a person's action that the ATS does not carry out; nothing has changed."""

    def __init__(self, status: int, *problems: Problem, message: str | None = None) -> None:
        super().__init__("; ".join(problem.message for problem in problems) or message)
        self.status = status
        self.problems = problems
        self.message = message

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {} if self.message is None else {"message": self.message}
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

"""What the status of a refusal asks for, and that no id of a person stands in what is told of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bascule.connectors.answers import MIXED, Answers
from bascule.connectors.spec import Request, Response
from bascule.errors import (
    AbsentError,
    DisconnectedError,
    GuardRefusedError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnavailableError,
)

ANSWERS = Answers("Acme", key="Enter a good key.", right="Give it the right.")
ASKED = Request("GET", "/people/12345/notes?email=ann@example.org")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RejectedError), (401, DisconnectedError), (403, PermissionMissingError), (404, AbsentError),
        (408, UnavailableError), (409, RejectedError), (422, RejectedError), (425, UnavailableError),
        (429, ThrottledError), (500, UnavailableError), (503, UnavailableError),
    ],
)  # fmt: skip
def test_each_status_is_one_error(status: int, kind: type[RemoteError]) -> None:
    error = ANSWERS.by_status(ASKED, Response(status, {}, None), "no")
    assert type(error) is kind
    assert error.status == status
    assert error.words == "no"
    assert str(error).startswith(f"Acme answered {status} to GET /people/{{id}}/notes.")


@pytest.mark.parametrize("status", [200, 202, 204, 304])
def test_a_success_asks_for_nothing(status: int) -> None:
    assert ANSWERS.by_status(ASKED, Response(status, {}, None), "") is None


def test_who_must_do_something_is_told_what() -> None:
    for status, hint in ((401, "Enter a good key."), (403, "Give it the right.")):
        error = ANSWERS.by_status(ASKED, Response(status, {}, None), "")
        assert error is not None
        assert error.hint == hint


def test_a_wait_is_the_systems_own() -> None:
    error = ANSWERS.by_status(ASKED, Response(429, {"retry-after": "17"}, None), "")
    assert isinstance(error, ThrottledError)
    assert error.retry_after == timedelta(seconds=17)


def test_ids_queries_and_hosts_are_left_out() -> None:
    mixed = Answers("Acme", key="", right="", ids=MIXED)
    asked = Request("POST", "https://api.acme.example/v1/contacts/1a2b-3c4d?x=1")
    assert mixed.path(asked) == "/v1/contacts/{id}"


def test_what_a_connector_knows_better_it_names_itself() -> None:
    error = ANSWERS.error(GuardRefusedError, ASKED, Response(200, {}, None), "moved", code="stage_changed")
    assert str(error) == "Acme answered stage_changed to GET /people/{id}/notes."

"""Every refusal of a vendor becomes one of our errors, which says what to do about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bascule.connectors.spec import Connector, Request, Response
from bascule.errors import (
    AbsentError,
    DisconnectedError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnavailableError,
)

from .declaration import connector

__all__ = [
    "connector",
    "test_a_full_window_says_how_long_to_wait",
    "test_a_success_is_no_error",
    "test_an_error_body_of_any_shape_is_survived",
    "test_each_status_has_its_error",
]

GET = Request("GET", "/things")
PATCH = Request("PATCH", "/things/987654", json={})


def answer(status: int, body: Any = None, **headers: str) -> Response:
    return Response(status, headers, body)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RejectedError),
        (401, DisconnectedError),
        (403, PermissionMissingError),
        (404, AbsentError),
        (408, UnavailableError),
        (422, RejectedError),
        (429, ThrottledError),
        (500, UnavailableError),
        (502, UnavailableError),
        (503, UnavailableError),
        (504, UnavailableError),
    ],
)
@pytest.mark.parametrize("request_", [GET, PATCH], ids=["read", "write"])
def test_each_status_has_its_error(
    connector: Connector, request_: Request, status: int, error: type[RemoteError]
) -> None:
    found = connector.errors(request_, answer(status, {"errors": [{"message": "no"}]}))
    assert found is not None
    assert type(found) is error
    assert found.status == status
    assert "987654" not in str(found), "ids do not belong into messages"


@pytest.mark.parametrize("body", [None, [], "text", {"errors": "?"}, {"errors": [None, 3]}, {"message": None}, 7])
def test_an_error_body_of_any_shape_is_survived(connector: Connector, body: Any) -> None:
    assert isinstance(connector.errors(PATCH, answer(422, body)), RejectedError)


def test_a_success_is_no_error(connector: Connector) -> None:
    assert all(connector.errors(GET, answer(status)) is None for status in (200, 201, 202, 204, 304))


def test_a_full_window_says_how_long_to_wait(connector: Connector) -> None:
    found = connector.errors(GET, answer(429, None, **{"retry-after": "17"}))
    assert isinstance(found, ThrottledError)
    assert found.retry_after == timedelta(seconds=17)
    vague = connector.errors(GET, answer(429, None, **{"retry-after": "soon"}))
    assert isinstance(vague, ThrottledError)
    assert vague.retry_after is None

"""Refusals in Lever's shape: a code and a message."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from ..kit.errors import Refused

# Lever publishes the shape and one of the codes (ResourceNotFound); the others are of the same family.
CODES = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "ResourceNotFound", 405: "MethodNotAllowed",
    429: "TooManyRequests", 500: "InternalServerError", 503: "ServiceUnavailable",
}  # fmt: skip


def missing(what: str) -> Refused:
    return Refused(404, f"{what} was not found")


def invalid(message: str) -> Refused:
    return Refused(400, message)


def forbidden(message: str) -> Refused:
    return Refused(403, message)


def refusal(status: int, message: str, code: str = "") -> Response:
    return JSONResponse({"code": code or CODES.get(status, "Error"), "message": message}, status)


def worded(refused: Refused) -> Response:
    # A body that is too large is a bad request here: 413 is not among Lever's statuses.
    answer = refusal(400 if refused.status == 413 else refused.status, refused.message, refused.code)
    answer.headers.update(refused.headers)
    return answer

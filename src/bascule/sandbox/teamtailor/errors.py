"""What Teamtailor refuses, in the words of JSON:API."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse, Response

from ..kit.errors import Refused

MEDIA_TYPE = "application/vnd.api+json"
CURRENT_VERSION = "20240904"


class Invalid(Refused):
    """Values that a record cannot have: (attribute or relation, what is wrong), each told on its own."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        super().__init__(422, problems[0][1], code="100", field=problems[0][0])
        self.problems = problems

    @property
    def spoken(self) -> str:
        return "; ".join(f"{field} {what}" for field, what in self.problems)


def wrong(status: int, title: str, detail: str, code: int | str) -> Refused:
    """A request that is not understood or not allowed."""
    refused = Refused(status, detail, code=str(code))
    refused.title = title
    return refused


def missing(id: object) -> Refused:
    return wrong(404, "Record not found", f"The record identified by {id} could not be found.", 404)


def no_route() -> Refused:
    return wrong(404, "Not Found", "The resource you requested could not be found.", 404)


def document(errors: Sequence[dict[str, Any]], status: int) -> Response:
    return JSONResponse({"errors": list(errors)}, status, media_type=MEDIA_TYPE)


def worded(refused: Refused, relations: Sequence[str] = ()) -> Response:
    """The refusal as the interface answers it; `relations` are not attributes, which the pointers tell apart."""
    status = refused.status
    if isinstance(refused, Invalid):
        told = [{"title": what, "detail": f"{field} - {what}", "code": "100", "status": "422",
                 "source": {"pointer": f"/data/{'relationships' if field in relations else 'attributes'}/{field}"}}
                for field, what in refused.problems]  # fmt: skip
        response = document(told, 422)
    elif status == 401:
        response = Response("HTTP Token: Access denied.\n", 401, {"WWW-Authenticate": 'Token realm="Application"'})
    elif status == 429:  # an object where others are a list: some errors come so, and the vendor's client reads both
        response = JSONResponse({"errors": {"detail": refused.message}}, 429, media_type=MEDIA_TYPE)
    elif status == 403 and not refused.code:
        response = Response(b"", 403)
    else:
        shown: dict[str, Any] = {"title": refused.title or HTTPStatus(status).phrase, "detail": refused.message,
                                 "code": refused.code or str(status), "status": str(status)}  # fmt: skip
        if status == 406 and refused.code == "version":
            del shown["code"]
            shown["status"] = 406
        response = document([shown], status)
    response.headers.update(refused.headers)
    return response


def fault(status: int, message: str) -> Response:
    """A refusal that was ordered."""
    return worded(Refused(status, message, code=str(status)))

"""The description of the API (OpenAPI): FastAPI's own, with what every operation may answer besides. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "An error (RFC 9457): what, where, and what to do next.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "where", "hint"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "What is wrong."},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "where": {"type": "string", "description": "The address that was called."},
        "hint": {"type": "string", "description": "What to do next."},
        "errors": {
            "description": "Of what was sent, each value that is not taken.",
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"where": {"type": "string"}, "what": {"type": "string"}},
            },
        },
    },
}
_REFUSED: dict[str, Any] = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
METHODS = ("get", "put", "post", "delete", "patch")


def described(routes: Sequence[BaseRoute], title: str, summary: str = "") -> dict[str, Any]:
    """These routes, each with `Problem` as its answer to what it does not take and to everything else."""
    told = get_openapi(title=title, version="1", summary=summary or None, routes=routes)
    parts: dict[str, Any] = told.setdefault("components", {}).setdefault("schemas", {})
    for own in ("HTTPValidationError", "ValidationError"):  # FastAPI's words for what is a Problem here
        parts.pop(own, None)
    parts["Problem"] = PROBLEM
    for path, operations in told["paths"].items():
        for method in METHODS:
            if method not in operations:
                continue
            answers: dict[str, Any] = operations[method]["responses"]
            plain = {"text/plain": {"schema": {"type": "string"}}} if path.startswith("/hooks/") else {}
            if "422" in answers:
                answers["422"] = {"description": "Something that was sent is not taken.", "content": _REFUSED}
            answers["default"] = {"description": "An error.", "content": {**_REFUSED, **plain}}
    return told

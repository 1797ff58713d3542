"""What is refused, in the envelope that the interface uses: mostly HTTP 200 with `success` false."""

from __future__ import annotations

from typing import Any

from ..kit.errors import Refused

__all__ = ["Refused", "envelope", "forbidden", "invalid", "missing"]


def invalid(message: str, field: str | None = None) -> Refused:
    return Refused(200, message, code="invalid_input", field=field)


def missing(what: str) -> Refused:
    """`what` as the codes have it: application, interview_stage."""
    return Refused(200, f"No {what.replace('_', ' ')} with this id was found", code=f"{what}_not_found")


def forbidden(scope: str) -> Refused:
    return Refused(403, f"This API key lacks the permission {scope}", code="missing_endpoint_permission")


def envelope(refused: Refused, request_id: str) -> dict[str, Any]:
    code = refused.code or "unknown_error"
    info: dict[str, Any] = {"code": code, "message": refused.spoken, "requestId": request_id}
    if refused.field:
        info["meta"] = {"parameter": refused.field}
    return {"success": False, "errors": [code], "errorInfo": info}

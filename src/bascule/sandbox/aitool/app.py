"""The tool's own address: a page of its applicants, and where hints arrive."""

from __future__ import annotations

from html import escape
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ..kit.endpoints import own_routes
from .faults import KINDS
from .tool import Tool

HOOK = "/hooks/bascule"
STYLE = (
    "body{font:15px/1.5 system-ui;margin:2rem;color:#1c1c1c;background:#fff}table{border-collapse:collapse}"
    "th,td{text-align:left;padding:.35rem .9rem .35rem 0;border-bottom:1px solid #ddd;vertical-align:top}"
)


def create_app(tool: Tool) -> Starlette:
    """Everything the tool serves."""

    async def hook(request: Request) -> Response:
        status = await tool.hear(dict(request.headers), await request.body())
        return Response(status_code=status)

    async def state(_: Request) -> Response:
        return JSONResponse(
            {"held": tool.held(), "ended": {id: {"state": state, "confirmed": done} for id, (state, done)
                                            in tool.ended().items()}, "cursor": tool.cursor}
        )  # fmt: skip

    async def page(_: Request) -> Response:
        return HTMLResponse(shown(tool))

    return Starlette(routes=[
        Route("/", page), Route("/state", state), Route(HOOK, hook, methods=["POST"]),
        *own_routes(tool.faults, KINDS),
    ])  # fmt: skip


def shown(tool: Tool) -> str:
    """The page."""
    rows = "".join(_row(tool, one) for one in tool.held().values())
    ended = tool.ended()
    told = f"{len(ended)} forgotten, {sum(done for _, done in ended.values())} of them confirmed."
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Sandbox AI tool</title><style>{STYLE}</style>"
        f"<h1>Sandbox AI tool</h1><p>{len(tool.held())} applicants. {told}</p><table><thead><tr><th>Who<th>Job<th>Stage"
        f"<th>Status<th>Score<th>Why<th>Sent</tr></thead><tbody>{rows}</tbody></table></html>"
    )


def _row(tool: Tool, one: dict[str, Any]) -> str:
    person, result = one["candidate"], one["result"] or {}
    name = " ".join(str(person[part]) for part in ("first_name", "last_name") if person.get(part))
    cells = (
        name or str(one["id"])[:13],
        tool.job(str(one["job"])).get("title") or "",
        (one["stage"] or {}).get("name") or "",
        one["status"] or "",
        "none" if result.get("score") is None else result["score"],
        "; ".join(result.get("reasons", ())),
        one["problem"] or ("yes" if one["number"] and one["sent"] == one["number"] else "not yet"),
    )
    return f"<tr>{''.join(f'<td>{escape(str(cell))}' for cell in cells)}</tr>"

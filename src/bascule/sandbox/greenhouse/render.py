"""Pages from templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ..kit.tables import Row
from . import fields
from .sandbox import Sandbox

HERE = Path(__file__).parent
SHARED = HERE.parent / "kit" / "templates"
ACTING = "acting_user"


class Pages:
    """Renders a template with what every page needs: the acting user, the users to choose from, a flash line."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.environment = Environment(
            loader=FileSystemLoader([HERE / "templates", SHARED]),
            autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        filters: dict[str, Any] = {
            "field": lambda value, field: fields.text(sandbox.db, field, value),
            "when": lambda moment: f"{moment:%d %b %Y, %H:%M:%S}" if moment else "",
            "day": lambda moment: f"{moment:%d %b %Y}" if moment else "",
        }
        self.environment.filters.update(filters)
        given: dict[str, Any] = {"db": sandbox.db, "options": sandbox.options}
        self.environment.globals.update(given)

    def acting(self, request: Request) -> Row:
        """The user chosen in the corner of the page; the first Site Admin until someone chooses."""
        chosen = request.cookies.get(ACTING, "")
        user = self.sandbox.db["users"].get(int(chosen)) if chosen.isdigit() else None
        people = [row for row in self.sandbox.db["users"] if not row["service_account"] and not row["deactivated"]]
        return user or next(row for row in people if row["site_admin"])

    def show(self, request: Request, template: str, code: int = 200, **values: Any) -> Response:
        users = [row for row in self.sandbox.db["users"] if not row["service_account"] and not row["deactivated"]]
        page = self.environment.get_template(template).render(
            acting=self.acting(request), users=users, flash=request.query_params.get("flash", ""),
            wrong=request.query_params.get("wrong", ""), here=request.url.path, now=self.sandbox.now(), **values,
        )  # fmt: skip
        return HTMLResponse(page, code)

"""Pages from templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ..kit.desk import Choice
from ..kit.render import ACTING, environment
from ..kit.tables import Row
from . import fields
from .sandbox import Sandbox

TEMPLATES = Path(__file__).parent / "templates"
PLACES = (("/candidates", "Candidates"), ("/jobs", "Jobs"), ("/users", "Users"), ("/outbox", "Outbox"),
          ("/deliveries", "Deliveries"), ("/activity", "Changes"))  # fmt: skip
NAV = (*((path, label, path) for path, label in PLACES), ("/configure/webhooks", "Configure", "/configure"),
       ("/careers", "Careers page", "/careers"))  # fmt: skip


class Pages:
    """Renders a template with what every page needs: the acting user, the users to choose from, a flash line."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.environment = environment(TEMPLATES)
        filters: dict[str, Any] = {"field": lambda value, field: fields.text(sandbox.db, field, value)}
        self.environment.filters.update(filters)
        given: dict[str, Any] = {"db": sandbox.db, "options": sandbox.options, "brand": "Talent desk", "root": "",
                                 "careers": "/careers", "nav": NAV}  # fmt: skip
        self.environment.globals.update(given)

    def acting(self, request: Request) -> Row:
        """The user chosen in the corner of the page; the first Site Admin until someone chooses."""
        chosen = request.cookies.get(ACTING, "")
        user = self.sandbox.db["users"].get(int(chosen)) if chosen.isdigit() else None
        return user or next(row for row in self._people() if row["site_admin"])

    def _people(self) -> list[Row]:
        return [row for row in self.sandbox.db["users"] if not row["service_account"] and not row["deactivated"]]

    def show(self, request: Request, template: str, code: int = 200, **values: Any) -> Response:
        users = self._people()
        actors = [Choice(str(row["id"]), f"{row['name']}{' (admin)' if row['site_admin'] else ''}") for row in users]
        page = self.environment.get_template(template).render(
            acting=self.acting(request), actors=actors, users=users, flash=request.query_params.get("flash", ""),
            wrong=request.query_params.get("wrong", ""), here=request.url.path, now=self.sandbox.now(), **values,
        )  # fmt: skip
        return HTMLResponse(page, code)

"""Pages from templates, and forms that come back to where they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .errors import Refused

TEMPLATES = Path(__file__).parent / "templates"
# The cookie that says who acts on the pages.
ACTING = "acting_user"


def environment(*folders: Path) -> Environment:
    """Templates of a vendor's own folders, then those that all sandboxes share."""
    made = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]), autoescape=select_autoescape(), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    filters: dict[str, Any] = {
        "when": lambda moment: f"{moment:%d %b %Y, %H:%M:%S}" if moment else "",
        "day": lambda moment: f"{moment:%d %b %Y}" if moment else "",
    }
    made.filters.update(filters)
    return made


def text(form: FormData, key: str) -> str:
    value = form.get(key)
    return value.strip() if isinstance(value, str) else ""


def back(
    request: Request, form: FormData, home: str, said: str | None = None, refused: Refused | None = None
) -> Response:
    """To the `next` of the form, else to the page it was sent from, with a line that says what happened; `said` may
    itself be a path to go to, with the line after a `#`."""
    target = text(form, "next") or request.headers.get("referer", "").split("?")[0] or home
    if said and said.startswith("/"):
        target, _, said = said.partition("#")
    words = {"wrong": refused.spoken} if refused else {"flash": said or "Saved"}
    return RedirectResponse(f"{target}{'&' if '?' in target else '?'}{urlencode(words)}", 303)

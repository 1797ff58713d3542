"""A person writes to a candidate: chooses a template, changes its words, sees what would leave, sends it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.core.messages import Words
from bascule.errors import InputError
from bascule.store import Tx

from ..desk import Desk, acting, seeing
from ..roles import Right
from ..show import candidate, flow
from ..views.flow import WritingPage
from .looks import viewed

router = APIRouter(include_in_schema=False)

Write = Annotated[Desk, Depends(seeing(Right.EDIT))]
Edit = Annotated[Desk, Depends(acting(Right.EDIT))]


@router.get("/applications/{id}/message")
async def page(at: Write, id: str, template: str = "", language: str = "") -> Response:
    """The words of the template that was chosen, filled in."""
    view = await _view(at, id, template, language)
    await viewed(at, view.candidate)
    return await at.page("message.html", view)


@router.post("/applications/{id}/message")
async def send(at: Edit, id: str) -> Response:
    """Show what would leave, or send it in this person's name. What cannot be sent comes back as it was written."""
    template, language = at.given("template"), at.given("language")
    words = Words(at.given("subject"), at.given("text").replace("\r\n", "\n"))
    look = at.given("do") != "send"
    view = await _view(at, id, template, language, words)
    if look or view.wrong or view.withheld:
        return await at.page("message.html", view, status=200 if look and not view.wrong else 422)
    link = await at.look(lambda tx: _link(at, tx, id))
    sent = await at.app.message_desk.send(id, template, at.actor, locale=language, link=link, words=words)
    return at.sent(f"/candidates/{view.candidate}#messages", "Sent", message=sent.id)


def _link(at: Desk, tx: Tx, application: str) -> str:
    """The link to the screening form of an application, "" where none works."""
    form = tx.screenings.of([application]).get(application)
    return at.app.screenings.link(tx, form) if form is not None else ""


async def _view(at: Desk, id: str, template: str, language: str, words: Words | None = None) -> WritingPage:
    desk = at.app.message_desk
    known = await desk.templates()
    person, name, job, link = await at.look(
        lambda tx: (
            *flow.about(tx, at.workspace, candidate.of_application(tx, at.workspace, id), id),
            _link(at, tx, id),
        )
    )
    templates = flow.writable(known, link)
    language = language or (await desk.setup()).locale
    chosen = known.get(template) if template in templates else None
    view = WritingPage(id, person, name, job, templates, template if chosen else "", language, words=words)
    if chosen is None:
        return view
    tongue, said = chosen.in_(language)
    view = view.with_(language=tongue, languages=tuple(chosen.words), turns_away=chosen.turns_away)
    try:
        found = await desk.preview(id, template, at.actor, locale=tongue, link=link, words=words)
    except InputError as error:
        what = str(error).removesuffix(error.hint).strip()
        return view.with_(words=words or said, wrong=what, next=error.hint)
    filled = Words(found.subject, found.text)
    return view.with_(words=words or filled, preview=filled if words else None, to=found.to, withheld=found.why)

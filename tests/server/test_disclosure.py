"""What applicants are told of AI begins with a draft that is true of this installation, and is told once somebody confirms."""

from __future__ import annotations

from html import unescape

import pytest

from bascule.connectors.aitool import SYSTEM
from bascule.hiring import disclosure
from bascule.hiring.form_words import LANGUAGES, words
from bascule.hiring.mail import Security, Server
from bascule.hiring.messages import keep_server
from bascule.models.choice import Choice, Provider, Purpose, stored
from bascule.models.door import CHOICE
from bascule.office.accounts import NewConnection
from bascule.store import Tx

from .conftest import SOMEBODY, Bench


def drafted(page: str) -> dict[str, str]:
    """The text of each language's box."""
    return {
        code: unescape(page.split(f'id="d-{code}"')[1].split(">", 1)[1].split("</textarea>")[0]) for code in LANGUAGES
    }


async def test_the_draft_says_what_holds_here_and_nobody_is_told_it_before_it_is_confirmed(inside: Bench) -> None:
    page = (await inside.browser.get("/screening")).text
    text = drafted(page)
    assert "A draft: nobody is told this" in page
    assert "Your CV is not sent to another company's AI" in text["en"]
    assert all(words(code)("ai_text") in text[code] and words(code)("people_link") in text[code] for code in LANGUAGES)
    assert await inside.app.store.read(lambda tx: disclosure.newest(tx, inside.app.workspace, "")) is None
    refused = await inside.post("/screening/disclosure", **{f"text-{code}": said for code, said in text.items()})
    assert refused.status_code == 422
    assert "does not say yet whom applicants ask" in refused.text
    assert drafted(refused.text) == text, "nothing of what was written is lost"
    assert await inside.app.store.read(lambda tx: disclosure.newest(tx, inside.app.workspace, "")) is None
    asked = {code: said.replace(words(code)("draft_missing"), "hr@firm.example") for code, said in text.items()}
    await inside.post("/screening/disclosure", **{f"text-{code}": said for code, said in asked.items()})
    held = await inside.app.store.read(lambda tx: disclosure.newest(tx, inside.app.workspace, ""))
    assert held is not None
    assert held.text["de"] == asked["de"].replace("\r\n", "\n")
    assert "A draft:" not in (await inside.browser.get("/screening")).text


async def test_the_draft_names_who_else_reads_and_whom_to_ask(inside: Bench) -> None:
    await inside.app.aitools.connect(NewConnection("quill", SYSTEM, settings={"contact": "yes"}), SOMEBODY)

    def choose(tx: Tx) -> None:
        model = Choice(Provider.OPENAI, "m", purposes=frozenset({Purpose.EXPLAIN}), regions=("global",))
        tx.workspaces.set_setting(inside.app.workspace, CHOICE, stored(model))
        server = Server("mail.example", 587, Security.STARTTLS, "hiring@firm.example", "Firm")
        keep_server(tx, inside.app.workspace, server)

    await inside.app.store.write(choose)
    text = drafted((await inside.browser.get("/screening")).text)["en"]
    assert "OpenAI" in text
    assert "quill also sees your name" in text
    assert "hiring@firm.example" in text
    assert "not sent to another company" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_are_said_in_each_language(language: str) -> None:
    assert words(language).days(1) != words(language).days(5)
    assert "5" in words(language).days(5)

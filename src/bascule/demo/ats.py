"""A person at an ATS: reads its pages, fills in the forms on them and sends them, as a browser would.

Everything a customer does by hand in Greenhouse (credentials, webhooks, moving, writing notes) is done through the
sandbox's own forms here, so that a form that cannot be filled in is found out. What only a sandbox can tell, its list
of changes and its tables, is asked of its `/sandbox` addresses.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from lxml import html

from bascule.errors import BasculeError

PATIENCE = 30.0  # seconds an ATS page may take

Page = Any  # lxml gives no types: an HtmlElement
Change = Mapping[str, Any]
Row = Mapping[str, Any]


class FormError(BasculeError):
    """A page of the ATS that cannot be filled in as asked, or refused what was entered; the words are its own."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent: where it led to, and the line the ATS said about it."""

    path: str
    words: str


class Ats:
    """One sandbox ATS as one person uses it. Make it inside a running loop; `close` at the end."""

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        self.url = url
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),  # a kept connection may be closed as a form is sent
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            timeout=aiohttp.ClientTimeout(total=patience),
        )

    async def close(self) -> None:
        await self._session.close()

    # -------------------------------------------------------------------------------------------------- pages and forms

    @asynccontextmanager
    async def _ask(self, method: str, path: str, **more: Any) -> AsyncGenerator[aiohttp.ClientResponse]:
        try:
            async with self._session.request(method, f"{self.url}{path}", allow_redirects=False, **more) as response:
                yield response
        except (aiohttp.ClientError, TimeoutError) as error:
            raise FormError(
                f"The sandbox at {self.url} does not answer ({type(error).__name__}).", hint="Start the demo again."
            ) from None

    async def page(self, path: str) -> Page:
        async with self._ask("GET", path) as response:
            text = await response.text()
        if response.status >= 400:
            raise FormError(f"{self.url}{path} answered {response.status}.")
        return html.document_fromstring(text)

    async def fill(
        self, path: str, action: str, values: Mapping[str, str | Sequence[str]], holding: tuple[str, str] | None = None
    ) -> Sent:
        """Open a page, fill in the form that goes to `action`, send it. FormError when that is not possible.

        `holding` is a hidden field and its value, where a page has several forms with one action.
        """
        form = _form(await self.page(path), action, f"{self.url}{path}", holding)
        entered = _entered(form, values, f"{self.url}{path}")
        async with self._ask("POST", action, data=entered) as response:
            location, status = response.headers.get("location", ""), response.status
        said = parse_qs(urlsplit(location).query)
        if status != 303 or "wrong" in said:
            raise FormError(f"{self.url}{path} refused the form: {' '.join(said.get('wrong', [f'answer {status}']))}.")
        return Sent(location, " ".join(said.get("flash", [])))

    # ------------------------------------------------------------------------------------------------------ setting up

    async def make_credential(self, name: str, scopes: Sequence[str]) -> tuple[str, str]:
        """A Harvest credential with these scopes for the tenant's service user: (client id, secret)."""
        path = "/configure/credentials"
        page = await self.page(path)
        chosen = _form(page, f"{path}/new", path).xpath(".//select[@name='user_id']/option")
        user = next((o for o in chosen if "service" in o.text_content().lower()), None)
        if user is None:
            raise FormError(f"{self.url}{path} offers no service user.")
        sent = await self.fill(path, f"{path}/new", {"name": name, "user_id": user.get("value"), "scopes": scopes})
        shown = await self.page(sent.path)
        id = parse_qs(urlsplit(sent.path).query)["fresh"][0]
        return _text(shown, f"client-id-{id}"), _text(shown, f"client-secret-{id}")

    async def add_webhook(self, name: str, url: str, secret: str) -> str:
        """A webhook for every event the form offers; what the ATS said about its ping."""
        path = "/configure/webhooks"
        form = _form(await self.page(path), f"{path}/new", path)
        events = [str(box.get("value")) for box in form.xpath(".//input[@name='events']")]
        sent = await self.fill(path, f"{path}/new", {"name": name, "url": url, "secret": secret, "events": events})
        return sent.words

    async def user_id(self, name: str) -> str:
        """The id of a user of the tenant, read from the list of users."""
        for row in (await self.page("/users")).xpath("//tr[td]"):
            cells = [cell.text_content().strip() for cell in row.xpath("./td")]
            if cells[0].startswith(name):
                return cells[2]
        raise FormError(f"{self.url}/users names no {name}.")

    # --------------------------------------------------------------------------------------------------- careers page

    async def open_jobs(self) -> dict[str, int]:
        """Jobs on the careers page: title -> id."""
        links = (await self.page("/careers")).xpath("//a[starts-with(@href, '/careers/jobs/')]")
        return {link.text_content().strip(): int(link.get("href").rsplit("/", 1)[1]) for link in links}

    async def apply(
        self, job: int, person: Mapping[str, str], answers: Mapping[str, str], resume: Path
    ) -> tuple[int, int]:
        """Apply on the careers page with a CV: (candidate id, application id). `answers` are by question."""
        path = f"/careers/jobs/{job}"
        form = _form(await self.page(path), path, f"{self.url}{path}")
        asked = {_asked(form, question): answer for question, answer in answers.items()}
        values = {**person, "consent": "yes", **{name: _offered(form, name, answer) for name, answer in asked.items()}}
        data = aiohttp.FormData()
        for name, value in _entered(form, values, f"{self.url}{path}"):
            if name not in ("resume", "cover_letter"):
                data.add_field(name, value)
        data.add_field("resume", resume.read_bytes(), filename=resume.name)
        async with self._ask("POST", path, data=data, headers={"accept": "application/json"}) as response:
            told = await response.json(content_type=None)
        if response.status != 201:
            words = "; ".join(str(one.get("message", "")) for one in told.get("errors", ()))
            raise FormError(f"The careers page did not take {resume.name}: {words or response.status}.")
        return int(told["candidate_id"]), int(told["application_id"])

    # ------------------------------------------------------------------------------------------------ a recruiter's day

    async def move(self, candidate: int, application: int, stage: str) -> None:
        path, action = f"/candidates/{candidate}", f"/applications/{application}/move"
        options = _form(await self.page(path), action, path).xpath(".//select[@name='to_stage_id']/option")
        target = next((o.get("value") for o in options if o.text_content().strip().startswith(stage)), None)
        if target is None:
            raise FormError(f"{self.url}{path} offers no stage {stage!r}.")
        await self.fill(path, action, {"to_stage_id": target})

    async def reject(self, candidate: int, application: int) -> None:
        """For the first reason that the ATS offers."""
        path, action = f"/candidates/{candidate}", f"/applications/{application}/reject"
        reasons = _form(await self.page(path), action, path).xpath(".//select[@name='rejection_reason_id']/option")
        reason = next((str(one.get("value")) for one in reasons if one.get("value")), "")
        await self.fill(path, action, {"rejection_reason_id": reason} if reason else {})

    async def write_note(self, candidate: int, body: str) -> None:
        path = f"/candidates/{candidate}"
        await self.fill(path, f"{path}/notes/add", {"body": body})

    async def delete_note(self, candidate: int, note: int) -> None:
        await self.fill(f"/candidates/{candidate}", f"/notes/{note}/delete", {})

    async def add_tag(self, candidate: int, name: str) -> None:
        path = f"/candidates/{candidate}"
        await self.fill(path, f"{path}/tags/add", {"name": name})

    async def remove_tag(self, candidate: int, name: str) -> None:
        path = f"/candidates/{candidate}"
        action = f"{path}/tags/remove"
        page = await self.page(path)
        chips = page.xpath("//*[contains(@class, 'chip')]")
        applied = next((c.xpath(".//input[@name='applied_id']/@value")[0] for c in chips if _own(c) == name), None)
        if applied is None:
            raise FormError(f"{self.url}{path} shows no tag {name!r}.")
        await self.fill(path, action, {}, holding=("applied_id", applied))

    async def change_email(self, candidate: int, old: str, new: str) -> None:
        path = f"/candidates/{candidate}"
        shown = str(_form(await self.page(path), f"{path}/edit", path).fields["email_addresses"])
        if old not in shown:
            raise FormError(f"{self.url}{path} does not show the e-mail address that was to be changed.")
        await self.fill(path, f"{path}/edit", {"email_addresses": shown.replace(old, new)})

    # ------------------------------------------------------------------------------------------ what a sandbox can tell

    async def changes(self, after: int) -> tuple[list[Change], int]:
        """Changes with a number above `after`, oldest first, and the number of the last of them."""
        told = await self._oracle(f"/sandbox/changes?after={after}")
        return told["changes"], int(told["last"])

    async def tables(self, *names: str) -> Mapping[str, Sequence[Row]]:
        return (await self._oracle(f"/sandbox/state?only={','.join(names)}"))["tables"]

    async def _oracle(self, path: str) -> Any:
        async with self._ask("GET", path) as response:
            return await response.json()


# --------------------------------------------------------------------------------------------------------------- forms


def _form(page: Page, action: str, where: str, holding: tuple[str, str] | None = None) -> Page:
    forms = [form for form in page.forms if form.action == action]
    found = next((form for form in forms if holding is None or form.fields.get(holding[0]) == holding[1]), None)
    if found is None:
        raise FormError(f"{where} has no form that goes to {action}.")
    return found


def _entered(form: Page, values: Mapping[str, str | Sequence[str]], where: str) -> list[tuple[str, str]]:
    """What a browser would send: the form as it stands, with these values entered. A field it lacks is an error."""
    unknown = [name for name in values if not form.xpath(".//*[@name=$name]", name=name)]
    if unknown:
        raise FormError(f"The form at {where} has no field {', '.join(unknown)}.")
    kept = [(name, value or "") for name, value in form.form_values() if name not in values]
    for name, value in values.items():
        kept += [(name, one) for one in ([value] if isinstance(value, str) else value)]
    return kept


def _asked(form: Page, question: str) -> str:
    """The name of the field that stands in the label of this question."""
    for label in form.xpath(".//label"):
        if label.xpath("./span") and label.xpath("./span")[0].text_content().strip(" *\n") == question.strip():
            return str(label.xpath("./*[@name]/@name")[0])
    raise FormError(f"The careers page does not ask {question!r}.")


def _offered(form: Page, name: str, answer: str) -> str:
    """An answer as the form offers it, where it is chosen from a list."""
    options = [str(o) for o in form.xpath(".//select[@name=$name]/option/text()", name=name)]
    return next((option for option in options if option.casefold() == answer.strip().casefold()), answer)


def _own(element: Page) -> str:
    """An element's text without that of its children."""
    return (element.text or "").strip()


def _text(page: Page, id: str) -> str:
    found = page.xpath("//*[@id=$id]", id=id)
    if not found:
        raise FormError(f"The page does not show {id}.")
    return re.sub(r"\s+", "", found[0].text_content())

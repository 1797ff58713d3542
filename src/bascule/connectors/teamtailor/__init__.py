"""Teamtailor: the customer's JSON:API and company webhooks, as known in November 2026.

`objects` takes its documents apart, `reads` says what it shows, `fields` how that reads as ours, `sends` what is
written, `hooks` what its webhooks mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bascule.connectors.answers import Answers
from bascule.connectors.spec import ApiKey, Connector, FileReads, LinkInBody, Rate, Request, Response, retry_after
from bascule.errors import RejectedError, RemoteError
from bascule.model import Kind

from .fields import fields, setup
from .hooks import WEBHOOK
from .objects import MEDIA, said
from .reads import READS, STAGE_HISTORY
from .schema import schema, shapes
from .sends import CREATES, SENDS, address, create_field, discover

VERSION = "20240904"


def wait(headers: Mapping[str, str]) -> timedelta | None:
    """How long the window lasts yet: Teamtailor tells it in seconds, in a header of its own."""
    told = headers.get("x-rate-limit-reset", "").strip()
    return retry_after(headers) or (timedelta(seconds=int(told)) if told.isdigit() else None)


ANSWERS = Answers(
    "Teamtailor",
    key="Check the API key, and its region's address.",
    right="The key needs the scope Admin, to read and to write.",
    wait=wait,
)


def errors(request: Request, response: Response) -> RemoteError | None:
    """What an answer that is no success asks for. Some are no JSON at all, some have one error instead of a list."""
    words = said(response.json)
    if response.status == 406:
        hint = f"It no longer knows X-Api-Version {VERSION}: update Bascule."
        return ANSWERS.error(RejectedError, request, response, words, hint=hint)
    return ANSWERS.by_status(request, response, words)


def user_url(settings: Mapping[str, str], kind: Kind, external: str) -> str:
    """The page a person sees in Teamtailor, whose address has the company's own id in it."""
    pages = {Kind.CANDIDATE: "candidates/segment/all/candidate", Kind.JOB: "jobs"}
    base = settings.get("app_url", "")
    return f"{base.rstrip('/')}/{pages[kind]}/{external}" if base and kind in pages else ""


UNVERIFIED = (
    "Everything was learned from the vendor's reference of 2021, its partners' of 2026 and public clients of 2026.",
    "Whether tags and custom fields move a candidate's updated-at: tags are swept by themselves, custom fields daily "
    "and by their webhook.",
    "Whether filters of time include their moment: pages and polls begin a little earlier.",
    "Whether rejected-at can be emptied: a refusal is told to whoever took the rejection back.",
    "Whether a rejection by API is silent: public clients rely on it.",
    "Whether a candidate can be deleted by API: it is not tried, and erasing somebody there is a task for a person.",
    "How long a text a custom field takes: a refusal is told.",
    "Whether 429 has Retry-After: it is used if so, else X-Rate-Limit-Reset, else a wait of the engine's own.",
    "The name for programs of a custom field: found by it, else by the field's name.",
    "On which hosts files are served: addresses of other hosts are not fetched.",
    "What a merge tells of: candidate.destroy for the one that goes reads as a deletion.",
    "Whether notes can be sorted by updated-at and audit events by timestamp, and whether what is included may include "
    "more (custom-field-values.custom-field): a refusal shows as a list that fails.",
    "The order of lists without sort: short ones are read whole each time.",
)

CONNECTOR = Connector(
    name="teamtailor",
    label="Teamtailor",
    base_url="https://api.teamtailor.com/v1",
    hosts=("api.teamtailor.com", "api.na.teamtailor.com", "api.au.teamtailor.com"),
    auth=ApiKey("authorization", prefix="Token token="),
    settings=(
        ("api_key", "API key with the scope Admin, to read and to write (Settings > Integrations > API keys)", True),
        ("note_user", "Id of the Teamtailor user in whose name Bascule writes notes", False),
        ("webhook_secret", "The keys that Teamtailor shows for its webhooks, one a line", True),
        ("app_url", "Where people open Teamtailor, as https://app.teamtailor.com/companies/...", False),
    ),
    users=("note_user",),
    pages=LinkInBody("links.next"),
    rates={
        "default": Rate(
            50, timedelta(seconds=10), limit_header="x-rate-limit-limit", remaining_header="x-rate-limit-remaining",
            reset_header="x-rate-limit-reset",
        )
    },
    reads=READS,
    stage_history=STAGE_HISTORY,
    sends=SENDS,
    creates=CREATES,
    deletes={},
    fields=fields,
    discover=discover,
    setup=setup,
    create_field=create_field,
    errors=errors,
    schema=schema,
    shapes=shapes(),
    webhook=WEBHOOK,
    files=FileReads(url_field="url", hosts=(".amazonaws.com", ".teamtailor.com", ".teamtailor-cdn.com"), talk=address),
    settle=timedelta(seconds=5),
    late=timedelta(minutes=2),
    user_url=user_url,
    scopes=("admin", "read"),
    setup_scopes=("admin", "read", "write"),
    optional=frozenset({"app_url"}),
    excess={
        "Admin": "Candidates, applications, stages, notes, files and custom fields need a key of the scope Admin, that "
        "sees the whole company. Give the key to nothing else."
    },
    headers={"accept": MEDIA, "x-api-version": VERSION},
    facts={
        "api": f"customer API, X-Api-Version {VERSION}",
        "sunset": "none announced",
        "agreement": "None for a customer's own key. Cards of scores (partner results) need an agreement as a partner, "
        "and are not used.",
        "vendor sandbox": "Ask Teamtailor for a demo company (not verified).",
        "credential": "A user of its own for notes; its id is the number in the address of the user's page. Then in "
        "Settings > Integrations > API keys a key with the scope Admin, to read and to write.",
        "rights": "Settings > Integrations > API keys: the scope of the key.",
        "by hand": "The key with the scope Admin, the user who writes notes, and one webhook for each event offered.",
        "plan": "Webhooks and the audit log are features that a company has or has not; without them polls tell, and a "
        "deletion shows as somebody who is no longer there.",
        **{f"unverified {number}": fact for number, fact in enumerate(UNVERIFIED, 1)},
    },
)  # fmt: skip

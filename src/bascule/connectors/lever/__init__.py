"""Lever: Data API v1 and webhooks. Reference: hire.lever.co/developer/documentation, as known in November 2026.

A candidate is a contact, an application an opportunity, a job a posting. `reads` says what Lever shows, `fields` how
that reads as ours, `sends` what is written, `form` where what Bascule finds out is shown, `hooks` what webhooks mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from bascule.connectors.answers import MIXED, Answers
from bascule.connectors.spec import (
    Basic,
    Connector,
    Consent,
    CursorInBody,
    FileReads,
    FileTalk,
    OAuth,
    Rate,
    Request,
    Response,
)
from bascule.errors import GuardRefusedError, RemoteError
from bascule.model import Kind

from .fields import fields, setup
from .form import create_field
from .hooks import WEBHOOK
from .reads import READS, STAGE_HISTORY
from .schema import schema, shapes
from .sends import CREATES, ERASES, SENDS, discover

ARCHIVED = re.compile(r"archived", re.IGNORECASE)


ANSWERS = Answers(
    "Lever",
    key="Check the API key, or consent again.",
    right="Give the credential this endpoint, or its scope.",
    ids=MIXED,
)


def errors(request: Request, response: Response) -> RemoteError | None:
    """What an answer that is no success asks for."""
    words = said(response)
    if response.status == 400 and request.path.endswith("/stage") and ARCHIVED.search(words):
        return ANSWERS.error(GuardRefusedError, request, response, words)
    return ANSWERS.by_status(request, response, words)


def said(response: Response) -> str:
    """Lever's own words: {"code": ..., "message": ...}."""
    body = response.json
    return str(body.get("message") or body.get("code") or "")[:500] if isinstance(body, Mapping) else ""


def download(path: str) -> FileTalk:
    """A file's bytes, signed in as everything else."""
    response = yield Request("GET", path, raw=True, budget="files")
    return response.body


def user_url(settings: Mapping[str, str], kind: Kind, external: str) -> str:
    """The page a person sees in Lever: of an opportunity. A contact has no page of its own."""
    base = settings.get("app_url") or "https://hire.lever.co"
    return f"{base.rstrip('/')}/candidates/{external}" if kind is Kind.APPLICATION else ""


UNVERIFIED = (
    "Whether an archived opportunity can change stage: it is not tried, and a refusal counts as somebody's decision.",
    "Whether a merged contact's address leads to the survivor (301): if so it is a merge, else its candidate is away.",
    "In which order opportunities are listed while they change: a daily sweep finds who was passed over.",
    "Whether a template made by API needs a group: none is given, and a refusal is told with Lever's own words.",
    "Whether PUT on a contact empties what is left out: the whole contact is sent, as it was read in the same turn.",
    "Whether deleted notes and forms are still listed with their time of deletion: both read as deleted.",
    "Whether automations of the customer's run on moves and rejections that come by API: said before each of them.",
    "Whether a download is answered with the file or leads elsewhere: where it leads elsewhere it is not followed.",
    "Whether a webhook that keeps failing is switched off: polls go on beside the hooks.",
    "The code of an exceeded rate: the status 429 alone counts.",
)

CONNECTOR = Connector(
    name="lever",
    label="Lever",
    base_url="https://api.lever.co/v1",
    hosts=("api.lever.co", "api.eu.lever.co", "api.sandbox.lever.co", "auth.lever.co"),
    auth=(
        Basic(),
        OAuth(
            token_path="/oauth/token",
            token_url="https://auth.lever.co/oauth/token",
            refresh_life=timedelta(days=90),
            in_form=True,
            needs=("client_id", "client_secret", "refresh_token"),
            consent=Consent(
                "/authorize",
                "https://auth.lever.co/authorize",
                {"audience": "{base_url}/", "prompt": "consent"},
                ("offline_access",),
            ),
        ),
    ),
    settings=(
        (
            "api_key",
            "API key (Settings > Integrations and API > API Credentials), with confidential data if wanted",
            True,
        ),
        ("acting_user", "E-mail address of the Lever user as whom Bascule fills in its form", False),
        ("webhook_secret", "The signature token of each webhook, one a line", True),
        ("client_id", "Of a partner's integration: the client id of the app registered with Lever", False),
        ("client_secret", "Of a partner's integration: the app's secret", True),
        ("refresh_token", "Of a partner's integration: the refresh token that a Super Admin's consent gave", True),
    ),
    pages=CursorInBody("offset", "next", more="hasNext"),
    rates={"default": Rate(10, timedelta(seconds=1))},
    reads=READS,
    stage_history=STAGE_HISTORY,
    sends=SENDS,
    creates=CREATES,
    deletes={},
    erases=ERASES,
    fields=fields,
    discover=discover,
    setup=setup,
    create_field=create_field,
    errors=errors,
    schema=schema,
    shapes=shapes(),
    webhook=WEBHOOK,
    files=FileReads(url_field="url", max_bytes=30_000_000, talk=download),
    settle=timedelta(seconds=5),
    late=timedelta(minutes=5),
    user_url=user_url,
    scopes=tuple(f"{what}:read:admin" for what in ("archive_reasons", "feedback_templates", "stages", "users")),
    setup_scopes=("feedback_templates:write:admin",),
    excess={
        "Administrator": "Lever's scopes are an administrator's (they end in :admin): each reads its kind of object of "
        "every posting. Give the key only the endpoints listed, and confidential data only if they are to be matched."
    },
    facts={
        "api": "Data API v1",
        "sunset": "none announced",
        "plan": "Whether the API is in the plan is a matter of the contract: then a Super Admin sees API Credentials.",
        "agreement": "None for a customer's own key; a partner's integration has an OAuth app registered with Lever.",
        "vendor sandbox": "Lever gives a sandbox account on request; its address is https://api.sandbox.lever.co/v1.",
        "credential": "A Lever user for Bascule, with whom nobody signs in. Then a Super Admin makes a key in Settings "
        "> Integrations and API > API Credentials with the endpoints below. Whether it sees confidential postings is "
        "chosen then, and stays so.",
        "rights": "Settings > Integrations and API > API Credentials: the endpoints of the key.",
        "by hand": "A key with the endpoints of the scopes below; a Lever user called Bascule for its forms; one "
        "webhook for each event, and its switch; erasing a person, which Lever has no call for.",
        "predecessor": "The /candidates endpoints, which are deprecated, are not used.",
        **{f"unverified {number}": fact for number, fact in enumerate(UNVERIFIED, 1)},
    },
    acting="perform_as",
)

"""Workday Recruiting: SOAP v45.2 and the customer's own reports (RaaS), as published and seen in November 2026.

`objects` says how it is asked, `reads` what it shows, `fields` how that reads as ours, `sends` what is written. REST
Recruiting v4 has no applications and no stages, and its interviews are those of the worker who asks: it is not used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from bascule.connectors.answers import Answers
from bascule.connectors.lens import many
from bascule.connectors.spec import (
    Connector,
    FileReads,
    OAuth,
    PageNumber,
    Rate,
    Request,
    Response,
    WsSecurity,
)
from bascule.errors import (
    DisconnectedError,
    GuardRefusedError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
    ThrottledError,
)
from bascule.model import Json

from .fields import create_field, fields, setup
from .objects import HEADER, SPACES, within
from .reads import READS, file
from .schema import schema
from .sends import SENDS, discover
from .stage_history import STAGE_HISTORY

NOBODY = re.compile(r"authenticationerror|invalid username or password", re.IGNORECASE)
NOT_FOR_US = re.compile(r"not authorized", re.IGNORECASE)
BUSY = re.compile(r"too many (\w+ )?requests|throttl", re.IGNORECASE)
OVER = re.compile(r"process is complete", re.IGNORECASE)


def called(request: Request) -> str:
    """What a call is named in Workday's reference; of a report, its method."""
    return next(iter(request.soap)).rpartition(":")[2].removesuffix("_Request") if request.soap else request.method


ANSWERS = Answers(
    "Workday",
    key="Check the user and its password.",
    right="Grant the security group of the user this domain, and activate the change of the security policy.",
    call=called,
)


def errors(request: Request, response: Response) -> RemoteError | None:
    """What an answer that is no success asks for. Of SOAP every fault is a 500: what it means stands in its words."""
    fault, words = within(response.json, "Fault"), said(response.json)
    wrong = within(fault, "detail", "Validation_Fault")
    kind: type[RemoteError]
    match response.status:
        case 500 if NOBODY.search(f"{within(fault, 'faultcode')} {words}"):
            kind = DisconnectedError
        case 500 if NOT_FOR_US.search(words):
            kind = PermissionMissingError
        case 500 if BUSY.search(words):
            kind = ThrottledError
        case 500 if wrong:
            kind = GuardRefusedError if OVER.search(words) else RejectedError
        case _:
            return ANSWERS.by_status(request, response, words)
    return ANSWERS.error(kind, request, response, words)


def said(body: Json) -> str:
    """The vendor's own words: of every validation error of a fault, else of the fault; or of a report's refusal."""
    fault = within(body, "Fault")
    wrong = many(within(fault, "detail", "Validation_Fault", "Validation_Error"))
    told = [str(one["Message"]) for one in wrong if isinstance(one, Mapping) and one.get("Message")]
    plain = within(fault, "faultstring") or within(body, "error")
    return "; ".join(told or [str(plain or "")])[:500]


UNVERIFIED = (
    "What a Get_Candidates with empty criteria finds: it is never sent, everybody is asked for by a creation date.",
    "Whether Get_Candidates takes Created_From as a time, as its sample message shows.",
    "The namespace of custom objects: urn:com.workday/tenants/{tenant}/data/custom.",
    "Whether fields that a Put of a custom object leaves out are emptied: the whole object is read and sent.",
    "How throttling words its fault: 'too many requests' waits, any other fault without a validation error is retried.",
    "The names of the security domains, which differ between releases: those of the pages are told, in plain words.",
    "The word of the stage of hired people (READY_FOR_HIRE); a worker in it who came by a pre-hire reads as hired.",
    "Whether the step of a rejected application is the one it was rejected in or the disposition's own: both are read.",
    "Whether HTTP Basic for reports takes the name with the tenant: it is sent as it was entered.",
    "How many requests are allowed: Workday publishes no figure; ten a second is what integrators see.",
    "How late the transaction log tells: it is asked five minutes back each time.",
    "Whether Assess_Candidate takes a reference id of ours, so that scoring again changes one assessment.",
)

CONNECTOR = Connector(
    name="workday",
    label="Workday Recruiting",
    base_url="https://services1.myworkday.com",
    hosts=(".myworkday.com", ".workday.com", ".myworkdaygov.com"),
    auth=(
        WsSecurity(needs=("username", "password")),
        OAuth("/ccx/oauth2/{tenant}/token", "", needs=("client_id", "client_secret", "refresh_token")),
    ),
    settings=(
        ("tenant", "Name of the tenant, as it stands in Workday's addresses", False),
        ("username", "Integration system user, as name@tenant", False),
        ("password", "Its password", True),
        ("client_id", "Instead: the client id of an API client for integrations", False),
        ("client_secret", "Its secret", True),
        ("refresh_token", "Its refresh token, which does not expire", True),
        ("report_owner", "User who owns the reports below", False),
        ("changed_report", "Report of changed candidates", False),
        ("steps_report", "Report of the steps of recruiting processes", False),
        ("workers_report", "Report of recruiters and hiring managers", False),
        ("fields_report", "Report of the custom object's fields", False),
        ("assessment_test", "Without a custom object: reference id of the assessment test for scores", False),
        ("assessment_status", "... and of the status that its assessments have", False),
        ("assessed_by", "... and the employee id of the worker in whose name they are", False),
    ),
    pages=PageNumber("Page"),
    rates={
        "default": Rate(10, timedelta(seconds=1), concurrency=4),
        "reports": Rate(15_000, timedelta(hours=1), concurrency=2),
    },
    reads=READS,
    stage_history=STAGE_HISTORY,
    sends=SENDS,
    creates={},
    deletes={},
    fields=fields,
    discover=discover,
    setup=setup,
    create_field=create_field,
    errors=errors,
    schema=schema,
    files=FileReads(url_field="url", max_bytes=30_000_000, talk=file),
    settle=timedelta(seconds=5),
    late=timedelta(minutes=5),
    scopes=("Custom Reports",),
    optional=frozenset(
        {
            "report_owner",
            "changed_report",
            "steps_report",
            "workers_report",
            "fields_report",
            "assessment_test",
            "assessment_status",
            "assessed_by",
        }
    ),
    soap=SPACES,
    soap_header=HEADER,
    facts={
        "api": "SOAP Recruiting v45.2, and reports as a service",
        "sunset": "none announced: versions stay callable, and two new ones come a year",
        "plan": "Workday Recruiting. A custom object of job applications shows scores best; without one an Assess "
        "Candidate step in the process is needed.",
        "agreement": "None for a customer's own integration system user; partners certify with Workday.",
        "vendor sandbox": "Every customer has a sandbox tenant, which is overwritten from production each week "
        "(not verified); ids of steps differ there, so connect it as a connection of its own.",
        "credential": "An integration system user of its own, in a security group that is granted the domains below; "
        "then activate the pending change of the security policy. Or an API client for integrations that acts as this "
        "user.",
        "rights": "The domains of the security group; a change holds once the security policy is activated.",
        "by hand": "The integration system user with its security group and domains, the reports, the custom object. "
        "What no interface can: erase somebody (a purge in Workday is seen here), write or read notes, make tags.",
        **{f"unverified {number}": fact for number, fact in enumerate(UNVERIFIED, 1)},
    },
)

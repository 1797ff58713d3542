"""The Recruiting web service: one address for each version, one envelope for each operation."""

from __future__ import annotations

import re
from copy import copy

import lxml.etree as etree
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ..kit.errors import Refused
from ..kit.http import body_within, guarded
from ..kit.trouble import Words
from . import access
from .access import Caller
from .calls import Call, Operation, viewed
from .doings import later
from .operations import OPERATIONS
from .reshape import reshape
from .sandbox import Sandbox
from .shapes import check
from .xml import (
    BSVC,
    SOAP,
    WSSE,
    Element,
    Fault,
    Writer,
    Wrong,
    attribute,
    child,
    envelope,
    faulted,
    flag,
    invalid,
    local,
    parsed,
    path_of,
    processing,
    unauthenticated,
    unauthorized,
)

XML = "text/xml; charset=UTF-8"
# A file of 30 MB, as base64, and what is around it.
MOST = 48 * 1024 * 1024
FIRST, NEWEST, CHANGED = (20, 0), (46, 9), (27, 0)


def refuse(status: int, message: str) -> Response:
    """What goes wrong, as SOAP says it: nothing tells too many requests from a broken server."""
    return Response(faulted(processing(message)), status, media_type=XML)


class Soap:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[Route]:
        side = copy(self.sandbox)  # the same tenant, with SOAP's words for what goes wrong on purpose
        side.words = Words(refuse, lambda body: [], reshape)
        address = "/ccx/service/{tenant}/{service}/{version}"
        return [
            Route(address, guarded(side, self.answer, self.named), methods=["POST"]),
            Route(address, self.description, methods=["GET"]),
        ]

    async def named(self, request: Request) -> str:
        """Under which path a request counts and faults meet it: service and operation."""
        request.state.asked = None
        try:
            request.state.root = parsed(await body_within(request, MOST))
        except Fault as fault:
            request.state.root = fault
            return f"/{request.path_params['service']}/unreadable"
        body = request.state.root.find(f"{{{SOAP}}}Body")
        if body is not None and len(body):
            request.state.asked = body[0]
        asked = request.state.asked
        operation = None if asked is None else OPERATIONS.get(local(asked))
        name = operation.name if operation else "unknown" if asked is None else local(asked).removesuffix("_Request")
        return f"/{request.path_params['service']}/{name}"

    async def description(self, request: Request) -> Response:
        """The WSDL is Workday's own and not given out here."""
        return PlainTextResponse("The WSDL is not part of this sandbox.", 404)

    async def answer(self, request: Request) -> Response:
        now, caller = self.sandbox.now(), None
        if self.sandbox.windows.take(self.sandbox.options.tenant, now).exceeded:
            return refuse(500, "Too many requests.")
        try:
            if isinstance(request.state.root, Fault):
                raise request.state.root
            try:
                caller = self._caller(request)
            except Refused as error:
                if self.sandbox.options.expired_token == "401":
                    return PlainTextResponse(error.message, 401, headers={"WWW-Authenticate": "Bearer"})
                raise unauthenticated() from None
            body = self._done(request, caller)
        except Refused as error:
            at = "" if request.state.asked is None else path_of(request.state.asked)
            return self._faulted(_worded(error, at), caller)
        except Fault as fault:
            return self._faulted(fault, caller)
        return Response(envelope(body), media_type=XML)

    def _faulted(self, fault: Fault, caller: Caller | None) -> Response:
        """A fault; who sends invalid requests again and again is throttled."""
        key = caller.key if caller else "nobody"
        if fault.code.startswith("SOAP-ENV:Client") and self.sandbox.invalid.take(key, self.sandbox.now()).exceeded:
            return PlainTextResponse("Too many invalid requests", 429)
        return Response(faulted(fault), fault.status, media_type=XML)

    def _caller(self, request: Request) -> Caller:
        """Whom the envelope's UsernameToken, or a bearer token, stands for."""
        if request.headers.get("authorization", "").lower().startswith("bearer "):
            return access.bearer(self.sandbox, request)
        token = request.state.root.find(f"{{{SOAP}}}Header/{{{WSSE}}}Security/{{{WSSE}}}UsernameToken")
        if token is None:
            raise unauthenticated()
        name, password = token.findtext(f"{{{WSSE}}}Username"), token.find(f"{{{WSSE}}}Password")
        if password is None or not password.get("Type", "#PasswordText").endswith("#PasswordText"):
            raise unauthenticated()
        found = access.user(self.sandbox, (name or "").strip(), password.text or "")
        if found is None:
            raise unauthenticated()
        return found

    def _done(self, request: Request, caller: Caller) -> Element:
        path, asked = request.path_params, request.state.asked
        if path["tenant"] != self.sandbox.options.tenant:
            raise unauthenticated()
        found = re.fullmatch(r"v(\d+)\.(\d+)", path["version"])
        version = (int(found[1]), int(found[2])) if found else (0, 0)
        operation = None if asked is None or etree.QName(asked).namespace != BSVC else OPERATIONS.get(local(asked))
        named = None if asked is None else attribute(asked, "version")
        wrong_version = not FIRST <= version <= NEWEST or (named is not None and named != path["version"])
        if path["service"] != "Recruiting" or operation is None or wrong_version:
            raise invalid("The web service or version is invalid for the requested operation", asked)
        if operation.domain and not caller.may(operation.domain):
            raise unauthorized()
        old = version < CHANGED
        check(asked, operation.old if old and operation.old is not None else operation.shape)
        return operation.do(viewed(self._call(request, caller, asked, old, operation)))

    def _call(self, request: Request, caller: Caller, asked: Element, old: bool, operation: Operation) -> Call:
        sandbox, stale = self.sandbox, request.state.stale
        view = sandbox.as_of(stale) if stale and operation.name.startswith("Get") else sandbox
        header = request.state.root.find(f"{{{SOAP}}}Header/{{{BSVC}}}Workday_Common_Header")
        told = sandbox.options.descriptors == "always" or flag(
            child(header, "Include_Reference_Descriptors_In_Response")
        )
        ready = later(sandbox, request.state.not_ready)
        writer = Writer(view.db, sandbox.zone, told)
        return Call(sandbox, view, caller, asked, request.path_params["version"], old, writer, sandbox.now(), ready,
                    stale)  # fmt: skip


def _worded(error: Refused, at: str) -> Fault:
    """What the tenant does not allow, as a fault."""
    text = f"Validation error occurred. {error.message}"
    return Fault("SOAP-ENV:Client.validationError", text, [Wrong(error.message, at)])

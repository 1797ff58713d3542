"""The three ways in: JSON-RPC and XML-RPC on every version, JSON-2 from 19 on; and what is told to anybody."""

from __future__ import annotations

import asyncio
import json
import xmlrpc.client
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, cast
from xml.parsers.expat import ExpatError

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ..kit.access import bearer
from ..kit.errors import Refused
from ..kit.http import body_within, guarded
from ..kit.tables import Row
from ..kit.trouble import Handler
from . import methods
from .env import Env
from .errors import DENIED, FAULTS, broken, denied
from .sandbox import Sandbox
from .values import text_of

# The largest body a server takes unless it is told otherwise.
MOST = 128 * 1024 * 1024
TRACE = 'Traceback (most recent call last):\n  File "odoo/http.py", in _transactioning\n'


class Rpc:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[Route]:
        found = [
            Route("/jsonrpc", self._guarded(self.json_rpc, self._json_name), methods=["POST"]),
            Route("/xmlrpc/2/{service}", self._guarded(self.xml_rpc, self._xml_name), methods=["POST"]),
            Route("/xmlrpc/{service}", self._guarded(self.xml_rpc, self._xml_name), methods=["POST"]),
            Route("/web/webclient/version_info", self.version_info, methods=["POST"]),
            Route("/web/content/{id:int}", self.content),
        ]
        if self.sandbox.options.version == "19":
            everything = ["GET", "POST", "PUT", "DELETE", "PATCH"]
            found += [
                Route("/web/version", self.version), Route("/json/version", self.version),
                Route("/json/2/{model}/{method}", self._guarded(self.json_2), methods=["POST"]),
                Route("/json/2", self.lost, methods=everything),
                Route("/json/2/{rest:path}", self.lost, methods=everything),
            ]  # fmt: skip
        return found

    def _guarded(self, handler: Handler, named: Any = None) -> Handler:
        return guarded(self.sandbox, self._limited(handler), named)

    def _limited(self, handler: Handler) -> Handler:
        """What stands before odoo.com lets only so many through; Odoo itself has no limit and no headers for one."""

        async def limited(request: Request) -> Response:
            windows = self.sandbox.windows
            caller = request.client.host if request.client else ""
            if windows is not None and windows.take(caller, self.sandbox.now()).exceeded:
                return HTMLResponse(
                    "<html><head><title>429 Too Many Requests</title></head><body><center><h1>429 Too "
                    "Many Requests</h1></center><hr><center>nginx</center></body></html>",
                    429,
                )
            return await handler(request)

        return limited

    # For anybody.

    def _version(self) -> dict[str, Any]:
        major = int(self.sandbox.options.version)
        series = f"saas~{major}.1" if self.sandbox.options.recruiter == "employee" else f"{major}.0"
        info = [f"saas~{major}", 1] if series.startswith("saas") else [major, 0]
        return {"server_version": series, "server_version_info": [*info, 0, "final", 0, ""], "server_serie": series,
                "protocol_version": 1}  # fmt: skip

    async def version(self, request: Request) -> Response:
        told = self._version()
        return JSONResponse({"version_info": told["server_version_info"], "version": told["server_version"]})

    async def version_info(self, request: Request) -> Response:
        return JSONResponse({"jsonrpc": "2.0", "id": None, "result": self._version()})

    async def content(self, request: Request) -> Response:
        """A file for whoever has its token; a key opens nothing here."""
        row = self.sandbox.db["attachments"].get(request.path_params["id"])
        token = request.query_params.get("access_token")
        if row is None or not (row["public"] or (token and token == row["access_token"])):
            return HTMLResponse("<html><body><h1>404: Not Found</h1></body></html>", 404)
        return Response(row["datas"] or b"", media_type=row["mimetype"])

    # One call, whichever way it came.

    def _login(self, database: Any, login: Any, key: Any) -> int | bool:
        self._known(database)
        row = self.sandbox.key(str(key)) if key else None
        if row is None or self.sandbox.options.plan != "custom":
            return False
        user = self.sandbox.db["users"].rows[row["user_id"]]
        return user["id"] if user["login"] == login else False

    def _known(self, database: Any) -> None:
        if database != self.sandbox.options.database:
            raise broken(f'connection to server failed: FATAL:  database "{database}" does not exist\n', "Exception")

    def _common(self, method: str, args: list[Any]) -> Any:
        match method, args:
            case "version", _:
                return self._version()
            case "login", [database, login, key, *_]:
                return self._login(database, login, key)
            case "authenticate", [database, login, key, *_]:
                return self._login(database, login, key)
            case _:
                raise broken(f"Method not found: {method}", "Exception")

    async def _dispatch(self, request: Request, service: str, method: str, args: list[Any]) -> Any:
        if service == "common":
            return self._common(method, args)
        if service == "db":
            if method == "list":
                return [self.sandbox.options.database]
            raise denied()
        if service != "object" or method not in ("execute_kw", "execute") or len(args) < 5:
            raise broken(f"Method not available {method}", "NameError")
        database, uid, key, model, name, *rest = args
        self._known(database)
        row = self.sandbox.key(str(key)) if key else None
        if row is None or row["user_id"] != uid:
            raise denied()
        positional, named = rest, dict[str, Any]()
        if method == "execute_kw":
            positional = list(rest[0]) if rest else []
            named = dict(rest[1]) if len(rest) > 1 and rest[1] else {}
        context = named.pop("context", None) or {}
        return await self.perform(request, row, context, str(name),
                                  lambda env: methods.call(env, str(model), str(name), positional, named))  # fmt: skip

    async def perform(self, request: Request, key: Row, context: Mapping[str, Any], name: str,
                      work: Callable[[Env], Any]) -> Any:  # fmt: skip
        """One transaction. Reads may be of a replica, or of what is not yet committed by another."""
        env = self.sandbox.caller(key, context)
        if name in methods.READERS:
            stale, past = request.state.stale, self.sandbox.shown
            if stale:
                past = self.sandbox.db.as_of(self.sandbox.db.real_now() - timedelta(seconds=stale))
            return work(Env(self.sandbox, env.user, env.groups, env.actor, env.context, past=past))
        writing = Env(self.sandbox, env.user, env.groups, env.actor, env.context, late=request.state.not_ready)
        if self.sandbox.options.version != "17":
            return work(writing)
        async with self.sandbox.lock:
            return await self._before_commit(lambda: work(writing))

    async def _before_commit(self, work: Callable[[], Any]) -> Any:
        """17 waits for the receivers of its webhooks, a second each at most, before anybody sees what was written."""
        sandbox, hooks = self.sandbox, self.sandbox.hooks
        began = sandbox.db.real_now() - timedelta(microseconds=1)
        last = max((one.id for one in hooks.deliveries), default=0)
        sandbox.fired = False
        result = work()
        if sandbox.fired:
            sandbox.shown = sandbox.db.as_of(began)
            mine = [one for one in hooks.deliveries if one.id > last]
            try:
                await hooks.deliver_due()
                while any(one.state == "waiting" and one.next_at is None for one in mine):
                    await asyncio.sleep(0.005)  # the server's own worker has taken some of them
            finally:
                sandbox.shown = None
        return result

    # JSON-RPC: always 200, refusals inside.

    async def _json_name(self, request: Request) -> str:
        try:
            params = json.loads(await body_within(request, MOST)).get("params", {})
            return _called("/jsonrpc", params.get("service"), params.get("method"), params.get("args") or [])
        except (ValueError, AttributeError, Refused):
            return "/jsonrpc"

    async def json_rpc(self, request: Request) -> Response:
        if request.headers.get("content-type", "").split(";")[0].strip() not in (
            "application/json",
            "application/json-rpc",
        ):
            return HTMLResponse("<title>400 Bad Request</title>\n<h1>Bad Request</h1>", 400)
        try:
            asked = json.loads(await body_within(request, MOST))
            params, id = dict(asked.get("params") or {}), asked.get("id")
        except (ValueError, AttributeError, TypeError):
            return HTMLResponse("<title>400 Bad Request</title>\n<h1>Bad Request</h1>\n<p>Invalid JSON data</p>", 400)
        told: dict[str, Any] = {"jsonrpc": "2.0", "id": id}
        try:
            args = list(params["args"])
            result = await self._dispatch(request, str(params["service"]), str(params["method"]), args)
            if result is not None:  # a method that returns nothing answers without a result
                told["result"] = result
        except Refused as refused:
            told["error"] = self._failed(refused)
        except (KeyError, TypeError) as error:
            told["error"] = self._failed(broken(str(error), type(error).__name__))
        return JSONResponse(told)

    def _failed(self, refused: Refused) -> dict[str, Any]:
        """The number says nothing; 19 changed it."""
        code = 0 if self.sandbox.options.version == "19" else 200
        return {"code": code, "message": "Odoo Server Error", "data": _serialized(refused)}

    # XML-RPC: always 200, refusals are faults; nothing cannot be said.

    async def _xml_name(self, request: Request) -> str:
        path = request.url.path
        try:
            params, method = xmlrpc.client.loads(await body_within(request, MOST), use_datetime=True)
            return _called(path, None, method, list(params))
        except (ExpatError, xmlrpc.client.ResponseError, ValueError, TypeError, Refused):
            return path

    async def xml_rpc(self, request: Request) -> Response:
        try:
            params, method = xmlrpc.client.loads(await body_within(request, MOST), use_datetime=True)
            args = [_from_xml(one) for one in params]
            result = await self._dispatch(request, request.path_params["service"], str(method), args)
            body = xmlrpc.client.dumps((_for_xml(result),), methodresponse=True, allow_none=False)
        except Refused as refused:
            body = _refusal(refused, numbered=request.url.path.startswith("/xmlrpc/2/"))
        except (ExpatError, xmlrpc.client.ResponseError, TypeError, OverflowError, ValueError) as error:
            body = _fault(1, f"{TRACE}{type(error).__name__}: {error}\n")
        return Response(body, media_type="text/xml")

    # JSON-2: real statuses, the bare value.

    async def lost(self, request: Request) -> Response:
        return self._wrong(404, "Did you mean POST /json/2/<model>/<method>?", "NotFound")

    def _wrong(self, status: int, message: str, kind: str, headers: Mapping[str, str] | None = None) -> Response:
        if self.sandbox.options.errors == "string":
            return JSONResponse(message, status, headers=headers)
        told = {"name": f"werkzeug.exceptions.{kind}", "message": message, "arguments": [message, status],
                "context": {}, "debug": f"{TRACE}werkzeug.exceptions.{kind}: {status} {message}\n"}  # fmt: skip
        return JSONResponse(told, status, headers=headers)

    async def json_2(self, request: Request) -> Response:
        database = request.headers.get("x-odoo-database")
        if database is not None and database != self.sandbox.options.database:
            return HTMLResponse("<title>404 Not Found</title>\n<h1>Not Found</h1>", 404)
        text = bearer(request.headers.get("authorization"))
        key = self.sandbox.key(text) if text else None
        if key is None:
            said = "Invalid apikey" if text else (
                "User not authenticated, use an API Key with a Bearer Authorization header.")  # fmt: skip
            return self._wrong(401, said, "Unauthorized", {"WWW-Authenticate": "bearer"})
        raw = await body_within(request, MOST)
        if raw and request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
            return self._wrong(415, "Request inferred type is not compatible with type='json2'", "UnsupportedMediaType")
        try:
            asked = json.loads(raw) if raw else {}
        except ValueError as error:
            return self._wrong(400, f"could not parse the body as json: {error}", "BadRequest")
        try:
            return await self._called_2(request, key, dict(asked) if isinstance(asked, dict) else {})
        except Refused as refused:
            if self.sandbox.options.errors == "string":
                return JSONResponse(refused.message, refused.status)
            return JSONResponse(_serialized(refused), refused.status)

    async def _called_2(self, request: Request, key: Row, asked: dict[str, Any]) -> Response:
        model, name = request.path_params["model"], request.path_params["method"]
        ids, context = methods.ids_of(asked.pop("ids", None)), asked.pop("context", None) or {}
        env = self.sandbox.caller(key, context)
        if model not in self.sandbox.models:
            return self._wrong(404, f"the model {model!r} does not exist", "NotFound")
        try:
            found, on_records = methods.method(env, model, name)
        except LookupError:
            return self._wrong(404, f"The method '{model}.{name}' does not exist", "NotFound")
        if ids and not on_records:
            return self._wrong(422, f"cannot call {model}.{name} with ids", "UnprocessableEntity")
        positional = [ids] if on_records else []
        try:
            methods.bound(found, env, model, positional, asked)
        except TypeError as error:
            return self._wrong(422, str(error), "UnprocessableEntity")
        result = await self.perform(request, key, context, name, lambda env: found(env, model, *positional, **asked))
        if name == "create" and isinstance(result, int):
            result = [result]  # a record is answered as its ids, however few
        return JSONResponse(result)


def _called(path: str, service: Any, method: Any, args: list[Any]) -> str:
    """What a call is named for faults and counters: `/jsonrpc/hr.applicant/write`."""
    if method in ("execute_kw", "execute") and len(args) > 4:
        return f"{path}/{args[3]}/{args[4]}"
    return "/".join(str(one) for one in (path, service, method) if one)


def _serialized(refused: Refused) -> dict[str, Any]:
    """An exception as JSON has it; of a refused sign-in nothing can be traced."""
    trace = "" if refused.code.endswith("AccessDenied") else f"{TRACE}{refused.code}: {refused.message}\n"
    return {"name": refused.code or "builtins.Exception", "debug": trace, "message": refused.message,
            "arguments": [refused.message], "context": {}}  # fmt: skip


def _refusal(refused: Refused, *, numbered: bool) -> str:
    """The older address has texts for codes, which is not what XML-RPC says."""
    trace = f"{TRACE}{refused.code.removeprefix('builtins.')}: {refused.message}\n"
    if numbered:
        known = refused.code in FAULTS
        return _fault(FAULTS.get(refused.code, 1), refused.message if known else trace)
    kind = refused.code.rpartition(".")[2]
    if refused.code == DENIED:
        return _fault(kind, refused.message)
    if refused.code in FAULTS:
        kind = kind if kind in ("MissingError", "AccessError") else "UserError"
        return _fault(f"warning -- {kind}\n\n{refused.message}", "")
    return _fault(refused.message, trace)


def _fault(code: int | str, text: str) -> str:
    return xmlrpc.client.dumps(xmlrpc.client.Fault(cast("int", code), text), methodresponse=True)


def _from_xml(value: Any) -> Any:
    match value:
        case datetime():
            return text_of(value)
        case xmlrpc.client.Binary():
            return value.data
        case list() | tuple():
            return [_from_xml(one) for one in value]
        case dict():
            return {key: _from_xml(one) for key, one in value.items()}
        case _:
            return value


def _for_xml(value: Any) -> Any:
    """Without what XML cannot hold: control characters go."""
    match value:
        case str():
            return "".join(one for one in value if one >= " " or one in "\t\n\r")
        case date():
            return value.isoformat()
        case list() | tuple():
            return [_for_xml(one) for one in value]
        case dict():
            return {str(key): _for_xml(one) for key, one in value.items()}
        case _:
            return value

"""The only HTTP client: signing in, paging, error mapping, one guard for addresses. It never logs a body.

A `Client` speaks for one connection, over a `wire.Transport`. Time comes from the caller, so that a
simulation can hold it.
"""

from __future__ import annotations

import asyncio
import copy
import ipaddress
import re
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode, urljoin, urlsplit

import yarl

from bascule.connectors.spec import (
    Asked,
    Connector,
    Entered,
    FileReads,
    LinkHeader,
    LinkInBody,
    OAuth,
    Pages,
    Reads,
    Request,
    Response,
    Tenant,
    http_date,
    retry_after,
    sign_in,
)
from bascule.errors import (
    AbsentError,
    ConfigurationError,
    DisconnectedError,
    LeaseLostError,
    MalformedError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
    UnansweredError,
    UnavailableError,
)
from bascule.jsontext import dumps, loads
from bascule.model import Exchange, Json, Kind

from . import lists, xmltext
from .form import multipart
from .signin import Consented, Held, Keeper, SignIn, Token
from .wire import Transport, WireRequest, WireResponse, is_literal, is_public

if TYPE_CHECKING:
    from .rates import Purse

T = TypeVar("T")

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
HOST_NAME = re.compile(rf"(?:{LABEL}\.)*{LABEL}\.?")
LONGEST_TARGET = 2000  # characters of an address that events are sent to


# --------------------------------------------------------------------------------------------------- which addresses


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_base(connector: Connector, url: str, allowed: Sequence[str] = ()) -> str:
    """A base URL a connection may have: the vendor's own hosts, loopback, or a host the administrator allows.

    Raises ConfigurationError. Everything but loopback must be https.
    """
    return checked_address(url, connector.hosts, connector.label, allowed)


def checked_address(url: str, hosts: Sequence[str], label: str, allowed: Sequence[str] = ()) -> str:
    """An address that may be asked on behalf of a workspace: on the `hosts` of `label`, on loopback, or on a host the
    administrator allows. Without a slash at its end.

    Raises ConfigurationError. Everything but loopback must be https.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise ConfigurationError(f"{url!r} is not an address like https://host/path.")
    if is_loopback(host):
        return url.rstrip("/")
    if parts.scheme != "https":
        raise ConfigurationError(f"{url!r} must be https: only this machine may be reached without.")
    if not (among(host, hosts) or among(host, allowed)):
        raise ConfigurationError(
            f"{host} is not one of {label}'s own hosts ({', '.join(hosts)}).",
            hint="An administrator can allow it by name in BASCULE_ALLOWED_HOSTS.",
        )
    return url.rstrip("/")


def checked_target(url: str, allowed: Sequence[str] = ()) -> bool:
    """An address that anybody with a key may have us send to: a public one, by https; or one on a host that the
    administrator allows by name, which may be private. True if it must be public: then names must resolve so, too.

    Raises ConfigurationError. Only loopback, where it is allowed, may be reached without https.
    """
    try:
        parts, plainly = urlsplit(url), yarl.URL(url, encoded=True)
        host, read = (parts.hostname or "").lower(), (plainly.host or "").lower()  # two readers, one meaning
        clean = parts.port == plainly.explicit_port and host == read and all(32 < ord(char) < 127 for char in url)
    except ValueError:
        host, clean, parts = "", False, urlsplit("")
    named = is_literal(host) or (len(host) <= 253 and HOST_NAME.fullmatch(host) is not None)
    if not (clean and named) or parts.scheme not in ("http", "https") or len(url) > LONGEST_TARGET:
        raise ConfigurationError("The target is not an address like https://host/path.")
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError("The target has a user or password before its host; such an address is not taken.")
    known = among(host, allowed)
    if parts.scheme != "https" and not (known and is_loopback(host)):
        raise ConfigurationError("The target must be https: what is sent must not be read on the way.")
    if known:
        return False
    if is_loopback(host) or (is_literal(host) and not is_public(host)):
        raise ConfigurationError(
            f"{host} is not a public host.", hint="An administrator can allow it by name in BASCULE_ALLOWED_HOSTS."
        )
    return True


def among(host: str, names: Sequence[str]) -> bool:
    """Host names, or suffixes that start with a dot."""
    return any(host == name.lower() or (name.startswith(".") and host.endswith(name.lower())) for name in names)


# ------------------------------------------------------------------------------------------------------- the client


@dataclass(frozen=True, slots=True)
class Observation:
    """One request, for budgets, metrics and audit: where to, how it ended, what the system said of its rate.

    `endpoint` is a template without ids. `status` is 0 when there was no answer. `date` is the system's own clock.
    """

    method: str
    endpoint: str
    status: int
    budget: str
    started: datetime
    seconds: float
    limit: int | None = None
    remaining: int | None = None
    reset: str = ""
    retry_after: timedelta | None = None
    date: str = ""
    acts_as: str = ""
    error: str = ""
    request: str = ""  # the system's own name of it
    safe: bool = False  # it changed nothing there
    heard: bool = False  # by the errand it was made for, which tells the audit of it
    deprecation: str = ""  # headers about the interface's end, as they came
    sunset: str = ""
    link: str = ""

    @property
    def exchange(self) -> Exchange:
        return Exchange(f"{self.method} {self.endpoint}", self.status, round(self.seconds * 1000), self.request)


class Redirected(MalformedError):
    """An answer that leads elsewhere. Nothing follows it; of an object that has gone into another it tells which."""

    def __init__(self, what: str, *, location: str, **more: Any) -> None:
        super().__init__(what, **more)
        self.location = location


def is_pull(seen: Observation) -> bool:
    """Whether a request changes nothing there: a question, or a sign-in."""
    return seen.safe or seen.endpoint.endswith("token")


_HEARD: ContextVar[list[Observation] | None] = ContextVar("heard", default=None)


class Errand:
    """The requests that are made inside, as they end: for who knows what they were made for."""

    def __init__(self) -> None:
        self._heard: list[Observation] = []

    def __enter__(self) -> list[Observation]:
        self._before = _HEARD.set(self._heard)
        return self._heard

    def __exit__(self, *_: object) -> None:
        _HEARD.reset(self._before)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `next` is where to go on, "" at the end; keep it to resume a backfill."""

    items: list[Json]
    next: str
    token: str = ""  # of the last page of a list that is followed by tokens: what to ask for changes with


@dataclass(frozen=True, slots=True)
class File:
    data: bytes
    media_type: str


class Client:
    """Speaks to one system for one connection.

    `settings` and `secrets` are what a person entered under the names the connector gives; `token_url` in `settings`
    overrides where tokens come from. `tenant` is what is known of the account. `keeper` keeps what a consent gives;
    without one this client alone does. `on_request` is told of every request that was tried, `on_page` shown every page
    of a list.
    Raises ConfigurationError for a base URL that is not allowed.
    """

    def __init__(
        self,
        connector: Connector,
        transport: Transport,
        *,
        base_url: str = "",
        settings: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        now: Callable[[], datetime],
        timeout: float = 20.0,
        allowed_hosts: Sequence[str] = (),
        on_request: Callable[[Observation], None] = lambda _observation: None,
        on_page: Callable[[Reads, Sequence[Json]], None] = lambda _reads, _items: None,
        keeper: Keeper | None = None,
        tenant: Tenant | None = None,
    ) -> None:
        self.connector = connector
        self.tenant = tenant or Tenant()
        self.base_url = checked_base(connector, base_url or connector.base_url, allowed_hosts)
        self.timeout = timeout
        self.on_request = on_request
        self.on_page = on_page
        self.allowed: dict[str, int] = {}  # requests in a window, by endpoint class, as the system itself says
        self._ahead: dict[str, timedelta] = {}  # of our clock, the system's: by the date of its last answer
        self._purse: Purse | None = None
        self._places: dict[str, asyncio.Semaphore] = {}  # by endpoint class, where only so many may be under way
        self._transport = transport
        self._given = {**(settings or {}), **(secrets or {})}
        self._now = now
        self._token_url = self._where_tokens_are(allowed_hosts)
        self._keeper = keeper or Held()
        self._sign_in = SignIn(connector, self._given, now, self._token_request, self._keeper)

    def _where_tokens_are(self, allowed: Sequence[str]) -> str:
        """The vendor's own address for the vendor's own hosts; else the base URL's host, unless one was entered."""
        auth = sign_in(self.connector, self._given)
        if not isinstance(auth, OAuth):
            return ""
        entered = self._given.get("token_url", "")
        return (
            checked_base(self.connector, entered, allowed) if entered else self._beside(auth.token_path, auth.token_url)
        )

    def _beside(self, path: str, vendors: str) -> str:
        """A page of the authorization server: the vendor's own where the vendor's own interface is used."""
        base = urlsplit(self.base_url)
        if vendors and among((base.hostname or "").lower(), self.connector.hosts):
            return vendors
        return f"{base.scheme}://{base.netloc}{self._filled(path)}"

    def consent_page(self, asked: Mapping[str, str], rights: Iterable[str]) -> str:
        """The address of the page on which a user consents to these rights. `asked`: what the flow itself says."""
        auth = sign_in(self.connector, self._given)
        assert isinstance(auth, OAuth)
        assert auth.consent is not None
        more = {name: text.replace("{base_url}", self.base_url) for name, text in auth.consent.asks.items()}
        scope = " ".join([*rights, *auth.consent.scope])
        query = {"response_type": "code", "client_id": self._given[auth.needs[0]], "scope": scope, **more, **asked}
        return f"{self._beside(auth.consent.path, auth.consent.url)}?{urlencode(query)}"

    async def consented(self, code: str, back: str, verifier: str) -> Consented:
        """See `SignIn.consented`."""
        return await self._sign_in.consented(code, back, verifier)

    def knowing(self, tenant: Tenant) -> Client:
        """The same client, of an account that is known (better)."""
        if tenant == self.tenant:
            return self
        other = copy.copy(self)
        other.tenant = tenant
        return other

    def speaking(self, connector: Connector) -> Client:
        """The same client, of a connector that has other fields."""
        other = copy.copy(self)
        other.connector = connector
        return other

    def within(self, purse: Purse) -> Client:
        """The same client, whose every request is paid for from this purse."""
        paying = copy.copy(self)
        paying._purse = purse
        return paying

    def with_secrets(self, secrets: Mapping[str, str]) -> Client:
        """The same client with other secrets and no token yet; it shares the keeper of the consent."""
        other = copy.copy(self)
        other._given = {**self._given, **secrets}
        other._sign_in = SignIn(self.connector, other._given, self._now, other._token_request, self._keeper)
        return other

    async def close(self) -> None:
        """Forget the tokens. The transport is shared and stays open."""
        self._sign_in.forget()

    # ------------------------------------------------------------------------------------------------- conversations

    async def run(self, talk: Generator[Request, Response, T], *, ends: datetime | None = None) -> T:
        """Carry a conversation to its end and return what it found. Raises what `send` raises; the talk then ends.
        `ends` is when the caller's lease does: LeaseLostError instead of a request whose answer might come after."""
        try:
            request = next(talk)
            while True:
                response = await self.send(request, ends=ends)
                request = talk.send(response)
        except StopIteration as end:
            return end.value
        finally:
            talk.close()

    async def send(self, request: Request, *, ends: datetime | None = None) -> Response:
        """One request, signed in. Raises the errors of `errors.py` only; a status in `done_if` counts as success."""
        answer, token = await self._try(request, ends)
        if token is not None and self._token_ended(request, answer):
            self._sign_in.refused(request.acts_as, token)  # it may have been revoked: once more with a fresh one
            answer, token = await self._try(request, ends)
            if token is not None and token.until <= self._now() and self._token_ended(request, answer):
                what = f"{self.connector.label} is slower than its tokens live: the last one ended on the way."
                raise UnavailableError(what, status=answer.status)
        response = self._understood(request, answer)
        if response.status in request.done_if:
            return response
        if response.status >= 400 or self.connector.errors(request, response) is not None:
            raise self._error(request, response)
        return response

    def _token_ended(self, request: Request, answer: WireResponse) -> bool:
        """Whether it is for the token that a request was refused: a 401, or a system's own words with another error."""
        if answer.status < 500:
            return answer.status == 401
        return isinstance(self.connector.errors(request, self._understood(request, answer)), DisconnectedError)

    async def _try(self, request: Request, ends: datetime | None) -> tuple[WireResponse, Token | None]:
        """One exchange, and the token it was signed in with. Nothing but the token request leaves without one."""
        headers, token = await self._sign_in.headers(replace(request, headers=self._headed(request.headers)))
        url = self._url(request)
        endpoint = template(url, self.base_url)
        if request.soap is not None:
            spaces = {prefix: self._filled(uri) for prefix, uri in self.connector.soap.items()}
            asked = self._with_entered(request.soap)
            body = xmltext.envelope(asked, spaces, self._sign_in.user(), self.connector.soap_header)
            headers |= {"accept": "text/xml", "content-type": "text/xml; charset=utf-8", "soapaction": '""'}
            endpoint += "#" + next(iter(request.soap)).rpartition(":")[2]
        elif request.files:
            body, media = multipart(self._with_entered(request.json), request.files)
            headers["content-type"] = media
        elif request.json is not None:
            body = dumps(self._with_entered(request.json)).encode()
            headers.setdefault("content-type", "application/json")
        else:
            body = None
        wire = WireRequest(request.method, url, headers, body, check=self._in_time(ends))
        safe = request.safe or request.method in SAFE
        answer = await self._carry(wire, request.budget, request.acts_as, endpoint, safe=safe)
        return answer, token

    def _with_entered(self, json: Json) -> Json:
        """The body with what was entered in the places that ask for it."""
        match json:
            case Entered(name=name):
                return self._given.get(name, "")
            case Mapping():
                return {key: self._with_entered(value) for key, value in json.items()}
            case list() | tuple():
                return [self._with_entered(value) for value in json]
            case _:
                return json

    def _in_time(self, ends: datetime | None) -> Callable[[], None]:
        """Whether the lease outlives the answer, asked when the request leaves. The process may have slept anywhere
        before that; whoever holds the lane by now looks for what we did."""

        def check() -> None:
            if ends is not None and self._now() + timedelta(seconds=self.timeout) >= ends:
                raise LeaseLostError

        return check

    async def _carry(
        self, wire: WireRequest, budget: str, acts_as: str, endpoint: str, *, safe: bool = False
    ) -> WireResponse:
        """One exchange, paid for and observed. A lost answer to a read is no more than a system that is busy."""
        if self._purse is not None:
            await self._purse.pay(budget)
        started = self._now()
        try:
            async with self._place(budget):
                started = self._now()
                answer = await self._transport.send(wire, self.timeout)
        except RemoteError as error:
            self._observe(wire, budget, acts_as, endpoint, started, None, type(error).__name__, safe=safe)
            if isinstance(error, UnansweredError) and safe:
                raise UnavailableError(str(error)) from error
            raise
        self._observe(wire, budget, acts_as, endpoint, started, answer, "", safe=safe)
        if (there := http_date(answer.headers.get("date", ""))) is not None:
            self._ahead[""] = there - self._now()
        if 300 <= answer.status < 400 and answer.status != 304:
            raise Redirected(
                f"{self.connector.label} answered {wire.method} {endpoint} with a redirect, which is not followed.",
                location=answer.headers.get("location", ""),
                status=answer.status,
                hint="Check the connection's base URL.",
            )
        return answer

    def _survivor(self, request: Request, location: str) -> str:
        """The id of the object of the same kind that a redirect leads to; "" where it leads elsewhere."""
        here, _, asked = urlsplit(self._url(request)).path.rpartition("/")
        there, _, found = urlsplit(urljoin(self._url(request), location)).path.rpartition("/")
        return found if there == here and found != asked else ""

    def _place(self, budget: str) -> AbstractAsyncContextManager[object]:
        """One of the places of an endpoint class that allows only so many requests at once."""
        rate = self.connector.rates.get(budget)
        if rate is None or not rate.concurrency:
            return nullcontext()
        return self._places.setdefault(budget, asyncio.Semaphore(rate.concurrency))

    def _observe(
        self,
        wire: WireRequest,
        budget: str,
        acts_as: str,
        endpoint: str,
        started: datetime,
        answer: WireResponse | None,
        error: str,
        *,
        safe: bool = True,
    ) -> None:
        headers = answer.headers if answer else {}
        rate = self.connector.rates.get(budget) or self.connector.rates.get("default")
        allowed = _whole(headers.get(rate.limit_header, "")) if rate else None
        if allowed:
            self.allowed[budget] = allowed
        heard = _HEARD.get()
        seen = Observation(
            method=wire.method,
            endpoint=endpoint,
            status=answer.status if answer else 0,
            budget=budget,
            started=started,
            seconds=(self._now() - started).total_seconds(),
            limit=allowed,
            remaining=_whole(headers.get(rate.remaining_header, "")) if rate else None,
            reset=headers.get(rate.reset_header, "") if rate else "",
            retry_after=retry_after(headers),
            date=headers.get("date", ""),
            acts_as=acts_as,
            error=error,
            request=headers.get("x-request-id", ""),
            safe=safe,
            heard=heard is not None,
            deprecation=headers.get("deprecation", ""),
            sunset=headers.get("sunset", ""),
            link=headers.get("link", "") if "deprecation" in headers or "sunset" in headers else "",
        )
        if heard is not None:
            heard.append(seen)
        self.on_request(seen)

    def _url(self, request: Request) -> str:
        """The address of a request. An absolute one, and where a path leads, must stay under the base URL's host."""
        absolute = "://" in request.path
        path = self._filled(request.path)
        url = self._same_host(path) if absolute else f"{self.base_url}/{path.lstrip('/')}"
        query = dict(request.query)
        if request.acts_as and self.connector.acting:
            query[self.connector.acting] = request.acts_as
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query, quote_via=quote)
        return url

    def _filled(self, path: str) -> str:
        """A path with the connection's settings in the places that are named after them, "-" for what was not entered:
        an address with a hole in it leads somewhere else."""
        if "{" not in path:
            return path
        plain = {name for name, _, secret in self.connector.settings if not secret}
        return re.sub(
            r"\{(\w+)\}", lambda at: quote(self._given.get(at[1]) or "-", safe="") if at[1] in plain else at[0], path
        )

    def _headed(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        """Headers with the connection's settings in the places that are named after them."""
        plain = {f"{{{name}}}": name for name, _, secret in self.connector.settings if not secret}
        given = {key: self._given.get(plain[value], "") if value in plain else value for key, value in headers.items()}
        return {key: value for key, value in given.items() if value or headers[key] not in plain}

    def _same_host(self, url: str) -> str:
        here, there = urlsplit(self.base_url), urlsplit(url)
        if (there.scheme, there.netloc) != (here.scheme, here.netloc):
            raise MalformedError(
                f"{self.connector.label} named a next page on {there.netloc or 'no host'}, not on {here.netloc}.",
                hint="Nothing was sent there. Check what stands between Bascule and the system.",
            )
        return url

    def _understood(self, request: Request, answer: WireResponse) -> Response:
        """The answer with its body parsed. An error's body may be anything; a success must be readable."""
        parsed: Json = None
        if answer.body.strip() and not (request.raw and answer.status < 400):
            try:
                read = xmltext.loads if xmltext.is_xml(answer.headers, answer.body) else loads
                parsed = read(answer.body)
            except (ValueError, RecursionError):
                if answer.status < 400:
                    raise MalformedError(
                        f"{self.connector.label} answered {request.method} {template(request.path, '')} with a body "
                        "that cannot be read.",
                        status=answer.status,
                    ) from None
        return Response(answer.status, answer.headers, parsed, answer.body)

    def _error(self, request: Request, response: Response) -> RemoteError:
        error = self.connector.errors(request, response)
        if error is None:
            error = MalformedError(f"{self.connector.label} answered {response.status}.", status=response.status)
        if isinstance(error, DisconnectedError) and request.acts_as:
            return PermissionMissingError(
                f"{self.connector.label} does not let this connection act as its user {request.acts_as}.",
                status=response.status,
                words=error.words,
                hint="Check that the user is active there and may do this.",
            )
        return error

    # ---------------------------------------------------------------------------------------------------- signing in

    async def _token_request(
        self, headers: Mapping[str, str], form: Mapping[str, str], acts_as: str, check: Callable[[], None]
    ) -> Response:
        """What the token endpoint answers. A lost answer is one of a system that is busy."""
        wire = WireRequest("POST", self._token_url, headers, urlencode(form).encode(), check=check)
        try:
            answer = await self._carry(wire, "token", acts_as, "token")
        except UnansweredError as error:
            raise UnavailableError(str(error)) from error
        return self._understood(Request("POST", "/token", acts_as=acts_as), answer)

    async def renew(self) -> None:
        """Renew the consent now, so that it does not end while nothing is asked of the system."""
        await self._sign_in.renew()

    @property
    def renewed(self) -> Mapping[str, str]:
        """What a credential that this client used up has been replaced by, under the name it was entered."""
        return self._sign_in.renewed

    # -------------------------------------------------------------------------------------------------------- lists

    async def page(
        self,
        reads: Reads,
        *,
        at: str = "",
        by: Kind | None = None,
        ids: Sequence[str] = (),
        since: datetime | None = None,
        token: str = "",
    ) -> Page:
        """One page of a list: the first, or the one `at` leads to (a `Page.next`). ResyncError where that leads nowhere
        any more."""
        pages = self._pages(reads)
        at, begun = lists.place(pages, at, self._now() + self._ahead.get("", timedelta(0)))
        asked = Asked(by, ids, since, at, reads.page_size[1], token, begun, self.tenant)
        request = reads.ask(asked) if reads.ask is not None else lists.request(reads, pages, asked)
        request = replace(request, safe=True)
        try:
            response = await self.send(request)
        except AbsentError:
            if lists.alone(reads, by):  # there is no such object: the list of it is empty
                return Page([], "")
            raise
        except Redirected as error:
            if reads.moved and lists.alone(reads, by) and (into := self._survivor(request, error.location)):
                return Page([{"id": ids[0], reads.moved: into}], "")
            raise
        items = lists.items_of(reads, asked, response.json)
        if not isinstance(items, list):
            raise MalformedError(
                f"{self.connector.label} answered the list {reads.title} with something that is no list.",
                status=response.status,
            )
        if not lists.alone(reads, by):  # one object by its own address may be shown otherwise than in the list
            self.on_page(reads, items)
        if reads.asked and by is not None:
            items = [{**item, reads.asked: ids[0]} for item in items]
        following = lists.following(pages, asked, response, items)
        if isinstance(pages, LinkHeader | LinkInBody) and following:
            following = self._same_host(urljoin(self._url(request), following))
        shown = lists.within(response.json, reads.token.path) if reads.token is not None else None
        return Page(items, following, str(shown or ""))

    def _pages(self, reads: Reads) -> Pages:
        return reads.pages or self.connector.pages

    async def list(
        self,
        reads: Reads,
        *,
        by: Kind | None = None,
        ids: Sequence[str] = (),
        since: datetime | None = None,
        token: str = "",
        on_token: Callable[[str], None] = lambda _token: None,
    ) -> AsyncIterator[list[Json]]:
        """Every page of a list, the next links followed as they are; ids in batches of `reads.batch`.

        Of a grouped list everything comes at once, one entry for each id asked for. `on_token` is told of the token
        that the last page shows.
        """
        each = reads.at_once(by) if by else 1
        batches = [ids[start : start + each] for start in range(0, len(ids), each)] if by else [()]
        for batch in batches:
            whole: list[Json] = []
            at, seen = "", set[str]()
            while True:
                page = await self.page(reads, at=at, by=by, ids=batch, since=since, token=token)
                if page.token:
                    on_token(page.token)
                whole += page.items
                if not reads.group:
                    yield page.items
                if not page.next or lists.behind(reads, page.items, since):
                    break
                if page.next in seen:
                    raise MalformedError(f"{self.connector.label} leads in a circle through the list {reads.title}.")
                seen.add(page.next)
                at = page.next
            if reads.group:
                yield grouped(whole, reads.group, batch)

    # -------------------------------------------------------------------------------------------------------- files

    async def download(self, url: str, files: FileReads, *, timeout: float = 60.0) -> File:
        """The bytes of an attachment, by the address the system gave. No credential goes along.

        Only declared hosts, only https, only public addresses; or the very host of a connection on loopback. Where the
        connector talks about the file instead, `url` is what it talks about.
        Raises RejectedError for an address or size that is not allowed, AbsentError when the address has died.
        """
        if files.talk is not None:
            found = await self.run(files.talk(url))
            if isinstance(found, bytes):
                if len(found) > files.max_bytes:
                    raise RejectedError(f"The file is larger than {files.max_bytes:,} bytes.")
                return File(found, "")
            url = found
        target = urlsplit(url)
        own = urlsplit(self.base_url)
        near = is_loopback(own.hostname or "") and (target.scheme, target.netloc) == (own.scheme, own.netloc)
        if not near:
            self._guard(target.scheme, (target.hostname or "").lower(), target.username, files)
        wire = WireRequest("GET", url, {"user-agent": "bascule"}, None, files.max_bytes, public=not near)
        started = self._now()
        try:
            answer = await self._transport.send(wire, timeout)
        except RemoteError as error:
            self._observe(wire, "files", "", "file", started, None, type(error).__name__)
            if isinstance(error, UnansweredError):
                raise UnavailableError(str(error)) from error
            raise
        self._observe(wire, "files", "", "file", started, answer, "")
        if answer.status in (401, 403, 404, 410):
            raise AbsentError(
                "The address of this file is no longer valid.", status=answer.status, hint="Read the attachment again."
            )
        if answer.status == 429 or answer.status >= 500:
            raise UnavailableError(f"The file's host answered {answer.status}.", status=answer.status)
        if answer.status != 200:
            raise RejectedError(f"The file's host answered {answer.status}.", status=answer.status)
        return File(answer.body, answer.headers.get("content-type", "").split(";")[0].strip())

    def _guard(self, scheme: str, host: str, user: str | None, files: FileReads) -> None:
        if scheme != "https" or user is not None or not among(host, files.hosts):
            raise RejectedError(
                f"A file on {scheme}://{host} is not fetched.",
                hint=f"{self.connector.label} is known to serve files by https from {', '.join(files.hosts)}.",
            )
        if is_literal(host) and not is_public(host):
            raise RejectedError(f"{host} is not a public host; nothing is fetched from it.")


# ------------------------------------------------------------------------------------------------------ small things


def template(url: str, base: str) -> str:
    """An address without query and ids: what may stand in logs and metrics."""
    path = urlsplit(url.removeprefix(base) if base else url).path
    return re.sub(r"/(?=[^/]*\d)[^/]+", "/{id}", path) or "/"


def grouped(items: Sequence[Json], key: str, ids: Sequence[str]) -> list[Json]:
    """Items gathered by one key, in the order met; an id without items has an empty gathering."""
    found: dict[str, list[Json]] = {id: [] for id in ids}
    for item in items:
        found.setdefault(str(item[key]), []).append(item)
    return [{key: id, "items": gathered} for id, gathered in found.items()]


def _whole(text: str) -> int | None:
    return int(text) if text.strip().isdigit() else None

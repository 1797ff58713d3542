"""What somebody of IT does by a link: credentials are tried, told at once what the system answered, and kept once they
work. Then the webhooks, in the same browser and no other."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from bascule.connectors import rights
from bascule.connectors.guide import HOOK_SECRET, Guide, guide, parted
from bascule.connectors.spec import Connector
from bascule.engine.connections import Connected
from bascule.engine.http import is_loopback
from bascule.errors import BasculeError, ConflictError, InputError, NotFoundError, RemoteError
from bascule.hiring import links
from bascule.hiring.links import Purpose
from bascule.model import Actor, ActorKind, Label
from bascule.store import Tx
from bascule.store.credential_links import CredentialLink
from bascule.store.inbox import Heard

from .accounts import Accounts, NewConnection
from .credential_links import CredentialLinks
from .desk import Desk
from .grants import Grants

TRYING = timedelta(minutes=5)  # how long one try keeps another out, if nobody says how it ended
LONGEST = 8000  # of one value


@dataclass(frozen=True, slots=True)
class Hook:
    """Where the system is to send its webhooks. `secret`: what to enter there, "" where the system makes it."""

    url: str
    secret: str
    heard: Heard
    reachable: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A link as it opens. `there`: the connection exists, and gets new credentials; `hook`: credentials worked, and
    this browser goes on with the webhooks (None before, and where the system sends none)."""

    name: str
    by: str
    who: str
    guide: Guide
    base_url: str
    asks_address: bool
    there: bool
    used: bool
    hook: Hook | None = None
    missing: tuple[str, ...] = ()


class Entering:
    """`app.entering`."""

    def __init__(
        self, desk: Desk, made: CredentialLinks, accounts: Accounts, grants: Grants,
        connector: Callable[[str], Connector],
    ) -> None:  # fmt: skip
        self._desk = desk
        self._made = made
        self._accounts = accounts
        self._grants = grants
        self._connector = connector
        self._key = b""

    def forged(self, token: str) -> bool:
        """Whether a link was not made here; nothing is looked up for it."""
        return bool(self._key) and links.opens(self._key, Purpose.CREDENTIALS, token) is None

    async def open(self, token: str, proof: str = "") -> Opened:
        """What a link opens; the first look is an audit entry. NotFoundError where it opens nothing (any more), or for
        another browser than the one that used it."""

        def unit(tx: Tx) -> CredentialLink:
            one = self._found(tx, token, proof, hold=True)
            if one.opened is None:
                one = replace(one, opened=self._desk.now())
                tx.credential_links.set(one)
                self._made.note(tx, one, "credential link opened", _it(one), {})
            return one

        one = await self._desk.store.write(unit)
        if one.connection:
            await self._desk.connections.find(one.connection)
        return await self._desk.store.read(lambda tx: self._opened(tx, one))

    async def enter(self, token: str, given: Mapping[str, str], *, base_url: str = "", granted: str = "") -> str:
        """Try what was entered and keep it if it works; what this browser is to keep. Raises what stands against it, in
        the system's own words: then nothing is kept, and the link works on."""
        if any(len(value) > LONGEST for value in given.values()):
            raise InputError(f"A value is longer than {LONGEST} characters.")
        one = await self._desk.store.write(lambda tx: self._claim(tx, token))
        try:
            connection = await self._kept(one, given, base_url.strip(), granted)
        except BasculeError as error:
            await self._desk.store.write(lambda tx, e=error: self._refused(tx, one.id, e))
            raise
        except BaseException:
            await self._desk.store.write(lambda tx: self._let_go(tx, one.id))
            raise
        return await self._desk.store.write(lambda tx: self._used(tx, one.id, connection))

    async def consenting(
        self, token: str, given: Mapping[str, str], base_url: str
    ) -> tuple[Connector, str, dict[str, str]]:
        """What a user's consent is asked for with: the connector, the address, and what was entered, before or now."""
        one = await self._desk.store.read(lambda tx: self._found(tx, token, ""))
        entered = {name: text.strip() for name, text in given.items() if text.strip()}
        if one.connection:
            await self._desk.connections.find(one.connection)
            return asked_with(self._at(one), entered)
        return self._connector(one.system), str(one.said["base_url"]) or _checked(base_url.strip()), entered

    async def enter_secrets(self, token: str, proof: str, text: str) -> None:
        """The secrets of webhooks, where the system makes them. InputError for none."""
        one = await self._desk.store.read(lambda tx: self._found(tx, token, proof))
        if one.used is None or not text.strip():
            raise InputError("No secret was entered.", hint="Copy what the system shows for each webhook, one a line.")
        at = self._at(one)
        await self._accounts.set_credentials(at.row.name, {HOOK_SECRET: text.strip()}, _it(one))

    async def finish(self, token: str, proof: str) -> None:
        """Everything is done there: the link ends."""

        def unit(tx: Tx) -> None:
            one = self._found(tx, token, proof, hold=True)
            if one.used is None:
                raise InputError("No credentials have worked yet.")
            tx.credential_links.set(replace(one, ended=self._desk.now()))
            self._made.note(tx, one, "credential link finished", _it(one), {})

        await self._desk.store.write(unit)

    # ------------------------------------------------------------------------------------------------------ one attempt

    def _claim(self, tx: Tx, token: str) -> CredentialLink:
        one, now = self._found(tx, token, "", hold=True), self._desk.now()
        if one.trying is not None and one.trying > now:
            raise ConflictError("Somebody is trying credentials by this link right now.", hint="Wait a minute.")
        one = replace(one, trying=now + TRYING)
        tx.credential_links.set(one)
        return one

    async def _kept(self, one: CredentialLink, given: Mapping[str, str], base_url: str, granted: str) -> str:
        """The connection with these credentials, once they have worked."""
        connector, entered = self._connector(one.system), {name: text for name, text in given.items() if text.strip()}
        known = {entry.name for entry in guide(connector).entries}
        entered = {name: text.strip() for name, text in entered.items() if name in known}
        if not entered:
            raise InputError("Nothing was entered.")
        if granted.strip():
            self._whole(connector, granted)
        if one.connection:
            at = self._at(one)
            await self._accounts.set_credentials(at.row.name, entered, _it(one))
            if granted.strip():
                await self._grants.enter(at.row.name, granted, _it(one))
            return one.connection
        plain, secret = parted(connector, entered)
        said, chosen = one.said, one.said["settings"]
        label = str(said["label"])
        at = await self._accounts.connect(
            NewConnection(
                one.name, one.system, str(said["base_url"]) or _checked(base_url),
                Label(label) if label else None,
                settings={**({k: str(v) for k, v in chosen.items()} if isinstance(chosen, Mapping) else {}), **plain},
                secrets=secret, owner=str(said["owner"]), granted=granted,
            ),
            _it(one),
        )  # fmt: skip
        return at.id

    def _whole(self, connector: Connector, granted: str) -> None:
        """InputError where a right that is needed is not among those that were entered."""
        least = self._grants.least(connector.name)
        lacks = [one for one in least if one not in rights.entered(granted, least)]
        if lacks:
            where = connector.facts.get("rights", f"The credential's own page in {connector.label}.")
            raise InputError(
                f"The credential lacks {', '.join(lacks)}.", hint=f"Add them in {connector.label}: {where}"
            )

    def _refused(self, tx: Tx, id: str, error: BasculeError) -> None:
        one = tx.credential_links.get(id, hold=True)
        if one is None:
            return
        words, status = (error.words, error.status) if isinstance(error, RemoteError) else ("", 0)
        what = str(error).removesuffix(error.hint).strip() if error.hint else str(error)
        refused = {"at": self._desk.now().isoformat(), "what": what, "words": words}
        tx.credential_links.set(replace(one, trying=None, said={**one.said, "refused": refused}))
        self._made.note(tx, one, "credentials refused", _it(one), {"status": status, "why": type(error).__name__})

    def _let_go(self, tx: Tx, id: str) -> None:
        one = tx.credential_links.get(id, hold=True)
        if one is not None:
            tx.credential_links.set(replace(one, trying=None))

    def _used(self, tx: Tx, id: str, connection: str) -> str:
        one = tx.credential_links.get(id, hold=True)
        assert one is not None
        said = {**one.said, "refused": None}
        one = replace(one, connection=connection, trying=None, used=self._desk.now(), said=said)
        tx.credential_links.set(one)
        self._made.note(tx, one, "credential link used", _it(one), {})
        return self._proof(one)

    # ----------------------------------------------------------------------------------------------------------- parts

    def _found(self, tx: Tx, token: str, proof: str, *, hold: bool = False) -> CredentialLink:
        """The link, while it opens something for this browser. NotFoundError if not."""
        if not self._key and tx.vault.has(self._desk.workspace):
            self._key = tx.vault.derived(self._desk.workspace, b"links")
        opens = links.opens(self._key, Purpose.CREDENTIALS, token)
        one = tx.credential_links.get(opens.id, hold=hold) if opens is not None else None
        if one is None or opens is None or one.issue != opens.issue or one.workspace != self._desk.workspace:
            raise NotFoundError("This link opens nothing.")
        if one.ended is not None or one.expires <= self._desk.now():
            raise NotFoundError("This link has ended.", hint=f"Ask {one.said['by']} for a new one.")
        if one.used is not None and not hmac.compare_digest(proof.encode(), self._proof(one).encode()):
            raise NotFoundError("This link was used.", hint=f"Ask {one.said['by']} for another one.")
        return one

    def _opened(self, tx: Tx, one: CredentialLink) -> Opened:
        said, told = one.said, guide(self._connector(one.system))
        at = self._desk.connections.get(one.connection) if one.connection else None
        base = at.row.base_url if at is not None else str(said["base_url"])
        shown = Opened(
            one.name, str(said["by"]), str(said["for"]), told, base or told.base_url, not base, at is not None,
            one.used is not None,
        )  # fmt: skip
        if at is None or one.used is None:
            return shown
        missing = self._grants.of(at).missing
        return replace(shown, hook=self._hook(tx, at, told), missing=missing)

    def _hook(self, tx: Tx, at: Connected, told: Guide) -> Hook | None:
        if at.connector.webhook is None:
            return None
        url, secret = self._accounts.hook_url(at), at.secrets.get(HOOK_SECRET, "")
        if told.in_address:
            url, secret = url.replace("<secret>", secret), ""
        here = is_loopback(urlsplit(url).hostname or "") and at.row.label is not Label.SIMULATOR
        return Hook(url, "" if told.makes else secret, tx.inbox.heard(at.id), not here)

    def _at(self, one: CredentialLink) -> Connected:
        return self._desk.connections.get(one.connection)

    def _proof(self, one: CredentialLink) -> str:
        used = one.used.isoformat() if one.used is not None else ""
        return hmac.digest(self._key, f"credentials used|{one.id}|{used}".encode(), "sha256").hex()


def asked_with(at: Connected, entered: Mapping[str, str]) -> tuple[Connector, str, dict[str, str]]:
    """What a consent for a connection that is there is asked for with."""
    plain = {name: text for name, text in at.row.settings.items() if isinstance(text, str)}
    return at.connector, at.row.base_url, {**plain, **at.secrets, **entered}


def _it(one: CredentialLink) -> Actor:
    """Whoever holds the link, by the name that its maker gave them."""
    return Actor(ActorKind.PERSON, f"credential-link:{one.id}", str(one.said["for"]))


def _checked(base_url: str) -> str:
    """An address that somebody without an account entered. InputError for one of this machine."""
    if base_url and is_loopback(urlsplit(base_url).hostname or ""):
        raise InputError(f"{base_url} is an address of this machine.", hint="Enter the address of your system.")
    return base_url

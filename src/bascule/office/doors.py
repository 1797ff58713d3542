"""The first user, and links that log somebody in once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from bascule.errors import NotFoundError
from bascule.store import Tx
from bascule.store.people import User

from .desk import Desk

FIRST = "admin@localhost"
LOGIN_LASTS = timedelta(hours=24)


class Doors:
    """`app.doors`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def first_login(self) -> str | None:
        """On an installation without users: an administrator is made; a link that logs in once. None later on."""

        def unit(tx: Tx) -> str | None:
            user = self._first(tx)
            return None if user is None else self._offer(tx, user.id, self._desk.now())

        secret = await self._desk.store.write(unit)
        return None if secret is None else f"{self._desk.settings.address}/login?token={secret}"

    async def login_link(self, email: str = FIRST) -> str:
        """A fresh link that logs this user in once; the first administrator is made where there is nobody yet.
        NotFoundError if there is no such user."""

        def unit(tx: Tx) -> str:
            user = tx.people.user_by_email(self._desk.workspace, email) or (self._first(tx) if email == FIRST else None)
            if user is None:
                raise NotFoundError(f"There is no user with the e-mail {email}.")
            return self._offer(tx, user.id, self._desk.now())

        return f"{self._desk.settings.address}/login?token={await self._desk.store.write(unit)}"

    def _first(self, tx: Tx) -> User | None:
        """An administrator, where there is no user at all."""
        if tx.people.users(self._desk.workspace):
            return None
        user = User(self._desk.id(), self._desk.workspace, FIRST, "Administrator", "administrator", self._desk.now())
        tx.people.set_user(user)
        return user

    def _offer(self, tx: Tx, user: str, now: datetime) -> str:
        secret = secrets.token_urlsafe(32)
        tx.people.offer_login(secret, user, expires=now + LOGIN_LASTS)
        return secret

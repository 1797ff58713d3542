"""A CV is read when it is another one, and what could not be read waits for somebody."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.contracts.connector.accounts import Clock, Setting
from tests.contracts.connector.accounts.teamtailor import Account

from bascule.model import Kind
from bascule.office.accounts import NewConnection
from bascule.sandbox.teamtailor import files, people
from bascule.store import Tx

from .kit import GARDENER, OWNER, House
from .test_corrections import listed


async def test_another_cv_under_the_same_name_is_read_where_the_system_shows_neither_an_id_nor_a_day_of_it(
    house: House,
) -> None:
    account = Account(Setting(Clock(house.clock.at)))
    house.transport.serve(urlsplit(account.base_url).netloc, account.app)
    await house.app.accounts.connect(
        NewConnection("second", "teamtailor", account.base_url, settings=account.settings(), secrets=account.secrets()),
        OWNER,
    )
    await house.until(lambda: house.app.connections.named("second").row.crawled, within=900)
    candidate, application = account.apply()
    at = house.app.connections.named("second")

    async def skills() -> set[str]:
        def query(tx: Tx) -> set[str]:
            found = tx.families.resolve(at.id, [(Kind.APPLICATION, application)]).get((Kind.APPLICATION, application))
            score = tx.scores.of(found.record) if found is not None else None
            return {one["label"] for one in listed(score.body["skills"])} if score is not None else set()

        return await house.app.store.read(query)

    await house.until(skills, within=900)
    assert "Python" in " ".join(await skills())
    newer = files.pdf(GARDENER.decode().replace("Ada Byron", "Late Comer"))
    people.keep(account.sandbox, account.dana, int(candidate), "resume", "cv.pdf", newer)

    async def read_again() -> bool:
        return "Python" not in " ".join(await skills())

    await house.until(read_again, within=8 * 3600)

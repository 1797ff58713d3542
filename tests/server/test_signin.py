"""Signing in by a provider of identities: a real one on this machine, and forged answers in its name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
import oidc_provider_mock as mock
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from bascule.engine.wire import Transport, WireRequest, WireResponse
from bascule.errors import ForbiddenError, InputError
from bascule.model import Role
from bascule.office.oidc import create_s256_code_challenge
from bascule.server.people import Signed
from bascule.store import Tx

from .conftest import SOMEBODY, Bench

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the provider's own, in its thread
ADA = {"email": "ada@firm.example", "email_verified": True, "name": "Ada Byron", "groups": ["staff", "hr"]}
CALLBACK = "/login/oidc/callback"
KEYS = RSAKey.generate_key(2048, {"kid": "ours"})


@dataclass
class Identities:
    """The provider. `say` makes somebody it knows; `answer` signs them in there and gives what the browser brings."""

    issuer: str

    async def say(self, sub: str, **claims: Any) -> None:
        async with httpx2.AsyncClient() as client:
            assert (await client.put(f"{self.issuer}/users/{sub}", json=claims)).status_code == 204

    async def answer(self, url: str, sub: str) -> str:
        async with httpx2.AsyncClient() as client:
            form = {"action": "deny"} if sub == "nobody" else {"sub": sub}
            answer = await client.post(url, data=form)
        assert answer.status_code == 302, answer.text
        brought = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
        state = dict(parse_qsl(urlsplit(url).query))["state"]  # left out of a refusal there, against RFC 6749, 4.1.2.1
        return urlencode({"state": state, **brought})


@pytest.fixture(scope="module")
def identities() -> Iterator[Identities]:
    with mock.run_server_in_thread() as server:
        yield Identities(f"http://localhost:{server.server_port}")


@pytest.fixture
async def ready(bench: Bench, identities: Identities) -> Bench:
    """A workspace whose people sign in there; `hr` are recruiters, `it` are administrators."""
    await choose(bench, identities)
    await identities.say("ada", **ADA)
    return bench


async def choose(bench: Bench, identities: Identities, **more: Any) -> None:
    given = {
        "on": True, "issuer": identities.issuer, "client_id": "bascule", "label": "Firm",
        "roles": [("it", "administrator"), ("hr", "recruiter")], **more,
    }  # fmt: skip
    await bench.app.sign_in.choose(given, SOMEBODY, secret="canary-oidc-secret")


async def come(bench: Bench, identities: Identities, sub: str = "ada", path: str = "/login/oidc") -> httpx2.Response:
    begun = await bench.browser.get(path)
    assert begun.status_code == 303, begun.text
    return await bench.browser.get(f"{CALLBACK}?{await identities.answer(begun.headers['location'], sub)}")


async def signed(bench: Bench) -> Signed | None:
    return await bench.server.state.web.people.session(bench.browser.cookies.get("bascule", ""))


# ------------------------------------------------------------------------------------------------------- coming in


async def test_the_first_sign_in_makes_a_person_with_the_role_of_their_group(
    ready: Bench, identities: Identities
) -> None:
    assert "Sign in with Firm" in (await ready.browser.get("/login")).text
    came = await come(ready, identities, path="/login/oidc?next=%2Fcandidates%3Fq%3Dx")
    assert (came.status_code, came.headers["location"]) == (303, "/candidates?q=x")
    who = await signed(ready)
    assert who is not None
    assert (who.user.email, who.user.name, who.user.role) == ("ada@firm.example", "Ada Byron", Role.RECRUITER)
    assert (await ready.browser.get("/candidates")).status_code == 200
    await come(ready, identities)  # again: the same person
    assert len(await ready.app.store.read(lambda tx: tx.people.users(ready.app.workspace))) == 1


async def test_what_is_asked_of_the_provider_holds_a_challenge_and_is_fresh_each_time(
    ready: Bench, identities: Identities
) -> None:
    posted = Recording(ready.app.runtime.transport)
    ready.app.runtime.transport = posted
    first = await ready.browser.get("/login/oidc")
    asked = dict(parse_qsl(urlsplit(first.headers["location"]).query))
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{ready.app.settings.address}{CALLBACK}"
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}
    await ready.browser.get(f"{CALLBACK}?{await identities.answer(first.headers['location'], 'ada')}")
    exchange = dict(parse_qsl((posted.bodies[-1] or b"").decode()))
    assert create_s256_code_challenge(exchange["code_verifier"]) == asked["code_challenge"]
    again = dict(parse_qsl(urlsplit((await ready.browser.get("/login/oidc")).headers["location"]).query))
    assert not {again[name] for name in ("state", "nonce", "code_challenge")} & set(asked.values())


async def test_a_person_who_is_there_is_matched_by_a_verified_address_only(
    ready: Bench, identities: Identities
) -> None:
    await ready.enter(Role.OWNER)
    await identities.say("eve", email="owner@mail.example", email_verified=False, groups=["it"])
    refused = await come(ready, identities, "eve")
    assert refused.status_code == 403
    assert "does not vouch for your e-mail address" in refused.text
    await identities.say("olga", email="Owner@mail.example", email_verified=True)
    assert (await come(ready, identities, "olga")).status_code == 303
    who = await signed(ready)
    assert who is not None
    assert who.user.role == Role.OWNER  # no group of theirs gives a role: they keep the one they had
    await identities.say("heir", email="owner@mail.example", email_verified=True)
    taken_over = await come(ready, identities, "heir")  # an address that was given to somebody else
    assert taken_over.status_code == 403
    assert "has signed in with your address before" in taken_over.text


async def test_whoever_has_no_group_is_told_so_on_a_page_and_is_nobody_here(
    ready: Bench, identities: Identities
) -> None:
    await identities.say("max", email="max@firm.example", email_verified=True, groups=["sales"])
    refused = await come(ready, identities, "max")
    assert refused.status_code == 403
    assert "None of your groups may use this workspace" in refused.text
    assert await signed(ready) is None
    assert await ready.app.store.read(lambda tx: tx.people.users(ready.app.workspace)) == []
    assert "sign-in refused" in await actions(ready)
    assert "has not let you in" in (await come(ready, identities, "nobody")).text


async def test_the_role_follows_the_groups_and_what_was_open_under_the_old_one_ends(
    ready: Bench, identities: Identities
) -> None:
    await come(ready, identities)
    before = ready.browser.cookies["bascule"]
    await identities.say("ada", **{**ADA, "groups": ["it"]})
    await come(ready, identities)
    who = await signed(ready)
    assert who is not None
    assert who.user.role == Role.ADMINISTRATOR
    assert await ready.server.state.web.people.session(before) is None
    await identities.say("ada", **{**ADA, "groups": []})
    assert (await come(ready, identities)).status_code == 303  # the last administrator is not locked out by a mapping
    await ready.enter(Role.ADMINISTRATOR)
    assert (await come(ready, identities)).status_code == 403


async def test_whoever_is_switched_off_does_not_come_in_again(ready: Bench, identities: Identities) -> None:
    await come(ready, identities)
    who = await signed(ready)
    assert who is not None
    await ready.enter()
    await ready.post(f"/settings/people/{who.user.id}/disable")
    await identities.say("ada", **ADA)
    refused = await come(ready, identities)
    assert refused.status_code == 403
    assert "switched off" in refused.text


# -------------------------------------------------------------------------------------------------------- going out


async def test_logging_out_says_how_to_leave_the_provider_too(ready: Bench, identities: Identities) -> None:
    await come(ready, identities)
    secret = ready.browser.cookies["bascule"]
    page = await ready.post("/logout")
    assert "You are logged out" in page.text
    assert f"{identities.issuer}/oauth2/end_session?client_id=bascule&amp;post_logout_redirect_uri=" in page.text
    assert await ready.server.state.web.people.session(secret) is None


# ------------------------------------------------------------------------------------------------------ local log-in


async def test_login_links_can_be_kept_for_administrators(ready: Bench, identities: Identities) -> None:
    await ready.enter(Role.RECRUITER)
    inside = ready.browser.cookies["bascule"]
    link = await ready.app.doors.login_link("recruiter@mail.example")
    await choose(ready, identities, local=False)
    assert await ready.server.state.web.people.session(inside) is None
    token = parse_qs(urlsplit(link).query)["token"][0]
    refused = await ready.browser.post("/login", data={"token": token})
    assert refused.status_code == 403
    assert "Login links are for administrators here. Sign in with Firm" in refused.text
    await ready.enter(Role.ADMINISTRATOR)  # the way back in
    assert (await ready.browser.get("/settings")).status_code == 200
    added = await ready.post("/settings/people", name="Jo", email="jo@mail.example", role=Role.RECRUITER)
    assert added.status_code == 303
    assert "signs in by the provider" in (await ready.browser.get("/settings")).text


# --------------------------------------------------------------------------------------------------------- attacks


@dataclass
class Recording:
    """Sends everything on, and keeps the bodies."""

    inner: Transport
    bodies: list[bytes | None] = field(default_factory=list)

    async def send(self, request: WireRequest, timeout: float) -> WireResponse:
        self.bodies.append(request.body)
        return await self.inner.send(request, timeout)

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class Forging:
    """Whoever sits where the provider should: its keys are ours, and it says what `claims` and `header` change."""

    inner: Transport
    claims: Mapping[str, Any]
    nonce: str = ""
    alg: str = "RS256"
    key: RSAKey = field(default_factory=lambda: KEYS)

    async def send(self, request: WireRequest, timeout: float) -> WireResponse:
        path = urlsplit(request.url).path
        if path == "/jwks":
            return WireResponse(200, {}, json.dumps({"keys": [KEYS.as_dict(private=False)]}).encode())
        if path == "/oauth2/token":
            return WireResponse(
                200, {}, json.dumps({"access_token": "x", "id_token": self.token(request.url)}).encode()
            )
        return await self.inner.send(request, timeout)

    def token(self, url: str) -> str:
        parts = urlsplit(url)
        now = 1_900_000_000
        said = {
            "iss": f"{parts.scheme}://{parts.netloc}", "aud": "bascule", "sub": "ada", "nonce": self.nonce,
            "iat": now, "exp": now + 300, **ADA, **self.claims,
        }  # fmt: skip
        header = {"alg": self.alg, "kid": "ours"}
        told = {name: value for name, value in said.items() if value is not None}
        if self.alg == "none":
            raw = jwt.encode({"alg": "RS256"}, told, self.key).split(".")[1]
            return f"eyJhbGciOiJub25lIn0.{raw}."
        return jwt.encode(header, told, self.key, algorithms=["RS256"])

    async def close(self) -> None:
        await self.inner.close()


async def forged(bench: Bench, **changed: Any) -> httpx2.Response:
    """Begin, and come back with a token that says what it should but for what is changed."""
    from datetime import UTC, datetime

    bench.app.runtime.now = lambda: datetime.fromtimestamp(1_900_000_010, UTC)
    forging = Forging(bench.app.runtime.transport, changed.pop("claims", {}), **changed)
    bench.app.runtime.transport = forging
    begun = await bench.browser.get("/login/oidc")
    asked = dict(parse_qsl(urlsplit(begun.headers["location"]).query))
    forging.nonce = forging.nonce or asked["nonce"]
    return await bench.browser.get(f"{CALLBACK}?{urlencode({'code': 'c', 'state': asked['state']})}")


async def test_a_token_that_holds_is_taken_which_the_forged_ones_differ_from_by_one_thing(ready: Bench) -> None:
    assert (await forged(ready)).status_code == 303
    assert await signed(ready) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "another"},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"aud": "somebody-else"}},
        {"claims": {"aud": ["bascule", "somebody-else"], "azp": "somebody-else"}},
        {"claims": {"exp": 1_899_999_000}},
        {"claims": {"exp": None}},
        {"claims": {"sub": None}},
        {"claims": {"sub": ""}},
        {"claims": {"nonce": None}},
        {"key": RSAKey.generate_key(2048, {"kid": "ours"})},
        {"alg": "none"},
    ],
    ids=lambda changed: json.dumps(changed, default=lambda _: "another key")[:60],
)  # fmt: skip
async def test_a_token_that_is_forged_stale_or_anothers_opens_nothing(ready: Bench, changed: dict[str, Any]) -> None:
    answer = await forged(ready, **changed)
    assert answer.status_code == 403
    assert "does not prove who you are" in answer.text or "does not say who" in answer.text
    assert await signed(ready) is None
    assert await ready.app.store.read(lambda tx: tx.people.users(ready.app.workspace)) == []


async def test_an_answer_that_was_not_begun_in_this_browser_opens_nothing(ready: Bench, identities: Identities) -> None:
    begun = await ready.browser.get("/login/oidc")
    answer = await identities.answer(begun.headers["location"], "ada")
    forged_state = urlencode({**dict(parse_qsl(answer)), "state": "guessed"})
    assert (await ready.browser.get(f"{CALLBACK}?{forged_state}")).status_code == 403
    assert (await ready.browser.get(f"{CALLBACK}?{answer}")).status_code == 403  # what was kept is used up
    begun = await ready.browser.get("/login/oidc")
    answer = await identities.answer(begun.headers["location"], "ada")
    kept = ready.browser.cookies["bascule-signin"]
    ready.browser.cookies.clear()
    assert (await ready.browser.get(f"{CALLBACK}?{answer}")).status_code == 403  # a victim's browser
    ready.browser.cookies.set("bascule-signin", kept[:-1] + ("0" if kept[-1] != "0" else "1"))
    assert (await ready.browser.get(f"{CALLBACK}?{answer}")).status_code == 403
    assert await signed(ready) is None


async def test_an_answer_in_the_name_of_another_issuer_is_refused(ready: Bench, identities: Identities) -> None:
    begun = await ready.browser.get("/login/oidc")
    answer = await identities.answer(begun.headers["location"], "ada")
    mixed_up = await ready.browser.get(f"{CALLBACK}?{answer}&iss=https%3A%2F%2Fevil.example")
    assert mixed_up.status_code == 403
    assert "another provider" in mixed_up.text


async def test_a_sign_in_that_took_too_long_is_begun_again(ready: Bench, identities: Identities) -> None:
    begun = await ready.browser.get("/login/oidc")
    answer = await identities.answer(begun.headers["location"], "ada")
    now = ready.app.runtime.now()
    ready.app.runtime.now = lambda: now + timedelta(minutes=16)
    assert (await ready.browser.get(f"{CALLBACK}?{answer}")).status_code == 403


async def test_signing_in_gives_a_fresh_session_and_ends_the_one_that_was_planted(
    ready: Bench, identities: Identities
) -> None:
    await ready.enter(Role.HIRING_MANAGER)  # somebody's session, planted in a browser
    planted = ready.browser.cookies["bascule"]
    await come(ready, identities)
    assert ready.browser.cookies["bascule"] != planted
    assert await ready.server.state.web.people.session(planted) is None


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_the_way_back_from_the_provider_never_leads_to_another_host(
    ready: Bench, identities: Identities, next: str
) -> None:
    came = await come(ready, identities, path=f"/login/oidc?{urlencode({'next': next})}")
    assert (came.status_code, came.headers["location"]) == (303, "/")


async def test_names_that_the_provider_gives_are_text_and_nothing_else(ready: Bench, identities: Identities) -> None:
    await identities.say("ada", **{**ADA, "name": "<script>alert(1)</script>", "groups": ["it"]})
    await come(ready, identities)
    page = (await ready.browser.get("/settings")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


# -------------------------------------------------------------------------------------------------------- choosing


async def test_a_provider_that_is_another_or_answers_nothing_is_not_chosen(
    bench: Bench, identities: Identities
) -> None:
    for given, why in (
        ({"issuer": f"{identities.issuer}/"}, "calls itself"),
        ({"issuer": "http://127.0.0.1:9"}, "cannot be reached"),
        ({"issuer": "http://login.example"}, "must be https"),
        ({"issuer": "https://10.0.0.1"}, "not a public host"),
        ({"client_id": ""}, "client id"),
        ({"roles": [("hr", "chief")]}, "no role"),
    ):
        with pytest.raises(InputError, match=why):
            await choose(bench, identities, **given)
    assert not (await bench.app.sign_in.told()).choice.on
    with pytest.raises(ForbiddenError):
        await bench.app.sign_in.begin("/")


async def test_the_secret_is_sealed_and_shown_to_nobody(ready: Bench) -> None:
    await ready.enter()
    assert "canary-oidc-secret" not in (await ready.browser.get("/settings")).text
    kept = await ready.app.store.read(lambda tx: tx.workspaces.settings(ready.app.workspace))
    assert "canary-oidc-secret" not in str(kept)
    assert (await ready.app.sign_in.told()).secret


async def test_the_page_chooses_a_provider_and_changes_a_role(inside: Bench, identities: Identities) -> None:
    answer = await inside.post(
        "/settings/sign-in", on="yes", issuer=identities.issuer, client_id="bascule", secret="s", claim="groups",
        roles="it = administrator\nhr = recruiter", default="", local="yes",
    )  # fmt: skip
    assert answer.headers["location"] == "/settings#sign-in"
    choice = (await inside.app.sign_in.told()).choice
    assert (choice.on, choice.roles) == (True, (("it", "administrator"), ("hr", "recruiter")))
    await inside.post("/settings/people", name="Jo", email="jo@mail.example", role=Role.RECRUITER)
    jo = await inside.app.store.read(lambda tx: tx.people.user_by_email(inside.app.workspace, "jo@mail.example"))
    assert jo is not None
    await inside.post("/settings/people/role", person=jo.id, role=Role.COMPLIANCE)
    assert (await inside.app.store.read(lambda tx: tx.people.user(jo.id))).role == Role.COMPLIANCE
    assert "role changed" in await actions(inside)


async def actions(bench: Bench) -> set[str]:
    def read(tx: Tx) -> set[str]:
        return {line.action for line in tx.audit.page(bench.app.workspace)}

    return await bench.app.store.read(read)


async def test_a_program_chooses_a_provider_as_the_page_does(bench: Bench, identities: Identities) -> None:
    key = {"authorization": f"Bearer {bench.app.local_key}"}
    body = {"on": True, "issuer": identities.issuer, "client_id": "bascule", "secret": "canary-oidc-secret",
            "roles": [{"value": "hr", "role": "recruiter"}]}  # fmt: skip
    made = await bench.browser.patch("/api/v1/sign-in", json=body, headers=key)
    assert made.status_code == 200, made.text
    told = (await bench.browser.get("/api/v1/sign-in", headers=key)).json()
    assert told == made.json()
    assert (told["secret"], told["roles"], told["local"]) == (True, body["roles"], True)
    assert "canary" not in str(told)
    assert (await bench.browser.patch("/api/v1/sign-in", json={"default": "chief"}, headers=key)).status_code == 422

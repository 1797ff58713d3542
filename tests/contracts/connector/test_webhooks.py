"""Deliveries: only what the vendor signed is believed."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from functools import partial

import pytest

from bascule.connectors import registry
from bascule.connectors.spec import Connector, HmacSha256, Webhook
from bascule.engine import verify

from .recorded import hooks

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECRET = "a secret of 24 letters..."
BODY = json.dumps({"action": "ping", "payload": {"text": "<\u003c ö"}}, ensure_ascii=False).encode()


verified = partial(verify.verified, now=NOW)


@pytest.fixture(
    params=[one.name for one in registry.load_all() if one.webhook and isinstance(one.webhook.verify, HmacSha256)]
)
def hook(request: pytest.FixtureRequest) -> Webhook:
    """The hooks of those systems that sign the whole body in a header; the contract tests the others' ways."""
    found = registry.load(request.param).webhook
    assert found is not None
    return found


def signed(hook: Webhook, body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    mark = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {hook.verify.header.lower(): hook.verify.prefix + mark}


def test_a_signed_delivery_is_believed(hook: Webhook) -> None:
    assert verified(hook.verify, signed(hook), BODY, SECRET)


@pytest.mark.parametrize("at", [0, len(BODY) // 2, len(BODY) - 1])
def test_a_body_changed_anywhere_is_refused(hook: Webhook, at: int) -> None:
    forged = bytearray(BODY)
    forged[at] ^= 1
    assert not verified(hook.verify, signed(hook), bytes(forged), SECRET)


def test_a_body_written_anew_is_refused(hook: Webhook) -> None:
    assert not verified(hook.verify, signed(hook), json.dumps(json.loads(BODY)).encode(), SECRET)


@pytest.mark.parametrize("given", ["", " ", "sha256", "sha256 ", "sha256 zz", "é", "sha1 " + "0" * 64, "0" * 64])
def test_a_signature_of_another_form_is_refused(hook: Webhook, given: str) -> None:
    assert not verified(hook.verify, {hook.verify.header.lower(): given}, BODY, SECRET)


def test_a_missing_signature_or_secret_is_refused(hook: Webhook) -> None:
    assert not verified(hook.verify, {}, BODY, SECRET)
    assert not verified(hook.verify, signed(hook, secret=""), BODY, "")
    assert not verified(hook.verify, signed(hook, secret="another"), BODY, SECRET)


def test_an_unknown_scheme_is_refused(hook: Webhook) -> None:
    assert not verified(object(), signed(hook), BODY, SECRET)
    assert not verified(None, signed(hook), BODY, SECRET)


def test_a_body_over_the_limit_is_refused(hook: Webhook) -> None:
    assert not verified(hook.verify, signed(hook), BODY, SECRET, max_bytes=len(BODY) - 1)
    assert verified(hook.verify, signed(hook), BODY, SECRET, max_bytes=len(BODY))


def test_the_connector_only_says_how_the_engine_verifies(hook: Webhook) -> None:
    assert isinstance(hook.verify, HmacSha256)
    assert hook.setup


WITHOUT_ID = ("teamtailor",)
"""Their deliveries have no id at all: two that are the same to the letter say the same of the same object."""


@pytest.mark.parametrize("connector", [one for one in registry.load_all() if one.webhook], ids=lambda one: one.name)
def test_a_delivery_is_known_by_a_header_or_by_what_stands_in_its_body(connector: Connector) -> None:
    """Where no header names a delivery its body does, so that two are never taken for one."""
    hook = connector.webhook
    assert hook is not None
    if not hook.delivery_id:
        named = [body for name, body in hooks(connector).items() if name != "ping"]
        if connector.name in WITHOUT_ID:
            assert len({json.dumps(body) for body in named}) == len(named)
            return
        ids = {value for body in named for value in body.values() if isinstance(value, str)}
        assert all(any(isinstance(v, str) and v != hook.topic(body) for v in body.values()) for body in named)
        assert len(ids) >= 2 * len(named), "an id of its own beside the name of the event"

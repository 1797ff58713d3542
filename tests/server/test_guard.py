"""What must hold for every page and every form, whichever is added next."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi.routing import APIRoute

from bascule.server import pages
from bascule.server.rendering import HERE, render
from bascule.server.roles import RIGHTS, Right, Role, rights_of

from . import sample
from .conftest import Bench

OUTSIDE_PAGES = ("quiet.html",)
OUTSIDE = ("/login", "/quiet/{thread}")  # forms of people who have no session
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def post_paths() -> list[str]:
    """Every form's address but the log-in's, with something in place of each parameter."""
    found = [
        re.sub(r"{\w+}", "x", route.path)
        for router in pages.routers()
        for route in router.routes
        if isinstance(route, APIRoute) and "POST" in route.methods and route.path not in OUTSIDE
    ]
    assert len(found) > 20
    return found


async def test_no_form_is_accepted_without_the_sessions_token(inside: Bench) -> None:
    for path in post_paths():
        answer = await inside.browser.post(
            path, data={"csrf": "guessed"}, headers={"referer": "http://bascule.test/jobs"}
        )
        assert answer.status_code == 303, path
        said = await inside.browser.get("/jobs")
        assert "did not come from our own page" in said.text, path


async def test_no_form_is_accepted_from_another_site(inside: Bench) -> None:
    token = await inside.csrf()
    for path in (*post_paths(), "/login"):
        for headers in (
            {"origin": "https://evil.example"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"origin": "null"},
        ):
            answer = await inside.browser.post(path, data={"csrf": token}, headers=headers)
            assert answer.status_code in (303, 403), path
            if answer.status_code == 303 and path != "/login":
                said = await inside.browser.get("/jobs")
                assert "did not come from our own page" in said.text, (path, headers)


async def test_no_form_is_accepted_without_a_session(bench: Bench) -> None:
    for path in post_paths():
        answer = await bench.browser.post(path, data={"csrf": "x"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/login"), path


async def test_a_role_reaches_exactly_what_its_rights_include(bench: Bench) -> None:
    wanted = {
        "/": Right.LOOK,
        "/candidates": Right.CANDIDATES,
        "/failures": Right.CANDIDATES,
        "/audit": Right.AUDIT,
        "/settings": Right.ADMINISTER,
    }
    for role in Role:
        await bench.enter(role)
        for path, right in wanted.items():
            answer = await bench.browser.get(path)
            assert (answer.status_code == 200) == (right in RIGHTS[role]), (role, path)
        navigation = (await bench.browser.get("/")).text
        assert ('href="/settings"' in navigation) == (Right.ADMINISTER in RIGHTS[role])


def test_an_unknown_role_may_nothing() -> None:
    assert rights_of("chief of everything") == frozenset()


async def test_a_role_without_the_right_cannot_act_by_calling_the_address(bench: Bench) -> None:
    await bench.enter(Role.COMPLIANCE)
    id = await bench.candidate()
    token = (await bench.browser.get("/jobs")).text.split('name="csrf" value="')[1].split('"')[0]
    await bench.browser.post(f"/candidates/{id}/tags", data={"csrf": token, "tag": "mine"})
    families = await bench.app.store.read(lambda tx: tx.families.records(bench.app.workspace, [id]))
    assert families[id].fields["tags"] == ()


# ---------------------------------------------------------------------------------------------------------- headers


async def test_every_answer_says_what_a_browser_may_not_do(inside: Bench) -> None:
    for path in ("/", "/candidates", "/nope", "/healthz", "/api/v1/status", "/static/bascule.css", "/hooks/none"):
        headers = (await inside.browser.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] in ("same-origin", "no-referrer")


async def test_pages_are_never_kept_by_a_cache_and_static_files_are(inside: Bench) -> None:
    assert (await inside.browser.get("/candidates")).headers["cache-control"] == "no-store"
    assert "immutable" in (await inside.browser.get("/static/bascule.css")).headers["cache-control"]


def test_templates_hold_no_inline_script_style_or_handler() -> None:
    for template in (HERE / "templates").rglob("*.html"):
        text = template.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), template.name
        assert not re.search(r"<style|\sstyle=", text), template.name
        assert not re.search(r"\son\w+=|hx-on|javascript:", text), template.name
        assert "|safe" not in text, template.name
        assert not re.search(r"https?://", text), template.name


def test_every_form_that_posts_carries_the_token() -> None:
    for template in (HERE / "templates").glob("*.html"):  # those in `hosted` are of people without a session
        for form in re.findall(r'<form[^>]*method="post".*?</form>', template.read_text("utf-8"), re.DOTALL):
            assert "csrf()" in form or 'action="/login"' in form or template.name in OUTSIDE_PAGES, (
                template.name,
                form[:90],
            )


def test_the_first_paint_stays_under_150_kb_compressed() -> None:
    import gzip

    files = ["bascule.css", "bascule.js", "vendor/htmx/htmx-4.0.1.min.js", "vendor/inter/inter-latin-wght-normal.woff2"]
    size = sum(len(gzip.compress((HERE / "static" / name).read_bytes())) for name in files)
    assert size + len(gzip.compress(sample.page("candidate").encode())) < 150_000


# --------------------------------------------------------------------------------------------------------- escaping


def spoiled(value: Any) -> Any:
    """A view with something hostile in place of every text; addresses of ours and tones stay."""
    if isinstance(value, str) and type(value) is str:
        return value if value.startswith("/") or not value else HOSTILE
    if isinstance(value, tuple):
        return tuple(spoiled(one) for one in value)
    if isinstance(value, Mapping):
        return {f"{HOSTILE}{index}": spoiled(one) for index, one in enumerate(value.values())}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(
            value, **{one.name: spoiled(getattr(value, one.name)) for one in dataclasses.fields(value)}
        )
    return value


@pytest.mark.parametrize("name", sample.PAGES)
def test_nothing_a_person_or_a_system_wrote_becomes_markup(name: str) -> None:
    template, path, view = sample.PAGES[name]
    page = render(template, frame=sample.frame(path), view=spoiled(view), columns=sample.columns_of(name))
    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("name", sample.PAGES)
def test_every_page_has_one_heading_a_title_and_labels_for_its_fields(name: str) -> None:
    from lxml import html

    page = html.fromstring(sample.page(name))
    assert len(page.xpath("//h1")) == 1
    assert page.xpath("string(//title)").endswith("Bascule")
    for field in page.xpath(
        "//input[not(@type='hidden') and not(@type='checkbox')] | //select | //textarea[not(@hidden)]"
    ):
        named = field.get("aria-label") or page.xpath(f"//label[@for='{field.get('id')}']")
        assert named, (name, field.attrib)
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids)), name

"""The provider of people's data answers as its documentation says, and knows nobody who was not given to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bascule.sandbox.peopledata import Options, Server
from bascule.sandbox.peopledata.people import has

KEY = {"x-api-key": "pdl-sandbox"}
ADA = {"id": "a_0000", "full_name": "ada byron", "personal_emails": ["ada@post.example"], "mobile_phone": "+442079460321",
       "linkedin_url": "linkedin.com/in/ada", "job_title": "nurse", "job_company_name": "kew", "birth_year": 1815,
       "location_name": "leeds, england", "emails": None, "phone_numbers": None}  # fmt: skip


def ask(
    server: Server, headers: dict[str, str] = KEY, method: str = "POST", **asked: Any
) -> tuple[int, dict[str, Any]]:
    made = server.reply(method, headers, asked)
    return made.status, dict(made.body)


@pytest.mark.parametrize(
    ("asked", "likelihood"),
    [
        ({"name": ["Ada Byron"], "email": ["ADA@post.example"]}, 9),
        ({"email": ["ada@post.example"]}, 7),
        ({"name": ["Grace Hopper"], "email": ["ada@post.example"]}, 4),
        ({"profile": ["https://www.linkedin.com/in/ada/"]}, 7),
        ({"phone": "020 7946 0321"}, 7),
        ({"name": ["Ada Byron"], "company": ["Kew"]}, 5),
        ({"name": ["Ada Byron"], "location": ["Leeds"]}, 3),
    ],
)
def test_whom_it_finds_and_how_sure_it_is(asked: dict[str, Any], likelihood: int) -> None:
    server = Server(Options(people=[ADA], made_up=False))
    status, body = ask(server, **asked)
    assert (status, body["likelihood"]) == (200, likelihood)
    assert ask(server, **asked, min_likelihood=likelihood + 1)[0] == 404


def test_what_is_answered_is_what_was_asked_for() -> None:
    server = Server(Options(people=[ADA], made_up=False))
    _, body = ask(server, email="ada@post.example", data_include="id,job_title,location_name", titlecase=True)
    assert body["data"] == {"id": "a_0000", "job_title": "Nurse", "location_name": "Leeds, England"}
    _, body = ask(server, email="ada@post.example", data_include="-birth_year")
    assert "birth_year" not in body["data"]
    assert body["data"]["job_title"] == "nurse"


@pytest.mark.parametrize(
    ("required", "there"),
    [
        ("job_title", True), ("emails", False), ("emails OR mobile_phone", True), ("job_title AND emails", False),
        ("job_title AND (emails OR linkedin_url)", True),
    ],
)  # fmt: skip
def test_a_match_without_what_is_required_is_none_and_costs_nothing(required: str, there: bool) -> None:
    server = Server(Options(people=[ADA], made_up=False, credits=5))
    assert has(ADA, required) is there
    assert ask(server, email="ada@post.example", required=required)[0] == (200 if there else 404)
    assert server.credits == (4 if there else 5)


def test_errors_are_those_of_the_documentation() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    server = Server(Options(people=[ADA], made_up=False, credits=1, rate=7), now=lambda: now)
    for status, headers, method, asked in (
        (401, {}, "POST", {"email": "ada@post.example"}),
        (405, KEY, "PUT", {"email": "ada@post.example"}),
        (400, KEY, "POST", {"name": "Ada Byron"}),
        (400, KEY, "POST", {"email": "ada@post.example", "nonsense": "1"}),
        (400, KEY, "POST", {"email": "ada@post.example", "min_likelihood": 11}),
        (400, KEY, "POST", {"email": "ada@post.example", "required": "(emails"}),
        (404, KEY, "POST", {"email": "nobody@post.example"}),
        (200, KEY, "GET", {"email": "ada@post.example"}),
        (402, KEY, "POST", {"email": "ada@post.example"}),
        (429, KEY, "POST", {"email": "ada@post.example"}),
    ):
        found, body = ask(server, headers, method, **asked)
        assert (found, body["status"]) == (status, status), asked
        if status != 200:
            assert body["error"]["type"]
    now += timedelta(minutes=1)
    assert ask(server, email="ada@post.example")[0] == 402, "a minute later it is asked again"


def test_whom_it_makes_up_is_the_same_each_time() -> None:
    asked = {"name": ["Edith Clarke"], "email": ["edith@post.example"]}
    assert ask(Server(), **asked) == ask(Server(), **asked)
    assert ask(Server(), name=["Edith Clarke"], company=["Kew"])[0] == 404, "nobody is made up from a name"

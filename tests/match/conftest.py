"""One matcher for all tests here: its tables load once."""

from datetime import date
from pathlib import Path

import pytest

from bascule.evaluation.trick_set import ADVERT, TITLE
from bascule.match import Matcher, Rubric

MATERIAL = Path(__file__).parents[2] / "src" / "bascule" / "demo" / "material"
AS_OF = date(2026, 11, 1)

RESUME = """Anna Maria Lindqvist
Senior Backend Engineer
Storgatan 5, 211 42 Malmö
anna.lindqvist@example.com | +46 70 123 45 67
Date of birth: 3 May 1988

Summary
Backend engineer who likes quiet systems. She has led two teams and is 38 years old.

Experience
Senior Backend Engineer
Nordhamn Logistics AB, Malmö | 03/2020 - present
- Built Python services on Kubernetes, PostgreSQL behind them, and moved their migrations to Docker
- Reviewed code daily and wrote automated tests for every REST API
Backend Developer
Brandt Software GmbH, Hamburg | 2016 - 02/2020
- Django and PostgreSQL for a booking system
- Kafka consumers in Python

Education
BSc Computer Science, Lund University, 2012 - 2015

Skills
Python, PostgreSQL, Docker, Kubernetes, Git, Terraform

Languages
English (fluent), Swedish (native)
"""


@pytest.fixture(scope="session")
def matcher() -> Matcher:
    return Matcher()


@pytest.fixture(scope="session")
def rubric(matcher: Matcher) -> Rubric:
    return matcher.rubric_for(TITLE, ADVERT)

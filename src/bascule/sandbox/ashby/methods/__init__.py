"""Every method of the interface, with the permission it needs: each topic ends in its table."""

from __future__ import annotations

from collections.abc import Mapping

from ..api import Method
from . import account, applications, candidates, interviews, jobs

METHODS: Mapping[str, Method] = {
    **account.METHODS, **candidates.METHODS, **applications.METHODS, **jobs.METHODS, **interviews.METHODS,
}  # fmt: skip

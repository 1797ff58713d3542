"""Bascule's contract is tried on this account."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from account import Account

from bascule.contract.account import on

on(Account)

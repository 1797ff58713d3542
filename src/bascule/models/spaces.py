"""Embedding models that order the top of lists, and which of them is asked now.

Vectors of two models lie in two spaces and are never compared. When a workspace chooses another, its vectors are made
in the background while lists go on with those of the one before; once they are complete, lists change over, at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from bascule.errors import ConfigurationError, DeclinedError
from bascule.match.embed import Vector, unit
from bascule.match.minilm import MODEL, MiniLM
from bascule.store import Tx

from .choice import Choice, Order
from .door import About, Models

SPACE = "models.space"  # the setting that says by which model lists are ordered now


class Embeds(Protocol):
    """An embedding model, here or elsewhere."""

    @property
    def model(self) -> str:
        """Its name; another name is another space."""
        ...

    async def vectors(self, texts: Sequence[str], about: About | None = None) -> Vector:
        """A row of length one for each text. DeclinedError, RemoteError where none can be had now."""
        ...


class Local:
    """MiniLM, on this machine."""

    model = MODEL

    async def vectors(self, texts: Sequence[str], about: About | None = None) -> Vector:
        return await asyncio.to_thread(self._vectors, texts)

    def _vectors(self, texts: Sequence[str]) -> Vector:
        try:
            return MiniLM.load().vectors(texts)
        except ConfigurationError as error:
            raise DeclinedError(str(error)) from error


class Remote:
    """A provider's, through the door. `workspace`: whose choice and budget it is."""

    def __init__(self, models: Models, workspace: str, model: str) -> None:
        self.model = model
        self._models = models
        self._workspace = workspace

    async def vectors(self, texts: Sequence[str], about: About | None = None) -> Vector:
        filled = [text or " " for text in texts]  # no provider takes an empty one
        rows = await self._models.embed(self._workspace, filled, about)
        return unit(np.array(rows, np.float32))


def wanted(choice: Choice) -> str:
    """The model that lists are to be ordered by; "" where the score alone orders them."""
    match choice.order:
        case Order.MINILM:
            return MODEL
        case Order.REMOTE if choice.on and choice.embedding:
            return f"{choice.host}:{choice.embedding}"
        case _:
            return ""


def embeds(models: Models, workspace: str, choice: Choice) -> Embeds | None:
    """The model itself; None where the score alone orders lists."""
    name = wanted(choice)
    if not name:
        return None
    return Local() if choice.order is Order.MINILM else Remote(models, workspace, name)


def current(tx: Tx, workspace: str) -> str:
    """The model whose vectors are complete, by which lists are ordered now; "" for none."""
    return str(tx.workspaces.setting(workspace, SPACE) or "")


def change_over(tx: Tx, workspace: str, model: str) -> None:
    """Order lists by this model from now on, and forget the vectors of every other."""
    tx.workspaces.set_setting(workspace, SPACE, model)
    tx.vectors.keep_only(workspace, [model] if model else [])

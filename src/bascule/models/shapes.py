"""What a model is to answer with: the library makes a schema of these, and checks answers against it."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Sentence(BaseModel):
    """One sentence and what it rests on."""

    text: str = Field(description="One plain sentence.")
    quotes: list[str] = Field(description="The quotes it rests on, copied exactly from those given.")


class Explained(BaseModel):
    """What the CV shows of what the job asks for."""

    sentences: list[Sentence] = Field(description="One or two.")


class Ok(BaseModel):
    """The answer to a test."""

    answer: str = Field(description='The word "ok".')
